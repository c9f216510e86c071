# SPDX-License-Identifier: EUPL-1.2
"""The life of a report: written, signed by the mediator, countersigned, validated, opened again (design 4)."""

from mediation.services.reports.closing import reopen, validate
from mediation.services.reports.codes import countersign_by_code, send_code
from mediation.services.reports.common import ReportHasProblemsError
from mediation.services.reports.signing import countersign, file_report
from mediation.services.reports.writing import save_report

__all__ = [
    "ReportHasProblemsError",
    "countersign",
    "countersign_by_code",
    "file_report",
    "reopen",
    "save_report",
    "send_code",
    "validate",
]
