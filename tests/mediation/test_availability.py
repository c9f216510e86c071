# SPDX-License-Identifier: EUPL-1.2
"""When a mediator is free: the ordinary week and its exceptions."""

from datetime import date, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fami_portal.core import clock
from fami_portal.core.errors import DomainError, NotPermitted, StaleError
from fami_portal.core.models import AuditEvent
from mediation.models import AvailabilityException, WeeklyAvailability
from mediation.selectors.availability import WeeklyRow, week_problems
from mediation.services import availability
from tests.factories.mediation import MediatorFactory
from tests.mediation.register_of import mediator_of_world
from tests.personas import World

AT = clock.now()


def _week(*rows: tuple[int, time, time]) -> list[WeeklyRow]:
    return [WeeklyRow(*row) for row in rows]


def test_week_replaces_the_one_of_before(world: World) -> None:
    entry, user = mediator_of_world(world), world.personas["mediator"]
    morning, afternoon = (0, time(9), time(13)), (0, time(14), time(18))

    availability.set_weekly_availability(mediator=entry, rows=_week(morning, afternoon), by=user, at=AT, version=1)
    availability.set_weekly_availability(
        mediator=entry, rows=_week(afternoon, (4, time(8, 15), time(12, 45))), by=user, at=AT, version=2
    )

    rows = WeeklyAvailability.objects.order_by("weekday", "starts_at").values_list("weekday", "starts_at", "ends_at")
    assert list(rows) == [afternoon, (4, time(8, 15), time(12, 45))]
    with pytest.raises(StaleError):
        availability.set_weekly_availability(mediator=entry, rows=[], by=user, at=AT, version=1)


@pytest.mark.parametrize(
    "rows",
    [
        [(0, time(9), time(13)), (0, time(12, 45), time(15))],
        [(0, time(9), time(13)), (0, time(10), time(11))],
        [(0, time(9), time(13)), (0, time(9), time(13))],
        [(0, time(13), time(9))],
        [(0, time(9), time(9))],
        [(0, time(9, 10), time(10))],
        [(0, time(9), None)],
        [(0, None, time(9))],
    ],
)
def test_impossible_week_is_refused_and_changes_nothing(world: World, rows: Any) -> None:
    entry = mediator_of_world(world)
    with pytest.raises(DomainError) as refusal:
        availability.set_weekly_availability(mediator=entry, rows=_week(*rows), by=world.personas["mediator"], at=AT)
    assert str(refusal.value)
    assert not WeeklyAvailability.objects.exists()


def test_touching_stretches_and_other_days_do_not_overlap() -> None:
    rows = _week((0, time(9), time(11)), (0, time(11), time(13)), (1, time(9), time(13)))
    assert week_problems(rows) == []


QUARTERS = st.integers(0, 95).map(lambda number: time(number // 4, number % 4 * 15))


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 6), QUARTERS, QUARTERS), max_size=8))
def test_week_is_accepted_exactly_when_no_minute_is_there_twice(rows: list[tuple[int, time, time]]) -> None:
    ordered = all(begin < end for _day, begin, end in rows)
    minutes = [
        (day, minute)
        for day, begin, end in rows
        for minute in range(begin.hour * 60 + begin.minute, end.hour * 60 + end.minute)
    ]
    once = len(minutes) == len(set(minutes))

    assert (week_problems(_week(*rows)) == []) == (ordered and once)


def test_availability_is_the_mediators_own_once_there_is_an_account(world: World) -> None:
    own, without = mediator_of_world(world), MediatorFactory(organisation=world.bodies["coop_1"])
    by = world.personas["network_coordinator"]
    rows = _week((0, time(9), time(13)))

    availability.set_weekly_availability(mediator=without, rows=rows, by=by, at=AT)
    with pytest.raises(NotPermitted):
        availability.set_weekly_availability(mediator=own, rows=rows, by=by, at=AT)
    with pytest.raises(NotPermitted):
        availability.set_weekly_availability(mediator=without, rows=rows, by=world.personas["mediator"], at=AT)

    assert WeeklyAvailability.objects.get().mediator == without


def test_exceptions_do_not_overlap(world: World) -> None:
    entry, user = mediator_of_world(world), world.personas["mediator"]
    day = date(2019, 3, 4)

    def add(first: int, last: int, *times: time) -> AvailabilityException:
        at = {"starts_at": times[0], "ends_at": times[1]} if times else {}
        return availability.add_exception(
            mediator=entry,
            starts_on=day + timedelta(days=first),
            ends_on=day + timedelta(days=last),
            by=user,
            at=AT,
            **at,
        )

    add(0, 4)
    add(5, 5, time(9), time(11))
    add(5, 5, time(11), time(12))
    for wrong in ((4, 6), (2, 2, time(9), time(10)), (5, 5), (5, 7, time(10, 30), time(11))):
        with pytest.raises(DomainError) as refusal:
            add(*wrong)
        assert refusal.value.field == "starts_on"
    for wrong, field in (((8, 7), "ends_on"), ((8, 400), "ends_on"), ((8, 8, time(9, 5), time(10)), "starts_at")):
        with pytest.raises(DomainError) as refusal:
            add(*wrong)
        assert refusal.value.field == field
    assert AvailabilityException.objects.count() == 3


def test_exception_once_per_submission_and_removed_once(world: World) -> None:
    entry, user, key = mediator_of_world(world), world.personas["mediator"], uuid4()
    values = {"starts_on": date(2019, 3, 4), "ends_on": date(2019, 3, 4)}

    row = availability.add_exception(mediator=entry, **values, by=user, at=AT, key=key)
    assert availability.add_exception(mediator=entry, **values, by=user, at=AT, key=key).pk == row.pk
    with pytest.raises(NotPermitted):
        availability.remove_exception(exception=row, by=world.personas["network_coordinator"], at=AT)
    availability.remove_exception(exception=row, by=user, at=AT)
    availability.remove_exception(exception=row, by=user, at=AT)

    assert not AvailabilityException.objects.exists()
    assert AuditEvent.objects.filter(verb="mediator_exception_removed").count() == 1
