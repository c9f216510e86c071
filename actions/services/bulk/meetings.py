# SPDX-License-Identifier: EUPL-1.2
"""Meetings, many at a time: new ones of each activity together, corrections all together."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from actions.enums import MeetingState
from actions.models import Activity, Meeting
from actions.selectors.activities import MEETING_KINDS, check_days_open
from actions.services.activities import check_can_write
from actions.services.bulk.works import Works, check, check_day, check_open, find_activity
from actions.services.meetings import MAX_SERIES, NewMeeting, add_meetings, check_times
from actions.services.teaching import teacher_refusals
from actions.signals import lengths_changing
from actions.workflow import closed_period_refusals
from fami_portal.core.enums import RowEffect
from fami_portal.core.errors import DomainError, StaleError
from fami_portal.core.imports import Line, sound, where_read
from fami_portal.core.services import acting, gathering_events, record_events

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
    _foresee_lengths(lines)


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


def _lengths(lines: Sequence[Line]) -> dict[int, tuple[int, int]]:
    """Return the minutes, now and wanted, of the meetings that last otherwise."""
    longer = [line for line in lines if line.effect == RowEffect.CHANGED and "minutes" in line.changes]
    return {line.kept.pk: (line.kept.minutes, line.values["minutes"]) for line in longer}


def _change_lengths(lines: Sequence[Line], *, foresee: bool) -> dict[int, Any]:
    """Let the registers follow the meetings that last otherwise; return what stands against it, by id of the meeting."""
    minutes = _lengths(lines)
    told: list[tuple[Any, Any]] = lengths_changing.send(Meeting, minutes=minutes, foresee=foresee) if minutes else []
    return {pk: sentence for _receiver, problems in told for pk, sentence in problems.items()}


def _foresee_lengths(lines: Sequence[Line]) -> None:
    """Refuse rows that shorten a meeting in which somebody was longer. Two queries for all."""
    problems = _change_lengths(sound(lines), foresee=True)
    for line in sound(lines):
        if line.effect == RowEffect.CHANGED and line.kept.pk in problems:
            line.refuse("minutes", problems[line.kept.pk])


def write_meetings(*, lines: Sequence[Line], by: Any) -> None:
    """Write planned rows; inside the transaction of the import. Constant queries for each activity with new meetings."""
    new: dict[int, tuple[Activity, list[NewMeeting]]] = {}
    with closed_period_refusals(), teacher_refusals("starts_at"), acting(by), gathering_events():
        for line in sound(lines):
            if line.effect == RowEffect.NEW:
                meeting = NewMeeting(*(line.values[name] for name in (*PLACE, *FACTS)))
                new.setdefault(line.kept.pk, (line.kept, []))[1].append(meeting)
        _correct([line for line in sound(lines) if line.effect == RowEffect.CHANGED], by)
        for _pk, (activity, wanted) in sorted(new.items()):
            for start in range(0, len(wanted), MAX_SERIES):
                add_meetings(activity=activity, meetings=wanted[start : start + MAX_SERIES], by=by)


def _correct(lines: Sequence[Line], by: Any) -> None:
    """Write corrections of meetings that keep their day and hour, with the checks of the single one.

    Constant queries, and one for each activity. The activities are locked before their meetings, as everywhere.
    """
    kept: dict[int, Meeting] = {line.kept.pk: line.kept for line in lines}
    if not kept:
        return
    activities = Activity.objects.select_for_update(of=("self",), no_key=True).with_type()
    locked = activities.filter(pk__in={one.activity_id for one in kept.values()}).order_by("pk")
    for activity in locked:
        check_can_write(by, activity)
        check_days_open(
            activity, [one.held_on for one in kept.values() if one.activity_id == activity.pk], field="held_on"
        )
    for row in Meeting.objects.select_for_update(of=("self",)).filter(pk__in=kept).order_by("pk"):
        if (row.version, row.state) != (kept[row.pk].version, kept[row.pk].state):
            raise StaleError
    for sentence in _change_lengths(lines, foresee=False).values():
        raise DomainError(sentence, field="minutes")
    for line in lines:
        for name in FACTS:
            if line.values[name] != "":
                setattr(line.kept, name, line.values[name])
        line.kept.version += 1
    Meeting.objects.bulk_update(kept.values(), [*FACTS, "version"], batch_size=500)
    record_events(by=by, verb="meeting_updated", targets=list(kept.values()))
