# SPDX-License-Identifier: EUPL-1.2
"""The chain of readings: appended, numbered, verified; tampering is found."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import translation

from beneficiaries.enums import ReadKind
from beneficiaries.models import ReadChain, ReadEntry
from beneficiaries.services.reading import record_reading, verify_chain
from tests.factories.partners import OrganisationFactory
from tests.personas import a_user

pytestmark = pytest.mark.django_db
AT = datetime(2019, 2, 4, 9, 30, 0, 123, tzinfo=UTC)


def _read(user: Any, body: Any, subjects: list[int], **fields: Any) -> ReadEntry:
    entry = record_reading(
        **{"by": user, "organisation": body, "kind": ReadKind.PAGE, "page": "p", "subjects": subjects, "at": AT}
        | fields
    )
    assert entry is not None
    return entry


@contextmanager
def _without_triggers() -> Iterator[Any]:
    """As somebody with the keys of the database could do."""
    tables = ("beneficiaries_readentry", "beneficiaries_readchain")
    with transaction.atomic(), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield cursor
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def test_entries_are_numbered_and_linked_in_each_body() -> None:
    user, body, other = a_user("anna"), OrganisationFactory(), OrganisationFactory()

    first = _read(user, body, [3, 1, 3], purpose="Perché:\n  sì, «così»", page="beneficiaries:beneficiary")
    second = _read(user, body, [2], kind=ReadKind.EXPORT)
    elsewhere = _read(user, other, [2])

    assert (first.number, second.number, elsewhere.number) == (1, 2, 1)
    assert (first.previous, second.previous) == ("", first.digest)
    kept = ReadEntry.objects.get(pk=first.pk)
    assert kept.subjects == [1, 3]
    assert kept.purpose == "Perché: sì, «così»"
    assert ReadChain.objects.get(organisation=body).head == second.digest
    assert not verify_chain(body)


def test_nothing_shown_writes_nothing() -> None:
    body = OrganisationFactory()

    assert (
        record_reading(by=a_user("anna"), organisation=body, kind=ReadKind.PAGE, page="p", subjects=iter([]), at=AT)
        is None
    )
    assert not ReadChain.objects.exists()


def test_a_reading_costs_one_query(django_assert_num_queries: Any) -> None:
    user, body = a_user("anna"), OrganisationFactory()
    _read(user, body, [1])

    with django_assert_num_queries(1):
        _read(user, body, list(range(1, 400)))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE beneficiaries_readentry SET page = 'other'",
        "DELETE FROM beneficiaries_readentry",
        "SET LOCAL portal.allow_truncate = 'off'; TRUNCATE beneficiaries_readentry CASCADE",
        "UPDATE beneficiaries_readchain SET head = ''",
        "DELETE FROM beneficiaries_readchain",
        "SET LOCAL portal.allow_truncate = 'off'; TRUNCATE beneficiaries_readchain CASCADE",
    ],
)
def test_readings_are_never_changed(statement: str) -> None:
    _read(a_user("anna"), OrganisationFactory(), [1])
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    refused = pytest.raises(DatabaseError, match=r"never changed|moves with")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_an_insert_cannot_choose_its_link() -> None:
    user, body = a_user("anna"), OrganisationFactory()
    first = _read(user, body, [1])

    made = ReadEntry.objects.create(
        chain_id=first.chain_id,
        number=9,
        at=AT,
        actor=user,
        kind="page",
        page="p",
        subjects=[5],
        previous="x",
        digest="y",
    )

    made.refresh_from_db()
    assert (made.number, made.previous) == (2, first.digest)
    assert not verify_chain(body)


TAMPERED = {
    "a reader": ("UPDATE beneficiaries_readentry SET actor_id = %(other)s WHERE number = 2", "Reading 2 was changed"),
    "the persons": ("UPDATE beneficiaries_readentry SET subjects = '{9}' WHERE number = 1", "Reading 1 was changed"),
    "the time": (
        "UPDATE beneficiaries_readentry SET at = at + interval '1 microsecond' WHERE number = 3",
        "3 was changed",
    ),
    "the file": (
        "UPDATE beneficiaries_readentry SET document = gen_random_uuid() WHERE number = 2",
        "Reading 2 was changed",
    ),
    "one gone": ("DELETE FROM beneficiaries_readentry WHERE number = 2", "Reading 2 is not there"),
    "the last gone": ("DELETE FROM beneficiaries_readentry WHERE number = 3", "says 3 readings and 2"),
    "all gone": ("DELETE FROM beneficiaries_readentry", "says 3 readings and 0"),
    "the head": ("UPDATE beneficiaries_readchain SET head = repeat('0', 64)", "head of the chain"),
    "two exchanged": (
        "UPDATE beneficiaries_readentry SET number = CASE number WHEN 1 THEN 2 WHEN 2 THEN 1 ELSE 3 END",
        "Reading 1 was changed",
    ),
    "one written over whole": (
        "UPDATE beneficiaries_readentry SET page = 'q', digest = repeat('a', 64) WHERE number = 2",
        "Reading 3 does not follow",
    ),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_tampering_is_found(name: str) -> None:
    statement, wanted = TAMPERED[name]
    user, other, body = a_user("anna"), a_user("bruno"), OrganisationFactory()
    for subject in (1, 2, 3):
        _read(user, body, [subject])
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        if name == "two exchanged":
            cursor.execute("ALTER TABLE beneficiaries_readentry DROP CONSTRAINT beneficiaries_readentry_in_order")
    assert not verify_chain(body)

    with _without_triggers() as cursor:
        cursor.execute(statement, {"other": other.pk})

    out, err = StringIO(), StringIO()
    with translation.override(None):
        assert wanted in " ".join(verify_chain(body))
    with translation.override(None), pytest.raises(CommandError, match="broken"):
        call_command("audit", "verify", organisation=str(body.uuid), stdout=out, stderr=err)
    assert f"BROKEN  {body.uuid}" in out.getvalue()
    assert wanted in err.getvalue()


def test_the_command_says_what_is_whole() -> None:
    body = OrganisationFactory(name="Scuola che non si nomina")
    entry = _read(a_user("anna"), body, [1])
    out = StringIO()

    call_command("audit", "verify", stdout=out)

    assert out.getvalue() == f"whole  {body.uuid}  1  {entry.digest}\n"
