# SPDX-License-Identifier: EUPL-1.2
"""The file that a job reads is destroyed when the job ends: well, badly, or with a worker that was killed."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from fami_portal.core import documents, jobs
from fami_portal.core.enums import JobState
from fami_portal.core.errors import DomainError
from fami_portal.core.jobs import Run
from fami_portal.core.models import Document
from tests.core.test_jobs import asked, expire, register, work

__all__ = ["register"]  # the fixture
pytestmark = pytest.mark.django_db
UPLOAD = "test.upload"
LIST = b"nome;cognome\nZahratulqamar;Prova\n"


@pytest.fixture
def uploaded(settings: Any, tmp_path: Any) -> Iterator[Callable[[], Document]]:
    """Stores a list of names to import, in a storage of its own."""
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    }
    before = documents.kinds()
    documents.register_document_kind(
        UPLOAD, label="Import", types=("csv",), may_open=lambda user, document: False, identity=True
    )

    def _upload() -> Document:
        return documents.store_document(kind=UPLOAD, name="alunni.csv", content=LIST, by=None)

    yield _upload
    documents._kinds.clear()
    documents._kinds.update(before)


def _work_to_its_end(read: list[bytes], outcome: str) -> Callable[[Run], None]:
    def handler(run: Run) -> None:
        read.append(run.upload().read())
        if outcome == "refused":
            raise DomainError("no")
        if outcome == "broken":
            raise RuntimeError("broken")

    return handler


@pytest.mark.parametrize("outcome", ["done", "refused", "broken"])
def test_the_file_of_a_job_is_destroyed_when_the_job_ends(
    register: Callable[..., None],
    uploaded: Callable[[], Document],
    tmp_path: Any,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    outcome: str,
) -> None:
    read: list[bytes] = []
    register(_work_to_its_end(read, outcome))
    document = uploaded()
    job = asked(upload=document)

    attempts = jobs.MAX_ATTEMPTS if outcome == "broken" else 1
    with django_capture_on_commit_callbacks(execute=True):
        for attempt in range(attempts):
            document.refresh_from_db()
            assert document.destroyed_at is None, attempt
            jobs.run_job(job.pk, heartbeat=False)

    assert read == [LIST] * attempts
    job.refresh_from_db()
    document.refresh_from_db()
    assert job.state == (JobState.DONE if outcome == "done" else JobState.DEAD)
    assert (document.destroyed_at is not None, document.sha256 != "") == (True, True)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    if outcome != "done":
        with pytest.raises(DomainError, match="distrutto"):
            jobs.retry_job(job=job, by=None)


def test_the_file_of_a_job_whose_worker_was_killed_is_destroyed_by_the_tick(
    register: Callable[..., None], uploaded: Callable[[], Document], tmp_path: Any
) -> None:
    register(work)
    document = uploaded()
    job = asked(upload=document)
    for _attempt in range(jobs.MAX_ATTEMPTS):
        assert jobs.claim(job.pk) is not None  # and the worker dies
        expire(job)

    jobs.tick()

    job.refresh_from_db()
    document.refresh_from_db()
    assert job.state == JobState.DEAD
    assert document.destroyed_at is not None
    # This process dies too, before the file is deleted: the next tick does it.
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1
    jobs.tick()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_second_file_for_the_same_work_is_destroyed_at_once(
    register: Callable[..., None], uploaded: Callable[[], Document]
) -> None:
    register(work)
    first, second = uploaded(), uploaded()
    job = asked(key="list", upload=first)

    assert asked(key="list", upload=second) == asked(key="list", upload=first) == job
    for document, destroyed in ((first, False), (second, True)):
        document.refresh_from_db()
        assert (document.destroyed_at is not None) == destroyed
