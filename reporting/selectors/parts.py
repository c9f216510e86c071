# SPDX-License-Identifier: EUPL-1.2
"""The parts whose own figures add up to the gross of a place: the other half of each unique figure (design 5).

A programme has its networks, a network its bodies. An action has the networks too, where the rule of the indicator
reads nothing but that action: what counts in a network is then of that action. Other places have no parts.
"""

from actions.models import ActivityType, Indicator
from reporting.enums import ScopeKind
from reporting.ledger.definitions import load_rules
from reporting.models import CountingScope


def only_actions(programme_id: int) -> dict[int, int]:
    """Return the indicators that count one action alone, with that action. Two queries."""
    actions = dict(ActivityType.objects.filter(programme=programme_id).order_by("pk").values_list("pk", "action_id"))
    found = {
        rule.indicator_id: {
            actions[one]
            for one in (rule.activity_types if rule.groups is None else {earned for _group, earned in rule.groups})
            if one in actions
        }
        for rule in load_rules(programme_id)
    }
    return {indicator: next(iter(read)) for indicator, read in found.items() if len(read) == 1}


def parts_of(scope: CountingScope, indicator: Indicator) -> list[CountingScope] | None:
    """Return the parts of a place for an indicator; None where it has none. Three queries at most."""
    scopes = CountingScope.objects.filter(programme=scope.programme_id).order_by("pk")
    match ScopeKind(scope.kind):
        case ScopeKind.NETWORK:
            return list(scopes.filter(kind=ScopeKind.BODY, network=scope.network_id))
        case ScopeKind.ACTION if only_actions(scope.programme_id).get(indicator.pk) != scope.action_id:
            return None
        case ScopeKind.PROGRAMME | ScopeKind.ACTION:
            return list(scopes.filter(kind=ScopeKind.NETWORK))
    return None
