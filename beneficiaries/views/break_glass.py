# SPDX-License-Identifier: EUPL-1.2
"""Pages of exceptional openings: the Region opens one name, the officer of data protection examines it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from beneficiaries.forms.recipients import version_of
from beneficiaries.forms.sharing import BreakGlassForm, ExamineForm
from beneficiaries.models import BreakGlass
from beneficiaries.permissions import check_can_break_glass, watches_programmes
from beneficiaries.selectors.sharing import openings_for
from beneficiaries.services import break_glass as services
from beneficiaries.services.identities import OpenedIdentity
from beneficiaries.views.recipients import beneficiary_for, crumbs
from fami_portal.core import clock
from fami_portal.core.components import Column, Lines, Link, Pill
from fami_portal.core.errors import DomainError, NotPermitted, StaleError

PAGE_SIZE = 50


@sensitive_post_parameters("details")
@require_http_methods(["GET", "HEAD", "POST"])
def break_glass_open(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ask why in so many words, then show the name once. It stands in no address, title, message or cache."""
    found = beneficiary_for(request, uuid)
    check_can_break_glass(request.user, found)
    form = BreakGlassForm(request.POST or None, cancel_url=found.get_absolute_url())
    context = {
        "beneficiary": found,
        "programme": found.programme,
        "crumbs": crumbs((found.pseudonym, found.get_absolute_url()), _("Exceptional opening")),
        "form": form,
        "has_name": services.name_to_open(found) is not None,
    }
    if request.method == "POST" and form.is_valid():
        try:
            opened = services.open_exceptionally(
                beneficiary=found,
                reason=form.cleaned_data["reason"],
                details=form.cleaned_data["details"],
                key=form.submission_key,
                by=request.user,
                at=clock.now(),
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            context["facts"] = _name(opened)
            answer = render(request, "beneficiaries/identity.html", context)
            answer["Cache-Control"] = "private, no-store"
            return answer
    return render(request, "beneficiaries/break_glass_form.html", context)


def _name(opened: OpenedIdentity) -> list[tuple[Any, Any]]:
    return [
        (_("Given name"), opened.given_name),
        (_("Surname"), opened.family_name),
        (_("Tax code"), opened.tax_code or opened.identity.get_tax_code_missing_display()),
        (_("Written by"), opened.identity.organisation.name),
    ]


# --- the officer ------------------------------------------------------------------------------------------------------


def _state(act: BreakGlass) -> Pill:
    return Pill(_("Examined"), "success") if act.examined_at else Pill(_("To be examined"), "warning")


def _check_officer(request: HttpRequest) -> None:
    if not watches_programmes(request.user):
        raise NotPermitted(_("Only the data protection officer examines the exceptional openings."))


def _crumbs(*more: Any) -> list[Any]:
    return [
        (_("Who has read"), reverse("beneficiaries:reading-list")),
        (_("Exceptional openings"), reverse("beneficiaries:break-glass-list")),
        *more,
    ]


@require_safe
def break_glass_list(request: HttpRequest) -> HttpResponse:
    """The exceptional openings of the programmes that the officer watches, those to be examined first."""
    _check_officer(request)
    page = Paginator(openings_for(request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "columns": [
            Column(_("When"), nowrap=True),
            Column(_("Who")),
            Column(_("Recipient"), nowrap=True),
            Column(_("Why")),
            Column(_("State")),
        ],
        "rows": [
            [
                Link(f"{timezone.localtime(act.at):%d/%m/%Y %H:%M}", act.get_absolute_url(), _("exceptional opening")),
                act.opened_by.get_full_name() or _("closed account"),
                Lines(act.beneficiary.pseudonym, act.organisation.name),
                Lines(act.get_reason_display(), act.details),
                _state(act),
            ]
            for act in page
        ],
    }
    return render(request, "beneficiaries/break_glass_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def break_glass(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One exceptional opening, and the note of the officer."""
    _check_officer(request)
    act = get_object_or_404(openings_for(request.user), uuid=uuid)
    form = ExamineForm(request.POST or None, version=act.version, cancel_url=reverse("beneficiaries:break-glass-list"))
    if request.method == "POST" and form.is_valid():
        try:
            services.examine(
                act=act, version=version_of(form), note=form.cleaned_data["note"], by=request.user, at=clock.now()
            )
        except DomainError as error:
            act = get_object_or_404(openings_for(request.user), uuid=uuid)
            form.add_refusal(error, version=act.version if isinstance(error, StaleError) else None)
        else:
            messages.success(request, _("The opening is marked as examined."))
            return redirect("beneficiaries:break-glass-list")
    readings = reverse("beneficiaries:recipient-readings", args=[act.beneficiary.uuid])
    context = {
        "act": act,
        "programme": act.beneficiary.programme,
        "pill": _state(act),
        "crumbs": _crumbs(act.beneficiary.pseudonym),
        "facts": [
            (_("When"), act.at),
            (_("Who"), act.opened_by.get_full_name() or _("closed account")),
            (_("Recipient"), act.beneficiary.pseudonym, Link(_("Who has seen these data"), readings)),
            (_("Name written by"), act.organisation.name),
            (_("Why"), act.get_reason_display()),
            (_("In their own words"), act.details),
            (_("Reading in the record of the body"), _("number %(number)s") % {"number": act.reading.number}),
            *(
                [
                    (_("Examined on"), timezone.localdate(act.examined_at)),
                    (_("Examined by"), act.examined_by.get_full_name() if act.examined_by else _("closed account")),
                    (_("Note"), act.note),
                ]
                if act.examined_at
                else []
            ),
        ],
        "form": form,
    }
    return render(request, "beneficiaries/break_glass.html", context)
