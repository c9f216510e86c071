# SPDX-License-Identifier: EUPL-1.2
"""Typed reading of the environment: each variable once, with a clear error for a bad value."""

import base64
import binascii
import os
import re
import secrets
from urllib.parse import parse_qs, unquote, urlsplit

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
# AES-256.
KEY_BYTES = 32
KEY_ID = re.compile(r"[a-z0-9-]{1,20}")
LONG_TEXT = 32


class BadEnvironment(SystemExit):
    """A variable of the environment cannot be used; the message names it and says what is expected."""

    def __init__(self, name: str, expected: str) -> None:
        # An address may carry a password.
        found = re.sub(r"//[^/@]*@", "//…@", os.environ.get(name, "")) or "nothing"
        super().__init__(f"{name}: {expected} (found: {found!r})")


def text(name: str, default: str = "") -> str:
    """Return the variable NAME without surrounding blanks, or the default when it is unset or empty."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool) -> bool:
    """Return a yes/no variable; raises `BadEnvironment` on any word but the eight known ones."""
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    value = text(name).lower()
    if not value:
        return default
    if value not in words:
        raise BadEnvironment(name, "expected 1 or 0")
    return words[value]


def number(name: str, default: int, *, minimum: int = 0, maximum: int = 2**31) -> int:
    """Return a whole number within bounds; raises `BadEnvironment` otherwise."""
    value = text(name)
    if not value:
        return default
    if not value.isdigit() or not minimum <= int(value) <= maximum:
        raise BadEnvironment(name, f"expected a whole number from {minimum} to {maximum}")
    return int(value)


def choice(name: str, allowed: tuple[str, ...], default: str) -> str:
    """Return one of the allowed words, in upper case; raises `BadEnvironment` on any other."""
    value = text(name, default).upper()
    if value not in allowed:
        raise BadEnvironment(name, f"expected one of {', '.join(allowed)}")
    return value


def words(name: str, default: list[str]) -> list[str]:
    """Return a comma-separated list."""
    value = text(name)
    return [word.strip() for word in value.split(",") if word.strip()] if value else default


def new_key(key_id: str) -> str:
    """Return a new random key of the vault, in the form of `FAMI_VAULT_KEYS`."""
    return f"{key_id}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"


def keys(name: str, ring: str) -> dict[str, bytes]:
    """Return the keys of `id:base64,id:base64`, in that order; exits with the name of the variable, never with a key."""
    found: dict[str, bytes] = {}
    for number, entry in enumerate(ring.split(","), 1):
        key_id, _, encoded = (part.strip() for part in entry.partition(":"))
        try:
            key = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if not KEY_ID.fullmatch(key_id) or len(key) != KEY_BYTES:
            raise SystemExit(
                f"{name}: entry {number} is not id:base64 of {KEY_BYTES} bytes (id: up to 20 of a-z 0-9 -)"
            )
        if key_id in found:
            raise SystemExit(f"{name}: entry {number} has an id that is there already")
        found[key_id] = key
    return found


def long_text(name: str, value: str) -> str:
    """Return a secret text as it is; exits with the name of the variable when it is too short to be one."""
    if len(value) < LONG_TEXT:
        raise SystemExit(f"{name}: expected a random text of at least {LONG_TEXT} characters")
    return value


def database(name: str) -> dict[str, str]:
    """Return Django's connection fields for a `postgresql://` address.

    The host may be a socket folder, as `postgresql://user@/name?host=/folder`.
    Raises `BadEnvironment` when the address is missing or of another kind.
    """
    try:
        address = urlsplit(text(name))
        port = str(address.port or "")
    except ValueError:
        raise BadEnvironment(name, "expected postgresql://user:password@host:port/name") from None
    if address.scheme not in ("postgres", "postgresql") or len(address.path) < 2:
        raise BadEnvironment(name, "expected postgresql://user:password@host:port/name")
    query = parse_qs(address.query)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(address.path[1:]),
        "USER": unquote(address.username or ""),
        "PASSWORD": unquote(address.password or ""),
        "HOST": query.get("host", [""])[0] or (address.hostname or ""),
        "PORT": port,
    }


def redis(name: str) -> str:
    """Return a `redis://`, `rediss://` or `unix://` address; raises `BadEnvironment` otherwise."""
    value = text(name)
    if urlsplit(value).scheme not in ("redis", "rediss", "unix"):
        raise BadEnvironment(name, "expected redis://host:port/0")
    return value


def broker(address: str) -> str:
    """Return Celery's form of a Redis address: it spells socket addresses in its own way."""
    if not address.startswith("unix://"):
        return address
    path, _, query = address.removeprefix("unix://").partition("?")
    number = parse_qs(query).get("db", ["0"])[0]
    return f"redis+socket://{path}?virtual_host={number}"
