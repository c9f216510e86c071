# SPDX-License-Identifier: EUPL-1.2
"""Care of the files on disk: sealed again with a new key, deleted when destroyed, nothing left without its row.

Whatever process dies at whatever moment: a row names a file that opens, or says that its content was destroyed.
"""

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.db.models import Q, QuerySet

from fami_portal.core import documents, vault
from fami_portal.core.contents import ClearParts, ContentGone, clear_parts, remove_content
from fami_portal.core.models import Document
from fami_portal.core.services import acting
from fami_portal.core.vault import VaultError

logger = logging.getLogger(__name__)

FOLDER = "documents"
# A file is written before its row: a young one without a row may be somebody's upload of this moment. A week, so that
# a database restored from an older backup costs no file before somebody has noticed.
OLD_ENOUGH = timedelta(days=7)
_OURS = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(_\w{7})*")


# --- a new key --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FileBatch:
    """What one step did: the last document it looked at, how many it sealed again, how many do not open."""

    last: int
    sealed: int
    failed: int


def _old(after: int = 0) -> QuerySet[Document]:
    """Files under an older key, and those that were kept in the clear before their kind was sealed."""
    old = Q(key_id="", kind__in=documents.identity_kinds()) | ~Q(key_id__in=["", vault.current_key_id()])
    return Document.objects.filter(old, pk__gt=after, destroyed_at__isnull=True)


def files_waiting() -> int:
    """Return how many files the newest key has still to seal."""
    return _old().count()


def seal_files_again(*, after: int, size: int) -> FileBatch | None:
    """Seal again at most `size` files of documents with ids above `after`; None when there are no more.

    File by file: the new one is written beside the old one, the row goes over to it in one statement, the old one is
    deleted. A file that does not open is left as it is, logged by the number of its document and counted.
    """
    rows = list(_old(after).order_by("pk")[:size])
    if not rows:
        return None
    sealed = [_seal_again(document) for document in rows]
    return FileBatch(rows[-1].pk, sum(done is True for done in sealed), sum(done is False for done in sealed))


def _seal_again(document: Document) -> bool | None:
    """Seal one file again; None when somebody else did it, or destroyed it, meanwhile."""
    try:
        clear = clear_parts(document)
    except (VaultError, ContentGone) as error:
        if document.destroyed_at is not None:
            return None
        logger.error("document %s was not sealed again: %s", document.pk, error)
        return False
    storage, old, was = document.file.storage, str(document.file.name), document.key_id
    sealing = vault.Sealing(_Reader(clear), row=document.uuid)  # type: ignore[arg-type]
    new = storage.save(f"{PurePosixPath(old).parent}/{document.uuid}", File(sealing))  # type: ignore[arg-type]
    with acting(None):
        moved = Document.objects.filter(pk=document.pk, file=old, key_id=was, destroyed_at__isnull=True).update(
            file=new, key_id=sealing.key_id
        )
    storage.delete(old if moved else new)
    return True if moved else None


class _Reader:
    """Parts as a file that is read."""

    def __init__(self, parts: ClearParts) -> None:
        self._parts = parts

    def read(self, size: int) -> bytes:
        """Return one part, which has at most as many bytes as are asked for here."""
        return next(self._parts, b"")


def files_that_do_not_open() -> int:
    """Go through every sealed file, show none, change nothing; return how many do not open (each is logged)."""
    failed = 0
    for document in Document.objects.filter(destroyed_at__isnull=True).exclude(key_id="").order_by("pk").iterator():
        try:
            clear_parts(document).close()
        except (VaultError, ContentGone):
            failed += document.destroyed_at is None
    return failed


# --- what is left behind ----------------------------------------------------------------------------------------------


def finish_destroying() -> int:
    """Delete the files of destroyed documents that a process which died left behind; returns how many."""
    left = Document.objects.filter(destroyed_at__isnull=False).exclude(file="").order_by("pk")
    ids = list(left.values_list("pk", flat=True)[:500])
    for document_id in ids:
        remove_content(document_id)
    return len(ids)


def sweep_orphans(*, at: datetime) -> int:
    """Delete the files, a week old or older, that no row names; returns how many.

    They are what an upload left whose transaction was undone, or a rotation that was killed. When most files have no
    row the database is another one: then nothing is deleted, and the log says so.
    """
    young = at - OLD_ENOUGH
    # First the files, then the rows: what is written meanwhile has a row, or is young.
    found = [name for name in _files(FOLDER) if _OURS.fullmatch(name.rsplit("/", 1)[-1])]
    named = set(_rows_of(found))
    orphans = [name for name in found if name not in named]
    if len(orphans) > 20 and len(orphans) * 2 > len(found):
        logger.error(
            "%s of %s files have no document: is this their database? None was deleted", len(orphans), len(found)
        )
        return 0
    old = [name for name in orphans if _modified(name) < young]
    for name in old:
        default_storage.delete(name)
    if old:
        logger.warning("%s files without a document were deleted", len(old))
    return len(old)


def _modified(name: str) -> datetime:
    found = default_storage.get_modified_time(name)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _files(folder: str) -> Iterator[str]:
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    yield from (f"{folder}/{name}" for name in sorted(files))
    for name in sorted(folders):
        yield from _files(f"{folder}/{name}")


def _rows_of(names: list[str]) -> Iterable[Any]:
    for start in range(0, len(names), 1000):
        some = names[start : start + 1000]
        yield from Document.objects.filter(file__in=some).order_by("pk").values_list("file", flat=True)
