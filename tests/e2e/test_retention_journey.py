# SPDX-License-Identifier: EUPL-1.2
"""The officer looks at what is due, holds it, lets it go after the notice, reads the report; register and breach."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from beneficiaries.models import Identity
from fami_portal.core import clock
from fami_portal.core.services import acting
from privacy.models import RetentionNotice, RetentionPlan
from tests.actions.scene import build
from tests.beneficiaries.people import known
from tests.e2e.conftest import NARROW, Live

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_names_go_after_the_notice_and_never_under_a_hold(live: Live, axe: Callable[[Page], None]) -> None:
    scene = build()
    known(scene, "Zuleikha", "Quasimodi")
    today = clock.today()
    with acting(None):
        RetentionPlan.objects.create(
            programme=scene.programme, closed_on=date(2020, 12, 31), control_until=today - timedelta(days=1)
        )
        for data_class in ("identities", "recipients"):
            RetentionNotice.objects.create(
                programme=scene.programme, data_class=data_class, sent_on=today - timedelta(days=31), due_on=today
            )
    officer = scene.user("data_protection_officer", scene.lead)
    page = live.page(officer, path="/retention/prova/")
    expect(page.get_by_role("heading", name="Programma di prova")).to_be_visible()
    axe(page)
    page.get_by_role("link", name="Metti un fermo").click()
    page.get_by_role("button", name="Metti il fermo").click()
    expect(page.get_by_role("heading", name="C’è un problema")).to_be_visible()
    axe(page)
    page.get_by_label("Atto").fill("TAR 12/2021")
    page.get_by_label("Motivo").fill("Ricorso")
    page.get_by_role("button", name="Metti il fermo").click()
    expect(page.get_by_text("Il fermo è messo")).to_be_visible()
    axe(page)
    page.goto("/retention/prova/")
    expect(page.get_by_text("Oggi non si può distruggere nulla")).to_be_visible()
    page.get_by_role("link", name="L’intero programma").click()
    page.get_by_label("Motivo").fill("Sentenza")
    page.get_by_role("button", name="Togli il fermo").click()
    expect(page.get_by_text("Il fermo è tolto")).to_be_visible()

    narrow = live.page(officer, size=NARROW, path="/retention/prova/")
    narrow.get_by_role("link", name="Distruggi ciò che è scaduto").click()
    axe(narrow)
    narrow.get_by_label("Ho letto i numeri").check(force=True)
    narrow.get_by_role("button", name="Distruggi per sempre").click()
    expect(narrow.get_by_text("Impronta delle righe")).to_be_visible()
    axe(narrow)
    assert not Identity.objects.filter(destroyed_at__isnull=True).exists()

    page.goto("/processing/")
    expect(page.get_by_role("heading", name="Registro dei trattamenti")).to_be_visible()
    axe(page)
    page.goto("/breach/")
    expect(page.get_by_text("In questo periodo nessuno ha letto dati di destinatari.")).to_be_visible()
    axe(page)
