# SPDX-License-Identifier: EUPL-1.2
"""Row history: written by the database, whatever the road the write took."""

import pytest
from django.contrib.auth import get_user_model
from django.db import DatabaseError, connection, transaction

from fami_portal.core import audit
from fami_portal.core.models import RowHistory
from fami_portal.core.services import acting
from tests.core.people import a_person

pytestmark = pytest.mark.django_db
User = get_user_model()


def history(row: object) -> list[RowHistory]:
    return list(RowHistory.objects.filter(table_name="accounts_user", row_id=str(row.pk)).order_by("id"))


def test_a_write_outside_a_service_transaction_fails() -> None:
    anna = a_person()

    for write in (
        lambda: User.objects.create(email="x@example.org", given_name="X", family_name="Prova"),
        lambda: User.objects.filter(pk=anna.pk).update(is_active=False),
        anna.delete,
    ):
        with pytest.raises(DatabaseError, match="outside a service transaction"), transaction.atomic():
            write()


@pytest.mark.django_db(transaction=True)
def test_a_transaction_begun_after_another_has_no_actor() -> None:
    anna = a_person()

    with pytest.raises(DatabaseError, match="outside a service transaction"), transaction.atomic():
        User.objects.filter(pk=anna.pk).update(is_active=False)


def test_insert_update_and_delete_are_recorded_with_their_actor() -> None:
    anna, bruno = a_person("anna"), a_person("bruno")
    with acting(bruno):
        User.objects.filter(pk=anna.pk).update(is_active=False)
    with acting(None):
        User.objects.filter(pk=anna.pk).delete()

    insert, update, delete = history(anna)
    assert (insert.operation, insert.actor) == ("insert", "system")
    assert (update.operation, update.actor) == ("update", f"user:{bruno.pk}")
    assert update.changes == {"is_active": [True, False]}
    assert (delete.operation, delete.actor) == ("delete", "system")
    assert delete.changes["is_active"] is False


def test_a_bulk_update_is_recorded_row_by_row() -> None:
    people = [a_person(f"person{number}") for number in range(5)]

    with acting(None):
        User.objects.filter(pk__in=[p.pk for p in people]).update(is_active=False)

    assert [len(history(person)) for person in people] == [2] * 5


def test_plain_sql_is_recorded_too() -> None:
    anna = a_person()

    with acting(anna), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET is_active = false WHERE id = %s", [anna.pk])

    assert history(anna)[-1].changes == {"is_active": [True, False]}


def test_an_update_that_changes_nothing_leaves_no_trace() -> None:
    anna = a_person()

    with acting(anna):
        User.objects.filter(pk=anna.pk).update(is_active=True)

    assert len(history(anna)) == 1


def test_excluded_columns_are_never_kept() -> None:
    anna = a_person()
    with acting(anna):
        User.objects.filter(pk=anna.pk).update(given_name="Nuovo", email="new@example.org", password="secret")
        User.objects.filter(pk=anna.pk).delete()

    rows = history(anna)
    assert [row.operation for row in rows] == ["insert", "delete"]
    assert not {"given_name", "family_name", "email", "password", "last_login"} & set(rows[-1].changes)
    assert "Nuovo" not in str([row.changes for row in rows])


def test_an_inner_service_takes_the_name_over_and_gives_it_back() -> None:
    anna, bruno = a_person("anna"), a_person("bruno")

    with acting(anna):
        with acting(bruno):
            User.objects.filter(pk=anna.pk).update(is_active=False)
        User.objects.filter(pk=anna.pk).update(is_active=True)

    assert [row.actor for row in history(anna)[1:]] == [f"user:{bruno.pk}", f"user:{anna.pk}"]


def test_the_name_is_given_back_after_an_inner_service_that_failed() -> None:
    anna, bruno = a_person("anna"), a_person("bruno")

    with acting(anna):
        with pytest.raises(ZeroDivisionError), acting(bruno):
            raise ZeroDivisionError
        User.objects.filter(pk=anna.pk).update(is_active=False)

    assert history(anna)[-1].actor == f"user:{anna.pk}"


def test_changes_are_told_in_words() -> None:
    anna, bruno = a_person("anna"), a_person("bruno")
    with acting(bruno):
        User.objects.filter(pk=anna.pk).update(is_active=False)

    update, insert = audit.field_changes(anna)

    assert (insert.operation, insert.field) == ("insert", "")
    assert update.actor == "Bruno Prova"
    assert update.field == str(User._meta.get_field("is_active").verbose_name)
    assert update.before != update.after


def test_the_triggers_need_no_error_to_know_that_they_hold() -> None:
    """An error caught in a trigger goes through every foreign key that waits for the commit: n rows took n² steps."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('pgtrigger.ignore')::text[]")

        assert cursor.fetchone() == ([],)
