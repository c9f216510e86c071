# SPDX-License-Identifier: EUPL-1.2
"""The register of mediators and the mediator's own pages in a browser: a telephone, and the keyboard alone."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import vobject
from playwright.sync_api import Page, expect

from fami_portal.core import clock
from mediation.models import Mediator, WeeklyAvailability
from tests.e2e.conftest import NARROW, Live
from tests.factories.mediation import RequestKindFactory
from tests.factories.partners import LanguageFactory
from tests.mediation.register_of import (
    local,
    mediator_of_world,
    proposal_of,
    request_of_world,
    session_of,
)
from tests.personas import World

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
# Where the pictures go of whoever wants to look at the pages; nowhere by default.
PICTURES = os.environ.get("FAMI_TEST_PICTURES", "")


def look(page: Page, name: str) -> None:
    """Keep a picture of the page, when somebody asked for it."""
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def submit(page: Page, button: str) -> None:
    """Press the button of the form that is open."""
    page.locator("main form.portal-form").get_by_role("button", name=button).click()


def test_coordinator_enters_a_mediator_in_the_register(live: Live, world: World, axe: Callable[[Page], None]) -> None:
    LanguageFactory()
    page = live.page(world.personas["network_coordinator"], path="/")
    page.locator("#menu").get_by_text("Mediazione", exact=True).click()
    page.get_by_role("link", name="Mediatori").first.click()
    axe(page)
    page.get_by_role("link", name="Registra un mediatore").click()
    axe(page)

    # What is wrong is said, and nothing typed is lost.
    page.locator("[name=organisation]").select_option(label="Cooperativa Uno")
    page.locator("[name=given_name]").fill("Amina")
    page.locator("[name=travel_buffer]").fill("300")
    submit(page, "Salva il mediatore")
    expect(page.locator(".error-summary")).to_contain_text("Cognome")
    expect(page.locator("[name=given_name]")).to_have_value("Amina")
    look(page, "register-error")
    axe(page)
    page.locator("[name=family_name]").fill("Esempio")
    page.locator("[name=travel_buffer]").fill("30")
    page.locator("main form.portal-form").get_by_role("button", name="Salva il mediatore").dblclick()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Amina Esempio")
    assert Mediator.objects.count() == 1
    axe(page)

    page.get_by_role("link", name="Scrivi le lingue").click()
    page.locator("[name=language_0]").select_option(label="arabo")
    page.locator("[name=level_0]").select_option(label="Lingua madre")
    axe(page)
    submit(page, "Salva le lingue")
    page.get_by_role("link", name="Scrivi i luoghi").click()
    page.get_by_label("TO", exact=True).check(force=True)
    submit(page, "Salva dove lavora il mediatore")
    page.get_by_role("link", name="Aggiungi un titolo").click()
    page.locator("[name=kind]").select_option(label="Corso di formazione per mediatori")
    page.locator("[name=title]").fill("Corso regionale")
    page.locator("[name=expires_on]").fill(f"{clock.today() + timedelta(days=20):%Y-%m-%d}")
    axe(page)
    submit(page, "Aggiungi il titolo")
    expect(page.get_by_text("Scade tra 20 giorni")).to_be_visible()

    page.get_by_role("link", name="Collega un account").click()
    axe(page)
    submit(page, "Collega l’account")
    expect(page.get_by_text("L’account è collegato")).to_be_visible()
    look(page, "entry")
    axe(page)

    page.goto("/mediation/mediators/?expiry=soon&province=TO")
    expect(page.get_by_role("link", name="Esempio Amina")).to_be_visible()
    look(page, "register")
    axe(page)


def test_coordinator_of_the_programme_writes_the_rules_of_reminders(
    live: Live, world: World, axe: Callable[[Page], None]
) -> None:
    RequestKindFactory(programme=world.programmes["a"])
    page = live.page(world.personas["regional_coordinator"], path="/mediation/mediators/")
    page.get_by_role("link", name="Promemoria").click()
    axe(page)
    page.get_by_role("button", name="Crea le regole solite").click()
    expect(page.get_by_role("cell", name="7 giorni dopo").first).to_be_visible()
    look(page, "reminders")
    axe(page)
    page.get_by_role("link", name="Aggiungi una regola").click()
    page.locator("[name=event]").select_option("report")
    page.locator("[name=audience][value=coordinator]").check(force=True)
    page.locator("[name=days]").fill("1")
    submit(page, "Aggiungi la regola")
    expect(page.locator(".error-summary")).to_contain_text("Prima il promemoria va a chi deve agire")
    axe(page)
    page.locator("[name=days]").fill("3")
    submit(page, "Aggiungi la regola")
    expect(page.get_by_text("La regola è salvata")).to_be_visible()


def test_mediator_looks_at_the_day_on_the_phone(live: Live, world: World, axe: Callable[[Page], None]) -> None:
    own, today = mediator_of_world(world, yearly_maximum=6000, confidentiality_signed_on=None), clock.today()
    request = request_of_world(world, number="A1-2019-00042", mediator=own)
    session_of(request, own, local(today, 22))
    session_of(request, own, local(today + timedelta(days=1), 9))
    proposed = request_of_world(world, number="A1-2019-00043", account=request.account)
    proposal_of(proposed, own, local(today + timedelta(days=3), 15))

    page = live.page(world.personas["mediator"], size=NARROW, path="/mediation/my/")
    expect(page.get_by_role("heading", name="Oggi")).to_be_visible()
    expect(page.get_by_text("22:00–23:00")).to_be_visible()
    expect(page.locator("[aria-labelledby=proposals]")).to_contain_text("A1-2019-00043")
    look(page, "my-day")
    axe(page)

    page.get_by_role("link", name="Leggilo e firma").click()
    look(page, "agreement")
    axe(page)
    submit(page, "L’ho letto e firmo")
    expect(page.get_by_text("L’impegno di riservatezza è firmato.")).to_be_visible()

    page.goto("/mediation/my/entry/")
    page.locator("[name=phone]").fill("333 0000000")
    axe(page)
    submit(page, "Salva i miei recapiti")
    expect(page.get_by_text("I tuoi recapiti sono salvati.")).to_be_visible()
    look(page, "my-entry")


def test_week_is_written_with_the_keyboard_alone_and_without_script(
    live: Live, world: World, axe: Callable[[Page], None]
) -> None:
    own = mediator_of_world(world)
    page = live.page(world.personas["mediator"], size=NARROW, path="/mediation/my/availability/")
    look(page, "week")
    axe(page)

    first = page.locator("[name=d0_0_from]")
    first.focus()
    # From field to field with the keyboard, as on a telephone with “next”.
    for name, value in (
        ("d0_0_from", "09:00"),
        ("d0_0_until", "13:00"),
        ("d0_1_from", "12:00"),
        ("d0_1_until", "15:00"),
    ):
        field = page.locator(f"[name={name}]")
        while not field.evaluate("field => field === document.activeElement"):
            page.keyboard.press("Tab")
        # The letter is for browsers that ask which half of the day; the others ignore it.
        page.keyboard.type(value.replace(":", "") + ("A" if value < "12" else "P"))
    page.keyboard.press("Enter")
    expect(page.locator(".error-summary")).to_contain_text("si sovrappone a 09:00–13:00")
    expect(page.locator("[name=d0_1_until]")).to_have_value("15:00")
    look(page, "week-error")
    axe(page)
    assert not WeeklyAvailability.objects.exists()
    page.locator(".error-summary a").first.press("Enter")
    page.locator("[name=d0_1_from]").fill("14:00")
    page.get_by_label("Da martedì a venerdì come il lunedì").check(force=True)
    submit(page, "Salva la settimana")
    expect(page.get_by_text("La settimana è salvata.")).to_be_visible()
    assert WeeklyAvailability.objects.filter(mediator=own).count() == 10

    page.get_by_role("link", name="Aggiungi un’eccezione").click()
    day = clock.today() + timedelta(days=5)
    page.locator("[name=starts_on]").fill(f"{day:%Y-%m-%d}")
    axe(page)
    submit(page, "Aggiungi l’eccezione")
    expect(page.locator(".task-name").get_by_text(f"{day:%d/%m/%Y}")).to_be_visible()
    page.get_by_role("button", name="Togli").click()
    expect(page.get_by_text("L’eccezione è tolta.")).to_be_visible()


def test_calendar_address_is_made_on_the_phone_and_read(live: Live, world: World, axe: Callable[[Page], None]) -> None:
    own = mediator_of_world(world)
    request = request_of_world(world, number="A1-2019-00042", mediator=own)
    session_of(request, own, local(clock.today() + timedelta(days=1), 9))
    page = live.page(world.personas["mediator"], size=NARROW, path="/mediation/my/calendar/")
    axe(page)
    page.get_by_role("button", name="Crea l’indirizzo").click()
    address = page.locator("#feed-address").input_value()
    look(page, "calendar")
    axe(page)

    # Another device, without a session.
    answer = live.page().request.get(address)
    assert answer.status == 200
    events = vobject.readOne(answer.text()).vevent_list
    assert [event.summary.value for event in events] == ["Mediazione A1-2019-00042 · Istituto comprensivo Uno"]

    page.get_by_role("button", name="Crea un nuovo indirizzo").click()
    expect(page.locator("#feed-address")).not_to_have_value(address)
    assert live.page().request.get(address).status == 404
