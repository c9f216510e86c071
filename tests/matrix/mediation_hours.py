# SPDX-License-Identifier: EUPL-1.2
"""Rows of the accounts of hours: of a school and of the pool of its network, of a sibling network, of another programme."""

from typing import Any

from accounts.permissions import Permission
from mediation.enums import AccountUse
from tests.factories.mediation import HourAccountFactory, RequestKindFactory
from tests.matrix import NOBODY, SIGNED_IN, On, Row, having
from tests.personas import World

READERS = having(Permission.VIEW_HOUR_ACCOUNTS)
MANAGERS = having(Permission.MANAGE_HOUR_ACCOUNTS)
ABOVE = frozenset({"regional_coordinator", "technical_assistance", "auditor"})
NETWORK = ABOVE | {"network_coordinator"}
SCHOOL = NETWORK | {"school_contact", "school_head"}
# The accounts, and who reads each.
PLACES = {
    "own": ("a", "n1", "school_1", SCHOOL),
    "pool": ("a", "n1", None, NETWORK),
    "sibling": ("a", "n2", None, ABOVE),
    "foreign": ("b", "n3", None, NOBODY),
}


def prepare(world: World) -> None:
    """Open the accounts, with ten hours each."""
    for place, (programme, network, body, _readers) in PLACES.items():
        RequestKindFactory(programme=world.programmes[programme])
        world.objects[f"hours_{place}"] = HourAccountFactory(
            programme=world.programmes[programme],
            network=world.networks[network],
            organisation=world.bodies[body] if body else None,
            use=AccountUse.PLANNED,
        )
    # Where all who manage hours of the programme may move some.
    world.objects["hours_spare"] = HourAccountFactory(
        programme=world.programmes["a"],
        network=world.networks["n1"],
        organisation=world.bodies["near"],
        use=AccountUse.PLANNED,
    )


def _target(place: str, **more: Any) -> Any:
    return lambda world, role: {"uuid": world.objects[f"hours_{place}"].uuid} | more


def _read(**more: Any) -> dict[str, On]:
    return {place: On(row[3], target=_target(place, **more)) for place, row in PLACES.items()}


def _write() -> dict[str, On]:
    return {place: On(row[3] & MANAGERS, row[3] - MANAGERS, target=_target(place)) for place, row in PLACES.items()}


def _granted(world: World, role: str) -> dict[str, Any]:
    return {"minutes": "2", "reason": "Prova"}


def _moved(world: World, role: str) -> dict[str, Any]:
    """Move to an account that every manager may choose, whatever the one that gives."""
    return {
        "minutes": "2",
        "reason": "Prova",
        "target": str(world.objects["hours_spare"].uuid),
        "submission_key": "7f1f0c0e-6d52-4f61-9a2e-2f1d1c6a7a10",
    }


def _opened(world: World, role: str) -> dict[str, Any]:
    action = world.actions["a"].action_networks.get(network=world.networks["n1"])
    return {
        "carrier": str(action.pk),
        "kind": "school",
        "use": "urgency",
        "starts_on": "2020-09-01",
        "ends_on": "2021-08-31",
        "minutes": "10",
        "reason": "Prova",
    }


ROWS = [
    Row("mediation:hour-list", {"": On(READERS, SIGNED_IN - READERS)}),
    Row(
        "mediation:hour-list-export",
        {"": On(READERS, SIGNED_IN - READERS, target=lambda world, role: {"fmt": "csv"})},
    ),
    Row("mediation:hour-account-new", {"": On(MANAGERS, SIGNED_IN - MANAGERS)}),
    Row("mediation:hour-account-new", {"": On(MANAGERS, SIGNED_IN - MANAGERS)}, method="post", data=_opened),
    Row("mediation:hour-account", _read()),
    Row("mediation:hour-account-export", _read(fmt="csv")),
    Row("mediation:hour-account-grant", _write()),
    Row("mediation:hour-account-grant", _write(), method="post", data=_granted),
    Row("mediation:hour-account-extra", _write()),
    Row("mediation:hour-account-extra", _write(), method="post", data=_granted),
    Row("mediation:hour-account-move", _write()),
    Row("mediation:hour-account-move", _write(), method="post", data=_moved),
    Row("mediation:hour-account-what-if", _write()),
]
