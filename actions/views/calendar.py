# SPDX-License-Identifier: EUPL-1.2
"""The planning calendar of a network: a month, or a term of the school year; made to be printed."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from actions.selectors import calendar as selectors
from fami_portal.core import clock
from fami_portal.core.components import Column, Lines, Link
from partners.permissions import check_holds

WEEKDAYS = [_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")]


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """The calendar of one of the networks that the person sees, by month or by term."""
    check_holds(request.user, Permission.VIEW_ACTIVITIES)
    networks = list(selectors.networks_with_calendar(request.user))
    wanted = request.GET.get("network", "")
    network = next((row for row in networks if str(row.uuid) == wanted), None)
    if wanted and network is None:
        raise Http404
    network = network or next(iter(networks), None)
    day = _month(request.GET.get("month", ""))
    by_term = request.GET.get("view") == "term"
    first, last = (selectors.term_bounds if by_term else selectors.month_bounds)(day)
    context: dict[str, Any] = {
        "network": network,
        "networks": networks,
        "crumbs": [(_("Activities"), reverse("actions:activity-list")), _("Calendar")],
        "by_term": by_term,
        "month": f"{day:%Y-%m}",
        "heading": f"{date_format(first, 'YEAR_MONTH_FORMAT')} – {date_format(last, 'YEAR_MONTH_FORMAT')}"
        if by_term
        else date_format(first, "YEAR_MONTH_FORMAT"),
    }
    if network is not None:
        days = selectors.days_of(request.user, network, first, last)
        lessons = selectors.lessons_of(selectors.region_of(network))

        def at(month: date, view: str = "term" if by_term else "") -> str:
            query = {"network": str(network.uuid), "month": f"{month:%Y-%m}", **({"view": view} if view else {})}
            return f"{reverse('actions:calendar')}?{urlencode(query)}"

        context |= {
            "before": at(first - timedelta(days=1)),
            "after": at(last + timedelta(days=1)),
            "switch": Link(_("By month"), at(day, "")) if by_term else Link(_("By term"), at(day, "term")),
            "weekdays": WEEKDAYS,
            "weeks": [] if by_term else selectors.weeks_of(days),
            "months": _months(days) if by_term else [],
            "term_columns": [Column(_("Day"), nowrap=True), Column(_("Meetings and activities")), Column(_("Holiday"))],
            "empty": all(row.is_empty or row.holiday for row in days.values())
            and not any(row.meetings or row.begins or row.ends for row in days.values()),
            "unverified": ", ".join(str(year) for year in lessons.unverified([first, last])),
            "no_school_year": selectors.school_year_of(first) not in lessons.years,
        }
    return render(request, "actions/calendar.html", context)


def _month(text: str) -> date:
    try:
        year, month = text.split("-")
        return date(int(year), int(month), 1)
    except ValueError:
        return clock.today()


def _months(days: Any) -> list[tuple[str, list[list[Any]]]]:
    return [
        (date_format(month, "YEAR_MONTH_FORMAT"), [_term_row(day, line) for day in rows for line in _lines(day)])
        for month, rows in selectors.terms_of(days).items()
    ]


def _lines(day: selectors.Day) -> list[Any]:
    lines: list[Any] = [
        Lines(
            Link(f"{row.starts_at:%H:%M} {row.activity.title}", row.get_absolute_url(), f"{row.held_on:%d/%m/%Y}"),
            row.activity.organisation.name,
        )
        for row in day.meetings
    ]
    lines += [Lines(Link(row.title, row.get_absolute_url()), _("begins")) for row in day.begins]
    lines += [Lines(Link(row.title, row.get_absolute_url()), _("ends")) for row in day.ends]
    return lines or [None]


def _term_row(day: selectors.Day, line: Any) -> list[Any]:
    return [date_format(day.day, "D d/m"), line, day.holiday or day.school]
