# SPDX-License-Identifier: EUPL-1.2
"""The shell as people meet it: by mouse, by keyboard, wide and narrow, when things go wrong."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import override_settings
from playwright.sync_api import Page, expect

from fami_portal.core import nav
from fami_portal.core.services import acting
from tests.core.people import a_person
from tests.e2e.conftest import NARROW, Live
from tests.personas import build_world

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
PASSWORD = "prova-di-accesso-1"


@pytest.fixture
def person(live: Live) -> Any:
    """Somebody who can sign in."""
    somebody = a_person("ada")
    somebody.set_password(PASSWORD)
    with acting(None):
        somebody.save()
    return somebody


def sign_in(page: Page, person: Any) -> None:
    """Fill in the sign-in page that is open."""
    page.get_by_label("Indirizzo e-mail").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Accedi").click()


def test_pages_of_the_shell_have_no_barrier(live: Live, person: Any, axe: Callable[[Page], None]) -> None:
    page = live.page(path="/account/login/")
    axe(page)
    for address in (
        "/account/password/reset/",
        "/info/faq/",
        "/info/legal-notes/",
        "/info/privacy/",
        "/nowhere/",
        "/gallery/",
    ):
        page.goto(address)
        axe(page)
    page = live.page(person)
    for address in ("/", "/jobs/", "/notifications/", "/info/report-problem/", "/account/password/change/"):
        page.goto(address)
        axe(page)


def test_form_in_error_has_no_barrier_and_leads_to_the_field(live: Live, axe: Callable[[Page], None]) -> None:
    page = live.page(path="/gallery/")
    page.get_by_label("Ore", exact=False).first.fill("due e mezza")
    page.get_by_role("button", name="Salva").click()

    summary = page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    expect(page).to_have_title(re.compile("^Errore:"))
    assert page.locator("#id_hours").input_value() == "due e mezza"
    axe(page)
    summary.get_by_role("link").first.click()
    expect(page.locator("#id_title")).to_be_focused()


def test_keyboard_reaches_the_content_first(live: Live, person: Any) -> None:
    page = live.page(person, path="/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Vai al contenuto")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("main")).to_be_focused()


def test_menu_of_the_person_opens_closes_and_signs_out(live: Live, person: Any, axe: Callable[[Page], None]) -> None:
    page = live.page(person, path="/")
    menu = page.locator(".user-menu")
    menu.locator("summary").click()
    axe(page)
    page.keyboard.press("Escape")
    assert menu.get_attribute("open") is None
    menu.locator("summary").click()
    menu.get_by_role("button", name="Esci").click()

    expect(page).to_have_url(re.compile("/account/login/"))


def test_menu_is_folded_on_a_phone(live: Live, person: Any, axe: Callable[[Page], None]) -> None:
    nav.register(nav.NavItem("Lavorazioni", "core:job-list"))
    page = live.page(person, size=NARROW, path="/")
    toggle = page.get_by_role("button", name="Menu")
    expect(page.locator("#menu")).to_be_hidden()
    toggle.click()

    expect(page.locator("#menu")).to_be_visible()
    assert toggle.get_attribute("aria-expanded") == "true"
    axe(page)
    del nav._items["core:job-list"]


def test_long_menu_fits_in_one_row_and_opens_by_keyboard(live: Live, axe: Callable[[Page], None]) -> None:
    coordinator = build_world().personas["network_coordinator"]
    page = live.page(coordinator, path="/results/")
    menu = page.get_by_role("navigation", name="Menu principale")
    results = menu.locator("summary", has_text="Risultati e rapporti")
    mediation = menu.locator("summary", has_text="Mediazione")
    assert menu.evaluate("menu => menu.offsetHeight") < 64
    assert (results.get_attribute("aria-current"), mediation.get_attribute("aria-current")) == ("true", None)

    mediation.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(menu.get_by_role("link", name="Richieste di mediazione")).to_be_focused()
    axe(page)
    menu.get_by_role("link", name="Richieste di mediazione").focus()
    page.keyboard.press("Escape")
    expect(mediation).to_be_focused()
    expect(menu.get_by_role("link", name="Richieste di mediazione")).to_be_hidden()
    # Whoever walks on by Tab leaves no open list behind.
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+Tab")
    expect(menu.get_by_role("link", name="Mediatori")).to_be_hidden()

    page.set_viewport_size(NARROW)
    page.get_by_role("button", name="Menu").click()
    mediation.click()
    expect(menu.get_by_role("link", name="Mediatori")).to_be_visible()
    axe(page)
    menu.get_by_role("link", name="Mediatori").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mediatori")


def test_double_click_sends_one_form(live: Live, person: Any) -> None:
    page = live.page(person, path="/info/report-problem/")
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.get_by_label("Che cosa è successo?").fill("La tabella è vuota")
    page.get_by_role("button", name="Invia la segnalazione").dblclick()

    expect(page.get_by_role("heading", name="Segnalazione inviata")).to_be_visible()
    assert len(sent) == 1


@override_settings(SESSION_IDLE_SECONDS=123)
def test_warning_before_the_session_ends_can_be_answered(live: Live, person: Any, axe: Callable[[Page], None]) -> None:
    page = live.page(person, path="/")
    dialog = page.get_by_role("dialog", name="Sei ancora qui?")
    expect(dialog).to_be_visible()
    axe(page)
    dialog.get_by_role("button", name="Continua a lavorare").click()

    expect(dialog).to_be_hidden()


@pytest.mark.smoke
def test_what_was_typed_survives_the_end_of_the_session(live: Live, person: Any, axe: Callable[[Page], None]) -> None:
    page = live.page(path="/account/login/")
    sign_in(page, person)
    page.goto("/account/password/change/")
    page.evaluate(
        "document.querySelector('main form').insertAdjacentHTML('afterbegin', '<input name=note value=appunti>')"
    )
    page.context.clear_cookies(name="sessionid")
    page.locator("main").get_by_role("button", name="Salva la password").click()
    expect(page).to_have_url(re.compile("next=%2Funsent%2F"))
    sign_in(page, person)

    expect(page.get_by_role("heading", name="I tuoi dati sono qui")).to_be_visible()
    axe(page)
    assert page.locator("main [name=note]").input_value() == "appunti"
    page.get_by_role("button", name="Invia di nuovo i miei dati").click()
    expect(page).to_have_url(re.compile("/account/password/change/"))
