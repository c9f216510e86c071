# SPDX-License-Identifier: EUPL-1.2
"""The answers to proposals: accepted, refused, withdrawn, expired. The first acceptance wins.

The request is locked first, then its proposals, then the mediator.
"""

from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from fami_portal.core.errors import DomainError
from fami_portal.core.outbox import queue_messages
from fami_portal.core.services import acting, change_state, record_event
from mediation.enums import ProposalState, RefusalReason, RequestState
from mediation.models import MediationRequest, MediationSession, Proposal
from mediation.notifications import assignment as notifications
from mediation.permissions import check_can_answer, check_can_coordinate
from mediation.selectors.free_text import check_comment
from mediation.services.facilitation import plan_following
from mediation.services.links import keep_posted
from mediation.services.planning import plan_session
from mediation.services.suitability import check_suitable
from mediation.workflow import REQUEST


def lock_request(request: MediationRequest) -> MediationRequest:
    """Take the lock of a request and return it as it is now, with its parts; inside a service transaction."""
    MediationRequest.objects.select_for_update(of=("self",)).order_by("pk").get(pk=request.pk)
    return MediationRequest.objects.with_parts().select_related("municipality").get(pk=request.pk)


def move_request(
    request: MediationRequest, transition: str, *, by: Any, at: datetime, comment: str = "", **fields: Any
) -> None:
    """Move a request along its workflow, with the moment since which its new state lasts.

    Raises `DomainError` for a comment that holds a tax code, a phone number or an e-mail address.
    """
    check_comment(comment)
    change_state(
        instance=request,
        workflow=REQUEST,
        transition=transition,
        by=by,
        comment=comment,
        at=at,
        state_since=at,
        version=F("version") + 1,
        **fields,
    )


class ProposalClosedError(DomainError):
    """The proposal does not wait for an answer any more."""


def _lock_proposal(proposal: Proposal) -> Proposal:
    return (
        Proposal.objects.select_for_update(of=("self",))
        .select_related("mediator", "mediator__user", "proposed_by")
        .get(pk=proposal.pk)
    )


def _check_waits(proposal: Proposal, at: datetime) -> None:
    """Raise `ProposalClosedError` with the reason when the proposal cannot be answered any more."""
    if proposal.state == ProposalState.WITHDRAWN:
        if Proposal.objects.filter(request=proposal.request_id, state=ProposalState.ACCEPTED).exists():
            raise ProposalClosedError(_("Another mediator accepted this request first: thank you all the same."))
        raise ProposalClosedError(_("This proposal was withdrawn: the mediator is not needed any more."))
    if proposal.state == ProposalState.EXPIRED or (
        proposal.state == ProposalState.PROPOSED and proposal.expires_at <= at
    ):
        until = timezone.localtime(proposal.expires_at)
        raise ProposalClosedError(
            _("This proposal expired on %(day)s at %(time)s: the coordinator is told and looks for another mediator.")
            % {"day": f"{until:%d/%m/%Y}", "time": f"{until:%H:%M}"}
        )
    if proposal.state != ProposalState.PROPOSED:
        raise ProposalClosedError(
            _("This proposal has been answered already: “%(state)s”.") % {"state": ProposalState(proposal.state).label}
        )


def accept(*, proposal: Proposal, by: Any, at: datetime) -> MediationSession:
    """Accept a proposal: the first session is planned, the other mediators asked need not answer any more.

    Accepted twice (a double click) it is accepted once. Raises `ProposalClosedError` when it expired, was withdrawn or
    somebody else was faster, `MediatorBusyError` when the mediator was booked meanwhile, `UnsuitableError`,
    `NotPermitted` for others than the mediator.
    """
    check_can_answer(by, proposal)
    with acting(by):
        request = lock_request(proposal.request)
        locked = _lock_proposal(proposal)
        locked.request = request
        if locked.state == ProposalState.ACCEPTED:
            kept = locked.sessions.order_by("position").first()
            if kept is not None:
                return kept
        _check_waits(locked, at)
        REQUEST.check(request.state, "confirm")
        check_suitable(
            request=request,
            mediators=[locked.mediator],
            starts_at=locked.starts_at,
            ends_at=locked.ends_at,
            at=at,
        )
        _answer(locked, ProposalState.ACCEPTED, at)
        _withdraw_open(request, at, taken=True)
        session = plan_session(
            request=request,
            mediator=locked.mediator,
            starts_at=locked.starts_at,
            ends_at=locked.ends_at,
            proposal=locked,
        )
        plan_following(request=request, first=session)
        move_request(
            request,
            "confirm",
            by=by,
            at=at,
            mediator=locked.mediator,
            confirmed_at=at,
            unmet=False,
            data={"proposal": locked.pk, "session": session.pk},
        )
        queue_messages(notifications.accepted(locked))
        keep_posted(request=request, by=by)
    proposal.refresh_from_db()
    return session


def _answer(proposal: Proposal, state: str, at: datetime, **fields: Any) -> None:
    Proposal.objects.filter(pk=proposal.pk).update(state=state, answered_at=at, **fields)
    proposal.state = state


def _withdraw_open(request: MediationRequest, at: datetime, *, taken: bool) -> int:
    waiting = (
        Proposal.objects.select_for_update(of=("self",))
        .filter(request=request.pk, state=ProposalState.PROPOSED)
        .select_related("mediator", "mediator__user")
        .order_by("pk")
    )
    found = list(waiting)
    for proposal in found:
        proposal.request = request
    Proposal.objects.filter(pk__in=[proposal.pk for proposal in found]).update(
        state=ProposalState.WITHDRAWN, answered_at=at
    )
    queue_messages(draft for proposal in found for draft in notifications.withdrawn(proposal, taken=taken))
    return len(found)


def refuse(*, proposal: Proposal, reason: str, note: str = "", by: Any, at: datetime) -> None:
    """Refuse a proposal with a reason (`RefusalReason`); the coordinator looks for the next candidate.

    Refused twice it is refused once. Raises `ProposalClosedError`, `DomainError` without a reason, `NotPermitted`.
    """
    check_can_answer(by, proposal)
    if reason not in RefusalReason.values:
        raise DomainError(_("Say why you refuse."), field="reason")
    if reason == RefusalReason.OTHER and not note.strip():
        raise DomainError(_("Write the reason in a few words."), field="note")
    check_comment(note, field="note")
    with acting(by):
        request = lock_request(proposal.request)
        locked = _lock_proposal(proposal)
        locked.request = request
        if locked.state == ProposalState.REFUSED:
            return
        _check_waits(locked, at)
        _answer(locked, ProposalState.REFUSED, at, refusal=reason, note=note.strip()[:300])
        record_event(by=by, verb="proposal_refused", target=request, data={"proposal": locked.pk}, at=at)
        queue_messages(notifications.refused(locked))
        _seek_next(request, by=by, at=at)
    proposal.refresh_from_db()


def _seek_next(request: MediationRequest, *, by: Any, at: datetime) -> None:
    """Give the turn back to the coordinator when nobody is asked any more."""
    waiting = Proposal.objects.filter(request=request.pk, state=ProposalState.PROPOSED)
    if request.state == RequestState.PROPOSED and not waiting.exists():
        move_request(request, "seek_next", by=by, at=at)


def withdraw(*, proposal: Proposal, by: Any, at: datetime) -> None:
    """Take a proposal back before it is answered. Raises `ProposalClosedError`, `NotPermitted`."""
    check_can_coordinate(by, proposal.request)
    with acting(by):
        request = lock_request(proposal.request)
        locked = _lock_proposal(proposal)
        locked.request = request
        if locked.state != ProposalState.PROPOSED:
            raise ProposalClosedError(
                _("This proposal has been answered already: “%(state)s”.")
                % {"state": ProposalState(locked.state).label}
            )
        _answer(locked, ProposalState.WITHDRAWN, at)
        record_event(by=by, verb="proposal_withdrawn", target=request, data={"proposal": locked.pk}, at=at)
        queue_messages(notifications.withdrawn(locked, taken=False))
        _seek_next(request, by=by, at=at)
    proposal.refresh_from_db()


def expire_proposals(*, at: datetime) -> int:
    """Close the proposals that nobody answered in time, each request in a transaction of its own; returns how many.

    Running it again, or twice at once, changes nothing more.
    """
    due = Proposal.objects.filter(state=ProposalState.PROPOSED, expires_at__lte=at)
    requests = list(due.order_by("request").values_list("request", flat=True).distinct())
    return sum(_expire_of(MediationRequest(pk=pk), at) for pk in requests)


def _expire_of(request: MediationRequest, at: datetime) -> int:
    with acting(None):
        request = lock_request(request)
        late = list(
            Proposal.objects.select_for_update(of=("self",))
            .filter(request=request, state=ProposalState.PROPOSED, expires_at__lte=at)
            .order_by("pk")
        )
        for proposal in late:
            proposal.request = request
            _answer(proposal, ProposalState.EXPIRED, at)
            record_event(by=None, verb="proposal_expired", target=request, data={"proposal": proposal.pk}, at=at)
            queue_messages(notifications.expired(proposal))
        if late:
            _seek_next(request, by=None, at=at)
        return len(late)
