# SPDX-License-Identifier: EUPL-1.2
"""Reads over enrolments and registers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from actions.enums import MeetingState
from actions.models import Activity, Meeting, Period
from actions.selectors.activities import ActivityPanel
from beneficiaries.enums import AttendanceState, WithdrawalReason
from beneficiaries.models import Attendance, Beneficiary, Enrolment, InterventionPerson
from beneficiaries.permissions import can_view_register
from beneficiaries.selectors.counting import MEANT, group_of, why_enrolment_not_counted, with_earning_types
from fami_portal.core.components import Link


def enrolments_for(user: Any, beneficiary: Beneficiary) -> QuerySet[Enrolment]:
    """Return the enrolments of a recipient in activities that the person may see, with what was attended."""
    return (
        with_attendance(beneficiary.enrolments.filter(activity__in=Activity.objects.visible_to(user).values("pk")))
        .select_related(
            "activity", "activity__activity_type", "activity__organisation", "activity__network", "target_group"
        )
        .order_by("-enrolled_on", "-pk")
    )


def with_attendance(enrolments: QuerySet[Enrolment]) -> QuerySet[Enrolment]:
    """Annotate enrolments with `times_present` and `minutes_present`: at meetings, and at interventions of supports."""
    present = Q(attendances__state=AttendanceState.PRESENT)
    served = InterventionPerson.objects.filter(enrolment=OuterRef("pk")).order_by().values("enrolment")
    times = Subquery(served.annotate(number=Count("pk")).values("number"), output_field=IntegerField())
    minutes = Subquery(served.annotate(total=Sum("intervention__minutes")).values("total"), output_field=IntegerField())
    return enrolments.annotate(
        times_present=Count("attendances", filter=present) + Coalesce(times, 0),
        minutes_present=Sum("attendances__minutes", default=0) + Coalesce(minutes, 0),
    )


def enrolments_of(activity: Activity) -> QuerySet[Enrolment]:
    """Return the enrolments of an activity by own code, with what was attended; those by mistake are left out."""
    return _all_enrolments_of(activity).filter(MEANT)


def _all_enrolments_of(activity: Activity) -> QuerySet[Enrolment]:
    return (
        with_attendance(activity.enrolments.all())
        .select_related(
            "target_group",
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
    closed: Mapping[int, str] = field(default_factory=dict)
    # Those who were enrolled by mistake: they have no row.
    mistaken: Sequence[Enrolment] = ()

    def closed_on(self, meeting: Meeting) -> str:
        """Return the code of the closed period in which a meeting lies, or an empty text."""
        return self.closed.get(meeting.pk, "")


def register_meetings(activity: Activity) -> QuerySet[Meeting]:
    """Return the meetings that have a column in the register, with `closed_in`: the code of their closed period."""
    closed = Period.objects.filter(
        programme=activity.programme_id,
        closures__network=activity.network_id,
        closures__organisation=activity.organisation_id,
        starts_on__lte=OuterRef("held_on"),
        ends_on__gte=OuterRef("held_on"),
    ).order_by("starts_on")
    return (
        activity.meetings.exclude(state=MeetingState.CANCELLED)
        .annotate(closed_in=Coalesce(Subquery(closed.values("code")[:1]), Value("")))
        .order_by("held_on", "starts_at", "pk")
    )


def register_of(activity: Activity, meetings: Iterable[Meeting]) -> Register:
    """Return the register over some meetings, as `register_meetings` gives them, in two queries whatever its size."""
    columns = list(meetings)
    everybody = list(with_earning_types(_all_enrolments_of(activity)))
    mistaken = [enrolment for enrolment in everybody if enrolment.withdrawal_code == WithdrawalReason.MISTAKE]
    enrolments = [enrolment for enrolment in everybody if enrolment.withdrawal_code != WithdrawalReason.MISTAKE]
    kept = {
        (attendance.meeting_id, attendance.enrolment_id): attendance
        for attendance in Attendance.objects.filter(meeting__in=columns).order_by("pk")
    }
    earning = {group_of(enrolment).pk: set(enrolment.earning) for enrolment in enrolments}  # type: ignore[attr-defined]
    rows = [
        RegisterRow(
            enrolment,
            [_cell(meeting, enrolment, kept.get((meeting.pk, enrolment.pk))) for meeting in columns],
            why_enrolment_not_counted(enrolment, earning),
        )
        for enrolment in enrolments
    ]
    closed = {meeting.pk: meeting.closed_in for meeting in columns}  # type: ignore[attr-defined]
    return Register(activity, columns, rows, closed, mistaken)


def _cell(meeting: Meeting, enrolment: Enrolment, kept: Attendance | None) -> RegisterCell:
    return RegisterCell(
        meeting=meeting,
        enrolment=enrolment,
        state=kept.state if kept else "",
        minutes=kept.minutes if kept and kept.state == AttendanceState.PRESENT else None,
        mark=mark_of(kept),
        outside=not is_enrolled_on(enrolment, meeting.held_on),
    )


def marks_at(places: Iterable[tuple[int, int]]) -> dict[tuple[int, int], tuple[str, str, int, int]]:
    """Return what some cells hold, by meeting and enrolment: mark, state, minutes, minutes of the meeting. One query."""
    wanted = set(places)
    found = (
        Attendance.objects.filter(
            meeting__in={meeting for meeting, _enrolment in wanted},
            enrolment__in={enrolment for _meeting, enrolment in wanted},
        )
        .select_related("meeting")
        .order_by("pk")
    )
    return {
        (one.meeting_id, one.enrolment_id): (mark_of(one), one.state, one.minutes, one.meeting.minutes)
        for one in found
        if (one.meeting_id, one.enrolment_id) in wanted
    }


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
    enrolled = activity.enrolments.filter(MEANT).aggregate(
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
    # Whoever is followed one by one has a register only where meetings of several were held too.
    if activity.has_supports and not activity.meetings.exists():
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
