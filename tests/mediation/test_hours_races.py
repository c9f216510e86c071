# SPDX-License-Identifier: EUPL-1.2
"""Races over real connections for the last hours of an account. The row lock decides them; without it they oversell."""

import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import pytest
from django.db import connection, connections, transaction

from actions.enums import MediationRequestKind
from fami_portal.core.errors import DomainError
from mediation.enums import AccountUse, MovementKind
from mediation.models import HourAccount, HourMovement
from mediation.services import hours
from tests.factories.mediation import HourAccountFactory, RequestKindFactory
from tests.personas import build_world

pytestmark = pytest.mark.django_db(transaction=True)

AT = datetime(2019, 2, 4, 9, tzinfo=UTC)
ROUNDS = 5


def _together(*acts: Callable[[], Any]) -> list[Any]:
    """Run the acts at once, each on a connection of its own; return what each gave or raised."""
    start = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(number: int, act: Callable[[], Any]) -> None:
        try:
            start.wait(timeout=20)
            results[number] = act()
        except Exception as error:
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number, act)) for number, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def _copy(account: HourAccount) -> HourAccount:
    return HourAccount.objects.get(pk=account.pk)


def _reserve(account: HourAccount, number: int, minutes: int = 60) -> HourMovement:
    return hours.reserve(
        account=_copy(account), source_type="request", source_id=number, minutes=minutes, by=None, at=AT
    )


def _refused(results: list[Any]) -> list[Any]:
    return [result for result in results if isinstance(result, hours.NotEnoughHoursError)]


def test_of_two_requests_for_the_last_hour_exactly_one_gets_it() -> None:
    for _round in range(ROUNDS):
        account = HourAccountFactory(minutes=60)
        results = _together(
            partial(_reserve, account, 1 + 10 * account.pk), partial(_reserve, account, 2 + 10 * account.pk)
        )
        assert len(_refused(results)) == 1, results
        assert "0 h" in str(_refused(results)[0])
        found = _copy(account)
        assert (found.granted, found.reserved, found.available) == (60, 60, 0)
        assert account.movements.filter(kind=MovementKind.REQUEST).count() == 1


def test_one_request_sent_twice_at_once_reserves_once() -> None:
    account = HourAccountFactory(minutes=600)
    results = _together(*(partial(_reserve, account, 7) for _ in range(3)))
    assert len({result.pk for result in results}) == 1
    assert _copy(account).reserved == 60


def test_of_two_moves_of_the_same_hours_one_is_refused() -> None:
    source = HourAccountFactory(minutes=100)
    targets = [
        HourAccountFactory(programme=source.programme, network=source.network, use=use, minutes=0)
        for use in (AccountUse.PLANNED, AccountUse.URGENCY)
    ]
    results = _together(*(partial(_move, source, target, 60) for target in targets))
    assert len(_refused(results)) == 1, results
    assert _copy(source).available == 40
    assert sorted(_copy(target).granted for target in targets) == [0, 60]


def _move(source: HourAccount, target: HourAccount, minutes: int, key: uuid.UUID | None = None) -> Any:
    return hours.move(
        source=_copy(source),
        target=_copy(target),
        minutes=minutes,
        reason="Prova",
        by=None,
        at=AT,
        key=key or uuid.uuid4(),
    )


def test_opposite_moves_wait_for_one_another_and_a_double_click_is_one() -> None:
    first = HourAccountFactory(minutes=100)
    second = HourAccountFactory(programme=first.programme, network=first.network, use=AccountUse.PLANNED, minutes=100)
    for _round in range(ROUNDS):
        results = _together(partial(_move, first, second, 10), partial(_move, second, first, 10))
        assert not [result for result in results if isinstance(result, Exception)], results
    key = uuid.uuid4()
    _together(*(partial(_move, first, second, 30, key) for _ in range(2)))
    assert (_copy(first).granted, _copy(second).granted) == (70, 130)


def test_a_request_and_the_end_of_another_never_oversell() -> None:
    """One consumes more than it reserved while another asks for the same minutes."""
    for _round in range(ROUNDS):
        account = HourAccountFactory(minutes=120)
        first, second = 1 + 10 * account.pk, 2 + 10 * account.pk
        _reserve(account, first)
        results = _together(
            partial(
                hours.consume,
                account=_copy(account),
                source_type="request",
                source_id=first,
                minutes=120,
                by=None,
                at=AT,
            ),
            partial(_reserve, account, second),
        )
        assert len(_refused(results)) == 1, results
        found = _copy(account)
        assert found.reserved + found.consumed == 120


def test_an_account_opened_by_a_double_click_is_one_with_its_hours_once() -> None:
    world = build_world()
    RequestKindFactory(programme=world.programmes["a"])

    def click(key: uuid.UUID) -> Any:
        return hours.open_account(
            programme=world.programmes["a"],
            network=world.networks["n1"],
            kind=MediationRequestKind.SCHOOL,
            starts_on=date(2018, 9, 1),
            ends_on=date(2019, 8, 31),
            by=None,
            at=AT,
            minutes=60,
            reason="Piano di rete",
            key=key,
        )

    key = uuid.uuid4()
    results = _together(partial(click, key), partial(click, key))
    assert len({account.pk for account in results}) == 1
    assert _copy(results[0]).granted == 60
    # Another form for the same account is told so.
    assert isinstance(_together(partial(click, uuid.uuid4()))[0], DomainError)


# --- the negative control -----------------------------------------------------------------------------------------------


@pytest.fixture
def scratch(transactional_db: None) -> Iterator[str]:
    """An account as a spreadsheet keeps it: figures read, reckoned and written back, without lock or CHECK."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE scratch_account (granted int, reserved int)")
        cursor.execute("INSERT INTO scratch_account VALUES (60, 0)")
    yield "scratch_account"
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE scratch_account")


def test_a_naive_read_then_write_sells_the_last_hour_twice(scratch: str) -> None:
    """The same race without the lock: both read the free hour, so both think that they have it."""
    both_have_read = threading.Barrier(2)

    def naive() -> bool:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT granted - reserved FROM scratch_account")
            free = cursor.fetchone()[0]
            both_have_read.wait(timeout=20)
            if free < 60:
                return False
            cursor.execute("UPDATE scratch_account SET reserved = reserved + 60")
            return True

    assert _together(naive, naive) == [True, True]
    with connection.cursor() as cursor:
        cursor.execute("SELECT granted, reserved FROM scratch_account")
        assert cursor.fetchone() == (60, 120)
