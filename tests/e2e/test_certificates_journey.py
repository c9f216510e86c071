# SPDX-License-Identifier: EUPL-1.2
"""An operator certifies a class in one file, and is told when nobody reached the share."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from beneficiaries.models import Attendance, Certificate, ReadEntry
from beneficiaries.services.certificates import PAGE
from fami_portal.core.services import acting
from tests.actions.scene import build
from tests.beneficiaries.test_certificates import SURNAME, certified_lab
from tests.e2e.conftest import NARROW, Live

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_a_class_is_certified_and_the_file_is_opened(
    live: Live, axe: Callable[[Page], None], settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    scene = build()
    lab, pupils, meetings = certified_lab(scene)
    page = live.page(scene.operator, path=lab.get_absolute_url())
    page.get_by_role("link", name="Stampa gli attestati").click()
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(2)
    axe(page)
    page.get_by_label("3B-03", exact=True).check(force=True)
    page.get_by_role("button", name="Prepara gli attestati").click()
    expect(page.get_by_role("heading", name="Attestati di frequenza")).to_be_visible()
    page.get_by_role("link", name="attestati.pdf").click()
    page.get_by_label("Altro").check(force=True)
    page.locator("#id_details").fill("da stampare e firmare")
    with page.expect_download() as handed:
        page.get_by_role("button", name="Apri").click()
    assert handed.value.suggested_filename == "attestati.pdf"
    assert Certificate.objects.count() == 3
    assert ReadEntry.objects.filter(page=PAGE, kind="export").count() == 1
    assert ReadEntry.objects.filter(kind="document").count() == 1

    # One paper at once, with the same number; then a share that nobody reached, and nobody chosen.
    address = f"{lab.get_absolute_url()}certificates/"
    narrow = live.page(scene.operator, size=NARROW, path=address)
    with narrow.expect_download():
        narrow.get_by_role("button", name="Stampa 3B-01").click()
    assert Certificate.objects.count() == 3
    with acting(None):
        Attendance.objects.filter(enrolment__in=pupils, meeting__in=meetings[1:]).update(state="absent", minutes=0)
    narrow.goto(address)
    expect(narrow.get_by_text("Nessuno ha raggiunto il 70%")).to_be_visible()
    narrow.get_by_role("button", name="Prepara gli attestati").click()
    expect(narrow.get_by_role("alert").first).to_contain_text("Scegli almeno una persona")
    expect(narrow.get_by_text("attestati.pdf")).to_be_visible()
    assert SURNAME not in narrow.content()
    axe(narrow)
