# SPDX-License-Identifier: EUPL-1.2
"""The private calendar of a mediator, read back by another library than the one that writes it."""

import logging
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import vobject
from django.test import Client
from django.urls import reverse

from fami_portal.core import clock
from fami_portal.core.errors import NotPermitted
from fami_portal.core.logs import without_secrets
from fami_portal.core.models import AuditEvent, RowHistory
from fami_portal.core.services import acting
from mediation.enums import Intervention, Mode, SessionState
from mediation.models import MediationSession, Mediator
from mediation.rendering.calendars import calendar
from mediation.selectors import calendars as selectors
from mediation.services import calendars, mediators
from partners.models import Membership
from tests.factories.mediation import MediatorFactory
from tests.mediation.register_of import local, mediator_of_world, request_of_world, session_of
from tests.mediation.test_mediator_pages import client_of, page
from tests.personas import World

ROME = ZoneInfo("Europe/Rome")


def feed(world: World, mediator: Mediator) -> str:
    """Return the address of the mediator's feed."""
    token = calendars.make_address(mediator=mediator, by=world.personas["mediator"], at=clock.now())
    return f"/mediation/calendar/{token}.ics"


def events(text: str) -> list[Any]:
    """Read a calendar with the independent parser."""
    return list(getattr(vobject.readOne(text), "vevent_list", []))


def read(address: str) -> list[Any]:
    response = Client().get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    return events(response.content.decode())


@pytest.mark.parametrize("change", [date(2019, 3, 31), date(2019, 10, 27)])
def test_times_are_right_on_the_days_of_summer_time(world: World, change: date) -> None:
    """The hour after the change too: what the mediator's calendar shows in Italy is what was agreed."""
    own = mediator_of_world(world)
    request = request_of_world(world, number="A1-2019-00042", mediator=own)
    agreed = {}
    for day in (change - timedelta(days=1), change, change + timedelta(days=1)):
        for hour in (1, 9):
            session = session_of(request, own, local(day, hour), 60)
            agreed[str(session.uuid)] = datetime(day.year, day.month, day.day, hour, tzinfo=ROME)

    sessions = selectors.sessions_of_feed(own, at=datetime(change.year, change.month, change.day, tzinfo=UTC))
    found = {
        event.uid.value.split("@")[0]: event
        for event in events(calendar(selectors.entries(sessions), name="Prova").decode())
    }

    assert set(found) == set(agreed)
    for uuid, begin in agreed.items():
        read_from = found[uuid].dtstart.value
        assert read_from.utcoffset() is not None
        assert read_from.astimezone(ROME).strftime("%Y-%m-%d %H:%M") == begin.strftime("%Y-%m-%d %H:%M")
        assert found[uuid].dtend.value - read_from == timedelta(minutes=60)


def test_session_across_the_october_hour_lasts_what_the_clock_of_the_world_says(world: World) -> None:
    own = mediator_of_world(world)
    request = request_of_world(world, number="A1-2019-00042", mediator=own)
    start = datetime(2019, 10, 26, 22, 30, tzinfo=UTC)  # half past midnight in Italy
    session_of(request, own, start, 240)

    sessions = selectors.sessions_of_feed(own, at=start)
    event = events(calendar(selectors.entries(sessions), name="Prova").decode())[0]

    assert event.dtstart.value.astimezone(ROME).strftime("%H:%M") == "00:30"
    assert event.dtend.value.astimezone(ROME).strftime("%H:%M") == "03:30"
    assert event.dtend.value - event.dtstart.value == timedelta(hours=4)


def test_feed_says_number_body_and_place_and_nothing_of_the_case(world: World) -> None:
    own = mediator_of_world(world)
    request = request_of_world(world, number="A1-2019-00042", mediator=own, municipality=own.organisation.municipality)
    session = session_of(request, own, local(clock.today() + timedelta(days=2), 10), note="piange", sequence=3)

    address = feed(world, own)
    (event,) = read(address)
    text = Client().get(address).content.decode().replace("\r\n ", "")

    assert event.summary.value == "Mediazione A1-2019-00042 · Istituto comprensivo Uno"
    assert event.location.value == "Sede centrale, Torino (TO)"
    assert event.status.value == "CONFIRMED"
    assert event.sequence.value == "3"
    assert event.uid.value.startswith(f"{session.uuid}@")
    for secret in ("AL-7F3K", "2B", "Maria", "Anna", "referente@", "011 000000", "Colloquio", "piange", "Amina"):
        assert secret not in text


def test_place_of_a_home_visit_is_the_town_alone(world: World) -> None:
    own = mediator_of_world(world)
    more = {"interventions": [Intervention.HOME_VISIT.value], "place": "Via Verdi 3, famiglia R."}
    town = own.organisation.municipality
    request = request_of_world(world, number="A3-2019-00001", mediator=own, municipality=town, **more)
    session_of(request, own, local(clock.today() + timedelta(days=2), 10))
    remote = request_of_world(world, number="A3-2019-00002", mediator=own, account=request.account, mode=Mode.VIDEO)
    session_of(remote, own, local(clock.today() + timedelta(days=3), 10))

    first, second = read(feed(world, own))

    assert first.location.value == "Torino (TO)"
    assert second.location.value == "In videochiamata"


def test_feed_holds_the_own_sessions_of_its_span_alone(world: World) -> None:
    own, other = mediator_of_world(world), MediatorFactory(organisation=world.bodies["coop_1"])
    request = request_of_world(world, number="A1-2019-00042", mediator=own)
    today = clock.today()
    for days in (-61, -59, 364, 366):
        session_of(request, own, local(today + timedelta(days=days), 12))
    session_of(request, other, local(today, 12))

    found = [event.dtstart.value.date() - today for event in read(feed(world, own))]

    assert [difference.days for difference in found] == [-59, 364]


def test_cancelled_session_stays_as_cancelled_with_a_higher_sequence(world: World) -> None:
    own = mediator_of_world(world)
    request = request_of_world(world, number="A1-2019-00042", mediator=own)
    session = session_of(request, own, local(clock.today() + timedelta(days=2), 10))
    address = feed(world, own)
    (before,) = read(address)
    with acting(None):
        MediationSession.objects.filter(pk=session.pk).update(state=SessionState.CANCELLED, sequence=1)
    (after,) = read(address)

    assert (before.status.value, after.status.value) == ("CONFIRMED", "CANCELLED")
    assert (before.sequence.value, after.sequence.value) == ("0", "1")
    assert before.uid.value == after.uid.value


def test_reader_that_has_it_already_gets_nothing_again(world: World) -> None:
    own = mediator_of_world(world)
    request = request_of_world(world, number="A1-2019-00042", mediator=own)
    session = session_of(request, own, local(clock.today() + timedelta(days=2), 10))
    address, client = feed(world, own), Client()

    first = client.get(address)
    same = client.get(address, headers={"if-none-match": first["ETag"]})
    assert (same.status_code, same.content, same["ETag"]) == (304, b"", first["ETag"])
    assert "max-age=900" in first["Cache-Control"]

    with acting(None):
        MediationSession.objects.filter(pk=session.pk).update(sequence=1)
    assert client.get(address, headers={"if-none-match": first["ETag"]}).status_code == 200


def test_empty_feed_is_a_calendar_too(world: World) -> None:
    own = mediator_of_world(world)
    assert read(feed(world, own)) == []


# --- the secret ------------------------------------------------------------------------------------------------------


def test_new_address_revokes_the_old_one(world: World) -> None:
    own, client = mediator_of_world(world), Client()
    first, second = feed(world, own), feed(world, own)

    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200
    calendars.stop_address(mediator=own, by=world.personas["mediator"], at=clock.now())
    assert client.get(second).status_code == 404


def test_only_the_mediator_makes_the_own_address(world: World) -> None:
    own = mediator_of_world(world)
    for role in ("regional_coordinator", "network_coordinator", "administrator"):
        with pytest.raises(NotPermitted):
            calendars.make_address(mediator=own, by=world.personas[role], at=clock.now())
    own.refresh_from_db()
    assert own.calendar_token_sha256 == ""


def test_secret_is_nowhere_kept(world: World, caplog: pytest.LogCaptureFixture) -> None:
    own = mediator_of_world(world)
    with caplog.at_level(logging.DEBUG):
        token = calendars.make_address(mediator=own, by=world.personas["mediator"], at=clock.now())
        Client().get(f"/mediation/calendar/{token}.ics")
    own.refresh_from_db()

    assert AuditEvent.objects.filter(verb="mediator_calendar_made", target_id=own.pk).count() == 1
    kept = [str(row) for row in AuditEvent.objects.order_by("pk").values()]
    kept += [str(row) for row in RowHistory.objects.order_by("pk").values()]
    kept += [str(row) for row in Mediator.objects.order_by("pk").values()]
    assert not [row for row in kept if token in row]
    history = [str(row) for row in RowHistory.objects.order_by("pk").values()]
    assert not [row for row in history if own.calendar_token_sha256 in row]
    messages = [record.getMessage() for record in caplog.records if record.name != "django.db.backends"]
    assert not [message for message in messages if token in message]
    # Whatever line names the address, the secret is taken out of it.
    assert without_secrets(f"Not Found: /mediation/calendar/{token}.ics") == "Not Found: /mediation/calendar/***.ics"


def test_feed_stops_with_the_role_and_with_the_account(world: World) -> None:
    own, client, user = mediator_of_world(world), Client(), world.personas["mediator"]
    address = feed(world, own)
    assert client.get(address).status_code == 200
    with acting(None):
        yesterday = clock.today() - timedelta(days=1)
        Membership.objects.filter(user=user, role="mediator").update(valid_until=yesterday)
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("token", ["a", "a" * 43, "..", "x" * 300, "%00" * 30])
def test_wrong_secret_finds_nothing(world: World, token: str) -> None:
    mediator_of_world(world)
    assert Client().get(f"/mediation/calendar/{token}.ics").status_code == 404


def test_address_is_shown_once(world: World) -> None:
    own, client = mediator_of_world(world), client_of(world, "mediator")
    assert "Non hai ancora un indirizzo" in page(client, "/mediation/my/calendar/").text

    response = client.post("/mediation/my/calendar/")
    shown = response.content.decode()
    own.refresh_from_db()
    address = shown.split('id="feed-address"')[1].split('value="')[1].split('"')[0]
    assert "no-store" in response["Cache-Control"]
    assert f'href="webcal://{address.split("://")[1]}"' in shown
    assert Client().get(address.replace("http://testserver", "")).status_code == 200

    again = page(client, "/mediation/my/calendar/")
    assert address not in str(again)
    assert "Hai già un indirizzo" in again.text
    assert client.post("/mediation/my/calendar/stop/").status_code == 302
    assert Client().get(address.replace("http://testserver", "")).status_code == 404


def test_unlinked_entry_has_no_feed(world: World) -> None:
    own = mediator_of_world(world)
    address = feed(world, own)
    mediators.unlink_account(mediator=own, by=world.personas["regional_coordinator"], at=clock.now())
    assert Client().get(address).status_code == 404


# --- one session -----------------------------------------------------------------------------------------------------


def test_invitation_of_a_session_is_for_those_who_see_it(world: World) -> None:
    own = mediator_of_world(world)
    request = request_of_world(world, number="A1-2019-00042", mediator=own)
    proposed = session_of(request, own, local(clock.today() + timedelta(days=2), 10))
    address = reverse("mediation:session-invitation", args=[proposed.uuid])

    response = client_of(world, "school_contact").get(address)
    (event,) = events(response.content.decode())
    (same,) = read(feed(world, own))

    assert event.uid.value == same.uid.value
    assert event.sequence.value == same.sequence.value
    assert "A1-2019-00042.ics" in response["Content-Disposition"]
    assert client_of(world, "service_operator").get(address).status_code == 404
