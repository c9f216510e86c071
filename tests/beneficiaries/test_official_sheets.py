# SPDX-License-Identifier: EUPL-1.2
"""The files of the official sheets: columns and words of the fund, names of the own body alone, recorded, kept nowhere."""

import csv
import io
import tempfile
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from actions.enums import ActivityKind, Sheet
from actions.models import ActivityType, TargetGroup
from beneficiaries.models import Beneficiary, Identity, ReadEntry
from beneficiaries.rendering import official_sheets as rendering
from beneficiaries.selectors import official_sheets as selectors
from beneficiaries.services.official_sheets import hand_out_sheet
from beneficiaries.services.registration import Names
from beneficiaries.services.sheets import OperatorFacts, ThirdCountryFacts
from fami_portal.core.models import AuditEvent, Document
from fami_portal.core.services import acting
from fami_portal.core.vault import VaultError
from partners.models import EducationTitle
from tests.actions.scene import Scene
from tests.beneficiaries.class_of import enrolled, pupil
from tests.beneficiaries.sheet_world import ADMITTED, CODE, EXCLUDED, NAMED, permit, specific, with_sheets
from tests.beneficiaries.test_sheets import register

AT = datetime(2019, 6, 1, 9, tzinfo=UTC)
# As published, blanks included.
OPERATORS = [
    "CF", "Nome ", " Cognome", "Data di nascita", "Genere", "Ente di appartenenza", "Tipologia di ente",
    "Ente pubblico presso il quale si opera\n(in caso di operatore privato)", "Telefono\n(se disponibile)",
    "E-mail\n(se disponibile)", "", "Data inizio supporto", "Data fine supporto ", "",
    "Capacity building del personale operante nelle Prefetture",
    "Capacity building del personale operante negli Enti locali", "Formazione personale scuole ",
    "Formazione per la prevenzione e il contrasto alle discriminazioni",
    "Formazione personale servizi socio-sanitari", "Formazione per la tutela volontaria dei MSNA",
    "Formazione per la tutela dei minori stranieri sottoposti a provvedimenti della Autorità Giudiziaria", "",
    "Utilità formazione per il lavoro ", "Utilizzo competenze acquisite", "Esito positivo attività formative",
    "Soddisfazione",
]  # fmt: skip
PENDING = "Risultato non ancora verificabile (supporto in corso) / Non applicabile"


@pytest.fixture
def operators(scene: Scene) -> TargetGroup:
    return with_sheets(scene)


@pytest.fixture
def people(scene: Scene, operators: TargetGroup) -> dict[str, Beneficiary]:
    """Return an adult with facts, a pupil without name, an excluded adult, and somebody of another body."""
    with acting(None):
        ActivityType.objects.filter(pk=scene.types[ActivityKind.SUPPORT].pk).update(supports=["housing"])
        ActivityType.objects.filter(pk=scene.types[ActivityKind.LAB].pk).update(is_language=True)
    support, lab = scene.activity(ActivityKind.SUPPORT, ends_on=date(2019, 4, 30)), scene.activity()
    facts = ThirdCountryFacts(
        specifics=specific("vulnerability", "single_parent"), education=EducationTitle.objects.get(code="primary")
    )
    mother = register(scene, support, names=Names(**NAMED, tax_code=CODE), permit=permit(ADMITTED), facts=facts)
    child = pupil(scene, "3B-01")
    enrolled(scene, lab, child)
    left = register(
        scene, support, local_code="A-08", permit=permit(EXCLUDED),
        names=Names("Xenia", "Yakovenko", tax_code_missing="not_shown"),
    )  # fmt: skip
    stranger = pupil(scene, "X-1", registered_by=scene.stranger, by=scene.outsider, target_group=scene.adults,
                     birth_date=date(1980, 1, 1))  # fmt: skip
    return {"mother": mother, "child": child, "left": left, "stranger": stranger}


def file_of(scene: Scene, sheet: Sheet, fmt: str = "csv", part: int = 1) -> bytes:
    chunks = hand_out_sheet(
        programme=scene.programme, body=scene.cooperative, sheet=sheet, part=part, fmt=fmt, by=scene.operator, at=AT
    )
    return b"".join(chunks)


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def test_the_sheet_of_third_country_nationals(scene: Scene, people: dict[str, Beneficiary]) -> None:
    found = rows_of(file_of(scene, Sheet.THIRD_COUNTRY))

    assert len(found) == 2
    mother = next(row for row in found if row["Nome"])
    child = next(row for row in found if not row["Nome"])
    assert list(mother)[:12] == [
        "CF", "Nome", "Cognome", "Data di nascita", "Genere", "Nazionalità", "Tipologia permesso di soggiorno",
        "Note (in caso di temporanea indisponibilità del permesso)", "Target specifico rilevato (1)",
        "Target specifico rilevato (2)", "Target specifico rilevato (3)", "Titolo di studio",
    ]  # fmt: skip
    assert [mother[name] for name in list(mother)[:12]] == [
        CODE, "Zuleikha", "Quasimodi", "03/05/1980", "Donna", "Marocco", "Motivi familiari", "",
        "Genitore single con figlio minorenne", "Persone con vulnerabilità – dati sensibili", "", "Istruzione primaria",
    ]  # fmt: skip
    assert (mother["Data inizio supporto"], mother["Data fine supporto"]) == ("15/01/2019", "30/04/2019")
    assert (mother["Servizi per l'integrazione alloggiativa"], mother["Formazione linguistica"]) == ("Si", "No")
    assert mother["Soddisfazione"] == PENDING
    assert (child["CF"], child["Tipologia permesso di soggiorno"], child["Formazione linguistica"]) == ("", "", "Si")
    assert (child["Data fine supporto"], child["Data di nascita"]) == ("", "01/01/2009")
    entries = ReadEntry.objects.filter(page="beneficiaries:sheet-export").order_by("pk")
    assert [entry.subjects for entry in entries] == [[people["mother"].pk], [people["child"].pk]]
    assert all(entry.kind == "export" and scene.programme.title in entry.purpose for entry in entries)
    assert AuditEvent.objects.get(verb="sheet_handed_out").data == {"sheet": "third_country", "part": 1, "rows": 2}


def test_the_sheet_of_operators_is_the_published_one(
    scene: Scene, operators: TargetGroup, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = scene.activity(ActivityKind.TRAINING)
    facts = OperatorFacts("Cooperativa Prova", "private", ["schools", "guardianship"], "ASL TO3")
    register(
        scene, training, target_group=operators, citizenship=scene.italy, eligibility="declared",
        names=Names(**NAMED, tax_code_missing="not_shown"), facts=facts,
    )  # fmt: skip
    # Nothing of it touches a disk, and no document is kept.
    for name in ("mkstemp", "TemporaryFile", "NamedTemporaryFile", "mkdtemp"):
        monkeypatch.setattr(tempfile, name, _no_disk)

    book = CalamineWorkbook.from_filelike(io.BytesIO(file_of(scene, Sheet.OPERATORS, "xlsx")))

    assert book.sheet_names == ["Scheda Operatori"]
    rows = book.get_sheet_by_name("Scheda Operatori").to_python()
    assert rows[0][0] == "Fondo Asilo, Migrazione e Integrazione 2021-2027 \nScheda operatori destinatari di progetto"
    assert [(place, name) for place, name in enumerate(rows[2]) if name] == [
        (0, "Anagrafica"), (11, "Periodo supporto ricevuto"),
        (14, "OS2 - Migrazione legale e integrazione: tipologia di supporto ricevuto"), (22, "Risultati"),
    ]  # fmt: skip
    assert rows[3] == OPERATORS
    assert rows[4][:8] == [
        "",
        "Zuleikha",
        "Quasimodi",
        date(1980, 5, 3),
        "Donna",
        "Cooperativa Prova",
        "Privato",
        "ASL TO3",
    ]
    assert rows[4][14:21] == ["No", "No", "Si", "No", "No", "Si", "No"]
    assert rows[4][22:] == [PENDING] * 4
    assert not Document.objects.exists()


def _no_disk(*_arguments: Any, **_options: Any) -> Any:
    raise AssertionError("names were written to a disk")


def test_the_page_hands_out_to_the_own_body_alone(client: Client, scene: Scene, people: dict[str, Beneficiary]) -> None:
    page = client_of(client, scene.operator).get(reverse("beneficiaries:sheet-list"))
    card = page.context["sheets"][0]
    assert [value for _label, value in card["facts"]] == [scene.cooperative.name, 2, 1]
    assert len(card["missing"]) == 1
    assert "Quasimodi" not in page.content.decode()
    address = card["buttons"][1].url
    assert client.get(address).status_code == 405

    answer = client.post(address)

    assert (answer["Content-Disposition"].count("scheda-third-country-1-"), answer["Cache-Control"]) == (
        1, "private, no-store",
    )  # fmt: skip
    content = b"".join(answer.streaming_content).decode()
    assert "Quasimodi" in content
    assert "Yakovenko" not in content
    assert client_of(client, scene.outsider).post(address).status_code == 404
    assert client_of(client, scene.coordinator).post(address).status_code in (403, 404)
    assert client_of(client, scene.region).post(address).status_code == 403


def client_of(client: Client, person: Any) -> Client:
    client.force_login(person)
    return client


def test_a_sheet_is_parted_and_its_queries_do_not_grow(
    scene: Scene, people: dict[str, Beneficiary], monkeypatch: pytest.MonkeyPatch
) -> None:
    with CaptureQueriesContext(connection) as few:
        file_of(scene, Sheet.THIRD_COUNTRY)
    lab = scene.activity()
    for place in range(6):
        enrolled(scene, lab, pupil(scene, f"4B-{place}"))
    with CaptureQueriesContext(connection) as many:
        assert len(rows_of(file_of(scene, Sheet.THIRD_COUNTRY))) == 8
    assert len(many) <= len(few)

    monkeypatch.setattr(selectors, "ROWS", 5)
    assert [len(rows_of(file_of(scene, Sheet.THIRD_COUNTRY, part=part))) for part in (1, 2)] == [5, 3]


def test_two_records_of_one_body_are_one_row_and_a_tampered_name_hands_out_nothing(
    scene: Scene, people: dict[str, Beneficiary]
) -> None:
    again = register(
        scene, local_code="A-99", names=Names(**NAMED, tax_code=CODE), permit=permit(ADMITTED),
        facts=ThirdCountryFacts(),
    )  # fmt: skip
    again.refresh_from_db()
    assert again.merged_into_id == people["mother"].pk
    found = rows_of(file_of(scene, Sheet.THIRD_COUNTRY))
    assert [row["Data fine supporto"] for row in found if row["CF"]] == [""]
    readings = ReadEntry.objects.count()

    with acting(None):
        identity = Identity.objects.get(beneficiary=people["mother"])
        Identity.objects.filter(pk=identity.pk).update(given_name=bytes(identity.family_name))
    with pytest.raises(VaultError):
        file_of(scene, Sheet.THIRD_COUNTRY)
    assert ReadEntry.objects.count() == readings


def test_every_option_of_the_lists_has_its_official_word() -> None:
    assert list(rendering.TRAININGS) == list(rendering.OperatorTraining)
    assert list(rendering.SUPPORTS) == list(rendering.Support)
    assert [column.header for column in rendering.OPERATOR_COLUMNS] == OPERATORS
    assert {rendering.yes_or_no(value) for value in (True, False)} == {"Si", "No"}
    assert settings.TESTING
