# SPDX-License-Identifier: EUPL-1.2
"""Supports of persons and households, and contacts of desks, in the ledger."""

from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions.enums import ActivityKind, Measure, Unit
from beneficiaries.models import (
    Beneficiary,
    DeskContact,
    Enrolment,
    Intervention,
    InterventionPerson,
    Support,
    SupportMember,
)
from fami_portal.core.services import acting
from reporting.ledger.own_figures import units_of_figure
from reporting.ledger.reconcile import check
from reporting.models import ValidatedFact
from reporting.selectors.register_checks import register_problems
from tests.factories.actions import ActivityTypeFactory, IndicatorFactory
from tests.factories.beneficiaries import EnrolmentFactory
from tests.reporting.ledger_world import World, build
from tests.reporting.test_table_facts import provisional_is_true

pytestmark = pytest.mark.django_db
FEBRUARY, MARCH, MAY = date(2019, 2, 5), date(2019, 3, 5), date(2019, 5, 7)


def with_supports() -> World:
    """Return a world in which guidance earns the adults, with a desk and its three counters."""
    world = build()
    for code, kind in (("guidance", ActivityKind.SUPPORT), ("desk", ActivityKind.DESK)):
        world.types[code] = ActivityTypeFactory(action=world.actions["02"], code=code, kind=kind)
    with acting(None):
        world.groups["adults"].earned_by.add(world.types["guidance"])
    for code, measure, unit, rule in (
        ("adults", Measure.PERSONS, Unit.PERSONS, {"target_groups": ["adults"]}),
        ("often", Measure.PERSONS, Unit.PERSONS, {"activity_types": ["guidance"], "minimum_meetings": 2}),
        ("guided", Measure.HOURS, Unit.HOURS, {"activity_types": ["guidance"]}),
        ("works", Measure.ACTIVITIES, Unit.ACTIVITIES, {"activity_types": ["guidance", "desk"]}),
        ("passages", Measure.DESK_CONTACTS, Unit.CONTACTS, {}),
        ("firsts", Measure.DESK_CONTACTS, Unit.CONTACTS, {"counter": "first_accesses"}),
        ("services", Measure.DESK_CONTACTS, Unit.CONTACTS, {"counter": "services", "activity_types": ["desk"]}),
    ):
        world.indicators[code] = IndicatorFactory(
            programme=world.programme, code=code, measure=measure, unit=unit, rule=rule
        )
    return world


def adult(world: World, **values: object) -> Beneficiary:
    return world.person(target_group=world.groups["adults"], birth_date=date(1985, 1, 1), **values)


def follow(world: World, *people: Beneficiary, place: int = 0, kind: str = "guidance") -> Support:
    """Return a support of these people in a network."""
    activity = world.activity(place, kind)
    with acting(None):
        support = Support.objects.create(activity=activity, kind="work", code="N-1", opened_on=date(2019, 1, 15))
        for person in people:
            enrolment = Enrolment.objects.filter(activity=activity, beneficiary=person).first()
            enrolment = enrolment or EnrolmentFactory(activity=activity, beneficiary=person)
            SupportMember.objects.create(support=support, enrolment=enrolment, since=date(2019, 1, 15))
    return support


def help_out(support: Support, day: date, people: Iterable[Beneficiary] | None = None, minutes: int = 60) -> None:
    """Record an intervention for these members, or for all."""
    members = support.members.order_by("pk")
    with acting(None):
        row = Intervention.objects.create(
            support=support, held_on=day, minutes=minutes, operator_id=OPERATOR[0], kind="interview", outcome="done"
        )
        for member in members if people is None else members.filter(enrolment__beneficiary__in=people):
            InterventionPerson.objects.create(intervention=row, enrolment=member.enrolment)


OPERATOR: list[int] = []


@pytest.fixture
def world() -> World:
    world = with_supports()
    OPERATOR[:] = [world.operators[0].pk]
    return world


def test_whoever_is_supported_counts_since_the_first_intervention(world: World) -> None:
    mother, son, italian = adult(world), adult(world), adult(world, eligibility="not_eligible")
    household, alone = follow(world, mother, son), follow(world, italian)
    help_out(household, FEBRUARY)
    help_out(household, MARCH, [mother], minutes=30)
    help_out(alone, MARCH, minutes=15)
    unsure = adult(world, eligibility="unverified")
    nobody = follow(world, unsure)  # taken in charge, nothing done yet
    world.submit(0, 0)
    provisional_is_true(world)
    world.validate(0, 0)

    figures = {code: world.total(code) for code in ("adults", "people", "often", "guided", "works", "networks")}
    # An intervention for a household lasts once, whoever was there.
    assert figures == {"adults": 2, "people": 2, "often": 1, "guided": 105, "works": 1, "networks": 1}
    assert world.total("meetings") == 0
    fact = ValidatedFact.objects.get(kind="attendance", unit_id=mother.pk, month=date(2019, 3, 1))
    assert (fact.meetings, fact.minutes, fact.target_group, fact.first_on) == (1, 30, world.groups["adults"], MARCH)
    assert not check(world.programme.pk)
    found = units_of_figure(
        world.report(0, 0).pk, world.programme.pk, world.indicators["guided"].pk, source="validated"
    )
    assert (found.count, found.quantity) == (3, 105)

    # Served in another network too: once more there, once in the programme.
    help_out(follow(world, son, place=1), FEBRUARY)
    assert {"support_without_work"} == {one.code for one in register_problems(world.report(0, 1))}
    help_out(nobody, MAY)
    found_then = [one.code for one in register_problems(world.report(0, 1))]
    assert sorted(found_then) == ["recipient_not_verified", "support_without_work"]
    with acting(None):
        Beneficiary.objects.filter(pk=unsure.pk).update(eligibility="declared")
    world.validate(1, 0)
    world.validate(0, 1)
    assert world.total("adults") == 3
    assert world.total("adults", "network", network=world.networks[1]) == 1
    world.reopen(0, 0)
    with acting(None):
        InterventionPerson.objects.filter(intervention__support=household).delete()
    world.validate(0, 0)
    assert world.total("adults") == 2
    assert not check(world.programme.pk)


def test_two_records_of_one_person_in_a_household_count_once(world: World) -> None:
    one, two = adult(world), adult(world)
    help_out(follow(world, one, two), FEBRUARY)
    with acting(None):
        Beneficiary.objects.filter(pk=two.pk).update(merged_into=one)
    world.validate(0, 0)
    assert world.total("adults") == 1
    fact = ValidatedFact.objects.get(kind="attendance")
    assert (fact.unit_id, fact.meetings, fact.minutes) == (one.pk, 1, 60)
    assert not check(world.programme.pk)


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.tuples(st.integers(0, 89), st.booleans(), st.integers(1, 4)), max_size=9),
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 89), st.sets(st.integers(0, 1), min_size=1)), max_size=6),
)
def test_the_counters_of_a_desk_and_the_persons_are_never_mixed(
    contacts: list[tuple[int, bool, int]], helped: list[tuple[int, int, set[int]]]
) -> None:
    world = with_supports()
    OPERATOR[:] = [world.operators[0].pk]
    topics = ["permit", "work", "home", "health"]
    with acting(None):
        DeskContact.objects.bulk_create(
            DeskContact(
                activity=world.activity(0, "desk"),
                held_on=date(2019, 1, 1) + timedelta(days=day),
                channel="phone",
                first_access=first,
                topics=topics[:asked],
                outcome="informed",
                minutes=10,
                operator_id=OPERATOR[0],
            )
            for day, first, asked in contacts
        )
    people = [adult(world) for _number in range(3)]
    supports = [follow(world, people[0], people[1]), follow(world, people[1], people[2]), follow(world, people[2])]
    served: set[int] = set()
    for place, day, chosen in helped:
        members = [one.enrolment.beneficiary for one in supports[place].members.order_by("pk")]
        there = [person for number, person in enumerate(members) if number in chosen]
        help_out(supports[place], date(2019, 1, 1) + timedelta(days=day), there, minutes=20)
        served |= {person.pk for person in there}
    world.validate(0, 0)
    assert world.total("passages") == len(contacts)
    assert world.total("firsts") == sum(first for _day, first, _asked in contacts)
    assert world.total("services") == sum(asked for _day, _first, asked in contacts)
    assert world.total("contacts") == 0
    assert world.total("adults") == len(served)
    assert world.total("guided") == 20 * len(helped)
    assert not check(world.programme.pk)
