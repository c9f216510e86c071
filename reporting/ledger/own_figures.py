# SPDX-License-Identifier: EUPL-1.2
"""The figures of one report by itself: the rules over what its registers show today, nothing written.

They say what the report proves, not what it will add: a person whom another body has already brought is in both
reports and counts once in the network.
"""

from dataclasses import dataclass

from django.db import connection

from actions.enums import Measure
from reporting.enums import FactKind
from reporting.ledger import rules as ledger_rules
from reporting.ledger.definitions import concerned, load_rules
from reporting.ledger.registers import COLUMNS, REGISTERS, SUBMITTED, VALIDATED


@dataclass(frozen=True)
class Counts:
    """Plain counts of a report's registers."""

    persons: int
    attendances: int
    meetings: int
    minutes: int
    bodies: int
    products: int
    contents: int


@dataclass(frozen=True)
class Figures:
    """The figures of a report by the id of the indicator, and its plain counts.

    `gross` holds the indicators that count persons: the sum over the activities, which counts twice who is in two.
    """

    indicators: dict[int, int]
    gross: dict[int, int]
    counts: Counts


# The whole report, as a place of the rules; its activities are places by their ids.
_WHOLE = 0
_FACT = f"""fact AS MATERIALIZED (
    SELECT row_number() OVER (ORDER BY kind, first_on, activity_id, unit_id, source_id) AS id, {COLUMNS} FROM fresh
), placement AS (
    SELECT DISTINCT activity_id, {_WHOLE}::bigint AS scope_id FROM fact{{places}}
)"""
_ACTIVITIES = f" UNION ALL SELECT DISTINCT activity_id, activity_id FROM fact WHERE kind = '{FactKind.ATTENDANCE}'"
_COUNTS = f"""
SELECT ARRAY[
       count(DISTINCT unit_id) FILTER (WHERE kind = '{FactKind.ATTENDANCE}'),
       coalesce(sum(meetings) FILTER (WHERE kind = '{FactKind.ATTENDANCE}'), 0)::bigint,
       count(*) FILTER (WHERE kind = '{FactKind.MEETING}'),
       coalesce(sum(minutes) FILTER (WHERE kind = '{FactKind.MEETING}'), 0)::bigint,
       count(DISTINCT unit_id) FILTER (WHERE kind = '{FactKind.BODY_PRESENCE}'),
       coalesce(sum(quantity) FILTER (WHERE kind IN ('{FactKind.DELIVERABLE}', '{FactKind.PROTOCOL}')), 0)::bigint,
       count(*) FILTER (WHERE kind = '{FactKind.CAMPAIGN}')]
  FROM fact
"""


def figures_of_report(report_id: int, programme_id: int, *, submitted: bool = False) -> Figures:
    """Return the figures of a report, from its live registers or from its drafts (`submitted`), read once for all."""
    rules = load_rules(programme_id)
    with connection.cursor() as cursor:
        if submitted:
            cursor.execute(
                "SELECT kind, array_agg(DISTINCT activity_type_id) FROM reporting_draftfact WHERE report_id = %s GROUP BY 1",
                [report_id],
            )
            rules = concerned(rules, dict(cursor.fetchall()))
        desired = ledger_rules.desired(rules, units="fact", activities="fact", networks="fact", alone=True)
        cursor.execute(
            f"""
            WITH RECURSIVE {SUBMITTED if submitted else REGISTERS}, {_FACT.format(places=_ACTIVITIES)},
                 desired AS ({desired})
            SELECT indicator_id, (sum(quantity) FILTER (WHERE scope_id = {_WHOLE}))::bigint,
                   (sum(quantity) FILTER (WHERE scope_id <> {_WHOLE}))::bigint, NULL
              FROM desired GROUP BY indicator_id
             UNION ALL
            SELECT NULL, NULL, NULL, ({_COUNTS})
             ORDER BY 1
            """,
            {"reports": [report_id]},
        )
        *rows, (*_none, counts) = cursor.fetchall()
    persons = {rule.indicator_id for rule in rules if rule.measure == Measure.PERSONS}
    return Figures(
        indicators={indicator: whole for indicator, whole, _parts, _counts in rows if whole is not None},
        gross={indicator: parts for indicator, _whole, parts, _counts in rows if indicator in persons and parts},
        counts=Counts(*counts),
    )


@dataclass(frozen=True)
class UnitLine:
    """One thing that a figure of a report counts, and for how much."""

    unit_kind: str
    unit_id: int
    quantity: int


@dataclass(frozen=True)
class Units:
    """A page of the things that a figure counts, how many they are in all, and the figure."""

    lines: list[UnitLine]
    count: int
    quantity: int


def units_of_figure(
    report_id: int, programme_id: int, indicator_id: int, *, source: str, offset: int = 0, limit: int = 50
) -> Units:
    """Return what a figure of a report counts; the figure is the sum of all its lines, whatever the page.

    `source` says where the facts are: `live` in the registers, `submitted` in the drafts, `validated` in the facts.
    """
    rules = [rule for rule in load_rules(programme_id) if rule.indicator_id == indicator_id]
    fresh = {"live": REGISTERS, "submitted": SUBMITTED, "validated": VALIDATED}[source]
    desired = ledger_rules.desired(rules, units="fact", activities="fact", networks="fact", alone=True)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH RECURSIVE {fresh}, {_FACT.format(places="")}, desired AS ({desired}), line AS (
                SELECT unit_kind, unit_id, sum(quantity)::bigint AS quantity FROM desired
                 WHERE indicator_id = %(indicator)s GROUP BY 1, 2
            )
            SELECT unit_kind, unit_id, quantity, (SELECT count(*) FROM line), (SELECT sum(quantity)::bigint FROM line)
              FROM line ORDER BY unit_kind, unit_id OFFSET %(offset)s LIMIT %(limit)s
            """,
            {"reports": [report_id], "indicator": indicator_id, "offset": offset, "limit": limit},
        )
        rows = cursor.fetchall()
    return Units([UnitLine(*row[:3]) for row in rows], rows[0][3] if rows else 0, rows[0][4] if rows else 0)
