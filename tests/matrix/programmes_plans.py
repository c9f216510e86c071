# SPDX-License-Identifier: EUPL-1.2
"""Rows of budgets, plans and targets: read by everybody in the programme, decided by the Region and the coordinator."""

from datetime import date
from typing import Any

from django.utils import timezone

from accounts.permissions import Permission
from actions.models import ActivityType, Indicator, Offer, OfferRequest, Plan
from fami_portal.core.services import acting
from tests.matrix import ALL, NOBODY, SIGNED_IN, On, Row, having
from tests.matrix.programmes import READERS, _programme
from tests.personas import World

REGION = frozenset({"regional_coordinator"})
LEADS = REGION | {"network_coordinator"}
# Who answers for the work, and who checks it: a mediator or a teacher has no part in the money.
MONEY = READERS & (having(Permission.VIEW_ACTIVITY_REPORTS) | having(Permission.VIEW_EVIDENCE))
SEES = having(Permission.VIEW_ACTIVITIES)
ASKS = frozenset({"school_contact", "school_head"})
OFFERED = LEADS | ASKS | {"teacher"}


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
            world.objects[f"offer_{key}"] = _offers(world, programme, network)
            world.objects[f"indicator_{key}"] = Indicator.objects.create(
                programme=programme, code="PIANI", title="Persone", kind="target", measure="persons", unit="persons"
            )
        world.objects["offer_sibling"] = _offers(world, world.programmes["a"], "n2")


def _offers(world: World, programme: Any, network: str) -> tuple[Offer, OfferRequest]:
    """An entry of the catalogue of a network that the school of the personas asked for."""
    kind, _made = ActivityType.objects.get_or_create(
        programme=programme,
        code="OFFERTA",
        defaults={"action": programme.actions.order_by("pk").first(), "title": "Laboratorio", "kind": "lab"},
    )
    words = dict.fromkeys(("title", "audience", "place", "period", "how_to_ask", "office"), "Offerta")
    days = {"opens_on": date(2019, 1, 1), "closes_on": date(2030, 1, 1)}
    offer = Offer.objects.create(
        programme=programme, network=world.networks[network], activity_type=kind, **words, **days
    )
    asked = OfferRequest.objects.create(offer=offer, organisation=world.bodies["school_1"], asked_at=timezone.now())
    return offer, asked


def _offer(key: str) -> Any:
    return lambda world, role: {"uuid": world.objects[f"offer_{key}"][0].uuid}


def _asked(key: str) -> Any:
    return lambda world, role: {
        "uuid": world.objects[f"offer_{key}"][0].uuid,
        "pk": world.objects[f"offer_{key}"][1].pk,
    }


def _catalogue(target: Any, allowed: frozenset[str]) -> dict[str, On]:
    return {
        "own": On(allowed, OFFERED - allowed, target=target("a")),
        "sibling": On(allowed & REGION, REGION - allowed, target=target("sibling")),
        "foreign": On(NOBODY, target=target("b")),
    }


def _plan(key: str) -> Any:
    return lambda world, role: {"slug": world.objects[f"plan_{key}"].slug}


def _indicator(key: str) -> Any:
    return lambda world, role: {"slug": world.programmes[key].slug, "pk": world.objects[f"indicator_{key}"].pk}


def _land(key: str) -> Any:
    return lambda world, role: {"slug": world.programmes[key].slug, "fmt": "csv"}


def _at(target: Any, allowed: frozenset[str]) -> dict[str, On]:
    return {"own": On(allowed, ALL - allowed, target=target("a")), "foreign": On(NOBODY, target=target("b"))}


def _both(url: str, target: Any, allowed: frozenset[str] = LEADS) -> list[Row]:
    return [Row(url, _at(target, allowed)), Row(url, _at(target, allowed), method="post")]


ROWS = [
    Row("actions:budget", _at(_programme, MONEY)),
    *_both("actions:budget-edit", _programme),
    Row("actions:programme-territory", _at(_programme, READERS)),
    Row("actions:programme-territory-export", _at(_land, READERS)),
    Row("actions:plan", _at(_plan, READERS)),
    *_both("actions:plan-new", _programme),
    *_both("actions:plan-edit", _plan),
    *_both("actions:plan-remove", _plan),
    Row("actions:target-list", _at(_programme, READERS)),
    *_both("actions:target-new", _indicator),
    *_both("actions:programme-extend", _programme, REGION),
    Row("actions:offer-list", {"": On(SEES, SIGNED_IN - SEES)}),
    Row("actions:offer-new", {"": On(LEADS, SIGNED_IN - LEADS)}),
    Row("actions:offer-new", {"": On(LEADS, SIGNED_IN - LEADS)}, method="post"),
    Row("actions:offer", _catalogue(_offer, OFFERED)),
    Row("actions:offer-edit", _catalogue(_offer, LEADS)),
    Row("actions:offer-edit", _catalogue(_offer, LEADS), method="post"),
    Row("actions:offer-ask", _catalogue(_offer, ASKS), method="post"),
    Row("actions:offer-answer", _catalogue(_asked, LEADS)),
    Row("actions:offer-answer", _catalogue(_asked, LEADS), method="post"),
    Row("actions:offer-withdraw", _catalogue(_offer, LEADS), method="post"),
    Row("actions:offer-publish", _catalogue(_offer, LEADS), method="post"),
    Row("actions:calendar", {"": On(SEES, SIGNED_IN - SEES)}),
]
