# SPDX-License-Identifier: EUPL-1.2
"""Messages about activity reports: who hears of what, and in which words. They name bodies and periods, not people."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.permissions import ROLES, Permission, Scope
from actions.models.programmes import REACHING_PARTS, ProgrammeBody
from fami_portal.core.outbox import Draft
from partners.models import Membership
from reporting.models import ActivityReport


def _roles(permission: Permission, scope: Scope) -> list[str]:
    return [role.code for role in ROLES.values() if role.scope == scope and permission in role.permissions]


def _people(memberships: Any) -> list[Any]:
    today = timezone.localdate()
    rows = memberships.valid_on(today).filter(user__is_active=True).select_related("user").order_by("user_id", "pk")
    return list({row.user_id: row.user for row in rows}.values())


def coordinators(report: ActivityReport) -> list[Any]:
    """Return who decides on the report: the coordinators of its network or, where there is none, the regional ones."""
    near = Q(role__in=_roles(Permission.VALIDATE_ACTIVITY_REPORTS, Scope.NETWORK), networks=report.network_id)
    found = _people(Membership.objects.filter(near))
    if found:
        return found
    far = Q()
    for role in _roles(Permission.VALIDATE_ACTIVITY_REPORTS, Scope.PROGRAMME):
        leads = ProgrammeBody.objects.filter(programme=report.programme_id, role=REACHING_PARTS[role])
        far |= Q(role=role, organisation__in=leads.values("organisation"))
    return _people(Membership.objects.filter(far))


def filers(organisation_ids: Sequence[int]) -> list[Membership]:
    """Return the memberships of those who file the reports of the bodies."""
    roles = _roles(Permission.FILE_ACTIVITY_REPORTS, Scope.BODY)
    return list(
        Membership.objects.filter(role__in=roles, organisation__in=organisation_ids, user__is_active=True)
        .valid_on(timezone.localdate())
        .select_related("user")
        .order_by("pk")
    )


def _drafts(
    report: ActivityReport, *, people: Sequence[Any], kind: str, at: datetime, subject: str, body: str
) -> list[Draft]:
    return [
        Draft(
            key=f"{kind}:{report.pk}:{at:%Y%m%dT%H%M%S%f}:{person.pk}",
            kind=kind,
            recipient=person,
            subject=subject,
            body=body,
            url=report.get_absolute_url(),
        )
        for person in people
    ]


def _names(report: ActivityReport) -> dict[str, Any]:
    return {"body": report.organisation.name, "network": report.network.name, "period": report.period.code}


def submitted(report: ActivityReport, at: datetime) -> list[Draft]:
    """Tell the coordinators that a report waits for them."""
    return _drafts(
        report,
        people=coordinators(report),
        kind="activity_report_submitted",
        at=at,
        subject=_("Report to check: %(body)s, %(period)s") % _names(report),
        body=_("%(body)s submitted the activity report of %(period)s in %(network)s. Check it: validate or return it.")
        % _names(report),
    )


def returned(report: ActivityReport, at: datetime) -> list[Draft]:
    """Tell the body that its report came back; what to correct is read in the portal."""
    return _drafts(
        report,
        people=[row.user for row in filers([report.organisation_id])],
        kind="activity_report_returned",
        at=at,
        subject=_("Report to correct: %(period)s, %(network)s") % _names(report),
        body=_(
            "The coordinator returned the activity report of %(period)s in %(network)s. Open it to read what to correct."
        )
        % _names(report),
    )


def validated(report: ActivityReport, at: datetime) -> list[Draft]:
    """Tell the body that its report was validated."""
    return _drafts(
        report,
        people=[row.user for row in filers([report.organisation_id])],
        kind="activity_report_validated",
        at=at,
        subject=_("Report validated: %(period)s, %(network)s") % _names(report),
        body=_("The activity report of %(period)s in %(network)s has been validated: its registers are closed.")
        % _names(report),
    )


def reopened(report: ActivityReport, at: datetime) -> list[Draft]:
    """Tell the body that a validated report can be corrected."""
    return _drafts(
        report,
        people=[row.user for row in filers([report.organisation_id])],
        kind="activity_report_reopened",
        at=at,
        subject=_("Report reopened: %(period)s, %(network)s") % _names(report),
        body=_(
            "The activity report of %(period)s in %(network)s was reopened. Correct the registers and submit it again."
        )
        % _names(report),
    )


def opened(reports: Sequence[ActivityReport]) -> list[Draft]:
    """Tell the bodies which reports are due; one message for each report and person."""
    people = filers(sorted({report.organisation_id for report in reports}))
    return [
        Draft(
            key=f"activity_report_opened:{report.pk}:{membership.user_id}",
            kind="activity_report_opened",
            recipient=membership.user,
            subject=_("Report to file: %(period)s, %(network)s") % _names(report),
            body=_("The activity report of %(period)s in %(network)s is due by %(due)s.")
            % {**_names(report), "due": date_format(report.due_on, "j F Y")},
            url=report.get_absolute_url(),
        )
        for report in reports
        for membership in people
        if membership.organisation_id == report.organisation_id
    ]
