# SPDX-License-Identifier: EUPL-1.2
"""The files of mediation carry names: nowhere in plain text, opened by a reason, seen by the officer and the head."""

import logging
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from beneficiaries.enums import ReadKind
from beneficiaries.models import ReadEntry
from beneficiaries.selectors.readings import page_label, unusual_readers
from beneficiaries.services.reading import verify_chain
from fami_portal.core import documents
from fami_portal.core.models import Document
from mediation.enums import TranslationState
from mediation.selectors.link_pages import DELEGATION_SHEET
from mediation.selectors.mediators import QUALIFICATION_DOCUMENT
from mediation.selectors.requests import ATTACHMENT, SIGNED_REQUEST
from mediation.selectors.sheets import SIGNED_SHEET
from mediation.selectors.translations import DOCUMENT as TRANSLATION
from mediation.services import mediator_facts
from tests.beneficiaries import dump
from tests.factories.consulting import TranslationFactory
from tests.mediation.session_world import NOW, SessionWorld
from tests.opened import open_file

prepare = SessionWorld
pytestmark = pytest.mark.django_db

GIVEN, FAMILY, CODE = "Zahratulqamar", "Ólafsdóttirsson", "RSSMRA80A01H501U"
SECRETS = (GIVEN, FAMILY, CODE)
PDF = f"%PDF-1.7\n{GIVEN} {FAMILY} {CODE}\n%%EOF\n".encode()
KINDS = (ATTACHMENT, SIGNED_REQUEST, SIGNED_SHEET, TRANSLATION, QUALIFICATION_DOCUMENT, DELEGATION_SHEET)


@pytest.fixture
def kept(scene: SessionWorld, settings: Any, tmp_path: Path, caplog: Any) -> Iterator[dict[str, Document]]:
    """A file with names of each kind, sent as people do, while every statement is logged with its parameters."""
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    }
    session, world = scene.confirmed(), scene.world
    translation = TranslationFactory(
        programme=world.programmes["a"],
        network=world.networks["n1"],
        organisation=world.bodies["school_1"],
        state=TranslationState.SUBMITTED,
    )
    subjects = {
        ATTACHMENT: session.request_id,
        SIGNED_REQUEST: session.request_id,
        SIGNED_SHEET: session.pk,
        TRANSLATION: translation.pk,
        DELEGATION_SHEET: world.bodies["school_1"].pk,
    }
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="django.db.backends")
    connection.force_debug_cursor = True
    upload = SimpleUploadedFile(f"{GIVEN} {FAMILY}.pdf", PDF)
    made = {
        kind: documents.store_document(kind=kind, name=str(upload.name), content=upload, by=None, subject_id=subject)
        for kind, subject in subjects.items()
    }
    paper = mediator_facts.add_qualification(
        mediator=scene.mediator,
        kind="course",
        title="Corso",
        document=documents.check_document(kind=QUALIFICATION_DOCUMENT, name=f"{CODE}.pdf", content=PDF),
        by=None,
        at=NOW,
    )
    assert paper.document is not None
    yield made | {QUALIFICATION_DOCUMENT: paper.document}
    connection.force_debug_cursor = False


def _client(scene: SessionWorld, role: str) -> Client:
    client = Client()
    client.force_login(scene.world.personas[role])
    return client


def test_names_in_files_are_nowhere_in_plain_text(
    scene: SessionWorld, kept: dict[str, Document], tmp_path: Path, caplog: Any
) -> None:
    assert set(kept) == set(KINDS) <= set(documents.identity_kinds())
    client = _client(scene, "regional_coordinator")
    for document in kept.values():
        assert open_file(client, document, purpose="other", details="ispezione") == PDF
    call_command("rotate_vault", "--dry-run")

    logged = "\n".join(record.getMessage() for phase in ("setup", "call") for record in caplog.get_records(phase))
    assert 'INSERT INTO "core_document"' in logged
    assert dump.in_text(logged, SECRETS) == []
    assert dump.in_database(SECRETS) == {}
    assert dump.in_cache(SECRETS) == {}
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == len(KINDS) + 1
    assert dump.in_files(tmp_path, SECRETS) == {}
    assert dump.in_text("\n".join(f"{sent.subject}\n{sent.body}" for sent in mail.outbox), SECRETS) == []


def test_every_opening_is_in_the_chain_of_the_body_and_seen_by_the_officer(
    scene: SessionWorld, kept: dict[str, Document]
) -> None:
    contact, programme = _client(scene, "school_contact"), scene.world.programmes["a"]
    for kind in (ATTACHMENT, SIGNED_REQUEST, SIGNED_SHEET, TRANSLATION, DELEGATION_SHEET):
        open_file(contact, kept[kind])
    open_file(_client(scene, "network_coordinator"), kept[QUALIFICATION_DOCUMENT])
    assert _client(scene, "school_contact").post(
        kept[QUALIFICATION_DOCUMENT].get_absolute_url(), {"purpose": "case"}
    ).status_code in (403, 404)

    school, coop = scene.world.bodies["school_1"], scene.world.bodies["coop_1"]
    entries = list(ReadEntry.objects.select_related("chain").order_by("pk"))
    assert [(row.kind, row.subjects, row.document) for row in entries] == [
        (ReadKind.DOCUMENT, [], kept[kind].uuid)
        for kind in (ATTACHMENT, SIGNED_REQUEST, SIGNED_SHEET, TRANSLATION, DELEGATION_SHEET, QUALIFICATION_DOCUMENT)
    ]
    assert [row.chain.organisation_id for row in entries] == [*[school.pk] * 5, coop.pk]
    assert [row.programme_id for row in entries] == [*[programme.pk] * 4, None, None]
    assert entries[0].purpose == "Per lavorare alla pratica a cui appartiene"
    assert (verify_chain(school), verify_chain(coop)) == ([], [])

    officer = _client(scene, "data_protection_officer").get(reverse("beneficiaries:reading-list"))
    assert [row[3] for row in officer.context["rows"]] == [coop.name, *[school.name] * 5]
    assert {row[4] for row in officer.context["rows"]} == {"non noti"}
    page = officer.content.decode()
    assert all(str(page_label(row)) in page for row in entries)
    head = _client(scene, "school_head").get(reverse("beneficiaries:reading-list"))
    assert len(head.context["rows"]) == 5
    export = _client(scene, "data_protection_officer").get(reverse("beneficiaries:reading-export", args=["csv"]))
    assert "File aperto" in b"".join(export.streaming_content).decode()  # type: ignore[attr-defined]
    # Four files of the programme within the hour are unusual where three are allowed.
    now = timezone.now()
    assert unusual_readers(now, 3) == [(entries[0].actor_id, {programme.pk})]
    assert unusual_readers(now, 4) == []


def test_a_new_key_seals_the_files_again_and_says_which_do_not_open(
    scene: SessionWorld, kept: dict[str, Document], settings: Any, tmp_path: Path, capsys: Any
) -> None:
    settings.VAULT_KEYS = {"new": secrets.token_bytes(32)} | settings.VAULT_KEYS
    broken = Document.objects.get(pk=kept[ATTACHMENT].pk)
    (tmp_path / str(broken.file.name)).write_bytes(b"cut")

    with pytest.raises(CommandError, match=r"^1 files do not open: keep every key"):
        call_command("rotate_vault")

    assert "files: 6 sealed again, 1 left" in capsys.readouterr().out
    settings.VAULT_KEYS = {"new": settings.VAULT_KEYS["new"]}
    assert open_file(_client(scene, "school_contact"), kept[SIGNED_SHEET]) == PDF
    assert Document.objects.filter(key_id="new").count() == 6
    with pytest.raises(CommandError, match="1 files do not open"):
        call_command("rotate_vault", "--dry-run")
