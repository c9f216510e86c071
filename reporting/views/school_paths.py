# SPDX-License-Identifier: EUPL-1.2
"""Paths advised and paths chosen, as figures of a school year with its small numbers protected."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from beneficiaries.enums import SchoolPath
from fami_portal.core import clock
from fami_portal.core.components import Column, Link
from reporting.selectors.school_paths import Paths, school_paths
from reporting.views.places import open_programme


@require_safe
def paths(request: HttpRequest, slug: str) -> HttpResponse:
    """The tables of one school year, the last that is over unless the address names another."""
    programme = open_programme(request, slug, Permission.VIEW_EVIDENCE)
    asked = request.GET.get("year", "")
    found = school_paths(programme, year=int(asked) if asked.isdigit() else None, today=clock.today())
    return render(
        request,
        "reporting/school_paths.html",
        {
            "programme": programme,
            "found": found,
            "year": year_name(found.year),
            "years": [
                (year_name(year), f"{reverse('reporting:school-paths', args=[slug])}?year={year}", year == found.year)
                for year in found.years
            ],
            "tables": [_table(found, *place) for place in found.tables],
            "crumbs": [
                Link(_("Home"), reverse("home")),
                Link(_("Results"), reverse("reporting:dashboard-list")),
                Link(programme.title, reverse("reporting:dashboard", args=[slug])),
                Link(_("School paths"), ""),
            ],
        },
    )


def year_name(year: int) -> str:
    """Return a school year as people write it."""
    return f"{year}/{(year + 1) % 100:02d}"


def _labels(dimension: int, category: Any) -> str:
    """Name a category; small ones that were joined are named together."""
    if dimension == 0:
        return ", ".join(str(one) for one in category)
    return ", ".join(str(SchoolPath(one).label) if one else _("not recorded") for one in category)


def _table(found: Paths, first: int, second: int) -> dict[str, Any]:
    cells = found.tables[first, second]
    columns = list(found.totals[second])
    heads = {0: _("Network"), 1: _("Path advised"), 2: _("Path chosen")}
    hidden = _("not shown")

    def shown(value: int | None) -> Any:
        return hidden if value is None else value

    return {
        "title": _("%(rows)s by %(columns)s") % {"rows": heads[first], "columns": heads[second].lower()},
        "columns": [
            Column(heads[first]),
            *(Column(_labels(second, category), numeric=True) for category in columns),
            Column(_("In all"), numeric=True),
        ],
        "rows": [
            [
                _labels(first, row),
                *(shown(cells[row, column]) for column in columns),
                found.totals[first][row],
            ]
            for row in found.totals[first]
        ],
        "foot": [_("In all"), *(found.totals[second][column] for column in columns), found.total],
    }
