# SPDX-License-Identifier: EUPL-1.2
"""Acting without an account, on a phone: file by link, authorise by link, follow, cancel; closed links; delegations."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from fami_portal.core import clock
from fami_portal.core.models import Message
from fami_portal.core.services import acting
from mediation.models import AccessLink, HeadDelegation, MediationRequest
from mediation.services import links
from partners.models import Membership
from tests.e2e.conftest import NARROW, Live
from tests.factories.mediation import HourAccountFactory, RequestKindFactory
from tests.mediation.board_world import BoardWorld, build
from tests.mediation.filing import filing_data

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

MAILBOX = "segreteria@scuola-uno.example"


@pytest.fixture
def board(transactional_db: None) -> BoardWorld:
    """A school with a mailbox and no account but the head's, in a programme that offers A.1."""
    board = build()
    programme, network = board.world.programmes["a"], board.world.networks["n1"]
    RequestKindFactory(programme=programme)
    board.accounts["n1:school"] = HourAccountFactory(programme=programme, network=network)
    with acting(None):
        school = board.world.bodies["school_1"]
        school.email = MAILBOX
        school.save()
        board.language.name = "arabo"
        board.language.save()
    return board


def _without_head(board: BoardWorld) -> None:
    with acting(None):
        Membership.objects.filter(organisation=board.world.bodies["school_1"]).update(
            withdrawn_at=timezone.now() - timedelta(days=2), valid_until="2019-01-01"
        )


def _mail(part: str) -> str:
    """Read the address in the latest mail that goes to a page."""
    return Message.objects.filter(kind="access_link", url__contains=part).latest("pk").url


def _submit(page: Page, button: str) -> None:
    page.locator("main form.portal-form").get_by_role("button", name=button).click()


def _fill(page: Page, data: dict[str, Any]) -> None:
    """Fill in the page of a link with what a school types."""
    for name, value in data.items():
        field = page.locator(f"main form [name={name}]")
        kind = field.first.evaluate("element => element.type || element.tagName")
        if value == "on":
            field.check(force=True)
        elif kind in ("checkbox", "radio"):
            values = value if isinstance(value, list) else [value]
            for each in values:
                page.locator(f'main form [name={name}][value="{each}"]').check(force=True)
        elif kind == "select-one":
            field.select_option(str(value))
        elif kind == "date":
            day, month, year = str(value).split("/")
            field.fill(f"{year}-{month}-{day}")
        else:
            field.fill(str(value))


def test_a_school_files_and_its_head_authorises_on_a_phone(
    live: Live, board: BoardWorld, axe: Callable[[Page], None]
) -> None:
    _without_head(board)
    page = live.page(size=NARROW, path="/mediation/link/")
    axe(page)
    _submit(page, "Inviami il link")
    expect(page.get_by_role("alert").first).to_be_visible()
    axe(page)
    page.locator("[name=address]").fill(MAILBOX)
    _submit(page, "Inviami il link")
    expect(page.get_by_role("heading", level=1)).to_have_text("Controlla la casella di posta")
    axe(page)

    page.goto(_mail("/request/"))
    axe(page)
    data = filing_data(language_0=board.language.pk)
    _fill(page, data | {"contact_name": "", "reason": "Telefonare al 333 1234567"})
    _submit(page, "Invia la richiesta")
    # Everything typed is still there, and the summary leads to the fields.
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(page.locator("[name=place]")).to_have_value("Sede centrale")
    expect(page.locator("[name=operator_present]")).to_be_checked()
    axe(page)
    assert not MediationRequest.objects.exists()
    page.locator("[name=contact_name]").fill("Maria Prova")
    page.locator("[name=reason]").fill("Colloquio di metà anno con la famiglia.")
    page.locator("main form.portal-form").get_by_role("button", name="Invia la richiesta").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Richiesta ricevuta")
    request = MediationRequest.objects.get()
    expect(page.locator("main")).to_contain_text(request.number)
    axe(page)

    head = live.page(size=NARROW, path=_mail("/authorise/"))
    expect(head.locator("main")).to_contain_text("Colloquio di metà anno con la famiglia.")
    axe(head)
    _submit(head, "Autorizza la richiesta")
    expect(head.get_by_role("alert").first).to_be_visible()
    axe(head)
    head.locator("[name=name]").fill("Anna Prova")
    head.locator("[name=declaration]").check(force=True)
    _submit(head, "Autorizza la richiesta")
    expect(head.locator("main")).to_contain_text("La richiesta è autorizzata.")
    axe(head)
    request.refresh_from_db()
    assert request.state == "authorised"

    page.goto(_mail("/follow/"))
    expect(page.locator("main")).to_contain_text("La richiesta è autorizzata.")
    axe(page)
    page.get_by_role("link", name="Annulla la richiesta").click()
    axe(page)
    page.locator("[name=reason]").fill("La famiglia si è trasferita.")
    _submit(page, "Annulla la richiesta")
    expect(page.locator("main")).to_contain_text("La richiesta è stata annullata.")
    axe(page)


def test_closed_links_say_what_to_do(live: Live, board: BoardWorld, axe: Callable[[Page], None]) -> None:
    addresses = []
    for _number in range(3):
        link, token = links.issue_link(
            purpose="file",
            organisation=board.world.bodies["school_1"],
            address=MAILBOX,
            programme=board.world.programmes["a"],
            network=board.world.networks["n1"],
            kind="school",
            by=None,
            at=timezone.now(),
            valid_for=timedelta(days=1),
            maximum_uses=1,
        )
        addresses.append((link, f"/mediation/link/{token}/request/"))
    (expired, old), (revoked, back), (_used, once) = addresses
    with acting(None):
        AccessLink.objects.filter(pk=expired.pk).update(
            created_at=timezone.now() - timedelta(days=3), expires_at=timezone.now() - timedelta(days=1)
        )
    links.revoke(link=revoked, by=None)
    links.use(link=_used, act="filed")
    page = live.page(size=NARROW)
    for address, words in (
        (old, "Questo link è scaduto"),
        (back, "Questo link è stato revocato"),
        (once, "Questo link è già stato usato"),
        ("/mediation/link/sconosciuto/request/", "Questo indirizzo non è noto"),
    ):
        page.goto(address)
        expect(page.locator("main")).to_contain_text(words)
        expect(page.get_by_role("link", name="Chiedi un nuovo link")).to_be_visible()
        axe(page)


def test_links_and_delegations_are_looked_after(live: Live, board: BoardWorld, axe: Callable[[Page], None]) -> None:
    school = board.world.bodies["school_1"]
    head = live.page(board.world.personas["school_head"], path=f"/mediation/access/{school.uuid}/")
    axe(head)
    head.get_by_role("link", name="Conferisci una delega").click()
    axe(head)
    today = clock.today()
    head.locator("[name=ends_on]").fill(f"{today + timedelta(days=60):%Y-%m-%d}")
    head.locator("[name=hours]").fill("0")
    _submit(head, "Conferisci la delega")
    expect(head.get_by_role("alert").first).to_be_visible()
    axe(head)
    head.locator("[name=hours]").fill("7,5")
    _submit(head, "Conferisci la delega")
    expect(head.locator("main")).to_contain_text("La delega è conferita.")
    assert HeadDelegation.objects.get().maximum_minutes == 450
    axe(head)

    coordinator = live.page(board.coordinator, path="/mediation/access/")
    axe(coordinator)
    coordinator.get_by_role("link", name=school.name).click()
    coordinator.get_by_role("link", name="Invia un link per le richieste").click()
    axe(coordinator)
    _submit(coordinator, "Invia il link")
    expect(coordinator.locator("main")).to_contain_text("Il link è in viaggio verso la casella.")
    axe(coordinator)
    coordinator.get_by_role("row", name="Presentare richieste").get_by_role("link", name="Revoca").click()
    axe(coordinator)
    _submit(coordinator, "Revoca")
    expect(coordinator.locator("main")).to_contain_text("Il link è revocato.")
    assert AccessLink.objects.get().revoked_at is not None
    coordinator.get_by_role("link", name="Inserisci una delega ricevuta su carta").click()
    _submit(coordinator, "Inserisci la delega")
    expect(coordinator.get_by_role("alert").first).to_be_visible()
    axe(coordinator)
