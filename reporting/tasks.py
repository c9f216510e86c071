# SPDX-License-Identifier: EUPL-1.2
"""Background work of reporting: `core.jobs` runs these by their kind."""

from fami_portal.core.jobs import Run


def produce_output_report(run: Run) -> None:
    """Produce the report of one period."""
    from reporting.services import output_reports

    output_reports.run_job(run)


def produce_extract(run: Run) -> None:
    """Make the file of an approved extract."""
    from reporting.services import extracts

    extracts.produce_extract(run)
