# SPDX-License-Identifier: EUPL-1.2
"""Models of the mediation service, by room."""

from mediation.models.hours import HourAccount, HourAccountQuerySet, HourMovement
from mediation.models.links import AccessLink, AccessLinkUse, DelegationUse, HeadDelegation
from mediation.models.mediators import (
    AvailabilityException,
    Mediator,
    MediatorLanguage,
    MediatorQualification,
    MediatorQuerySet,
    MediatorTerritory,
    WeeklyAvailability,
)
from mediation.models.reminders import ReminderRule, ReminderSent
from mediation.models.requests import (
    MediationRequest,
    MediationRequestQuerySet,
    Proposal,
    RequestCounter,
    RequestLanguage,
    RequestSlot,
)
from mediation.models.sessions import (
    InterventionReport,
    MediationSession,
    MediationSessionQuerySet,
    OneTimeCode,
    PaperSheet,
    Signature,
)

__all__ = [
    "AccessLink",
    "AccessLinkUse",
    "AvailabilityException",
    "DelegationUse",
    "HeadDelegation",
    "HourAccount",
    "HourAccountQuerySet",
    "HourMovement",
    "InterventionReport",
    "MediationRequest",
    "MediationRequestQuerySet",
    "MediationSession",
    "MediationSessionQuerySet",
    "Mediator",
    "MediatorLanguage",
    "MediatorQualification",
    "MediatorQuerySet",
    "MediatorTerritory",
    "OneTimeCode",
    "PaperSheet",
    "Proposal",
    "ReminderRule",
    "ReminderSent",
    "RequestCounter",
    "RequestLanguage",
    "RequestSlot",
    "Signature",
    "WeeklyAvailability",
]
