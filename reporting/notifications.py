# SPDX-License-Identifier: EUPL-1.2
"""Messages about activity reports: who hears of what, and in which words. They name bodies and periods, not people."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.permissions import ROLES, Permission, Scope
from actions.models.programmes import REACHING_PARTS, ProgrammeBody
from fami_portal.core.outbox import Draft
from partners.models import Membership
from reporting.models import ActivityReport, MergedReport


def _roles(permission: Permission, scope: Scope) -> list[str]:
    return [role.code for role in ROLES.values() if role.scope == scope and permission in role.permissions]


def _people(memberships: Any) -> list[Any]:
    today = timezone.localdate()
    rows = memberships.valid_on(today).filter(user__is_active=True).select_related("user").order_by("user_id", "pk")
    return list({row.user_id: row.user for row in rows}.values())


def coordinators(report: "About | ActivityReport") -> list[Any]:
    """Return who decides on the report: the coordinators of its network or, where there is none, the regional ones."""
    return network_coordinators(report.network_id) or regional_coordinators(report.programme_id)


def network_coordinators(network_id: int) -> list[Any]:
    """Return those who coordinate a network."""
    roles = _roles(Permission.VALIDATE_ACTIVITY_REPORTS, Scope.NETWORK)
    return _people(Membership.objects.filter(role__in=roles, networks=network_id))


def regional_coordinators(programme_id: int) -> list[Any]:
    """Return those who lead a programme."""
    far = Q()
    for role in _roles(Permission.VALIDATE_ACTIVITY_REPORTS, Scope.PROGRAMME):
        leads = ProgrammeBody.objects.filter(programme=programme_id, role=REACHING_PARTS[role])
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


@dataclass(frozen=True)
class About:
    """What a message says of a report, read before the act changes it."""

    report_id: int
    programme_id: int
    network_id: int
    organisation_id: int
    names: dict[str, str]
    url: str

    @classmethod
    def of(cls, report: ActivityReport) -> "About":
        """Read it from a report that has its parts."""
        return cls(
            report.pk,
            report.programme_id,
            report.network_id,
            report.organisation_id,
            {"body": report.organisation.name, "network": report.network.name, "period": report.period.code},
            report.get_absolute_url(),
        )


def _drafts(about: About, *, people: Sequence[Any], kind: str, at: datetime, subject: str, body: str) -> list[Draft]:
    return [
        Draft(
            key=f"{kind}:{about.report_id}:{at:%Y%m%dT%H%M%S%f}:{person.pk}",
            kind=kind,
            recipient=person,
            subject=subject % about.names,
            body=body % about.names,
            url=about.url,
        )
        for person in people
    ]


def _filing(about: About) -> list[Any]:
    return list({row.user_id: row.user for row in filers([about.organisation_id])}.values())


def submitted(about: About, at: datetime) -> list[Draft]:
    """Tell the coordinators that a report waits for them."""
    return _drafts(
        about,
        people=coordinators(about),
        kind="activity_report_submitted",
        at=at,
        subject=_("Report to check: %(body)s, %(period)s"),
        body=_("%(body)s submitted the activity report of %(period)s in %(network)s. Check it: validate or return it."),
    )


def returned(about: About, at: datetime) -> list[Draft]:
    """Tell the body that its report came back; what to correct is read in the portal."""
    return _drafts(
        about,
        people=_filing(about),
        kind="activity_report_returned",
        at=at,
        subject=_("Report to correct: %(period)s, %(network)s"),
        body=_(
            "The coordinator returned the activity report of %(period)s in %(network)s. Open it to read what to correct."
        ),
    )


def validated(about: About, at: datetime) -> list[Draft]:
    """Tell the body that its report was validated."""
    return _drafts(
        about,
        people=_filing(about),
        kind="activity_report_validated",
        at=at,
        subject=_("Report validated: %(period)s, %(network)s"),
        body=_("The activity report of %(period)s in %(network)s has been validated: its registers are closed."),
    )


def reopened(about: About, at: datetime, *, text_only: bool = False) -> list[Draft]:
    """Tell the body that a validated report can be corrected, with its registers or in its words alone."""
    if text_only:
        return _drafts(
            about,
            people=_filing(about),
            kind="activity_report_reopened",
            at=at,
            subject=_("Report reopened: %(period)s, %(network)s"),
            body=_(
                "The texts of the activity report of %(period)s in %(network)s can be corrected; its figures stand. "
                "Correct them and submit it again."
            ),
        )
    return _drafts(
        about,
        people=_filing(about),
        kind="activity_report_reopened",
        at=at,
        subject=_("Report reopened: %(period)s, %(network)s"),
        body=_(
            "The activity report of %(period)s in %(network)s was reopened. Correct the registers and submit it again."
        ),
    )


def extended(about: About, at: datetime, due_on: date, *, fewer: bool) -> list[Draft]:
    """Tell the body that it has more days, or that days given to it by mistake were taken back."""
    return _drafts(
        replace(about, names={**about.names, "due": date_format(due_on, "j F Y")}),
        people=_filing(about),
        kind="activity_report_extended",
        at=at,
        subject=_("Fewer days for the report: %(period)s, %(network)s")
        if fewer
        else _("More days for the report: %(period)s, %(network)s"),
        body=_("The activity report of %(period)s in %(network)s is due by %(due)s now."),
    )


def opened(reports: Sequence[ActivityReport]) -> list[Draft]:
    """Tell the bodies which reports are due; one message for each report and person."""
    people = filers(sorted({report.organisation_id for report in reports}))
    return [
        Draft(
            key=f"activity_report_opened:{report.pk}:{membership.user_id}",
            kind="activity_report_opened",
            recipient=membership.user,
            subject=_("Report to file: %(period)s, %(network)s") % about.names,
            body=_("The activity report of %(period)s in %(network)s is due by %(due)s.")
            % {**about.names, "due": date_format(report.due_on, "j F Y")},
            url=about.url,
        )
        for report in reports
        for about in (About.of(report),)
        for membership in people
        if membership.organisation_id == report.organisation_id
    ]


def merged(report: MergedReport, kind: str, at: datetime) -> list[Draft]:
    """Tell the other side that the report of a network was submitted, returned or accepted."""
    words = {"network": report.network.name if report.network else report.programme.title, "period": report.period.code}
    subject, body = {
        "submit": (
            _("Report of a network to check: %(network)s, %(period)s"),
            _("%(network)s submitted its report of %(period)s. Check it: accept or return it."),
        ),
        "return": (
            _("Report of the network to correct: %(period)s, %(network)s"),
            _("The region returned the report of %(network)s of %(period)s. Open it to read what to correct."),
        ),
        "accept": (
            _("Report of the network accepted: %(period)s, %(network)s"),
            _("The region accepted the report of %(network)s of %(period)s."),
        ),
    }[kind]
    people = (
        regional_coordinators(report.programme_id)
        if kind == "submit" or report.network_id is None
        else network_coordinators(report.network_id)
    )
    return [
        Draft(
            key=f"merged_report_{kind}:{report.pk}:{at:%Y%m%dT%H%M%S%f}:{person.pk}",
            kind=f"merged_report_{kind}",
            recipient=person,
            subject=subject % words,
            body=body % words,
            url=report.get_absolute_url(),
        )
        for person in people
    ]
