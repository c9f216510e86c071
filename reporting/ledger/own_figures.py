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
from reporting.ledger.facts import COLUMNS, REGISTERS, SUBMITTED


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


_FACT = f"""fact AS MATERIALIZED (
    SELECT row_number() OVER (ORDER BY kind, first_on, activity_id, unit_id, source_id) AS id, {COLUMNS} FROM fresh
), placement AS (
    SELECT DISTINCT activity_id, {{place}} AS scope_id FROM fact
)"""


def gross_of_report(report_id: int, programme_id: int, *, submitted: bool = False) -> dict[int, int]:
    """Return indicator id to the sum over the activities of the report, of indicators that count persons."""
    return figures_of_report(report_id, programme_id, submitted=submitted, by_activity=True)


def figures_of_report(
    report_id: int, programme_id: int, *, submitted: bool = False, by_activity: bool = False
) -> dict[int, int]:
    """Return indicator id to figure, from the live registers of the report or from its drafts (`submitted`).

    `by_activity` counts persons, and nothing else, once in each activity.
    """
    rules = [rule for rule in load_rules(programme_id) if not by_activity or rule.measure == Measure.PERSONS]
    with connection.cursor() as cursor:
        if submitted:
            cursor.execute(
                "SELECT kind, array_agg(DISTINCT activity_type_id) FROM reporting_draftfact WHERE report_id = %s GROUP BY 1",
                [report_id],
            )
            rules = concerned(rules, dict(cursor.fetchall()))
        fact = _FACT.format(place="activity_id" if by_activity else "0::bigint")
        desired = ledger_rules.desired(rules, units="fact", activities="fact", networks="fact", alone=True)
        cursor.execute(
            f"WITH RECURSIVE {SUBMITTED if submitted else REGISTERS}, {fact}, desired AS ({desired}) "
            "SELECT indicator_id, sum(quantity)::bigint FROM desired GROUP BY indicator_id ORDER BY indicator_id",
            {"reports": [report_id]},
        )
        return dict(cursor.fetchall())


def counts_of_report(report_id: int, *, submitted: bool = False) -> Counts:
    """Return the plain counts of what the live registers of the report prove, or its drafts (`submitted`)."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH RECURSIVE {SUBMITTED if submitted else REGISTERS}
            SELECT count(DISTINCT unit_id) FILTER (WHERE kind = '{FactKind.ATTENDANCE}'),
                   coalesce(sum(meetings) FILTER (WHERE kind = '{FactKind.ATTENDANCE}'), 0)::bigint,
                   count(*) FILTER (WHERE kind = '{FactKind.MEETING}'),
                   coalesce(sum(minutes) FILTER (WHERE kind = '{FactKind.MEETING}'), 0)::bigint,
                   count(DISTINCT unit_id) FILTER (WHERE kind = '{FactKind.BODY_PRESENCE}'),
                   coalesce(sum(quantity) FILTER (WHERE kind IN ('{FactKind.DELIVERABLE}', '{FactKind.PROTOCOL}')), 0)::bigint,
                   count(*) FILTER (WHERE kind = '{FactKind.CAMPAIGN}')
              FROM fresh
            """,
            {"reports": [report_id]},
        )
        return Counts(*cursor.fetchone())
