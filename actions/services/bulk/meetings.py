# SPDX-License-Identifier: EUPL-1.2
"""Meetings, many at a time: new ones of each activity together, corrections by the service of the single act."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from actions.enums import MeetingState
from actions.models import Activity, Meeting
from actions.selectors.activities import MEETING_KINDS
from actions.services.bulk.works import Works, check, check_day, check_open, find_activity
from actions.services.meetings import MAX_SERIES, NewMeeting, add_meetings, check_times, update_meeting
from fami_portal.core.enums import RowEffect
from fami_portal.core.imports import Line, sound, where_read
from fami_portal.core.services import acting, gathering_events

FACTS = ("ends_at", "minutes", "topic", "place")
# By what a meeting of an activity is known.
PLACE = ("held_on", "starts_at")


def plan_meetings(*, works: Works, lines: Sequence[Line]) -> None:
    """Say of each row what it does. `values` are those of `actions.resources.MeetingResource`. One query."""
    found: dict[int, Activity] = {}
    for line in lines:
        activity = where_read(find_activity, works.activities, line)
        where_read(_check_times, line)
        if activity is not None:
            found[line.number] = activity
            if activity.activity_type.kind not in MEETING_KINDS:
                line.refuse("activity", _("This activity has contents or products, not meetings."))
            if line.read(*PLACE):
                works.once(line, (activity.pk, *(line.values[name] for name in PLACE)))
    days = {line.values["held_on"] for line in lines if line.read("held_on")}
    meetings = Meeting.objects.exclude(state=MeetingState.CANCELLED).filter(
        activity__in={one.pk for one in found.values()}, held_on__in=days
    )
    kept: dict[Any, Meeting] = {(one.activity_id, one.held_on, one.starts_at): one for one in meetings.order_by("pk")}
    for line in lines:
        activity = found.get(line.number)
        if activity is not None and line.read("held_on"):
            start = line.values.get("starts_at")
            _compare(works, line, activity, kept.get((activity.pk, line.values["held_on"], start)))


def _check_times(line: Line) -> None:
    values = line.values
    given = (values["starts_at"], values["ends_at"], values["minutes"])
    check(line, lambda: values.update(minutes=check_times(*given)))


def _compare(works: Works, line: Line, activity: Activity, meeting: Meeting | None) -> None:
    values = line.values
    if meeting is None:
        line.kept, line.effect = activity, RowEffect.NEW
    elif line.problems:
        return
    else:
        meeting.activity = activity
        line.kept = meeting
        line.compare(
            (name, getattr(meeting, name), getattr(meeting, name) if values[name] == "" else values[name])
            for name in FACTS
        )
    if line.effect != RowEffect.SAME:
        check_open(line, activity)
        check_day(works, line, activity, "held_on")


def write_meetings(*, lines: Sequence[Line], by: Any) -> None:
    """Write planned rows; inside the transaction of the import. Constant queries for each activity with new meetings."""
    new: dict[int, tuple[Activity, list[NewMeeting]]] = {}
    with acting(by), gathering_events():
        for line in sound(lines):
            values = line.values
            if line.effect == RowEffect.NEW:
                meeting = NewMeeting(*(values[name] for name in ("held_on", "starts_at", *FACTS)))
                new.setdefault(line.kept.pk, (line.kept, []))[1].append(meeting)
            elif line.effect == RowEffect.CHANGED:
                kept = line.kept
                update_meeting(
                    meeting=kept,
                    version=kept.version,
                    held_on=kept.held_on,
                    starts_at=kept.starts_at,
                    ends_at=values["ends_at"],
                    minutes=values["minutes"],
                    topic=values["topic"] or kept.topic,
                    place=values["place"] or kept.place,
                    head_count=kept.head_count,
                    by=by,
                )
        for _pk, (activity, wanted) in sorted(new.items()):
            for start in range(0, len(wanted), MAX_SERIES):
                add_meetings(activity=activity, meetings=wanted[start : start + MAX_SERIES], by=by)
