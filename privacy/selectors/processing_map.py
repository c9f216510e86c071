# SPDX-License-Identifier: EUPL-1.2
"""Why each part of the portal processes data, and what becomes of every personal field in the end.

A test compares these tables with the models: whoever adds a field about a person says here which rule of retention
takes it, or why it stays (ADR 18).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from beneficiaries.services.erasure import CLEARED as CLEARED_OF_RECIPIENTS
from mediation.services.purging import CLEARED as CLEARED_OF_CASES
from privacy.enums.retention import DataClass


@dataclass(frozen=True)
class Purpose:
    """What one app processes data for, on what basis, of whom, and who receives them."""

    title: Promise
    purpose: Promise
    basis: Promise
    subjects: Promise
    recipients: Promise


_TASK = _(
    "Task in the public interest (Reg. (EU) 2016/679, art. 6(1)(e); D.Lgs. 196/2003, art. 2-ter); for what reveals "
    "origin or need art. 9(2)(g) and art. 2-sexies"
)
_DUTY = _("Legal obligation (Reg. (EU) 2016/679, art. 6(1)(c))")

PURPOSES: Mapping[str, Purpose] = {
    "accounts": Purpose(
        _("Accounts"),
        _("Letting people work in the portal with their own account"),
        _TASK,
        _("People who work for the bodies of the programme"),
        _("Administrators of the portal"),
    ),
    "partners": Purpose(
        _("Bodies and their people"),
        _("Knowing which bodies take part, who works for them and with what role"),
        _TASK,
        _("People who work for the bodies of the programme"),
        _("Bodies of the same networks, lead of the programme"),
    ),
    "actions": Purpose(
        _("Programmes and activities"),
        _("Planning and documenting activities, notices to families, parts of the bodies in the processing"),
        _TASK,
        _("No recipients; people who work for the bodies where they act"),
        _("Bodies of the programme"),
    ),
    "beneficiaries": Purpose(
        _("Recipients"),
        _("Registering, enrolling and counting once those who take part in the activities of the fund"),
        _TASK,
        _("Third-country nationals and their children, pupils with migrant background, operators"),
        _("The body that registers; by a pseudonym the lead of the programme, by figures the authority of the fund"),
    ),
    "mediation": Purpose(
        _("Intercultural mediation"),
        _("Receiving requests of mediation, assigning mediators, reporting the sessions"),
        _TASK,
        _("Families and pupils by the code of their case; contacts of schools and services; mediators"),
        _("School or service that asks, mediator assigned, coordinators of the network"),
    ),
    "privacy": Purpose(
        _("Rights, retention and incidents"),
        _("Answering persons about their data, destroying data in time, documenting incidents"),
        _DUTY,
        _("Persons who exercise a right, recipients concerned"),
        _("Data protection officer, controllers; the authority where the law asks"),
    ),
    "reporting": Purpose(
        _("Reports and results"),
        _("Reporting results to the authority of the fund"),
        _DUTY,
        _("Recipients by numbers and by facts without names"),
        _("Lead of the programme, authority of the fund, evaluator"),
    ),
    "core": Purpose(
        _("Records of the portal"),
        _("Proving who did what, sending messages, keeping files"),
        _("Legal obligation and security (Reg. (EU) 2016/679, art. 5(2), 32)"),
        _("People who work with the portal; those who are named in files"),
        _("Data protection officer, auditors"),
    ),
}

# Why a field stays when the rest of its record goes.
ACTOR = _("who did it: evidence of the act, an account and not a recipient")
COUNTED = _("it makes the figures; without the rest it leads to nobody")
ANSWERED = _("a neutral answer, of a place, a group and a month; without the rest it leads to nobody")
LINK = _("it leads to a record that is anonymous by then")
SIGNED = _("evidence of a signature for the controls of the fund; a person of a school or service")


@dataclass(frozen=True)
class Fate:
    """What becomes of the personal fields of a model: the class that takes some, and why the others stay."""

    data_class: DataClass
    taken: tuple[str, ...] = ()
    kept: Mapping[str, Promise] = field(default_factory=dict)


def _kept(*rows: tuple[str, Promise]) -> dict[str, Promise]:
    return {name: reason for names, reason in rows for name in names.split()}


_C = DataClass
FATES: dict[str, Fate] = {
    "beneficiaries.Identity": Fate(
        _C.IDENTITIES,
        ("given_name", "family_name", "tax_code"),
        _kept(("beneficiary", LINK), ("tax_code_missing", COUNTED)),
    ),
    "beneficiaries.Fingerprint": Fate(_C.IDENTITIES, ("identity", "beneficiary", "digest")),
    "beneficiaries.Beneficiary": Fate(
        _C.RECIPIENTS,
        ("local_code", "birth_date"),
        _kept(
            ("pseudonym sex target_group citizenship eligibility", COUNTED),
            ("merged_into counted_as", LINK),
        ),
    ),
    "beneficiaries.Pair": Fate(_C.RECIPIENTS, (), _kept(("first second", LINK), ("kinds similarity", COUNTED))),
    "beneficiaries.PairQuestion": Fate(
        _C.RECIPIENTS, (), _kept(("beneficiary", LINK), ("site group enrolled_month sibling", ANSWERED))
    ),
    "beneficiaries.Merge": Fate(_C.RECIPIENTS, (), _kept(("survivor merged", LINK))),
    "beneficiaries.Enrolment": Fate(
        _C.RECIPIENTS,
        (),
        _kept(
            ("beneficiary", LINK),
            ("target_group enrolled_on withdrawn_on withdrawal_code entry_level exit_level test_kind test_on", COUNTED),
            ("certificate_on certificate_body", COUNTED),
        ),
    ),
    "beneficiaries.Attendance": Fate(_C.RECIPIENTS, (), _kept(("enrolment", LINK), ("state minutes", COUNTED))),
    "beneficiaries.Certificate": Fate(
        _C.RECIPIENTS, (), _kept(("enrolment", LINK), ("number issued_on minutes interventions", COUNTED))
    ),
    "beneficiaries.EligibilityCheck": Fate(
        _C.RECIPIENTS, (), _kept(("beneficiary", LINK), ("source outcome seen", COUNTED))
    ),
    "beneficiaries.Outcome": Fate(
        _C.RECIPIENTS,
        (),
        _kept(("enrolment", LINK), ("state collected_on areas scores level attestation attested_on", COUNTED)),
    ),
    "beneficiaries.Support": Fate(
        _C.RECIPIENTS, (), _kept(("kind opened_on ended_on outcome path_advised path_chosen", COUNTED))
    ),
    "beneficiaries.SupportMember": Fate(
        _C.RECIPIENTS, (), _kept(("support enrolment", LINK), ("since until", COUNTED))
    ),
    "beneficiaries.Intervention": Fate(
        _C.RECIPIENTS, (), _kept(("operator", ACTOR), ("held_on minutes kind outcome", COUNTED))
    ),
    "beneficiaries.InterventionPerson": Fate(_C.RECIPIENTS, (), _kept(("enrolment", LINK))),
    "beneficiaries.Restriction": Fate(_C.RECIPIENTS, (), _kept(("beneficiary", LINK))),
    "beneficiaries.BreakGlass": Fate(_C.RECIPIENTS, (), _kept(("beneficiary", LINK))),
    "beneficiaries.ThirdCountrySheet": Fate(_C.RECIPIENTS, (), _kept(("beneficiary", LINK))),
    "beneficiaries.NoticeRenewal": Fate(_C.RECIPIENTS, (), _kept(("enrolment", LINK))),
    "beneficiaries.OperatorSheet": Fate(_C.RECIPIENTS, (), _kept(("beneficiary", LINK), ("nature", COUNTED))),
    "privacy.RightsMatch": Fate(_C.RECIPIENTS, (), _kept(("beneficiary", LINK))),
    "privacy.LegalHold": Fate(
        _C.RECIPIENTS,
        (),
        _kept(
            ("beneficiary", LINK), ("reason lift_reason", _("words of the act that stopped a destruction: evidence"))
        ),
    ),
    "privacy.RightsRequest": Fate(
        _C.APPLICANTS,
        ("applicant_name", "contact", "given_name", "family_name", "birth_date", "text"),
        _kept(("created_by erasure_proposed_by", ACTOR), ("applicant identity_check", COUNTED)),
    ),
    "privacy.RightsTask": Fate(_C.APPLICANTS, ("codes", "held")),
    "mediation.MediationRequest": Fate(
        _C.CASE_TEXTS,
        (),
        _kept(
            ("created_by submitted_by authorised_by taken_by validated_by", ACTOR),
            ("is_group families sex citizenship mother_tongue other_language case_kind", COUNTED),
        ),
    ),
    "mediation.RequestLanguage": Fate(_C.CASE_TEXTS, (), _kept(("id request language variety position", COUNTED))),
    "mediation.MediationSession": Fate(_C.CASE_TEXTS, (), _kept(("parents pupils operators language", COUNTED))),
    "mediation.InterventionReport": Fate(_C.CASE_TEXTS, (), _kept(("need_codes", COUNTED))),
    "mediation.Proposal": Fate(_C.CASE_TEXTS, (), _kept(("proposed_by", ACTOR))),
    "mediation.OneTimeCode": Fate(_C.CASE_TEXTS, ("sent_to",)),
    "mediation.PaperSheet": Fate(_C.CASE_TEXTS, (), _kept(("printed_by", ACTOR))),
    "mediation.Consultation": Fate(_C.CASE_TEXTS, (), _kept(("created_by submitted_by", ACTOR))),
    "mediation.ConsultationSession": Fate(_C.CASE_TEXTS, (), _kept(("recorded_by", ACTOR))),
    "mediation.LegalQuestion": Fate(_C.CASE_TEXTS, (), _kept(("created_by submitted_by published_by", ACTOR))),
    "mediation.LegalMessage": Fate(_C.CASE_TEXTS, (), _kept(("author", ACTOR))),
    "mediation.Translation": Fate(_C.CASE_TEXTS, (), _kept(("created_by submitted_by validated_by", ACTOR))),
    "mediation.AccessLink": Fate(_C.ACCESS_LINKS, (), _kept(("created_by revoked_by", ACTOR))),
    "partners.Invitation": Fate(
        _C.INVITATIONS, ("email", "given_name", "family_name"), _kept(("invited_by accepted_by", ACTOR))
    ),
    "core.Message": Fate(_C.NOTIFICATIONS, ("recipient", "address")),
    "core.Document": Fate(
        _C.IDENTITY_FILES,
        (),
        _kept(
            ("created_by", ACTOR),
            ("name", _("the name of a sealed file is neutral; hash and date stay as evidence")),
        ),
    ),
}

_STAFF = _("people who work for a body, as long as they do; they are deactivated, and their acts stay evidence")
_FACTS = _("facts and totals without names: the aggregates that stay")
# Models with personal fields that no rule of retention takes, each with its reason.
EXCEPTIONS: dict[str, Promise] = {
    "accounts.User": _STAFF,
    "partners.Membership": _STAFF,
    "actions.Teacher": _STAFF,
    "actions.MeetingTeacher": _STAFF,
    "mediation.Mediator": _STAFF,
    "mediation.MediatorLanguage": _STAFF,
    "mediation.MediatorQualification": _STAFF,
    "mediation.MediatorTerritory": _STAFF,
    "mediation.WeeklyAvailability": _STAFF,
    "mediation.AvailabilityException": _STAFF,
    "mediation.HeadDelegation": SIGNED,
    "mediation.Signature": SIGNED,
    "mediation.HourMovement": _("movements of hours with the name of who made them: accounting evidence"),
    "mediation.CommunityPresence": _("who planned and validated a presence: accounts"),
    "mediation.ReminderSent": _("to which account a reminder went"),
    "beneficiaries.ReadEntry": _(
        "a chain that nobody can shorten unseen; it holds numbers of records, which are anonymous by then"
    ),
    "beneficiaries.DeskContact": _(
        "contacts of a desk: counted without name, code or record of anybody; and by which account"
    ),
    "core.AuditEvent": _("the record of acts; the words about a person go with the person or the case"),
    "core.RowHistory": _("the history of rows; the columns about a person go with the person or the case"),
    "core.TransitionLog": _("changes of state; the comments of a case go with the case"),
    "core.Job": _("who asked for a job: an account"),
    "core.ImportRun": _(
        "who imported a file: an account; the file and what was found in it go when the import expires"
    ),
    "reporting.ActivityReport": _("the report of a body to the programme, where names are refused"),
    "reporting.ReportVersion": _("a submission of that report as it was; names are refused there too"),
    "reporting.ReportComment": _("what is asked and answered about an item of a report, where names are refused"),
    "reporting.DueExtension": _("why a body was given more days for its report, and by which account"),
    "reporting.MergedReport": _("the report of a network or of the region, where names are refused"),
    "reporting.MergedVersion": _("a submission of that report as it was; names are refused there too"),
    "reporting.Posting": _FACTS,
    "reporting.ValidatedFact": _FACTS,
    "reporting.DraftFact": _FACTS,
    "reporting.ResultEntry": _FACTS,
    "reporting.ResultTotal": _FACTS,
    "reporting.OutputReport": _("who produced and transmitted a periodic report: accounts"),
    "reporting.Extract": _("who asked for an extract and why, who approved it: accounts and their words"),
    "privacy.RetentionRun": _("who asked for a destruction: an account"),
    "privacy.Incident": _("the record of an incident, which the law asks to keep (Reg. (EU) 2016/679, art. 33(5))"),
}


def taken_fields(label: str) -> set[str]:
    """Return the fields of a model that its class destroys: as said here, and as the services that destroy say."""
    found = set(FATES[label].taken)
    for model, values in CLEARED_OF_CASES.items():
        if model._meta.label == label:
            found |= set(values)
    for row in CLEARED_OF_RECIPIENTS:
        if row.model._meta.label == label:
            found |= set(row.values)
    return found
