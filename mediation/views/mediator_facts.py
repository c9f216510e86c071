# SPDX-License-Identifier: EUPL-1.2
"""Pages of what a mediator knows and where the mediator works: languages, territories, qualifications."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from actions.forms import version_of
from fami_portal.core import clock
from fami_portal.core.errors import DomainError
from fami_portal.core.forms import PortalForm
from mediation.forms.mediators import LanguagesForm, QualificationForm, TerritoriesForm
from mediation.permissions import check_can_manage_mediator
from mediation.selectors import mediators as selectors
from mediation.services import mediator_facts as services
from mediation.views.mediators import entry_crumbs, form_page, mediator_for, refuse


@require_http_methods(["GET", "HEAD", "POST"])
def mediator_languages(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Write the languages of a mediator."""
    shown = mediator_for(request, uuid)
    check_can_manage_mediator(request.user, shown)
    form = LanguagesForm(
        request.POST if request.method == "POST" else None,
        languages=selectors.languages(),
        present=list(shown.languages.all()),
        version=shown.version,
        cancel_url=shown.get_absolute_url(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.set_languages(
                mediator=shown,
                languages=[services.Spoken(language, level, variety) for language, level, variety in form.rows()],
                version=version_of(form),
                by=request.user,
                at=clock.now(),
            )
        except DomainError as error:
            refuse(form, error, shown)
        else:
            messages.success(request, _("The languages are saved."))
            return redirect(shown)
    heading = _("Languages of the mediator")
    context = {"form": form, "heading": heading, "kicker": shown.name}
    lead = _(
        "One language on each row, with its variety where it matters: for example Arabic, Moroccan. Empty rows are left out; after saving there are more."
    )
    return form_page(request, context | {"lead": lead, "crumbs": entry_crumbs(request, shown, heading)})


@require_http_methods(["GET", "HEAD", "POST"])
def mediator_territories(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Write where a mediator works."""
    shown = mediator_for(request, uuid)
    check_can_manage_mediator(request.user, shown)
    present = list(shown.territories.all())
    whole = [row.province for row in present if row.municipality is None]
    form = TerritoriesForm(
        request.POST if request.method == "POST" else None,
        provinces=selectors.provinces_around(selectors.neighbours_of(shown.organisation), whole),
        initial={
            "provinces": whole,
            "municipalities": [row.municipality for row in present if row.municipality is not None],
        },
        version=shown.version,
        cancel_url=shown.get_absolute_url(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.set_territories(
                mediator=shown,
                provinces=form.cleaned_data["provinces"],
                municipalities=form.cleaned_data["municipalities"],
                version=version_of(form),
                by=request.user,
                at=clock.now(),
            )
        except DomainError as error:
            refuse(form, error, shown)
        else:
            messages.success(request, _("The places are saved."))
            return redirect(shown)
    heading = _("Where the mediator works")
    context = {"form": form, "heading": heading, "kicker": shown.name}
    return form_page(request, context | {"crumbs": entry_crumbs(request, shown, heading)})


@require_http_methods(["GET", "HEAD", "POST"])
def qualification_new(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Add a qualification with its document."""
    shown = mediator_for(request, uuid)
    check_can_manage_mediator(request.user, shown)
    posted = request.method == "POST"
    form = QualificationForm(
        request.POST if posted else None, request.FILES if posted else None, cancel_url=shown.get_absolute_url()
    )
    if posted and form.is_valid():
        try:
            services.add_qualification(
                mediator=shown, **form.values(), by=request.user, at=clock.now(), key=form.submission_key
            )
        except DomainError as error:
            if error.field == "file":
                error.field = "document"
            form.add_refusal(error)
        else:
            messages.success(request, _("The qualification is in the entry."))
            return redirect(shown)
    heading = _("Add a qualification")
    context = {"form": form, "heading": heading, "kicker": shown.name}
    return form_page(request, context | {"crumbs": entry_crumbs(request, shown, heading)})


class RemoveForm(PortalForm):
    """The confirmation of a removal."""

    submit_label = _("Remove the qualification")
    submit_style = "danger"


@require_http_methods(["GET", "HEAD", "POST"])
def qualification_remove(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take a qualification away, after asking."""
    row = get_object_or_404(selectors.qualification_for(request.user).order_by("pk"), uuid=uuid)
    check_can_manage_mediator(request.user, row.mediator)
    form = RemoveForm(request.POST if request.method == "POST" else None, cancel_url=row.mediator.get_absolute_url())
    if request.method == "POST" and form.is_valid():
        services.remove_qualification(qualification=row, by=request.user, at=clock.now())
        messages.success(request, _("The qualification is no longer in the entry."))
        return redirect(row.mediator)
    heading = _("Remove the qualification")
    context = {
        "form": form,
        "heading": heading,
        "kicker": row.mediator.name,
        "lead": _("“%(title)s” and its document leave the entry. The history keeps that it was there.")
        % {"title": row.title},
    }
    return form_page(request, context | {"crumbs": entry_crumbs(request, row.mediator, heading)})
