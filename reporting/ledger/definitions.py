# SPDX-License-Identifier: EUPL-1.2
"""The rules of a programme as its definition says them, with their codes turned into ids."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from actions.enums import COUNTED_METRICS, ActivityKind, DeskCounter, Measure, OutcomeKind, ReachMode
from reporting.enums import FactKind

# Whatever a rule leaves open, these count nothing outside the activity types of mediation.
MEDIATION_MEASURES = (Measure.MEDIATION_HOURS, Measure.MEDIATION_SESSIONS, Measure.MEDIATORS)


# The kinds of fact that say what a support brought.
OUTCOME_FACTS = tuple(FactKind(kind) for kind in OutcomeKind.values)
# The measures that count persons, by the group in which they are.
_OF_PERSONS = (Measure.PERSONS, Measure.POSITIVE_OUTCOMES)

# What kinds of fact each measure reads; the others trace their units through every fact but those of persons.
_READS: dict[str, set[FactKind]] = {
    Measure.PERSONS: {FactKind.ATTENDANCE},
    Measure.ORGANISATIONS: {FactKind.BODY_PRESENCE},
    Measure.MEETINGS: {FactKind.MEETING},
    Measure.HOURS: {FactKind.MEETING, FactKind.INTERVENTION},
    Measure.DELIVERABLES: {FactKind.DELIVERABLE},
    Measure.PROTOCOLS: {FactKind.PROTOCOL},
    Measure.SERVICES: {FactKind.NEW_SERVICE, FactKind.SERVICE},
    Measure.CAMPAIGNS: {FactKind.CAMPAIGN},
    Measure.REACH: {FactKind.REACH},
    Measure.MEDIATION_HOURS: {FactKind.MEDIATION, FactKind.MEETING, FactKind.TRANSLATION},
    Measure.MEDIATION_SESSIONS: {FactKind.MEDIATION, FactKind.MEETING},
    Measure.MEDIATORS: {FactKind.MEDIATOR},
    Measure.DESK_CONTACTS: {FactKind.DESK_CONTACT, FactKind.FIRST_CONTACT},
    Measure.POSITIVE_OUTCOMES: set(OUTCOME_FACTS),
}
_TRACED = set(FactKind) - {FactKind.ATTENDANCE, *OUTCOME_FACTS}


class UnknownCodeError(LookupError):
    """A rule names something that the programme does not have: the definition was loaded without its check."""


@dataclass(frozen=True)
class Rule:
    """An indicator's rule with its codes turned into ids. `None` means no condition.

    `groups` holds (target group, activity type) pairs: a group is earned only by the types that it names.
    """

    indicator_id: int
    measure: str
    activity_types: frozenset[int]
    groups: frozenset[tuple[int, int]] | None = None
    organisation_kinds: frozenset[str] | None = None
    flow_channels: frozenset[int] = frozenset()
    stock_channels: frozenset[int] = frozenset()
    minimum_minutes: int = 0
    minimum_meetings: int = 0
    # The kind of outcome that must be positive, for the measure of that name.
    outcome: str = ""
    # Whether only new services count, or only strengthened ones.
    service: str = ""
    # Which of the three counters of desks, for the measure of that name.
    counter: str = ""

    @property
    def has_threshold(self) -> bool:
        """Whether several facts together earn the unit."""
        return bool(self.minimum_minutes or self.minimum_meetings)


def concerned(rules: Sequence[Rule], types: Mapping[str, Iterable[int]]) -> list[Rule]:
    """Return the rules that read any fact of these activity types, given by kind of fact.

    The other rules want the same entries with those facts and without them.
    """
    return [
        rule
        for rule in rules
        if any(kind in _READS.get(rule.measure, _TRACED) and rule.activity_types & set(types[kind]) for kind in types)
    ]


# --- reading the definition ----------------------------------------------------------------------------------------

_DEFINITION = """
SELECT
    (SELECT coalesce(jsonb_agg(jsonb_build_object(
                'id', indicator.id, 'code', indicator.code, 'measure', indicator.measure, 'rule', indicator.rule,
                'action', action.code) ORDER BY indicator.id), '[]')
       FROM actions_indicator AS indicator LEFT JOIN actions_action AS action ON action.id = indicator.action_id
      WHERE indicator.programme_id = %(programme)s),
    (SELECT coalesce(jsonb_agg(jsonb_build_object(
                'id', activity_type.id, 'code', activity_type.code, 'kind', activity_type.kind,
                'action', action.code)), '[]')
       FROM actions_activitytype AS activity_type JOIN actions_action AS action ON action.id = activity_type.action_id
      WHERE activity_type.programme_id = %(programme)s),
    (SELECT coalesce(jsonb_agg(jsonb_build_object(
                'id', target_group.id, 'code', target_group.code, 'kinds', target_group.organisation_kinds,
                'earned_by', (SELECT coalesce(jsonb_agg(activitytype_id), '[]')
                                FROM actions_targetgroup_earned_by WHERE targetgroup_id = target_group.id))), '[]')
       FROM actions_targetgroup AS target_group WHERE target_group.programme_id = %(programme)s),
    (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'code', code, 'mode', mode, 'metric', metric)), '[]')
       FROM actions_reachchannel WHERE programme_id = %(programme)s),
    (SELECT coalesce(jsonb_agg(code), '[]') FROM actions_action WHERE programme_id = %(programme)s)
"""


def load_rules(programme_id: int) -> list[Rule]:
    """Return the rules of a programme, their codes resolved to ids (one query).

    Raises `UnknownCodeError` when a rule names a code that the programme does not have.
    """
    with connection.cursor() as cursor:
        cursor.execute(_DEFINITION, {"programme": programme_id})
        indicators, types, groups, channels, actions = (_as_list(value) for value in cursor.fetchone())
    return [_resolved(row, types, groups, channels, set(actions)) for row in indicators]


def _as_list(value: Any) -> list[Any]:
    """Return the JSON that came; the driver leaves it as text when Django has taken its own decoder off."""
    return json.loads(value) if isinstance(value, str) else value


def _resolved(
    indicator: dict[str, Any],
    types: Sequence[dict[str, Any]],
    groups: Sequence[dict[str, Any]],
    channels: Sequence[dict[str, Any]],
    known_actions: set[str],
) -> Rule:
    rule = indicator["rule"]
    measure = indicator["measure"]
    actions = set(_known(indicator, rule.get("actions", ()), known_actions))
    if not actions and not rule.get("activity_types") and indicator["action"]:
        actions = {indicator["action"]}
    codes = set(_known(indicator, rule.get("activity_types", ()), {row["code"] for row in types}))
    wanted_types = frozenset(
        row["id"]
        for row in types
        if (not actions or row["action"] in actions)
        and (not codes or row["code"] in codes)
        and (measure not in MEDIATION_MEASURES or row["kind"] == ActivityKind.MEDIATION)
    )
    group_codes = _known(indicator, rule.get("target_groups", ()), {row["code"] for row in groups})
    wanted_groups = [row for row in groups if row["code"] in group_codes]
    kinds = frozenset(rule.get("organisation_kinds", ()))
    if measure == Measure.ORGANISATIONS and not kinds:
        kinds = frozenset(kind for row in wanted_groups for kind in row["kinds"])
    channel_codes = _known(indicator, rule.get("channels", ()), {row["code"] for row in channels})
    metrics = set(rule.get("metrics") or COUNTED_METRICS)
    wanted_channels = [
        row for row in channels if row["metric"] in metrics and (not channel_codes or row["code"] in channel_codes)
    ]
    return Rule(
        indicator_id=indicator["id"],
        measure=measure,
        activity_types=_earning_types(measure, wanted_types, wanted_groups),
        groups=_pairs(wanted_groups, wanted_types) if measure in _OF_PERSONS and wanted_groups else None,
        organisation_kinds=kinds or None,
        flow_channels=frozenset(row["id"] for row in wanted_channels if row["mode"] == ReachMode.FLOW),
        stock_channels=frozenset(row["id"] for row in wanted_channels if row["mode"] == ReachMode.STOCK),
        minimum_minutes=int(rule.get("minimum_minutes") or 0),
        minimum_meetings=int(rule.get("minimum_meetings") or 0),
        outcome=str(rule.get("outcome") or ""),
        service=str(rule.get("service") or ""),
        counter=str(rule.get("counter") or DeskCounter.CONTACTS) if measure == Measure.DESK_CONTACTS else "",
    )


def _known(indicator: dict[str, Any], codes: Iterable[str], known: set[Any]) -> list[str]:
    unknown = sorted(set(codes) - known)
    if unknown:
        raise UnknownCodeError(f"the rule of indicator {indicator['code']} names unknown codes: {', '.join(unknown)}")
    return list(codes)


def _pairs(groups: Sequence[dict[str, Any]], types: frozenset[int]) -> frozenset[tuple[int, int]]:
    return frozenset(
        (group["id"], type_id)
        for group in groups
        for type_id in types
        if not group["earned_by"] or type_id in group["earned_by"]
    )


def _earning_types(measure: str, types: frozenset[int], groups: Sequence[dict[str, Any]]) -> frozenset[int]:
    """A group of bodies or of contacts is earned by its own activity types, as a group of persons is."""
    if measure in _OF_PERSONS or not groups:
        return types
    return frozenset(type_id for _group, type_id in _pairs(groups, types))
