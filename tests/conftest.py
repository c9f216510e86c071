# SPDX-License-Identifier: EUPL-1.2
"""What every test lives under: templates and querysets that do not forgive (docs/testing.md)."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.backends.signals import connection_created
from django.db.models.expressions import OrderBy
from django.db.models.functions import Random
from django.db.models.sql.compiler import SQLCompiler
from django.template import engines
from django.test import client as test_client
from django.test import override_settings
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests import databases
from tests.personas import personas, world

__all__ = ["personas", "world"]  # fixtures

ROOT = Path(__file__).resolve().parent.parent
# Overrides of other people's templates, which count on empty text for what is undefined.
FORGIVEN = (ROOT / "templates" / "bootstrap5", ROOT / "templates" / "django")


def _allow_flush(connection: Any, **_: Any) -> None:
    """Let this session empty the ledger: tests over several connections flush their database by TRUNCATE."""
    with connection.cursor() as cursor:
        cursor.execute("SET portal.allow_truncate = 'on'")


connection_created.connect(_allow_flush, dispatch_uid="tests.allow_flush")

# A busy machine is no counterexample.
hypothesis_settings.register_profile("portal", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("portal")


class UndefinedVariableError(Exception):
    """One of our templates names a variable that its view does not give."""


class UndefinedVariable(str):
    """Django's `string_if_invalid`: raises in our own templates, is empty text in those of packages."""

    __slots__ = ()

    def __bool__(self) -> bool:
        expression = sys._getframe(1).f_locals.get("self")
        frame = sys._getframe(1)
        while frame is not None and frame.f_code.co_name != "render_annotated":
            frame = frame.f_back
        if frame is None or not hasattr(expression, "var"):
            return False
        node = frame.f_locals["self"]
        name = Path(str(getattr(getattr(node, "origin", None), "name", "")))
        if "site-packages" in name.parts or any(folder in name.parents for folder in FORGIVEN):
            return False
        line = getattr(getattr(node, "token", None), "lineno", "?")
        raise UndefinedVariableError(f"{name}:{line}: {expression.var} is not defined")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None, django_db_keepdb: bool, django_db_blocker: Any
) -> Iterator[Callable[[], None]]:
    """Before the database is made: see whether there is one to copy. Gives what is to be called once it is there."""
    if django_db_keepdb:  # as the last run left it, which nobody should copy
        yield lambda: None
        return
    with django_db_blocker.unblock():
        steps = databases.copied_or_kept()
        next(steps)
    yield lambda: next(steps, None)


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_modify_db_settings: Callable[[], None], django_db_setup: None, django_db_blocker: Any
) -> Iterator[None]:
    """At the end of a run, end the sessions of server threads that a browser left open: they would keep the database."""
    with django_db_blocker.unblock():
        django_db_modify_db_settings()
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(scope="session", autouse=True)
def _own_documents() -> Iterator[None]:
    """Give each test process a document store of its own: they may count its files, or read them all."""
    folder = str(settings.VAR_DIR / f"documents-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}")
    storages = settings.STORAGES | {"default": settings.STORAGES["default"] | {"OPTIONS": {"location": folder}}}
    # For the processes that a test starts.
    os.environ["DOCUMENTS_ROOT"] = folder
    with override_settings(STORAGES=storages):
        yield


@pytest.fixture(scope="session", autouse=True)
def _emptied_row_by_row() -> Iterator[None]:
    with databases.emptied_row_by_row():
        yield


@pytest.fixture(scope="session", autouse=True)
def _undefined_variables_raise() -> None:
    for engine in engines.all():
        engine.engine.string_if_invalid = UndefinedVariable()


@pytest.fixture(scope="session", autouse=True)
def _context_of_the_page_alone() -> Iterator[None]:
    """Keep the context of the page that a view draws, not a copy of it for each of the hundred pieces within."""
    store = test_client.store_rendered_templates

    def store_first(kept: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        if not kept:
            store(kept, *args, **kwargs)

    test_client.store_rendered_templates = store_first
    yield
    test_client.store_rendered_templates = store


@pytest.fixture(scope="session", autouse=True)
def _unordered_querysets_shuffled() -> Iterator[None]:
    """Give rows in random order where the code asked for none, so that a forgotten order is seen."""
    order_of = SQLCompiler.get_order_by
    # As the compiler would write it; written once, because most statements are to be shuffled.
    by_chance = [(OrderBy(Random()), ("RANDOM() ASC", (), False))]

    def shuffled(self: SQLCompiler) -> list[Any]:
        order = order_of(self)
        query = self.query
        # Order would change what DISTINCT and GROUP BY mean, and a union cannot be ordered by chance.
        bound = query.distinct or query.group_by is not None or query.combinator or query.combined_queries
        # Not the compilers of updates, deletes and aggregates, which inherit from it.
        reads = type(self).__name__ == "SQLCompiler"
        if not order and reads and not bound and not (query.subquery and not query.is_sliced):
            return by_chance
        return order

    SQLCompiler.get_order_by = shuffled
    yield
    SQLCompiler.get_order_by = order_of


@pytest.fixture(scope="session", autouse=True)
def _row_locks_name_their_table() -> Iterator[None]:
    """Refuse `select_for_update()` that would also lock what `select_related()` brings in."""
    as_sql = SQLCompiler.as_sql

    def checked(self: SQLCompiler, *args: Any, **kwargs: Any) -> Any:
        query = self.query
        if query.select_for_update and query.select_related and not query.select_for_update_of:
            raise AssertionError("select_for_update() with select_related() must say of=(…)")
        return as_sql(self, *args, **kwargs)

    SQLCompiler.as_sql = checked
    yield
    SQLCompiler.as_sql = as_sql


@pytest.fixture(autouse=True)
def _empty_cache(request: pytest.FixtureRequest) -> None:
    # Rate limits of sign-in live in the cache and would leak from test to test.
    if "db" in request.fixturenames or request.node.get_closest_marker("django_db"):
        cache.clear()
