# SPDX-License-Identifier: EUPL-1.2
"""The file types that the portal knows, recognised by content: the name of a file proves nothing."""

import codecs
import json
import re
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from django.utils.translation import gettext as _

# Limits of what an office file may unfold into: a small file that fills the memory of its reader is an attack.
MAX_ZIP_ENTRIES = 2_000
MAX_UNZIPPED = 200 * 1024 * 1024
MAX_ZIP_RATIO = 200
_CONTENT_TYPES = "[Content_Types].xml"
_SIGNED_DATA_OID = bytes.fromhex("06092a864886f70d010702")


@dataclass(frozen=True)
class FileType:
    """One type: its key, how people call it, its extensions and media type, and the check of its content."""

    key: str
    label: str
    extensions: tuple[str, ...]
    content_type: str
    check: Callable[[IO[bytes]], str]


def problem_with(claimed: FileType, file: IO[bytes]) -> str:
    """Return why the content is not what the name claims, as a sentence for the person, or "" when it agrees."""
    file.seek(0)
    problem = claimed.check(file)
    file.seek(0)
    return problem


def _disguised(label: str) -> str:
    return _(
        "The name says that this is a %(label)s file, but the content is something else: "
        "open it with its program, save it again as %(label)s and attach the new file."
    ) % {"label": label}


def _begins(label: str, *signatures: bytes) -> Callable[[IO[bytes]], str]:
    def check(file: IO[bytes]) -> str:
        return "" if file.read(16).startswith(signatures) else _disguised(label)

    return check


def _signed(file: IO[bytes]) -> str:
    head = file.read(4096)
    if head.startswith((b"-----BEGIN PKCS7-----", b"-----BEGIN CMS-----")):
        return ""
    if re.match(rb"MI[A-Za-z0-9+/]{2,}", head) and b"BgkqhkiG9w0BBwK" in head[:64]:
        return ""
    return "" if head[:1] == b"\x30" and _SIGNED_DATA_OID in head[:32] else _disguised("P7M")


def _utf8(label: str) -> Callable[[IO[bytes]], str]:
    def check(file: IO[bytes]) -> str:
        decoder = codecs.getincrementaldecoder("utf-8")()
        first = True
        try:
            while chunk := file.read(64 * 1024):
                text = decoder.decode(chunk)
                if re.search("[\x00-\x08\x0e-\x1f]", text) or (first and text.lstrip("\ufeff \r\n\t").startswith("<")):
                    return _disguised(label)
                first = False
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return _("The text is not in the UTF-8 encoding: in your spreadsheet choose “Save as”, type “CSV UTF-8”.")
        return ""

    return check


def _json(file: IO[bytes]) -> str:
    problem = _utf8("JSON")(file)
    if problem:
        return problem
    file.seek(0)
    try:
        json.loads(file.read().decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return _disguised("JSON")
    return ""


def _office(label: str, main_part: str) -> Callable[[IO[bytes]], str]:
    def check(file: IO[bytes]) -> str:
        if file.read(4) != b"PK\x03\x04":
            return _disguised(label)
        try:
            with zipfile.ZipFile(file) as archive:
                return _office_problem(archive, label, main_part)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
            return _("The file is damaged or protected by a password: save it again without a password.")

    return check


def _office_problem(archive: zipfile.ZipFile, label: str, main_part: str) -> str:
    entries = archive.infolist()
    names = {entry.filename for entry in entries}
    unzipped = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    too_big = _("The file is too big once opened: split it into several files.")
    if len(entries) > MAX_ZIP_ENTRIES or len(names) != len(entries) or unzipped > MAX_UNZIPPED:
        return too_big
    if unzipped > 10 * 1024 * 1024 and unzipped > packed * MAX_ZIP_RATIO:
        return too_big
    if _CONTENT_TYPES not in names or main_part not in names:
        return _disguised(label)
    if archive.getinfo(_CONTENT_TYPES).file_size > 1024 * 1024:
        return too_big
    declared = archive.read(_CONTENT_TYPES)
    if b"macroEnabled" in declared or any(name.lower().endswith("vbaproject.bin") for name in names):
        return _("The file contains macros: save it again as %(label)s without macros.") % {"label": label}
    if any("/externallinks/" in name.lower() for name in names):
        return _("The file refers to other files: copy the values only into a new file and attach that one.")
    # The sizes above are only claims: reading everything proves them, because a false one breaks the checksum.
    for entry in entries:
        with archive.open(entry) as part:
            while part.read(1024 * 1024):
                pass
    return ""


_OPENXML = "application/vnd.openxmlformats-officedocument"
TYPES: dict[str, FileType] = {
    row.key: row
    for row in (
        FileType("pdf", "PDF", (".pdf",), "application/pdf", _begins("PDF", b"%PDF-")),
        FileType("png", "PNG", (".png",), "image/png", _begins("PNG", b"\x89PNG\r\n\x1a\n")),
        FileType("jpeg", "JPEG", (".jpg", ".jpeg"), "image/jpeg", _begins("JPEG", b"\xff\xd8\xff")),
        FileType(
            "xlsx", "Excel (XLSX)", (".xlsx",), f"{_OPENXML}.spreadsheetml.sheet", _office("XLSX", "xl/workbook.xml")
        ),
        FileType(
            "docx",
            "Word (DOCX)",
            (".docx",),
            f"{_OPENXML}.wordprocessingml.document",
            _office("DOCX", "word/document.xml"),
        ),
        FileType("csv", "CSV", (".csv",), "text/csv; charset=utf-8", _utf8("CSV")),
        FileType("json", "JSON", (".json",), "application/json", _json),
        FileType("p7m", "P7M", (".p7m",), "application/pkcs7-mime", _signed),
        # Only what the portal itself packs: no kind that people upload takes it.
        FileType("zip", "ZIP", (".zip",), "application/zip", _begins("ZIP", b"PK\x03\x04")),
    )
}
