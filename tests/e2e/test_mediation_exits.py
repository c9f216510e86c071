# SPDX-License-Identifier: EUPL-1.2
"""How a request ends or turns otherwise: rejected, cancelled in time and late, given back, old tabs, outside, on paper."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pypdf
import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from fami_portal.core.models import TransitionLog
from mediation.enums import RequestState
from mediation.models import HourAccount, MediationRequest, MediationSession, Signature
from mediation.services import reports
from mediation.services import requests as request_services
from tests.e2e.conftest import NARROW, Live
from tests.mediation.paper_photos import photo_of_sheet
from tests.mediation.session_world import AFTER, NOW, REPORT, START, SessionWorld

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

DAY = timedelta(days=1)


@pytest.fixture
def scene(transactional_db: Any, settings: Any) -> SessionWorld:
    """One network with its people, nine days before the meeting."""
    settings.CLOCK_SHIFT = timezone.now() - NOW
    return SessionWorld()


def _send(page: Page) -> None:
    page.locator("main form.portal-form button[type=submit]").first.click()


def _refused(page: Page) -> None:
    """Expect the summary of what is wrong above the form."""
    expect(page.locator(".error-summary, main .alert-danger").first).to_be_visible()


def _state(request: MediationRequest) -> str:
    return MediationRequest.objects.values_list("state", flat=True).get(pk=request.pk)


def _balance() -> tuple[int, int, int]:
    account = HourAccount.objects.get()
    return account.available, account.reserved, account.consumed


def test_cancelled_in_time_costs_nothing_and_late_what_the_programme_says(
    live: Live, scene: SessionWorld, axe: Callable[[Page], None], settings: Any
) -> None:
    scene.board.request()
    scene.settings(cancellation={"free_until_hours": 48, "late_charge_minutes": 30})
    free = scene.confirmed(minutes=120).request
    late = scene.confirmed(start=START + 3 * timedelta(hours=1), minutes=120).request
    account = HourAccount.objects.get()
    assert _balance() == (59_760, 240, 0)

    # Three days before: nothing is charged, and the account says so.
    settings.CLOCK_SHIFT = timezone.now() - (START - 3 * DAY)
    desk = live.page(scene.coordinator, path=account.get_absolute_url())
    facts = desk.locator("main dl").first
    expect(facts).to_contain_text("996 h")
    school = live.page(scene.contact, path=free.get_absolute_url())
    school.get_by_role("link", name="Annulla la richiesta").click()
    expect(school.locator("main")).to_contain_text("non costa nulla fino al")
    _send(school)
    _refused(school)
    axe(school)
    school.locator("[name=reason]").fill("La famiglia ha trovato altro aiuto")
    school.locator("main form.portal-form button[type=submit]").first.dblclick()
    expect(school.get_by_role("heading", level=1)).to_contain_text("Annullata")
    assert _balance() == (59_880, 120, 0)

    # Opened in time and sent the day before, when it is late: nobody pays what the page did not say.
    school.goto(f"/mediation/requests/{late.uuid}/cancel/")
    school.locator("[name=reason]").fill("Sciopero")
    settings.CLOCK_SHIFT = timezone.now() - (START - DAY)
    _send(school)
    expect(school.locator(".error-summary")).to_contain_text("adesso annullare costa 0 h 30")
    expect(school.locator("[name=reason]")).to_have_value("Sciopero")
    axe(school)
    assert _balance() == (59_880, 120, 0)
    school.locator("main form.portal-form button[type=submit]").first.dblclick()
    expect(school.get_by_role("heading", level=1)).to_contain_text("Annullata")
    expect(school.locator("main")).to_contain_text("0 h 30")
    axe(school)
    assert _balance() == (59_970, 0, 30)
    assert list(MediationSession.objects.order_by("planned_from").values_list("charged_minutes", flat=True)) == [0, 30]
    desk.reload()
    expect(desk.locator("main dl").first).to_contain_text("999 h 30")
    row = desk.locator("main table tbody tr", has_text="Annullata in ritardo")
    expect(row).to_have_count(1)
    expect(row).to_contain_text(late.number)
    axe(desk)
    # The mediator’s time is free again.
    phone = live.page(scene.user, size=NARROW, path="/mediation/my-day/")
    expect(phone.locator("main")).not_to_contain_text(late.number)


def test_rejected_the_old_time_stands_given_back(live: Live, scene: SessionWorld, axe: Callable[[Page], None]) -> None:
    refused = scene.board.taken()
    desk = live.page(scene.coordinator, path=refused.get_absolute_url())
    desk.get_by_role("link", name="Respingi").click()
    _send(desk)
    _refused(desk)
    axe(desk)
    desk.locator("[name=comment]").fill("La scuola ha già un mediatore del Comune.")
    _send(desk)
    expect(desk.get_by_role("heading", level=1)).to_contain_text("Respinta")
    school = live.page(scene.contact, path=refused.get_absolute_url())
    expect(school.locator("main")).to_contain_text("La scuola ha già un mediatore del Comune.")
    axe(school)

    # The mediator asks for another time; a time that is past is refused and stays written; the school keeps the old one.
    session = scene.confirmed()
    request = session.request
    phone = live.page(scene.user, size=NARROW, path=f"/mediation/sessions/{session.uuid}/new-time/")
    phone.locator("[name=day]").fill("2019-03-01")
    phone.locator("[name=reason]").fill("Un’udienza in tribunale.")
    _send(phone)
    _refused(phone)
    expect(phone.locator("[name=reason]")).to_have_value("Un’udienza in tribunale.")
    axe(phone)
    phone.locator("[name=day]").fill("2019-03-14")
    _send(phone)
    expect(phone.get_by_role("heading", level=1)).to_be_visible()
    assert _state(request) == RequestState.RESCHEDULED
    school.goto(session.get_absolute_url())
    school.get_by_role("link", name="Rispondi").click()
    school.locator("[name=answer][value=no]").check(force=True)
    axe(school)
    _send(school)
    expect(school.locator("main")).to_contain_text("13 Marzo 2019", ignore_case=True)
    session.refresh_from_db()
    assert (_state(request), session.planned_from) == (RequestState.CONFIRMED, START)

    # The mediator cannot come after all: the coordinator finds the request on the board again.
    phone.goto(request.get_absolute_url())
    phone.locator("main a[href$='/give-back/']").click()
    phone.locator("[name=comment]").fill("Impegno non rinviabile.")
    axe(phone)
    _send(phone)
    expect(phone.locator("main")).to_be_visible()
    desk.goto("/mediation/board/")
    expect(desk.locator("main")).to_contain_text(request.number)
    desk.goto(request.get_absolute_url())
    expect(desk.locator("main")).to_contain_text("Impegno non rinviabile.")
    assert _state(request) == RequestState.ASSIGNING
    assert scene.figures(request) == (60, 60, 0)


def test_old_tabs_are_told_and_change_nothing(
    live: Live, scene: SessionWorld, axe: Callable[[Page], None], settings: Any
) -> None:
    waiting = scene.board.taken()
    desk = live.page(scene.coordinator, path=f"/mediation/requests/{waiting.uuid}/reject/")
    desk.locator("[name=comment]").fill("Doppia richiesta.")
    request_services.cancel(request=waiting, reason="Non serve", by=scene.who(scene.contact), at=NOW)
    before = TransitionLog.objects.count()
    _send(desk)
    expect(desk.locator(".alert-danger")).to_contain_text("Lo stato ora è “Annullata”")
    expect(desk.get_by_role("heading", level=1)).to_contain_text("Annullata")
    axe(desk)
    assert TransitionLog.objects.count() == before

    # The school would cancel a meeting that is held meanwhile.
    session = scene.confirmed()
    request = session.request
    school = live.page(scene.contact, path=f"/mediation/requests/{request.uuid}/cancel/")
    school.locator("[name=reason]").fill("Non serve più.")
    record = live.page(scene.user, size=NARROW)
    settings.CLOCK_SHIFT = timezone.now() - AFTER
    record.goto(f"/mediation/sessions/{session.uuid}/record/")
    record.locator("[name=note]").fill("Presente anche la zia.")
    scene.record(session)
    figures = scene.figures(request)
    _send(school)
    expect(school.locator(".alert-danger")).to_be_visible()
    assert (_state(request), scene.figures(request)) == (RequestState.HELD, figures)
    # So would the other tab of the mediator record it twice.
    _send(record)
    expect(record.locator(".alert-danger").first).to_be_visible()
    axe(record)
    assert (_state(request), scene.figures(request)) == (RequestState.HELD, figures)

    # Two tabs of the same scheda: the second is told of the first, and keeps what was typed.
    tabs = [
        live.page(scene.user, size=NARROW, path=f"/mediation/requests/{request.uuid}/report/edit/") for _tab in "12"
    ]
    for number, tab in enumerate(tabs):
        tab.locator("[name=summary]").fill(f"Sintesi {number}")
        tab.locator("[name=communication]").select_option("4")
        _send(tab)
    _refused(tabs[1])
    expect(tabs[1].locator("[name=summary]")).to_have_value("Sintesi 1")
    axe(tabs[1])
    assert scene.report(request).summary == "Sintesi 0"
    # The first tab stands on the check; filed elsewhere meanwhile, it cannot be filed twice.
    report = scene.report(request)
    reports.file_report(request=request, values=REPORT, version=report.version, by=scene.who(scene.user), at=AFTER)
    _send(tabs[0])
    expect(tabs[0].locator(".alert-danger").first).to_be_visible()
    assert Signature.objects.count() == 1
    assert _state(request) == RequestState.REPORTED


def test_arranged_by_phone_gets_the_same_signatures(
    live: Live, scene: SessionWorld, axe: Callable[[Page], None], settings: Any
) -> None:
    scene.board.request()  # so that the form is offered, and has its hours
    settings.CLOCK_SHIFT = timezone.now() - AFTER
    school = scene.world.bodies["school_1"]
    desk = live.page(scene.coordinator, path=f"/mediation/access/{school.uuid}/outside/")
    for name, value in {
        "contact_name": "Maria Prova",
        "contact_email": "referente@scuola.example",
        "field_contact_name": "Anna Prova",
        "field_contact_email": "docente@scuola.example",
        "reason": "Colloquio chiesto la mattina stessa.",
        "place": "Sede centrale",
        "slot_0_day": f"{START:%Y-%m-%d}",
        "slot_0_starts_at": "10:00",
        "slot_0_ends_at": "11:00",
        "family_informed_on": f"{NOW:%Y-%m-%d}",
        "notice_version": "2018/1",
        "school_class": "2B",
    }.items():
        desk.locator(f"main form [name={name}]").fill(value)
    desk.locator("[name=language_0]").select_option(str(scene.board.language.pk))
    desk.locator("[name=session_minutes]").select_option("60")
    desk.locator("[name=same_mediator]").select_option(str(scene.mediator.pk))
    desk.locator("[name=interventions][value=family_talk]").check(force=True)
    desk.locator("[name=operator_present]").check(force=True)
    _send(desk)
    # Without its reason nothing is entered, and the whole page is still filled in.
    _refused(desk)
    expect(desk.locator("[name=outside_reason]")).to_have_attribute("aria-invalid", "true")
    expect(desk.locator("[name=same_mediator]")).to_have_value(str(scene.mediator.pk))
    expect(desk.locator("[name=place]")).to_have_value("Sede centrale")
    axe(desk)
    desk.locator("[name=outside_reason]").fill("Chiesto per telefono la mattina stessa.")
    _send(desk)
    expect(desk.get_by_role("heading", level=1)).to_contain_text("Inviata")
    request = MediationRequest.objects.get(channel="outside")

    head = live.page(scene.head, path=f"/mediation/requests/{request.uuid}/authorise/")
    expect(head.locator("main")).to_contain_text("Chiesto per telefono la mattina stessa.")
    axe(head)
    _send(head)
    expect(head.get_by_role("heading", level=1)).to_contain_text("Autorizzata")
    desk.reload()
    desk.locator("main").get_by_role("button", name="Prendi in carico").click()
    desk.goto(f"/mediation/requests/{request.uuid}/arranged-outside/")
    expect(desk.locator("[name=reason]")).to_have_value("Chiesto per telefono la mattina stessa.")
    axe(desk)
    _send(desk)
    expect(desk.get_by_role("heading", level=1)).to_contain_text("Confermata")

    # From here on it is as every other: recorded and signed by the mediator, then by the school.
    session = MediationSession.objects.get(request=request)
    filed = scene.record(session)
    reports.file_report(request=filed, values=REPORT, version=1, by=scene.who(scene.user), at=AFTER)
    page = live.page(scene.contact, size=NARROW, path=f"/mediation/requests/{request.uuid}/report/countersign/")
    expect(page.locator("main")).to_contain_text(REPORT["summary"])
    _send(page)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_load_state()
    assert _state(request) == RequestState.COUNTERSIGNED
    page.goto(request.get_absolute_url())
    expect(page.locator("main")).to_contain_text("Chiesto per telefono la mattina stessa.")
    axe(page)
    assert list(Signature.objects.order_by("pk").values_list("role", "method")) == [
        ("mediator", "account"),
        ("requester", "account"),
    ]


def test_a_sheet_signed_on_paper_finds_its_session(
    live: Live, scene: SessionWorld, axe: Callable[[Page], None], settings: Any
) -> None:
    session = scene.confirmed()
    request = session.request
    phone = live.page(scene.user, size=NARROW, path=session.get_absolute_url())
    with phone.expect_download() as printed:
        phone.locator("main form[action$='/sheet/'] button").click()
    words = pypdf.PdfReader(printed.value.path()).pages[0].extract_text()
    code = session.sheets.get().code
    assert code[:4] in words
    assert request.number in words

    # After the meeting: recorded, then the photograph. A picture without a code is refused; the name stays written.
    settings.CLOCK_SHIFT = timezone.now() - AFTER
    scene.record(session)
    phone.goto("/mediation/sheets/hand-in/")
    axe(phone)
    phone.locator("[name=file]").set_input_files(
        {
            "name": "tavolo.jpg",
            "mimeType": "image/jpeg",
            "buffer": photo_of_sheet("niente", prefix="https://x.example/"),
        }
    )
    phone.locator("[name=signer_name]").fill("Anna Prova")
    _send(phone)
    _refused(phone)
    expect(phone.locator("[name=signer_name]")).to_have_value("Anna Prova")
    axe(phone)
    phone.locator("[name=file]").set_input_files(
        {"name": "foglio.jpg", "mimeType": "image/jpeg", "buffer": photo_of_sheet(code)}
    )
    _send(phone)
    expect(phone.locator(".alert-success")).to_be_visible()
    assert phone.url.endswith(session.get_absolute_url())
    axe(phone)

    # The scheda, once filed, bears both signatures of the sheet.
    phone.goto(f"/mediation/requests/{request.uuid}/report/edit/")
    phone.locator("[name=summary]").fill("Colloquio con la famiglia.")
    phone.locator("[name=communication]").select_option("5")
    _send(phone)
    _send(phone)
    expect(phone.get_by_role("heading", level=1)).to_contain_text("Controfirmata")
    expect(phone.locator(".alert-success")).to_contain_text("le due firme sono sul foglio")
    axe(phone)
    assert _state(request) == RequestState.COUNTERSIGNED
    assert list(Signature.objects.values_list("method", flat=True)) == ["paper", "paper"]
