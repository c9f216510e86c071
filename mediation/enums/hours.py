# SPDX-License-Identifier: EUPL-1.2
"""Accounts of hours, and reminders of what is due."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class AccountUse(models.TextChoices):
    """What the hours of an account are for."""

    ON_CALL = "on_call", _("On call")
    PLANNED = "planned", pgettext_lazy("hours", "Planned at the start of the year")
    URGENCY = "urgency", _("Reserve for urgency")


class MovementKind(models.TextChoices):
    """What moved the hours of an account."""

    GRANT = "grant", _("Granted")
    EXTRA_GRANT = "extra_grant", _("Extra grant")
    MOVED_IN = "moved_in", _("Moved in from another account")
    MOVED_OUT = "moved_out", _("Moved out to another account")
    REQUEST = "request", _("Requested")
    RESERVE = "reserve", _("Reserved")
    RELEASE = "release", _("Released")
    CONSUME = "consume", _("Consumed")
    CHARGE = "charge", _("Charged")
    RESTORE = "restore", _("Taken back for a correction")


class ReminderEvent(models.TextChoices):
    """From what a reminder counts its days."""

    AUTHORISATION = "authorisation", _("Request waiting for the head of the school")
    TRIAGE = "triage", _("Request to take in charge")
    COMPLETION = "completion", _("Request to complete")
    PROPOSAL = "proposal", _("Proposal to answer")
    SESSION = "session", _("Planned session")
    REPORT = "report", _("Report to file")
    COUNTERSIGNATURE = "countersignature", _("Report to countersign")
    VALIDATION = "validation", _("Report to validate")
    CASE_ANSWER = "case_answer", _("Referral to an ethnoclinical consultation to answer")
    CASE_SESSION = "case_session", _("First session of a consultation to hold")
    CASE_RESTITUTION = "case_restitution", _("Next session or restitution of a consultation")
    CASE_CLOSE = "case_close", _("Consultation to close")
    LEGAL_ANSWER = "legal_answer", _("Legal question to answer")
    TRANSLATION_RETURN = "translation_return", _("Translation to return")
    PRESENCE = "presence", _("Planned presence")
    QUALIFICATION = "qualification", _("Qualification that expires")


class ReminderAudience(models.TextChoices):
    """To whom a reminder goes."""

    ACTOR = "actor", _("Whoever must act")
    COORDINATOR = "coordinator", _("The coordinator of the network")
