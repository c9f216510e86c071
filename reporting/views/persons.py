# SPDX-License-Identifier: EUPL-1.2
"""Persons reached: gross and unique side by side, by programme, network, action or body, for one period and to date."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from fami_portal.core.components import Column, Lines, Link
from fami_portal.core.downloads import download_list, export_links
from fami_portal.core.exports import CellType
from fami_portal.core.exports import Column as FileColumn
from reporting.enums import ScopeKind
from reporting.forms.output_reports import PersonsForm
from reporting.models import CountingScope
from reporting.rendering.reading import number
from reporting.selectors import evidence
from reporting.selectors import persons as selectors
from reporting.selectors.persons import Overview, Reached
from reporting.views.places import evidence_url, open_programme, scope_name


def _overview(request: HttpRequest, slug: str) -> Overview:
    programme = open_programme(request, slug, Permission.VIEW_DASHBOARD)
    asked = request.GET
    return selectors.overview(
        request.user,
        programme,
        level=asked.get("by", ""),
        indicator=asked.get("indicator", ""),
        period=asked.get("period", ""),
    )


@require_safe
def persons(request: HttpRequest, slug: str) -> HttpResponse:
    """The table of the persons reached."""
    shown = _overview(request, slug)
    programme = shown.programme
    form = PersonsForm(
        {
            "indicator": shown.indicator.code if shown.indicator else "",
            "by": shown.level,
            "period": shown.span.code if shown.span else "",
        },
        indicators=[(row.code, f"{row.code} {row.title}") for row in shown.indicators],
        levels=[(level, ScopeKind(level).label) for level in selectors.LEVELS],
        periods=[(row.code, row.code) for row in reversed(shown.spans)],
    )
    return render(
        request,
        "reporting/persons.html",
        {
            "programme": programme,
            "shown": shown,
            "form": form,
            "columns": _columns(),
            "rows": _rows(request, shown),
            "exports": export_links(request, "reporting:persons-export", slug=slug),
            "crumbs": [
                Link(_("Home"), reverse("home")),
                Link(_("Results"), reverse("reporting:dashboard-list")),
                Link(programme.title, reverse("reporting:dashboard", args=[slug])),
                Link(_("Persons reached"), ""),
            ],
        },
    )


def _columns() -> list[Column]:
    return [
        Column(_("Where")),
        Column(_("New in the period: unique"), numeric=True),
        Column(_("New in the period: gross"), numeric=True),
        Column(_("To date: unique"), numeric=True),
        Column(_("To date: gross"), numeric=True),
        Column(_("Undecided pairs"), numeric=True),
    ]


def _rows(request: HttpRequest, shown: Overview) -> list[list[Any]]:
    rows = [[_name(scope), *_cells(request, shown, scope, reached)] for scope, reached in shown.lines]
    if not rows:
        return []
    gross = shown.gross
    rows.append([_strong(_("Sum of the rows (gross)")), None, number(gross.new), None, number(gross.to_date), None])
    if shown.whole is not None:
        scope, reached = shown.whole
        rows.append([_strong(_("Whole programme (unique)")), *_cells(request, shown, scope, reached)])
    return rows


def _name(scope: CountingScope) -> Any:
    """A body stands under each network in which it works."""
    if scope.organisation is not None and scope.network is not None:
        return Lines(scope.organisation.name, scope.network.name)
    return scope_name(scope)


def _strong(words: str) -> str:
    return format_html("<strong>{}</strong>", words)


def _cells(request: HttpRequest, shown: Overview, scope: CountingScope, reached: Reached) -> list[Any]:
    def gross(value: int | None) -> str | None:
        return None if value is None else number(value)

    return [
        _figure(request, shown, scope, "new", reached.new),
        gross(reached.gross_new),
        _figure(request, shown, scope, "to_date", reached.to_date),
        gross(reached.gross_to_date),
        number(reached.open_pairs) if reached.open_pairs else None,
    ]


def _figure(request: HttpRequest, shown: Overview, scope: CountingScope, part: str, value: int) -> Any:
    """A unique figure opens its entries, where it is of a period of the programme."""
    if shown.posting is None or shown.span is None or shown.indicator is None:
        return number(value)
    if shown.span.period is None or not evidence.can_open(request.user, scope):
        return number(value)
    url = evidence_url(
        shown.programme.slug,
        indicator=shown.indicator.code,
        scope=scope.uuid,
        part=part,
        period=shown.span.code,
        posting=shown.posting.number,
    )
    hidden = _("evidence of %(indicator)s, %(place)s") % {"indicator": shown.indicator.code, "place": scope_name(scope)}
    return Link(number(value), url, hidden=hidden)


@require_safe
def persons_export(request: HttpRequest, slug: str, fmt: str) -> HttpResponseBase:
    """The same table as a file: the same places, the programme last."""
    shown = _overview(request, slug)
    lines = [*shown.lines, *([shown.whole] if shown.whole else [])]
    code = shown.indicator.code if shown.indicator else ""
    period = shown.span.code if shown.span else ""
    columns = [
        FileColumn(_("Indicator"), lambda line: code),
        FileColumn(_("Period"), lambda line: period),
        FileColumn(_("What it is"), lambda line: ScopeKind(line[0].kind).label),
        FileColumn(_("Where"), lambda line: scope_name(line[0])),
        FileColumn(_("Network"), lambda line: line[0].network.name if line[0].network else ""),
        FileColumn(_("New in the period: unique"), lambda line: line[1].new, CellType.INTEGER),
        FileColumn(_("New in the period: gross"), lambda line: line[1].gross_new, CellType.INTEGER),
        FileColumn(_("To date: unique"), lambda line: line[1].to_date, CellType.INTEGER),
        FileColumn(_("To date: gross"), lambda line: line[1].gross_to_date, CellType.INTEGER),
        FileColumn(_("Undecided pairs"), lambda line: line[1].open_pairs, CellType.INTEGER),
    ]
    return download_list(name=_("persons-reached"), title=_("Persons reached"), fmt=fmt, columns=columns, rows=lines)
