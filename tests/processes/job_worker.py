# SPDX-License-Identifier: EUPL-1.2
"""The Celery application of the process tests: the portal's own, with kinds of job that can be watched and stopped."""

import os
import time
from datetime import datetime
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.processes.settings")
django.setup()

from fami_portal.celery import app  # noqa: E402
from fami_portal.core import jobs  # noqa: E402
from fami_portal.core.jobs import Run, Slot  # noqa: E402
from fami_portal.core.services import acting, record_event  # noqa: E402

__all__ = ["app"]


def _never(user: Any, job: Any) -> bool:
    return False


def work(run: Run) -> None:
    """Say that it began, take the asked time, leave one effect; with `fenced` false, as if there were no fence."""
    with acting(None):
        record_event(by=None, verb="began", target=run.job, data={"pid": os.getpid(), "attempt": run.attempt})
    # The first attempt takes its time; the one that takes over is quick.
    steps = run.parameters.get("steps", 0) if run.attempt == 1 else 0
    for step in range(steps):
        time.sleep(0.1)
        if run.parameters.get("fenced", True):
            run.progress(step, "Working")
    if run.parameters.get("fenced", True):
        with run.fenced():
            record_event(by=None, verb="worked", target=run.job, data={"attempt": run.attempt})
            run.finish(url="/done/")
    else:
        with acting(None):
            record_event(by=None, verb="worked", target=run.job, data={"attempt": run.attempt})


def one_slot(at: datetime) -> list[Slot]:
    return [Slot("only-one")] if os.environ.get("TEST_PERIODIC") else []


jobs.register_job("test.work", handler=work, label="Work", may_see=_never)
jobs.register_job("test.periodic", handler=work, label="Periodic work", may_see=_never, periodic=one_slot)
