# SPDX-License-Identifier: EUPL-1.2
"""Databases of tests: one is migrated and the others are copies of it, and each is emptied row by row.

The copies are those of the other test processes, and those of the next run.
"""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.commands import flush
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "portal_template_"
# What Django writes again after each migration, and after each emptying: the rows are those of the template.
WRITTEN_ONCE = {"django_content_type", "auth_permission"}


def _name() -> str:
    """Return the name of the template: it changes with every migration, and with the packages that bring others."""
    digest = hashlib.sha256()
    files = [
        ROOT / "requirements.txt",
        ROOT / "fami_portal" / "core" / "operations.py",
        *ROOT.glob("*/migrations/*.py"),
    ]
    for path in sorted([*files, *ROOT.glob("*/*/migrations/*.py")]):
        digest.update(path.read_bytes())
    return PREFIX + digest.hexdigest()[:20]


def _templates(cursor: Any) -> set[str]:
    cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
    return {name for (name,) in cursor.fetchall()}


@contextmanager
def _alone() -> Iterator[None]:
    """Let one test process at a time look for the template, or make it."""
    with (settings.VAR_DIR / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def copied_or_kept() -> Iterator[None]:
    """Say that the database is to be a copy, where there is a template; else keep a copy of what is made meanwhile.

    A generator with two steps: before the database is made, and after. Who finds no template makes one while the others
    wait, which takes less than if all of them migrated side by side.
    """
    name, creation = _name(), connection.creation
    with _alone():
        with creation._nodb_cursor() as cursor:
            found = name in _templates(cursor)
        if not found:
            yield
            connection.close()
            with creation._nodb_cursor() as cursor:
                for old in _templates(cursor):
                    cursor.execute(f'DROP DATABASE "{old}"')
                cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{connection.settings_dict["NAME"]}"')
            return
    connection.settings_dict["TEST"]["TEMPLATE"] = name
    yield


@contextmanager
def emptied_row_by_row() -> Iterator[None]:
    """Let tests over several connections leave an empty database by deleting the few rows that they wrote.

    To truncate two hundred tables makes a thousand files anew: a second after each test. Keys and guards are off
    meanwhile, which takes a superuser; any other role truncates. The names of models and of their permissions stay, so
    that they need not be written again.
    """
    truncate, written_again = DatabaseOperations.sql_flush, flush.emit_post_migrate_signal

    def sql_flush(self: DatabaseOperations, style: Any, tables: list[str], **options: Any) -> list[str]:
        tables = [table for table in tables if table not in WRITTEN_ONCE]
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            if not cursor.fetchone()[0] or options.get("reset_sequences"):
                return truncate(self, style, tables, **options)
            # Names of our own tables, here and below.
            asked = [f"SELECT '{table}' WHERE EXISTS (SELECT FROM {self.quote_name(table)})" for table in tables]  # noqa: S608
            cursor.execute(" UNION ALL ".join(asked))
            written = [table for (table,) in cursor.fetchall()]
        return [
            "SET LOCAL session_replication_role = replica",
            *(f"DELETE FROM {self.quote_name(table)}" for table in written),  # noqa: S608
        ]

    DatabaseOperations.sql_flush = sql_flush
    flush.emit_post_migrate_signal = lambda *args, **kwargs: None
    yield
    DatabaseOperations.sql_flush, flush.emit_post_migrate_signal = truncate, written_again
