# SPDX-License-Identifier: EUPL-1.2
"""The acts on one support: its end, the household, the school path."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from actions.models import Activity
from beneficiaries.enums import SupportKind
from beneficiaries.forms.recipients import version_of
from beneficiaries.forms.supports import EndForm, LeaveForm, MemberForm, PathForm
from beneficiaries.models import Enrolment, Support, SupportMember
from beneficiaries.permissions import keepers_of
from beneficiaries.selectors import supports as found_by
from beneficiaries.services import supports as services
from beneficiaries.views.support_pages import crumbs, support_for
from beneficiaries.views.support_quick import name_of
from beneficiaries.views.supports import record_people, record_seen
from fami_portal.core import clock
from fami_portal.core.errors import DomainError, StaleError


def _act_page(request: HttpRequest, found: Any, form: Any, heading: Any, lead: Any = "") -> HttpResponse:
    own = record_seen(request, found.activity, [found], "beneficiaries:support")
    context = {
        "form": form,
        "activity": found.activity,
        "programme": found.activity.programme,
        "heading": heading,
        "lead": lead,
        "kicker": name_of(found, own),
        "crumbs": crumbs(found, (name_of(found, own), found.get_absolute_url()), heading),
    }
    return render(request, "beneficiaries/support_act.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def support_end(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """End a support, with how it ended."""
    found = support_for(request, uuid)
    form = EndForm(
        request.POST or None,
        version=found.version,
        initial={"ended_on": found.last_on or found.opened_on},
        cancel_url=found.get_absolute_url(),
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        values = {name: data[name] for name in ("ended_on", "outcome", "note")}
        try:
            services.end_support(
                support=found, version=version_of(form), **values, by=request.user, today=clock.today()
            )
        except StaleError as error:
            form.add_refusal(error, version=Support.objects.get(pk=found.pk).version)
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The support has ended."))
            return redirect(found)
    lead: Any = ""
    if found.kind == SupportKind.HOUSING and found_by.dues_of(found):
        lead = _(
            "A home is looked at again 3 and 6 months after the entry: once the support has ended nobody is reminded."
        )
    return _act_page(request, found, form, _("End the support"), lead)


@require_POST
def support_reopen(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Let a support go on."""
    found = support_for(request, uuid)
    try:
        services.reopen_support(support=found, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The support goes on."))
    return redirect(found)


@require_http_methods(["GET", "HEAD", "POST"])
def support_member(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Add somebody enrolled in the activity to the household."""
    found = support_for(request, uuid)
    bodies = keepers_of(found.activity)
    there = {member.enrolment_id for member in found.people if member.until is None}
    offered = [
        one
        for one in found_by.enrolled_in(found.activity)
        if one.pk not in there and one.beneficiary.registered_by_id in bodies
    ]
    own = record_people(request, found.activity, [one.beneficiary for one in offered], "beneficiaries:support")
    enrolled = [(one.pk, one.beneficiary.code_for(own) or one.beneficiary.pseudonym) for one in offered]
    form = MemberForm(
        request.POST or None,
        enrolled=enrolled,
        initial={"since": clock.today()},
        cancel_url=found.get_absolute_url(),
    )
    if request.method == "POST" and form.is_valid():
        enrolment = Enrolment.objects.select_related("beneficiary").get(pk=form.cleaned_data["enrolment"])
        try:
            services.add_member(
                support=found,
                enrolment=enrolment,
                since=form.cleaned_data["since"],
                by=request.user,
                today=clock.today(),
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The person is in the household."))
            return redirect(found)
    lead = _(
        "Somebody enrolled in this activity. Who is not there yet is registered first, from the list of the persons."
    )
    return _act_page(request, found, form, _("Add to the household"), lead)


@require_http_methods(["GET", "HEAD", "POST"])
def support_leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Record that somebody left the household."""
    member = get_object_or_404(
        SupportMember.objects.filter(
            support__activity__in=Activity.objects.visible_to(request.user).values("pk")
        ).select_related("support"),
        pk=pk,
    )
    found = support_for(request, member.support.uuid)
    form = LeaveForm(request.POST or None, initial={"until": clock.today()}, cancel_url=found.get_absolute_url())
    if request.method == "POST" and form.is_valid():
        try:
            services.end_membership(
                member=member, until=form.cleaned_data["until"], by=request.user, today=clock.today()
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("It is recorded: the support goes on for the others."))
            return redirect(found)
    return _act_page(request, found, form, _("Who leaves the household"))


@require_http_methods(["GET", "HEAD", "POST"])
def support_path(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Record the path advised and the path chosen: what was recorded is never shown of one pupil."""
    found = support_for(request, uuid)
    form = PathForm(request.POST or None, version=found.version, cancel_url=found.get_absolute_url())
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.record_path(
                support=found,
                version=version_of(form),
                advised=data["path_advised"],
                chosen=data["path_chosen"],
                by=request.user,
                today=clock.today(),
            )
        except StaleError as error:
            form.add_refusal(error, version=Support.objects.get(pk=found.pk).version)
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The path is recorded. It is counted with the others, and shown of nobody."))
            return redirect(found)
    lead = _(
        "It serves to count how many pupils were advised a path and how many chose it. No page shows it of one pupil: "
        "what is written here again takes the place of what was there."
    )
    return _act_page(request, found, form, _("Record the path"), lead)
