# SPDX-License-Identifier: EUPL-1.2
"""Vocabulary of reports and of the results ledger."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ActivityReportState(models.TextChoices):
    """The life of an activity report (design 4)."""

    OPEN = "open", _("To be filed")
    SUBMITTED = "submitted", _("Submitted")
    RETURNED = "returned", _("Returned")
    VALIDATED = "validated", _("Validated")
    REOPENED = "reopened", _("Reopened")


class MergedReportState(models.TextChoices):
    """The life of the report of a network or of the region, which collects others and owns no facts."""

    OPEN = "open", _("Being collected")
    SUBMITTED = "submitted", _("Submitted to the region")
    RETURNED = "returned", _("Returned")
    ACCEPTED = "accepted", _("Accepted")


class ProblemOrigin(models.TextChoices):
    """Where a problem of the quarter comes from, as the official sheet asks (reference: domain 3.1)."""

    RECIPIENT = "recipient", _("The recipient")
    OTHERS = "others", _("Other subjects")
    CONTEXT = "context", _("The context")


class ReopenScope(models.TextChoices):
    """What may be corrected in a report opened again: the registers too, or the words alone."""

    FIGURES = "figures", _("Registers, figures and texts")
    TEXT = "text", _("Texts alone")


class OutputReportState(models.TextChoices):
    """The life of a periodic output report; a transmitted one never changes."""

    GENERATED = "generated", _("Generated")
    TRANSMITTED = "transmitted", _("Transmitted")


class ScopeKind(models.TextChoices):
    """Where a unit may count once."""

    PROGRAMME = "programme", _("Programme")
    PLAN = "plan", _("Plan")
    ACTION = "action", _("Action")
    NETWORK = "network", _("Network")
    BODY = "body", _("Body in a network")


class FactKind(models.TextChoices):
    """What a validated report proved."""

    ATTENDANCE = "attendance", _("Attendance of a person in a month")
    MEETING = "meeting", _("Meeting held")
    # Of supports: for each person the fact is an attendance, as of a lab.
    INTERVENTION = "intervention", _("Intervention of a support")
    DESK_CONTACT = "desk_contact", _("Contact of a desk")
    FIRST_CONTACT = "first_contact", _("First access to a desk")
    BODY_PRESENCE = "body_presence", _("Body at a meeting")
    # A network that takes part in a table of another one.
    NETWORK = "network", _("Network at a table")
    DELIVERABLE = "deliverable", _("Product delivered")
    PROTOCOL = "protocol", _("Protocol signed")
    NEW_SERVICE = "new_service", _("New service")
    SERVICE = "service", _("Strengthened service")
    CAMPAIGN = "campaign", _("Content published")
    REACH = "reach", _("Measure of a channel")
    MEDIATION = "mediation", _("Mediation session held")
    MEDIATOR = "mediator", _("Mediator at work")
    TRANSLATION = "translation", _("Written translation delivered")
    # What a support brought to a person, with the codes of `actions.enums.OutcomeKind`.
    LANGUAGE = "language", _("Outcome: better Italian")
    USEFULNESS = "usefulness", _("Outcome: useful for integration")
    SATISFACTION = "satisfaction", _("Outcome: satisfied")
    RECOGNITION = "recognition", _("Outcome: recognition of qualifications")
    LONG_STAY = "long_stay", _("Outcome: long-term residence")
    TRAINING = "training", _("Outcome: training passed")
    SKILLS = "skills", _("Outcome: skills in use")


class UnitKind(models.TextChoices):
    """The thing that is counted."""

    PERSON = "person", _("Person")
    ORGANISATION = "organisation", _("Body")
    ACTIVITY = "activity", _("Activity")
    MEETING = "meeting", _("Meeting")
    INTERVENTION = "intervention", _("Intervention")
    CONTACT = "contact", _("Contact of a desk")
    NETWORK = "network", _("Network")
    DELIVERABLE = "deliverable", _("Product")
    SERVICE = "service", _("Service")
    CAMPAIGN = "campaign", _("Content")
    MEASURE = "measure", _("Measure of a channel")
    # The work of mediation: each register has its own ids, so each is a kind of its own.
    SESSION = "session", _("Mediation session")
    PRESENCE = "presence", _("Presence of community mediation")
    CONSULTATION = "consultation", _("Session of an ethnoclinical consultation")
    TRANSLATION = "translation", _("Written translation")
    MEDIATOR = "mediator", _("Mediator")


class PostingReason(models.TextChoices):
    """Why the ledger was moved."""

    VALIDATION = "validation", _("Validation of an activity report")
    CORRECTION = "correction", _("New validation after a reopening")
    MERGE = "merge", _("Two records of one person joined")
    RULES = "rules", _("Change of the rules")
    REBUILD = "rebuild", _("Rebuild")
    MEDIATION = "mediation", _("Validation of a mediation report")


class ExtractProduct(models.TextChoices):
    """What an evaluator may ask for: one of the two for the same days, never both (ADR 20)."""

    ROWS = "rows", _("Pseudonymised rows")
    TABLES = "tables", _("Aggregate tables")


class ExtractState(models.TextChoices):
    """The life of a request of an extract; its approval ends on a day."""

    REQUESTED = "requested", _("To be decided")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
