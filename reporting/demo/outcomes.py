# SPDX-License-Identifier: EUPL-1.2
"""A course of the demonstration that has ended: its outcomes are recorded in part, the others are due."""

from datetime import UTC, date, datetime, time, timedelta

from actions.models import Activity, ActivityType
from actions.services import activities, meetings
from beneficiaries.enums import AttendanceState, AttestationKind
from beneficiaries.models import Beneficiary, Enrolment
from beneficiaries.services.enrolments import NewEnrolment, enrol_many
from beneficiaries.services.outcomes import NewOutcome, record_outcomes
from beneficiaries.services.registers import Cell, record_attendance
from partners.models import Organisation
from reporting.demo import world
from reporting.demo.bodies import programme

TITLE = "Corso breve di italiano L2, inverno"
STARTS, ENDS = date(2019, 1, 15), date(2019, 2, 12)
ASKED = date(2019, 5, 17)
PEOPLE = 8


def ended_course() -> None:
    """Let pupils of the demo partner attend a short course in winter, and record what it brought to half of them."""
    region = programme()
    body = Organisation.objects.get(name=world.BEHIND)
    lab = Activity.objects.filter(programme=region, organisation=body, activity_type__code="LAB-L2").order_by("pk")[0]
    people = list(
        Beneficiary.objects.filter(
            programme=region, registered_by=body, merged_into=None, target_group__code="ALUNNI-CPT"
        ).order_by("pk")[:PEOPLE]
    )
    course = activities.create_activity(
        activity_type=ActivityType.objects.get(programme=region, code="LAB-L2"),
        network=lab.network,
        organisation=body,
        title=TITLE,
        starts_on=STARTS,
        ends_on=ENDS,
        venue=lab.venue,
        municipality=lab.municipality,
        planned_minutes=540,
        places=12,
        by=None,
    )
    activities.start_activity(activity=course, by=None)
    enrolments = enrol_many(
        activity=course,
        entries=[
            NewEnrolment(person, STARTS, "2018/1", STARTS - timedelta(days=4), entry_level="pre_a1")
            for person in people
        ],
        by=None,
    )
    lessons = meetings.add_meetings(
        activity=course,
        meetings=[
            meetings.NewMeeting(STARTS + timedelta(days=day), time(14, 30), time(16), topic="Italiano di base")
            for day in (0, 3, 7, 10, 21, 28)
        ],
        by=None,
    )
    record_attendance(
        activity=course,
        cells=[
            Cell(lesson.pk, row.pk, AttendanceState.ABSENT if (place + lesson.pk) % 7 == 0 else AttendanceState.PRESENT)
            for lesson in lessons
            for place, row in enumerate(enrolments)
        ],
        by=None,
    )
    activities.conclude_activity(activity=course, by=None)
    _outcomes(course, enrolments)


def _outcomes(course: Activity, enrolments: list[Enrolment]) -> None:
    paper = {
        "attestation": AttestationKind.CPIA,
        "attested_on": date(2019, 3, 5),
        "kept_at": "Segreteria della cooperativa, faldone L2",
    }
    levels: list[dict[str, object]] = [
        {"level": "a1", **paper},
        {"level": "a2", **paper},
        {"level": "pre_a1"},
        {"state": "pending"},
    ]
    record_outcomes(
        activity=course,
        collected_on=ASKED,
        entries=[NewOutcome(row.pk, "language", **values) for row, values in zip(enrolments, levels, strict=False)],  # type: ignore[arg-type]
        by=None,
        at=datetime(2019, 5, 17, 9, tzinfo=UTC),
    )
