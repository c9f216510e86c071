# SPDX-License-Identifier: EUPL-1.2
"""Requests of persons of the demonstration, one in each state that the officer meets; nobody who is real."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.utils import timezone

from accounts.models import User
from beneficiaries.models import Beneficiary, Identity
from beneficiaries.services.identities import typed_before
from fami_portal.core import clock
from privacy.enums.requests import Applicant, IdentityCheck, RightKind, RightsChannel, TaskAnswer
from privacy.models import RightsRequest, RightsTask
from privacy.selectors.requests import bodies_involved
from privacy.services import request_tasks, requests, rights_acts
from privacy.services.applicants import Asked
from reporting.demo import world
from reporting.demo.bodies import programme

# After those whose names the exceptional openings show.
FIRST, STEP = 4, 12


def requests_of_persons() -> None:
    """Open five cases: just arrived, searched for, extended, restricted, closed."""
    officer = User.objects.get(email=f"privacy{world.DOMAIN}")
    named = Identity.objects.filter(
        beneficiary__programme=programme(), beneficiary__merged_into__isnull=True, destroyed_at__isnull=True
    )
    ids = list(
        named.order_by("beneficiary").values_list("beneficiary", flat=True).distinct()[FIRST : FIRST + 5 * STEP : STEP]
    )
    people = list(Beneficiary.objects.filter(pk__in=ids).order_by("pk"))
    now = clock.now()
    stories = (_just_arrived, _searched_for, _extended, _restricted, _closed)
    for number, (story, one) in enumerate(zip(stories, people, strict=False)):
        story(one, officer, now, number)


def _filed(
    kind: str, one: Beneficiary, officer: User, at: datetime, number: int, *, check: str = IdentityCheck.DOCUMENT
) -> RightsRequest:
    _identity, given_name, family_name, _code = typed_before(one)[0]
    case = requests.file_request(
        programme=programme(),
        new=requests.NewRequest(
            kind,
            timezone.localdate(at),
            (RightsChannel.EMAIL, RightsChannel.PAPER, RightsChannel.CERTIFIED_MAIL)[number % 3],
            Applicant.PARENT,
            Asked(
                given_name=given_name,
                family_name=family_name,
                birth_date=one.birth_date,
                applicant_name=f"Genitore {family_name}",
                contact="famiglia@posta.example",
                text="Chiedo di sapere quali dati di mio figlio avete e chi li ha visti.",
            ),
        ),
        key=uuid5(NAMESPACE_URL, f"rights {one.uuid}"),
        by=officer,
        at=at,
    )
    if check:
        requests.verify_identity(request=case, version=case.version, check=check, by=officer, at=at)
        chosen = [found.token for found in request_tasks.candidates(case) if found.beneficiary_id == one.pk]
        request_tasks.match(request=case, version=case.version, tax_code="", chosen=chosen, by=officer, at=at)
    return case


def _asked(case: RightsRequest, one: Beneficiary, officer: User, at: datetime) -> Sequence[RightsTask]:
    bodies = list(bodies_involved([one.pk]))
    return request_tasks.ask_bodies(request=case, version=case.version, bodies=bodies, by=officer, at=at)


def _answered(tasks: Sequence[RightsTask], at: datetime) -> None:
    for place, task in enumerate(tasks):
        held: dict[str, Any] = {"answer": TaskAnswer.NOTHING, "codes": [], "held": ""}
        if place == 0:
            held = {"answer": TaskAnswer.HELD, "codes": [], "held": "Registro cartaceo delle presenze, faldone 4"}
        request_tasks.answer_task(task=task, version=task.version, by=None, at=at, **held)


def _just_arrived(one: Beneficiary, officer: User, now: datetime, number: int) -> None:
    case = _filed(RightKind.PORTABILITY, one, officer, now - timedelta(days=1), number, check="")
    requests.ask_identity(request=case, version=case.version, by=officer, at=now)


def _searched_for(one: Beneficiary, officer: User, now: datetime, number: int) -> None:
    case = _filed(RightKind.ACCESS, one, officer, now - timedelta(days=24), number)
    tasks = _asked(case, one, officer, now - timedelta(days=5))
    # The last body has not answered yet; where there is only one, it has not either.
    _answered(tasks[:-1], now - timedelta(days=2))


def _extended(one: Beneficiary, officer: User, now: datetime, number: int) -> None:
    case = _filed(RightKind.ERASURE, one, officer, now - timedelta(days=27), number)
    _answered(_asked(case, one, officer, now - timedelta(days=25)), now - timedelta(days=20))
    requests.extend(
        request=case,
        version=case.version,
        reason="Gli archivi cartacei di due enti vanno cercati a mano.",
        told_on=timezone.localdate(now - timedelta(days=10)),
        by=officer,
        at=now - timedelta(days=10),
    )


def _restricted(one: Beneficiary, officer: User, now: datetime, number: int) -> None:
    case = _filed(RightKind.RESTRICTION, one, officer, now - timedelta(days=12), number)
    rights_acts.restrict(request=case, version=case.version, by=officer, at=now - timedelta(days=11))


def _closed(one: Beneficiary, officer: User, now: datetime, number: int) -> None:
    case = _filed(RightKind.RECTIFICATION, one, officer, now - timedelta(days=60), number)
    at = now - timedelta(days=58)
    rights_acts.ask_correction(request=case, version=case.version, by=officer, at=at)
    for task in case.tasks.select_related("request", "organisation").order_by("pk"):
        request_tasks.answer_task(
            task=task, version=task.version, answer=TaskAnswer.DONE, codes=[], held="", by=None, at=at
        )
    requests.answer(request=case, version=case.version, by=officer, at=now - timedelta(days=50))
    requests.close(request=case, version=case.version, by=officer, at=now - timedelta(days=49))
