# SPDX-License-Identifier: EUPL-1.2
"""Reads for the pages of the activity report: what waits for whom, and what happened to a report."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from beneficiaries.enums import AttendanceState, PairState
from beneficiaries.models import Attendance, InterventionPerson, Pair
from fami_portal.core.models import TransitionLog
from fami_portal.core.nav import Waiting
from fami_portal.core.workflow import Workflow
from partners.permissions import holds
from reporting.enums import ActivityReportState
from reporting.models import ActivityReport, DueExtension, MergedReport
from reporting.models.activity_reports import ActivityReportQuerySet
from reporting.workflow import ACTIVITY_REPORT, EDITABLE

# The home page shows the most urgent; the list has them all.
PANEL_SIZE = 20


@dataclass(frozen=True)
class Step:
    """One change of state of a report, as its history shows it."""

    at: datetime
    label: Any
    by: str
    comment: str
    state: str


def listed_reports(user: Any) -> ActivityReportQuerySet:
    """Return the reports that the person may read, those of the last period first."""
    return ActivityReport.objects.visible_to(user).with_parts().order_by("-due_on", "organisation__name", "pk")


def reports_to_file(user: Any) -> ActivityReportQuerySet:
    """Return the reports that the person's own bodies still have to file."""
    return (
        ActivityReport.objects.visible_to(user, Permission.FILE_ACTIVITY_REPORTS)
        .filter(state__in=EDITABLE)
        .with_parts()
        .order_by("due_on", "pk")
    )


def reports_to_validate(user: Any) -> ActivityReportQuerySet:
    """Return the submitted reports on which the person decides."""
    return (
        ActivityReport.objects.visible_to(user, Permission.VALIDATE_ACTIVITY_REPORTS)
        .filter(state=ActivityReportState.SUBMITTED)
        .with_parts()
        .order_by("submitted_at", "pk")
    )


def can_list_reports(user: Any) -> bool:
    """Whether the menu shows the reports to the person."""
    return holds(user, Permission.VIEW_ACTIVITY_REPORTS)


def steps_of(report: ActivityReport | MergedReport, workflow: Workflow = ACTIVITY_REPORT) -> list[Step]:
    """Return the history of a report, newest first (one query)."""
    rows = TransitionLog.objects.filter(entity=workflow.entity, entity_id=report.pk).order_by("-pk")
    return [
        Step(
            at=row.at,
            label=workflow.transitions[row.transition].label,
            by=" – ".join(part for part in (row.actor.split(" <")[0], row.on_behalf_of) if part),
            comment=row.comment,
            state=row.target,
        )
        for row in rows
    ]


def extensions_of(report: ActivityReport) -> list[DueExtension]:
    """Return the days that the body was granted, in order (one query)."""
    return list(DueExtension.objects.filter(report=report).order_by("pk"))


def undecided_pairs(report: ActivityReport) -> int:
    """Return how many pairs of the body's own recipients, present in the report, nobody has decided yet.

    Of pairs with another body the page says nothing: one body never learns of them.
    """
    present = Attendance.objects.filter(
        state=AttendanceState.PRESENT,
        meeting__held_on__range=(report.period.starts_on, report.period.ends_on),
        meeting__activity__programme=report.programme_id,
        meeting__activity__network=report.network_id,
        meeting__activity__organisation=report.organisation_id,
    ).values("enrolment__beneficiary")
    served = InterventionPerson.objects.filter(
        intervention__held_on__range=(report.period.starts_on, report.period.ends_on),
        intervention__support__activity__programme=report.programme_id,
        intervention__support__activity__network=report.network_id,
        intervention__support__activity__organisation=report.organisation_id,
    ).values("enrolment__beneficiary")
    own = {"first__registered_by": report.organisation_id, "second__registered_by": report.organisation_id}
    return Pair.objects.filter(
        Q(first__in=present) | Q(first__in=served),
        Q(second__in=present) | Q(second__in=served),
        state=PairState.OPEN,
        **own,
    ).count()


def reports_panel(user: Any) -> list[Waiting]:
    """What waits on the home page: reports to file, returned ones first said so, and reports to validate."""
    waiting: list[Waiting] = []
    if holds(user, Permission.FILE_ACTIVITY_REPORTS):
        waiting += [
            Waiting(
                title=_("File the activity report %(period)s") % {"period": report.period},
                url=report.get_absolute_url(),
                due=report.due_on,
                status=report.get_state_display(),
                colour=ACTIVITY_REPORT.colours[report.state],
                context=f"{report.organisation} – {report.network}",
            )
            for report in reports_to_file(user)[:PANEL_SIZE]
        ]
    if holds(user, Permission.VALIDATE_ACTIVITY_REPORTS):
        waiting += [
            Waiting(
                title=_("Validate the activity report %(period)s") % {"period": report.period},
                url=report.get_absolute_url(),
                due=None,
                status=report.get_state_display(),
                colour=ACTIVITY_REPORT.colours[report.state],
                context=f"{report.organisation} – {report.network}",
            )
            for report in reports_to_validate(user)[:PANEL_SIZE]
        ]
    return waiting
