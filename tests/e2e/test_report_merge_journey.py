# SPDX-License-Identifier: EUPL-1.2
"""A report is filed, comes back with comments on its items, is validated, reopened for its words, and merged."""

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from reporting.models import ActivityReport, MergedReport, Posting, ReportComment
from tests.e2e.conftest import Live
from tests.factories.partners import MembershipFactory
from tests.factories.reporting import MergedReportFactory
from tests.reporting.ledger_world import build

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def look(page: Page, name: str) -> None:
    """Keep a picture of the page where somebody asks for it."""
    if folder := os.environ.get("FAMI_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def send(page: Page, button: str) -> None:
    page.locator("main form.portal-form").get_by_role("button", name=button).click()


def file_again(page: Page, here: str) -> None:
    """Save the narrative that is open and submit the report."""
    send(page, "Salva la bozza")
    expect(page.get_by_text("Bozza salvata.")).to_be_visible()
    page.goto(f"{here}submit/")
    send(page, "Invia la scheda")
    expect(page.get_by_text("Scheda inviata: il coordinatore è stato avvisato.")).to_be_visible()


def test_a_report_goes_round_by_its_items_and_into_that_of_the_network(live: Live, axe: Callable[[Page], None]) -> None:
    world = build()
    world.meet(0, date(2019, 2, 5), [world.person(), world.person()])
    report = world.report(0, 0)
    merged = MergedReportFactory(period=report.period, network=report.network, done="")
    near = MembershipFactory(
        organisation=world.bodies[0], role="network_coordinator", networks=[world.networks[0]]
    ).user
    here = report.get_absolute_url()

    # What is typed is saved by itself; the origin of the problems is a code.
    partner = live.page(world.operators[0], path=f"{here}narrative/")
    partner.locator("[name=done]").fill("Due incontri con gli alunni.")
    partner.locator("[name=problems]").fill("Aule chiuse.")
    partner.get_by_label("Il contesto").check(force=True)
    expect(partner.locator("[data-draft-status]")).to_contain_text("Bozza salvata alle")
    axe(partner)
    partner.goto(here)
    expect(partner.get_by_text("Due incontri con gli alunni.")).to_be_visible()
    look(partner, "report-open")
    partner.get_by_role("link", name="Controlla e invia").click()
    send(partner, "Invia la scheda")
    expect(partner.get_by_text("Scheda inviata: il coordinatore è stato avvisato.")).to_be_visible()

    # The coordinator comments on single items and returns.
    coordinator = live.page(near, path=f"{here}comments/")
    coordinator.get_by_label("Voce").select_option("box:done")
    send(coordinator, "Aggiungi l’osservazione")
    expect(coordinator.get_by_text("Scrivi che cosa va corretto in questa voce.").first).to_be_visible()
    axe(coordinator)
    coordinator.get_by_label("Voce").select_option("box:done")
    coordinator.get_by_label("Che cosa va corretto").fill("In quale scuola?")
    send(coordinator, "Aggiungi l’osservazione")
    expect(coordinator.get_by_text("Osservazione aggiunta")).to_be_visible()
    look(coordinator, "report-comments")
    coordinator.goto(f"{here}return/")
    send(coordinator, "Restituisci la scheda")
    expect(coordinator.get_by_text("Scheda restituita").first).to_be_visible()

    # The body answers, mends and submits again; the coordinator settles and validates.
    partner.goto(here)
    partner.get_by_role("link", name="1 osservazione del coordinatore non ha ancora risposta.").click()
    partner.get_by_label("La tua risposta").fill("Nella scuola Tigli: il testo ora lo dice.")
    partner.get_by_role("button", name="Salva la risposta").click()
    expect(partner.get_by_text("Risposta salvata")).to_be_visible()
    axe(partner)
    partner.goto(f"{here}narrative/")
    partner.locator("[name=done]").fill("Due incontri con gli alunni della scuola Tigli.")
    file_again(partner, here)
    coordinator.goto(f"{here}comments/")
    coordinator.get_by_role("button", name="Chiudi l’osservazione").click()
    expect(coordinator.get_by_text("Osservazione chiusa.").first).to_be_visible()
    coordinator.goto(f"{here}validate/")
    send(coordinator, "Valida la scheda")
    expect(coordinator.get_by_text("Scheda validata").first).to_be_visible()
    look(coordinator, "report-validated")
    coordinator.get_by_role("link", name="Versioni della scheda e copia congelata").click()
    expect(coordinator.locator("ins").first).to_contain_text("della scuola")
    expect(coordinator.get_by_text("Integra", exact=True)).to_be_visible()
    axe(coordinator)
    look(coordinator, "report-versions")
    coordinator.goto(f"{here}figures/pupils/")
    expect(coordinator.locator("tbody tr")).to_have_count(2)

    # Words alone: no posting, the registers stay closed.
    coordinator.goto(f"{here}reopen/")
    coordinator.get_by_label("Soltanto i testi").check(force=True)
    coordinator.get_by_label("Motivo della riapertura").fill("Un refuso")
    send(coordinator, "Riapri la scheda")
    expect(coordinator.get_by_text("Scheda riaperta").first).to_be_visible()
    partner.goto(f"{here}narrative/")
    partner.locator("[name=strengths]").fill("Le famiglie sono venute.")
    file_again(partner, here)
    coordinator.goto(f"{here}validate/")
    send(coordinator, "Valida la scheda")
    expect(coordinator.get_by_text("Scheda validata").first).to_be_visible()
    own = {"report": report.pk}
    assert (Posting.objects.filter(**own).count(), ReportComment.objects.filter(**own).count()) == (1, 1)
    assert ActivityReport.objects.get(pk=report.pk).versions.count() == 3

    # The network puts the texts together and submits; the region accepts.
    coordinator.goto(merged.get_absolute_url())
    coordinator.get_by_role("button", name="Riempi i riquadri vuoti").click()
    expect(coordinator.locator("[name=done]")).to_have_value(
        f"{world.bodies[0].name}\nDue incontri con gli alunni della scuola Tigli."
    )
    axe(coordinator)
    look(coordinator, "merged-write")
    coordinator.goto(f"{merged.get_absolute_url()}submit/")
    send(coordinator, "Invia alla regione")
    expect(coordinator.get_by_text("Scheda inviata: la regione è stata avvisata.")).to_be_visible()
    region = live.page(world.region, path="/network-reports/")
    axe(region)
    look(region, "merged-list")
    region.get_by_role("link", name=world.networks[0].name).first.click()
    axe(region)
    look(region, "merged")
    region.get_by_role("link", name="Accetta").click()
    send(region, "Accetta la scheda")
    expect(region.get_by_text("Scheda accettata").first).to_be_visible()
    assert MergedReport.objects.get(pk=merged.pk).state == "accepted"
