# SPDX-License-Identifier: EUPL-1.2
"""Triage: a request is taken in charge, sent back, rejected, counted as unmet, given back by its mediator."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from fami_portal.core import clock
from fami_portal.core.errors import DomainError, TransitionNotAllowed
from mediation.forms.board import CommentForm
from mediation.models import MediationRequest, RequestLanguage
from mediation.permissions import can_coordinate, check_can_coordinate, check_can_mediate
from mediation.services import assignment as services
from mediation.services import requests as request_services
from mediation.views.requests import crumbs_of, request_for, title_of
from mediation.workflow import REQUEST


def coordinated(http: HttpRequest, uuid: UUID) -> MediationRequest:
    """Return the request for its coordinators: 404 for strangers, 403 for others who see it."""
    found = (
        MediationRequest.objects.visible_to(http.user)
        .with_parts()
        .select_related("municipality", "organisation__municipality")
        .prefetch_related(Prefetch("languages", RequestLanguage.objects.select_related("language")), "slots")
    )
    request = get_object_or_404(found, uuid=uuid)
    check_can_coordinate(http.user, request)
    return request


def too_late(http: HttpRequest, request: MediationRequest, transition: str) -> bool:
    """Whether the page of an act is opened when its time is over: an old link leads to the request instead."""
    return http.method != "POST" and request.state not in REQUEST.transitions[transition].sources


def form_page(
    http: HttpRequest, request: MediationRequest, form: Any, heading: str, lead: str = "", **more: Any
) -> Any:
    """Return the page of a form about the request; `facts` and `reasons` are shown above it."""
    context = {
        "form": form,
        "heading": heading,
        "lead": lead,
        "kicker": title_of(request),
        "programme": request.programme,
        "crumbs": crumbs_of(request, heading),
        "facts": [],
        "reasons": [],
    }
    return render(http, "mediation/board_form.html", context | more, status=422 if form.errors else 200)


@require_POST
def request_take(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take an authorised request in charge."""
    request = coordinated(http, uuid)
    try:
        services.take_in_charge(request=request, by=http.user, at=clock.now())
    except DomainError as error:
        messages.error(http, str(error))
        return redirect(request)
    messages.success(http, _("You have taken the request in charge. Now find a mediator."))
    return redirect("mediation:request-suggestions", uuid=request.uuid)


@require_POST
def request_unmet(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """Record that no mediator was found."""
    request = coordinated(http, uuid)
    try:
        services.mark_unmet(request=request, by=http.user, at=clock.now())
    except DomainError as error:
        messages.error(http, str(error))
    else:
        messages.success(http, _("Counted as unmet. The request stays open: you can still find somebody."))
    return redirect(request)


def _commented(
    http: HttpRequest,
    request: MediationRequest,
    *,
    transition: str,
    act: Callable[[str], Any],
    heading: str,
    label: str,
    help_text: str,
    done: str,
    lead: str = "",
    style: str = "primary",
) -> HttpResponse:
    """A page on which one reason is written, and one act is done."""
    if too_late(http, request, transition):
        return redirect(request)
    form = CommentForm(
        http.POST if http.method == "POST" else None,
        label=label,
        submit_label=heading,
        help_text=help_text,
        cancel_url=request.get_absolute_url(),
    )
    form.submit_style = style
    if http.method == "POST" and form.is_valid():
        try:
            act(form.cleaned_data["comment"])
        except TransitionNotAllowed as error:
            messages.error(http, str(error))
            return redirect(request)
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(http, done)
            return redirect(request)
    return form_page(http, request, form, heading, lead)


@require_http_methods(["GET", "HEAD", "POST"])
def request_ask_to_complete(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """Send the request back to the body with what is missing."""
    request = coordinated(http, uuid)
    return _commented(
        http,
        request,
        transition="ask_to_complete",
        act=lambda text: request_services.ask_to_complete(request=request, comment=text, by=http.user, at=clock.now()),
        heading=_("Ask to complete"),
        label=_("What is missing"),
        help_text=_("The school or service reads it and submits the request again. Without names."),
        done=_("The request is with the school or service again."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def request_reject(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """Reject the request, with the reason; its hours are free again."""
    request = coordinated(http, uuid)
    return _commented(
        http,
        request,
        transition="reject",
        act=lambda text: request_services.reject(request=request, reason=text, by=http.user, at=clock.now()),
        heading=_("Reject the request"),
        label=_("Reason"),
        help_text=_("The school or service reads it. Without names."),
        done=_("Request rejected: its hours are free again."),
        style="danger",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def request_give_back(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """Give an accepted request back: by the mediator, or by the coordinator whom the mediator told."""
    request = request_for(http, uuid)
    if not can_coordinate(http.user, request):
        check_can_mediate(http.user, request)
    return _commented(
        http,
        request,
        transition="give_back",
        act=lambda text: services.give_back(request=request, reason=text, by=http.user, at=clock.now()),
        heading=_("Give the request back"),
        label=_("Why the mediator cannot come"),
        help_text=_("The coordinator looks for another mediator. Without names, and without reasons of health."),
        lead=_("The sessions to come are cancelled at no charge, and another mediator is sought."),
        done=_("Given back: another mediator is being sought."),
        style="danger",
    )
