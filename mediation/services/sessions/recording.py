# SPDX-License-Identifier: EUPL-1.2
"""How a session went: held, or not held and because of whom (reference: domain, 5.3 and 5.6)."""

from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from actions.workflow import closed_period_refusals
from fami_portal.core.errors import DomainError, NotPermitted, StaleError, TransitionNotAllowed
from fami_portal.core.outbox import queue_messages
from fami_portal.core.services import acting, change_state
from mediation.enums import Absent, RequestState, SessionOutcome, SessionState
from mediation.models import MediationRequest, MediationSession
from mediation.notifications import links as news
from mediation.notifications import sessions as notifications
from mediation.permissions import can_file, can_mediate
from mediation.selectors.elapsed import minutes_between, moment
from mediation.selectors.request_rules import hours as in_words
from mediation.services.links import keep_posted
from mediation.services.planning import lock_mediator
from mediation.services.requests.common import lock_request
from mediation.services.sessions.common import (
    charge,
    check_confirmed,
    check_may_record,
    clean_note,
    lock_session,
    settle,
)
from mediation.workflow import SESSION
from partners.models import Language

# One session longer than this is a slip of the keyboard.
LONGEST = 12 * 60
LONGEST_TRAVEL = 10 * 60
MOST_PEOPLE = 500
# While the report is not signed, what was recorded can be put right.
RECORDING_STATES = (RequestState.CONFIRMED, RequestState.HELD, RequestState.REOPENED)


def record_session(
    *,
    session: MediationSession,
    actual_from: datetime,
    actual_until: datetime,
    version: int,
    by: Any,
    at: datetime,
    break_minutes: int = 0,
    travel_minutes: int = 0,
    outcome: str = SessionOutcome.COMPLETE,
    parents: int = 0,
    pupils: int = 0,
    operators: int = 0,
    language: Language | None = None,
    note: str = "",
    on_behalf_of: str = "",
) -> None:
    """Record that a session was held, or correct what was recorded while the report is not signed.

    Times are moments; what counts are the minutes between them minus the break, travel apart. A coordinator records on
    behalf of a mediator, who is named. Without `language` it is the one asked first. The request is held when its last
    session is recorded. Raises `StaleError`, `ClosedPeriodError`, `TransitionNotAllowed`, `NotPermitted`, `DomainError`
    at the field that must change: times to come, no time or too much of it, the mediator elsewhere.
    """
    actual_from, actual_until = moment(actual_from), moment(actual_until)
    minutes = check_times(actual_from, actual_until, break_minutes, at)
    _check_amounts(travel_minutes=travel_minutes, parents=parents, pupils=pupils, operators=operators)
    if outcome not in SessionOutcome.values:
        raise DomainError(_("Say how the session went."), field="outcome")
    with closed_period_refusals(), acting(by):
        request, locked = lock_session(session)
        check_may_record(by, request, on_behalf_of)
        _check_recordable(request, locked, at)
        if locked.version != version:
            raise StaleError
        _check_not_elsewhere(locked, actual_from, actual_until)
        change_state(
            instance=session,
            workflow=SESSION,
            transition="hold" if locked.state == SessionState.PLANNED else "correct",
            by=by,
            on_behalf_of=on_behalf_of.strip(),
            at=at,
            data={"minutes": minutes},
            actual_from=actual_from,
            actual_until=actual_until,
            break_minutes=break_minutes,
            minutes=minutes,
            travel_minutes=travel_minutes,
            outcome=outcome,
            absent="",
            parents=parents,
            pupils=pupils,
            operators=operators,
            language=language or _first_language(request),
            note=clean_note(note),
            recorded_at=at,
            version=F("version") + 1,
        )
        settle(request, by=by, at=at)


def check_times(actual_from: datetime, actual_until: datetime, break_minutes: int, at: datetime) -> int:
    """Return the minutes that count; raises `DomainError` at the field."""
    elapsed = minutes_between(actual_from, actual_until)
    if elapsed <= 0:
        raise DomainError(_("The end comes before the start."), field="actual_until")
    if moment(actual_until) > moment(at):
        raise DomainError(_("This time has not come yet: a session is recorded when it is over."), field="actual_until")
    if break_minutes < 0 or break_minutes >= elapsed:
        raise DomainError(
            _("The break lasts as long as the session, which was %(length)s: nothing would count.")
            % {"length": in_words(elapsed)},
            field="break_minutes",
        )
    if elapsed > LONGEST:
        raise DomainError(
            _("The session would have lasted %(length)s: check the days and the times.")
            % {"length": in_words(elapsed)},
            field="actual_until",
        )
    return elapsed - break_minutes


def _check_amounts(*, travel_minutes: int, **people: int) -> None:
    if not 0 <= travel_minutes <= LONGEST_TRAVEL:
        raise DomainError(
            _("The travel takes at most %(longest)s: check the minutes.") % {"longest": in_words(LONGEST_TRAVEL)},
            field="travel_minutes",
        )
    for field, number in people.items():
        if not 0 <= number <= MOST_PEOPLE:
            raise DomainError(_("At most %(most)s people: check the number.") % {"most": MOST_PEOPLE}, field=field)


def _check_recordable(request: MediationRequest, session: MediationSession, at: datetime) -> None:
    if request.state not in RECORDING_STATES:
        check_confirmed(request)
    if session.state == SessionState.PLANNED and session.planned_from > at:
        start = timezone.localtime(session.planned_from)
        raise DomainError(
            _("This session is planned for %(day)s at %(time)s: if it was held earlier, propose the new time first.")
            % {"day": f"{start:%d/%m/%Y}", "time": f"{start:%H:%M}"},
            field="actual_from",
        )


def _check_not_elsewhere(session: MediationSession, actual_from: datetime, actual_until: datetime) -> None:
    """Refuse two sessions held by one mediator at one time; the lock of the mediator keeps others out meanwhile."""
    lock_mediator(session.mediator_id)
    others = MediationSession.objects.filter(
        mediator=session.mediator_id,
        state=SessionState.HELD,
        actual_from__lt=actual_until,
        actual_until__gt=actual_from,
    ).exclude(pk=session.pk)
    other = others.order_by("actual_from", "pk").first()
    if other is not None and other.actual_from is not None and other.actual_until is not None:
        start, end = timezone.localtime(other.actual_from), timezone.localtime(other.actual_until)
        raise DomainError(
            _("Another session is recorded on %(day)s from %(start)s to %(end)s: check the times.")
            % {"day": f"{start:%d/%m/%Y}", "start": f"{start:%H:%M}", "end": f"{end:%H:%M}"},
            field="actual_from",
        )


def _first_language(request: MediationRequest) -> Language | None:
    first = request.languages.select_related("language").order_by("position", "pk").first()
    return first.language if first is not None else None


def mark_not_held(
    *, session: MediationSession, absent: str, reason: str, by: Any, at: datetime, on_behalf_of: str = ""
) -> None:
    """Record that nobody held a session, because of whom, and charge what the programme says.

    For the mediator, a coordinator who names the mediator, and the school or service when the mediator did not come.
    When no session of the request was held or remains, the request ends as not held and its hours are free again.
    Raises `DomainError` before the session begins, `TransitionNotAllowed` (also without a reason), `NotPermitted`.
    """
    if absent not in Absent.values:
        raise DomainError(_("Say because of whom it was not held."), field="absent")
    with closed_period_refusals(), acting(by):
        request, locked = lock_session(session)
        _check_may_tell_absence(by, request, absent, on_behalf_of)
        SESSION.check(locked.state, "not_hold", reason)
        check_confirmed(request)
        if locked.planned_from > at:
            raise TransitionNotAllowed(_("The session has not begun yet: cancel it, or propose a new time."))
        note = clean_note(reason, field="reason")
        charged = charge(request, locked, absent, by=by, at=at)
        change_state(
            instance=session,
            workflow=SESSION,
            transition="not_hold",
            by=by,
            comment=note,
            on_behalf_of=on_behalf_of.strip(),
            at=at,
            data={"charged": charged},
            absent=absent,
            charged_minutes=charged,
            note=note,
            recorded_at=at,
            sequence=F("sequence") + 1,
            version=F("version") + 1,
        )
        queue_messages(notifications.not_held(request, session, by=by))
        keep_posted(request=request, by=by, told=news.not_held(session))
        settle(request, by=by, at=at, comment=note)


def _check_may_tell_absence(by: Any, request: MediationRequest, absent: str, on_behalf_of: str) -> None:
    if by is not None and can_file(by, request.organisation_id) and not can_mediate(by, request):
        if absent != Absent.MEDIATOR:
            raise NotPermitted(_("Only the mediator records that the family or the school did not come."))
        return
    check_may_record(by, request, on_behalf_of)


def finish(*, request: MediationRequest, by: Any, at: datetime, on_behalf_of: str = "") -> None:
    """Say that no other session will follow, although more were asked: the request is held, or not held.

    Raises `TransitionNotAllowed` while a session is planned, `NotPermitted`.
    """
    with acting(by):
        locked = lock_request(request)
        check_may_record(by, locked, on_behalf_of)
        check_confirmed(locked)
        if MediationSession.objects.filter(request=locked.pk, state=SessionState.PLANNED).exists():
            raise TransitionNotAllowed(_("A session is still planned: record it or cancel it first."))
        settle(locked, by=by, at=at, comment=str(_("No other session follows")), last=True)
    request.refresh_from_db()
