# SPDX-License-Identifier: EUPL-1.2
"""From the board to the mediator’s yes: proposed, refused, proposed to the next, accepted on a phone; the fast lane."""

import re
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from fami_portal.core import clock
from mediation.enums import RequestState, Urgency
from mediation.models import MediationRequest, Mediator, Proposal
from tests.e2e.conftest import NARROW, Live
from tests.mediation.board_world import BoardWorld, build

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def board() -> BoardWorld:
    """The small world with its board."""
    return build()


def _request(board: BoardWorld, **fields: Any) -> MediationRequest:
    start = timezone.make_aware(datetime.combine(clock.today() + timedelta(days=9), time(10)))
    return board.request(start=start, submitted_at=clock.now() - timedelta(hours=1), **fields)


def _submit(page: Page, name: str) -> None:
    page.locator("main form.portal-form").get_by_role("button", name=name).click()


def _propose_first(page: Page) -> None:
    """Propose to the first of the mediators suggested."""
    page.locator(".suggestion").first.get_by_role("link", name=re.compile("^Proponi")).click()
    _submit(page, "Proponi")
    expect(page.get_by_text("si attende la risposta")).to_be_visible()


def _answer(live: Live, mediator: Mediator) -> Page:
    """Open the proposal that waits, on the mediator’s phone."""
    phone = live.page(mediator.user, size=NARROW, path="/mediation/proposals/")
    phone.locator(".task a").first.click()
    return phone


def test_filters_are_folded_on_a_phone_only(live: Live, board: BoardWorld, axe: Callable[[Page], None]) -> None:
    request = _request(board)
    wide = live.page(board.coordinator, path="/mediation/board/")
    expect(wide.get_by_label("Urgenza")).to_be_visible()
    expect(wide.locator(".filter-fold > summary")).to_be_hidden()

    phone = live.page(board.coordinator, size=NARROW, path="/mediation/board/?urgency=ordinary")
    summary = phone.locator(".filter-fold > summary")
    expect(summary).to_have_text("Filtri (1 attivo)")
    expect(phone.get_by_label("Urgenza")).to_be_hidden()
    expect(phone.get_by_role("link", name=request.number).first).to_be_in_viewport()
    axe(phone)
    summary.focus()
    phone.keyboard.press("Enter")
    phone.get_by_label("Urgenza").select_option("")
    phone.get_by_role("button", name="Filtra").click()
    expect(summary).to_have_text("Filtri")
    summary.click()
    axe(phone)


def test_a_request_goes_to_the_next_candidate_until_one_accepts_on_a_phone(
    live: Live, board: BoardWorld, axe: Callable[[Page], None]
) -> None:
    request = _request(board)
    first, second = board.mediator(), board.mediator(level="c1")
    page = live.page(board.coordinator, path="/mediation/board/")
    axe(page)
    page.get_by_role("link", name=re.compile("Prendi in carico")).click()
    axe(page)
    page.locator("main").get_by_role("button", name="Prendi in carico").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Trova un mediatore")
    expect(page.locator(".suggestion").first).to_contain_text(first.name)
    axe(page)
    page.locator(".suggestion").first.get_by_role("link", name=re.compile("^Proponi")).click()
    axe(page)
    page.go_back()
    _propose_first(page)
    axe(page)

    phone = _answer(live, first)
    axe(phone)
    phone.get_by_role("link", name="Rifiuta").click()
    _submit(phone, "Rifiuta la proposta")
    expect(phone.locator(".error-summary, .alert-danger").first).to_be_visible()
    axe(phone)
    phone.locator("[name=reason][value=too_far]").check(force=True)
    _submit(phone, "Rifiuta la proposta")
    expect(phone.get_by_text("Rifiutata", exact=True)).to_be_visible()
    axe(phone)

    page.reload()
    expect(page.locator("main")).to_contain_text("Troppo lontano")
    page.get_by_role("link", name="Trova un mediatore").click()
    expect(page.locator(".suggestion").first).to_contain_text(second.name)
    expect(page.locator(".suggestion").nth(1)).to_contain_text("ha già rifiutato questa richiesta")
    _propose_first(page)

    phone = _answer(live, second)
    expect(phone.locator("main")).not_to_contain_text(request.case_code)
    phone.get_by_role("button", name="Accetta").click()
    expect(phone.locator("main")).to_contain_text(request.case_code)
    axe(phone)
    request.refresh_from_db()
    assert (request.state, request.mediator) == (RequestState.CONFIRMED, second)


def test_in_the_fast_lane_the_first_acceptance_wins(live: Live, board: BoardWorld, axe: Callable[[Page], None]) -> None:
    request = _request(board, urgency=Urgency.NEW_ARRIVAL)
    mediators = [board.mediator(), board.mediator()]
    page = live.page(board.coordinator, path=f"/mediation/requests/{request.uuid}/")
    page.locator("main").get_by_role("button", name="Prendi in carico").click()
    page.get_by_role("link", name="Proponi a tutti gli adatti insieme").click()
    axe(page)
    _submit(page, "Proponi a tutti")
    expect(page.get_by_text("Proposta a 2 mediatori")).to_be_visible()

    phones = [_answer(live, mediator) for mediator in mediators]
    phones[1].get_by_role("button", name="Accetta").click()
    expect(phones[1].locator("main")).to_contain_text(request.case_code)
    # The page of the other is old by now.
    phones[0].get_by_role("button", name="Accetta").click()
    expect(phones[0].get_by_text("Un altro mediatore ha accettato")).to_be_visible()
    expect(phones[0].get_by_role("button", name="Accetta")).to_have_count(0)
    axe(phones[0])
    assert sorted(Proposal.objects.values_list("state", flat=True)) == ["accepted", "withdrawn"]
