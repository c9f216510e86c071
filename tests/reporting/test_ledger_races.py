# SPDX-License-Identifier: EUPL-1.2
"""Races over real connections. The head of the ledger decides them; without it the ledger goes wrong."""

import threading
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections

from fami_portal.core.errors import TransitionNotAllowed
from fami_portal.core.models import Message
from reporting.ledger.reconcile import check
from reporting.models import ActivityReport, Posting, ResultEntry, ValidatedFact
from reporting.services import activity_reports as services
from tests.reporting.headless import without_the_head
from tests.reporting.ledger_world import NOW, World, build

pytestmark = pytest.mark.django_db(transaction=True)

FEBRUARY, MARCH = date(2019, 2, 5), date(2019, 3, 5)
ROUNDS = 3


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


def _sharing() -> World:
    """Two bodies have submitted reports about the same people."""
    world = build()
    people = [world.person() for _ in range(8)]
    world.meet(0, FEBRUARY, people)
    world.meet(1, MARCH, people)
    for place in (0, 1):
        world.submit(place, 0)
    return world


def _validate_both(world: World) -> list[Any]:
    reports = [world.report(place, 0) for place in (0, 1)]
    regions = [type(world.region).objects.get(pk=world.region.pk) for _ in reports]
    return _together(
        *(
            lambda report=report, by=by: services.validate(report=report, by=by, at=NOW)
            for report, by in zip(reports, regions, strict=True)
        )
    )


def _is_right(world: World, results: list[Any]) -> bool:
    return not any(isinstance(result, Exception) for result in results) and check(world.programme.pk) == []


def test_two_validations_that_share_people_leave_a_right_ledger() -> None:
    for _round in range(ROUNDS):
        world = _sharing()
        results = _validate_both(world)
        assert all(isinstance(result, Posting) for result in results), results
        assert sorted(posting.number for posting in results) == [1, 2]
        assert check(world.programme.pk) == []
        assert world.total("pupils") == 8
        assert world.total("pupils", "network") == 16


def test_without_the_head_two_validations_go_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: the same race with postings that take no lock fails or counts wrong."""
    without_the_head(monkeypatch)
    world = _sharing()
    assert not _is_right(world, _validate_both(world))


def test_two_approvals_of_one_report_post_it_once() -> None:
    world = build()
    world.meet(0, FEBRUARY, [world.person()])
    world.submit(0, 0)
    copies = [world.report(0, 0) for _ in range(2)]
    regions = [type(world.region).objects.get(pk=world.region.pk) for _ in copies]
    results = _together(
        *(
            lambda report=report, by=by: services.validate(report=report, by=by, at=NOW)
            for report, by in zip(copies, regions, strict=True)
        )
    )
    refused = [result for result in results if isinstance(result, TransitionNotAllowed)]
    assert len(refused) == 1, results
    assert Posting.objects.filter(programme=world.programme).count() == 1
    assert ValidatedFact.objects.filter(programme=world.programme, kind="attendance").count() == 1
    assert world.total("pupils") == 1


def test_a_double_click_submits_once() -> None:
    world = build()
    world.meet(0, FEBRUARY, [world.person()])
    copies = [world.report(0, 0) for _ in range(2)]
    operators = [type(world.region).objects.get(pk=world.operators[0].pk) for _ in copies]
    results = _together(
        *(
            lambda report=report, by=by: services.submit(report=report, by=by, at=NOW)
            for report, by in zip(copies, operators, strict=True)
        )
    )
    assert sum(isinstance(result, TransitionNotAllowed) for result in results) == 1, results
    assert Message.objects.filter(kind="activity_report_submitted").count() == 1


def test_a_period_opened_twice_at_once_has_each_report_once() -> None:
    world = build()
    period = world.periods[0]
    results = _together(*(lambda: services.open_activity_reports(period=period, by=None, at=NOW) for _ in range(3)))
    assert sum(results) == 2, results
    assert ActivityReport.objects.filter(period=period).count() == 2
    assert Message.objects.filter(kind="activity_report_opened").count() == 2


def test_a_register_written_during_a_validation_is_counted_or_refused() -> None:
    """Never a third thing: a presence inside a closed period that no fact knows."""
    for _round in range(ROUNDS):
        world = build()
        meeting = world.meet(0, FEBRUARY, [world.person()])
        late = world.person()
        world.submit(0, 0)
        report = world.report(0, 0)
        region = type(world.region).objects.get(pk=world.region.pk)
        validated, written = _together(
            partial(services.validate, report=report, by=region, at=NOW),
            partial(world.attend, meeting, late),
        )
        if isinstance(validated, Posting):
            assert isinstance(written, DatabaseError), written
            assert meeting.attendances.count() == 1
        else:
            assert isinstance(validated, services.RegistersChangedError), validated
            assert not ResultEntry.objects.filter(scope__programme=world.programme).exists()
    assert connection.is_usable()
