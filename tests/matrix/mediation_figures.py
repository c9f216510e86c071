# SPDX-License-Identifier: EUPL-1.2
"""Rows of the figures of the mediation service: one address for everybody, what it counts depends on the reach."""

from accounts.permissions import Permission
from tests.matrix import SIGNED_IN, On, Row, having

READERS = having(Permission.VIEW_MEDIATION_FIGURES)
ROWS = [
    Row("mediation:figures", {"": On(READERS, SIGNED_IN - READERS)}),
    Row(
        "mediation:figures-export",
        {"": On(READERS, SIGNED_IN - READERS, target=lambda world, role: {"fmt": "csv"})},
    ),
]
