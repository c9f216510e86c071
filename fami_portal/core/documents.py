# SPDX-License-Identifier: EUPL-1.2
"""Private files: checked on the way in, kept under a name that says nothing, handed out by permission of their kind."""

import hashlib
import io
import logging
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Any, NoReturn
from uuid import UUID, uuid4

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.http import FileResponse, Http404
from django.template.defaultfilters import filesizeformat
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from fami_portal.core import filetypes
from fami_portal.core.enums import ScanState
from fami_portal.core.errors import DomainError
from fami_portal.core.filetypes import TYPES, FileType
from fami_portal.core.models import Document
from fami_portal.core.services import acting, record_event

logger = logging.getLogger(__name__)

CHUNK = 64 * 1024
MAX_NAME = 150


class DocumentRefused(DomainError):
    """The file cannot be accepted; the message says why and what to do."""

    def __init__(self, message: object) -> None:
        super().__init__(message, field="file")


@dataclass(frozen=True)
class DocumentKind:
    """The rules of one kind of document."""

    kind: str
    label: object
    types: frozenset[str]
    max_bytes: int | None
    may_open: Callable[[Any, Document], bool]


_kinds: dict[str, DocumentKind] = {}
_scanner: Callable[[IO[bytes]], ScanState] | None = None


def register_document_kind(
    kind: str,
    *,
    label: object,
    types: Iterable[str],
    may_open: Callable[[Any, Document], bool],
    max_bytes: int | None = None,
) -> DocumentKind:
    """Make a kind of document known; called by each app when it is ready.

    `types` are keys of `filetypes.TYPES`; `max_bytes` unset means DOCUMENT_MAX_BYTES. `may_open(user, document)`
    returns False for strangers, who get 404, and raises PermissionDenied for insiders without the right, who get 403.
    """
    allowed = frozenset(types)
    unknown = allowed - TYPES.keys()
    if unknown or not allowed:
        raise ValueError(f"{kind}: unknown file types {sorted(unknown)}")
    _kinds[kind] = DocumentKind(kind, label, allowed, max_bytes, may_open)
    return _kinds[kind]


def kinds() -> Mapping[str, DocumentKind]:
    """Return the registered kinds by name."""
    return dict(_kinds)


def set_scanner(scanner: Callable[[IO[bytes]], ScanState] | None) -> None:
    """Install the malware scanner that sees every file before it is kept; None removes it."""
    global _scanner
    _scanner = scanner


def accepted_extensions(kind: str) -> str:
    """Return the value of the `accept` attribute of an upload field, for instance ".jpeg,.jpg,.pdf"."""
    return ",".join(sorted(e for name in _kinds[kind].types for e in TYPES[name].extensions))


@dataclass(frozen=True)
class CheckedFile:
    """A file that passed the checks, positioned at its beginning; nothing is written yet."""

    name: str
    type: FileType
    size: int
    sha256: str
    file: IO[bytes]


def max_bytes(kind: str) -> int:
    """Return the size limit of the kind."""
    return _kinds[kind].max_bytes or settings.DOCUMENT_MAX_BYTES


def check_document(*, kind: str, name: str, content: bytes | IO[bytes] | Any) -> CheckedFile:
    """Read a file once and check size, type by content and agreement of its name; forms call it before any writing.

    Raises `DocumentRefused` with a sentence for the person.
    """
    rules = _kinds[kind]
    limit = max_bytes(kind)
    declared = len(content) if isinstance(content, bytes) else getattr(content, "size", None)
    if isinstance(declared, int) and declared > limit:
        _refuse_size(limit)
    file = _rewindable(content, limit)
    digest = hashlib.sha256()
    size = 0
    while chunk := file.read(CHUNK):
        size += len(chunk)
        if size > limit:
            _refuse_size(limit)
        digest.update(chunk)
    if not size:
        raise DocumentRefused(_("The file is empty: choose another one."))
    name = clean_name(name)
    return CheckedFile(name, _agreed_type(rules, name, file), size, digest.hexdigest(), file)


def _agreed_type(rules: DocumentKind, name: str, file: IO[bytes]) -> FileType:
    extension = PurePosixPath(name).suffix.lower()
    claimed = next((t for t in TYPES.values() if extension in t.extensions), None)
    wanted = get_text_list([TYPES[key].label for key in sorted(rules.types)], _("or"))
    if claimed is None or claimed.key not in rules.types:
        raise DocumentRefused(
            _("Files of type “%(extension)s” are not accepted here: attach a %(wanted)s file.")
            % {"extension": extension or _("unknown"), "wanted": wanted}
        )
    problem = filetypes.problem_with(claimed, file)
    if problem:
        raise DocumentRefused(problem)
    return claimed


def _refuse_size(limit: int) -> NoReturn:
    raise DocumentRefused(
        _("The file is too big: the limit is %(limit)s. Reduce it, or split it into several files.")
        % {"limit": filesizeformat(limit)}
    )


def _rewindable(content: bytes | IO[bytes] | Any, limit: int) -> IO[bytes]:
    """Return the content as a file at its beginning; a stream that cannot go back is read up to its limit only."""
    if isinstance(content, bytes):
        return io.BytesIO(content)
    if hasattr(content, "seek"):
        content.seek(0)
        return content
    kept = io.BytesIO()
    while chunk := content.read(CHUNK):
        if kept.tell() + len(chunk) > limit:
            _refuse_size(limit)
        kept.write(chunk)
    kept.seek(0)
    return kept


def clean_name(name: str) -> str:
    """Return a file name safe to show and to save: no folders, control or direction characters, at most 150 long."""
    name = unicodedata.normalize("NFC", name)
    name = re.split(r"[/\\]", name)[-1]
    name = "".join(c for c in name if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
    name = re.sub(r'[<>:"|?*\u2044\u2215\u29f8\uff0f\uff3c]', "_", name)
    name = re.sub(r"\s+", " ", name).strip().rstrip(" .")
    stem, dot, extension = name.rpartition(".")
    if not dot:
        stem, extension = name, ""
    extension = extension.strip()[:10].rstrip()
    if re.fullmatch(r"(?i)con|prn|aux|nul|com\d|lpt\d", stem):
        stem = f"_{stem}"
    stem = stem[: MAX_NAME - len(extension) - 1].strip(" .") or "document"
    return f"{stem}.{extension}" if extension else stem


def store_document(
    *, kind: str, name: str, content: bytes | IO[bytes] | CheckedFile | Any, by: Any, subject_id: int | None = None
) -> Document:
    """Check a file and keep it as a private document; writes the audit event.

    `content` is bytes, an open binary file, an upload, or the answer of `check_document`. Raises `DocumentRefused`.
    """
    checked = content if isinstance(content, CheckedFile) else check_document(kind=kind, name=name, content=content)
    scan_state = _scan(checked)
    document = Document(
        uuid=uuid4(),
        kind=kind,
        subject_id=subject_id,
        name=checked.name,
        content_type=checked.type.content_type,
        size=checked.size,
        sha256=checked.sha256,
        scan_state=scan_state,
        created_by=by,
    )
    with acting(by):
        document.file.save(str(document.uuid), File(checked.file), save=False)
        try:
            document.save(force_insert=True)
            record_event(
                by=by,
                verb="stored",
                target=document,
                data={"kind": kind, "size": checked.size, "sha256": checked.sha256},
            )
        except BaseException:
            document.file.storage.delete(str(document.file.name))
            raise
    return document


def _scan(checked: CheckedFile) -> ScanState:
    if _scanner is None:
        return ScanState.NOT_SCANNED
    state = _scanner(checked.file)
    checked.file.seek(0)
    if state == ScanState.INFECTED:
        raise DocumentRefused(_("The file contains malicious software and was not kept: check your computer."))
    return state


def document_for(user: Any, uuid: UUID | str) -> Document:
    """Return the document with this uuid if its kind lets the user open it; raises Http404 or PermissionDenied."""
    document = Document.objects.filter(uuid=uuid).first()
    if document is None:
        raise Http404
    return open_document(user, document)


def open_document(user: Any, document: Document) -> Document:
    """Return the document if the user may open it; raises Http404 for strangers, PermissionDenied for insiders."""
    rules = _kinds.get(document.kind)
    if rules is None or not rules.may_open(user, document):
        raise Http404
    if document.scan_state == ScanState.INFECTED:
        raise PermissionDenied(_("This file contains malicious software and cannot be downloaded."))
    return document


def deliver(user: Any, document: Document) -> FileResponse:
    """Return the download of a document the user may open: always an attachment, never rendered by the browser.

    Raises Http404 or PermissionDenied, as `open_document`.
    """
    open_document(user, document)
    try:
        file = document.file.open("rb")
    except FileNotFoundError as error:
        logger.error("document %s has no file in the storage", document.pk)
        raise Http404 from error
    response = FileResponse(file, as_attachment=True, filename=document.name, content_type=document.content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response
