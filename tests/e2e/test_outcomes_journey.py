# SPDX-License-Identifier: EUPL-1.2
"""The Region publishes a notice, a school picks it when it enrols; a lab operator records what a course has brought."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from actions.models import Notice
from beneficiaries.models import Enrolment, Outcome
from tests.actions.scene import build
from tests.beneficiaries.class_of import pupil
from tests.beneficiaries.ended_course import ended_course
from tests.e2e.conftest import NARROW, Live

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def picture(page: Page, name: str) -> None:
    """Keep a picture where one is asked for."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_a_notice_is_published_picked_and_a_course_ends(live: Live, axe: Callable[[Page], None]) -> None:
    scene = build()
    lab = scene.activity(organisation=scene.cooperative)
    pupil(scene, "3B-99")
    _course, (one, two) = ended_course(scene, 2)

    region = live.page(scene.region, path=f"/programmes/{scene.programme.slug}/notices/")
    region.get_by_role("link", name="Pubblica una versione").click()
    region.locator("[name=code]").fill("2019/2")
    region.locator("[name=valid_from]").fill("2019-02-01")
    region.get_by_role("button", name="Pubblica la versione").click()
    expect(region.locator("[data-error-summary]")).to_be_visible()
    region.locator("[name=body]").fill("# Perché\n\nI dati servono alle attività.")
    region.get_by_role("button", name="Pubblica la versione").click()
    expect(region.get_by_text("La versione è pubblicata")).to_be_visible()
    axe(region)
    picture(region, "notice")
    region.goto(f"/programmes/{scene.programme.slug}/processing/new/")
    region.locator("[name=organisation]").select_option(label=scene.lead.name)
    region.get_by_label("Titolare del trattamento", exact=True).check(force=True)
    region.locator("[name=legal_act]").fill("Legge regionale 1")
    region.locator("[name=act_on]").fill("2019-01-02")
    region.locator("[name=dpo_contact]").fill("rpd@regione.example")
    region.get_by_role("button", name="Salva il ruolo").click()
    expect(region.get_by_text("rpd@regione.example")).to_be_visible()
    picture(region, "notices")

    school = live.page(scene.operator, size=NARROW, path=f"/activities/{lab.uuid}/enrol/")
    expect(school.get_by_text("Titolare del trattamento: Regione Prova")).to_be_visible()
    school.locator("[name=code]").fill("3B-99")
    school.locator("[name=enrolled_on]").fill("2019-03-01")
    school.locator("[name=notice_version]").select_option("1")
    school.locator("[name=notice_given_on]").fill("2019-02-20")
    school.get_by_role("button", name="Iscrivi", exact=True).click()
    expect(school.locator("[data-error-summary]")).to_contain_text("la versione in vigore era “2019/2”")
    axe(school)
    picture(school, "enrol-refused-narrow")
    school.locator("[name=notice_version]").select_option("2019/2")
    school.get_by_role("button", name="Iscrivi", exact=True).click()
    expect(school.get_by_text("Iscritto: 3B-99")).to_be_visible()
    assert Enrolment.objects.get(activity=lab).notice == Notice.objects.get(code="2019/2")

    operator = live.page(scene.operator, path="/")
    picture(operator, "home")
    operator.get_by_role("link", name="Rileva gli esiti").first.click()
    expect(operator.get_by_role("heading", name="Esiti", exact=True)).to_be_visible()
    operator.locator("[name=collected_on]").fill("2019-09-20")
    operator.locator(f"[name=o-{one.pk}-usefulness-value]").fill("1 3")
    operator.locator(f"[name=o-{one.pk}-language-value]").select_option("a2")
    operator.locator(f"[name=o-{two.pk}-satisfaction-value]").fill("8 9 6")
    operator.get_by_role("button", name="Salva gli esiti").click()
    expect(operator.locator("[data-error-summary]")).to_contain_text("conta solo con la sua attestazione")
    expect(operator.locator(f"[name=o-{one.pk}-usefulness-value]")).to_have_value("1 3")
    axe(operator)
    picture(operator, "outcomes-error")
    operator.locator(f"[name=o-{one.pk}-language-attestation]").select_option("cpia")
    operator.locator(f"[name=o-{one.pk}-language-on]").fill("2019-06-15")
    operator.locator(f"[name=o-{one.pk}-language-kept]").fill("Faldone 2")
    operator.get_by_role("button", name="Salva gli esiti").click()
    expect(operator.get_by_text("Salvato: sono cambiati 3 esiti.")).to_be_visible()
    picture(operator, "outcomes")
    assert Outcome.objects.filter(state="positive").count() == 3
    narrow = live.page(scene.operator, size=NARROW, path="/recipients/notices/")
    axe(narrow)
    picture(narrow, "renewals-narrow")
