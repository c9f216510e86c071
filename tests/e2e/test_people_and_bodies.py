# SPDX-License-Identifier: EUPL-1.2
"""From an invitation to the first sign-in, and the pages of bodies, networks and people, without barriers."""

import os
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from fami_portal.core.models import Message
from tests.e2e.conftest import NARROW, Live
from tests.personas import PASSWORD, build_world

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(live: Live) -> Any:
    """The small world, in a database that the server sees."""
    return build_world()


def picture(page: Page, name: str) -> None:
    """Keep a picture where somebody asked for one."""
    if folder := os.environ.get("FAMI_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_invited_person_opens_an_account_and_signs_in(live: Live, world: Any, axe: Callable[[Page], None]) -> None:
    page = live.page(world.personas["regional_coordinator"], path="/people/")
    axe(page)
    page.locator("main").get_by_role("link", name="Invita una persona").click()
    page.get_by_role("button", name="Invia l’invito").click()
    expect(page.locator("[data-error-summary]")).to_be_visible()
    axe(page)
    picture(page, "invite-error")
    page.get_by_label("Indirizzo e-mail").fill("nuova@example.org")
    page.locator("#id_organisation").select_option(label="Cooperativa Uno")
    page.locator("#id_role").select_option(value="partner_operator")
    page.get_by_role("button", name="Invia l’invito").click()
    expect(page.get_by_text("L’invito è in partenza")).to_be_visible()
    axe(page)
    picture(page, "people")

    guest = live.page(path=Message.objects.get(kind="invitation").url)
    axe(guest)
    picture(guest, "invitation")
    guest.get_by_label("Nome", exact=False).first.fill("Nuova")
    guest.get_by_label("Cognome").fill("Persona")
    guest.locator("#id_password").fill("password1234")
    guest.locator("#id_password_again").fill("password1234")
    guest.get_by_role("button", name="Apri il mio account").click()
    expect(guest.locator("[data-error-summary]")).to_be_visible()
    axe(guest)
    guest.locator("#id_password").fill(PASSWORD)
    guest.locator("#id_password_again").fill(PASSWORD)
    guest.get_by_role("button", name="Apri il mio account").click()
    guest.get_by_label("Indirizzo e-mail").fill("nuova@example.org")
    guest.get_by_label("Password").fill(PASSWORD)
    guest.locator("main").get_by_role("button", name="Accedi").click()

    guest.goto("/profile/")
    expect(guest.get_by_role("heading", name="Cooperativa Uno")).to_be_visible()
    axe(guest)
    picture(guest, "profile")
    used = live.page(path=Message.objects.get(kind="invitation").url)
    expect(used.get_by_role("heading", name="L’invito non si può usare")).to_be_visible()
    axe(used)


def test_pages_of_bodies_and_networks_have_no_barrier(live: Live, world: Any, axe: Callable[[Page], None]) -> None:
    network, body = world.networks["n1"], world.bodies["coop_1"]
    page = live.page(world.personas["regional_coordinator"])
    for name, address in {
        "bodies": "/bodies/",
        "body": body.get_absolute_url(),
        "body-edit": f"{body.get_absolute_url()}edit/",
        "networks": "/networks/",
        "network": network.get_absolute_url(),
        "network-edit": f"{network.get_absolute_url()}edit/",
        "member-new": f"{network.get_absolute_url()}members/new/",
        "roles": "/roles/",
    }.items():
        page.goto(address)
        axe(page)
        picture(page, name)
    page.goto("/bodies/new/")
    page.get_by_role("button", name="Salva l’ente").click()
    expect(page.locator("[data-error-summary]")).to_be_visible()
    axe(page)
    picture(page, "body-new-error")
    narrow = live.page(world.personas["regional_coordinator"], size=NARROW, path=network.get_absolute_url())
    picture(narrow, "network-narrow")
