# SPDX-License-Identifier: EUPL-1.2
"""Rows of the imports: the kinds by right, a file by who sent it alone."""

from datetime import date
from typing import Any

from django.utils import timezone

from accounts.permissions import Permission
from fami_portal.core.enums import ImportState
from fami_portal.core.models import ImportRun
from fami_portal.core.services import acting
from tests.matrix import SIGNED_IN, On, Row, having
from tests.personas import World

BODIES = having(Permission.MANAGE_ORGANISATIONS)
KEEPERS = having(Permission.REGISTER_BENEFICIARIES)
MEDIATORS = having(Permission.MANAGE_MEDIATORS)
ANY = BODIES | KEEPERS | MEDIATORS
OWNER = frozenset({"partner_operator"})


def prepare(world: World) -> None:
    """Let one person wait with two files."""
    owner = world.personas["partner_operator"]
    with acting(None):
        for name in ("import_own", "import_left"):
            world.objects[name] = ImportRun.objects.create(
                kind="recipients",
                state=ImportState.READY,
                outcome="matrix",
                created_at=timezone.now(),
                checked_at=timezone.now(),
                requested_by=owner,
                expires_on=date(2030, 1, 1),
            )


def _of(kind: str) -> Any:
    return lambda world, role: {"kind": kind}


def _run(name: str) -> Any:
    return lambda world, role: {"uuid": world.objects[name].uuid}


PLACES = {
    "bodies": On(BODIES, SIGNED_IN - BODIES, target=_of("organisations")),
    "own": On(KEEPERS, SIGNED_IN - KEEPERS, target=_of("recipients")),
}

ROWS = [
    Row("core:import-list", {"": On(ANY, SIGNED_IN - ANY)}),
    Row("core:import-new", PLACES),
    Row("core:import-new", PLACES, method="post"),
    Row("core:import-template", PLACES),
    Row("core:import", {"own": On(OWNER, target=_run("import_own"))}),
    Row(
        "core:import-confirm",
        {"own": On(OWNER, target=_run("import_own"))},
        method="post",
        data=lambda world, role: {"version": "1"},
    ),
    Row("core:import-cancel", {"own": On(OWNER, target=_run("import_left"))}, method="post"),
]
