# SPDX-License-Identifier: EUPL-1.2
"""A request A.3 of the social services from its draft to the account: filed, held, reported (A.4), signed, validated."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from actions.enums import MediationRequestKind
from fami_portal.core.models import Message
from fami_portal.core.services import acting
from mediation.models import HourAccount, InterventionReport, MediationRequest, Signature
from mediation.services import reports
from mediation.services import requests as request_services
from partners.models import Membership
from tests.e2e.conftest import NARROW, Live
from tests.factories.mediation import HourAccountFactory, RequestKindFactory
from tests.mediation.board_world import END, NOW, START, BoardWorld, build
from tests.mediation.session_world import REPORT, SessionWorld

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

NEEDS = [{"code": "G1", "title": "Funzioni genitoriali"}, {"code": "S1", "title": "Scuola e tempo libero"}]


@pytest.fixture
def board(transactional_db: None) -> BoardWorld:
    """A service that may ask for A.3, with ten hours, in a programme with its own list of needs; one mediator."""
    board = build()
    programme = board.world.programmes["a"]
    RequestKindFactory(programme=programme, kind=MediationRequestKind.SERVICE, settings={"needs": NEEDS})
    HourAccountFactory(programme=programme, network=board.world.networks["n1"], kind=MediationRequestKind.SERVICE)
    board.mediator(user=board.world.personas["mediator"], given_name="Nadia", family_name="Altomare")
    return board


def _it_is(settings: Any, moment: datetime) -> None:
    settings.CLOCK_SHIFT = timezone.now() - moment


def _send(page: Page) -> None:
    page.locator("main form.portal-form button[type=submit]").first.click()


def _balance() -> tuple[int, int, int]:
    account = HourAccount.objects.get()
    return account.available, account.reserved, account.consumed


def _file(page: Page, board: BoardWorld, axe: Callable[[Page], None]) -> None:
    """Fill in the four steps; the last lacks who the support is for."""
    page.get_by_role("button", name="Comincia la richiesta").click()
    page.locator("[name=contact_name]").fill("Chiara Poggioalto")
    page.locator("[name=contact_email]").fill("tutela@comune.example")
    page.locator("[name=field_contact_name]").fill("Paolo Vigneto")
    page.locator("[name=field_contact_email]").fill("tutela@comune.example")
    _send(page)
    page.locator("[name=language_0]").select_option(str(board.language.pk))
    # What a school asks for is not offered to a service.
    expect(page.locator("[name=interventions][value=class_assembly]")).to_have_count(0)
    page.locator("[name=interventions][value=home_visit]").check(force=True)
    page.locator("[name=interventions][value=parenting_support]").check(force=True)
    page.locator("[name=reason]").fill("Prima visita a casa, con l’educatrice.")
    _send(page)
    page.locator("[name=session_minutes]").select_option("60")
    page.locator("[name=slot_0_day]").fill(f"{START:%Y-%m-%d}")
    page.locator("[name=slot_0_starts_at]").fill("10:00")
    page.locator("[name=slot_0_ends_at]").fill("11:00")
    page.locator("[name=place]").fill("Ritrovo al servizio")
    page.locator("[name=operator_present]").check(force=True)
    _send(page)
    page.locator("[name=family_informed_on]").fill(f"{NOW:%Y-%m-%d}")
    page.locator("[name=notice_version]").fill("2018/1")
    page.locator("[name=case_code]").fill("TM-2019-07")
    page.locator("[name=judicial]").check(force=True)
    expect(page.locator("[name=school_class]")).to_have_count(0)
    _send(page)
    # Who the support is for is missing: the field says it, what was typed is there.
    expect(page.locator(".error-summary")).to_be_visible()
    expect(page.locator("[name=case_code]")).to_have_value("TM-2019-07")
    expect(page.locator("[name=judicial]")).to_be_checked()
    axe(page)
    page.locator("[name=case_kind][value=family]").check(force=True)
    _send(page)
    page.get_by_role("button", name="Invia la richiesta").click()


def test_service_asks_a_mediator_visits_and_the_code_signs(
    live: Live, board: BoardWorld, axe: Callable[[Page], None], settings: Any
) -> None:
    _it_is(settings, NOW)
    people = board.world.personas
    service = live.page(people["service_operator"], path="/mediation/requests/new/")
    _file(service, board, axe)
    request = MediationRequest.objects.get()
    expect(service.get_by_role("heading", level=1)).to_contain_text(request.number)
    # No head has a turn here: the programme does not ask for one.
    assert (request.kind, request.state) == ("service", "authorised")
    assert _balance() == (540, 60, 0)

    desk = live.page(board.coordinator, path=request.get_absolute_url())
    desk.locator("main").get_by_role("button", name="Prendi in carico").click()
    desk.locator(".suggestion").first.get_by_role("link", name=re.compile("^Proponi")).click()
    _send(desk)
    expect(desk.get_by_text("si attende la risposta")).to_be_visible()

    phone = live.page(people["mediator"], size=NARROW, path="/mediation/proposals/")
    phone.locator(".task a").first.click()
    expect(phone.locator("main")).not_to_contain_text("TM-2019-07")
    phone.get_by_role("button", name="Accetta").click()
    expect(phone.locator("main")).to_contain_text("TM-2019-07")
    # Whether a court is involved is between the service and the coordinators.
    expect(phone.locator("main")).not_to_contain_text("giudiziaria")

    _it_is(settings, END + timedelta(hours=1))
    session = request.sessions.get()
    phone.goto(f"/mediation/sessions/{session.uuid}/record/")
    phone.locator("[name=parents]").fill("1")
    _send(phone)

    # The scheda A.4 codes the need from the list of the programme; without it nothing is filed, nothing is lost.
    phone.goto(f"/mediation/requests/{request.uuid}/report/edit/")
    phone.locator("[name=summary]").fill("Visita a casa: si sono chiarite le tappe del percorso.")
    phone.locator("[name=communication]").select_option("4")
    phone.locator("[name=cultural_elements]").fill("Il fratello maggiore parla per la famiglia.")
    expect(phone.get_by_label("Scuola e tempo libero")).to_have_count(1)
    _send(phone)
    expect(phone.locator("#missing")).to_be_visible()
    axe(phone)
    phone.get_by_role("link", name="Cambia la scheda").click()
    expect(phone.locator("[name=cultural_elements]")).to_have_value("Il fratello maggiore parla per la famiglia.")
    phone.get_by_label("Funzioni genitoriali").check(force=True)
    axe(phone)
    _send(phone)
    _send(phone)
    phone.wait_for_load_state()
    assert InterventionReport.objects.get(request=request).need_codes == ["G1"]

    # The social worker signs on the same phone, with the code that came to the mailbox.
    phone.goto(f"/mediation/requests/{request.uuid}/report/code/")
    phone.get_by_role("button", name="Invia il codice").click()
    body = Message.objects.get(kind="mediation_code").body
    found = re.search(r"\b\d{6}\b", body)
    assert found is not None
    expect(phone.locator("[name=name]")).to_have_value("Paolo Vigneto")
    phone.locator("[name=code]").fill(found.group())
    phone.locator("[name=rating]").select_option("8")
    axe(phone)
    _send(phone)
    expect(phone.locator("main")).to_contain_text("Controfirmata")
    signature = Signature.objects.get(role="requester")
    assert (signature.method, signature.signer_name) == ("code", "Paolo Vigneto")

    # The elements of the case are the service’s and the mediator’s; the coordinator validates without them.
    report = f"/mediation/requests/{request.uuid}/report/"
    service.goto(report)
    expect(service.locator("main")).to_contain_text("Il fratello maggiore")
    axe(service)
    desk.goto(f"{report}validate/")
    expect(desk.locator("main")).to_contain_text("Funzioni genitoriali")
    expect(desk.locator("main")).not_to_contain_text("Il fratello maggiore")
    _send(desk)
    expect(desk.get_by_text("Scheda validata:")).to_be_visible()
    request.refresh_from_db()
    assert request.state == "validated"
    assert _balance() == (540, 0, 60)
    desk.goto(HourAccount.objects.get().get_absolute_url())
    expect(desk.locator("main table")).to_contain_text(request.number)


def _mail(part: str) -> str:
    """Read the address in the latest mail that leads to a page."""
    return Message.objects.filter(kind="access_link", url__contains=part).latest("pk").url


def test_service_without_account_completes_and_countersigns_by_link(
    live: Live, transactional_db: None, axe: Callable[[Page], None], settings: Any
) -> None:
    _it_is(settings, NOW)
    scene = SessionWorld()
    body = scene.world.bodies["service_1"]
    with acting(None):
        body.email = "tutela@comune.example"
        body.save()
        Membership.objects.filter(organisation=body).update(valid_until="2019-01-01")
    asked = {"kind": "service", "interventions": ["service_talk"], "case_kind": "family", "case_code": "TM-2019-07"}
    returned = scene.board.taken(**asked)
    request_services.ask_to_complete(
        request=returned, comment="Scrivete l’indirizzo del servizio.", by=scene.coordinator, at=NOW
    )

    # The request that was sent back: what is missing is said above the page, and nothing typed is lost.
    phone = live.page(size=NARROW, path=_mail("/follow/"))
    expect(phone.locator("main")).to_contain_text("Scrivete l’indirizzo del servizio.")
    axe(phone)
    phone.get_by_role("link", name="Integra la richiesta").click()
    expect(phone.locator("main")).to_contain_text("Scrivete l’indirizzo del servizio.")
    expect(phone.locator("[name=case_code]")).to_have_value("TM-2019-07")
    phone.locator("[name=place]").fill("")
    phone.locator("[name=variety_0]").fill("darija")
    phone.locator("main form.portal-form button[type=submit]").click()
    expect(phone.locator(".error-summary")).to_be_visible()
    expect(phone.locator("[name=variety_0]")).to_have_value("darija")
    axe(phone)
    phone.locator("[name=place]").fill("Via delle Prove 1, primo piano")
    phone.locator("main form.portal-form button[type=submit]").dblclick()
    expect(phone.get_by_role("link", name="Integra la richiesta")).to_have_count(0)
    expect(phone.get_by_role("heading", level=1)).to_be_visible()
    returned.refresh_from_db()
    assert (returned.state, returned.place) == ("authorised", "Via delle Prove 1, primo piano")

    # The scheda A.4 of another request: whoever was there reads all of it, and signs with name and declaration.
    values = REPORT | {
        "interventions": ["service_talk"],
        "need_codes": ["ascolto"],
        "cultural_elements": "Il fratello maggiore parla per la famiglia.",
    }
    filed = scene.held(**asked)
    reports.file_report(request=filed, values=values, version=1, by=scene.user, at=END + timedelta(hours=1))
    phone.goto(_mail("/countersign/"))
    expect(phone.locator("main")).to_contain_text("Il fratello maggiore parla per la famiglia.")
    phone.locator("[name=name]").fill("Paolo Vigneto")
    phone.locator("[name=rating]").select_option("9")
    phone.locator("main form.portal-form button[type=submit]").click()
    expect(phone.locator(".error-summary")).to_be_visible()
    expect(phone.locator("[name=name]")).to_have_value("Paolo Vigneto")
    expect(phone.locator("[name=rating]")).to_have_value("9")
    axe(phone)
    phone.locator("[name=declaration]").check(force=True)
    phone.locator("main form.portal-form button[type=submit]").dblclick()
    expect(phone.locator("main form")).to_have_count(0)
    axe(phone)
    signature = Signature.objects.get(role="requester")
    assert (signature.method, signature.signer_name) == ("link", "Paolo Vigneto")
    filed.refresh_from_db()
    assert filed.state == "countersigned"
