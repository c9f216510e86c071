# SPDX-License-Identifier: EUPL-1.2
"""The quarter, end to end: filed, returned once, validated, counted, reported, transmitted."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from actions.models import Period
from reporting.models import ActivityReport
from reporting.services.activity_reports import open_activity_reports
from tests.e2e.conftest import NARROW, Live
from tests.e2e.world import demo, demo_user

__all__ = ["demo"]

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
PERIOD = "2018-Q4"


@pytest.fixture
def report(demo: None) -> ActivityReport:
    """The report that the cooperative has to file."""
    period = Period.objects.get(programme__slug="interazioni-in-piemonte-2", code=PERIOD)
    open_activity_reports(period=period, by=None, at=datetime(2019, 1, 1, tzinfo=UTC))
    return ActivityReport.objects.with_parts().get(
        period=period, network__code="ATS-1-TO", organisation__name="Cooperativa sociale Ponte Chiaro"
    )


def submit_form(page: Page, button: str) -> None:
    """Press the button of the form that is open."""
    page.locator("main form.portal-form").get_by_role("button", name=button).click()


def fill_in_narrative(page: Page, text: str) -> None:
    """Write the first box of the report that is open and save the draft."""
    page.get_by_role("link", name=re.compile("Descrivi")).click()
    page.locator("[name=done]").fill(text)
    submit_form(page, "Salva la bozza")
    expect(page.get_by_text("Bozza salvata.")).to_be_visible()


def check_and_submit(page: Page) -> None:
    """Check the report that is open and submit it."""
    page.get_by_role("link", name="Controlla e invia").click()
    submit_form(page, "Invia la scheda")


def test_report_is_filed_returned_once_and_validated(
    live: Live, report: ActivityReport, axe: Callable[[Page], None]
) -> None:
    partner = live.page(demo_user("partner"), path="/")
    partner.get_by_role("link", name=re.compile(f"scheda di attività {PERIOD}")).first.click()
    expect(partner.get_by_role("heading", level=1)).to_contain_text("Scheda di attività")
    axe(partner)

    # What is missing is said before and at the submission, and nothing moves.
    check_and_submit(partner)
    expect(partner.get_by_role("alert").first).to_be_visible()
    axe(partner)
    report.refresh_from_db()
    assert report.state == "open"

    partner.goto(report.get_absolute_url())
    fill_in_narrative(partner, "Gli incontri previsti si sono svolti.")
    check_and_submit(partner)
    expect(partner.get_by_text("Scheda inviata: il coordinatore è stato avvisato.")).to_be_visible()
    axe(partner)

    coordinator = live.page(demo_user("regione"), path="/")
    coordinator.get_by_role("link", name=re.compile(f"scheda di attività {PERIOD}")).first.click()
    coordinator.get_by_role("link", name="Restituisci per correzioni").click()
    submit_form(coordinator, "Restituisci la scheda")
    expect(coordinator.get_by_text("Scrivi che cosa va corretto: l’ente lo legge.").first).to_be_visible()
    axe(coordinator)
    coordinator.locator("[name=comment]").fill("Precisa quanti incontri sono stati spostati.")
    submit_form(coordinator, "Restituisci la scheda")
    expect(coordinator.get_by_text("Scheda restituita: l’ente è stato avvisato.")).to_be_visible()

    partner.goto(report.get_absolute_url())
    expect(partner.get_by_text("Precisa quanti incontri sono stati spostati.").first).to_be_visible()
    axe(partner)
    fill_in_narrative(partner, "Gli incontri previsti si sono svolti; due sono stati spostati.")
    check_and_submit(partner)

    coordinator.goto(report.get_absolute_url())
    coordinator.get_by_role("link", name="Controlla e valida").click()
    axe(coordinator)
    # A double click is one validation.
    coordinator.locator("main form.portal-form").get_by_role("button", name="Valida la scheda").dblclick()
    expect(coordinator.get_by_text("Scheda validata: i numeri sono nei risultati.")).to_be_visible()
    report.refresh_from_db()
    assert report.state == "validated"
    assert report.postings.count() == 1

    # The figures are in the results, once per person, and open down to their evidence.
    coordinator.goto("/programmes/interazioni-in-piemonte-2/dashboard/")
    axe(coordinator)
    row = coordinator.get_by_role("row", name=re.compile("ALUNNI-CPT")).first
    row.get_by_role("link").first.click()
    expect(coordinator.get_by_role("heading", level=1)).to_be_visible()
    axe(coordinator)


def test_output_report_is_produced_downloaded_and_transmitted(
    live: Live, report: ActivityReport, axe: Callable[[Page], None]
) -> None:
    operator, coordinator = demo_user("partner"), demo_user("regione")
    file_and_validate(report, operator, coordinator)

    page = live.page(coordinator, path="/programmes/interazioni-in-piemonte-2/output-reports/")
    axe(page)
    page.get_by_role("row", name=re.compile(PERIOD)).get_by_role("button").click()
    row = page.get_by_role("row", name=re.compile(PERIOD))
    row.get_by_role("link", name=re.compile("Versione 1")).click()
    axe(page)
    for extension, start in (("pdf", b"%PDF"), ("xlsx", b"PK"), ("csv", b"\xef\xbb\xbf"), ("json", b"{")):
        with page.expect_download() as download:
            page.locator("ul.report-files a", has_text=f".{extension}").click()
        content = download.value.path().read_bytes()
        assert content.startswith(start), extension
        if extension == "json":
            assert json.loads(content)
    page.get_by_role("link", name="Controlla e trasmetti").click()
    axe(page)
    submit_form(page, "Trasmetti il rapporto")
    expect(page.get_by_role("alert").first).to_be_visible()
    axe(page)
    page.locator("main form.portal-form input[type=checkbox]").check(force=True)
    submit_form(page, "Trasmetti il rapporto")
    expect(page.locator("main").get_by_text("Trasmesso").first).to_be_visible()
    page.set_viewport_size(NARROW)
    axe(page)


def file_and_validate(report: ActivityReport, operator: Any, coordinator: Any) -> None:
    """Take the report to the end of its life through the services."""
    from reporting.services import activity_reports as services

    values = dict.fromkeys(ActivityReport.NARRATIVE, "") | {"done": "Gli incontri si sono svolti."}
    services.save_narrative(report=report, values=values, version=report.version, by=operator)
    services.submit(report=report, by=operator, at=datetime(2019, 1, 10, tzinfo=UTC))
    services.validate(report=report, by=coordinator, at=datetime(2019, 1, 12, tzinfo=UTC))
