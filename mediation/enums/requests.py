# SPDX-License-Identifier: EUPL-1.2
"""Requests of mediation: their life, what is asked, how soon, by whom."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from actions.enums import MediationRequestKind

# The kinds that share the life of a request of mediation; the others have shorter tables of their own.
SESSION_KINDS = (MediationRequestKind.SCHOOL, MediationRequestKind.SERVICE, MediationRequestKind.FACILITATION)
# The kinds with a page, a table of states and a report of their own.
OTHER_KINDS = (
    MediationRequestKind.ETHNOCLINICAL,
    MediationRequestKind.LEGAL,
    MediationRequestKind.TRANSLATION,
    MediationRequestKind.COMMUNITY,
    MediationRequestKind.FACILITATION,
)
# The letters before the number of a request, by kind.
NUMBER_PREFIXES = {
    MediationRequestKind.SCHOOL: "A1",
    MediationRequestKind.SERVICE: "A3",
    MediationRequestKind.ETHNOCLINICAL: "A5",
    MediationRequestKind.LEGAL: "QL",
    MediationRequestKind.COMMUNITY: "MC",
    MediationRequestKind.TRANSLATION: "TR",
    MediationRequestKind.FACILITATION: "FL",
}


class RequestState(models.TextChoices):
    """The life of a request of mediation (design 4)."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", pgettext_lazy("request", "Submitted")
    AUTHORISED = "authorised", _("Authorised")
    TAKEN_IN_CHARGE = "taken_in_charge", _("Taken in charge")
    TO_COMPLETE = "to_complete", _("To complete")
    ASSIGNING = "assigning", _("Being assigned")
    PROPOSED = "proposed", _("Proposed to a mediator")
    CONFIRMED = "confirmed", _("Confirmed")
    RESCHEDULED = "rescheduled", _("New time proposed")
    HELD = "held", _("Held")
    REPORTED = "reported", _("Report filed")
    COUNTERSIGNED = "countersigned", _("Countersigned")
    VALIDATED = "validated", pgettext_lazy("request", "Validated")
    REOPENED = "reopened", pgettext_lazy("request", "Reopened")
    REJECTED = "rejected", _("Rejected")
    CANCELLED = "cancelled", pgettext_lazy("request", "Cancelled")
    NOT_HELD = "not_held", _("Not held")
    EXPIRED = "expired", pgettext_lazy("request", "Expired")


# States after which nothing happens any more, unless a report is reopened.
ENDED_STATES = (
    RequestState.VALIDATED,
    RequestState.REJECTED,
    RequestState.CANCELLED,
    RequestState.NOT_HELD,
    RequestState.EXPIRED,
)
# States in which the hours asked are still held for the request.
RESERVING_STATES = (
    RequestState.SUBMITTED,
    RequestState.AUTHORISED,
    RequestState.TAKEN_IN_CHARGE,
    RequestState.TO_COMPLETE,
    RequestState.ASSIGNING,
    RequestState.PROPOSED,
    RequestState.CONFIRMED,
    RequestState.RESCHEDULED,
    RequestState.HELD,
    RequestState.REPORTED,
    RequestState.COUNTERSIGNED,
    RequestState.REOPENED,
)


class RequestChannel(models.TextChoices):
    """How a request came."""

    PORTAL = "portal", _("Filed in the portal")
    LINK = "link", _("Filed by a link sent to the mailbox of the body")
    OUTSIDE = "outside", _("Arranged outside the portal")


class Intervention(models.TextChoices):
    """What the mediator is asked for; a request may name several."""

    FIRST_WELCOME = "first_welcome", _("Enrolment and first welcome")
    FIRST_TALK = "first_talk", _("First talk to get to know the family")
    FAMILY_TALK = "family_talk", _("Talk between school and family")
    CLASS_ASSEMBLY = "class_assembly", _("Class assembly")
    EDUCATION_PLAN = "education_plan", _("Personal plan (PDP, PEI, GLO)")
    GUIDANCE = "guidance", _("Guidance on the school path")
    EVALUATION_HANDOVER = "evaluation_handover", _("Handing over the school report")
    MOTHER_TONGUE_ASSESSMENT = "mother_tongue_assessment", _("Assessment of skills in the mother tongue")
    WRITTEN_COMMUNICATION = "written_communication", _("Written communication")
    CRITICAL_SITUATION = "critical_situation", _("Critical situation or conflict")
    NEED_READING = "need_reading", _("Reading and coding of the need")
    SERVICE_TALK = "service_talk", _("Talk at the service")
    HOME_VISIT = "home_visit", _("Home visit")
    PARENTING_SUPPORT = "parenting_support", _("Support to the assessment of parenting capacity")
    NETWORK_MEETING = "network_meeting", _("Meeting of the network of services")
    ACCOMPANIMENT = "accompaniment", _("Accompaniment")
    LANGUAGE_FACILITATION = "language_facilitation", _("Language facilitation")
    OTHER = "other", pgettext_lazy("intervention", "Other")


SCHOOL_INTERVENTIONS = (
    Intervention.FIRST_WELCOME,
    Intervention.FIRST_TALK,
    Intervention.FAMILY_TALK,
    Intervention.CLASS_ASSEMBLY,
    Intervention.EDUCATION_PLAN,
    Intervention.GUIDANCE,
    Intervention.EVALUATION_HANDOVER,
    Intervention.MOTHER_TONGUE_ASSESSMENT,
    Intervention.WRITTEN_COMMUNICATION,
    Intervention.CRITICAL_SITUATION,
    Intervention.OTHER,
)
SERVICE_INTERVENTIONS = (
    Intervention.NEED_READING,
    Intervention.SERVICE_TALK,
    Intervention.HOME_VISIT,
    Intervention.PARENTING_SUPPORT,
    Intervention.NETWORK_MEETING,
    Intervention.ACCOMPANIMENT,
    Intervention.WRITTEN_COMMUNICATION,
    Intervention.OTHER,
)
# What each kind of request may ask for.
INTERVENTIONS = {
    MediationRequestKind.SCHOOL: SCHOOL_INTERVENTIONS,
    MediationRequestKind.SERVICE: SERVICE_INTERVENTIONS,
    MediationRequestKind.FACILITATION: (Intervention.LANGUAGE_FACILITATION,),
}


class Mode(models.TextChoices):
    """How the session takes place."""

    IN_PERSON = "in_person", _("In person")
    PHONE = "phone", _("By phone")
    VIDEO = "video", _("By video call")


class Urgency(models.TextChoices):
    """How soon support is needed; urgent and new arrivals take the fast lane."""

    ORDINARY = "ordinary", _("Ordinary")
    NEW_ARRIVAL = "new_arrival", _("New arrival")
    URGENT = "urgent", _("Urgent")


class CaseKind(models.TextChoices):
    """Who the support of a service is for (A.3)."""

    ADULT = "adult", pgettext_lazy("case", "An adult")
    FAMILY = "family", pgettext_lazy("case", "A family")
    MINOR = "minor", _("A minor")
    UNACCOMPANIED_MINOR = "unaccompanied", _("An unaccompanied minor")


class AuthorisationMethod(models.TextChoices):
    """How the head of the school signed."""

    ACCOUNT = "account", _("In the portal, with the own account")
    LINK = "link", _("By a one-time link, without an account")
    DELEGATION = "delegation", _("By delegation")
    DOCUMENT = "document", _("By a signed document")
    NOT_NEEDED = "not_needed", _("Not asked by the programme")


class ProposalState(models.TextChoices):
    """The life of a proposal to a mediator."""

    PROPOSED = "proposed", pgettext_lazy("proposal", "Waiting for an answer")
    ACCEPTED = "accepted", pgettext_lazy("proposal", "Accepted")
    REFUSED = "refused", pgettext_lazy("proposal", "Refused")
    EXPIRED = "expired", pgettext_lazy("proposal", "Expired")
    WITHDRAWN = "withdrawn", pgettext_lazy("proposal", "Withdrawn")


class RefusalReason(models.TextChoices):
    """Why a mediator refuses."""

    BUSY = "busy", _("Not free at that time")
    TOO_FAR = "too_far", _("Too far")
    LANGUAGE = "language", _("Another language or variety")
    CONFLICT = "conflict", _("Knows the family or has a conflict of interest")
    OTHER = "other", pgettext_lazy("refusal", "Other")


class DelegationAct(models.TextChoices):
    """What a request did to the minutes of a delegation of the head."""

    PASSED = "passed", _("Passed under the delegation")
    CHANGED = "changed", _("Submitted again with other hours")
    RETURNED = "returned", _("Ended: hours given back")


class LinkPurpose(models.TextChoices):
    """What a link without an account lets one do."""

    FILE = "file", _("File requests for the body")
    FOLLOW = "follow", _("Follow a request")
    AUTHORISE = "authorise", _("Authorise a request")
    COUNTERSIGN = "countersign", _("Countersign a report")
