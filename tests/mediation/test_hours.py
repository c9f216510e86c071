# SPDX-License-Identifier: EUPL-1.2
"""The accounts of hours: every act is a movement, the balance is their sum, nothing is ever oversold."""

import uuid
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.db.models import Sum

from actions.enums import MediationRequestKind
from fami_portal.core.errors import DomainError, NotPermitted
from fami_portal.core.models import AuditEvent
from fami_portal.core.services import acting
from mediation.enums import AccountUse, MovementKind
from mediation.models import HourAccount
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


def test_a_grant_needs_minutes_and_a_reason(world: World) -> None:
    account = _account(world)
    for minutes, reason, field in (
        (0, "x", "minutes"),
        (-5, "x", "minutes"),
        (600_001, "x", "minutes"),
        (60, " ", "reason"),
    ):
        with pytest.raises(DomainError) as refused:
            hours.grant(account=account, minutes=minutes, reason=reason, by=None, at=AT)
        assert refused.value.field == field, (minutes, reason)
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


STATEMENTS = (
    "UPDATE mediation_hourmovement SET minutes = 1",
    "DELETE FROM mediation_hourmovement",
    "UPDATE mediation_houraccount SET granted = granted + 60",
    "UPDATE mediation_houraccount SET consumed = 0, reserved = 0, granted = 0",
)


def test_no_other_way_changes_the_figures(world: World) -> None:
    account = _account(world)
    for statement in STATEMENTS:
        with pytest.raises(DatabaseError), acting(None), connection.cursor() as cursor:
            cursor.execute(statement)
        assert _figures(account) == _sums(account) == (600, 0, 0), statement


def test_the_check_of_the_database_is_told_as_a_lack_of_hours(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    account = _account(world)
    monkeypatch.setattr(HourAccount, "available", property(lambda self: 10**6))
    with pytest.raises(hours.NotEnoughHoursError) as refused:
        hours.reserve(account=account, minutes=601, **REQUEST)
    assert refused.value.field == "minutes_asked"
    assert _figures(account) == (600, 0, 0)
    assert _kinds(account) == [MovementKind.GRANT]
