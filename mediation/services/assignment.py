# SPDX-License-Identifier: EUPL-1.2
"""From a request that was authorised to a mediator who comes: taken in charge, proposed, accepted (design 4).

Every act locks the request first, then its proposals, then the mediator, so two people who act at once follow one
another. A request is “proposed” exactly as long as one of its proposals waits for an answer.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from fami_portal.core.errors import DomainError, TransitionNotAllowed
from fami_portal.core.outbox import queue_messages
from fami_portal.core.services import acting, change_state, record_event
from mediation.enums import Absent, ProposalState, RequestChannel, RequestState, SessionState
from mediation.models import MediationRequest, MediationSession, Mediator, Proposal
from mediation.notifications import assignment as notifications
from mediation.permissions import can_coordinate, check_can_coordinate, check_can_mediate
from mediation.selectors.elapsed import moment
from mediation.selectors.settings import settings_of
from mediation.services.facilitation import plan_following
from mediation.services.links import keep_posted
from mediation.services.mediation_activity import activity_for
from mediation.services.planning import plan_session
from mediation.services.proposals import (
    ProposalClosedError,
    accept,
    expire_proposals,
    lock_request,
    move_request,
    refuse,
    withdraw,
)
from mediation.services.suitability import check_suitable, check_time, passed
from mediation.workflow import REQUEST, SESSION

__all__ = [
    "ProposalClosedError",
    "accept",
    "confirm_arranged",
    "expire_proposals",
    "give_back",
    "mark_unmet",
    "offer_to_all",
    "passed",
    "propose",
    "refuse",
    "take_in_charge",
    "usual_answer_by",
    "withdraw",
]

# A proposal is answered at the latest this long before the session, when there is so much time.
LAST_ANSWER = timedelta(hours=1)


def take_in_charge(*, request: MediationRequest, by: Any, at: datetime) -> None:
    """Begin the triage of an authorised request, and find the activity to which its sessions will belong.

    Raises `TransitionNotAllowed` when it is not authorised or somebody was faster, `DomainError` when the network has
    no activity of mediation, `NotPermitted` for others than its coordinators.
    """
    check_can_coordinate(by, request)
    with acting(by):
        locked = lock_request(request)
        REQUEST.check(locked.state, "take_in_charge")
        activity = activity_for(locked)
        move_request(request, "take_in_charge", by=by, at=at, taken_at=at, taken_by=by, activity=activity)
        queue_messages(notifications.taken_in_charge(locked, at))


def propose(
    *,
    request: MediationRequest,
    mediator: Mediator,
    starts_at: datetime,
    ends_at: datetime,
    by: Any,
    at: datetime,
    expires_at: datetime | None = None,
    explanation: Sequence[str] = (),
) -> Proposal:
    """Offer the request to one mediator for a time; the same offer made twice (a double click) is one.

    `expires_at` is until when the answer is awaited; without it the programme's settings say. `explanation` is why this
    person, in words. Raises `MediatorBusyError`, `UnsuitableError`, `DomainError` at the field of a wrong time,
    `TransitionNotAllowed` when somebody was faster, `NotPermitted` for others than the coordinators.
    """
    check_can_coordinate(by, request)
    with acting(by):
        locked = lock_request(request)
        again = Proposal.objects.filter(
            request=locked, mediator=mediator, state=ProposalState.PROPOSED, starts_at=starts_at, ends_at=ends_at
        ).first()
        if again is not None:
            return again
        REQUEST.check(locked.state, "propose")
        made = _offer(locked, [(mediator, explanation)], starts_at, ends_at, by=by, at=at, expires_at=expires_at)
        move_request(request, "propose", by=by, at=at, data={"proposals": [proposal.pk for proposal in made]})
        return made[0]


def offer_to_all(
    *,
    request: MediationRequest,
    mediators: Iterable[Mediator],
    starts_at: datetime,
    ends_at: datetime,
    by: Any,
    at: datetime,
    expires_at: datetime | None = None,
) -> list[Proposal]:
    """Offer the request to several mediators at once: the first who accepts has it (the fast lane).

    All of them must be suitable and free. Raises as `propose`; nothing is offered to anybody then.
    """
    check_can_coordinate(by, request)
    chosen = sorted({mediator.pk: mediator for mediator in mediators}.values(), key=lambda row: row.pk)
    if not chosen:
        raise DomainError(_("Choose at least one mediator."), field="mediators")
    with acting(by):
        locked = lock_request(request)
        REQUEST.check(locked.state, "propose")
        made = _offer(
            locked, [(mediator, ()) for mediator in chosen], starts_at, ends_at, by=by, at=at, expires_at=expires_at
        )
        move_request(request, "propose", by=by, at=at, data={"proposals": [proposal.pk for proposal in made]})
        return made


def _offer(
    request: MediationRequest,
    mediators: Sequence[tuple[Mediator, Sequence[str]]],
    starts_at: datetime,
    ends_at: datetime,
    *,
    by: Any,
    at: datetime,
    expires_at: datetime | None,
) -> list[Proposal]:
    check_time(request=request, starts_at=starts_at, ends_at=ends_at, at=at)
    expires_at = _answer_by(request, starts_at, at, expires_at)
    for mediator, _words in mediators:
        if mediator.user_id is None:
            raise DomainError(
                _("%(name)s has no account: agree by phone, then enter it as arranged outside.")
                % {"name": mediator.name}
            )
    asked = [mediator for mediator, _words in mediators]
    check_suitable(request=request, mediators=asked, starts_at=starts_at, ends_at=ends_at, at=at)
    made = Proposal.objects.bulk_create(
        Proposal(
            request=request,
            mediator=mediator,
            starts_at=starts_at,
            ends_at=ends_at,
            proposed_at=at,
            proposed_by=by,
            expires_at=expires_at,
            explanation=[str(word) for word in words],
        )
        for mediator, words in mediators
    )
    queue_messages(draft for proposal in made for draft in notifications.proposed(proposal))
    return made


def usual_answer_by(*, request: MediationRequest, starts_at: datetime, at: datetime) -> datetime:
    """Return until when an answer is usually awaited: as the programme says, and before the session."""
    offered = settings_of(request.programme_id, request.kind)
    usual = at + (offered.answer_within if offered else timedelta(hours=24))
    last = moment(starts_at) - LAST_ANSWER
    return min(usual, last if last > at else starts_at)


def _answer_by(request: MediationRequest, starts_at: datetime, at: datetime, chosen: datetime | None) -> datetime:
    if chosen is not None:
        if not at < chosen <= starts_at:
            raise DomainError(_("The answer must be awaited until a moment before the session."), field="expires_at")
        return chosen
    return usual_answer_by(request=request, starts_at=starts_at, at=at)


def confirm_arranged(
    *,
    request: MediationRequest,
    mediator: Mediator,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    by: Any,
    at: datetime,
) -> MediationSession:
    """Enter what was agreed outside the portal, or has been held already: nobody is asked, all signatures still are.

    `reason` says why it was not asked here first. The time may be in the past. Raises as `propose`.
    """
    check_can_coordinate(by, request)
    with acting(by):
        locked = lock_request(request)
        REQUEST.check(locked.state, "confirm_arranged", reason)
        check_time(request=locked, starts_at=starts_at, ends_at=ends_at, at=at, past_too=True)
        check_suitable(request=locked, mediators=[mediator], starts_at=starts_at, ends_at=ends_at, at=at)
        session = plan_session(request=locked, mediator=mediator, starts_at=starts_at, ends_at=ends_at)
        plan_following(request=locked, first=session)
        move_request(
            request,
            "confirm_arranged",
            by=by,
            at=at,
            comment=reason,
            mediator=mediator,
            confirmed_at=at,
            unmet=False,
            channel=RequestChannel.OUTSIDE,
            outside_reason=reason.strip()[:300],
            data={"session": session.pk},
        )
        queue_messages(notifications.arranged(locked, starts_at, ends_at, at))
        keep_posted(request=request, by=by)
        return session


def mark_unmet(*, request: MediationRequest, by: Any, at: datetime) -> None:
    """Record that no mediator was found: the request stays open, and its languages are counted as unmet.

    Raises `TransitionNotAllowed` while a mediator is asked or there is one, `NotPermitted`.
    """
    check_can_coordinate(by, request)
    with acting(by):
        locked = lock_request(request)
        if locked.state == RequestState.TAKEN_IN_CHARGE:
            move_request(request, "assign", by=by, at=at)
        elif locked.state != RequestState.ASSIGNING:
            REQUEST.check(locked.state, "assign")
        if not locked.unmet:
            MediationRequest.objects.filter(pk=request.pk).update(unmet=True)
            record_event(by=by, verb="marked_unmet", target=request, at=at)
        request.refresh_from_db()


def give_back(*, request: MediationRequest, reason: str, by: Any, at: datetime) -> None:
    """Give an accepted request back, with the reason: its sessions to come are cancelled, another mediator is sought.

    For the mediator, or for the coordinator whom the mediator told. Raises `TransitionNotAllowed` without a reason or
    when a session has been held, `NotPermitted`.
    """
    if not can_coordinate(by, request):
        check_can_mediate(by, request)
    with acting(by):
        locked = lock_request(request)
        REQUEST.check(locked.state, "give_back", reason)
        sessions = MediationSession.objects.select_for_update(of=("self",)).filter(request=locked.pk).order_by("pk")
        rows = list(sessions)
        if any(row.state == SessionState.HELD for row in rows):
            raise TransitionNotAllowed(
                _("A session has been held already: cancel those to come instead, and ask again for the rest.")
            )
        for row in rows:
            if row.state == SessionState.PLANNED:
                change_state(
                    instance=row,
                    workflow=SESSION,
                    transition="cancel",
                    by=by,
                    comment=reason,
                    at=at,
                    absent=Absent.MEDIATOR,
                    proposed_from=None,
                    proposed_until=None,
                    proposed_side="",
                    sequence=F("sequence") + 1,
                    version=F("version") + 1,
                )
        Proposal.objects.filter(request=locked.pk, state=ProposalState.ACCEPTED).update(
            state=ProposalState.WITHDRAWN, answered_at=at
        )
        queue_messages(notifications.given_back(locked, at))
        move_request(request, "give_back", by=by, at=at, comment=reason, mediator=None, confirmed_at=None)
        keep_posted(request=request, by=by)
