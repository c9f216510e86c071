# SPDX-License-Identifier: EUPL-1.2
"""Outcomes of supports: the facts that a report proves of them, and the persons that they make count.

A support has one outcome of each kind, the latest; a person has as many supports as activities. A person counts when
more than half of the own supports say yes, and of a tie the latest decides (domain reference, section 2.4). Better
Italian counts once it was attested: no failed attempt takes it away.
"""

from collections.abc import Sequence
from typing import Any

from actions.enums import Citizenship
from beneficiaries.enums import COUNTING_ELIGIBILITY, AgeBand, OutcomeState
from reporting.enums import FactKind, UnitKind
from reporting.ledger.definitions import OUTCOME_FACTS, Rule
from reporting.ledger.roles import in_role

# What somebody said of a support is never the sign that an activity took place.
NOT_OUTCOMES = "fact.kind NOT IN ({})".format(", ".join(f"'{kind.value}'" for kind in OUTCOME_FACTS))
# The quantity of a fact: yes, no, or an earlier word taken back.
YES, NO, TAKEN_BACK = 1, 0, -1

_AGE = "extract(year FROM age(told.started_on, person.birth_date))"
_COUNTING = ", ".join(f"'{value}'" for value in COUNTING_ELIGIBILITY)

# The last word of the period on each outcome of a support, beside the others of `reporting.ledger.registers`.
OUTCOMES = f"""SELECT place.programme_id, place.report_id, told.kind::text, place.activity_id, place.action_id,
           place.activity_type_id, place.network_id, place.organisation_id, '{UnitKind.PERSON}',
           coalesce(person.counted_as_id, person.id),
           date_trunc('month', told.collected_on)::date, told.collected_on, told.collected_on, 0, 0, told.says,
           person.sex::text,
           CASE WHEN {_AGE} < 18 THEN '{AgeBand.UNDER_18}' WHEN {_AGE} <= 60 THEN '{AgeBand.FROM_18_TO_60}'
                ELSE '{AgeBand.OVER_60}' END,
           person.eligibility IN ({_COUNTING})
               AND {_AGE} >= coalesce(target_group.minimum_age, 0) AND {_AGE} <= coalesce(target_group.maximum_age, 999)
               AND (target_group.citizenship <> '{Citizenship.THIRD_COUNTRY}' OR country.is_third_country),
           target_group.id, NULL::bigint, ''::text, ''::text, 'outcome', told.id
      FROM (
        SELECT DISTINCT ON (place.report_id, outcome.enrolment_id, outcome.kind)
               place.report_id, place.activity_id, support.person_id, support.started_on, outcome.id, outcome.kind,
               outcome.enrolment_id, outcome.collected_on,
               CASE outcome.state WHEN '{OutcomeState.POSITIVE}' THEN {YES}::bigint
                    WHEN '{OutcomeState.NEGATIVE}' THEN {NO} ELSE {TAKEN_BACK} END AS says
          FROM place
          JOIN beneficiaries_enrolment AS enrolment ON enrolment.activity_id = place.activity_id
          JOIN support ON support.id = enrolment.id
          JOIN beneficiaries_outcome AS outcome
            ON outcome.enrolment_id = enrolment.id AND outcome.collected_on BETWEEN place.starts_on AND place.ends_on
         ORDER BY place.report_id, outcome.enrolment_id, outcome.kind, outcome.id DESC
      ) AS told
      JOIN place ON place.report_id = told.report_id AND place.activity_id = told.activity_id
      JOIN beneficiaries_beneficiary AS person ON person.id = told.person_id
      JOIN partners_country AS country ON country.id = person.citizenship_id
      {in_role("told.enrolment_id")}"""


def positive_outcomes(rules: Sequence[Rule], facts: Any) -> list[str]:
    """Each eligible person once whose supports say yes, since the first that did."""
    selects = []
    for grouped in (False, True):
        for lasting in (False, True):
            rows = [
                (rule.indicator_id, rule.outcome, *row)
                for rule in rules
                if (rule.groups is not None) is grouped and (rule.outcome == FactKind.LANGUAGE) is lasting
                for row in (sorted(rule.groups or ()) if grouped else [(code,) for code in sorted(rule.activity_types)])
            ]
            if rows:
                selects.append(_select(rows, facts, grouped=grouped, lasting=lasting))
    return selects


def _select(rows: Sequence[tuple[Any, ...]], facts: Any, *, grouped: bool, lasting: bool) -> str:
    values = ", ".join("(" + ", ".join(str(v) if isinstance(v, int) else f"'{v}'" for v in row) + ")" for row in rows)
    group = "target_group_id, " if grouped else ""
    match = " AND fact.target_group_id = rule.target_group_id" if grouped else ""
    says_yes = (
        f"bool_or(quantity = {YES})"
        if lasting
        else f"""(count(*) FILTER (WHERE quantity = {YES}) * 2 > count(*)
                OR (count(*) FILTER (WHERE quantity = {YES}) * 2 = count(*)
                    AND (array_agg(quantity ORDER BY first_on DESC, id DESC))[1] = {YES}))"""
    )
    earned = facts.relation if facts.alone else facts.by_id
    return f"""
    SELECT counted.indicator_id, counted.scope_id, '{UnitKind.PERSON}' AS unit_kind, counted.unit_id,
           earned.first_on AS achieved_on, 1::bigint AS quantity, earned.sex, earned.age_band, earned.id AS fact_id
      FROM (
        SELECT indicator_id, scope_id, unit_id, (array_agg(id ORDER BY first_on, id) FILTER (WHERE quantity = {YES}))[1]
                   AS fact_id
          FROM (
            SELECT DISTINCT ON (rule.indicator_id, placement.scope_id, fact.unit_id, fact.activity_id)
                   rule.indicator_id, placement.scope_id, fact.unit_id, fact.activity_id, fact.id, fact.first_on,
                   fact.quantity
              FROM {facts.relation} AS fact
              JOIN (VALUES {values}) AS rule (indicator_id, outcome, {group}activity_type_id)
                ON fact.kind = rule.outcome AND fact.activity_type_id = rule.activity_type_id{match}
              JOIN placement ON placement.activity_id = fact.activity_id
             WHERE fact.eligible
             ORDER BY rule.indicator_id, placement.scope_id, fact.unit_id, fact.activity_id,
                      fact.first_on DESC, fact.id DESC
          ) AS word
         WHERE quantity <> {TAKEN_BACK}
         GROUP BY indicator_id, scope_id, unit_id
        HAVING {says_yes}
      ) AS counted
      JOIN {earned} AS earned ON earned.id = counted.fact_id"""
