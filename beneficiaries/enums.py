# SPDX-License-Identifier: EUPL-1.2
"""Vocabulary of recipients and registers."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Sex(models.TextChoices):
    """The three values of the official sheets."""

    FEMALE = "female", _("Woman")
    MALE = "male", _("Man")
    NON_BINARY = "non_binary", _("Non-binary")


class Eligibility(models.TextChoices):
    """Whether a recipient counts for the fund; a person who is not eligible still gets the service."""

    UNVERIFIED = "unverified", _("Not verified")
    DECLARED = "declared", _("Declared")
    VERIFIED = "verified", _("Verified")
    NOT_ELIGIBLE = "not_eligible", _("Not eligible")


COUNTING_ELIGIBILITY = (Eligibility.DECLARED, Eligibility.VERIFIED)


class AttendanceState(models.TextChoices):
    """What the register says of one enrolled person at one meeting."""

    PRESENT = "present", _("Present")
    ABSENT = "absent", _("Absent")
    JUSTIFIED = "justified", _("Absence justified")


class AgeBand(models.TextChoices):
    """The official bands; the age is the one at the start of the support (design 6)."""

    UNDER_18 = "under_18", _("under 18")
    FROM_18_TO_60 = "from_18_to_60", _("18 to 60")
    OVER_60 = "over_60", _("over 60")


class LanguageLevel(models.TextChoices):
    """The seven levels of Italian (LASLLIAM and QCER)."""

    ALFA_LOW = "alfa_low", _("Alfa basso")
    ALFA_HIGH = "alfa_high", _("Alfa alto")
    PRE_A1 = "pre_a1", _("Pre-A1")
    A1 = "a1", _("A1")
    A2 = "a2", _("A2")
    B1 = "b1", _("B1")
    B2 = "b2", _("B2")
