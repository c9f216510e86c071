# SPDX-License-Identifier: EUPL-1.2
"""The rows of a file that carries names: asked why, then handed out, to those who may read what it belongs to."""

from tests.matrix import NOBODY, On, Row
from tests.matrix.mediation_requests import INSIDE
from tests.personas import World


def _file(place: str) -> On:
    def target(world: World, role: str) -> dict[str, object]:
        return {"uuid": world.objects[f"request_file_{place}"].uuid}

    return On(INSIDE if place == "own" else NOBODY, target=target)


# Attached to a draft: nobody outside the body knows that it exists.
PLACES = {place: _file(place) for place in ("own", "sibling", "foreign")}

ROWS = [
    Row("core:document", PLACES),
    Row("core:document", PLACES, method="post"),
    # With a reason, for those who find nothing: the others get a stream, which `tests/mediation/test_files.py` reads.
    Row(
        "core:document",
        {name: place for name, place in PLACES.items() if name != "own"},
        method="post",
        data=lambda world, role: {"purpose": "case"},
    ),
]
