# SPDX-License-Identifier: EUPL-1.2
"""Pages of the weekly series of language facilitation: asked on one page, its sessions signed by the school."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from actions.enums import MediationRequestKind
from fami_portal.core import clock
from fami_portal.core.errors import DomainError, NotPermitted
from mediation.forms.facilitation import SeriesForm, SignSessionsForm
from mediation.permissions import check_can_file
from mediation.selectors.consulting import places
from mediation.selectors.facilitation import is_series, to_sign
from mediation.services import facilitation as services
from mediation.views.consulting_pages import form_page, posted
from mediation.views.requests import request_for, title_of
from partners.permissions import holds

FORM = require_http_methods(["GET", "HEAD", "POST"])


@FORM
def series_create(request: HttpRequest) -> HttpResponse:
    """Ask for a weekly series, then check and submit it as every request."""
    user: Any = request.user
    if not holds(user, Permission.FILE_MEDIATION_REQUESTS):
        raise NotPermitted(_("Only the contact of a school or service can do this."))
    offered = places(user, MediationRequestKind.FACILITATION, Permission.FILE_MEDIATION_REQUESTS, at=clock.now())
    if not offered:
        raise NotPermitted(
            _("No programme of your school or service offers this. Ask the coordinator of your network.")
        )
    form = SeriesForm(
        posted(request),
        places=offered,
        initial={"contact_name": user.get_full_name(), "contact_email": user.email},
        cancel_url=reverse("mediation:consultations"),
    )
    if request.method == "POST" and form.is_valid():
        place = form.cleaned_data["place_of_request"]
        try:
            draft = services.start_series(
                programme=place.programme,
                network=place.network,
                organisation=place.organisation,
                values=form.values(),
                **form.times(),
                by=user,
                at=clock.now(),
                key=form.submission_key,
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, str(_("Draft saved: check it and submit it.")))
            return redirect("mediation:request-check", draft.uuid)
    return form_page(
        request,
        form=form,
        heading=_("Ask for language facilitation"),
        trail=[],
        lead=_("One meeting a week until a day: approved and reserved once, each meeting signed by the school."),
    )


@FORM
def series_sign(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Sign the sessions of a series that were held."""
    found = request_for(request, uuid)
    check_can_file(request.user, found.organisation_id)
    waiting = to_sign(found) if is_series(found) else []
    if not waiting:
        messages.info(request, str(_("No session waits for your signature.")))
        return redirect(found)
    form = SignSessionsForm(posted(request), sessions=waiting, cancel_url=found.get_absolute_url())
    if request.method == "POST" and form.is_valid():
        try:
            signed = services.sign_sessions(request=found, sessions=form.chosen(), by=request.user, at=clock.now())
        except DomainError as error:
            form.add_refusal(error)
        else:
            number = len(signed)
            messages.success(
                request, ngettext("Session signed.", "%(number)s sessions signed.", number) % {"number": number}
            )
            return redirect(found)
    return form_page(
        request,
        form=form,
        heading=_("Sign the sessions held"),
        trail=[(title_of(found), found.get_absolute_url())],
        lead=_("You sign that these meetings took place, with these hours and this number of pupils."),
        kicker=title_of(found),
    )
