# SPDX-License-Identifier: EUPL-1.2
"""The mediator's own pages: the day, the availability, the profile, the agreement."""

from datetime import date, time, timedelta
from typing import Any

from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fami_portal.core import clock
from fami_portal.core.nav import waiting_for
from mediation.enums import RequestState, SessionState
from mediation.models import AvailabilityException, Mediator, WeeklyAvailability
from mediation.selectors import my_work
from tests.factories.mediation import MediatorFactory, WeeklyAvailabilityFactory
from tests.mediation.register_of import (
    local,
    mediator_of_world,
    proposal_of,
    request_of_world,
    session_of,
)
from tests.mediation.test_mediator_pages import client_of, page
from tests.personas import World

DAY = "/mediation/my/"
WEEK = "/mediation/my/availability/"


def a_request(world: World, number: int, mediator: Mediator | None = None, **fields: Any) -> Any:
    return request_of_world(world, number=f"A1-2019-{number:05d}", mediator=mediator, **fields)


# --- the day ---------------------------------------------------------------------------------------------------------


def test_day_tells_today_proposals_reports_and_the_next_days(world: World) -> None:
    own, other = mediator_of_world(world), MediatorFactory(organisation=world.bodies["coop_1"])
    today = clock.today()
    request = a_request(world, 1, own)
    account = request.account
    session_of(request, own, local(today, 23))
    session_of(request, own, local(today + timedelta(days=3), 10))
    session_of(request, own, local(today + timedelta(days=40), 10))
    session_of(request, own, local(today, 9), state=SessionState.CANCELLED)
    late = a_request(world, 2, own, account=account)
    session_of(late, own, local(today - timedelta(days=2), 10))
    a_request(world, 3, own, account=account, state=RequestState.HELD)
    proposal_of(a_request(world, 4), own, local(today + timedelta(days=2), 15))
    proposal_of(a_request(world, 5), own, local(today, 15), expires_at=clock.now() - timedelta(minutes=1))
    proposal_of(a_request(world, 6), other, local(today + timedelta(days=2), 15))

    soup = page(client_of(world, "mediator"), DAY)
    sections = {part["aria-labelledby"]: part.text for part in soup.select("main section[aria-labelledby]")}

    assert list(sections) == ["today", "proposals", "due", "hours", "next"]
    assert "23:00–00:00" in sections["today"]
    assert sections["today"].count("A1-2019-00001") == sections["today"].count("A1-2019")
    assert "A1-2019-00004" in sections["proposals"]
    assert "15:00–16:00" in sections["proposals"]
    assert "00005" not in sections["proposals"]
    assert "00006" not in soup.text
    assert "A1-2019-00002" in sections["due"]
    assert "A1-2019-00003" in sections["due"]
    assert "10:00–11:00" in sections["next"]
    assert sections["next"].count("Istituto comprensivo Uno") == 1


def test_hours_are_those_of_the_month_and_of_the_year(world: World) -> None:
    own = mediator_of_world(world, yearly_maximum=600)
    request = a_request(world, 1, own)
    for day, minutes in ((date(2019, 1, 1), 60), (date(2019, 3, 1), 90), (date(2018, 12, 31), 45)):
        session_of(request, own, local(day, 0, 30), minutes, state=SessionState.HELD)
    session_of(request, own, local(date(2019, 3, 2), 9), state=SessionState.NOT_HELD, absent="family")

    hours = my_work.hours_done(own, date(2019, 3, 20))

    assert (hours.month, hours.year, hours.maximum) == (90, 150, 600)


def test_day_has_the_same_queries_for_3_and_30_sessions(world: World) -> None:
    own, client = mediator_of_world(world), client_of(world, "mediator")
    counts, number = [], 0
    account = None
    for size in (3, 27):
        for _n in range(size):
            number += 1
            more = {"account": account} if account else {}
            request = a_request(world, number, own, **more)
            account = request.account
            session_of(request, own, local(clock.today() + timedelta(days=1 + number // 12), 6 + number % 12))
            proposal_of(request, own, local(clock.today() + timedelta(days=1), 15))
        client.get(DAY)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(DAY).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[1] <= 15


def test_mediator_without_entry_is_told_what_to_do(world: World) -> None:
    client = client_of(world, "mediator")
    for address in (DAY, WEEK, "/mediation/my/entry/", "/mediation/my/calendar/", "/mediation/my/confidentiality/"):
        assert "non è ancora collegato" in page(client, address).text


def test_home_shows_what_is_late(world: World) -> None:
    own = mediator_of_world(world)
    request = a_request(world, 1, own)
    session_of(request, own, local(clock.today() - timedelta(days=1), 10))
    a_request(world, 2, own, account=request.account, state=RequestState.REOPENED)

    titles = [str(thing.title) for thing in waiting_for(world.personas["mediator"])]

    assert any("A1-2019-00001" in title for title in titles)
    assert any("A1-2019-00002" in title for title in titles)
    assert not my_work.work_panel(world.personas["school_contact"])


# --- the week --------------------------------------------------------------------------------------------------------


def test_week_is_written_by_hand_day_by_day(world: World) -> None:
    own, client = mediator_of_world(world), client_of(world, "mediator")
    soup = page(client, WEEK)
    assert len(soup.select("input[type=time]")) == 7 * 2 * 2
    assert soup.select_one("[name=d0_0_from]")["step"] == "900"

    data = {
        "d0_0_from": "9:00",
        "d0_0_until": "13:00",
        "d0_1_from": "14:30",
        "d0_1_until": "18",
        "version": own.version,
    }
    data |= {"d5_1_from": "09:15", "d5_1_until": "10:45"}
    data["d0_1_until"] = "18:00"
    assert client.post(WEEK, data).status_code == 302

    rows = WeeklyAvailability.objects.order_by("weekday", "starts_at").values_list("weekday", "starts_at", "ends_at")
    assert list(rows) == [(0, time(9), time(13)), (0, time(14, 30), time(18)), (5, time(9, 15), time(10, 45))]
    # A third line is offered where two are full.
    assert page(client, WEEK).select_one("[name=d0_2_from]")


def test_monday_goes_to_the_other_four_days(world: World) -> None:
    own, client = mediator_of_world(world), client_of(world, "mediator")
    WeeklyAvailabilityFactory(mediator=own, weekday=2, starts_at=time(7), ends_at=time(8))
    WeeklyAvailabilityFactory(mediator=own, weekday=5, starts_at=time(7), ends_at=time(8))
    data = {"d0_0_from": "09:00", "d0_0_until": "13:00", "as_monday": "on", "version": own.version}
    data |= {"d2_0_from": "07:00", "d2_0_until": "08:00", "d5_0_from": "07:00", "d5_0_until": "08:00"}

    assert client.post(WEEK, data).status_code == 302

    rows = WeeklyAvailability.objects.order_by("weekday").values_list("weekday", "starts_at")
    assert list(rows) == [*((day, time(9)) for day in range(5)), (5, time(7))]


def test_wrong_times_are_told_each_at_its_place_and_nothing_typed_is_lost(world: World) -> None:
    own, client = mediator_of_world(world), client_of(world, "mediator")
    data = {
        "d0_0_from": "09:00",
        "d0_0_until": "13:00",
        "d0_1_from": "12:00",
        "d0_1_until": "15:00",
        "d1_0_from": "quando posso",
        "d1_0_until": "12:00",
        "d2_0_from": "11:00",
        "d2_0_until": "09:00",
        "d3_0_from": "09:10",
        "d3_0_until": "10:00",
        "d4_0_from": "09:00",
        "version": own.version,
    }
    response = client.post(WEEK, data)
    soup = page_of(response)

    targets = [link["href"] for link in soup.select("[data-error-summary] a")]
    assert targets == ["#id_d0_1_from", "#id_d1_0_from", "#id_d2_0_until", "#id_d3_0_from", "#id_d4_0_until"]
    assert "si sovrappone a 09:00–13:00" in soup.text
    for name, value in data.items():
        assert soup.select_one(f"[name={name}]")["value"] == str(value)
    assert not WeeklyAvailability.objects.exists()


def page_of(response: Any) -> Any:
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def test_two_open_pages_do_not_overwrite_each_other(world: World) -> None:
    own, client = mediator_of_world(world), client_of(world, "mediator")
    client.post(WEEK, {"d0_0_from": "09:00", "d0_0_until": "13:00", "version": own.version})

    soup = page_of(client.post(WEEK, {"d1_0_from": "09:00", "d1_0_until": "13:00", "version": own.version}))

    assert soup.select_one("[data-error-summary]")
    assert soup.select_one("[name=d1_0_from]")["value"] == "09:00"
    assert WeeklyAvailability.objects.get().weekday == 0


def test_exceptions_are_added_told_and_removed(world: World) -> None:
    own, client = mediator_of_world(world), client_of(world, "mediator")
    day = clock.today() + timedelta(days=10)
    session_of(a_request(world, 1, own), own, local(day, 10))
    address = "/mediation/my/availability/exceptions/new/"
    assert client.get(address).status_code == 200
    data = {"is_available": "no", "starts_on": f"{day:%Y-%m-%d}", "ends_on": "", "starts_at": "", "ends_at": ""}

    response = client.post(address, data, follow=True)
    assert "è già fissato 1 incontro" in response.content.decode()
    soup = page_of(client.post(address, data))
    assert soup.select_one("[data-error-summary] a")["href"] == "#id_starts_on"

    row = AvailabilityException.objects.get()
    assert f"{day:%d/%m/%Y}" in page(client, WEEK).text
    assert client.post(reverse("mediation:availability-exception-remove", args=[row.uuid])).status_code == 302
    assert not AvailabilityException.objects.exists()


def test_coordinator_writes_for_an_entry_without_account_only(world: World) -> None:
    own, without = mediator_of_world(world), MediatorFactory(organisation=world.bodies["coop_1"])
    client = client_of(world, "network_coordinator")
    data = {"d0_0_from": "09:00", "d0_0_until": "13:00", "version": 1}

    address = reverse("mediation:mediator-availability", args=[without.uuid])
    assert client.get(address).status_code == 200
    assert client.post(address, data)["Location"] == address
    assert client.get(reverse("mediation:mediator-exception-new", args=[without.uuid])).status_code == 200
    assert client.post(reverse("mediation:mediator-availability", args=[own.uuid]), data).status_code == 403
    assert WeeklyAvailability.objects.get().mediator == without


# --- profile and agreement -------------------------------------------------------------------------------------------


def test_mediator_changes_contacts_in_the_profile(world: World) -> None:
    own, client = mediator_of_world(world), client_of(world, "mediator")
    assert client.get("/mediation/my/entry/").status_code == 200

    data = {"email": "amina@example.org", "phone": "333 12345", "family_name": "Altra", "version": own.version}
    assert client.post("/mediation/my/entry/", data).status_code == 302
    own.refresh_from_db()
    assert (own.email, own.phone, own.family_name) == ("amina@example.org", "333 12345", "Esempio")


def test_agreement_is_signed_with_a_click_of_its_own(world: World) -> None:
    own, client = mediator_of_world(world, confidentiality_signed_on=None), client_of(world, "mediator")
    assert "impegno di riservatezza" in page(client, DAY).text
    assert client.get("/mediation/my/confidentiality/").status_code == 200
    own.refresh_from_db()
    assert own.confidentiality_signed_on is None

    assert client.post("/mediation/my/confidentiality/").status_code == 302
    own.refresh_from_db()
    assert own.confidentiality_signed_on == clock.today()
    assert "Firmato il" in page(client, "/mediation/my/confidentiality/").text
