# SPDX-License-Identifier: EUPL-1.2
"""Every error page says what to do and carries a reference, also when the portal itself is broken."""

from typing import Any
from unittest.mock import patch

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import include, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from fami_portal import urls as portal_urls
from fami_portal.core.errorpages import ADVICE, error_page
from fami_portal.core.errors import DomainError, NotPermitted
from tests.core.people import a_person

pytestmark = pytest.mark.django_db


def _raise(error: Exception) -> Any:
    @login_not_required
    def view(request: HttpRequest) -> HttpResponse:
        raise error

    return view


urlpatterns = [
    path("broken/400/", _raise(SuspiciousOperation("bad"))),
    path("broken/403/", _raise(PermissionDenied())),
    path("broken/500/", _raise(RuntimeError("secret detail"))),
    path("broken/refused/", _raise(DomainError("Il periodo è chiuso."))),
    path("broken/not-permitted/", _raise(NotPermitted("Solo chi coordina può validare."))),
    path("broken/post-only/", login_not_required(require_POST(lambda request: HttpResponse("ok")))),
    path("", include(portal_urls)),
]
handler400, handler403 = portal_urls.handler400, portal_urls.handler403
handler404, handler500 = portal_urls.handler404, portal_urls.handler500


@pytest.fixture(autouse=True)
def _broken_addresses(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def patient() -> Client:
    """A client that shows the error page instead of raising."""
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("/broken/400/", 400),
        ("/broken/403/", 403),
        ("/no/such/page/", 404),
        ("/broken/post-only/", 405),
        ("/broken/refused/", 409),
        ("/broken/500/", 500),
    ],
)
def test_error_page_says_what_to_do_and_carries_the_reference(patient: Client, address: str, code: int) -> None:
    response = patient.get(address)
    page = BeautifulSoup(response.content, "html.parser")

    assert response.status_code == code
    assert len(page.select("h1")) == 1
    assert str(ADVICE[code].heading) == page.h1.text.strip()
    assert len(page.select("main ul li")) >= 1
    assert response["X-Request-ID"] in page.main.text
    assert "secret detail" not in page.text


def test_advice_differs_for_those_who_are_signed_in(patient: Client) -> None:
    stranger = BeautifulSoup(patient.get("/broken/403/").content, "html.parser").main.text
    patient.force_login(a_person(), backend="allauth.account.auth_backends.AuthenticationBackend")
    insider = BeautifulSoup(patient.get("/broken/403/").content, "html.parser").main.text

    assert _("Sign in with your account.") in stranger
    assert _("If you think you should have access, ask whoever coordinates your network.") in insider


def test_refusal_that_no_view_caught_shows_its_sentence(patient: Client) -> None:
    refused = patient.get("/broken/refused/")
    not_permitted = patient.get("/broken/not-permitted/")

    assert "Il periodo è chiuso." in refused.content.decode()
    assert not_permitted.status_code == 403
    assert "Solo chi coordina può validare." in not_permitted.content.decode()


def test_method_that_is_not_taken_keeps_its_header(patient: Client) -> None:
    assert patient.get("/broken/post-only/")["Allow"] == "POST"


def test_500_needs_neither_database_nor_context_processors(patient: Client) -> None:
    with (
        patch("fami_portal.core.context_processors.Portal", side_effect=OperationalError("gone")),
        patch("django.template.context_processors.request", side_effect=RuntimeError("gone")),
    ):
        response = patient.get("/broken/500/")

    assert response.status_code == 500
    assert response["X-Request-ID"] in response.content.decode()


def test_error_page_falls_back_on_the_bare_one_when_the_frame_breaks() -> None:
    request = RequestFactory().get("/x/")
    request.id = "abc12345"  # type: ignore[attr-defined]
    with patch("fami_portal.core.context_processors.Portal", side_effect=OperationalError("gone")):
        response = error_page(request, 404)

    assert response.status_code == 404
    assert "abc12345" in response.content.decode()


def test_bare_page_survives_a_broken_template() -> None:
    from fami_portal.core import errorpages

    with patch.object(errorpages.engines["django"].engine, "get_template", side_effect=RuntimeError("gone")):
        response = errorpages.bare_page("<ref>")

    assert response.status_code == 500
    assert "&lt;ref&gt;" in response.content.decode()


def test_404_does_not_repeat_the_exception(patient: Client) -> None:
    patient.force_login(a_person(), backend="allauth.account.auth_backends.AuthenticationBackend")

    response = patient.get("/jobs/7f6b2c34-0000-4000-8000-000000000000/")

    assert response.status_code == 404
    assert "7f6b2c34" not in BeautifulSoup(response.content, "html.parser").main.text


def test_old_token_from_another_site_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(a_person(), backend="allauth.account.auth_backends.AuthenticationBackend")

    response = client.post("/gallery/", {"title": "x"}, headers={"Origin": "https://evil.example"})

    assert response.status_code == 403
    assert "x" not in [tag.get("value") for tag in BeautifulSoup(response.content, "html.parser").select("main input")]


def test_old_token_from_our_own_page_gives_back_what_was_typed() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(a_person(), backend="allauth.account.auth_backends.AuthenticationBackend")

    response = client.post("/gallery/", {"title": "Italiano L2"}, headers={"Origin": "http://testserver"})
    page = BeautifulSoup(response.content, "html.parser")

    assert response.status_code == 403
    assert page.select_one("main [name=title]")["value"] == "Italiano L2"
    assert page.select_one("main form")["action"] == "/gallery/"
    assert page.select_one("main [name=csrfmiddlewaretoken]")["value"]


def test_livez_and_readyz_are_open_and_plain(patient: Client) -> None:
    assert patient.get("/livez").json() == {"status": "ok"}
    assert patient.get("/readyz").json() == {"status": "ok"} | dict.fromkeys(
        ("database", "migrations", "keys", "storage", "redis"), "ok"
    )


@pytest.mark.parametrize("probe", ["_database", "_migrations", "_keys", "_storage"])
def test_readyz_says_what_is_missing(patient: Client, probe: str) -> None:
    with patch(f"fami_portal.views.{probe}", side_effect=OperationalError("gone")):
        response = patient.get("/readyz")

    assert response.status_code == 503
    assert response.json()[probe.removeprefix("_")] == "OperationalError"


def test_readyz_does_without_redis(patient: Client) -> None:
    with patch("fami_portal.views._redis", side_effect=ConnectionError("gone")):
        response = patient.get("/readyz")

    assert response.status_code == 200
    assert response.json()["redis"] == "ConnectionError"


def test_too_many_requests_for_a_new_password_are_stopped_with_advice(patient: Client) -> None:
    for number in range(25):
        response = patient.post("/account/password/reset/", {"email": f"chi{number}@example.org"})

    page = BeautifulSoup(response.content, "html.parser")
    assert response.status_code == 429
    assert str(ADVICE[429].heading) == page.h1.text.strip()
    assert response["X-Request-ID"] in page.main.text


def test_too_many_wrong_passwords_are_stopped_with_a_sentence(patient: Client) -> None:
    for _attempt in range(7):
        response = patient.post("/account/login/", {"login": "ada@example.org", "password": "sbagliata-123"})

    assert "Troppi tentativi" in BeautifulSoup(response.content, "html.parser").select_one("[data-error-summary]").text
