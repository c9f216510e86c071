# SPDX-License-Identifier: EUPL-1.2
"""Rows of the register away from its grid, and of the teachers of its meetings."""

from typing import Any

from actions.models import MeetingTeacher
from actions.services.teaching import NewTeacher, assign_teacher
from tests.matrix import NOBODY, On, Row
from tests.matrix.registers import ABOVE, HOSTED, KEEPS, OWN, _both, _enrolling
from tests.personas import World


def prepare(world: World) -> None:
    """Plan a teacher at the lesson of each lab."""
    for place in PLACES:
        lab, lesson = world.objects[f"lab_{place}"], world.objects[f"lesson_{place}"]
        assign_teacher(
            activity=lab, teacher=NewTeacher(lab.organisation_id, "Anna", place.title()), meetings=[lesson], by=None
        )
        world.objects[f"taught_{place}"] = MeetingTeacher.objects.get(meeting=lesson)


PLACES = ("own", "sibling", "hosted", "foreign")


def _pk(name: str) -> Any:
    return lambda world, role: {"pk": world.objects[name].pk}


def _teacher(place: str) -> Any:
    return lambda world, role: {"uuid": world.objects[f"taught_{place}"].teacher.uuid}


# Whoever sees an activity of the body finds its teachers; the body alone corrects them.
SEEN = OWN | HOSTED
TEACHER = {
    "own": On(KEEPS, SEEN - KEEPS, target=_teacher("own")),
    "sibling": On(NOBODY, ABOVE, target=_teacher("sibling")),
    "foreign": On(NOBODY, target=_teacher("foreign")),
}

ROWS: list[Row] = [
    *_both("beneficiaries:register-block", _enrolling("lab")),
    *_both("beneficiaries:signed-pages", _enrolling("lesson")),
    *_both("actions:teachers", _enrolling("lab")),
    *_both("actions:meeting-teacher", _enrolling("taught", _pk)),
    *_both("actions:teacher-edit", TEACHER),
    *_both("beneficiaries:enrolment-day", _enrolling("enrolment", _pk)),
]
