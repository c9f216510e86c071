# SPDX-License-Identifier: EUPL-1.2
"""Marks of the keys: the portal never works on a database with a key other than the one it was written with.

With another key of fingerprints nobody would be recognised any more, and nothing would say so; with another key under the
name of an old one the names written from then on would not open when the right one comes back. A mark is an HMAC of the
name of the key: it tells two keys apart and nothing else of either. The first start with a key keeps its mark.
"""

import hashlib
import hmac
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection

from fami_portal.core.models import KeyMark


def marks() -> dict[str, bytes]:
    """Return the mark of each key of this process, by the name of the key."""
    keys = {f"vault:{name}": key for name, key in settings.VAULT_KEYS.items()} | {
        "fingerprint": settings.FINGERPRINT_KEY
    }
    return {
        name: hmac.new(key, f"fami key mark {name}".encode(), hashlib.sha256).digest() for name, key in keys.items()
    }


def check_keys() -> None:
    """Raise `ImproperlyConfigured` with the names of the keys that are not those of this database. One query."""
    kept = {row.name: bytes(row.mark) for row in KeyMark.objects.order_by("name")}
    wrong = [name for name, mark in marks().items() if not hmac.compare_digest(kept.get(name, mark), mark)]
    if wrong:
        raise ImproperlyConfigured(
            f"The database was written with another key: {', '.join(sorted(wrong))}. Put the right one back "
            "(docs/operations.md, The keys of the identities)."
        )


def check_and_keep_keys(**_kwargs: Any) -> None:
    """Check the keys, and keep the marks of those that are new. Raises as `check_keys`."""
    if KeyMark._meta.db_table not in connection.introspection.table_names():
        return  # a migration went back
    check_keys()
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO core_keymark (name, mark) VALUES (%s, %s) ON CONFLICT DO NOTHING", list(marks().items())
        )


def check_at_start() -> None:
    """Check the keys where a process starts. A database that is down or not there yet says so by itself."""
    try:
        check_keys()
    except DatabaseError:
        pass
    finally:
        connection.close()
