# SPDX-License-Identifier: EUPL-1.2
"""Reporting periods of a programme, made from its calendar."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from actions.enums import PeriodCalendar
from actions.models import Period, Programme
from actions.selectors.programmes import usage_of
from fami_portal.core.errors import DomainError
from fami_portal.core.services import acting

ONE_DAY = timedelta(days=1)


def generate_periods(*, programme: Programme, by: Any) -> list[Period]:
    """Add the periods that the calendar of a programme asks for and that are not there; returns the new ones.

    Periods that exist are never touched, so an extension only adds. When an extension makes a cut last quarter
    longer, its rest is a period of its own (`2020-Q4-bis`).
    """
    added: list[Period] = []
    with acting(by):
        existing = list(Period.objects.filter(programme=programme).order_by("starts_on"))
        codes = {period.code for period in existing}
        for code, start, end in quarters(programme):
            covered = [period.ends_on for period in existing if period.starts_on <= end and period.ends_on >= start]
            first = max([start, *(day + ONE_DAY for day in covered)])
            if first > end:
                continue
            period = Period.objects.create(
                programme=programme,
                code=f"{code}-bis" if code in codes else code,
                starts_on=first,
                ends_on=end,
                due_on=end + timedelta(days=programme.report_due_days),
            )
            added.append(period)
    return added


def remove_periods_outside(*, programme: Programme, by: Any, all_of_them: bool = False) -> list[Period]:
    """Remove the periods that lie after the end of a programme that became shorter, or all when its calendar changed.

    Raises `DomainError` when one of them has reports or closures; returns the removed ones.
    """
    removed: list[Period] = []
    with acting(by):
        for period in Period.objects.filter(programme=programme).order_by("starts_on"):
            if not all_of_them and period.ends_on <= programme.last_day:
                continue
            if usage_of(period):
                raise DomainError(
                    _(
                        "The period %(period)s has reports: the calendar and the dates of the programme cannot take it away."
                    )
                    % {"period": period}
                )
            removed.append(period)
        Period.objects.filter(pk__in=[period.pk for period in removed]).delete()
    return removed


def quarters(programme: Programme) -> Iterator[tuple[str, date, date]]:
    """Yield (code, first day, last day) of each quarter, cut to the dates of the programme."""
    yield from (_solar if programme.calendar == PeriodCalendar.SOLAR_QUARTERS else _project)(
        programme.starts_on, programme.last_day
    )


def _solar(start: date, last_day: date) -> Iterator[tuple[str, date, date]]:
    year, quarter = start.year, (start.month - 1) // 3
    while (first := date(year, 3 * quarter + 1, 1)) <= last_day:
        end = add_months(first, 3) - ONE_DAY
        yield f"{year}-Q{quarter + 1}", max(first, start), min(end, last_day)
        year, quarter = (year, quarter + 1) if quarter < 3 else (year + 1, 0)


def _project(start: date, last_day: date) -> Iterator[tuple[str, date, date]]:
    number = 0
    while (first := add_months(start, 3 * number)) <= last_day:
        yield f"P{number + 1:02d}", first, min(add_months(start, 3 * (number + 1)) - ONE_DAY, last_day)
        number += 1


def add_months(day: date, months: int) -> date:
    """Return the same day some months later, or the last day of that month when it is shorter."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    following = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, min(day.day, (following - ONE_DAY).day))
