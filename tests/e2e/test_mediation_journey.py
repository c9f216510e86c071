# SPDX-License-Identifier: EUPL-1.2
"""The whole journey of a request A.1, by everybody who has a part in it, with the hours moving at each step."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import Page, expect

from actions.enums import MediationRequestKind
from fami_portal.core import clock
from mediation.models import HourAccount, MediationRequest
from partners.models import Language, Network, Organisation
from reporting.models import ResultEntry, ValidatedFact
from tests.e2e.conftest import NARROW, Live
from tests.e2e.world import demo_user, people
from tests.factories.mediation import HourAccountFactory, MediatorFactory, MediatorLanguageFactory

__all__ = ["people"]

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def it(message: str) -> str:
    """Return the Italian words on the screen."""
    with translation.override("it"):
        return gettext(message)


@pytest.fixture
def account(people: None) -> HourAccount:
    """Ten hours for A.1 in the network of the school, and a mediator who speaks Arabic."""
    network = Network.objects.get(code="ATS-1-TO")
    mediator = MediatorFactory(
        user=demo_user("mediatrice"),
        organisation=Organisation.objects.get(name="Cooperativa sociale Ponte Chiaro"),
        given_name="Nadia",
        family_name="Altomare",
    )
    MediatorLanguageFactory(mediator=mediator, language=Language.objects.get(code="ar"))
    return HourAccountFactory(
        programme=network.action_networks.get().action.programme,
        network=network,
        kind=MediationRequestKind.SCHOOL,
        starts_on=date(2018, 9, 1),
        ends_on=date(2019, 8, 31),
    )


def press(page: Page, message: str) -> None:
    """Press the button, or follow the link, with these words."""
    words = it(message)
    button = page.locator("main").get_by_role("button", name=words, exact=True)
    (button if button.count() else page.locator("main").get_by_role("link", name=words, exact=True)).first.click()


def send(page: Page) -> None:
    """Send the form that is open."""
    page.locator("main form.portal-form button[type=submit]").first.click()


def figures(account: HourAccount) -> tuple[int, int, int]:
    """Return the minutes available, reserved, consumed."""
    account.refresh_from_db()
    return account.available, account.reserved, account.consumed


def fill_in_steps(page: Page, day: date) -> None:
    """Fill the four steps of A.1 for one hour on a day."""
    page.locator("[name=contact_name]").fill("Chiara Poggioalto")
    page.locator("[name=contact_email]").fill("intercultura@scuola.example")
    page.locator("[name=field_contact_name]").fill("Paolo Vigneto")
    page.locator("[name=field_contact_email]").fill("docente@scuola.example")
    press(page, "Save and go on")
    page.locator("[name=language_0]").select_option(str(Language.objects.get(code="ar").pk))
    page.locator("[name=interventions][value=family_talk]").check(force=True)
    page.locator("[name=reason]").fill("Colloquio con la famiglia: chiamare 333 1234567.")
    press(page, "Save and go on")
    # A phone number is refused, and nothing typed is lost.
    expect(page.locator("[name=reason]")).to_have_value("Colloquio con la famiglia: chiamare 333 1234567.")
    expect(page.get_by_role("alert").first).to_be_visible()
    page.locator("[name=reason]").fill("Colloquio di fine anno con la famiglia.")
    press(page, "Save and go on")
    page.locator("[name=session_minutes]").select_option("60")
    page.locator("[name=slot_0_day]").fill(day.isoformat())
    page.locator("[name=slot_0_starts_at]").fill("10:00")
    page.locator("[name=slot_0_ends_at]").fill("11:00")
    page.locator("[name=place]").fill("Sede centrale, aula 3")
    page.locator("[name=operator_present]").check(force=True)
    press(page, "Save and go on")
    page.locator("[name=family_informed_on]").fill((day - timedelta(days=20)).isoformat())
    page.locator("[name=notice_version]").fill("2018/1")
    page.locator("[name=school_class]").fill("2B")


def test_request_goes_from_the_school_to_the_ledger(
    live: Live, account: HourAccount, axe: Callable[[Page], None], settings: Any
) -> None:
    day = clock.today() + timedelta(days=14)
    day -= timedelta(days=day.weekday())  # a Monday, at least a week ahead
    day += timedelta(days=2)

    # The school: a form in steps, a check of the answers.
    school = live.page(demo_user("scuola"), path="/mediation/requests/new/")
    axe(school)
    press(school, "Begin the request")
    axe(school)
    fill_in_steps(school, day)
    axe(school)
    press(school, "Save and go on")
    expect(school.get_by_role("heading", level=1)).to_contain_text(it("Check your answers"))
    axe(school)
    assert figures(account) == (600, 0, 0)
    school.locator("main").get_by_role("button", name=it("Submit the request")).dblclick()
    expect(
        school.locator("main").get_by_text(it("Authorised")).or_(school.get_by_text(re.compile("A1-")))
    ).not_to_have_count(0)
    request = MediationRequest.objects.get()
    assert request.state == "submitted"
    assert figures(account) == (540, 60, 0)
    school.goto(request.get_absolute_url())
    axe(school)

    # The head authorises; the coordinator takes in charge and proposes to who speaks the language.
    head = live.page(demo_user("dirigente"), path="/")
    expect(head.get_by_role("link", name=re.compile(request.number)).first).to_be_visible()
    head.goto(request.get_absolute_url())
    press(head, "Read and authorise")
    axe(head)
    send(head)
    expect(head.get_by_text(it("Request authorised: the coordinator has been told."))).to_be_visible()
    coordinator = live.page(demo_user("rete"), path="/mediation/board/")
    axe(coordinator)
    coordinator.get_by_role("link", name=re.compile(request.number)).first.click()
    press(coordinator, "Take in charge")
    axe(coordinator)
    expect(coordinator.get_by_text("Nadia Altomare").first).to_be_visible()
    coordinator.locator(".suggestion").first.get_by_role("link", name=re.compile(it("Propose"))).click()
    axe(coordinator)
    send(coordinator)
    expect(coordinator.get_by_role("heading", level=1)).to_contain_text(request.number)
    request.refresh_from_db()
    assert request.state == "proposed"

    # The mediator, on a phone: accepts, records, files the report.
    mediator = live.page(demo_user("mediatrice"), size=NARROW, path="/mediation/proposals/")
    mediator.get_by_role("link", name=re.compile(request.number)).first.click()
    axe(mediator)
    mediator.set_viewport_size(NARROW)
    press(mediator, "Accept")
    expect(
        mediator.get_by_text(it("Accepted: the session is in your calendar. Now you can read the whole request."))
    ).to_be_visible()
    request.refresh_from_db()
    assert request.state == "confirmed"
    session = request.sessions.get()

    settings.CLOCK_SHIFT -= timedelta(days=(day - clock.today()).days + 1)
    mediator.goto(session.get_absolute_url())
    press(mediator, "Record the session")
    axe(mediator)
    mediator.set_viewport_size(NARROW)
    mediator.locator("[name=ends_at]").fill("10:50")
    mediator.locator("[name=parents]").fill("1")
    send(mediator)
    expect(mediator.get_by_role("heading", level=1)).to_be_visible()
    session.refresh_from_db()
    assert (session.state, session.minutes) == ("held", 50)
    mediator.goto(f"/mediation/requests/{request.uuid}/report/edit/")
    mediator.locator("[name=summary]").fill("Restituzione alla madre dell’andamento dell’anno.")
    mediator.locator("[name=communication]").select_option("4")
    axe(mediator)
    mediator.set_viewport_size(NARROW)
    mediator.get_by_role("button", name=it("Save and check")).click()
    axe(mediator)
    mediator.set_viewport_size(NARROW)
    mediator.get_by_role("button", name=it("Sign and file the report")).click()
    expect(
        mediator.get_by_text(it("Report filed: the school or service has been asked to countersign it."))
    ).to_be_visible()
    request.refresh_from_db()
    assert request.state == "reported"
    assert figures(account) == (540, 60, 0)

    # The school countersigns, the coordinator validates: hours, facts, ledger.
    school.goto(request.get_absolute_url())
    press(school, "Read and countersign")
    axe(school)
    school.locator("[name=rating]").select_option("9")
    send(school)
    expect(school.get_by_role("heading", level=1)).to_be_visible()
    school.wait_for_load_state()
    request.refresh_from_db()
    assert request.state == "countersigned"
    coordinator.goto(f"/mediation/requests/{request.uuid}/report/validate/")
    axe(coordinator)
    coordinator.locator("main form.portal-form button[type=submit]").dblclick()
    done = it("Report validated: the hours have moved and the sessions are in the results.")
    expect(coordinator.get_by_text(done)).to_be_visible()
    request.refresh_from_db()
    assert request.state == "validated"
    assert figures(account) == (550, 0, 50)
    fact = ValidatedFact.objects.get(unit_kind="session", superseded_in=None)
    assert (fact.minutes, fact.unit_id) == (50, session.pk)
    assert ResultEntry.objects.filter(fact=fact, reversed_in=None).exists()

    # The account explains itself, movement by movement.
    coordinator.goto(account.get_absolute_url())
    expect(coordinator.get_by_text(request.number).first).to_be_visible()
    axe(coordinator)
