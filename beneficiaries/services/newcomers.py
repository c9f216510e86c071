# SPDX-License-Identifier: EUPL-1.2
"""A record of this moment that is one person of the programme, or looks like somebody: joined or queued at once.

What `matching` does for any records, for the usual case of a registration and in one round trip to the database.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from beneficiaries.enums import PairState, Similarity
from beneficiaries.models import Beneficiary
from beneficiaries.services.merging import MERGING

# Two statements, so that the second one sees all that was decided before the turn came. A new record has neither pairs
# nor figures: where those it is like count as one already, it counts with them, and nothing else moves. `regroup` says
# the same: nobody has kept it apart from anybody, and among those who count as one nobody is kept apart.
_QUEUE_NEW = """
SELECT pg_advisory_xact_lock(%(merging)s, %(programme)s);
WITH RECURSIVE alike AS (
    SELECT * FROM unnest(%(others)s::bigint[], %(kinds)s::text[], %(bands)s::text[])
             WITH ORDINALITY AS alike (id, kinds, similarity, place)
), above AS (
    SELECT alike.place, record.id, record.merged_into_id, record.counted_as_id, record.registered_by_id
      FROM alike JOIN beneficiaries_beneficiary AS record ON record.id = alike.id
     UNION ALL
    SELECT above.place, record.id, record.merged_into_id, record.counted_as_id, record.registered_by_id
      FROM above JOIN beneficiaries_beneficiary AS record ON record.id = above.merged_into_id
), root AS (
    SELECT DISTINCT ON (above.id) above.id, coalesce(above.counted_as_id, above.id) AS counted_id,
           above.registered_by_id, alike.kinds, alike.similarity, alike.place
      FROM alike JOIN above ON above.place = alike.place AND above.merged_into_id IS NULL
     ORDER BY above.id, alike.place
), person AS (
    SELECT min(counted_id) AS id FROM root
    HAVING count(DISTINCT counted_id) = 1 AND max(id) < %(new)s AND max(counted_id) < %(new)s
), made AS (
    INSERT INTO beneficiaries_pair (uuid, programme_id, first_id, second_id, kinds, similarity, state, found_at,
                                    reason, questions_end, version)
    SELECT gen_random_uuid(), %(programme)s, root.id, %(new)s, to_jsonb(string_to_array(root.kinds, ' ')),
           root.similarity, CASE WHEN root.registered_by_id = %(body)s THEN %(open)s ELSE %(asked)s END, %(at)s,
           '', '', 1
      FROM person CROSS JOIN root ORDER BY root.place
)
UPDATE beneficiaries_beneficiary AS record SET counted_as_id = person.id FROM person WHERE record.id = %(new)s
"""


# An exact match in one statement: a record of this moment becomes part of the one older person who has its code. Tells
# whether all that it looks like is part of that person too, or in a pair with it: where it is not, the record connects
# two persons, and that is for later. Where the code is that of several persons nothing is written and no turn is taken.
_JOIN_NEW = """
WITH RECURSIVE above AS (
    SELECT record.id AS start, record.id, record.merged_into_id
      FROM beneficiaries_beneficiary AS record WHERE record.id = ANY(%(others)s::bigint[] || %(alike)s::bigint[])
     UNION ALL
    SELECT above.start, record.id, record.merged_into_id
      FROM above JOIN beneficiaries_beneficiary AS record ON record.id = above.merged_into_id
), root AS (
    SELECT start, id FROM above WHERE merged_into_id IS NULL
), person AS MATERIALIZED (
    SELECT min(id) AS id FROM root WHERE start = ANY(%(others)s::bigint[])
    HAVING count(DISTINCT id) = 1 AND max(id) < %(new)s
), turn AS MATERIALIZED (
    SELECT person.id, pg_advisory_xact_lock(%(merging)s, %(programme)s) FROM person
), made AS (
    INSERT INTO beneficiaries_pair (uuid, programme_id, first_id, second_id, kinds, similarity, state, found_at,
                                    decided_at, reason, questions_end, version)
    SELECT gen_random_uuid(), %(programme)s, older.id, %(new)s, to_jsonb(string_to_array(older.kinds, ' ')),
           %(similarity)s, %(state)s, %(at)s, %(at)s, '', '', 1
      FROM turn, unnest(%(others)s::bigint[], %(kinds)s::text[]) AS older (id, kinds)
    RETURNING id, first_id
), joined AS (
    UPDATE beneficiaries_beneficiary AS record SET merged_into_id = turn.id, version = version + 1
      FROM turn WHERE record.id = %(new)s
), merged AS (
    INSERT INTO beneficiaries_merge (uuid, survivor_id, merged_id, pair_id, automatic, reason, at, by_id, undo_reason)
    SELECT gen_random_uuid(), turn.id, %(new)s, made.id, true, '', %(at)s, %(by)s, ''
      FROM turn, made ORDER BY made.first_id LIMIT 1
)
SELECT EXISTS (
    SELECT 1 FROM root
     WHERE root.start = ANY(%(alike)s::bigint[]) AND root.id <> turn.id
       AND NOT EXISTS (SELECT 1 FROM beneficiaries_pair AS pair
                        WHERE pair.first_id = least(root.id, turn.id) AND pair.second_id = greatest(root.id, turn.id)))
  FROM turn
"""


@dataclass(frozen=True)
class Alike:
    """A record that a new one looks like: by which kinds of fingerprints, and how much."""

    record: int
    kinds: Sequence[str]
    similarity: str


def queue_new(*, record: Beneficiary, alike: Sequence[Alike], at: datetime) -> bool:
    """Queue the pairs of a record of this transaction, the most alike first, and count it with them.

    Takes the turn of merges. Writes nothing and returns False where those it is like do not count as one person yet,
    for `matching` to go the long way. Call it inside `acting`.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _QUEUE_NEW,
            {
                "merging": MERGING,
                "programme": record.programme_id,
                "new": record.pk,
                "body": record.registered_by_id,
                "others": [one.record for one in alike],
                "kinds": [" ".join(sorted(one.kinds)) for one in alike],
                "bands": [str(one.similarity) for one in alike],
                "open": PairState.OPEN.value,
                "asked": PairState.ASKED.value,
                "at": at,
            },
        )
        # Of the last statement.
        return cursor.rowcount == 1


def join_new(
    *, record: int, programme_id: int, exact: Sequence[Alike], alike: Sequence[int], by: Any, at: datetime
) -> bool | None:
    """Join a record of this transaction to the one person who has its code: `exact` are the records that have it.

    Returns whether it connects that person with another, because a record that it is like (`alike`, ids) is neither
    part of that person nor in a pair with it. Writes nothing and returns None where the code is that of several
    persons, or of a newer one, for `matching` to go the long way. Call it inside `acting`.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _JOIN_NEW,
            {
                "merging": MERGING,
                "programme": programme_id,
                "new": record,
                "others": [one.record for one in exact],
                "kinds": [" ".join(sorted(one.kinds)) for one in exact],
                "alike": list(alike),
                "similarity": Similarity.HIGH.value,
                "state": PairState.MERGED.value,
                "at": at,
                "by": getattr(by, "pk", None),
            },
        )
        row = cursor.fetchone()
        return row[0] if row else None
