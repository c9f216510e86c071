# SPDX-License-Identifier: EUPL-1.2
"""The small world, which a module builds once: each test has a copy of its objects and a transaction of its own inside.

A module that begins with more than the world says so in `prepare()`, and finds a copy of what this returns in `fresh`.
"""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from django.db import transaction

from tests.personas import World, build_world


def _over_connections(item: pytest.Item) -> bool:
    """Whether a test commits what it writes: nothing may be open around it."""
    marker = item.get_closest_marker("django_db")
    return marker is not None and bool(marker.kwargs.get("transaction"))


@pytest.fixture(scope="module")
def prepared(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    """What `prepare()` of the module built, undone at its end; without such a function the small world."""
    assert not any(_over_connections(item) for item in request.session.items if item.path == request.path)
    with django_db_blocker.unblock(), transaction.atomic():
        yield getattr(request.module, "prepare", build_world)()
        transaction.set_rollback(True)


@pytest.fixture
def fresh(prepared: Any, db: None) -> Any:
    """What was built, as nobody has touched it."""
    return deepcopy(prepared)


@pytest.fixture
def world(fresh: World) -> World:
    """The small world, for one test."""
    return fresh


@pytest.fixture
def scene(fresh: Any) -> Any:
    """What `prepare()` of the module built, for one test."""
    return fresh
