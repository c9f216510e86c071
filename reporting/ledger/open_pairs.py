# SPDX-License-Identifier: EUPL-1.2
"""How many undecided pairs of records each figure of persons holds (ADR 21).

A figure holds a pair when each of its two records alone would count in that scope, and they count as one. Kept by
scope and indicator, as the totals are, so that pages read no fact for it. The caller holds the head of the ledger.
"""

from typing import Any

from django.db import connection

from actions.enums import Measure
from beneficiaries.enums import UNDECIDED
from reporting.enums import FactKind, UnitKind
from reporting.ledger.definitions import load_rules

_STATES = ", ".join(f"'{state.value}'" for state in UNDECIDED)
_SCOPES = "scope_id IN (SELECT id FROM reporting_countingscope WHERE programme_id = %(programme)s)"
_COUNT = f"""
INSERT INTO reporting_openpairtotal (scope_id, indicator_id, quantity)
WITH RECURSIVE ends AS (
    SELECT pair.id AS pair_id, side.number AS side, side.record AS id
      FROM beneficiaries_pair AS pair
      CROSS JOIN LATERAL (VALUES (1, pair.first_id), (2, pair.second_id)) AS side (number, record)
     WHERE pair.programme_id = %(programme)s AND pair.state IN ({_STATES})
     UNION ALL
    SELECT ends.pair_id, ends.side, record.merged_into_id
      FROM ends JOIN beneficiaries_beneficiary AS record ON record.id = ends.id
     WHERE record.merged_into_id IS NOT NULL
), root AS (
    SELECT ends.pair_id, ends.side, record.id, coalesce(record.counted_as_id, record.id) AS unit_id
      FROM ends JOIN beneficiaries_beneficiary AS record ON record.id = ends.id
     WHERE record.merged_into_id IS NULL
), twosome AS (
    -- Two pairs about the same two persons are one; so is a pair that merges have closed meanwhile.
    SELECT DISTINCT least(one.id, other.id) AS one, greatest(one.id, other.id) AS other, one.unit_id
      FROM root AS one JOIN root AS other ON other.pair_id = one.pair_id AND other.side = 2
     WHERE one.side = 1 AND one.id <> other.id AND one.unit_id = other.unit_id
), own AS (
    SELECT id AS root, id FROM root
     UNION
    SELECT own.root, joined.id FROM own JOIN beneficiaries_beneficiary AS joined ON joined.merged_into_id = own.id
), earned AS MATERIALIZED (
    -- Where each record of an undecided pair would count by itself.
    SELECT DISTINCT own.root, place.scope_id, fact.activity_type_id, fact.target_group_id
      FROM (SELECT DISTINCT unit_id FROM twosome) AS unit
      JOIN reporting_validatedfact AS fact
        ON fact.unit_kind = '{UnitKind.PERSON}' AND fact.unit_id = unit.unit_id AND fact.superseded_in_id IS NULL
      JOIN beneficiaries_enrolment AS enrolment ON enrolment.id = fact.source_id
      JOIN own ON own.id = enrolment.beneficiary_id
      JOIN reporting_activityscope AS place ON place.activity_id = fact.activity_id
     WHERE fact.kind = '{FactKind.ATTENDANCE}' AND fact.eligible
), counted AS (
    SELECT DISTINCT earned.root, earned.scope_id, rule.indicator_id
      FROM earned
      JOIN unnest(%(indicators)s::bigint[], %(types)s::bigint[], %(groups)s::bigint[])
           AS rule (indicator_id, activity_type_id, target_group_id)
        ON rule.activity_type_id = earned.activity_type_id
       AND (rule.target_group_id IS NULL OR rule.target_group_id = earned.target_group_id)
)
SELECT one.scope_id, one.indicator_id, count(*)
  FROM twosome
  JOIN counted AS one ON one.root = twosome.one
  JOIN counted AS other
    ON other.root = twosome.other AND other.scope_id = one.scope_id AND other.indicator_id = one.indicator_id
 WHERE EXISTS (
    SELECT 1 FROM reporting_resultentry AS entry
     WHERE entry.unit_kind = '{UnitKind.PERSON}' AND entry.unit_id = twosome.unit_id AND entry.reversed_in_id IS NULL
       AND entry.indicator_id = one.indicator_id AND entry.scope_id = one.scope_id)
 GROUP BY 1, 2
"""


def refresh_open_pairs(programme_id: int) -> None:
    """Count anew how many undecided pairs the figures of a programme hold. One query where there is none."""
    parameters: dict[str, Any] = {"programme": programme_id}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT EXISTS (SELECT 1 FROM beneficiaries_pair
                            WHERE programme_id = %(programme)s AND state IN ({_STATES})),
                   EXISTS (SELECT 1 FROM reporting_openpairtotal WHERE {_SCOPES})
            """,
            parameters,
        )
        undecided, kept = cursor.fetchone()
        if kept:
            cursor.execute(f"DELETE FROM reporting_openpairtotal WHERE {_SCOPES}", parameters)
        if undecided:
            cursor.execute(_COUNT, parameters | _rules(programme_id))


def _rules(programme_id: int) -> dict[str, Any]:
    """Return which types of activity, and which groups, earn each indicator that counts persons."""
    rows: list[tuple[int, int, int | None]] = []
    for rule in load_rules(programme_id):
        if rule.measure == Measure.PERSONS and rule.groups is None:
            rows += [(rule.indicator_id, kind, None) for kind in sorted(rule.activity_types)]
        elif rule.measure == Measure.PERSONS:
            rows += [(rule.indicator_id, kind, group) for group, kind in sorted(rule.groups or ())]
    return {name: [row[place] for row in rows] for place, name in enumerate(("indicators", "types", "groups"))}
