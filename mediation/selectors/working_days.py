# SPDX-License-Identifier: EUPL-1.2
"""Days on which schools and offices work in Italy, and how much of them lies between two moments."""

from calendar import isleap
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import accumulate

import holidays
from django.utils import timezone

SATURDAY, SUNDAY = 5, 6


@cache
def _public_holidays(year: int) -> dict[date, str]:
    return dict(holidays.country_holidays("IT", years=year, language="it_IT").items())


def holiday_name(day: date) -> str:
    """Return the name of the Italian public holiday, or nothing (patron saints are the municipality's own)."""
    return _public_holidays(day.year).get(day, "")


def is_working_day(day: date) -> bool:
    """Whether offices work: neither a week-end nor a public holiday."""
    return day.weekday() < SATURDAY and not holiday_name(day)


def working_minutes(start: datetime, end: datetime) -> int:
    """Return the minutes between two moments that lie on working days, counting all their twenty-four hours."""
    first, last = timezone.localdate(start), timezone.localdate(end)
    if last < first:
        return 0
    total = _part(first, start, end) + (_part(last, start, end) if last > first else timedelta())
    # The days between count whole, without asking the clock on the wall: it is turned on Sundays.
    if last > first:
        total += timedelta(days=_working_days(first + timedelta(days=1), last))
    return int(total / timedelta(minutes=1))


def _working_days(first: date, last: date) -> int:
    """Return how many working days there are from a day on, before another."""
    whole_years = sum(_worked(year)[-1] for year in range(first.year, last.year))
    return whole_years + _worked(last.year)[_place(last)] - _worked(first.year)[_place(first)]


@cache
def _worked(year: int) -> list[int]:
    """Return the working days before each day of a year, and in all of it: a board asks for months of them in every row."""
    days = (date(year, 1, 1) + timedelta(days=number) for number in range(365 + isleap(year)))
    return list(accumulate((is_working_day(day) for day in days), initial=0))


def _place(day: date) -> int:
    return day.timetuple().tm_yday - 1


def _part(day: date, start: datetime, end: datetime) -> timedelta:
    """Return how much of a working day lies between two moments."""
    if not is_working_day(day):
        return timedelta()
    midnight = timezone.make_aware(datetime.combine(day, time()))
    following = timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))
    return max(min(end, following) - max(start, midnight), timedelta())
