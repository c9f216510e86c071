# SPDX-License-Identifier: EUPL-1.2
"""The register of mediators."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class MediatorProfile(models.TextChoices):
    """What a mediator does."""

    MEDIATOR = "mediator", _("Intercultural mediator")
    FACILITATOR = "facilitator", _("Language facilitator")
    BOTH = "both", _("Mediator and language facilitator")


class LanguageLevel(models.TextChoices):
    """How well a language is known (CEFR)."""

    B1 = "b1", _("B1")
    B2 = "b2", _("B2")
    C1 = "c1", _("C1")
    C2 = "c2", _("C2")
    MOTHER_TONGUE = "mother_tongue", _("Mother tongue")


class QualificationKind(models.TextChoices):
    """What proves a mediator's competence, or that the work may be given (reference: domain, 5.7)."""

    DEGREE = "degree", _("University degree")
    COURSE = "course", _("Training course for mediators")
    EXPERIENCE = "experience", _("Years of work, declared")
    REGISTER = "register", _("Enrolment in a regional register")
    CRIMINAL_RECORD = "criminal_record", _("Criminal record certificate for work with minors")
    ITALIAN = "italian", _("Certificate of Italian")
    OTHER = "other", pgettext_lazy("qualification", "Other")


class Gender(models.TextChoices):
    """Gender of a mediator, asked only because some interventions need it."""

    FEMALE = "female", _("Woman")
    MALE = "male", _("Man")
    UNDECLARED = "undeclared", _("Not declared")
