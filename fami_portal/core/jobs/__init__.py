# SPDX-License-Identifier: EUPL-1.2
"""Background work: the table `core.Job` is the queue of record, Celery only carries ids.

Nothing is lost when the broker dies (the tick sends again what no worker holds), a killed worker costs one lease, and
a message delivered twice finds the job taken. What a worker wrote counts only while it holds the job: see `Run`.
"""

from fami_portal.core.jobs.clock import MAIL_KIND, enqueue_due, sweep, tick
from fami_portal.core.jobs.queue import dead_jobs, enqueue, job_for, jobs_of, retry_job
from fami_portal.core.jobs.registry import JobKind, Slot, kinds, label_of, register_job
from fami_portal.core.jobs.runs import MAX_ATTEMPTS, Run, StaleWorker, claim, run_job

__all__ = [
    "MAIL_KIND",
    "MAX_ATTEMPTS",
    "JobKind",
    "Run",
    "Slot",
    "StaleWorker",
    "claim",
    "dead_jobs",
    "enqueue",
    "enqueue_due",
    "job_for",
    "jobs_of",
    "kinds",
    "label_of",
    "register_job",
    "retry_job",
    "run_job",
    "sweep",
    "tick",
]
