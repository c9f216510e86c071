# SPDX-License-Identifier: EUPL-1.2
"""Rows of the deeds, the lead and the territory of networks."""

from datetime import date
from typing import Any

from accounts.permissions import Permission
from partners.enums import DeedKind
from partners.models import NetworkDeed
from partners.services.deeds import record_deed
from tests.matrix import ALL, WIDE, On, Row, having
from tests.matrix.partners import ADMINISTRATOR, EDIT_NETWORK, _network
from tests.personas import World

MANAGERS = having(Permission.MANAGE_ORGANISATIONS)
KEEPERS = MANAGERS | {"network_coordinator"}


def prepare(world: World) -> None:
    """Record one deed in each network."""
    for key in ("n1", "n2", "n3"):
        world.objects[f"deed_{key}"] = record_deed(
            network=world.networks[key],
            kind=DeedKind.PROTOCOL,
            signed_on=date(2018, 9, 1),
            today=date(2018, 9, 2),
            by=None,
        )


def _deed(key: str) -> Any:
    return lambda world, role: {"uuid": NetworkDeed.objects.get(pk=world.objects[f"deed_{key}"].pk).uuid}


def _file(key: str) -> Any:
    return lambda world, role: {"uuid": world.networks[key].uuid, "fmt": "csv"}


def _keeping(target: Any) -> dict[str, On]:
    return {
        "own": On(KEEPERS, ALL - KEEPERS, target=target("n1")),
        "sibling": On(MANAGERS, WIDE - MANAGERS, target=target("n2")),
        "foreign": On(ADMINISTRATOR, WIDE - ADMINISTRATOR, target=target("n3")),
    }


def _seeing(target: Any) -> dict[str, On]:
    return {
        "own": On(ALL, target=target("n1")),
        "sibling": On(WIDE, target=target("n2")),
        "foreign": On(WIDE, target=target("n3")),
    }


def _both(url: str, places: dict[str, On]) -> list[Row]:
    return [Row(url, places), Row(url, places, method="post")]


ROWS = [
    *_both("partners:lead-change", EDIT_NETWORK),
    *_both("partners:network-municipalities", EDIT_NETWORK),
    *_both("partners:deed-new", _keeping(_network)),
    *_both("partners:deed-edit", _keeping(_deed)),
    Row("partners:territory", _seeing(_network)),
    Row("partners:territory-export", _seeing(_file)),
]
