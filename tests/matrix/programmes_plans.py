# SPDX-License-Identifier: EUPL-1.2
"""Rows of budgets, plans and targets: read by everybody in the programme, decided by the Region and the coordinator."""

from datetime import date
from typing import Any

from accounts.permissions import Permission
from actions.models import Indicator, Plan
from fami_portal.core.services import acting
from tests.matrix import ALL, NOBODY, SIGNED_IN, On, Row, having
from tests.matrix.programmes import READERS, _programme
from tests.personas import World

REGION = frozenset({"regional_coordinator"})
LEADS = REGION | {"network_coordinator"}
SEES = having(Permission.VIEW_ACTIVITIES)


def prepare(world: World) -> None:
    """Make a plan and an indicator in two programmes."""
    with acting(None):
        for key, network, body in (("a", "n1", "coop_1"), ("b", "n3", "coop_3")):
            programme = world.programmes[key]
            world.objects[f"plan_{key}"] = Plan.objects.create(
                programme=programme,
                slug=f"piano-{key}",
                title=f"Piano {key}",
                network=world.networks[network],
                organisation=world.bodies[body],
                starts_on=date(2019, 1, 1),
                ends_on=date(2020, 12, 31),
            )
            world.objects[f"indicator_{key}"] = Indicator.objects.create(
                programme=programme, code="PIANI", title="Persone", kind="target", measure="persons", unit="persons"
            )


def _plan(key: str) -> Any:
    return lambda world, role: {"slug": world.objects[f"plan_{key}"].slug}


def _indicator(key: str) -> Any:
    return lambda world, role: {"slug": world.programmes[key].slug, "pk": world.objects[f"indicator_{key}"].pk}


def _at(target: Any, allowed: frozenset[str]) -> dict[str, On]:
    return {"own": On(allowed, ALL - allowed, target=target("a")), "foreign": On(NOBODY, target=target("b"))}


def _both(url: str, target: Any, allowed: frozenset[str] = LEADS) -> list[Row]:
    return [Row(url, _at(target, allowed)), Row(url, _at(target, allowed), method="post")]


ROWS = [
    Row("actions:budget", _at(_programme, READERS)),
    *_both("actions:budget-edit", _programme),
    Row("actions:plan", _at(_plan, READERS)),
    *_both("actions:plan-new", _programme),
    *_both("actions:plan-edit", _plan),
    Row("actions:target-list", _at(_programme, READERS)),
    *_both("actions:target-new", _indicator),
    *_both("actions:programme-extend", _programme, REGION),
    Row("actions:calendar", {"": On(SEES, SIGNED_IN - SEES)}),
]
