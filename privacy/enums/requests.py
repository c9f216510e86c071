# SPDX-License-Identifier: EUPL-1.2
"""Vocabulary of the requests with which persons exercise their rights (GDPR, art. 15–21)."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class RightKind(models.TextChoices):
    """What right is exercised."""

    ACCESS = "access", _("Access: a copy of the data")
    RECTIFICATION = "rectification", _("Rectification")
    RESTRICTION = "restriction", _("Restriction of the processing")
    ERASURE = "erasure", _("Erasure")
    OBJECTION = "objection", _("Objection")
    PORTABILITY = "portability", _("Portability: the data in a file for another service")


# Those that are answered with a copy of the data.
WITH_COPY = (RightKind.ACCESS, RightKind.PORTABILITY)
# Those that may end with the processing being restricted.
WITH_RESTRICTION = (RightKind.RESTRICTION, RightKind.OBJECTION, RightKind.RECTIFICATION)


class RightsState(models.TextChoices):
    """The life of a request of a person."""

    RECEIVED = "received", _("Received")
    IDENTITY = "identity", _("Identity to verify")
    IN_PROGRESS = "in_progress", _("In progress")
    EXTENDED = "extended", _("Extended")
    ANSWERED = "answered", _("Answered")
    REFUSED = "refused", _("Refused with reason")
    CLOSED = "closed", pgettext_lazy("request of a person", "Closed")


OPEN_STATES = (RightsState.RECEIVED, RightsState.IDENTITY, RightsState.IN_PROGRESS, RightsState.EXTENDED)
WORKED_STATES = (RightsState.IN_PROGRESS, RightsState.EXTENDED)


class RightsChannel(models.TextChoices):
    """How it came."""

    EMAIL = "email", _("E-mail")
    CERTIFIED_MAIL = "certified_mail", _("Certified e-mail (PEC)")
    PAPER = "paper", _("Letter")
    IN_PERSON = "in_person", _("In person")
    PHONE = "phone", _("Phone")


class Applicant(models.TextChoices):
    """Who asks."""

    PERSON = "person", _("The person")
    PARENT = "parent", _("A parent or guardian")
    DELEGATE = "delegate", _("Somebody with a proxy")


class IdentityCheck(models.TextChoices):
    """How the identity of who asks was verified: what was seen, never a copy."""

    DOCUMENT = "document", _("Identity document shown")
    KNOWN = "known", _("Known to the body")
    DIGITAL = "digital", _("Digital identity (SPID, CIE)")
    CERTIFIED_MAIL = "certified_mail", _("Certified e-mail of the person")
    PROXY = "proxy", _("Proxy and identity document shown")


class MatchMethod(models.TextChoices):
    """How a record was found to be of the person."""

    TAX_CODE = "tax_code", _("Same tax code")
    NAMES = "names", _("Names and birth date, confirmed by the officer")


class TaskPurpose(models.TextChoices):
    """What a body is asked to do."""

    SEARCH = "search", _("Search your files for this person")
    CORRECT = "correct", _("Correct what is wrong")
    DESTROY = "destroy", _("Destroy lists and papers that say who it is")


class TaskAnswer(models.TextChoices):
    """What a body answered."""

    NOTHING = "nothing", _("We hold nothing")
    HELD = "held", _("We hold something")
    DONE = "done", pgettext_lazy("answer of a body", "Done")
    WITHDRAWN = "withdrawn", _("No longer needed")
