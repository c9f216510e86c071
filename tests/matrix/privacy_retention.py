# SPDX-License-Identifier: EUPL-1.2
"""Rows of retention, register of processing, breach and incidents: coordinator and officer of the own programme."""

from datetime import UTC, date, datetime
from typing import Any

from accounts.permissions import Permission
from fami_portal.core.services import acting
from privacy.models import Incident, LegalHold, RetentionRun
from tests.matrix import ALL, NOBODY, SIGNED_IN, On, Row, having
from tests.matrix.registers import CSV
from tests.personas import World

MANAGES = having(Permission.MANAGE_RETENTION)
FOLLOWS = having(Permission.FOLLOW_INCIDENTS)
AT = datetime(2020, 2, 4, 9, tzinfo=UTC)


def prepare(world: World) -> None:
    """Add a hold, a destruction that has ended and an incident to each programme."""
    for place, key in (("own", "a"), ("foreign", "b")):
        programme = world.programmes[key]
        with acting(None):
            world.objects[f"hold_{place}"] = LegalHold.objects.create(
                programme=programme, scope="programme", reason="Prova", act="Prova", starts_on=date(2020, 1, 1)
            )
            world.objects[f"run_{place}"] = RetentionRun.objects.create(
                programme=programme, at=AT, state="done", finished_at=AT
            )
            world.objects[f"incident_{place}"] = Incident.objects.create(
                programme=programme, title="Prova", description="Prova", discovered_at=AT, happened_from=AT
            )


def _slug(**more: Any) -> dict[str, On]:
    """The page of a programme: of the own, of another, of the whole portal."""
    return {
        "own": On(MANAGES, ALL - MANAGES, target=lambda world, role: {"slug": "programme-a", **more}),
        "foreign": On(NOBODY, target=lambda world, role: {"slug": "programme-b", **more}),
    }


def _thing(name: str, who: frozenset[str], **more: Any) -> dict[str, On]:
    return {
        "own": On(who, target=lambda world, role: {"uuid": world.objects[f"{name}_own"].uuid, **more}),
        "foreign": On(NOBODY, target=lambda world, role: {"uuid": world.objects[f"{name}_foreign"].uuid, **more}),
    }


_PORTAL = {"portal": On(MANAGES, SIGNED_IN - MANAGES, target=lambda world, role: {"slug": "portal"})}
_MANAGES = {"": On(MANAGES, SIGNED_IN - MANAGES)}
_FOLLOWS = {"": On(FOLLOWS, SIGNED_IN - FOLLOWS)}

ROWS = [
    Row("privacy:retention-list", _MANAGES),
    Row("privacy:retention", _slug() | _PORTAL),
    *(
        Row(f"privacy:{page}", _slug(**more), method=method)
        for page, more in (
            ("retention-dates", {}),
            ("retention-rule", {"data_class": "identities"}),
            ("hold-new", {}),
            ("run-new", {}),
        )
        for method in ("get", "post")
    ),
    Row("privacy:hold", _thing("hold", MANAGES)),
    Row("privacy:hold", _thing("hold", MANAGES), method="post"),
    Row("privacy:run", _thing("run", MANAGES)),
    Row("privacy:run-export", _thing("run", MANAGES, **CSV)),
    Row("privacy:processing", _MANAGES),
    Row("privacy:processing-export", {"": On(MANAGES, SIGNED_IN - MANAGES, target=lambda world, role: CSV)}),
    Row("privacy:processing-pdf", _MANAGES),
    Row("privacy:breach", _FOLLOWS),
    Row("privacy:breach-export", {"": On(FOLLOWS, SIGNED_IN - FOLLOWS, target=lambda world, role: CSV)}),
    Row("privacy:breach-persons", _FOLLOWS, method="post"),
    Row("privacy:incident-list", _FOLLOWS),
    Row("privacy:incident-new", _FOLLOWS),
    Row("privacy:incident-new", _FOLLOWS, method="post"),
    Row("privacy:incident", _thing("incident", FOLLOWS)),
    Row("privacy:incident-edit", _thing("incident", FOLLOWS)),
    Row("privacy:incident-edit", _thing("incident", FOLLOWS), method="post"),
    Row("privacy:incident-step", _thing("incident", FOLLOWS, step="notify")),
    Row("privacy:incident-step", _thing("incident", FOLLOWS, step="notify"), method="post"),
]
