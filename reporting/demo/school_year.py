# SPDX-License-Identifier: EUPL-1.2
"""The activities of the school year, with their meetings, registers, products and contents."""

import random
from collections.abc import Iterable
from datetime import date, timedelta

from actions.models import Activity, ActivityType, Meeting, MeetingTeacher, ReachChannel, TargetGroup
from actions.services import activities, campaigns, deliverables, meetings
from actions.services.teaching import NewTeacher, assign_teacher, substitute_teacher
from beneficiaries.enums import AttendanceState, Eligibility
from beneficiaries.models import Enrolment
from beneficiaries.services.enrolments import NewEnrolment, enrol_many
from beneficiaries.services.recipients import NewBeneficiary, register_beneficiaries
from beneficiaries.services.registers import Cell, record_attendance
from partners.models import Country, Network, Organisation
from reporting.demo import plan_values as plan
from reporting.demo import world
from reporting.demo.bodies import programme, town_named
from reporting.demo.identities import name_and_check
from reporting.demo.plan import activities as planned_activities

# Teachers, invented: each lab has two of its own, so that nobody is in two places.
GIVEN = ("Anna", "Marco", "Lucia", "Paolo", "Elena", "Davide", "Sara", "Luca", "Giulia", "Andrea", "Chiara", "Matteo")
FAMILY = ("Ferrero", "Gallo", "Bruno", "Costa", "Giordano", "Rizzo", "Barbieri", "Fontana", "Moretti", "Conti", "Serra")


def school_year(network_code: str) -> None:
    """Let the year of a network happen, as far as its bodies have recorded it."""
    for activity_plan in planned_activities():
        if activity_plan.network == network_code:
            _activity(activity_plan)


def _activity(what: plan.ActivityPlan) -> None:
    region = programme()
    body = Organisation.objects.get(name=what.body)
    activity = activities.create_activity(
        activity_type=ActivityType.objects.get(programme=region, code=what.role),
        network=Network.objects.get(code=what.network),
        organisation=body,
        title=what.title,
        starts_on=what.starts_on,
        ends_on=what.ends_on,
        venue=Organisation.objects.get(name=what.venue) if what.venue else None,
        municipality=town_named(what.town) if what.town else None,
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
        channel = ReachChannel.objects.get(programme=region, code=campaign_plan.channel)
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
    held = {row.pk: meeting.head_count for row, meeting in recorded if not meeting.bodies}
    if held:
        meetings.hold_past_meetings(activity_id=activity.pk, head_counts=held, by=None)
    for row, meeting in recorded:
        if meeting.bodies:
            present = Organisation.objects.filter(name__in=meeting.bodies).order_by("pk")
            meetings.record_bodies_present(
                meeting=row, bodies=[meetings.BodyPresent(body.pk, 2 + body.pk % 5) for body in present], by=None
            )


def _registering(activity: Activity) -> Organisation:
    """The body that carries out the activity, but for the one school that registers its own pupils."""
    host = activity.venue
    return host if host is not None and host.name == world.SHARING_SCHOOL else activity.organisation


def _register_of(activity: Activity, what: plan.ActivityPlan, held: list[Meeting]) -> None:
    """Register the people, enrol them on the day they join, and fill the register."""
    draw = random.Random(f"{plan.SEED} {what.title}")  # noqa: S311  demonstration data, not a secret
    programme = activity.programme
    groups = {group.code: group for group in TargetGroup.objects.filter(programme=programme)}
    countries = {country.code: country for country in Country.objects.filter(code__in={*plan.CITIZENSHIPS, "IT"})}
    people = register_beneficiaries(
        programme=programme,
        registered_by=_registering(activity),
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
    name_and_check(activity, people)
    _teachers(activity, held)
    cells = list(_cells(enrolments, held, draw, often=0.3 if what.role == "ABITARE" else 1.0))
    if cells:
        record_attendance(activity=activity, cells=cells, by=None)
    # A meeting that nobody of the plan attended was still held.
    marked = {cell.meeting_id for cell in cells}
    for meeting in held:
        if meeting.pk not in marked:
            meetings.cancel_meeting(meeting=meeting, reason="Nessuno degli iscritti era presente.", by=None)


def _teachers(activity: Activity, held: list[Meeting]) -> None:
    """Plan a teacher of its own for each lab; once somebody else came."""
    if len(held) < 2:
        return
    first, second = (
        NewTeacher(activity.organisation_id, GIVEN[number % len(GIVEN)], FAMILY[number // len(GIVEN) % len(FAMILY)])
        for number in (activity.pk * 2, activity.pk * 2 + 1)
    )
    assign_teacher(activity=activity, teacher=first, meetings=held, by=None)
    planned = MeetingTeacher.objects.select_related("meeting").get(meeting=held[1])
    substitute_teacher(planned=planned, teacher=second, by=None)


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
