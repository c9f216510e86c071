# SPDX-License-Identifier: EUPL-1.2
"""A figure of mediation opens down to its sessions; the number of the request only for those who may see it."""

from datetime import date
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions.enums import BodyRole
from mediation.models import MediationSession
from reporting.models import CountingScope, Posting
from tests.factories.actions import ProgrammeBodyFactory
from tests.factories.partners import MembershipFactory, OrganisationFactory
from tests.reporting.ledger_world import World
from tests.reporting.mediation_world import a_mediator, build_mediation, held_request, moment, validate

pytestmark = pytest.mark.django_db

FEBRUARY, MARCH = date(2019, 2, 5), date(2019, 3, 5)


def prepare() -> World:
    return build_mediation()


@pytest.fixture
def world(fresh: World) -> World:
    return fresh


def address(world: World, indicator: str) -> str:
    scope = CountingScope.objects.get(kind="programme", programme=world.programme)
    return f"{reverse('reporting:evidence', args=[world.programme.slug])}?indicator={indicator}&scope={scope.uuid}"


def cells(client: Client, world: World, user: Any, indicator: str) -> list[Any]:
    client.force_login(user)
    response = client.get(address(world, indicator))
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser").find("tbody").find_all("tr")


def an_evaluator(world: World) -> Any:
    body = OrganisationFactory()
    ProgrammeBodyFactory(programme=world.programme, organisation=body, role=BodyRole.EVALUATION)
    return MembershipFactory(organisation=body, role="evaluator").user


def test_the_coordinator_opens_the_session_and_its_request(world: World, client: Client) -> None:
    request = held_request(world, 0, [(a_mediator(world), moment(FEBRUARY), 90)])
    validate(request)
    (row,) = cells(client, world, world.region, "mediation_hours")
    text = row.get_text(" ", strip=True)
    assert request.number in text
    assert "05/02/2019" in text
    assert "1 h 30" in text
    session = MediationSession.objects.get(request=request)
    links = {link["href"] for link in row.find_all("a")}
    assert {session.get_absolute_url(), request.get_absolute_url()} <= links


def test_who_may_not_see_requests_learns_no_number(world: World, client: Client) -> None:
    mediator = a_mediator(world)
    request = held_request(world, 0, [(mediator, moment(FEBRUARY), 90)])
    validate(request)
    evaluator = an_evaluator(world)
    (row,) = cells(client, world, evaluator, "mediation_hours")
    text = row.get_text(" ", strip=True)
    assert request.number not in text
    assert "05/02/2019" in text
    assert not row.find_all("a", href=lambda address: "mediation" in address)
    (row,) = cells(client, world, evaluator, "mediators")
    assert mediator.family_name not in row.get_text()
    assert mediator.uuid.hex[:6].upper() in row.get_text()


def test_queries_are_the_same_for_one_session_and_for_many(world: World, client: Client) -> None:
    validate(held_request(world, 0, [(a_mediator(world), moment(FEBRUARY), 90)]))
    assert len(cells(client, world, world.region, "mediation_hours")) == 1
    page = address(world, "mediation_hours")
    with CaptureQueriesContext(connection) as few:
        client.get(page)
    for _number in range(4):
        mediator = a_mediator(world)
        sessions = [(mediator, moment(MARCH, hour), 30) for hour in (8, 10, 12, 14, 16)]
        validate(held_request(world, 1, sessions))
    assert Posting.objects.count() == 5
    with CaptureQueriesContext(connection) as many:
        client.get(page)
    assert len(cells(client, world, world.region, "mediation_hours")) == 21
    assert len(few) == len(many)
    assert len(many) <= 16
