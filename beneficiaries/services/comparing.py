# SPDX-License-Identifier: EUPL-1.2
"""Who shares a fingerprint with a record: the turn of whoever compares, the records found, and how alike they are."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection

from beneficiaries.enums import EXACT_FINGERPRINTS, FingerprintKind, Similarity
from beneficiaries.selectors.matching import similarity_of

# The first number of our advisory locks of two numbers; the second is the programme.
COMPARING = 4_100
# So many fingerprints are locked one by one; more of them (an import) lock the whole programme.
LOCKED_ONE_BY_ONE = 40
# So many candidates are queued for one record, the most alike first: more are no help to anybody.
MOST_CANDIDATES = 10

_ORDER = {Similarity.HIGH: 0, Similarity.MEDIUM: 1, Similarity.LOW: 2}
_ONE_BY_ONE = """
SELECT pg_advisory_xact_lock_shared(%(comparing)s, %(programme)s)::text
 UNION ALL SELECT pg_advisory_xact_lock(key)::text FROM unnest(%(keys)s::bigint[]) AS key
"""
_FOUND = """
SELECT mine.beneficiary_id, other.beneficiary_id, max(you.merged_into_id), max(you.counted_as_id),
       array_agg(DISTINCT mine.kind::text),
       bool_or(to_char(me.birth_date, 'MMDD') = '0101' OR to_char(you.birth_date, 'MMDD') = '0101'),
       bool_or(EXISTS (SELECT 1 FROM beneficiaries_fingerprint AS code
                        WHERE code.beneficiary_id = me.id AND code.kind = %(code)s)
           AND EXISTS (SELECT 1 FROM beneficiaries_fingerprint AS code
                        WHERE code.beneficiary_id = you.id AND code.kind = %(code)s))
  FROM beneficiaries_fingerprint AS mine
  JOIN beneficiaries_fingerprint AS other
    ON other.digest = mine.digest AND other.kind = mine.kind AND other.beneficiary_id <> mine.beneficiary_id
  JOIN beneficiaries_beneficiary AS me ON me.id = mine.beneficiary_id
  JOIN beneficiaries_beneficiary AS you ON you.id = other.beneficiary_id
 WHERE mine.identity_id = ANY(%(identities)s)
 GROUP BY 1, 2
 ORDER BY 1, 2
"""


class Taken(NamedTuple):
    """A fingerprint as it is taken: what a row of `Fingerprint` holds."""

    identity_id: int
    beneficiary_id: int
    kind: str
    digest: bytes


@dataclass(frozen=True)
class Found:
    """A record of the programme that shares a fingerprint with one of those compared."""

    mine: int
    other: int
    # What the other is part of, and what it counts with.
    joined: int | None
    counted: int | None
    kinds: list[str]
    first_of_january: bool
    other_code: bool

    @property
    def exact(self) -> bool:
        return any(kind in EXACT_FINGERPRINTS for kind in self.kinds)


def take_turns(programme_id: int, fingerprints: Sequence[Taken]) -> None:
    """Wait for whoever compares the same fingerprints now, until the end of both transactions.

    Without it two bodies that register one child at the same moment do not see one another.
    """
    with connection.cursor() as cursor:
        cursor.execute(*turn_of(programme_id, fingerprints))


def turn_of(programme_id: int, fingerprints: Sequence[Taken]) -> tuple[str, dict[str, Any]]:
    """Return the statement that takes the turn, with its parameters."""
    keys = sorted({int.from_bytes(bytes(one.digest)[:8], "big", signed=True) for one in fingerprints})
    parameters = {"comparing": COMPARING, "programme": programme_id, "keys": keys}
    if len(keys) > LOCKED_ONE_BY_ONE:
        return "SELECT pg_advisory_xact_lock(%(comparing)s, %(programme)s)", parameters
    return _ONE_BY_ONE, parameters


def bands_of(found: Sequence[Found], common: Container[int]) -> list[tuple[Similarity, Found]]:
    """Return those that look alike without having the same code, with how much, the most alike first."""
    bands = [
        (band, one)
        for one in found
        if not one.exact
        and (
            band := similarity_of(
                one.kinds,
                first_of_january=one.first_of_january,
                common=one.mine in common,
                other_code=one.other_code,
            )
        )
    ]
    return sorted(bands, key=lambda item: (_ORDER[item[0]], item[1].mine, item[1].other))


def connects(found: Sequence[Found]) -> bool:
    """Whether a record is like records that do not count as one yet, so that they may from now on."""
    others: dict[int, set[int]] = {}
    for one in found:
        others.setdefault(one.mine, set()).add(one.joined or one.counted or one.other)
    return any(len(records) > 1 for records in others.values())


def found_by(identities: list[int], programme_id: int, fingerprints: Sequence[Taken]) -> list[Found]:
    """Return the records that share a fingerprint, once it is their turn: one round trip of two statements."""
    turn, parameters = turn_of(programme_id, fingerprints)
    with connection.cursor() as cursor:
        # The second statement sees what was committed while the first one waited.
        cursor.execute(f"{turn};{_FOUND}", {**parameters, "identities": identities, "code": FingerprintKind.TAX_CODE})
        return [Found(*row) for row in cursor.fetchall()]
