# SPDX-License-Identifier: EUPL-1.2
"""The menu leads to consultations and questions only those who have something to do or to read there."""

import pytest
from django.test import Client
from django.urls import reverse

from fami_portal.core import nav
from tests.guard import undrawn
from tests.mediation.consulting import offer, the_mediator
from tests.personas import World

pytestmark = pytest.mark.django_db

WITH_A_PART = {
    "regional_coordinator",
    "technical_assistance",
    "network_coordinator",
    "school_contact",
    "service_operator",
    "desk_operator",
    "mediator",
    "consultant",
    "auditor",
    "evaluator",
}


def test_the_entry_is_shown_to_those_who_ask_answer_or_read_figures(world: World) -> None:
    entry = reverse("mediation:consultations")
    shown = {
        role for role, person in world.personas.items() if any(item.url == entry for item in nav.items_for(person, "/"))
    }
    assert shown == WITH_A_PART
    assert not any(item.url == entry for item in nav.items_for(world.stranger, "/"))


def test_behind_the_entry_there_is_something_for_each_of_them(world: World) -> None:
    offer(world)
    the_mediator(world)
    for role in sorted(WITH_A_PART):
        client = Client()
        client.force_login(world.personas[role])
        page = client.get(reverse("mediation:consultations"))
        assert page.status_code == 200
        assert page.context["kinds"], role
        with undrawn():
            for link in (link for kind in page.context["kinds"] for link in kind["pages"]):
                assert client.get(link.url).status_code == 200, (role, link.url)
