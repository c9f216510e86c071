# SPDX-License-Identifier: EUPL-1.2
"""The school shares the names of a lab, the cooperative keeps its register by name and prints it; then by code again.

And the Region opens one name exceptionally, which the officer examines.
"""

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from beneficiaries.enums import ReadKind
from beneficiaries.models import Attendance, BreakGlass, ReadEntry, SharingAct
from tests.actions.scene import build
from tests.beneficiaries.people import known
from tests.beneficiaries.shared import AT, lab_with_names
from tests.e2e.conftest import Live

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_names_on_a_register(live: Live, axe: Callable[[Page], None], time_machine: object) -> None:
    scene = build()
    time_machine.move_to(AT)  # type: ignore[attr-defined]
    lab = lab_with_names(scene)
    register = f"/activities/{lab.activity.uuid}/register/"

    school = live.page(scene.user("school_head", scene.school), path="/names/")
    axe(school)
    school.get_by_role("link", name="Condividi i nomi").click()
    expect(school.get_by_label("Versione dell’informativa")).to_have_value(
        lab.activity.enrolments.latest("pk").notice_version
    )
    school.get_by_label("Data di consegna alle famiglie").fill("2019-03-02")
    school.get_by_label("Per tenere il registro").check(force=True)
    school.get_by_role("button", name="Condividi i nomi").click()
    expect(school.get_by_role("link", name="Data di consegna alle famiglie")).to_be_visible()
    axe(school)
    school.get_by_label("Data di consegna alle famiglie").fill("2019-01-10")
    school.get_by_role("button", name="Condividi i nomi").click()
    expect(school.get_by_text("I nomi sono condivisi.")).to_be_visible()
    axe(school)

    page = live.page(scene.operator, path=register)
    expect(page.get_by_role("rowheader", name="Amina B.")).to_be_visible()
    assert "Benmoussa" not in page.content()
    axe(page)
    cell = page.get_by_label(f"{lab.amina.pseudonym}, 05/02/2019")
    cell.fill("P45")
    page.get_by_role("button", name="Salva il registro").click()
    expect(page.get_by_role("rowheader", name="Amina B.")).to_be_visible()
    assert Attendance.objects.get(enrolment__beneficiary=lab.amina).minutes == 45
    page.get_by_role("link", name="Stampa il registro").click()
    axe(page)
    page.get_by_label("Registro così com’è scritto").check(force=True)
    with page.expect_download() as download:
        page.get_by_role("button", name="Apri i nomi e stampa").click()
    assert download.value.suggested_filename == "registro-2019-03-01.pdf"

    school.get_by_role("link", name="Revoca la condivisione").click()
    school.get_by_label("Motivo").fill("Il laboratorio prosegue senza di noi")
    school.get_by_role("button", name="Revoca la condivisione").click()
    expect(school.get_by_text("La condivisione è revocata")).to_be_visible()
    assert SharingAct.objects.get().revoked_at is not None
    page.goto(register)
    expect(page.get_by_role("rowheader", name=lab.amina.pseudonym)).to_be_visible()
    assert "Amina" not in page.content()
    expect(page.get_by_text("non sono condivisi con te")).to_be_visible()

    officer = live.page(scene.user("data_protection_officer", scene.lead), path="/readings/")
    expect(officer.get_by_role("cell", name="Registro stampato con i nomi completi").first).to_be_visible()
    officer.goto("/names/")
    expect(officer.get_by_text("Revocata")).to_be_visible()
    axe(officer)
    assert ReadEntry.objects.filter(kind=ReadKind.PRINT, subjects=[lab.amina.pk]).count() == 1
    assert date(2019, 3, 1) == SharingAct.objects.get().starts_on


def test_a_name_opened_exceptionally(live: Live, axe: Callable[[Page], None], time_machine: object) -> None:
    scene = build()
    time_machine.move_to(AT)  # type: ignore[attr-defined]
    one = known(scene, "Zuleikha", "Quasimodi", body=scene.school, local_code="3B-09")
    officer = scene.user("data_protection_officer", scene.lead)

    region = live.page(scene.region, path=one.get_absolute_url())
    region.get_by_role("link", name="Apri il nome in via eccezionale").click()
    opens = region.get_by_role("button", name="Apri il nome e avvisa il responsabile")
    why = region.get_by_label("Spiegalo con parole tue")
    opens.click()
    expect(region.get_by_role("link", name="Perché lo apri:")).to_be_visible()
    axe(region)
    region.get_by_label("Lo chiede un giudice o un’autorità").check(force=True)
    why.fill("Serve subito")
    opens.click()
    expect(region.get_by_role("link", name="in almeno quattro parole")).to_be_visible()
    expect(why).to_have_value("Serve subito")
    assert "Quasimodi" not in region.content()
    assert not BreakGlass.objects.exists()
    why.fill("Il tribunale chiede di questa persona")
    opens.click()
    expect(region.get_by_text("Quasimodi")).to_be_visible()
    axe(region)

    page = live.page(officer, path="/")
    page.get_by_role("link", name="Esamina un’apertura eccezionale").click()
    expect(page.get_by_text("Il tribunale chiede di questa persona")).to_be_visible()
    axe(page)
    page.goto("/readings/exceptional/")
    expect(page.get_by_role("cell", name="Da esaminare")).to_be_visible()
    page.get_by_role("link", name="apertura eccezionale").click()
    page.get_by_label("Che cosa hai trovato?").fill("Visto il decreto: l’apertura era dovuta")
    page.get_by_role("button", name="Segna come esaminata").click()
    expect(page.get_by_role("cell", name="Esaminata")).to_be_visible()
    axe(page)
    assert "Quasimodi" not in page.content()
    act = BreakGlass.objects.get()
    assert (act.beneficiary, act.opened_by, act.examined_by) == (one, scene.region, officer)
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(f"a[href='{act.get_absolute_url()}']")).to_have_count(0)
