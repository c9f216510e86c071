# SPDX-License-Identifier: EUPL-1.2
"""Programmes as data, and the activities that carry them out."""

from actions.models.activities import (
    Activity,
    ActivityNetwork,
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
from actions.models.service_changes import Service, ServiceChange
from actions.models.tables import AgendaItem, Decision, MeetingCall, MeetingMinutes
from actions.models.teaching import MeetingTeacher, Teacher

__all__ = [
    "Action",
    "ActionNetwork",
    "Activity",
    "ActivityNetwork",
    "ActivityType",
    "AgendaItem",
    "Budget",
    "BudgetShare",
    "CadenceTarget",
    "Campaign",
    "CampaignMeasure",
    "ClosedPeriod",
    "Decision",
    "Deliverable",
    "Indicator",
    "IndicatorTarget",
    "Meeting",
    "MeetingBody",
    "MeetingCall",
    "MeetingMinutes",
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
    "Service",
    "ServiceChange",
    "TargetGroup",
    "Teacher",
    "WorkPackage",
    "WorkTask",
]
