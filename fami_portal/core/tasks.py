# SPDX-License-Identifier: EUPL-1.2
"""The two Celery tasks of the portal: run one job by its id, and the tick. No retries, no delays, no results."""

from collections.abc import Iterator
from contextlib import contextmanager

from celery import shared_task
from django.db import close_old_connections

from fami_portal.core import jobs


@contextmanager
def _fresh_connections() -> Iterator[None]:
    """Leave connections that the server closed behind, before and after: the worker outlives the database."""
    close_old_connections()
    try:
        yield
    finally:
        close_old_connections()


@shared_task(name="core.run_job", ignore_result=True)
def run_job(job_id: int, **_extra: object) -> None:
    """Run the job with this id, unless another worker holds it."""
    with _fresh_connections():
        jobs.run_job(job_id)


@shared_task(name="core.tick", ignore_result=True)
def tick(**_extra: object) -> None:
    """Plan periodic work, send mail, send again what no worker holds."""
    with _fresh_connections():
        jobs.tick()
