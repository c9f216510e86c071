# SPDX-License-Identifier: EUPL-1.2
"""The Region looks at a possible duplicate, says that it is one person, and takes it back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from beneficiaries.models import Beneficiary
from tests.actions.scene import build
from tests.beneficiaries.people import known, undecided
from tests.e2e.conftest import NARROW, Live

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_two_records_become_one_person_and_two_again(live: Live, axe: Callable[[Page], None]) -> None:
    scene = build()
    known(scene, "Zuleikha", "Quasimodi")
    known(scene, "Quasimodi", "Zuleikha", body=scene.school)
    pair = undecided()
    page = live.page(scene.region, path="/recipients/duplicates/")
    expect(page.get_by_role("heading", name="Possibili doppioni")).to_be_visible()
    axe(page)
    page.get_by_role("link", name=pair.first.pseudonym).click()
    expect(page.get_by_text(scene.school.name)).to_be_visible()
    assert "Quasimodi" not in page.content()
    axe(page)
    page.get_by_role("link", name="Sono la stessa persona").click()
    page.get_by_label("Motivo").fill("Stessa classe, stesso mese di iscrizione")
    page.get_by_role("button", name="Sono la stessa persona").click()
    expect(page.get_by_text("Le due registrazioni contano come una sola persona.")).to_be_visible()
    assert Beneficiary.objects.unmerged().count() == 1

    narrow = live.page(scene.region, size=NARROW, path=pair.get_absolute_url())
    axe(narrow)
    narrow.get_by_role("link", name="Annulla l’unione").click()
    narrow.get_by_label("Motivo").fill("Sono cugine")
    narrow.get_by_role("button", name="Annulla l’unione").click()
    expect(narrow.get_by_text("L’unione è annullata: sono di nuovo due persone.")).to_be_visible()
    assert Beneficiary.objects.unmerged().count() == 2
