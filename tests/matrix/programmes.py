# SPDX-License-Identifier: EUPL-1.2
"""Rows of programmes."""

from typing import Any

from accounts.permissions import Permission
from tests.matrix import ALL, NOBODY, SIGNED_IN, On, Row, having

READERS = having(Permission.VIEW_PROGRAMME)


def _programme(key: str) -> Any:
    return lambda world, role: {"slug": world.programmes[key].slug}


ROWS = [
    # Who has a part in no programme gets an empty list that says what to do.
    Row("actions:programme-list", {"any": On(SIGNED_IN)}),
    Row(
        "actions:programme",
        {
            "own": On(READERS, ALL - READERS, target=_programme("a")),
            "foreign": On(NOBODY, target=_programme("b")),
        },
    ),
]
