# SPDX-License-Identifier: EUPL-1.2
"""The figures in a browser: chosen by day and body, the picture with its table, the file of the same."""

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Live
from tests.mediation.test_figures import Scene, at
from tests.personas import World

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_a_coordinator_reads_the_figures(live: Live, world: World, axe: Callable[[Page], None]) -> None:
    scene = Scene(world)
    for number, body in enumerate(("school_1", "school_1", "service_1")):
        scene.session(scene.request(body=body), at(date(2019, 3, 11 + number)), 60)
    page = live.page(world.personas["network_coordinator"], path="/mediation/requests/")
    page.get_by_role("link", name="Vedi i dati").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Dati del servizio di mediazione")
    page.locator("[name=starts_on]").fill("2019-01-01")
    page.locator("[name=ends_on]").fill("2019-12-31")
    page.get_by_role("button", name="Filtra").click()
    language = page.locator("section", has=page.get_by_role("heading", name="Per lingua"))
    expect(language.locator("svg")).to_be_visible()
    language.get_by_text("I valori in una tabella").click()
    expect(language.locator("tbody tr").first).to_contain_text("3 h")
    axe(page)

    page.locator("[name=body]").select_option(label=world.bodies["school_1"].name)
    page.get_by_role("button", name="Filtra").click()
    assert "starts_on=2019-01-01" in page.url
    expect(page.locator("dd", has_text="2 h").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="XLSX").click()
    assert download.value.suggested_filename.endswith(".xlsx")
