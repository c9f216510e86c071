# SPDX-License-Identifier: EUPL-1.2
"""Validations of mediation race with each other and with activity reports; the head of the ledger decides."""

from datetime import date
from functools import partial
from typing import Any

import pytest

from reporting.ledger.reconcile import check
from reporting.models import Posting, ValidatedFact
from reporting.services import activity_reports as services
from tests.reporting.headless import without_the_head
from tests.reporting.ledger_world import NOW, World
from tests.reporting.mediation_world import a_mediator, build_mediation, held_request, moment, validate
from tests.reporting.test_ledger_races import _together

pytestmark = pytest.mark.django_db(transaction=True)

FEBRUARY, MARCH = date(2019, 2, 5), date(2019, 3, 5)
ROUNDS = 3


def _sharing() -> tuple[World, list[Any]]:
    """One mediator, two requests of two networks held and waiting."""
    world = build_mediation()
    nadia = a_mediator(world)
    days = (FEBRUARY, MARCH)
    return world, [held_request(world, place, [(nadia, moment(days[place]), 60)]) for place in (0, 1)]


def test_two_validations_that_share_a_mediator_leave_a_right_ledger() -> None:
    for _round in range(ROUNDS):
        world, requests = _sharing()
        results = _together(*(partial(validate, request) for request in requests))
        assert results == [None, None]
        assert check(world.programme.pk) == []
        assert world.total("mediators") == 1
        assert world.total("mediators", "network") == 2
        assert world.total("mediation_hours") == 120
        numbers = Posting.objects.filter(programme=world.programme).order_by("number").values_list("number", flat=True)
        assert list(numbers) == [1, 2]


def test_without_the_head_two_validations_go_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: the same race with postings that take no lock fails or counts wrong."""
    without_the_head(monkeypatch)
    world, requests = _sharing()
    results = _together(*(partial(validate, request) for request in requests))
    assert results != [None, None] or check(world.programme.pk) != []


def test_a_mediation_and_an_activity_report_validated_at_once() -> None:
    """Both bring the same network to life: it counts once, and neither waits for the other for ever."""
    for _round in range(ROUNDS):
        world, requests = _sharing()
        world.meet(0, MARCH, [world.person()])
        world.submit(0, 0)
        report = world.report(0, 0)
        region = type(world.region).objects.get(pk=world.region.pk)
        validated, mediated = _together(
            partial(services.validate, report=report, by=region, at=NOW), partial(validate, requests[0])
        )
        assert isinstance(validated, Posting), validated
        assert mediated is None
        assert check(world.programme.pk) == []
        assert world.total("networks") == 1
        assert world.total("mediation_hours") == 60
        assert world.total("pupils") == 1


def test_one_request_validated_twice_at_once_is_posted_once() -> None:
    world, requests = _sharing()
    results = _together(partial(validate, requests[0]), partial(validate, requests[0]))
    assert results == [None, None]
    assert Posting.objects.filter(programme=world.programme).count() == 1
    assert ValidatedFact.objects.filter(source_id=requests[0].pk, superseded_in=None).count() == 2
    assert world.total("mediation_hours") == 60
