# SPDX-License-Identifier: EUPL-1.2
"""The rules of the indicators: which unit counts, where, since when and for how much.

Each measure is one function that returns one SELECT over facts; together they are the *desired* set of ledger
entries. Rules read facts and the programme's definition, never registers.

The earliest fact of a unit is the minimum of one packed integer, `(day << 40) | fact id`, first by activity and then by
scope: no window is sorted over a million rows, and ties go to the smallest id. Only here is the order decided.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from actions.enums import DeskCounter, Measure, ServiceChangeKind
from reporting.enums import FactKind, UnitKind
from reporting.ledger.definitions import Rule
from reporting.ledger.outcomes import NOT_OUTCOMES, positive_outcomes

_ID_BITS = 40
_ID_MASK = (1 << _ID_BITS) - 1
_EPOCH = "DATE '1970-01-01'"

# The registers of mediation number their sessions each by itself. A body that mediates without requests keeps the
# meetings of its activity as those of any other.
_SESSIONS = (
    (FactKind.MEDIATION, UnitKind.SESSION),
    (FactKind.MEDIATION, UnitKind.PRESENCE),
    (FactKind.MEDIATION, UnitKind.CONSULTATION),
    (FactKind.MEETING, UnitKind.MEETING),
)

# What every rule yields, in this order.
DESIRED_COLUMNS = "indicator_id, scope_id, unit_kind, unit_id, achieved_on, quantity, sex, age_band, fact_id"


@dataclass(frozen=True)
class Facts:
    """Where a rule reads: a relation of facts, and one in which a fact is found again by its id.

    The second must be tables with a primary key: the way back costs one lookup for each entry. `alone` says that the facts are of one report: each unit then has one fact, nobody
    asks for sex and age, and there is no way back at all.
    """

    relation: str
    by_id: str = "reporting_validatedfact"
    alone: bool = False


# --- one function per measure --------------------------------------------------------------------------------------


def persons(rules: Sequence[Rule], facts: Facts) -> list[str]:
    """Each eligible person once, since the first presence, or since the thresholds of the rule were passed."""
    condition = f"fact.kind = '{FactKind.ATTENDANCE}' AND fact.eligible"
    return [
        sql
        for grouped in (False, True)
        for part in ([rule for rule in rules if (rule.groups is not None) is grouped],)
        for sql in _first(
            part,
            facts,
            unit_kind=UnitKind.PERSON,
            unit="fact.unit_id",
            condition=condition,
            columns=_person_columns(grouped),
        )
    ]


def organisations(rules: Sequence[Rule], facts: Facts) -> list[str]:
    """Each body once, since it was first at a meeting; only the kinds of body that the rule names, if it names any."""
    condition = f"fact.kind = '{FactKind.BODY_PRESENCE}'"
    return [
        sql
        for by_kind in (False, True)
        for part in ([rule for rule in rules if (rule.organisation_kinds is not None) is by_kind],)
        for sql in _first(
            part,
            facts,
            unit_kind=UnitKind.ORGANISATION,
            unit="fact.unit_id",
            condition=condition,
            columns=_body_columns(by_kind),
        )
    ]


def meetings(rules: Sequence[Rule], facts: Facts) -> list[str]:
    """Each meeting held."""
    return _each(rules, facts, FactKind.MEETING, UnitKind.MEETING, "1")


def hours(rules: Sequence[Rule], facts: Facts) -> list[str]:
    """The minutes of each meeting held and of each intervention of a support; pages show them as hours."""
    return [
        *_each(rules, facts, FactKind.MEETING, UnitKind.MEETING, "fact.minutes"),
        *_each(rules, facts, FactKind.INTERVENTION, UnitKind.INTERVENTION, "fact.minutes"),
    ]


def deliverables(rules: Sequence[Rule], facts: Facts) -> list[str]:
    """The quantity of each product delivered."""
    return _each(rules, facts, FactKind.DELIVERABLE, UnitKind.DELIVERABLE, "fact.quantity")


def protocols(rules: Sequence[Rule], facts: Facts) -> list[str]:
    """Each protocol signed."""
    return _each(rules, facts, FactKind.PROTOCOL, UnitKind.DELIVERABLE, "1")


# What a rule may ask of a service: that it is new, that it was strengthened, or either.
_SERVICES = {
    "": (FactKind.NEW_SERVICE, FactKind.SERVICE),
    ServiceChangeKind.NEW: (FactKind.NEW_SERVICE,),
    ServiceChangeKind.STRENGTHENED: (FactKind.SERVICE,),
}


def services(rules: Sequence[Rule], facts: Facts) -> list[str]:
    """Each service once, since it was opened or first strengthened; only what the rule names, if it names one."""
    return [
        sql
        for change, kinds in _SERVICES.items()
        for sql in _first(
            [rule for rule in rules if rule.service == change],
            facts,
            unit_kind=UnitKind.SERVICE,
            unit="fact.unit_id",
            condition="fact.kind IN (" + ", ".join(f"'{kind}'" for kind in kinds) + ")",
            columns=_type_columns,
        )
    ]


def campaigns(rules: Sequence[Rule], facts: Facts) -> list[str]:
    """Each content published."""
    return _each(rules, facts, FactKind.CAMPAIGN, UnitKind.CAMPAIGN, "1")


# What each counter of a desk reads: a contact, whether it was the first, the services given in it.
_COUNTERS = {
    DeskCounter.CONTACTS: (FactKind.DESK_CONTACT, "1"),
    DeskCounter.FIRST_ACCESSES: (FactKind.FIRST_CONTACT, "1"),
    DeskCounter.SERVICES: (FactKind.DESK_CONTACT, "fact.quantity"),
}


def desk_contacts(rules: Sequence[Rule], facts: Facts) -> list[str]:
    """Contacts of desks, first accesses, or services given, as the rule says: never added, and never persons."""
    return [
        sql
        for counter, (kind, quantity) in _COUNTERS.items()
        for sql in _each([rule for rule in rules if rule.counter == counter], facts, kind, UnitKind.CONTACT, quantity)
    ]


def mediation_hours(rules: Sequence[Rule], facts: Facts) -> list[str]:
    """The minutes of each session of mediation, of each meeting of a mediation activity, of each translation."""
    return [
        sql
        for kind, unit_kind in (*_SESSIONS, (FactKind.TRANSLATION, UnitKind.TRANSLATION))
        for sql in _each(rules, facts, kind, unit_kind, "fact.minutes")
    ]


def mediation_sessions(rules: Sequence[Rule], facts: Facts) -> list[str]:
    """Each session of mediation, presence, session of a consultation, meeting of a mediation activity."""
    return [sql for kind, unit_kind in _SESSIONS for sql in _each(rules, facts, kind, unit_kind, "1")]


def mediators(rules: Sequence[Rule], facts: Facts) -> list[str]:
    """Each mediator once, since the first validated work."""
    return _each(rules, facts, FactKind.MEDIATOR, UnitKind.MEDIATOR, "1")


def activities(rules: Sequence[Rule], facts: Facts) -> list[str]:
    """Each activity once, since its first fact that is not of persons: the meeting that they attended is one."""
    return _first(
        rules,
        facts,
        unit_kind=UnitKind.ACTIVITY,
        unit="fact.activity_id",
        condition=f"fact.kind NOT IN ('{FactKind.ATTENDANCE}', '{FactKind.NETWORK}') AND {NOT_OUTCOMES}",
        threshold_condition=f"fact.kind = '{FactKind.MEETING}'",
        columns=_type_columns,
    )


def networks(rules: Sequence[Rule], facts: Facts) -> list[str]:
    """Each network once, since its first fact, or since it first sat at a table of another network."""
    return _first(
        rules,
        facts,
        unit_kind=UnitKind.NETWORK,
        unit=f"CASE WHEN fact.kind = '{FactKind.NETWORK}' THEN fact.unit_id ELSE fact.network_id END",
        condition=f"fact.kind <> '{FactKind.ATTENDANCE}' AND {NOT_OUTCOMES}",
        threshold_condition=f"fact.kind = '{FactKind.MEETING}'",
        columns=_type_columns,
    )


def reach(rules: Sequence[Rule], facts: Facts) -> list[str]:
    """Contacts: each measure of a flow counts its value, of a stock only its rise over the highest so far.

    The highest is kept for each channel and audience, so twelve issues to 2,000 subscribers are 2,000.
    """
    flow = [
        (rule.indicator_id, type_id, channel)
        for rule in rules
        for type_id in sorted(rule.activity_types)
        for channel in sorted(rule.flow_channels)
    ]
    stock = [
        (rule.indicator_id, type_id, channel)
        for rule in rules
        for type_id in sorted(rule.activity_types)
        for channel in sorted(rule.stock_channels)
    ]
    selects = []
    names = "indicator_id, activity_type_id, channel_id"
    match = "fact.activity_type_id = rule.activity_type_id AND fact.channel_id = rule.channel_id"
    condition = f"fact.kind = '{FactKind.REACH}'"
    if flow:
        selects.append(
            _earliest(facts, _values(flow, names), match, UnitKind.MEASURE, "fact.unit_id", condition, "fact.quantity")
        )
    if stock:
        selects.append(
            f"""
    SELECT indicator_id, scope_id, '{UnitKind.MEASURE}' AS unit_kind, unit_id, first_on AS achieved_on,
           quantity - highest AS quantity, '' AS sex, '' AS age_band, id AS fact_id
      FROM (
        SELECT once.*, coalesce(max(quantity) OVER (
                   PARTITION BY indicator_id, scope_id, channel_id, audience ORDER BY first_on, id
                   ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS highest
          FROM (
            SELECT DISTINCT ON (rule.indicator_id, placement.scope_id, fact.unit_id)
                   rule.indicator_id, placement.scope_id, fact.unit_id, fact.first_on, fact.id, fact.quantity,
                   fact.channel_id, fact.audience
              FROM {facts.relation} AS fact
              JOIN {_values(stock, names)} ON {match}
              JOIN placement ON placement.activity_id = fact.activity_id
             WHERE {condition}
             ORDER BY rule.indicator_id, placement.scope_id, fact.unit_id, fact.first_on, fact.id
          ) AS once
      ) AS measured
     WHERE quantity > highest"""
        )
    return selects


# --- the shapes they share -----------------------------------------------------------------------------------------


def _values(rows: Sequence[tuple[Any, ...]], names: str) -> str:
    """Return rows of ids (and of our own enum values) as a relation named `rule`."""
    text = ", ".join("(" + ", ".join(str(v) if isinstance(v, int) else f"'{v}'" for v in row) + ")" for row in rows)
    return f"(VALUES {text}) AS rule ({names})"


def _type_columns(rule: Rule) -> tuple[str, str, list[tuple[Any, ...]]]:
    return (
        "activity_type_id",
        "fact.activity_type_id = rule.activity_type_id",
        [(t,) for t in sorted(rule.activity_types)],
    )


def _person_columns(grouped: bool) -> Any:
    def columns(rule: Rule) -> tuple[str, str, list[tuple[Any, ...]]]:
        return (
            "target_group_id, activity_type_id",
            "fact.activity_type_id = rule.activity_type_id AND fact.target_group_id = rule.target_group_id",
            sorted(rule.groups or ()),
        )

    return columns if grouped else _type_columns


def _body_columns(by_kind: bool) -> Any:
    def columns(rule: Rule) -> tuple[str, str, list[tuple[Any, ...]]]:
        return (
            "activity_type_id, organisation_kind",
            "fact.activity_type_id = rule.activity_type_id AND fact.organisation_kind = rule.organisation_kind",
            [(t, k) for t in sorted(rule.activity_types) for k in sorted(rule.organisation_kinds or ())],
        )

    return columns if by_kind else _type_columns


def _each(rules: Sequence[Rule], facts: Facts, kind: str, unit_kind: str, quantity: str) -> list[str]:
    """Every unit has one fact; were it in two (moved between periods under correction), the earliest counts."""
    rows = [(rule.indicator_id, type_id) for rule in rules for type_id in sorted(rule.activity_types)]
    if not rows:
        return []
    match = "fact.activity_type_id = rule.activity_type_id"
    relation = _values(rows, "indicator_id, activity_type_id")
    condition = f"fact.kind = '{kind}'"
    if kind == FactKind.MEDIATION:  # from several registers
        condition += f" AND fact.unit_kind = '{unit_kind}'"
    return [_earliest(facts, relation, match, unit_kind, "fact.unit_id", condition, quantity)]


def _first(
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
        relation = _values(simple, f"indicator_id, {names}")
        selects.append(_earliest(facts, relation, match, unit_kind, unit, condition, "1"))
    if summed:
        names, match, _rows = columns(rules[0])
        relation = _values(summed, f"indicator_id, minimum_meetings, minimum_minutes, {names}")
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


def _earliest(facts: Facts, relation: str, match: str, unit_kind: str, unit: str, condition: str, quantity: str) -> str:
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


MEASURES = {
    Measure.PERSONS: persons,
    Measure.ORGANISATIONS: organisations,
    Measure.MEETINGS: meetings,
    Measure.HOURS: hours,
    Measure.DELIVERABLES: deliverables,
    Measure.PROTOCOLS: protocols,
    Measure.SERVICES: services,
    Measure.CAMPAIGNS: campaigns,
    Measure.REACH: reach,
    Measure.ACTIVITIES: activities,
    Measure.NETWORKS: networks,
    Measure.MEDIATION_HOURS: mediation_hours,
    Measure.MEDIATION_SESSIONS: mediation_sessions,
    Measure.MEDIATORS: mediators,
    Measure.DESK_CONTACTS: desk_contacts,
    Measure.POSITIVE_OUTCOMES: positive_outcomes,
}

_NOTHING = """
    SELECT NULL::bigint AS indicator_id, NULL::bigint AS scope_id, '' AS unit_kind, NULL::bigint AS unit_id,
           NULL::date AS achieved_on, NULL::bigint AS quantity, '' AS sex, '' AS age_band, NULL::bigint AS fact_id
     WHERE false"""


def desired(
    rules: Sequence[Rule],
    *,
    units: str = "unit_fact",
    activities: str = "activity_fact",
    networks: str = "network_fact",
    by_id: str = "reporting_validatedfact",
    alone: bool = False,
) -> str:
    """Return the SELECT of the desired entries.

    It reads the relation `placement (activity_id, scope_id)` and the relations of facts named here: the units that
    are activities or networks are traced through all the facts that they own, so they have relations of their own.
    """
    relations = {Measure.ACTIVITIES: activities, Measure.NETWORKS: networks}
    selects = [
        sql
        for measure, function in MEASURES.items()
        for sql in function(
            [rule for rule in rules if rule.measure == measure],
            Facts(relations.get(measure, units), by_id=by_id, alone=alone),
        )
    ]
    return "\n    UNION ALL".join(selects) if selects else _NOTHING
