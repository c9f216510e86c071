# SPDX-License-Identifier: EUPL-1.2
"""Positive outcomes from the registers of reports to the figures: majority, tie, correction, attestation."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from actions.enums import IndicatorKind, Measure, Unit
from beneficiaries.models import Beneficiary, Enrolment, Outcome
from fami_portal.core.services import acting
from reporting.ledger.own_figures import figures_of_report
from reporting.ledger.reconcile import check
from reporting.models import ValidatedFact
from tests.factories.actions import IndicatorFactory
from tests.reporting.ledger_world import World, build

pytestmark = pytest.mark.django_db

FEBRUARY, MARCH, APRIL, MAY = date(2019, 2, 5), date(2019, 3, 5), date(2019, 4, 9), date(2019, 5, 7)
AT = datetime(2019, 6, 1, tzinfo=UTC)


def prepare() -> World:
    world = build()
    # A third place: one more activity of the second body.
    world.networks.append(world.networks[1])
    world.bodies.append(world.bodies[1])
    for code, outcome in (("useful", "usefulness"), ("better", "language")):
        world.indicators[code] = IndicatorFactory(
            programme=world.programme,
            code=code,
            kind=IndicatorKind.RESULT,
            measure=Measure.POSITIVE_OUTCOMES,
            unit=Unit.PERSONS,
            rule={"target_groups": ["pupils"], "outcome": outcome},
        )
    return world


@pytest.fixture
def world(fresh: World) -> World:
    return fresh


def say(world: World, person: Beneficiary, place: int, day: date, state: str, kind: str = "usefulness") -> Outcome:
    """Record an outcome of the support of a person at one place."""
    enrolment = Enrolment.objects.get(activity=world.activity(place), beneficiary=person)
    paper: dict[str, Any] = (
        {"level": "a2", "attestation": "cpia", "attested_on": day, "kept_at": "Faldone"} if kind == "language" else {}
    )
    with acting(None):
        Outcome.objects.filter(enrolment=enrolment, kind=kind, superseded_at=None).update(superseded_at=AT)
        return Outcome.objects.create(enrolment=enrolment, kind=kind, state=state, collected_on=day, at=AT, **paper)


def test_a_person_counts_when_most_of_its_supports_say_yes_and_of_a_tie_the_latest(world: World) -> None:
    alone, most, tie_yes, tie_no, adult = (world.person() for _ in range(5))
    with acting(None):
        Beneficiary.objects.filter(pk=adult.pk).update(birth_date=date(1980, 1, 1))
    for place in (0, 1, 2):
        world.meet(place, FEBRUARY, [alone, most, tie_yes, tie_no, adult])
    for person, states in (
        (alone, ("positive", "", "")),
        (most, ("negative", "positive", "positive")),
        (tie_yes, ("negative", "positive", "")),
        (tie_no, ("positive", "negative", "")),
        (adult, ("positive", "positive", "positive")),
    ):
        for place, (state, day) in enumerate(zip(states, (FEBRUARY, MARCH, MARCH), strict=True)):
            if state:
                say(world, person, place, day, state)
    report = world.report(0, 0)
    own = figures_of_report(report.pk, world.programme.pk).indicators
    assert own[world.indicators["useful"].pk] == 2  # by itself: `alone`, and the first half of a tie
    for place in (0, 1):
        world.validate(place, 0)
    assert world.total("useful") == 3
    assert not check(world.programme.pk)
    assert ValidatedFact.objects.filter(kind="usefulness", superseded_in=None).count() == 11


def test_a_later_word_of_the_same_support_decides_and_earlier_reports_stay(world: World) -> None:
    one, other = world.person(), world.person()
    world.meet(0, FEBRUARY, [one, other])
    world.meet(1, FEBRUARY, [one])
    say(world, one, 0, FEBRUARY, "positive", "language")
    say(world, other, 0, FEBRUARY, "positive")
    for place in (0, 1):
        world.validate(place, 0)
    assert (world.total("better"), world.total("useful")) == (1, 1)
    # A failed attempt elsewhere takes nothing away; the same support corrected does, and what was taken back too.
    say(world, one, 1, APRIL, "negative", "language")
    say(world, other, 0, APRIL, "pending")
    for place in (0, 1):
        world.validate(place, 1)
    assert (world.total("better"), world.total("useful")) == (1, 0)
    world.reopen(0, 1)
    say(world, one, 0, MAY, "negative", "language")
    say(world, other, 0, MAY, "positive")
    world.validate(0, 1)
    assert (world.total("better"), world.total("useful")) == (0, 1)
    assert not check(world.programme.pk)


def test_two_records_of_one_person_are_one_support(world: World) -> None:
    one, twin = world.person(), world.person()
    world.meet(0, FEBRUARY, [one, twin])
    say(world, one, 0, FEBRUARY, "negative")
    say(world, twin, 0, MARCH, "positive")
    with acting(None):
        Beneficiary.objects.filter(pk=twin.pk).update(merged_into=one)
    world.validate(0, 0)
    assert world.total("useful") == 1
    assert not check(world.programme.pk)
    # What was said of a support never makes an activity or a network count.
    assert world.total("labs") == 1
