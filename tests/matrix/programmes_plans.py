# SPDX-License-Identifier: EUPL-1.2
"""Rows of budgets, plans and targets: read by everybody in the programme, decided by the Region and the coordinator."""

from tests.matrix import ALL, NOBODY, On, Row
from tests.matrix.programmes import READERS, _programme

REGION = frozenset({"regional_coordinator"})
LEADS = REGION | {"network_coordinator"}

_READ = {
    "own": On(READERS, ALL - READERS, target=_programme("a")),
    "foreign": On(NOBODY, target=_programme("b")),
}
_WRITE = {
    "own": On(LEADS, ALL - LEADS, target=_programme("a")),
    "foreign": On(NOBODY, target=_programme("b")),
}

ROWS = [
    Row("actions:budget", _READ),
    Row("actions:budget-edit", _WRITE),
    Row("actions:budget-edit", _WRITE, method="post"),
]
