# SPDX-License-Identifier: EUPL-1.2
"""Recipients with an invented identity, registered by one body and counted once."""

from datetime import UTC, date, datetime
from typing import Any

from beneficiaries.enums import PairState
from beneficiaries.models import Beneficiary, Pair
from beneficiaries.services.identities import write_identity
from beneficiaries.services.matching import Typed, count_once
from beneficiaries.tasks import COMPARE_RECORD
from fami_portal.core.jobs import run_job
from fami_portal.core.models import Job
from fami_portal.core.services import acting
from tests.actions.scene import Scene
from tests.factories.beneficiaries import BeneficiaryFactory

AT = datetime(2019, 3, 1, 9, tzinfo=UTC)
BORN = date(2009, 5, 17)
CODE, OMOCODE, OTHER_CODE = "RSSMRA80A01H501U", "RSSMRA80A01H5LMX", "HXXXXX10E57Z100L"


def recipient(scene: Scene, body: Any = None, **values: Any) -> Beneficiary:
    """Return a recipient of a body without identity."""
    given = {
        "programme": scene.programme,
        "target_group": scene.pupils,
        "birth_date": BORN,
        "citizenship": scene.morocco,
    }
    return BeneficiaryFactory(registered_by=body or scene.cooperative, **(given | values))


def name(
    one: Beneficiary, given_name: str, family_name: str, code: str = "", *, renewed: bool = False, fresh: bool = False
) -> bool:
    """Write who a recipient is; returns whether that person is already present in the programme."""
    with acting(None):
        identity = write_identity(
            beneficiary=one,
            organisation=one.registered_by,
            given_name=given_name,
            family_name=family_name,
            tax_code=code,
            tax_code_missing="" if code else "not_asked",
            by=None,
        )
        typed = Typed(identity, given_name, family_name, code)
        return one.pk in count_once(people=[typed], by=None, at=AT, renewed=renewed, fresh=fresh)


def compared_later() -> int:
    """Run what registrations left for later, as the worker does after the commit; returns how many there were."""
    waiting = list(Job.objects.filter(kind=COMPARE_RECORD, state="queued").order_by("pk").values_list("pk", flat=True))
    for pk in waiting:
        run_job(pk, heartbeat=False)
    assert not Job.objects.filter(kind=COMPARE_RECORD).exclude(state="done").exists()
    return len(waiting)


def known(
    scene: Scene, given_name: str, family_name: str, code: str = "", body: Any = None, **values: Any
) -> Beneficiary:
    """Return a recipient with its identity, as it is after being counted once."""
    one = recipient(scene, body, **values)
    name(one, given_name, family_name, code)
    one.refresh_from_db()
    return one


def undecided() -> Pair:
    """Return the only pair, with the coordinator: the bodies were asked and their answers did not decide."""
    with acting(None):
        Pair.objects.filter(state=PairState.ASKED).update(state=PairState.OPEN)
    return Pair.objects.get()
