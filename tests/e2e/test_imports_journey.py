# SPDX-License-Identifier: EUPL-1.2
"""The members of a network from a spreadsheet: the template, errors named row by row, mended, confirmed once."""

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from fami_portal.core import jobs
from fami_portal.core.models import ImportRun, Job
from partners.models import NetworkMember
from tests.e2e.conftest import NARROW, Live
from tests.personas import build_world

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def picture(page: Page, name: str) -> None:
    """Keep a picture where somebody asked for one."""
    if folder := os.environ.get("FAMI_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def fill(template: bytes, rows: list[list[Any]], path: Path) -> Path:
    """Fill the template in as a person does, with another program."""
    book = openpyxl.load_workbook(io.BytesIO(template))
    for row in rows:
        book["Dati"].append(row)
    book.save(path)
    return path


def test_a_network_is_set_up_from_a_spreadsheet(live: Live, axe: Callable[[Page], None], tmp_path: Path) -> None:
    world = build_world()
    page = live.page(world.personas["administrator"], path="/imports/")
    axe(page)
    picture(page, "imports")
    page.get_by_role("link", name="Componenti delle reti", exact=True).click()
    axe(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Scarica il modello").click()
    template = Path(download.value.path()).read_bytes()
    picture(page, "imports-new")

    rows: list[list[Any]] = [
        ["ATS-2", "TOIC80000A", "Componente", "01/09/2019"],
        ["ATS-2", "80000080012", "Capofila", "01/09/2019"],
        ["ATS-9", "Ente sconosciuto", "Componente", "ieri"],
    ]
    page.locator("#id_file").set_input_files(fill(template, rows, tmp_path / "errate.xlsx"))
    page.get_by_role("button", name="Invia e controlla").click()
    expect(page.get_by_text("righe da correggere").first).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="la rete ha già un capofila")).to_contain_text("3")
    axe(page)
    picture(page, "imports-refused")
    assert NetworkMember.objects.filter(network=world.networks["n2"]).count() == 1

    mended = [rows[0], ["ATS-2", "80000080012", "Componente", "01/09/2019"]]
    page.get_by_role("link", name="Invia il file corretto").click()
    page.locator("#id_file").set_input_files(fill(template, mended, tmp_path / "corrette.xlsx"))
    page.get_by_role("button", name="Invia e controlla").click()
    expect(page.get_by_role("button", name="Conferma l’importazione")).to_be_visible()
    axe(page)
    picture(page, "imports-ready")
    narrow = live.page(world.personas["administrator"], size=NARROW, path=page.url)
    picture(narrow, "imports-ready-narrow")
    page.get_by_role("button", name="Conferma l’importazione").click()
    expect(page.get_by_text("Tutte le righe sono scritte.")).to_be_visible()
    axe(page)
    picture(page, "imports-done")
    with page.expect_download() as download:
        page.get_by_role("link", name="Scarica l’esito").click()
    result = openpyxl.load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    assert [row[0].value for row in result["Dati"].iter_rows(min_row=2)] == ["nuova", "nuova"]
    assert NetworkMember.objects.filter(network=world.networks["n2"]).count() == 3
    # The page that was open beside confirms nothing twice.
    narrow.get_by_role("button", name="Conferma l’importazione").click()
    expect(narrow.get_by_text("Tutte le righe sono scritte.")).to_be_visible()
    assert Job.objects.filter(kind="core.write_import").count() == 1
    assert ImportRun.objects.filter(state="done").count() == 1
    assert jobs.dead_jobs().count() == 0
