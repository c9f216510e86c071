# SPDX-License-Identifier: EUPL-1.2
"""The reports of the quarters in the demonstration: each activity report as far as its story goes, then the periodic ones."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.models import User
from actions.models import Period
from partners.models import Membership
from reporting.demo import world
from reporting.demo.bodies import programme
from reporting.demo.statistics import look_at_the_tables
from reporting.demo.stories import COMMENTS, MERGED_COMMENT, Story, stories_of
from reporting.models import ActivityReport, MergedReport
from reporting.services import activity_reports, merged_reports, output_reports, report_rounds

ROME = ZoneInfo("Europe/Rome")


def _operators() -> dict[int, User]:
    """Return who files for each body."""
    found = Membership.objects.filter(role="partner_operator").select_related("user").order_by("pk")
    return {membership.organisation_id: membership.user for membership in found}


def _at(day: date, hour: int = 10) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=ROME)


def _coordinator() -> User:
    return User.objects.get(email=f"regione{world.DOMAIN}")


def activity_reports_of(code: str) -> None:
    """Open the reports of a period and take each as far as its story goes."""
    period = Period.objects.get(programme=programme(), code=code)
    look_at_the_tables()
    activity_reports.open_activity_reports(period=period, by=None, at=_at(period.ends_on))
    reports = (
        ActivityReport.objects.filter(period=period).with_parts().order_by("network__code", "organisation__name", "pk")
    )
    operators, coordinator = _operators(), _coordinator()
    for number, report in enumerate(reports):
        _tell(report, stories_of(report, number, code), operators[report.organisation_id], coordinator)


def _tell(report: ActivityReport, story: Story, operator: User, coordinator: User) -> None:
    """Take one report through its acts, each by the person whose turn it is."""
    due = report.due_on
    if story.narrative:
        activity_reports.save_narrative(report=report, values=story.narrative, version=report.version, by=operator)
    for act, comment in story.acts:
        if act == "submit":
            activity_reports.submit(report=report, by=operator, at=_at(due - timedelta(days=5)))
        elif act == "comment":
            for item, text in COMMENTS:
                report_rounds.comment_on(report=report, item=item, text=text, by=coordinator, at=_at(due, 8))
        elif act == "answer":
            first = report.comments.order_by("pk").first()
            if first is not None:
                report_rounds.answer(comment=first, text=comment, by=operator, at=_at(due, 12))
        elif act == "extend":
            report_rounds.extend_due(
                report=report,
                due_on=due + timedelta(days=14),
                reason=comment,
                by=coordinator,
                at=_at(due - timedelta(days=3)),
            )
        elif act == "return":
            activity_reports.return_for_changes(report=report, comment=comment, by=coordinator, at=_at(due, 9))
        elif act == "validate":
            activity_reports.validate(report=report, by=coordinator, at=_at(due + timedelta(days=4), 15))
        elif act == "reopen":
            activity_reports.reopen(report=report, reason=comment, by=coordinator, at=_at(due + timedelta(days=20)))


def network_reports_of(code: str) -> None:
    """Put the reports of a period together where a coordinator follows the network, each as far as its story goes.

    Those of the first quarter are accepted; of the second one came back, one waits for the region, the others are being
    written.
    """
    region = _coordinator()
    memberships = Membership.objects.filter(role="network_coordinator").order_by("pk")
    near = {
        network.pk: membership.user
        for membership in memberships.select_related("user").prefetch_related("networks")
        for network in membership.networks.all()
    }
    reports = (
        MergedReport.objects.filter(period__programme__slug=world.PROGRAMME, period__code=code, network__in=near)
        .with_parts()
        .order_by("network__code")
    )
    for number, report in enumerate(reports):
        writer, due = near[report.network_id or 0], report.due_on
        merged_reports.compose(report=report, by=writer, at=_at(due - timedelta(days=4)))
        if code != world.CLOSED_PERIODS[0] and number > 1:
            continue
        merged_reports.submit(report=report, by=writer, at=_at(due - timedelta(days=2)), with_gaps=True)
        if code == world.CLOSED_PERIODS[0]:
            merged_reports.accept(report=report, by=region, at=_at(due))
        elif number == 0:
            merged_reports.return_merged(report=report, comment=MERGED_COMMENT, by=region, at=_at(due))


def output_report_of(code: str) -> None:
    """Generate the output report of a closed period; the first one is transmitted too."""
    period = Period.objects.get(programme=programme(), code=code)
    report = output_reports.generate_output_report(programme=programme(), period=period, by=None)
    if code == world.CLOSED_PERIODS[0]:
        output_reports.transmit(report=report, by=_coordinator(), at=timezone.now(), with_gaps=True)


def late_report_of(code: str) -> None:
    """Validate one report after its period was transmitted: its figures enter the next one as late."""
    report = (
        ActivityReport.objects.filter(period__programme__slug=world.PROGRAMME, period__code=code, state="submitted")
        .with_parts()
        .order_by("pk")
        .first()
    )
    if report is not None:
        activity_reports.validate(report=report, by=_coordinator(), at=timezone.now())
