# SPDX-License-Identifier: EUPL-1.2
"""Counted once: the fingerprints of what was typed, and who is already in the programme (design 6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import F, Q

from beneficiaries.enums import EXACT_FINGERPRINTS, FingerprintKind, PairState, Similarity
from beneficiaries.models import Fingerprint, Identity, Pair
from beneficiaries.selectors.matching import TaxCodeError, fingerprints_of, is_common, similarity_of
from beneficiaries.services.grouping import regroup
from beneficiaries.services.merging import (
    Joined,
    close_questions,
    have_figures,
    join,
    root_in,
    standings_of,
    take_merging,
)
from beneficiaries.services.newcomers import Alike, join_new, queue_new
from beneficiaries.signals import persons_changed, persons_changing
from fami_portal.core.errors import DomainError
from fami_portal.core.services import record_events

# The first number of our advisory locks of two numbers; the second is the programme.
COMPARING = 4_100
# So many fingerprints are locked one by one; more of them (an import) lock the whole programme.
LOCKED_ONE_BY_ONE = 40
# So many candidates are queued for one record, the most alike first: more are no help to anybody.
MOST_CANDIDATES = 10

_ORDER = {Similarity.HIGH: 0, Similarity.MEDIUM: 1, Similarity.LOW: 2}
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


@dataclass(frozen=True, repr=False)
class Typed:
    """An identity with the words that were typed of it. Never kept; its `repr` says nothing."""

    identity: Identity
    given_name: str
    family_name: str
    tax_code: str = ""


class Taken(NamedTuple):
    """A fingerprint as it is taken: what a row of `Fingerprint` holds."""

    identity_id: int
    beneficiary_id: int
    kind: str
    digest: bytes


@dataclass(frozen=True)
class _Found:
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


def count_once(
    *, people: Sequence[Typed], by: Any, at: datetime, renewed: bool = False, fresh: bool = False
) -> set[int]:
    """Take the fingerprints of identities just written, join and queue: what a registration or correction calls.

    As `take_fingerprints` and then `link_or_queue`.
    """
    fingerprints = take_fingerprints(people=people, renewed=renewed)
    return link_or_queue(people=people, fingerprints=fingerprints, by=by, at=at, fresh=fresh)


def take_fingerprints(*, people: Sequence[Typed], renewed: bool = False) -> list[Taken]:
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
        rows += [Taken(one.identity.pk, person.pk, kind.value, digest) for kind, digest in found]
    if renewed:
        Fingerprint.objects.filter(identity__in=[one.identity.pk for one in people]).delete()
    with connection.cursor() as cursor:
        # By arrays: an import writes a hundred thousand, and nobody needs their ids.
        cursor.execute(
            "INSERT INTO beneficiaries_fingerprint (identity_id, beneficiary_id, kind, digest)"
            " SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::bytea[])",
            [
                [row.identity_id for row in rows],
                [row.beneficiary_id for row in rows],
                [row.kind for row in rows],
                [row.digest for row in rows],
            ],
        )
    return rows


def take_turns(programme_id: int, fingerprints: Sequence[Taken]) -> None:
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


def take_turns_before(*, people: Sequence[Typed], birth_date: date) -> None:
    """Take every lock of a comparison with a new birth date, before the row of the record that is corrected."""
    programme = people[0].identity.beneficiary.programme
    digests = [
        Taken(0, 0, kind, digest)
        for one in people
        for kind, digest in fingerprints_of(
            programme_uuid=programme.uuid,
            given_name=one.given_name,
            family_name=one.family_name,
            birth_date=birth_date,
            tax_code=one.tax_code,
        )
    ]
    take_turns(programme.pk, digests)
    persons_changing.send(sender=Pair, programme_id=programme.pk)
    take_merging(programme.pk)


def link_or_queue(
    *, people: Sequence[Typed], fingerprints: Sequence[Taken], by: Any, at: datetime, fresh: bool = False
) -> set[int]:
    """Join records with the same code to those of the programme, silently, and queue those that look alike.

    Call it inside `acting`, after `take_fingerprints`; all people are of one programme. `fresh` says that the records
    were made in this transaction, so that no figure stands on them. Returns the ids of the records that are already
    present in the programme: all that anybody is told, never where.
    """
    if not fingerprints:
        return set()
    mine = {one.identity.beneficiary_id: one.identity.beneficiary for one in people}
    programme_id = people[0].identity.beneficiary.programme_id
    take_turns(programme_id, fingerprints)
    found = _found([one.identity.pk for one in people])
    if not found:
        return set()
    common = {one.identity.beneficiary_id for one in people if is_common(one.given_name, one.family_name)}
    if fresh and len(people) == 1 and _join_new(programme_id, found, common, by, at):
        record_events(by=by, verb="already_present", targets=list(mine.values()), at=at)
        return set(mine)
    if fresh and len(people) == 1 and not _connects(found) and _queue_new(people[0], found, common, at):
        return set()
    # A record of this moment has no figures; one whose code was added later may have, and so may two that it connects.
    moving = len(people) > 1 or _connects(found) or (not fresh and have_figures(mine))
    if moving:
        persons_changing.send(sender=Pair, programme_id=programme_id)
    # What was decided of them is read after the lock: whoever decides holds it.
    take_merging(programme_id)
    work = _Work(programme_id, at, found, _pairs(found))
    joined = work.link(by)
    queued = work.queue(common)
    if joined.into or queued:
        moved = regroup(ids={*joined.into.values(), *(end for pair in queued for end in pair)}, before=joined.before)
        if (moving and not fresh) or any(one.record not in mine for one in moved):
            persons_changed.send(sender=Pair, programme_id=programme_id, by=by, at=at, parted=(), moved=moved)
    record_events(by=by, verb="already_present", targets=[mine[pk] for pk in sorted(work.new & mine.keys())], at=at)
    return work.linked


def _join_new(programme_id: int, found: Sequence[_Found], common: set[int], by: Any, at: datetime) -> bool:
    """Join a record of this moment to the one person who has its code, if there is nothing else to say of it."""
    exact = [one for one in found if one.exact]
    if not exact or any(one.other > one.mine for one in exact):
        return False
    return join_new(
        record=exact[0].mine,
        programme_id=programme_id,
        exact=[Alike(one.other, one.kinds, Similarity.HIGH) for one in exact],
        alike=[one.other for _band, one in _bands(found, common)[:MOST_CANDIDATES]],
        by=by,
        at=at,
    )


def _queue_new(typed: Typed, found: Sequence[_Found], common: set[int], at: datetime) -> bool:
    """Queue a record of this moment that has nobody's code, if all that it is like counts as one person."""
    if any(one.exact for one in found):
        return False
    bands = _bands(found, common)[:MOST_CANDIDATES]
    alike = [Alike(one.other, one.kinds, band) for band, one in bands]
    return not alike or queue_new(record=typed.identity.beneficiary, alike=alike, at=at)


def _bands(found: Sequence[_Found], common: set[int]) -> list[tuple[Similarity, _Found]]:
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


def _connects(found: Sequence[_Found]) -> bool:
    """Whether a record is like records that do not count as one yet, so that they may from now on."""
    others: dict[int, set[int]] = {}
    for one in found:
        others.setdefault(one.mine, set()).add(one.joined or one.counted or one.other)
    return any(len(records) > 1 for records in others.values())


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


class _Work:
    """The links and pairs of one comparison."""

    def __init__(
        self, programme_id: int, at: datetime, found: Sequence[_Found], pairs: dict[tuple[int, int], Pair]
    ) -> None:
        self.programme_id, self.at, self.found, self.pairs = programme_id, at, found, pairs
        # Those present in the programme already, and those of them that nobody knew to be before.
        self.linked: set[int] = set()
        self.new: set[int] = set()

    def link(self, by: Any) -> Joined:
        """Join the records with the same code, unless somebody said that they are two persons."""
        exact = {
            _key(one.mine, one.other): one
            for one in self.found
            if one.exact and getattr(self.pairs.get(_key(one.mine, one.other)), "state", "") != PairState.APART
        }
        if not exact:
            return Joined()
        self.linked = {one.mine for one in self.found if one.exact and _key(one.mine, one.other) in exact}
        unknown = {key for key in exact if getattr(self.pairs.get(key), "state", "") != PairState.MERGED}
        self.new = {exact[key].mine for key in unknown}
        if not unknown:
            return Joined()
        decision = {"state": PairState.MERGED, "decided_at": self.at}
        known = [self.pairs[key] for key in unknown if key in self.pairs]
        if known:
            close_questions(pairs=known, at=self.at)
            Pair.objects.filter(pk__in=[pair.pk for pair in known]).update(**decision, version=F("version") + 1)
        made = [
            self._pair(key, exact[key], Similarity.HIGH, **decision) for key in sorted(unknown) if key not in self.pairs
        ]
        self.pairs |= {(pair.first_id, pair.second_id): pair for pair in Pair.objects.bulk_create(made)}
        edges = [(*key, self.pairs[key]) for key in sorted(unknown)]
        return join(programme_id=self.programme_id, edges=edges, automatic=True, by=by, at=self.at)

    def queue(self, common: set[int]) -> list[tuple[int, int]]:
        """Queue the records that look alike, the most alike first; return the new pairs, by the ids of the records.

        Where two bodies registered them the bodies are asked, each of its own record.
        """
        bands = _bands(self.found, common)
        if not bands:
            return []
        ends = {end for _band, one in bands for end in (one.mine, one.other)}
        standings = standings_of(ends)
        decided = set(self.pairs)
        if above := standings.keys() - ends:
            # Those that the records found are part of were not found themselves; their pairs are pairs of them all.
            pairs = Pair.objects.filter(Q(first__in=above) | Q(second__in=above)).order_by()
            decided |= set(pairs.values_list("first_id", "second_id"))
        number: dict[int, int] = {}
        rows: dict[tuple[int, int], Pair] = {}
        for band, one in bands:
            # With a record that is part of another the pair is about the one that remains.
            key = _key(root_in(standings, one.mine), root_in(standings, one.other))
            number[one.mine] = number.get(one.mine, 0) + 1
            if key[0] == key[1] or key in decided or number[one.mine] > MOST_CANDIDATES:
                continue
            decided.add(key)
            asked = standings[key[0]].body != standings[key[1]].body
            rows[key] = self._pair(key, one, band, state=PairState.ASKED if asked else PairState.OPEN)
        Pair.objects.bulk_create(rows.values(), batch_size=5000)
        return list(rows)

    def _pair(self, key: tuple[int, int], one: _Found, band: str, **values: Any) -> Pair:
        return Pair(
            programme_id=self.programme_id,
            first_id=key[0],
            second_id=key[1],
            kinds=sorted(one.kinds),
            similarity=band,
            found_at=self.at,
            **values,
        )
