# SPDX-License-Identifier: EUPL-1.2
"""Vocabulary of recipients and registers."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Sex(models.TextChoices):
    """The three values of the official sheets."""

    FEMALE = "female", _("Woman")
    MALE = "male", _("Man")
    NON_BINARY = "non_binary", _("Non-binary")


class Eligibility(models.TextChoices):
    """Whether a recipient counts for the fund; a person who is not eligible still gets the service."""

    UNVERIFIED = "unverified", _("Not verified")
    DECLARED = "declared", _("Declared")
    VERIFIED = "verified", _("Verified")
    NOT_ELIGIBLE = "not_eligible", _("Not eligible")


COUNTING_ELIGIBILITY = (Eligibility.DECLARED, Eligibility.VERIFIED)


class NotCounted(models.TextChoices):
    """Why somebody who is served does not count for its group."""

    ELIGIBILITY = "eligibility", _("Eligibility not declared, or not eligible")
    AGE = "age", _("Age outside the group")
    CITIZENSHIP = "citizenship", _("Citizenship not of a third country")
    ACTIVITY_TYPE = "activity_type", _("Type of activity that does not earn the group")


class AttendanceState(models.TextChoices):
    """What the register says of one enrolled person at one meeting."""

    PRESENT = "present", _("Present")
    ABSENT = "absent", _("Absent")
    JUSTIFIED = "justified", _("Absence justified")


class AgeBand(models.TextChoices):
    """The official bands; the age is the one at the start of the support (design 6)."""

    UNDER_18 = "under_18", _("under 18")
    FROM_18_TO_60 = "from_18_to_60", _("18 to 60")
    OVER_60 = "over_60", _("over 60")


class LanguageLevel(models.TextChoices):
    """The seven levels of Italian (LASLLIAM and QCER)."""

    ALFA_LOW = "alfa_low", _("Alfa basso")
    ALFA_HIGH = "alfa_high", _("Alfa alto")
    PRE_A1 = "pre_a1", _("Pre-A1")
    A1 = "a1", _("A1")
    A2 = "a2", _("A2")
    B1 = "b1", _("B1")
    B2 = "b2", _("B2")


class LevelTest(models.TextChoices):
    """How the level of Italian at entry was found."""

    INTERVIEW = "interview", _("Interview")
    WRITTEN = "written", _("Written test")
    BOTH = "both", _("Interview and written test")
    CPIA = "cpia", _("Test of the CPIA")
    CERTIFICATE = "certificate", _("Certificate that the person had")


class WithdrawalReason(models.TextChoices):
    """Why a recipient left an activity."""

    MOVED = "moved", _("Moved to another municipality")
    LEFT_ITALY = "left_italy", _("Left Italy")
    OTHER_SCHOOL = "other_school", _("Changed school or class")
    WORK = "work", _("Found work, or hours that clash")
    FAMILY = "family", _("Family or health")
    LEVEL = "level", _("Reached the level, or moved to another group")
    ABSENT = "absent", _("Stopped coming")
    # Was never to be there: the register does not show it any more.
    MISTAKE = "mistake", _("Enrolled by mistake")
    OTHER = "other", _("Other")


class MissingTaxCode(models.TextChoices):
    """Why a recipient has no tax code here; the sheets accept it, silence does not (domain reference, section 4)."""

    NOT_ISSUED = "not_issued", _("Not issued yet")
    NOT_SHOWN = "not_shown", _("Not shown")
    NOT_ASKED = "not_asked", _("Not asked (school or lab)")


class FingerprintKind(models.TextChoices):
    """What a fingerprint was taken from; only the first two identify a person by themselves."""

    TAX_CODE = "tax_code", _("tax code")
    PROVISIONAL_CODE = "provisional_code", _("provisional numeric code")
    NAME_AND_BIRTH = "name_and_birth", _("names and birth date")
    PHONETIC = "phonetic", _("sound of the names and birth date")
    NAME_AND_YEAR = "name_and_year", _("names and birth year")


EXACT_FINGERPRINTS = (FingerprintKind.TAX_CODE, FingerprintKind.PROVISIONAL_CODE)


class Similarity(models.TextChoices):
    """How much two records resemble one another, in the only words that a coordinator reads."""

    HIGH = "high", _("high")
    MEDIUM = "medium", _("medium")
    LOW = "low", _("low")


class PairState(models.TextChoices):
    """Where two records that may be one person stand."""

    OPEN = "open", _("To be looked at")
    ASKED = "asked", _("Asked of the two bodies")
    MERGED = "merged", _("One person")
    APART = "apart", _("Two persons")


# Nobody has decided yet: such a pair counts once.
UNDECIDED = (PairState.OPEN, PairState.ASKED)


class QuestionsEnd(models.TextChoices):
    """How the questions to two bodies ended, in words that tell no answer."""

    AGREED = "agreed", _("The two bodies gave the same answers")
    DIFFERED = "differed", _("The two bodies gave different answers")
    UNCLEAR = "unclear", _("The answers do not decide")
    SILENT = "silent", _("Not all answers came in time")
    NOBODY = "nobody", _("One of the bodies has nobody who can answer")
    OVERTAKEN = "overtaken", _("Decided otherwise in the meantime")


class Sibling(models.TextChoices):
    """Whether somebody has a brother or a sister in the same school year: what tells twins from one child."""

    YES = "yes", _("Yes")
    NO = "no", _("No")
    UNKNOWN = "unknown", _("I do not know")


class ReadKind(models.TextChoices):
    """How a nominal record was read."""

    PAGE = "page", _("Seen on a page")
    EXPORT = "export", _("Exported")
    OPENING = "opening", _("Identity opened")
    DOCUMENT = "document", _("File opened")
    SHARED = "shared", _("Names seen on a register")
    PRINT = "print", _("Register printed with the full names")
    BREAK_GLASS = "break_glass", _("Exceptional opening")


class SeenDocument(models.TextChoices):
    """What was seen when an eligibility was verified: the kind of paper, never a copy of it."""

    PERMIT = "permit", _("Permit to stay")
    PERMIT_RECEIPT = "permit_receipt", _("Receipt of the application for a permit")
    PASSPORT = "passport", _("Passport or identity card")
    SELF_DECLARATION = "self_declaration", _("Declaration of the family or of the person")
    OTHER = "other", _("Other paper")


# Papers that a school may see: nobody shows a permit to go to school.
SCHOOL_SEEN = (SeenDocument.SELF_DECLARATION,)


class NoticeReceiver(models.TextChoices):
    """Who received the privacy notice."""

    FAMILY = "family", _("The family")
    PERSON = "person", _("The person")
    GUARDIAN = "guardian", _("The guardian")


class OutcomeState(models.TextChoices):
    """The three values of the official sheets; what nobody has recorded yet is the first."""

    PENDING = "pending", _("Not verifiable yet, or not applicable")
    POSITIVE = "positive", _("Positive")
    NEGATIVE = "negative", _("Negative")


class UsefulArea(models.TextChoices):
    """The five areas in which a support may have been useful; two make it positive (domain reference, section 2.4)."""

    WORK = "work", _("work")
    LANGUAGE = "language", _("language")
    COMMUNITY = "community", _("relations with the community, participation")
    HOUSING = "housing", _("housing")
    HEALTH = "health", _("health")


class AttestationKind(models.TextChoices):
    """What attests a level of Italian; the paper stays where it is, never a copy here."""

    CPIA = "cpia", _("Attestation of a CPIA")
    CERTIFICATE = "certificate", _("Language certificate (CILS, CELI, PLIDA, Cert.it)")
    UNIVERSITY = "university", _("Attestation of a university")
    TRAINING_BODY = "training_body", _("Attestation of an accredited training body")
    SCHOOL = "school", _("Attestation of the school")


class OpeningPurpose(models.TextChoices):
    """Why a name is opened; what is recorded are these words, and the details."""

    RECOGNISE = "recognise", _("To recognise the person at the activity")
    CONTACT = "contact", _("To get in touch with the person or the family")
    CHECK = "check", _("To check or correct what was written")
    REQUEST = "request", _("To answer a request of the person or the family")
    OTHER = "other", _("Something else")


class SharingPurpose(models.TextChoices):
    """Why a body lets another read who its recipients are."""

    KEEP_REGISTER = "keep_register", _("To keep the register: call the roll, sign the sheets")
    SAFETY = "safety", _("Safety: to know who is in the room, and whom to call")
    OTHER = "other", _("Something else")


class SharingState(models.TextChoices):
    """Where a sharing act stands on a day."""

    FUTURE = "future", _("Not begun yet")
    IN_FORCE = "in_force", _("In force")
    ENDED = "ended", _("No longer in force")
    REVOKED = "revoked", _("Revoked")


class BreakGlassReason(models.TextChoices):
    """Why the Region opens a name that it may not open otherwise."""

    SAFETY = "safety", _("Somebody is in danger")
    AUTHORITY = "authority", _("A judge or an authority asks for it")
    PERSON = "person", _("The person or the family asks, and the body cannot be reached")
    CONTROL = "control", _("Control of the fund on this very person")
    OTHER = "other", _("Something else")


class OperatorTraining(models.TextChoices):
    """What the training of an operator was about: the seven columns of the official sheet."""

    PREFECTURES = "prefectures", _("Staff of prefectures")
    LOCAL_BODIES = "local_bodies", _("Staff of local bodies")
    SCHOOLS = "schools", _("Staff of schools")
    DISCRIMINATION = "discrimination", _("Preventing and fighting discrimination")
    SOCIAL_AND_HEALTH = "social_and_health", _("Staff of social and health services")
    GUARDIANSHIP = "guardianship", _("Voluntary guardianship of unaccompanied minors")
    MINORS_IN_JUSTICE = "minors_in_justice", _("Minors under the judicial authority")


class SupportKind(models.TextChoices):
    """What a person or a household is followed for."""

    WORK = "work", _("Guidance to work and services for employment")
    EDUCATION = "education", _("Educational interventions in the territory")
    SCHOOL_PATH = "school_path", _("Guidance on the school path")
    HOUSING = "housing", _("Accompaniment to housing")
    CASE = "case", _("Case taken in charge")


class SupportOutcome(models.TextChoices):
    """How a support ended."""

    REACHED = "reached", pgettext_lazy("support", "Goal reached")
    PARTLY = "partly", pgettext_lazy("support", "Goal reached in part")
    HANDED_ON = "handed_on", pgettext_lazy("support", "Handed on to another service")
    INTERRUPTED = "interrupted", pgettext_lazy("support", "Interrupted by the person")
    MOVED = "moved", pgettext_lazy("support", "Moved elsewhere")
    NOT_REACHED = "not_reached", pgettext_lazy("support", "Goal not reached")


class InterventionKind(models.TextChoices):
    """What was done on a day; the last four are of housing alone."""

    INTERVIEW = "interview", _("Interview")
    ACCOMPANIMENT = "accompaniment", _("Accompaniment to a service")
    HOME_VISIT = "home_visit", _("Visit at home")
    CONTACTS = "contacts", _("Contacts with services, school, employers")
    GROUP = "group", _("Work in a small group")
    HOUSE_SEARCH = "house_search", _("Search of a home")
    HOUSE_ENTRY = "house_entry", _("Entry into the home")
    AFTER_3_MONTHS = "after_3_months", _("Follow-up 3 months after the entry")
    AFTER_6_MONTHS = "after_6_months", _("Follow-up 6 months after the entry")


HOUSING_STEPS = (
    InterventionKind.HOUSE_SEARCH,
    InterventionKind.HOUSE_ENTRY,
    InterventionKind.AFTER_3_MONTHS,
    InterventionKind.AFTER_6_MONTHS,
)


class InterventionOutcome(models.TextChoices):
    """What came of an intervention."""

    DONE = "done", pgettext_lazy("intervention", "Done as planned")
    INFORMED = "informed", pgettext_lazy("intervention", "Information given")
    APPOINTMENT = "appointment", pgettext_lazy("intervention", "Appointment made")
    SENT_ON = "sent_on", pgettext_lazy("intervention", "Sent on to another service")
    TO_REPEAT = "to_repeat", pgettext_lazy("intervention", "To be done again")


class SchoolPath(models.TextChoices):
    """The paths after the first cycle, as the Italian school has them."""

    LICEO = "liceo", _("Liceo")
    TECHNICAL = "technical", _("Technical institute")
    VOCATIONAL = "vocational", _("Vocational institute")
    REGIONAL = "regional", _("Vocational training of the Region (IeFP)")
    ADULTS = "adults", _("Courses for adults (CPIA)")
    OTHER = "other", pgettext_lazy("path", "Another path")


class ContactChannel(models.TextChoices):
    """How somebody came to a desk."""

    IN_PERSON = "in_person", pgettext_lazy("contact", "In person")
    PHONE = "phone", pgettext_lazy("contact", "By telephone")
    MAIL = "mail", pgettext_lazy("contact", "By e-mail or message")
    VIDEO = "video", pgettext_lazy("contact", "By video call")


class DeskTopic(models.TextChoices):
    """What people ask at a desk for foreigners (domain reference, section 8)."""

    PERMIT = "permit", _("Permit to stay: issue or renewal")
    LONG_STAY = "long_stay", _("Long-term residence permit")
    CITIZENSHIP = "citizenship", _("Italian citizenship")
    REUNION = "reunion", _("Reunion of the family")
    ITALIAN_TEST = "italian_test", _("Italian courses and test")
    RESIDENCE = "residence", _("Registration of residence")
    HEALTH = "health", _("Health services")
    SCHOOL = "school", _("School and training")
    WORK = "work", pgettext_lazy("topic", "Work")
    HOME = "home", pgettext_lazy("topic", "Home")
    DIGITAL = "digital", _("SPID, apps and online services")
    DISCRIMINATION = "discrimination", _("Discrimination")
    OTHER = "other", pgettext_lazy("topic", "Something else")


class ContactOutcome(models.TextChoices):
    """What came of a contact."""

    INFORMED = "informed", pgettext_lazy("contact", "Information given")
    PRACTICE = "practice", pgettext_lazy("contact", "Papers prepared or sent")
    SENT_ON = "sent_on", pgettext_lazy("contact", "Sent on to another service")
    APPOINTMENT = "appointment", pgettext_lazy("contact", "Appointment made")
    TAKEN = "taken", pgettext_lazy("contact", "Taken in charge")
