# SPDX-License-Identifier: EUPL-1.2
"""The bodies that were at a meeting: one that the portal knows, a new association, one taken away."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from actions.forms import AssociationForm, BodyPresentForm
from actions.permissions import check_can_keep_register
from actions.selectors import activities as selectors
from actions.services import meetings as services
from actions.views.meetings import crumbs_of, meeting_for, meeting_page
from actions.views.pages import form_page
from fami_portal.core.errors import DomainError


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_body(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Record a body that was at a meeting; the form is on its page."""
    found = meeting_for(request, uuid)
    if request.method != "POST":
        return redirect(found)
    check_can_keep_register(request.user, found.activity)
    form = BodyPresentForm(request.POST, organisations=selectors.bodies_for_meetings())
    if form.is_valid():
        body = services.BodyPresent(form.cleaned_data["organisation"].pk, form.cleaned_data["people"])
        try:
            services.record_bodies_present(meeting=found, bodies=[body], by=request.user)
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(
                request, _("%(body)s is recorded as present.") % {"body": form.cleaned_data["organisation"].name}
            )
            return redirect(found)
    return meeting_page(request, found, body_form=form)


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_association(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Register an association that the portal does not know, and record it as present."""
    found = meeting_for(request, uuid)
    check_can_keep_register(request.user, found.activity)
    form = AssociationForm(request.POST or None, cancel_url=found.get_absolute_url())
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            association = services.register_association_present(
                meeting=found,
                name=data["name"],
                fiscal_code=data["fiscal_code"],
                informal_reason=data["informal_reason"],
                municipality=found.activity.municipality,
                people=data["people"],
                by=request.user,
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("%(body)s is recorded as present.") % {"body": association.name})
            return redirect(found)
    label = _("Register an association")
    context = {
        "form": form,
        "heading": label,
        "lead": _("Also a group without a tax code, with the reason why it has none."),
        "kicker": found.activity.title,
        "crumbs": crumbs_of(request.user, found, label),
    }
    return form_page(request, context)


@require_POST
def meeting_body_remove(request: HttpRequest, uuid: UUID, body: UUID) -> HttpResponse:
    """Take a body away from those present."""
    found = meeting_for(request, uuid)
    check_can_keep_register(request.user, found.activity)
    row = get_object_or_404(found.bodies_present.select_related("organisation"), organisation__uuid=body)
    try:
        services.remove_body_present(meeting=found, organisation=row.organisation, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(body)s is no longer among those present.") % {"body": row.organisation.name})
    return redirect(found)
