# SPDX-License-Identifier: EUPL-1.2
"""Pages of sessions and reports: from the session to the validated report, as each person meets them."""

from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fami_portal.core import nav
from mediation.enums import RequestState, SessionState
from mediation.models import MediationRequest
from mediation.selectors import session_pages
from mediation.services import reports, sessions
from tests.mediation.session_world import AFTER, END, NOW, REPORT, START, SessionWorld
from tests.mediation.test_reports import _code_in_mail

pytestmark = pytest.mark.django_db
prepare = SessionWorld


@pytest.fixture(autouse=True)
def _after_the_session(time_machine: Any) -> None:
    time_machine.move_to(AFTER)


def _client(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _at(name: str, thing: Any) -> str:
    return reverse(f"mediation:{name}", args=[thing.uuid])


def _values(page: Any, **changes: Any) -> dict[str, Any]:
    """What the form of a page would send, with what the person changes."""
    form = BeautifulSoup(page.content, "html.parser").select_one("form.portal-form")
    values: dict[str, Any] = {}
    for field in form.select("input[name], textarea[name], select[name]"):
        kind = field.get("type")
        if kind in ("radio", "checkbox"):
            if field.has_attr("checked"):
                values.setdefault(field["name"], []).append(field["value"])
        elif field.name == "select":
            chosen = field.select_one("option[selected]")
            values[field["name"]] = chosen["value"] if chosen else ""
        else:
            values[field["name"]] = field.get("value", "") if field.name == "input" else field.text.strip()
    return values | changes


def _send(client: Client, address: str, **changes: Any) -> Any:
    page = client.get(address)
    assert page.status_code == 200, page
    return client.post(address, _values(page, **changes), follow=True)


def test_from_the_session_to_the_validated_report(scene: SessionWorld) -> None:
    session = scene.confirmed()
    request = session.request
    mediator, contact, coordinator = _client(scene.user), _client(scene.contact), _client(scene.coordinator)

    page = mediator.get(request.get_absolute_url())
    assert _at("session-record", session) in page.content.decode()
    page = _send(mediator, _at("session-record", session), ends_at="10:45", parents="2")
    assert page.redirect_chain[-1][0] == _at("report-edit", request)
    session.refresh_from_db()
    assert (session.state, session.minutes, session.parents) == (SessionState.HELD, 45, 2)

    page = _send(mediator, _at("report-edit", request), summary=REPORT["summary"])
    assert page.redirect_chain[-1][0] == _at("report-file", request)
    assert "missing" in page.content.decode()
    page = _send(mediator, _at("report-file", request))
    assert page.status_code == 422
    _send(mediator, _at("report-edit", request), communication="4")
    _send(mediator, _at("report-file", request))
    request.refresh_from_db()
    assert request.state == RequestState.REPORTED

    assert [row.url for row in nav.waiting_for(scene.contact)] == [_at("report-countersign", request)]
    _send(contact, _at("report-countersign", request), rating="9")
    assert _at("report-validate", request) in [row.url for row in nav.waiting_for(scene.who(scene.coordinator))]
    page = coordinator.get(_at("report-validate", request))
    assert "45" in page.content.decode()
    _send(coordinator, _at("report-validate", request))
    request.refresh_from_db()
    assert request.state == RequestState.VALIDATED
    assert scene.figures(request) == (0, 0, 45)
    for client in (mediator, contact, coordinator):
        assert client.get(request.get_absolute_url()).status_code == 200
        assert client.get(_at("report", request)).status_code == 200
        assert client.get(_at("session", session)).status_code == 200


def test_the_way_back_names_each_page_once(scene: SessionWorld) -> None:
    session = scene.confirmed()
    page = BeautifulSoup(_client(scene.user).get(_at("session-record", session)).content, "html.parser")
    links = [link["href"] for link in page.select("nav.breadcrumb-container a, .breadcrumb a")]
    assert links[-2:] == [session.request.get_absolute_url(), session.get_absolute_url()]
    # A mediator has no list of requests: the way back is the page of the day.
    assert reverse("mediation:my-day") in links
    assert reverse("mediation:request-list") not in links
    page = BeautifulSoup(_client(scene.who(scene.coordinator)).get(session.get_absolute_url()).content, "html.parser")
    assert reverse("mediation:request-list") in [link["href"] for link in page.select(".breadcrumb a")]


def test_before_its_meeting_a_report_is_refused_in_words(scene: SessionWorld) -> None:
    session = scene.confirmed()
    for client, name in ((_client(scene.user), "report-edit"), (_client(scene.user), "report")):
        page = client.get(_at(name, session.request), follow=True)
        assert "La scheda si scrive quando" in page.content.decode(), name


def test_an_end_that_is_the_start_is_a_slip_not_a_day(scene: SessionWorld) -> None:
    session = scene.confirmed()
    page = _send(_client(scene.user), _at("session-record", session), starts_at="10:00", ends_at="10:00")
    assert page.status_code == 422
    assert [str(error) for error in page.context["form"].errors["ends_at"]] == [
        "La fine è uguale all’inizio: correggi una delle due."
    ]


def test_a_slip_keeps_what_was_typed(scene: SessionWorld) -> None:
    session = scene.confirmed()
    client = _client(scene.user)
    page = _send(client, _at("session-record", session), ends_at="09:00", note="Tutto bene")
    assert page.status_code == 422
    assert "Tutto bene" in page.content.decode()
    page = _send(client, _at("session-record", session), break_minutes="60")
    assert page.status_code == 422


def test_two_windows(scene: SessionWorld) -> None:
    request = scene.held()
    client = _client(scene.user)
    address = _at("report-edit", request)
    old = _values(client.get(address), summary="Seconda finestra")
    _send(client, address, summary="Prima finestra")
    page = client.post(address, old)
    assert page.status_code == 422
    assert "Seconda finestra" in page.content.decode()
    assert scene.report(request).summary == "Prima finestra"
    # The version is the current one now: saving again is meant.
    client.post(address, _values(page))
    assert scene.report(request).summary == "Seconda finestra"


def test_coordinator_records_for_a_mediator(scene: SessionWorld) -> None:
    session = scene.confirmed()
    _send(_client(scene.coordinator), _at("session-record", session), on_behalf_of="Il mediatore")
    session.refresh_from_db()
    assert session.state == SessionState.HELD


def test_not_held(scene: SessionWorld) -> None:
    session = scene.confirmed()
    _send(_client(scene.user), _at("session-not-held", session), absent="family", reason="Nessuno è venuto")
    session.refresh_from_db()
    assert (session.state, session.charged_minutes) == (SessionState.NOT_HELD, 60)
    other = scene.confirmed(start=START - timedelta(days=1))
    page = _client(scene.contact).get(_at("session-not-held", other))
    assert [field["value"] for field in BeautifulSoup(page.content, "html.parser").select("[name=absent]")] == [
        "mediator"
    ]


def test_new_time(scene: SessionWorld, time_machine: Any) -> None:
    time_machine.move_to(NOW)
    session = scene.confirmed()
    contact, mediator = _client(scene.contact), _client(scene.user)
    _send(contact, _at("session-new-time", session), day="2019-03-14", reason="Gita")
    assert [row.url for row in nav.waiting_for(scene.who(scene.user))][:1] == [_at("session-new-time-answer", session)]
    page = contact.get(_at("session-new-time-answer", session))
    assert 'value="yes"' not in page.content.decode()
    _send(mediator, _at("session-new-time-answer", session), answer="yes")
    session.refresh_from_db()
    assert session.planned_from == START + timedelta(days=1)


def test_several_sessions(scene: SessionWorld) -> None:
    first = scene.confirmed(minutes_asked=180, sessions_asked=3)
    request = first.request
    client = _client(scene.user)
    _send(client, _at("session-add", request), day="2019-03-14", starts_at="10:00", ends_at="11:00")
    _send(client, _at("session-record", first))
    second = request.sessions.get(position=2)
    # The only one that remains beside one that was held may be cancelled.
    _send(client, _at("session-cancel", second), reason="Sciopero")
    assert MediationRequest.objects.get(pk=request.pk).state == RequestState.CONFIRMED
    client.post(_at("session-finish", request))
    assert MediationRequest.objects.get(pk=request.pk).state == RequestState.HELD


def test_signed_on_the_phone(scene: SessionWorld) -> None:
    request = scene.filed()
    client = _client(scene.user)
    assert client.get(_at("report-code", request)).status_code == 200
    page = client.post(_at("report-code-send", request), follow=True)
    assert request.contact_email in page.content.decode()
    code = _code_in_mail()
    page = _send(client, _at("report-code", request), code="000000" if code != "000000" else "111111")
    assert page.status_code == 422
    _send(client, _at("report-code", request), code=code, name="Anna Prova")
    request.refresh_from_db()
    assert request.state == RequestState.COUNTERSIGNED


def test_reopened(scene: SessionWorld) -> None:
    request = scene.validated()
    _send(_client(scene.coordinator), _at("report-reopen", request), reason="Orario sbagliato")
    request.refresh_from_db()
    assert request.state == RequestState.REOPENED
    session = request.sessions.get()
    page = _client(scene.user).get(_at("session", session))
    assert _at("session-record", session) in page.content.decode()


def test_old_links_lead_to_the_request(scene: SessionWorld) -> None:
    request = scene.validated()
    session = request.sessions.get()
    mediator, contact, coordinator = _client(scene.user), _client(scene.contact), _client(scene.coordinator)
    for client, name, thing, target in (
        (mediator, "session-record", session, session),
        (mediator, "session-not-held", session, session),
        (mediator, "session-new-time", session, session),
        (mediator, "session-new-time-answer", session, session),
        (mediator, "session-cancel", session, session),
        (mediator, "session-add", request, request),
        (mediator, "report-edit", request, request),
        (mediator, "report-file", request, request),
        (mediator, "report-code", request, request),
        (contact, "report-countersign", request, request),
        (coordinator, "report-validate", request, request),
    ):
        page = client.get(_at(name, thing))
        assert (page.status_code, page.get("Location")) == (302, target.get_absolute_url()), name


def test_cultural_elements_are_for_the_service_and_the_mediator(scene: SessionWorld) -> None:
    words = "Parla per proverbi"
    request = scene.filed(
        kind="service",
        interventions=["service_talk"],
        values=REPORT | {"interventions": ["service_talk"], "need_codes": ["lingua"], "cultural_elements": words},
    )
    operator = scene.world.personas["service_operator"]
    for person, reads in ((scene.user, True), (operator, True), (scene.coordinator, False)):
        page = _client(person).get(_at("report", request))
        assert (words in page.content.decode()) is reads
    assert _client(scene.world.personas["auditor"]).get(_at("report", request)).status_code == 403
    assert _client(scene.contact).get(_at("report", request)).status_code == 404


def test_what_waits_costs_the_same_for_two_and_for_four(scene: SessionWorld) -> None:
    def cost(panel: str, person: Any, waiting: int) -> int:
        reader = scene.who(person)
        with CaptureQueriesContext(connection) as queries:
            found = getattr(session_pages, panel)(reader)
        assert len(found) == waiting, panel
        return len(queries)

    filed, few, many = [], [], []
    for number in range(4):
        filed.append(scene.filed(start=START - timedelta(days=number + 1)))
        if number in (1, 3):
            (few if number == 1 else many).append(cost("contact_panel", scene.contact, number + 1))
    for number, request in enumerate(filed):
        reports.countersign(request=request, rating=9, by=scene.contact, at=AFTER)
        if number in (1, 3):
            (few if number == 1 else many).append(cost("coordinator_panel", scene.coordinator, number + 1))
    assert few == many
    assert max(many) <= 5


def test_page_of_a_request_costs_the_same_for_two_sessions_and_for_eight(scene: SessionWorld) -> None:
    first = scene.confirmed(minutes_asked=480, sessions_asked=8)
    client = _client(scene.user)
    counts = []
    for number in range(1, 8):
        day = timedelta(days=number)
        sessions.add_session(request=first.request, starts_at=START + day, ends_at=END + day, by=scene.user, at=AFTER)
        if number in (1, 7):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(first.request.get_absolute_url()).status_code == 200
            counts.append(len(queries))
    assert counts[0] == counts[1] <= 40
