# SPDX-License-Identifier: EUPL-1.2
"""Background work of the retention."""

from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone

from fami_portal.core import clock
from fami_portal.core.jobs import Run, Slot
from privacy.services import retention_runs

DAILY = "privacy.retention_daily"


def every_night(now: datetime) -> Iterator[Slot]:
    """Yield one run for each night, from four o'clock: nobody waits for a page then."""
    local = timezone.localtime(now)
    if local.hour >= 4:
        yield Slot(f"{local:%Y-%m-%d}")


def look_at_retention(run: Run) -> None:
    """Announce what comes due and begin to destroy what was announced in time."""
    retention_runs.run_daily(at=clock.now())


def destroy(run: Run) -> None:
    """Do one destruction."""
    retention_runs.work(run)
