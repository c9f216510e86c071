# SPDX-License-Identifier: EUPL-1.2
"""What the Ambiti of LAB'IMPACT did in their first quarter: labs of civic education, and the reports on them.

Some have filed, a few were validated, the others are late: the coordinator's list has something to do.
"""

import random
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password

from accounts.models import User
from actions.enums import ActivityState
from actions.models import Activity, ActivityType, Period, Programme, TargetGroup
from actions.services import meetings
from actions.services.notices import publish_notice
from beneficiaries.enums import AttendanceState, Eligibility
from beneficiaries.services.enrolments import NewEnrolment, enrol_many
from beneficiaries.services.recipients import NewBeneficiary, register_beneficiaries
from beneficiaries.services.registers import Cell, record_attendance
from fami_portal.core.services import record_events
from partners.enums import NetworkRole, OrganisationKind
from partners.models import Country, Language, Membership, NetworkMember
from reporting.demo import ambiti, lombardia, world
from reporting.demo.plan_values import CITIZENSHIPS, SEED
from reporting.models import ActivityReport, DueExtension, MergedReport
from reporting.services import activity_reports
from reporting.services.activity_reports import NETWORK_DAYS, REGION_DAYS

ROME = ZoneInfo("Europe/Rome")
PERIOD = "2019-Q1"
TYPE, GROUP = "LAB-CIVICA", "CPT"
TITLE = "Laboratorio di educazione civica interculturale"
STARTS, ENDS = date(2019, 1, 21), date(2019, 6, 5)
LESSONS = tuple(date(2019, 1, 29) + timedelta(weeks=3 * place) for place in range(3))
# Of every so many Ambiti one has its register here, one has filed, one was validated.
WITH_REGISTER, FILED, VALIDATED = 6, 4, 12
PUPILS = 9
NOTICE = "2018/1"
NOTICE_TEXT = (
    "# Perché chiediamo questi dati\n\nPer organizzare i laboratori e renderne conto alla Regione e al Ministero."
)
# Nearly all have asked for more days, as it was their first report; every so many-th has not, and is late.
MORE_UNTIL, MORE_ON = date(2019, 6, 14), date(2019, 4, 11)
MORE_REASON = "Prima scheda del programma: gli Ambiti hanno chiesto tempo fino alla fine delle lezioni."
LATE = 9
DONE = "Il laboratorio si è svolto nelle classi che lo avevano chiesto; gli incontri sono nel registro."


def first_quarter() -> None:
    """Open a lab in each Ambito, fill some registers, and take the reports of the quarter as far as each has come."""
    programme = Programme.objects.get(slug=ambiti.PROGRAMME)
    publish_notice(
        programme=programme,
        organisation=None,
        code=NOTICE,
        valid_from=programme.starts_on,
        language=Language.objects.get(code="it"),
        body=NOTICE_TEXT,
        by=None,
        at=_at(programme.starts_on),
    )
    labs = _labs(programme)
    for lab in labs[::WITH_REGISTER]:
        _register(lab)
    _reports(programme, labs)


def _labs(programme: Programme) -> list[Activity]:
    """One lab in each Ambito, by its cooperative at a school: written in bulk, as the networks are."""
    kind = ActivityType.objects.select_related("action").get(programme=programme, code=TYPE)
    codes = [plan.code for plan in lombardia.AMBITI if plan.code != lombardia.LODI]
    stays = NetworkMember.objects.filter(network__code__in=codes).select_related(
        "network", "organisation__municipality"
    )
    of_kind = {
        wanted: {row.network: row.organisation for row in stays.filter(organisation__kind=wanted).order_by("pk")}
        for wanted in (OrganisationKind.COOPERATIVE, OrganisationKind.SCHOOL)
    }
    schools = of_kind[OrganisationKind.SCHOOL]
    labs = Activity.objects.bulk_create(
        Activity(
            programme=programme,
            action=kind.action,
            activity_type=kind,
            network=network,
            organisation=body,
            title=f"{TITLE} – {network.name}",
            venue=schools[network],
            municipality=schools[network].municipality,
            starts_on=STARTS,
            ends_on=ENDS,
            planned_minutes=90 * len(LESSONS),
            places=PUPILS + 6,
            state=ActivityState.RUNNING,
        )
        for network, body in of_kind[OrganisationKind.COOPERATIVE].items()
    )
    record_events(by=None, verb="activity_created", targets=labs)
    return labs


def _register(lab: Activity) -> None:
    draw = random.Random(f"{SEED} {lab.network.code}")  # noqa: S311  demonstration data, not a secret
    countries = list(Country.objects.filter(code__in=CITIZENSHIPS).order_by("code"))
    group = TargetGroup.objects.get(programme=lab.programme, code=GROUP)
    people = register_beneficiaries(
        programme=lab.programme,
        registered_by=lab.organisation,
        people=[
            NewBeneficiary(
                target_group=group,
                local_code=f"CIV-{place:02d}",
                sex=draw.choice(("female", "male")),
                birth_date=date(2006, 1, 1) + timedelta(days=draw.randrange(1800)),
                citizenship=draw.choice(countries),
                eligibility=Eligibility.DECLARED,
            )
            for place in range(1, PUPILS + 1)
        ],
        by=None,
    )
    entries = [NewEnrolment(person, STARTS, NOTICE, STARTS - timedelta(days=3)) for person in people]
    enrolments = enrol_many(activity=lab, entries=entries, by=None)
    rows = meetings.add_meetings(
        activity=lab,
        meetings=[meetings.NewMeeting(day, time(10), time(11, 30), topic="Vivere nel quartiere") for day in LESSONS],
        by=None,
    )
    cells = [
        Cell(row.pk, enrolment.pk, AttendanceState.PRESENT if draw.random() < 0.85 else AttendanceState.ABSENT)
        for row in rows
        for enrolment in enrolments
    ]
    record_attendance(activity=lab, cells=cells, by=None)


def _reports(programme: Programme, labs: list[Activity]) -> None:
    period = Period.objects.get(programme=programme, code=PERIOD)
    activity_reports.open_activity_reports(period=period, by=None, at=_at(period.ends_on))
    operators = _operators(labs)
    coordinator = User.objects.get(email=f"lombardia{world.DOMAIN}")
    leads = NetworkMember.objects.filter(role=NetworkRole.LEAD).values("organisation")
    reports = ActivityReport.objects.filter(period=period).exclude(organisation__in=leads).with_parts()
    of_lab = {(report.network_id, report.organisation_id): report for report in reports.order_by("pk")}
    for place, lab in enumerate(labs):
        if place % FILED:
            continue
        report, operator = of_lab[lab.network_id, lab.organisation_id], operators[lab.organisation_id]
        activity_reports.save_narrative(report=report, values={"done": DONE}, version=report.version, by=operator)
        activity_reports.submit(report=report, by=operator, at=_at(report.due_on - timedelta(days=4)))
        if place % VALIDATED == 0:
            activity_reports.validate(report=report, by=coordinator, at=_at(report.due_on + timedelta(days=6)))
    _more_days(period, coordinator)


def _more_days(period: Period, by: User) -> None:
    """Give more days to who has not filed yet, in bulk; the networks and the Region follow."""
    waiting = ActivityReport.objects.filter(period=period, state="open").order_by("organisation__name", "pk")
    given = [report for place, report in enumerate(waiting) if place % LATE]
    DueExtension.objects.bulk_create(
        DueExtension(
            report=report,
            due_before=report.due_on,
            due_on=MORE_UNTIL,
            reason=MORE_REASON,
            granted_by=by,
            granted_at=_at(MORE_ON),
        )
        for report in given
    )
    ActivityReport.objects.filter(pk__in=[report.pk for report in given]).update(due_on=MORE_UNTIL)
    record_events(by=by, verb="report_extended", targets=given, reason=MORE_REASON, at=_at(MORE_ON))
    networks, region = (MORE_UNTIL + timedelta(days=days) for days in (NETWORK_DAYS, REGION_DAYS))
    merged = MergedReport.objects.filter(period=period)
    merged.filter(network__isnull=False).update(due_on=networks)
    merged.filter(network__isnull=True).update(due_on=region)


def _operators(labs: list[Activity]) -> dict[int, User]:
    """Who files for each cooperative: people without a password, who never sign in."""
    closed = make_password(None)
    users = User.objects.bulk_create(
        User(
            email=f"ambito{place:02d}{world.DOMAIN}",
            given_name="Operatore",
            family_name=f"Ambito {place:02d}",
            password=closed,
        )
        for place in range(1, len(labs) + 1)
    )
    Membership.objects.bulk_create(
        Membership(user=user, organisation=lab.organisation, role="partner_operator", valid_from=STARTS)
        for user, lab in zip(users, labs, strict=True)
    )
    return {lab.organisation_id: user for user, lab in zip(users, labs, strict=True)}


def _at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 10, tzinfo=ROME)
