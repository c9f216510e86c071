# SPDX-License-Identifier: EUPL-1.2
"""What the acts on sessions share: locks, who may write, what an absence costs, and the request that follows."""

from datetime import datetime
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fami_portal.core.errors import DomainError, TransitionNotAllowed
from mediation.enums import Absent, RequestState, SessionState
from mediation.models import MediationRequest, MediationSession
from mediation.permissions import can_coordinate, can_mediate, check_can_mediate
from mediation.selectors.charges import LATE, charge_for
from mediation.selectors.elapsed import minutes_between
from mediation.selectors.free_text import refusals
from mediation.selectors.settings import RequestSettings, settings_of
from mediation.services import hours
from mediation.services.delegations import give_back
from mediation.services.requests.common import lock_request, move_request

SOURCE = "request"
_CHARGE_WORDS = {
    LATE: gettext_lazy("Cancelled late by the school or service"),
    Absent.FAMILY: gettext_lazy("Not held: the family did not come"),
    Absent.REQUESTER: gettext_lazy("Not held: nobody of the school or service was there"),
}


def lock_session(session: MediationSession) -> tuple[MediationRequest, MediationSession]:
    """Take the locks of the request and of the session, in this order, and return both as they are now."""
    request = lock_request(MediationRequest(pk=session.request_id))
    locked = MediationSession.objects.select_for_update(of=("self",)).get(pk=session.pk)
    locked.request = request
    return request, locked


def check_may_record(by: Any, request: MediationRequest, on_behalf_of: str) -> None:
    """Raise `NotPermitted` for others than the mediator, or a coordinator who names the mediator as the author.

    `by` None is the portal itself.
    """
    if by is None or can_mediate(by, request):
        return
    if not can_coordinate(by, request):
        check_can_mediate(by, request)
    if not on_behalf_of.strip():
        raise DomainError(_("Write the name of the mediator on whose behalf you record this."), field="on_behalf_of")


def check_confirmed(request: MediationRequest) -> None:
    """Raise `TransitionNotAllowed` with the reason unless the request is confirmed."""
    if request.state == RequestState.RESCHEDULED:
        raise TransitionNotAllowed(_("A new time has been proposed for this request: answer it first."))
    if request.state != RequestState.CONFIRMED:
        raise TransitionNotAllowed(
            _("This is now “%(state)s”: the act is no longer possible. Reload the page to see what can be done.")
            % {"state": request.get_state_display()}
        )


def settings_for(request: MediationRequest) -> RequestSettings:
    """Return what the programme says about the kind of the request; the defaults if it no longer offers it."""
    return settings_of(request.programme_id, request.kind) or RequestSettings(kind=request.kind)


def clean_note(note: str, field: str = "note") -> str:
    """Return a short text without what may not be in it; raises `DomainError` at the field."""
    note = note.strip()
    for sentence in refusals(note):
        raise DomainError(sentence, field=field)
    if len(note) > 300:
        raise DomainError(_("At most 300 characters: the report has room for more."), field=field)
    return note


def minutes_left(request: MediationRequest) -> int:
    """Return the minutes asked that no session takes: planned ones by their plan, held ones by what they lasted."""
    rows = MediationSession.objects.filter(request=request.pk).order_by("pk")
    used = rows.aggregate(charged=Sum("charged_minutes"))["charged"] or 0
    for row in rows.filter(state__in=(SessionState.PLANNED, SessionState.HELD)):
        used += minutes_between(row.planned_from, row.planned_until) if row.minutes is None else row.minutes
    return request.minutes_asked - used


def charge(request: MediationRequest, session: MediationSession, why: str, *, by: Any, at: datetime) -> int:
    """Charge the account for a session that nobody held; returns the minutes that were charged in the end."""
    wanted = charge_for(settings_for(request), session, why, at)
    if not wanted or request.account is None:
        return 0
    movement = hours.charge(
        account=request.account,
        source_type=SOURCE,
        source_id=request.pk,
        session_id=session.pk,
        minutes=wanted,
        by=by,
        at=at,
        reason=str(_CHARGE_WORDS[why]),
    )
    return movement.minutes


def settle(request: MediationRequest, *, by: Any, at: datetime, comment: str = "", last: bool = False) -> None:
    """Move a confirmed request on when all its sessions are over; inside the transaction of the act, request locked.

    While fewer sessions took place than were asked it waits for the others, unless this was the `last`.
    """
    if request.state != RequestState.CONFIRMED:
        return
    states = list(
        MediationSession.objects.filter(request=request.pk, mediator=request.mediator_id)
        .order_by("pk")
        .values_list("state", flat=True)
    )
    if SessionState.PLANNED in states or (len(states) < request.sessions_asked and not last):
        return
    if SessionState.HELD in states:
        move_request(request=request, transition="hold", by=by, at=at)
        return
    move_request(
        request=request,
        transition="not_hold",
        by=by,
        at=at,
        comment=comment or str(_("No session was held")),
        closed_at=at,
    )
    if request.account is not None:
        hours.release(account=request.account, source_type=SOURCE, source_id=request.pk, by=by, at=at, reason=comment)
    give_back(request=request, by=by, at=at)
