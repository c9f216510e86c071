# SPDX-License-Identifier: EUPL-1.2
"""Rows of the requests of persons: who handles them, and the bodies that answer for themselves."""

from datetime import date
from typing import Any

from accounts.permissions import Permission, Scope
from fami_portal.core.services import acting
from privacy.enums.requests import MatchMethod, RightsState
from privacy.models import RightsMatch, RightsRequest, RightsTask
from privacy.services.applicants import Asked, seal
from tests.matrix import NOBODY, SIGNED_IN, On, Row, having, reaching
from tests.matrix.registers import DAY, WHERE
from tests.personas import HOMES, World

HANDLE = having(Permission.HANDLE_RIGHTS) & reaching(Scope.PROGRAMME)
ANSWER = having(Permission.ANSWER_RIGHTS_TASKS)
AT_HOME = frozenset(role for role in ANSWER if HOMES[role] == WHERE["own"][0])


def prepare(world: World) -> None:
    """Add to each place a case in progress, about the recipient of its body, which is asked to search."""
    for number, (place, (body, _network, programme)) in enumerate(WHERE.items(), start=1):
        case = RightsRequest(
            number=f"D-1999-{number:04d}",
            programme=world.programmes[programme],
            kind="restriction",
            state=RightsState.IN_PROGRESS,
            identity_check="known",
            received_on=date(2020, 1, 2),
            due_on=date(2020, 2, 2),
            channel="email",
            applicant="person",
            matched_at=f"{DAY}T09:00Z",
        )
        seal(case, Asked("Zoe", "Prova", date(2010, 5, 1), contact="zoe@example.org"))
        with acting(None):
            case.save()
            RightsMatch.objects.create(
                request=case,
                beneficiary=world.objects[f"beneficiary_{place}"],
                method=MatchMethod.NAMES,
                at=f"{DAY}T09:00Z",
            )
            task = RightsTask.objects.create(
                request=case, organisation=world.bodies[body], purpose="search", due_on=date(2020, 1, 20)
            )
        world.objects[f"rights_{place}"] = case
        world.objects[f"rights_task_{place}"] = task


def _at(name: str, **more: Any) -> Any:
    return lambda world, role: {"uuid": world.objects[name].uuid, **more}


def _cases(name: str = "rights", **more: Any) -> dict[str, On]:
    """The whole programme of who handles it, and none of another."""
    return {
        "own": On(HANDLE, target=_at(f"{name}_own", **more)),
        "sibling": On(HANDLE, target=_at(f"{name}_sibling", **more)),
        "foreign": On(NOBODY, target=_at(f"{name}_foreign", **more)),
    }


TASKS = {
    "own": On(AT_HOME, target=_at("rights_task_own")),
    "sibling": On(NOBODY, target=_at("rights_task_sibling")),
    "foreign": On(NOBODY, target=_at("rights_task_foreign")),
}

ROWS = [
    Row("privacy:request-list", {"": On(HANDLE, SIGNED_IN - HANDLE)}),
    Row("privacy:request-new", {"": On(HANDLE, SIGNED_IN - HANDLE)}),
    Row("privacy:request-new", {"": On(HANDLE, SIGNED_IN - HANDLE)}, method="post"),
    Row("privacy:request", _cases()),
    *(
        Row(f"privacy:{page}", _cases(), method=method)
        for page in ("request-applicant", "request-match", "request-bodies")
        for method in ("get", "post")
    ),
    *(Row("privacy:request-step", _cases(act="refuse"), method=method) for method in ("get", "post")),
    Row("privacy:task-list", {"": On(ANSWER, SIGNED_IN - ANSWER)}),
    *(Row(f"privacy:{page}", TASKS, method=method) for page in ("task", "task-person") for method in ("get", "post")),
    *(Row("privacy:task-withdraw", _cases("rights_task"), method=method) for method in ("get", "post")),
]
