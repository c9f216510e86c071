# SPDX-License-Identifier: EUPL-1.2
"""Files that carry names: sealed on disk, opened whole or not at all, destroyed for good, sealed again with a new key."""

import io
import logging
import secrets
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from fami_portal.core import documents, filecare, vault
from fami_portal.core.contents import ContentGone, clear_file, clear_parts
from fami_portal.core.errors import DomainError
from fami_portal.core.models import AuditEvent, Document
from fami_portal.core.vault import CHUNK, Sealing, VaultError, unseal_file
from tests.core.people import a_person
from tests.opened import open_file

KIND = "test.identity"
NAME = "Zahratulqamar Ólafsdóttir"
PDF = b"%PDF-1.7\n" + NAME.encode() + b"\n%%EOF\n"
OLD, NEW = secrets.token_bytes(32), secrets.token_bytes(32)
ROW = uuid4()
few = hypothesis_settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)


@pytest.fixture(autouse=True)
def opened(settings: Any, tmp_path: Path) -> Iterator[list[tuple[Any, ...]]]:
    """A kind whose files carry names, its storage, and what was recorded of its openings."""
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    }
    settings.VAULT_KEYS = {"old": OLD}
    before, recorded = documents.kinds(), []
    documents.register_document_kind(
        KIND,
        label="Signed register",
        types=("pdf", "p7m"),
        may_open=lambda user, document: user.pk == document.created_by_id,
        identity=True,
        file_name="registro-firmato",
        record_opening=lambda *, by, document, purpose, at: recorded.append((by, document.pk, purpose)),
    )
    yield recorded
    documents._kinds.clear()
    documents._kinds.update(before)


def stored(by: Any = None, content: bytes = PDF, name: str = f"Registro di {NAME}.PDF") -> Document:
    return documents.store_document(kind=KIND, name=name, content=content, by=by, subject_id=7)


def on_disk(tmp_path: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}


def sealed(content: bytes) -> bytes:
    return Sealing(io.BytesIO(content), row=ROW).readall()


def unsealed(content: bytes, row: Any = ROW) -> bytes:
    return b"".join(unseal_file(io.BytesIO(content), row=row))


# --- the stream -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_a_file_of_any_length_comes_back(size: int) -> None:
    content = secrets.token_bytes(size)

    assert unsealed(sealed(content)) == content
    assert vault.file_key_id(io.BytesIO(sealed(content))) == "old"
    assert sealed(content) != sealed(content)


@few
@given(data=st.data())
def test_a_changed_or_shortened_file_never_ends_well(data: st.DataObject) -> None:
    content = b"x" * (2 * CHUNK) + b"end"
    good = sealed(content)
    # Head, chunk borders, and anywhere.
    place = data.draw(st.sampled_from([0, 1, 4, 36, 37, len(good) - 1]) | st.integers(0, len(good) - 1))
    changed = bytearray(good)
    changed[place] ^= 1 << data.draw(st.integers(0, 7))

    for wrong in (bytes(changed), good[:place], good + b"\0"):
        given_out = bytearray()
        with pytest.raises(VaultError):
            _into(given_out, wrong)
        assert content.startswith(bytes(given_out))


def _into(given_out: bytearray, wrong: bytes) -> None:
    for part in unseal_file(io.BytesIO(wrong), row=ROW):
        given_out += part


def test_chunks_cannot_be_dropped_swapped_or_taken_from_another_file() -> None:
    size = CHUNK + 16
    one, other = sealed(b"a" * 2 * CHUNK + b"e"), sealed(b"b" * 2 * CHUNK + b"e")
    head = len(one) - 2 * size - 17
    first, second, last = one[head : head + size], one[head + size : head + 2 * size], one[head + 2 * size :]

    for wrong in (
        one[: head + 2 * size],  # cut exactly between two chunks
        one[:head] + second + first + last,
        one[:head] + first + last,
        one[:head] + other[head : head + size] + second + last,
        other[:head] + first + second + last,
        one[:head],
    ):
        with pytest.raises(VaultError):
            unsealed(wrong)
    with pytest.raises(VaultError):
        unsealed(one, row=uuid4())


def test_forty_megabytes_pass_in_little_memory() -> None:
    class Zeros(io.RawIOBase):
        left = 40 * 1024 * 1024

        def read(self, size: int = -1) -> bytes:
            size = min(size, self.left)
            self.left -= size
            return bytes(size)

    class Pipe:
        def __init__(self) -> None:
            self.source = Sealing(Zeros(), row=ROW)  # type: ignore[arg-type]

        def read(self, size: int) -> bytes:
            return self.source.read(size) or b""

    tracemalloc.start()
    try:
        total = sum(len(part) for part in unseal_file(Pipe(), row=ROW))  # type: ignore[arg-type]
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert total == 40 * 1024 * 1024
    assert peak < 3 * 1024 * 1024


# --- documents --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_file_that_carries_names_is_sealed_and_called_by_what_it_is(tmp_path: Path) -> None:
    first, second = stored(), stored(content=PDF + b"2")
    signed = stored(content=bytes.fromhex("308006092a864886f70d010702a080") + b"\0" * 40, name=f"{NAME}.pdf.p7m")

    assert [row.name for row in (first, second, signed)] == [
        "registro-firmato.pdf",
        "registro-firmato-2.pdf",
        "registro-firmato.pdf.p7m",
    ]
    assert (first.key_id, first.size, clear_file(first).read()) == ("old", len(PDF), PDF)
    assert len(on_disk(tmp_path)) == 3
    assert not any(b"PDF" in content or NAME.split()[0].encode() in content for content in on_disk(tmp_path).values())
    assert NAME not in str(list(AuditEvent.objects.order_by("pk").values()))


@pytest.mark.django_db
def test_a_file_is_opened_by_a_reason_that_is_recorded_first(opened: list[tuple[Any, ...]], client: Client) -> None:
    anna = a_person("anna")
    document = stored(anna)
    address = document.get_absolute_url()
    client.force_login(anna)

    page = client.get(address)
    assert "registro-firmato.pdf" in page.content.decode()
    assert opened == []
    for wrong in ({}, {"purpose": "other"}, {"purpose": "none"}):
        assert client.post(address, wrong).context["form"].errors
    assert opened == []
    assert open_file(client, document, purpose="other", details="ispezione") == PDF
    assert opened == [(anna, document.pk, "Altro motivo: ispezione")]
    answer: Any = client.post(address, {"purpose": "case"})
    assert (answer["Content-Length"], answer["Cache-Control"]) == (str(len(PDF)), "private, no-store")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert b"".join(answer.streaming_content) == PDF
    client.force_login(a_person("bruno"))
    assert client.get(address).status_code == client.post(address, {"purpose": "case"}).status_code == 404


@pytest.mark.django_db
def test_a_file_whose_opening_cannot_be_recorded_stays_shut(client: Client) -> None:
    anna = a_person("anna")
    document = stored(anna)
    client.force_login(anna)

    def broken(**values: Any) -> None:
        raise DomainError("no chain")

    rules = documents.kinds()[KIND]
    for recorder, status in ((broken, 200), (None, 404)):
        documents.register_document_kind(
            KIND, label=rules.label, types=rules.types, may_open=rules.may_open, identity=True, record_opening=recorder
        )
        answer = client.post(document.get_absolute_url(), {"purpose": "case"})
        assert answer.status_code == status
        assert NAME.encode() not in answer.content


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def _tampered(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(bytes(content))


@pytest.mark.django_db
@pytest.mark.parametrize("fault", ["cut", "tampered", "swapped", "clear", "wrong key", "no key", "missing", "hash"])
def test_a_file_that_does_not_open_is_said_and_logged_without_its_content(
    client: Client, settings: Any, tmp_path: Path, caplog: Any, opened: list[tuple[Any, ...]], fault: str
) -> None:
    anna = a_person("anna")
    document, other = stored(anna), stored(anna)
    path = Path(default_storage.path(str(document.file.name)))
    if fault in ("cut", "tampered"):
        {"cut": _cut, "tampered": _tampered}[fault](path)
    elif fault == "swapped":
        path.write_bytes(Path(default_storage.path(str(other.file.name))).read_bytes())
    elif fault == "clear":
        path.write_bytes(PDF)
    elif fault == "missing":
        path.unlink()
    elif fault == "hash":
        Document.objects.filter(pk=document.pk).update(sha256="0" * 64)
    else:
        settings.VAULT_KEYS = {"old" if fault == "wrong key" else "new": NEW}
    words = {"missing": "manca dall’archivio", "no key": "non ha la chiave di questo file"}
    client.force_login(anna)

    with caplog.at_level(logging.ERROR):
        answer = client.post(document.get_absolute_url(), {"purpose": "case"})

    assert answer.status_code == 200
    assert words.get(fault, "Questo file non si apre") in answer.content.decode()
    assert NAME.encode() not in answer.content
    assert "Content-Disposition" not in answer
    assert f"document {document.pk}" in caplog.text
    assert NAME.split()[0] not in caplog.text
    assert filecare.files_that_do_not_open() == (2 if "key" in fault else 1)


@pytest.mark.django_db
def test_a_file_that_breaks_after_it_was_checked_ends_the_download(tmp_path: Path) -> None:
    document = stored(content=b"%PDF-1.7" + b"x" * 3 * CHUNK)
    parts = clear_parts(document)
    next(parts)
    path = Path(default_storage.path(str(document.file.name)))
    path.write_bytes(path.read_bytes()[: 2 * CHUNK])

    with pytest.raises(VaultError):
        list(parts)


@pytest.mark.django_db(transaction=True)
def test_a_disk_that_fails_after_the_act_is_logged_and_the_act_stands(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    document = stored()

    def fail(*args: Any) -> None:
        raise OSError

    monkeypatch.setattr(documents, "remove_content", fail)
    documents.destroy_document(document=document, by=None, at=timezone.now())

    document.refresh_from_db()
    assert document.destroyed_at
    assert "remove_content" in caplog.text or "destroy_document" in caplog.text


@pytest.mark.django_db
def test_destroyed_content_leaves_its_evidence(
    client: Client, tmp_path: Path, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = a_person("anna")
    document, killed = stored(anna), stored(anna)
    now = timezone.now()
    with django_capture_on_commit_callbacks(execute=True):
        documents.destroy_document(document=document, by=anna, at=now)
    documents.destroy_document(document=document, by=anna, at=now + timedelta(days=1))
    documents.destroy_document(document=killed, by=None, at=now)  # the process dies before its transaction tells anyone

    document.refresh_from_db()
    assert (document.destroyed_at, document.sha256, document.file.name) == (now, killed.sha256, "")
    assert AuditEvent.objects.filter(verb="destroyed", target_id=str(document.pk)).count() == 1
    assert list(on_disk(tmp_path)) == [str(killed.uuid)]
    client.force_login(anna)
    for one in (document, killed):
        page = client.get(one.get_absolute_url()).content.decode()
        assert one.sha256 in page
        assert "Apri il file" not in page
        assert client.post(one.get_absolute_url(), {"purpose": "case"}).status_code == 200
        with pytest.raises(ContentGone):
            clear_parts(one)
    assert (filecare.finish_destroying(), filecare.finish_destroying()) == (1, 0)
    assert on_disk(tmp_path) == {}
