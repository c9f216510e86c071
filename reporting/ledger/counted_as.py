# SPDX-License-Identifier: EUPL-1.2
"""Facts follow the record as which somebody counts, without being read anew from the registers (ADR 21).

The enrolment that proves a fact (by a presence or an outcome) says of which record it is; its unit, as whom it counts. When a pair
opens or is decided only the unit changes: the fact is superseded and copied, and keeps what was true when it was
validated. So what an undecided pair joined comes apart exactly as it was.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from beneficiaries.services.grouping import Moved
from reporting.enums import ActivityReportState, UnitKind
from reporting.ledger.registers import COLUMNS
from reporting.ledger.units import Touched, touched_by
from reporting.models import Posting

# Each record that moved, with all that is part of it, and the facts of theirs that count as another than they should.
# Whoever became part of another for good takes over its sex, which the remaining record corrects.
_WRONG = f"""
own AS (
    SELECT moved.record, moved.record AS id FROM unnest(%(records)s::bigint[]) AS moved (record)
     UNION
    SELECT own.record, joined.id FROM own JOIN beneficiaries_beneficiary AS joined ON joined.merged_into_id = own.id
), wrong AS MATERIALIZED (
    SELECT DISTINCT ON (fact.id) fact.id, moved.after, coalesce(root.sex, fact.sex) AS new_sex
      FROM unnest(%(records)s::bigint[], %(before)s::bigint[], %(after)s::bigint[], %(roots)s::bigint[])
           AS moved (record, before, after, root)
      JOIN {{facts}} AS fact ON fact.unit_kind = '{UnitKind.PERSON}' AND fact.unit_id = moved.before
      LEFT JOIN beneficiaries_outcome AS outcome ON fact.source_type = 'outcome' AND outcome.id = fact.source_id
      JOIN beneficiaries_enrolment AS enrolment ON enrolment.id = coalesce(outcome.enrolment_id, fact.source_id)
      JOIN own ON own.record = moved.record AND own.id = enrolment.beneficiary_id
      LEFT JOIN beneficiaries_beneficiary AS root ON root.id = moved.root
     WHERE {{live}} AND (fact.unit_id <> moved.after OR fact.sex <> root.sex)
     ORDER BY fact.id, moved.root NULLS LAST
)"""
_VALIDATED = _WRONG.format(facts="reporting_validatedfact", live="fact.superseded_in_id IS NULL")
_DRAFT = _WRONG.format(facts="reporting_draftfact", live="true")

_SUPERSEDED = f"""superseded AS (
    UPDATE reporting_validatedfact AS fact SET superseded_in_id = %(posting)s
      FROM wrong WHERE wrong.id = fact.id
    RETURNING {", ".join(f"fact.{name.strip()}" for name in COLUMNS.split(","))}, wrong.after, wrong.new_sex
)
INSERT INTO reporting_validatedfact ({COLUMNS}, posted_in_id)
SELECT {", ".join({"unit_id": "after", "sex": "new_sex"}.get(n.strip(), n.strip()) for n in COLUMNS.split(","))},
       %(posting)s
  FROM superseded
"""
_RELABEL = f"WITH RECURSIVE {_VALIDATED}, {_SUPERSEDED}"

# Every fact of a person that stands under another record than the one as which the person counts today. Reports that
# are being corrected keep their facts as they are until their new validation.
_ASTRAY = f"""
merged AS (
    SELECT joined.id, joined.merged_into_id AS person_id FROM beneficiaries_beneficiary AS joined
     WHERE joined.programme_id = %(programme)s AND joined.merged_into_id IS NOT NULL
     UNION
    SELECT merged.id, next_one.merged_into_id
      FROM merged JOIN beneficiaries_beneficiary AS next_one ON next_one.id = merged.person_id
     WHERE next_one.merged_into_id IS NOT NULL
), wrong AS MATERIALIZED (
    SELECT fact.id, fact.unit_id, coalesce(person.counted_as_id, person.id) AS after,
           CASE WHEN merged.id IS NULL THEN fact.sex ELSE person.sex END AS new_sex
      FROM reporting_validatedfact AS fact
      JOIN reporting_activityreport AS report
        ON report.id = fact.report_id AND report.state = '{ActivityReportState.VALIDATED}'
      LEFT JOIN beneficiaries_outcome AS outcome ON fact.source_type = 'outcome' AND outcome.id = fact.source_id
      JOIN beneficiaries_enrolment AS enrolment ON enrolment.id = coalesce(outcome.enrolment_id, fact.source_id)
      LEFT JOIN merged ON merged.id = enrolment.beneficiary_id
      JOIN beneficiaries_beneficiary AS person
        ON person.id = coalesce(merged.person_id, enrolment.beneficiary_id) AND person.merged_into_id IS NULL
     WHERE fact.programme_id = %(programme)s AND fact.superseded_in_id IS NULL
       AND fact.unit_kind = '{UnitKind.PERSON}' AND fact.source_type IN ('enrolment', 'outcome')
       AND fact.unit_id <> coalesce(person.counted_as_id, person.id)
)"""


def facts_astray(programme_id: int, *, limit: int = 100) -> list[tuple[int, int, int]]:
    """Return the live facts that stand under another record than they should: fact, record, the right record."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE {_ASTRAY} SELECT id, unit_id, after FROM wrong ORDER BY id LIMIT %(limit)s",
            {"programme": programme_id, "limit": limit},
        )
        return cursor.fetchall()


def bring_back(posting: Posting) -> int:
    """Let every fact that is astray count as whom it should; return how many. The caller reconciles the programme."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE {_ASTRAY}, {_SUPERSEDED}",
            {"programme": posting.programme_id, "posting": posting.pk},
        )
        return cursor.rowcount


def _parameters(moved: Sequence[Moved], **more: Any) -> dict[str, Any]:
    return {
        "records": [one.record for one in moved],
        "before": [one.before for one in moved],
        "after": [one.after for one in moved],
        "roots": [one.root for one in moved],
        **more,
    }


def units_of(moved: Sequence[Moved]) -> list[int]:
    """Return the records as which somebody counted before or counts now."""
    return sorted({unit for one in moved for unit in (one.record, one.before, one.after)})


def relabels_to_post(moved: Sequence[Moved]) -> bool:
    """Return whether live facts count as another than they should."""
    if not moved:
        return False
    with connection.cursor() as cursor:
        cursor.execute(f"WITH RECURSIVE {_VALIDATED} SELECT EXISTS (SELECT 1 FROM wrong)", _parameters(moved))
        return bool(cursor.fetchone()[0])


def relabel(posting: Posting, moved: Sequence[Moved]) -> int:
    """Let live facts count as whom they should; return how many moved."""
    if not moved:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_RELABEL, _parameters(moved, posting=posting.pk))
        return cursor.rowcount


def relabel_drafts(moved: Sequence[Moved]) -> list[int]:
    """Let the drafts of submitted reports count as whom they should; return those reports."""
    if not moved:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH RECURSIVE {_DRAFT}
            UPDATE reporting_draftfact AS fact SET unit_id = wrong.after, sex = wrong.new_sex
              FROM wrong WHERE wrong.id = fact.id
            RETURNING fact.report_id
            """,
            _parameters(moved),
        )
        return sorted({row[0] for row in cursor.fetchall()})


def touched_by_persons(programme_id: int, units: Sequence[int]) -> Touched:
    """Return the units that the facts and drafts of some persons touch, and all these persons: facts will be theirs."""
    person = f"programme_id = %(programme)s AND unit_kind = '{UnitKind.PERSON}' AND unit_id = ANY(%(units)s)"
    touched = touched_by(
        f"SELECT {COLUMNS} FROM reporting_validatedfact WHERE superseded_in_id IS NULL AND {person} "
        f"UNION ALL SELECT {COLUMNS} FROM reporting_draftfact WHERE {person}",
        {"programme": programme_id, "units": list(units)},
    )
    return Touched(touched.ids | {UnitKind.PERSON: list(units)}, touched.types) if touched else touched
