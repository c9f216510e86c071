# SPDX-License-Identifier: EUPL-1.2
"""Rows of the pages that show who read recipients: the officer, and the head of the body for its own."""

from accounts.permissions import Permission
from tests.matrix import NOBODY, SIGNED_IN, On, Row, having
from tests.matrix.registers import ABOVE, CSV, OWN, READS, _uuid

SEES = having(Permission.SEE_READINGS)
OFFICER = frozenset({"data_protection_officer"})

ROWS = [
    Row("beneficiaries:reading-list", {"": On(SEES, SIGNED_IN - SEES)}),
    Row("beneficiaries:reading-export", {"": On(SEES, SIGNED_IN - SEES, target=lambda world, role: CSV)}),
    Row(
        "beneficiaries:recipient-readings",
        {
            "own": On(OFFICER, OWN & READS, target=_uuid("beneficiary_own")),
            "sibling": On(OFFICER, ABOVE & READS, target=_uuid("beneficiary_sibling")),
            "foreign": On(NOBODY, target=_uuid("beneficiary_foreign")),
        },
    ),
]
