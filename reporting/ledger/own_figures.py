# SPDX-License-Identifier: EUPL-1.2
"""The figures of one report by itself: the rules over what its registers show today, nothing written.

They say what the report proves, not what it will add: a person whom another body has already brought is in both
reports and counts once in the network.
"""

from dataclasses import dataclass

from django.db import connection

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
    SELECT DISTINCT activity_id, 0::bigint AS scope_id FROM fact
)"""


def figures_of_report(report_id: int, programme_id: int, *, submitted: bool = False) -> dict[int, int]:
    """Return indicator id to figure, from the live registers of the report or from its drafts (`submitted`)."""
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
            f"WITH RECURSIVE {SUBMITTED if submitted else REGISTERS}, {_FACT}, desired AS ({desired}) "
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
                   coalesce(sum(quantity) FILTER (WHERE kind = '{FactKind.DELIVERABLE}'), 0)::bigint,
                   count(*) FILTER (WHERE kind = '{FactKind.CAMPAIGN}')
              FROM fresh
            """,
            {"reports": [report_id]},
        )
        return Counts(*cursor.fetchone())
