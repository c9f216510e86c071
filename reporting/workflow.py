# SPDX-License-Identifier: EUPL-1.2
"""The life of activity reports and of output reports (design 4)."""

from django.utils.translation import gettext_lazy as _

from fami_portal.core.workflow import Workflow, register, transitions
from reporting.enums import ActivityReportState, ExtractState, MergedReportState, OutputReportState

_BODY = _("the body that files it")
_COORDINATOR = _("the coordinator")
_REGION = _("the regional coordinator")
_NOBODY = _("nobody")

ACTIVITY_REPORT = register(
    Workflow(
        entity="reporting.activityreport",
        states=ActivityReportState,
        initial=ActivityReportState.OPEN,
        owners={
            ActivityReportState.OPEN: _BODY,
            ActivityReportState.SUBMITTED: _COORDINATOR,
            ActivityReportState.RETURNED: _BODY,
            ActivityReportState.VALIDATED: _NOBODY,
            ActivityReportState.REOPENED: _BODY,
        },
        colours={
            ActivityReportState.OPEN: "secondary",
            ActivityReportState.SUBMITTED: "info",
            ActivityReportState.RETURNED: "warning",
            ActivityReportState.VALIDATED: "success",
            ActivityReportState.REOPENED: "warning",
        },
        transitions=transitions(
            (
                "submit",
                {ActivityReportState.OPEN, ActivityReportState.RETURNED, ActivityReportState.REOPENED},
                ActivityReportState.SUBMITTED,
                _("Report submitted"),
                False,
            ),
            ("return", {ActivityReportState.SUBMITTED}, ActivityReportState.RETURNED, _("Report returned"), True),
            ("validate", {ActivityReportState.SUBMITTED}, ActivityReportState.VALIDATED, _("Report validated"), False),
            ("reopen", {ActivityReportState.VALIDATED}, ActivityReportState.REOPENED, _("Report reopened"), True),
        ),
    )
)

# States in which the body may still write the narrative and mend its registers.
EDITABLE = (ActivityReportState.OPEN, ActivityReportState.RETURNED, ActivityReportState.REOPENED)

_WRITER = _("the coordinator who writes it")

# The report of a network goes to the region; that of the region is concluded by who writes it.
MERGED_REPORT = register(
    Workflow(
        entity="reporting.mergedreport",
        states=MergedReportState,
        initial=MergedReportState.OPEN,
        owners={
            MergedReportState.OPEN: _WRITER,
            MergedReportState.SUBMITTED: _REGION,
            MergedReportState.RETURNED: _WRITER,
            MergedReportState.ACCEPTED: _NOBODY,
        },
        colours={
            MergedReportState.OPEN: "secondary",
            MergedReportState.SUBMITTED: "info",
            MergedReportState.RETURNED: "warning",
            MergedReportState.ACCEPTED: "success",
        },
        transitions=transitions(
            (
                "submit",
                {MergedReportState.OPEN, MergedReportState.RETURNED},
                MergedReportState.SUBMITTED,
                _("Report submitted to the region"),
                False,
            ),
            ("return", {MergedReportState.SUBMITTED}, MergedReportState.RETURNED, _("Report returned"), True),
            ("accept", {MergedReportState.SUBMITTED}, MergedReportState.ACCEPTED, _("Report accepted"), False),
            (
                "conclude",
                {MergedReportState.OPEN, MergedReportState.RETURNED},
                MergedReportState.ACCEPTED,
                _("Report of the region concluded"),
                False,
            ),
            ("reopen", {MergedReportState.ACCEPTED}, MergedReportState.RETURNED, _("Report reopened"), True),
        ),
    )
)

# States in which the report of a network or of the region may still be written.
WRITABLE = (MergedReportState.OPEN, MergedReportState.RETURNED)

OUTPUT_REPORT = register(
    Workflow(
        entity="reporting.outputreport",
        states=OutputReportState,
        initial=OutputReportState.GENERATED,
        owners={OutputReportState.GENERATED: _COORDINATOR, OutputReportState.TRANSMITTED: _NOBODY},
        colours={OutputReportState.GENERATED: "info", OutputReportState.TRANSMITTED: "success"},
        transitions=transitions(
            (
                "transmit",
                {OutputReportState.GENERATED},
                OutputReportState.TRANSMITTED,
                _("Report transmitted"),
                False,
            ),
        ),
    )
)

EXTRACT = register(
    Workflow(
        entity="reporting.extract",
        states=ExtractState,
        initial=ExtractState.REQUESTED,
        owners={
            ExtractState.REQUESTED: _REGION,
            ExtractState.APPROVED: _NOBODY,
            ExtractState.REFUSED: _NOBODY,
        },
        colours={
            ExtractState.REQUESTED: "info",
            ExtractState.APPROVED: "success",
            ExtractState.REFUSED: "danger",
        },
        transitions=transitions(
            ("approve", {ExtractState.REQUESTED}, ExtractState.APPROVED, _("Extract approved"), False),
            ("refuse", {ExtractState.REQUESTED}, ExtractState.REFUSED, _("Extract refused"), True),
        ),
    )
)
