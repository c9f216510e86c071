# SPDX-License-Identifier: EUPL-1.2
"""Running a job: the lease, the heartbeat, the fence, and what happens when it fails."""

import logging
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from fami_portal.core import outbox
from fami_portal.core.contents import clear_file
from fami_portal.core.documents import destroy_document
from fami_portal.core.enums import JobState
from fami_portal.core.errors import DomainError
from fami_portal.core.jobs.registry import kind_of, label_of
from fami_portal.core.models import Document, Job
from fami_portal.core.services import acting

logger = logging.getLogger(__name__)

# Every fifth failed attempt stops the job; a person may then start it again, and the count goes on.
MAX_ATTEMPTS = 5


class StaleWorker(Exception):
    """This worker no longer holds the job: another one took it over. What it was writing is rolled back."""


@dataclass(frozen=True)
class _Outcome:
    result: Document | None
    url: str
    subject: str
    body: str
    notify: bool


class Run:
    """One attempt at a job, given to its handler.

    Compute freely, and write inside `fenced()`: the transaction commits only while this attempt still holds the job.
    Call `finish()` inside the last fence, so that the effects and the end of the job are one transaction; without it
    the job ends, in a fence of its own, when the handler returns.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self.attempt = job.attempt
        self.ended = False
        self._lost = threading.Event()
        self._fence_open = False
        self._outcome: _Outcome | None = None
        self._pulse: _Pulse | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        return self.job.parameters

    @property
    def subject_id(self) -> int | None:
        return self.job.subject_id

    def upload(self) -> IO[bytes]:
        """Return the file that the work reads, in the clear and in memory.

        Raises `VaultError` or `ContentGone` when it does not open, ValueError when the job has none.
        """
        if self.job.upload is None:
            raise ValueError("a job without a file")
        return clear_file(self.job.upload)

    def progress(self, percent: int, step: object = "") -> None:
        """Show how far the work is, at once and whatever transaction is open. Raises `StaleWorker`."""
        self._check_not_lost()
        news = (max(0, min(99, int(percent))), str(step)[:200])
        if self._pulse is not None and connection.in_atomic_block:
            # Seen now only if written over another connection: this one commits at the end of the fence.
            self._pulse.tell(news)
        elif not _renew(self.job.pk, self.attempt, news):
            self._lost.set()
            self._check_not_lost()

    @contextmanager
    def fenced(self) -> Iterator[None]:
        """Open a service transaction in the portal's name that commits only if this attempt still holds the job.

        The row is locked as the last thing, so that heartbeat and progress go on meanwhile. Raises `StaleWorker`.
        """
        if self._fence_open:
            raise RuntimeError("fences do not nest")
        self._check_not_lost()
        self._fence_open = True
        try:
            with acting(None):
                yield
                self._seal()
            self.ended = self._outcome is not None
        except BaseException:
            self._outcome = None
            raise
        finally:
            self._fence_open = False

    def finish(
        self,
        *,
        result: Document | None = None,
        url: str = "",
        subject: object = "",
        body: object = "",
        notify: bool = True,
    ) -> None:
        """End the job with the fence that is open (or with one of its own) and tell the person who asked for it.

        `url` is where the outcome is seen; `subject` and `body` replace the standard notice.
        """
        outcome = _Outcome(result, url, str(subject), str(body), notify)
        if self._fence_open:
            self._outcome = outcome
            return
        with self.fenced():
            self._outcome = outcome

    def _seal(self) -> None:
        mine = Job.objects.filter(pk=self.job.pk, attempt=self.attempt, state=JobState.RUNNING)
        outcome = self._outcome
        if outcome is None:
            if mine.select_for_update().values_list("pk").first() is None:
                raise StaleWorker(f"job {self.job.pk} attempt {self.attempt}")
            return
        ended = mine.update(
            state=JobState.DONE,
            progress=100,
            step="",
            error="",
            lease_until=None,
            finished_at=timezone.now(),
            result=outcome.result,
            result_url=outcome.url,
        )
        if not ended:
            raise StaleWorker(f"job {self.job.pk} attempt {self.attempt}")
        destroy_upload(self.job)
        if outcome.notify:
            _notify(
                self.job,
                "done",
                outcome.subject or _("Ready: %(job)s") % {"job": label_of(self.job)},
                outcome.body or _("The work you asked for is finished. Open the portal to see the outcome."),
                outcome.url,
            )

    def _check_not_lost(self) -> None:
        if self._lost.is_set():
            raise StaleWorker(f"job {self.job.pk} attempt {self.attempt}")


class _Pulse(threading.Thread):
    """Renews the lease over its own database connection while the handler works."""

    def __init__(self, run: Run) -> None:
        super().__init__(name=f"pulse-{run.job.pk}", daemon=True)
        self._run = run
        self._news: tuple[int, str] | None = None
        self._wake = threading.Event()
        self._over = False

    def tell(self, news: tuple[int, str]) -> None:
        self._news = news
        self._wake.set()

    def stop(self) -> None:
        self._over = True
        self._wake.set()
        self.join(timeout=5)

    def run(self) -> None:
        try:
            while not self._run._lost.is_set():
                self._wake.wait(settings.JOB_LEASE_SECONDS / 3)
                self._wake.clear()
                if self._over:
                    return
                self._beat()
        finally:
            connection.close()

    def _beat(self) -> None:
        news, self._news = self._news, None
        try:
            if not _renew(self._run.job.pk, self._run.attempt, news):
                self._run._lost.set()
        except DatabaseError as error:
            # The lease may run out: then another worker takes over and the fence stops this one.
            logger.warning("job %s: lease not renewed (%s)", self._run.job.pk, type(error).__name__)
            connection.close()


def _renew(job_id: int, attempt: int, news: tuple[int, str] | None = None) -> bool:
    """Renew the lease of this attempt, with its progress if there is news; False when it no longer holds the job."""
    percent, step = news or (None, None)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE core_job SET lease_until = clock_timestamp() + %s * interval '1 second',
                   progress = coalesce(%s, progress), step = coalesce(%s, step)
            WHERE id = %s AND attempt = %s AND state = 'running'
            """,
            [settings.JOB_LEASE_SECONDS, percent, step, job_id, attempt],
        )
        return cursor.rowcount == 1


def claim(job_id: int) -> Run | None:
    """Take the job for one lease; None when another worker holds it, it has ended, or its attempts are used up."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE core_job SET state = 'running', attempt = attempt + 1, progress = 0, step = '',
                   lease_until = clock_timestamp() + %s * interval '1 second',
                   started_at = coalesce(started_at, clock_timestamp())
            WHERE id = %s AND (state = 'queued'
                               OR (state = 'running' AND lease_until < clock_timestamp() AND attempt %% %s <> 0))
            RETURNING attempt
            """,
            [settings.JOB_LEASE_SECONDS, job_id, MAX_ATTEMPTS],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    job = Job.objects.select_related("requested_by", "upload").get(pk=job_id)
    job.attempt = row[0]
    return Run(job)


def run_job(job_id: int, *, heartbeat: bool = True) -> bool:
    """Claim the job and run its handler; returns whether this call ended it well.

    An unexpected error leaves it to the next attempt; a refusal (`DomainError`) or the last attempt ends it as dead.
    """
    run = claim(job_id)
    if run is None:
        return False
    if heartbeat:
        run._pulse = _Pulse(run)
        run._pulse.start()
    try:
        with translation.override(settings.LANGUAGE_CODE):
            kind_of(run.job).handler(run)
            if not run.ended:
                run.finish()
    except StaleWorker:
        logger.warning("job %s attempt %s: taken over by another worker, work discarded", job_id, run.attempt)
    except DomainError as refusal:
        logger.info("job %s refused", job_id)
        _fail(run, str(refusal), final=True)
    except Exception as error:
        # Messages of exceptions may quote data about people: keep only the kind of error and the places.
        frames = traceback.extract_tb(error.__traceback__)
        places = " < ".join(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in reversed(frames))
        logger.error("job %s attempt %s failed: %s at %s", job_id, run.attempt, type(error).__name__, places)
        _fail(run, f"{type(error).__name__} ({places[:500]})")
    finally:
        if run._pulse is not None:
            run._pulse.stop()
    return run.ended


def _fail(run: Run, error: str, *, final: bool = False) -> None:
    dead = final or run.attempt % MAX_ATTEMPTS == 0
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
    try:
        with translation.override(settings.LANGUAGE_CODE), acting(None):
            moved = Job.objects.filter(pk=run.job.pk, attempt=run.attempt, state=JobState.RUNNING).update(
                state=JobState.DEAD if dead else JobState.QUEUED,
                finished_at=timezone.now() if dead else None,
                lease_until=None,
                # The sweep waits a lease from here before the next attempt.
                sent_at=timezone.now(),
                error=error,
            )
            if moved and dead:
                destroy_upload(run.job)
                notify_dead(run.job, error if final else "")
    except DatabaseError as trouble:
        logger.warning("job %s: failure not recorded (%s); its lease will run out", run.job.pk, type(trouble).__name__)


def _notify(job: Job, event: str, subject: str, body: str, url: str = "") -> None:
    if job.requested_by is not None:
        outbox.queue_message(
            key=f"job:{job.pk}:{job.attempt}:{event}",
            kind=f"core.job_{event}",
            recipient=job.requested_by,
            subject=subject,
            body=body,
            url=url or job.get_absolute_url(),
        )


def destroy_upload(job: Job) -> None:
    """Destroy the file that a job read, in the transaction that ends it."""
    if job.upload is not None:
        destroy_document(document=job.upload, by=None, at=timezone.now())


def notify_dead(job: Job, reason: str) -> None:
    body = reason or _(
        "The work you asked for stopped because of a technical problem. Ask for it again or call support."
    )
    _notify(job, "dead", _("Stopped: %(job)s") % {"job": label_of(job)}, body)
