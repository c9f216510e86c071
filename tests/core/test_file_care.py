# SPDX-License-Identifier: EUPL-1.2
"""Files on disk: sealed again with a new key, nothing left without its row, uploads that wait unreadable."""

import io
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.test import RequestFactory
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from fami_portal.core import documents, filecare
from fami_portal.core.contents import clear_file
from fami_portal.core.models import Document
from fami_portal.core.uploads import EncryptedTemporaryFile, EncryptedUploadHandler
from tests.core.test_sealed_files import KIND, NAME, OLD, PDF, few, on_disk, opened, stored

__all__ = ["opened"]  # the fixture of the kind and its storage
NEW = secrets.token_bytes(32)


# --- care -------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_rotation_seals_files_again_and_clear_ones_for_the_first_time(settings: Any, tmp_path: Path) -> None:
    before, destroyed = stored(), stored()
    documents.destroy_document(document=destroyed, by=None, at=timezone.now())
    clear = stored(content=PDF + b"clear")
    path = Path(default_storage.path(str(clear.file.name)))
    path.write_bytes(PDF + b"clear")
    Document.objects.filter(pk=clear.pk).update(key_id="")
    settings.VAULT_KEYS = {"new": NEW, "old": OLD}
    stale = Document.objects.get(pk=before.pk)
    assert filecare.files_waiting() == 2

    first = filecare.seal_files_again(after=0, size=1)
    assert first is not None
    assert (first.last, first.sealed, first.failed) == (before.pk, 1, 0)
    # Who read the row before finds the new file all the same; both keys open halfway.
    assert clear_file(stale).read() == PDF
    assert clear_file(Document.objects.get(pk=clear.pk)).read() == PDF + b"clear"
    assert filecare.seal_files_again(after=first.last, size=9) is not None
    assert (filecare.files_waiting(), filecare.seal_files_again(after=0, size=9)) == (0, None)
    settings.VAULT_KEYS = {"new": NEW}
    for row, content in ((before, PDF), (clear, PDF + b"clear")):
        row.refresh_from_db()
        assert (row.key_id, clear_file(row).read()) == ("new", content)
    assert len(on_disk(tmp_path)) == 3


@pytest.mark.django_db
@pytest.mark.parametrize("moment", ["before the row", "after the row"])
def test_rotation_killed_in_a_file_leaves_one_that_opens(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    document = stored()
    settings.VAULT_KEYS = {"new": NEW, "old": OLD}

    class Killed(BaseException):
        pass

    def kill(*arguments: Any, **values: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(filecare, "acting", kill) if moment == "before the row" else patch.setattr(
            default_storage._wrapped.__class__, "delete", kill
        )
        with pytest.raises(Killed):
            filecare.seal_files_again(after=0, size=1)

    document.refresh_from_db()
    assert document.key_id == ("old" if moment == "before the row" else "new")
    assert clear_file(document).read() == PDF
    assert len(on_disk(tmp_path)) == 2
    filecare.seal_files_again(after=0, size=1)
    document.refresh_from_db()
    assert (document.key_id, clear_file(document).read()) == ("new", PDF)
    # What was left beside goes once it is old.
    assert filecare.sweep_orphans(at=timezone.now()) == 0
    assert filecare.sweep_orphans(at=timezone.now() + timedelta(days=8)) == 1
    assert len(on_disk(tmp_path)) == 1
    assert clear_file(document).read() == PDF


@pytest.mark.django_db
def test_rotation_does_not_bring_back_what_is_destroyed_meanwhile(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    stored()
    settings.VAULT_KEYS = {"new": NEW, "old": OLD}
    save = default_storage.save

    def destroyed_meanwhile(*arguments: Any, **values: Any) -> Any:
        name = save(*arguments, **values)
        with django_capture_on_commit_callbacks(execute=True):
            documents.destroy_document(document=Document.objects.get(), by=None, at=timezone.now())
        return name

    monkeypatch.setattr(default_storage._wrapped, "save", destroyed_meanwhile)
    batch = filecare.seal_files_again(after=0, size=1)

    assert batch is not None
    assert (batch.sealed, batch.failed) == (0, 0)
    assert on_disk(tmp_path) == {}
    assert Document.objects.get().file.name == ""


@pytest.mark.django_db
def test_the_sweep_deletes_nothing_beside_another_database(tmp_path: Path, caplog: Any) -> None:
    later = timezone.now() + timedelta(days=8)
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "README").write_text("not ours")
    for _number in range(21):
        (folder / str(uuid4())).write_bytes(b"x")

    assert filecare.sweep_orphans(at=later) == 0
    assert "21 of 21 files have no document" in caplog.text
    assert len(on_disk(tmp_path)) == 22


# --- uploads ----------------------------------------------------------------------------------------------------------


@few
@given(parts=st.lists(st.binary(max_size=200), max_size=5), reads=st.lists(st.tuples(st.integers(0, 900), st.integers(0, 300)), max_size=5))  # fmt: skip
def test_a_waiting_upload_reads_as_it_was_written(parts: list[bytes], reads: list[tuple[int, int]]) -> None:
    like = io.BytesIO(b"".join(parts))
    with EncryptedTemporaryFile() as file:
        for part in parts:
            file.write(part)
        for place, size in reads:
            assert (file.seek(place), like.seek(place)) == (place, place)
            assert file.read(size) == like.read(size)
            assert file.tell() == like.tell() or place > len(like.getvalue())


def test_a_big_upload_waits_on_disk_unreadable(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1000
    content = PDF * 200
    request = RequestFactory().post("/", {"file": SimpleUploadedFile("foglio.pdf", content)})
    assert [type(handler) for handler in request.upload_handlers] == [MemoryFileUploadHandler, EncryptedUploadHandler]

    upload: Any = request.FILES["file"]

    raw = upload.file._file
    raw.seek(0)
    waiting = raw.read()
    assert (len(waiting), NAME.encode() in waiting) == (len(content), False)
    assert upload.size == len(content)
    checked = documents.check_document(kind=KIND, name=upload.name, content=upload)
    assert checked.file.read() == content
    assert not hasattr(upload, "temporary_file_path")
    upload.close()
    assert raw.closed
