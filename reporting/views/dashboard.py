# SPDX-License-Identifier: EUPL-1.2
"""The dashboard: every target with what is validated and what is provisional, as pictures and as tables."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from actions.enums import IndicatorKind, Unit
from actions.models import Indicator
from fami_portal.core.components import ChartTable, Column, Lines, Link
from partners.permissions import holds
from reporting import permissions
from reporting.enums import ScopeKind
from reporting.forms.output_reports import BoardForm
from reporting.models import CountingScope
from reporting.rendering import charts
from reporting.rendering.reading import Bar, Chart, age_label, labelled, percent, quantity, sex_label, spoken_list
from reporting.selectors import dashboard as selectors
from reporting.selectors import evidence, output_report_pages, suppression
from reporting.selectors.dashboard import Board
from reporting.views.places import evidence_url, open_programme, scope_name

# Of these a place counts each once, so that the sum of its parts may be more.
COUNTED_ONCE = (Unit.PERSONS, Unit.ORGANISATIONS)


@require_safe
def dashboard_list(request: HttpRequest) -> HttpResponse:
    """The programmes whose results the person sees; with one alone, its dashboard."""
    if not output_report_pages.can_see_results(request.user):
        raise PermissionDenied(_("Your role does not read the results."))
    programmes = list(output_report_pages.programmes_with(request.user, Permission.VIEW_DASHBOARD))
    if len(programmes) == 1:
        return redirect("reporting:dashboard", programmes[0].slug)
    rows = [
        [Link(row.title, reverse("reporting:dashboard", args=[row.slug])), row.fund, row.starts_on, row.last_day]
        for row in programmes
    ]
    columns = [Column(_("Programme")), Column(_("Fund")), Column(_("From")), Column(_("Until"))]
    crumbs = [Link(_("Home"), reverse("home")), Link(_("Results"), "")]
    return render(request, "reporting/dashboard_list.html", {"rows": rows, "columns": columns, "crumbs": crumbs})


@require_safe
def dashboard(request: HttpRequest, slug: str) -> HttpResponse:
    """The results of a programme in one place."""
    programme = open_programme(request, slug, Permission.VIEW_DASHBOARD)
    wanted = request.GET.get("scope", "")
    board = selectors.board(
        request.user, programme, scope_uuid=_uuid(wanted), indicator_code=request.GET.get("indicator", "")
    )
    page = _Page(request, board)
    context = {
        "programme": programme,
        "board": board,
        "form": _form(request, board),
        "sections": page.sections() if board.scope else [],
        "places": page.places(),
        "trend": page.trend(),
        "crossed": page.crossed(),
        "elapsed_text": _("On %(day)s, %(share)s of the time of the programme had elapsed")
        % {"day": f"{board.as_of:%d/%m/%Y}", "share": percent(board.elapsed_permille)},
        "scope_name": scope_name(board.scope) if board.scope else "",
        "persons_url": reverse("reporting:persons", args=[programme.slug]),
        "bodies_url": reverse("reporting:bodies", args=[programme.slug])
        if holds(request.user, Permission.VIEW_EVIDENCE)
        else "",
        "reports_url": reverse("reporting:output-report-list", args=[programme.slug])
        if holds(request.user, Permission.VIEW_OUTPUT_REPORTS)
        else "",
        "crumbs": [
            Link(_("Home"), reverse("home")),
            Link(_("Results"), reverse("reporting:dashboard-list")),
            Link(programme.title, ""),
        ],
    }
    return render(request, "reporting/dashboard.html", context)


def _uuid(text: str) -> str:
    """Return the text if it is a uuid; any other opens the first place."""
    parts = text.split("-")
    plain = "".join(parts)
    return text if len(plain) == 32 and all(letter in "0123456789abcdefABCDEF" for letter in plain) else ""


def _form(request: HttpRequest, board: Board) -> BoardForm:
    data = {
        "scope": str(board.scope.uuid) if board.scope else "",
        "indicator": board.detail.code if board.detail else "",
    }
    return BoardForm(
        data,
        scopes=[(str(scope.uuid), f"{ScopeKind(scope.kind).label}: {scope_name(scope)}") for scope in board.scopes],
        indicators=[(row.code, f"{row.code} {row.title}") for row in board.indicators],
    )


class _Page:
    """The parts of the page, drawn from one board."""

    def __init__(self, request: HttpRequest, board: Board) -> None:
        self.request = request
        self.board = board
        self.posting = board.posting.number if board.posting else 0

    def sections(self) -> list[dict[str, Any]]:
        """Recipients, outputs of each action, results: a picture and its table for each."""
        scope = self.board.scope
        shown = [row for row in self.board.indicators if selectors.concerns(self.board, row, scope)]
        found = []
        targets = [row for row in shown if row.kind == IndicatorKind.TARGET]
        if targets:
            found.append(self._section("targets", _("Recipients against the targets"), targets))
        outputs = [row for row in shown if row.kind == IndicatorKind.OUTPUT]
        actions = {row.action_id: row.action for row in outputs}
        for identifier, action in actions.items():
            mine = [row for row in outputs if row.action_id == identifier]
            title = (
                _("Outputs of action %(action)s") % {"action": f"{action.code} {action.title}"}
                if action
                else _("Outputs of the whole programme")
            )
            found.append(self._section(f"outputs-{identifier or 0}", title, mine))
        results = [row for row in shown if row.kind == IndicatorKind.RESULT]
        if results:
            found.append(self._section("results", _("Result indicators"), results))
        return found

    def _section(self, key: str, title: str, rows: list[Indicator]) -> dict[str, Any]:
        """A table of every figure; only what has a target is drawn, for lengths of different units say nothing."""
        scope, bars = self.board.scope, []
        for row in rows:
            figure = self.board.figure(row, scope)
            if figure.target:
                bars.append(
                    Bar(
                        labelled(f"{row.code} {row.title}", row.unit),
                        figure.validated,
                        figure.target,
                        row.unit,
                        max(0, figure.provisional),
                    )
                )
        said = [f"{bar.label}: {charts.value_text(bar)}" for bar in bars]
        chart = Chart(key, title, spoken_list(said), bars=bars, marker_permille=self.board.elapsed_permille)
        columns = [
            Column(_("Indicator")),
            Column(_("Unit")),
            Column(_("Target"), numeric=True),
            Column(_("Validated value"), numeric=True),
            Column(_("Sum of the parts (gross)"), numeric=True),
            Column(_("Provisional value, beside it"), numeric=True),
            Column(_("Share of the target"), numeric=True),
        ]
        return {
            "key": key,
            "title": title,
            "svg": charts.bars_svg(chart) if bars else "",
            "table": ChartTable(columns, [self._row(row, scope) for row in rows]),
        }

    def _row(self, row: Indicator, scope: CountingScope) -> list[Any]:
        figure = self.board.figure(row, scope)
        share = percent(figure.validated * 1000 // figure.target) if figure.target else None
        return [
            f"{row.code} {row.title}",
            Unit(row.unit).label,
            quantity(figure.target, row.unit) if figure.target else None,
            self._value(row, scope),
            self._gross(row, scope),
            quantity(figure.provisional, row.unit) if figure.provisional else None,
            share,
        ]

    def _gross(self, row: Indicator, scope: CountingScope) -> str | None:
        """What counts once in the place, summed over its parts: networks of the programme or of an action, bodies of a network."""
        if row.unit not in COUNTED_ONCE or scope.kind in (ScopeKind.PLAN, ScopeKind.BODY):
            return None
        places = self.board.siblings
        if scope.kind == ScopeKind.ACTION:
            networks = self.board.action_parts.get((row.pk, scope.action_id or 0))
            if networks is None:
                return None
            places = [part for part in places if part.network_id in networks] if networks else [scope]
        parts = [self.board.figures.get((row.pk, part.pk)) for part in places]
        return quantity(sum(part.validated for part in parts if part), row.unit)

    def _value(self, row: Indicator, scope: CountingScope) -> Any:
        """The validated figure and how many undecided pairs it holds, with the way to both for who may go there."""
        value, pairs = self._evidence(row, scope), self.board.figure(row, scope).pairs
        if not pairs:
            return value
        words = ngettext("of which %(number)s pair to be clarified", "of which %(number)s pairs to be clarified", pairs)
        return Lines(value, self._pairs(words % {"number": pairs}))

    def _pairs(self, words: str) -> Any:
        if not holds(self.request.user, Permission.DECIDE_DUPLICATES):
            return words
        url = f"{reverse('beneficiaries:pair-list')}?programme={self.board.programme.pk}"
        return format_html('<a href="{}">{}</a>', url, words)

    def _evidence(self, row: Indicator, scope: CountingScope) -> Any:
        words = quantity(self.board.figure(row, scope).validated, row.unit)
        if not self.posting or not evidence.can_open(self.request.user, scope):
            return words
        url = evidence_url(self.board.programme.slug, indicator=row.code, scope=scope.uuid, posting=self.posting)
        hidden = _("evidence of %(indicator)s, %(place)s") % {"indicator": row.code, "place": scope_name(scope)}
        return Link(words, url, hidden=hidden)

    def places(self) -> dict[str, Any] | None:
        """Networks (or the bodies of one) beside each other: the sum of the rows and the whole, never added."""
        board = self.board
        if board.scope is None or not board.siblings:
            return None
        parent = board.scope if board.scope.kind == ScopeKind.NETWORK else board.whole
        rows = [row for row in board.indicators if row.kind == IndicatorKind.TARGET]
        rows = [row for row in rows if any((row.pk, scope.pk) in board.figures for scope in board.siblings)]
        if not rows:
            return None
        bodies = board.scope.kind == ScopeKind.NETWORK
        lines: list[list[Any]] = []
        for scope in board.siblings:
            name: Any = scope_name(scope)
            if not bodies:
                name = Link(name, f"{reverse('reporting:dashboard', args=[board.programme.slug])}?scope={scope.uuid}")
            lines.append(
                [name, *(self._value(row, scope) if (row.pk, scope.pk) in board.figures else None for row in rows)]
            )
        gross = [sum(board.figure(row, scope).validated for scope in board.siblings) for row in rows]
        lines.append(
            [
                _strong(_("Sum of the rows (gross)")),
                *(quantity(n, row.unit) for n, row in zip(gross, rows, strict=True)),
            ]
        )
        if parent is not None:
            words = _("The network (unique)") if bodies else _("Whole programme (unique)")
            lines.append([_strong(words), *(self._value(row, parent) for row in rows)])
        detail = board.detail if board.detail in rows else rows[0]
        bars = [
            Bar(scope_name(scope), figure.validated, None, detail.unit, max(0, figure.provisional))
            for scope in board.siblings
            if (figure := board.figures.get((detail.pk, scope.pk)))
        ]
        title = _("Bodies of the network") if bodies else _("Networks")
        said = [f"{bar.label}: {quantity(bar.value, bar.unit)}" for bar in bars]
        caption = labelled(f"{title}: {detail.code} {detail.title}", detail.unit)
        chart = Chart("places", caption, spoken_list(said), bars=bars)
        heads = [Column(_("Body") if bodies else _("Network")), *(Column(row.code, numeric=True) for row in rows)]
        return {
            "title": title,
            "caption": caption,
            "svg": charts.bars_svg(chart),
            "table": ChartTable(heads, lines),
            "codes": [labelled(f"{row.code}: {row.title}", row.unit) for row in rows],
        }

    def trend(self) -> dict[str, Any] | None:
        """The trend of the chosen figure: an image kept by posting number, and its table."""
        board = self.board
        if not board.trend or board.detail is None or board.scope is None:
            return None
        detail = board.detail
        said = [f"{step.label}: {quantity(step.to_date, detail.unit)}" for step in board.trend]
        title = _("Trend by period: %(indicator)s") % {
            "indicator": labelled(f"{detail.code} {detail.title}", detail.unit)
        }
        url = reverse("reporting:trend", args=[board.programme.slug])
        image = format_html(
            '<img class="chart-image" src="{}?scope={}&amp;indicator={}&amp;posting={}" width="720" height="290" alt="{}">',
            url,
            board.scope.uuid,
            detail.code,
            self.posting,
            f"{title}. {spoken_list(said)}",
        )
        columns = [
            Column(_("Period")),
            Column(_("New in the period"), numeric=True),
            Column(_("To date"), numeric=True),
        ]
        rows = [[s.label, quantity(s.new, detail.unit), quantity(s.to_date, detail.unit)] for s in board.trend]
        return {
            "title": title,
            "image": image,
            "table": ChartTable(columns, rows),
            "note": charts.legend_of_trend(Chart("trend", title, "", target=board.figure(detail, board.scope).target)),
        }

    def crossed(self) -> dict[str, Any] | None:
        """Gender by age of the chosen figure, when it counts persons."""
        board = self.board
        cells = {key: value for key, value in board.crossed.items() if value}
        if board.detail is None or board.detail.unit != Unit.PERSONS or not cells:
            return None
        title = _("Gender and age: %(indicator)s") % {"indicator": f"{board.detail.code} {board.detail.title}"}
        if not permissions.sees_small_numbers(self.request.user, board.programme.pk):
            return self._protected(title, cells)
        bands = sorted({band for _sex, band in cells}, key=_band_order)
        sexes = sorted({sex for sex, _band in cells})
        columns = [
            Column(_("Gender")),
            *(Column(age_label(band), numeric=True) for band in bands),
            Column(_("Total"), numeric=True),
        ]
        rows = [
            [
                sex_label(sex),
                *(cells.get((sex, band), 0) for band in bands),
                sum(cells.get((sex, band), 0) for band in bands),
            ]
            for sex in sexes
        ]
        return {"title": title, "table": ChartTable(columns, rows)}

    def _protected(self, title: str, cells: dict[tuple[str, str], int]) -> dict[str, Any] | None:
        """The same table without small numbers, of the whole programme alone: places could be subtracted from it."""
        found = suppression.protected(suppression.recoded(cells), [(0, 1)])
        if self.board.scope != self.board.whole or not found.cells:
            return None

        def joined(labels: Any, category: Any) -> str:
            return " + ".join(str(labels(code)) for code in category)

        columns = [
            Column(_("Gender")),
            *(Column(joined(age_label, band), numeric=True) for band in found.totals[1]),
            Column(_("Total"), numeric=True),
        ]
        rows = [
            [
                joined(sex_label, sex),
                *(_hidden(found.cells[0, 1, sex, band]) for band in found.totals[1]),
                found.totals[0][sex],
            ]
            for sex in found.totals[0]
        ]
        rows.append([_strong(_("Total")), *found.totals[1].values(), found.total])
        return {"title": title, "table": ChartTable(columns, rows)}


def _hidden(count: int | None) -> Any:
    return _("hidden") if count is None else count


def _strong(words: str) -> str:
    return format_html("<strong>{}</strong>", words)


def _band_order(band: str) -> int:
    return {"under_18": 0, "from_18_to_60": 1, "over_60": 2}.get(band, 3)
