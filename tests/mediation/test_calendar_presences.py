# SPDX-License-Identifier: EUPL-1.2
"""Presences of community mediation in the mediator's day and private calendar, read back by another library."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from actions.enums import MediationRequestKind
from mediation.models import Mediator
from mediation.rendering.calendars import calendar
from mediation.selectors import calendars as selectors
from mediation.selectors import my_work
from mediation.services import calendars, community
from tests.mediation.consulting import NOW, offer, the_mediator
from tests.mediation.test_calendar import events
from tests.mediation.test_community import DAY, plan, record, session
from tests.personas import World, build_world

pytestmark = pytest.mark.django_db
ROME = ZoneInfo("Europe/Rome")


def prepare() -> World:
    world = build_world()
    offer(world, kinds=[MediationRequestKind.COMMUNITY])
    the_mediator(world)
    return world


def own(world: World) -> Mediator:
    return Mediator.objects.get(user=world.personas["mediator"])


def feed(world: World, at: datetime = NOW) -> list[Any]:
    return events(calendar(selectors.feed_of(own(world), at=at), name="Prova").decode())


def client_of(world: World, role: str) -> Client:
    found = Client()
    found.force_login(world.personas[role])
    return found


@pytest.mark.parametrize("change", [date(2026, 3, 29), date(2026, 10, 25)])
def test_presences_keep_their_hour_on_the_days_of_summer_time(scene: World, change: date) -> None:
    days = [change + timedelta(days=n) for n in (-1, 0, 1)]
    agreed = {str(plan(scene, day)[0].uuid): day for day in days}

    found = {
        event.uid.value.split("@")[0]: event
        for event in feed(scene, at=timezone.make_aware(datetime.combine(change, time(8))))
    }

    assert set(found) == set(agreed)
    for uuid, day in agreed.items():
        begin = found[uuid].dtstart.value.astimezone(ROME)
        assert (begin.date(), begin.hour) == (day, 15)
        assert found[uuid].dtend.value - found[uuid].dtstart.value == timedelta(hours=2)


def test_a_presence_keeps_its_uid_and_its_sequence_only_grows(scene: World) -> None:
    (presence,) = plan(scene)
    coordinator = scene.personas["network_coordinator"]
    states = [feed(scene)[0]]
    record(scene, presence, topics="Una cosa detta da Amina")
    states.append(feed(scene)[0])
    community.send_back(presence=presence, reason="Ricontare", by=coordinator, at=NOW + timedelta(days=31))
    states.append(feed(scene)[0])
    community.cancel(presence=presence, reason="Pioggia", by=coordinator, at=NOW + timedelta(days=31))
    states.append(feed(scene)[0])

    assert {state.uid.value.split("@")[0] for state in states} == {str(presence.uuid)}
    assert [int(state.sequence.value) for state in states] == [0, 1, 2, 3]
    assert [state.status.value for state in states] == ["CONFIRMED", "CONFIRMED", "CONFIRMED", "CANCELLED"]
    last = states[-1]
    assert last.summary.value == f"Mediazione di comunità · {scene.networks['n1'].name}"
    assert last.location.value == "Giardini pubblici"
    text = "".join(state.serialize() for state in states)
    for secret in (own(scene).given_name, own(scene).family_name, "Amina", "Ricontare", "Pioggia", "Una cosa"):
        assert secret not in text


def test_sessions_and_presences_stand_in_one_feed_in_order(scene: World) -> None:
    plan(scene)
    start = datetime(2026, 3, 12, 8, tzinfo=UTC)
    session(scene, start, start + timedelta(hours=1))
    plan(scene, date(2026, 3, 11))
    plan(scene, DAY + timedelta(days=340))

    with CaptureQueriesContext(connection) as queries:
        days = [event.dtstart.value.astimezone(ROME).strftime("%d %H") for event in feed(scene)]

    assert days == ["11 15", "12 09", "12 15", (DAY + timedelta(days=340)).strftime("%d 15")]
    assert len(queries) <= 5
    assert len(feed(scene, at=NOW + timedelta(days=100))) == 1


def test_the_own_day_shows_presences_beside_sessions(scene: World, time_machine: Any) -> None:
    early = plan(scene, date(2026, 3, 11))[0]
    today, soon = plan(scene)[0], plan(scene, DAY + timedelta(days=5))[0]
    time_machine.move_to(datetime(2026, 3, 12, 7, tzinfo=UTC))
    token = calendars.make_address(mediator=own(scene), by=scene.personas["mediator"], at=NOW)
    assert len(events(Client().get(f"/mediation/calendar/{token}.ics").content.decode())) == 3
    client = client_of(scene, "mediator")

    with CaptureQueriesContext(connection) as queries:
        page = client.get(reverse("mediation:my-day"))

    text = page.content.decode()
    assert len(queries) <= 15
    assert [row["url"] for row in page.context["today"]] == [today.get_absolute_url()]
    assert [row["url"] for row in page.context["late"]] == [early.get_absolute_url()]
    assert [row["url"] for _day, rows in page.context["next_days"] for row in rows] == [soon.get_absolute_url()]
    assert text.count("Giardini pubblici") == 3
    record(scene, early)
    assert my_work.hours_done(own(scene), DAY).month == 105


def test_a_presence_is_put_in_any_calendar_by_those_who_see_it(scene: World) -> None:
    (presence,) = plan(scene)
    address = reverse("mediation:presence-invitation", args=[presence.uuid])
    (event,) = events(client_of(scene, "mediator").get(address).content.decode())
    (same,) = feed(scene)
    assert (event.uid.value, event.sequence.value) == (same.uid.value, same.sequence.value)
    assert client_of(scene, "school_contact").get(address).status_code == 404
