# SPDX-License-Identifier: EUPL-1.2
"""Pages of the activity report: the task list of the body, the check of the coordinator."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from fami_portal.core.components import Button, Column, Entry, Lines, Link, Pill, Task
from fami_portal.core.errors import DomainError, NotPermitted
from fami_portal.core.forms import PortalForm
from reporting import permissions
from reporting.enums import ActivityReportState
from reporting.filters import ActivityReportFilter
from reporting.forms.activity_reports import NarrativeForm, ReopenForm, ReturnForm
from reporting.models import ActivityReport
from reporting.selectors import activity_reports as selectors
from reporting.selectors import report_pages
from reporting.services import activity_reports as services
from reporting.workflow import ACTIVITY_REPORT

PAGE_SIZE = 30


def _report(request: HttpRequest, uuid: UUID) -> ActivityReport:
    """Return the report for those who may read it; strangers get 404."""
    return get_object_or_404(ActivityReport.objects.visible_to(request.user).with_parts(), uuid=uuid)


def _pill(report: ActivityReport) -> Pill:
    return Pill(report.get_state_display(), ACTIVITY_REPORT.colours[report.state])


def _crumbs(report: ActivityReport) -> list[Link]:
    return [
        Link(_("Home"), reverse("home")),
        Link(_("Activity reports"), reverse("reporting:activity-report-list")),
        Link(str(report.period), report.get_absolute_url()),
    ]


def _refused(allowed: Callable[..., None], user: Any, report: ActivityReport) -> str:
    """Return why the person may not do it now, or nothing: the button says it in words."""
    try:
        allowed(user, report)
    except DomainError as error:
        return str(error)
    return ""


def _check(allowed: Callable[..., None], user: Any, report: ActivityReport) -> None:
    """Raise 403 for an insider without the right; a state that does not allow the act is the service's to refuse."""
    try:
        allowed(user, report)
    except NotPermitted as error:
        raise PermissionDenied(str(error)) from error


@require_GET
def activity_report_list(request: HttpRequest) -> HttpResponse:
    """The reports that the person may read, filtered by address."""
    if not report_pages.can_list_reports(request.user):
        raise PermissionDenied(_("Your role does not read activity reports."))
    found = ActivityReportFilter(request.GET, queryset=report_pages.listed_reports(request.user), user=request.user)
    page = Paginator(found.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [
        [
            Lines(
                Link(report.organisation.name, report.get_absolute_url(), hidden=str(report.period)),
                report.network.name,
            ),
            str(report.period),
            report.due_on,
            report.submitted_at,
            _pill(report),
        ]
        for report in page
    ]
    columns = [
        Column(_("Body")),
        Column(_("Period"), nowrap=True),
        Column(_("Due on"), nowrap=True),
        Column(_("Submitted on"), nowrap=True),
        Column(_("State")),
    ]
    return render(
        request,
        "reporting/activity_report_list.html",
        {
            "filter_form": found.form,
            "page": page,
            "rows": rows,
            "columns": columns,
            "crumbs": [Link(_("Home"), reverse("home")), Link(_("Activity reports"), "")],
        },
    )


def _tasks(report: ActivityReport, problems: list[Any], *, may_file: bool) -> list[Task]:
    """What is missing before the report can be filed, each with where to mend it."""
    filled = sum(bool(getattr(report, name).strip()) for name in ActivityReport.NARRATIVE)
    total = len(ActivityReport.NARRATIVE)
    narrative_url = reverse("reporting:activity-report-narrative", args=[report.uuid]) if may_file else ""
    tasks = [
        Task(
            _("Describe the quarter"),
            narrative_url,
            _("%(filled)s of %(total)s boxes written") % {"filled": filled, "total": total},
            "success" if report.done.strip() else "warning",
        )
    ]
    tasks += [
        Task(
            problem.sentence,
            problem.url if may_file else "",
            _("To be mended") if problem.blocking else _("To be checked"),
            "danger" if problem.blocking else "warning",
        )
        for problem in problems
        if problem.code != "narrative_missing"
    ]
    return tasks


def _buttons(request: HttpRequest, report: ActivityReport) -> list[Button]:
    """What can be done now, by the same checks that guard the services."""
    possible = {row.name for row in ACTIVITY_REPORT.possible(report.state)}
    rows = (
        ("submit", "activity-report-submit", _("Check and submit"), "primary", permissions.check_can_submit_report),
        (
            "validate",
            "activity-report-validate",
            _("Check and validate"),
            "primary",
            permissions.check_can_validate_report,
        ),
        (
            "return",
            "activity-report-return",
            _("Return for changes"),
            "outline-primary",
            permissions.check_can_validate_report,
        ),
        ("reopen", "activity-report-reopen", _("Reopen"), "outline-primary", permissions.check_can_reopen_report),
    )
    buttons = []
    for name, url_name, label, style, allowed in rows:
        if name not in possible:
            continue
        refusal = _refused(allowed, request.user, report)
        if refusal and not permissions.acts_on_report(request.user, report):
            continue  # readers are not told about acts that are never theirs
        buttons.append(
            Button(label, reverse(f"reporting:{url_name}", args=[report.uuid]), style=style, disabled_reason=refusal)
        )
    return buttons


def _figure_rows(figures: list[Any]) -> list[list[Any]]:
    return [[Lines(row.title, row.code), row.value, row.unit] for row in figures]


def _figure_columns() -> list[Column]:
    return [Column(_("Figure")), Column(_("In this report"), numeric=True), Column(_("Unit"))]


def _narrative_rows(report: ActivityReport) -> list[tuple[str, str]]:
    return [
        (str(report._meta.get_field(name).verbose_name).capitalize(), getattr(report, name) or _("Not written"))
        for name in ActivityReport.NARRATIVE
    ]


@require_GET
def activity_report(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One report: its state and whose turn it is, what is missing, the figures, the narrative, the history."""
    report = _report(request, uuid)
    to_file = report.state in report_pages.TO_FILE
    problems = selectors.problems(report) if to_file else []
    may_file = permissions.can_edit_report(request.user, report)
    history = [
        Entry(
            step.at,
            step.label,
            step.by,
            step.comment,
            ActivityReportState(step.state).label,
            ACTIVITY_REPORT.colours[step.state],
        )
        for step in report_pages.steps_of(report)
    ]
    returned = (
        next((step for step in history if step.text), None)
        if report.state
        in (
            ActivityReportState.RETURNED,
            ActivityReportState.REOPENED,
        )
        else None
    )
    facts = [
        (_("Body"), Link(report.organisation.name, report.organisation.get_absolute_url())),
        (_("Network"), Link(report.network.name, report.network.get_absolute_url())),
        (
            _("Period"),
            _("%(code)s: from %(start)s to %(end)s")
            % {
                "code": report.period,
                "start": f"{report.period.starts_on:%d/%m/%Y}",
                "end": f"{report.period.ends_on:%d/%m/%Y}",
            },
        ),
        (_("Due on"), report.due_on),
        (_("Whose turn"), ACTIVITY_REPORT.owners[report.state]),
    ]
    return render(
        request,
        "reporting/activity_report.html",
        {
            "report": report,
            "programme": report.programme,
            "pill": _pill(report),
            "facts": facts,
            "tasks": _tasks(report, problems, may_file=may_file) if to_file else [],
            "returned": returned,
            "figure_columns": _figure_columns(),
            "figure_rows": _figure_rows(selectors.figure_lines(report)),
            "narrative": _narrative_rows(report),
            "narrative_url": reverse("reporting:activity-report-narrative", args=[report.uuid])
            if may_file and to_file
            else "",
            "buttons": _buttons(request, report),
            "history": history,
            "crumbs": [*_crumbs(report)[:-1], Link(str(report.period), "")],
        },
    )


def _acted(request: HttpRequest, report: ActivityReport, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect(report)


@require_http_methods(["GET", "POST"])
def activity_report_narrative(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The six boxes, saved as a draft whenever the person wants."""
    report = _report(request, uuid)
    _check(permissions.check_can_edit_report, request.user, report)
    form = NarrativeForm(
        request.POST or None,
        initial={name: getattr(report, name) for name in ActivityReport.NARRATIVE},
        version=report.version,
        cancel_url=report.get_absolute_url(),
    )
    if request.method == "POST" and form.is_valid():
        values = {name: form.cleaned_data[name] for name in ActivityReport.NARRATIVE}
        try:
            services.save_narrative(
                report=report, values=values, version=_version(form.cleaned_data["version"]), by=request.user
            )
        except DomainError as error:
            report.refresh_from_db()
            form.add_refusal(error, version=report.version)
        else:
            return _acted(request, report, _("Draft saved."))
    return _form_page(
        request, report, form, _("Describe the quarter"), _("You can save an incomplete draft and come back.")
    )


def _version(text: str) -> int:
    """Return the version that the page carried; a page without a usable one is stale by definition."""
    return int(text) if text.isdigit() else 0


def _form_page(request: HttpRequest, report: ActivityReport, form: PortalForm, title: str, lead: str) -> HttpResponse:
    return render(
        request,
        "reporting/activity_report_form.html",
        {
            "report": report,
            "programme": report.programme,
            "form": form,
            "title": title,
            "lead": lead,
            "crumbs": [*_crumbs(report), Link(title, "")],
        },
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "POST"])
def activity_report_submit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Check your answers, then submit: every problem at once, each leading to where it is mended."""
    report = _report(request, uuid)
    _check(permissions.check_can_submit_report, request.user, report)
    return _confirm(
        request,
        report,
        act=lambda: services.submit(report=report, by=request.user, at=timezone.now()),
        title=_("Check and submit"),
        label=_("Submit the report"),
        lead=_("After submission the report is with the coordinator: you can still read it."),
        done=_("Report submitted: the coordinator has been told."),
    )


@require_http_methods(["GET", "POST"])
def activity_report_validate(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Check the figures, then validate: the period of the body is closed and the figures enter the results."""
    report = _report(request, uuid)
    _check(permissions.check_can_validate_report, request.user, report)
    return _confirm(
        request,
        report,
        act=lambda: services.validate(report=report, by=request.user, at=timezone.now()),
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
    form = PortalForm(request.POST or None, cancel_url=report.get_absolute_url())
    form.submit_label = label
    if request.method == "POST" and form.is_valid():
        try:
            act()
        except NotPermitted as error:
            raise PermissionDenied(str(error)) from error
        except DomainError as error:
            form.add_refusal(error)
        else:
            return _acted(request, report, done)
    report.refresh_from_db()
    problems = selectors.problems(report) if report.state in report_pages.TO_FILE else []
    return render(
        request,
        "reporting/activity_report_check.html",
        {
            "report": report,
            "programme": report.programme,
            "form": form,
            "title": title,
            "lead": lead,
            "tasks": _tasks(report, problems, may_file=True) if problems else [],
            "figure_columns": _figure_columns(),
            "figure_rows": _figure_rows(selectors.figure_lines(report)),
            "narrative": _narrative_rows(report),
            "crumbs": [*_crumbs(report), Link(title, "")],
        },
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "POST"])
def activity_report_return(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Send the report back with what must be corrected."""
    report = _report(request, uuid)
    _check(permissions.check_can_validate_report, request.user, report)
    form = ReturnForm(request.POST or None, cancel_url=report.get_absolute_url())
    if request.method == "POST" and form.is_valid():
        try:
            services.return_for_changes(
                report=report, comment=form.cleaned_data["comment"], by=request.user, at=timezone.now()
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            return _acted(request, report, _("Report returned: the body has been told."))
    return _form_page(request, report, form, _("Return for changes"), _("The body corrects it and submits it again."))


@require_http_methods(["GET", "POST"])
def activity_report_reopen(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Open a validated report again, with the reason."""
    report = _report(request, uuid)
    _check(permissions.check_can_reopen_report, request.user, report)
    form = ReopenForm(request.POST or None, cancel_url=report.get_absolute_url())
    if request.method == "POST" and form.is_valid():
        try:
            services.reopen(report=report, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
        except DomainError as error:
            form.add_refusal(error)
        else:
            return _acted(request, report, _("Report reopened: the body can correct it."))
    return _form_page(
        request,
        report,
        form,
        _("Reopen"),
        _("The registers of the period can be changed again until the new validation."),
    )
