# SPDX-License-Identifier: EUPL-1.2
"""The Region divides the budget, is told what does not add up, and changes it; a school asks from the catalogue."""

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from actions.models import Activity, Budget, OfferRequest
from tests.actions.scene import build
from tests.actions.test_offers import publish
from tests.e2e.conftest import NARROW, Live

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_budget_versions_copy_and_catalogue(live: Live, axe: Callable[[Page], None]) -> None:
    scene = build()
    page = live.page(scene.region, path="/programmes/prova/budget/edit/")
    page.get_by_label("Totale del programma").fill("1.000,00")
    rows = {
        "Intero programma": "1000",
        "Rete 1": "1000",
        "Cooperativa Prova": "600",
        "Istituto comprensivo Prova": "300",
    }
    for name, amount in rows.items():
        page.get_by_label(f"{name} – azione 01").fill(amount)
    # Enter goes to the amount below, it does not send the form.
    page.get_by_label("Cooperativa Prova – azione 01").press("Enter")
    expect(page.get_by_label("Istituto comprensivo Prova – azione 01")).to_be_focused()
    axe(page)
    page.get_by_role("button", name="Salva la versione").click()
    summary = page.locator("[data-error-summary]")
    expect(summary).to_contain_text("Rete 1")
    expect(summary).to_contain_text("100,00")
    expect(page.get_by_label("Istituto comprensivo Prova – azione 01")).to_have_value("300")
    axe(page)
    page.get_by_label("Istituto comprensivo Prova – azione 01").fill("400")
    page.get_by_role("button", name="Salva la versione").click()
    expect(page.get_by_text("La nuova versione del budget è salvata.")).to_be_visible()
    axe(page)
    assert Budget.objects.count() == 1

    lab = scene.activity(starts_on=date(2019, 1, 8), ends_on=date(2019, 6, 1))
    scene.meeting(lab, date(2019, 1, 8))
    operator = live.page(scene.operator, path=f"/activities/{lab.uuid}/copy/?starts_on=2020-01-07")
    expect(operator.get_by_text("07/01/2020").first).to_be_visible()
    axe(operator)
    operator.get_by_role("button", name="Copia l’attività").click()
    expect(operator.get_by_text("Nessuno è ancora iscritto")).to_be_visible()
    assert Activity.objects.filter(copied_from=lab).count() == 1
    operator.goto(operator.url.split("/activities")[0] + "/calendar/?month=2020-01")
    expect(operator.get_by_role("link", name="14:00").first).to_be_visible()
    axe(operator)

    offer = publish(scene, opens_on=date(2019, 1, 1))
    school = live.page(scene.contact, size=NARROW, path="/catalogue/")
    axe(school)
    school.get_by_role("link", name=offer.title).click()
    school.get_by_label("Classi").fill("1A")
    school.get_by_role("button", name="Chiedi").click()
    expect(school.get_by_text("La tua richiesta è registrata e la rete è stata avvisata.")).to_be_visible()
    axe(school)
    assert OfferRequest.objects.get().classes == "1A"
