# SPDX-License-Identifier: EUPL-1.2
"""A file with names in a real worker, from the check to the register and its certificates."""

import io
import threading
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from beneficiaries.models import Beneficiary, Enrolment
from beneficiaries.services.certificates import ask_certificates
from beneficiaries.services.registers import Cell, record_attendance
from fami_portal.core.enums import ImportState, JobState
from fami_portal.core.imports import confirm_import, start_import
from fami_portal.core.imports.runs import job_of
from fami_portal.core.models import Document, ImportRun, Job
from fami_portal.core.services import acting
from tests.actions.scene import build
from tests.beneficiaries.test_import_recipients import row
from tests.core.importing import kind, table, workbook
from tests.processes.test_jobs import Stage, ended, stage, wait_for

__all__ = ["stage"]
pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


def _somebody_waits() -> bool:
    """Whether another connection waits for a lock of this one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
        )
        return bool(cursor.fetchone()[0])


def _confirmed_by_two_tabs(run: ImportRun, by: Any) -> list[str]:
    """Confirm twice at once: the second is seen waiting before the first has committed."""
    first_has_confirmed = threading.Event()
    answers: list[str] = []

    def confirm() -> None:
        seen = ImportRun.objects.get(pk=run.pk)
        answers.append(confirm_import(run=seen, version=run.version, by=by, at=timezone.now()).state)

    def first() -> None:
        with acting(by):
            confirm()
            first_has_confirmed.set()
            wait_for(_somebody_waits, "the second tab to wait")
        connection.close()

    def second() -> None:
        first_has_confirmed.wait(10)
        confirm()
        connection.close()

    tabs = [threading.Thread(target=act) for act in (first, second)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join(30)
    return answers


def test_a_file_confirmed_by_two_tabs_is_written_once_and_its_recipients_certified(stage: Stage) -> None:
    stage.environment["DJANGO_SETTINGS_MODULE"] = "fami_portal.settings"
    stage.worker("one")
    scene = build()
    lab, by, wanted = scene.activity(), scene.operator, kind("recipients")
    assert wanted.places is not None
    run = start_import(
        kind=wanted,
        place=wanted.places(by)[0],
        name="righe.xlsx",
        content=io.BytesIO(workbook(table([row(1), row(2), row(3)]))),
        by=by,
        at=timezone.now(),
    )
    check = job_of(run)
    assert check is not None
    assert ended(check).state == JobState.DONE
    run.refresh_from_db()
    assert (run.state, run.new) == (ImportState.READY, 3)

    answers = _confirmed_by_two_tabs(run, by)

    assert answers[0] == ImportState.WRITING
    assert answers[1] in (ImportState.WRITING, ImportState.DONE)
    write = Job.objects.get(kind="core.write_import")
    assert (ended(write).state, write.error) == (JobState.DONE, "")
    run.refresh_from_db()
    assert (run.state, Beneficiary.objects.count(), lab.enrolments.count()) == (ImportState.DONE, 3, 3)
    assert Document.objects.get(pk=run.file_id).destroyed_at is not None

    meeting = scene.meeting(lab)
    pupils = list(Enrolment.objects.filter(activity=lab).order_by("pk").values_list("pk", flat=True))
    record_attendance(activity=lab, cells=[Cell(meeting.pk, pk, "present") for pk in pupils], by=by)
    printed = ended(ask_certificates(activity=lab, enrolments=pupils, birth_date=False, key=None, by=by))

    assert (printed.state, printed.error) == (JobState.DONE, "")
    assert printed.result is not None
    assert printed.result.is_sealed
