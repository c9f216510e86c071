# SPDX-License-Identifier: EUPL-1.2
"""Sessions and reports as people meet them: on the mediator's phone, at the school, at the coordinator's desk."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from fami_portal.core.models import Message
from mediation.enums import RequestState
from mediation.models import MediationRequest
from tests.e2e.conftest import NARROW, Live
from tests.mediation.session_world import AFTER, NOW, SessionWorld

pytestmark = pytest.mark.e2e


@pytest.fixture
def scene(transactional_db: Any, settings: Any) -> SessionWorld:
    settings.CLOCK_SHIFT = timezone.now() - AFTER
    return SessionWorld()


def _state(request: MediationRequest) -> str:
    return MediationRequest.objects.values_list("state", flat=True).get(pk=request.pk)


def _submit(page: Page) -> None:
    page.locator("form.portal-form button[type=submit]").click()
    page.wait_for_load_state()


def test_recorded_signed_on_the_phone_validated_and_reopened(
    scene: SessionWorld, live: Live, axe: Callable[[Page], None]
) -> None:
    session = scene.confirmed()
    request = session.request
    phone = live.page(scene.user, size=NARROW, path=request.get_absolute_url())
    phone.locator(f"a[href$='/sessions/{session.uuid}/record/']").click()
    expect(phone.locator("input[name=starts_at]")).to_have_value("10:00")
    phone.locator("input[name=ends_at]").fill("10:50")
    phone.get_by_label("Minuti di viaggio").fill("40")
    axe(phone)
    _submit(phone)

    # The report begins from the request; what is missing is said, nothing typed is lost.
    _submit(phone)
    expect(phone.locator("#missing")).to_be_visible()
    axe(phone)
    phone.get_by_role("link", name="Cambia la scheda").click()
    phone.get_by_label("Sintesi dell’intervento").fill("Colloquio sul passaggio alla scuola secondaria.")
    phone.get_by_label("Quanto ci si è capiti").select_option("5")
    axe(phone)
    _submit(phone)
    _submit(phone)
    assert _state(request) == RequestState.REPORTED

    phone.locator("a[href$='/report/code/']").click()
    phone.get_by_role("button", name="Invia il codice").click()
    body = Message.objects.get(kind="mediation_code").body
    code = next(word.strip(".") for word in body.split() if word.strip(".").isdigit() and len(word.strip(".")) == 6)
    phone.get_by_label("Codice di sei cifre").fill("999999" if code != "999999" else "111111")
    _submit(phone)
    expect(phone.get_by_label("Codice di sei cifre")).to_have_attribute("aria-invalid", "true")
    axe(phone)
    phone.get_by_label("Codice di sei cifre").fill(code)
    _submit(phone)
    assert _state(request) == RequestState.COUNTERSIGNED

    desk = live.page(scene.coordinator, path=request.get_absolute_url())
    desk.locator("a[href$='/report/validate/']").click()
    expect(desk.locator("#movement")).to_be_visible()
    axe(desk)
    _submit(desk)
    assert _state(request) == RequestState.VALIDATED
    assert scene.figures(request) == (0, 0, 50)
    axe(desk)

    desk.locator("a[href$='/report/reopen/']").click()
    desk.locator("textarea[name=reason]").fill("La fine era alle 11.")
    axe(desk)
    _submit(desk)
    assert _state(request) == RequestState.REOPENED
    phone.goto(session.get_absolute_url())
    expect(phone.locator("a[href$='/record/']")).to_be_visible()
    axe(phone)


def test_countersigned_by_the_school_or_sent_back(scene: SessionWorld, live: Live, axe: Callable[[Page], None]) -> None:
    request = scene.filed()
    school = live.page(scene.contact, path="/")
    school.get_by_role("link", name=request.number).first.click()
    axe(school)
    school.get_by_label("valutazione").first.select_option("8")
    _submit(school)
    assert _state(request) == RequestState.COUNTERSIGNED
    axe(school)


def test_new_time_then_nobody_comes(
    scene: SessionWorld, live: Live, axe: Callable[[Page], None], settings: Any
) -> None:
    settings.CLOCK_SHIFT = timezone.now() - NOW
    session = scene.confirmed()
    request = session.request
    school = live.page(scene.contact, path=request.get_absolute_url())
    school.locator("a[href$='/new-time/']").click()
    school.get_by_label("Giorno").fill("2019-03-12")
    school.locator("textarea[name=reason]").fill("Gita di classe.")
    axe(school)
    _submit(school)
    assert _state(request) == RequestState.RESCHEDULED
    phone = live.page(scene.user, size=NARROW, path=f"/mediation/sessions/{session.uuid}/new-time/answer/")
    phone.locator("input[name=answer][value=yes]").check(force=True)
    axe(phone)
    _submit(phone)
    assert _state(request) == RequestState.CONFIRMED

    settings.CLOCK_SHIFT = timezone.now() - AFTER
    phone.goto(session.get_absolute_url())
    phone.locator("a[href$='/not-held/']").click()
    phone.locator("input[name=absent][value=family]").check(force=True)
    phone.locator("textarea[name=reason]").fill("La famiglia non si è presentata.")
    axe(phone)
    _submit(phone)
    assert _state(request) == RequestState.NOT_HELD
    assert scene.figures(request) == (0, 0, 60)
    axe(phone)
