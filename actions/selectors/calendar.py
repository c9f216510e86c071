# SPDX-License-Identifier: EUPL-1.2
"""The planning calendar of a network: meetings and activities by day, public holidays, the school year."""

from calendar import Calendar, monthrange
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from holidays import country_holidays

from accounts.permissions import Permission
from actions.enums import ActivityState, MeetingState
from actions.models import Activity, Meeting, SchoolYear
from partners.enums import SCHOOL_KINDS
from partners.models import Municipality, Network, Organisation
from partners.permissions import holds

# The day on which a school year begins to be planned: before it, the lessons of the year before are the nearest.
TURN = (8, 1)


@cache
def _of_year(year: int) -> dict[date, str]:
    return dict(country_holidays("IT", years=year, language="it_IT").items())


def holiday_name(day: date) -> str:
    """Return the name of the public holiday, or nothing (patron saints are the municipality's own)."""
    return _of_year(day.year).get(day, "")


def school_year_of(day: date) -> int:
    """Return the year in which the school year of a day began."""
    return day.year if (day.month, day.day) >= TURN else day.year - 1


@dataclass(frozen=True)
class Lessons:
    """The school years of a region, to ask of many days what each is."""

    region: str
    years: dict[int, SchoolYear] = field(default_factory=dict)

    def note(self, day: date) -> str:
        """Say why there are no lessons on a day, or nothing; a year that nobody loaded says nothing."""
        year = self.years.get(school_year_of(day))
        if year is None:
            return ""
        if not year.starts_on <= day <= year.ends_on:
            return str(_("outside the school year"))
        return next((part.title for part in year.breaks.all() if part.starts_on <= day <= part.ends_on), "")

    def unverified(self, days: Iterable[date]) -> list[SchoolYear]:
        """The years of some days whose dates nobody has compared with the deed."""
        wanted = {school_year_of(day) for day in days}
        return [year for key, year in sorted(self.years.items()) if key in wanted and not year.source]


def lessons_of(region: str) -> Lessons:
    """Read the school years of a region. Two queries."""
    rows = SchoolYear.objects.filter(region=region).prefetch_related("breaks").order_by("year")
    return Lessons(region, {row.year: row for row in rows})


def region_of(network: Network) -> str:
    """Return the region of a network: that of its municipalities, or of its bodies."""
    own = network.municipalities.order_by("pk").first()
    if own is None:
        bodies = Organisation.objects.filter(network_stays__network=network).values("municipality")
        own = Municipality.objects.filter(pk__in=bodies).order_by("pk").first()
    return own.region if own else ""


def in_school(activity: Activity) -> bool:
    """Whether an activity lives by the calendar of a school: one hosts it or carries it out."""
    return any(body is not None and body.kind in SCHOOL_KINDS for body in (activity.venue, activity.organisation))


def warnings_of(activity: Activity, days: Iterable[date]) -> list[str]:
    """Return what to look at before keeping meetings on these days: a sentence for each, none is refused."""
    place = (activity.venue or activity.organisation).municipality
    lessons = lessons_of(place.region) if place and in_school(activity) else Lessons("")
    said = []
    for day in sorted(set(days)):
        name = holiday_name(day) or lessons.note(day)
        if name:
            said.append(
                str(_("%(day)s: %(name)s. Check that the meeting can take place."))
                % {"day": f"{day:%d/%m/%Y}", "name": name}
            )
    return said


# --- the pages -----------------------------------------------------------------------------------------------------


def networks_with_calendar(user: Any) -> QuerySet[Network]:
    """Return the networks whose calendar the person may open."""
    if not holds(user, Permission.VIEW_ACTIVITIES):
        return Network.objects.none()
    seen = Activity.objects.visible_to(user).values("network")
    return Network.objects.visible_to(user).filter(pk__in=seen).order_by("name", "pk")


@dataclass
class Day:
    """A day of the calendar with what it holds."""

    day: date
    inside: bool
    holiday: str = ""
    school: str = ""
    meetings: list[Meeting] = field(default_factory=list)
    begins: list[Activity] = field(default_factory=list)
    ends: list[Activity] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.holiday or self.meetings or self.begins or self.ends)


def month_bounds(day: date) -> tuple[date, date]:
    """Return the first and the last day of a month."""
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


def term_bounds(day: date) -> tuple[date, date]:
    """Return the school term of a day: September to January, or February to August."""
    if day.month >= 9:
        return date(day.year, 9, 1), date(day.year + 1, 1, 31)
    return (
        (date(day.year - 1, 9, 1), date(day.year, 1, 31))
        if day.month == 1
        else (date(day.year, 2, 1), date(day.year, 8, 31))
    )


def days_of(user: Any, network: Network, first: date, last: date) -> dict[date, Day]:
    """Return the days of a stretch with the meetings and activities of a network that the person sees. Six queries."""
    seen = Activity.objects.visible_to(user).filter(network=network).exclude(state=ActivityState.CANCELLED)
    lessons = lessons_of(region_of(network))
    found: dict[date, Day] = {}
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        found[day] = Day(day, True, holiday_name(day), lessons.note(day))
    meetings = Meeting.objects.filter(activity__in=seen.values("pk"), held_on__range=(first, last))
    meetings = meetings.exclude(state=MeetingState.CANCELLED).select_related("activity", "activity__organisation")
    for meeting in meetings.order_by("held_on", "starts_at", "pk"):
        found[meeting.held_on].meetings.append(meeting)
    for activity in seen.filter(starts_on__lte=last, ends_on__gte=first).order_by("starts_on", "pk"):
        if activity.starts_on in found:
            found[activity.starts_on].begins.append(activity)
        if activity.ends_on in found:
            found[activity.ends_on].ends.append(activity)
    return found


def weeks_of(days: dict[date, Day]) -> list[list[Day]]:
    """Return the days of a month in its weeks, Monday first; those of the neighbours are empty places."""
    first = min(days)
    weeks: list[list[Day]] = []
    for week in Calendar().monthdatescalendar(first.year, first.month):
        weeks.append([days.get(day) or Day(day, False) for day in week])
    return weeks


def terms_of(days: dict[date, Day]) -> dict[date, list[Day]]:
    """Return the days of a stretch that hold something, by month."""
    months: dict[date, list[Day]] = defaultdict(list)
    for day in days.values():
        months[day.day.replace(day=1)]
        if not day.is_empty:
            months[day.day.replace(day=1)].append(day)
    return dict(months)
