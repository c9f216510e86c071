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

_NEXT = """
UPDATE reporting_ledgerhead SET last_number = last_number + %(step)s WHERE programme_id = %(programme)s
RETURNING last_number
"""
_FIRST = """
INSERT INTO reporting_ledgerhead (programme_id, last_number) VALUES (%(programme)s, 0) ON CONFLICT DO NOTHING
"""


def _take_head(programme_id: int, step: int) -> int:
    parameters = {"programme": programme_id, "step": step}
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, parameters)
        row = cursor.fetchone()
        if row is None:  # the programme's first posting
            cursor.execute(_FIRST, parameters)
            cursor.execute(_NEXT, parameters)
            row = cursor.fetchone()
        return row[0]


def take_head(programme: Programme | int) -> None:
    """Take the head of the programme's ledger until the end of the transaction, without posting anything."""
    _take_head(getattr(programme, "pk", programme), 0)


def open_posting(
    *, programme: Programme, reason: str, report: ActivityReport | None = None, by: Any, at: datetime
) -> Posting:
    """Number and write the next posting of a programme. Call it first in the transaction: it takes the head."""
    number = _take_head(programme.pk, 1)
    return Posting.objects.create(
        programme=programme, number=number, reason=reason, report=report, by=by, recorded_at=at
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
