# SPDX-License-Identifier: EUPL-1.2
"""A course for operators of the territory of Lodi: who was trained, what the official sheet tells of them, the figures.

The course is one that the programme's document names; people, bodies they work for and dates are invented. Of the four
programmes only this one counts operators: those of 2014-2020 promise no training of theirs.
"""

from datetime import UTC, date, datetime, time, timedelta

from accounts.models import User
from actions.enums import OutcomeKind
from actions.models import Action, ActionNetwork, Activity, ActivityType, Period, Programme, TargetGroup
from actions.services import activities, meetings
from actions.services.notices import publish_notice
from beneficiaries.enums import (
    AttendanceState,
    Eligibility,
    MissingTaxCode,
    NoticeReceiver,
    OperatorTraining,
    OutcomeState,
    Sex,
)
from beneficiaries.models import Enrolment
from beneficiaries.services.outcomes import NewOutcome, record_outcomes
from beneficiaries.services.registers import Cell, record_attendance
from beneficiaries.services.registration import Names, register_and_enrol
from beneficiaries.services.sheets import OperatorFacts
from partners.enums import Nature
from partners.models import Country, Language, Network, Organisation
from reporting.demo import lombardia, world
from reporting.demo.times import at_moment
from reporting.models import ActivityReport
from reporting.services import activity_reports

PROGRAMME = "labimpact-2-lodi"
GROUP, COURSE = "OPERATORI", "FORMAZIONE-OPERATORI"
TITLE = "Lavorare con famiglie di altri Paesi: corso per operatori"
STARTS, ENDS = date(2025, 10, 16), date(2025, 11, 13)
NOTICE = "2025/1"
# Name, sex, born, works for (the body of the course where nothing is said), what the course was about for them.
OPERATORS = (
    ("Ottavia", "Brambillasca", Sex.FEMALE, date(1978, 4, 12), "", OperatorTraining.LOCAL_BODIES),
    ("Learco", "Cernuschi", Sex.MALE, date(1985, 9, 30), "", OperatorTraining.LOCAL_BODIES),
    ("Iside", "Melzani", Sex.FEMALE, date(1991, 1, 5), "Cooperativa sociale Il Guado", OperatorTraining.SCHOOLS),
    ("Oreste", "Vapriani", Sex.MALE, date(1969, 11, 23), "", OperatorTraining.SOCIAL_AND_HEALTH),
    ("Dafne", "Inzaghini", Sex.FEMALE, date(1994, 6, 18), "Associazione Ponte Nuovo", OperatorTraining.DISCRIMINATION),
)
# Of how many it is known what the course brought.
ASKED = 3


def trained_operators() -> None:
    """Train five operators of the territory, record what it brought to three of them, and validate the quarter."""
    programme = Programme.objects.get(slug=PROGRAMME)
    body = Organisation.objects.get(name=world.LODI)
    with at_moment(datetime.combine(ENDS + timedelta(days=1), time(9), UTC)):
        _train(programme, body)
    _report(programme, body)


def _train(programme: Programme, body: Organisation) -> None:
    course = _course(programme, body)
    enrolments = [_registered(course, body, place) for place in range(len(OPERATORS))]
    lessons = meetings.add_meetings(
        activity=course,
        meetings=[
            meetings.NewMeeting(
                STARTS + timedelta(weeks=week), time(9, 30), time(12, 30), topic="Ascolto e accoglienza"
            )
            for week in range(5)
        ],
        by=None,
    )
    record_attendance(
        activity=course,
        cells=[Cell(lesson.pk, row.pk, AttendanceState.PRESENT) for lesson in lessons for row in enrolments],
        by=None,
    )
    activities.conclude_activity(activity=course, by=None)
    record_outcomes(
        activity=course,
        collected_on=ENDS,
        entries=[
            entry
            for row in enrolments[:ASKED]
            for entry in (
                NewOutcome(row.pk, OutcomeKind.SATISFACTION, scores=(8, 9)),
                NewOutcome(row.pk, OutcomeKind.TRAINING, state=OutcomeState.POSITIVE),
            )
        ],
        by=None,
        at=datetime.combine(ENDS + timedelta(days=1), time(9), UTC),
    )


def _course(programme: Programme, body: Organisation) -> Activity:
    network = Network.objects.get(code=lombardia.LODI)
    for action in Action.objects.filter(programme=programme).order_by("code"):
        ActionNetwork.objects.create(action=action, network=network)
    publish_notice(
        programme=programme,
        organisation=None,
        code=NOTICE,
        valid_from=programme.starts_on,
        language=Language.objects.get(code="it"),
        body="# Perché chiediamo questi dati\n\nPer organizzare i corsi e renderne conto alla Regione e al Ministero.",
        by=None,
        at=datetime.combine(programme.starts_on, time(8), UTC),
    )
    course = activities.create_activity(
        activity_type=ActivityType.objects.get(programme=programme, code=COURSE),
        network=network,
        organisation=body,
        title=TITLE,
        starts_on=STARTS,
        ends_on=ENDS,
        places=12,
        by=None,
    )
    activities.start_activity(activity=course, by=None)
    return course


def _registered(course: Activity, body: Organisation, place: int) -> Enrolment:
    given_name, family_name, sex, born, employer, about = OPERATORS[place]
    return register_and_enrol(
        activity=course,
        registered_by=body,
        target_group=TargetGroup.objects.get(programme=course.programme, code=GROUP),
        local_code=f"OP-{place + 1:02d}",
        sex=sex,
        birth_date=born,
        citizenship=Country.objects.get(code="IT"),
        eligibility=Eligibility.DECLARED,
        enrolled_on=STARTS,
        notice_version=NOTICE,
        notice_given_on=STARTS - timedelta(days=7),
        notice_given_to=NoticeReceiver.PERSON,
        names=Names(given_name, family_name, tax_code_missing=MissingTaxCode.NOT_SHOWN),
        facts=OperatorFacts(
            employer=employer or body.name,
            nature=Nature.PRIVATE if employer else Nature.PUBLIC,
            public_body=body.name if employer else "",
            trainings=[about],
        ),
        by=None,
        at=datetime.combine(STARTS, time(9), UTC),
    ).enrolment


def _report(programme: Programme, body: Organisation) -> None:
    """File the quarter of the course and validate it, each by the person whose turn it is."""
    period = Period.objects.filter(programme=programme, starts_on__lte=STARTS, ends_on__gte=ENDS).get()
    at = datetime.combine(period.ends_on + timedelta(days=5), time(9), UTC)
    activity_reports.open_activity_reports(period=period, by=None, at=at)
    report = ActivityReport.objects.filter(period=period, organisation=body).with_parts().get()
    operator, coordinator = (User.objects.get(email=f"{name}{world.DOMAIN}") for name in ("lodi", "lombardia"))
    activity_reports.save_narrative(
        report=report,
        values={
            "done": "Si è svolto il primo dei due percorsi formativi per gli operatori dei servizi territoriali.",
            "strengths": "Vi hanno partecipato operatori pubblici e del privato sociale.",
        },
        version=report.version,
        by=operator,
    )
    activity_reports.submit(report=report, by=operator, at=at)
    activity_reports.validate(report=report, by=coordinator, at=at + timedelta(days=3))
