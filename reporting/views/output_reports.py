# SPDX-License-Identifier: EUPL-1.2
"""Output reports: the periods of a programme, the report of one as a page, its transmission."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from actions.models import Period
from fami_portal.core.audit import timeline
from fami_portal.core.components import Button, ChartTable, Column, Entry, Link, Pill
from fami_portal.core.errors import DomainError, NotPermitted
from fami_portal.core.middleware import BACKGROUND_HEADER
from reporting import permissions
from reporting.forms.output_reports import TransmitForm
from reporting.models import OutputReport
from reporting.rendering import charts
from reporting.rendering.reading import Chart, Figure, Reading, Section, Strong, Table, shown
from reporting.rendering.sections import sections
from reporting.rendering.tables import trend_chart
from reporting.selectors import evidence, output_report_pages
from reporting.selectors import output_reports as selectors
from reporting.selectors.dashboard import scopes_seen
from reporting.services import output_reports as services
from reporting.views.charts import picture
from reporting.views.places import evidence_url, open_programme
from reporting.workflow import OUTPUT_REPORT


@require_safe
def output_report_overview(request: HttpRequest) -> HttpResponse:
    """The programmes whose reports the person sees; with one alone, its periods."""
    if not output_report_pages.can_see_reports(request.user):
        raise PermissionDenied(_("Your role does not read the output reports."))
    programmes = list(output_report_pages.programmes_with(request.user, Permission.VIEW_OUTPUT_REPORTS))
    if len(programmes) == 1:
        return redirect("reporting:output-report-list", programmes[0].slug)
    rows = [
        [
            Link(row.title, reverse("reporting:output-report-list", args=[row.slug])),
            row.fund,
            row.starts_on,
            row.last_day,
        ]
        for row in programmes
    ]
    columns = [Column(_("Programme")), Column(_("Fund")), Column(_("From")), Column(_("Until"))]
    crumbs = [Link(_("Home"), reverse("home")), Link(_("Output reports"), "")]
    return render(
        request, "reporting/output_report_overview.html", {"rows": rows, "columns": columns, "crumbs": crumbs}
    )


@never_cache
@require_safe
def output_report_list(request: HttpRequest, slug: str) -> HttpResponse:
    """The periods of a programme; while a report is being produced the table refreshes itself."""
    programme = open_programme(request, slug, Permission.VIEW_OUTPUT_REPORTS)
    lines = selectors.period_lines(programme)
    may_produce = permissions.can_produce(request.user, programme.pk)
    context = {
        "programme": programme,
        "lines": [
            {
                "line": line,
                "pill": _line_pill(line),
                "url": line.report.get_absolute_url() if line.report else "",
                "files": _files(line.report) if line.report else [],
                "style": "outline-primary" if line.report or not line.has_reports else "primary",
                "request_url": reverse("reporting:output-report-request", args=[slug, line.period.code])
                if may_produce and line.ended and not line.transmitted and line.job is None
                else "",
            }
            for line in lines
        ],
        "running": any(line.job for line in lines),
        "background_header": BACKGROUND_HEADER,
        "crumbs": [
            Link(_("Home"), reverse("home")),
            Link(_("Output reports"), reverse("reporting:output-report-overview")),
            Link(programme.title, ""),
        ],
    }
    fragment = bool(request.headers.get("HX-Request"))
    response = render(
        request, "reporting/_output_report_periods.html" if fragment else "reporting/output_report_list.html", context
    )
    response["Vary"] = "HX-Request"
    return response


def _line_pill(line: selectors.PeriodLine) -> Pill:
    if line.job is not None:
        return Pill(_("In production"), "info")
    if line.report is not None:
        return Pill(line.report.get_state_display(), OUTPUT_REPORT.colours[line.report.state])
    return (
        Pill(_("Ended"), "warning" if line.has_reports else "secondary")
        if line.ended
        else Pill(_("Running"), "secondary")
    )


def _files(report: OutputReport) -> list[dict[str, Any]]:
    return [{"label": extension.upper(), "document": getattr(report, extension)} for extension in services.EXTENSIONS]


@require_POST
def output_report_request(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Ask for the report of a period."""
    programme = open_programme(request, slug, Permission.VIEW_OUTPUT_REPORTS)
    period = get_object_or_404(Period, programme=programme, code=code)
    try:
        services.request_output_report(programme=programme, period=period, by=request.user)
    except NotPermitted as error:
        raise PermissionDenied(str(error)) from error
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request,
            _("The report of %(period)s is being produced: a notification tells you when it is ready.")
            % {"period": period},
        )
    return redirect("reporting:output-report-list", slug)


def _report(request: HttpRequest, uuid: UUID) -> OutputReport:
    return get_object_or_404(
        OutputReport.objects.visible_to(request.user).with_parts().select_related("programme__lead"), uuid=uuid
    )


@require_safe
def output_report(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One version, read from its frozen content: the same figures as its files, each opening its evidence."""
    report = _report(request, uuid)
    reading = Reading(services.read_content(report))
    page = _ReportPage(request, report, reading)
    versions = list(selectors.versions(report))
    return render(
        request,
        "reporting/output_report.html",
        {
            "report": report,
            "programme": report.programme,
            "title": reading.title,
            "period_text": reading.period_text,
            "pill": Pill(report.get_state_display(), OUTPUT_REPORT.colours[report.state]),
            "facts": [*reading.facts(), (_("Version"), report.version), (_("Produced on"), report.generated_at)],
            "files": _files(report),
            "sections": [page.section(section) for section in sections(reading)],
            "buttons": _buttons(request, report, newest=versions[0].pk == report.pk),
            "newer": Link(
                _("Open version %(version)s") % {"version": versions[0].version}, versions[0].get_absolute_url()
            )
            if versions[0].pk != report.pk
            else None,
            "history": [
                Entry(step.at, step.label, step.actor, step.comment, step.target, step.colour)
                for step in timeline(report)
            ],
            "crumbs": [
                Link(_("Home"), reverse("home")),
                Link(_("Output reports"), reverse("reporting:output-report-overview")),
                Link(report.programme.title, reverse("reporting:output-report-list", args=[report.programme.slug])),
                Link(str(report.period), ""),
            ],
        },
    )


def _buttons(request: HttpRequest, report: OutputReport, *, newest: bool) -> list[Button]:
    buttons = []
    if report.transmitted_at is not None or not newest:
        return buttons
    if permissions.can_transmit(request.user, report.programme_id):
        buttons.append(Button(_("Check and transmit"), reverse("reporting:output-report-transmit", args=[report.uuid])))
    if permissions.can_produce(request.user, report.programme_id):
        url = reverse("reporting:output-report-request", args=[report.programme.slug, report.period.code])
        buttons.append(Button(_("Produce again"), url, method="post", style="outline-primary"))
    return buttons


class _ReportPage:
    """Sections of a frozen content as components, with the evidence behind each figure of the ledger."""

    def __init__(self, request: HttpRequest, report: OutputReport, reading: Reading) -> None:
        self.report = report
        self.reading = reading
        self.uuids = {row["key"]: row["scope"] for row in reading.frozen["scopes"]}
        seen = scopes_seen(request.user, report.programme, Permission.VIEW_EVIDENCE)
        self.open = {str(scope.uuid) for scope in seen if evidence.can_open(request.user, scope)}

    def section(self, section: Section) -> dict[str, Any]:
        """One section: pictures paired with the tables of their figures."""
        drawn = {chart.key: chart for chart in section.charts}
        return {
            "key": section.key,
            "title": section.title,
            "text": section.text,
            "notes": section.notes,
            "parts": [
                {
                    "key": f"{section.key}-{table.key}".replace(".", "-"),
                    "title": drawn[table.key].title if table.key in drawn else table.title,
                    "picture": self._picture(drawn[table.key]) if table.key in drawn else "",
                    "note": charts.legend_of_trend(drawn[table.key])
                    if table.key in drawn and drawn[table.key].trend
                    else table.note,
                    "table": self._table(table),
                }
                for table in section.tables
            ],
        }

    def _picture(self, chart: Chart) -> str:
        if not chart.trend:
            return charts.bars_svg(chart)
        code = chart.key.removeprefix("trend-")
        return format_html(
            '<img class="chart-image" src="{}" width="720" height="290" alt="{}">',
            reverse("reporting:output-report-trend", args=[self.report.uuid, code]),
            f"{chart.title}. {chart.alt}",
        )

    def _table(self, table: Table) -> ChartTable:
        columns = [Column(words, numeric=index in table.numeric) for index, words in enumerate(table.columns)]
        return ChartTable(columns, [[self._cell(cell) for cell in row] for row in table.rows])

    def _cell(self, cell: Any) -> Any:
        words = shown(cell)
        if isinstance(cell, Strong):
            return format_html("<strong>{}</strong>", words)
        if not isinstance(cell, Figure) or self.uuids.get(cell.scope) not in self.open:
            return words
        url = evidence_url(
            self.report.programme.slug,
            indicator=cell.indicator,
            scope=self.uuids[cell.scope],
            part=cell.part,
            period=self.report.period.code,
            posting=self.report.posting_number,
        )
        hidden = _("evidence of %(indicator)s, %(place)s") % {
            "indicator": cell.indicator,
            "place": self.reading.name(cell.scope),
        }
        return Link(words, url, hidden=hidden)


@require_safe
def output_report_trend(request: HttpRequest, uuid: UUID, code: str) -> HttpResponse:
    """The trend of one indicator of a report, as an image."""
    report = _report(request, uuid)
    reading = Reading(services.read_content(report))
    row = next((row for row in reading.indicators if row["code"] == code), None)
    if row is None:
        raise Http404
    return picture(trend_chart(reading, row), f"report:{report.pk}:{report.posting_number}:{code}")


@require_http_methods(["GET", "POST"])
def output_report_transmit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Check what is missing, then transmit."""
    report = _report(request, uuid)
    try:
        permissions.check_can_transmit(request.user, report.programme_id)
    except NotPermitted as error:
        raise PermissionDenied(str(error)) from error
    reading = Reading(services.read_content(report))
    gaps = next(section for section in sections(reading) if section.key == "gaps")
    count = len(reading.frozen["gaps"])
    form = TransmitForm(
        request.POST if request.method == "POST" else None, gaps=count, cancel_url=report.get_absolute_url()
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.transmit(
                report=report,
                by=request.user,
                at=timezone.now(),
                with_gaps=bool(form.cleaned_data.get("with_gaps")),
            )
        except services.GapsNotConfirmed as error:
            form.add_refusal(DomainError(str(error), field="with_gaps"))
        except NotPermitted as error:
            raise PermissionDenied(str(error)) from error
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("Report transmitted: its figures do not change any more."))
            return redirect(report)
    return render(
        request,
        "reporting/output_report_transmit.html",
        {
            "report": report,
            "programme": report.programme,
            "form": form,
            "facts": reading.facts(),
            "gaps_text": gaps.text,
            "gaps": gaps.tables[0] if gaps.tables else None,
            "gap_columns": [Column(words) for words in gaps.tables[0].columns] if gaps.tables else [],
            "warnings": next(iter(sections(reading))).notes,
            "crumbs": [
                Link(_("Home"), reverse("home")),
                Link(report.programme.title, reverse("reporting:output-report-list", args=[report.programme.slug])),
                Link(str(report.period), report.get_absolute_url()),
                Link(_("Transmit"), ""),
            ],
        },
        status=422 if form.errors else 200,
    )
