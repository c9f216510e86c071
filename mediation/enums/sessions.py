# SPDX-License-Identifier: EUPL-1.2
"""Sessions, their reports and signatures."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class SessionState(models.TextChoices):
    """The life of a session."""

    PLANNED = "planned", pgettext_lazy("session", "Planned")
    HELD = "held", pgettext_lazy("session", "Held")
    NOT_HELD = "not_held", pgettext_lazy("session", "Not held")
    CANCELLED = "cancelled", pgettext_lazy("session", "Cancelled")


# A session in one of these states takes the mediator's time: the database lets no two of them overlap.
OCCUPYING_STATES = (SessionState.PLANNED, SessionState.HELD)


class SessionOutcome(models.TextChoices):
    """How the session went."""

    COMPLETE = "complete", _("Carried out")
    PARTIAL = "partial", _("Carried out in part")


class Absent(models.TextChoices):
    """Because of whom a session was not held, or was cancelled."""

    FAMILY = "family", _("The family")
    REQUESTER = "requester", _("The school or service")
    MEDIATOR = "mediator", _("The mediator")
    OTHER = "other", pgettext_lazy("absence", "Another reason")


class FollowUp(models.TextChoices):
    """What comes after an intervention."""

    NONE = "none", _("Nothing for now")
    NEW_MEETING = "new_meeting", _("A new meeting")
    OTHER_SERVICE = "other_service", _("Another service")
    CONSULTATION = "consultation", _("An ethnoclinical consultation (A.5)")


class SignerRole(models.TextChoices):
    """In which capacity a sheet is signed."""

    MEDIATOR = "mediator", _("Mediator")
    REQUESTER = "requester", _("School or service")


class SignatureMethod(models.TextChoices):
    """How a sheet was signed."""

    ACCOUNT = "account", _("With the own account")
    CODE = "code", _("By one-time code on the mediator’s device")
    LINK = "link", _("By a link sent to the mailbox of the body")
    PAPER = "paper", _("On paper, photograph attached")
