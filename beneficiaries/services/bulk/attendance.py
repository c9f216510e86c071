# SPDX-License-Identifier: EUPL-1.2
"""Attendance, many rows at a time, through the services of the register: they say of each cell what they would do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from actions.enums import MeetingState
from actions.models import Activity, Meeting
from actions.services.bulk.works import Works, check_open, find_activity
from beneficiaries.enums import AttendanceState
from beneficiaries.models import Attendance, Enrolment
from beneficiaries.selectors import normal_pseudonym
from beneficiaries.services.registers import Cell, foresee_attendance, record_attendance
from fami_portal.core.enums import RowEffect
from fami_portal.core.imports import Line, sound, where_read
from fami_portal.core.services import acting


@dataclass
class _Kept:
    activity: Activity
    meeting: Meeting | None = None
    enrolment: Enrolment | None = None

    def cell(self, line: Line) -> Cell:
        """Return the cell of the register that a row writes."""
        if self.meeting is None or self.enrolment is None:
            raise ValueError("a row without its cell")
        present = line.values["state"] == AttendanceState.PRESENT
        minutes = line.values["minutes"] if present else None
        return Cell(self.meeting.pk, self.enrolment.pk, line.values["state"], minutes)


def plan_attendance(*, works: Works, lines: Sequence[Line]) -> None:
    """Say of each row what it does. `values` are those of `beneficiaries.resources.AttendanceResource`.

    Eight queries for each activity that the rows name.
    """
    groups: dict[int, list[Line]] = {}
    for line in lines:
        activity = where_read(find_activity, works.activities, line)
        if activity is None:
            continue
        line.kept = _Kept(activity)
        if not activity.has_register:
            line.refuse("activity", _("This activity has no register of recipients."))
        else:
            groups.setdefault(activity.pk, []).append(line)
    for group in groups.values():
        _plan(works, group[0].kept.activity, group)


def _plan(works: Works, activity: Activity, lines: Sequence[Line]) -> None:
    _find_meetings(activity, [line for line in lines if line.read("held_on", "starts_at")])
    _find_enrolments(works, activity, [line for line in lines if line.read("code")])
    left = sound(lines)
    for line in left:
        works.once(line, (line.kept.meeting.pk, line.kept.enrolment.pk))
    left = sound(left)
    foreseen = foresee_attendance(activity=activity, cells=[line.kept.cell(line) for line in left])
    known = {
        (one.meeting_id, one.enrolment_id): one
        for one in Attendance.objects.filter(
            meeting__in={line.kept.meeting.pk for line in left}, enrolment__in={line.kept.enrolment.pk for line in left}
        ).order_by("pk")
    }
    for line in left:
        cell = line.kept.cell(line)
        if cell.place in foreseen.problems:
            line.refuse("state", foreseen.problems[cell.place])
            continue
        before = known.get(cell.place)
        if before is None:
            line.effect = RowEffect.NEW
        else:
            present = cell.state == AttendanceState.PRESENT
            minutes = (cell.minutes or line.kept.meeting.minutes) if present else 0
            line.compare([("state", before.state, cell.state), ("minutes", before.minutes, minutes)])
        if line.effect != RowEffect.SAME:
            check_open(line, activity)


def _find_meetings(activity: Activity, lines: Sequence[Line]) -> None:
    days: dict[Any, list[Meeting]] = {}
    rows = activity.meetings.exclude(state=MeetingState.CANCELLED)
    for meeting in rows.filter(held_on__in={line.values["held_on"] for line in lines}).order_by("starts_at", "pk"):
        days.setdefault(meeting.held_on, []).append(meeting)
    for line in lines:
        start = line.values["starts_at"]
        found = [one for one in days.get(line.values["held_on"], []) if start is None or one.starts_at == start]
        if len(found) == 1:
            line.kept.meeting = found[0]
        elif not found:
            line.refuse(
                "held_on", _("The activity has no meeting then: add it first, or correct the day and the time.")
            )
        else:
            line.refuse("starts_at", _("There are several meetings on this day: write the time of the beginning."))


def _find_enrolments(works: Works, activity: Activity, lines: Sequence[Line]) -> None:
    """Find who is enrolled by the own code of the body, or by the pseudonym."""
    own = {line.values["code"] for line in lines}
    pseudonyms = {normal_pseudonym(code) for code in own}
    rows = Enrolment.objects.filter(activity=activity).filter(
        Q(beneficiary__registered_by=works.body, beneficiary__local_code__in=own)
        | Q(beneficiary__pseudonym__in=pseudonyms)
    )
    found: dict[str, Enrolment] = {}
    for one in rows.select_related("beneficiary").order_by("pk"):
        found[one.beneficiary.pseudonym] = one
        if one.beneficiary.registered_by_id == works.body.pk:
            found[one.beneficiary.local_code] = one
    for line in lines:
        code = line.values["code"]
        line.kept.enrolment = found.get(code) or found.get(normal_pseudonym(code))
        if line.kept.enrolment is None:
            line.refuse("code", _("Nobody with this code is enrolled in the activity."))


def write_attendance(*, lines: Sequence[Line], by: Any) -> None:
    """Write planned rows; inside the transaction of the import. Constant queries for each activity."""
    groups: dict[int, tuple[Activity, list[Cell]]] = {}
    for line in sound(lines):
        if line.effect != RowEffect.SAME:
            groups.setdefault(line.kept.activity.pk, (line.kept.activity, []))[1].append(line.kept.cell(line))
    with acting(by):
        for _pk, (activity, cells) in sorted(groups.items()):
            record_attendance(activity=activity, cells=cells, by=by)
