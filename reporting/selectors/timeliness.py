# SPDX-License-Identifier: EUPL-1.2
"""Timeliness and completeness of activity reports as figures: of one body, of a network, of a period.

A report is in time when it was first submitted by the day on which it was due, granted days included; a return does
not make it late. Completeness is the share of what is looked at that was in order when it was last submitted.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, F, IntegerField, OuterRef, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reporting.enums import ActivityReportState
from reporting.models import DueExtension, ReportVersion

FILED = (ActivityReportState.SUBMITTED, ActivityReportState.VALIDATED)


def with_timeliness(reports: Any) -> Any:
    """Annotate reports with their first submission, whether days were granted, and what was in order (no more queries)."""
    versions = ReportVersion.objects.filter(report=OuterRef("pk"))
    first = versions.order_by("number").values("submitted_at")[:1]
    last = versions.order_by("-number")
    return reports.annotate(
        first_submitted_at=Coalesce(Subquery(first), F("submitted_at")),
        was_extended=Exists(DueExtension.objects.filter(report=OuterRef("pk"))),
        checks_of=Subquery(last.annotate(n=Cast(KT("figures__complete__of"), IntegerField())).values("n")[:1]),
        checks_in_order=Subquery(
            last.annotate(n=Cast(KT("figures__complete__in_order"), IntegerField())).values("n")[:1]
        ),
    )


def days_late(report: Any, today: date) -> int:
    """Return by how many days the report was late, or is late today; zero or less is in time. For annotated reports."""
    last = timezone.localdate(report.first_submitted_at) if report.first_submitted_at else today
    return (last - report.due_on).days


def is_late(report: Any, today: date) -> bool:
    """Whether the report was first submitted after its day, or still is to be."""
    return days_late(report, today) > 0


def complete_permille(report: Any) -> int | None:
    """Return the share of what is looked at that was in order at the last submission; None before the first."""
    return round(report.checks_in_order * 1000 / report.checks_of) if report.checks_of else None


def words(report: Any, today: date) -> str:
    """Say in a few words whether the report is in time."""
    days = days_late(report, today)
    if days > 0:
        late = ngettext("%(number)s day late", "%(number)s days late", days)
        return late % {"number": days}
    if report.first_submitted_at:
        return _("in time")
    left = ngettext("%(number)s day left", "%(number)s days left", -days)
    return left % {"number": -days}


@dataclass
class Timeliness:
    """The figures of a group of reports."""

    expected: int = 0
    filed: int = 0
    in_time: int = 0
    late: int = 0
    missing: int = 0
    validated: int = 0
    extended: int = 0
    days_late: int = 0
    complete: int = 0
    checked: int = 0

    def add(self, report: Any, today: date) -> None:
        """Count one more report in."""
        days = days_late(report, today)
        self.expected += 1
        self.filed += report.first_submitted_at is not None
        self.in_time += report.first_submitted_at is not None and days <= 0
        self.late += days > 0
        self.missing += report.first_submitted_at is None
        self.validated += report.state == ActivityReportState.VALIDATED
        self.extended += report.was_extended
        self.days_late += max(days, 0)
        share = complete_permille(report)
        if share is not None:
            self.complete += share
            self.checked += 1

    @property
    def in_time_permille(self) -> int | None:
        """The share of the reports due that were in time; None when nothing is due."""
        return round(self.in_time * 1000 / self.expected) if self.expected else None

    @property
    def complete_permille(self) -> int | None:
        """The mean share of what was in order; None before any submission."""
        return round(self.complete / self.checked) if self.checked else None

    @property
    def mean_days_late(self) -> float:
        """The mean delay of those that are late."""
        return round(self.days_late / self.late, 1) if self.late else 0.0


def by_network(reports: Iterable[Any], today: date) -> dict[int, Timeliness]:
    """Return the figures of each network, by its id, from annotated reports read once."""
    found: dict[int, Timeliness] = {}
    for report in reports:
        found.setdefault(report.network_id, Timeliness()).add(report, today)
    return found
