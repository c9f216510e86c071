# SPDX-License-Identifier: EUPL-1.2
"""A request in a browser: begun by the teacher, finished by the contact, signed by the head; declined, cancelled."""

from collections.abc import Callable
from datetime import date, time, timedelta

import pytest
from playwright.sync_api import Page, expect

from fami_portal.core import clock
from mediation.enums import RequestState
from mediation.models import MediationRequest
from mediation.selectors.working_days import is_working_day
from mediation.services import requests as services
from tests.e2e.conftest import NARROW, Live
from tests.factories.mediation import HourAccountFactory, MediationRequestFactory, RequestKindFactory
from tests.factories.partners import LanguageFactory
from tests.personas import World

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def _day() -> date:
    day = clock.today() + timedelta(days=21)
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def _offer(world: World) -> None:
    RequestKindFactory(programme=world.programmes["a"])
    HourAccountFactory(programme=world.programmes["a"], network=world.networks["n1"])


def _go_on(page: Page) -> None:
    page.get_by_role("button", name="Salva e continua").click()


def test_from_a_draft_to_the_signature_of_the_head(live: Live, world: World, axe: Callable[[Page], None]) -> None:
    _offer(world)
    LanguageFactory(code="ar", name="Arabo")
    page = live.page(world.personas["teacher"], size=NARROW, path="/")
    page.goto("/mediation/requests/")
    page.get_by_role("link", name="Chiedi un mediatore").click()
    axe(page)
    page.get_by_role("button", name="Comincia la richiesta").click()

    # The first step, incomplete: what is missing is said, and it can wait.
    page.locator("[name=field_contact_name]").fill("Anna Prova")
    _go_on(page)
    expect(page.locator(".error-summary")).to_be_visible()
    expect(page.locator("[name=field_contact_name]")).to_have_value("Anna Prova")
    axe(page)
    page.locator("[name=field_contact_email]").fill("docente@scuola.example")
    page.get_by_role("button", name="Salva e torna più tardi").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bozza di richiesta")
    axe(page)

    # The contact finds it on the home page and finishes it.
    page = live.page(world.personas["school_contact"], path="/")
    page.get_by_role("link", name="Completa la richiesta").first.click()
    page.get_by_role("link", name="Continua la bozza").click()
    page.get_by_role("link", name="Chi chiede").click()
    page.locator("[name=contact_name]").fill("Maria Prova")
    page.locator("[name=contact_email]").fill("referente@scuola.example")
    _go_on(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Che cosa e perché")
    page.locator("[name=language_0]").select_option(label="Arabo")
    page.locator("[name=variety_0]").fill("darija")
    page.get_by_label("Colloquio scuola-famiglia").check(force=True)
    page.locator("[name=reason]").fill("Colloquio con la famiglia: chiamare 333 1234567.")
    _go_on(page)
    expect(page.locator(".error-summary")).to_contain_text("numero di telefono")
    axe(page)
    page.locator("[name=reason]").fill("Colloquio con la mamma di Amina.")
    _go_on(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Quando e dove")
    page.locator("[name=session_minutes]").select_option("60")
    page.locator("[name=slot_0_day]").fill(f"{_day():%Y-%m-%d}")
    page.locator("[name=slot_0_starts_at]").fill("10:00")
    page.locator("[name=slot_0_ends_at]").fill("11:00")
    page.locator("[name=place]").fill("Aula magna")
    page.locator("[name=operator_present]").check(force=True)
    axe(page)
    _go_on(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Il caso e la famiglia")
    axe(page)
    page.get_by_role("link", name="Controlla le risposte e invia").click()

    # The check: what is missing leads to its field.
    expect(page.get_by_role("button", name="Invia la richiesta")).to_have_count(0)
    axe(page)
    page.get_by_role("link", name="Scrivi in quale giorno la famiglia").click()
    page.locator("[name=family_informed_on]").fill(f"{clock.today():%Y-%m-%d}")
    page.locator("[name=notice_version]").fill("2018/1")
    _go_on(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Controlla le risposte")
    expect(page.get_by_role("link", name="Amina")).to_be_visible()
    page.get_by_role("button", name="Invia la richiesta").click()
    expect(page.locator(".error-summary")).to_be_visible()
    axe(page)
    page.locator("[name=confirmed]").check(force=True)
    page.get_by_role("button", name="Invia la richiesta").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Inviata")
    axe(page)

    # The head reads it all, then signs.
    page = live.page(world.personas["school_head"], size=NARROW, path="/")
    page.get_by_role("link", name="Autorizza la richiesta").first.click()
    axe(page)
    page.get_by_role("button", name="Autorizza la richiesta").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Autorizzata")
    assert MediationRequest.objects.get().state == RequestState.AUTHORISED


def test_declined_copied_and_cancelled(live: Live, world: World, axe: Callable[[Page], None]) -> None:
    _offer(world)
    found = [
        MediationRequestFactory(
            programme=world.programmes["a"],
            network=world.networks["n1"],
            organisation=world.bodies["school_1"],
            slot=(_day(), time(10), time(11)),
        )
        for _number in range(2)
    ]
    for request in found:
        services.submit(request=request, by=world.personas["school_contact"], at=clock.now())

    page = live.page(world.personas["school_head"], path=found[0].get_absolute_url())
    page.get_by_role("link", name="Non autorizzare").click()
    page.locator("[name=reason]").fill("È già seguita dal servizio")
    axe(page)
    page.get_by_role("button", name="Non autorizzare").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Respinta")

    page = live.page(world.personas["school_contact"], size=NARROW, path=found[0].get_absolute_url())
    page.get_by_role("button", name="Copia in una nuova richiesta").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Quando e dove")
    page.goto(found[1].get_absolute_url())
    page.get_by_role("link", name="Annulla la richiesta").click()
    expect(page.locator("main")).to_contain_text("non costa nulla")
    page.locator("[name=reason]").fill("Non serve più")
    axe(page)
    page.get_by_role("button", name="Annulla la richiesta").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Annullata")
    page.goto("/mediation/requests/")
    expect(page.locator("main table tbody tr")).to_have_count(3)
    axe(page)
