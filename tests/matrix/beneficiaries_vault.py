# SPDX-License-Identifier: EUPL-1.2
"""The row of the page that opens an identity: who registered the recipient, nobody above or beside."""

from accounts.permissions import Permission
from tests.matrix import NOBODY, On, Row, having
from tests.matrix.registers import ABOVE, KEEPS, OWN, READS, _uuid

OPENS = KEEPS & having(Permission.OPEN_IDENTITIES)
PLACES = {
    "own": On(OPENS, (OWN & READS) - OPENS, target=_uuid("beneficiary_own")),
    "sibling": On(NOBODY, ABOVE & READS, target=_uuid("beneficiary_sibling")),
    "foreign": On(NOBODY, target=_uuid("beneficiary_foreign")),
}

ROWS = [
    Row("beneficiaries:identity", PLACES),
    Row("beneficiaries:identity", PLACES, method="post"),
    Row("beneficiaries:identity", PLACES, method="post", data=lambda world, role: {"purpose": "check"}),
]
