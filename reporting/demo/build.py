# SPDX-License-Identifier: EUPL-1.2
"""Builds the demonstration through the services, stage by stage.

Each stage is one transaction with a mark at its end, so that a killed run goes on where it stopped and a second run
changes nothing. Everything is drawn from one seed; only pseudonyms differ, because they must never be guessed.
"""

import random
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from stdnum import luhn

from accounts.models import User
from accounts.services import create_account
from actions.definition.loading import read_definition
from actions.enums import BodyRole
from actions.models import (
    Action,
    ActionNetwork,
    Activity,
    ActivityType,
    Meeting,
    Period,
    Programme,
    ProgrammeBody,
    ReachChannel,
    TargetGroup,
)
from actions.services import activities, campaigns, deliverables, meetings
from actions.services.definitions import load_definition
from beneficiaries.enums import AttendanceState, Eligibility
from beneficiaries.models import Enrolment
from beneficiaries.services.enrolments import NewEnrolment, enrol_many
from beneficiaries.services.recipients import NewBeneficiary, register_beneficiaries
from beneficiaries.services.registers import Cell, record_attendance
from fami_portal.core.enums import MailState
from fami_portal.core.models import AuditEvent, Message
from fami_portal.core.services import acting, record_event
from partners.enums import PUBLIC_KINDS, InformalReason, NetworkKind, NetworkRole, OrganisationKind
from partners.models import Country, Municipality, Network, Organisation
from partners.services.memberships import grant_membership
from partners.services.networks import add_member, register_network
from partners.services.organisations import register_organisation
from partners.services.reference_lists import load_reference_lists
from reporting.demo import consultations, mediation, plan, world
from reporting.demo.mediation_plan import CASES
from reporting.demo.stories import Story, stories_of
from reporting.models import ActivityReport
from reporting.services import activity_reports, output_reports

MARK = "demonstration stage"
ROME = ZoneInfo("Europe/Rome")
Say = Callable[[str], None]


def load_demo(*, say: Say, wanted: Callable[[str], bool] = lambda name: True) -> bool:
    """Load the demonstration, or the stages whose name is `wanted`; returns False when nothing was left to do.

    `say` receives one line for each stage done.
    """
    done = set(AuditEvent.objects.filter(verb=MARK).order_by("pk").values_list("reason", flat=True))
    changed = False
    for name, stage in stages():
        if name in done or not wanted(name):
            continue
        with transaction.atomic(), acting(None):
            stage()
            record_event(by=None, verb=MARK, target=_anchor(), reason=name)
        say(name)
        changed = True
    return changed


def _anchor() -> Any:
    """Return what the marks are about: the region's programme, or the first country before it exists."""
    return Programme.objects.filter(slug=world.PROGRAMME).first() or Country.objects.order_by("pk").first()


def stages() -> Iterable[tuple[str, Callable[[], None]]]:
    """Return the stages in order, each with the name of its mark."""
    yield "reference lists", lambda: load_reference_lists() and None
    yield "programme definitions", _definitions
    yield "bodies and networks", _world
    yield "people with an account", _people
    for network in (*(network.code for network in world.NETWORKS), world.SINGLE_NETWORK[0]):
        yield f"school year of {network}", partial(_school_year, network)
    # Before the reports of the quarters, which close the registers of the leads.
    yield "mediators and hours", mediation.mediators_and_hours
    for code in CASES:
        yield f"mediation service of {code}", partial(mediation.service_of, code)
    yield "consultations and questions", consultations.consultations_and_questions
    for code in (*world.CLOSED_PERIODS, world.OPEN_PERIOD):
        yield f"activity reports of {code}", partial(_activity_reports, code)
        if code in world.CLOSED_PERIODS:
            yield f"output report of {code}", partial(_output_report, code)
        if code == world.CLOSED_PERIODS[0]:
            yield f"late report of {code}", partial(_late_report, code)
    yield "notifications", _quiet_notifications


def _definitions() -> None:
    for name in world.DEFINITIONS:
        load_definition(definition=read_definition(settings.BASE_DIR / "definitions" / name), by=None)


def _programme() -> Programme:
    return Programme.objects.get(slug=world.PROGRAMME)


def _town(name: str) -> Municipality:
    return Municipality.objects.filter(name=name, region="Piemonte").order_by("pk")[0]


class _Codes:
    """Invented official codes that pass the checks: the same at every run, none of a real body."""

    def __init__(self) -> None:
        self.number = 0

    def fiscal_code(self) -> str:
        # 9999 as office number does not exist: no real body has such a code.
        self.number += 1
        stem = f"999{self.number:04d}999"
        return stem + luhn.calc_check_digit(stem)

    def school_code(self, province: str) -> str:
        return f"{province}IC9{self.number:03d}0X"


def _world() -> None:
    """Register bodies, networks with their members, and who carries out which action."""
    programme, codes = _programme(), _Codes()
    entered = programme.starts_on + timedelta(days=30)
    for network_plan in world.NETWORKS:
        network = register_network(
            by=None, code=network_plan.code, name=network_plan.name, kind=network_plan.kind, starts_on=entered
        )
        towns = []
        for position, body in enumerate(network_plan.bodies):
            organisation = Organisation.objects.filter(name=body.name).first() or _register(body, codes)
            role = NetworkRole.LEAD if position == 0 else NetworkRole.MEMBER
            add_member(network=network, organisation=organisation, role=role, entered_on=entered, by=None)
            towns.append(organisation.municipality)
        network.municipalities.set(towns)
        _carries_out(programme, network_plan.action, network)
    code, name, action = world.SINGLE_NETWORK
    network = register_network(by=None, code=code, name=name, kind=NetworkKind.SINGLE_BODY, starts_on=entered)
    ires = Organisation.objects.get(name="IRES Piemonte")
    add_member(network=network, organisation=ires, role=NetworkRole.LEAD, entered_on=entered, by=None)
    _carries_out(programme, action, network)
    for name, town in world.ASSOCIATIONS:
        _register(world.Body(name, OrganisationKind.MIGRANT_ASSOCIATION, town), codes)
    for pair in world.INFORMAL_GROUPS:
        name, town = pair.split(" @ ")
        register_organisation(
            by=None,
            name=name,
            kind=OrganisationKind.MIGRANT_ASSOCIATION,
            municipality=_town(town),
            informal_reason=InformalReason.INFORMAL_GROUP,
        )
    ministry = _register(world.Body(world.MINISTRY, OrganisationKind.MINISTRY, "Torino"), codes)
    ProgrammeBody.objects.create(programme=programme, organisation=ministry, role=BodyRole.AUDIT)


def _register(body: world.Body, codes: _Codes) -> Organisation:
    town = _town(body.town)
    return register_organisation(
        by=None,
        name=body.name,
        kind=body.kind,
        nature="public" if body.kind in PUBLIC_KINDS else "private",
        fiscal_code=codes.fiscal_code(),
        school_code=codes.school_code(town.province) if body.kind == OrganisationKind.SCHOOL else "",
        municipality=town,
        email=f"ente{codes.number:03d}{world.DOMAIN}",
    )


def _carries_out(programme: Programme, action: str, network: Network) -> None:
    ActionNetwork.objects.create(action=Action.objects.get(programme=programme, code=action), network=network)


def _people() -> None:
    """Open the demo accounts, and one operator for each other body so that its reports have an author."""
    since = _programme().starts_on
    for person in world.USERS:
        user = create_account(
            email=person.email,
            given_name=person.given_name,
            family_name=person.family_name,
            password=world.PASSWORD,
            by=None,
        )
        grant_membership(
            user=user,
            organisation=Organisation.objects.get(name=person.body),
            role=person.role,
            networks=Network.objects.filter(code__in=person.networks).order_by("code"),
            valid_from=since,
            by=None,
        )
    filing = {person.body for person in world.USERS if person.role == "partner_operator"}
    members = Organisation.objects.filter(network_stays__network__code__in=[plan.code for plan in world.NETWORKS])
    for number, body in enumerate(members.exclude(name__in=filing).distinct().order_by("pk"), start=1):
        user = create_account(
            email=f"operatore{number:02d}{world.DOMAIN}",
            given_name="Operatore",
            family_name=f"{number:02d}",
            password=None,
            by=None,
        )
        grant_membership(user=user, organisation=body, role="partner_operator", valid_from=since, by=None)


def _operator_of(organisation: Organisation) -> User:
    return User.objects.get(memberships__organisation=organisation, memberships__role="partner_operator")


def _school_year(network_code: str) -> None:
    for activity_plan in plan.activities():
        if activity_plan.network == network_code:
            _activity(activity_plan)


def _activity(what: plan.ActivityPlan) -> None:
    programme = _programme()
    body = Organisation.objects.get(name=what.body)
    activity = activities.create_activity(
        activity_type=ActivityType.objects.get(programme=programme, code=what.role),
        network=Network.objects.get(code=what.network),
        organisation=body,
        title=what.title,
        starts_on=what.starts_on,
        ends_on=what.ends_on,
        venue=Organisation.objects.get(name=what.venue) if what.venue else None,
        municipality=_town(what.town) if what.town else None,
        planned_minutes=sum(_minutes(meeting) for meeting in what.meetings) or None,
        places=len(what.people) + 2 if what.people else None,
        by=None,
    )
    activities.start_activity(activity=activity, by=None)
    if what.meetings:
        _meetings(activity, what, _recording_until(what))
    for title, day, quantity in what.deliverables:
        deliverables.record_deliverable(activity=activity, title=title, delivered_on=day, quantity=quantity, by=None)
    for campaign_plan in what.campaigns:
        channel = ReachChannel.objects.get(programme=programme, code=campaign_plan.channel)
        campaign = campaigns.publish_campaign(
            activity=activity,
            channel=channel,
            title=campaign_plan.title,
            audience=campaign_plan.audience,
            published_on=campaign_plan.day,
            by=None,
        )
        for measure in campaign_plan.measures:
            campaigns.record_measure(
                campaign=campaign,
                measured_on=measure.day,
                value=measure.value,
                source="Statistiche del canale",
                by=None,
            )


def _recording_until(what: plan.ActivityPlan) -> date:
    """The demo partner has left the last weeks to record, so that the task list has something to say."""
    return world.BEHIND_SINCE if what.body == world.BEHIND else plan.YEAR_END + timedelta(days=30)


def _minutes(meeting: plan.MeetingPlan) -> int:
    start, end = meeting.starts_at, meeting.ends_at
    return (end.hour - start.hour) * 60 + end.minute - start.minute


def _meetings(activity: Activity, what: plan.ActivityPlan, until: date) -> None:
    rows = meetings.add_meetings(
        activity=activity,
        meetings=[
            meetings.NewMeeting(meeting.day, meeting.starts_at, meeting.ends_at, topic=meeting.topic)
            for meeting in what.meetings
        ],
        by=None,
    )
    recorded = [(row, meeting) for row, meeting in zip(rows, what.meetings, strict=True) if meeting.day <= until]
    if what.people:
        _register_of(activity, what, [row for row, _meeting in recorded])
        return
    counted = [(row, meeting) for row, meeting in recorded if meeting.head_count is not None]
    for row, meeting in counted:
        meetings.hold_meeting(meeting=row, head_count=meeting.head_count, by=None)
    for row, meeting in recorded:
        if meeting.bodies:
            present = Organisation.objects.filter(name__in=meeting.bodies).order_by("pk")
            meetings.record_bodies_present(
                meeting=row, bodies=[meetings.BodyPresent(body.pk, 2 + body.pk % 5) for body in present], by=None
            )
    plain = [row for row, meeting in recorded if meeting.head_count is None and not meeting.bodies]
    for row in plain:
        meetings.hold_meeting(meeting=row, by=None)


def _register_of(activity: Activity, what: plan.ActivityPlan, held: list[Meeting]) -> None:
    """Register the people, enrol them on the day they join, and fill the register."""
    draw = random.Random(f"{plan.SEED} {what.title}")  # noqa: S311  demonstration data, not a secret
    programme = activity.programme
    groups = {group.code: group for group in TargetGroup.objects.filter(programme=programme)}
    countries = {country.code: country for country in Country.objects.filter(code__in={*plan.CITIZENSHIPS, "IT"})}
    people = register_beneficiaries(
        programme=programme,
        registered_by=activity.organisation,
        people=[
            NewBeneficiary(
                target_group=groups[person.group],
                local_code=person.code,
                sex=person.sex,
                birth_date=person.birth_date,
                citizenship=countries[person.citizenship],
                eligibility=Eligibility.UNVERIFIED if draw.random() < 0.04 else Eligibility.DECLARED,
            )
            for person in what.people
        ],
        by=None,
    )
    entries = []
    for row, person in zip(people, what.people, strict=True):
        day = max(what.starts_on, plan.QUARTERS[person.joins][0]) + timedelta(days=draw.randint(0, 12))
        entries.append(NewEnrolment(row, day, "2018/1", day - timedelta(days=draw.randint(1, 6))))
    enrolments = enrol_many(activity=activity, entries=entries, by=None)
    cells = list(_cells(enrolments, held, draw, often=0.3 if what.role == "ABITARE" else 1.0))
    if cells:
        record_attendance(activity=activity, cells=cells, by=None)
    # A meeting that nobody of the plan attended was still held.
    marked = {cell.meeting_id for cell in cells}
    for meeting in held:
        if meeting.pk not in marked:
            meetings.cancel_meeting(meeting=meeting, reason="Nessuno degli iscritti era presente.", by=None)


def _cells(enrolments: list[Enrolment], held: list[Meeting], draw: random.Random, *, often: float) -> Iterable[Cell]:
    for meeting in held:
        for enrolment in enrolments:
            if enrolment.enrolled_on > meeting.held_on or draw.random() > often:
                continue
            luck = draw.random()
            if luck < 0.86:
                yield Cell(meeting.pk, enrolment.pk, AttendanceState.PRESENT)
            elif luck < 0.92:
                yield Cell(meeting.pk, enrolment.pk, AttendanceState.JUSTIFIED)
            else:
                yield Cell(meeting.pk, enrolment.pk, AttendanceState.ABSENT)


def _at(day: date, hour: int = 10) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=ROME)


def _coordinator() -> User:
    return User.objects.get(email=f"regione{world.DOMAIN}")


def _activity_reports(code: str) -> None:
    """Open the reports of a period and take each as far as its story goes."""
    period = Period.objects.get(programme=_programme(), code=code)
    activity_reports.open_activity_reports(period=period, by=None, at=_at(period.ends_on))
    reports = (
        ActivityReport.objects.filter(period=period).with_parts().order_by("network__code", "organisation__name", "pk")
    )
    for number, report in enumerate(reports):
        _tell(report, stories_of(report, number, code))


def _tell(report: ActivityReport, story: Story) -> None:
    """Take one report through its acts, each by the person whose turn it is."""
    due = report.due_on
    operator = _operator_of(report.organisation)
    if story.narrative:
        activity_reports.save_narrative(report=report, values=story.narrative, version=report.version, by=operator)
        report.refresh_from_db()
    for act, comment in story.acts:
        if act == "submit":
            activity_reports.submit(report=report, by=operator, at=_at(due - timedelta(days=5)))
        elif act == "return":
            activity_reports.return_for_changes(report=report, comment=comment, by=_coordinator(), at=_at(due, 9))
        elif act == "validate":
            activity_reports.validate(report=report, by=_coordinator(), at=_at(due + timedelta(days=4), 15))
        elif act == "reopen":
            activity_reports.reopen(report=report, reason=comment, by=_coordinator(), at=_at(due + timedelta(days=20)))
        report.refresh_from_db()


def _output_report(code: str) -> None:
    """Generate the output report of a closed period; the first one is transmitted too."""
    period = Period.objects.get(programme=_programme(), code=code)
    report = output_reports.generate_output_report(programme=_programme(), period=period, by=None)
    if code == world.CLOSED_PERIODS[0]:
        output_reports.transmit(report=report, by=_coordinator(), at=timezone.now(), with_gaps=True)


def _late_report(code: str) -> None:
    """Validate one report after its period was transmitted: its figures enter the next one as late."""
    report = (
        ActivityReport.objects.filter(period__programme__slug=world.PROGRAMME, period__code=code, state="submitted")
        .with_parts()
        .order_by("pk")
        .first()
    )
    if report is not None:
        activity_reports.validate(report=report, by=_coordinator(), at=timezone.now())


def _quiet_notifications() -> None:
    """Nothing of the building is mailed; each person keeps the last few notifications to read."""
    Message.objects.filter(mail_state=MailState.PENDING).update(mail_state=MailState.NOT_WANTED)
    for user in User.objects.filter(portal_messages__read_at__isnull=True).distinct().order_by("pk"):
        newest = Message.objects.filter(recipient=user).order_by("-pk").values_list("pk", flat=True)[:3]
        Message.objects.filter(recipient=user).exclude(pk__in=list(newest)).update(read_at=timezone.now())
