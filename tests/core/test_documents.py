# SPDX-License-Identifier: EUPL-1.2
"""Private files: what is let in, under which name it is kept, who gets it out."""

import io
import struct
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404
from hypothesis import example, given
from hypothesis import strategies as st

from fami_portal.core import documents, exports, filetypes
from fami_portal.core.documents import DocumentRefused
from fami_portal.core.enums import ScanState
from fami_portal.core.errors import DomainError
from fami_portal.core.exports import Column, Sheet
from fami_portal.core.models import AuditEvent, Document
from fami_portal.core.services import acting
from tests.core.people import a_person

KIND = "test.document"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n%%EOF\n"
P7M = bytes.fromhex("308006092a864886f70d010702a080") + b"\x00" * 40


def xlsx() -> bytes:
    target = io.BytesIO()
    exports.write_xlsx(target, [Sheet("Data", [Column("A", 0)], [("a",)])])
    return target.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def workbook_with(**extra: bytes) -> bytes:
    parts = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}
    return zipped(parts | {name.replace("__", "/"): content for name, content in extra.items()})


def kept(document: Document) -> bytes:
    with document.file.open("rb") as file:
        return bytes(file.read())


DOCX = zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<document/>"})


@pytest.fixture(autouse=True)
def _kind(settings: Any, tmp_path: Any) -> Iterator[None]:
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    }
    before = documents.kinds()
    documents.register_document_kind(
        KIND, label="Test", types=filetypes.TYPES, max_bytes=300_000, may_open=lambda u, d: u.pk == d.created_by_id
    )
    yield
    documents._kinds.clear()
    documents._kinds.update(before)
    documents.set_scanner(None)


def check(name: str, content: Any) -> documents.CheckedFile:
    return documents.check_document(kind=KIND, name=name, content=content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("report.PDF", PDF),
        ("photo.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 20),
        ("photo.jpeg", b"\xff\xd8\xff\xe0" + b"\0" * 20),
        ("data.xlsx", xlsx()),
        ("letter.docx", DOCX),
        ("data.csv", "\ufeffnome;età\r\nProva;12\r\n".encode()),
        ("data.json", b'{"a": 1}'),
        ("report.pdf.p7m", P7M),
        ("report.pdf.p7m", b"-----BEGIN PKCS7-----\nMIIB\n"),
    ],
)
def test_known_types_are_recognised(name: str, content: bytes) -> None:
    checked = check(name, content)

    assert checked.size == len(content)
    assert checked.file.read() == content


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.pdf", b""),
        ("program.pdf", b"MZ\x90\x00"),
        ("late.pdf", b"GIF89a;%PDF-1.7"),
        ("page.csv", b"<html><script>alert(1)</script>"),
        ("binary.csv", b"a;b\0c"),
        ("windows.csv", "età;1".encode("cp1252")),
        ("cut.csv", "età".encode()[:-1]),
        ("broken.json", b"{"),
        ("deep.json", b"[" * 100_000),
        ("letter.xlsx", DOCX),
        ("data.docx", xlsx()),
        ("archive.xlsx", zipped({"a.txt": b"a"})),
        ("cut.xlsx", xlsx()[:-40]),
        ("macro.xlsx", workbook_with(xl__vbaProject=b"", **{"xl__vbaProject.bin": b"x"})),
        ("linked.xlsx", workbook_with(**{"xl__externalLinks__externalLink1.xml": b"x"})),
        ("signed.p7m", PDF),
        ("program.exe", b"MZ"),
        ("noextension", PDF),
        ("page.html", b"<html>"),
        ("reversed\u202efdp.exe", b"MZ"),
    ],
)
def test_disguised_and_unknown_files_are_refused_with_a_sentence(name: str, content: bytes) -> None:
    with pytest.raises(DocumentRefused) as refusal:
        check(name, content)

    assert isinstance(refusal.value, DomainError)
    assert refusal.value.field == "file"
    assert str(refusal.value).endswith(".")


def test_an_office_file_that_unfolds_too_far_is_refused() -> None:
    bomb = workbook_with(**{"xl__sheet.xml": b"\0" * 60_000_000})
    assert len(bomb) < 300_000

    with pytest.raises(DocumentRefused):
        check("bomb.xlsx", bomb)
    with pytest.raises(DocumentRefused):
        check("many.xlsx", zipped({f"part{n}": b"" for n in range(filetypes.MAX_ZIP_ENTRIES + 1)}))


def test_an_office_file_that_lies_about_its_size_is_refused() -> None:
    honest = workbook_with(**{"xl__sheet.xml": b"\0" * 1_000_000})
    lying = honest.replace(struct.pack("<L", 1_000_000), struct.pack("<L", 10))

    check("honest.xlsx", honest)
    with pytest.raises(DocumentRefused):
        check("lying.xlsx", lying)


def test_a_big_upload_is_refused_before_it_is_read() -> None:
    class Endless:
        name = "big.pdf"
        taken = 0

        def read(self, size: int) -> bytes:
            self.taken += size
            return PDF[:5] + b"\0" * (size - 5)

    endless = Endless()
    with pytest.raises(DocumentRefused) as refusal:
        check("big.pdf", endless)
    assert endless.taken < 500_000
    assert "293" in str(refusal.value)

    with pytest.raises(DocumentRefused):
        check("big.pdf", SimpleUploadedFile("big.pdf", PDF + b"\0" * 300_000))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\anna\\relazione.pdf", "relazione.pdf"),
        ("a\u202etxt.exe\r\nX: 1.pdf", "atxt.exeX_ 1.pdf"),
        (" .. ", "document"),
        (".pdf", "document.pdf"),
        ("CON.pdf", "_CON.pdf"),
        ('a<b>"c|d?*.pdf', "a_b__c_d__.pdf"),
        ("perché \u0065\u0300.pdf", "perché è.pdf"),
    ],
)
def test_names_are_made_safe(name: str, expected: str) -> None:
    assert documents.clean_name(name) == expected


@given(st.text(max_size=400))
@example("x" * 400 + ".pdf")
@example("a" + "." * 300)
def test_any_name_becomes_a_safe_one(name: str) -> None:
    cleaned = documents.clean_name(name)

    assert 0 < len(cleaned) <= documents.MAX_NAME
    assert not set(cleaned) & set('/\\\r\n\t\0<>:"|?*\u202e')
    assert not cleaned.startswith((".", " "))


@pytest.mark.django_db
def test_a_document_is_kept_under_a_name_that_says_nothing() -> None:
    anna = a_person()

    document = documents.store_document(
        kind=KIND, name="Rossi Maria.pdf", content=SimpleUploadedFile("x.pdf", PDF), by=anna, subject_id=3
    )

    document.refresh_from_db()
    assert document.name == "Rossi Maria.pdf"
    assert document.file.name.rsplit("/", 1)[-1] == str(document.uuid)
    assert kept(document) == PDF
    assert (document.size, document.subject_id, document.created_by) == (len(PDF), 3, anna)
    assert AuditEvent.objects.get(target_id=str(document.pk)).data["sha256"] == document.sha256


@pytest.mark.django_db
def test_a_file_checked_by_a_form_is_stored_without_reading_it_again() -> None:
    checked = check("a.pdf", PDF)

    document = documents.store_document(kind=KIND, name="", content=checked, by=a_person())

    assert kept(document) == PDF


@pytest.mark.django_db
def test_nothing_stays_in_the_storage_when_the_row_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    def refuse(**kwargs: Any) -> None:
        raise DomainError("no")

    monkeypatch.setattr(documents, "record_event", refuse)
    with pytest.raises(DomainError), acting(None):
        documents.store_document(kind=KIND, name="a.pdf", content=PDF, by=None)

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.django_db
def test_the_download_is_an_attachment_that_no_browser_renders() -> None:
    anna = a_person()
    document = documents.store_document(kind=KIND, name="perché.pdf", content=PDF, by=anna)

    response = documents.deliver(anna, document)

    assert b"".join(response.streaming_content) == PDF
    response.close()
    assert response["Content-Disposition"] == "attachment; filename*=utf-8''perch%C3%A9.pdf"
    assert response["Content-Type"] == "application/pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_strangers_get_404_and_insiders_without_the_right_403() -> None:
    anna, bruno = a_person("anna"), a_person("bruno")
    document = documents.store_document(kind=KIND, name="a.pdf", content=PDF, by=anna)

    assert documents.document_for(anna, document.uuid) == document
    with pytest.raises(Http404):
        documents.deliver(bruno, document)

    def insiders_only(user: Any, document: Document) -> bool:
        raise PermissionDenied

    documents.register_document_kind(KIND, label="Test", types=["pdf"], may_open=insiders_only)
    with pytest.raises(PermissionDenied):
        documents.deliver(anna, document)

    documents._kinds.clear()
    with pytest.raises(Http404):
        documents.deliver(anna, document)
    with pytest.raises(Http404):
        documents.document_for(anna, "7f1d4fd4-0000-4000-8000-000000000000")


@pytest.mark.django_db
def test_a_document_whose_file_is_gone_is_not_found() -> None:
    anna = a_person()
    document = documents.store_document(kind=KIND, name="a.pdf", content=PDF, by=anna)
    document.file.storage.delete(document.file.name)

    with pytest.raises(Http404):
        documents.deliver(anna, document)


@pytest.mark.django_db
def test_the_scanner_refuses_and_its_verdict_is_kept() -> None:
    anna = a_person()
    documents.set_scanner(lambda file: ScanState.INFECTED if b"virus" in file.read() else ScanState.CLEAN)

    document = documents.store_document(kind=KIND, name="a.pdf", content=PDF, by=anna)
    assert document.scan_state == ScanState.CLEAN
    assert kept(document) == PDF
    with pytest.raises(DocumentRefused):
        documents.store_document(kind=KIND, name="b.pdf", content=PDF + b"virus", by=anna)

    Document.objects.update(scan_state=ScanState.INFECTED)
    document.refresh_from_db()
    with pytest.raises(PermissionDenied):
        documents.deliver(anna, document)


def test_a_kind_names_types_that_exist() -> None:
    with pytest.raises(ValueError, match="exe"):
        documents.register_document_kind("test.bad", label="Bad", types=["exe"], may_open=lambda u, d: True)
    assert documents.accepted_extensions(KIND) == ".csv,.docx,.jpeg,.jpg,.json,.p7m,.pdf,.png,.xlsx,.zip"
