# SPDX-License-Identifier: EUPL-1.2
"""A figure of an activity report opened down to what it counts."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from actions.models import Indicator
from fami_portal.core.components import Column, Link
from reporting import permissions
from reporting.enums import UnitKind
from reporting.selectors import activity_reports as selectors
from reporting.selectors import evidence
from reporting.views.activity_reports import crumbs_of, report_for
from reporting.views.evidence import unit_link

PAGE_SIZE = 50


@require_safe
def activity_report_figure(request: HttpRequest, uuid: UUID, code: str) -> HttpResponse:
    """The things that one figure counts: persons by pseudonym, everything else by its name."""
    report = report_for(request, uuid)
    if not permissions.can_open_figures(request.user, report):
        raise PermissionDenied(_("Your role reads the figures of this report, not what they count."))
    indicator = get_object_or_404(Indicator, programme=report.programme_id, code=code)
    text = request.GET.get("page", "1")
    number = int(text) if text.isascii() and text.isdigit() and int(text[:6]) > 0 else 1
    found = selectors.units_of_figure(report, indicator, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    units = evidence.units_of(found.lines)
    paginator = Paginator(range(found.count), PAGE_SIZE)
    rows: list[list[Any]] = [
        [
            unit_link(units.get((line.unit_kind, line.unit_id)), UnitKind(line.unit_kind)),
            UnitKind(line.unit_kind).label,
            selectors.shown_quantity(line.quantity, indicator.unit),
        ]
        for line in found.lines
    ]
    title = f"{indicator.code} {indicator.title}"
    return render(
        request,
        "reporting/activity_report_figure.html",
        {
            "report": report,
            "programme": report.programme,
            "title": title,
            "columns": [Column(_("What is counted")), Column(_("Kind")), Column(_("Counts"), numeric=True)],
            "rows": rows,
            "page": paginator.get_page(number),
            "facts": [
                (_("Value"), selectors.shown_quantity(found.quantity, indicator.unit)),
                (_("Unit"), indicator.get_unit_display()),
                (_("Where it is read"), selectors.source_words(report)),
                (_("Report"), Link(str(report), report.get_absolute_url())),
            ],
            "crumbs": crumbs_of(report, title),
        },
    )
