# SPDX-License-Identifier: EUPL-1.2
"""Postings: every change of the ledger is a numbered one, and the head of the programme's ledger serialises them.

Two validations that share people would both find a person not counted yet. So the first statement of every transaction
that changes the ledger takes the head's row lock, and holds it until the commit.
"""

from datetime import date, datetime
from typing import Any

from django.db import connection

from actions.models import Programme
from reporting.models import ActivityReport, Posting

_FIRST = """
INSERT INTO reporting_ledgerhead (programme_id, last_number) VALUES (%(programme)s, 0) ON CONFLICT DO NOTHING
"""
_TAKE = """
UPDATE reporting_ledgerhead SET last_number = last_number WHERE programme_id = %(programme)s RETURNING last_number
"""
# The id is drawn after the lock, so ids grow with numbers inside a programme.
_POST = """
WITH head AS (
    UPDATE reporting_ledgerhead SET last_number = last_number + 1 WHERE programme_id = %(programme)s
    RETURNING last_number
)
INSERT INTO reporting_posting (programme_id, number, reason, report_id, by_id, recorded_at)
SELECT %(programme)s, last_number,
       CASE WHEN %(reason)s = 'validation' AND EXISTS (SELECT 1 FROM reporting_posting WHERE report_id = %(report)s)
            THEN 'correction' ELSE %(reason)s END,
       %(report)s, %(by)s, %(at)s
  FROM head
RETURNING id, number, reason
"""


def _with_head(sql: str, parameters: dict[str, Any]) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        row = cursor.fetchone()
        if row is None:  # the programme's first posting
            cursor.execute(_FIRST, parameters)
            cursor.execute(sql, parameters)
            row = cursor.fetchone()
        return row


def take_head(programme: Programme | int) -> None:
    """Take the head of the programme's ledger until the end of the transaction, without posting anything."""
    _with_head(_TAKE, {"programme": getattr(programme, "pk", programme)})


def open_posting(
    *, programme: Programme | int, reason: str, report: ActivityReport | None = None, by: Any, at: datetime
) -> Posting:
    """Number and write the next posting of a programme. Call it first in the transaction: it takes the head.

    The validation of a report that was posted before is recorded as its correction.
    """
    parameters: dict[str, Any] = {
        "programme": getattr(programme, "pk", programme),
        "reason": reason,
        "report": report.pk if report else None,
        "by": getattr(by, "pk", None),
        "at": at,
    }
    pk, number, recorded_reason = _with_head(_POST, parameters)
    return Posting(
        pk=pk,
        programme_id=parameters["programme"],
        number=number,
        reason=recorded_reason,
        report_id=parameters["report"],
        by_id=parameters["by"],
        recorded_at=at,
    )


def mark_transmitted(*, programme: Programme, until: date) -> None:
    """Say that the figures up to a day have been transmitted: nothing is booked on or before it any more."""
    take_head(programme)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE reporting_ledgerhead SET transmitted_until = greatest(transmitted_until, %(until)s)
             WHERE programme_id = %(programme)s
            """,
            {"programme": programme.pk, "until": until},
        )
