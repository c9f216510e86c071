# SPDX-License-Identifier: EUPL-1.2
"""Pages that show activity reports: the list and its export, and one report with its task list.

The pages on which something is done to a report are in `activity_report_acts`.
"""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from fami_portal.core import exports
from fami_portal.core.components import Button, Column, Entry, Lines, Link, Pill, Task
from fami_portal.core.downloads import download_list, export_links
from fami_portal.core.errors import DomainError
from reporting import permissions
from reporting.enums import ActivityReportState
from reporting.filters import ActivityReportFilter
from reporting.models import ActivityReport
from reporting.selectors import activity_reports as selectors
from reporting.selectors import report_pages
from reporting.workflow import ACTIVITY_REPORT, EDITABLE

PAGE_SIZE = 30

# The acts of the page: transition, address, label, style, the check that guards its service.
_ACTS = (
    ("submit", "submit", gettext_lazy("Check and submit"), "primary", permissions.check_can_submit_report),
    ("validate", "validate", gettext_lazy("Check and validate"), "primary", permissions.check_can_validate_report),
    ("return", "return", gettext_lazy("Return for changes"), "outline-primary", permissions.check_can_validate_report),
    ("reopen", "reopen", gettext_lazy("Reopen"), "outline-primary", permissions.check_can_reopen_report),
)


def report_for(request: HttpRequest, uuid: UUID) -> ActivityReport:
    """Return the report for those who may read it; strangers get 404."""
    return get_object_or_404(ActivityReport.objects.visible_to(request.user).with_parts(), uuid=uuid)


def crumbs_of(report: ActivityReport, *here: str) -> list[Link]:
    """Return the way to the page of the report, or to a page under it."""
    found = [
        Link(_("Home"), reverse("home")),
        Link(_("Activity reports"), reverse("reporting:activity-report-list")),
        Link(str(report.period), report.get_absolute_url() if here else ""),
    ]
    return [*found, *(Link(title, "") for title in here)]


def _pill(report: ActivityReport) -> Pill:
    return Pill(report.get_state_display(), ACTIVITY_REPORT.colours[report.state])


# --- list ----------------------------------------------------------------------------------------------------------


def _found(request: HttpRequest) -> ActivityReportFilter:
    """Return what the address asks for, for those whose role reads reports at all."""
    if not report_pages.can_list_reports(request.user):
        raise PermissionDenied(_("Your role does not read activity reports."))
    return ActivityReportFilter(request.GET, queryset=report_pages.listed_reports(request.user), user=request.user)


@require_safe
def activity_report_list(request: HttpRequest) -> HttpResponse:
    """The reports that the person may read, filtered by address."""
    found = _found(request)
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
            "exports": export_links(request, "reporting:activity-report-export"),
            "crumbs": [Link(_("Home"), reverse("home")), Link(_("Activity reports"), "")],
        },
    )


@require_safe
def activity_report_export(request: HttpRequest, fmt: str) -> Any:
    """The same selection as a file."""
    columns = [
        exports.Column(_("Programme"), "programme.title", width=40),
        exports.Column(_("Network code"), "network.code"),
        exports.Column(_("Network"), "network.name", width=40),
        exports.Column(_("Body"), "organisation.name", width=40),
        exports.Column(_("Period"), "period.code"),
        exports.Column(_("State"), lambda report: report.get_state_display()),
        exports.Column(_("Due on"), "due_on", exports.CellType.DATE),
        exports.Column(_("Submitted on"), "submitted_at", exports.CellType.DATETIME),
        exports.Column(_("Validated on"), "validated_at", exports.CellType.DATETIME),
    ]
    return download_list(
        name="rapporti-di-attivita",
        title=_("Activity reports"),
        fmt=fmt,
        columns=columns,
        rows=_found(request).qs.iterator(chunk_size=1000),
    )


# --- one report ----------------------------------------------------------------------------------------------------


def tasks_of(report: ActivityReport, problems: list[Any], *, may_file: bool) -> list[Task]:
    """Say what is missing before the report can be filed, each with where to mend it, and what is in order."""
    filled = sum(bool(getattr(report, name).strip()) for name in ActivityReport.NARRATIVE)
    boxes = _("%(filled)s of %(total)s boxes written") % {"filled": filled, "total": len(ActivityReport.NARRATIVE)}
    narrative_url = reverse("reporting:activity-report-narrative", args=[report.uuid]) if may_file else ""
    missing = next((problem for problem in problems if problem.code == "narrative_missing"), None)
    registers = [problem for problem in problems if problem is not missing]
    return [
        Task(missing.sentence, narrative_url, _("To be mended"), "danger", context=boxes)
        if missing
        else Task(_("Describe the quarter"), narrative_url, _("In order"), "success", context=boxes),
        *warnings_of(report, registers, may_file=may_file),
        *([] if registers else [Task(_("Keep the registers of the period"), "", _("In order"), "success")]),
    ]


def warnings_of(report: ActivityReport, problems: list[Any], *, may_file: bool) -> list[Task]:
    """Say each problem of the registers, with its address for those who can mend it."""
    here = report.get_absolute_url()
    return [
        Task(
            problem.sentence,
            problem.url if may_file and problem.url != here else "",
            _("To be mended") if problem.blocking else _("To be checked"),
            "danger" if problem.blocking else "warning",
        )
        for problem in problems
    ]


def _buttons(request: HttpRequest, report: ActivityReport) -> list[Button]:
    """What can be done now, by the same checks that guard the services."""
    possible = {row.name for row in ACTIVITY_REPORT.possible(report.state)}
    decides = permissions.coordinates_report(request.user, report)
    buttons = []
    for name, url_name, label, style, allowed in _ACTS:
        if name not in possible:
            continue
        try:
            allowed(request.user, report)
        except DomainError as error:
            refusal = str(error)
            if name == "submit" or not decides:
                continue  # nobody is told about acts that are never theirs
        else:
            refusal = ""
        url = reverse(f"reporting:activity-report-{url_name}", args=[report.uuid])
        buttons.append(Button(label, url, style=style, disabled_reason=refusal))
    return buttons


def figures_of(report: ActivityReport) -> dict[str, Any]:
    """Return the table of the figures, beside those of the period before when there was a report."""
    before = selectors.previous_report(report)
    rows = selectors.compare_with_previous(report)
    gross = any(row.gross is not None for row in rows)
    return {
        "figure_columns": [
            Column(_("Figure")),
            Column(_("Unit")),
            Column(_("In this report"), numeric=True),
            *([Column(_("Sum of the activities (gross)"), numeric=True)] if gross else []),
            *([Column(_("Previous period (%(period)s)") % {"period": before.period}, numeric=True)] if before else []),
        ],
        "figure_rows": [
            [
                Lines(row.title, row.code),
                row.unit,
                row.value,
                *([row.gross] if gross else []),
                *([row.previous] if before else []),
            ]
            for row in rows
        ],
    }


def narrative_of(report: ActivityReport) -> list[dict[str, str]]:
    """Return the boxes of the narrative with their labels; the template says which are not written."""
    return [
        {"label": capfirst(str(report._meta.get_field(name).verbose_name)), "text": getattr(report, name).strip()}
        for name in ActivityReport.NARRATIVE
    ]


def _facts(report: ActivityReport) -> list[tuple[str, Any]]:
    dates = {
        "code": report.period,
        "start": f"{report.period.starts_on:%d/%m/%Y}",
        "end": f"{report.period.ends_on:%d/%m/%Y}",
    }
    return [
        (_("Body"), Link(report.organisation.name, report.organisation.get_absolute_url())),
        (_("Network"), Link(report.network.name, report.network.get_absolute_url())),
        (_("Period"), _("%(code)s: from %(start)s to %(end)s") % dates),
        (_("Due on"), report.due_on),
        (_("Whose turn"), capfirst(str(ACTIVITY_REPORT.owners[report.state]))),
    ]


@require_safe
def activity_report(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One report: its state and whose turn it is, what is missing, the figures, the narrative, the history."""
    report = report_for(request, uuid)
    to_file = report.state in EDITABLE
    may_file = to_file and permissions.can_edit_report(request.user, report)
    steps = report_pages.steps_of(report)
    tasks: list[Task] = []
    if to_file:
        tasks = tasks_of(report, selectors.problems(report), may_file=may_file)
    elif report.state == ActivityReportState.SUBMITTED:
        # What did not prevent the submission is worth a look before the validation.
        tasks = warnings_of(report, [row for row in selectors.problems(report) if not row.blocking], may_file=False)
    asked = (ActivityReportState.RETURNED, ActivityReportState.REOPENED)
    return render(
        request,
        "reporting/activity_report.html",
        {
            "report": report,
            "programme": report.programme,
            "pill": _pill(report),
            "facts": _facts(report),
            "tasks": tasks,
            "to_file": to_file,
            "returned": next((step for step in steps if step.comment), None) if report.state in asked else None,
            "narrative": narrative_of(report),
            "narrative_url": reverse("reporting:activity-report-narrative", args=[report.uuid]) if may_file else "",
            "buttons": _buttons(request, report),
            "history": [
                Entry(
                    step.at,
                    step.label,
                    step.by,
                    step.comment,
                    ActivityReportState(step.state).label,
                    ACTIVITY_REPORT.colours[step.state],
                )
                for step in steps
            ],
            "crumbs": crumbs_of(report),
            **figures_of(report),
            "undecided_pairs": report_pages.undecided_pairs(report),
        },
    )
