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

ROLES: dict[str, Role] = {
    role.code: role
    for role in (
        Role(
            "regional_coordinator",
            _("Regional coordinator"),
            _("Leads the programme for the Region: targets, validation, periodic reports, transmission."),
            Scope.PROGRAMME,
            frozenset(
                _READ
                | {
                    P.MANAGE_PROGRAMME,
                    P.MANAGE_ORGANISATIONS,
                    P.MANAGE_MEMBERSHIPS,
                    P.VIEW_ACTIVITIES,
                    P.VIEW_BENEFICIARIES,
                    P.VIEW_ACTIVITY_REPORTS,
                    P.VALIDATE_ACTIVITY_REPORTS,
                    P.REOPEN_ACTIVITY_REPORTS,
                    P.PRODUCE_OUTPUT_REPORTS,
                    P.TRANSMIT_OUTPUT_REPORTS,
                    P.VIEW_EVIDENCE,
                }
            ),
        ),
        Role(
            "technical_assistance",
            _("Technical assistance"),
            _("Checks the quality of the data for the Region; reads everything, decides nothing."),
            Scope.PROGRAMME,
            frozenset(
                _READ
                | {
                    P.VIEW_ACTIVITIES,
                    P.VIEW_BENEFICIARIES,
                    P.VIEW_ACTIVITY_REPORTS,
                    P.PRODUCE_OUTPUT_REPORTS,
                    P.VIEW_EVIDENCE,
                }
            ),
        ),
        Role(
            "network_coordinator",
            _("Network coordinator"),
            _("Follows one or more networks: sees their registers, returns and validates their reports."),
            Scope.NETWORK,
            frozenset(
                _READ
                | {
                    P.VIEW_ACTIVITIES,
                    P.VIEW_BENEFICIARIES,
                    P.VIEW_ACTIVITY_REPORTS,
                    P.VALIDATE_ACTIVITY_REPORTS,
                    P.VIEW_EVIDENCE,
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
            frozenset(_BODY_READ),
        ),
        Role(
            "school_contact",
            _("School contact"),
            _("Asks for mediation for the school and keeps its registers."),
            Scope.BODY,
            frozenset(_BODY_READ | {P.KEEP_REGISTERS, P.REGISTER_BENEFICIARIES, P.VIEW_BENEFICIARIES}),
        ),
        Role(
            "school_head",
            _("School head"),
            _("Authorises the requests of the school and sees its labs."),
            Scope.BODY,
            frozenset(_BODY_READ | {P.VIEW_ACTIVITY_REPORTS}),
        ),
        Role(
            "service_operator",
            _("Service operator"),
            _("Asks for mediation for a social or health service."),
            Scope.BODY,
            frozenset(_BODY_READ),
        ),
        Role(
            "mediator",
            _("Intercultural mediator"),
            _("Accepts, holds and records the sessions assigned."),
            Scope.OWN,
            frozenset({P.VIEW_PROGRAMME}),
        ),
        Role(
            "consultant",
            _("Legal or ethnoclinical consultant"),
            _("Answers the questions assigned."),
            Scope.OWN,
            frozenset({P.VIEW_PROGRAMME}),
        ),
        Role(
            "desk_operator",
            _("Desk operator"),
            _("Keeps the register of the desk of the own body."),
            Scope.BODY,
            frozenset(_BODY_READ | {P.KEEP_REGISTERS, P.REGISTER_BENEFICIARIES, P.VIEW_BENEFICIARIES}),
        ),
        Role(
            "evaluator",
            _("Evaluator"),
            _("Reads figures and pseudonymous evidence of the programme."),
            Scope.PROGRAMME,
            frozenset(_READ | {P.VIEW_EVIDENCE}),
        ),
        Role(
            "auditor",
            _("Auditor"),
            _("Opens every figure down to its evidence; changes nothing."),
            Scope.PROGRAMME,
            frozenset(_READ | {P.VIEW_ACTIVITIES, P.VIEW_ACTIVITY_REPORTS, P.VIEW_EVIDENCE, P.VIEW_AUDIT}),
        ),
        Role(
            "data_protection_officer",
            _("Data protection officer"),
            _("Reads the record of acts; sees no data of recipients."),
            Scope.PROGRAMME,
            frozenset({P.VIEW_PROGRAMME, P.VIEW_AUDIT}),
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
