# SPDX-License-Identifier: EUPL-1.2
"""The page of a request of mediation: state and turn, facts by blocks, what other rooms add, history."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from fami_portal.core import clock
from fami_portal.core.audit import TimelineEntry, timeline
from fami_portal.core.components import Entry, Link, Pill
from mediation.enums import RequestState
from mediation.models import MediationRequest
from mediation.permissions import belongs_to, can_coordinate, can_view_case, is_assigned
from mediation.selectors import request_facts as facts
from mediation.selectors.request_lists import can_list
from mediation.selectors.request_page import buttons_for, sections_for
from mediation.workflow import REQUEST

_PARTS = ("municipality", "same_mediator", "citizenship", "mother_tongue", "other_language", "submitted_by")


def request_for(http: HttpRequest, uuid: UUID) -> MediationRequest:
    """Return the request for those who may know of it, with all that its facts read; strangers get 404."""
    found = (
        MediationRequest.objects.visible_to(http.user)
        .with_parts()
        .select_related(*_PARTS)
        .prefetch_related("languages__language", "slots")
    )
    return get_object_or_404(found, uuid=uuid)


def title_of(request: MediationRequest) -> str:
    """Return what a request is called: its number, or that it is a draft."""
    return _("Request %(number)s") % {"number": request.number} if request.number else _("Draft of a request")


def crumbs_of(request: MediationRequest, *here: Any, reader: Any = None) -> list[Link]:
    """Return the way to the page of the request, or to a page under it: from the list, or from the day of a `reader`
    who mediates and has no list."""
    above = Link(_("Mediation requests"), reverse("mediation:request-list"))
    if reader is not None and not can_list(reader):
        above = Link(_("My sessions"), reverse("mediation:my-day"))
    found = [
        Link(_("Home"), reverse("home")),
        above,
        Link(title_of(request), request.get_absolute_url() if here else ""),
    ]
    return [*found, *(Link(title, "") for title in here)]


def pill_of(request: MediationRequest) -> Pill:
    """Return the state in words with its colour."""
    return Pill(request.get_state_display(), REQUEST.colours[request.state])


def history_of(request: MediationRequest) -> list[Entry]:
    """Return what happened to the request, newest first."""
    return [
        Entry(entry.at, entry.label, _who(entry), entry.comment, entry.target, entry.colour)
        for entry in timeline(request, limit=60)
    ]


def _who(entry: TimelineEntry) -> str:
    """Return who did it, and for whom when the author is another than who typed."""
    return f"{entry.actor}, {_('on behalf of')} {entry.on_behalf_of}" if entry.on_behalf_of else entry.actor


def may_know_court(user: Any, request: MediationRequest) -> bool:
    """Whether the person may know that a court is involved: the service itself, and the coordinators."""
    return belongs_to(user, request.organisation_id, Permission.VIEW_MEDIATION_REQUESTS) or can_coordinate(
        user, request
    )


@require_safe
def request_page(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """One request: whose turn it is, its facts, what can be done, its history."""
    request = request_for(http, uuid)
    now = clock.now()
    case = can_view_case(http.user, request)
    context = {
        "request_": request,
        "programme": request.programme,
        "heading": title_of(request),
        "kicker": request.get_kind_display(),
        "pill": pill_of(request),
        "crumbs": crumbs_of(request, reader=http.user),
        "turn": facts.whose_turn(request),
        "next": facts.what_next(request),
        "last_comment": _said(request) if case else "",
        "comment_heading": _("Reason") if request.state == RequestState.REJECTED else _("What the coordinator asks"),
        "facts": _facts(request),
        "buttons": buttons_for(http.user, request, now),
        "blocks": [
            {"title": block.title, "rows": [fact[:2] for fact in block.facts], "anchor": f"block-{block.step}"}
            for block in facts.blocks(
                request, with_case=case, with_judicial=case and may_know_court(http.user, request)
            )
        ],
        "case_hidden": not case,
        "sections": sections_for(http.user, request, now),
        "history": history_of(request) if case or not is_assigned(http.user, request) else [],
    }
    return render(http, "mediation/request.html", context)


def _facts(request: MediationRequest) -> list[tuple[Any, Any]]:
    """Return where the request belongs, and since when."""
    rows: list[tuple[Any, Any]] = [
        (_("Body"), request.organisation.name),
        (_("Network"), request.network.name),
        (_("Programme"), request.programme.title),
    ]
    if request.submitted_at is not None:
        rows.append((_("Submitted on"), request.submitted_at))
    if request.mediator is not None:
        rows.append((_("Mediator"), request.mediator.name))
    return rows


def _said(request: MediationRequest) -> str:
    """Return what the coordinator asks to complete, or why the request was not accepted."""
    if request.state not in (RequestState.TO_COMPLETE, RequestState.REJECTED):
        return ""
    entries = timeline(request, limit=10)
    return next((entry.comment for entry in entries if entry.comment), "")
