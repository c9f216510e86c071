# SPDX-License-Identifier: EUPL-1.2
"""Background work of reporting: `core.jobs` runs these by their kind."""

from collections.abc import Iterator
from datetime import datetime

from fami_portal.core import clock
from fami_portal.core.jobs import Run, Slot

OPEN_REPORTS = "reporting.open_reports"
END_EXTRACTS = "reporting.end_extracts"


def produce_output_report(run: Run) -> None:
    """Produce the report of one period."""
    from reporting.services import output_reports

    output_reports.run_job(run)


def open_reports(run: Run) -> None:
    """Open the activity reports of a period that has ended."""
    from actions.models import Period
    from reporting.services import activity_reports

    with run.fenced():
        activity_reports.open_activity_reports(
            period=Period.objects.get(pk=run.parameters["period"]), by=None, at=clock.now()
        )
        run.finish()


def produce_extract(run: Run) -> None:
    """Make the file of an approved extract."""
    from reporting.services import extracts

    extracts.produce_extract(run)


def days(now: datetime) -> Iterator[Slot]:
    """Yield one run for each day of the work."""
    yield Slot(f"{clock.today():%Y-%m-%d}")


def end_extracts(run: Run) -> None:
    """Destroy the files of the extracts whose last day is over."""
    from reporting.services import extracts

    extracts.destroy_expired(at=clock.now())
