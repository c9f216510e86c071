# SPDX-License-Identifier: EUPL-1.2
"""States of jobs, messages, documents and imports; why files are opened."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class JobState(models.TextChoices):
    """The life of a job; `DEAD` has used up its attempts and waits for a person."""

    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    DEAD = "dead", _("Stopped after errors")


UNFINISHED_JOB_STATES = (JobState.QUEUED, JobState.RUNNING)


class MailState(models.TextChoices):
    """The delivery of the e-mail that goes with a message."""

    NOT_WANTED = "not_wanted", _("No e-mail")
    PENDING = "pending", _("To be sent")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Not sent")


class ScanState(models.TextChoices):
    """What the malware scanner said of a document."""

    NOT_SCANNED = "not_scanned", _("Not scanned")
    CLEAN = "clean", _("Clean")
    INFECTED = "infected", _("Infected")


class FilePurpose(models.TextChoices):
    """Why a file that carries names is opened; what is recorded are these words, and the details."""

    CASE = "case", _("For the work on the case that it belongs to")
    CHECK = "check", _("To check a signature, a date or a figure")
    REQUEST = "request", _("To answer a request of the person or the family")
    OTHER = "other", _("Something else")


class ImportState(models.TextChoices):
    """The life of an import: checked first, written only after a person has seen what it changes."""

    CHECKING = "checking", _("Being checked")
    READY = "ready", _("To be confirmed")
    REFUSED = "refused", _("To be corrected")
    WRITING = "writing", _("Being written")
    DONE = "done", _("Import done")
    FAILED = "failed", _("Stopped, nothing written")
    CANCELLED = "cancelled", _("Given up")


class RowEffect(models.TextChoices):
    """What one row of an imported file does."""

    NEW = "new", _("new")
    CHANGED = "changed", _("changed")
    SAME = "same", _("same as now")
    REFUSED = "refused", _("to be corrected")
