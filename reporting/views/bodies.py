# SPDX-License-Identifier: EUPL-1.2
"""The bodies involved: migrant associations and others, which count, since when, by which act, and why others do not."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from fami_portal.core.components import Column, Lines, Link, Pill
from fami_portal.core.downloads import download_list, export_links
from fami_portal.core.exports import CellType
from fami_portal.core.exports import Column as FileColumn
from reporting.forms.bodies import BodiesForm
from reporting.selectors.bodies import Bodies, BodyLine, bodies_of
from reporting.views.places import open_programme


def _bodies(request: HttpRequest, slug: str) -> Bodies:
    programme = open_programme(request, slug, Permission.VIEW_EVIDENCE)
    return bodies_of(request.user, programme, request.GET.get("indicator", ""))


@require_safe
def bodies(request: HttpRequest, slug: str) -> HttpResponse:
    """The bodies that were at meetings, those that count first."""
    shown = _bodies(request, slug)
    form = BodiesForm(
        {"indicator": shown.indicator.code if shown.indicator else ""},
        indicators=[(row.code, f"{row.code} {row.title}") for row in shown.indicators],
    )
    return render(
        request,
        "reporting/bodies.html",
        {
            "programme": shown.programme,
            "shown": shown,
            "form": form if len(shown.indicators) > 1 else None,
            "columns": [
                Column(_("Body")),
                Column(_("Counts")),
                Column(_("Since"), nowrap=True),
                Column(_("By which act, or why not")),
                Column(_("Meetings"), numeric=True),
            ],
            "rows": [_row(line) for line in shown.lines],
            "exports": export_links(request, "reporting:bodies-export", slug=slug),
            "crumbs": [
                Link(_("Home"), reverse("home")),
                Link(_("Results"), reverse("reporting:dashboard-list")),
                Link(shown.programme.title, reverse("reporting:dashboard", args=[slug])),
                Link(_("Bodies involved"), ""),
            ],
        },
    )


def _row(line: BodyLine) -> list[Any]:
    body = line.organisation
    span = f"{line.first_on:%d/%m/%Y} – {line.last_on:%d/%m/%Y}" if line.first_on and line.last_on else ""
    return [
        Lines(Link(body.name, reverse("partners:organisation", args=[body.uuid])), body.get_kind_display()),
        Pill(_("yes"), "success") if line.entry else Pill(_("no"), "warning"),
        line.entry.achieved_on if line.entry else None,
        _act(line) if line.entry else "; ".join(line.reasons),
        Lines(len(line.held), span),
    ]


def _act(line: BodyLine) -> Lines:
    fact = line.entry.fact  # type: ignore[union-attr]
    second = fact.organisation.name
    if fact.report is not None:
        second = _("%(body)s, report for %(period)s") % {"body": second, "period": fact.report.period}
    return Lines(Link(fact.activity.title, fact.activity.get_absolute_url()), second)


@require_safe
def bodies_export(request: HttpRequest, slug: str, fmt: str) -> HttpResponseBase:
    """The same list as a file."""
    shown = _bodies(request, slug)
    columns = [
        FileColumn(_("Body"), "organisation.name", width=40),
        FileColumn(_("Kind"), lambda line: line.organisation.get_kind_display(), width=30),
        FileColumn(_("Counts"), lambda line: line.entry is not None, CellType.BOOLEAN),
        FileColumn(_("Since"), lambda line: line.entry.achieved_on if line.entry else None, CellType.DATE),
        FileColumn(_("Activity"), lambda line: line.entry.fact.activity.title if line.entry else "", width=40),
        FileColumn(_("Carried out by"), lambda line: line.entry.fact.organisation.name if line.entry else "", width=40),
        FileColumn(_("Report"), _period),
        FileColumn(_("Why it does not count"), lambda line: "; ".join(line.reasons), width=60),
        FileColumn(_("Meetings"), lambda line: len(line.held), CellType.INTEGER),
        FileColumn(_("First"), "first_on", CellType.DATE),
        FileColumn(_("Last"), "last_on", CellType.DATE),
    ]
    return download_list(
        name="enti-coinvolti", title=_("Bodies involved"), fmt=fmt, columns=columns, rows=iter(shown.lines)
    )


def _period(line: BodyLine) -> str:
    report = line.entry.fact.report if line.entry else None
    return str(report.period) if report is not None else ""
