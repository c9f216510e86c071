# SPDX-License-Identifier: EUPL-1.2
"""Rows of the rules of reminders: read by who coordinates, written by who coordinates the whole programme."""

from typing import Any

from accounts.permissions import Permission
from fami_portal.core.services import acting
from mediation.models import ReminderRule
from tests.factories.mediation import RequestKindFactory
from tests.matrix import SIGNED_IN, On, Row, having
from tests.personas import World

COORDINATORS = having(Permission.COORDINATE_MEDIATION)
WRITES = frozenset({"regional_coordinator"})


def prepare(world: World) -> None:
    """One rule in each programme."""
    for key, programme in world.programmes.items():
        RequestKindFactory(programme=programme)
        with acting(None):
            world.objects[f"reminder_{key}"] = ReminderRule.objects.create(programme=programme, event="report", days=9)


def _slug(key: str) -> Any:
    return lambda world, role: {"slug": f"programme-{key}"}


def _pk(key: str) -> Any:
    return lambda world, role: {"pk": world.objects[f"reminder_{key}"].pk}


def _write(target: Any) -> dict[str, On]:
    """Whoever coordinates is told apart; without that role even the programme is nothing to know of."""
    outside = SIGNED_IN - COORDINATORS
    return {
        "own": On(WRITES, SIGNED_IN - WRITES, target=target("a")),
        "foreign": On(frozenset(), outside, target=target("b")),
    }


ROWS = [
    Row("mediation:reminder-list", {"": On(COORDINATORS, SIGNED_IN - COORDINATORS)}),
    Row("mediation:reminder-new", _write(_slug)),
    Row("mediation:reminder-new", _write(_slug), method="post"),
    Row("mediation:reminder-usual", _write(_slug), method="post"),
    Row("mediation:reminder-edit", _write(_pk)),
    Row(
        "mediation:reminder-edit",
        _write(_pk),
        method="post",
        data=lambda world, role: {"days": "9", "side": "after", "is_active": "on"},
    ),
]
