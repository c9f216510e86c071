# SPDX-License-Identifier: EUPL-1.2
"""A language lab that has ended, with pupils who were there."""

from datetime import UTC, date, datetime
from typing import Any

from actions.enums import OutcomeKind
from actions.models import Activity, ActivityType, TargetGroup
from beneficiaries.models import Enrolment
from beneficiaries.services.outcomes import NewOutcome, Recorded, record_outcomes
from beneficiaries.services.registers import Cell, record_attendance
from fami_portal.core.services import acting
from tests.actions.scene import Scene
from tests.beneficiaries.class_of import class_of

ENDED = date(2019, 6, 10)
ASKED = date(2019, 9, 20)
AT = datetime(2019, 9, 20, 8, tzinfo=UTC)
ATTESTED = {"attestation": "cpia", "attested_on": date(2019, 6, 15), "kept_at": "Faldone 2, segreteria"}


def ask_for(scene: Scene, *kinds: str) -> None:
    """Let the sheet of the pupils ask for outcomes, and labs be of language."""
    with acting(None):
        TargetGroup.objects.filter(pk=scene.pupils.pk).update(outcomes=list(kinds))
        ActivityType.objects.filter(pk=scene.types["lab"].pk).update(is_language=True)


def ended_course(scene: Scene, number: int = 3, **values: Any) -> tuple[Activity, list[Enrolment]]:
    """Return a lab that ended in June with a class that was present once; entry level A1."""
    ask_for(scene, *(values.pop("kinds", (OutcomeKind.LANGUAGE, OutcomeKind.USEFULNESS, OutcomeKind.SATISFACTION))))
    activity = scene.activity(ends_on=ENDED, **values)
    enrolments = class_of(scene, activity, number)
    meeting = scene.meeting(activity)
    record_attendance(
        activity=activity, cells=[Cell(meeting.pk, row.pk, "present") for row in enrolments], by=scene.operator
    )
    with acting(None):
        Enrolment.objects.filter(activity=activity).update(entry_level="a1")
    return activity, list(Enrolment.objects.filter(activity=activity).order_by("pk"))


def record(scene: Scene, activity: Activity, *entries: NewOutcome, **values: Any) -> Recorded:
    """Record outcomes on the day after three months."""
    given = {"activity": activity, "collected_on": ASKED, "entries": entries, "by": scene.operator, "at": AT}
    return record_outcomes(**(given | values))
