# SPDX-License-Identifier: EUPL-1.2
"""Facts: the drafts and the frozen copies of what the live registers of a report prove."""

from collections.abc import Sequence

from django.db import connection

from reporting.enums import ActivityReportState, ReopenScope, UnitKind
from reporting.ledger.registers import COLUMNS, REGISTERS, SUBMITTED
from reporting.models import Posting

_KEY = ["kind", "source_id", "activity_id", "unit_id", "month"]


def _columns_of(relation: str) -> str:
    return ", ".join(f"{relation}.{name.strip()}" for name in COLUMNS.split(","))


# The same fact, column by column: a new validation leaves alone what it confirms.
_SAME = (
    " AND ".join(f"fresh.{name} = frozen.{name}" for name in _KEY)
    + f" AND ({_columns_of('fresh')}) IS NOT DISTINCT FROM ({_columns_of('frozen')})"
)

_FREEZE = f"""
WITH RECURSIVE {{source}}, again AS MATERIALIZED (
    SELECT * FROM fresh
), frozen AS MATERIALIZED (
    SELECT id, {COLUMNS} FROM reporting_validatedfact WHERE report_id = ANY(%(reports)s) AND superseded_in_id IS NULL
), superseded AS (
    UPDATE reporting_validatedfact SET superseded_in_id = %(posting)s
     WHERE id IN (SELECT id FROM frozen WHERE NOT EXISTS (SELECT 1 FROM again AS fresh WHERE {_SAME}))
)
INSERT INTO reporting_validatedfact ({COLUMNS}, posted_in_id)
SELECT {COLUMNS}, %(posting)s
  FROM again AS fresh
 WHERE NOT EXISTS (SELECT 1 FROM frozen WHERE {_SAME})
 ORDER BY kind, first_on, activity_id, unit_id
"""

_FREEZE_FIRST = f"""
WITH RECURSIVE {REGISTERS}
INSERT INTO reporting_validatedfact ({COLUMNS}, posted_in_id)
SELECT {COLUMNS}, %(posting)s FROM fresh
"""


def freeze(report_ids: Sequence[int], posting: Posting, *, first: bool = False, submitted: bool = False) -> int:
    """Copy what the registers of the reports prove into facts; return how many are new.

    Earlier live facts of the reports that the registers no longer show are superseded in the same posting; those that
    they still show stay as they are. `first` says that the reports have no facts yet (bulk loads), `submitted` that
    the drafts are known to say what the registers say: they are copied then, which costs a tenth.
    """
    sql = _FREEZE_FIRST if first else _FREEZE.format(source=SUBMITTED if submitted else REGISTERS)
    with connection.cursor() as cursor:
        cursor.execute(sql, {"reports": list(report_ids), "posting": posting.pk})
        return cursor.rowcount


_DRAFT = f"""
WITH RECURSIVE {REGISTERS}
INSERT INTO reporting_draftfact ({COLUMNS})
SELECT {COLUMNS} FROM fresh ORDER BY kind, first_on, activity_id, unit_id
"""


def draft(report_id: int) -> int:
    """Copy what the registers of a submitted report show into draft facts; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(_DRAFT, {"reports": [report_id]})
        return cursor.rowcount


def drop_drafts(report_id: int) -> None:
    """Take the draft facts of a report away."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM reporting_draftfact WHERE report_id = %s", [report_id])


_FINGERPRINT = """
WITH RECURSIVE {source}
SELECT encode(sha256(coalesce(string_agg(line, E'\\n' ORDER BY line COLLATE "C"), '')::bytea), 'hex')
  FROM (SELECT fresh::text AS line FROM fresh) AS lines
"""


def fingerprint(report_id: int, *, submitted: bool = False) -> str:
    """Return the sha256 of everything that the registers of a report prove now: it changes when any fact does.

    With `submitted`, of its drafts: the same, when they have just been written, without reading the registers again.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FINGERPRINT.format(source=SUBMITTED if submitted else REGISTERS), {"reports": [report_id]})
        return cursor.fetchone()[0]


_MOVE = f"""
WITH RECURSIVE merged AS (
    SELECT merged.id, merged.merged_into_id AS person_id FROM beneficiaries_beneficiary AS merged
     WHERE merged.programme_id = %(programme)s AND merged.merged_into_id IS NOT NULL
     UNION
    SELECT merged.id, next_one.merged_into_id
      FROM merged JOIN beneficiaries_beneficiary AS next_one ON next_one.id = merged.person_id
     WHERE next_one.merged_into_id IS NOT NULL
), moved AS (
    UPDATE reporting_validatedfact AS fact SET superseded_in_id = %(posting)s
      FROM merged JOIN beneficiaries_beneficiary AS survivor ON survivor.id = merged.person_id
     WHERE fact.unit_kind = '{UnitKind.PERSON}' AND fact.unit_id = merged.id AND fact.superseded_in_id IS NULL
       AND survivor.merged_into_id IS NULL
    RETURNING {_columns_of("fact")}, coalesce(survivor.counted_as_id, survivor.id) AS person_id,
              survivor.sex AS person_sex
)
INSERT INTO reporting_validatedfact ({COLUMNS}, posted_in_id)
SELECT {
    ", ".join({"unit_id": "person_id", "sex": "person_sex"}.get(n.strip(), n.strip()) for n in COLUMNS.split(","))
}, %(posting)s FROM moved
"""


def move_to_survivors(posting: Posting) -> int:
    """Give the live facts of merged records to the record that remains; return how many moved.

    A fact never changes: it is superseded and copied. The copy keeps what was true when it was validated, except the
    sex, which the remaining record corrects.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, {"programme": posting.programme_id, "posting": posting.pk})
        return cursor.rowcount


def merges_to_post(programme_id: int) -> bool:
    """Return whether live facts name records that have been merged into others."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT EXISTS (
                SELECT 1 FROM beneficiaries_beneficiary AS merged
                  JOIN reporting_validatedfact AS fact
                    ON fact.unit_kind = '{UnitKind.PERSON}' AND fact.unit_id = merged.id
                   AND fact.superseded_in_id IS NULL
                 WHERE merged.programme_id = %s AND merged.merged_into_id IS NOT NULL)
            """,
            [programme_id],
        )
        return bool(cursor.fetchone()[0])


_PARTED = f"""
SELECT DISTINCT fact.report_id, fact.activity_id
  FROM reporting_validatedfact AS fact
  JOIN reporting_activityreport AS report
    ON report.id = fact.report_id
   -- Of a report whose words alone are corrected no new validation will read the registers.
   AND (report.state = '{ActivityReportState.VALIDATED}' OR report.reopened_for = '{ReopenScope.TEXT}')
 WHERE fact.superseded_in_id IS NULL AND fact.unit_kind = '{UnitKind.PERSON}' AND fact.unit_id = ANY(%(parted)s)
   AND EXISTS (
       WITH RECURSIVE own AS (
           SELECT (%(parted)s)[1]::bigint AS id
            UNION
           SELECT merged.id FROM own JOIN beneficiaries_beneficiary AS merged ON merged.merged_into_id = own.id
       )
       SELECT 1 FROM beneficiaries_enrolment AS enrolment JOIN own ON own.id = enrolment.beneficiary_id
        WHERE enrolment.activity_id = fact.activity_id)
"""


def parted_to_post(parted: Sequence[int]) -> bool:
    """Return whether live facts were of the two records together, and may be of each of them now."""
    return bool(parted) and bool(_parted(parted))


def _parted(parted: Sequence[int]) -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_PARTED, {"parted": list(parted)})
        return cursor.fetchall()


_PART = f"""
WITH RECURSIVE {REGISTERS}, again AS MATERIALIZED (
    SELECT * FROM fresh
     WHERE unit_kind = '{UnitKind.PERSON}' AND unit_id = ANY(%(parted)s) AND activity_id = ANY(%(activities)s)
), frozen AS MATERIALIZED (
    SELECT id, {COLUMNS} FROM reporting_validatedfact
     WHERE report_id = ANY(%(reports)s) AND superseded_in_id IS NULL
       AND unit_kind = '{UnitKind.PERSON}' AND unit_id = ANY(%(parted)s) AND activity_id = ANY(%(activities)s)
), superseded AS (
    UPDATE reporting_validatedfact SET superseded_in_id = %(posting)s
     WHERE id IN (SELECT id FROM frozen WHERE NOT EXISTS (SELECT 1 FROM again AS fresh WHERE {_SAME}))
)
INSERT INTO reporting_validatedfact ({COLUMNS}, posted_in_id)
SELECT {COLUMNS}, %(posting)s
  FROM again AS fresh
 WHERE NOT EXISTS (SELECT 1 FROM frozen WHERE {_SAME})
 ORDER BY kind, first_on, activity_id, unit_id
"""


def part(posting: Posting, parted: Sequence[int]) -> int:
    """Give each record of an undone merge its own facts, from the registers that validated them; return how many.

    The first of `parted` is the record that was taken out. Only the activities in which it was enrolled are read anew,
    as the persons are today. Reports that are being corrected keep their facts until their new validation.
    """
    found = _parted(parted) if parted else []
    if not found:
        return 0
    reports, activities = ({row[place] for row in found} for place in (0, 1))
    with connection.cursor() as cursor:
        cursor.execute(
            _PART,
            {
                "reports": sorted(reports),
                "activities": sorted(activities),
                "parted": list(parted),
                "posting": posting.pk,
            },
        )
        return cursor.rowcount


def drafts_with_merged(programme_id: int, parted: Sequence[int] = ()) -> list[int]:
    """Return the submitted reports whose drafts name records that were merged into others, or parted from others."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT DISTINCT fact.report_id FROM reporting_draftfact AS fact
              JOIN beneficiaries_beneficiary AS merged
                ON merged.id = fact.unit_id AND (merged.merged_into_id IS NOT NULL OR merged.id = ANY(%s::bigint[]))
             WHERE fact.programme_id = %s AND fact.unit_kind = '{UnitKind.PERSON}'
             ORDER BY 1
            """,
            [list(parted), programme_id],
        )
        return [row[0] for row in cursor.fetchall()]
