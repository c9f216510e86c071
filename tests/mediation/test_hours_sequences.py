# SPDX-License-Identifier: EUPL-1.2
"""Any sequence of acts on the accounts of hours leaves figures that are the sums of their movements."""

import uuid
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fami_portal.core.errors import DomainError
from mediation.enums import AccountUse
from mediation.models import HourAccount, HourMovement
from mediation.selectors.hours import reserved_for
from mediation.services import hours
from tests.factories.mediation import HourAccountFactory
from tests.mediation.test_hours import AT, _figures, _sums

pytestmark = pytest.mark.django_db

place, source, attempt = st.integers(0, 2), st.integers(1, 3), st.integers(1, 3)
some = st.sampled_from([0, 1, 30, 60, 90, 120, 600, 601])
ACTS = st.one_of(
    st.tuples(st.just("grant"), place, some, st.booleans()),
    st.tuples(st.just("reserve"), place, source, some, attempt),
    st.tuples(st.just("reserve"), place, source, some, attempt),
    st.tuples(st.just("release"), place, source),
    st.tuples(st.just("consume"), place, source, some, attempt),
    st.tuples(st.just("charge"), place, source, some, st.sampled_from([None, 1, 2])),
    st.tuples(st.just("restore"), place, source, attempt),
    st.tuples(st.just("move"), place, place, some),
)


class Story:
    """Three accounts of one network; an act that is refused must leave everything as it was."""

    def __init__(self) -> None:
        first = HourAccountFactory()
        self.accounts = [first] + [
            HourAccountFactory(programme=first.programme, network=first.network, use=use, minutes=120)
            for use in (AccountUse.PLANNED, AccountUse.URGENCY)
        ]
        self.rows = self.movements()
        self.held: dict[tuple[int, int], int] = {}

    def run(self, act: tuple[Any, ...]) -> None:
        before, rows = self.state(), self.rows
        try:
            with transaction.atomic():
                getattr(self, f"_{act[0]}")(*act[1:])
        except DomainError:
            assert self.state() == before
            self.rows = self.movements()
            assert self.rows == rows
        else:
            self.rows = self.movements()
            assert self.rows[: len(rows)] == rows

    def movements(self) -> list[tuple[Any, ...]]:
        return list(HourMovement.objects.order_by("pk").values_list())

    def state(self) -> list[tuple[int, int, int]]:
        found = HourAccount.objects.in_bulk([account.pk for account in self.accounts])
        return [(row.granted, row.reserved, row.consumed) for row in (found[key.pk] for key in self.accounts)]

    def check(self) -> None:
        """What must be true after each act."""
        changes = dict.fromkeys((account.pk for account in self.accounts), (0, 0, 0))
        held = {(account.pk, number): 0 for account in self.accounts for number in range(1, 4)}
        columns = ("account_id", "source_id", "granted_change", "reserved_change", "consumed_change")
        for account, number, *change in HourMovement.objects.order_by("pk").values_list(*columns):
            changes[account] = tuple(map(sum, zip(changes[account], change, strict=True)))
            if number is not None:
                held[account, number] += change[1]
        for account, (granted, reserved, consumed) in zip(self.accounts, self.state(), strict=True):
            assert (granted, reserved, consumed) == changes[account.pk]
            assert reserved >= 0
            assert consumed >= 0
            assert reserved + consumed <= granted
            own = [held[account.pk, number] for number in range(1, 4)]
            assert sum(own) == reserved
            assert min(own) >= 0
        self.held = held

    def check_selectors(self) -> None:
        """What must be true at the end of a story: the portal reads the same figures."""
        for account in self.accounts:
            assert _figures(account) == _sums(account)
        assert self.held == {
            (account, number): reserved_for("request", number, account_id=account) for account, number in self.held
        }

    def _common(self, number: int, at_source: int) -> dict[str, Any]:
        return {
            "account": self.accounts[number],
            "source_type": "request",
            "source_id": at_source,
            "by": None,
            "at": AT,
        }

    def _grant(self, number: int, minutes: int, extra: bool) -> None:
        hours.grant(account=self.accounts[number], minutes=minutes, reason="Prova", by=None, at=AT, extra=extra)

    def _reserve(self, number: int, at_source: int, minutes: int, attempt: int) -> None:
        hours.reserve(minutes=minutes, attempt=attempt, **self._common(number, at_source))

    def _release(self, number: int, at_source: int) -> None:
        hours.release(**self._common(number, at_source))

    def _consume(self, number: int, at_source: int, minutes: int, attempt: int) -> None:
        hours.consume(minutes=minutes, attempt=attempt, **self._common(number, at_source))

    def _charge(self, number: int, at_source: int, minutes: int, session: int | None) -> None:
        hours.charge(minutes=minutes, session_id=session, reason="Prova", **self._common(number, at_source))

    def _restore(self, number: int, at_source: int, attempt: int) -> None:
        hours.restore(attempt=attempt, **self._common(number, at_source))

    def _move(self, number: int, other: int, minutes: int) -> None:
        hours.move(
            source=self.accounts[number],
            target=self.accounts[other],
            minutes=minutes,
            reason="Prova",
            by=None,
            at=AT,
            key=uuid.uuid4(),
        )


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(acts=st.lists(ACTS, min_size=3, max_size=18))
def test_after_any_sequence_the_figures_are_the_sums_of_the_movements(acts: list[tuple[Any, ...]]) -> None:
    with transaction.atomic():
        story = Story()
        for act in acts:
            story.run(act)
            story.check()
        story.check_selectors()
        transaction.set_rollback(True)
