# SPDX-License-Identifier: EUPL-1.2
"""Pages on which something is done to a request: signed by the head, declined, cancelled, copied, thrown away, files."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from fami_portal.core import clock
from fami_portal.core.errors import DomainError, NotPermitted, TransitionNotAllowed
from fami_portal.core.models import Document
from mediation.forms.request_acts import AttachmentForm, CancelForm, ConfirmForm, ReasonForm, SignedRequestForm
from mediation.models import MediationRequest
from mediation.permissions import (
    can_authorise,
    can_coordinate,
    check_can_authorise,
    check_can_file,
    check_can_prepare,
)
from mediation.selectors import request_facts as facts
from mediation.selectors.request_rules import hours
from mediation.selectors.requests import ATTACHMENT, cancellation_cost, may_attach, settings_for
from mediation.services import requests as services
from mediation.views.requests import crumbs_of, request_for, title_of
from mediation.workflow import REQUEST


def _too_late(http: HttpRequest, request: MediationRequest, transition: str) -> bool:
    """Whether the page of an act is opened when its time is over: an old link leads to the request instead."""
    return http.method != "POST" and request.state not in REQUEST.transitions[transition].sources


def _page(
    http: HttpRequest,
    request: MediationRequest,
    form: Any,
    *,
    title: str,
    lead: str = "",
    with_facts: bool = False,
    more: dict[str, Any] | None = None,
) -> HttpResponse:
    blocks = facts.blocks(request) if with_facts else []
    context = {
        "request_": request,
        "programme": request.programme,
        "form": form,
        "heading": title,
        "lead": lead,
        "kicker": title_of(request),
        "blocks": [
            {"title": block.title, "anchor": f"block-{block.step}", "rows": [fact[:2] for fact in block.facts]}
            for block in blocks
        ],
        "crumbs": crumbs_of(request, title),
    }
    return render(http, "mediation/request_act.html", context | (more or {}), status=422 if form.errors else 200)


def _try(
    http: HttpRequest, request: MediationRequest, form: Any, act: Callable[[], Any], done: str
) -> HttpResponse | None:
    """Do the act; return where to go, or None to show the form again with the refusal."""
    try:
        act()
    except TransitionNotAllowed as error:
        messages.error(http, str(error))
        return redirect(request)
    except DomainError as error:
        if isinstance(error, NotPermitted):
            raise
        form.add_refusal(error, version=error.minutes if isinstance(error, services.CostChangedError) else None)
        return None
    messages.success(http, done)
    return redirect(request)


# --- the head --------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def request_authorise(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """The head reads all that is asked, then signs with the own account."""
    request = request_for(http, uuid)
    check_can_authorise(http.user, request)
    if _too_late(http, request, "authorise"):
        return redirect(request)
    form = ConfirmForm(
        http.POST if http.method == "POST" else None,
        submit_label=_("Authorise the request"),
        cancel_url=request.get_absolute_url(),
    )
    if http.method == "POST" and form.is_valid():
        answer = _try(
            http,
            request,
            form,
            lambda: services.authorise(request=request, by=http.user, at=clock.now()),
            _("Request authorised: the coordinator has been told."),
        )
        if answer is not None:
            return answer
    lead = _("With the authorisation %(hours)s are held for this request. Your name and the moment are recorded.") % {
        "hours": hours(request.minutes_asked)
    }
    return _page(http, request, form, title=_("Authorise the request"), lead=lead, with_facts=True)


@require_http_methods(["GET", "HEAD", "POST"])
def request_decline(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """The head does not authorise, and says why."""
    request = request_for(http, uuid)
    check_can_authorise(http.user, request)
    if _too_late(http, request, "decline"):
        return redirect(request)
    title = _("Do not authorise")
    form = ReasonForm(
        http.POST if http.method == "POST" else None, submit_label=title, cancel_url=request.get_absolute_url()
    )
    if http.method == "POST" and form.is_valid():
        answer = _try(
            http,
            request,
            form,
            lambda: services.decline(
                request=request, comment=form.cleaned_data["reason"], by=http.user, at=clock.now()
            ),
            _("Request not authorised: its hours are free again."),
        )
        if answer is not None:
            return answer
    return _page(http, request, form, title=title, lead=_("The request ends, and its hours are free again."))


@require_http_methods(["GET", "HEAD", "POST"])
def request_signed(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """The contact attaches the request that the head signed on a file, digitally or by hand."""
    request = request_for(http, uuid)
    if not can_authorise(http.user, request):
        check_can_file(http.user, request.organisation_id)
    if _too_late(http, request, "authorise"):
        return redirect(request)
    form = SignedRequestForm(
        http.POST if http.method == "POST" else None,
        http.FILES if http.method == "POST" else None,
        cancel_url=request.get_absolute_url(),
    )
    if http.method == "POST" and form.is_valid():
        answer = _try(
            http,
            request,
            form,
            lambda: services.authorise_by_document(
                request=request,
                name=form.cleaned_data["name"],
                content=form.cleaned_data["file"],
                by=http.user,
                at=clock.now(),
            ),
            _("Signed request attached: the request is authorised, the coordinator has been told."),
        )
        if answer is not None:
            return answer
    lead = _(
        "The file is kept with the request. Of a digital signature, integrity and signer are shown to who reads it."
    )
    return _page(http, request, form, title=_("Attach the signed request"), lead=lead)


# --- giving up, doing again ------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def request_cancel(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """Give the request up; the page says first what it costs now."""
    request = request_for(http, uuid)
    if not can_coordinate(http.user, request):
        check_can_file(http.user, request.organisation_id)
    if _too_late(http, request, "cancel"):
        return redirect(request)
    title = _("Cancel the request")
    now = clock.now()
    cost = cancellation_cost(request, settings_for(request), at=now)
    form = CancelForm(
        http.POST if http.method == "POST" else None,
        submit_label=title,
        cancel_url=request.get_absolute_url(),
        version=cost.minutes,
    )
    if http.method == "POST" and form.is_valid():
        answer = _try(
            http,
            request,
            form,
            lambda: services.cancel(
                request=request, reason=form.cleaned_data["reason"], by=http.user, at=now, told=form.told
            ),
            _("Request cancelled: those concerned have been told."),
        )
        if answer is not None:
            return answer
    if cost.free_until is None:
        lead = _("Cancelling costs nothing: no mediator has kept time free yet. All the hours are free again.")
    elif cost.minutes:
        lead = _("It is late: %(hours)s are charged to your hours, the rest is free again.") % {
            "hours": hours(cost.minutes)
        }
    else:
        until = localtime(cost.free_until)
        lead = _("Cancelling costs nothing until %(day)s at %(hour)s. All the hours are free again.") % {
            "day": date_format(until, "j F Y"),
            "hour": f"{until:%H:%M}",
        }
    return _page(http, request, form, title=title, lead=lead, more={"warning": bool(cost.minutes)})


@require_POST
def request_copy(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """Begin a new request from this one; with `same` in the form, the same mediator is asked for again."""
    request = request_for(http, uuid)
    check_can_prepare(http.user, request.organisation_id)
    try:
        draft = services.copy_request(
            request=request, by=http.user, at=clock.now(), same_mediator=bool(http.POST.get("same"))
        )
    except DomainError as error:
        messages.error(http, str(error))
        return redirect(request)
    messages.success(http, _("A new draft has been begun: check it and write the days."))
    return redirect("mediation:request-step", draft.uuid, 3)


@require_http_methods(["GET", "HEAD", "POST"])
def request_discard(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """Throw a draft away, after a confirmation."""
    request = request_for(http, uuid)
    check_can_prepare(http.user, request.organisation_id)
    if _too_late(http, request, "submit"):
        return redirect(request)
    title = _("Delete the draft")
    form = ConfirmForm(
        http.POST if http.method == "POST" else None, submit_label=title, cancel_url=request.get_absolute_url()
    )
    form.submit_style = "danger"
    if http.method == "POST" and form.is_valid():
        try:
            services.discard_draft(request=request, by=http.user)
        except TransitionNotAllowed as error:
            messages.error(http, str(error))
            return redirect(request)
        messages.success(http, _("Draft deleted."))
        return redirect("mediation:request-list")
    return _page(http, request, form, title=title, lead=_("What has been written in it is lost."))


# --- files -----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def request_attach(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """Attach a file to a request that is not taken in charge yet."""
    request = request_for(http, uuid)
    check_can_prepare(http.user, request.organisation_id)
    if http.method != "POST" and not may_attach(request):
        return redirect(request)
    form = AttachmentForm(
        http.POST if http.method == "POST" else None,
        http.FILES if http.method == "POST" else None,
        cancel_url=request.get_absolute_url(),
    )
    if http.method == "POST" and form.is_valid():
        checked = form.cleaned_data["file"]
        answer = _try(
            http,
            request,
            form,
            lambda: services.add_attachment(request=request, name=checked.name, content=checked, by=http.user),
            _("File attached."),
        )
        if answer is not None:
            return answer
    return _page(http, request, form, title=_("Attach a file"))


@require_POST
def request_detach(http: HttpRequest, uuid: UUID, document: UUID) -> HttpResponse:
    """Take an attached file away."""
    request = request_for(http, uuid)
    check_can_prepare(http.user, request.organisation_id)
    found = get_object_or_404(Document, uuid=document, kind=ATTACHMENT, subject_id=request.pk)
    try:
        services.remove_attachment(request=request, document=found, by=http.user)
    except DomainError as error:
        messages.error(http, str(error))
    else:
        messages.success(http, _("File removed."))
    return redirect(request)
