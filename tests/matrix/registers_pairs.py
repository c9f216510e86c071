# SPDX-License-Identifier: EUPL-1.2
"""Rows of possible duplicates: who leads the programme decides on all, a coordinator on those of its own networks."""

from typing import Any

from accounts.permissions import Permission, Scope
from beneficiaries.enums import PairState
from beneficiaries.models import Merge, Pair
from fami_portal.core.services import acting
from tests.factories.beneficiaries import BeneficiaryFactory, EnrolmentFactory
from tests.matrix import NOBODY, SIGNED_IN, On, Row, having, reaching
from tests.matrix.registers import BEGIN, DAY, WHERE
from tests.personas import World

DECIDERS = having(Permission.DECIDE_DUPLICATES)
REGION = DECIDERS & reaching(Scope.PROGRAMME)


def prepare(world: World) -> None:
    """Add to each place a pair to decide and one that was merged (the lab of `tests.matrix.registers` has one)."""
    for place in WHERE:
        first, activity = world.objects[f"beneficiary_{place}"], world.objects[f"lab_{place}"]
        others = []
        for _number in range(2):
            other = BeneficiaryFactory(programme=activity.programme, registered_by=activity.organisation)
            EnrolmentFactory(activity=activity, beneficiary=other, enrolled_on=BEGIN)
            others.append(other)
        with acting(None):
            for other, name, state in zip(others, ("pair", "merged"), (PairState.OPEN, PairState.MERGED), strict=True):
                world.objects[f"{name}_{place}"] = Pair.objects.create(
                    programme=activity.programme,
                    first=first,
                    second=other,
                    kinds=["phonetic"],
                    similarity="medium",
                    state=state,
                    found_at=f"{DAY}T09:00Z",
                )
            Merge.objects.create(
                survivor=first,
                merged=others[1],
                pair=world.objects[f"merged_{place}"],
                automatic=False,
                at=f"{DAY}T09:00Z",
            )


def _places(name: str) -> dict[str, On]:
    def at(place: str) -> Any:
        return lambda world, role: {"uuid": world.objects[f"{name}_{place}"].uuid}

    return {
        "own": On(DECIDERS, target=at("own")),
        "sibling": On(REGION, target=at("sibling")),
        "foreign": On(NOBODY, target=at("foreign")),
    }


ROWS = [
    Row("beneficiaries:pair-list", {"": On(DECIDERS, SIGNED_IN - DECIDERS)}),
    Row("beneficiaries:pair", _places("pair")),
    *(
        Row(f"beneficiaries:{page}", _places(name), method=method)
        for page, name in (("pair-merge", "pair"), ("pair-apart", "pair"), ("pair-undo", "merged"))
        for method in ("get", "post")
    ),
]
