# SPDX-License-Identifier: EUPL-1.2
"""The vocabulary of permissions and roles. Roles are given by a membership (partners.Membership), design 7."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    """What a role may do, inside the scope of the membership that gives it."""

    VIEW_PROGRAMME = "view_programme"
    MANAGE_PROGRAMME = "manage_programme"
    MANAGE_ORGANISATIONS = "manage_organisations"
    MANAGE_MEMBERSHIPS = "manage_memberships"
    VIEW_ACTIVITIES = "view_activities"
    KEEP_REGISTERS = "keep_registers"
    REGISTER_BENEFICIARIES = "register_beneficiaries"
    VIEW_BENEFICIARIES = "view_beneficiaries"
    FILE_ACTIVITY_REPORTS = "file_activity_reports"
    VALIDATE_ACTIVITY_REPORTS = "validate_activity_reports"
    REOPEN_ACTIVITY_REPORTS = "reopen_activity_reports"
    VIEW_ACTIVITY_REPORTS = "view_activity_reports"
    PRODUCE_OUTPUT_REPORTS = "produce_output_reports"
    TRANSMIT_OUTPUT_REPORTS = "transmit_output_reports"
    VIEW_OUTPUT_REPORTS = "view_output_reports"
    VIEW_DASHBOARD = "view_dashboard"
    VIEW_EVIDENCE = "view_evidence"
    VIEW_AUDIT = "view_audit"
    MANAGE_REFERENCE_LISTS = "manage_reference_lists"
    PREPARE_MEDIATION_REQUESTS = "prepare_mediation_requests"
    FILE_MEDIATION_REQUESTS = "file_mediation_requests"
    AUTHORISE_MEDIATION_REQUESTS = "authorise_mediation_requests"
    VIEW_MEDIATION_REQUESTS = "view_mediation_requests"
    COORDINATE_MEDIATION = "coordinate_mediation"
    MANAGE_MEDIATORS = "manage_mediators"
    VIEW_MEDIATORS = "view_mediators"
    MANAGE_HOUR_ACCOUNTS = "manage_hour_accounts"
    VIEW_HOUR_ACCOUNTS = "view_hour_accounts"
    VIEW_MEDIATION_FIGURES = "view_mediation_figures"
    MEDIATE = "mediate"
    CONSULT = "consult"
    ASK_LEGAL_QUESTIONS = "ask_legal_questions"
    OPEN_IDENTITIES = "open_identities"
    SEE_READINGS = "see_readings"
    DECIDE_DUPLICATES = "decide_duplicates"
    HANDLE_RIGHTS = "handle_rights"
    ANSWER_RIGHTS_TASKS = "answer_rights_tasks"
    MANAGE_RETENTION = "manage_retention"
    FOLLOW_INCIDENTS = "follow_incidents"
    EXTRACT_DATA = "extract_data"
    SHARE_IDENTITIES = "share_identities"
    BREAK_GLASS = "break_glass"


PERMISSION_LABELS: dict[Permission, Promise] = {
    Permission.VIEW_PROGRAMME: _("See the programme: actions, indicators, calendar"),
    Permission.MANAGE_PROGRAMME: _("Manage the programme: targets, periods, settings"),
    Permission.MANAGE_ORGANISATIONS: _("Register and correct bodies and networks"),
    Permission.MANAGE_MEMBERSHIPS: _("Invite people and end their roles"),
    Permission.VIEW_ACTIVITIES: _("See activities and meetings"),
    Permission.KEEP_REGISTERS: _("Keep the registers: meetings, attendance, contents"),
    Permission.REGISTER_BENEFICIARIES: _("Register and enrol recipients"),
    Permission.VIEW_BENEFICIARIES: _("See recipients by pseudonym"),
    Permission.FILE_ACTIVITY_REPORTS: _("Fill in and submit activity reports"),
    Permission.VALIDATE_ACTIVITY_REPORTS: _("Return and validate activity reports"),
    Permission.REOPEN_ACTIVITY_REPORTS: _("Reopen validated activity reports"),
    Permission.VIEW_ACTIVITY_REPORTS: _("See activity reports"),
    Permission.PRODUCE_OUTPUT_REPORTS: _("Produce the periodic output report"),
    Permission.TRANSMIT_OUTPUT_REPORTS: _("Transmit the periodic output report"),
    Permission.VIEW_OUTPUT_REPORTS: _("See the periodic output reports"),
    Permission.VIEW_DASHBOARD: _("See the dashboard of results and targets"),
    Permission.VIEW_EVIDENCE: _("Open every figure down to its evidence"),
    Permission.VIEW_AUDIT: _("See the record of acts"),
    Permission.MANAGE_REFERENCE_LISTS: _("Keep the reference lists up to date"),
    Permission.PREPARE_MEDIATION_REQUESTS: _("Prepare requests of mediation"),
    Permission.FILE_MEDIATION_REQUESTS: _("File requests of mediation and sign their reports"),
    Permission.AUTHORISE_MEDIATION_REQUESTS: _("Authorise the requests of the own body"),
    Permission.VIEW_MEDIATION_REQUESTS: _("See requests of mediation, their sessions and reports"),
    Permission.COORDINATE_MEDIATION: _("Take requests in charge, assign mediators, validate reports"),
    Permission.MANAGE_MEDIATORS: _("Keep the register of mediators"),
    Permission.VIEW_MEDIATORS: _("See the register of mediators"),
    Permission.MANAGE_HOUR_ACCOUNTS: _("Grant hours of mediation and move them between accounts"),
    Permission.VIEW_HOUR_ACCOUNTS: _("See the accounts of the hours"),
    Permission.VIEW_MEDIATION_FIGURES: _("See the figures of the mediation service"),
    Permission.MEDIATE: _("Accept, hold and record mediation sessions"),
    Permission.CONSULT: _("Answer legal questions and hold ethnoclinical consultations"),
    Permission.ASK_LEGAL_QUESTIONS: _("Ask legal questions and search the archive of answers"),
    Permission.OPEN_IDENTITIES: _("Open the names of the recipients that the own body registered, saying why"),
    Permission.SEE_READINGS: _("See who has read the data of recipients"),
    Permission.DECIDE_DUPLICATES: _("Decide which records of recipients are one person"),
    Permission.HANDLE_RIGHTS: _("Handle the requests of persons about their own data"),
    Permission.ANSWER_RIGHTS_TASKS: _("Search the files of the own body for a person who asks, and answer"),
    Permission.MANAGE_RETENTION: _("Decide how long data are kept, hold and destroy them"),
    Permission.FOLLOW_INCIDENTS: _("Follow incidents on personal data and look at who read what"),
    Permission.EXTRACT_DATA: _("Ask for extracts of the data for the evaluation, and open those approved"),
    Permission.SHARE_IDENTITIES: _("Let who keeps a register read the names of the own recipients enrolled there"),
    Permission.BREAK_GLASS: _("Open one name of another body in exceptional cases; the officer is told"),
}


class Scope(StrEnum):
    """How far the permissions of a membership reach."""

    PROGRAMME = "programme"  # every network of the programmes in which the body has a programme-wide part
    NETWORK = "network"  # the networks named by the membership
    BODY = "body"  # the work of the body itself
    OWN = "own"  # only what is assigned to the person
    PORTAL = "portal"  # configuration of the portal, no content of cases


SCOPE_LABELS: dict[Scope, Promise] = {
    Scope.PROGRAMME: _("the whole programme in which the body has this part"),
    Scope.NETWORK: _("the networks named by the role"),
    Scope.BODY: _("the work of the own body"),
    Scope.OWN: _("only what is assigned to the person"),
    Scope.PORTAL: _("the settings of the portal, no content of cases"),
}


@dataclass(frozen=True)
class Role:
    """A role as people read it: a display name, a description in plain words, and what it may do."""

    code: str
    name: Promise
    description: Promise
    scope: Scope
    permissions: frozenset[Permission]

    @property
    def abilities(self) -> list[Promise]:
        """What the role may do in plain words, in the order of the vocabulary."""
        return [label for permission, label in PERMISSION_LABELS.items() if permission in self.permissions]

    @property
    def reach(self) -> Promise:
        """How far the role reaches, in plain words."""
        return SCOPE_LABELS[self.scope]


P = Permission
_READ = {P.VIEW_PROGRAMME, P.VIEW_DASHBOARD, P.VIEW_OUTPUT_REPORTS}
_BODY_READ = {P.VIEW_PROGRAMME, P.VIEW_ACTIVITIES}
# Who follows the work of others, down to the evidence and the mediation service.
_FOLLOW = _READ | {
    P.VIEW_ACTIVITIES,
    P.VIEW_BENEFICIARIES,
    P.VIEW_ACTIVITY_REPORTS,
    P.VIEW_EVIDENCE,
    P.VIEW_MEDIATION_REQUESTS,
    P.VIEW_MEDIATORS,
    P.VIEW_HOUR_ACCOUNTS,
    P.VIEW_MEDIATION_FIGURES,
}

ROLES: dict[str, Role] = {
    role.code: role
    for role in (
        Role(
            "regional_coordinator",
            _("Regional coordinator"),
            _("Leads the programme for the Region: targets, validation, periodic reports, transmission."),
            Scope.PROGRAMME,
            frozenset(
                _FOLLOW
                | {
                    P.MANAGE_PROGRAMME,
                    P.MANAGE_ORGANISATIONS,
                    P.MANAGE_MEMBERSHIPS,
                    P.VALIDATE_ACTIVITY_REPORTS,
                    P.REOPEN_ACTIVITY_REPORTS,
                    P.PRODUCE_OUTPUT_REPORTS,
                    P.TRANSMIT_OUTPUT_REPORTS,
                    P.COORDINATE_MEDIATION,
                    P.MANAGE_MEDIATORS,
                    P.MANAGE_HOUR_ACCOUNTS,
                    P.DECIDE_DUPLICATES,
                    P.HANDLE_RIGHTS,
                    P.MANAGE_RETENTION,
                    P.BREAK_GLASS,
                }
            ),
        ),
        Role(
            "technical_assistance",
            _("Technical assistance"),
            _("Checks the quality of the data for the Region; reads everything, decides nothing."),
            Scope.PROGRAMME,
            frozenset(
                _FOLLOW
                | {
                    P.PRODUCE_OUTPUT_REPORTS,
                }
            ),
        ),
        Role(
            "network_coordinator",
            _("Network coordinator"),
            _("Follows one or more networks: sees their registers, returns and validates their reports."),
            Scope.NETWORK,
            frozenset(
                _FOLLOW
                | {
                    P.VALIDATE_ACTIVITY_REPORTS,
                    P.COORDINATE_MEDIATION,
                    P.MANAGE_MEDIATORS,
                    P.MANAGE_HOUR_ACCOUNTS,
                    P.DECIDE_DUPLICATES,
                }
            ),
        ),
        Role(
            "partner_operator",
            _("Partner operator"),
            _("Keeps the registers of the own body and files its activity reports."),
            Scope.BODY,
            frozenset(
                _BODY_READ
                | {
                    P.KEEP_REGISTERS,
                    P.REGISTER_BENEFICIARIES,
                    P.VIEW_BENEFICIARIES,
                    P.OPEN_IDENTITIES,
                    P.ANSWER_RIGHTS_TASKS,
                    P.SHARE_IDENTITIES,
                    P.FILE_ACTIVITY_REPORTS,
                    P.VIEW_ACTIVITY_REPORTS,
                }
            ),
        ),
        Role(
            "teacher",
            _("Teacher"),
            _("Proposes requests to the school contact and sees the labs of the own school."),
            Scope.BODY,
            frozenset(_BODY_READ | {P.PREPARE_MEDIATION_REQUESTS, P.VIEW_MEDIATION_REQUESTS}),
        ),
        Role(
            "school_contact",
            _("School contact"),
            _("Asks for mediation for the school and keeps its registers."),
            Scope.BODY,
            frozenset(
                _BODY_READ
                | {
                    P.KEEP_REGISTERS,
                    P.REGISTER_BENEFICIARIES,
                    P.VIEW_BENEFICIARIES,
                    P.OPEN_IDENTITIES,
                    P.ANSWER_RIGHTS_TASKS,
                    P.SHARE_IDENTITIES,
                    P.PREPARE_MEDIATION_REQUESTS,
                    P.FILE_MEDIATION_REQUESTS,
                    P.VIEW_MEDIATION_REQUESTS,
                    P.VIEW_HOUR_ACCOUNTS,
                }
            ),
        ),
        Role(
            "school_head",
            _("School head"),
            _("Authorises the requests of the school and sees its labs."),
            Scope.BODY,
            frozenset(
                _BODY_READ
                | {
                    P.VIEW_ACTIVITY_REPORTS,
                    P.AUTHORISE_MEDIATION_REQUESTS,
                    P.VIEW_MEDIATION_REQUESTS,
                    P.VIEW_HOUR_ACCOUNTS,
                    P.SEE_READINGS,
                    P.ANSWER_RIGHTS_TASKS,
                    P.SHARE_IDENTITIES,
                }
            ),
        ),
        Role(
            "service_operator",
            _("Service operator"),
            _("Asks for mediation for a social or health service."),
            Scope.BODY,
            frozenset(
                _BODY_READ
                | {
                    P.PREPARE_MEDIATION_REQUESTS,
                    P.FILE_MEDIATION_REQUESTS,
                    P.VIEW_MEDIATION_REQUESTS,
                    P.VIEW_HOUR_ACCOUNTS,
                    P.ASK_LEGAL_QUESTIONS,
                    P.ANSWER_RIGHTS_TASKS,
                }
            ),
        ),
        Role(
            "mediator",
            _("Intercultural mediator"),
            _("Accepts, holds and records the sessions assigned."),
            Scope.OWN,
            frozenset({P.VIEW_PROGRAMME, P.MEDIATE}),
        ),
        Role(
            "consultant",
            _("Legal or ethnoclinical consultant"),
            _("Answers the questions assigned."),
            Scope.OWN,
            frozenset({P.VIEW_PROGRAMME, P.CONSULT}),
        ),
        Role(
            "desk_operator",
            _("Desk operator"),
            _("Keeps the register of the desk of the own body."),
            Scope.BODY,
            frozenset(
                _BODY_READ
                | {
                    P.KEEP_REGISTERS,
                    P.REGISTER_BENEFICIARIES,
                    P.VIEW_BENEFICIARIES,
                    P.OPEN_IDENTITIES,
                    P.ANSWER_RIGHTS_TASKS,
                    P.SHARE_IDENTITIES,
                    P.ASK_LEGAL_QUESTIONS,
                }
            ),
        ),
        Role(
            "evaluator",
            _("Evaluator"),
            _("Reads figures and pseudonymous evidence of the programme."),
            Scope.PROGRAMME,
            frozenset(_READ | {P.VIEW_EVIDENCE, P.VIEW_MEDIATION_FIGURES, P.EXTRACT_DATA}),
        ),
        Role(
            "auditor",
            _("Auditor"),
            _("Opens every figure down to its evidence; changes nothing."),
            Scope.PROGRAMME,
            frozenset(
                _READ
                | {
                    P.VIEW_ACTIVITIES,
                    P.VIEW_ACTIVITY_REPORTS,
                    P.VIEW_EVIDENCE,
                    P.VIEW_AUDIT,
                    P.VIEW_MEDIATION_REQUESTS,
                    P.VIEW_HOUR_ACCOUNTS,
                    P.VIEW_MEDIATION_FIGURES,
                }
            ),
        ),
        Role(
            "data_protection_officer",
            _("Data protection officer"),
            _(
                "Reads the record of acts and who read the data of recipients; answers the persons who exercise their "
                "rights, and opens data only for this."
            ),
            Scope.PROGRAMME,
            frozenset(
                {
                    P.VIEW_PROGRAMME,
                    P.VIEW_AUDIT,
                    P.SEE_READINGS,
                    P.HANDLE_RIGHTS,
                    P.MANAGE_RETENTION,
                    P.FOLLOW_INCIDENTS,
                }
            ),
        ),
        Role(
            "administrator",
            _("Administrator"),
            _("Looks after accounts, bodies and reference lists; sees no content of cases."),
            Scope.PORTAL,
            frozenset({P.MANAGE_ORGANISATIONS, P.MANAGE_MEMBERSHIPS, P.MANAGE_REFERENCE_LISTS}),
        ),
    )
}

ROLE_CHOICES = [(role.code, role.name) for role in ROLES.values()]


def roles_with(permission: Permission) -> list[str]:
    """Return the codes of the roles that hold a permission."""
    return [role.code for role in ROLES.values() if permission in role.permissions]
