# SPDX-License-Identifier: EUPL-1.2
"""Pages of the register of mediators: list, filters, export, entry and its forms."""

import csv
import io
from datetime import timedelta
from typing import Any

from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fami_portal.core import clock
from fami_portal.core.nav import items_for
from fami_portal.core.services import acting
from mediation.enums import MediatorProfile, QualificationKind
from mediation.models import Mediator, MediatorQualification
from tests.factories.mediation import MediatorFactory, MediatorLanguageFactory, MediatorTerritoryFactory
from tests.factories.partners import LanguageFactory
from tests.mediation.register_of import mediator_of_world
from tests.opened import open_file
from tests.personas import World

LIST = "/mediation/mediators/"
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def client_of(world: World, role: str) -> Client:
    client = Client()
    client.force_login(world.personas[role], backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def page(client: Client, address: str, status: int = 200) -> BeautifulSoup:
    response = client.get(address)
    assert response.status_code == status
    return BeautifulSoup(response.content, "html.parser")


def entry_with_everything(world: World, **fields: Any) -> Mediator:
    entry = MediatorFactory(organisation=world.bodies["coop_1"], **fields)
    MediatorLanguageFactory(mediator=entry)
    MediatorTerritoryFactory(mediator=entry)
    return entry


def qualification(entry: Mediator, days: int | None, kind: str = QualificationKind.COURSE) -> MediatorQualification:
    expires_on = clock.today() + timedelta(days=days) if days is not None else None
    with acting(None):
        return MediatorQualification.objects.create(mediator=entry, kind=kind, title="Corso", expires_on=expires_on)


def facts(world: World, **more: Any) -> dict[str, Any]:
    return {
        "organisation": world.bodies["coop_1"].pk,
        "given_name": "Amina",
        "family_name": "Esempio",
        "gender": "female",
        "email": "",
        "phone": "",
        "profile": "mediator",
        "modes": ["in_person", "phone"],
        "home": "Torino",
        "travel_buffer": "45",
        "yearly_maximum": "100",
        "confidentiality_signed_on": "",
        **more,
    }


# --- the list --------------------------------------------------------------------------------------------------------


def test_list_has_the_same_queries_for_3_and_30_rows(world: World) -> None:
    client = client_of(world, "network_coordinator")
    counts = []
    for number in (3, 27):
        for _n in range(number):
            qualification(entry_with_everything(world), 10)
        client.get(LIST)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(LIST).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[1] <= 18  # session, account, roles and unread messages included


def test_filters_of_the_register(world: World) -> None:
    arabic, french = LanguageFactory(), LanguageFactory(code="fr", name="francese")
    first = MediatorFactory(organisation=world.bodies["coop_1"], family_name="Alfa", profile=MediatorProfile.BOTH)
    second = MediatorFactory(organisation=world.bodies["near"], family_name="Beta", is_active=False)
    MediatorFactory(organisation=world.bodies["coop_2"], family_name="Gamma")
    MediatorLanguageFactory(mediator=first, language=arabic)
    MediatorLanguageFactory(mediator=second, language=french)
    MediatorTerritoryFactory(mediator=first, province="TO")
    MediatorTerritoryFactory(mediator=second, province="CN")
    qualification(first, 20)
    qualification(second, -3)
    client = client_of(world, "network_coordinator")

    def names(**query: Any) -> list[str]:
        soup = page(client, f"{LIST}?" + "&".join(f"{key}={value}" for key, value in query.items()))
        return [link.text.split()[0] for link in soup.select("table a")]

    assert names() == ["Alfa", "Beta"]
    assert names(text="alf") == ["Alfa"]
    assert names(language=french.pk) == ["Beta"]
    assert names(profile="facilitator") == ["Alfa"]
    assert names(profile="mediator") == ["Alfa", "Beta"]
    assert names(organisation=world.bodies["near"].pk) == ["Beta"]
    assert names(province="TO") == ["Alfa"]
    assert names(active="no") == ["Beta"]
    assert names(expiry="expired") == ["Beta"]
    assert names(expiry="soon") == ["Alfa"]
    text = page(client, LIST).text
    assert "Scade tra 20 giorni" in text
    assert "Scaduta" in text or "Scaduto" in text


def test_export_says_what_the_page_says_without_contacts(world: World) -> None:
    entry_with_everything(world, family_name="Alfa", phone="333 1234567", email="alfa@example.org")
    MediatorFactory(organisation=world.bodies["coop_1"], family_name="Beta")
    client = client_of(world, "technical_assistance")

    response = client.get("/mediation/mediators/export.csv?text=alfa")
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))

    assert len(rows) == 2
    assert rows[1][0] == "Alfa"
    assert "333" not in text
    assert "alfa@example.org" not in text
    response = client.get("/mediation/mediators/export.xlsx")
    assert response.status_code == 200
    assert b"".join(response.streaming_content)  # type: ignore[attr-defined]


def test_menu_shows_the_register_to_those_who_see_it(world: World) -> None:
    labels = {role: {item.url_name for item in items_for(user, "/")} for role, user in world.personas.items()}
    see = {role for role, names in labels.items() if "mediation:mediator-list" in names}
    assert see == {"regional_coordinator", "technical_assistance", "network_coordinator"}
    assert {role for role, names in labels.items() if "mediation:my-day" in names} == {"mediator"}


def test_every_way_back_begins_with_the_home_page(world: World) -> None:
    client = client_of(world, "network_coordinator")
    for name in ("mediator-list", "mediator-new", "consultations", "consultation-list", "reminder-list", "access-list"):
        crumbs = page(client, reverse(f"mediation:{name}")).select(".breadcrumb-item")
        assert [link["href"] for link in crumbs[0].select("a")] == [reverse("home")], name
        assert not crumbs[-1].select("a"), name


# --- the entry and its forms -----------------------------------------------------------------------------------------


def test_coordinator_registers_and_completes_an_entry(world: World) -> None:
    client = client_of(world, "network_coordinator")
    assert client.get("/mediation/mediators/new/").status_code == 200

    response = client.post("/mediation/mediators/new/", facts(world))
    entry = Mediator.objects.get()
    assert response["Location"] == entry.get_absolute_url()
    assert (entry.yearly_maximum, entry.travel_buffer, entry.home.name) == (6000, 45, "Torino")
    assert "non è completa" in page(client, entry.get_absolute_url()).text

    arabic = LanguageFactory()
    address = reverse("mediation:mediator-languages", args=[entry.uuid])
    assert client.get(address).status_code == 200
    data = {"language_0": arabic.pk, "variety_0": "marocchino", "level_0": "mother_tongue", "version": entry.version}
    assert client.post(address, data).status_code == 302

    address = reverse("mediation:mediator-territories", args=[entry.uuid])
    assert client.get(address).status_code == 200
    entry.refresh_from_db()
    assert client.post(address, {"provinces": ["TO"], "version": entry.version}).status_code == 302

    address = reverse("mediation:mediator-qualification-new", args=[entry.uuid])
    assert client.get(address).status_code == 200
    file = SimpleUploadedFile("attestato.pdf", PDF, content_type="application/pdf")
    soon = f"{clock.today() + timedelta(days=5):%d/%m/%Y}"
    data = {"kind": "course", "title": "Corso regionale", "hours": "150", "expires_on": soon, "document": file}
    assert client.post(address, data).status_code == 302

    text = page(client, entry.get_absolute_url()).text
    for words in ("arabo", "marocchino", "TO", "Corso regionale", "Scade tra 5 giorni", "150"):
        assert words in text
    row = entry.qualifications.get()
    assert open_file(client, row.document)

    address = reverse("mediation:mediator-qualification-remove", args=[row.uuid])
    assert client.get(address).status_code == 200
    assert client.post(address).status_code == 302
    assert not entry.qualifications.exists()


def test_wrong_registration_keeps_what_was_typed(world: World) -> None:
    client = client_of(world, "network_coordinator")
    wrong: dict[str, Any] = {
        "given_name": "",
        "home": "Atlantide",
        "travel_buffer": "300",
        "modes": [],
        "email": "senza",
    }
    for field, value in wrong.items():
        response = client.post("/mediation/mediators/new/", facts(world, phone="011 555", **{field: value}))
        soup = BeautifulSoup(response.content, "html.parser")

        assert response.status_code == 200, field
        assert soup.select_one("[data-error-summary] a"), field
        assert soup.select_one("[name=phone]")["value"] == "011 555", field
        assert not Mediator.objects.exists(), field


def test_wrong_language_rows_are_told_at_their_place(world: World) -> None:
    entry, client = mediator_of_world(world), client_of(world, "network_coordinator")
    arabic = LanguageFactory()
    data = {
        "language_0": arabic.pk,
        "level_0": "b2",
        "language_1": arabic.pk,
        "level_1": "c1",
        "variety_2": "marocchino",
        "language_3": arabic.pk,
        "variety_3": "egiziano",
        "version": entry.version,
    }
    response = client.post(reverse("mediation:mediator-languages", args=[entry.uuid]), data)
    soup = BeautifulSoup(response.content, "html.parser")

    targets = [link["href"] for link in soup.select("[data-error-summary] a")]
    assert targets == ["#id_language_1", "#id_language_2", "#id_level_3"]
    assert soup.select_one("[name=variety_3]")["value"] == "egiziano"
    assert not entry.languages.exists()


def test_old_page_is_told_and_can_be_saved_again(world: World) -> None:
    entry, client = mediator_of_world(world), client_of(world, "regional_coordinator")
    address = reverse("mediation:mediator-edit", args=[entry.uuid])
    assert client.get(address).status_code == 200
    client.post(address, facts(world, phone="011 5551", version=1))

    response = client.post(address, facts(world, phone="011 5552", version=1))
    soup = BeautifulSoup(response.content, "html.parser")
    assert soup.select_one("[data-error-summary]")
    assert soup.select_one("[name=phone]")["value"] == "011 5552"
    assert soup.select_one("[name=version]")["value"] == "2"

    assert client.post(address, facts(world, phone="011 5552", version=2)).status_code == 302
    entry.refresh_from_db()
    assert entry.phone == "011 5552"


def test_account_page_links_and_unlinks(world: World) -> None:
    entry, client = MediatorFactory(organisation=world.bodies["coop_1"]), client_of(world, "network_coordinator")
    address = reverse("mediation:mediator-account", args=[entry.uuid])
    user = world.personas["mediator"]

    assert client.get(address).status_code == 200
    assert client.post(address, {"user": user.pk}).status_code == 302
    entry.refresh_from_db()
    assert entry.user == user
    assert user.email in page(client, address).text

    assert client.post(reverse("mediation:mediator-unlink", args=[entry.uuid])).status_code == 302
    entry.refresh_from_db()
    assert entry.user is None
    nobody = MediatorFactory(organisation=world.bodies["near"])
    assert "Invita" in page(client, reverse("mediation:mediator-account", args=[nobody.uuid])).text


def test_assignments_are_stopped_and_started(world: World) -> None:
    entry, client = mediator_of_world(world), client_of(world, "network_coordinator")
    address = reverse("mediation:mediator-deactivate", args=[entry.uuid])

    assert client.get(address).status_code == 200
    assert client.post(address, {"reason": ""}).status_code == 200
    assert client.post(address, {"reason": "Maternità"}).status_code == 302
    entry.refresh_from_db()
    assert not entry.is_active
    assert client.post(reverse("mediation:mediator-reactivate", args=[entry.uuid])).status_code == 302
    entry.refresh_from_db()
    assert entry.is_active


def test_mediator_reads_the_own_entry_and_no_other(world: World) -> None:
    own, other = mediator_of_world(world), MediatorFactory(organisation=world.bodies["coop_1"])
    client = client_of(world, "mediator")

    assert page(client, own.get_absolute_url()).find("h1").text.strip().startswith("Amina Esempio")
    assert client.get(other.get_absolute_url()).status_code == 404
    assert client.get(reverse("mediation:mediator-edit", args=[own.uuid])).status_code == 403
    assert client.get(LIST).status_code == 403
