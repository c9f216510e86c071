# SPDX-License-Identifier: EUPL-1.2
"""What triage and assignment add to the page of a request: the coordinator's acts, the proposals, the mediator's own."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from actions.enums import Unit
from actions.selectors.rules import amount
from fami_portal.core.components import Button, Pill
from mediation.enums import ProposalState, RequestState
from mediation.models import MediationRequest, Proposal
from mediation.permissions import can_coordinate, is_assigned, mediator_of
from mediation.selectors.elapsed import minutes_between
from mediation.selectors.request_page import Section
from mediation.workflow import REQUEST

PROPOSAL_COLOURS = {
    ProposalState.PROPOSED: "warning",
    ProposalState.ACCEPTED: "success",
    ProposalState.REFUSED: "secondary",
    ProposalState.EXPIRED: "secondary",
    ProposalState.WITHDRAWN: "secondary",
}
# Transition, address, label, method, style: the coordinator's acts in the order of the work.
_ACTS = (
    ("take_in_charge", "request-take", lambda: _("Take in charge"), "post", "primary"),
    ("propose", "request-suggestions", lambda: _("Find a mediator"), "get", "primary"),
    ("confirm_arranged", "request-arranged", lambda: _("Arranged outside"), "get", "outline-primary"),
    ("ask_to_complete", "request-ask-to-complete", lambda: _("Ask to complete"), "get", "outline-primary"),
    ("reject", "request-reject", lambda: _("Reject"), "get", "outline-danger"),
)


def buttons(user: Any, request: MediationRequest, now: datetime) -> Iterator[Button]:
    """The coordinator's acts that the state allows; the mediator's way to give the request back."""
    coordinates = can_coordinate(user, request)
    if coordinates:
        for transition, name, label, method, style in _ACTS:
            if request.state in REQUEST.transitions[transition].sources:
                yield Button(label(), reverse(f"mediation:{name}", args=[request.uuid]), method=method, style=style)
    if request.state in REQUEST.transitions["give_back"].sources and (coordinates or is_assigned(user, request)):
        yield Button(
            _("The mediator cannot come") if coordinates else _("Give the request back"),
            reverse("mediation:request-give-back", args=[request.uuid]),
            style="outline-danger",
        )


def proposals_section(user: Any, request: MediationRequest, now: datetime) -> Section | None:
    """For coordinators every proposal with its answer; for a mediator the own one that waits."""
    if can_coordinate(user, request):
        if request.taken_at is None:
            return None
        rows = Proposal.objects.filter(request=request.pk).select_related("mediator").order_by("-proposed_at", "pk")
        found = [_line(row, now) for row in rows]
        return Section(
            _("Proposals to mediators"),
            "mediation/_board_section.html",
            {"proposals": found, "unmet": request.unmet},
            anchor="proposals",
        )
    mediator = mediator_of(user)
    if mediator is None or request.state != RequestState.PROPOSED:
        return None
    own = Proposal.objects.filter(
        request=request.pk, mediator=mediator.pk, state=ProposalState.PROPOSED, expires_at__gt=now
    ).first()
    if own is None:
        return None
    answer = reverse("mediation:proposal", args=[own.uuid])
    return Section(_("Proposal to you"), "mediation/_board_own_proposal.html", {"url": answer}, anchor="proposal")


def length_warning(request: MediationRequest, starts_at: datetime, ends_at: datetime) -> str:
    """Say that a time is shorter or longer than the meeting that the request asks for, or nothing."""
    asked, found = request.session_minutes, minutes_between(starts_at, ends_at)
    if not asked or found == asked:
        return ""
    lengths = {"length": amount(found, Unit.HOURS), "asked": amount(asked, Unit.HOURS)}
    if found < asked:
        return (
            _("This time lasts %(length)s: it is shorter than the meeting asked for, which is of %(asked)s.") % lengths
        )
    return _("This time lasts %(length)s: it is longer than the meeting asked for, which is of %(asked)s.") % lengths


def _line(proposal: Proposal, now: datetime) -> dict[str, Any]:
    state = ProposalState(proposal.state)
    waits = state == ProposalState.PROPOSED and proposal.expires_at > now
    start, end = timezone.localtime(proposal.starts_at), timezone.localtime(proposal.ends_at)
    return {
        "name": proposal.mediator.name,
        "url": reverse("mediation:mediator", args=[proposal.mediator.uuid]),
        "when": f"{start:%d/%m/%Y} {start:%H:%M}–{end:%H:%M}",
        "until": proposal.expires_at,
        "answered": proposal.answered_at,
        "pill": Pill(state.label, PROPOSAL_COLOURS[state]),
        "answer": " – ".join(filter(None, [proposal.get_refusal_display(), proposal.note])),
        "why": proposal.explanation,
        "withdraw_url": reverse("mediation:proposal-withdraw", args=[proposal.uuid]) if waits else "",
    }
