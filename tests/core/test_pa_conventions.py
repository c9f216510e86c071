# SPDX-License-Identifier: EUPL-1.2
"""What the Italian rules ask of every page, checked as the public validator does; and the weight of the first page."""

import gzip
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client

from fami_portal.core.services import acting
from tests.core.people import a_person

PUBLIC = ["/account/login/", "/account/password/reset/", "/info/privacy/", "/info/faq/", "/info/legal-notes/"]
OWN = ["/", "/jobs/", "/notifications/", "/account/password/change/", "/info/report-problem/"]
FOOTER = ["accessibility-link", "privacy-policy-link", "legal-notes", "faq", "report-inefficiency"]
FIRST_LOAD_BYTES = 350_000


@pytest.fixture
def pages(client: Client, db: None) -> dict[str, BeautifulSoup]:
    """The pages of the shell: the public ones as a stranger, the others signed in."""
    found = {address: BeautifulSoup(client.get(address).content, "html.parser") for address in [*PUBLIC, "/nowhere/"]}
    client.force_login(a_person(), backend="allauth.account.auth_backends.AuthenticationBackend")
    return found | {address: BeautifulSoup(client.get(address).content, "html.parser") for address in OWN}


def test_every_page_has_language_title_one_heading_and_main(pages: dict[str, BeautifulSoup]) -> None:
    for address, page in pages.items():
        assert page.html["lang"] == "it", address
        assert len(page.select("h1")) == 1, address
        assert len(page.select("main#content")) == 1, address
        assert page.title.text.strip().endswith("- Portale FAMI"), address
        assert not page.title.text.strip().startswith("-"), address


def test_every_page_has_skip_links_that_arrive(pages: dict[str, BeautifulSoup]) -> None:
    for address, page in pages.items():
        for link in page.select(".skiplinks a"):
            assert page.select(link["href"]), (address, link["href"])


def test_every_footer_has_the_required_links(pages: dict[str, BeautifulSoup]) -> None:
    for address, page in pages.items():
        for name in FOOTER:
            assert page.select_one(f"footer a[data-element='{name}'][href]"), (address, name)
        assert page.select_one("footer [data-element=accessibility-link]")["href"].startswith(
            "https://form.agid.gov.it/"
        )
        assert "faq" in page.select_one("footer [data-element=faq]").text.lower()


def test_every_page_says_when_it_was_updated(pages: dict[str, BeautifulSoup]) -> None:
    for address, page in pages.items():
        assert "Ultimo aggiornamento" in page.footer.text, address
        assert len(page.select_one(".last-updated").text.strip()) == len("22/11/2026"), address


def test_name_of_the_portal_is_not_a_heading(pages: dict[str, BeautifulSoup]) -> None:
    for page in pages.values():
        assert page.select_one(".it-brand-wrapper .it-brand-title").name == "div"


def test_legal_notes_carry_the_licence_of_the_contents(pages: dict[str, BeautifulSoup]) -> None:
    section = pages["/info/legal-notes/"].select_one("[data-element=legal-notes-section]")

    assert section.select_one("[data-element=legal-notes-section-title]").text == "Licenza dei contenuti"
    assert "CC-BY 4.0" in section.select_one("[data-element=legal-notes-body]").text


def test_no_inline_style_or_script(pages: dict[str, BeautifulSoup]) -> None:
    for address, page in pages.items():
        assert not page.select("[style], style"), address
        assert all(script.get("src") for script in page.select("script")), address


def test_every_address_of_a_page_is_our_own(pages: dict[str, BeautifulSoup]) -> None:
    for address, page in pages.items():
        for tag in page.select("script[src], link[href], img[src]"):
            assert (tag.get("src") or tag["href"]).startswith("/static/"), (address, tag)


def test_only_technical_cookies_of_our_own(client: Client, db: None) -> None:
    person = a_person()
    person.set_password("prova-di-accesso-1")
    with acting(None):
        person.save()
    client.post("/account/login/", {"login": person.email, "password": "prova-di-accesso-1"})
    assert client.get("/").status_code == 200

    assert set(client.cookies) <= {"sessionid", "csrftoken", "portal_browser", "django_language", "messages"}
    assert all(cookie["httponly"] for cookie in client.cookies.values())
    assert all(cookie["samesite"] == "Lax" for cookie in client.cookies.values())


def test_pages_are_built_on_bootstrap_italia() -> None:
    css = Path(finders.find("bootstrap-italia/css/bootstrap-italia.min.css")).read_text(encoding="utf-8")

    assert "--bootstrap-italia-version: '2." in css


def test_first_load_stays_light(client: Client, db: None) -> None:
    response = client.get("/account/login/")
    page = BeautifulSoup(response.content, "html.parser")
    weight = len(gzip.compress(response.content))
    for tag in page.select("script[src], link[href]"):
        name = (tag.get("src") or tag["href"]).removeprefix("/static/")
        weight += _compressed(name)
    # The style sheet brings the regular face (preloaded above), the bold ones and the sheet of icons.
    for name in ("600", "700"):
        weight += _compressed(f"bootstrap-italia/fonts/Titillium_Web/titillium-web-v10-latin-ext_latin-{name}.woff2")
    weight += _compressed("bootstrap-italia/svg/sprites.svg")

    assert weight < FIRST_LOAD_BYTES


def _compressed(name: str) -> int:
    path = finders.find(name)
    assert path, name
    content = Path(path).read_bytes()
    return len(content) if name.endswith(".woff2") else len(gzip.compress(content))


def test_static_files_are_collected_with_fingerprints(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "fami_portal.core.staticfiles.PortalStaticStorage"}
    }

    call_command("collectstatic", interactive=False, verbosity=0)
    names = [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()]

    assert any(name.startswith("bootstrap-italia/css/bootstrap-italia.min.") for name in names)
    assert any(name.startswith("portal/fonts.") and name.endswith(".css.gz") for name in names)
    assert len(names) < 100  # the packages ship thousands
    fonts = next(path for path in (tmp_path / "portal").glob("fonts.*.css")).read_text(encoding="utf-8")
    assert "regular.9" in fonts or "latin-regular." in fonts
