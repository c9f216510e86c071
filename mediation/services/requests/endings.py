# SPDX-License-Identifier: EUPL-1.2
"""The ways in which a request goes back or ends before it is held: to complete, declined, rejected, cancelled, expired."""

from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fami_portal.core.errors import DomainError, TransitionNotAllowed
from fami_portal.core.outbox import queue_messages
from fami_portal.core.services import acting, change_state, record_event
from mediation.enums import Absent, ProposalState, RequestChannel, SessionState
from mediation.models import MediationRequest, MediationSession, Proposal
from mediation.notifications import requests as notifications
from mediation.permissions import can_coordinate, check_can_authorise, check_can_coordinate, check_can_file
from mediation.selectors.request_rules import hours as in_hours
from mediation.selectors.requests import SOURCE, CancellationCost, cancellation_cost
from mediation.services import hours
from mediation.services.delegations import give_back
from mediation.services.links import keep_posted
from mediation.services.requests.common import lock_request, move_request, rules_of
from mediation.workflow import REQUEST, SESSION

LATE = gettext_lazy("Cancelled late by the school or service")


def _release(request: MediationRequest, *, by: Any, at: datetime, reason: str = "") -> None:
    if request.account is not None:
        hours.release(
            account=request.account, source_type=SOURCE, source_id=request.pk, by=by, at=at, reason=reason[:300]
        )


def withdraw_proposals(*, request: MediationRequest, by: Any, at: datetime) -> list[Proposal]:
    """Withdraw the proposals that still wait for an answer, inside the caller's transaction; returns them."""
    waiting = list(
        Proposal.objects.select_for_update(of=("self",))
        .filter(request=request.pk, state=ProposalState.PROPOSED)
        .select_related("mediator")
        .order_by("pk")
    )
    if waiting:
        Proposal.objects.filter(pk__in=[row.pk for row in waiting]).update(
            state=ProposalState.WITHDRAWN, answered_at=at
        )
        record_event(by=by, verb="withdrawn", target=request, at=at, data={"proposals": len(waiting)})
    return waiting


def ask_to_complete(*, request: MediationRequest, comment: str, by: Any, at: datetime) -> None:
    """Send a request back to the body with what is missing; its hours stay reserved.

    Raises `TransitionNotAllowed` (also without a comment), `NotPermitted` for others than its coordinators.
    """
    check_can_coordinate(by, request)
    with acting(by):
        move_request(request=request, transition="ask_to_complete", by=by, at=at, comment=comment)
        queue_messages(notifications.to_complete(request, at))
        keep_posted(request=request, by=by)


def decline(*, request: MediationRequest, comment: str, by: Any, at: datetime, on_behalf_of: object = "") -> None:
    """The head does not authorise the request: it ends, and its hours are free again.

    `by` is None when the head answers by a link. Raises `TransitionNotAllowed`, `NotPermitted` for others.
    """
    if by is not None:
        check_can_authorise(by, request)
    _end(request, transition="decline", comment=comment, by=by, at=at, on_behalf_of=on_behalf_of)


def reject(*, request: MediationRequest, reason: str, by: Any, at: datetime) -> None:
    """The coordinator rejects the request: it ends, and its hours are free again.

    Raises `TransitionNotAllowed` (also without a reason), `NotPermitted` for others than its coordinators.
    """
    check_can_coordinate(by, request)
    _end(request, transition="reject", comment=reason, by=by, at=at)


def _end(
    request: MediationRequest, *, transition: str, comment: str, by: Any, at: datetime, on_behalf_of: object = ""
) -> None:
    with acting(by):
        locked = lock_request(request)
        move_request(
            request=locked,
            transition=transition,
            by=by,
            at=at,
            comment=comment,
            on_behalf_of=on_behalf_of,
            closed_at=at,
        )
        offered = withdraw_proposals(request=locked, by=by, at=at)
        _release(locked, by=by, at=at, reason=comment)
        give_back(request=locked, by=by, at=at)
        queue_messages(notifications.ended(locked, at, offered=offered, by=by))
        keep_posted(request=locked, by=by)
    request.refresh_from_db()


class CostChangedError(DomainError):
    """Cancelling costs more than the page said when it was opened."""

    def __init__(self, minutes: int) -> None:
        super().__init__(
            _(
                "It has become late meanwhile: cancelling costs %(hours)s now. Nothing is cancelled yet: send it again if you agree."
            )
            % {"hours": in_hours(minutes)}
        )
        self.minutes = minutes


def cancel(
    *, request: MediationRequest, reason: str, by: Any, at: datetime, told: int | None = None
) -> CancellationCost:
    """Give a request up: sessions are cancelled, proposals withdrawn, the hours free again, minus what lateness costs.

    `told` are the minutes that the page said it would cost, when a page did: nobody pays more without having read it.
    Returns what was charged. Raises `CostChangedError`; `TransitionNotAllowed` when a session has begun or was held, or
    the state does not allow it; `NotPermitted` for others than the contact and the coordinators. `by` is None for a
    body without account.
    """
    if by is not None and not can_coordinate(by, request):
        check_can_file(by, request.organisation_id)
    with acting(by):
        locked = lock_request(request)
        REQUEST.check(locked.state, "cancel", reason)
        if told is not None:
            _check_told(locked, told, at=at)
        cost = cancel_planned_sessions(request=locked, reason=reason, by=by, at=at)
        move_request(
            request=locked,
            transition="cancel",
            by=by,
            at=at,
            comment=reason,
            data={"charged": cost.minutes},
            closed_at=at,
        )
        offered = withdraw_proposals(request=locked, by=by, at=at)
        _release(locked, by=by, at=at, reason=reason)
        give_back(request=locked, by=by, at=at)
        queue_messages(notifications.ended(locked, at, offered=offered, by=by))
        if by is not None:
            # By a link the body does it itself, and sees it on its page.
            keep_posted(request=locked, by=by)
    request.refresh_from_db()
    return cost


def _check_told(request: MediationRequest, told: int, *, at: datetime) -> None:
    now = cancellation_cost(request, rules_of(request), at=at).minutes
    if now > told:
        raise CostChangedError(now)


def cancel_planned_sessions(*, request: MediationRequest, reason: str, by: Any, at: datetime) -> CancellationCost:
    """Cancel all that is planned of a locked request, inside the caller's transaction, and charge what is late.

    Raises `TransitionNotAllowed` when a session has begun, or one has been held.
    """
    sessions = MediationSession.objects.filter(request=request.pk)
    if sessions.filter(state=SessionState.HELD).exists():
        raise TransitionNotAllowed(
            _("A session has been held already: cancel those that remain one by one, from their pages.")
        )
    cost = cancellation_cost(request, rules_of(request), at=at)
    for session, minutes in cost.charges:
        if session.planned_from <= at:
            raise TransitionNotAllowed(
                _("The session has begun already: record how it went, or that it was not held, from its page.")
            )
        charged = 0
        if minutes and request.account is not None:
            charged = hours.charge(
                account=request.account,
                source_type=SOURCE,
                source_id=request.pk,
                session_id=session.pk,
                minutes=minutes,
                by=by,
                at=at,
                reason=str(LATE),
            ).minutes
        change_state(
            instance=session,
            workflow=SESSION,
            transition="cancel",
            by=by,
            comment=reason,
            at=at,
            absent=Absent.REQUESTER,
            charged_minutes=charged,
            sequence=F("sequence") + 1,
            version=F("version") + 1,
        )
    return cost


def expire_overdue(*, at: datetime) -> int:
    """End the requests whose last day has passed without a mediator; returns how many. Running it twice is harmless.

    What was arranged outside the portal is about days that may be past: it does not expire.
    """
    today = timezone.localdate(at)
    overdue = (
        MediationRequest.objects.filter(state__in=REQUEST.transitions["expire"].sources, last_day__lt=today)
        .exclude(channel=RequestChannel.OUTSIDE)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    return sum(_expire(pk, at=at) for pk in list(overdue))


def _expire(pk: int, *, at: datetime) -> bool:
    with acting(None):
        request = lock_request(MediationRequest(pk=pk))
        if request.state not in REQUEST.transitions["expire"].sources:
            return False
        # Taken in charge and never confirmed: the need was not met for want of a mediator.
        sought = request.unmet or request.taken_at is not None
        move_request(request=request, transition="expire", by=None, at=at, closed_at=at, unmet=sought)
        offered = withdraw_proposals(request=request, by=None, at=at)
        _release(request, by=None, at=at, reason=str(_("Expired: the last day asked for has passed")))
        give_back(request=request, by=None, at=at)
        queue_messages(notifications.ended(request, at, offered=offered, by=None))
        keep_posted(request=request, by=None)
    return True
