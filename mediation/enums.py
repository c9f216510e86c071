# SPDX-License-Identifier: EUPL-1.2
"""Vocabulary of the mediation service (forms A.1 to A.5; reference: domain, section 5)."""

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


class LinkPurpose(models.TextChoices):
    """What a link without an account lets one do."""

    FILE = "file", _("File requests for the body")
    FOLLOW = "follow", _("Follow a request")
    AUTHORISE = "authorise", _("Authorise a request")
    COUNTERSIGN = "countersign", _("Countersign a report")


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
    QUALIFICATION = "qualification", _("Qualification that expires")


class ReminderAudience(models.TextChoices):
    """To whom a reminder goes."""

    ACTOR = "actor", _("Whoever must act")
    COORDINATOR = "coordinator", _("The coordinator of the network")


class ConsultationState(models.TextChoices):
    """The life of an ethnoclinical consultation (A.5)."""

    DRAFT = "draft", pgettext_lazy("consultation", "Draft")
    REFERRED = "referred", _("Referred")
    TO_COMPLETE = "to_complete", pgettext_lazy("consultation", "To complete")
    ACCEPTED = "accepted", pgettext_lazy("consultation", "Accepted")
    ASSESSMENT = "assessment", _("Under assessment")
    RESTITUTION = "restitution", _("Restitution given")
    CLOSED = "closed", pgettext_lazy("consultation", "Closed")
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


class LegalQuestionState(models.TextChoices):
    """The life of a legal question of an operator."""

    DRAFT = "draft", pgettext_lazy("question", "Draft")
    ASKED = "asked", _("Asked")
    ASSIGNED = "assigned", _("Assigned to a consultant")
    TO_CLARIFY = "to_clarify", _("To clarify")
    ANSWERED = "answered", _("Answered")
    PUBLISHED = "published", _("Published in the archive")
    WITHDRAWN = "withdrawn", pgettext_lazy("question", "Withdrawn")


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
