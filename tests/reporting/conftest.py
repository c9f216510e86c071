# SPDX-License-Identifier: EUPL-1.2
"""A world that a module builds once: each test has a copy of its objects and a transaction of its own inside."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from django.db import transaction


@pytest.fixture(scope="module")
def prepared(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    """What `prepare()` of the module built, undone at its end. Not for a module with tests over several connections."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield request.module.prepare()
        transaction.set_rollback(True)


@pytest.fixture
def fresh(prepared: Any, db: None) -> Any:
    """What was built, as nobody has touched it."""
    return deepcopy(prepared)
