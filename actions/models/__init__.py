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
from actions.models.budgets import Budget, BudgetShare, ProgrammeExtension
from actions.models.indicators import CadenceTarget, Indicator, IndicatorTarget, ReachChannel
from actions.models.notices import Notice, NoticeText, ProcessingRole
from actions.models.offers import Offer, OfferRequest
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
from actions.models.school_calendar import SchoolBreak, SchoolYear
from actions.models.teaching import MeetingTeacher, Teacher

__all__ = [
    "Action",
    "ActionNetwork",
    "Activity",
    "ActivityType",
    "Budget",
    "BudgetShare",
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
    "Offer",
    "OfferRequest",
    "Period",
    "Plan",
    "ProcessingRole",
    "Product",
    "Programme",
    "ProgrammeBody",
    "ProgrammeExtension",
    "ReachChannel",
    "RequestKind",
    "SchoolBreak",
    "SchoolYear",
    "TargetGroup",
    "Teacher",
    "WorkPackage",
    "WorkTask",
]
