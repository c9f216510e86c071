# SPDX-License-Identifier: EUPL-1.2
"""Writes on meetings and on the bodies that were there (domain reference, section 7)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db import IntegrityError
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from holidays import country_holidays

from actions.enums import ActivityState, MeetingState
from actions.models import Activity, Meeting, MeetingBody
from actions.selectors.activities import MEETING_KINDS, check_days_open
from actions.services.activities import check_can_write, check_work_days, lock_activity
from actions.services.teaching import teacher_refusals
from actions.signals import meeting_changing
from actions.workflow import ACTIVITY, MEETING, check_day_inside, closed_period_refusals
from fami_portal.core import clock
from fami_portal.core.errors import DomainError, StaleError, TransitionNotAllowed
from fami_portal.core.models import AuditEvent, TransitionLog
from fami_portal.core.services import SYSTEM, acting, change_state, record_event
from partners.enums import OrganisationKind
from partners.models import Municipality, Organisation
from partners.services.organisations import register_organisation

MAX_SERIES = 100


@dataclass(frozen=True)
class NewMeeting:
    """What is needed to add a meeting; without `minutes` the whole time counts."""

    held_on: date
    starts_at: time
    ends_at: time
    minutes: int | None = None
    topic: str = ""
    place: str = ""


@dataclass(frozen=True)
class BodyPresent:
    """A body that was at a meeting, with how many of its people."""

    organisation_id: int
    people: int = 1


def add_meeting(
    *,
    activity: Activity,
    held_on: date,
    starts_at: time,
    ends_at: time,
    by: Any,
    minutes: int | None = None,
    topic: str = "",
    place: str = "",
    key: UUID | None = None,
) -> Meeting:
    """Add one meeting to an activity. Raises as `add_meetings`."""
    new = NewMeeting(held_on, starts_at, ends_at, minutes, topic, place)
    return add_meetings(activity=activity, meetings=[new], by=by, key=key)[0]


def add_weekly_meetings(
    *,
    activity: Activity,
    first_on: date,
    last_on: date,
    starts_at: time,
    ends_at: time,
    by: Any,
    minutes: int | None = None,
    topic: str = "",
    place: str = "",
    skip_holidays: bool = True,
    key: UUID | None = None,
) -> list[Meeting]:
    """Add a meeting on the same day of every week, public holidays left out if asked. Raises as `add_meetings`."""
    if last_on < first_on:
        raise DomainError(_("The last day comes before the first."), field="last_on")
    check_day_inside(last_on, activity.starts_on, activity.ends_on, field="last_on")
    holidays = country_holidays("IT", years=range(first_on.year, last_on.year + 1)) if skip_holidays else ()
    weeks = (last_on - first_on).days // 7 + 1
    days = [day for week in range(weeks) if (day := first_on + timedelta(weeks=week)) not in holidays]
    if not days:
        raise DomainError(_("No day is left: all of them are public holidays."), field="first_on")
    new = [NewMeeting(day, starts_at, ends_at, minutes, topic, place) for day in days]
    return add_meetings(activity=activity, meetings=new, by=by, key=key)


def add_meetings(
    *, activity: Activity, meetings: Sequence[NewMeeting], by: Any, key: UUID | None = None
) -> list[Meeting]:
    """Add meetings to an activity, all or none, in a constant number of queries.

    `key` is the submission key of the form: the second half of a double click gets the meetings of the first.
    Raises `NotPermitted`, `ClosedPeriodError`, or `DomainError` at the field that must change.
    """
    if len(meetings) > MAX_SERIES and by is not None:
        raise DomainError(
            _("At most %(number)s meetings can be added at once: choose a nearer last day.") % {"number": MAX_SERIES}
        )
    rows = [_row(activity, new, uuid5(key, f"{new.held_on} {new.starts_at}") if key else None) for new in meetings]
    try:
        with closed_period_refusals(), acting(by):
            locked = lock_activity(activity.pk)
            kept = _of_key(locked, rows, key)
            if kept is not None:
                return kept
            check_can_write(by, locked)
            if locked.activity_type.kind not in MEETING_KINDS:
                raise DomainError(_("This activity has contents or products, not meetings."))
            for row in rows:
                check_day_inside(row.held_on, locked.starts_on, locked.ends_on, field="held_on")
            check_work_days(locked, [row.held_on for row in rows], field="held_on")
            _check_free(locked, rows)
            Meeting.objects.bulk_create(rows)
            record_event(
                by=by, verb="meetings_added", target=locked, data={"meetings": [row.pk for row in rows][:MAX_SERIES]}
            )
    except IntegrityError as error:
        raise DomainError(_("There is a meeting at this time already."), field="starts_at") from error
    return rows


def _row(activity: Activity, new: NewMeeting, uuid: UUID | None) -> Meeting:
    minutes = check_times(new.starts_at, new.ends_at, new.minutes)
    return Meeting(
        activity=activity,
        held_on=new.held_on,
        starts_at=new.starts_at,
        ends_at=new.ends_at,
        minutes=minutes,
        topic=new.topic.strip(),
        place=new.place.strip(),
        **({"uuid": uuid} if uuid else {}),
    )


def check_times(starts_at: time, ends_at: time, minutes: int | None) -> int:
    """Return the minutes that count: those given, or the whole time; raises `DomainError` at the field."""
    whole = (ends_at.hour - starts_at.hour) * 60 + ends_at.minute - starts_at.minute
    if whole <= 0:
        raise DomainError(_("The end comes before the start."), field="ends_at")
    if minutes is None:
        return whole
    if not 1 <= minutes <= whole:
        raise DomainError(
            _("Between these times there are %(whole)s minutes: write at most as many.") % {"whole": whole},
            field="minutes",
        )
    return minutes


def _of_key(activity: Activity, rows: Iterable[Meeting], key: UUID | None) -> list[Meeting] | None:
    if key is None:
        return None
    wanted = [row.uuid for row in rows]
    kept = list(activity.meetings.filter(uuid__in=wanted).order_by("held_on", "starts_at", "pk"))
    return kept if len(kept) == len(wanted) else None


def _check_free(activity: Activity, rows: Sequence[Meeting]) -> None:
    taken = set(
        activity.meetings.exclude(state=MeetingState.CANCELLED)
        .filter(held_on__in=[row.held_on for row in rows])
        .order_by()
        .values_list("held_on", "starts_at")
    )
    for row in rows:
        if (row.held_on, row.starts_at) in taken:
            raise DomainError(
                _("There is a meeting on %(day)s at %(time)s already.")
                % {"day": f"{row.held_on:%d/%m/%Y}", "time": f"{row.starts_at:%H:%M}"},
                field="starts_at",
            )
        taken.add((row.held_on, row.starts_at))


def _lock(meeting: Meeting, by: Any) -> tuple[Activity, Meeting]:
    """Take the locks of the activity and of the meeting, in this order, and check that the person may write."""
    activity = lock_activity(meeting.activity_id)
    check_can_write(by, activity)
    locked = Meeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
    locked.activity = activity
    return activity, locked


def update_meeting(
    *,
    meeting: Meeting,
    version: int,
    held_on: date,
    starts_at: time,
    ends_at: time,
    by: Any,
    minutes: int | None = None,
    topic: str = "",
    place: str = "",
    head_count: int | None = None,
) -> Meeting:
    """Correct a meeting that is not cancelled. Raises `StaleError`, `ClosedPeriodError` for both days,
    `TeacherBusyError`, `DomainError` at the field."""
    changes = {
        "held_on": held_on,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "minutes": check_times(starts_at, ends_at, minutes),
        "topic": topic.strip(),
        "place": place.strip(),
        "head_count": head_count,
    }
    with closed_period_refusals(), teacher_refusals("starts_at"), acting(by):
        activity, locked = _lock(meeting, by)
        if locked.version != version:
            raise StaleError
        if locked.state == MeetingState.CANCELLED:
            raise TransitionNotAllowed(_("This meeting is cancelled: add another one."))
        check_day_inside(held_on, activity.starts_on, activity.ends_on, field="held_on")
        if locked.state == MeetingState.HELD:
            _check_not_future(held_on)
        check_work_days(activity, [held_on], before=[locked.held_on], field="held_on")
        _check_free_for(locked, held_on, starts_at)
        meeting_changing.send(sender=Meeting, meeting=locked, changes=changes)
        Meeting.objects.filter(pk=locked.pk).update(**changes, version=F("version") + 1)
        record_event(by=by, verb="meeting_updated", target=locked)
    meeting.refresh_from_db()
    return meeting


def _check_free_for(meeting: Meeting, held_on: date, starts_at: time) -> None:
    others = Meeting.objects.filter(activity=meeting.activity_id, held_on=held_on, starts_at=starts_at)
    if others.exclude(pk=meeting.pk).exclude(state=MeetingState.CANCELLED).exists():
        raise DomainError(_("There is a meeting at this time already."), field="starts_at")


def _check_not_future(day: date) -> None:
    if day > timezone.localdate():
        raise DomainError(
            _("The meeting of %(day)s has not taken place yet.") % {"day": f"{day:%d/%m/%Y}"}, field="held_on"
        )


def hold_meeting(*, meeting: Meeting, by: Any, head_count: int | None = None) -> Meeting:
    """Record that a meeting took place, with how many people were there when no register says it.

    Starts the activity when it was only planned. Raises `DomainError` for a day to come, `ClosedPeriodError`,
    `TransitionNotAllowed`.
    """
    hold_past_meetings(activity_id=meeting.activity_id, head_counts={meeting.pk: head_count}, by=by)
    meeting.refresh_from_db()
    return meeting


def hold_past_meetings(*, activity_id: int, head_counts: Mapping[int, int | None], by: Any) -> None:
    """Record several meetings as `hold_meeting` does, in constant queries; `head_counts` holds, by id, how many came."""
    with closed_period_refusals(), acting(by):
        activity = lock_activity(activity_id)
        check_can_write(by, activity)
        rows = Meeting.objects.select_for_update().filter(activity=activity_id, pk__in=[*head_counts]).order_by("pk")
        for row in rows:
            MEETING.check(row.state, "hold")
        hold_meetings(activity=activity, meetings=rows, by=by)
        counted = [Meeting(pk=row.pk, head_count=count) for row in rows if (count := head_counts[row.pk]) is not None]
        Meeting.objects.bulk_update(counted, ["head_count"])


def hold_meetings(*, activity: Activity, meetings: Iterable[Meeting], by: Any) -> None:
    """Record as held those of the meetings that were scheduled, in a constant number of queries.

    Called inside a service transaction, with the activity locked. Raises as `hold_meeting`.
    """
    scheduled = [meeting for meeting in meetings if meeting.state == MeetingState.SCHEDULED]
    if not scheduled:
        return
    for meeting in scheduled:
        _check_not_future(meeting.held_on)
    check_work_days(activity, [meeting.held_on for meeting in scheduled])
    if activity.state == ActivityState.PLANNED:
        change_state(instance=activity, workflow=ACTIVITY, transition="start", by=by, version=F("version") + 1)
    at = clock.now()
    ids = [meeting.pk for meeting in scheduled]
    Meeting.objects.filter(pk__in=ids, state=MeetingState.SCHEDULED).update(
        state=MeetingState.HELD, version=F("version") + 1
    )
    _log(ids, by, at)


def _log(ids: Iterable[int], by: Any, at: datetime) -> None:
    """Write the change of state and the audit event of several meetings at once."""
    actor = {"actor_id": getattr(by, "pk", None), "actor": str(by) if by is not None else SYSTEM, "at": at}
    move = {"transition": "hold", "source": MeetingState.SCHEDULED, "target": MeetingState.HELD}
    TransitionLog.objects.bulk_create(TransitionLog(entity=MEETING.entity, entity_id=pk, **move, **actor) for pk in ids)
    AuditEvent.objects.bulk_create(
        AuditEvent(verb="hold", target_type=MEETING.entity, target_id=str(pk), **actor) for pk in ids
    )


def cancel_meeting(*, meeting: Meeting, reason: str, by: Any) -> None:
    """Cancel a meeting with the reason; nobody may be recorded as present.

    Raises `TransitionNotAllowed` without a reason, `ClosedPeriodError`, `DomainError` while somebody is present.
    """
    with closed_period_refusals(), acting(by):
        activity, locked = _lock(meeting, by)
        check_days_open(activity, [locked.held_on])
        MEETING.check(locked.state, "cancel", reason)
        if locked.bodies_present.present().exists():
            raise DomainError(_("Bodies are recorded as present: remove them before cancelling the meeting."))
        meeting_changing.send(sender=Meeting, meeting=locked, changes={"state": MeetingState.CANCELLED})
        change_state(
            instance=meeting,
            workflow=MEETING,
            transition="cancel",
            by=by,
            comment=reason,
            version=F("version") + 1,
            head_count=None,
        )


def record_bodies_present(*, meeting: Meeting, bodies: Sequence[BodyPresent], by: Any) -> None:
    """Record bodies that were at a meeting, or correct how many of their people; the others stay as they are.

    A body recorded twice is there once. Records the meeting as held when it was scheduled. Raises as `hold_meeting`.
    """
    if any(body.people < 1 for body in bodies):
        raise DomainError(_("Write how many people of the body were there, at least 1."), field="people")
    with closed_period_refusals(), acting(by):
        activity, locked = _lock(meeting, by)
        if locked.state == MeetingState.CANCELLED:
            raise TransitionNotAllowed(_("This meeting is cancelled: add another one."))
        check_days_open(activity, [locked.held_on])
        hold_meetings(activity=activity, meetings=[locked], by=by)
        MeetingBody.objects.bulk_create(
            [MeetingBody(meeting=locked, organisation_id=body.organisation_id, people=body.people) for body in bodies],
            update_conflicts=True,
            unique_fields=["meeting", "organisation"],
            update_fields=["attendance", "people"],
        )
        record_event(
            by=by,
            verb="bodies_recorded",
            target=locked,
            data={"organisations": [body.organisation_id for body in bodies]},
        )
    meeting.refresh_from_db()


def remove_body_present(*, meeting: Meeting, organisation: Organisation, by: Any) -> None:
    """Take a body away from those present; does nothing when it is not there. Raises `ClosedPeriodError`."""
    with closed_period_refusals(), acting(by):
        activity, locked = _lock(meeting, by)
        check_days_open(activity, [locked.held_on])
        removed, _by_model = MeetingBody.objects.filter(meeting=locked, organisation=organisation).delete()
        if removed:
            record_event(by=by, verb="body_removed", target=locked, data={"organisations": [organisation.pk]})


def register_association_present(
    *,
    meeting: Meeting,
    name: str,
    by: Any,
    fiscal_code: str = "",
    informal_reason: str = "",
    municipality: Municipality | None = None,
    people: int = 1,
) -> Organisation:
    """Register an association that the portal did not know, and record it as present at the meeting.

    An informal group has no tax code and says why. Raises `DomainError` at the field, and as `record_bodies_present`.
    """
    name = " ".join(name.split())
    if Organisation.objects.associations().filter(name__iexact=name).exists():
        raise DomainError(_("An association with this name exists already: choose it from the list."), field="name")
    if fiscal_code and informal_reason:
        raise DomainError(_("Give the tax code, or the reason why there is none."), field="informal_reason")
    with closed_period_refusals(), acting(by):
        _lock(meeting, by)
        # Registering bodies is the coordinators' work; whoever meets a new association does it through the meeting,
        # and the event on the meeting says who.
        association = register_organisation(
            by=None,
            name=name,
            kind=OrganisationKind.MIGRANT_ASSOCIATION,
            fiscal_code=fiscal_code.replace(" ", ""),
            informal_reason=informal_reason,
            municipality=municipality,
        )
        record_event(by=by, verb="association_registered", target=meeting, data={"organisations": [association.pk]})
        record_bodies_present(meeting=meeting, bodies=[BodyPresent(association.pk, people)], by=by)
    return association
