# SPDX-License-Identifier: EUPL-1.2
"""Models of recipients, by room."""

from beneficiaries.models.identities import BreakGlass, Identity, SharingAct
from beneficiaries.models.matching import Fingerprint, Merge, Pair, PairAnswer
from beneficiaries.models.reading import ReadChain, ReadEntry
from beneficiaries.models.recipients import Beneficiary, BeneficiaryQuerySet
from beneficiaries.models.registers import Attendance, Enrolment
from beneficiaries.models.verification import EligibilityCheck

__all__ = [
    "Attendance",
    "Beneficiary",
    "BeneficiaryQuerySet",
    "BreakGlass",
    "EligibilityCheck",
    "Enrolment",
    "Fingerprint",
    "Identity",
    "Merge",
    "Pair",
    "PairAnswer",
    "ReadChain",
    "ReadEntry",
    "SharingAct",
]
