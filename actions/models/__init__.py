# SPDX-License-Identifier: EUPL-1.2
"""Programmes as data, and the activities that carry them out."""

from actions.models.activities import (
    Activity,
    Campaign,
    CampaignMeasure,
    Deliverable,
    Meeting,
    MeetingBody,
)
from actions.models.indicators import CadenceTarget, Indicator, IndicatorTarget, ReachChannel
from actions.models.notices import Notice, NoticeText, ProcessingRole
from actions.models.periods import ClosedPeriod, Period
from actions.models.programmes import (
    Action,
    ActionNetwork,
    ActivityType,
    Plan,
    Product,
    Programme,
    ProgrammeBody,
    RequestKind,
    TargetGroup,
    WorkPackage,
    WorkTask,
)
from actions.models.teaching import MeetingTeacher, Teacher

__all__ = [
    "Action",
    "ActionNetwork",
    "Activity",
    "ActivityType",
    "CadenceTarget",
    "Campaign",
    "CampaignMeasure",
    "ClosedPeriod",
    "Deliverable",
    "Indicator",
    "IndicatorTarget",
    "Meeting",
    "MeetingBody",
    "MeetingTeacher",
    "Notice",
    "NoticeText",
    "Period",
    "Plan",
    "ProcessingRole",
    "Product",
    "Programme",
    "ProgrammeBody",
    "ReachChannel",
    "RequestKind",
    "TargetGroup",
    "Teacher",
    "WorkPackage",
    "WorkTask",
]
