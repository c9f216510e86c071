# SPDX-License-Identifier: EUPL-1.2
"""Rows of the extracts for the evaluation: the evaluator asks and opens, the region decides, the officer watches."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.permissions import Permission
from actions.models import Period
from fami_portal.core.services import acting
from reporting.models import Extract
from tests.matrix import ALL, NOBODY, SIGNED_IN, On, Row, having
from tests.matrix.reporting import RESULTS, SUBMITTED, _programme
from tests.personas import World

ASKS = having(Permission.EXTRACT_DATA)
DECIDES = having(Permission.MANAGE_PROGRAMME)
SEES = ASKS | DECIDES | frozenset({"data_protection_officer"})


def prepare(world: World) -> None:
    """Add a request of the evaluator that nobody has decided."""
    period = Period.objects.filter(programme=world.programmes["a"]).order_by("starts_on").first()
    with acting(None):
        world.objects["extract"] = Extract.objects.create(
            programme=world.programmes["a"],
            organisation=world.bodies["evaluation"],
            product="rows",
            first_period=period,
            last_period=period,
            purpose="Quanti alunni frequentano più di un laboratorio",
            requested_at=datetime(2019, 7, 1, tzinfo=UTC),
            requested_by=world.personas["evaluator"],
        )


def _extract(world: World, role: str) -> dict[str, Any]:
    return {"uuid": world.objects["extract"].uuid}


def _slug(key: str) -> Any:
    return lambda world, role: {"slug": f"programme-{key}"}


NEW = {"own": On(ASKS, ALL - ASKS, target=_slug("a")), "foreign": On(NOBODY, target=_slug("b"))}
DECISION = {"": On(DECIDES, SEES - DECIDES, target=_extract)}

# Of another period than the request that is there.
ASKED = {
    "product": "tables",
    "first_period": SUBMITTED,
    "last_period": SUBMITTED,
    "purpose": "Quante donne per azione e per rete",
}

ROWS = [
    Row("reporting:persons", _programme(RESULTS)),
    Row("reporting:persons-export", _programme(RESULTS, fmt="csv")),
    Row("reporting:extract-list", {"": On(SEES, SIGNED_IN - SEES)}),
    Row("reporting:extract-new", NEW),
    Row("reporting:extract-new", NEW, method="post", data=lambda world, role: ASKED),
    Row("reporting:extract", {"": On(SEES, target=_extract)}),
    Row("reporting:extract-codebook", {"": On(SEES, target=_extract)}),
    Row("reporting:extract-approve", DECISION),
    Row(
        "reporting:extract-approve",
        DECISION,
        method="post",
        data=lambda world, role: {"expires_on": (timezone.localdate() + timedelta(days=60)).isoformat()},
    ),
    Row("reporting:extract-refuse", DECISION),
    Row("reporting:extract-refuse", DECISION, method="post", data=lambda world, role: {"reason": "Manca lo scopo"}),
    Row("reporting:extract-open", {"": On(ASKS, SEES - ASKS, target=_extract)}, method="post"),
]
