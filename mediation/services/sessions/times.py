# SPDX-License-Identifier: EUPL-1.2
"""When sessions are: another one, a new time that the other side answers, one cancelled before it begins."""

from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from actions.workflow import closed_period_refusals
from fami_portal.core.errors import DomainError, NotPermitted, TransitionNotAllowed
from fami_portal.core.outbox import queue_messages
from fami_portal.core.services import acting, change_state, record_event
from mediation.enums import Absent, SessionState, SignerRole
from mediation.models import MediationRequest, MediationSession
from mediation.notifications import links as news
from mediation.notifications import sessions as notifications
from mediation.permissions import can_coordinate, can_file, can_mediate, check_can_mediate
from mediation.selectors.charges import LATE
from mediation.selectors.elapsed import minutes_between, moment
from mediation.selectors.request_rules import hours as in_words
from mediation.services.links import keep_posted
from mediation.services.planning import MediatorBusyError, busy_range, change_time, clash_of, plan_session
from mediation.services.requests.common import lock_request, move_request
from mediation.services.sessions.common import (
    charge,
    check_confirmed,
    clean_note,
    lock_session,
    minutes_left,
    settle,
)
from mediation.services.suitability import check_time
from mediation.workflow import REQUEST, SESSION


def add_session(
    *, request: MediationRequest, starts_at: datetime, ends_at: datetime, by: Any, at: datetime
) -> MediationSession:
    """Plan another session of a confirmed request, within the hours that it asked for.

    For the mediator and the coordinators. Raises `MediatorBusyError`, `DomainError` at the field of a wrong time or when
    no hours are left, `TransitionNotAllowed`, `NotPermitted`.
    """
    starts_at, ends_at = moment(starts_at), moment(ends_at)
    with acting(by):
        locked = lock_request(request)
        if by is not None and not can_coordinate(by, locked):
            check_can_mediate(by, locked)
        check_confirmed(locked)
        check_time(request=locked, starts_at=starts_at, ends_at=ends_at, at=at)
        left = minutes_left(locked)
        if minutes_between(starts_at, ends_at) > left:
            raise DomainError(
                _("Of the %(asked)s asked, %(left)s are not planned yet: choose a shorter time, or ask again for more.")
                % {"asked": in_words(locked.minutes_asked), "left": in_words(max(left, 0))},
                field="ends_at",
            )
        session = plan_session(request=locked, mediator=locked.mediator, starts_at=starts_at, ends_at=ends_at)  # type: ignore[arg-type]  # a confirmed request has one
        record_event(by=by, verb="session_added", target=locked, data={"session": session.pk}, at=at)
        queue_messages(notifications.added(locked, session, by=by))
        keep_posted(request=locked, by=by, told=news.added(session))
    return session


def propose_new_time(
    *, session: MediationSession, starts_at: datetime, ends_at: datetime, reason: str, by: Any, at: datetime
) -> None:
    """Propose another time for a planned session; the old one stands until the other side answers.

    The mediator proposes to the school or service; the school or service, and a coordinator for it, to the mediator.
    Raises `MediatorBusyError`, `DomainError` at the field of a wrong time, `TransitionNotAllowed` (also without a
    reason), `NotPermitted`.
    """
    starts_at, ends_at = moment(starts_at), moment(ends_at)
    with acting(by):
        request, locked = lock_session(session)
        side = side_of(by, request)
        REQUEST.check(request.state, "reschedule", reason)
        if locked.state != SessionState.PLANNED or locked.planned_from <= at:
            raise TransitionNotAllowed(_("The session has begun already: record how it went, or that it was not held."))
        _check_new_time(request, locked, starts_at, ends_at, at)
        note = clean_note(reason, field="reason")
        MediationSession.objects.filter(pk=locked.pk).update(
            proposed_from=starts_at, proposed_until=ends_at, proposed_side=side, version=F("version") + 1
        )
        move_request(request=request, transition="reschedule", by=by, at=at, comment=note, data={"session": locked.pk})
        session.refresh_from_db()
        queue_messages(notifications.new_time(request, session, at=at))
        keep_posted(request=request, by=by, told=news.new_time(session))


def side_of(by: Any, request: MediationRequest) -> str:
    """Return for whom the person speaks; raises `NotPermitted` for others than the two sides and the coordinators."""
    if by is not None and can_mediate(by, request):
        return SignerRole.MEDIATOR
    if by is None or can_coordinate(by, request) or can_file(by, request.organisation_id):
        return SignerRole.REQUESTER
    raise NotPermitted(_("Only the school or service, the mediator and the coordinators can do this."))


def _check_new_time(
    request: MediationRequest, session: MediationSession, starts_at: datetime, ends_at: datetime, at: datetime
) -> None:
    check_time(request=request, starts_at=starts_at, ends_at=ends_at, at=at)
    if (starts_at, ends_at) == (session.planned_from, session.planned_until):
        raise DomainError(_("This is the time already planned: choose another one."), field="starts_at")
    busy_from, busy_until = busy_range(
        mediator=session.mediator, mode=request.mode, starts_at=starts_at, ends_at=ends_at
    )
    clash = clash_of(mediator_id=session.mediator_id, busy_from=busy_from, busy_until=busy_until, but=session.pk)
    if clash is not None:
        raise MediatorBusyError(clash)


def answer_new_time(*, session: MediationSession, accept: bool, by: Any, at: datetime, on_behalf_of: str = "") -> None:
    """Confirm the time that the other side proposed, or refuse it: then the old one stands.

    Who proposed it may only take it back. A coordinator answers on behalf of somebody who is named. Raises
    `MediatorBusyError` when the mediator was booked meanwhile, `TransitionNotAllowed`, `NotPermitted`.
    """
    with acting(by):
        request, locked = lock_session(session)
        REQUEST.check(request.state, "confirm_new_time")
        if locked.proposed_from is None or locked.proposed_until is None:
            raise TransitionNotAllowed(_("No new time is being discussed for this session: reload the page."))
        _check_may_answer(by, request, locked, accept=accept, on_behalf_of=on_behalf_of)
        if accept:
            if locked.proposed_from <= at:
                raise TransitionNotAllowed(_("The time proposed has passed already: refuse it, and propose another."))
            change_time(session=locked, starts_at=locked.proposed_from, ends_at=locked.proposed_until)
        else:
            MediationSession.objects.filter(pk=locked.pk).update(
                proposed_from=None, proposed_until=None, proposed_side="", version=F("version") + 1
            )
        move_request(
            request=request,
            transition="confirm_new_time" if accept else "keep_old_time",
            by=by,
            at=at,
            on_behalf_of=on_behalf_of.strip(),
            data={"session": locked.pk},
        )
        session.refresh_from_db()
        queue_messages(notifications.new_time_answered(request, session, accepted=accept, at=at, by=by))
        keep_posted(request=request, by=by, told=news.new_time_answered(session, accepted=accept))


def _check_may_answer(
    by: Any, request: MediationRequest, session: MediationSession, *, accept: bool, on_behalf_of: str
) -> None:
    if by is None:
        return
    side = side_of(by, request)
    if side != session.proposed_side or not accept:
        if side == SignerRole.REQUESTER and can_coordinate(by, request) and not can_file(by, request.organisation_id):
            _check_named(on_behalf_of)
        return
    if can_coordinate(by, request):
        _check_named(on_behalf_of)
        return
    raise NotPermitted(_("The other side answers the time that you proposed; you can only take it back."))


def _check_named(on_behalf_of: str) -> None:
    if not on_behalf_of.strip():
        raise DomainError(_("Write the name of the person on whose behalf you answer."), field="on_behalf_of")


def cancel_session(
    *, session: MediationSession, reason: str, by: Any, at: datetime, absent: str = "", on_behalf_of: str = ""
) -> int:
    """Cancel one of several sessions before it begins; returns the minutes charged.

    The school or service pays for a late one, the mediator never; a coordinator says because of whom (`absent`). The
    only session of a request is not cancelled alone: the request is cancelled, given back, or gets a new time. Raises
    `TransitionNotAllowed` (also without a reason), `NotPermitted`.
    """
    with closed_period_refusals(), acting(by):
        request, locked = lock_session(session)
        side = _cancelling_side(by, request, absent)
        SESSION.check(locked.state, "cancel", reason)
        check_confirmed(request)
        if locked.planned_from <= at:
            raise TransitionNotAllowed(
                _("The session has begun already: record how it went, or that it was not held, from its page.")
            )
        others = MediationSession.objects.filter(
            request=request.pk, mediator=locked.mediator_id, state__in=(SessionState.PLANNED, SessionState.HELD)
        )
        if not others.exclude(pk=locked.pk).exists():
            raise TransitionNotAllowed(
                _("It is the only session left: propose a new time, or cancel the request or give it back.")
            )
        note = clean_note(reason, field="reason")
        charged = charge(request, locked, LATE, by=by, at=at) if side == Absent.REQUESTER else 0
        change_state(
            instance=session,
            workflow=SESSION,
            transition="cancel",
            by=by,
            comment=note,
            on_behalf_of=on_behalf_of.strip(),
            at=at,
            data={"charged": charged},
            absent=side,
            charged_minutes=charged,
            sequence=F("sequence") + 1,
            version=F("version") + 1,
        )
        queue_messages(notifications.cancelled(request, session, by=by))
        keep_posted(request=request, by=by, told=news.cancelled(session))
        settle(request, by=by, at=at, comment=note)
    return charged


def _cancelling_side(by: Any, request: MediationRequest, absent: str) -> str:
    if by is not None and can_mediate(by, request):
        return Absent.MEDIATOR
    if by is None or can_coordinate(by, request):
        return absent or Absent.OTHER
    if not can_file(by, request.organisation_id):
        raise NotPermitted(_("Only the school or service, the mediator and the coordinators can do this."))
    return Absent.REQUESTER
