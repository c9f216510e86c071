# SPDX-License-Identifier: EUPL-1.2
"""A partner operator registers an adult with permit and conditions, and hands in the official sheet."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from actions.enums import ActivityKind
from beneficiaries.models import Beneficiary, ReadEntry
from tests.actions.scene import build
from tests.beneficiaries.sheet_world import CODE, NAMED, with_sheets
from tests.e2e.conftest import NARROW, Live

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def _fill(page: Page) -> None:
    typed = {"local_code": "A-07", "birth_date": "1980-05-03", **NAMED, "enrolled_on": "2019-01-15",
             "notice_given_on": "2019-01-10"}  # fmt: skip
    for name, value in typed.items():
        page.locator(f"#id_{name}").fill(value)
    page.get_by_label("Donna", exact=True).check(force=True)
    for name, label in {"citizenship": "Marocco", "permit": "Motivi familiari", "education": "Nessuno"}.items():
        page.locator(f"#id_{name}").select_option(label=label)
    page.get_by_label("MSNA").check(force=True)


def test_an_adult_is_registered_and_the_sheet_is_handed_in(
    live: Live, axe: Callable[[Page], None], tmp_path: Path
) -> None:
    scene = build()
    with_sheets(scene)
    support = scene.activity(ActivityKind.SUPPORT)
    page = live.page(scene.operator, path=f"/activities/{support.uuid}/enrol/new/")
    expect(page.get_by_role("link", name="Adulto, con permesso")).to_have_attribute("aria-current", "page")
    axe(page)
    _fill(page)
    page.get_by_role("button", name="Registra e iscrivi").click()
    expect(page.get_by_role("alert").first).to_contain_text("non è minorenne")
    axe(page)
    page.get_by_label("MSNA").uncheck(force=True)
    page.get_by_role("button", name="Registra e iscrivi").click()
    # Neither the tax code nor the reason why there is none.
    expect(page.get_by_role("alert").first).to_contain_text("codice fiscale")
    page.locator("#id_tax_code").fill(CODE)
    page.get_by_label("Persone con vulnerabilità").check(force=True)
    page.get_by_role("button", name="Registra e iscrivi").click()
    expect(page.get_by_text("A-07, pseudonimo")).to_be_visible()
    one = Beneficiary.objects.get()

    narrow = live.page(scene.operator, size=NARROW, path=one.get_absolute_url())
    expect(narrow.get_by_text("Persone con vulnerabilità")).to_be_visible()
    axe(narrow)
    narrow.goto(narrow.url.split("/recipients/")[0] + "/recipients/sheets/")
    expect(narrow.get_by_role("heading", name="Schede ufficiali")).to_be_visible()
    axe(narrow)
    with narrow.expect_download() as handed:
        narrow.get_by_role("button", name="Scarica CSV").click()
    handed.value.save_as(tmp_path / "scheda.csv")
    text = (tmp_path / "scheda.csv").read_text(encoding="utf-8-sig")
    assert NAMED["family_name"] in text
    assert "Motivi familiari" in text
    assert ReadEntry.objects.filter(page="beneficiaries:sheet-export", subjects=[one.pk]).count() == 1
