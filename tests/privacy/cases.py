# SPDX-License-Identifier: EUPL-1.2
"""Cases of invented persons, brought to a state by the acts that lead there."""

from datetime import UTC, date, datetime
from typing import Any

from privacy.models import RightsRequest, RightsTask
from privacy.services.applicants import Asked
from privacy.services.request_tasks import answer_task, ask_bodies, match
from privacy.services.requests import NewRequest, file_request, verify_identity
from privacy.services.rights_acts import propose_erasure
from tests.actions.scene import Scene

AT = datetime(2019, 3, 1, 9, tzinfo=UTC)
RECEIVED = date(2019, 2, 27)
GIVEN, FAMILY, CODE = "Zahratulqamar", "Olafsdottirsson", "RSSMRA80A01H501U"
BORN = date(2009, 5, 17)


def officer(scene: Scene) -> Any:
    """Return the data protection officer of the programme."""
    return scene.user("data_protection_officer", scene.lead)


def asked(**values: Any) -> Asked:
    """Return what a mother asks of her daughter's data."""
    given = {
        "given_name": GIVEN,
        "family_name": FAMILY,
        "birth_date": BORN,
        "applicant_name": "Madre Olafsdottirsson",
        "contact": "madre@example.org",
        "text": "Vorrei sapere che cosa avete.",
    }
    return Asked(**given | values)  # type: ignore[arg-type]


def filed(scene: Scene, kind: str = "access", **values: Any) -> RightsRequest:
    """Return a case just opened."""
    received = values.pop("received_on", RECEIVED)
    return file_request(
        programme=scene.programme,
        new=NewRequest(kind, received, "email", "parent", asked(**values)),
        by=officer(scene),
        at=AT,
    )


def matched(scene: Scene, kind: str = "access", tax_code: str = CODE, **values: Any) -> RightsRequest:
    """Return a case in progress, compared with the records."""
    case = filed(scene, kind, **values)
    verify_identity(request=case, version=case.version, check="known", by=officer(scene), at=AT)
    match(request=case, version=case.version, tax_code=tax_code, by=officer(scene), at=AT)
    return case


def proposed(scene: Scene, case: RightsRequest) -> RightsRequest:
    """Return a case of erasure that the lead has proposed: the officer may confirm it."""
    propose_erasure(request=case, version=case.version, by=scene.user("regional_coordinator", scene.lead), at=AT)
    return case


def search(scene: Scene, case: RightsRequest, *bodies: Any) -> list[RightsTask]:
    """Return the tasks with which bodies are asked to search."""
    return ask_bodies(request=case, version=case.version, bodies=bodies, by=officer(scene), at=AT)


def reply(task: RightsTask, answer: str, by: Any, codes: Any = (), held: str = "") -> None:
    """Answer a task as it is now."""
    now = RightsTask.objects.select_related("request", "organisation").get(pk=task.pk)
    answer_task(task=now, version=now.version, answer=answer, codes=codes, held=held, by=by, at=AT)
