# SPDX-License-Identifier: EUPL-1.2
"""Files to import, made for a test, and the road of an import in one call."""

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter
from django.utils import timezone

from fami_portal.core import jobs
from fami_portal.core.imports import ImportKind, confirm_import, kind_of, start_import
from fami_portal.core.imports.runs import job_of
from fami_portal.core.models import ImportRun

Row = Sequence[Any]


def workbook(rows: Sequence[Row], *, sheet: str = "Dati", other: str = "") -> bytes:
    """Return an XLSX file with these rows, the first of them the headers."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True, "default_date_format": "dd/mm/yyyy"})
    page = book.add_worksheet(sheet)
    for number, row in enumerate(rows):
        for index, value in enumerate(row):
            page.write(number, index, value)
    if other:
        book.add_worksheet(other)
    book.close()
    return content.getvalue()


def table(rows: Sequence[dict[str, Any]]) -> list[Row]:
    """Return rows of names and values as a table; the headers are the names of the fields."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    return [names, *([row.get(name) for name in names] for row in rows)]


def kind(code: str) -> ImportKind:
    """Return a kind that the portal has."""
    found = kind_of(code)
    assert found is not None, code
    return found


def send(code: str, rows: Sequence[dict[str, Any]], by: Any, *, name: str = "righe.xlsx", key: Any = None) -> ImportRun:
    """Send a file and let the worker check it."""
    wanted = kind(code)
    places = wanted.places(by) if wanted.places else []
    run = start_import(
        kind=wanted,
        place=places[0] if places else None,
        name=name,
        content=io.BytesIO(workbook(table(rows))),
        by=by,
        at=timezone.now(),
        key=key,
    )
    return work(run)


def work(run: ImportRun) -> ImportRun:
    """Let the worker do what the import waits for."""
    job = job_of(run)
    assert job is not None
    jobs.run_job(job.pk, heartbeat=False)
    job.refresh_from_db()
    assert not job.error, job.error
    return ImportRun.objects.get(pk=run.pk)


def confirm(run: ImportRun) -> ImportRun:
    """Confirm a checked import and let the worker write it."""
    confirm_import(run=run, version=run.version, by=run.requested_by, at=timezone.now())
    return work(run)


def bring(code: str, rows: Sequence[dict[str, Any]], by: Any) -> ImportRun:
    """Send, check, confirm, write; fails with the problems of the file."""
    run = send(code, rows, by)
    assert run.state == "ready", run.report
    return confirm(run)


def counts(run: ImportRun) -> tuple[int, int, int, int]:
    """Return the new, changed, same and refused rows."""
    return run.new, run.changed, run.same, run.refused


def problems(run: ImportRun) -> dict[tuple[int, str], str]:
    """Return the problems by row and column."""
    return {(number, column): message for number, column, message in run.report["problems"]}
