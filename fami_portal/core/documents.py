# SPDX-License-Identifier: EUPL-1.2
"""Private files: checked on the way in, kept under a name that says nothing, handed out by permission of their kind.

A kind whose files carry names (`identity=True`) is sealed on disk, and each opening is recorded with its reason before
anything is handed out (docs/adr, 19).
"""

import hashlib
import io
import logging
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import IO, Any, NoReturn, Protocol
from uuid import UUID, uuid4

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import FileResponse, Http404, HttpResponseBase, StreamingHttpResponse
from django.template.defaultfilters import filesizeformat
from django.utils.http import content_disposition_header
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from fami_portal.core import filetypes
from fami_portal.core.contents import clear_parts, remove_content, write_content
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


class RecordOpening(Protocol):
    """Writes down that somebody opens a file that carries names, in the transaction of the opening."""

    def __call__(self, *, by: Any, document: Document, purpose: str, at: datetime) -> Any: ...


@dataclass(frozen=True)
class DocumentKind:
    """The rules of one kind of document."""

    kind: str
    label: object
    types: frozenset[str]
    max_bytes: int | None
    may_open: Callable[[Any, Document], bool]
    identity: bool = False
    file_name: str = "documento"
    record_opening: RecordOpening | None = None
    page_of: Callable[[Document], str] | None = None


_kinds: dict[str, DocumentKind] = {}
_scanner: Callable[[IO[bytes]], ScanState] | None = None


def register_document_kind(
    kind: str,
    *,
    label: object,
    types: Iterable[str],
    may_open: Callable[[Any, Document], bool],
    max_bytes: int | None = None,
    identity: bool = False,
    file_name: str = "documento",
    record_opening: RecordOpening | None = None,
    page_of: Callable[[Document], str] | None = None,
) -> DocumentKind:
    """Make a kind of document known; called by each app when it is ready.

    `types` are keys of `filetypes.TYPES`; `max_bytes` unset means DOCUMENT_MAX_BYTES. `may_open(user, document)`
    returns False for strangers, who get 404, and raises PermissionDenied for insiders without the right, who get 403.

    `identity` says that such files carry names: sealed on disk, called by `file_name` (without extension) instead of
    what their sender called them, opened by a reason that `record_opening` writes down; without it nobody opens them.
    `page_of(document)` is the address of the page that the file belongs to.
    """
    allowed = frozenset(types)
    unknown = allowed - TYPES.keys()
    if unknown or not allowed:
        raise ValueError(f"{kind}: unknown file types {sorted(unknown)}")
    _kinds[kind] = DocumentKind(kind, label, allowed, max_bytes, may_open, identity, file_name, record_opening, page_of)
    return _kinds[kind]


def kinds() -> Mapping[str, DocumentKind]:
    """Return the registered kinds by name."""
    return dict(_kinds)


def identity_kinds() -> list[str]:
    """Return the kinds whose files carry names, by name."""
    return sorted(kind for kind, rules in _kinds.items() if rules.identity)


def is_identity(document: Document) -> bool:
    """Whether a file carries names: its kind says so, or it was sealed when its kind did."""
    rules = _kinds.get(document.kind)
    return document.is_sealed or (rules is not None and rules.identity)


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
    """Check a file and keep it as a private document, sealed when its kind carries names; writes the audit event.

    `content` is bytes, an open binary file, an upload, or the answer of `check_document`. Raises `DocumentRefused`.
    """
    checked = content if isinstance(content, CheckedFile) else check_document(kind=kind, name=name, content=content)
    rules = _kinds[kind]
    scan_state = _scan(checked)
    document = Document(
        uuid=uuid4(),
        kind=kind,
        subject_id=subject_id,
        name=_neutral_name(rules, checked, subject_id) if rules.identity else checked.name,
        content_type=checked.type.content_type,
        size=checked.size,
        sha256=checked.sha256,
        scan_state=scan_state,
        created_by=by,
    )
    with acting(by):
        write_content(document, checked.file, seal=rules.identity)
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


def _neutral_name(rules: DocumentKind, checked: CheckedFile, subject_id: int | None) -> str:
    """Return a name that says what the file is and not whose: its sender may have called it by the person."""
    extension = PurePosixPath(checked.name).suffix.lower()
    if checked.name.lower().endswith(f".pdf{extension}") and extension == ".p7m":
        extension = f".pdf{extension}"
    taken: set[str] = set()
    if subject_id is not None:
        taken = set(Document.objects.filter(kind=rules.kind, subject_id=subject_id).values_list("name", flat=True))
    name, number = f"{rules.file_name}{extension}", 1
    while name in taken:
        number += 1
        name = f"{rules.file_name}-{number}{extension}"
    return name


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


def deliver(user: Any, document: Document) -> HttpResponseBase:
    """Return the download of a document the user may open: always an attachment, never rendered by the browser.

    Raises Http404 or PermissionDenied, as `open_document`. For files that carry names see `deliver_identity`.
    """
    open_document(user, document)
    if is_identity(document):
        raise PermissionDenied(_("This file carries names: say why you open it."))
    return hand_out(document)


def deliver_identity(user: Any, document: Document, *, purpose: str, at: datetime) -> HttpResponseBase:
    """Write down that a file that carries names is opened, and why; then return its download, as `deliver` does.

    `purpose` is what the person said. Raises Http404 or PermissionDenied as `open_document`, `DomainError` without a
    purpose, `VaultError` or `ContentGone` when it does not open: then nothing was read, and nothing is written.
    """
    open_document(user, document)
    rules = _kinds[document.kind]
    if rules.record_opening is None:
        raise Http404
    if not purpose.strip():
        raise DomainError(_("Say why you open the file."), field="purpose")
    with acting(user):
        rules.record_opening(by=user, document=document, purpose=purpose, at=at)
        return hand_out(document)


def hand_out(document: Document) -> HttpResponseBase:
    """Return the download of a document whose opening has been allowed, by its kind or by a recorded act.

    Raises Http404 when it has no file, and for a sealed one `VaultError` or `ContentGone`.
    """
    response: HttpResponseBase
    if document.is_sealed:
        response = StreamingHttpResponse(clear_parts(document), content_type=document.content_type)
        response["Content-Disposition"] = content_disposition_header(True, document.name)
        # A download that breaks off is told from a whole one, and a server in front keeps no copy on its disk.
        response["Content-Length"] = str(document.size)
        response["X-Accel-Buffering"] = "no"
        return _never_rendered(response)
    try:
        file = document.file.open("rb")
    except (FileNotFoundError, ValueError) as error:  # ValueError: the row has no file any more
        logger.error("document %s has no file in the storage", document.pk)
        raise Http404 from error
    response = FileResponse(file, as_attachment=True, filename=document.name, content_type=document.content_type)
    return _never_rendered(response)


def _never_rendered(response: HttpResponseBase) -> HttpResponseBase:
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response


def label_of(document: Document) -> str:
    """Return the translated name of the document's kind."""
    rules = _kinds.get(document.kind)
    return str(rules.label) if rules is not None else document.name


def page_of(document: Document) -> str:
    """Return the address of the page that a file belongs to, or nothing."""
    rules = _kinds.get(document.kind)
    return rules.page_of(document) if rules is not None and rules.page_of is not None else ""


def destroy_document(*, document: Document, by: Any, at: datetime, reason: str = "") -> None:
    """Destroy the content of a document for good; its row stays with size, sha256 and dates, as evidence.

    Does nothing when it was destroyed before. The file goes when the transaction has ended well; what a process that
    died then leaves behind is found by `filecare.finish_destroying`.
    """
    with acting(by):
        moved = Document.objects.filter(pk=document.pk, destroyed_at__isnull=True).update(destroyed_at=at)
        if moved:
            record_event(
                by=by,
                verb="destroyed",
                target=document,
                reason=reason,
                data={"kind": document.kind, "size": document.size, "sha256": document.sha256},
                at=at,
            )
            # A function with a name: Django logs that of what failed, and a `partial` has none.
            transaction.on_commit(lambda: remove_content(document.pk), robust=True)
    document.refresh_from_db(fields=["destroyed_at", "file"])
