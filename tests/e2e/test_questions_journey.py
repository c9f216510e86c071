# SPDX-License-Identifier: EUPL-1.2
"""Two bodies confirm data of their own recipients, neither learns of the other, and the person counts once."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from beneficiaries.models import Beneficiary, Pair, PairQuestion
from beneficiaries.services.questions import ask_bodies
from fami_portal.core import clock
from tests.actions.scene import build
from tests.beneficiaries.people import known
from tests.e2e.conftest import NARROW, Live

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_two_bodies_confirm_and_the_person_counts_once(live: Live, axe: Callable[[Page], None]) -> None:
    scene = build()
    operator, contact, region = scene.operator, scene.contact, scene.region
    known(scene, "Zuleikha", "Quasimodi")
    known(scene, "Quasimodi", "Zuleikha", body=scene.school)
    ask_bodies(at=clock.now())
    pair = Pair.objects.get()

    page = live.page(operator, path="/")
    page.get_by_role("link", name=f"Conferma i dati del destinatario {pair.first.pseudonym}").click()
    expect(page.get_by_text("Per contare ogni persona una volta sola, conferma questi dati.")).to_be_visible()
    axe(page)
    page.get_by_label("Classe o gruppo").fill("Zuleikha Quasimodi")
    page.get_by_label("No", exact=True).check(force=True)
    page.get_by_role("button", name="Conferma").click()
    expect(page.get_by_role("link", name="Sembra un nome.")).to_be_visible()
    axe(page)
    page.get_by_label("Classe o gruppo").fill("3B")
    page.get_by_label("Scuola o centro").select_option(label=scene.school.name)
    page.get_by_role("button", name="Conferma").click()
    expect(page.get_by_text("Grazie: quello che hai confermato")).to_be_visible()
    expect(page.get_by_text("Niente da confermare")).to_be_visible()
    assert scene.school.name not in page.content()

    coordinator = live.page(region, path=pair.get_absolute_url())
    expect(coordinator.get_by_text("Chiesta ai due enti")).to_be_visible()
    expect(coordinator.get_by_role("link", name="Sono la stessa persona")).to_have_count(0)

    narrow = live.page(contact, size=NARROW, path="/recipients/confirm/")
    narrow.get_by_role("link", name=pair.second.pseudonym).click()
    narrow.get_by_label("Scuola o centro").select_option(label=scene.school.name)
    narrow.get_by_label("Classe o gruppo").fill("3 b")
    narrow.get_by_label("No", exact=True).check(force=True)
    axe(narrow)
    narrow.get_by_role("button", name="Conferma").click()
    expect(narrow.get_by_text("Grazie: quello che hai confermato")).to_be_visible()
    assert Beneficiary.objects.unmerged().count() == 1
    assert not PairQuestion.objects.exclude(group="").exists()
    coordinator.reload()
    expect(coordinator.get_by_text("I due enti hanno dato le stesse risposte")).to_be_visible()
