# SPDX-License-Identifier: EUPL-1.2
"""Reading the totals: the only figures that pages show.

Three figures are never interchanged: *new in the period* and *to date* come from here; *served in the period* is not
additive and is computed from the facts of one period for its frozen report alone. Gross is the sum over sibling scopes
(`gross`), unique is the row of the parent scope itself; never add one into the other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection


@dataclass(frozen=True)
class Figure:
    """One indicator in one scope: what was booked in the period, and since the beginning."""

    scope_id: int
    indicator_id: int
    new: int
    to_date: int


@dataclass(frozen=True)
class Part(Figure):
    """A figure of one sex and age band."""

    sex: str = ""
    age_band: str = ""


def _parameters(
    scope_ids: Iterable[int], indicator_ids: Iterable[int], first_day: date, last_day: date
) -> dict[str, Any]:
    return {
        "scopes": list(scope_ids),
        "indicators": list(indicator_ids),
        "first_day": first_day,
        "last_day": last_day,
        "first_month": first_day.replace(day=1),
        "last_month": last_day.replace(day=1),
    }


def figures(*, scope_ids: Iterable[int], indicator_ids: Iterable[int], first_day: date, last_day: date) -> list[Figure]:
    """Return new in the period and to date (by its end) of every cell that was ever booked, from the totals.

    Totals are by month, so the period is read as the months of its first and last day. Periods that begin inside a
    month (project quarters) are read from the entries by `figures_by_day`.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT scope_id, indicator_id, sum(quantity) FILTER (WHERE month >= %(first_month)s)::bigint,
                   sum(quantity)::bigint
              FROM reporting_resulttotal
             WHERE scope_id = ANY(%(scopes)s) AND indicator_id = ANY(%(indicators)s) AND month <= %(last_month)s
             GROUP BY scope_id, indicator_id
             ORDER BY scope_id, indicator_id
            """,
            _parameters(scope_ids, indicator_ids, first_day, last_day),
        )
        return [Figure(scope, indicator, new or 0, to_date) for scope, indicator, new, to_date in cursor.fetchall()]


def figures_by_sex_and_age(
    *, scope_ids: Iterable[int], indicator_ids: Iterable[int], first_day: date, last_day: date
) -> list[Part]:
    """Return the figures split by sex and age band."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT scope_id, indicator_id, sum(quantity) FILTER (WHERE month >= %(first_month)s)::bigint,
                   sum(quantity)::bigint, sex, age_band
              FROM reporting_resulttotal
             WHERE scope_id = ANY(%(scopes)s) AND indicator_id = ANY(%(indicators)s) AND month <= %(last_month)s
             GROUP BY scope_id, indicator_id, sex, age_band
             ORDER BY scope_id, indicator_id, sex, age_band
            """,
            _parameters(scope_ids, indicator_ids, first_day, last_day),
        )
        return [
            Part(scope, indicator, new or 0, to_date, sex, age_band)
            for scope, indicator, new, to_date, sex, age_band in cursor.fetchall()
        ]


def figures_by_day(
    *,
    scope_ids: Iterable[int],
    indicator_ids: Iterable[int],
    first_day: date,
    last_day: date,
    posting_id: int | None = None,
) -> list[Figure]:
    """Return the same figures from the entries: exact to the day, and as of a posting when one is given."""
    until = "" if posting_id is None else " AND posting_id <= %(posting)s"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT scope_id, indicator_id, sum(quantity) FILTER (WHERE booked_on >= %(first_day)s)::bigint,
                   sum(quantity)::bigint
              FROM reporting_resultmovement
             WHERE scope_id = ANY(%(scopes)s) AND indicator_id = ANY(%(indicators)s)
               AND booked_on <= %(last_day)s{until}
             GROUP BY scope_id, indicator_id
             ORDER BY scope_id, indicator_id
            """,
            {**_parameters(scope_ids, indicator_ids, first_day, last_day), "posting": posting_id},
        )
        return [Figure(scope, indicator, new or 0, to_date) for scope, indicator, new, to_date in cursor.fetchall()]


def gross(found: Sequence[Figure], indicator_id: int) -> tuple[int, int]:
    """Return the sums over sibling scopes of one indicator: people counted in two of them are in both."""
    rows = [row for row in found if row.indicator_id == indicator_id]
    return sum(row.new for row in rows), sum(row.to_date for row in rows)
