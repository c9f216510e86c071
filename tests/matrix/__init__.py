# SPDX-License-Identifier: EUPL-1.2
"""The role matrix: who gets which answer at which address (`tests/architecture/test_role_matrix.py` walks it).

Each app has its module here. It exposes `ROWS`, and `prepare(world)` if its pages need objects beside those of
`tests.personas` (put them in `world.objects`):

    ROWS = [
        Row("reporting:dashboard", {"own": On(VIEWERS, ALL - VIEWERS, target=lambda world, role: {"slug": "programme-a"})}),
        Row("actions:meeting-hold", {"own": On(...), "foreign": On(...)}, method="post", data=lambda world, role: {...}),
    ]

A row answers for one address name and one method. Each of its places (“own”, “near”, “sibling”, “foreign”, or any
other word) says who is let in (200 or 302) and who is refused (403). All others get 404, and without an account
everybody is sent to sign in, unless the place lets `ANONYMOUS` in. GET runs in a read-only transaction.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from accounts.permissions import ROLES, Permission, Scope, roles_with
from tests.personas import World

ALL = frozenset(ROLES)
STRANGER = "stranger"
ANONYMOUS = "anonymous"
# Everybody with an account, with or without a role.
SIGNED_IN = ALL | {STRANGER}
EVERYBODY = SIGNED_IN | {ANONYMOUS}
NOBODY: frozenset[str] = frozenset()
# Those who see across networks: the bodies and networks of the partnership are no secret to them.
WIDE = frozenset(role.code for role in ROLES.values() if role.scope in (Scope.PROGRAMME, Scope.PORTAL))

Target = Callable[[World, str], dict[str, Any]]


def having(*permissions: Permission) -> frozenset[str]:
    """Return the roles that hold all these permissions."""
    return ALL.intersection(*(roles_with(permission) for permission in permissions))


def reaching(scope: Scope) -> frozenset[str]:
    """Return the roles with this reach."""
    return frozenset(role.code for role in ROLES.values() if role.scope == scope)


def nothing(world: World, role: str) -> dict[str, Any]:
    """The target of an address without parameters."""
    return {}


@dataclass(frozen=True)
class On:
    """The answers at one place: who is let in, who is told that the role does not allow it; the others find nothing."""

    allowed: frozenset[str]
    refused: frozenset[str] = NOBODY
    # The parameters of the address, and its query string.
    target: Target = nothing
    query: str | Callable[[World, str], str] = ""


@dataclass(frozen=True)
class Row:
    """One address name and method."""

    url: str
    places: Mapping[str, On]
    method: str = "get"
    data: Target = field(default=nothing)


def modules() -> list[ModuleType]:
    """Return the modules of this folder, by name."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem != "__init__")
    return [import_module(f"tests.matrix.{name}") for name in names]


def rows() -> list[Row]:
    """Return all the rows."""
    return [row for module in modules() for row in module.ROWS]
