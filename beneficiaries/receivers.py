# SPDX-License-Identifier: EUPL-1.2
"""What the registers answer when something that they rest on is about to change (see `actions.signals`)."""

from typing import Any

from django.db.models import Max, Min, Q
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from actions.enums import ActivityState, MeetingState
from actions.models import Activity, Meeting
from actions.signals import activity_changing, lengths_changing, meeting_changing
from beneficiaries.enums import AttendanceState
from beneficiaries.models import Attendance, DeskContact, Enrolment, Intervention, Support
from fami_portal.core.errors import DomainError


@receiver(activity_changing, dispatch_uid="beneficiaries.activity_changing")
def check_enrolments(sender: Any, activity: Activity, changes: dict[str, Any], **_kwargs: Any) -> None:
    """Refuse dates of an activity that would leave an enrolment or a withdrawal outside."""
    if "starts_on" not in changes:
        if changes.get("state") == ActivityState.CANCELLED:
            _check_nothing_done(activity)
        return
    _check_work_inside(activity, changes)
    days = Enrolment.objects.filter(activity=activity).aggregate(
        first=Min("enrolled_on"), last=Max("enrolled_on"), withdrawn=Max("withdrawn_on")
    )
    if days["first"] is not None and days["first"] < changes["starts_on"]:
        raise DomainError(
            _("A recipient was enrolled on %(day)s: start the activity on that day or before.")
            % {"day": f"{days['first']:%d/%m/%Y}"},
            field="starts_on",
        )
    last = max((day for day in (days["last"], days["withdrawn"]) if day is not None), default=None)
    if last is not None and last > changes["ends_on"]:
        raise DomainError(
            _("The register has something on %(day)s: end the activity on that day or after.")
            % {"day": f"{last:%d/%m/%Y}"},
            field="ends_on",
        )


def _check_nothing_done(activity: Activity) -> None:
    """Refuse to give up an activity in which somebody is followed, or came."""
    if Support.objects.filter(activity=activity).exists() or DeskContact.objects.filter(activity=activity).exists():
        raise DomainError(_("Something has already been done in this activity: conclude it instead."))


def _check_work_inside(activity: Activity, changes: dict[str, Any]) -> None:
    """Refuse dates that would leave an intervention or a contact outside."""
    bounds = [
        Intervention.objects.filter(support__activity=activity).aggregate(first=Min("held_on"), last=Max("held_on")),
        DeskContact.objects.filter(activity=activity).aggregate(first=Min("held_on"), last=Max("held_on")),
    ]
    firsts = [one["first"] for one in bounds if one["first"] is not None]
    lasts = [one["last"] for one in bounds if one["last"] is not None]
    if firsts and min(firsts) < changes["starts_on"]:
        raise DomainError(
            _("The activity has something on %(day)s already: start it on that day or before.")
            % {"day": f"{min(firsts):%d/%m/%Y}"},
            field="starts_on",
        )
    if lasts and max(lasts) > changes["ends_on"]:
        raise DomainError(
            _("The activity has something on %(day)s: end it on that day or after.")
            % {"day": f"{max(lasts):%d/%m/%Y}"},
            field="ends_on",
        )


@receiver(meeting_changing, dispatch_uid="beneficiaries.meeting_changing")
def check_attendance(sender: Any, meeting: Meeting, changes: dict[str, Any], **_kwargs: Any) -> None:
    """Refuse a change of a meeting that its register contradicts; presences of the whole meeting follow its length."""
    cells = Attendance.objects.filter(meeting=meeting)
    wanted = changes.get("minutes", meeting.minutes)
    if changes.get("state") == MeetingState.CANCELLED:
        if cells.exists():
            raise DomainError(_("The register of this meeting is written: clear it before cancelling the meeting."))
        return
    if wanted != meeting.minutes:
        problems = follow_lengths(sender, {meeting.pk: (meeting.minutes, wanted)})
        if problems:
            raise DomainError(problems[meeting.pk], field="minutes")
    day = changes.get("held_on", meeting.held_on)
    outside = Q(enrolment__enrolled_on__gt=day) | Q(enrolment__withdrawn_on__lt=day)
    if day != meeting.held_on and cells.filter(outside).exists():
        raise DomainError(
            _("Somebody in the register of this meeting was not enrolled on the new day."), field="held_on"
        )


@receiver(lengths_changing, dispatch_uid="beneficiaries.lengths_changing")
def follow_lengths(
    sender: Any, minutes: dict[int, tuple[int, int]], foresee: bool = False, **_kwargs: Any
) -> dict[int, Any]:
    """Let presences of the whole meeting last as long as it does; say where somebody's own minutes are more.

    One query, and one more for each pair of lengths.
    """
    present = Attendance.objects.filter(state=AttendanceState.PRESENT)
    own = present.filter(meeting__in=minutes).order_by("minutes").values_list("meeting", "minutes").distinct()
    problems = {
        meeting: _("The register has a presence of %(longest)s minutes: correct it first.") % {"longest": longest}
        for meeting, longest in own
        if longest != minutes[meeting][0] and longest > minutes[meeting][1]
    }
    if not foresee and not problems:
        pairs: dict[tuple[int, int], list[int]] = {}
        for meeting, pair in minutes.items():
            pairs.setdefault(pair, []).append(meeting)
        for (now, wanted), ids in pairs.items():
            present.filter(meeting__in=ids, minutes=now).update(minutes=wanted)
    return problems
