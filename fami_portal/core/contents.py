# SPDX-License-Identifier: EUPL-1.2
"""What stands in the file of a document: written, sealed where it carries names, and read again in the clear.

Nothing of a sealed file is handed out before all of it was gone through: a file cut short is refused, not passed off as
a whole one. Clear content is in memory alone, one part of 64 KiB at a time; on disk it is under a key of the process.
"""

import hashlib
import io
import logging
from collections.abc import Iterator
from typing import IO

from django.core.files import File
from django.utils.translation import gettext_lazy as _

from fami_portal.core.errors import DomainError
from fami_portal.core.models import Document
from fami_portal.core.services import acting
from fami_portal.core.uploads import EncryptedTemporaryFile
from fami_portal.core.vault import CHUNK, Sealing, VaultError, altered_file, unseal_file

logger = logging.getLogger(__name__)


class ContentGone(DomainError):
    """There is no content to read: it was destroyed, or its file is missing."""


def write_content(document: Document, clear: IO[bytes], *, seal: bool) -> None:
    """Write the content of a document that has its uuid, sealed with the newest key or as it is; the row is not saved."""
    clear.seek(0)
    if seal:
        sealing = Sealing(clear, row=document.uuid)
        document.key_id = sealing.key_id
        document.file.save(str(document.uuid), File(sealing), save=False)  # type: ignore[arg-type]  it is read, no more
    else:
        document.file.save(str(document.uuid), File(clear), save=False)


def remove_content(document_id: int) -> None:
    """Delete the file of a document that was destroyed, then take its name out of the row."""
    document = Document.objects.filter(pk=document_id, destroyed_at__isnull=False).exclude(file="").first()
    if document is not None:
        document.file.storage.delete(str(document.file.name))
        with acting(None):
            Document.objects.filter(pk=document_id).update(file="")


class ClearParts:
    """The clear content of a document, part by part; closes its file at the end, or when told to."""

    def __init__(self, document: Document) -> None:
        self._file, self._document = _opened(document), document
        try:
            self._check()
        except BaseException:
            self._file.close()
            raise

    def _check(self) -> None:
        """Go through the file once: every part opens, nothing lacks, and it is what was handed in."""
        digest = hashlib.sha256()
        try:
            for part in self._parts():
                digest.update(part)
            if digest.hexdigest() != self._document.sha256:
                raise altered_file()
        except VaultError as error:
            # The person reads the same sentence; who runs the portal must learn of it too.
            logger.error("document %s: %s", self._document.pk, error)
            raise
        self._file.seek(0)
        self._left = self._parts()

    def _parts(self) -> Iterator[bytes]:
        if self._document.is_sealed:
            return unseal_file(self._file, row=self._document.uuid)
        return iter(lambda: self._file.read(CHUNK), b"")

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._left)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def clear_parts(document: Document) -> ClearParts:
    """Return the clear content of a document for streaming, in constant memory.

    Raises `VaultError` when it does not open, was altered or cut short; `ContentGone` when it was destroyed
    or is missing. Then nothing of it was given.
    """
    return ClearParts(document)


def clear_file(document: Document) -> IO[bytes]:
    """Return the clear content as a file in memory, for what must look inside. Raises as `clear_parts`."""
    return io.BytesIO(b"".join(clear_parts(document)))


def clear_spool(document: Document) -> IO[bytes]:
    """Return the clear content as a file on disk under a key that only this process knows, for what may be long.

    Raises as `clear_parts`.
    """
    file = EncryptedTemporaryFile()
    for part in clear_parts(document):
        file.write(part)
    file.seek(0)
    return io.BufferedReader(file, CHUNK)


def _opened(document: Document) -> IO[bytes]:
    for again in (True, False):
        if document.destroyed_at is not None:
            raise ContentGone(_("The content of this file was destroyed: only its fingerprint and its date are kept."))
        try:
            return document.file.storage.open(str(document.file.name), "rb")  # type: ignore[no-any-return]
        except FileNotFoundError:
            if again:  # sealed again with a new key, or destroyed, since the row was read
                document.refresh_from_db()
    logger.error("document %s has no file in the storage", document.pk)
    raise ContentGone(_("This file is missing from the archive of the portal: tell who runs it."))
