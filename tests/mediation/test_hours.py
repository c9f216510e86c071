# SPDX-License-Identifier: EUPL-1.2
"""The accounts of hours: every act is a movement, the balance is their sum, nothing is ever oversold."""

import uuid
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions.enums import MediationRequestKind
from fami_portal.core.errors import DomainError, NotPermitted
from fami_portal.core.models import AuditEvent
from fami_portal.core.services import acting
from mediation.enums import AccountUse, MovementKind
from mediation.models import HourAccount, HourMovement
from mediation.selectors.hours import account_for, reserved_for
from mediation.services import hours
from tests.factories.mediation import HourAccountFactory, RequestKindFactory
from tests.personas import World

pytestmark = pytest.mark.django_db

AT = datetime(2019, 2, 4, 9, tzinfo=UTC)
REQUEST: dict[str, Any] = {"source_type": "request", "source_id": 7, "by": None, "at": AT}


def _account(world: World, **values: Any) -> HourAccount:
    values = {"programme": world.programmes["a"], "network": world.networks["n1"]} | values
    return HourAccountFactory(**values)


def _figures(account: HourAccount) -> tuple[int, int, int]:
    account = HourAccount.objects.get(pk=account.pk)
    return account.granted, account.reserved, account.consumed


def _sums(account: HourAccount) -> tuple[int, int, int]:
    found = account.movements.aggregate(
        granted=Sum("granted_change", default=0),
        reserved=Sum("reserved_change", default=0),
        consumed=Sum("consumed_change", default=0),
    )
    return found["granted"], found["reserved"], found["consumed"]


def _kinds(account: HourAccount) -> list[str]:
    return list(account.movements.order_by("pk").values_list("kind", flat=True))


# --- opening, granting, moving --------------------------------------------------------------------------------------


def test_an_account_opens_empty_and_is_granted_hours_with_a_reason(world: World) -> None:
    RequestKindFactory(programme=world.programmes["a"])
    by = world.personas["network_coordinator"]
    account = hours.open_account(
        programme=world.programmes["a"],
        network=world.networks["n1"],
        organisation=world.bodies["school_1"],
        kind=MediationRequestKind.SCHOOL,
        starts_on=date(2018, 9, 1),
        ends_on=date(2019, 8, 31),
        by=by,
    )
    assert (account.granted, account.available, account.school_year) == (0, 0, "2018/2019")
    hours.grant(account=account, minutes=1200, reason=" Piano di rete ", by=by, at=AT)
    assert (account.granted, account.available) == (1200, 1200)
    movement = account.movements.get()
    assert (movement.kind, movement.reason, movement.by) == (MovementKind.GRANT, "Piano di rete", by)
    assert set(AuditEvent.objects.filter(target_id=str(account.pk)).values_list("verb", flat=True)) >= {
        "account opened",
        "hours granted",
    }


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": MediationRequestKind.LEGAL}, "kind"),
        ({"network": "n3"}, "network"),
        ({"organisation": "school_3"}, "organisation"),
        ({"ends_on": date(2018, 9, 1)}, "ends_on"),
        ({"starts_on": date(2031, 9, 1), "ends_on": date(2032, 8, 31)}, "starts_on"),
        ({}, "kind"),
    ],
)
def test_an_account_that_makes_no_sense_is_not_opened(world: World, change: dict[str, Any], field: str) -> None:
    RequestKindFactory(programme=world.programmes["a"])
    values = {
        "programme": world.programmes["a"],
        "network": world.networks[change.pop("network", "n1")],
        "organisation": world.bodies[change.pop("organisation", "school_1")],
        "kind": MediationRequestKind.SCHOOL,
        "starts_on": date(2018, 9, 1),
        "ends_on": date(2019, 8, 31),
        "by": None,
    }
    if field == "kind" and not change:
        hours.open_account(**values)  # the second one is the refused one
    before = HourAccount.objects.count()
    with pytest.raises(DomainError) as refused:
        hours.open_account(**(values | change))
    assert refused.value.field == field
    assert HourAccount.objects.count() == before


def test_a_double_click_grants_once_and_an_extra_grant_is_marked(world: World) -> None:
    account, key = _account(world), uuid.uuid4()
    first, second = (
        hours.grant(account=account, minutes=60, reason="Nuovi arrivi", by=None, at=AT, key=key, extra=True)
        for _ in range(2)
    )
    assert first == second
    assert _kinds(account) == [MovementKind.GRANT, MovementKind.EXTRA_GRANT]
    assert account.granted == 660


@pytest.mark.parametrize(
    ("minutes", "reason", "field"),
    [(0, "x", "minutes"), (-5, "x", "minutes"), (600_001, "x", "minutes"), (60, " ", "reason")],
)
def test_a_grant_needs_minutes_and_a_reason(world: World, minutes: int, reason: str, field: str) -> None:
    account = _account(world)
    with pytest.raises(DomainError) as refused:
        hours.grant(account=account, minutes=minutes, reason=reason, by=None, at=AT)
    assert refused.value.field == field
    assert _figures(account) == (600, 0, 0)


def test_hours_move_between_accounts_once(world: World) -> None:
    by, key = world.personas["network_coordinator"], uuid.uuid4()
    pool, school = _account(world), _account(world, organisation=world.bodies["school_1"], minutes=0)
    for _ in range(2):
        hours.move(source=pool, target=school, minutes=240, reason="Meno richieste", by=by, at=AT, key=key)
    assert (pool.available, school.available) == (360, 240)
    assert _kinds(school) == [MovementKind.MOVED_IN]
    with pytest.raises(hours.NotEnoughHoursError) as refused:
        hours.move(source=pool, target=school, minutes=361, reason="Troppe", by=by, at=AT, key=uuid.uuid4())
    assert "6 h" in str(refused.value)
    assert _figures(pool) == (360, 0, 0)
    with pytest.raises(DomainError):
        hours.move(source=pool, target=pool, minutes=1, reason="A sé", by=by, at=AT, key=uuid.uuid4())


def test_only_coordinators_grant_and_move_and_only_inside_their_programme(world: World) -> None:
    own, other = _account(world), _account(world, network=world.networks["n2"])
    foreign = _account(world, programme=world.programmes["b"], network=world.networks["n3"])
    for role in ("school_head", "school_contact", "mediator", "auditor"):
        with pytest.raises(NotPermitted):
            hours.grant(account=own, minutes=60, reason="No", by=world.personas[role], at=AT)
    coordinator, region = world.personas["network_coordinator"], world.personas["regional_coordinator"]
    with pytest.raises(NotPermitted):
        hours.move(source=own, target=other, minutes=60, reason="No", by=coordinator, at=AT, key=uuid.uuid4())
    hours.move(source=own, target=other, minutes=60, reason="Sì", by=region, at=AT, key=uuid.uuid4())
    with pytest.raises(DomainError):
        hours.move(source=own, target=foreign, minutes=60, reason="No", by=None, at=AT, key=uuid.uuid4())


# --- reserved, consumed, released, charged, taken back ---------------------------------------------------------------


def test_what_is_asked_is_reserved_once_and_refused_beyond_the_balance(world: World) -> None:
    account = _account(world)
    first, second = (hours.reserve(account=account, minutes=120, **REQUEST) for _ in range(2))
    assert first == second
    assert (account.reserved, account.available, reserved_for("request", 7)) == (120, 480, 120)
    assert _kinds(account) == [MovementKind.GRANT, MovementKind.REQUEST, MovementKind.RESERVE]
    with pytest.raises(hours.NotEnoughHoursError) as refused:
        hours.reserve(account=account, minutes=481, **(REQUEST | {"source_id": 8}))
    assert (refused.value.field, refused.value.available) == ("minutes_asked", 480)
    assert "8 h" in str(refused.value)
    assert _kinds(account)[3:] == []


def test_consuming_less_gives_the_rest_back(world: World) -> None:
    account = _account(world)
    hours.reserve(account=account, minutes=120, **REQUEST)
    for _ in range(2):
        hours.consume(account=account, minutes=90, **REQUEST)
    assert _figures(account) == (600, 0, 90)
    assert _kinds(account)[3:] == [MovementKind.CONSUME, MovementKind.RELEASE]


def test_consuming_more_draws_on_the_balance_or_is_refused(world: World) -> None:
    account = _account(world, minutes=120)
    hours.reserve(account=account, minutes=60, **REQUEST)
    with pytest.raises(hours.NotEnoughHoursError) as refused:
        hours.consume(account=account, minutes=121, **REQUEST)
    assert (refused.value.wanted, refused.value.available) == (61, 60)
    assert _figures(account) == (120, 60, 0)
    hours.consume(account=account, minutes=120, **REQUEST)
    assert _figures(account) == (120, 0, 120)


def test_releasing_gives_all_back_and_again_when_reserved_again(world: World) -> None:
    account = _account(world)
    assert hours.release(account=account, **REQUEST) is None
    for attempt in (1, 2):
        hours.reserve(account=account, minutes=60, attempt=attempt, **REQUEST)
        hours.release(account=account, reason="Respinta", **REQUEST)
        assert hours.release(account=account, **REQUEST) is None
        assert _figures(account) == (600, 0, 0)
    assert account.movements.filter(kind=MovementKind.RELEASE, reason="Respinta").count() == 2


def test_a_charge_takes_the_reserve_then_the_balance_as_far_as_it_goes(world: World) -> None:
    account = _account(world, minutes=100)
    hours.reserve(account=account, minutes=30, **REQUEST)
    for _ in range(2):
        charged = hours.charge(account=account, minutes=60, reason="Disdetta tardiva", session_id=1, **REQUEST)
    assert (charged.minutes, _figures(account)) == (60, (100, 0, 60))
    charged = hours.charge(account=account, minutes=60, reason="Assenza", session_id=2, **REQUEST)
    assert (charged.minutes, _figures(account)) == (40, (100, 0, 100))


def test_a_reopened_report_takes_its_hours_back_and_consumes_them_anew(world: World) -> None:
    account = _account(world)
    hours.reserve(account=account, minutes=120, **REQUEST)
    hours.charge(account=account, minutes=30, reason="Famiglia assente", session_id=1, **REQUEST)
    hours.consume(account=account, minutes=60, **REQUEST)
    for _ in range(2):
        hours.restore(account=account, attempt=1, **REQUEST)
    assert _figures(account) == (600, 60, 30)
    hours.consume(account=account, minutes=75, attempt=2, **REQUEST)
    assert _figures(account) == (600, 0, 105)
    assert hours.restore(account=account, attempt=2, **REQUEST).minutes == 75
    assert hours.restore(account=account, attempt=3, **REQUEST) is None


def test_a_body_draws_on_its_own_account_then_on_the_pool(world: World) -> None:
    pool = _account(world, starts_on=date(2018, 9, 1), ends_on=date(2019, 8, 31))
    where = {
        "programme_id": pool.programme_id,
        "network_id": pool.network_id,
        "organisation_id": world.bodies["school_1"].pk,
        "kind": MediationRequestKind.SCHOOL,
    }
    assert account_for(**where, day=date(2019, 1, 7)) == pool
    own = _account(
        world, organisation=world.bodies["school_1"], starts_on=date(2018, 9, 1), ends_on=date(2019, 8, 31), minutes=60
    )
    urgency = _account(world, use=AccountUse.URGENCY)
    assert account_for(**where, day=date(2019, 1, 7)) == own
    assert account_for(**where, day=date(2019, 1, 7), use=AccountUse.URGENCY) == urgency
    assert account_for(**where | {"organisation_id": world.bodies["service_1"].pk}, day=date(2019, 1, 7)) == pool
    assert account_for(**where, day=date(2019, 9, 1)) is None


# --- what the database itself refuses ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE mediation_hourmovement SET minutes = 1",
        "DELETE FROM mediation_hourmovement",
        "UPDATE mediation_houraccount SET granted = granted + 60",
        "UPDATE mediation_houraccount SET consumed = 0, reserved = 0, granted = 0",
    ],
)
def test_no_other_way_changes_the_figures(world: World, statement: str) -> None:
    account = _account(world)
    with pytest.raises(DatabaseError), acting(None), connection.cursor() as cursor:
        cursor.execute(statement)
    assert _figures(account) == _sums(account) == (600, 0, 0)


def test_the_check_of_the_database_is_told_as_a_lack_of_hours(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    account = _account(world)
    monkeypatch.setattr(HourAccount, "available", property(lambda self: 10**6))
    with pytest.raises(hours.NotEnoughHoursError) as refused:
        hours.reserve(account=account, minutes=601, **REQUEST)
    assert refused.value.field == "minutes_asked"
    assert _figures(account) == (600, 0, 0)
    assert _kinds(account) == [MovementKind.GRANT]


# --- any sequence of acts -----------------------------------------------------------------------------------------------

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

    def run(self, act: tuple[Any, ...]) -> None:
        before = self.state()
        rows = list(HourMovement.objects.order_by("pk").values_list())
        try:
            with transaction.atomic():
                getattr(self, f"_{act[0]}")(*act[1:])
        except DomainError:
            assert self.state() == before
            assert list(HourMovement.objects.order_by("pk").values_list()) == rows
        else:
            assert list(HourMovement.objects.order_by("pk").values_list())[: len(rows)] == rows

    def state(self) -> list[tuple[int, int, int]]:
        return [_figures(account) for account in self.accounts]

    def check(self) -> None:
        for account in self.accounts:
            granted, reserved, consumed = _figures(account)
            assert (granted, reserved, consumed) == _sums(account)
            assert reserved >= 0
            assert consumed >= 0
            assert reserved + consumed <= granted
            held = [reserved_for("request", number, account_id=account.pk) for number in range(1, 4)]
            assert sum(held) == reserved
            assert min(held) >= 0

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
        transaction.set_rollback(True)
