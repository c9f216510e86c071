# SPDX-License-Identifier: EUPL-1.2
"""Vocabulary of programmes and activities."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class BodyRole(models.TextChoices):
    """The part of a body in the whole programme; it gives programme-wide reach to its people."""

    LEAD = "lead", _("Lead")
    PARTNER = "partner", _("Partner")
    TECHNICAL_ASSISTANCE = "technical_assistance", _("Technical assistance")
    EVALUATION = "evaluation", _("Evaluation")
    AUDIT = "audit", _("Audit")


class PeriodCalendar(models.TextChoices):
    """How reporting periods are counted."""

    SOLAR_QUARTERS = "solar_quarters", _("Quarters of the calendar year")
    PROJECT_QUARTERS = "project_quarters", _("Quarters counted from the start of the programme")


class ActivityKind(models.TextChoices):
    """What an activity is made of; it decides which register it has."""

    LAB = "lab", _("Lab or course with enrolled recipients")
    SUPPORT = "support", _("Individual support")
    INFORMATION_MEETING = "information_meeting", _("Information meetings with bodies")
    FAMILY_MEETING = "family_meeting", _("Meetings with families")
    WORKING_GROUP = "working_group", _("Working group or table")
    TRAINING = "training", _("Training of operators")
    MEDIATION = "mediation", _("Mediation")
    DESK = "desk", _("Desk")
    DELIVERABLE = "deliverable", _("Products and materials")
    CAMPAIGN = "campaign", _("Information and communication")


class ActivityState(models.TextChoices):
    """The life of an activity (design 4)."""

    PLANNED = "planned", _("Planned")
    RUNNING = "running", _("Running")
    CONCLUDED = "concluded", _("Concluded")
    CANCELLED = "cancelled", _("Cancelled")


class MeetingState(models.TextChoices):
    """The life of a meeting."""

    SCHEDULED = "scheduled", _("Scheduled")
    HELD = "held", _("Held")
    CANCELLED = "cancelled", pgettext_lazy("meeting", "Cancelled")


class BodyAttendance(models.TextChoices):
    """Whether a body that was called to a meeting came."""

    CALLED = "called", _("Called")
    PRESENT = "present", pgettext_lazy("body", "Present")
    ABSENT = "absent", pgettext_lazy("body", "Absent")
    JUSTIFIED = "justified", pgettext_lazy("body", "Absent, with notice")


class MeetingMode(models.TextChoices):
    """How a meeting is held."""

    IN_PERSON = "in_person", _("In person")
    ONLINE = "online", _("Online")
    MIXED = "mixed", _("In person and online")


class DecisionState(models.TextChoices):
    """The life of a decision of a meeting."""

    OPEN = "open", _("To be done")
    DONE = "done", pgettext_lazy("decision", "Done")


class ProductKind(models.TextChoices):
    """What was delivered; protocols are counted by a measure of their own."""

    SIMPLIFIED_FORM = "simplified_form", _("Simplified form")
    MATERIAL = "material", _("Information material")
    GUIDELINES = "guidelines", _("Guidelines")
    PROTOCOL = "protocol", _("Protocol signed")
    OTHER = "other", _("Another product")


class ServiceChangeKind(models.TextChoices):
    """What became of a service."""

    NEW = "new", _("New service")
    STRENGTHENED = "strengthened", _("Strengthened service")


class TargetGroupKind(models.TextChoices):
    """Who the members of a target group are."""

    PERSONS = "persons", _("Persons")
    OPERATORS = "operators", _("Operators")
    ORGANISATIONS = "organisations", _("Bodies")
    CONTACTS = "contacts", _("Contacts, not persons")


class Citizenship(models.TextChoices):
    """Which citizenship a target group asks for."""

    ANY = "any", _("Any")
    THIRD_COUNTRY = "third_country", _("Third country")


class Sheet(models.TextChoices):
    """Which official sheet the persons of a target group fill: it decides what may be asked of them."""

    PUPILS = "pupils", _("Third-country nationals, without papers (schools and labs)")
    THIRD_COUNTRY = "third_country", _("Third-country nationals")
    OPERATORS = "operators", _("Operators")


class Admission(models.TextChoices):
    """Whether the holders of a kind of permit are recipients of a programme."""

    ADMITTED = "admitted", _("admitted")
    TO_VERIFY = "to_verify", _("to be verified")
    EXCLUDED = "excluded", _("excluded")


class Support(models.TextChoices):
    """The kinds of support of the official sheet that an activity type can give; the language one is told apart."""

    WORK_GUIDANCE = "work_guidance", _("Personal guidance to work")
    CIVIC_EDUCATION = "civic_education", _("Civic education")
    SCHOOL_INCLUSION = "school_inclusion", _("Inclusion at school")
    UNIVERSITY_AND_TITLES = "university_and_titles", _("University and recognition of titles")
    TRAINING_GUIDANCE = "training_guidance", _("Guidance to training")
    EXPLOITATION = "exploitation", _("Against exploitation of work")
    HOUSING = "housing", _("Housing")
    AWARENESS = "awareness", _("Raising awareness")
    GUARDIANSHIP = "guardianship", _("Voluntary guardianship")
    MINORS_IN_JUSTICE = "minors_in_justice", _("Minors under the judicial authority")
    FAMILY_REUNION = "family_reunion", _("Family reunion")
    MOBILITY = "mobility", _("Mobility")
    LONG_TERM_RESIDENCE = "long_term_residence", _("Long-term residence")


class Measure(models.TextChoices):
    """How an indicator counts; each is one function of the ledger (design 5)."""

    PERSONS = "persons", _("Persons, each once")
    ORGANISATIONS = "organisations", _("Bodies, each once")
    ACTIVITIES = "activities", _("Activities")
    MEETINGS = "meetings", _("Meetings held")
    HOURS = "hours", _("Hours held")
    NETWORKS = "networks", _("Networks, each once")
    DELIVERABLES = "deliverables", _("Products delivered")
    PROTOCOLS = "protocols", _("Protocols signed")
    SERVICES = "services", _("New or strengthened services, each once")
    CAMPAIGNS = "campaigns", _("Contents and campaigns published")
    REACH = "reach", _("Contacts reached, not persons")
    MEDIATION_HOURS = "mediation_hours", _("Hours of mediation validated")
    MEDIATION_SESSIONS = "mediation_sessions", _("Mediation sessions validated")
    MEDIATORS = "mediators", _("Mediators involved, each once")
    DESK_CONTACTS = "desk_contacts", _("Contacts of desks, not persons")
    POSITIVE_OUTCOMES = "positive_outcomes", _("Persons with a positive outcome, each once")


class DeskCounter(models.TextChoices):
    """What is counted of the contacts of a desk: three counters that are never mixed (domain reference, section 8)."""

    CONTACTS = "contacts", _("Contacts")
    FIRST_ACCESSES = "first_accesses", _("First accesses")
    SERVICES = "services", _("Services given")


class Unit(models.TextChoices):
    """The unit in which an indicator is read; hours are kept in minutes."""

    PERSONS = "persons", _("persons")
    ORGANISATIONS = "organisations", _("bodies")
    HOURS = "hours", _("hours")
    MEETINGS = "meetings", _("meetings")
    ACTIVITIES = "activities", _("activities")
    NETWORKS = "networks", _("networks")
    PRODUCTS = "products", _("products")
    CONTENTS = "contents", _("contents")
    SERVICES = "services", _("services")
    # Said wherever the figure stands: nobody may read it as persons.
    CONTACTS = "contacts", _("contacts, not persons")
    SESSIONS = "sessions", _("sessions")
    MEDIATORS = "mediators", _("mediators")


class IndicatorKind(models.TextChoices):
    """What the figure is for."""

    TARGET = "target", _("Recipients")
    OUTPUT = "output", _("Output")
    RESULT = "result", _("Result")


class ReachMetric(models.TextChoices):
    """What a channel counts. Views are kept to be read: they are never contacts, let alone persons."""

    UNIQUE_USERS = "unique_users", _("unique users")
    SUBSCRIBERS = "subscribers", _("subscribers")
    VIEWS = "views", _("views")
    COPIES = "copies", _("copies")
    ATTENDEES = "attendees", _("attendees")


COUNTED_METRICS = tuple(metric for metric in ReachMetric if metric != ReachMetric.VIEWS)


class ReachMode(models.TextChoices):
    """How the values of a channel add up (issue of audiences, design 5)."""

    FLOW = "flow", _("Summed")
    STOCK = "stock", _("Increase over the highest so far")


class Cadence(models.TextChoices):
    """How often something is due."""

    ONCE = "once", _("In all")
    WEEKLY = "weekly", _("Every week")
    MONTHLY = "monthly", _("Every month")
    QUARTERLY = "quarterly", _("Every quarter")
    YEARLY = "yearly", _("Every year")


class OutcomeKind(models.TextChoices):
    """What a support may have brought to a person (domain reference, sections 2.4 and 3.2)."""

    LANGUAGE = "language", _("Better Italian")
    USEFULNESS = "usefulness", _("Useful for integration")
    SATISFACTION = "satisfaction", _("Satisfied")
    RECOGNITION = "recognition", _("Recognition of qualifications")
    LONG_STAY = "long_stay", _("Long-term residence")
    TRAINING = "training", _("Training passed")
    SKILLS = "skills", _("Skills in use")


class DataRole(models.TextChoices):
    """The part of a body in the processing of personal data (articles 24, 26 and 28 of the GDPR)."""

    CONTROLLER = "controller", _("Controller")
    JOINT_CONTROLLER = "joint_controller", _("Joint controller")
    PROCESSOR = "processor", _("Processor")


class MediationRequestKind(models.TextChoices):
    """The request forms that a programme may offer."""

    SCHOOL = "school", _("Allegato A.1 – Mediation for schools")
    SERVICE = "service", _("Allegato A.3 – Mediation for services")
    ETHNOCLINICAL = "ethnoclinical", _("Allegato A.5 – Ethnoclinical consultation")
    LEGAL = "legal", _("Legal question of an operator")
    COMMUNITY = "community", _("Community mediation")
    TRANSLATION = "translation", _("Written translation")
    FACILITATION = "facilitation", _("Language facilitation")


class ChangeReason(models.TextChoices):
    """Why a target or the budget has a new version."""

    FIRST = "first", _("First version")
    REMODULATION = "remodulation", _("Change of the programme approved (rimodulazione)")
    EXTENSION = "extension", _("Extension of the programme")
    REALLOCATION = "reallocation", _("Moved among networks or bodies")
    CORRECTION = "correction", _("Correction of an error")


class OfferState(models.TextChoices):
    """Whether an entry of the catalogue can be seen by the schools."""

    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Withdrawn")
