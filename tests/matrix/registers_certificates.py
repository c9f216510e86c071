# SPDX-License-Identifier: EUPL-1.2
"""Rows of certificates of attendance."""

from typing import Any

from accounts.permissions import Permission
from tests.matrix import NOBODY, On, Row, having
from tests.matrix.registers import ABOVE, HOSTED, KEEPS, OWN, READS, _pk, _uuid

OPENS = having(Permission.OPEN_IDENTITIES)
# Of the body that carries out the activity, and of the school that hosts it.
ISSUES = KEEPS & OPENS
ISSUES_HOSTED = frozenset({"partner_operator", "school_contact", "school_head"}) & OPENS & READS


def _places(name: str, target: Any) -> dict[str, On]:
    return {
        "own": On(ISSUES, OWN - ISSUES, target=target(f"{name}_own")),
        "hosted": On(ISSUES_HOSTED, HOSTED - ISSUES_HOSTED, target=target(f"{name}_hosted")),
        "sibling": On(NOBODY, ABOVE, target=target(f"{name}_sibling")),
        "foreign": On(NOBODY, target=target(f"{name}_foreign")),
    }


ROWS = [
    Row("beneficiaries:certificates", _places("lab", _uuid)),
    Row("beneficiaries:certificates", _places("lab", _uuid), method="post"),
    Row("beneficiaries:certificate", _places("enrolment", _pk), method="post"),
]
