# SPDX-License-Identifier: EUPL-1.2
"""Rows of the official sheets: the body that registered writes them; who opens its names hands them in."""

from datetime import date
from typing import Any

from accounts.permissions import Permission
from actions.enums import Sheet
from tests.factories.actions import TargetGroupFactory
from tests.factories.beneficiaries import BeneficiaryFactory
from tests.matrix import NOBODY, SIGNED_IN, On, Row, having
from tests.matrix.registers import ABOVE, KEEPS, READS
from tests.personas import World

WRITES = KEEPS & having(Permission.REGISTER_BENEFICIARIES)
HANDS_IN = having(Permission.OPEN_IDENTITIES)
WHERE = {"own": ("coop_1", "a"), "sibling": ("coop_2", "a"), "foreign": ("coop_3", "b")}


def prepare(world: World) -> None:
    """Add an adult to three bodies."""
    groups = {
        key: TargetGroupFactory(programme=world.programmes[key], code=f"SHEET-{key}", sheet=Sheet.THIRD_COUNTRY)
        for key in ("a", "b")
    }
    for place, (body, key) in WHERE.items():
        world.objects[f"adult_{place}"] = BeneficiaryFactory(
            programme=world.programmes[key],
            registered_by=world.bodies[body],
            target_group=groups[key],
            birth_date=date(1980, 5, 1),
        )


def _adult(place: str) -> Any:
    return lambda world, role: {"uuid": world.objects[f"adult_{place}"].uuid}


def _file(place: str) -> Any:
    body, key = WHERE[place]
    return lambda world, role: {
        "slug": world.programmes[key].slug,
        "body": world.bodies[body].uuid,
        "kind": Sheet.THIRD_COUNTRY.value,
        "part": 1,
        "fmt": "csv",
    }


SHEET = {
    "own": On(WRITES, ABOVE & READS, target=_adult("own")),
    "sibling": On(NOBODY, ABOVE & READS, target=_adult("sibling")),
    "foreign": On(NOBODY, target=_adult("foreign")),
}
FILE = {
    "own": On(WRITES & HANDS_IN, SIGNED_IN - HANDS_IN, target=_file("own")),
    "sibling": On(NOBODY, SIGNED_IN - HANDS_IN, target=_file("sibling")),
    "foreign": On(NOBODY, SIGNED_IN - HANDS_IN, target=_file("foreign")),
}

ROWS = [
    Row("beneficiaries:sheet", SHEET),
    Row("beneficiaries:sheet", SHEET, method="post"),
    Row("beneficiaries:sheet-list", {"own": On(HANDS_IN, SIGNED_IN - HANDS_IN)}),
    Row("beneficiaries:sheet-export", FILE, method="post"),
]
