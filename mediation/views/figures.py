# SPDX-License-Identifier: EUPL-1.2
"""The figures of the mediation service: a page with its filters in the address, and the same as a file."""

import tempfile
from collections.abc import Iterator
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from fami_portal.core import clock, exports
from fami_portal.core.components import Link
from fami_portal.core.downloads import XLSX_TYPE, export_links
from mediation.forms.figures import FiguresFilterForm
from mediation.rendering.figures import Section, Unit, sections, shown
from mediation.selectors import figures as selectors
from partners.permissions import check_holds, holds


def _read(http: HttpRequest) -> tuple[FiguresFilterForm, selectors.Figures | None]:
    """Read the filters and the figures; no figures when the filters cannot be read."""
    check_holds(http.user, Permission.VIEW_MEDIATION_FIGURES)
    form = FiguresFilterForm(http.GET, user=http.user, today=clock.today())
    chosen = form.chosen()
    return form, selectors.figures(http.user, chosen) if chosen else None


def _sections(http: HttpRequest, found: selectors.Figures) -> list[Section]:
    """Whoever may not see requests sees no row that stands for one or two."""
    return sections(found, hide_few=not holds(http.user, Permission.VIEW_MEDIATION_REQUESTS))


@require_safe
def figures(http: HttpRequest) -> HttpResponse:
    """The figures of the days, networks and bodies that the address says."""
    form, found = _read(http)
    is_empty = found is not None and not found.total.requests and not found.total.sessions
    parts = _sections(http, found) if found is not None and not is_empty else []
    return render(
        http,
        "mediation/figures.html",
        {
            "filter_form": form,
            "exports": export_links(http, "mediation:figures-export") if found is not None else [],
            "facts": _facts(found) if found is not None else [],
            "sections": parts,
            "is_empty": is_empty,
            "crumbs": [Link(_("Home"), reverse("home")), Link(_("Figures of the mediation service"), "")],
        },
    )


def _facts(found: selectors.Figures) -> list[tuple[str, str]]:
    """What people ask first."""
    half = found.total.to_assignment
    return [
        (_("Requests submitted"), shown(found.total.requests, Unit.COUNT)),
        (_("Requests that got a mediator"), shown(found.fill_rate, Unit.SHARE)),
        (_("Half had a mediator within"), shown(half[0] if half else None, Unit.WAITING)),
        (_("Hours held"), shown(found.total.minutes, Unit.MINUTES)),
        (_("of which validated"), shown(found.total.validated, Unit.MINUTES)),
    ]


@require_safe
def figures_export(http: HttpRequest, fmt: str) -> Any:
    """The same figures as a file: a sheet for each table, or one long table of text."""
    _form, found = _read(http)
    parts = _sections(http, found) if found is not None else []
    name = f"mediazione-{clock.today():%Y-%m-%d}.{fmt}"
    if fmt == "xlsx":
        target = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it
        sheets = [exports.Sheet(part.title, part.file_columns, part.file_rows) for part in parts]
        exports.write_xlsx(target, sheets or [_nothing()], title=_("Figures of the mediation service"))
        target.seek(0)
        return FileResponse(target, as_attachment=True, filename=name, content_type=XLSX_TYPE)
    return StreamingHttpResponse(
        exports.csv_chunks(_long_columns(), _long_rows(parts)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _nothing() -> exports.Sheet:
    return exports.Sheet(_("Figures"), [exports.Column(_("Nothing in these days"), 0)], [])


def _long_columns() -> list[exports.Column]:
    headers = (_("Table"), _("Row"), _("Column"), _("Value"))
    return [exports.Column(header, place) for place, header in enumerate(headers)]


def _long_rows(parts: list[Section]) -> Iterator[tuple[str, str, str, str]]:
    """One row for each figure, its value as the page shows it."""
    for part in parts:
        texts = [place for place, (_label, unit) in enumerate(part.columns) if unit is Unit.TEXT]
        for row in part.rows:
            name = ", ".join(str(row[place]) for place in texts)
            for place, (label, unit) in enumerate(part.columns):
                if place not in texts:
                    yield part.title, name, label, shown(row[place], unit)
