# SPDX-License-Identifier: EUPL-1.2
"""A record of this moment that looks like one person of the programme, or like several that count as one: queued at once.

What `matching` does for any records, for the usual case of a registration and in one round trip to the database.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from beneficiaries.enums import PairState
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
