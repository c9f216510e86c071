# SPDX-License-Identifier: EUPL-1.2
"""Sealing of single fields with keys that the database never holds (docs/adr, the vault of identities).

A sealed field is `1 | length of the key id | key id | nonce of 12 bytes | AES-256-GCM`. The associated data are that
head, the uuid of the row and the name of the field: a field moved to another row or column does not open. The text is
padded, so that a dump does not tell long names from short ones.
"""

import secrets
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from fami_portal.core.errors import DomainError

_FORMAT = 1
_NONCE = 12
_TAG = 16
_BLOCK = 32


class VaultError(DomainError):
    """A sealed field does not open: its key is missing, or it was altered or moved. Says nothing of what it holds."""


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
