# SPDX-License-Identifier: EUPL-1.2
"""The guard of GET: a session that may read everything and append readings, and nothing else (ADR 16).

`SET TRANSACTION READ ONLY` cannot make an exception, and a page that shows a nominal record must write that it did. So
the request runs as a database role with SELECT on every table and INSERT on the two tables of readings, whose triggers
do the rest with the rights of the owner. Everything else that a read-only transaction refuses is refused: other rows,
row locks, sequences, tables.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from django.template.backends.django import Template as BackendTemplate

from beneficiaries.models import ReadChain, ReadEntry

APPENDED = (ReadChain, ReadEntry)


def make_reader() -> None:
    """Make the role, inside the caller's transaction: it is undone with it."""
    role = _role()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role.strip('"')])
        if not cursor.fetchone():
            cursor.execute(f"CREATE ROLE {role} NOLOGIN NOINHERIT")
            cursor.execute(f"GRANT {role} TO CURRENT_USER")
        cursor.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
        for model in APPENDED:
            table = model._meta.db_table
            cursor.execute(f"GRANT INSERT ON {table} TO {role}")
            cursor.execute(f"GRANT USAGE ON SEQUENCE {table}_id_seq TO {role}")


def _role() -> str:
    """Return the name of the role: roles belong to the whole server, each parallel worker has its own."""
    return connection.ops.quote_name(f"{connection.settings_dict['NAME']}_reader")


@contextmanager
def only_reading() -> Iterator[None]:
    """Within: reads, and readings appended. What was appended is undone at the end. `make_reader` came before."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL ROLE {_role()}")
        try:
            yield
        finally:
            transaction.set_rollback(True)


@contextmanager
def undone() -> Iterator[None]:
    """Within: everything, as the portal may. What was written is undone at the end."""
    with transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)


@contextmanager
def undrawn() -> Iterator[None]:
    """Within: only the answer of a page counts, which is not drawn; where it is drawn, other tests look at it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BackendTemplate, "render", lambda self, context=None, request=None: "")
        yield
