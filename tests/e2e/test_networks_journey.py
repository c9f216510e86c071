# SPDX-License-Identifier: EUPL-1.2
"""The Region keeps a network: a deed with its file, an entry, an exit, a new lead, its municipalities and their map."""

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from fami_portal.core.services import acting
from partners.models import Municipality, NetworkDeed, NetworkMember, Organisation
from tests.e2e.conftest import NARROW, Live
from tests.partners.test_deeds import PDF
from tests.personas import build_world

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
TOWNS = (("003106", "Novara"), ("003149", "Trecate"), ("003131", "Romentino"), ("003073", "Galliate"))


@pytest.fixture
def world(live: Live) -> Any:
    """The small world, with some towns around its cooperative."""
    world = build_world()
    with acting(None):
        for code, name in TOWNS:
            Municipality.objects.get_or_create(
                code=code, defaults={"name": name, "province": "NO", "region": "Piemonte"}
            )
        Organisation.objects.filter(pk=world.bodies["coop_1"].pk).update(
            municipality=Municipality.objects.get(code="003106")
        )
    return world


def picture(page: Page, name: str) -> None:
    """Keep a picture where somebody asked for one."""
    if folder := os.environ.get("FAMI_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def other_act(page: Page, name: str) -> None:
    """Open what is folded beside the first act, and follow one of them."""
    menu = page.locator("details.action-more")
    menu.locator("summary").click()
    menu.get_by_role("link", name=name, exact=True).click()


def test_a_network_from_its_deed_to_its_map(live: Live, world: Any, axe: Callable[[Page], None], tmp_path: Any) -> None:
    network = world.networks["n1"]
    copy = tmp_path / "atto.pdf"
    copy.write_bytes(PDF)
    page = live.page(world.personas["regional_coordinator"], path=network.get_absolute_url())

    other_act(page, "Registra un atto")
    page.get_by_role("button", name="Salva l’atto").click()
    expect(page.locator("[data-error-summary]")).to_be_visible()
    axe(page)
    picture(page, "deed-error")
    page.locator("#id_kind").select_option(value="association_deed")
    page.locator("#id_signed_on").fill("2018-08-30")
    page.get_by_label("Numero di repertorio").fill("1234/2018")
    page.get_by_label("Cooperativa Uno", exact=True).check(force=True)
    page.locator("#id_file").set_input_files(copy)
    page.get_by_role("button", name="Salva l’atto").click()
    expect(page.get_by_role("link", name="atto.pdf")).to_be_visible()
    deed = NetworkDeed.objects.get()

    page.get_by_role("link", name="Aggiungi un ente").click()
    page.locator("#id_organisation").select_option(label="Cooperativa Due")
    page.locator("#id_deed").select_option(value=str(deed.uuid))
    page.get_by_role("button", name="Aggiungi alla rete").click()
    expect(page.get_by_text("Cooperativa Due entra come: Componente")).to_be_visible()

    near = NetworkMember.objects.get(network=network, organisation=world.bodies["near"])
    page.goto(f"/network-members/{near.uuid}/end/")
    page.get_by_label("Ultimo giorno nella rete").fill("2018-01-01")
    page.locator("form.portal-form .btn-danger").click()
    expect(page.locator("[data-error-summary]")).to_be_visible()
    picture(page, "exit-error")
    page.get_by_label("Ultimo giorno nella rete").fill((timezone.localdate() - timedelta(days=1)).isoformat())
    page.locator("#id_exit_reason").select_option(value="merged")
    page.locator("form.portal-form .btn-danger").click()
    expect(page.get_by_text("Associazione Vicina esce")).to_be_visible()

    page.goto(network.get_absolute_url())
    page.locator("tr", has_text="Cooperativa Due").get_by_role("link", name="Correggi la partecipazione").first.click()
    page.get_by_label("Perché si corregge").fill("Data dell’atto")
    page.get_by_label("Ingresso").fill("")
    page.get_by_role("button", name="Correggi la partecipazione").click()
    expect(page.locator("[data-error-summary]")).to_be_visible()
    axe(page)
    picture(page, "entry-error")
    page.get_by_label("Ingresso").fill("2018-10-01")
    page.get_by_role("button", name="Correggi la partecipazione").click()
    expect(page.get_by_text("La partecipazione è corretta.")).to_be_visible()

    other_act(page, "Cambia il capofila")
    picture(page, "lead")
    page.locator("#id_organisation").select_option(label="Istituto comprensivo Uno")
    page.get_by_label("È capofila dal").fill(timezone.localdate().isoformat())
    page.get_by_role("button", name="Cambia il capofila").click()
    expect(page.get_by_text("Cooperativa Uno prosegue come")).to_be_visible()
    axe(page)
    picture(page, "network")

    other_act(page, "Comuni")
    search = page.get_by_label("Cerca un comune")
    search.fill("trec, gall, NO")
    search.press("Enter")
    page.get_by_label("Trecate (NO) – 003149").press("Space")
    page.get_by_label("Novara (NO) – 003106").press("Space")
    axe(page)
    picture(page, "municipalities")
    page.get_by_role("button", name="Salva i comuni").press("Enter")
    expect(page.get_by_text("Comuni raggiunti: 0 su 2.")).to_be_visible()
    expect(page.locator("svg.territory-map path.map-present title")).to_have_count(1)
    axe(page)
    picture(page, "territory")

    narrow = live.page(
        world.personas["network_coordinator"], size=NARROW, path=f"{network.get_absolute_url()}territory/"
    )
    expect(narrow.get_by_role("cell", name="Novara")).to_be_visible()
    picture(narrow, "territory-narrow")
    narrow.goto(network.get_absolute_url())
    picture(narrow, "network-narrow")
    narrow.goto(world.bodies["coop_1"].get_absolute_url())
    axe(narrow)
    picture(narrow, "body-narrow")
    assert not page.violations  # type: ignore[attr-defined]
