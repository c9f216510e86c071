# SPDX-License-Identifier: EUPL-1.2
"""Counted once: the fingerprints of what was typed, and who is already in the programme (design 6)."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import F, Q

from beneficiaries.enums import PairState, Similarity
from beneficiaries.models import Beneficiary, Fingerprint, Identity, Pair
from beneficiaries.selectors.matching import TaxCodeError, fingerprints_of, is_common
from beneficiaries.services.comparing import (
    MOST_CANDIDATES,
    Found,
    Taken,
    bands_of,
    connects,
    found_by,
    take_turns,
)
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
from beneficiaries.tasks import COMPARE_RECORD
from fami_portal.core.errors import DomainError
from fami_portal.core.jobs import enqueue
from fami_portal.core.services import record_events


@dataclass(frozen=True, repr=False)
class Typed:
    """An identity with the words that were typed of it. Never kept; its `repr` says nothing."""

    identity: Identity
    given_name: str
    family_name: str
    tax_code: str = ""


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
    found = found_by([one.identity.pk for one in people], programme_id, fingerprints)
    if not found:
        return set()
    common = {one.identity.beneficiary_id for one in people if is_common(one.given_name, one.family_name)}
    if fresh and len(people) == 1:
        present = _newcomer(people[0].identity, found, common, by, at)
        if present is not None:
            return present
    # A record of this moment has no figures; one whose code was added later may have, and so may two that it connects.
    moving = len(people) > 1 or connects(found) or (not fresh and have_figures(mine))
    return _compare(programme_id, mine, found, common, by, at, moving=moving, fresh=fresh)


def compare_again(*, identity: int, common: bool, by: Any, at: datetime) -> None:
    """Compare a record with the programme once more: what its registration left for later, as it connects two persons.

    Call it inside `acting`. Does nothing where the name has been destroyed meanwhile.
    """
    rows = Fingerprint.objects.filter(identity=identity).order_by("pk")
    taken = [Taken(row.identity_id, row.beneficiary_id, row.kind, bytes(row.digest)) for row in rows]
    record = Beneficiary.objects.filter(identities=identity).first()
    if not taken or record is None:
        return
    found = found_by([identity], record.programme_id, taken)
    if found:
        mine = {record.pk: record}
        _compare(record.programme_id, mine, found, mine.keys() if common else (), by, at, moving=True, fresh=False)


def _compare(
    programme_id: int,
    mine: Mapping[int, Beneficiary],
    found: Sequence[Found],
    common: Container[int],
    by: Any,
    at: datetime,
    *,
    moving: bool,
    fresh: bool,
) -> set[int]:
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


def _newcomer(
    identity: Identity, found: Sequence[Found], common: Container[int], by: Any, at: datetime
) -> set[int] | None:
    """Join or queue a record of this moment in one round trip; None where several persons have its code.

    Where it connects persons that count as two until now, figures may move: that needs the head of the ledger, which
    nobody who registers waits for. It is left to a job of the same commit.
    """
    record = identity.beneficiary
    exact = [one for one in found if one.exact]
    alike = [Alike(one.other, one.kinds, band) for band, one in bands_of(found, common)[:MOST_CANDIDATES]]
    if not exact:
        if alike and (connects(found) or not queue_new(record=record, alike=alike, at=at)):
            _leave_for_later(identity, common, by)
        return set()
    if any(one.other > one.mine for one in exact):
        return None
    left = join_new(
        record=record.pk,
        programme_id=record.programme_id,
        exact=[Alike(one.other, one.kinds, Similarity.HIGH) for one in exact],
        alike=[one.record for one in alike],
        by=by,
        at=at,
    )
    if left is None:
        return None
    record_events(by=by, verb="already_present", targets=[record], at=at)
    if left:
        _leave_for_later(identity, common, by)
    return {record.pk}


def _leave_for_later(identity: Identity, common: Container[int], by: Any) -> None:
    parameters = {"common": identity.beneficiary_id in common}
    enqueue(kind=COMPARE_RECORD, by=by, subject_id=identity.pk, parameters=parameters, key=str(identity.pk))


def _pairs(found: Sequence[Found]) -> dict[tuple[int, int], Pair]:
    """Return what was decided or queued before of the records found."""
    mine = {one.mine for one in found} | {one.other for one in found}
    rows = Pair.objects.filter(first__in=mine, second__in=mine).order_by("pk")
    return {(pair.first_id, pair.second_id): pair for pair in rows}


def _key(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)


class _Work:
    """The links and pairs of one comparison."""

    def __init__(
        self, programme_id: int, at: datetime, found: Sequence[Found], pairs: dict[tuple[int, int], Pair]
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

    def queue(self, common: Container[int]) -> list[tuple[int, int]]:
        """Queue the records that look alike, the most alike first; return the new pairs, by the ids of the records.

        Where two bodies registered them the bodies are asked, each of its own record.
        """
        bands = bands_of(self.found, common)
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

    def _pair(self, key: tuple[int, int], one: Found, band: str, **values: Any) -> Pair:
        return Pair(
            programme_id=self.programme_id,
            first_id=key[0],
            second_id=key[1],
            kinds=sorted(one.kinds),
            similarity=band,
            found_at=self.at,
            **values,
        )
