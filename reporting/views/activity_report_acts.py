# SPDX-License-Identifier: EUPL-1.2
"""Pages on which something is done to an activity report: written, submitted, returned, validated, reopened."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from fami_portal.core import clock
from fami_portal.core.errors import DomainError, NotPermitted, TransitionNotAllowed
from fami_portal.core.forms import PortalForm
from reporting import permissions
from reporting.enums import ReopenScope
from reporting.forms.activity_reports import ExtendForm, NarrativeForm, ReopenForm, ReturnForm
from reporting.models import ActivityReport, ReportComment
from reporting.selectors import report_checks
from reporting.services import activity_reports as services
from reporting.services import report_rounds
from reporting.views.activity_reports import crumbs_of, figures_of, narrative_of, report_for, tasks_of
from reporting.workflow import ACTIVITY_REPORT, EDITABLE


def _check(allowed: Callable[..., None], user: Any, report: ActivityReport) -> None:
    """Raise 403 for an insider without the right; a state that does not allow the act is the service's to refuse."""
    try:
        allowed(user, report)
    except NotPermitted as error:
        raise PermissionDenied(str(error)) from error


def _too_late(request: HttpRequest, report: ActivityReport, transition: str) -> bool:
    """Whether the page of an act is opened when its time is over: an old link leads to the report instead."""
    return request.method != "POST" and report.state not in ACTIVITY_REPORT.transitions[transition].sources


def _acted(request: HttpRequest, report: ActivityReport, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect(report)


def version_of(text: str) -> int:
    """Return the version that the page carried; a page without a usable one is stale by definition."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


@require_http_methods(["GET", "HEAD", "POST"])
def activity_report_narrative(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The six boxes, saved as a draft whenever the person wants."""
    report = report_for(request, uuid)
    _check(permissions.check_can_edit_report, request.user, report)
    if request.method != "POST" and report.state not in EDITABLE:
        return redirect(report)
    form = _narrative_form(request, report)
    if request.method == "POST" and form.is_valid():
        values = form.values()
        try:
            services.save_narrative(
                report=report, values=values, version=version_of(form.cleaned_data["version"]), by=request.user
            )
        except DomainError as error:
            report.refresh_from_db()
            form.add_refusal(error, version=report.version)
        else:
            return _acted(request, report, _("Draft saved."))
    return _form_page(
        request, report, form, _("Describe the quarter"), _("You can save an incomplete draft and come back.")
    )


def _narrative_form(request: HttpRequest, report: ActivityReport) -> NarrativeForm:
    return NarrativeForm(
        request.POST if request.method == "POST" else None,
        initial={name: getattr(report, name) for name in (*ActivityReport.NARRATIVE, "problem_origins")},
        version=report.version,
        cancel_url=report.get_absolute_url(),
        draft_url=reverse("reporting:activity-report-draft", args=[report.uuid]),
    )


@require_POST
def activity_report_draft(request: HttpRequest, uuid: UUID) -> JsonResponse:
    """Save what is being typed, whenever the person pauses: answers with the new version, or says why not."""
    report = report_for(request, uuid)
    _check(permissions.check_can_edit_report, request.user, report)
    return save_draft(
        _narrative_form(request, report),
        lambda values, version: services.save_narrative(report=report, values=values, version=version, by=request.user),
        report,
    )


def save_draft(form: NarrativeForm, save: Callable[[dict[str, Any], int], None], report: Any) -> JsonResponse:
    """Answer a draft sent by the script of the page: the version to send next, or why it was not saved."""
    if not form.is_valid():
        return JsonResponse({"error": _("Not saved: check the boxes and press “Save the draft”.")}, status=422)
    try:
        save(form.values(), version_of(form.cleaned_data["version"]))
    except DomainError as error:
        return JsonResponse({"error": str(error)}, status=409)
    at = timezone.localtime(clock.now())
    return JsonResponse(
        {"version": report.version, "saved": _("Draft saved at %(time)s.") % {"time": f"{at:%H:%M:%S}"}}
    )


def _form_page(request: HttpRequest, report: ActivityReport, form: Any, title: str, lead: str) -> HttpResponse:
    return render(
        request,
        "reporting/activity_report_form.html",
        {
            "report": report,
            "programme": report.programme,
            "form": form,
            "title": title,
            "lead": lead,
            "drafts": isinstance(form, NarrativeForm),
            "crumbs": crumbs_of(report, title),
        },
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def activity_report_submit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Check your answers, then submit: every problem at once, each leading to where it is mended."""
    report = report_for(request, uuid)
    _check(permissions.check_can_submit_report, request.user, report)
    if _too_late(request, report, "submit"):
        return redirect(report)
    return _confirm(
        request,
        report,
        act=lambda: services.submit(report=report, by=request.user, at=clock.now()),
        title=_("Check and submit"),
        label=_("Submit the report"),
        lead=_("After submission the report is with the coordinator: you can still read it."),
        done=_("Report submitted: the coordinator has been told."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def activity_report_validate(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Check the figures, then validate: the period of the body is closed and the figures enter the results."""
    report = report_for(request, uuid)
    _check(permissions.check_can_validate_report, request.user, report)
    if _too_late(request, report, "validate"):
        return redirect(report)
    return _confirm(
        request,
        report,
        act=lambda: services.validate(report=report, by=request.user, at=clock.now()),
        title=_("Check and validate"),
        label=_("Validate the report"),
        lead=_("Validation closes this period for the body and adds the figures to the results of the programme."),
        done=_("Report validated: the figures are in the results."),
    )


def _confirm(
    request: HttpRequest,
    report: ActivityReport,
    *,
    act: Callable[[], Any],
    title: str,
    label: str,
    lead: str,
    done: str,
) -> HttpResponse:
    """Show all that the act is about, with the one button that does it."""
    form = PortalForm(request.POST if request.method == "POST" else None, cancel_url=report.get_absolute_url())
    form.submit_label = label
    form.helper.form_show_errors = False  # the template shows them at the top of the page
    if request.method == "POST" and form.is_valid():
        try:
            act()
        except NotPermitted as error:
            raise PermissionDenied(str(error)) from error
        except TransitionNotAllowed as error:
            # A second click, or somebody was faster: nothing was typed here, so the report itself says the rest.
            messages.error(request, str(error))
            return redirect(report)
        except services.ReportHasProblemsError:
            # The list on the page says each problem with the way to mend it.
            form.add_refusal(DomainError(_("The report cannot be submitted yet: mend what the list marks.")))
        except DomainError as error:
            form.add_refusal(error)
        else:
            return _acted(request, report, done)
    report = report_for(request, report.uuid)
    problems = report_checks.problems(report) if report.state in EDITABLE else []
    return render(
        request,
        "reporting/activity_report_check.html",
        {
            "report": report,
            "programme": report.programme,
            "form": form,
            "title": title,
            "lead": lead,
            "tasks": tasks_of(report, problems, may_file=True) if problems else [],
            "narrative": narrative_of(report),
            "crumbs": crumbs_of(report, title),
            **figures_of(report),
        },
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def activity_report_return(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Send the report back with what must be corrected."""
    report = report_for(request, uuid)
    _check(permissions.check_can_validate_report, request.user, report)
    if _too_late(request, report, "return"):
        return redirect(report)
    waiting = ReportComment.objects.filter(report=report, sent_at__isnull=True).unresolved().count()
    form = ReturnForm(
        request.POST if request.method == "POST" else None, cancel_url=report.get_absolute_url(), comments=waiting
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.return_for_changes(
                report=report, comment=form.cleaned_data["comment"], by=request.user, at=clock.now()
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            return _acted(request, report, _("Report returned: the body has been told."))
    return _form_page(request, report, form, _("Return for changes"), _("The body corrects it and submits it again."))


@require_http_methods(["GET", "HEAD", "POST"])
def activity_report_reopen(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Open a validated report again, with the reason."""
    report = report_for(request, uuid)
    _check(permissions.check_can_reopen_report, request.user, report)
    if _too_late(request, report, "reopen"):
        return redirect(report)
    form = ReopenForm(request.POST if request.method == "POST" else None, cancel_url=report.get_absolute_url())
    if request.method == "POST" and form.is_valid():
        try:
            services.reopen(
                report=report,
                reason=form.cleaned_data["reason"],
                scope=ReopenScope(form.cleaned_data["scope"] or ReopenScope.FIGURES),
                by=request.user,
                at=clock.now(),
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            return _acted(request, report, _("Report reopened: the body can correct it."))
    return _form_page(
        request,
        report,
        form,
        _("Reopen the report"),
        _("Choose whether the registers of the period can be changed again, or the texts alone."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def activity_report_extend(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Give one body more days, or take back those given by mistake, with the reason."""
    report = report_for(request, uuid)
    _check(permissions.check_can_extend_report, request.user, report)
    if request.method != "POST" and report.state not in EDITABLE:
        return redirect(report)
    form = ExtendForm(
        request.POST if request.method == "POST" else None,
        version=report.due_on.isoformat(),
        cancel_url=report.get_absolute_url(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            report_rounds.extend_due(
                report=report,
                **wanted(form, "due_on", "reason"),
                by=request.user,
                at=clock.now(),
                seen=form.cleaned_data["version"],
            )
        except DomainError as error:
            form.add_refusal(error, version=report.due_on.isoformat())
        else:
            words = _("The report is due on %(day)s now: the body has been told.")
            return _acted(request, report, words % {"day": f"{report.due_on:%d/%m/%Y}"})
    lead = _("Today the report is due on %(day)s.") % {"day": f"{report.due_on:%d/%m/%Y}"}
    if report.due_on > report.period.due_on:
        lead += " " + _("Days given by mistake are taken back with an earlier day, from %(day)s on.") % {
            "day": f"{max(report.period.due_on, clock.today()):%d/%m/%Y}"
        }
    return _form_page(request, report, form, _("Give more days"), lead)


def wanted(form: PortalForm, *names: str) -> dict[str, Any]:
    """Return some of the values of a form, for a service."""
    return {name: form.cleaned_data[name] for name in names}
