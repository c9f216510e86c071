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
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission
from fami_portal.core import exports
from fami_portal.core.components import Button, Column, Entry, Lines, Link, Pill
from fami_portal.core.downloads import download_list, export_links
from fami_portal.core.errors import DomainError, StaleError
from partners import selectors
from partners.filters import NetworkFilter
from partners.forms.networks import MemberEndForm, MemberForm, NetworkForm
from partners.models import Network, NetworkMember
from partners.permissions import can_manage_network, check_can_manage_network, check_holds, holds, managed_networks
from partners.services.networks import add_member, end_member, register_network, save_network

PAGE_SIZE = 50


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
    """One network: its facts, who belongs to it and since when, whom it coordinates, its history."""
    shown = get_object_or_404(selectors.network_for(request.user), uuid=uuid)
    manage = can_manage_network(request.user, shown)
    stays = list(selectors.members_of(shown))
    columns = [Column(_("Body")), Column(_("Part")), Column(_("Entered on"), nowrap=True)]
    children = selectors.coordinated_by(shown)
    context = {
        "network": shown,
        "pill": Pill(shown.get_kind_display(), "info"),
        "crumbs": [Link(_("Networks"), reverse("partners:networks")), Link(shown.name, "")],
        "facts": [
            (_("Code"), shown.code),
            (_("From"), shown.starts_on),
            (_("Until"), shown.ends_on),
            (_("Coordinated by"), Link(shown.parent.name, shown.parent.get_absolute_url()) if shown.parent else None),
            (_("Municipalities"), ", ".join(str(place) for place in shown.municipalities.order_by("name", "code"))),
        ],
        "buttons": [
            Button(_("Add a body"), reverse("partners:member-new", args=[shown.uuid])),
            Button(
                _("Correct the facts"), reverse("partners:network-edit", args=[shown.uuid]), style="outline-primary"
            ),
        ]
        if manage
        else [],
        "present_columns": [*columns, Column(_("What can be done"), hidden_label=True)] if manage else columns,
        "present_rows": [_member_row(stay, manage=manage) for stay in stays if stay.left_on is None],
        "past_columns": [*columns, Column(_("Left on"), nowrap=True)],
        "past_rows": [[*_member_row(stay, manage=False), stay.left_on] for stay in stays if stay.left_on],
        "child_columns": [Column(_("Network")), Column(_("Kind"))],
        "child_rows": [
            [Lines(Link(child.name, child.get_absolute_url()), child.code), child.get_kind_display()]
            for child in children
        ],
        "see_history": manage,
        "history": [Entry(entry.at, entry.label, entry.actor, entry.comment) for entry in selectors.history_of(shown)]
        if manage
        else [],
    }
    return render(request, "partners/network.html", context)


def _member_row(stay: NetworkMember, *, manage: bool) -> list[Any]:
    body = stay.organisation
    row: list[Any] = [
        Lines(Link(body.name, body.get_absolute_url()), body.municipality),
        Pill(stay.get_role_display(), stay.colour),
        stay.entered_on,
    ]
    if manage:
        row.append(Link(_("End the stay"), reverse("partners:member-end", args=[stay.uuid]), body.name))
    return row


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
    context = {"form": form, "network": shown, "crumbs": _crumbs(shown, _("Correct the facts"))}
    return render(request, "partners/network_edit.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def member_new(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Let a body enter the network."""
    shown = get_object_or_404(selectors.network_for(request.user), uuid=uuid)
    check_can_manage_network(request.user, shown)
    form = MemberForm(
        request.POST if request.method == "POST" else None,
        organisations=selectors.organisations_outside(request.user, shown),
        cancel_url=shown.get_absolute_url(),
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            add_member(
                network=shown,
                organisation=data["organisation"],
                role=data["role"],
                entered_on=data["entered_on"],
                by=request.user,
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The body belongs to the network now."))
            return redirect(shown)
    context = {"form": form, "network": shown, "crumbs": _crumbs(shown, _("Add a body"))}
    return render(request, "partners/member_new.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def member_end(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """End the stay of a body in a network."""
    stay = get_object_or_404(selectors.stays_for(request.user), uuid=uuid)
    check_can_manage_network(request.user, stay.network)
    form = MemberEndForm(request.POST if request.method == "POST" else None, cancel_url=stay.network.get_absolute_url())
    if request.method == "POST" and form.is_valid():
        try:
            end_member(
                member=stay, left_on=form.cleaned_data["left_on"], by=request.user, reason=form.cleaned_data["reason"]
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The stay has an end. The work done until then stays where it is."))
            return redirect(stay.network)
    context = {"form": form, "stay": stay, "crumbs": _crumbs(stay.network, _("End the stay"))}
    return render(request, "partners/member_end.html", context)


def _parents(request: HttpRequest) -> Any:
    return managed_networks(request.user, Permission.MANAGE_ORGANISATIONS).order_by("name", "pk")


def _crumbs(shown: Network, label: Any) -> list[Any]:
    return [Link(_("Networks"), reverse("partners:networks")), Link(shown.name, shown.get_absolute_url()), label]
