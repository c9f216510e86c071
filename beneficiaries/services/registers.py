# SPDX-License-Identifier: EUPL-1.2
"""The register: who was present at which meeting, and for how long (domain reference, section 7)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from actions.enums import MeetingState
from actions.models import Activity, Meeting
from actions.selectors.activities import closed_period_on, closed_periods_of
from actions.services.activities import check_can_write, lock_activity
from actions.services.meetings import hold_meetings
from actions.workflow import ClosedPeriodError, closed_period_refusals
from beneficiaries.enums import AttendanceState
from beneficiaries.models import Attendance, Enrolment
from beneficiaries.selectors import is_enrolled_on, mark_of
from beneficiaries.selectors.register_conflicts import LastWriter, last_writers
from fami_portal.core.errors import DomainError
from fami_portal.core.services import acting, record_event

Place = tuple[int, int]


@dataclass(frozen=True)
class Cell:
    """What to write in one cell.

    `state` empty clears it; without `minutes` a presence lasts as long as the meeting. `was` is what the page showed
    (`selectors.mark_of`); None does not compare.
    """

    meeting_id: int
    enrolment_id: int
    state: str
    minutes: int | None = None
    was: str | None = None

    @property
    def place(self) -> Place:
        return self.meeting_id, self.enrolment_id


@dataclass(frozen=True)
class Recorded:
    """How many cells were written, how many held the same already, and what kept others from being written."""

    written: int
    unchanged: int
    problems: Mapping[Place, Any] = field(default_factory=dict)
    stale: frozenset[Place] = frozenset()


class AttendanceRefused(DomainError):
    """Some cells cannot be written, so none was. `problems` has the sentence of each; `stale` those that changed."""

    def __init__(self, problems: Mapping[Place, Any], stale: Iterable[Place]) -> None:
        self.problems = dict(problems)
        self.stale = frozenset(stale)
        first = next(iter(self.problems.values()))
        super().__init__(
            first
            if len(self.problems) == 1
            else _("Nothing was saved: %(number)s cells of the register must be corrected.")
            % {"number": len(self.problems)}
        )


def record_attendance(*, activity: Activity, cells: Iterable[Cell], by: Any, partly: bool = False) -> Recorded:
    """Write cells of the register of an activity, all or none, in a constant number of queries.

    With `partly` the cells that can be written are, and the answer holds the sentence of each other one: so a row is
    saved while it is typed. Writing the same again changes nothing. A scheduled meeting whose register is written is
    recorded as held. Raises `NotPermitted`, `AttendanceRefused` with the sentence of each cell, `ClosedPeriodError`.
    """
    wanted = {cell.place: cell for cell in cells}
    with closed_period_refusals(), acting(by):
        locked = lock_activity(activity.pk)
        check_can_write(by, locked)
        _check_register(locked)
        writing = _Writing(locked, wanted, lock=True)
        problems, stale = writing.problems()
        if problems and not partly:
            raise AttendanceRefused(problems, stale)
        changed = [cell for cell in writing.changed() if cell.place not in problems]
        if changed:
            touched = {cell.meeting_id for cell in changed if cell.state}
            hold_meetings(activity=locked, meetings=[writing.meetings[pk] for pk in sorted(touched)], by=by)
            writing.write(changed)
            record_event(
                by=by,
                verb="attendance_recorded",
                target=locked,
                data={"meetings": sorted({cell.meeting_id for cell in changed}), "cells": len(changed)},
            )
    return Recorded(len(changed), len(wanted) - len(changed) - len(problems), problems, frozenset(stale))


def foresee_attendance(*, activity: Activity, cells: Iterable[Cell]) -> Recorded:
    """Return what `record_attendance` would do with these cells now, and write nothing.

    Reads the activity with its type. Raises `DomainError` where the activity has no register.
    """
    _check_register(activity)
    wanted = {cell.place: cell for cell in cells}
    writing = _Writing(activity, wanted, lock=False)
    problems, stale = writing.problems()
    changed = [cell for cell in writing.changed() if cell.place not in problems]
    return Recorded(len(changed), len(wanted) - len(changed) - len(problems), problems, frozenset(stale))


def _check_register(activity: Activity) -> None:
    if not activity.has_register:
        raise DomainError(_("This activity has no register of recipients."))


class _Writing:
    """The rows that a set of cells touches, read once."""

    def __init__(self, activity: Activity, wanted: Mapping[Place, Cell], *, lock: bool) -> None:
        self.wanted = wanted
        meetings = {cell.meeting_id for cell in wanted.values()}
        enrolments = {cell.enrolment_id for cell in wanted.values()}
        columns = Meeting.objects.filter(activity=activity, pk__in=meetings).order_by("pk")
        if lock:
            columns = columns.select_for_update(of=("self",), no_key=True)
        self.meetings: dict[int, Meeting] = {meeting.pk: meeting for meeting in columns}
        self.enrolments: dict[int, Enrolment] = {
            enrolment.pk: enrolment
            for enrolment in Enrolment.objects.filter(activity=activity, pk__in=enrolments).order_by("pk")
        }
        self.kept: dict[Place, Attendance] = {
            (attendance.meeting_id, attendance.enrolment_id): attendance
            for attendance in Attendance.objects.filter(
                meeting__in=meetings, enrolment__in=enrolments, enrolment__activity=activity
            ).order_by("pk")
        }
        self.closed = closed_periods_of(activity)
        self.today = timezone.localdate()

    def problems(self) -> tuple[dict[Place, Any], set[Place]]:
        """Return the sentence of each cell that cannot be written, and those that somebody else changed."""
        stale = {place for place, cell in self.wanted.items() if self.is_stale(cell)}
        writers = last_writers(self.kept[place].pk for place in stale if place in self.kept) if stale else {}
        problems: dict[Place, Any] = {}
        for place, cell in self.wanted.items():
            problem = self.stale_sentence(place, writers) if place in stale else self.problem(cell)
            if problem is not None:
                problems[place] = problem
        return problems, stale

    def is_stale(self, cell: Cell) -> bool:
        now = mark_of(self.kept.get(cell.place))
        return cell.was is not None and cell.was != now and now != self.target(cell)

    def stale_sentence(self, place: Place, writers: Mapping[int, LastWriter]) -> Any:
        """Say who wrote what meanwhile: the person chooses which of the two holds."""
        kept = self.kept.get(place)
        if kept is None:
            return _("Someone emptied this cell meanwhile. Check it, and save again if yours is right.")
        value = kept.get_state_display()
        if kept.state == AttendanceState.PRESENT:
            value = _("%(state)s, %(minutes)s minutes") % {"state": value, "minutes": kept.minutes}
        writer = writers.get(kept.pk)
        if writer is None:
            return _("Someone wrote “%(value)s” here meanwhile. Check it, and save again if yours is right.") % {
                "value": value
            }
        return _("%(person)s wrote “%(value)s” here on %(when)s. Check it, and save again if yours is right.") % {
            "person": writer.name,
            "value": value,
            "when": f"{timezone.localtime(writer.at):%d/%m/%Y, %H:%M}",
        }

    def problem(self, cell: Cell) -> Any:
        """Return why a cell cannot be written, or None."""
        meeting, enrolment = self.meetings.get(cell.meeting_id), self.enrolments.get(cell.enrolment_id)
        if meeting is None or enrolment is None:
            return _("This cell does not belong to the register of this activity.")
        closed = closed_period_on(self.closed, meeting.held_on)
        if closed is not None and mark_of(self.kept.get(cell.place)) != self.target(cell):
            return ClosedPeriodError(closed).message
        if not cell.state:
            return None
        if cell.state not in AttendanceState.values:
            return _("Choose present, absent or justified.")
        if meeting.state == MeetingState.CANCELLED:
            return _("This meeting is cancelled.")
        if meeting.held_on > self.today:
            return _("The meeting of %(day)s has not taken place yet.") % {"day": f"{meeting.held_on:%d/%m/%Y}"}
        if not is_enrolled_on(enrolment, meeting.held_on):
            return _("The recipient was not enrolled on %(day)s.") % {"day": f"{meeting.held_on:%d/%m/%Y}"}
        if (
            cell.state == AttendanceState.PRESENT
            and cell.minutes is not None
            and not (1 <= cell.minutes <= meeting.minutes)
        ):
            return _("The meeting lasted %(minutes)s minutes: write from 1 to %(minutes)s.") % {
                "minutes": meeting.minutes
            }
        return None

    def minutes(self, cell: Cell) -> int:
        if cell.state != AttendanceState.PRESENT:
            return 0
        return self.meetings[cell.meeting_id].minutes if cell.minutes is None else cell.minutes

    def target(self, cell: Cell) -> str:
        """Return the mark that the cell will have."""
        if cell.meeting_id not in self.meetings or not cell.state:
            return ""
        return f"{cell.state}:{self.minutes(cell)}" if cell.state == AttendanceState.PRESENT else cell.state

    def changed(self) -> list[Cell]:
        return [cell for place, cell in self.wanted.items() if mark_of(self.kept.get(place)) != self.target(cell)]

    def write(self, changed: Iterable[Cell]) -> None:
        """Insert, update or clear the cells: one statement each for all of them."""
        cleared = [self.kept[cell.place].pk for cell in changed if not cell.state]
        rows = [
            Attendance(
                meeting_id=cell.meeting_id,
                enrolment_id=cell.enrolment_id,
                state=cell.state,
                minutes=self.minutes(cell),
            )
            for cell in changed
            if cell.state
        ]
        if rows:
            Attendance.objects.bulk_create(
                rows,
                update_conflicts=True,
                unique_fields=["meeting", "enrolment"],
                update_fields=["state", "minutes"],
            )
        if cleared:
            Attendance.objects.filter(Q(pk__in=cleared)).delete()
