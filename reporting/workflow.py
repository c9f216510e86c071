# SPDX-License-Identifier: EUPL-1.2
"""The life of activity reports and of output reports (design 4)."""

from django.utils.translation import gettext_lazy as _

from fami_portal.core.workflow import Workflow, register, transitions
from reporting.enums import ActivityReportState, ExtractState, OutputReportState

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
