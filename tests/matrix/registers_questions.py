# SPDX-License-Identifier: EUPL-1.2
"""Rows of what bodies confirm of their own recipients: the body that is asked, nobody above or beside."""

from datetime import date
from typing import Any

from accounts.permissions import Permission
from beneficiaries.models import Pair, PairQuestion
from fami_portal.core.services import acting
from tests.factories.beneficiaries import BeneficiaryFactory
from tests.factories.partners import OrganisationFactory
from tests.matrix import NOBODY, SIGNED_IN, On, Row, having
from tests.matrix.registers import DAY, KEEPS, WHERE
from tests.personas import World

REGISTERS = having(Permission.REGISTER_BENEFICIARIES)


def prepare(world: World) -> None:
    """Ask the body of each place about its recipient, which is like one of another body."""
    for place in WHERE:
        one = world.objects[f"beneficiary_{place}"]
        other = BeneficiaryFactory(programme=one.programme, registered_by=OrganisationFactory())
        with acting(None):
            pair = Pair.objects.create(
                programme=one.programme,
                first=one,
                second=other,
                kinds=["phonetic"],
                similarity="medium",
                state="asked",
                found_at=f"{DAY}T09:00Z",
            )
            world.objects[f"pair_question_{place}"] = PairQuestion.objects.create(
                pair=pair,
                organisation=one.registered_by,
                beneficiary=one,
                asked_at=f"{DAY}T09:00Z",
                due_on=date.fromisoformat(str(DAY)),
            )


def _at(place: str) -> Any:
    return lambda world, role: {"uuid": world.objects[f"pair_question_{place}"].uuid}


PLACES = {
    "own": On(KEEPS & REGISTERS, target=_at("own")),
    "sibling": On(NOBODY, target=_at("sibling")),
    "foreign": On(NOBODY, target=_at("foreign")),
}

ROWS = [
    Row("beneficiaries:question-list", {"": On(REGISTERS, SIGNED_IN - REGISTERS)}),
    Row("beneficiaries:question", PLACES),
    Row("beneficiaries:question", PLACES, method="post"),
]
