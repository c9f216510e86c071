# SPDX-License-Identifier: EUPL-1.2
"""Views, forms and template tags never write: only services do. That GET does not either is seen by the role matrix."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.models import User
from beneficiaries.enums import ReadKind
from beneficiaries.services.reading import record_reading, verify_chain
from fami_portal.core.services import acting
from tests.factories.partners import OrganisationFactory
from tests.guard import APPENDED, make_reader, only_reading
from tests.personas import a_user

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ["accounts", "partners", "actions", "beneficiaries", "mediation", "privacy", "reporting", "fami_portal"]
ROOMS = ("views", "forms", "filters", "selectors", "templatetags", "permissions", "workflow")
WRITES = {
    "save",
    "create",
    "update",
    "delete",
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "update_or_create",
    "acreate",
    "aupdate",
    "asave",
    "adelete",
    "select_for_update",
}
# Methods of the same name on things that are no rows of the database.
NOT_THE_DATABASE = {
    "default_storage",
    "hashlib",
    "digest",
    "hasher",
    "context",
    "kept",
    "found",
    "seen",
    "attrs",
    "kwargs",
    "cookies",
}


def _files() -> Iterator[Path]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if "migrations" not in parts and any(part in ROOMS for part in parts):
                yield path


def _root(node: ast.expr) -> str:
    """Return the name at the beginning of a chain of attributes and calls."""
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _writes(source: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            if isinstance(node.func.value, ast.Call) and _root(node.func.value) == "super":
                continue
            if _root(node.func.value) not in NOT_THE_DATABASE:
                yield node.lineno, ast.unparse(node.func)
        elif isinstance(node.func, ast.Attribute) and node.func.attr in {"delay", "apply_async"}:
            yield node.lineno, ast.unparse(node.func)
        elif isinstance(node.func, ast.Name) and node.func.id == "acting":
            yield node.lineno, "acting"


def test_views_forms_and_selectors_do_not_write() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {call}"
        for path in _files()
        for line, call in _writes(path.read_text(encoding="utf-8"))
    ]

    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "source", ["thing.save()", "Thing.objects.filter(pk=1).update(a=1)", "x.objects.bulk_create([])", "task.delay(1)"]
)
def test_a_write_is_recognised(source: str) -> None:
    assert list(_writes(source))


# Other rows, there or not; row locks; sequences; tables; readings once written, and the heads of their chains.
LOOKING = [
    "UPDATE accounts_user SET given_name = 'Altra'",
    "DELETE FROM core_message WHERE id = 0",
    "INSERT INTO core_message SELECT * FROM core_message WHERE false",
    "SELECT id FROM accounts_user FOR UPDATE",
    "SELECT nextval('accounts_user_id_seq')",
    "CREATE TABLE scratch (id int)",
    "UPDATE beneficiaries_readentry SET page = ''",
    "DELETE FROM beneficiaries_readentry",
    "UPDATE beneficiaries_readchain SET entries = 7",
    "TRUNCATE beneficiaries_readentry",
]


@pytest.mark.django_db
def test_a_get_writes_nothing_but_readings() -> None:
    """The negative control of the role matrix, and what it lets through."""
    make_reader()
    user = a_user("anna")
    body = OrganisationFactory()

    with only_reading():
        for statement in LOOKING:
            refused = pytest.raises(DatabaseError, match="permission denied")
            with refused, transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
        with pytest.raises(DatabaseError, match="permission denied"), acting(None):
            User.objects.filter(pk=user.pk).update(given_name="Altra")

        entry = record_reading(
            by=user, organisation=body, kind=ReadKind.PAGE, page="a page", subjects=[1], at=timezone.now()
        )
        assert entry is not None
        assert entry.number == 1
        assert not verify_chain(body)


@pytest.mark.django_db
def test_what_a_get_may_write_is_the_readings_alone() -> None:
    make_reader()

    with only_reading(), connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm')
              AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
            """
        )
        assert {row[0] for row in cursor.fetchall()} == {model._meta.db_table for model in APPENDED}
        cursor.execute("SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace")
        # Only a trigger runs with the rights of the owner: it cannot be called.
        assert [row[0] for row in cursor.fetchall()] == ["beneficiaries_append_reading"]
