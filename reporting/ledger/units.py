# SPDX-License-Identifier: EUPL-1.2
"""Which facts and units a computation looks at: the whole programme, or the units that some facts touch.

`Touched` names units by kind. The relations of facts that the rules read (`unit_fact`, `activity_fact`,
`network_fact`) are built here, over live facts alone or with the drafts of submitted reports.
"""

from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from reporting.enums import ActivityReportState, FactKind, ReopenScope, UnitKind
from reporting.ledger.registers import COLUMNS

# Draft facts are numbered from here on (migration 0002), so that one id never means two facts, and a draft comes after
# the validated fact of the same day.
FIRST_DRAFT_ID = 1 << 39

_ALL_COLUMNS = f"id, {COLUMNS}"


@dataclass(frozen=True)
class Touched:
    """Units by kind. Activities and networks are units too: those of every fact touched.

    `types` holds the activity types of the facts by the kind of fact: no rule that reads others can move.
    """

    ids: dict[str, list[int]] = field(default_factory=dict)
    types: dict[str, list[int]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.ids)

    def parameters(self) -> dict[str, Any]:
        """Return the parameters that the SQL of this module names."""
        pairs = [(kind, unit) for kind, units in sorted(self.ids.items()) for unit in units]
        return {
            "touched_kinds": [kind for kind, _unit in pairs],
            "touched_ids": [unit for _kind, unit in pairs],
            "touched_activities": self.ids.get(UnitKind.ACTIVITY, []),
            "touched_networks": self.ids.get(UnitKind.NETWORK, []),
        }


# A new measure changes the rises of every other measure of the same channel and audience.
_TOUCHED = f"""
WITH %(items)sfact AS (%(source)s), unit AS (
    SELECT unit_kind::text, unit_id FROM fact
     UNION
    SELECT '{UnitKind.ACTIVITY}', activity_id FROM fact
     UNION
    SELECT '{UnitKind.NETWORK}', network_id FROM fact
     UNION
    SELECT '{UnitKind.MEASURE}', other.unit_id
      FROM (SELECT DISTINCT programme_id, channel_id, audience FROM fact WHERE kind = '{FactKind.REACH}') AS measured
      JOIN (SELECT unit_kind, unit_id, programme_id, channel_id, audience, kind FROM reporting_validatedfact
             WHERE superseded_in_id IS NULL AND unit_kind = '{UnitKind.MEASURE}'
             UNION ALL
            SELECT unit_kind, unit_id, programme_id, channel_id, audience, kind FROM reporting_draftfact
             WHERE unit_kind = '{UnitKind.MEASURE}') AS other
        ON other.programme_id = measured.programme_id AND other.channel_id = measured.channel_id
       AND other.audience = measured.audience
)
SELECT 'unit', unit_kind, array_agg(unit_id) FROM unit GROUP BY unit_kind
 UNION ALL
SELECT 'fact', kind, array_agg(DISTINCT activity_type_id) FROM fact GROUP BY kind
"""


def touched_by(source: str, parameters: dict[str, Any], *, items: str = "") -> Touched:
    """Return the units of the facts of a SELECT; `items` are the WITH items that it needs, each with its comma."""
    with connection.cursor() as cursor:
        cursor.execute(_TOUCHED.replace("%(items)s", items).replace("%(source)s", source), parameters)
        rows = cursor.fetchall()
    return Touched(
        ids={kind: ids for what, kind, ids in rows if what == "unit"},
        types={kind: ids for what, kind, ids in rows if what == "fact"},
    )


def touched_by_posting(posting_id: int) -> Touched:
    """Return the units of the facts that a posting added or superseded."""
    return touched_by(
        f"SELECT {COLUMNS} FROM reporting_validatedfact WHERE posted_in_id = %(posting)s "
        f"UNION ALL SELECT {COLUMNS} FROM reporting_validatedfact WHERE superseded_in_id = %(posting)s",
        {"posting": posting_id},
    )


def touched_by_report(report_id: int) -> Touched:
    """Return the units of the draft and of the live facts of a report."""
    return touched_by(
        f"SELECT {COLUMNS} FROM reporting_draftfact WHERE report_id = %(report)s "
        f"UNION ALL SELECT {COLUMNS} FROM reporting_validatedfact "
        "WHERE report_id = %(report)s AND superseded_in_id IS NULL",
        {"report": report_id},
    )


# Validated and draft facts together, to find one by its id.
ANY_FACT = "any_fact"

# --- the relations that the rules read -----------------------------------------------------------------------------

_LIVE = "SELECT {columns} FROM reporting_validatedfact AS fact WHERE programme_id = %(programme)s AND superseded_in_id IS NULL"
_DRAFTS = "SELECT {columns} FROM reporting_draftfact AS fact WHERE programme_id = %(programme)s"
# One lookup for each touched unit. The OFFSET keeps the planner from reading the whole table instead: it knows nothing
# of rows that this transaction has just written.
_EACH_TOUCHED = """SELECT found.* FROM unnest(%(touched_kinds)s::text[], %(touched_ids)s::bigint[])
        AS touched (touched_kind, touched_id)
        CROSS JOIN LATERAL (
            {select} AND fact.unit_kind = touched_kind AND fact.unit_id = touched_id OFFSET 0
        ) AS found"""
# The facts of a network: its own, and where it sat at a table of another one.
OF_NETWORKS = (
    f"(network_id = ANY(%(touched_networks)s) AND unit_kind <> '{UnitKind.NETWORK}'"
    f" OR unit_kind = '{UnitKind.NETWORK}' AND unit_id = ANY(%(touched_networks)s))"
)
_NOT_ATTENDANCE = f" AND kind <> '{FactKind.ATTENDANCE}'"


def relations(*, touched: bool, drafts: bool = False, without_report: bool = False) -> str:
    """Return the WITH items that the rules read.

    `touched` keeps to the units of a `Touched` (its parameters must be given). With `drafts`, the drafts of submitted
    reports stand in for the earlier facts of those reports; `without_report` leaves out the drafts of one report.
    """
    inline = "MATERIALIZED" if touched else "NOT MATERIALIZED"
    conditions = {
        "unit_fact": "",
        "activity_fact": f"{_NOT_ATTENDANCE} AND activity_id = ANY(%(touched_activities)s)" if touched else "",
        "network_fact": f"{_NOT_ATTENDANCE} AND {OF_NETWORKS}" if touched else "",
    }
    items = []
    for name, condition in conditions.items():
        selects = [select + condition for select in _selects(drafts=drafts, without_report=without_report)]
        if touched and name == "unit_fact":
            selects = [_EACH_TOUCHED.format(select=select) for select in selects]
        items.append(f"{name} AS {inline} (\n    " + "\n    UNION ALL\n    ".join(selects) + "\n)")
    items.append("placement AS NOT MATERIALIZED (SELECT activity_id, scope_id FROM reporting_activityscope)")
    if drafts:
        items.append(
            f"{ANY_FACT} AS NOT MATERIALIZED (\n    SELECT {_ALL_COLUMNS} FROM reporting_validatedfact\n"
            f"    UNION ALL\n    SELECT {_ALL_COLUMNS} FROM reporting_draftfact\n)"
        )
    return ",\n".join(items)


def _selects(*, drafts: bool, without_report: bool) -> list[str]:
    """Return the SELECTs whose union are the facts to count, each ending in a WHERE that can go on."""
    live, draft = (text.format(columns=_ALL_COLUMNS) for text in (_LIVE, _DRAFTS))
    if not drafts:
        return [live]
    one = " AND {column} <> %(report)s" if without_report else ""
    submitted = (
        "SELECT id FROM reporting_activityreport "
        f"WHERE programme_id = %(programme)s AND state = '{ActivityReportState.SUBMITTED}'"
        # Words alone are submitted without drafts: the validated facts go on counting.
        f" AND reopened_for <> '{ReopenScope.TEXT}'" + one.format(column="id")
    )
    # The facts of mediation belong to no report: no draft stands in for them.
    kept = f"(report_id IS NULL OR report_id NOT IN ({submitted}))"
    return [f"{live} AND {kept}", draft + one.format(column="report_id")]
