# SPDX-License-Identifier: EUPL-1.2
"""The officer is told of a reading, finds who read, narrows, and opens the readings of one recipient."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Live
from tests.factories.beneficiaries import BeneficiaryFactory
from tests.personas import build_world

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_the_officer_finds_who_read(live: Live, axe: Callable[[Page], None]) -> None:
    world = build_world()
    pupil = BeneficiaryFactory(programme=world.programmes["a"], registered_by=world.bodies["school_1"])
    reader = live.page(world.personas["school_contact"], path=pupil.get_absolute_url())
    expect(reader.get_by_role("heading", name=pupil.pseudonym)).to_be_visible()

    page = live.page(world.personas["data_protection_officer"], path="/")
    page.set_default_timeout(4000)
    page.locator("summary", has_text="Protezione dei dati").click()
    page.get_by_role("link", name="Chi ha letto").first.click()
    expect(page.get_by_role("cell", name="Pagina del destinatario")).to_be_visible()
    assert pupil.pseudonym not in page.content()
    axe(page)
    page.set_viewport_size({"width": 390, "height": 844})
    axe(page)

    page.goto(page.url.split("?")[0] + "?kind=export")
    expect(page.get_by_text("Nessuna lettura")).to_be_visible()
    axe(page)
    page.go_back()
    page.get_by_role("link", name="Chi ha visto questi dati").click()
    expect(page.get_by_role("cell", name="Persona School_Contact")).to_be_visible()
    axe(page)
