# SPDX-License-Identifier: EUPL-1.2
"""Pages that show the reports of networks and of the region: the list with its timeliness, and one report.

The pages on which something is done to one are in `merged_report_acts`.
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
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from fami_portal.core import clock, exports
from fami_portal.core.components import Button, Column, Entry, Lines, Link, Pill
from fami_portal.core.downloads import download_list, export_links
from fami_portal.core.templatetags.ui import number
from reporting import permissions
from reporting.enums import MergedReportState
from reporting.models import ActivityReport, MergedReport
from reporting.rendering.reading import percent
from reporting.selectors import merged_reports as selectors
from reporting.selectors import report_pages, timeliness
from reporting.workflow import MERGED_REPORT, WRITABLE

PAGE_SIZE = 30


def merged_for(request: HttpRequest, uuid: UUID) -> MergedReport:
    """Return the report for those who may read it; strangers get 404."""
    return get_object_or_404(MergedReport.objects.visible_to(request.user).with_parts(), uuid=uuid)


def name_of(report: MergedReport) -> str:
    """Name whose report it is."""
    return report.network.name if report.network else _("Region: %(programme)s") % {"programme": report.programme.title}


def crumbs_of(report: MergedReport, *here: str) -> list[Link]:
    """Return the way to the page of the report, or to a page under it."""
    found = [
        Link(_("Home"), reverse("home")),
        Link(_("Reports of the networks"), reverse("reporting:merged-report-list")),
        Link(
            f"{report.period} {report.network.code if report.network else ''}",
            report.get_absolute_url() if here else "",
        ),
    ]
    return [*found, *(Link(title, "") for title in here)]


def pill_of(report: MergedReport) -> Pill:
    """Return the state as a pill."""
    return Pill(report.get_state_display(), MERGED_REPORT.colours[report.state])


# --- list ----------------------------------------------------------------------------------------------------------


def _check_reads(request: HttpRequest) -> None:
    """The pages are for who coordinates or follows networks; who works for one body has no such reports."""
    if not selectors.can_list(request.user):
        raise PermissionDenied(_("Your role does not read the reports of the networks."))


def _timeliness(reports: list[MergedReport]) -> dict[tuple[int, int | None], timeliness.Timeliness]:
    """The figures of the bodies' reports under each report: one query for all of them."""
    periods = {report.period_id for report in reports}
    rows = timeliness.with_timeliness(ActivityReport.objects.filter(period__in=periods)).order_by("pk")
    today = clock.today()
    found: dict[tuple[int, int | None], timeliness.Timeliness] = {}
    for row in rows:
        for network in (row.network_id, None):
            found.setdefault((row.period_id, network), timeliness.Timeliness()).add(row, today)
    return found


def _share(permille: int | None) -> str:
    return "" if permille is None else percent(permille)


@require_safe
def merged_report_list(request: HttpRequest) -> HttpResponse:
    """The reports of networks and regions, with how many bodies filed and how many in time."""
    _check_reads(request)
    page = Paginator(selectors.listed(request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    reports = list(page)
    figures = _timeliness(reports)
    rows = []
    for report in reports:
        row = figures.get((report.period_id, report.network_id), timeliness.Timeliness())
        rows.append(
            [
                Lines(
                    Link(name_of(report), report.get_absolute_url(), hidden=str(report.period)),
                    report.network.code if report.network else "",
                ),
                str(report.period),
                report.due_on,
                _("%(filed)s of %(expected)s") % {"filed": row.filed, "expected": row.expected},
                Lines(_share(row.in_time_permille), _late_words(row)),
                _share(row.complete_permille),
                pill_of(report),
            ]
        )
    return render(
        request,
        "reporting/merged_report_list.html",
        {
            "page": page,
            "rows": rows,
            "columns": [
                Column(_("Network")),
                Column(_("Period"), nowrap=True),
                Column(_("Due on"), nowrap=True),
                Column(_("Bodies that filed"), numeric=True),
                Column(_("In time"), numeric=True),
                Column(_("Complete"), numeric=True),
                Column(_("State")),
            ],
            "exports": export_links(request, "reporting:merged-report-export"),
            "crumbs": [Link(_("Home"), reverse("home")), Link(_("Reports of the networks"), "")],
        },
    )


def _late_words(row: timeliness.Timeliness) -> str:
    if not row.late:
        return ""
    words = ngettext(
        "%(late)s late, %(days)s day on average",
        "%(late)s late, %(days)s days on average",
        1 if row.mean_days_late == 1 else 2,
    )
    return words % {"late": row.late, "days": number(row.mean_days_late)}


@require_safe
def merged_report_export(request: HttpRequest, fmt: str) -> Any:
    """Timeliness and completeness of each network and period as a file."""
    _check_reads(request)
    reports = list(selectors.listed(request.user))
    figures = _timeliness(reports)

    def value(name: str) -> Any:
        empty = timeliness.Timeliness()
        return lambda report: getattr(figures.get((report.period_id, report.network_id), empty), name)

    whole = exports.CellType.INTEGER
    columns = [
        exports.Column(_("Programme"), "programme.title", width=40),
        exports.Column(_("Network code"), lambda report: report.network.code if report.network else ""),
        exports.Column(_("Network"), name_of, width=40),
        exports.Column(_("Period"), "period.code"),
        exports.Column(_("State"), lambda report: report.get_state_display()),
        exports.Column(_("Due on"), "due_on", exports.CellType.DATE),
        exports.Column(_("Reports due"), value("expected"), whole),
        exports.Column(_("Filed"), value("filed"), whole),
        exports.Column(_("Filed in time"), value("in_time"), whole),
        exports.Column(_("Late"), value("late"), whole),
        exports.Column(_("Missing"), value("missing"), whole),
        exports.Column(_("Validated"), value("validated"), whole),
        exports.Column(_("With more days"), value("extended"), whole),
        exports.Column(_("In time (thousandths)"), value("in_time_permille"), whole),
        exports.Column(_("Complete (thousandths)"), value("complete_permille"), whole),
    ]
    return download_list(
        name="schede-delle-reti", title=_("Reports of the networks"), fmt=fmt, columns=columns, rows=reports
    )


# --- one report ----------------------------------------------------------------------------------------------------


def boxes_of(report: MergedReport, parts: list[selectors.Part]) -> list[dict[str, Any]]:
    """Return each box with its own text and those of the reports below, side by side."""
    return [
        {
            "name": name,
            "label": capfirst(str(report._meta.get_field(name).verbose_name)),  # type: ignore[union-attr]
            "text": getattr(report, name).strip(),
            "parts": [part for part in ((one, one.boxes[name].strip()) for one in parts if one.filed) if part[1]],
        }
        for name in report.NARRATIVE
    ]


def _buttons(request: HttpRequest, report: MergedReport) -> list[Button]:
    """What can be done now; acts that are never the person's are not shown."""
    region = report.network_id is None
    writes = permissions.can_write_merged(request.user, report)
    leads = permissions.can_conclude_merged(request.user, report)
    decides = leads and report.submitted_by_id != request.user.pk
    address = {
        name: reverse(f"reporting:merged-report-{name}", args=[report.uuid])
        for name in ("write", "compose", "submit", "decide", "return")
    }
    found: list[Button] = []
    if report.state in WRITABLE and writes:
        found = [
            Button(_("Check and conclude") if region else _("Check and submit"), address["submit"]),
            Button(_("Write or change"), address["write"], style="outline-primary"),
            Button(_("Fill the empty boxes"), address["compose"], method="post", style="outline-primary"),
        ]
    elif report.state == MergedReportState.SUBMITTED and leads:
        refusal = "" if decides else _("You submitted this report: another person must check it.")
        found = [
            Button(_("Accept"), address["decide"], disabled_reason=refusal),
            Button(_("Return for changes"), address["return"], style="outline-primary", disabled_reason=refusal),
        ]
    elif report.state == MergedReportState.ACCEPTED and leads:
        found = [Button(_("Reopen"), address["return"], style="outline-primary")]
    return found


def parts_table(parts: list[selectors.Part]) -> dict[str, Any]:
    """Return the table of the reports below: who is missing, how far each is."""
    return {
        "part_columns": [Column(_("Report of")), Column(_("Due on"), nowrap=True), Column(_("State"))],
        "part_rows": [[Link(part.name, part.url), part.due_on, Pill(part.state_label, part.colour)] for part in parts],
        "missing": sum(not part.settled for part in parts),
        "unfiled": [part.name for part in parts if not part.filed],
    }


@require_safe
def merged_report(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One report: the reports that it collects, the figures of the ledger, the texts side by side, the history."""
    report = merged_for(request, uuid)
    parts = selectors.parts_of(report)
    steps = report_pages.steps_of(report, MERGED_REPORT)
    lines = selectors.figure_lines(report)
    return render(
        request,
        "reporting/merged_report.html",
        {
            "report": report,
            "programme": report.programme,
            "name": name_of(report),
            "pill": pill_of(report),
            "facts": [
                (_("Period"), str(report.period)),
                (_("Due on"), report.due_on),
                (_("Whose turn"), capfirst(str(MERGED_REPORT.owners[report.state]))),
                *([(_("Frozen copy (sha256)"), report.frozen_sha256)] if report.frozen_sha256 else []),
            ],
            "returned": next((step for step in steps if step.comment), None)
            if report.state == MergedReportState.RETURNED
            else None,
            "buttons": _buttons(request, report),
            "boxes": boxes_of(report, parts),
            "origins": ", ".join(report.origins()),
            "figure_columns": [
                Column(_("Figure")),
                Column(_("Unit")),
                Column(_("Sum of the reports (gross)"), numeric=True),
                Column(_("New in the period, counted once"), numeric=True),
                Column(_("To date, counted once"), numeric=True),
            ],
            "figure_rows": [
                [Lines(row.title, row.code), row.unit, row.summed, row.counted, row.to_date] for row in lines
            ],
            "history": [
                Entry(
                    step.at,
                    step.label,
                    step.by,
                    step.comment,
                    MergedReportState(step.state).label,
                    MERGED_REPORT.colours[step.state],
                )
                for step in steps
            ],
            "crumbs": crumbs_of(report),
            **parts_table(parts),
        },
    )
