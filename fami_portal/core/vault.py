# SPDX-License-Identifier: EUPL-1.2
"""Sealing of single fields and of whole files with keys that the database never holds (docs/adr, 17 and 19).

A sealed field is `1 | length of the key id | key id | nonce of 12 bytes | AES-256-GCM`. The associated data are that
head, the uuid of the row and the name of the field: a field moved to another row or column does not open. The text is
padded, so that a dump does not tell long names from short ones.

A sealed file is `2 | length of the key id | key id | salt of 32 bytes`, then chunks of 64 KiB, each AES-256-GCM. The key
of the file comes from the vault's key, the salt and the uuid of the document (HKDF), so that a nonce may be the number
of the chunk and never serves twice. The associated data of a chunk are the head, the uuid, its number and whether it is
the last: cut short, lengthened, put in another order or under another document, the file does not open.
"""

import io
import secrets
from collections.abc import Iterator
from typing import IO
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from fami_portal.core.errors import DomainError

_FORMAT = 1
_NONCE = 12
_TAG = 16
_BLOCK = 32
_FILE_FORMAT = 2
_SALT = 32
CHUNK = 64 * 1024


class VaultError(DomainError):
    """A sealed field or file does not open: its key is missing, or it was altered or moved. Says nothing of what it holds."""


def current_key_id() -> str:
    """Return the id of the newest key, the one that seals."""
    return next(iter(settings.VAULT_KEYS))


def fingerprint_key() -> bytes:
    """Return the key of the fingerprints: one for ever, as digests cannot be made again from digests."""
    return settings.FINGERPRINT_KEY


def key_id_of(sealed: bytes | memoryview) -> str:
    """Return the id of the key that sealed a field. Raises `VaultError` for bytes that nobody sealed."""
    return _head(bytes(sealed))[2:].decode("ascii")


def seal(text: str, *, row: UUID, field: str) -> bytes:
    """Seal a text with the newest key, for one field of one row; twice the same text gives different bytes."""
    key_id = current_key_id()
    head = bytes([_FORMAT, len(key_id)]) + key_id.encode("ascii")
    nonce = secrets.token_bytes(_NONCE)
    return head + nonce + _cipher(key_id).encrypt(nonce, _padded(text), _bound(head, row, field))


def unseal(sealed: bytes | memoryview, *, row: UUID, field: str) -> str:
    """Return the text of a sealed field.

    Raises `VaultError` when the portal has not its key, when one bit of it changed, or when it was sealed for another
    row or field.
    """
    sealed = bytes(sealed)
    head = _head(sealed)
    nonce, body = sealed[len(head) : len(head) + _NONCE], sealed[len(head) + _NONCE :]
    try:
        padded = _cipher(head[2:].decode("ascii")).decrypt(nonce, body, _bound(head, row, field))
    except InvalidTag:
        raise _altered() from None
    return padded[: padded.rindex(b"\x80")].decode(errors="surrogatepass")


# --- files ------------------------------------------------------------------------------------------------------------


class Sealing(io.RawIOBase):
    """A clear file as the sealed one that is to be written, read in one go: a storage takes it as any other file."""

    def __init__(self, clear: IO[bytes], *, row: UUID) -> None:
        super().__init__()
        self.key_id = current_key_id()
        self._parts = _sealed_parts(clear, self.key_id, row)
        self._left = b""

    def readable(self) -> bool:
        """It is read, never written nor rewound."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Give what fits; nothing more at the end."""
        while not self._left:
            part = next(self._parts, None)
            if part is None:
                return 0
            self._left = part
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size


def _sealed_parts(clear: IO[bytes], key_id: str, row: UUID) -> Iterator[bytes]:
    head = bytes([_FILE_FORMAT, len(key_id)]) + key_id.encode("ascii") + secrets.token_bytes(_SALT)
    cipher = _file_cipher(head, row)
    yield head
    number, chunk = 0, _exactly(clear, CHUNK)
    while True:
        # One chunk ahead: the last says that it is.
        following = _exactly(clear, CHUNK) if len(chunk) == CHUNK else b""
        yield cipher.encrypt(_place(number), chunk, _chunk_bound(head, row, number, last=not following))
        if not following:
            return
        number, chunk = number + 1, following


def file_key_id(sealed: IO[bytes]) -> str:
    """Return the id of the key that sealed a file, read from its beginning. Raises `VaultError`."""
    return _file_head(sealed)[2:-_SALT].decode("ascii")


def unseal_file(sealed: IO[bytes], *, row: UUID) -> Iterator[bytes]:
    """Give the clear content of a sealed file, read from where it stands, in parts of at most 64 KiB.

    Each part is checked before it is given; that nothing lacks at the end is known with the last one alone, so whoever
    hands a file out goes through it once before. Raises `VaultError` as `unseal`.
    """
    head = _file_head(sealed)
    cipher = _file_cipher(head, row)
    number, chunk = 0, _exactly(sealed, CHUNK + _TAG)
    while True:
        following = _exactly(sealed, CHUNK + _TAG) if len(chunk) == CHUNK + _TAG else b""
        try:
            clear = cipher.decrypt(_place(number), chunk, _chunk_bound(head, row, number, last=not following))
        except InvalidTag:
            raise altered_file() from None
        yield clear
        if not following:
            return
        number, chunk = number + 1, following


def _file_head(sealed: IO[bytes]) -> bytes:
    start = _exactly(sealed, 2)
    if len(start) < 2 or start[0] != _FILE_FORMAT or not start[1]:
        raise altered_file()
    rest = _exactly(sealed, start[1] + _SALT)
    if len(rest) < start[1] + _SALT or not rest[:-_SALT].isascii():
        raise altered_file()
    return start + rest


def _file_cipher(head: bytes, row: UUID) -> AESGCM:
    master = settings.VAULT_KEYS.get(head[2:-_SALT].decode("ascii"))
    if master is None:
        raise VaultError(
            _("The portal does not have the key of this file: tell who runs it, who finds in the guide what to do.")
        )
    return AESGCM(HKDF(SHA256(), 32, salt=head[-_SALT:], info=b"fami file" + row.bytes).derive(master))


def _place(number: int) -> bytes:
    return number.to_bytes(_NONCE, "big")


def _chunk_bound(head: bytes, row: UUID, number: int, *, last: bool) -> bytes:
    return head + row.bytes + number.to_bytes(8, "big") + bytes([last])


def _exactly(file: IO[bytes], size: int) -> bytes:
    """Read as many bytes as asked for, fewer at the end alone: a stream may give less each time."""
    parts = []
    while size and (part := file.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def altered_file() -> VaultError:
    """Return the refusal of a file whose content is not the one that was sealed."""
    return VaultError(
        _(
            "This file does not open: it was altered, cut short, or sealed with another key. Nothing of it was handed "
            "out. Tell who runs the portal."
        )
    )


# --- fields -----------------------------------------------------------------------------------------------------------


def _head(sealed: bytes) -> bytes:
    length = 2 + (sealed[1] if len(sealed) > 1 else 0)
    head = sealed[:length]
    if len(sealed) < length + _NONCE + _TAG or sealed[0] != _FORMAT or length == 2 or not head[2:].isascii():
        raise _altered()
    return head


def _cipher(key_id: str) -> AESGCM:
    key = settings.VAULT_KEYS.get(key_id)
    if key is None:
        raise VaultError(
            _("The portal does not have the key of this identity: tell who runs it, who finds in the guide what to do.")
        )
    return AESGCM(key)


def _bound(head: bytes, row: UUID, field: str) -> bytes:
    return head + row.bytes + field.encode()


def _padded(text: str) -> bytes:
    marked = text.encode(errors="surrogatepass") + b"\x80"
    return marked + bytes(-len(marked) % _BLOCK)


def _altered() -> VaultError:
    # `from None` where it is raised: the cause would carry bytes into an error report.
    return VaultError(
        _("This identity does not open: it was altered, or its key is another. Tell who runs the portal.")
    )
