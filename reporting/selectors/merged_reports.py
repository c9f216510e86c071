# SPDX-License-Identifier: EUPL-1.2
"""What the report of a network or of the region collects: the reports below it, who is missing, the figures.

The figures are those of the ledger (each person once) beside the sum of the reports; nothing is counted here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from accounts.permissions import Permission, Scope
from actions.enums import Unit
from actions.models import Indicator
from fami_portal.core.nav import Waiting
from partners.permissions import holds, memberships_of
from reporting.enums import ActivityReportState, MergedReportState, ScopeKind
from reporting.ledger import totals
from reporting.models import ActivityReport, CountingScope, MergedReport, ReportVersion
from reporting.selectors.activity_reports import shown_quantity
from reporting.workflow import ACTIVITY_REPORT, MERGED_REPORT, WRITABLE

FILED = (ActivityReportState.SUBMITTED, ActivityReportState.VALIDATED)
FILED_MERGED = (MergedReportState.SUBMITTED, MergedReportState.ACCEPTED)
# How many of them a home page shows.
SHOWN_AT_HOME = 8


@dataclass(frozen=True)
class Part:
    """One report below: whose it is, how far it is, its words and figures.

    `filed` says that its words are there to be read, `settled` that nothing more is expected of it.
    """

    name: str
    url: str
    state: str
    state_label: str
    colour: str
    due_on: date
    filed: bool
    settled: bool
    boxes: dict[str, str]
    problem_origins: list[str]
    figures: dict[str, int]
    sha256: str


def parts_of(report: MergedReport) -> list[Part]:
    """Return the reports below: of the bodies of a network, or of the networks of the region. One query."""
    return _bodies(report) if report.network_id is not None else _networks(report)


def _bodies(report: MergedReport) -> list[Part]:
    copies = ReportVersion.objects.filter(report=OuterRef("pk"), frozen_at__isnull=False).order_by("-number")
    rows = (
        ActivityReport.objects.filter(period=report.period_id, network=report.network_id)
        .select_related("organisation")
        .annotate(copy_sha256=Subquery(copies.values("frozen_sha256")[:1]))
        .order_by("organisation__name", "pk")
    )
    return [
        Part(
            name=row.organisation.name,
            url=row.get_absolute_url(),
            state=row.state,
            state_label=str(row.get_state_display()),
            colour=ACTIVITY_REPORT.colours[row.state],
            due_on=row.due_on,
            filed=row.state in FILED,
            settled=row.state == ActivityReportState.VALIDATED,
            boxes=row.boxes(),
            problem_origins=list(row.problem_origins),
            figures=row.figures.get("indicators", {}) if row.state in FILED or row.is_text_only else {},
            sha256=row.copy_sha256 or "" if row.state == ActivityReportState.VALIDATED else "",
        )
        for row in rows
    ]


def _networks(report: MergedReport) -> list[Part]:
    rows = (
        MergedReport.objects.filter(period=report.period_id, network__isnull=False)
        .select_related("network")
        .order_by("network__code", "pk")
    )
    return [
        Part(
            name=row.network.name if row.network else "",
            url=row.get_absolute_url(),
            state=row.state,
            state_label=str(row.get_state_display()),
            colour=MERGED_REPORT.colours[row.state],
            due_on=row.due_on,
            filed=row.state in FILED_MERGED,
            settled=row.state == MergedReportState.ACCEPTED,
            boxes=row.boxes(),
            problem_origins=list(row.problem_origins),
            figures={},
            sha256=row.frozen_sha256 if row.state == MergedReportState.ACCEPTED else "",
        )
        for row in rows
    ]


@dataclass(frozen=True)
class MergedLine:
    """A figure of a network or of the region: the sum of the reports, and what the ledger holds of the period."""

    code: str
    title: str
    unit: str
    summed: Any
    counted: Any
    to_date: Any


def figure_rows(report: MergedReport) -> list[dict[str, Any]]:
    """Return the figures that are not zero as plain rows: gross (sum of the filed reports), unique (from the ledger).

    `quantity` is what is new in the period, `summed` the gross, `to_date` all until its end, in the unit of the ledger.
    Three queries, however many bodies there are.
    """
    reports = ActivityReport.objects.filter(period=report.period_id).filter(Q(state__in=FILED) | ~Q(reopened_for=""))
    if report.network_id is not None:
        reports = reports.filter(network=report.network_id)
    gross: dict[str, int] = {}
    for kept in reports.order_by("pk").values_list("figures", flat=True):
        for code, quantity in kept.get("indicators", {}).items():
            gross[code] = gross.get(code, 0) + quantity
    kind = ScopeKind.NETWORK if report.network_id is not None else ScopeKind.PROGRAMME
    scopes = list(
        CountingScope.objects.filter(programme=report.programme_id, kind=kind, network=report.network_id)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    indicators = list(Indicator.objects.filter(programme=report.programme_id).order_by("position", "pk"))
    booked = {
        figure.indicator_id: figure
        for figure in (
            totals.figures(
                scope_ids=scopes,
                indicator_ids=[row.pk for row in indicators],
                first_day=report.period.starts_on,
                last_day=report.period.ends_on,
            )
            if scopes
            else ()
        )
    }
    return [
        {
            "code": row.code,
            "title": row.title,
            "unit": row.unit,
            "summed": gross.get(row.code, 0),
            "quantity": booked[row.pk].new or 0 if row.pk in booked else 0,
            "to_date": booked[row.pk].to_date or 0 if row.pk in booked else 0,
        }
        for row in indicators
        if gross.get(row.code) or (row.pk in booked and booked[row.pk].new)
    ]


def figure_lines(report: MergedReport) -> list[MergedLine]:
    """Return the figures as a page shows them; queries as `figure_rows`."""
    return [
        MergedLine(
            row["code"],
            row["title"],
            str(Unit(row["unit"]).label),
            *(shown_quantity(row[name], row["unit"]) for name in ("summed", "quantity", "to_date")),
        )
        for row in figure_rows(report)
    ]


def listed(user: Any) -> Any:
    """Return the reports of networks and regions that the person may read, the last period first."""
    return MergedReport.objects.visible_to(user).with_parts().order_by("-period__starts_on", "network__code", "pk")


def can_list(user: Any) -> bool:
    """Whether the person coordinates or follows networks at all: who works for one body has no such page. No query."""
    return any(
        membership.role_definition.scope in (Scope.PROGRAMME, Scope.NETWORK)
        and Permission.VIEW_ACTIVITY_REPORTS in membership.role_definition.permissions
        for membership in memberships_of(user)
    )


def merged_panel(user: Any) -> Sequence[Waiting]:
    """What waits on the home page: reports of networks to accept, then those to put together. Two queries.

    The nearest few: who reaches a programme of many networks finds the others in the list.
    """
    if not holds(user, Permission.VALIDATE_ACTIVITY_REPORTS):
        return []
    own = MergedReport.objects.visible_to(user, Permission.VALIDATE_ACTIVITY_REPORTS).with_parts()
    return [
        Waiting(
            title=(
                _("Accept the report of the network %(period)s")
                if row.state == MergedReportState.SUBMITTED
                else _("Put the reports of %(period)s together")
            )
            % {"period": row.period},
            url=row.get_absolute_url(),
            due=row.due_on,
            status=row.get_state_display(),
            colour=MERGED_REPORT.colours[row.state],
            context=str(row.network or row.programme),
        )
        for row in own.filter(state__in=[*WRITABLE, MergedReportState.SUBMITTED])
        .annotate(to_accept=ExpressionWrapper(Q(state=MergedReportState.SUBMITTED), BooleanField()))
        .order_by("-to_accept", "due_on", "pk")[:SHOWN_AT_HOME]
    ]
