# SPDX-License-Identifier: EUPL-1.2
"""Counted once: the fingerprints of what was typed, and who is already in the programme (design 6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from beneficiaries.enums import EXACT_FINGERPRINTS, FingerprintKind, PairState, Similarity
from beneficiaries.models import Fingerprint, Identity, Pair
from beneficiaries.selectors.matching import TaxCodeError, fingerprints_of, is_common, similarity_of
from beneficiaries.services.merging import have_figures, join, roots_of
from beneficiaries.signals import persons_changed, persons_changing
from fami_portal.core.errors import DomainError
from fami_portal.core.services import record_event

# The first number of our advisory locks of two numbers; the second is the programme.
COMPARING = 4_100
# So many fingerprints are locked one by one; more of them (an import) lock the whole programme.
LOCKED_ONE_BY_ONE = 40
# So many candidates are queued for one record, the most alike first: more are no help to anybody.
MOST_CANDIDATES = 10

_ORDER = {Similarity.HIGH: 0, Similarity.MEDIUM: 1, Similarity.LOW: 2}
_FOUND = """
SELECT mine.beneficiary_id, other.beneficiary_id, array_agg(DISTINCT mine.kind::text),
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


@dataclass(frozen=True, repr=False)
class Typed:
    """An identity with the words that were typed of it. Never kept; its `repr` says nothing."""

    identity: Identity
    given_name: str
    family_name: str
    tax_code: str = ""


@dataclass(frozen=True)
class _Found:
    mine: int
    other: int
    kinds: list[str]
    first_of_january: bool
    other_code: bool

    @property
    def exact(self) -> bool:
        return any(kind in EXACT_FINGERPRINTS for kind in self.kinds)


def count_once(*, people: Sequence[Typed], by: Any, at: datetime, renewed: bool = False) -> set[int]:
    """Take the fingerprints of identities just written, join and queue: what a registration or correction calls.

    As `take_fingerprints` and then `link_or_queue`.
    """
    return link_or_queue(people=people, fingerprints=take_fingerprints(people=people, renewed=renewed), by=by, at=at)


def take_fingerprints(*, people: Sequence[Typed], renewed: bool = False) -> list[Fingerprint]:
    """Write the fingerprints of identities, in one query; with `renewed`, in the place of those that were taken before.

    Call it inside `acting`, with `identity.beneficiary.programme` loaded. Raises `DomainError` at the tax code.
    """
    rows = []
    for one in people:
        person = one.identity.beneficiary
        try:
            found = fingerprints_of(
                programme_uuid=person.programme.uuid,
                given_name=one.given_name,
                family_name=one.family_name,
                birth_date=person.birth_date,
                tax_code=one.tax_code,
            )
        except TaxCodeError as error:
            raise DomainError(error.message, field="tax_code") from None
        rows += [
            Fingerprint(identity=one.identity, beneficiary_id=person.pk, kind=kind, digest=digest)
            for kind, digest in found
        ]
    if renewed:
        Fingerprint.objects.filter(identity__in=[one.identity.pk for one in people]).delete()
    return Fingerprint.objects.bulk_create(rows, batch_size=5000)


def take_turns(programme_id: int, fingerprints: Sequence[Fingerprint]) -> None:
    """Wait for whoever compares the same fingerprints now, until the end of both transactions.

    Without it two bodies that register one child at the same moment do not see one another.
    """
    keys = sorted({int.from_bytes(bytes(one.digest)[:8], "big", signed=True) for one in fingerprints})
    with connection.cursor() as cursor:
        if len(keys) > LOCKED_ONE_BY_ONE:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [COMPARING, programme_id])
        else:
            cursor.execute(
                "SELECT pg_advisory_xact_lock_shared(%s, %s)::text"
                " UNION ALL SELECT pg_advisory_xact_lock(key)::text FROM unnest(%s::bigint[]) AS key",
                [COMPARING, programme_id, keys],
            )


def link_or_queue(*, people: Sequence[Typed], fingerprints: Sequence[Fingerprint], by: Any, at: datetime) -> set[int]:
    """Join records with the same code to those of the programme, silently, and queue those that look alike.

    Call it inside `acting`, after `take_fingerprints`; all people are of one programme. Returns the ids of the records
    that are already present in the programme: all that anybody is told, never where.
    """
    if not fingerprints:
        return set()
    first = people[0].identity.beneficiary
    take_turns(first.programme_id, fingerprints)
    found = _found([one.identity.pk for one in people])
    if not found:
        return set()
    pairs = _pairs(found)
    linked = _link(first.programme_id, found, pairs, by, at)
    common = {one.identity.beneficiary_id for one in people if is_common(one.given_name, one.family_name)}
    _queue(first.programme_id, found, pairs, common, at)
    for one in people:
        if one.identity.beneficiary_id in linked:
            record_event(by=by, verb="already_present", target=one.identity.beneficiary, at=at)
    return linked


def _found(identities: list[int]) -> list[_Found]:
    with connection.cursor() as cursor:
        cursor.execute(_FOUND, {"identities": identities, "code": FingerprintKind.TAX_CODE})
        return [_Found(*row) for row in cursor.fetchall()]


def _pairs(found: Sequence[_Found]) -> dict[tuple[int, int], Pair]:
    """Return what was decided or queued before of the records found."""
    mine = {one.mine for one in found} | {one.other for one in found}
    rows = Pair.objects.filter(first__in=mine, second__in=mine).order_by("pk")
    return {(pair.first_id, pair.second_id): pair for pair in rows}


def _key(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)


def _link(
    programme_id: int, found: Sequence[_Found], pairs: dict[tuple[int, int], Pair], by: Any, at: datetime
) -> set[int]:
    exact = {
        _key(one.mine, one.other): one
        for one in found
        if one.exact and getattr(pairs.get(_key(one.mine, one.other)), "state", "") != PairState.APART
    }
    if not exact:
        return set()
    # A record of this moment has no figures; one whose code was added later may have.
    moving = have_figures(one.mine for one in exact.values())
    if moving:
        persons_changing.send(sender=Pair, programme_id=programme_id)
    decision = {"state": PairState.MERGED, "decided_at": at}
    known = [pairs[key].pk for key in exact if key in pairs]
    if known:
        Pair.objects.filter(pk__in=known).update(**decision)
    new = [
        Pair(
            programme_id=programme_id,
            first_id=key[0],
            second_id=key[1],
            kinds=sorted(one.kinds),
            similarity=Similarity.HIGH,
            found_at=at,
            **decision,
        )
        for key, one in exact.items()
        if key not in pairs
    ]
    pairs |= {(pair.first_id, pair.second_id): pair for pair in Pair.objects.bulk_create(new)}
    edges = [(*key, pairs[key]) for key in exact]
    joined = join(programme_id=programme_id, edges=edges, automatic=True, by=by, at=at)
    if moving and joined:
        persons_changed.send(sender=Pair, programme_id=programme_id, by=by, at=at, parted=())
    return {one.mine for one in found if one.exact and _key(one.mine, one.other) in exact}


def _queue(
    programme_id: int,
    found: Sequence[_Found],
    pairs: dict[tuple[int, int], Pair],
    common: set[int],
    at: datetime,
) -> None:
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
    if not bands:
        return
    roots = roots_of({end for _band, one in bands for end in (one.mine, one.other)})
    # With a record that is part of another the pair is about the one that remains.
    decided = set(pairs)
    number: dict[int, int] = {}
    rows: list[Pair] = []
    for band, one in sorted(bands, key=lambda item: (_ORDER[item[0]], item[1].mine, item[1].other)):
        key = _key(roots[one.mine], roots[one.other])
        number[one.mine] = number.get(one.mine, 0) + 1
        if key[0] == key[1] or key in decided or number[one.mine] > MOST_CANDIDATES:
            continue
        decided.add(key)
        rows.append(
            Pair(
                programme_id=programme_id,
                first_id=key[0],
                second_id=key[1],
                kinds=sorted(one.kinds),
                similarity=band,
                found_at=at,
            )
        )
    Pair.objects.bulk_create(rows)
