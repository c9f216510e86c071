# SPDX-License-Identifier: EUPL-1.2
"""Two readers of one body at once: the head row numbers them without holes; without its lock both take one number."""

import threading
from datetime import UTC, datetime
from functools import partial

import pytest
from django.db import connection, transaction

from beneficiaries.enums import ReadKind
from beneficiaries.models import ReadChain, ReadEntry
from beneficiaries.services.reading import record_reading, verify_chain
from tests.factories.partners import OrganisationFactory
from tests.mediation.test_hours_races import _together
from tests.personas import a_user

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2019, 2, 4, 9, tzinfo=UTC)
EACH = 8


def test_readers_at_once_leave_no_hole() -> None:
    readers, body = [a_user("anna"), a_user("bruno"), a_user("carla")], OrganisationFactory()

    def read(reader: object) -> None:
        for subject in range(EACH):
            record_reading(by=reader, organisation=body, kind=ReadKind.PAGE, page="p", subjects=[subject + 1], at=AT)

    # The chain itself is begun by all three at once.
    assert _together(*(partial(read, reader) for reader in readers)) == [None] * 3

    numbers = list(ReadEntry.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, 3 * EACH + 1))
    assert ReadChain.objects.get().entries == 3 * EACH
    assert not verify_chain(body)


def test_a_reading_undone_leaves_no_hole() -> None:
    """A page that fails after it was recorded gives its number back; who waited for it follows the one before."""
    reader, body = a_user("anna"), OrganisationFactory()
    read = partial(record_reading, by=reader, organisation=body, kind=ReadKind.PAGE, page="p", subjects=[1], at=AT)
    read()
    written = threading.Event()

    def fails() -> None:
        with transaction.atomic():
            read()
            written.set()
            transaction.set_rollback(True)

    def follows() -> None:
        written.wait(timeout=20)
        read()

    assert _together(fails, follows) == [None, None]
    assert list(ReadEntry.objects.order_by("number").values_list("number", flat=True)) == [1, 2]
    assert not verify_chain(body)


def test_numbers_taken_without_the_lock_are_taken_twice() -> None:
    """The negative control: the same race over a chain that is read, then appended to."""
    both_have_read = threading.Barrier(2)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE scratch_chain (number int)")

    def naive() -> int:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT coalesce(max(number), 0) + 1 FROM scratch_chain")
            number = int(cursor.fetchone()[0])
            both_have_read.wait(timeout=20)
            cursor.execute("INSERT INTO scratch_chain VALUES (%s)", [number])
            return number

    try:
        assert _together(naive, naive) == [1, 1]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE scratch_chain")
