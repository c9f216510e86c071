# SPDX-License-Identifier: EUPL-1.2
"""The forecast of the day on which hours run out, and what a move would change in it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from mediation.enums import AccountUse
from mediation.models import HourAccount
from mediation.selectors.hour_forecasts import Outlook, forecasts, what_if
from mediation.services import hours as services
from tests.factories.mediation import HourAccountFactory
from tests.personas import World, build_world

pytestmark = pytest.mark.django_db
SCHOOL_DAY = date(2019, 3, 4)


def prepare() -> World:
    """The pool of a network with ten hours, and one of a school in it."""
    world = build_world()
    where = {"programme": world.programmes["a"], "network": world.networks["n1"]}
    world.objects["pool"] = HourAccountFactory(**where)
    world.objects["school"] = HourAccountFactory(**where, organisation=world.bodies["school_1"])
    return world


@pytest.fixture
def made(fresh: World) -> World:
    return fresh


def reserve(account: HourAccount, number: int, minutes: int, at: datetime) -> None:
    services.reserve(account=account, source_type="request", source_id=number, minutes=minutes, by=None, at=at)


def _at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 10, tzinfo=UTC)


def _weekly(account: HourAccount, last: date, weeks: int, minutes: int = 60) -> None:
    for number in range(weeks):
        reserve(account, 1000 * account.pk + number, minutes, _at(last - timedelta(weeks=weeks - 1 - number)))


def _forecast(account: HourAccount, day: date) -> Any:
    account.refresh_from_db()
    return forecasts([account], day)[account.pk]


def test_a_forecast_says_when_there_is_not_enough_to_see(made: World) -> None:
    account = made.objects["pool"]
    assert _forecast(account, SCHOOL_DAY).outlook is Outlook.NOT_ENOUGH_DATA
    _weekly(account, SCHOOL_DAY - timedelta(days=1), 2)
    assert _forecast(account, SCHOOL_DAY).outlook is Outlook.NOT_ENOUGH_DATA


def test_a_forecast_follows_the_pace_of_the_last_weeks(made: World) -> None:
    account = made.objects["pool"]
    # An hour a week for eight weeks: two hours are left, which is two weeks.
    _weekly(account, SCHOOL_DAY - timedelta(days=7), 8)
    found = _forecast(account, SCHOOL_DAY)
    assert (found.outlook, found.per_week) == (Outlook.RUNS_OUT, 60)
    assert found.runs_out_on == SCHOOL_DAY + timedelta(weeks=2)
    reserve(account, 1, 120, _at(SCHOOL_DAY))
    assert _forecast(account, SCHOOL_DAY).outlook is Outlook.RUN_OUT


def test_a_forecast_of_a_school_skips_the_summer(made: World) -> None:
    account, day = made.objects["pool"], date(2019, 6, 24)
    _weekly(account, day - timedelta(days=7), 8)
    found = _forecast(account, day)
    # One week until the end of June, one in September.
    assert found.runs_out_on == date(2019, 9, 8)
    # In September the weeks before the summer are the last ones.
    assert _forecast(account, date(2019, 9, 2)).outlook is Outlook.RUNS_OUT


def test_a_forecast_may_say_that_the_hours_last(made: World) -> None:
    account = HourAccountFactory(
        programme=made.programmes["a"],
        network=made.networks["n1"],
        use=AccountUse.PLANNED,
        starts_on=date(2018, 9, 1),
        ends_on=date(2019, 8, 31),
        minutes=6000,
    )
    _weekly(account, SCHOOL_DAY - timedelta(days=7), 8)
    assert _forecast(account, SCHOOL_DAY).outlook is Outlook.LASTS
    for number in range(8):
        services.release(
            account=account,
            source_type="request",
            source_id=1000 * account.pk + number,
            by=None,
            at=_at(SCHOOL_DAY - timedelta(days=1)),
        )
    assert _forecast(account, SCHOOL_DAY).outlook is Outlook.UNUSED


def test_what_if_moves_the_day_on_which_the_hours_run_out(made: World) -> None:
    pool, school = made.objects["pool"], made.objects["school"]
    _weekly(pool, SCHOOL_DAY - timedelta(days=7), 8)
    pool.refresh_from_db()
    out, into = what_if(pool, school, 60, SCHOOL_DAY)
    assert (out.available, into.available) == ((120, 60), (600, 660))
    assert out.forecast[1].runs_out_on == SCHOOL_DAY + timedelta(weeks=1)
    assert into.forecast[1].outlook is Outlook.NOT_ENOUGH_DATA
    assert not what_if(pool, school, 121, SCHOOL_DAY)[0].possible
