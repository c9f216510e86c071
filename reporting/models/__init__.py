# SPDX-License-Identifier: EUPL-1.2
"""Activity reports, the results ledger and the periodic output reports."""

from reporting.models.activity_reports import ActivityReport
from reporting.models.extracts import Extract
from reporting.models.ledger import (
    ActivityScope,
    CountingScope,
    DraftFact,
    LedgerHead,
    OpenPairTotal,
    Posting,
    ProvisionalTotal,
    ResultEntry,
    ResultMovement,
    ResultTotal,
    ValidatedFact,
)
from reporting.models.merged_reports import MergedReport, MergedVersion
from reporting.models.output_reports import OutputReport
from reporting.models.report_parts import DueExtension, ReportComment, ReportVersion

__all__ = [
    "ActivityReport",
    "ActivityScope",
    "CountingScope",
    "DraftFact",
    "DueExtension",
    "Extract",
    "LedgerHead",
    "MergedReport",
    "MergedVersion",
    "OpenPairTotal",
    "OutputReport",
    "Posting",
    "ProvisionalTotal",
    "ReportComment",
    "ReportVersion",
    "ResultEntry",
    "ResultMovement",
    "ResultTotal",
    "ValidatedFact",
]
