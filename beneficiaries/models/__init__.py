# SPDX-License-Identifier: EUPL-1.2
"""Models of recipients, by room."""

from beneficiaries.models.certificates import Certificate
from beneficiaries.models.desks import DeskContact
from beneficiaries.models.identities import Identity
from beneficiaries.models.matching import Fingerprint, Merge, Pair, PairQuestion
from beneficiaries.models.notices import NoticeRenewal
from beneficiaries.models.outcomes import Outcome
from beneficiaries.models.reading import ReadChain, ReadEntry
from beneficiaries.models.recipients import Beneficiary, BeneficiaryQuerySet
from beneficiaries.models.registers import Attendance, Enrolment
from beneficiaries.models.restrictions import Restriction
from beneficiaries.models.sharing import SHARED_AFTER, BreakGlass, SharingAct
from beneficiaries.models.sheets import OperatorSheet, ThirdCountrySheet
from beneficiaries.models.signed_pages import SignedPage
from beneficiaries.models.supports import MOST_MINUTES, Intervention, InterventionPerson, Support, SupportMember
from beneficiaries.models.verification import EligibilityCheck

__all__ = [
    "MOST_MINUTES",
    "SHARED_AFTER",
    "Attendance",
    "Beneficiary",
    "BeneficiaryQuerySet",
    "BreakGlass",
    "Certificate",
    "DeskContact",
    "EligibilityCheck",
    "Enrolment",
    "Fingerprint",
    "Identity",
    "Intervention",
    "InterventionPerson",
    "Merge",
    "NoticeRenewal",
    "OperatorSheet",
    "Outcome",
    "Pair",
    "PairQuestion",
    "ReadChain",
    "ReadEntry",
    "Restriction",
    "SharingAct",
    "SignedPage",
    "Support",
    "SupportMember",
    "ThirdCountrySheet",
]
