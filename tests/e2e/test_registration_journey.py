# SPDX-License-Identifier: EUPL-1.2
"""A recipient is registered with a name, verified with what was seen, and listed apart when it does not count."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from actions.enums import ActivityKind
from beneficiaries.models import Beneficiary, Identity
from tests.actions.scene import build
from tests.beneficiaries.test_registration_not_counted import everybody
from tests.e2e.conftest import NARROW, Live

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_names_checks_and_those_not_counted(live: Live, axe: Callable[[Page], None]) -> None:
    scene = build()
    support = scene.activity(ActivityKind.SUPPORT)
    page = live.page(scene.operator, path=f"{support.get_absolute_url()}enrol/new/")
    page.get_by_label("Codice proprio").fill("A-01")
    page.get_by_label("Gruppo di destinatari").select_option(label="Adulti")
    page.get_by_label("Donna").check(force=True)
    page.get_by_label("Data di nascita").fill("1990-05-03")
    page.get_by_label("Cittadinanza").select_option(label="Marocco")
    page.get_by_label("Versione dell’informativa").select_option("1")
    page.get_by_label("Informativa consegnata il").fill("2019-01-10")
    page.get_by_label("Nome", exact=True).fill("Zuleikha")
    page.get_by_label("Cognome").fill("Quasimodi")
    page.get_by_role("button", name="Registra e iscrivi").click()
    # Neither a code nor why there is none: said at its field, and what was typed is still there.
    expect(page.get_by_role("link", name="Se non c’è il codice fiscale")).to_be_visible()
    expect(page.get_by_label("Cognome")).to_have_value("Quasimodi")
    axe(page)
    page.get_by_label("Se non c’è il codice fiscale, perché").select_option(label="Non ancora rilasciato")
    page.get_by_role("button", name="Registra e iscrivi").click()
    expect(page.get_by_text("Iscritto: A-01")).to_be_visible()
    assert "Quasimodi" not in page.content()
    one = Identity.objects.get().beneficiary

    page.goto(f"{live.url}{one.get_absolute_url()}eligibility/")
    page.get_by_label("Verificata", exact=True).check(force=True)
    page.get_by_label("Che cosa si è visto").select_option(label="Permesso di soggiorno")
    page.get_by_role("button", name="Salva").click()
    expect(page.get_by_role("link", name="Dove si conserva il documento")).to_be_visible()
    page.get_by_label("Dove si conserva il documento").fill("Faldone 12")
    page.get_by_role("button", name="Salva").click()
    expect(page.get_by_role("table", name="Verifiche").get_by_text("Faldone 12")).to_be_visible()
    axe(page)
    assert Beneficiary.objects.get(pk=one.pk).eligibility == "verified"

    everybody(scene)
    narrow = live.page(scene.region, size=NARROW, path="/recipients/")
    narrow.get_by_role("link", name="Serviti ma non contati").click()
    expect(narrow.get_by_text("5 destinatari in tutto.")).to_be_visible()
    expect(narrow.get_by_text("meno di 18 anni").first).to_be_visible()
    axe(narrow)
