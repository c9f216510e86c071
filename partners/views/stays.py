# SPDX-License-Identifier: EUPL-1.2
"""Pages of the stays of bodies in a network: enter, leave, change of the lead."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from fami_portal.core.errors import DomainError
from partners import selectors
from partners.forms.stays import EntryForm, LeadForm, MemberEndForm, MemberForm
from partners.permissions import check_can_manage_network
from partners.selectors.deeds import deeds_of
from partners.services.networks import add_member, end_member
from partners.services.stays import change_lead, correct_days, correct_entry, remove_stay
from partners.views.networks import crumbs_of


@require_http_methods(["GET", "HEAD", "POST"])
def member_new(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Let a body enter the network."""
    shown = get_object_or_404(selectors.network_for(request.user), uuid=uuid)
    check_can_manage_network(request.user, shown)
    form = MemberForm(
        request.POST if request.method == "POST" else None,
        organisations=selectors.organisations_outside(request.user, shown),
        deeds=deeds_of(shown),
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
                deed=data["deed"],
                by=request.user,
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The body belongs to the network now."))
            return redirect(shown)
    context = {"form": form, "network": shown, "crumbs": crumbs_of(shown, _("Add a body"))}
    return render(request, "partners/member_new.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def member_entry(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Correct the days of the stay of a body in the network, or take it away."""
    stay = get_object_or_404(selectors.stays_for(request.user), uuid=uuid)
    check_can_manage_network(request.user, stay.network)
    form = EntryForm(
        request.POST if request.method == "POST" else None,
        ended=stay.left_on is not None,
        initial={"entered_on": stay.entered_on, "left_on": stay.left_on},
        cancel_url=stay.network.get_absolute_url(),
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        given = {"member": stay, "reason": data["reason"], "by": request.user}
        try:
            if data["never"]:
                remove_stay(**given)
            elif "left_on" in form.fields:
                correct_days(entered_on=data["entered_on"], left_on=data["left_on"], **given)
            else:
                correct_entry(entered_on=data["entered_on"], **given)
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The stay is corrected."))
            return redirect(stay.network)
    context = {"form": form, "stay": stay, "crumbs": crumbs_of(stay.network, _("Correct the stay"))}
    return render(request, "partners/member_entry.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def member_end(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """End the stay of a body in a network."""
    stay = get_object_or_404(selectors.stays_for(request.user), uuid=uuid)
    check_can_manage_network(request.user, stay.network)
    form = MemberEndForm(
        request.POST if request.method == "POST" else None,
        deeds=deeds_of(stay.network),
        cancel_url=stay.network.get_absolute_url(),
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            end_member(
                member=stay,
                left_on=data["left_on"],
                exit_reason=data["exit_reason"],
                reason=data["reason"],
                deed=data["deed"],
                by=request.user,
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The stay has an end. The work done until then stays where it is."))
            return redirect(stay.network)
    context = {"form": form, "stay": stay, "crumbs": crumbs_of(stay.network, _("End the stay"))}
    return render(request, "partners/member_end.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def lead_change(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Let another body lead the network from a day on."""
    shown = get_object_or_404(selectors.network_for(request.user), uuid=uuid)
    check_can_manage_network(request.user, shown)
    form = LeadForm(
        request.POST if request.method == "POST" else None,
        organisations=selectors.possible_leads(request.user, shown),
        deeds=deeds_of(shown),
        cancel_url=shown.get_absolute_url(),
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            change_lead(
                network=shown,
                organisation=data["organisation"],
                first_day=data["first_day"],
                old_goes_on_as=data["old_goes_on_as"],
                reason=data["reason"],
                deed=data["deed"],
                by=request.user,
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The lead is changed: the history of the network shows both."))
            return redirect(shown)
    context = {"form": form, "network": shown, "crumbs": crumbs_of(shown, _("Change the lead"))}
    return render(request, "partners/lead_change.html", context)
