# SPDX-License-Identifier: EUPL-1.2
"""The shapes that the rules of the indicators share: each unit, each unit once, and a unit once it passed a threshold.

The earliest fact of a unit is the minimum of one packed integer, `(day << 40) | fact id`, first by activity and then by
scope: no window is sorted over a million rows, and ties go to the smallest id. Only here is the order decided.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reporting.enums import FactKind, UnitKind
from reporting.ledger.definitions import Rule

_ID_BITS = 40
_ID_MASK = (1 << _ID_BITS) - 1
_EPOCH = "DATE '1970-01-01'"


@dataclass(frozen=True)
class Facts:
    """Where a rule reads: a relation of facts, and one in which a fact is found again by its id.

    The second must be tables with a primary key: the way back costs one lookup for each entry. `alone` says that the facts are of one report: each unit then has one fact, nobody
    asks for sex and age, and there is no way back at all.
    """

    relation: str
    by_id: str = "reporting_validatedfact"
    alone: bool = False


def values(rows: Sequence[tuple[Any, ...]], names: str) -> str:
    """Return rows of ids (and of our own enum values) as a relation named `rule`."""
    text = ", ".join("(" + ", ".join(str(v) if isinstance(v, int) else f"'{v}'" for v in row) + ")" for row in rows)
    return f"(VALUES {text}) AS rule ({names})"


def type_columns(rule: Rule) -> tuple[str, str, list[tuple[Any, ...]]]:
    return (
        "activity_type_id",
        "fact.activity_type_id = rule.activity_type_id",
        [(t,) for t in sorted(rule.activity_types)],
    )


def person_columns(grouped: bool) -> Any:
    def columns(rule: Rule) -> tuple[str, str, list[tuple[Any, ...]]]:
        return (
            "target_group_id, activity_type_id",
            "fact.activity_type_id = rule.activity_type_id AND fact.target_group_id = rule.target_group_id",
            sorted(rule.groups or ()),
        )

    return columns if grouped else type_columns


def body_columns(by_kind: bool) -> Any:
    def columns(rule: Rule) -> tuple[str, str, list[tuple[Any, ...]]]:
        return (
            "activity_type_id, organisation_kind",
            "fact.activity_type_id = rule.activity_type_id AND fact.organisation_kind = rule.organisation_kind",
            [(t, k) for t in sorted(rule.activity_types) for k in sorted(rule.organisation_kinds or ())],
        )

    return columns if by_kind else type_columns


def each_unit(rules: Sequence[Rule], facts: Facts, kind: str, unit_kind: str, quantity: str) -> list[str]:
    """Every unit has one fact; were it in two (moved between periods under correction), the earliest counts."""
    rows = [(rule.indicator_id, type_id) for rule in rules for type_id in sorted(rule.activity_types)]
    if not rows:
        return []
    match = "fact.activity_type_id = rule.activity_type_id"
    relation = values(rows, "indicator_id, activity_type_id")
    condition = f"fact.kind = '{kind}'"
    if kind == FactKind.MEDIATION:  # from several registers
        condition += f" AND fact.unit_kind = '{unit_kind}'"
    return [earliest(facts, relation, match, unit_kind, "fact.unit_id", condition, quantity)]


def units_once(
    rules: Sequence[Rule],
    facts: Facts,
    *,
    unit_kind: str,
    unit: str,
    condition: str,
    columns: Any,
    threshold_condition: str = "",
) -> list[str]:
    """Units that count once: those earned by one fact, and those earned by several facts together."""
    selects = []
    simple = [(rule.indicator_id, *row) for rule in rules if not rule.has_threshold for row in columns(rule)[2]]
    summed = [
        (rule.indicator_id, rule.minimum_meetings, rule.minimum_minutes, *row)
        for rule in rules
        if rule.has_threshold
        for row in columns(rule)[2]
    ]
    if simple:
        names, match, _rows = columns(rules[0])
        relation = values(simple, f"indicator_id, {names}")
        selects.append(earliest(facts, relation, match, unit_kind, unit, condition, "1"))
    if summed:
        names, match, _rows = columns(rules[0])
        relation = values(summed, f"indicator_id, minimum_meetings, minimum_minutes, {names}")
        selects.append(_crossing(facts, relation, match, unit_kind, unit, threshold_condition or condition))
    return selects


def _pack(day: str) -> str:
    return f"((({day}) - {_EPOCH})::bigint << {_ID_BITS}) | fact.id"


def _unpacked(facts: Facts, first: str, unit_kind: str, quantity: str) -> str:
    """Unpack the day and the fact, and read the quantity, sex and age band that the fact has."""
    head = f"""
    SELECT first.indicator_id, first.scope_id, '{unit_kind}' AS unit_kind, first.unit_id,
           {_EPOCH} + (first.packed >> {_ID_BITS})::int AS achieved_on, ({quantity})::bigint AS quantity,"""
    if facts.alone and quantity == "1":
        return f"""{head}
           '' AS sex, '' AS age_band, first.packed & {_ID_MASK} AS fact_id
      FROM ({first}) AS first"""
    person = unit_kind == UnitKind.PERSON
    sex, age_band = ("fact.sex", "fact.age_band") if person else ("''", "''")
    not_zero = "" if quantity == "1" else f"\n     WHERE {quantity} <> 0"
    return f"""{head}
           {sex} AS sex, {age_band} AS age_band, fact.id AS fact_id
      FROM ({first}) AS first
      JOIN {facts.by_id} AS fact ON fact.id = (first.packed & {_ID_MASK}){not_zero}"""


def earliest(facts: Facts, relation: str, match: str, unit_kind: str, unit: str, condition: str, quantity: str) -> str:
    """The earliest earning fact of each unit in each scope: by activity first, which shrinks the work of the scopes."""
    if facts.alone and quantity != "1":
        return f"""
    SELECT rule.indicator_id, placement.scope_id, '{unit_kind}' AS unit_kind, {unit} AS unit_id,
           fact.first_on AS achieved_on, ({quantity})::bigint AS quantity, '' AS sex, '' AS age_band, fact.id AS fact_id
      FROM {facts.relation} AS fact
      JOIN {relation} ON {match}
      JOIN placement ON placement.activity_id = fact.activity_id
     WHERE {condition} AND {quantity} <> 0"""
    first = f"""
        SELECT earned.indicator_id, placement.scope_id, earned.unit_id, min(earned.packed) AS packed
          FROM (
            SELECT rule.indicator_id, fact.activity_id, {unit} AS unit_id, min({_pack("fact.first_on")}) AS packed
              FROM {facts.relation} AS fact
              JOIN {relation} ON {match}
             WHERE {condition}
             GROUP BY 1, 2, 3
          ) AS earned
          JOIN placement ON placement.activity_id = earned.activity_id
         GROUP BY 1, 2, 3
    """
    return _unpacked(facts, first, unit_kind, quantity)


def _crossing(facts: Facts, relation: str, match: str, unit_kind: str, unit: str, condition: str) -> str:
    """The fact with which a unit passes the thresholds of a scope, summing in the order (last day, fact id)."""
    first = f"""
        SELECT indicator_id, scope_id, unit_id, min(packed) AS packed
          FROM (
            SELECT rule.indicator_id, placement.scope_id, {unit} AS unit_id, {_pack("fact.last_on")} AS packed,
                   rule.minimum_meetings, rule.minimum_minutes,
                   sum(fact.meetings) OVER running AS meetings, sum(fact.minutes) OVER running AS minutes
              FROM {facts.relation} AS fact
              JOIN {relation} ON {match}
              JOIN placement ON placement.activity_id = fact.activity_id
             WHERE {condition}
            WINDOW running AS (
                PARTITION BY rule.indicator_id, placement.scope_id, {unit} ORDER BY fact.last_on, fact.id
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
          ) AS summed
         WHERE meetings >= minimum_meetings AND minutes >= minimum_minutes
         GROUP BY 1, 2, 3
    """
    return _unpacked(facts, first, unit_kind, "1")
