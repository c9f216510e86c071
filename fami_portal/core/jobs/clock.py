# SPDX-License-Identifier: EUPL-1.2
"""What keeps jobs going: the sweep and the tick."""

import logging
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db import connection
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy

from fami_portal.core import filecare, outbox
from fami_portal.core.enums import JobState
from fami_portal.core.jobs import queue
from fami_portal.core.jobs.registry import Slot, kinds, register_job
from fami_portal.core.jobs.runs import MAX_ATTEMPTS, Run, destroy_upload, notify_dead
from fami_portal.core.models import Job
from fami_portal.core.services import acting

logger = logging.getLogger(__name__)

SWEEP_BATCH = 100
MAIL_KIND = "core.send_mail"
FILES_KIND = "core.sweep_files"


def sweep() -> int:
    """Send again every job that no worker holds, end those whose last attempt died; returns how many were sent.

    Rows are taken with SKIP LOCKED and marked as sent, so two ticks at once do not send twice.
    """
    with translation.override(settings.LANGUAGE_CODE), acting(None):
        lost = (
            Job.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("requested_by", "upload")
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
            destroy_upload(job)
            notify_dead(job, "")
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
        queue.dispatch_later(job_id)
    return len(ids)


def enqueue_due(at: datetime) -> list[Job]:
    """Write the periodic jobs that are due at this moment and not there yet; a kind that fails does not stop others."""
    written = []
    for kind in kinds().values():
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
                            queue.enqueue(
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
            queue.enqueue(kind=MAIL_KIND, by=None, key="mail")
    filecare.finish_destroying()
    sweep()


def _send_mail(run: Run) -> None:
    # One mail job at a time (its key), so whatever is half-sent now was left by an attempt that died.
    with run.fenced():
        outbox.recover_interrupted()
    while outbox.send_pending_mail():
        run.progress(50)


register_job(MAIL_KIND, handler=_send_mail, label=gettext_lazy("Sending of e-mail"), may_see=lambda user, job: False)


def _days(now: datetime) -> Iterator[Slot]:
    yield Slot(f"{timezone.localdate(now):%Y-%m-%d}")


def _sweep_files(run: Run) -> None:
    filecare.sweep_orphans(at=timezone.now())


register_job(
    FILES_KIND,
    handler=_sweep_files,
    label=gettext_lazy("Files that belong to nothing"),
    may_see=lambda user, job: False,
    periodic=_days,
)
