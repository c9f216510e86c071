# SPDX-License-Identifier: EUPL-1.2
"""Reads over recipients and registers, and the rule that says who counts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from actions.enums import Citizenship, MeetingState, TargetGroupKind
from actions.models import Activity, Meeting, Period, TargetGroup
from actions.selectors.activities import ActivityPanel, closed_period_on, closed_periods_of
from beneficiaries.enums import COUNTING_ELIGIBILITY, AttendanceState, Eligibility
from beneficiaries.models import Attendance, Beneficiary, Enrolment
from beneficiaries.permissions import can_view_register
from fami_portal.core.components import Link
from partners.models import Country

# --- who counts -------------------------------------------------------------------------------------------------------


def age_on(birth_date: date, day: date) -> int:
    """Return the completed years on a day; the reference day is the start of the support (design 6)."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def group_conditions(group: TargetGroup, *, birth_date: date, third_country: bool, on: date) -> list[Any]:
    """Return which conditions of a group a person does not meet, as sentences; none when it belongs there."""
    reasons: list[Any] = []
    age = age_on(birth_date, on)
    if (group.minimum_age is not None and age < group.minimum_age) or (
        group.maximum_age is not None and age > group.maximum_age
    ):
        reasons.append(_("the age (%(age)s) is outside the group") % {"age": age})
    if group.citizenship == Citizenship.THIRD_COUNTRY and not third_country:
        reasons.append(_("the citizenship is not of a third country"))
    return reasons


def why_not_counted(
    beneficiary: Beneficiary, *, on: date, activity_type_id: int | None = None, earning: Iterable[int] | None = None
) -> list[Any]:
    """Return why a recipient does not count for its group, as sentences; none when it counts.

    `earning` are the activity types that earn the group (empty: all do). Reads group and citizenship, which the caller
    loads. A recipient that does not count is served all the same.
    """
    group = beneficiary.target_group
    reasons = group_conditions(
        group, birth_date=beneficiary.birth_date, third_country=beneficiary.citizenship.is_third_country, on=on
    )
    if beneficiary.eligibility == Eligibility.UNVERIFIED:
        reasons.append(_("the eligibility has not been declared yet"))
    elif beneficiary.eligibility not in COUNTING_ELIGIBILITY:
        reasons.append(_("it is not eligible"))
    types = set(earning or ())
    if activity_type_id is not None and types and activity_type_id not in types:
        reasons.append(_("activities of this type do not count for its group"))
    return reasons


def earning_types(groups: Iterable[int]) -> Mapping[int, set[int]]:
    """Return, for target groups, the activity types that earn them. One query."""
    found: dict[int, set[int]] = {}
    through = TargetGroup.earned_by.through
    for group, kind in (
        through.objects.filter(targetgroup__in=set(groups)).order_by().values_list("targetgroup_id", "activitytype_id")
    ):
        found.setdefault(group, set()).add(kind)
    return found


def may_be_in_both(first: TargetGroup, second: TargetGroup) -> bool:
    """Whether the definition of the programme lets a person be in both groups."""
    return first.pk == second.pk or second.code in first.may_overlap or first.code in second.may_overlap


def groups_of_persons(programme_id: int) -> QuerySet[TargetGroup]:
    """Return the groups in which a person can be registered, in the order of the definition."""
    return TargetGroup.objects.filter(
        programme=programme_id, kind__in=[TargetGroupKind.PERSONS, TargetGroupKind.OPERATORS]
    ).order_by("position", "pk")


# --- recipients -------------------------------------------------------------------------------------------------------


def beneficiaries_for(user: Any) -> QuerySet[Beneficiary]:
    """Return the recipients that the person may see, the newest first, with `activities` (in how many enrolled)."""
    return (
        Beneficiary.objects.visible_to(user)
        .unmerged()
        .select_related("target_group", "citizenship", "registered_by", "programme")
        .annotate(activities=Count("enrolments", distinct=True))
        .order_by("-created_at", "-pk")
    )


def enrolments_for(user: Any, beneficiary: Beneficiary) -> QuerySet[Enrolment]:
    """Return the enrolments of a recipient in activities that the person may see, with what was attended."""
    return (
        with_attendance(beneficiary.enrolments.filter(activity__in=Activity.objects.visible_to(user).values("pk")))
        .select_related("activity", "activity__activity_type", "activity__organisation", "activity__network")
        .order_by("-enrolled_on", "-pk")
    )


def find_beneficiary(*, programme_id: int, code: str, bodies: Iterable[Any]) -> Beneficiary | None:
    """Return the recipient with this pseudonym in the programme, or with this own code in one of the bodies.

    The pseudonym cannot be guessed: whoever holds it received it from the body that registered the person.
    """
    code = " ".join(code.split())
    found = (
        Beneficiary.objects.unmerged()
        .filter(programme=programme_id)
        .filter(
            Q(pseudonym=normal_pseudonym(code))
            | Q(local_code__iexact=code, registered_by__in=[body.pk for body in bodies])
        )
        .select_related("target_group", "citizenship", "registered_by")
        .order_by("pk")
    )
    return found.first()


def normal_pseudonym(text: str) -> str:
    """Return a typed pseudonym as it is kept: capitals, one dash, however it was typed."""
    plain = "".join(c for c in text.upper() if c.isalnum())
    return f"{plain[:4]}-{plain[4:]}"


# --- registers --------------------------------------------------------------------------------------------------------


def with_attendance(enrolments: QuerySet[Enrolment]) -> QuerySet[Enrolment]:
    """Annotate enrolments with `times_present` and `minutes_present`."""
    present = Q(attendances__state=AttendanceState.PRESENT)
    return enrolments.annotate(
        times_present=Count("attendances", filter=present), minutes_present=Sum("attendances__minutes", default=0)
    )


def enrolments_of(activity: Activity) -> QuerySet[Enrolment]:
    """Return the enrolments of an activity by own code, with what was attended."""
    return (
        with_attendance(activity.enrolments.all())
        .select_related(
            "beneficiary",
            "beneficiary__target_group",
            "beneficiary__citizenship",
            "beneficiary__registered_by",
        )
        .order_by("beneficiary__local_code", "beneficiary__pseudonym", "pk")
    )


def mark_of(attendance: Attendance | None) -> str:
    """Return what a cell holds, as the pages send it back to be compared: "", "absent", "present:90"."""
    if attendance is None:
        return ""
    minutes = f":{attendance.minutes}" if attendance.state == AttendanceState.PRESENT else ""
    return f"{attendance.state}{minutes}"


@dataclass(frozen=True)
class RegisterCell:
    """One cell: what it holds now, and why it cannot be written, if so."""

    meeting: Meeting
    enrolment: Enrolment
    state: str
    minutes: int | None
    mark: str
    outside: bool


@dataclass(frozen=True)
class RegisterRow:
    """One enrolled recipient with its cells, in the order of the meetings."""

    enrolment: Enrolment
    cells: Sequence[RegisterCell]
    not_counted: Sequence[Any]


@dataclass(frozen=True)
class Register:
    """The register of an activity over some of its meetings."""

    activity: Activity
    meetings: Sequence[Meeting]
    rows: Sequence[RegisterRow]
    closed: Sequence[Period] = field(default_factory=list)

    def closed_on(self, meeting: Meeting) -> Period | None:
        """Return the closed period in which a meeting lies."""
        return closed_period_on(self.closed, meeting.held_on)


def register_meetings(activity: Activity) -> QuerySet[Meeting]:
    """Return the meetings that have a column in the register."""
    return activity.meetings.exclude(state=MeetingState.CANCELLED).order_by("held_on", "starts_at", "pk")


def register_of(activity: Activity, meetings: Iterable[Meeting]) -> Register:
    """Return the register over some meetings, in four queries whatever its size."""
    columns = list(meetings)
    enrolments = list(enrolments_of(activity))
    kept = {
        (attendance.meeting_id, attendance.enrolment_id): attendance
        for attendance in Attendance.objects.filter(meeting__in=columns).order_by("pk")
    }
    earning = earning_types(enrolment.beneficiary.target_group_id for enrolment in enrolments)
    rows = [
        RegisterRow(
            enrolment,
            [_cell(meeting, enrolment, kept.get((meeting.pk, enrolment.pk))) for meeting in columns],
            why_not_counted(
                enrolment.beneficiary,
                on=enrolment.enrolled_on,
                activity_type_id=activity.activity_type_id,
                earning=earning.get(enrolment.beneficiary.target_group_id),
            ),
        )
        for enrolment in enrolments
    ]
    return Register(activity, columns, rows, closed_periods_of(activity))


def _cell(meeting: Meeting, enrolment: Enrolment, kept: Attendance | None) -> RegisterCell:
    return RegisterCell(
        meeting=meeting,
        enrolment=enrolment,
        state=kept.state if kept else "",
        minutes=kept.minutes if kept and kept.state == AttendanceState.PRESENT else None,
        mark=mark_of(kept),
        outside=not is_enrolled_on(enrolment, meeting.held_on),
    )


def cell_of(meeting: Meeting, enrolment: Enrolment) -> RegisterCell:
    """Return one cell as it is now. One query."""
    kept = Attendance.objects.filter(meeting=meeting, enrolment=enrolment).order_by("pk").first()
    return _cell(meeting, enrolment, kept)


def is_enrolled_on(enrolment: Enrolment, day: date) -> bool:
    """Whether the enrolment holds on a day."""
    return enrolment.enrolled_on <= day and (enrolment.withdrawn_on is None or day <= enrolment.withdrawn_on)


@dataclass(frozen=True)
class RegisterSummary:
    """The figures of a register."""

    enrolled: int
    withdrawn: int
    attended: int
    presences: int
    minutes: int


def register_summary(activity: Activity) -> RegisterSummary:
    """Return how many are enrolled and how much was attended. Two queries."""
    enrolled = activity.enrolments.aggregate(
        number=Count("pk"), withdrawn=Count("pk", filter=Q(withdrawn_on__isnull=False))
    )
    present = Attendance.objects.filter(enrolment__activity=activity, state=AttendanceState.PRESENT).aggregate(
        attended=Count("enrolment", distinct=True), presences=Count("pk"), minutes=Sum("minutes", default=0)
    )
    return RegisterSummary(
        enrolled["number"], enrolled["withdrawn"], present["attended"], present["presences"], present["minutes"]
    )


def register_panel(user: Any, activity: Activity) -> ActivityPanel | None:
    """Return what the page of an activity shows of its register, to those who may read it."""
    if not activity.has_register or not can_view_register(user, activity):
        return None
    summary = register_summary(activity)
    return ActivityPanel(
        title=_("Register"),
        rows=[
            (_("Enrolled"), summary.enrolled),
            (_("Withdrawn"), summary.withdrawn),
            (_("Present at least once"), summary.attended),
            (_("Presences recorded"), summary.presences),
        ],
        link=Link(_("Open the register"), reverse("beneficiaries:register", args=[activity.uuid])),
    )


def countries() -> QuerySet[Country]:
    """Return the countries of the official list, by name."""
    return Country.objects.order_by("name", "pk")
