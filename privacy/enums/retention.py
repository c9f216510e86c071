# SPDX-License-Identifier: EUPL-1.2
"""Vocabulary of retention, legal holds and incidents."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class DataClass(models.TextChoices):
    """What is kept for a time of its own."""

    IDENTITIES = "identities", _("Names and tax codes of recipients")
    RECIPIENTS = "recipients", _("Own codes, birth dates and notes of recipients")
    IDENTITY_FILES = "identity_files", _("Files that carry names")
    CASE_TEXTS = "case_texts", _("Free texts and contacts of requests and sessions")
    DRAFTS = "drafts", _("Drafts that nobody filed")
    ACCESS_LINKS = "access_links", _("Links without account and their mailboxes")
    APPLICANTS = "applicants", _("Who asked for a right")
    READINGS = "readings", _("Record of who has read")
    INVITATIONS = "invitations", _("Invitations to people")
    NOTIFICATIONS = "notifications", _("Messages of the portal")


class Anchor(models.TextChoices):
    """What the months are counted from."""

    CONTROL_END = "control_end", _("the end of the control period")
    PROGRAMME_CLOSED = "programme_closed", _("the closure of the programme")
    LAST_SUPPORT = "last_support", _("the end of the last activity of the recipient")
    CASE_ENDED = "case_ended", _("the end of the case")
    WRITTEN = "written", _("the day on which it was written")


class HoldScope(models.TextChoices):
    """What a legal hold keeps."""

    PROGRAMME = "programme", _("The whole programme")
    BODY = "body", _("One body")
    RECIPIENT = "recipient", _("One recipient")


class RunState(models.TextChoices):
    """The life of a destruction."""

    RUNNING = "running", _("Running")
    DONE = "done", pgettext_lazy("destruction", "Done")


class IncidentState(models.TextChoices):
    """The life of an incident on personal data."""

    OPEN = "open", _("To be assessed")
    NOTIFIED = "notified", _("Notified to the authority")
    NOT_NOTIFIED = "not_notified", _("Not to be notified")
    CLOSED = "closed", pgettext_lazy("incident", "Closed")
