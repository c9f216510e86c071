# SPDX-License-Identifier: EUPL-1.2
"""With whom a record counts while nobody has decided on its pairs (ADR 21).

Records that undecided pairs connect are a group, and count as its oldest record (`Beneficiary.counted_as`). Whoever
writes pairs or merges calls `regroup` in the same transaction, under `take_merging`, and tells the ledger what moved.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db import connection

from beneficiaries.enums import UNDECIDED, PairState, Similarity

# The records around some others: joined to them, counted with them, in an undecided pair with them; and their pairs.
_AROUND = """
WITH RECURSIVE around (id) AS (
    SELECT unnest(%(ids)s::bigint[])
     UNION
    SELECT next_one.id FROM around CROSS JOIN LATERAL (
        SELECT unnest(ARRAY[merged_into_id, counted_as_id]) AS id
          FROM beneficiaries_beneficiary WHERE beneficiaries_beneficiary.id = around.id
         UNION ALL
        SELECT id FROM beneficiaries_beneficiary WHERE merged_into_id = around.id
         UNION ALL
        SELECT id FROM beneficiaries_beneficiary WHERE counted_as_id = around.id
         UNION ALL
        SELECT second_id FROM beneficiaries_pair WHERE first_id = around.id AND state = ANY(%(undecided)s)
         UNION ALL
        SELECT first_id FROM beneficiaries_pair WHERE second_id = around.id AND state = ANY(%(undecided)s)
    ) AS next_one WHERE next_one.id IS NOT NULL
)
SELECT 'record', record.id, record.merged_into_id, record.counted_as_id, ''
  FROM around JOIN beneficiaries_beneficiary AS record ON record.id = around.id
 UNION ALL
SELECT pair.state, pair.id, pair.first_id, pair.second_id, pair.similarity
  FROM around JOIN beneficiaries_pair AS pair ON pair.first_id = around.id
 WHERE (pair.state = ANY(%(undecided)s) OR pair.state = %(apart)s)
   AND pair.second_id IN (SELECT id FROM around)
"""
_ORDER = {Similarity.HIGH: 0, Similarity.MEDIUM: 1, Similarity.LOW: 2}


@dataclass(frozen=True)
class Moved:
    """A record, with all that is joined to it, counts as another record than before.

    `root` is the record of which it has become part, when it was joined for good in this act.
    """

    record: int
    before: int
    after: int
    root: int | None = None


@dataclass
class _Around:
    """Records with what they are joined to and counted as, and the pairs among them."""

    records: dict[int, tuple[int | None, int | None]] = field(default_factory=dict)
    undecided: list[tuple[int, int]] = field(default_factory=list)
    apart: list[tuple[int, int]] = field(default_factory=list)

    def root(self, one: int) -> int:
        while (above := self.records[one][0]) is not None:
            one = above
        return one

    def groups(self) -> dict[int, int]:
        """Return with whom each record that remains counts: the oldest of its group.

        The most alike pairs come first; a pair that would bring two records together that were kept apart is left out.
        """
        group = {one: one for one, (joined, _counted) in self.records.items() if joined is None}
        members = {one: {one} for one in group}
        foes: dict[int, set[int]] = {}
        for first, second in self.apart:
            one, other = self.root(first), self.root(second)
            foes.setdefault(one, set()).add(other)
            foes.setdefault(other, set()).add(one)
        for first, second in self.undecided:
            kept, taken = sorted((group[self.root(first)], group[self.root(second)]))
            if kept == taken or any(foes.get(one, set()) & members[kept] for one in members[taken]):
                continue
            for one in members[taken]:
                group[one] = kept
            members[kept] |= members.pop(taken)
        return group


def _around(ids: Iterable[int]) -> _Around:
    with connection.cursor() as cursor:
        cursor.execute(
            _AROUND,
            {"ids": list(ids), "undecided": [state.value for state in UNDECIDED], "apart": PairState.APART.value},
        )
        rows = cursor.fetchall()
    found, undecided = _Around(), []
    for what, pk, one, other, similarity in rows:
        if what == "record":
            found.records[pk] = (one, other)
        elif what == PairState.APART:
            found.apart.append((one, other))
        else:
            undecided.append((_ORDER[similarity], pk, one, other))
    found.undecided = [(one, other) for _order, _pk, one, other in sorted(undecided)]
    return found


def regroup(*, ids: Iterable[int], before: Mapping[int, int] | None = None) -> list[Moved]:
    """Say anew with whom some records count, and all those around them; return what counts otherwise than before.

    Call it inside `acting`, after the pairs and merges of the act are written and under `take_merging`. `before` tells
    as what counted the records whose merge the act has changed: their rows do not tell it any more. Two queries.
    """
    told = dict(before or {})
    around = _around([*ids, *told])
    groups = around.groups()
    moved, changed = [], []
    for record, (_joined, counted_as) in sorted(around.records.items()):
        root = around.root(record)
        after = groups[root]
        was = told.get(record, counted_as or record)
        if record != root:
            if record in told:
                moved.append(Moved(record, was, after, root))
            continue
        if was != after:
            moved.append(Moved(record, was, after))
        if (after if after != record else None) != counted_as:
            changed.append((record, after if after != record else None))
    if changed:
        records, counted = zip(*changed, strict=True)
        with connection.cursor() as cursor:
            # By arrays: an import changes thousands at once.
            cursor.execute(
                "UPDATE beneficiaries_beneficiary AS record SET counted_as_id = changed.counted_as"
                "  FROM unnest(%s::bigint[], %s::bigint[]) AS changed (id, counted_as) WHERE record.id = changed.id",
                [list(records), list(counted)],
            )
    return moved
