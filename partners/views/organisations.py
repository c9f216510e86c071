# SPDX-License-Identifier: EUPL-1.2
"""Pages of bodies: list, export, body, registration, correction."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
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
from partners.filters import OrganisationFilter
from partners.forms.organisations import OrganisationForm
from partners.models import Membership, Network, NetworkMember, Organisation
from partners.permissions import (
    can_manage_memberships,
    can_manage_organisation,
    can_see_people,
    check_can_manage_organisation,
    check_holds,
    holds,
)
from partners.selectors.deeds import deeds_about
from partners.services.organisations import register_organisation, update_organisation

PAGE_SIZE = 50


@require_safe
def organisation_list(request: HttpRequest) -> HttpResponse:
    """The bodies that the person may see, with filters."""
    found = OrganisationFilter(request.GET, queryset=selectors.organisations_for(request.user))
    page = Paginator(found.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    columns = [
        Column(_("Body")),
        Column(_("Kind")),
        Column(_("Municipality")),
        Column(_("Networks"), numeric=True),
    ]
    rows = [
        [
            Lines(Link(body.name, body.get_absolute_url()), body.school_code or body.fiscal_code),
            Lines(body.get_kind_display(), body.get_nature_display()),
            body.municipality,
            body.current_networks,
        ]
        for body in page
    ]
    context = {
        "filter_form": found.form,
        "page": page,
        "columns": columns,
        "rows": rows,
        "exports": export_links(request, "partners:organisations-export"),
        "may_register": holds(request.user, Permission.MANAGE_ORGANISATIONS),
        "buttons": [Button(_("Register a body"), reverse("partners:organisation-new"))],
    }
    return render(request, "partners/organisation_list.html", context)


@require_safe
def organisations_export(request: HttpRequest, fmt: str) -> Any:
    """The same selection as a file."""
    found = OrganisationFilter(request.GET, queryset=selectors.organisations_for(request.user))
    internal = holds(request.user, Permission.MANAGE_ORGANISATIONS)
    columns = [
        exports.Column(_("Body"), "name", width=50),
        exports.Column(_("Kind"), lambda body: body.get_kind_display()),
        exports.Column(_("Nature"), lambda body: body.get_nature_display()),
        exports.Column(_("School code"), "school_code"),
        exports.Column(_("Municipality"), lambda body: body.municipality and body.municipality.name),
        exports.Column(_("Province"), lambda body: body.municipality and body.municipality.province),
        exports.Column(_("Networks"), "current_networks", exports.CellType.INTEGER),
    ]
    if internal:
        columns += [
            exports.Column(_("Tax code"), "fiscal_code"),
            exports.Column(_("VAT number"), "vat_number"),
            exports.Column(_("Certified e-mail (PEC)"), "pec"),
            exports.Column(_("E-mail"), "email"),
        ]
    return download_list(
        name="enti", title=_("Bodies"), fmt=fmt, columns=columns, rows=found.qs.iterator(chunk_size=1000)
    )


@require_safe
def organisation(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One body: its facts, its networks, its people for those who may, its history."""
    body, sites = selectors.body_with_sites(request.user, uuid)
    if body is None:
        raise Http404
    stays = list(selectors.stays_of(body))
    networks = {stay.network_id for stay in stays}
    see_people = can_see_people(request.user, body, networks)
    manage = can_manage_organisation(request.user, body, networks)
    invite = can_manage_memberships(request.user, body, networks)
    context = {
        "body": body,
        "pill": Pill(body.get_nature_display(), "info"),
        "crumbs": [Link(_("Bodies"), reverse("partners:organisations")), Link(body.name, "")],
        "facts": _facts(body, internal=manage or see_people),
        "buttons": _buttons(body, manage=manage, invite=invite),
        "network_columns": [
            Column(_("Network")),
            Column(_("Part")),
            Column(_("Entered on"), nowrap=True),
            Column(_("Left on"), nowrap=True),
            Column(_("Deeds")),
        ],
        "network_rows": [_stay_row(stay) for stay in stays],
        "site_columns": [Column(_("Site")), Column(_("School code"), nowrap=True), Column(_("Municipality"))],
        "site_rows": [
            [Link(site.name, site.get_absolute_url()), site.school_code, site.municipality] for site in sites
        ],
        "deed_columns": [Column(_("Deed")), Column(_("Date of the deed"), nowrap=True), Column(_("Network"))],
        "deed_rows": [
            [deed.title, deed.signed_on, Link(deed.network.name, deed.network.get_absolute_url())]
            for deed in deeds_about(body, Network.objects.visible_to(request.user))
        ],
        "panels": selectors.body_panels(request.user, body),
        "see_people": see_people,
        "people_columns": [Column(_("Person")), Column(_("Role")), Column(_("From"), nowrap=True)],
        "people_rows": [_person_row(membership) for membership in selectors.people_of(body)] if see_people else [],
        "history": [Entry(entry.at, entry.label, entry.actor, entry.comment) for entry in selectors.history_of(body)]
        if manage
        else [],
        "see_history": manage,
    }
    return render(request, "partners/organisation.html", context)


def _facts(body: Organisation, *, internal: bool) -> list[tuple[Any, ...]]:
    facts: list[tuple[Any, ...]] = [
        (_("Kind"), body.get_kind_display()),
        (_("Municipality"), body.municipality),
    ]
    if body.institute is not None:
        facts.append((_("Site of the institute"), Link(body.institute.name, body.institute.get_absolute_url())))
    if body.school_code:
        facts.append((_("School code"), body.school_code))
    if body.ipa_code:
        facts.append((_("IPA code"), body.ipa_code))
    if body.runts_number:
        facts.append((_("RUNTS number"), body.runts_number))
    if internal:
        facts.append(
            (_("Tax code"), body.fiscal_code)
            if body.fiscal_code
            else (_("No tax code because"), body.get_informal_reason_display())
        )
        facts += [
            (_("VAT number"), body.vat_number),
            (_("Address"), body.address),
            (_("Certified e-mail (PEC)"), body.pec),
            (_("E-mail"), body.email),
        ]
    return facts


def _buttons(body: Organisation, *, manage: bool, invite: bool) -> list[Button]:
    buttons = []
    if manage:
        buttons.append(Button(_("Correct the facts"), reverse("partners:organisation-edit", args=[body.uuid])))
    if invite:
        address = f"{reverse('partners:invite')}?organisation={body.uuid}"
        buttons.append(Button(_("Invite a person"), address, style="outline-primary"))
    return buttons


def _stay_row(stay: NetworkMember) -> list[Any]:
    link = Link(stay.network.name, stay.network.get_absolute_url())
    deeds = [deed.title for deed in (stay.entry_deed, stay.exit_deed) if deed is not None]
    left = Lines(stay.left_on, stay.get_exit_reason_display()) if stay.left_on else None
    return [Lines(link, stay.network.code), stay.get_role_display(), stay.entered_on, left, "; ".join(deeds)]


def _person_row(membership: Membership) -> list[Any]:
    networks = membership.network_names or ""  # type: ignore[attr-defined]
    return [membership.user.full_name, Lines(membership.get_role_display(), networks), membership.valid_from]


@require_http_methods(["GET", "HEAD", "POST"])
def organisation_new(request: HttpRequest) -> HttpResponse:
    """Register a body."""
    check_holds(request.user, Permission.MANAGE_ORGANISATIONS)
    form = OrganisationForm(
        request.POST if request.method == "POST" else None, cancel_url=reverse("partners:organisations")
    )
    if request.method == "POST" and form.is_valid():
        try:
            body = register_organisation(by=request.user, **_values(form))
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The body is registered."))
            return redirect(body)
    context = {"form": form, "crumbs": [Link(_("Bodies"), reverse("partners:organisations")), _("Register a body")]}
    return render(request, "partners/organisation_new.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def organisation_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Correct the facts of a body."""
    body = get_object_or_404(selectors.organisation_for(request.user), uuid=uuid)
    check_can_manage_organisation(request.user, body)
    name, address, version = body.name, body.get_absolute_url(), body.version
    # The form writes what was typed on the instance that it is given; the page goes on showing what is saved.
    form = OrganisationForm(
        request.POST if request.method == "POST" else None, instance=body, version=version, cancel_url=address
    )
    if request.method == "POST" and form.is_valid():
        try:
            update_organisation(
                organisation=body, by=request.user, version=_version(form.cleaned_data["version"]), **_values(form)
            )
        except DomainError as error:
            form.add_refusal(error, version=version if isinstance(error, StaleError) else None)
        else:
            messages.success(request, _("The facts are saved."))
            return redirect(address)
    context = {
        "form": form,
        "name": name,
        "crumbs": [
            Link(_("Bodies"), reverse("partners:organisations")),
            Link(name, address),
            _("Correct the facts"),
        ],
    }
    return render(request, "partners/organisation_edit.html", context)


def _values(form: OrganisationForm) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in form.Meta.fields}


def _version(text: str) -> int:
    """Return the version that the page was opened with; -1, which nothing has, for a text that is none."""
    return int(text) if text.isdigit() else -1
