# SPDX-License-Identifier: EUPL-1.2
"""Pages of the deeds of a network: record, correct."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from fami_portal.core import clock
from fami_portal.core.errors import DomainError, StaleError
from partners import selectors
from partners.forms.stays import DeedForm
from partners.models import Network, NetworkDeed
from partners.permissions import check_can_keep_deeds
from partners.selectors.deeds import deeds_for
from partners.services.deeds import record_deed, update_deed
from partners.views.networks import crumbs_of


def _form(request: HttpRequest, network: Network, deed: NetworkDeed | None = None) -> DeedForm:
    sent = request.method == "POST"
    return DeedForm(
        request.POST if sent else None,
        request.FILES if sent else None,
        organisations=selectors.bodies_of_deeds(request.user),
        signatories=selectors.bodies_ever_in(network),
        deed=deed,
        cancel_url=network.get_absolute_url(),
    )


def _values(form: DeedForm) -> dict[str, Any]:
    names = ("kind", "signed_on", "repertory_number", "organisation", "signatories", "file", "notes")
    return {name: form.cleaned_data[name] for name in names}


@require_http_methods(["GET", "HEAD", "POST"])
def deed_new(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Record a deed of the network."""
    network = get_object_or_404(selectors.network_for(request.user), uuid=uuid)
    check_can_keep_deeds(request.user, network)
    form = _form(request, network)
    if request.method == "POST" and form.is_valid():
        try:
            record_deed(network=network, today=clock.today(), key=form.submission_key, by=request.user, **_values(form))
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The deed is recorded. Entries, exits and changes of the lead can name it."))
            return redirect(network)
    context = {"form": form, "network": network, "crumbs": crumbs_of(network, _("Record a deed"))}
    return render(request, "partners/deed_new.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def deed_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Correct a deed, or add its file."""
    deed = get_object_or_404(deeds_for(request.user), uuid=uuid)
    check_can_keep_deeds(request.user, deed.network)
    form = _form(request, deed.network, deed)
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"]
        try:
            update_deed(
                deed=deed,
                version=int(version) if version.isdigit() else -1,
                today=clock.today(),
                by=request.user,
                **_values(form),
            )
        except DomainError as error:
            form.add_refusal(error, version=deed.version if isinstance(error, StaleError) else None)
        else:
            messages.success(request, _("The deed is saved."))
            return redirect(deed.network)
    context = {"form": form, "deed": deed, "crumbs": crumbs_of(deed.network, _("Correct the deed"))}
    return render(request, "partners/deed_edit.html", context)
