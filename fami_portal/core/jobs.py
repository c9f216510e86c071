# SPDX-License-Identifier: EUPL-1.2
"""Background work: the table `core.Job` is the queue of record, Celery only carries ids.

Nothing is lost when the broker dies (the tick sends again what no worker holds), a killed worker costs one lease, and
a message delivered twice finds the job taken. What a worker wrote counts only while it holds the job: see `Run`.
"""

import json
import logging
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import IntegrityError, connection, transaction
from django.http import Http404
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fami_portal.core import outbox
from fami_portal.core.enums import JobState
from fami_portal.core.errors import DomainError
from fami_portal.core.models import Document, Job, JobQuerySet
from fami_portal.core.services import acting, record_event

logger = logging.getLogger(__name__)

# Every fifth failed attempt stops the job; a person may then start it again, and the count goes on.
MAX_ATTEMPTS = 5
SWEEP_BATCH = 100


class StaleWorker(Exception):
    """This worker no longer holds the job: another one took it over. What it was writing is rolled back."""


@dataclass(frozen=True)
class Slot:
    """One run of periodic work, for instance a quarter; its name is unique for ever within the kind."""

    name: str
    subject_id: int | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class JobKind:
    """What the portal knows about one kind of job."""

    kind: str
    handler: Callable[["Run"], None]
    label: object
    may_see: Callable[[Any, Job], bool]
    periodic: Callable[[datetime], Iterable[Slot]] | None = None


_kinds: dict[str, JobKind] = {}


def register_job(
    kind: str,
    *,
    handler: Callable[["Run"], None],
    label: object,
    may_see: Callable[[Any, Job], bool],
    periodic: Callable[[datetime], Iterable[Slot]] | None = None,
) -> JobKind:
    """Make a kind of job known; called by each app when it is ready.

    `handler(run)` does the work, and may be run again after a crash. `may_see(user, job)` opens the job's page to
    others than the person who asked. `periodic(now)` returns the slots that are due; those already there are skipped.
    """
    _kinds[kind] = JobKind(kind, handler, label, may_see, periodic)
    return _kinds[kind]


def kinds() -> Mapping[str, JobKind]:
    """Return the registered kinds by name."""
    return dict(_kinds)


def label_of(job: Job) -> str:
    """Return the translated name of the job's kind."""
    return str(_kinds[job.kind].label) if job.kind in _kinds else job.kind


# --- reading -------------------------------------------------------------------------------------------------------


def job_for(user: Any, uuid: object) -> Job:
    """Return the job with this uuid if the user asked for it or its kind lets the user see it; otherwise Http404."""
    job = Job.objects.select_related("result", "requested_by").filter(uuid=uuid).first()
    if job is not None:
        kind = _kinds.get(job.kind)
        if job.requested_by_id == user.pk or (kind is not None and kind.may_see(user, job)):
            return job
    raise Http404


def jobs_of(user: Any) -> JobQuerySet:
    """Return the jobs that the user asked for, newest first."""
    return Job.objects.visible_to(user).select_related("result").order_by("-id")


def dead_jobs() -> JobQuerySet:
    """Return the jobs that stopped after errors, newest first, for the people who look after the portal."""
    return Job.objects.filter(state=JobState.DEAD).select_related("requested_by").order_by("-id")


# --- asking --------------------------------------------------------------------------------------------------------


def enqueue(
    *,
    kind: str,
    by: Any,
    subject_id: int | None = None,
    parameters: Mapping[str, Any] | None = None,
    key: str = "",
    slot: str = "",
) -> Job:
    """Write a job in the transaction of the act that needs it, and hand it to Celery when that commits.

    `key` makes it unique among the unfinished ones of its kind, `slot` for ever: asked again, the same job comes
    back. `parameters` hold ids and options, never names. Raises KeyError for a kind nobody registered.
    """
    _kinds[kind]
    for _attempt in range(3):
        with connection.cursor() as cursor:
            cursor.execute(
                """
                INSERT INTO core_job (uuid, kind, slot, key, subject_id, parameters, state, progress, step, attempt,
                                      created_at, sent_at, requested_by_id, result_url, error)
                VALUES (gen_random_uuid(), %s, %s, %s, %s, %s::jsonb, 'queued', 0, '', 0,
                        clock_timestamp(), clock_timestamp(), %s, '', '')
                ON CONFLICT DO NOTHING RETURNING id
                """,
                [kind, slot, key, subject_id, json.dumps(dict(parameters or {})), getattr(by, "pk", None)],
            )
            row = cursor.fetchone()
        if row:
            transaction.on_commit(partial(_dispatch, row[0]), robust=True)
            return Job.objects.get(pk=row[0])
        known = Job.objects.filter(kind=kind)
        existing = known.filter(slot=slot).first() if slot else None
        existing = existing or (known.unfinished().filter(key=key).first() if key else None)
        if existing:
            return existing
        # The one in the way ended between the two statements: ask again.
    raise IntegrityError(f"job {kind} could not be written")


def retry_job(*, job: Job, by: Any) -> Job:
    """Start a dead job again, with a new round of attempts.

    Writes the audit event. Raises `DomainError` when it is not dead, or when the same work was asked again meanwhile.
    """
    again = _("This job is already waiting or running.")
    with acting(by):
        try:
            with transaction.atomic():
                moved = Job.objects.filter(pk=job.pk, state=JobState.DEAD).update(
                    state=JobState.QUEUED, finished_at=None, progress=0, step="", sent_at=timezone.now()
                )
        except IntegrityError as error:
            raise DomainError(again) from error
        if not moved:
            raise DomainError(again)
        record_event(by=by, verb="retried", target=job, data={"kind": job.kind, "attempt": job.attempt})
        transaction.on_commit(partial(_dispatch, job.pk), robust=True)
    job.refresh_from_db()
    return job


def _dispatch(job_id: int) -> None:
    """Run the job here (tests) or tell Celery its id; a broker that is down costs time, not the job."""
    if settings.JOBS_INLINE:
        run_job(job_id, heartbeat=False)
        return
    try:
        current_app.send_task("core.run_job", args=[job_id], retry=False, ignore_result=True)
    except Exception as error:  # whatever the client library raises: the tick sends it again
        logger.warning("job %s not handed to the broker (%s); the tick will", job_id, type(error).__name__)


# --- running -------------------------------------------------------------------------------------------------------


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
    job = Job.objects.select_related("requested_by").get(pk=job_id)
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
            _kinds[run.job.kind].handler(run)
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
                _notify_dead(run.job, error if final else "")
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


def _notify_dead(job: Job, reason: str) -> None:
    body = reason or _(
        "The work you asked for stopped because of a technical problem. Ask for it again or call support."
    )
    _notify(job, "dead", _("Stopped: %(job)s") % {"job": label_of(job)}, body)


# --- keeping going -------------------------------------------------------------------------------------------------


def sweep() -> int:
    """Send again every job that no worker holds, end those whose last attempt died; returns how many were sent.

    Rows are taken with SKIP LOCKED and marked as sent, so two ticks at once do not send twice.
    """
    with translation.override(settings.LANGUAGE_CODE), acting(None):
        lost = (
            Job.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("requested_by")
            .extra(where=["lease_until < clock_timestamp()", "attempt %% %s = 0"], params=[MAX_ATTEMPTS])
            .filter(state=JobState.RUNNING)
            .order_by("id")
        )
        for job in lost:
            Job.objects.filter(pk=job.pk).update(
                state=JobState.DEAD,
                finished_at=timezone.now(),
                lease_until=None,
                error=job.error or "the worker stopped answering",
            )
            _notify_dead(job, "")
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE core_job SET sent_at = clock_timestamp() WHERE id IN (
                SELECT id FROM core_job
                WHERE (state = 'queued' OR (state = 'running' AND lease_until < clock_timestamp()))
                  AND (sent_at IS NULL OR sent_at < clock_timestamp() - %s * interval '1 second')
                ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
            RETURNING id
            """,
            [settings.JOB_LEASE_SECONDS, SWEEP_BATCH],
        )
        ids = sorted(row[0] for row in cursor.fetchall())
    for job_id in ids:
        transaction.on_commit(partial(_dispatch, job_id), robust=True)
    return len(ids)


def enqueue_due(at: datetime) -> list[Job]:
    """Write the periodic jobs that are due at this moment and not there yet; a kind that fails does not stop others."""
    written = []
    for kind in list(_kinds.values()):
        if kind.periodic is None:
            continue
        try:
            slots = list(kind.periodic(at))
            known = set(
                Job.objects.filter(kind=kind.kind, slot__in=[s.name for s in slots]).values_list("slot", flat=True)
            )
            for slot in slots:
                if slot.name not in known:
                    with acting(None):
                        written.append(
                            enqueue(
                                kind=kind.kind,
                                by=None,
                                slot=slot.name,
                                subject_id=slot.subject_id,
                                parameters=slot.parameters,
                            )
                        )
        except Exception:
            logger.exception("periodic work of %s could not be planned", kind.kind)
    return written


def tick(*, at: datetime | None = None) -> None:
    """Do what is due every few seconds: periodic jobs, mail, and the sweep. Twice at once is harmless."""
    enqueue_due(at or timezone.now())
    if outbox.has_due_mail():
        with acting(None):
            enqueue(kind=MAIL_KIND, by=None, key="mail")
    sweep()


MAIL_KIND = "core.send_mail"


def _send_mail(run: Run) -> None:
    # One mail job at a time (its key), so whatever is half-sent now was left by an attempt that died.
    with run.fenced():
        outbox.recover_interrupted()
    while outbox.send_pending_mail():
        run.progress(50)


register_job(MAIL_KIND, handler=_send_mail, label=gettext_lazy("Sending of e-mail"), may_see=lambda user, job: False)
