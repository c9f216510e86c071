# SPDX-License-Identifier: EUPL-1.2
"""Migrant associations and other bodies: which count, since when, by which act, and why the others do not."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions.enums import MeetingState
from fami_portal.core.services import acting
from partners.enums import OrganisationKind
from reporting.selectors.bodies import bodies_of
from tests.factories.actions import MeetingBodyFactory
from tests.factories.partners import MembershipFactory, OrganisationFactory
from tests.reporting.ledger_world import World, build

pytestmark = pytest.mark.django_db
FEBRUARY, MARCH, MAY = date(2019, 2, 5), date(2019, 3, 5), date(2019, 5, 7)


def prepare() -> World:
    """One association counts by its first meeting, validated; four bodies do not, each for a reason of its own."""
    world = build()
    told = {
        "counted": (OrganisationKind.MIGRANT_ASSOCIATION, FEBRUARY, "info"),
        "school": (OrganisationKind.SCHOOL, FEBRUARY, "info"),
        "elsewhere": (OrganisationKind.MIGRANT_ASSOCIATION, FEBRUARY, "table"),
        "later": (OrganisationKind.MIGRANT_ASSOCIATION, MAY, "info"),
    }
    for hour, (name, (kind, day, activity)) in enumerate(told.items(), start=8):
        meeting = world.meet(0, day, kind=activity, hour=hour)
        MeetingBodyFactory(meeting=meeting, organisation=OrganisationFactory(name=name, kind=kind), people=2)
        if name == "counted":
            MeetingBodyFactory(meeting=world.meet(0, MARCH, kind="info"), organisation=meeting.organisations.get())
    cancelled = world.meet(0, MARCH, kind="info", hour=16)
    association = OrganisationFactory(name="cancelled", kind=OrganisationKind.MIGRANT_ASSOCIATION)
    MeetingBodyFactory(meeting=cancelled, organisation=association)
    with acting(None):
        type(cancelled).objects.filter(pk=cancelled.pk).update(state=MeetingState.CANCELLED)
    world.validate(0, 0)
    return world


@pytest.fixture
def world(fresh: World) -> World:
    return fresh


def test_each_body_says_by_which_act_it_counts_or_why_not(world: World) -> None:
    shown = bodies_of(world.region, world.programme, "associations")

    first, *others = shown.lines
    assert (first.organisation.name, first.entry.achieved_on, len(first.held)) == ("counted", FEBRUARY, 2)
    assert (first.first_on, first.last_on, first.entry.fact.report) == (FEBRUARY, MARCH, world.report(0, 0))
    assert shown.counted == world.total("associations") == 1
    why = {line.organisation.name: line.reasons[0] for line in others}
    assert sorted(why) == ["cancelled", "elsewhere", "later", "school"]
    assert "Scuola" in why["school"] or "School" in why["school"]
    assert "05/03/2019" in why["cancelled"]
    assert world.activity(0, "table").activity_type.title in why["elsewhere"]
    assert world.bodies[0].name in why["later"]
    assert "2019-Q2" in why["later"]


def test_a_coordinator_sees_the_own_networks_and_no_more(client: Client, world: World) -> None:
    address = reverse("reporting:bodies", args=[world.programme.slug])
    coordinator = MembershipFactory(
        organisation=world.bodies[1], role="network_coordinator", networks=[world.networks[1]]
    ).user
    assert bodies_of(coordinator, world.programme, "associations").lines == []
    for user, status in ((world.region, 200), (coordinator, 200), (world.operators[0], 403)):
        client.force_login(user)
        assert client.get(address).status_code == status
    client.force_login(world.region)
    with CaptureQueriesContext(connection) as few:
        page = client.get(address + "?indicator=associations")
    assert "counted" in page.content.decode()
    with acting(None):
        for number in range(5):
            body = OrganisationFactory(name=f"more {number}", kind=OrganisationKind.MIGRANT_ASSOCIATION)
            MeetingBodyFactory(meeting=world.meet(0, MAY, kind="info", hour=14 + number), organisation=body)
    with CaptureQueriesContext(connection) as many:
        client.get(address + "?indicator=associations")
    assert len(many) <= len(few) <= 25
    content = b"".join(
        client.get(reverse("reporting:bodies-export", args=[world.programme.slug, "csv"]) + "?indicator=associations")
    ).decode()
    assert content.count("\r\n") == 11
    assert not [line for line in content.splitlines() if line.startswith("counted") and ";No;" in line]


def test_a_programme_without_such_a_figure_says_so(client: Client, world: World) -> None:
    other: Any = world.programme
    with acting(None):
        other.indicators.filter(measure="organisations").update(measure="networks", unit="networks")
    client.force_login(world.region)
    page = client.get(reverse("reporting:bodies", args=[other.slug]))
    assert page.context["shown"].indicators == []
    assert page.status_code == 200
