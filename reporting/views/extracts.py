# SPDX-License-Identifier: EUPL-1.2
"""Extracts for the evaluation: the list, the request, the decision, the file, the codebook."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from fami_portal.core import clock
from fami_portal.core.audit import timeline
from fami_portal.core.components import Button, Column, Entry, Lines, Link, Pill
from fami_portal.core.documents import hand_out
from fami_portal.core.errors import DomainError, NotPermitted
from partners.permissions import holds
from reporting import permissions
from reporting.enums import ExtractProduct, ExtractState
from reporting.forms.extracts import ApproveExtractForm, ExtractForm, RefuseExtractForm
from reporting.models import Extract
from reporting.rendering import codebook
from reporting.selectors import extracts as selectors
from reporting.services import extracts as services
from reporting.views.places import open_programme
from reporting.workflow import EXTRACT

PAGE_SIZE = 25


def _crumbs(*more: Link) -> list[Link]:
    return [Link(_("Home"), reverse("home")), Link(_("Extracts"), reverse("reporting:extract-list")), *more]


def _pill(extract: Extract) -> Pill:
    if extract.has_expired(clock.today()):
        return Pill(_("Expired"), "secondary")
    if extract.state == ExtractState.APPROVED and extract.document_id is None:
        return Pill(_("In production"), "info")
    return Pill(extract.get_state_display(), EXTRACT.colours[extract.state])


@require_safe
def extract_list(request: HttpRequest) -> HttpResponse:
    """The extracts that the person sees, newest first, and where one may be asked for."""
    if not selectors.can_see_extracts(request.user):
        raise PermissionDenied(_("Extracts are for evaluators and for those who approve them."))
    page = Paginator(selectors.extracts_for(request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    asking = list(selectors.programmes_to_ask(request.user)) if holds(request.user, Permission.EXTRACT_DATA) else []
    return render(
        request,
        "reporting/extract_list.html",
        {
            "page": page,
            "columns": [
                Column(_("Extract")),
                Column(_("Programme")),
                Column(_("Evaluating body")),
                Column(_("Asked on"), nowrap=True),
                Column(_("Can be opened until"), nowrap=True),
                Column(_("State")),
            ],
            "rows": [
                [
                    Link(str(row), row.get_absolute_url()),
                    row.programme.title,
                    row.organisation.name,
                    row.requested_at,
                    row.expires_on or "",
                    _pill(row),
                ]
                for row in page
            ],
            "buttons": [
                Button(
                    _("Ask for an extract") if len(asking) == 1 else _("Ask for an extract: %(p)s") % {"p": row.title},
                    reverse("reporting:extract-new", args=[row.slug]),
                )
                for row in asking
            ],
            "crumbs": [*_crumbs()[:-1], Link(_("Extracts"), "")],
        },
    )


@require_http_methods(["GET", "POST"])
def extract_new(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for an extract of a programme."""
    programme = open_programme(request, slug, Permission.EXTRACT_DATA)
    form = ExtractForm(
        request.POST if request.method == "POST" else None,
        periods=selectors.ended_periods(programme, clock.today()),
        cancel_url=reverse("reporting:extract-list"),
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            extract = services.request_extract(
                programme=programme,
                product=data["product"],
                first=data["first_period"],
                last=data["last_period"],
                purpose=data["purpose"],
                by=request.user,
                at=clock.now(),
                key=form.submission_key,
            )
        except NotPermitted as error:
            raise PermissionDenied(str(error)) from error
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("Request sent: the regional coordinator decides on it."))
            return redirect(extract)
    return render(
        request,
        "reporting/extract_form.html",
        {
            "form": form,
            "title": _("Ask for an extract"),
            "lead": _("Data for the evaluation without names: the regional coordinator approves them until a day."),
            "kicker": programme.title,
            "crumbs": _crumbs(Link(_("Ask for an extract"), "")),
        },
        status=422 if form.errors else 200,
    )


def _extract(request: HttpRequest, uuid: UUID) -> Extract:
    return get_object_or_404(Extract.objects.visible_to(request.user).with_parts(), uuid=uuid)


@never_cache
@require_safe
def extract(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One extract: what was asked and decided, the file, and who opened it when."""
    extract = _extract(request, uuid)
    facts = [
        (_("What is asked for"), extract.get_product_display()),
        (_("Periods"), extract.window),
        (_("Evaluating body"), extract.organisation.name),
        (_("Purpose"), extract.purpose),
        (_("Asked by"), f"{extract.requested_by.full_name}, {_day(extract.requested_at)}"),
    ]
    if extract.decided_by is not None:
        facts.append((_("Decided by"), f"{extract.decided_by.full_name}, {_day(extract.decided_at)}"))
    if extract.expires_on:
        facts.append((_("Can be opened until"), extract.expires_on))
    if extract.reason:
        facts.append((_("Reason"), extract.reason))
    if extract.document is not None:
        facts.append((_("Fingerprint of the file (SHA-256)"), extract.document.sha256))
    return render(
        request,
        "reporting/extract.html",
        {
            "extract": extract,
            "pill": _pill(extract),
            "facts": facts,
            "notice": _notice(request, extract),
            "buttons": _buttons(request, extract),
            "codebook_url": reverse("reporting:extract-codebook", args=[extract.uuid]),
            "history": [
                Entry(step.at, step.label, step.actor, step.comment, step.target, step.colour)
                for step in timeline(extract)
            ],
            "crumbs": _crumbs(Link(str(extract), "")),
        },
    )


def _day(moment: Any) -> str:
    return f"{moment:%d/%m/%Y}"


def _notice(request: HttpRequest, extract: Extract) -> str:
    if extract.state == ExtractState.REQUESTED and not permissions.can_decide_extract(request.user, extract):
        if extract.requested_by_id == request.user.pk:
            return _("The regional coordinator reads the purpose and decides; a notification tells you.")
        return _("The regional coordinator reads the purpose and decides.")
    if extract.state == ExtractState.APPROVED and extract.document_id is None:
        return _("The file is being made: a notification tells you when it is ready.")
    if extract.destroyed_at:
        return services.destroyed_words(extract)
    if extract.has_expired(clock.today()):
        return _("The approval ended on %(day)s: ask the regional coordinator to extend it.") % {
            "day": f"{extract.expires_on:%d/%m/%Y}"
        }
    return ""


def _buttons(request: HttpRequest, extract: Extract) -> list[Button]:
    buttons = []
    ready = extract.document_id is not None and not extract.has_expired(clock.today())
    if ready and permissions.can_open_extract(request.user, extract):
        url = reverse("reporting:extract-open", args=[extract.uuid])
        buttons.append(Button(_("Open the file (ZIP)"), url, method="post"))
    if permissions.can_decide_extract(request.user, extract):
        approve = reverse("reporting:extract-approve", args=[extract.uuid])
        if extract.state == ExtractState.REQUESTED:
            buttons.append(Button(_("Approve"), approve))
            refuse = reverse("reporting:extract-refuse", args=[extract.uuid])
            buttons.append(Button(_("Refuse"), refuse, style="outline-danger"))
        elif extract.state == ExtractState.APPROVED and not extract.destroyed_at:
            buttons.append(Button(_("Change the last day"), approve, style="outline-primary"))
    return buttons


@require_http_methods(["GET", "POST"])
def extract_approve(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Approve a request until a day, or change that day."""
    extract = _extract(request, uuid)
    again = extract.state == ExtractState.APPROVED
    until = extract.expires_on or min(extract.programme.last_day, clock.today() + timedelta(days=180))
    form = ApproveExtractForm(
        request.POST if request.method == "POST" else None,
        initial={"expires_on": max(until, clock.today() + timedelta(days=30))},
        cancel_url=extract.get_absolute_url(),
    )
    if again:
        form.submit_label = _("Change the last day")
    missing = 0 if again else selectors.missing_reports(extract)
    return _decide(
        request,
        extract,
        form,
        title=_("Change the last day") if again else _("Approve the extract"),
        lead=_("The file has no names, but it describes persons one by one. Every opening is recorded.")
        if extract.product == ExtractProduct.ROWS
        else _("The tables show no number of one to four persons. Every opening is recorded."),
        act=lambda: services.approve_extract(
            extract=extract, expires_on=form.cleaned_data["expires_on"], by=request.user, at=clock.now()
        ),
        warning=_(
            "%(count)s activity reports of these periods are not validated: the file is made once, and what they say would "
            "be missing for ever. Validate them first."
        )
        % {"count": missing}
        if missing
        else "",
        done=_("The last day has been changed.") if again else _("Extract approved: its file is being made."),
    )


@require_http_methods(["GET", "POST"])
def extract_refuse(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Refuse a request, saying why."""
    extract = _extract(request, uuid)
    form = RefuseExtractForm(request.POST if request.method == "POST" else None, cancel_url=extract.get_absolute_url())
    return _decide(
        request,
        extract,
        form,
        title=_("Refuse the request"),
        lead=_("The evaluator may ask again, for other periods or with a clearer purpose."),
        act=lambda: services.refuse_extract(
            extract=extract, reason=form.cleaned_data["reason"], by=request.user, at=clock.now()
        ),
        done=_("Request refused: the evaluator has been told."),
    )


def _decide(
    request: HttpRequest, extract: Extract, form: Any, *, title: str, lead: str, act: Any, done: str, warning: str = ""
) -> HttpResponse:
    try:
        permissions.check_can_decide_extract(request.user, extract)
        if request.method == "POST" and form.is_valid():
            act()
            messages.success(request, done)
            return redirect(extract)
    except NotPermitted as error:
        raise PermissionDenied(str(error)) from error
    except DomainError as error:
        form.add_refusal(error)
    return render(
        request,
        "reporting/extract_form.html",
        {
            "form": form,
            "title": title,
            "lead": lead,
            "kicker": str(extract),
            "warning": warning,
            "facts": [
                (_("Programme"), extract.programme.title),
                (_("Evaluating body"), extract.organisation.name),
                (_("What is asked for"), str(extract)),
                (_("Purpose"), extract.purpose),
            ],
            "crumbs": _crumbs(Link(str(extract), extract.get_absolute_url()), Link(title, "")),
        },
        status=422 if form.errors else 200,
    )


@require_POST
def extract_open(request: HttpRequest, uuid: UUID) -> FileResponse | HttpResponse:
    """Hand out the file, after the opening was recorded."""
    extract = _extract(request, uuid)
    try:
        document = services.open_extract(extract=extract, by=request.user, at=clock.now())
    except NotPermitted as error:
        raise PermissionDenied(str(error)) from error
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(extract)
    return hand_out(document)


@require_safe
def extract_codebook(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The codebook of one extract, as its file has it."""
    extract = _extract(request, uuid)
    lists = selectors.code_lists(extract.programme)
    return render(
        request,
        "reporting/extract_codebook.html",
        {
            "extract": extract,
            "format": selectors.FORMAT,
            "rules": codebook.rules(extract.product),
            "columns": [Column(_("Variable")), Column(_("Meaning")), Column(_("Values"))],
            "rows": [
                [
                    format_html("<code>{}</code>", row.name),
                    Lines(row.meaning, row.made),
                    format_html_join("", "<code>{}</code> {}<br>", row.values) or None,
                ]
                for row in codebook.variables(extract.product, lists)
            ],
            "crumbs": _crumbs(Link(str(extract), extract.get_absolute_url()), Link(_("Codebook"), "")),
        },
    )
