# SPDX-License-Identifier: EUPL-1.2
"""An evaluator asks for an extract, the Region approves it, the file is opened on record; then the persons reached."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from fami_portal.core.models import AuditEvent
from reporting.models import Extract
from tests.e2e.conftest import Live
from tests.reporting.test_extracts import PURPOSE, Scene

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def submit(page: Page) -> None:
    page.locator("main form.portal-form button[type=submit]").click()


def test_extract_is_asked_approved_and_opened(live: Live, transactional_db: Any, axe: Callable[[Page], None]) -> None:
    scene = Scene(people=True)
    slug = scene.world.programme.slug

    # Asked without choosing: said at the fields, nothing lost.
    page = live.page(scene.evaluators[0], path="/extracts/")
    expect(page.get_by_text("Ancora nessun estratto")).to_be_visible()
    axe(page)
    page.get_by_role("link", name="Chiedi un estratto").click()
    page.locator("[name=purpose]").fill(PURPOSE)
    submit(page)
    expect(page.get_by_text("Scegli righe o tabelle.").first).to_be_visible()
    axe(page)
    expect(page.locator("[name=purpose]")).to_have_value(PURPOSE)
    page.locator("[name=product][value=rows]").check(force=True)
    page.locator("[name=first_period]").select_option("2019-Q1")
    page.locator("[name=last_period]").select_option("2019-Q2")
    submit(page)
    expect(page.get_by_text("Richiesta inviata: decide il coordinatore regionale.")).to_be_visible()
    axe(page)
    extract = Extract.objects.get()

    # The same days once more, as tables: refused with the reason.
    page.goto(f"/programmes/{slug}/extracts/new/")
    page.locator("[name=product][value=tables]").check(force=True)
    page.locator("[name=first_period]").select_option("2019-Q2")
    page.locator("[name=last_period]").select_option("2019-Q2")
    page.locator("[name=purpose]").fill(PURPOSE)
    submit(page)
    expect(page.get_by_text(re.compile("con giorni in comune")).first).to_be_visible()

    region = live.page(scene.region, path="/")
    region.get_by_role("link", name=re.compile("Decidi sull’estratto")).first.click()
    region.get_by_role("link", name="Approva", exact=True).click()
    region.locator("[name=expires_on]").fill("2001-01-01")
    submit(region)
    expect(region.get_by_text(re.compile("entro un anno")).first).to_be_visible()
    axe(region)
    region.locator("[name=expires_on]").fill((timezone.localdate() + timedelta(days=90)).isoformat())
    submit(region)
    expect(region.get_by_text("Estratto approvato: il file è in preparazione.")).to_be_visible()

    page.goto(extract.get_absolute_url())
    with page.expect_download() as download:
        page.get_by_role("button", name="Apri il file (ZIP)").click()
    with zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes())) as archive:
        assert {"rows.csv", "codebook.csv"} <= set(archive.namelist())
    assert AuditEvent.objects.filter(verb="extract_opened", actor_id=scene.evaluators[0].pk).count() == 1
    page.reload()
    expect(page.get_by_text("File aperto")).to_be_visible()
    axe(page)
    page.get_by_role("link", name=re.compile("Guida: variabili")).click()
    expect(page.get_by_role("heading", name="Regole")).to_be_visible()
    axe(page)

    # The counts: unique and gross side by side, each unique figure opens its entries.
    region.goto(f"/programmes/{slug}/persons/?indicator=pupils")
    expect(region.get_by_role("row", name=re.compile("Intero programma"))).to_be_visible()
    axe(region)
    region.get_by_role("row", name=re.compile("Intero programma")).get_by_role("link").first.click()
    expect(region.get_by_role("heading", level=1)).to_contain_text("Prove di un valore")
