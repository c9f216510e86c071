# SPDX-License-Identifier: EUPL-1.2
"""Models of the mediation service, by room."""

from mediation.models.community import CommunityPresence, CommunityPresenceQuerySet
from mediation.models.consultations import Consultation, ConsultationQuerySet, ConsultationSession
from mediation.models.hours import HourAccount, HourAccountQuerySet, HourMovement
from mediation.models.legal import LegalMessage, LegalQuestion, LegalQuestionQuerySet
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
from mediation.models.request_parts import RequestCounter, RequestLanguage, RequestSlot
from mediation.models.requests import (
    MediationRequest,
    MediationRequestQuerySet,
    Proposal,
)
from mediation.models.sessions import (
    InterventionReport,
    MediationSession,
    MediationSessionQuerySet,
    OneTimeCode,
    PaperSheet,
    Signature,
)
from mediation.models.translations import Translation, TranslationQuerySet

__all__ = [
    "AccessLink",
    "AccessLinkUse",
    "AvailabilityException",
    "CommunityPresence",
    "CommunityPresenceQuerySet",
    "Consultation",
    "ConsultationQuerySet",
    "ConsultationSession",
    "DelegationUse",
    "HeadDelegation",
    "HourAccount",
    "HourAccountQuerySet",
    "HourMovement",
    "InterventionReport",
    "LegalMessage",
    "LegalQuestion",
    "LegalQuestionQuerySet",
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
    "Translation",
    "TranslationQuerySet",
    "WeeklyAvailability",
]
