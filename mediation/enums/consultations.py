# SPDX-License-Identifier: EUPL-1.2
"""Consultations, legal questions, translations, community presences."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ConsultationState(models.TextChoices):
    """The life of an ethnoclinical consultation (A.5)."""

    DRAFT = "draft", pgettext_lazy("consultation", "Draft")
    REFERRED = "referred", _("Referred")
    TO_COMPLETE = "to_complete", pgettext_lazy("consultation", "To complete")
    ACCEPTED = "accepted", pgettext_lazy("consultation", "Accepted")
    ASSESSMENT = "assessment", _("Under assessment")
    RESTITUTION = "restitution", _("Restitution given")
    CLOSED = "closed", pgettext_lazy("consultation", "Closed")
    REOPENED = "reopened", pgettext_lazy("consultation", "Reopened")
    NOT_PERTINENT = "not_pertinent", _("Not pertinent")
    CANCELLED = "cancelled", pgettext_lazy("consultation", "Cancelled")


class ConsultationSessionKind(models.TextChoices):
    """What a session of a consultation is."""

    ASSESSMENT = "assessment", _("Session of assessment")
    RESTITUTION = "restitution", _("Restitution")


class AgeRange(models.TextChoices):
    """The age of the person a consultation is about, never the date of birth."""

    CHILD = "child", _("0–5 years")
    PUPIL = "pupil", _("6–13 years")
    TEENAGER = "teenager", _("14–17 years")
    ADULT = "adult", _("Adult")
    FAMILY = "family", _("Family")


class GeographicArea(models.TextChoices):
    """Where the person or the family of a consultation comes from: an area, never the place."""

    NORTH_AFRICA = "north_africa", _("North Africa")
    WEST_AFRICA = "west_africa", _("West Africa")
    OTHER_AFRICA = "other_africa", _("East, Central and Southern Africa")
    MIDDLE_EAST = "middle_east", _("Middle East")
    CENTRAL_SOUTH_ASIA = "central_south_asia", _("Central and South Asia")
    EAST_ASIA = "east_asia", _("East and South-East Asia")
    EASTERN_EUROPE = "eastern_europe", _("Eastern Europe and Balkans")
    LATIN_AMERICA = "latin_america", _("Latin America")
    OTHER = "other", pgettext_lazy("area", "Other")


class ConsultationOutcome(models.TextChoices):
    """How a consultation ended, for the administration: nothing of the case."""

    CONCLUDED = "concluded", pgettext_lazy("consultation", "Concluded")
    REFERRED_ON = "referred_on", _("Referred to another service")
    INTERRUPTED = "interrupted", _("Interrupted")


class LegalQuestionState(models.TextChoices):
    """The life of a legal question of an operator."""

    DRAFT = "draft", pgettext_lazy("question", "Draft")
    ASKED = "asked", _("Asked")
    ASSIGNED = "assigned", _("Assigned to a consultant")
    TO_CLARIFY = "to_clarify", _("To clarify")
    ANSWERED = "answered", _("Answered")
    PUBLISHED = "published", _("Published in the archive")
    WITHDRAWN = "withdrawn", pgettext_lazy("question", "Withdrawn")


class LegalArea(models.TextChoices):
    """What a legal question is about."""

    RESIDENCE_PERMIT = "residence_permit", _("Permit to stay")
    PROTECTION = "protection", _("International protection")
    FAMILY_REUNIFICATION = "family_reunification", _("Family reunification")
    CITIZENSHIP = "citizenship", pgettext_lazy("legal area", "Citizenship")
    MINORS = "minors", _("Minors and school")
    WORK = "work", pgettext_lazy("legal area", "Work")
    HEALTH = "health", _("Health care")
    HOUSING = "housing", _("Housing and registration of residence")
    OTHER = "other", pgettext_lazy("legal area", "Other")


class PresenceState(models.TextChoices):
    """The life of a presence of community mediation."""

    PLANNED = "planned", pgettext_lazy("presence", "Planned")
    HELD = "held", pgettext_lazy("presence", "Held")
    VALIDATED = "validated", pgettext_lazy("presence", "Validated")
    CANCELLED = "cancelled", pgettext_lazy("presence", "Cancelled")


class TranslationState(models.TextChoices):
    """The life of a written translation."""

    DRAFT = "draft", pgettext_lazy("translation", "Draft")
    SUBMITTED = "submitted", pgettext_lazy("translation", "Submitted")
    ASSIGNED = "assigned", pgettext_lazy("translation", "Assigned")
    RETURNED = "returned", _("Translation returned")
    TO_REVISE = "to_revise", _("To revise")
    ACCEPTED = "accepted", pgettext_lazy("translation", "Accepted by the requester")
    VALIDATED = "validated", pgettext_lazy("translation", "Validated")
    REJECTED = "rejected", pgettext_lazy("translation", "Rejected")
    CANCELLED = "cancelled", pgettext_lazy("translation", "Cancelled")
