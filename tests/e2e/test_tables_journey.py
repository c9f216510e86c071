# SPDX-License-Identifier: EUPL-1.2
"""A table over two networks, from the call to a decision that somebody carries out; a desk before and after."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from actions.enums import ActivityKind, DecisionState
from actions.models import Decision, ServiceChange
from actions.services.meetings import add_meeting
from fami_portal.core.services import acting
from partners.models import Network
from tests.actions.scene import build
from tests.e2e.conftest import NARROW, Live
from tests.factories.actions import ActionNetworkFactory

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
PDF = {"name": "orari.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n%%EOF\n"}


def test_a_table_is_called_held_and_decides(live: Live, axe: Callable[[Page], None]) -> None:
    scene = build()
    other = Network.objects.get(code="RETE-2")
    ActionNetworkFactory(action=scene.action, network=other)
    today = timezone.localdate()
    with acting(None):
        scene.programme.ends_on = today + timedelta(days=30)
        scene.programme.save()
    table = scene.activity(
        ActivityKind.WORKING_GROUP, title="Tavolo immigrazione", ends_on=today, planned_minutes=600, venue=None
    )
    start = timezone.datetime(2020, 1, 1, 9, 30)
    meeting = add_meeting(
        activity=table,
        held_on=today,
        starts_at=start.time(),
        ends_at=(start + timedelta(hours=2)).time(),
        by=scene.operator,
    )
    assert scene.outsider

    page = live.page(scene.operator, path=table.get_absolute_url())
    page.get_by_role("link", name="Reti che partecipano").click()
    page.locator("#id_network").select_option(label=other.name)
    page.get_by_role("button", name="Aggiungi la rete").click()
    expect(page.get_by_text("Rete 2 partecipa.")).to_be_visible()
    axe(page)

    page.goto(f"{live.url}{meeting.get_absolute_url()}")
    page.get_by_role("link", name="Scrivi la convocazione").click()
    page.get_by_label("Come si tiene").select_option(label="Online")
    page.get_by_label("Ordine del giorno").fill("Corsi dell’autunno\nOrari dello sportello")
    page.get_by_role("button", name="Salva la convocazione").click()
    expect(page.get_by_text("Scrivi il link con cui gli enti partecipano.").first).to_be_visible()
    axe(page)
    page.get_by_label("Link per partecipare").fill("https://example.org/stanza")
    page.get_by_role("button", name="Salva la convocazione").click()
    page.get_by_role("button", name="Invia la convocazione").click()
    expect(page.get_by_text("La convocazione è inviata a")).to_be_visible()

    page.get_by_role("link", name="Registra chi è venuto").click()
    axe(page)
    page.get_by_role("group", name=scene.school.name).get_by_label("Presenza").select_option(
        label="Assente giustificato"
    )
    page.get_by_role("button", name="Registra le presenze").click()
    expect(page.get_by_text("enti erano presenti.")).to_be_visible()
    page.get_by_role("link", name="Scrivi il verbale").click()
    page.get_by_label("Testo del verbale").fill("Il tavolo concorda gli orari dello sportello.")
    page.get_by_role("button", name="Salva il verbale").click()
    page.get_by_role("link", name="Aggiungi una decisione").click()
    page.get_by_label("Che cosa è stato deciso").fill("Mandare l’elenco dei corsi")
    page.get_by_label("Ente che se ne occupa").select_option(label=scene.stranger.name)
    page.get_by_role("button", name="Aggiungi la decisione").click()
    expect(page.get_by_role("cell", name="Mandare l’elenco dei corsi", exact=True)).to_be_visible()
    axe(page)

    # The body of the other network finds it at home, and closes it.
    narrow = live.page(scene.outsider, size=NARROW, path="/")
    narrow.get_by_role("link", name="Da fare: Mandare l’elenco dei corsi").click()
    axe(narrow)
    narrow.get_by_role("link", name="È fatto").click()
    narrow.get_by_role("button", name="È fatto").click()
    axe(narrow)
    narrow.get_by_label("Fatto il").fill(today.isoformat())
    narrow.get_by_role("button", name="È fatto").click()
    expect(narrow.get_by_text("La decisione è attuata.")).to_be_visible()
    assert Decision.objects.get().state == DecisionState.DONE


def test_a_desk_before_and_after(live: Live, axe: Callable[[Page], None]) -> None:
    scene = build()
    desk = scene.activity(ActivityKind.DESK, title="Sportello stranieri")
    page = live.page(scene.operator, path=desk.get_absolute_url())
    page.get_by_role("link", name="Aggiungi un servizio").click()
    page.get_by_label("Nome del servizio").fill("Sportello stranieri")
    page.get_by_label("Dal", exact=False).first.fill("2019-02-05")
    before, after = (page.get_by_role("group", name=name, exact=True) for name in ("Prima", "Adesso"))
    before.get_by_label("Ore alla settimana").fill("9")
    after.get_by_label("Ore alla settimana").fill("9")
    page.locator("input[type=file]").set_input_files([PDF])
    page.get_by_role("button", name="Salva il servizio").click()
    expect(page.get_by_text("Nulla è cresciuto").first).to_be_visible()
    axe(page)
    after.get_by_label("Ore alla settimana").fill("12,5")
    after.get_by_label("Sere alla settimana").fill("1")
    page.locator("input[type=file]").set_input_files([PDF])
    page.get_by_role("button", name="Salva il servizio").click()
    expect(page.get_by_text("12 h 30")).to_be_visible()
    axe(page)
    narrow = live.page(scene.region, size=NARROW, path=ServiceChange.objects.get().get_absolute_url())
    expect(narrow.get_by_text("+3 h 30")).to_be_visible()
    axe(narrow)
