# SPDX-License-Identifier: EUPL-1.2
"""Pages of networks: list, export, network, registration, correction, members."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission
from fami_portal.core import clock, exports
from fami_portal.core.components import Button, Column, Entry, Lines, Link, Pill
from fami_portal.core.downloads import download_list, export_links
from fami_portal.core.errors import DomainError, StaleError
from partners import selectors
from partners.filters import NetworkFilter
from partners.forms.networks import NetworkForm
from partners.models import Network, NetworkDeed, NetworkMember
from partners.permissions import (
    can_keep_deeds,
    can_manage_network,
    can_read_deeds,
    check_can_manage_network,
    check_holds,
    holds,
    managed_networks,
)
from partners.selectors.deeds import deeds_of
from partners.selectors.stays import story_of
from partners.services.networks import register_network, save_network

PAGE_SIZE = 50
# Beyond this many the page of a network counts its municipalities; the map names them.
MANY_PLACES = 12


def _lead_name(network: Network) -> str:
    return ", ".join(stay.organisation.name for stay in network.leads)  # type: ignore[attr-defined]


@require_safe
def network_list(request: HttpRequest) -> HttpResponse:
    """The networks that the person may see, with filters."""
    found = NetworkFilter(request.GET, queryset=selectors.networks_for(request.user))
    page = Paginator(found.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    columns = [
        Column(_("Network")),
        Column(_("Kind")),
        Column(_("Lead")),
        Column(_("Members"), numeric=True),
        Column(_("Adherents"), numeric=True),
        Column(_("Coordinated by")),
    ]
    rows = [
        [
            Lines(Link(network.name, network.get_absolute_url()), network.code),
            network.get_kind_display(),
            _lead_name(network),
            network.member_count,
            network.adherent_count,
            network.parent,
        ]
        for network in page
    ]
    context = {
        "filter_form": found.form,
        "page": page,
        "columns": columns,
        "rows": rows,
        "exports": export_links(request, "partners:networks-export"),
        "may_register": holds(request.user, Permission.MANAGE_ORGANISATIONS),
        "buttons": [Button(_("Register a network"), reverse("partners:network-new"))],
    }
    return render(request, "partners/network_list.html", context)


@require_safe
def networks_export(request: HttpRequest, fmt: str) -> Any:
    """The same selection as a file."""
    found = NetworkFilter(request.GET, queryset=selectors.networks_for(request.user))
    columns = [
        exports.Column(_("Code"), "code"),
        exports.Column(_("Network"), "name", width=50),
        exports.Column(_("Kind"), lambda network: network.get_kind_display()),
        exports.Column(_("Lead"), _lead_name, width=40),
        exports.Column(_("Members"), "member_count", exports.CellType.INTEGER),
        exports.Column(_("Adherents"), "adherent_count", exports.CellType.INTEGER),
        exports.Column(_("Coordinated by"), lambda network: network.parent and network.parent.name),
        exports.Column(_("From"), "starts_on", exports.CellType.DATE),
        exports.Column(_("Until"), "ends_on", exports.CellType.DATE),
    ]
    return download_list(
        name="reti", title=_("Networks"), fmt=fmt, columns=columns, rows=found.qs.iterator(chunk_size=1000)
    )


@require_safe
def network(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One network: its facts, who belongs to it and since when, its deeds, whom it coordinates, its history."""
    shown = get_object_or_404(selectors.network_for(request.user), uuid=uuid)
    manage, deeds = can_manage_network(request.user, shown), list(deeds_of(shown))
    keep = manage or can_keep_deeds(request.user, shown)
    read = keep or can_read_deeds(request.user, shown)
    stays, today = list(selectors.members_of(shown)), clock.today()
    present = [stay for stay in stays if stay.left_on is None or stay.left_on >= today]
    past = [stay for stay in stays if stay not in present]
    columns = [Column(_("Body")), Column(_("Part")), Column(_("Entered on"), nowrap=True)]
    acts = _acts(shown, manage=manage, keep=keep, has_lead=any(stay.role == "lead" for stay in present))
    context = {
        "network": shown,
        "pill": Pill(shown.get_kind_display(), "info"),
        "crumbs": [Link(_("Networks"), reverse("partners:networks")), Link(shown.name, "")],
        "facts": _facts(shown),
        "buttons": acts[:1],
        "more": acts[1:],
        "panels": selectors.network_panels(request.user, shown),
        "present_columns": [*columns, Column(_("What can be done"), hidden_label=True)] if manage else columns,
        "present_rows": [_member_row(stay, manage=manage) for stay in present],
        "past_columns": [
            *columns,
            Column(_("Left on"), nowrap=True),
            Column(_("Why it left")),
            *([Column(_("What can be done"), hidden_label=True)] if manage else []),
        ],
        "past_rows": [
            [
                *_member_row(stay, manage=None),
                stay.left_on,
                stay.get_exit_reason_display(),
                *([_correction(stay)] if manage else []),
            ]
            for stay in past
        ],
        "deed_columns": [
            Column(_("Deed")),
            Column(_("Date of the deed"), nowrap=True),
            Column(_("Bodies")),
            Column(_("File")),
            *([Column(_("What can be done"), hidden_label=True)] if keep else []),
        ],
        "deed_rows": [_deed_row(deed, keep=keep, read=read) for deed in deeds],
        "child_columns": [Column(_("Network")), Column(_("Kind")), Column(_("Lead")), *_figure_columns()],
        "child_rows": _child_rows(request, shown),
        "story": story_of(stays),
        "see_history": manage,
        "history": [Entry(entry.at, entry.label, entry.actor, entry.comment) for entry in selectors.history_of(shown)]
        if manage
        else [],
    }
    return render(request, "partners/network.html", context)


def _facts(shown: Network) -> list[tuple[Any, Any]]:
    places = [str(place) for place in shown.municipalities.order_by("name", "code")]
    if len(places) > MANY_PLACES:
        text = ngettext("%(number)s municipality", "%(number)s municipalities", len(places)) % {"number": len(places)}
        written: Any = Link(text, reverse("partners:territory", args=[shown.uuid]))
    else:
        written = ", ".join(places)
    return [
        (_("Code"), shown.code),
        (_("From"), shown.starts_on),
        (_("Until"), shown.ends_on),
        (_("Coordinated by"), Link(shown.parent.name, shown.parent.get_absolute_url()) if shown.parent else None),
        (_("Municipalities"), written),
    ]


def _acts(shown: Network, *, manage: bool, keep: bool, has_lead: bool) -> list[Button]:
    """Return what can be done, the most usual first: the page shows that one, and folds the others."""

    def button(label: Any, page: str, style: str = "outline-primary") -> Button:
        return Button(label, reverse(page, args=[shown.uuid]), style=style)

    buttons = []
    if manage:
        buttons.append(button(_("Add a body"), "partners:member-new", "primary"))
    if keep:
        buttons.append(button(_("Record a deed"), "partners:deed-new", "outline-primary" if manage else "primary"))
    buttons.append(button(_("Map of the territory"), "partners:territory"))
    if manage:
        if has_lead:
            buttons.append(button(_("Change the lead"), "partners:lead-change"))
        buttons.append(button(_("Municipalities"), "partners:network-municipalities"))
        buttons.append(button(_("Correct the facts"), "partners:network-edit"))
    return buttons


def _member_row(stay: NetworkMember, *, manage: bool | None) -> list[Any]:
    body = stay.organisation
    until = _("until %(day)s") % {"day": f"{stay.left_on:%d/%m/%Y}"} if manage is not None and stay.left_on else ""
    row: list[Any] = [
        Lines(Link(body.name, body.get_absolute_url()), body.municipality),
        Pill(stay.get_role_display(), stay.colour),
        Lines(stay.entered_on, until),
    ]
    if manage:
        entry = _correction(stay)
        act = Link(_("End the stay"), reverse("partners:member-end", args=[stay.uuid]), body.name)
        row.append(entry if stay.left_on else Lines(act, entry))
    return row


def _correction(stay: NetworkMember) -> Link:
    return Link(_("Correct the stay"), reverse("partners:member-entry", args=[stay.uuid]), stay.organisation.name)


def _deed_row(deed: NetworkDeed, *, keep: bool, read: bool) -> list[Any]:
    bodies = [deed.organisation.name] if deed.organisation else [body.name for body in deed.signatories.all()]
    file: Any = Pill(_("To be added"), "warning")
    if deed.file is not None:
        file = Link(deed.file.name, deed.file.get_absolute_url()) if read else _("kept")
    row = [Lines(deed.title, deed.notes if read else ""), deed.signed_on, ", ".join(bodies), file]
    if keep:
        row.append(Link(_("Correct"), reverse("partners:deed-edit", args=[deed.uuid]), deed.title))
    return row


def _figure_columns() -> list[Column]:
    return [Column(_("Bodies"), numeric=True), Column(_("Municipalities"), numeric=True), Column(_("Results"))]


def _child_rows(request: HttpRequest, shown: Network) -> list[list[Any]]:
    children = list(selectors.coordinated_by(shown))
    links = selectors.result_links(request.user, children)
    return [
        [
            Lines(Link(child.name, child.get_absolute_url()), child.code),
            child.get_kind_display(),
            child.lead_names,  # type: ignore[attr-defined]
            child.member_count,  # type: ignore[attr-defined]
            child.place_count,  # type: ignore[attr-defined]
            links.get(child.pk),
        ]
        for child in children
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def network_new(request: HttpRequest) -> HttpResponse:
    """Register a network."""
    check_holds(request.user, Permission.MANAGE_ORGANISATIONS)
    form = NetworkForm(
        request.POST if request.method == "POST" else None,
        parents=_parents(request),
        cancel_url=reverse("partners:networks"),
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = register_network(
                by=request.user,
                code=data["code"],
                name=data["name"],
                kind=data["kind"],
                parent=data["parent"],
                municipalities=data["municipalities"],
                starts_on=data["starts_on"],
                ends_on=data["ends_on"],
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The network is registered. Now add the bodies that belong to it."))
            return redirect(made)
    crumbs = [Link(_("Networks"), reverse("partners:networks")), _("Register a network")]
    return render(request, "partners/network_new.html", {"form": form, "crumbs": crumbs})


@require_http_methods(["GET", "HEAD", "POST"])
def network_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Correct the facts of a network and who coordinates it."""
    shown = get_object_or_404(selectors.network_for(request.user), uuid=uuid)
    check_can_manage_network(request.user, shown)
    form = NetworkForm(
        request.POST if request.method == "POST" else None,
        parents=_parents(request),
        network=shown,
        cancel_url=shown.get_absolute_url(),
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            save_network(
                network=shown,
                by=request.user,
                version=int(data["version"]) if data["version"].isdigit() else -1,
                name=data["name"],
                kind=data["kind"],
                parent=data["parent"],
                municipalities=data["municipalities"],
                starts_on=data["starts_on"],
                ends_on=data["ends_on"],
            )
        except DomainError as error:
            form.add_refusal(error, version=shown.version if isinstance(error, StaleError) else None)
        else:
            messages.success(request, _("The facts are saved."))
            return redirect(shown)
    context = {"form": form, "network": shown, "crumbs": crumbs_of(shown, _("Correct the facts"))}
    return render(request, "partners/network_edit.html", context)


def _parents(request: HttpRequest) -> Any:
    return managed_networks(request.user, Permission.MANAGE_ORGANISATIONS).order_by("name", "pk")


def crumbs_of(shown: Network, label: Any) -> list[Any]:
    """Return the way to a page of a network."""
    return [Link(_("Networks"), reverse("partners:networks")), Link(shown.name, shown.get_absolute_url()), label]
