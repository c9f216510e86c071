# SPDX-License-Identifier: EUPL-1.2
"""The list of requests that a person may read, filtered by address, and the same as a file."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from fami_portal.core import exports
from fami_portal.core.components import Button, Column, Lines, Link
from fami_portal.core.downloads import download_list, export_links
from mediation.filters.requests import RequestFilter
from mediation.models import MediationRequest
from mediation.selectors import request_facts as facts
from mediation.selectors import request_lists as lists
from mediation.selectors.access import own_bodies
from mediation.views.requests import pill_of
from partners.permissions import holds, organisations_with

PAGE_SIZE = 30


def _found(http: HttpRequest) -> RequestFilter:
    if not lists.can_list(http.user):
        raise PermissionDenied(_("Your role does not read requests of mediation."))
    own = [body.pk for body in organisations_with(http.user, Permission.VIEW_MEDIATION_REQUESTS)]
    return RequestFilter(http.GET, queryset=lists.listed(http.user), own=own)


def _times(request: MediationRequest) -> str:
    first = min(request.slots.all(), key=lambda slot: slot.position, default=None)
    return facts.slot_in_words(first) if first is not None else ""


@require_safe
def request_list(http: HttpRequest) -> HttpResponse:
    """The requests of the own body, or of those that one follows."""
    found = _found(http)
    page = Paginator(found.qs, PAGE_SIZE).get_page(http.GET.get("page"))
    rows = [
        [
            Lines(
                Link(request.number or _("Draft"), request.get_absolute_url(), hidden=request.organisation.name),
                request.organisation.name,
            ),
            request.get_kind_display(),
            facts.languages_in_words(request),
            _times(request),
            request.submitted_at,
            pill_of(request),
        ]
        for request in page
    ]
    columns = [
        Column(_("Request")),
        Column(_("Form")),
        Column(_("Languages")),
        Column(_("Proposed time")),
        Column(_("Submitted on"), nowrap=True),
        Column(_("State")),
    ]
    buttons = []
    if holds(http.user, Permission.PREPARE_MEDIATION_REQUESTS):
        buttons.append(Button(_("Ask for a mediator"), reverse("mediation:request-new")))
    if lists.coordinates_any(http.user):
        buttons.append(Button(_("Board of the coordinator"), reverse("mediation:board"), style="outline-primary"))
    if lists.coordinates_any(http.user) or own_bodies(http.user):
        buttons.append(Button(_("Links and delegations"), reverse("mediation:access-list"), style="outline-primary"))
    if holds(http.user, Permission.VIEW_MEDIATION_FIGURES):
        buttons.append(Button(_("See the figures"), reverse("mediation:figures"), style="outline-primary"))
    return render(
        http,
        "mediation/request_list.html",
        {
            "filter_form": found.form,
            "page": page,
            "rows": rows,
            "columns": columns,
            "buttons": buttons,
            "exports": export_links(http, "mediation:request-export"),
            "crumbs": [Link(_("Home"), reverse("home")), Link(_("Mediation requests"), "")],
        },
    )


@require_safe
def request_export(http: HttpRequest, fmt: str) -> Any:
    """The same selection as a file, without anything about the cases."""
    columns = [
        exports.Column(_("Number"), "number"),
        exports.Column(_("Form"), lambda row: row.get_kind_display(), width=30),
        exports.Column(_("Programme"), "programme.title", width=40),
        exports.Column(_("Network"), "network.name", width=30),
        exports.Column(_("Body"), "organisation.name", width=40),
        exports.Column(_("State"), lambda row: row.get_state_display()),
        exports.Column(_("Languages"), facts.languages_in_words, width=30),
        exports.Column(
            _("Types of intervention"), lambda row: facts.interventions_in_words(row.interventions), width=40
        ),
        exports.Column(_("Urgency"), lambda row: row.get_urgency_display()),
        exports.Column(_("Minutes asked"), "minutes_asked", exports.CellType.INTEGER),
        exports.Column(_("Sessions asked"), "sessions_asked", exports.CellType.INTEGER),
        exports.Column(_("Submitted on"), "submitted_at", exports.CellType.DATETIME),
        exports.Column(_("Confirmed on"), "confirmed_at", exports.CellType.DATETIME),
        exports.Column(_("Validated on"), "validated_at", exports.CellType.DATETIME),
    ]
    return download_list(
        name="richieste-di-mediazione",
        title=_("Mediation requests"),
        fmt=fmt,
        columns=columns,
        rows=_found(http).qs.iterator(chunk_size=1000),
    )
