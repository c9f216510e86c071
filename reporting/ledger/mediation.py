# SPDX-License-Identifier: EUPL-1.2
"""Facts of the mediation service: what a validated mediation report proves by itself (design 5).

Each register of mediation has its SELECT here: the validated work of some of its rows, one row for each session. A
source whose report is open again keeps its facts until the new validation, as an activity report does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from mediation.enums import ConsultationState, PresenceState, RequestState, SessionState, TranslationState
from reporting.enums import FactKind, UnitKind
from reporting.ledger.registers import COLUMNS
from reporting.ledger.units import Touched, touched_by
from reporting.models import Posting


@dataclass(frozen=True)
class Source:
    """A register of mediation, known by its source type.

    `work` is a SELECT of the validated work of `%(sources)s` with the columns source_id, activity_id, unit_id,
    mediator_id (null where no mediator of the register did it), day (in Italy), minutes. `settled` says in which states
    of `table` that is the last word, also when it is nothing any more: elsewhere the facts are left alone.
    """

    kind: FactKind
    unit_kind: UnitKind
    work: str
    table: str
    settled: tuple[str, ...]


_REQUESTS = f"""
    SELECT request.id AS source_id, request.activity_id, session.id AS unit_id, session.mediator_id,
           (session.actual_from AT TIME ZONE 'Europe/Rome')::date AS day, session.minutes
      FROM mediation_mediationrequest AS request
      JOIN mediation_mediationsession AS session
        ON session.request_id = request.id AND session.state = '{SessionState.HELD}'
     WHERE request.id = ANY(%(sources)s) AND request.state = '{RequestState.VALIDATED}'"""

_PRESENCES = f"""
    SELECT id AS source_id, activity_id, id AS unit_id, mediator_id,
           (actual_from AT TIME ZONE 'Europe/Rome')::date AS day, minutes
      FROM mediation_communitypresence
     WHERE id = ANY(%(sources)s) AND state = '{PresenceState.VALIDATED}'"""

# A clinician is not in the register of mediators.
_CONSULTATIONS = f"""
    SELECT consultation.id AS source_id, consultation.activity_id, session.id AS unit_id, NULL::bigint AS mediator_id,
           session.held_on AS day, session.minutes
      FROM mediation_consultation AS consultation
      JOIN mediation_consultationsession AS session ON session.consultation_id = consultation.id
     WHERE consultation.id = ANY(%(sources)s) AND consultation.state = '{ConsultationState.CLOSED}'"""

_TRANSLATIONS = f"""
    SELECT id AS source_id, activity_id, id AS unit_id, mediator_id,
           (returned_at AT TIME ZONE 'Europe/Rome')::date AS day, minutes
      FROM mediation_translation
     WHERE id = ANY(%(sources)s) AND state = '{TranslationState.VALIDATED}'"""

SOURCES: dict[str, Source] = {
    "request": Source(
        FactKind.MEDIATION, UnitKind.SESSION, _REQUESTS, "mediation_mediationrequest", (RequestState.VALIDATED,)
    ),
    "presence": Source(
        FactKind.MEDIATION,
        UnitKind.PRESENCE,
        _PRESENCES,
        "mediation_communitypresence",
        (PresenceState.VALIDATED, PresenceState.CANCELLED),
    ),
    "consultation": Source(
        FactKind.MEDIATION, UnitKind.CONSULTATION, _CONSULTATIONS, "mediation_consultation", (ConsultationState.CLOSED,)
    ),
    "translation": Source(
        FactKind.TRANSLATION,
        UnitKind.TRANSLATION,
        _TRANSLATIONS,
        "mediation_translation",
        (TranslationState.VALIDATED,),
    ),
}

_WHERE = "activity.programme_id, NULL::bigint AS report_id"
_PLACE = "activity.id, activity.action_id, activity.activity_type_id, activity.network_id, activity.organisation_id"
_REST = "''::text, ''::text, true, NULL::bigint, NULL::bigint, ''::text, ''::text"
_KEY = ("kind", "unit_kind", "unit_id", "source_id")


def _fresh(source_type: str) -> str:
    """Return the WITH items whose last one, `fresh`, are the facts that the sources prove today."""
    source = SOURCES[source_type]
    states = ", ".join(f"'{state}'" for state in source.settled)
    return f"""
work AS ({source.work}
), fresh ({COLUMNS}) AS (
    SELECT {_WHERE}, '{source.kind}'::text, {_PLACE}, '{source.unit_kind}'::text, work.unit_id,
           date_trunc('month', work.day)::date, work.day, work.day, 1, work.minutes::int, 1::bigint, {_REST},
           '{source_type}'::text, work.source_id
      FROM work JOIN actions_activity AS activity ON activity.id = work.activity_id
    UNION ALL
    SELECT {_WHERE}, '{FactKind.MEDIATOR}', {_PLACE}, '{UnitKind.MEDIATOR}', work.mediator_id,
           date_trunc('month', min(work.day))::date, min(work.day), max(work.day), count(*)::int, sum(work.minutes)::int,
           1, {_REST}, '{source_type}', work.source_id
      FROM work JOIN actions_activity AS activity ON activity.id = work.activity_id
     WHERE work.mediator_id IS NOT NULL
     GROUP BY activity.id, work.mediator_id, work.source_id
), settled AS (
    SELECT id AS source_id FROM {source.table} WHERE id = ANY(%(sources)s) AND state IN ({states})
), frozen AS MATERIALIZED (
    SELECT id, {COLUMNS} FROM reporting_validatedfact
     WHERE source_type = '{source_type}' AND source_id IN (SELECT source_id FROM settled)
       AND report_id IS NULL AND superseded_in_id IS NULL
)"""


def _columns_of(relation: str) -> str:
    return ", ".join(f"{relation}.{name.strip()}" for name in COLUMNS.split(","))


_SAME = (
    " AND ".join(f"fresh.{name} = frozen.{name}" for name in _KEY)
    + f" AND ({_columns_of('fresh')}) IS NOT DISTINCT FROM ({_columns_of('frozen')})"
)
_ADDED = f"SELECT * FROM fresh WHERE NOT EXISTS (SELECT 1 FROM frozen WHERE {_SAME})"
_GONE = f"SELECT * FROM frozen WHERE NOT EXISTS (SELECT 1 FROM fresh WHERE {_SAME})"


def _parameters(source_ids: Sequence[int], **more: Any) -> dict[str, Any]:
    return {"sources": list(source_ids), **more}


def changes(source_type: str, source_ids: Sequence[int]) -> Touched:
    """Return the units of the facts that a posting of these sources would add or supersede: none when all is posted."""
    return touched_by(
        f"SELECT {COLUMNS} FROM ({_ADDED}) AS added UNION ALL SELECT {COLUMNS} FROM ({_GONE}) AS gone",
        _parameters(source_ids),
        items=_fresh(source_type) + ", ",
    )


def freeze(source_type: str, source_ids: Sequence[int], posting: Posting) -> int:
    """Copy what the sources prove into facts and supersede those that they no longer show; return how many are new."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH {_fresh(source_type)}, again AS MATERIALIZED ({_ADDED}), superseded AS (
                UPDATE reporting_validatedfact SET superseded_in_id = %(posting)s
                 WHERE id IN (SELECT id FROM ({_GONE}) AS gone)
            )
            INSERT INTO reporting_validatedfact ({COLUMNS}, posted_in_id)
            SELECT {COLUMNS}, %(posting)s FROM again ORDER BY kind, first_on, unit_id
            """,
            _parameters(source_ids, posting=posting.pk),
        )
        return cursor.rowcount
