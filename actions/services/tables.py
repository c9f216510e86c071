# SPDX-License-Identifier: EUPL-1.2
"""Writes on the calls, the attendance by body and the minutes of meetings (domain reference, section 6)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from actions import notifications
from actions.enums import BodyAttendance, MeetingMode, MeetingState
from actions.models import Activity, AgendaItem, Meeting, MeetingBody, MeetingCall, MeetingMinutes
from actions.permissions import check_can_keep_register
from actions.selectors.activities import check_days_open
from actions.selectors.tables import MINUTES, TABLE_KINDS
from actions.services.activities import check_can_write, lock_activity
from actions.services.meetings import hold_meetings
from actions.workflow import closed_period_refusals
from fami_portal.core.documents import CheckedFile, store_document
from fami_portal.core.errors import DomainError, StaleError, TransitionNotAllowed
from fami_portal.core.outbox import queue_messages
from fami_portal.core.services import acting, record_event

MAX_POINTS = 40


@dataclass(frozen=True)
class BodyAnswer:
    """Whether a body came, and with how many people."""

    organisation_id: int
    attendance: str
    people: int = 0


def lock_table(meeting: Meeting, by: Any) -> tuple[Activity, Meeting]:
    """Take the locks of the activity and of the meeting, and check that the person may write in a table."""
    activity = lock_activity(meeting.activity_id)
    check_can_write(by, activity)
    if activity.activity_type.kind not in TABLE_KINDS:
        raise DomainError(_("Only tables, courses and meetings with bodies or families have calls and minutes."))
    locked = Meeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
    locked.activity = activity
    if locked.state == MeetingState.CANCELLED:
        raise TransitionNotAllowed(_("This meeting is cancelled: add another one."))
    return activity, locked


def write_call(
    *,
    meeting: Meeting,
    version: int,
    bodies: Collection[int],
    agenda: Sequence[str],
    by: Any,
    mode: str = MeetingMode.IN_PERSON,
    link: str = "",
    text: str = "",
) -> MeetingCall:
    """Write or correct the call of a meeting still to come: bodies called (ids), points of the agenda in order, link.

    `version` is that of the call, 0 when there is none yet. A body that has answered stays whatever is chosen. Raises
    `StaleError`, `ClosedPeriodError`, `DomainError` at the field.
    """
    points = [point for line in agenda if (point := " ".join(line.split()))]
    _check_call(mode, link, points)
    values = {"text": text.strip(), "mode": mode, "link": link if mode != MeetingMode.IN_PERSON else ""}
    with closed_period_refusals(), acting(by):
        activity, locked = lock_table(meeting, by)
        if locked.state != MeetingState.SCHEDULED:
            raise TransitionNotAllowed(_("The meeting has taken place: its call does not change any more."))
        check_days_open(activity, [locked.held_on])
        call = MeetingCall.objects.select_for_update().filter(meeting=locked).first()
        if (call.version if call else 0) != version:
            raise StaleError
        if call is None:
            call = MeetingCall.objects.create(meeting=locked, **values)
        else:
            MeetingCall.objects.filter(pk=call.pk).update(**values, version=F("version") + 1)
            call.refresh_from_db()
        AgendaItem.objects.filter(meeting=locked).delete()
        AgendaItem.objects.bulk_create(
            AgendaItem(meeting=locked, position=number, text=point) for number, point in enumerate(points, start=1)
        )
        asked = MeetingBody.objects.filter(meeting=locked, attendance=BodyAttendance.CALLED)
        asked.exclude(organisation__in=bodies).delete()
        MeetingBody.objects.bulk_create(
            [
                MeetingBody(meeting=locked, organisation_id=body, attendance=BodyAttendance.CALLED, people=0)
                for body in sorted(bodies)
            ],
            ignore_conflicts=True,
        )
        record_event(by=by, verb="call_written", target=locked, data={"organisations": sorted(bodies)})
    return call


def _check_call(mode: str, link: str, points: Sequence[str]) -> None:
    if mode != MeetingMode.IN_PERSON and not link:
        raise DomainError(_("Write the link with which the bodies join."), field="link")
    if len(points) > MAX_POINTS:
        raise DomainError(_("At most %(number)s points: join some.") % {"number": MAX_POINTS}, field="agenda")
    if any(len(point) > 300 for point in points):
        raise DomainError(_("A point of the agenda has at most 300 characters: shorten it."), field="agenda")


def send_call(*, meeting: Meeting, by: Any, at: datetime) -> int:
    """Send the call to the bodies: a message to those who keep their registers and to the coordinators of the networks.

    Returns how many new messages leave: none the second time, unless the call changed meanwhile. Raises `DomainError`
    without agenda or bodies, `ClosedPeriodError`.
    """
    with closed_period_refusals(), acting(by):
        activity, locked = lock_table(meeting, by)
        call = MeetingCall.objects.select_for_update().filter(meeting=locked).first()
        if call is None or not locked.agenda.exists():
            raise DomainError(_("Write the agenda first: the bodies must know what the meeting is about."))
        if locked.state != MeetingState.SCHEDULED:
            raise TransitionNotAllowed(_("The meeting has taken place: there is nobody left to call."))
        check_days_open(activity, [locked.held_on])
        bodies = list(locked.bodies_present.order_by().values_list("organisation", flat=True))
        if not bodies:
            raise DomainError(_("Choose the bodies to call first."))
        networks = [
            activity.network_id,
            *activity.participations.filter(since__lte=locked.held_on).order_by().values_list("network", flat=True),
        ]
        people = notifications.people_called(bodies, networks, at)
        sent = queue_messages(notifications.called(locked, call, people))
        if sent or call.sent_on is None:
            MeetingCall.objects.filter(pk=call.pk).update(sent_on=timezone.localdate(at))
            record_event(by=by, verb="call_sent", target=locked, data={"organisations": sorted(bodies)}, at=at)
    return sent


def record_attendance(*, meeting: Meeting, answers: Sequence[BodyAnswer], by: Any) -> None:
    """Record for each body whether it came and with how many people; the meeting is held from then on.

    The same answers again change nothing. Raises `DomainError` for a meeting to come or without anybody present,
    `ClosedPeriodError`.
    """
    if not any(answer.attendance == BodyAttendance.PRESENT for answer in answers):
        raise DomainError(_("Nobody is present: if the meeting did not take place, cancel it."))
    for answer in answers:
        if answer.attendance == BodyAttendance.PRESENT and answer.people < 1:
            raise DomainError(_("Write how many people of the body were there, at least 1."), field="people")
    with closed_period_refusals(), acting(by):
        activity, locked = lock_table(meeting, by)
        check_days_open(activity, [locked.held_on])
        hold_meetings(activity=activity, meetings=[locked], by=by)
        MeetingBody.objects.bulk_create(
            [
                MeetingBody(
                    meeting=locked,
                    organisation_id=answer.organisation_id,
                    attendance=answer.attendance,
                    people=answer.people if answer.attendance == BodyAttendance.PRESENT else 0,
                )
                for answer in answers
            ],
            update_conflicts=True,
            unique_fields=["meeting", "organisation"],
            update_fields=["attendance", "people"],
        )
        record_event(
            by=by,
            verb="bodies_recorded",
            target=locked,
            data={"organisations": sorted(answer.organisation_id for answer in answers)},
        )
    meeting.refresh_from_db()


def write_minutes(
    *, meeting: Meeting, version: int, by: Any, text: str = "", document: CheckedFile | None = None
) -> MeetingMinutes:
    """Write or correct the minutes of a meeting held: a text, a file, or both; the file stays when none is given.

    `version` is that of the minutes, 0 when there are none yet. Raises `StaleError`, `ClosedPeriodError`, `DomainError`
    once they are approved.
    """
    with closed_period_refusals(), acting(by):
        activity, locked = lock_table(meeting, by)
        if locked.state != MeetingState.HELD:
            raise TransitionNotAllowed(_("The meeting is not recorded as held yet: say first who was there."))
        kept = MeetingMinutes.objects.select_for_update(of=("self",)).filter(meeting=locked).first()
        if (kept.version if kept else 0) != version:
            raise StaleError
        if kept is not None and kept.approved_on is not None:
            raise TransitionNotAllowed(
                _("The minutes were approved on %(day)s: what must be corrected goes into those of the next meeting.")
                % {"day": f"{kept.approved_on:%d/%m/%Y}"}
            )
        check_days_open(activity, [locked.held_on])
        if not text.strip() and document is None and (kept is None or kept.document_id is None):
            raise DomainError(_("Write the minutes, or attach their file."), field="text")
        values: dict[str, Any] = {"text": text.strip()}
        if document is not None:
            values["document"] = store_document(
                kind=MINUTES, name=document.name, content=document, by=by, subject_id=locked.pk
            )
        if kept is None:
            kept = MeetingMinutes.objects.create(meeting=locked, **values)
        else:
            MeetingMinutes.objects.filter(pk=kept.pk).update(**values, version=F("version") + 1)
            kept.refresh_from_db()
        record_event(by=by, verb="minutes_written", target=locked)
    return kept


def approve_minutes(*, meeting: Meeting, approved_on: date, by: Any, at: datetime) -> None:
    """Record on which day the minutes were approved; also when the period of the meeting is closed by then.

    Raises `DomainError` without minutes, for a day to come or before the meeting, and when they are approved already.
    """
    if approved_on > timezone.localdate(at):
        raise DomainError(_("The day is in the future: record the approval when it is given."), field="approved_on")
    if approved_on < meeting.held_on:
        raise DomainError(
            _("The meeting was on %(day)s: the minutes are approved on that day or later.")
            % {"day": f"{meeting.held_on:%d/%m/%Y}"},
            field="approved_on",
        )
    with acting(by):
        locked = lock_activity(meeting.activity_id)
        if by is not None:
            check_can_keep_register(by, locked)
        kept = MeetingMinutes.objects.select_for_update(of=("self",)).filter(meeting=meeting).first()
        if kept is None:
            raise TransitionNotAllowed(_("There are no minutes yet: write them first."))
        if kept.approved_on is not None:
            raise TransitionNotAllowed(
                _("The minutes were approved on %(day)s already.") % {"day": f"{kept.approved_on:%d/%m/%Y}"}
            )
        MeetingMinutes.objects.filter(pk=kept.pk).update(approved_on=approved_on, version=F("version") + 1)
        record_event(by=by, verb="minutes_approved", target=meeting, at=at)
