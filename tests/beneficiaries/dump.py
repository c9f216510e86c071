# SPDX-License-Identifier: EUPL-1.2
"""Looking for plain identities where none may be: every row of every table, the cache, every file, the log."""

import base64
from collections.abc import Iterable
from pathlib import Path

from django.core.cache import cache
from django.db import connection


def spellings(secret: str) -> set[bytes]:
    """Return how a text may stand in a dump: as it is, in capitals, without blanks, in hex, in base64, escaped."""
    plain = {secret, secret.upper(), secret.lower(), secret.title()}
    found: set[bytes] = set()
    for text in plain:
        for encoding in ("utf-8", "utf-16-le", "latin-1"):
            raw = text.encode(encoding, errors="ignore")
            # Three alignments: what comes before moves the groups of base64.
            coded = {base64.b64encode(bytes(shift) + raw)[4 if shift else 0 : -4] for shift in range(3)}
            found |= {raw, raw.hex().encode(), *(one for one in coded if len(one) >= 8)}
        found.add(text.encode("ascii", errors="backslashreplace"))
    return {one for one in found if len(one) >= 4}


def in_database(secrets: Iterable[str]) -> dict[str, list[str]]:
    """Return for each secret the tables in which some column says it; reads all tables, with what is not committed."""
    wanted = {secret: spellings(secret) for secret in secrets}
    found: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            # Whole rows as text: bytes come as hex, JSON and arrays as they are written.
            cursor.execute(f"SELECT convert_to(t::text, 'UTF8') FROM {connection.ops.quote_name(table)} t")  # noqa: S608
            content = b"\n".join(bytes(row[0]) for row in cursor.fetchall())
            for secret in _in(content, wanted):
                found.setdefault(secret, []).append(table)
    return found


def in_files(folder: Path, secrets: Iterable[str]) -> dict[str, list[str]]:
    """Return for each secret the files whose name or content says it."""
    wanted = {secret: spellings(secret) for secret in secrets}
    found: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            for secret in _in(str(path).encode() + b"\n" + path.read_bytes(), wanted):
                found.setdefault(secret, []).append(path.name)
    return found


def in_cache(secrets: Iterable[str]) -> dict[str, list[str]]:
    """Return for each secret the keys of the cache server that say it, or whose values do."""
    client = cache._cache.get_client(None, write=False)  # type: ignore[attr-defined]
    wanted = {secret: spellings(secret) for secret in secrets}
    found: dict[str, list[str]] = {}
    for key in client.scan_iter():
        value = client.dump(key) or b""
        for secret in _in(key + b"\n" + value, wanted):
            found.setdefault(secret, []).append(key.decode(errors="replace"))
    return found


def in_text(text: str, secrets: Iterable[str]) -> list[str]:
    """Return the secrets that a text says."""
    return _in(text.encode(), {secret: spellings(secret) for secret in secrets})


def _in(content: bytes, wanted: dict[str, set[bytes]]) -> list[str]:
    return [secret for secret, ways in wanted.items() if any(way in content for way in ways)]
