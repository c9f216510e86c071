# SPDX-License-Identifier: EUPL-1.2
"""Asking for a job, finding it again, starting a dead one again."""

import json
import logging
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from fami_portal.core.documents import destroy_document
from fami_portal.core.enums import JobState
from fami_portal.core.errors import DomainError
from fami_portal.core.jobs.registry import kinds
from fami_portal.core.jobs.runs import run_job
from fami_portal.core.models import Document, Job, JobQuerySet
from fami_portal.core.services import acting, record_event

logger = logging.getLogger(__name__)


def job_for(user: Any, uuid: UUID | str) -> Job:
    """Return the job with this uuid if the user asked for it or its kind lets the user see it; otherwise Http404."""
    job = Job.objects.select_related("result", "requested_by").filter(uuid=uuid).first()
    if job is not None:
        kind = kinds().get(job.kind)
        if job.requested_by_id == user.pk or (kind is not None and kind.may_see(user, job)):
            return job
    raise Http404


def jobs_of(user: Any) -> JobQuerySet:
    """Return the jobs that the user asked for, newest first."""
    return Job.objects.visible_to(user).select_related("result").order_by("-id")


def dead_jobs() -> JobQuerySet:
    """Return the jobs that stopped after errors, newest first, for the people who look after the portal."""
    return Job.objects.filter(state=JobState.DEAD).select_related("requested_by").order_by("-id")


def enqueue(
    *,
    kind: str,
    by: Any,
    subject_id: int | None = None,
    parameters: Mapping[str, Any] | None = None,
    key: str = "",
    slot: str = "",
    upload: Document | None = None,
) -> Job:
    """Write a job in the transaction of the act that needs it, and hand it to Celery when that commits.

    `key` makes it unique among the unfinished ones of its kind, `slot` for ever: asked again, the same job comes
    back. `parameters` hold ids and options, never names. `upload` is the file that the work reads: it is destroyed when
    the job ends, however it ends, and at once when the same work had been asked before with another file. Raises
    KeyError for a kind nobody registered.
    """
    if kind not in kinds():
        raise KeyError(kind)
    for _attempt in range(3):
        # Its row comes back with it: some acts have few queries to spend.
        made = list(
            Job.objects.raw(
                """
                INSERT INTO core_job (uuid, kind, slot, key, subject_id, parameters, state, progress, step, attempt,
                                      created_at, sent_at, requested_by_id, upload_id, result_url, error)
                VALUES (gen_random_uuid(), %s, %s, %s, %s, %s::jsonb, 'queued', 0, '', 0,
                        clock_timestamp(), clock_timestamp(), %s, %s, '', '')
                ON CONFLICT DO NOTHING RETURNING *
                """,
                [
                    kind,
                    slot,
                    key,
                    subject_id,
                    json.dumps(dict(parameters or {})),
                    getattr(by, "pk", None),
                    getattr(upload, "pk", None),
                ],
            )
        )
        if made:
            dispatch_later(made[0].pk)
            return made[0]
        known = Job.objects.filter(kind=kind)
        existing = known.filter(slot=slot).first() if slot else None
        existing = existing or (known.unfinished().filter(key=key).first() if key else None)
        if existing:
            if upload is not None and existing.upload_id != upload.pk:
                destroy_document(document=upload, by=by, at=timezone.now())
            return existing
        # The one in the way ended between the two statements: ask again.
    raise IntegrityError(f"job {kind} could not be written")


def retry_job(*, job: Job, by: Any) -> Job:
    """Start a dead job again, with a new round of attempts.

    Writes the audit event. Raises `DomainError` when it is not dead, when the same work was asked again meanwhile, or
    when it read a file, which was destroyed with its end.
    """
    again = _("This job is already waiting or running.")
    if job.upload_id is not None:
        raise DomainError(_("The file that you had sent was destroyed when the work stopped: send it again."))
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
        dispatch_later(job.pk)
    job.refresh_from_db()
    return job


def dispatch_later(job_id: int) -> None:
    """Dispatch the job once the transaction is there; whatever fails then is logged, and changes nothing of it."""
    # A named function: Django logs the name of what failed, and a `partial` has none.
    transaction.on_commit(lambda: dispatch(job_id), robust=True)


def dispatch(job_id: int) -> None:
    """Run the job here (tests) or tell Celery its id; a broker that is down costs time, not the job."""
    if settings.JOBS_INLINE:
        run_job(job_id, heartbeat=False)
        return
    try:
        current_app.send_task("core.run_job", args=[job_id], retry=False, ignore_result=True)
    except Exception as error:  # whatever the client library raises: the tick sends it again
        logger.warning("job %s not handed to the broker (%s); the tick will", job_id, type(error).__name__)
