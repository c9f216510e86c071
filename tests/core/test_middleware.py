# SPDX-License-Identifier: EUPL-1.2
"""Request id, limits of the session, and that nothing typed is lost when it ends."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from fami_portal.core import unsent
from fami_portal.core.logs import RequestIdFilter
from fami_portal.core.models import Message
from tests.core.people import a_person

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PROTECTED = "/notifications/read-all/"


@pytest.fixture
def clock() -> Iterator[Any]:
    """A clock that stands still and is moved by hand."""
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


@pytest.fixture
def person() -> Any:
    """Somebody with an account."""
    return a_person("ada")


@pytest.fixture
def signed_in(client: Client, person: Any, clock: Any) -> Client:
    """A browser that has opened a page after the sign-in."""
    client.force_login(person, backend=BACKEND)
    assert client.get("/").status_code == 200
    return client


def sign_in(client: Client, person: Any) -> None:
    """Sign in on the session that the browser has."""
    client.force_login(person, backend=BACKEND)


# --- request id ----------------------------------------------------------------------------------------------------


def test_each_answer_has_its_own_id(client: Client) -> None:
    first, second = (client.get("/livez")["X-Request-ID"] for _ in range(2))

    assert first != second


def test_id_of_the_proxy_is_taken_when_it_looks_like_one(client: Client) -> None:
    assert client.get("/livez", headers={"X-Request-ID": "proxy-12345678"})["X-Request-ID"] == "proxy-12345678"
    assert client.get("/livez", headers={"X-Request-ID": "a b\n"})["X-Request-ID"] != "a b\n"


def test_log_lines_carry_the_id(client: Client) -> None:
    answer = client.get("/no-such-page/", headers={"X-Request-ID": "proxy-87654321"})
    record = logging.LogRecord("x", logging.INFO, __file__, 1, "text", None, None)

    assert RequestIdFilter().filter(record)
    assert record.request_id == answer["X-Request-ID"]  # type: ignore[attr-defined]


# --- who may come in -----------------------------------------------------------------------------------------------


def test_stranger_is_sent_to_the_sign_in_page_and_back(client: Client) -> None:
    response = client.get("/jobs/?page=2")

    assert response.status_code == 302
    assert response["Location"] == "/account/login/?next=%2Fjobs%2F%3Fpage%3D2"


def test_fragment_sends_the_whole_page_to_the_sign_in_page(client: Client) -> None:
    response = client.get("/jobs/", headers={"HX-Request": "true"})

    assert response.status_code == 204
    assert response["HX-Redirect"].startswith("/account/login/")


def test_script_is_told_to_sign_in(client: Client) -> None:
    assert client.get("/session/", headers={"Accept": "application/json"}).status_code == 401


@pytest.mark.parametrize("address", ["/livez", "/readyz", "/info/faq/", "/account/login/", "/account/password/reset/"])
def test_public_pages_need_no_account(client: Client, address: str) -> None:
    assert client.get(address).status_code == 200


def test_sign_up_is_closed(client: Client) -> None:
    page = BeautifulSoup(client.get("/account/signup/").content, "html.parser")

    assert not page.select("main form")


# --- limits of the session -----------------------------------------------------------------------------------------


def test_session_ends_after_half_an_hour_of_nothing(signed_in: Client, clock: Any) -> None:
    clock.shift(29 * 60)
    assert signed_in.get("/").status_code == 200
    clock.shift(29 * 60)
    assert signed_in.get("/").status_code == 200
    clock.shift(31 * 60)
    assert signed_in.get("/").status_code == 302


def test_session_ends_after_eight_hours_of_work(signed_in: Client, clock: Any) -> None:
    for _quarter in range(31):
        clock.shift(15 * 60)
        assert signed_in.get("/").status_code == 200
    clock.shift(16 * 60)

    assert signed_in.get("/").status_code == 302


def test_page_that_refreshes_itself_does_not_keep_the_session_alive(signed_in: Client, clock: Any) -> None:
    for _minute in range(29):
        clock.shift(60)
        assert signed_in.get("/session/", headers={"X-Portal-Background": "1"}).status_code == 200
    clock.shift(120)

    assert signed_in.get("/").status_code == 302


def test_keep_alive_starts_the_half_hour_again(signed_in: Client, clock: Any) -> None:
    clock.shift(28 * 60)
    before = signed_in.get("/session/", headers={"X-Portal-Background": "1"}).json()["seconds_left"]
    after = signed_in.post("/session/").json()["seconds_left"]

    assert before == 120
    assert after == 1800


def test_session_opened_before_the_rights_were_withdrawn_ends(signed_in: Client, person: Any, clock: Any) -> None:
    from fami_portal.core.services import acting

    clock.shift(60)
    with acting(None):
        type(person).objects.filter(pk=person.pk).update(sessions_valid_from=timezone.now())

    assert signed_in.get("/").status_code == 302


def test_page_view_seldom_writes_the_session(signed_in: Client, clock: Any, django_assert_num_queries: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    clock.shift(5)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        signed_in.get("/")

    assert not [query["sql"] for query in captured if query["sql"].startswith(("UPDATE", "INSERT"))]


# --- nothing typed is lost -----------------------------------------------------------------------------------------


def expired_post(client: Client, clock: Any, **data: Any) -> Any:
    """Send a form after the session has ended."""
    clock.shift(31 * 60)
    return client.post(PROTECTED, {"title": "Italiano L2", "languages": ["ar", "zh"], **data})


def test_form_sent_after_the_session_ended_is_given_back(signed_in: Client, person: Any, clock: Any) -> None:
    refused = expired_post(signed_in, clock)
    sign_in(signed_in, person)
    page = BeautifulSoup(signed_in.get("/unsent/").content, "html.parser")

    assert refused["Location"] == "/account/login/?next=%2Funsent%2F"
    form = page.select_one("main form")
    assert form["action"] == PROTECTED
    assert [(f["name"], f["value"]) for f in form.select("input") if f["name"] != "csrfmiddlewaretoken"] == [
        ("title", "Italiano L2"),
        ("languages", "ar"),
        ("languages", "zh"),
    ]


def test_kept_form_is_gone_once_it_was_sent(signed_in: Client, person: Any, clock: Any) -> None:
    expired_post(signed_in, clock)
    sign_in(signed_in, person)
    signed_in.post(PROTECTED, {"title": "Italiano L2"})

    assert signed_in.get("/unsent/")["Location"] == "/"


def test_home_reminds_of_a_kept_form_until_it_is_deleted(signed_in: Client, person: Any, clock: Any) -> None:
    expired_post(signed_in, clock)
    sign_in(signed_in, person)

    assert "/unsent/" in signed_in.get("/").content.decode()
    signed_in.post("/unsent/discard/")
    assert "/unsent/" not in signed_in.get("/").content.decode()


def test_somebody_else_never_sees_it(signed_in: Client, clock: Any) -> None:
    expired_post(signed_in, clock)
    sign_in(signed_in, a_person("bruno"))

    assert signed_in.get("/unsent/")["Location"] == "/"
    assert unsent.KEY not in signed_in.session


def test_it_is_kept_for_one_hour(signed_in: Client, person: Any, clock: Any) -> None:
    expired_post(signed_in, clock)
    clock.shift(timedelta(minutes=61))
    sign_in(signed_in, person)

    assert signed_in.get("/unsent/")["Location"] == "/"


def test_it_is_kept_encrypted_without_passwords_and_files(signed_in: Client, person: Any, clock: Any) -> None:
    file = SimpleUploadedFile("a.pdf", b"%PDF-1.7")
    expired_post(signed_in, clock, password="segreta", attachment=file)
    stored = signed_in.session[unsent.KEY]
    sign_in(signed_in, person)
    page = signed_in.get("/unsent/").content.decode()

    assert "Italiano" not in stored
    assert "segreta" not in page
    assert "I file non possono essere conservati" in page


def test_what_is_too_big_is_not_kept(signed_in: Client, clock: Any) -> None:
    refused = expired_post(signed_in, clock, note="x" * (unsent.MAX_BYTES + 1))

    assert refused["Location"] == "/account/login/?next=%2F"


def test_stranger_leaves_nothing_in_the_session(client: Client) -> None:
    response = client.post(PROTECTED, {"title": "x"})

    assert response["Location"] == "/account/login/?next=%2F"
    assert unsent.KEY not in client.session


def test_whoever_signs_out_on_purpose_leaves_no_trace(signed_in: Client, clock: Any) -> None:
    signed_in.post("/account/logout/")
    signed_in.post(PROTECTED, {"title": "x"})

    assert not signed_in.cookies[unsent.COOKIE].value
    assert unsent.KEY not in signed_in.session


def test_cookie_cannot_be_forged(client: Client, person: Any) -> None:
    client.cookies[unsent.COOKIE] = f"{person.pk}:forged"

    assert client.post(PROTECTED, {"title": "x"})["Location"] == "/account/login/?next=%2F"


# --- report of a problem -------------------------------------------------------------------------------------------


def test_problem_is_reported_once_with_its_reference(client: Client, settings: Any) -> None:
    data = {"text": "La tabella è vuota", "page": "/jobs/", "reference": "abc123", "reply_to": "chi@example.org"}
    data["submission_key"] = "7f6b2c34-0000-4000-8000-000000000001"

    answers = [client.post("/info/report-problem/", data) for _ in range(2)]

    assert {answer["Location"] for answer in answers} == {"/info/report-problem/sent/"}
    message = Message.objects.get()
    assert message.address == settings.SUPPORT_EMAIL


def test_many_reports_from_one_place_are_refused(client: Client) -> None:
    answers = [client.post("/info/report-problem/", {"text": f"problema {number}"}) for number in range(6)]

    assert [answer.status_code for answer in answers] == [302] * 5 + [200]
    assert "aspetta dieci minuti" in answers[-1].content.decode()
