# SPDX-License-Identifier: EUPL-1.2
"""Pages of the accounts of hours: who sees what, every movement explained, what a move would do, each refusal."""

import csv
import io
import uuid
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fami_portal.core import clock
from fami_portal.core.models import Message
from fami_portal.core.services import acting
from mediation.enums import AccountUse, MovementKind, TranslationState
from mediation.models import HourAccount
from mediation.services import hours as services
from tests.factories.consulting import ConsultationFactory, TranslationFactory
from tests.factories.mediation import HourAccountFactory, MediationRequestFactory, RequestKindFactory
from tests.factories.partners import OrganisationFactory
from tests.personas import World, build_world

pytestmark = pytest.mark.django_db


def prepare() -> World:
    """The pool of a network with ten hours, one of a school in it, one of another network, one of another programme."""
    world = build_world()
    RequestKindFactory(programme=world.programmes["a"])
    RequestKindFactory(programme=world.programmes["b"])
    year = {"starts_on": date(2018, 9, 1), "ends_on": date(2030, 8, 31)}
    places = {"pool": ("a", "n1", None), "school": ("a", "n1", "school_1"), "sibling": ("a", "n2", None)}
    for name, (programme, network, body) in (places | {"foreign": ("b", "n3", None)}).items():
        world.objects[name] = HourAccountFactory(
            programme=world.programmes[programme],
            network=world.networks[network],
            organisation=world.bodies[body] if body else None,
            **year,
        )
    return world


@pytest.fixture
def made(fresh: World) -> World:
    return fresh


def url(name: str, account: HourAccount | None = None, **more: Any) -> str:
    return reverse(f"mediation:{name}", kwargs=({"uuid": account.uuid} if account else {}) | more)


def ask(user: Any, address: str, data: dict[str, Any] | None = None, status: int = 200) -> BeautifulSoup:
    """Open or post an address as a person, follow to where it leads, and read the page."""
    client = Client()
    client.force_login(user)
    response = client.get(address) if data is None else client.post(address, data, follow=status == 200)
    assert response.status_code == status, response.content.decode()[:2000]
    return BeautifulSoup(response.content, "html.parser")


def text(soup: Any) -> str:
    return " ".join(soup.get_text(" ").split())


def owners(soup: BeautifulSoup) -> list[str]:
    return [row.td.a.contents[0] for row in soup.select("main tbody tr")]


def reserve(account: HourAccount, number: int, minutes: int, at: datetime) -> None:
    services.reserve(account=account, source_type="request", source_id=number, minutes=minutes, by=None, at=at)


# --- list -------------------------------------------------------------------------------------------------------------


def test_each_role_lists_its_own_accounts(made: World) -> None:
    pool, sibling = "Monte ore comune di Rete ATS-1", "Monte ore comune di Rete ATS-2"
    school = made.bodies["school_1"].name
    seen = {role: owners(ask(made.personas[role], url("hour-list"))) for role in ("school_head", "school_contact")}
    assert list(seen.values()) == [[school], [school]]
    assert owners(ask(made.personas["network_coordinator"], url("hour-list"))) == [pool, school]
    for role in ("regional_coordinator", "technical_assistance", "auditor"):
        assert owners(ask(made.personas[role], url("hour-list"))) == [pool, school, sibling]
    ask(made.personas["teacher"], url("hour-list"), status=403)


def test_list_is_filtered_by_address_and_exported_as_shown(made: World) -> None:
    region = made.personas["regional_coordinator"]
    HourAccountFactory(
        programme=made.programmes["a"],
        network=made.networks["n2"],
        use=AccountUse.URGENCY,
        starts_on=date(2019, 9, 1),
        ends_on=date(2020, 8, 31),
        minutes=90,
    )

    def found(query: str) -> int:
        return len(ask(region, url("hour-list") + query).select("main tbody tr"))

    assert found("") == 4
    assert found("?network=ATS-2") == 2
    assert found("?use=urgency") == 1
    assert found("?year=2019-2020") == 1
    assert found("?body=comprensivo") == 1
    assert found("?kind=school") == 4
    empty = ask(region, url("hour-list") + "?kind=legal")
    assert empty.select_one("table") is None
    assert "Nessun conto qui" in text(empty)

    client = Client()
    client.force_login(region)
    sheet = client.get(url("hour-list-export", fmt="csv") + "?use=urgency")
    rows = list(csv.reader(io.StringIO(b"".join(sheet.streaming_content).decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == 2
    assert rows[1][1] == "ATS-2"
    book = client.get(url("hour-list-export", fmt="xlsx"))
    assert openpyxl.load_workbook(io.BytesIO(b"".join(book.streaming_content))).active.max_row == 5


def test_a_nearly_used_account_is_marked(made: World) -> None:
    reserve(made.objects["pool"], 1, 479, clock.now())
    page = text(ask(made.personas["network_coordinator"], url("hour-list")))
    assert "79%" in page
    assert "Oltre la soglia (80%)" not in page
    reserve(made.objects["pool"], 2, 1, clock.now())
    page = text(ask(made.personas["network_coordinator"], url("hour-list")))
    assert "8 h di 10 h (80%)" in page
    assert "Oltre la soglia (80%)" in page
    reserve(made.objects["pool"], 3, 120, clock.now())
    assert "Esaurite" in text(ask(made.personas["network_coordinator"], url("hour-list")))


def test_queries_do_not_grow_with_the_rows(made: World) -> None:
    region, account = made.personas["regional_coordinator"], made.objects["pool"]

    def fill(number: int) -> None:
        body = OrganisationFactory()
        HourAccountFactory(programme=made.programmes["a"], network=made.networks["n1"], organisation=body)
        request = MediationRequestFactory(
            programme=made.programmes["a"], network=made.networks["n1"], organisation=body
        )
        reserve(account, request.pk, 5, clock.now())

    def queries() -> list[int]:
        counts = []
        for address in (url("hour-list"), url("hour-account", account)):
            client = Client()
            client.force_login(region)
            with CaptureQueriesContext(connection) as found:
                assert client.get(address).status_code == 200
            counts.append(len(found))
        return counts

    for number in range(3):
        fill(number)
    queries()  # what the shell keeps in the cache is read once
    few = queries()
    for number in range(27):
        fill(number)
    assert queries() == few
    assert max(few) <= 15


# --- one account -------------------------------------------------------------------------------------------------------


def test_the_balance_is_explained_movement_by_movement(made: World) -> None:
    account, at = made.objects["school"], clock.now()
    request = MediationRequestFactory(
        programme=made.programmes["a"],
        network=made.networks["n1"],
        organisation=made.bodies["school_1"],
        number="A1-2019-00042",
    )
    reserve(account, request.pk, 120, at)
    services.consume(account=account, source_type="request", source_id=request.pk, minutes=90, by=None, at=at)
    page = ask(made.personas["school_head"], url("hour-account", account))
    rows = [[text(cell) for cell in row.select("td")] for row in page.select("#movements ~ .table-frame tbody tr")]
    assert [row[5] for row in rows] == ["8 h 30", "8 h", "8 h", "10 h", "10 h"]
    assert [row[4] for row in rows[:3]] == ["+0 h 30", "— nessuno", "\N{MINUS SIGN}2 h"]
    assert rows[0][1] == "Rilascio"
    link = page.select_one("#movements ~ .table-frame tbody a")
    assert link is not None
    assert "A1-2019-00042" in text(link)
    # The network's other readers see the number only when they may open the request; nobody else has buttons.
    assert not page.select("main .action-bar a")
    assert "Assegna ore" in text(ask(made.personas["network_coordinator"], url("hour-account", account)))


def test_a_request_that_the_reader_may_not_open_has_no_number(made: World) -> None:
    request = MediationRequestFactory(
        programme=made.programmes["a"],
        network=made.networks["n1"],
        organisation=made.bodies["service_1"],
        number="A1-2019-00099",
    )
    reserve(made.objects["school"], request.pk, 60, clock.now())
    page = text(ask(made.personas["school_head"], url("hour-account", made.objects["school"])))
    assert "A1-2019-00099" not in page
    assert "Una richiesta" in page


def test_other_works_are_linked_for_those_who_may_open_them(made: World) -> None:
    account, at = made.objects["school"], clock.now()
    where = {"programme": made.programmes["a"], "network": made.networks["n1"]}
    translation = TranslationFactory(
        **where, organisation=made.bodies["school_1"], state=TranslationState.SUBMITTED, number="TR-2019-00007"
    )
    other = ConsultationFactory(**where, organisation=made.bodies["service_1"], number="A5-2019-00003")
    for source_type, source_id in (("translation", translation.pk), ("consultation", other.pk), ("presence", 10**9)):
        services.reserve(
            account=account, source_type=source_type, source_id=source_id, minutes=60, by=None, at=at, attempt=1
        )
    page = ask(made.personas["school_head"], url("hour-account", account))
    assert page.select_one(f"a[href='{translation.get_absolute_url()}']").get_text() == "TR-2019-00007"
    assert "A5-2019-00003" not in text(page)
    assert "Una consulenza" in text(page)
    assert "Una presenza sul territorio" in text(page)


def test_movements_are_handed_out_as_a_file(made: World) -> None:
    client = Client()
    client.force_login(made.personas["school_contact"])
    reserve(made.objects["school"], 5, 60, clock.now())
    sheet = client.get(url("hour-account-export", made.objects["school"], fmt="csv"))
    rows = list(csv.reader(io.StringIO(b"".join(sheet.streaming_content).decode("utf-8-sig")), delimiter=";"))
    assert [row[-1] for row in rows[1:]] == ["540", "600", "600"]
    assert client.get(url("hour-account-export", made.objects["pool"], fmt="csv")).status_code == 404


# --- acts ---------------------------------------------------------------------------------------------------------------


def test_an_account_is_opened_with_its_hours_once(made: World) -> None:
    coordinator, key = made.personas["network_coordinator"], str(uuid.uuid4())
    form = ask(coordinator, url("hour-account-new"))
    options = [option["value"] for option in form.select("[name=organisation] option")]
    assert str(made.bodies["school_1"].pk) in options
    assert str(made.bodies["school_3"].pk) not in options
    carrier = form.select("[name=carrier] option")
    assert len(carrier) == 1
    data = {
        "carrier": carrier[0]["value"],
        "organisation": str(made.bodies["service_1"].pk),
        "kind": "school",
        "use": "planned",
        "starts_on": "2018-09-01",
        "ends_on": "2019-08-31",
        "minutes": "40,5",
        "reason": "Piano di rete 2018/2019",
        "submission_key": key,
    }
    for _click in range(2):
        page = ask(coordinator, url("hour-account-new"), data)
        assert "Il conto è aperto" in text(page)
    account = HourAccount.objects.get(organisation=made.bodies["service_1"])
    assert (account.granted, account.movements.count()) == (2430, 1)
    again = ask(coordinator, url("hour-account-new"), data | {"submission_key": str(uuid.uuid4())}, status=422)
    assert "C’è già" in text(again)
    wrong = ask(coordinator, url("hour-account-new"), data | {"minutes": "molte"}, status=422)
    assert "Scrivi le ore con un numero" in text(wrong)
    assert wrong.select_one("[name=minutes]")["value"] == "molte"


@pytest.mark.parametrize(("name", "kind"), [("grant", MovementKind.GRANT), ("extra", MovementKind.EXTRA_GRANT)])
def test_hours_are_granted_once_with_a_reason(made: World, name: str, kind: str) -> None:
    coordinator, account = made.personas["network_coordinator"], made.objects["pool"]
    data = {"minutes": "1:30", "reason": "Nuovi arrivi", "submission_key": str(uuid.uuid4())}
    for _click in range(2):
        assert "1 h 30" in text(ask(coordinator, url(f"hour-account-{name}", account), data))
    account.refresh_from_db()
    assert account.granted == 690
    assert account.movements.filter(kind=kind, reason="Nuovi arrivi").count() == 1
    refused = ask(coordinator, url(f"hour-account-{name}", account), {"minutes": "0", "reason": ""}, status=422)
    assert refused.select_one("[name=minutes]")["value"] == "0"
    ask(made.personas["school_head"], url(f"hour-account-{name}", made.objects["school"]), status=403)
    ask(made.personas["school_head"], url(f"hour-account-{name}", account), status=404)


def test_hours_move_once_and_never_more_than_are_free(made: World) -> None:
    coordinator, pool, school = made.personas["network_coordinator"], made.objects["pool"], made.objects["school"]
    data = {
        "target": str(school.uuid),
        "minutes": "4",
        "reason": "La rete ne usa meno",
        "submission_key": str(uuid.uuid4()),
    }
    for _click in range(2):
        assert "4 h" in text(ask(coordinator, url("hour-account-move", pool), data))
    too_many = data | {"minutes": "7", "submission_key": str(uuid.uuid4())}
    page = text(ask(coordinator, url("hour-account-move", pool), too_many, status=422))
    assert "restano 6 h" in page
    # A sibling network's account is not among the choices.
    outside = data | {"target": str(made.objects["sibling"].uuid), "submission_key": str(uuid.uuid4())}
    ask(coordinator, url("hour-account-move", pool), outside, status=422)
    pool.refresh_from_db()
    school.refresh_from_db()
    assert (pool.available, school.available) == (360, 840)


def test_what_if_shows_both_accounts_and_changes_nothing(made: World) -> None:
    coordinator, pool, school = made.personas["network_coordinator"], made.objects["pool"], made.objects["school"]
    assert "non cambia nulla" in text(ask(coordinator, url("hour-account-what-if", pool)))
    address = url("hour-account-what-if", pool) + f"?target={school.uuid}&minutes=4:30"
    before = pool.movements.count()
    page = ask(coordinator, address)
    cells = [text(cell) for cell in page.select("main tbody td.numeric")]
    assert cells[:4] == ["10 h", "5 h 30", "10 h", "5 h 30"]
    assert [text(heading) for heading in page.select("main h3")] == [
        "Monte ore comune di Rete ATS-1",
        made.bodies["school_1"].name,
    ]
    assert "14 h 30" in cells
    assert pool.movements.count() == before
    link = page.select_one("main .action-bar a[href*=move]")
    assert link is not None
    form = ask(coordinator, link["href"])
    assert form.select_one("[name=minutes]")["value"] == "4:30"
    assert form.select_one("[name=target] option[selected]")["value"] == str(school.uuid)
    too_many = ask(coordinator, url("hour-account-what-if", pool) + f"?target={school.uuid}&minutes=11")
    assert "mancano 1 h" in text(too_many)
    assert too_many.select_one("a[href*='/move']") is None
    assert ask(coordinator, url("hour-account-what-if", pool) + "?target=x&minutes=y").select(".error-summary")


# --- the warning ---------------------------------------------------------------------------------------------------------


def test_passing_the_warning_share_is_told_once(made: World) -> None:
    account, at = made.objects["school"], clock.now()
    messages = Message.objects.filter(kind="hours_nearly_used")
    reserve(account, 1, 470, at)
    assert not messages.exists()
    reserve(account, 2, 10, at)
    assert set(messages.values_list("recipient", flat=True)) == {
        made.personas["network_coordinator"].pk,
        made.personas["school_contact"].pk,
    }
    first = messages.first()
    assert made.bodies["school_1"].name in first.body
    assert first.url == account.get_absolute_url()
    reserve(account, 3, 30, at)
    services.release(account=account, source_type="request", source_id=1, by=None, at=at)
    reserve(account, 4, 470, at)
    assert messages.count() == 2
    services.grant(account=account, minutes=120, reason="Nuovi arrivi", by=None, at=at)
    reserve(account, 5, 100, at)
    assert messages.count() == 4


def test_the_pool_warns_the_coordinators_alone_at_the_percent_of_the_programme(made: World) -> None:
    kind = RequestKindFactory(programme=made.programmes["a"])
    kind.settings = {"warning_percent": 50}

    with acting(None):
        kind.save()
    reserve(made.objects["pool"], 1, 300, clock.now())
    assert list(Message.objects.filter(kind="hours_nearly_used").values_list("recipient", flat=True)) == [
        made.personas["network_coordinator"].pk
    ]
