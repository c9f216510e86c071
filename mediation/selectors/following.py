# SPDX-License-Identifier: EUPL-1.2
"""A request as whoever has no account reads it: how far it is, in plain words, and what can still be done."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils import formats, timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from fami_portal.core.components import Task
from fami_portal.core.models import TransitionLog
from mediation.enums import AuthorisationMethod, RequestState, SessionState
from mediation.models import MediationRequest
from mediation.selectors.request_facts import Block, blocks, languages_in_words, length_in_words, slot_in_words
from mediation.selectors.request_rules import hours
from mediation.selectors.requests import attachments, cancellation_cost, settings_for
from mediation.workflow import REQUEST

S = RequestState
_CONFIRMED = frozenset({S.CONFIRMED, S.RESCHEDULED, S.HELD, S.REPORTED, S.COUNTERSIGNED, S.VALIDATED, S.REOPENED})
_HELD = frozenset({S.HELD, S.REPORTED, S.COUNTERSIGNED, S.VALIDATED, S.REOPENED})
_SIGNED = frozenset({S.COUNTERSIGNED, S.VALIDATED})
_ENDED_EARLY = frozenset({S.REJECTED, S.CANCELLED, S.NOT_HELD, S.EXPIRED})


def waits_for_head(request: MediationRequest) -> bool:
    """Whether the head of the body has the turn."""
    return request.state == S.SUBMITTED


def may_cancel(request: MediationRequest) -> bool:
    """Whether the body may still give the request up."""
    return request.state in REQUEST.transitions["cancel"].sources


def may_complete(request: MediationRequest) -> bool:
    """Whether the request came back to the body to be completed."""
    return request.state == S.TO_COMPLETE


def in_plain_words(request: MediationRequest) -> str:
    """Say how far the request is, and who has the turn."""
    said: dict[str, Callable[[], str]] = {
        S.DRAFT: lambda: _("The request has not been submitted yet."),
        S.SUBMITTED: lambda: _("We have the request. The head of your school or service has to authorise it."),
        S.AUTHORISED: lambda: _("The request is authorised. The coordinator takes it in charge."),
        S.TAKEN_IN_CHARGE: lambda: _("The coordinator is looking for a mediator."),
        S.TO_COMPLETE: lambda: _("Something is missing: complete the request, so that we can go on."),
        S.ASSIGNING: lambda: _("The coordinator is looking for a mediator."),
        S.PROPOSED: lambda: _("We asked a mediator, and wait for the answer."),
        S.CONFIRMED: lambda: _("A mediator comes: day and hour are below."),
        S.RESCHEDULED: lambda: _(
            "A new time was proposed: you find it below. Until it is confirmed the old one stands."
        ),
        S.HELD: lambda: _("The meeting took place. The mediator writes the report."),
        S.REPORTED: lambda: _("The report is ready: whoever was there countersigns it."),
        S.COUNTERSIGNED: lambda: _("The report is signed. The coordinator checks it."),
        S.VALIDATED: lambda: _("Everything is done. Thank you."),
        S.REOPENED: lambda: _("The report is being corrected."),
        S.REJECTED: lambda: _("The request was not accepted."),
        S.CANCELLED: lambda: _("The request was cancelled."),
        S.NOT_HELD: lambda: _("The meeting did not take place. You can ask again."),
        S.EXPIRED: lambda: _("No mediator was found in time. You can ask again with other days."),
    }
    return said[RequestState(request.state)]()


def what_to_complete(request: MediationRequest) -> str:
    """Return what the coordinator asks for, or why the request ended (one query, only then)."""
    if request.state not in (S.TO_COMPLETE, S.REJECTED):
        return ""
    move = (
        TransitionLog.objects.filter(entity=REQUEST.entity, entity_id=request.pk, target=request.state)
        .order_by("-id")
        .first()
    )
    return move.comment if move is not None else ""


def steps_of(request: MediationRequest) -> list[Task]:
    """Return the way of a request, each step done, at work or still to come."""
    state = request.state
    ended = state in _ENDED_EARLY
    done = [(_("Request filed"), True)]
    if may_complete(request):
        done.append((_("Request completed"), False))
    if request.authorisation != AuthorisationMethod.NOT_NEEDED:
        done.append((_("Authorised by the head"), request.authorised_at is not None))
    done += [
        (_("Mediator found"), state in _CONFIRMED),
        (_("Meeting held"), state in _HELD),
        (_("Report countersigned"), state in _SIGNED),
        (_("Report checked: all done"), state == S.VALIDATED),
    ]
    current = next((place for place, (_title, is_done) in enumerate(done) if not is_done), None)
    return [
        Task(
            title,
            status=_("done") if is_done else _("now") if place == current and not ended else _("to come"),
            colour="success" if is_done else "primary" if place == current and not ended else "secondary",
        )
        for place, (title, is_done) in enumerate(done)
        if is_done or not ended
    ]


def facts_of(request: MediationRequest) -> list[tuple[Any, Any]]:
    """Return what the request is, without the case. Five queries at most."""
    facts: list[tuple[Any, Any]] = [
        (_("Number"), request.number),
        (_("School or service"), request.organisation.name),
        (_("Languages"), languages_in_words(request)),
        (_("Length"), length_in_words(request)),
    ]
    if request.state in _CONFIRMED and request.mediator is not None:
        facts.append((_("Mediator"), request.mediator.name))
        for row in _sessions(request):
            facts.append((_("Meeting"), when_in_words(row.planned_from, row.planned_until)))
            if row.proposed_from is not None and row.proposed_until is not None:
                facts.append((_("New time proposed"), when_in_words(row.proposed_from, row.proposed_until)))
    else:
        facts += [(_("Proposed time"), slot_in_words(slot)) for slot in request.slots.order_by("position")]
    files = len(attachments(request))
    return [*facts, (_("Files attached"), files)] if files else facts


def _sessions(request: MediationRequest) -> Any:
    return request.sessions.exclude(state=SessionState.CANCELLED).order_by("position", "pk")


def when_in_words(start: datetime | None, end: datetime | None) -> str:
    """Write day and hours of a session (`Thursday 23 May 2019, 10:00–11:00`)."""
    if start is None or end is None:
        return ""
    start, end = timezone.localtime(start), timezone.localtime(end)
    day = capfirst(formats.date_format(start, "l j F Y"))
    return f"{day}, {formats.time_format(start, 'H:i')}–{formats.time_format(end, 'H:i')}"


def everything_of(request: MediationRequest) -> list[Block]:
    """Return all that the head authorises, as it was filed; the case by its code alone."""
    request = (
        MediationRequest.objects.with_parts()
        .select_related("municipality", "citizenship", "mother_tongue", "other_language", "same_mediator")
        .prefetch_related("slots", "languages__language")
        .get(pk=request.pk)
    )
    return blocks(request, with_judicial=False)


def cost_in_words(request: MediationRequest, *, at: datetime) -> str:
    """Say what giving the request up costs at a moment of the work. Two queries."""
    cost = cancellation_cost(request, settings_for(request), at=at)
    if cost.minutes:
        return _("The meeting is near: %(hours)s are charged to the account of your body.") % {
            "hours": hours(cost.minutes)
        }
    if cost.free_until is None:
        return _("Nothing is charged: no mediator is engaged yet.")
    until = formats.date_format(timezone.localtime(cost.free_until), "SHORT_DATETIME_FORMAT")
    return _("Nothing is charged if you cancel before %(until)s.") % {"until": until}
