# SPDX-License-Identifier: EUPL-1.2
"""Views, forms and template tags never write: only services do. That GET does not either is seen by the role matrix."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from tests.personas import a_user

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ["accounts", "partners", "actions", "beneficiaries", "mediation", "reporting", "fami_portal"]
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


@pytest.mark.django_db
def test_the_transaction_of_a_get_refuses_writes() -> None:
    """The negative control of the role matrix."""
    user = a_user("anna")

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        with pytest.raises(DatabaseError, match="read-only"):
            User.objects.filter(pk=user.pk).update(given_name="Altra")
        transaction.set_rollback(True)
