# SPDX-License-Identifier: EUPL-1.2
"""A course of Italian of the demonstration that has ended, with all that it leaves on paper.

Levels at entry and at exit, outcomes recorded in part while the others are due, the scanned page that the teachers
signed, certificates of attendance.
"""

from datetime import UTC, date, datetime, time, timedelta

from accounts.models import User
from actions.models import Activity, ActivityType
from actions.services import activities, meetings
from actions.services.teaching import NewTeacher, assign_teacher
from beneficiaries.enums import AttendanceState, AttestationKind, LevelTest, OutcomeState
from beneficiaries.enums import LanguageLevel as Level
from beneficiaries.models import Beneficiary, Enrolment
from beneficiaries.selectors.signed_pages import KIND as SIGNED_PAGE
from beneficiaries.services.certificates import ask_certificates
from beneficiaries.services.enrolments import NewEnrolment, enrol_many
from beneficiaries.services.outcomes import NewOutcome, record_outcomes
from beneficiaries.services.registers import Cell, record_attendance
from beneficiaries.services.signed_pages import attach_page
from fami_portal.core.documents import check_document
from fami_portal.core.jobs import run_job
from partners.models import Organisation
from reporting.demo import world
from reporting.demo.bodies import programme
from reporting.demo.papers import paper
from reporting.demo.times import at_moment

TITLE = "Corso breve di italiano L2, inverno"
STARTS, ENDS = date(2019, 1, 15), date(2019, 2, 12)
ASKED = date(2019, 5, 17)
ISSUED = datetime(2019, 5, 17, 9, tzinfo=UTC)
# Level at entry, how it was found, level at exit (none: still to be asked).
LEVELS = (
    (Level.ALFA_LOW, LevelTest.INTERVIEW, Level.ALFA_HIGH),
    (Level.ALFA_HIGH, LevelTest.INTERVIEW, Level.A1),
    (Level.PRE_A1, LevelTest.WRITTEN, Level.A2),
    (Level.A1, LevelTest.BOTH, Level.B1),
    (Level.B1, LevelTest.CPIA, Level.B2),
    (Level.PRE_A1, LevelTest.WRITTEN, Level.PRE_A1),
    (Level.A2, LevelTest.WRITTEN, ""),
    (Level.ALFA_LOW, LevelTest.INTERVIEW, ""),
)
PEOPLE = len(LEVELS)


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
            NewEnrolment(person, STARTS, "2018/1", STARTS - timedelta(days=4), entry_level=entry)
            for person, (entry, _test, _reached) in zip(people, LEVELS, strict=False)
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
    teacher = NewTeacher(body.pk, "Lea", "Cardini")
    assign_teacher(activity=course, teacher=teacher, meetings=lessons, by=None)
    activities.conclude_activity(activity=course, by=None)
    _outcomes(course, enrolments)
    _papers(course, enrolments)


def _outcomes(course: Activity, enrolments: list[Enrolment]) -> None:
    """Record the level reached by those who were tested; one waits for the paper, of the last nobody asked."""
    for row, (_entry, test, _reached) in zip(enrolments, LEVELS, strict=False):
        row.test_kind, row.test_on = test, STARTS - timedelta(days=1)
    best = enrolments[4]
    best.certificate_number, best.certificate_on = "CE-4471", date(2019, 3, 20)
    best.certificate_body = "Centro di certificazione (dimostrativo)"
    Enrolment.objects.bulk_update(
        enrolments, ["test_kind", "test_on", "certificate_number", "certificate_on", "certificate_body"]
    )
    entries = []
    for row, (entry, _test, reached) in zip(enrolments[:-1], LEVELS, strict=False):
        if not reached:
            entries.append(NewOutcome(row.pk, "language", state=OutcomeState.PENDING))
        elif reached == entry:
            entries.append(NewOutcome(row.pk, "language", level=reached))
        else:
            entries.append(
                NewOutcome(
                    row.pk,
                    "language",
                    level=reached,
                    attestation=AttestationKind.CPIA,
                    attested_on=date(2019, 3, 5),
                    kept_at="Segreteria della cooperativa, faldone L2",
                )
            )
    record_outcomes(activity=course, collected_on=ASKED, entries=entries, by=None, at=ISSUED)


def _papers(course: Activity, enrolments: list[Enrolment]) -> None:
    """Attach the page that the teachers signed to the meetings on it, and issue the certificates of those who came."""
    held = list(course.meetings.order_by("held_on", "pk"))
    lines = [f"{meeting.held_on:%d/%m/%Y}   14.30 - 16.00   firma del docente ...................." for meeting in held]
    page = paper(f"Registro dimostrativo - {course.title}", [*lines, "", "Foglio inventato, senza valore."])
    file = check_document(kind=SIGNED_PAGE, name="foglio-firme.pdf", content=page)
    attach_page(activity=course, meetings=held, file=file, by=None, at=ISSUED)
    with at_moment(ISSUED):
        job = ask_certificates(
            activity=course,
            enrolments=[row.pk for row in enrolments],
            birth_date=False,
            key=None,
            by=User.objects.get(email=f"partner{world.DOMAIN}"),
        )
        run_job(job.pk, heartbeat=False)
