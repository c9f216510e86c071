# SPDX-License-Identifier: EUPL-1.2
"""Rows of shared names, of the printed register and of exceptional openings."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from django.utils import timezone

from accounts.permissions import Permission
from beneficiaries.models import BreakGlass
from beneficiaries.services.break_glass import open_exceptionally
from beneficiaries.services.identities import write_identity
from beneficiaries.services.sharing import record_sharing
from fami_portal.core.services import acting
from tests.matrix import NOBODY, SIGNED_IN, On, Row, having
from tests.matrix.registers import ABOVE, DAY, HOSTED, KEEPS, KEEPS_HOSTED, OWN, READS, _enrolling, _uuid
from tests.personas import World

SHARES = having(Permission.SHARE_IDENTITIES)
OFFICER = frozenset({"data_protection_officer"})
OPENS = having(Permission.BREAK_GLASS)
# The cooperative shares the names of the lab with the school that hosts it.
SHARES_OWN = KEEPS & SHARES
SHARES_HOSTED = frozenset({"partner_operator", "school_contact", "school_head"})
LISTS = SHARES | having(Permission.KEEP_REGISTERS) | OFFICER
AT = datetime(2020, 2, 5, 9, tzinfo=UTC)


def prepare(world: World) -> None:
    """Share the names of the hosted lab, and open one name exceptionally."""
    lab, one = world.objects["lab_hosted"], world.objects["beneficiary_own"]
    world.objects["act_own"] = record_sharing(
        activity=lab,
        organisation=lab.organisation,
        keeper=lab.venue,
        notice_version="1",
        notice_given_on=DAY,
        purpose="keep_register",
        starts_on=DAY,
        by=None,
        at=AT,
    )
    with acting(None):
        write_identity(
            beneficiary=one,
            organisation=one.registered_by,
            given_name="Nome",
            family_name="Inventato",
            tax_code_missing="not_asked",
            by=None,
        )
    open_exceptionally(
        beneficiary=one,
        reason="control",
        details="Controllo del fondo su questa persona",
        key=uuid4(),
        by=world.personas["regional_coordinator"],
        at=timezone.now(),
    )
    world.objects["opening_own"] = BreakGlass.objects.get(beneficiary=one)


def _both(url: str, places: dict[str, On], data: Any = lambda world, role: {}) -> list[Row]:
    return [Row(url, places), Row(url, places, method="post", data=data)]


SHARING = {
    "own": On(SHARES_OWN, OWN - SHARES_OWN, target=_uuid("lab_own")),
    "hosted": On(SHARES_HOSTED, HOSTED - SHARES_HOSTED, target=_uuid("lab_hosted")),
    "sibling": On(NOBODY, ABOVE, target=_uuid("lab_sibling")),
    "foreign": On(NOBODY, target=_uuid("lab_foreign")),
}
# Both bodies and the officer see the act; only the body that wrote the names revokes it.
SEEN = {"own": On(SHARES_HOSTED - {"school_head"} | OFFICER, target=_uuid("act_own"))}
REVOKED = {"own": On(SHARES_OWN, (SHARES_HOSTED - {"school_head"} | OFFICER) - SHARES_OWN, target=_uuid("act_own"))}
EXCEPTIONAL = {
    "own": On(OPENS, (OWN & READS) - OPENS, target=_uuid("beneficiary_own")),
    "sibling": On(OPENS, (ABOVE & READS) - OPENS, target=_uuid("beneficiary_sibling")),
    "foreign": On(NOBODY, target=_uuid("beneficiary_foreign")),
}
EXAMINED = {"own": On(OFFICER, SIGNED_IN - OFFICER, target=_uuid("opening_own"))}
assert KEEPS_HOSTED - SHARES == NOBODY

ROWS = [
    *_both("beneficiaries:register-print", _enrolling("lab")),
    *_both("beneficiaries:sharing-new", SHARING),
    Row("beneficiaries:sharing-list", {"": On(LISTS, SIGNED_IN - LISTS)}),
    Row("beneficiaries:sharing", SEEN),
    *_both("beneficiaries:sharing-revoke", REVOKED),
    *_both("beneficiaries:break-glass-open", EXCEPTIONAL),
    Row(
        "beneficiaries:break-glass-open",
        {"own": EXCEPTIONAL["own"]},
        method="post",
        data=lambda world, role: {
            "reason": "control",
            "details": "Controllo del fondo su questa persona",
            "submission_key": str(uuid4()),
        },
    ),
    Row("beneficiaries:break-glass-list", {"": On(OFFICER, SIGNED_IN - OFFICER)}),
    *_both("beneficiaries:break-glass", EXAMINED),
]
