# SPDX-License-Identifier: EUPL-1.2
"""Pages on which a report is countersigned, validated, or opened again."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from fami_portal.core import clock
from fami_portal.core.components import Link
from fami_portal.core.errors import DomainError, TransitionNotAllowed
from fami_portal.core.forms import PortalForm
from mediation.enums import RequestState
from mediation.forms.reports import CodeForm, CountersignForm, ReasonForm
from mediation.models import InterventionReport, MediationRequest, OneTimeCode
from mediation.permissions import check_can_coordinate, check_can_mediate
from mediation.selectors.reports import movement_of
from mediation.selectors.request_rules import hours
from mediation.services import reports as services
from mediation.services.reports.closing import check_can_reopen, check_can_validate
from mediation.services.reports.signing import check_can_countersign
from mediation.views.reports import report_crumbs, report_for, shown
from mediation.views.requests import title_of
from mediation.views.sessions import posted, tried
from mediation.workflow import REQUEST


def _late(http: HttpRequest, request: MediationRequest, transition: str) -> bool:
    return http.method != "POST" and request.state not in REQUEST.transitions[transition].sources


def _check_page(
    http: HttpRequest,
    request: MediationRequest,
    report: InterventionReport,
    form: Any,
    heading: str,
    declaration: str,
    movement: Any = (),
) -> HttpResponse:
    context = {
        **shown(http.user, request, report),
        "heading": heading,
        "crumbs": report_crumbs(request, heading, reader=http.user),
        "form": form,
        "missing": [],
        "edit": None,
        "declaration": declaration,
        "movement": movement,
    }
    return render(http, "mediation/report_check.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def report_countersign(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """Read the report and sign it for the school or service."""
    request, report = report_for(http, uuid)
    check_can_countersign(http.user, request)
    if report is None or _late(http, request, "countersign"):
        return redirect(request)
    form = CountersignForm(posted(http), cancel_url=request.get_absolute_url())
    if http.method == "POST" and form.is_valid():

        def act() -> None:
            services.countersign(
                request=request,
                rating=form.cleaned_data["rating"],
                rating_note=form.cleaned_data["rating_note"],
                by=http.user,
                at=clock.now(),
            )

        outcome = tried(http, form, act)
        if outcome == "done":
            messages.success(http, _("Report countersigned: the coordinator has been told."))
        if outcome != "refused":
            return redirect(request)
    return _check_page(
        http,
        request,
        report,
        form,
        _("Read and countersign"),
        _("You confirm that the mediation took place as it is written here. If something is wrong, send it back."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def report_code(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """On the mediator's phone: whoever was there reads the report and signs it with the code that came by mail."""
    request, report = report_for(http, uuid)
    check_can_mediate(http.user, request)
    if report is None or _late(http, request, "countersign"):
        return redirect(request)
    row = (
        OneTimeCode.objects.filter(report=report.pk, used_at=None, expires_at__gt=timezone.now())
        .order_by("-pk")
        .first()
    )
    form = CodeForm(
        posted(http),
        initial={"name": request.field_contact_name or request.contact_name},
        cancel_url=request.get_absolute_url(),
    )
    if http.method == "POST" and form.is_valid():

        def act() -> None:
            services.countersign_by_code(request=request, by=http.user, at=clock.now(), **_typed(form))

        outcome = tried(http, form, act)
        if outcome == "done":
            messages.success(http, _("Report countersigned: the coordinator has been told."))
        if outcome != "refused":
            return redirect(request)
    context = {
        **shown(http.user, request, report),
        "heading": _("Sign on this phone"),
        "crumbs": report_crumbs(request, _("Sign on this phone"), reader=http.user),
        "form": form if row is not None or form.is_bound else None,
        "send_url": reverse("mediation:report-code-send", args=[request.uuid]),
        "sent_to": row.sent_to if row is not None else "",
        "sent_until": row.expires_at if row is not None else None,
        "mailbox": request.contact_email,
    }
    return render(http, "mediation/report_code.html", context, status=422 if form.errors else 200)


def _typed(form: CodeForm) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in ("code", "name", "rating", "rating_note")}


@require_POST
def report_code_send(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """Mail a code to the contact of the request."""
    request, _report = report_for(http, uuid)
    check_can_mediate(http.user, request)
    try:
        services.send_code(request=request, by=http.user, at=clock.now())
    except TransitionNotAllowed as error:
        messages.error(http, str(error))
        return redirect(request)
    except DomainError as error:
        messages.error(http, str(error))
    else:
        messages.success(http, _("Code sent to %(mailbox)s.") % {"mailbox": request.contact_email})
    return redirect("mediation:report-code", uuid=request.uuid)


@require_http_methods(["GET", "HEAD", "POST"])
def report_validate(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """Check the report and its signatures, see how the hours will move, then validate."""
    request, report = report_for(http, uuid)
    check_can_coordinate(http.user, request)
    if report is None or _late(http, request, "validate"):
        return redirect(request)
    check_can_validate(http.user, request)
    form = PortalForm(posted(http), cancel_url=request.get_absolute_url())
    form.submit_label = _("Validate the report")
    if http.method == "POST" and form.is_valid():
        outcome = tried(http, form, lambda: services.validate(request=request, by=http.user, at=clock.now()))
        if outcome == "done":
            messages.success(http, _("Report validated: the hours have moved and the sessions are in the results."))
        if outcome != "refused":
            return redirect(request)
    return _check_page(
        http,
        request,
        report,
        form,
        _("Check and validate"),
        _("The minutes held are consumed, the rest of what was reserved is free again."),
        movement=_movement(request),
    )


def _movement(request: MediationRequest) -> list[tuple[Any, Any]]:
    moved = movement_of(request)
    rows: list[tuple[Any, Any]] = []
    if request.account is not None:
        rows.append((_("Account of hours"), Link(_account_name(request), request.account.get_absolute_url())))
    rows += [
        (_("Held"), hours(moved.held)),
        (_("Reserved for this request"), hours(moved.reserved)),
        (_("Will be consumed"), hours(moved.consumed)),
        (_("Will be free again"), hours(moved.released)),
    ]
    if moved.charged:
        rows.append((_("Charged already"), hours(moved.charged)))
    if moved.beyond:
        rows.append((_("Beyond what was reserved, from the free hours"), hours(moved.beyond)))
        rows.append((_("Free hours of the account"), hours(moved.available)))
    return rows


def _account_name(request: MediationRequest) -> str:
    account = request.account
    owner = request.organisation.name if account and account.organisation_id else request.network.name
    return f"{owner}, {account.school_year}" if account else ""


@require_http_methods(["GET", "HEAD", "POST"])
def report_reopen(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """Open a filed report again, with what must be corrected."""
    request, report = report_for(http, uuid)
    try:
        check_can_reopen(http.user, request)
    except TransitionNotAllowed:
        return redirect(request)
    if report is None or _late(http, request, "reopen"):
        return redirect(request)
    validated = request.state == RequestState.VALIDATED
    heading = _("Open the report again") if validated else _("Send back for correction")
    form = ReasonForm(posted(http), cancel_url=request.get_absolute_url())
    form.submit_label = heading
    if http.method == "POST" and form.is_valid():
        outcome = tried(http, form, _reopening(http, request, form))
        if outcome == "done":
            messages.success(http, _("The report is open again: the mediator has been told."))
        if outcome != "refused":
            return redirect(request)
    context = {
        "form": form,
        "heading": heading,
        "lead": _("The hours consumed are reserved again. Both sides sign anew; the earlier signatures are kept.")
        if validated
        else _("Both sides sign anew; the earlier signatures are kept."),
        "kicker": title_of(request),
        "programme": request.programme,
        "crumbs": report_crumbs(request, heading, reader=http.user),
        "facts": (),
    }
    return render(http, "mediation/session_form.html", context, status=422 if form.errors else 200)


def _reopening(http: HttpRequest, request: MediationRequest, form: ReasonForm) -> Callable[[], None]:
    return lambda: services.reopen(request=request, reason=form.cleaned_data["reason"], by=http.user, at=clock.now())
