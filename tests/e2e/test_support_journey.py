# SPDX-License-Identifier: EUPL-1.2
"""A household is taken in charge, followed into a home and to the end; a desk counts who comes."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from actions.enums import ActivityKind
from actions.enums import Support as Given
from beneficiaries.models import DeskContact, Intervention, InterventionPerson, Support
from tests.actions.scene import build
from tests.beneficiaries.followed import adult, followed_by
from tests.e2e.conftest import NARROW, Live

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def picture(page: Page, name: str) -> None:
    """Keep a picture where one is asked for."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_a_household_finds_a_home_and_a_desk_counts_who_comes(live: Live, axe: Callable[[Page], None]) -> None:
    scene = build()
    homes = followed_by(scene, supports=[Given.HOUSING], title="Abitare insieme")
    desk = followed_by(scene, ActivityKind.DESK, title="Sportello stranieri")
    for code in ("A-1", "A-2"):
        adult(scene, code)

    page = live.page(scene.operator, path=homes.get_absolute_url())
    page.get_by_role("link", name="Apri le persone seguite").click()
    expect(page.get_by_text("Ancora nessuno è seguito")).to_be_visible()
    page.get_by_role("link", name="Prendi in carico").click()
    page.locator("[name=codes]").fill("A-1, A-2")
    page.locator("[name=opened_on]").fill("2019-02-04")
    page.locator("[name=notice_given_on]").fill("2019-02-01")
    page.get_by_role("button", name="Prendi in carico").click()
    expect(page.locator("[data-error-summary]")).to_contain_text("Dai al nucleo un codice tuo")
    expect(page.locator("[name=codes]")).to_have_value("A-1, A-2")
    axe(page)
    picture(page, "support-new-refused")
    page.locator("[name=code]").fill("N-1")
    page.get_by_role("button", name="Prendi in carico").click()
    expect(page.get_by_role("heading", name="N-1")).to_be_visible()

    page.locator("[name=held_on]").fill("2019-03-01")
    page.locator("[name=minutes]").fill("0")
    page.locator("[name=kind]").select_option(label="Ingresso nella casa")
    page.locator("[name=outcome]").select_option(label="Fatto come previsto")
    page.locator("[name=next_step]").fill("Voltura delle utenze")
    page.locator("[name=next_step_on]").fill("2019-03-08")
    page.get_by_role("button", name="Registra l’intervento").click()
    expect(page.locator("[data-error-summary]")).to_contain_text("Scrivi i minuti, da 1 a 600")
    expect(page.locator("[name=next_step]")).to_have_value("Voltura delle utenze")
    page.locator("[name=minutes]").fill("90")
    page.get_by_role("button", name="Registra l’intervento").click()
    expect(page.get_by_text("L’intervento è registrato.")).to_be_visible()
    assert InterventionPerson.objects.count() == 2
    axe(page)
    picture(page, "support")

    # Down the list from the page of the activity, by keyboard: the form keeps what was typed, then waits for the next one.
    page.goto(homes.get_absolute_url())
    axe(page)
    picture(page, "activity")
    page.locator("[name=support]").focus()
    page.keyboard.press("N")
    page.locator("[name=held_on]").fill("2019-03-08")
    page.locator("[name=minutes]").focus()
    for key in ("3", "0", "Tab", "C"):
        page.keyboard.press(key)
    page.get_by_role("button", name="Registra l’intervento").press("Enter")
    expect(page.locator("[data-error-summary]")).to_contain_text("Esito")
    expect(page.locator("[name=minutes]")).to_have_value("30")
    expect(page.get_by_role("cell", name="Voltura delle utenze")).to_be_visible()
    axe(page)
    picture(page, "supports-refused")
    page.locator("[name=outcome]").select_option(label="Da ripetere")
    page.get_by_role("button", name="Registra l’intervento").press("Enter")
    expect(page.get_by_text("Il modulo è pronto per il prossimo")).to_be_visible()
    expect(page.locator("[name=support]")).to_be_focused()
    expect(page.locator("[name=held_on]")).to_have_value("2019-03-08")
    picture(page, "supports")
    narrow = live.page(scene.operator, size=NARROW, path="/supports/due/")
    expect(narrow.get_by_text("Verifica 6 mesi dopo l’ingresso")).to_be_visible()
    axe(narrow)
    picture(narrow, "support-due-narrow")
    narrow.get_by_role("row").filter(has_text="Verifica 3 mesi").get_by_role("link", name="N-1").click()
    expect(narrow.locator("[name=kind]")).to_have_value("after_3_months")
    picture(narrow, "support-narrow")
    narrow.get_by_role("link", name="Concludi il supporto").click()
    narrow.locator("[name=ended_on]").fill("2019-09-02")
    narrow.locator("[name=outcome]").select_option(label="Obiettivo raggiunto")
    narrow.get_by_role("button", name="Concludi il supporto").click()
    expect(narrow.get_by_text("Il supporto è concluso.")).to_be_visible()
    assert Support.objects.get().outcome == "reached"
    assert Intervention.objects.count() == 2

    front = live.page(
        scene.user("desk_operator", scene.cooperative), size=NARROW, path=f"/activities/{desk.uuid}/contacts/"
    )
    front.get_by_label("Permesso di soggiorno: rilascio o rinnovo").check(force=True)
    front.locator("[name=topics][value=work]").check(force=True)
    front.get_by_label("Prima volta a questo sportello").check(force=True)
    front.get_by_role("button", name="Conta il contatto").click()
    expect(front.locator("[data-error-summary]")).to_contain_text("Minuti")
    axe(front)
    front.locator("[name=minutes]").fill("10")
    front.get_by_role("button", name="Conta il contatto").click()
    expect(front.get_by_text("Il contatto è contato.")).to_be_visible()
    picture(front, "contacts")
    assert DeskContact.objects.get().topics == ["permit", "work"]
