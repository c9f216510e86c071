# SPDX-License-Identifier: EUPL-1.2
"""Sealing identities again with the newest key (docs/operations.md, The keys of the identities).

What is left to do is what the rows say: each names the key that sealed it. A run that was killed goes on where its
last whole batch ended, two runs at once do each row once, and every row opens at every moment.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet

from beneficiaries.models import Identity
from fami_portal.core import vault
from fami_portal.core.services import acting
from fami_portal.core.vault import VaultError

logger = logging.getLogger(__name__)

_FIELDS = ("given_name", "family_name", "tax_code")
_WRITE = """
    UPDATE beneficiaries_identity AS identity
       SET given_name = fresh.given_name, family_name = fresh.family_name, tax_code = fresh.tax_code, key_id = %s
      FROM unnest(%s::bigint[], %s::bytea[], %s::bytea[], %s::bytea[]) AS fresh(id, given_name, family_name, tax_code)
     WHERE identity.id = fresh.id
"""


# What apps above seal with the same keys: a word for the operator, and what seals all of it again (how many were sealed,
# how many do not open).
OTHERS: dict[str, Callable[[], tuple[int, int]]] = {}


@dataclass(frozen=True)
class Batch:
    """What one batch did: the last row it looked at, how many it sealed again, how many do not open."""

    last: int
    sealed: int
    failed: int


def waiting(*, after: int = 0) -> int:
    """Return how many identities are sealed with an older key."""
    return _old(after).count()


def seal_again(*, after: int, size: int) -> Batch | None:
    """Seal again at most `size` identities with ids above `after`, in one transaction; None when there are no more.

    An identity that does not open is left as it is, logged by its number and counted: its key is missing, or it was
    altered. Nothing else of the row changes, its version neither.
    """
    with acting(None):
        rows = list(_old(after).select_for_update(of=("self",)).order_by("pk")[:size])
        if not rows:
            return None
        fresh = [sealed for row in rows if (sealed := _sealed_again(row)) is not None]
        if fresh:
            with connection.cursor() as cursor:
                cursor.execute(_WRITE, [vault.current_key_id(), *(list(column) for column in zip(*fresh, strict=True))])
    return Batch(rows[-1].pk, len(fresh), len(rows) - len(fresh))


def does_not_open() -> int:
    """Open every identity, show none, change nothing; return how many do not open (each is logged by its number)."""
    rows = Identity.objects.filter(destroyed_at__isnull=True).order_by("pk")
    return sum(_sealed_again(row) is None for row in rows.iterator(chunk_size=500))


def _old(after: int) -> QuerySet[Identity]:
    found = Identity.objects.filter(pk__gt=after, destroyed_at__isnull=True)
    return found.exclude(key_id=vault.current_key_id())


def _sealed_again(row: Identity) -> tuple[int, bytes, bytes, bytes] | None:
    try:
        fields = [_field_again(row, field) for field in _FIELDS]
    except VaultError as error:
        logger.error("identity %s: %s", row.pk, error)
        return None
    return row.pk, fields[0], fields[1], fields[2]


def _field_again(row: Identity, field: str) -> bytes:
    sealed = bytes(getattr(row, field))
    if not sealed:
        if field != "tax_code":
            raise VaultError("the name is not there")
        return b""
    return vault.seal(vault.unseal(sealed, row=row.uuid, field=field), row=row.uuid, field=field)
