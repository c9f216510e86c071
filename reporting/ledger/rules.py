# SPDX-License-Identifier: EUPL-1.2
"""The rules of the indicators: which unit counts, where, since when and for how much.

Each measure is one function that returns one SELECT over facts; together they are the *desired* set of ledger
entries. Rules read facts and the programme's definition, never registers.

What several of them do alike is in `reporting.ledger.shapes`.
"""

from collections.abc import Sequence

from actions.enums import DeskCounter, Measure, ServiceChangeKind
from reporting.enums import FactKind, UnitKind
from reporting.ledger.definitions import Rule
from reporting.ledger.outcomes import NOT_OUTCOMES, positive_outcomes
from reporting.ledger.shapes import (
    Facts,
    body_columns,
    each_unit,
    earliest,
    person_columns,
    type_columns,
    units_once,
    values,
)

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


# --- one function per measure --------------------------------------------------------------------------------------


def persons(rules: Sequence[Rule], facts: Facts) -> list[str]:
    """Each eligible person once, since the first presence, or since the thresholds of the rule were passed."""
    condition = f"fact.kind = '{FactKind.ATTENDANCE}' AND fact.eligible"
    return [
        sql
        for grouped in (False, True)
        for part in ([rule for rule in rules if (rule.groups is not None) is grouped],)
        for sql in units_once(
            part,
            facts,
            unit_kind=UnitKind.PERSON,
            unit="fact.unit_id",
            condition=condition,
            columns=person_columns(grouped),
        )
    ]


def organisations(rules: Sequence[Rule], facts: Facts) -> list[str]:
    """Each body once, since it was first at a meeting; only the kinds of body that the rule names, if it names any."""
    condition = f"fact.kind = '{FactKind.BODY_PRESENCE}'"
    return [
        sql
        for by_kind in (False, True)
        for part in ([rule for rule in rules if (rule.organisation_kinds is not None) is by_kind],)
        for sql in units_once(
            part,
            facts,
            unit_kind=UnitKind.ORGANISATION,
            unit="fact.unit_id",
            condition=condition,
            columns=body_columns(by_kind),
        )
    ]


def meetings(rules: Sequence[Rule], facts: Facts) -> list[str]:
    """Each meeting held."""
    return each_unit(rules, facts, FactKind.MEETING, UnitKind.MEETING, "1")


def hours(rules: Sequence[Rule], facts: Facts) -> list[str]:
    """The minutes of each meeting held and of each intervention of a support; pages show them as hours."""
    return [
        *each_unit(rules, facts, FactKind.MEETING, UnitKind.MEETING, "fact.minutes"),
        *each_unit(rules, facts, FactKind.INTERVENTION, UnitKind.INTERVENTION, "fact.minutes"),
    ]


def deliverables(rules: Sequence[Rule], facts: Facts) -> list[str]:
    """The quantity of each product delivered."""
    return each_unit(rules, facts, FactKind.DELIVERABLE, UnitKind.DELIVERABLE, "fact.quantity")


def protocols(rules: Sequence[Rule], facts: Facts) -> list[str]:
    """Each protocol signed."""
    return each_unit(rules, facts, FactKind.PROTOCOL, UnitKind.DELIVERABLE, "1")


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
        for sql in units_once(
            [rule for rule in rules if rule.service == change],
            facts,
            unit_kind=UnitKind.SERVICE,
            unit="fact.unit_id",
            condition="fact.kind IN (" + ", ".join(f"'{kind}'" for kind in kinds) + ")",
            columns=type_columns,
        )
    ]


def campaigns(rules: Sequence[Rule], facts: Facts) -> list[str]:
    """Each content published."""
    return each_unit(rules, facts, FactKind.CAMPAIGN, UnitKind.CAMPAIGN, "1")


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
        for sql in each_unit(
            [rule for rule in rules if rule.counter == counter], facts, kind, UnitKind.CONTACT, quantity
        )
    ]


def mediation_hours(rules: Sequence[Rule], facts: Facts) -> list[str]:
    """The minutes of each session of mediation, of each meeting of a mediation activity, of each translation."""
    return [
        sql
        for kind, unit_kind in (*_SESSIONS, (FactKind.TRANSLATION, UnitKind.TRANSLATION))
        for sql in each_unit(rules, facts, kind, unit_kind, "fact.minutes")
    ]


def mediation_sessions(rules: Sequence[Rule], facts: Facts) -> list[str]:
    """Each session of mediation, presence, session of a consultation, meeting of a mediation activity."""
    return [sql for kind, unit_kind in _SESSIONS for sql in each_unit(rules, facts, kind, unit_kind, "1")]


def mediators(rules: Sequence[Rule], facts: Facts) -> list[str]:
    """Each mediator once, since the first validated work."""
    return each_unit(rules, facts, FactKind.MEDIATOR, UnitKind.MEDIATOR, "1")


def activities(rules: Sequence[Rule], facts: Facts) -> list[str]:
    """Each activity once, since its first fact that is not of persons: the meeting that they attended is one."""
    return units_once(
        rules,
        facts,
        unit_kind=UnitKind.ACTIVITY,
        unit="fact.activity_id",
        condition=f"fact.kind NOT IN ('{FactKind.ATTENDANCE}', '{FactKind.NETWORK}') AND {NOT_OUTCOMES}",
        threshold_condition=f"fact.kind = '{FactKind.MEETING}'",
        columns=type_columns,
    )


def networks(rules: Sequence[Rule], facts: Facts) -> list[str]:
    """Each network once, since its first fact, or since it first sat at a table of another network."""
    return units_once(
        rules,
        facts,
        unit_kind=UnitKind.NETWORK,
        unit=f"CASE WHEN fact.kind = '{FactKind.NETWORK}' THEN fact.unit_id ELSE fact.network_id END",
        condition=f"fact.kind <> '{FactKind.ATTENDANCE}' AND {NOT_OUTCOMES}",
        threshold_condition=f"fact.kind = '{FactKind.MEETING}'",
        columns=type_columns,
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
            earliest(facts, values(flow, names), match, UnitKind.MEASURE, "fact.unit_id", condition, "fact.quantity")
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
              JOIN {values(stock, names)} ON {match}
              JOIN placement ON placement.activity_id = fact.activity_id
             WHERE {condition}
             ORDER BY rule.indicator_id, placement.scope_id, fact.unit_id, fact.first_on, fact.id
          ) AS once
      ) AS measured
     WHERE quantity > highest"""
        )
    return selects


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
