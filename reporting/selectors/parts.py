# SPDX-License-Identifier: EUPL-1.2
"""The parts whose own figures add up to the gross of a place: the other half of each unique figure (design 5).

A programme has its networks, a network its bodies. An action has the networks that carry it out, as long as what the
indicator counts in each of them is of that action; where one network alone carries it out there is nothing to add, and
the action is its own part. A network that works in several of the actions that an indicator counts does not tell them
apart: that action has no parts then, as a body has none.
"""

from actions.models import ActivityType, Indicator
from reporting.enums import ScopeKind
from reporting.ledger.definitions import load_rules
from reporting.models import ActivityScope, CountingScope

# The networks whose figures make the gross of an action; empty where the action is its own part.
ActionParts = dict[tuple[int, int], frozenset[int]]


def action_parts(programme_id: int) -> ActionParts:
    """Return the networks that are the parts of an action for an indicator, by both ids. Three queries.

    Pairs of an indicator with an action that it does not count, or that has no parts for it, are left out.
    """
    actions = dict(ActivityType.objects.filter(programme=programme_id).order_by("pk").values_list("pk", "action_id"))
    placed = list(
        ActivityScope.objects.filter(scope__programme=programme_id, scope__kind=ScopeKind.NETWORK)
        .values_list("activity__activity_type", "scope__network")
        .distinct()
        .order_by()
    )
    found: ActionParts = {}
    for rule in load_rules(programme_id):
        read = rule.activity_types if rule.groups is None else {earned for _group, earned in rule.groups}
        works: dict[int, set[int]] = {actions[one]: set() for one in read if one in actions}
        for kind, network in placed:
            if kind in read and kind in actions:
                works[actions[kind]].add(network)
        for action, networks in works.items():
            others = set().union(*(there for other, there in works.items() if other != action))
            if len(networks) < 2:
                found[rule.indicator_id, action] = frozenset()
            elif not networks & others:
                found[rule.indicator_id, action] = frozenset(networks)
    return found


def parts_of(scope: CountingScope, indicator: Indicator) -> list[CountingScope] | None:
    """Return the parts of a place for an indicator; None where it has none. Four queries at most."""
    scopes = CountingScope.objects.filter(programme=scope.programme_id).order_by("pk")
    match ScopeKind(scope.kind):
        case ScopeKind.NETWORK:
            return list(scopes.filter(kind=ScopeKind.BODY, network=scope.network_id))
        case ScopeKind.PROGRAMME:
            return list(scopes.filter(kind=ScopeKind.NETWORK))
        case ScopeKind.ACTION:
            networks = action_parts(scope.programme_id).get((indicator.pk, scope.action_id or 0))
            if networks is None:
                return None
            return list(scopes.filter(kind=ScopeKind.NETWORK, network__in=networks)) if networks else [scope]
    return None
