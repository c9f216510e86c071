# SPDX-License-Identifier: EUPL-1.2
"""Writes on who teaches at which meeting: planned, and in the place of whom (domain reference, section 7).

An exclusion constraint keeps one teacher out of two meetings at once (docs/adr, 26); what is asked here finds the words.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from actions.enums import MeetingState
from actions.models import Activity, Meeting, MeetingTeacher, Teacher
from actions.permissions import check_can_keep_register, check_can_keep_teacher
from actions.selectors.activities import check_days_open
from actions.selectors.teaching import bodies_teaching, clashes
from actions.services.activities import lock_activity
from actions.workflow import check_activity_open, closed_period_refusals
from fami_portal.core.errors import DomainError
from fami_portal.core.services import acting, record_event

ONE_PLACE = "actions_teacher_one_place"


class TeacherBusyError(DomainError):
    """A teacher is at another meeting at that time; the sentence says when, and nothing else of it."""

    def __init__(self, found: Sequence[MeetingTeacher] = (), field: str | None = "teacher") -> None:
        if not found:
            text: Any = _("One of the teachers of this meeting is at another one at that time.")
        else:
            first = found[0]
            text = _(
                "%(teacher)s is at another meeting on %(day)s from %(start)s to %(end)s: choose somebody else, or leave "
                "that meeting out."
            ) % {
                "teacher": first.teacher.name,
                "day": f"{first.held_on:%d/%m/%Y}",
                "start": f"{first.starts_at:%H:%M}",
                "end": f"{first.ends_at:%H:%M}",
            }
        super().__init__(text, field=field)


@contextmanager
def teacher_refusals(field: str | None = "teacher") -> Iterator[None]:
    """Turn the refusal of the exclusion constraint into `TeacherBusyError`; wraps the service transaction from outside."""
    try:
        yield
    except IntegrityError as error:
        if getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") != ONE_PLACE:
            raise
        raise TeacherBusyError(field=field) from error


@dataclass(frozen=True)
class NewTeacher:
    """Somebody who is not among the teachers of a body yet; `user` is the account of the person, if it has one."""

    organisation_id: int
    given_name: str
    family_name: str
    user: User | None = None


def _known(activity: Activity, teacher: Teacher | NewTeacher, by: Any) -> Teacher:
    """Return the teacher, written with the body if nobody of this name is there; inside the transaction of the act."""
    if isinstance(teacher, NewTeacher):
        names = {
            "given_name": " ".join(teacher.given_name.split()),
            "family_name": " ".join(teacher.family_name.split()),
        }
        if not all(names.values()):
            raise DomainError(_("Write given name and family name of the teacher."), field="family_name")
        if teacher.organisation_id not in bodies_teaching(activity):
            raise DomainError(_("Teachers belong to the body that carries out the activity, or to its host."))
        found, made = Teacher.objects.get_or_create(
            organisation_id=teacher.organisation_id, **names, defaults={"user": teacher.user}
        )
        if made:
            record_event(by=by, verb="teacher_added", target=found)
        return found
    if teacher.organisation_id not in bodies_teaching(activity) or not teacher.is_active:
        raise DomainError(_("This teacher cannot be assigned here."), field="teacher")
    return teacher


def update_teacher(
    *, teacher: Teacher, given_name: str, family_name: str, is_active: bool, by: Any, today: date
) -> Teacher:
    """Correct the name of a teacher, or retire one: from then on nobody plans it; the meetings that it held keep it.

    The same again changes nothing. Raises `NotPermitted`; `DomainError` at the field for a name that is missing or that
    another teacher of the body has, and for one who is still planned at a meeting of today or later.
    """
    names = {"given_name": " ".join(given_name.split()), "family_name": " ".join(family_name.split())}
    for field, value in names.items():
        if not value:
            raise DomainError(_("Write the name of the teacher."), field=field)
    with acting(by):
        locked = Teacher.objects.select_for_update(of=("self",)).get(pk=teacher.pk)
        if by is not None:
            check_can_keep_teacher(by, locked)
        if {**names, "is_active": is_active} == {name: getattr(locked, name) for name in (*names, "is_active")}:
            return locked
        others = Teacher.objects.filter(organisation=locked.organisation_id, **names).exclude(pk=locked.pk)
        if others.exists():
            raise DomainError(_("Another teacher of the body has this name: tell them apart."), field="family_name")
        if not is_active and (ahead := _first_ahead(locked, today)):
            raise DomainError(
                _("This teacher is still planned on %(day)s: put somebody else there first.")
                % {"day": f"{ahead:%d/%m/%Y}"},
                field="is_active",
            )
        verb = "teacher_retired" if locked.is_active and not is_active else "teacher_corrected"
        locked.given_name, locked.family_name, locked.is_active = *names.values(), is_active
        locked.save(update_fields=[*names, "is_active"])
        record_event(by=by, verb=verb, target=locked)
    return locked


def _first_ahead(teacher: Teacher, today: date) -> date | None:
    ahead = MeetingTeacher.objects.filter(teacher=teacher, replaced=False, cancelled=False, held_on__gte=today)
    return ahead.order_by("held_on").values_list("held_on", flat=True).first()


def assign_teacher(*, activity: Activity, teacher: Teacher | NewTeacher, meetings: Iterable[Meeting], by: Any) -> int:
    """Plan a teacher at meetings of an activity, all or none; returns at how many it was not there yet.

    Raises `NotPermitted`, `TeacherBusyError` with the first meeting elsewhere at that time, `ClosedPeriodError`,
    `DomainError` for a meeting that is cancelled or of another activity, and for a teacher of another body.
    """
    wanted = sorted({meeting.pk for meeting in meetings})
    if not wanted:
        raise DomainError(_("Choose at least one meeting."), field="meetings")
    with closed_period_refusals(), teacher_refusals(), acting(by):
        locked = _lock(activity, by)
        person = _known(locked, teacher, by)
        rows = list(Meeting.objects.filter(activity=locked, pk__in=wanted).order_by("held_on", "starts_at", "pk"))
        if len(rows) != len(wanted) or any(row.state == MeetingState.CANCELLED for row in rows):
            raise DomainError(_("One of these meetings is cancelled: open the page again."), field="meetings")
        there = set(
            MeetingTeacher.objects.filter(teacher=person, meeting__in=rows).order_by().values_list("meeting", flat=True)
        )
        new = [MeetingTeacher(meeting=row, teacher=person) for row in rows if row.pk not in there]
        _write(locked, new)
        if new:
            record_event(
                by=by, verb="teacher_assigned", target=locked, data={"meetings": [row.meeting_id for row in new]}
            )
    return len(new)


def substitute_teacher(*, planned: MeetingTeacher, teacher: Teacher | NewTeacher, by: Any) -> MeetingTeacher:
    """Record that another teacher comes, or came, in the place of one who was planned; who was planned is free then.

    The same again returns what is there. Raises as `assign_teacher`, and `DomainError` for one replaced already, and for
    somebody who is at this meeting already.
    """
    with closed_period_refusals(), teacher_refusals(), acting(by):
        activity, row = _lock_row(planned, by)
        if row.replaces_id is not None:
            raise DomainError(_("This is a substitute: take it away, and name another one."), field="teacher")
        person = _known(activity, teacher, by)
        there = MeetingTeacher.objects.filter(replaces=row).order_by("pk").first()
        if there is not None:
            if there.teacher_id == person.pk:
                return there
            raise DomainError(_("Somebody else is named in this place: take that away first."), field="teacher")
        if MeetingTeacher.objects.filter(meeting=row.meeting_id, teacher=person).exists():
            raise DomainError(_("This teacher is at this meeting already."), field="teacher")
        MeetingTeacher.objects.filter(pk=row.pk).update(replaced=True)
        substitute = MeetingTeacher(meeting=row.meeting, teacher=person, replaces=row)
        _write(activity, [substitute])
        record_event(by=by, verb="teacher_substituted", target=activity, data={"meetings": [row.meeting_id]})
    return substitute


def remove_teacher(*, row: MeetingTeacher, by: Any) -> None:
    """Take a teacher away from a meeting: a substitute, so that who was planned is there again, or who was planned.

    Does nothing when somebody did it before. Raises as `assign_teacher`; `DomainError` for one who has a substitute.
    """
    with closed_period_refusals(), teacher_refusals(), acting(by):
        if not MeetingTeacher.objects.filter(pk=row.pk).exists():
            return
        activity, locked = _lock_row(row, by)
        if locked.replaced:
            raise DomainError(_("Take the substitute away first."))
        planned = locked.replaces
        locked.delete()
        if planned is not None:
            found = clashes([planned])
            if found:
                raise TeacherBusyError(found)
            MeetingTeacher.objects.filter(pk=planned.pk).update(replaced=False)
        record_event(by=by, verb="teacher_removed", target=activity, data={"meetings": [locked.meeting_id]})


def _lock(activity: Activity, by: Any) -> Activity:
    locked = lock_activity(activity.pk)
    if by is not None:
        check_can_keep_register(by, locked)
    check_activity_open(locked.state)
    return locked


def _lock_row(row: MeetingTeacher, by: Any) -> tuple[Activity, MeetingTeacher]:
    activity = lock_activity(row.meeting.activity_id)
    if by is not None:
        check_can_keep_register(by, activity)
    check_activity_open(activity.state)
    found = MeetingTeacher.objects.select_related("meeting", "replaces__meeting", "replaces__teacher").get(pk=row.pk)
    check_days_open(activity, [found.meeting.held_on])
    return activity, found


def _write(activity: Activity, rows: Sequence[MeetingTeacher]) -> None:
    check_days_open(activity, [row.meeting.held_on for row in rows], field="meetings")
    found = clashes(rows)
    if found:
        raise TeacherBusyError(found)
    for row in rows:
        # The database copies them from the meeting again; here they are only not empty.
        row.held_on, row.starts_at, row.ends_at = row.meeting.held_on, row.meeting.starts_at, row.meeting.ends_at
    MeetingTeacher.objects.bulk_create(rows)
