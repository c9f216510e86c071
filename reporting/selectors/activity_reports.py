# SPDX-License-Identifier: EUPL-1.2
"""What an activity report still lacks, and the figures that its registers show."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from actions.enums import ActivityKind, BodyAttendance, MeetingState, Unit
from actions.models import Campaign, Indicator, Meeting
from beneficiaries.enums import AttendanceState, Eligibility
from beneficiaries.models import Attendance, Enrolment
from reporting.enums import ActivityReportState
from reporting.ledger import own_figures
from reporting.ledger.facts import REGISTER_KINDS
from reporting.models import ActivityReport


@dataclass(frozen=True)
class Problem:
    """Something to mend or to check before the report is submitted, with the page where it is mended."""

    code: str
    sentence: str
    url: str
    blocking: bool


@dataclass(frozen=True)
class FigureLine:
    """A figure of a report as a page shows it: hours as hours, though the ledger keeps minutes."""

    code: str
    title: str
    unit: str
    value: Decimal | int


@dataclass(frozen=True)
class ComparedLine(FigureLine):
    """A figure beside that of the same body and network in the period before, if there was a report.

    `gross` is the sum over the activities, of persons alone.
    """

    previous: Decimal | int | None
    gross: int | None = None


# --- problems ------------------------------------------------------------------------------------------------------


def problems(report: ActivityReport, *, today: date | None = None) -> list[Problem]:
    """Return everything that the report lacks, all at once: what blocks it first, then what should be checked.

    The number of queries does not depend on how much is missing.
    """
    return [
        *blocking_problems(report, today=today),
        *_meetings_without_bodies(report),
        *_recipients_not_verified(report),
        *_campaigns_without_measure(report),
    ]


def blocking_problems(report: ActivityReport, *, today: date | None = None) -> list[Problem]:
    """Return what keeps the report from being submitted. Three queries."""
    return [
        *_period_not_over(report, today or timezone.localdate()),
        *_narrative_missing(report),
        *_meetings_still_scheduled(report),
        *_meetings_without_attendance(report),
        *_meetings_outside_activity(report),
    ]


def _period_not_over(report: ActivityReport, today: date) -> Iterator[Problem]:
    if today <= report.period.ends_on:
        day = date_format(report.period.ends_on, "j F Y")
        yield Problem(
            "period_not_over",
            _("The period ends on %(day)s: the report can be submitted from the day after.") % {"day": day},
            report.get_absolute_url(),
            True,
        )


def _narrative_missing(report: ActivityReport) -> Iterator[Problem]:
    if not report.done.strip():
        yield Problem(
            "narrative_missing",
            _("Describe the activities carried out and what came out of them."),
            reverse("reporting:activity-report-narrative", args=[report.uuid]),
            True,
        )


def _meetings(report: ActivityReport) -> Any:
    return Meeting.objects.filter(
        activity__programme=report.programme_id,
        activity__network=report.network_id,
        activity__organisation=report.organisation_id,
        held_on__range=(report.period.starts_on, report.period.ends_on),
    )


def _by_activity(rows: Any) -> list[dict[str, Any]]:
    """Count rows by activity, in the order in which the activities began."""
    return list(
        rows.values("activity__uuid", "activity__title", "activity__starts_on")
        .annotate(number=Count("pk"))
        .order_by("activity__starts_on", "activity__title", "activity__uuid")
    )


def _meetings_still_scheduled(report: ActivityReport) -> Iterator[Problem]:
    for row in _by_activity(_meetings(report).filter(state=MeetingState.SCHEDULED)):
        yield Problem(
            "meeting_scheduled",
            ngettext(
                "“%(title)s”: %(number)s meeting is still scheduled. Say whether it was held or cancelled.",
                "“%(title)s”: %(number)s meetings are still scheduled. Say whether they were held or cancelled.",
                row["number"],
            )
            % {"title": row["activity__title"], "number": row["number"]},
            reverse("actions:activity", args=[row["activity__uuid"]]),
            True,
        )


def _meetings_without_attendance(report: ActivityReport) -> Iterator[Problem]:
    rows = _meetings(report).filter(
        ~Exists(Attendance.objects.filter(meeting=OuterRef("pk"))),
        state=MeetingState.HELD,
        activity__activity_type__kind__in=REGISTER_KINDS,
    )
    for row in _by_activity(rows):
        yield Problem(
            "attendance_missing",
            ngettext(
                "“%(title)s”: the register of %(number)s meeting is empty.",
                "“%(title)s”: the registers of %(number)s meetings are empty.",
                row["number"],
            )
            % {"title": row["activity__title"], "number": row["number"]},
            reverse("beneficiaries:register", args=[row["activity__uuid"]]),
            True,
        )


def _meetings_outside_activity(report: ActivityReport) -> Iterator[Problem]:
    rows = _meetings(report).filter(
        Q(held_on__lt=F("activity__starts_on")) | Q(held_on__gt=F("activity__ends_on")),
        ~Q(state=MeetingState.CANCELLED),
    )
    for row in _by_activity(rows):
        yield Problem(
            "meeting_outside_activity",
            ngettext(
                "“%(title)s”: %(number)s meeting lies outside the dates of the activity. Correct one or the other.",
                "“%(title)s”: %(number)s meetings lie outside the dates of the activity. Correct one or the other.",
                row["number"],
            )
            % {"title": row["activity__title"], "number": row["number"]},
            reverse("actions:activity", args=[row["activity__uuid"]]),
            True,
        )


def _meetings_without_bodies(report: ActivityReport) -> Iterator[Problem]:
    rows = (
        _meetings(report)
        .filter(
            state=MeetingState.HELD,
            activity__activity_type__kind=ActivityKind.INFORMATION_MEETING,
        )
        .exclude(bodies_present__attendance=BodyAttendance.PRESENT)
    )
    for row in _by_activity(rows):
        yield Problem(
            "bodies_missing",
            ngettext(
                "“%(title)s”: %(number)s meeting has no body present; no association is counted for it.",
                "“%(title)s”: %(number)s meetings have no body present; no association is counted for them.",
                row["number"],
            )
            % {"title": row["activity__title"], "number": row["number"]},
            reverse("actions:activity", args=[row["activity__uuid"]]),
            False,
        )


def _recipients_not_verified(report: ActivityReport) -> Iterator[Problem]:
    present = Attendance.objects.filter(
        enrolment=OuterRef("pk"),
        state=AttendanceState.PRESENT,
        meeting__state=MeetingState.HELD,
        meeting__held_on__range=(report.period.starts_on, report.period.ends_on),
    )
    rows = Enrolment.objects.filter(
        Exists(present),
        activity__programme=report.programme_id,
        activity__network=report.network_id,
        activity__organisation=report.organisation_id,
        beneficiary__eligibility=Eligibility.UNVERIFIED,
    )
    for row in _by_activity(rows):
        yield Problem(
            "recipient_not_verified",
            ngettext(
                "“%(title)s”: %(number)s recipient present is not verified and does not count yet.",
                "“%(title)s”: %(number)s recipients present are not verified and do not count yet.",
                row["number"],
            )
            % {"title": row["activity__title"], "number": row["number"]},
            reverse("beneficiaries:register", args=[row["activity__uuid"]]),
            False,
        )


def _campaigns_without_measure(report: ActivityReport) -> Iterator[Problem]:
    rows = Campaign.objects.filter(
        activity__programme=report.programme_id,
        activity__network=report.network_id,
        activity__organisation=report.organisation_id,
        published_on__range=(report.period.starts_on, report.period.ends_on),
        measures__isnull=True,
    )
    for row in _by_activity(rows):
        yield Problem(
            "measure_missing",
            ngettext(
                "“%(title)s”: %(number)s content has no measure; nobody reached is counted for it.",
                "“%(title)s”: %(number)s contents have no measure; nobody reached is counted for them.",
                row["number"],
            )
            % {"title": row["activity__title"], "number": row["number"]},
            reverse("actions:activity", args=[row["activity__uuid"]]),
            False,
        )


# --- figures -------------------------------------------------------------------------------------------------------


def figures(report: ActivityReport, *, submitted: bool = False) -> dict[str, Any]:
    """Return the figures of the report from its live registers: by indicator code, and plain counts.

    The same registers always give the same value, whoever asks and when. With `submitted` they are read from the
    drafts, which a submission has just copied from the registers.
    """
    codes = dict(Indicator.objects.filter(programme=report.programme_id).order_by("pk").values_list("pk", "code"))
    found = own_figures.figures_of_report(report.pk, report.programme_id, submitted=submitted)
    gross = own_figures.gross_of_report(report.pk, report.programme_id, submitted=submitted)
    return {
        "indicators": {codes[indicator]: quantity for indicator, quantity in sorted(found.items())},
        # Of persons: the sum over the activities, which counts twice who is in two of them.
        "gross": {codes[indicator]: quantity for indicator, quantity in sorted(gross.items())},
        "counts": asdict(own_figures.counts_of_report(report.pk, submitted=submitted)),
    }


def shown_figures(report: ActivityReport) -> dict[str, Any]:
    """Return the figures as submitted, or from the live registers while the body is still at work."""
    frozen = report.state in (ActivityReportState.SUBMITTED, ActivityReportState.VALIDATED)
    return report.figures if frozen and report.figures else figures(report)


def _shown(quantity: int, unit: str) -> Decimal | int:
    if unit != Unit.HOURS:
        return quantity
    hours, minutes = divmod(quantity, 60)
    return (Decimal(quantity) / 60).quantize(Decimal("0.1")) if minutes else hours


def figure_lines(report: ActivityReport) -> list[FigureLine]:
    """Return the figures of the report that are not zero, in the order of the programme's definition."""
    values = shown_figures(report).get("indicators", {})
    return [
        FigureLine(row.code, row.title, row.get_unit_display(), _shown(values[row.code], row.unit))
        for row in Indicator.objects.filter(programme=report.programme_id).order_by("position", "pk")
        if values.get(row.code)
    ]


def previous_report(report: ActivityReport) -> ActivityReport | None:
    """Return the report of the same body and network in the period before, if there is one."""
    return (
        ActivityReport.objects.filter(
            programme=report.programme_id,
            network=report.network_id,
            organisation=report.organisation_id,
            period__ends_on__lt=report.period.starts_on,
        )
        .select_related("period")
        .order_by("-period__starts_on")
        .first()
    )


def compare_with_previous(report: ActivityReport) -> list[ComparedLine]:
    """Return each figure beside that of the report before it; `previous` is None when there was none."""
    shown = shown_figures(report)
    values, gross = shown.get("indicators", {}), shown.get("gross", {})
    before = previous_report(report)
    earlier = shown_figures(before).get("indicators", {}) if before else {}
    return [
        ComparedLine(
            row.code,
            row.title,
            row.get_unit_display(),
            _shown(values.get(row.code, 0), row.unit),
            _shown(earlier.get(row.code, 0), row.unit) if before else None,
            gross.get(row.code),
        )
        for row in Indicator.objects.filter(programme=report.programme_id).order_by("position", "pk")
        if values.get(row.code) or earlier.get(row.code)
    ]
