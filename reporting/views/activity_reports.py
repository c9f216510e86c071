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
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from fami_portal.core import clock, exports
from fami_portal.core.components import Button, Column, Entry, Lines, Link, Pill, Task
from fami_portal.core.downloads import download_list, export_links
from fami_portal.core.errors import DomainError
from fami_portal.core.templatetags.ui import number
from reporting import permissions
from reporting.enums import ActivityReportState
from reporting.filters import ActivityReportFilter
from reporting.models import ActivityReport
from reporting.rendering.reading import percent
from reporting.selectors import activity_reports as selectors
from reporting.selectors import report_checks, report_items, report_pages, timeliness
from reporting.workflow import ACTIVITY_REPORT, EDITABLE

PAGE_SIZE = 30

# The acts of the page: transition, address, label, style, the check that guards its service.
_ACTS = (
    ("submit", "submit", gettext_lazy("Check and submit"), "primary", permissions.check_can_submit_report),
    ("validate", "validate", gettext_lazy("Check and validate"), "primary", permissions.check_can_validate_report),
    ("return", "return", gettext_lazy("Return for changes"), "outline-primary", permissions.check_can_validate_report),
    ("reopen", "reopen", gettext_lazy("Reopen"), "outline-primary", permissions.check_can_reopen_report),
)
# What the coordinator may do while it is the body's turn.
_EXTEND = gettext_lazy("Give more days")


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
    page = Paginator(timeliness.with_timeliness(found.qs), PAGE_SIZE).get_page(request.GET.get("page"))
    today = clock.today()
    rows = [
        [
            Lines(
                Link(report.organisation.name, report.get_absolute_url(), hidden=str(report.period)),
                report.network.name,
            ),
            str(report.period),
            report.due_on,
            report.submitted_at,
            Lines(timeliness.words(report, today), _("with more days") if report.was_extended else ""),
            _complete(report),
            _pill(report),
        ]
        for report in page
    ]
    columns = [
        Column(_("Body")),
        Column(_("Period"), nowrap=True),
        Column(_("Due on"), nowrap=True),
        Column(_("Submitted on"), nowrap=True),
        Column(_("Timeliness")),
        Column(_("Complete"), numeric=True),
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


def _complete(report: Any) -> str:
    share = timeliness.complete_permille(report)
    return "" if share is None else percent(share)


@require_safe
def activity_report_export(request: HttpRequest, fmt: str) -> Any:
    """The same selection as a file, with timeliness and completeness as figures."""
    today = clock.today()
    whole = exports.CellType.INTEGER
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
        exports.Column(_("First submitted on"), "first_submitted_at", exports.CellType.DATETIME),
        exports.Column(_("With more days"), lambda report: _("yes") if report.was_extended else _("no")),
        exports.Column(_("Days late"), lambda report: max(0, timeliness.days_late(report, today)), whole),
        exports.Column(_("Complete (thousandths)"), timeliness.complete_permille, whole),
    ]
    return download_list(
        name="rapporti-di-attivita",
        title=_("Activity reports"),
        fmt=fmt,
        columns=columns,
        rows=timeliness.with_timeliness(_found(request).qs).iterator(chunk_size=1000),
    )


# --- one report ----------------------------------------------------------------------------------------------------


_WORDS = ("narrative_missing", "origin_missing", "box_empty")


def tasks_of(report: ActivityReport, problems: list[Any], *, may_file: bool) -> list[Task]:
    """Say what is missing before the report can be filed, who must act and where, and what is in order."""
    filled = sum(bool(text.strip()) for text in report.boxes().values())
    boxes = ngettext("%(filled)s box of %(total)s written", "%(filled)s boxes of %(total)s written", filled) % {
        "filled": filled,
        "total": len(ActivityReport.NARRATIVE),
    }
    narrative_url = reverse("reporting:activity-report-narrative", args=[report.uuid]) if may_file else ""
    of_words = [problem for problem in problems if problem.code in _WORDS]
    others = [problem for problem in problems if problem.code not in _WORDS]
    in_order = Task(_("Describe the quarter"), narrative_url, _("In order"), "success", context=boxes)
    registers = Task(_("Keep the registers of the period"), "", _("In order"), "success")
    return [
        *([] if any(problem.blocking for problem in of_words) else [in_order]),
        *warnings_of(report, of_words + others, may_file=may_file, boxes=boxes),
        *([] if others or report.is_text_only else [registers]),
    ]


def warnings_of(report: ActivityReport, problems: list[Any], *, may_file: bool, boxes: str = "") -> list[Task]:
    """Say each problem, who must act, and its address for those who can mend it; what blocks comes first."""
    here = report.get_absolute_url()
    return [
        Task(
            problem.sentence,
            problem.url if may_file and problem.url != here else "",
            _("To be mended") if problem.blocking else _("To be checked"),
            "danger" if problem.blocking else "warning",
            context=boxes if boxes and problem.code == "narrative_missing" else problem.who,
        )
        for problem in sorted(problems, key=lambda one: not one.blocking)
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
    if report.state in EDITABLE and decides:
        url = reverse("reporting:activity-report-extend", args=[report.uuid])
        buttons.append(Button(_EXTEND, url, style="outline-primary"))
    return buttons


def figures_of(report: ActivityReport, *, opened: bool = False) -> dict[str, Any]:
    """Return the table of the figures beside those of the period before and the target; `opened` leads to their rows."""
    before = selectors.previous_report(report)
    rows = selectors.compare_with_previous(report, before)
    gross = any(row.gross is not None for row in rows)
    targets = any(row.target is not None for row in rows)
    return {
        "figure_columns": [
            Column(_("Figure")),
            Column(_("Unit")),
            Column(_("In this report"), numeric=True),
            *([Column(_("Sum of the activities (gross)"), numeric=True)] if gross else []),
            *([Column(_("Previous period (%(period)s)") % {"period": before.period}, numeric=True)] if before else []),
            *([Column(_("Difference"), numeric=True)] if before else []),
            *([Column(_("Share of the target"), numeric=True)] if targets else []),
        ],
        "figure_rows": [
            [
                Lines(_figure_link(report, row) if opened else row.title, row.code),
                row.unit,
                row.value,
                *([row.gross] if gross else []),
                *([row.previous, _difference(row)] if before else []),
                *([_share(row)] if targets else []),
            ]
            for row in rows
        ],
    }


def _figure_link(report: ActivityReport, row: Any) -> Link:
    return Link(row.title, reverse("reporting:activity-report-figure", args=[report.uuid, row.code]))


def _difference(row: Any) -> Lines:
    sign = "+" if row.difference > 0 else ""
    change = f"{'+' if row.change_permille > 0 else ''}{percent(row.change_permille)}" if row.change_permille else ""
    return Lines(f"{sign}{number(row.difference)}", change)


def _share(row: Any) -> Any:
    if row.target is None:
        return ""
    words = _("of %(target)s of the network") if row.target_of_network else _("of %(target)s of the programme")
    return Lines(percent(row.share_permille), words % {"target": number(row.target)})


def narrative_of(report: ActivityReport) -> list[dict[str, str]]:
    """Return the boxes of the narrative with their labels; the template says which are not written."""
    return [
        {"label": report.box_label(name), "text": getattr(report, name).strip()} for name in ActivityReport.NARRATIVE
    ] + (
        [{"label": _("Origin of the problems"), "text": ", ".join(report.origins())}] if report.problem_origins else []
    )


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
        *(
            (
                _("More days given"),
                _("until %(day)s instead of %(before)s: %(reason)s")
                % {"day": f"{row.due_on:%d/%m/%Y}", "before": f"{row.due_before:%d/%m/%Y}", "reason": row.reason},
            )
            for row in report_pages.extensions_of(report)
        ),
        (_("Whose turn"), capfirst(str(ACTIVITY_REPORT.owners[report.state]))),
        *([(_("What can be corrected"), report.get_reopened_for_display())] if report.reopened_for else []),
    ]


def _comment_rows(report: ActivityReport, comments: list[Any]) -> list[tuple[str, str]]:
    """Return the open comments with the name of their item."""
    items = report_items.known_items(report)
    return [(items.get(row.item, row.item.partition(":")[2]), row.text) for row in comments if row.resolved_at is None]


@require_safe
def activity_report(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One report: its state and whose turn it is, what is missing, the figures, the narrative, the history."""
    report = report_for(request, uuid)
    to_file = report.state in EDITABLE
    may_file = to_file and permissions.can_edit_report(request.user, report)
    steps = report_pages.steps_of(report)
    comments = report_items.comments_of(report, request.user)
    waiting = report_items.by_item(comments)
    tasks: list[Task] = []
    if to_file:
        tasks = tasks_of(report, report_checks.problems(report), may_file=may_file)
    elif report.state == ActivityReportState.SUBMITTED:
        # What did not prevent the submission is worth a look before the validation.
        tasks = warnings_of(report, [row for row in report_checks.problems(report) if not row.blocking], may_file=False)
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
            "comments": _comment_rows(report, comments) if comments else [],
            "open_comments": sum(waiting.values()),
            "may_comment": report.state == ActivityReportState.SUBMITTED
            and permissions.can_validate_report(request.user, report),
            "crumbs": crumbs_of(report),
            **figures_of(report, opened=permissions.can_open_figures(request.user, report)),
            "undecided_pairs": report_pages.undecided_pairs(report),
        },
    )
