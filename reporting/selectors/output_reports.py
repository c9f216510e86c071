# SPDX-License-Identifier: EUPL-1.2
"""Reads about output reports: which periods have one, who is told, what is due."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.permissions import ROLES, Permission, Scope
from actions.models import Period, Programme, ProgrammeBody
from actions.models.programmes import REACHING_PARTS
from fami_portal.core.jobs import Slot
from fami_portal.core.models import Document, Job
from partners.models import Membership
from reporting.enums import OutputReportState
from reporting.models import ActivityReport, LedgerHead, OutputReport

JOB_KIND = "output_report"
DOCUMENT_KIND = "output_report"


def newest_report(period: Period) -> OutputReport | None:
    """Return the newest version of the report of a period."""
    return OutputReport.objects.with_parts().filter(period=period).order_by("-version").first()


def transmitted_report(period: Period) -> OutputReport | None:
    """Return the version that was transmitted."""
    return (
        OutputReport.objects.with_parts()
        .filter(period=period, state=OutputReportState.TRANSMITTED)
        .order_by("-version")
        .first()
    )


def first_untransmitted_before(period: Period) -> Period | None:
    """Return the earliest period before this one that has activity reports and was not transmitted."""
    transmitted_until = (
        LedgerHead.objects.filter(programme=period.programme_id)
        .order_by("pk")
        .values_list("transmitted_until", flat=True)
        .first()
    )
    earlier = Period.objects.filter(programme=period.programme_id, ends_on__lt=period.starts_on)
    if transmitted_until is not None:
        earlier = earlier.filter(ends_on__gt=transmitted_until)
    sent = OutputReport.objects.filter(period=OuterRef("pk"), state=OutputReportState.TRANSMITTED)
    return (
        earlier.filter(Exists(ActivityReport.objects.filter(period=OuterRef("pk"))))
        .exclude(Exists(sent))
        .order_by("starts_on")
        .first()
    )


def people_of_programme(programme: Programme, permission: Permission) -> QuerySet[User]:
    """Return the active people who hold a permission for the whole programme today."""
    memberships = Membership.objects.none()
    for code, part in REACHING_PARTS.items():
        role = ROLES[code]
        if permission in role.permissions and role.scope == Scope.PROGRAMME:
            bodies = ProgrammeBody.objects.filter(programme=programme, role=part).values("organisation")
            memberships = memberships | Membership.objects.valid_on(timezone.localdate()).filter(
                role=code, organisation__in=bodies
            )
    return User.objects.filter(is_active=True, pk__in=memberships.values("user")).order_by("pk")


@dataclass(frozen=True)
class PeriodLine:
    """One period with its newest report and the work that is being done on it."""

    period: Period
    report: OutputReport | None
    job: Job | None
    ended: bool
    has_reports: bool

    @property
    def transmitted(self) -> bool:
        return self.report is not None and self.report.state == OutputReportState.TRANSMITTED


def period_lines(programme: Programme) -> list[PeriodLine]:
    """Return every period of a programme that has begun, newest first (four queries)."""
    today = timezone.localdate()
    periods = list(Period.objects.filter(programme=programme, starts_on__lte=today).order_by("-starts_on"))
    ids = [period.pk for period in periods]
    reports: dict[int, OutputReport] = {}
    for report in OutputReport.objects.with_parts().filter(period__in=ids).order_by("version"):
        reports[report.period_id] = report
    running = {
        job.subject_id: job for job in Job.objects.unfinished().filter(kind=JOB_KIND, subject_id__in=ids).order_by("pk")
    }
    filed = set(
        ActivityReport.objects.filter(period__in=ids).order_by("period").values_list("period", flat=True).distinct()
    )
    return [
        PeriodLine(period, reports.get(period.pk), running.get(period.pk), period.ends_on < today, period.pk in filed)
        for period in periods
    ]


def versions(report: OutputReport) -> QuerySet[OutputReport]:
    """Return every version of the report of the same period, newest first."""
    return OutputReport.objects.filter(period=report.period_id).select_related("generated_by").order_by("-version")


def due_slots(now: datetime) -> Iterator[Slot]:
    """Yield the periods whose reports were due and in which somebody works: each is produced once by itself."""
    today = timezone.localdate(now)
    rows = (
        Period.objects.filter(due_on__lt=today)
        .filter(Exists(ActivityReport.objects.filter(period=OuterRef("pk"))))
        .select_related("programme")
        .order_by("programme", "starts_on")
    )
    for period in rows:
        yield Slot(f"{period.programme.slug}:{period.code}", period.pk, {"period": period.pk})


def may_see_job(user: Any, job: Job) -> bool:
    """Whether the person may follow the production of a report asked for by somebody else, or by the calendar."""
    return Period.objects.filter(
        pk=job.subject_id, programme__in=Programme.objects.reached_by(user, Permission.VIEW_OUTPUT_REPORTS).values("pk")
    ).exists()


def may_open_document(user: Any, document: Document) -> bool:
    """Whether the person may download a file of a report."""
    return (
        OutputReport.objects.visible_to(user)
        .filter(period=document.subject_id)
        .filter(pk__in=_reports_with(document))
        .exists()
    )


def _reports_with(document: Document) -> list[int]:
    found: list[int] = []
    for name in ("pdf", "xlsx", "csv", "json"):
        found += OutputReport.objects.filter(**{name: document}).order_by("pk").values_list("pk", flat=True)
    return found
