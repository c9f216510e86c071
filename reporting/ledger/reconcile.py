# SPDX-License-Identifier: EUPL-1.2
"""Reconciliation: make the live entries equal to what the rules want, and say where they are not.

One function serves one report and the whole programme. Entries that are right stay; those that differ are closed;
those that are missing are written. So posting twice changes nothing, and whatever order validations come in, the
ledger ends the same.
"""

from dataclasses import dataclass

from django.db import connection

from reporting.enums import UnitKind
from reporting.ledger import rules as ledger_rules
from reporting.ledger.counted_as import facts_astray
from reporting.ledger.definitions import concerned, load_rules
from reporting.ledger.units import Touched, relations
from reporting.models import Posting

# What makes an entry right. The day of booking is not part of it: it depends on when the fact became known.
_SAME = """(entry.achieved_on, entry.quantity, entry.sex, entry.age_band, entry.fact_id)
           = (desired.achieved_on, desired.quantity, desired.sex, desired.age_band, desired.fact_id)"""
_KEY = (
    "entry.unit_kind = desired.unit_kind AND entry.unit_id = desired.unit_id "
    "AND entry.indicator_id = desired.indicator_id AND entry.scope_id = desired.scope_id"
)
_SCOPES = "scope_id IN (SELECT id FROM reporting_countingscope WHERE programme_id = %(programme)s)"
# Nothing is ever booked on a day that has been transmitted.
_FIRST_OPEN = """coalesce((SELECT transmitted_until + 1 FROM reporting_ledgerhead WHERE programme_id = %(programme)s),
                          '-infinity'::date)"""
_LIVE_ENTRIES = f"SELECT * FROM reporting_resultentry AS entry WHERE entry.reversed_in_id IS NULL AND entry.{_SCOPES}"
_TOUCHED_ENTRIES = f"""SELECT found.* FROM unnest(%(touched_kinds)s::text[], %(touched_ids)s::bigint[])
        AS touched (touched_kind, touched_id)
        CROSS JOIN LATERAL (
            {_LIVE_ENTRIES} AND entry.unit_kind = touched_kind AND entry.unit_id = touched_id
                AND entry.indicator_id = ANY(%(indicators)s) OFFSET 0
        ) AS found"""


@dataclass(frozen=True)
class Outcome:
    """How many entries a reconciliation closed and wrote."""

    closed: int
    written: int


def reconcile(posting: Posting, *, touched: Touched | None = None) -> Outcome:
    """Bring the live entries in line with the rules over live facts, in the name of a posting.

    Looks at the units in `touched` and at the rules that read such facts, or at the whole programme. The caller holds
    the head of the ledger.
    """
    rules = load_rules(posting.programme_id)
    if touched is not None:
        rules = concerned(rules, touched.types)
    parameters = {
        "programme": posting.programme_id,
        "posting": posting.pk,
        "indicators": [rule.indicator_id for rule in rules],
        **(touched or Touched()).parameters(),
    }
    table = f"ledger_desired_{posting.pk}"
    desired = ledger_rules.desired(rules)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE {table} ON COMMIT DROP AS\n"
            f"WITH {relations(touched=touched is not None)}\n{desired}",
            parameters,
        )
        if touched is None:
            cursor.execute(f"ANALYZE {table}")
        cursor.execute(
            f"""
            UPDATE reporting_resultentry AS closing
               SET reversed_in_id = %(posting)s, reversal_booked_on = greatest(closing.booked_on, {_FIRST_OPEN})
             WHERE closing.id IN (
                SELECT entry.id
                  FROM ({_LIVE_ENTRIES if touched is None else _TOUCHED_ENTRIES}) AS entry
                  LEFT JOIN {table} AS desired ON {_KEY}
                 WHERE desired.unit_id IS NULL OR NOT {_SAME})
            """,
            parameters,
        )
        closed = cursor.rowcount
        cursor.execute(
            f"""
            INSERT INTO reporting_resultentry ({ledger_rules.DESIRED_COLUMNS}, booked_on, posted_in_id)
            SELECT {ledger_rules.DESIRED_COLUMNS}, greatest(achieved_on, {_FIRST_OPEN}), %(posting)s
              FROM {table} AS desired
             WHERE NOT EXISTS (
                SELECT 1 FROM reporting_resultentry AS entry WHERE entry.reversed_in_id IS NULL AND {_KEY})
             ORDER BY indicator_id, scope_id, achieved_on, unit_id
            """,
            parameters,
        )
        return Outcome(closed=closed, written=cursor.rowcount)


@dataclass(frozen=True)
class Difference:
    """Something that the ledger says and the facts, or its own entries, do not; or a fact that the records do not say.

    The latter has neither indicator nor scope (0): it is wrong for all of them.
    """

    what: str
    indicator: str
    scope_id: int
    unit: str
    recorded: str
    expected: str


_CHECK_ENTRIES = """
WITH {relations}, desired AS (
{desired}
)
SELECT CASE WHEN desired.unit_id IS NULL THEN 'entry too many' WHEN entry.id IS NULL THEN 'entry missing'
            ELSE 'entry differs' END,
       coalesce(entry.indicator_id, desired.indicator_id), coalesce(entry.scope_id, desired.scope_id),
       coalesce(entry.unit_kind, desired.unit_kind) || ' ' || coalesce(entry.unit_id, desired.unit_id),
       coalesce(entry.achieved_on || ' ' || entry.quantity || ' ' || entry.sex || ' ' || entry.age_band
                || ' fact ' || entry.fact_id, ''),
       coalesce(desired.achieved_on || ' ' || desired.quantity || ' ' || desired.sex || ' ' || desired.age_band
                || ' fact ' || desired.fact_id, '')
  FROM ({live}) AS entry
  FULL JOIN desired ON {key}
 WHERE desired.unit_id IS NULL OR entry.id IS NULL OR NOT {same}
 ORDER BY 1, 2, 3, 4
 LIMIT %(limit)s
"""

_CHECK_TOTALS = f"""
SELECT 'total differs', coalesce(total.indicator_id, counted.indicator_id), coalesce(total.scope_id, counted.scope_id),
       coalesce(total.month, counted.month) || ' ' || coalesce(total.sex, counted.sex) || ' '
       || coalesce(total.age_band, counted.age_band),
       coalesce(total.quantity, 0)::text, coalesce(counted.quantity, 0)::text
  FROM (SELECT * FROM reporting_resulttotal WHERE {_SCOPES}) AS total
  FULL JOIN (
    SELECT indicator_id, scope_id, date_trunc('month', day)::date AS month, sex, age_band, sum(quantity) AS quantity
      FROM (
        SELECT indicator_id, scope_id, booked_on AS day, sex, age_band, quantity
          FROM reporting_resultentry WHERE {_SCOPES}
        UNION ALL
        SELECT indicator_id, scope_id, reversal_booked_on, sex, age_band, -quantity
          FROM reporting_resultentry WHERE reversed_in_id IS NOT NULL AND {_SCOPES}
      ) AS movement
     GROUP BY 1, 2, 3, 4, 5
  ) AS counted USING (indicator_id, scope_id, month, sex, age_band)
 WHERE coalesce(total.quantity, 0) <> coalesce(counted.quantity, 0)
 ORDER BY 1, 2, 3, 4
 LIMIT %(limit)s
"""


def check(programme_id: int, *, limit: int = 100) -> list[Difference]:
    """Return what differs between records, facts, entries and totals of a programme: nothing, unless something is wrong."""
    desired = ledger_rules.desired(load_rules(programme_id))
    entries = _CHECK_ENTRIES.format(
        relations=relations(touched=False), desired=desired, live=_LIVE_ENTRIES, key=_KEY, same=_SAME
    )
    parameters = {"programme": programme_id, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, code FROM actions_indicator WHERE programme_id = %s", [programme_id])
        codes = dict(cursor.fetchall())
        rows = []
        for sql in (entries, _CHECK_TOTALS):
            cursor.execute(sql, parameters)
            rows += cursor.fetchall()
    astray = [
        Difference(
            "fact of another record", "", 0, f"fact {fact}", f"{UnitKind.PERSON} {unit}", f"{UnitKind.PERSON} {due}"
        )
        for fact, unit, due in facts_astray(programme_id, limit=limit)
    ]
    found = [
        Difference(what, codes.get(indicator, str(indicator)), scope, unit, recorded, expected)
        for what, indicator, scope, unit, recorded, expected in rows
    ]
    return [*astray, *found][:limit]
