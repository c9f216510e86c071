# SPDX-License-Identifier: EUPL-1.2
"""The ledger as it was after a posting. Nothing here depends on the clock or on later postings.

An entry counts from the posting that wrote it, on the day of its booking, and stops counting with the posting that
reversed it, on the day of that booking: so a figure of a past period is the sum of the movements booked by its end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db import connection

from actions.models import Programme
from reporting.models import Posting


@dataclass(frozen=True)
class AsOf:
    """A posting of a programme; `id` is 0 and `number` is 0 before the first one."""

    programme_id: int
    number: int
    id: int


def as_of(programme: Programme, number: int) -> AsOf:
    """Return the posting with this number; raises Posting.DoesNotExist."""
    if number == 0:
        return AsOf(programme.pk, 0, 0)
    return AsOf(programme.pk, number, Posting.objects.get(programme=programme, number=number).pk)


def latest(programme: Programme) -> AsOf:
    """Return the last posting of the programme."""
    posting = Posting.objects.filter(programme=programme).order_by("-number").first()
    return AsOf(programme.pk, posting.number, posting.pk) if posting else AsOf(programme.pk, 0, 0)


class Cell(NamedTuple):
    """A sum of movements: the bucket counts the periods begun by the day of booking (0: before the first)."""

    indicator_id: int
    scope_id: int
    bucket: int
    sex: str
    age_band: str
    quantity: int


def movements(
    at: AsOf, *, scopes: Sequence[int], detailed: Sequence[int], starts: Sequence[date], until: date
) -> list[Cell]:
    """Return the sums of all movements booked by `until`, by indicator, scope and period of booking.

    `starts` are the first days of the periods, in order; the scopes of `detailed` are also split by sex and age band.
    """
    if not at.id or not scopes:
        return []
    return _rows(
        Cell,
        """
        SELECT indicator_id, scope_id, width_bucket(day, %(starts)s::date[]) AS bucket,
               CASE WHEN scope_id = ANY(%(detailed)s::bigint[]) THEN sex ELSE '' END AS sex,
               CASE WHEN scope_id = ANY(%(detailed)s::bigint[]) THEN age_band ELSE '' END AS age_band,
               sum(quantity)::bigint AS quantity
        FROM (
            SELECT indicator_id, scope_id, booked_on AS day, sex, age_band, quantity
            FROM reporting_resultentry
            WHERE scope_id = ANY(%(scopes)s::bigint[]) AND posted_in_id <= %(posting)s AND booked_on <= %(until)s
            UNION ALL
            SELECT indicator_id, scope_id, reversal_booked_on, sex, age_band, -quantity
            FROM reporting_resultentry
            WHERE scope_id = ANY(%(scopes)s::bigint[]) AND reversed_in_id <= %(posting)s
              AND reversal_booked_on <= %(until)s
        ) AS movement
        GROUP BY 1, 2, 3, 4, 5
        HAVING sum(quantity) <> 0
        ORDER BY 1, 2, 3, 4, 5
        """,
        {
            "starts": list(starts),
            "detailed": list(detailed),
            "scopes": list(scopes),
            "posting": at.id,
            "until": until,
        },
    )


class Served(NamedTuple):
    """Distinct persons present in a period: in the whole programme, or in one action, network or target group."""

    by: str
    identifier: int | None
    persons: int
    eligible: int


def served(at: AsOf, *, starts_on: date, ends_on: date) -> list[Served]:
    """Return how many persons were present in the period: in all, by action, by network, by target group.

    A person present in two networks is in both rows: the rows do not add up to the whole.
    """
    if not at.id:
        return []
    # The text between braces is a constant of this module.
    sql = f"""
        SELECT CASE GROUPING(action_id, network_id, target_group_id)
                   WHEN 3 THEN 'action' WHEN 5 THEN 'network' WHEN 6 THEN 'target_group' ELSE 'programme' END AS by,
               coalesce(action_id, network_id, target_group_id) AS identifier,
               count(DISTINCT unit_id) AS persons, count(DISTINCT unit_id) FILTER (WHERE eligible) AS eligible
        FROM reporting_validatedfact
        WHERE {_LIVE_FACT} AND kind = 'attendance'
        GROUP BY GROUPING SETS ((), (action_id), (network_id), (target_group_id))
        ORDER BY 1, 2
        """  # noqa: S608
    return _rows(Served, sql, _fact_parameters(at, starts_on, ends_on))


class ServedPart(NamedTuple):
    """Distinct persons of the period by sex and age band."""

    sex: str
    age_band: str
    persons: int


def served_by_sex_and_age(at: AsOf, *, starts_on: date, ends_on: date) -> list[ServedPart]:
    """Return the persons present in the period by sex and age band; each is in the cell of the first presence."""
    if not at.id:
        return []
    # The text between braces is a constant of this module.
    sql = f"""
        SELECT sex, age_band, count(*) AS persons FROM (
            SELECT DISTINCT ON (unit_id) unit_id, sex, age_band FROM reporting_validatedfact
            WHERE {_LIVE_FACT} AND kind = 'attendance'
            ORDER BY unit_id, first_on, id
        ) AS person GROUP BY 1, 2 ORDER BY 1, 2
        """  # noqa: S608
    return _rows(ServedPart, sql, _fact_parameters(at, starts_on, ends_on))


class Late(NamedTuple):
    """What moved in a period though it belongs to an earlier one (`bucket`), by indicator and network."""

    indicator_id: int
    bucket: int
    network_id: int
    added: int
    withdrawn: int


def late(at: AsOf, *, scope: int | None, starts: Sequence[date], starts_on: date, ends_on: date) -> list[Late]:
    """Return the net movements booked in the period for days before it, in one scope.

    An entry that only changed its evidence is withdrawn and added again: it nets to nothing and is left out.
    """
    if not at.id or scope is None:
        return []
    return _rows(
        Late,
        """
        SELECT indicator_id, bucket, network_id, sum(added)::bigint AS added, sum(withdrawn)::bigint AS withdrawn
        FROM (
            SELECT entry.indicator_id, width_bucket(entry.achieved_on, %(starts)s::date[]) AS bucket, fact.network_id,
                   entry.quantity AS added, 0 AS withdrawn
            FROM reporting_resultentry AS entry JOIN reporting_validatedfact AS fact ON fact.id = entry.fact_id
            WHERE entry.scope_id = %(scope)s AND entry.posted_in_id <= %(posting)s
              AND entry.booked_on BETWEEN %(starts_on)s AND %(ends_on)s AND entry.achieved_on < %(starts_on)s
            UNION ALL
            SELECT entry.indicator_id, width_bucket(entry.achieved_on, %(starts)s::date[]), fact.network_id,
                   0, entry.quantity
            FROM reporting_resultentry AS entry JOIN reporting_validatedfact AS fact ON fact.id = entry.fact_id
            WHERE entry.scope_id = %(scope)s AND entry.reversed_in_id <= %(posting)s
              AND entry.reversal_booked_on BETWEEN %(starts_on)s AND %(ends_on)s
              AND entry.achieved_on < %(starts_on)s
        ) AS movement
        GROUP BY 1, 2, 3
        HAVING sum(added) <> sum(withdrawn)
        ORDER BY 1, 2, 3
        """,
        {"starts": list(starts), "scope": scope, "posting": at.id, "starts_on": starts_on, "ends_on": ends_on},
    )


def moved_since(at: AsOf, *, until: date) -> bool:
    """Return whether later postings moved anything booked by `until`: then a report as of this one is out of date."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT EXISTS (
                SELECT 1 FROM reporting_posting AS posting
                JOIN reporting_resultentry AS entry ON entry.posted_in_id = posting.id
                WHERE posting.programme_id = %(programme)s AND posting.number > %(number)s AND entry.booked_on <= %(until)s
            ) OR EXISTS (
                SELECT 1 FROM reporting_posting AS posting
                JOIN reporting_resultentry AS entry ON entry.reversed_in_id = posting.id
                WHERE posting.programme_id = %(programme)s AND posting.number > %(number)s
                  AND entry.reversal_booked_on <= %(until)s
            )
            """,
            {"programme": at.programme_id, "number": at.number, "until": until},
        )
        return bool(cursor.fetchone()[0])


_LIVE_FACT = """programme_id = %(programme)s AND posted_in_id <= %(posting)s
          AND (superseded_in_id IS NULL OR superseded_in_id > %(posting)s)
          AND first_on BETWEEN %(starts_on)s AND %(ends_on)s"""


def _fact_parameters(at: AsOf, starts_on: date, ends_on: date) -> dict[str, Any]:
    return {"programme": at.programme_id, "posting": at.id, "starts_on": starts_on, "ends_on": ends_on}


def _rows(kind: Any, sql: str, parameters: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [kind(*row) for row in cursor.fetchall()]
