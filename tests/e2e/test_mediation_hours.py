# SPDX-License-Identifier: EUPL-1.2
"""The hours in a browser: the coordinator opens an account, grants, tries a move out, moves; too many are refused."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from fami_portal.core import clock
from mediation.models import HourAccount
from mediation.services import hours
from tests.e2e.conftest import NARROW, Live
from tests.factories.mediation import HourAccountFactory, RequestKindFactory
from tests.personas import World

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def _submit(page: Page, button: str) -> None:
    page.locator("main form.portal-form").get_by_role("button", name=button).click()


def test_a_coordinator_grants_and_moves_hours(live: Live, world: World, axe: Callable[[Page], None]) -> None:
    RequestKindFactory(programme=world.programmes["a"])
    pool = HourAccountFactory(programme=world.programmes["a"], network=world.networks["n1"])
    for number in range(3):
        hours.reserve(account=pool, source_type="request", source_id=number, minutes=60, by=None, at=clock.now())
    page = live.page(world.personas["network_coordinator"], path="/")
    page.locator("#menu").get_by_text("Mediazione", exact=True).click()
    page.get_by_role("link", name="Ore di mediazione").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ore di mediazione")
    axe(page)

    # An account of a school, with its hours; first without saying how many.
    page.get_by_role("link", name="Apri un conto").click()
    page.locator("[name=organisation]").select_option(label=world.bodies["school_1"].name)
    page.locator("[name=reason]").fill("Piano di rete")
    _submit(page, "Apri il conto")
    expect(page.locator(".error-summary")).to_be_visible()
    axe(page)
    page.locator("[name=minutes]").fill("2:30")
    _submit(page, "Apri il conto")
    expect(page.get_by_text("Il conto è aperto, con le sue ore.")).to_be_visible()
    axe(page)
    school = HourAccount.objects.get(organisation=world.bodies["school_1"])
    assert school.granted == 150

    page.get_by_role("link", name="Assegnazione aggiuntiva").click()
    page.locator("[name=minutes]").fill("1,5")
    page.locator("[name=reason]").fill("Nuovi arrivi a gennaio")
    _submit(page, "Assegna le ore aggiuntive")
    expect(page.get_by_text("Assegnate 1 h 30 oltre il piano.")).to_be_visible()

    # What would a move do? Nothing yet; more than there is leads nowhere.
    page.goto(pool.get_absolute_url())
    page.get_by_role("link", name="E se spostassimo ore?").click()
    axe(page)
    page.locator("[name=target]").select_option(str(school.uuid))
    page.locator("[name=minutes]").fill("8")
    _submit(page, "Mostra l’effetto")
    expect(page.get_by_text("mancano 1 h")).to_be_visible()
    expect(page.get_by_role("link", name="Vai allo spostamento")).to_have_count(0)
    page.locator("[name=minutes]").fill("3")
    _submit(page, "Mostra l’effetto")
    expect(page.locator("main table").last).to_contain_text("7 h")
    axe(page)

    # Somebody asks for hours meanwhile: the move is refused with the true balance, and corrected.
    page.get_by_role("link", name="Vai allo spostamento").click()
    expect(page.locator("[name=minutes]")).to_have_value("3")
    hours.reserve(account=pool, source_type="request", source_id=9, minutes=300, by=None, at=clock.now())
    page.locator("[name=reason]").fill("La scuola ne ha più bisogno")
    _submit(page, "Sposta le ore")
    expect(page.get_by_text(re.compile("restano 2 h")).first).to_be_visible()
    axe(page)
    page.locator("[name=minutes]").fill("2")
    _submit(page, "Sposta le ore")
    expect(page.get_by_text("Spostate 2 h.")).to_be_visible()
    expect(page.locator("main table tbody tr").first).to_contain_text("La scuola ne ha più bisogno")
    axe(page)
    pool.refresh_from_db()
    school.refresh_from_db()
    assert (pool.available, school.available) == (0, 360)

    head = live.page(world.personas["school_head"], size=NARROW, path="/mediation/hours/")
    head.get_by_role("link", name=re.compile(world.bodies["school_1"].name)).click()
    expect(head.get_by_role("heading", name="Movimento per movimento")).to_be_visible()
    expect(head.get_by_role("link", name="Assegna ore")).to_have_count(0)
    axe(head)
