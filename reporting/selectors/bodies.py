# SPDX-License-Identifier: EUPL-1.2
"""The bodies that a programme involves (associations of migrants above all): which count, since when, by which act.

A body counts once in a place, from the first validated meeting of the right kind at which it was. Everything here is
read beside the ledger and explains it; no figure is counted here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from accounts.permissions import Permission
from actions.enums import Measure, MeetingState
from actions.models import Indicator, MeetingBody, Period, Programme
from actions.permissions import reaches_programme
from partners.enums import OrganisationKind
from partners.models import Organisation
from partners.permissions import network_ids_with
from reporting.enums import ActivityReportState, ScopeKind, UnitKind
from reporting.ledger.definitions import Rule, load_rules
from reporting.models import ActivityReport, ResultEntry


@dataclass
class BodyLine:
    """One body: the entry by which it counts, or why it does not; at how many meetings it was, first and last."""

    organisation: Organisation
    entry: ResultEntry | None = None
    presences: list[MeetingBody] = field(default_factory=list)
    reasons: Sequence[Any] = ()

    @property
    def held(self) -> list[MeetingBody]:
        """The meetings that took place, the earliest first."""
        return [one for one in self.presences if one.meeting.state == MeetingState.HELD]

    @property
    def first_on(self) -> date | None:
        return self.held[0].meeting.held_on if self.held else None

    @property
    def last_on(self) -> date | None:
        return self.held[-1].meeting.held_on if self.held else None


@dataclass(frozen=True)
class Bodies:
    """The bodies of one indicator of a programme, those that count first."""

    programme: Programme
    indicators: list[Indicator]
    indicator: Indicator | None = None
    lines: list[BodyLine] = field(default_factory=list)

    @property
    def counted(self) -> int:
        """How many count: where the whole programme is seen, the figure of the ledger."""
        return sum(line.entry is not None for line in self.lines)


def bodies_of(user: Any, programme: Programme, code: str = "") -> Bodies:
    """Return the bodies that were at meetings of a programme, for one of its indicators that count bodies.

    A coordinator of networks sees those of the own networks, as they count there. Eight queries, whatever their number.
    """
    indicators = list(
        Indicator.objects.filter(programme=programme, measure=Measure.ORGANISATIONS).order_by("position", "pk")
    )
    if not indicators:
        return Bodies(programme, [])
    indicator = next((one for one in indicators if one.code == code), indicators[0])
    rule = next(rule for rule in load_rules(programme.pk) if rule.indicator_id == indicator.pk)
    networks = None
    if not reaches_programme(user, Permission.VIEW_EVIDENCE, programme.pk):
        networks = network_ids_with(user, Permission.VIEW_EVIDENCE)
    lines: dict[int, BodyLine] = {}
    for presence in _presences(programme, networks):
        line = lines.setdefault(presence.organisation_id, BodyLine(presence.organisation))
        line.presences.append(presence)
    for entry in _entries(indicator, networks):
        # In two networks of one coordinator: the earliest says since when.
        if entry.unit_id in lines and lines[entry.unit_id].entry is None:
            lines[entry.unit_id].entry = entry
    _explain([line for line in lines.values() if line.entry is None], rule, programme)
    ordered = sorted(
        lines.values(), key=lambda line: (line.entry is None, line.organisation.name.casefold(), line.organisation.pk)
    )
    return Bodies(programme, indicators, indicator, ordered)


def _presences(programme: Programme, networks: Iterable[int] | None) -> Any:
    found = MeetingBody.objects.present().filter(meeting__activity__programme=programme)
    if networks is not None:
        found = found.filter(meeting__activity__network__in=networks)
    return found.select_related(
        "organisation",
        "meeting__activity__activity_type",
        "meeting__activity__network",
        "meeting__activity__organisation",
    ).order_by("meeting__held_on", "meeting__starts_at", "pk")


def _entries(indicator: Indicator, networks: Iterable[int] | None) -> Any:
    found = ResultEntry.objects.filter(indicator=indicator, reversed_in__isnull=True, unit_kind=UnitKind.ORGANISATION)
    if networks is None:
        found = found.filter(scope__kind=ScopeKind.PROGRAMME)
    else:
        found = found.filter(scope__kind=ScopeKind.NETWORK, scope__network__in=networks)
    return found.select_related(
        "fact__activity", "fact__activity_type", "fact__network", "fact__organisation", "fact__report__period"
    ).order_by("achieved_on", "pk")


def _explain(lines: Sequence[BodyLine], rule: Rule, programme: Programme) -> None:
    """Say of each body that does not count why not: the nearest of its meetings tells."""
    if not lines:
        return
    periods = list(Period.objects.filter(programme=programme).order_by("starts_on"))
    reports = {
        (report.period_id, report.network_id, report.organisation_id): report
        for report in ActivityReport.objects.filter(programme=programme).order_by("pk")
    }
    for line in lines:
        if rule.organisation_kinds is not None and line.organisation.kind not in rule.organisation_kinds:
            line.reasons = [_kind_words(line.organisation, rule)]
            continue
        earning = [one for one in line.presences if one.meeting.activity.activity_type_id in rule.activity_types]
        if not earning:
            titles = sorted({one.meeting.activity.activity_type.title for one in line.presences})
            line.reasons = [
                _("it was only at activities that do not count for this figure: %(titles)s")
                % {"titles": ", ".join(titles)}
            ]
            continue
        held = [one for one in earning if one.meeting.state == MeetingState.HELD]
        if not held:
            line.reasons = [
                _("the meeting of %(day)s was not held, or has not been yet")
                % {"day": f"{earning[0].meeting.held_on:%d/%m/%Y}"}
            ]
            continue
        line.reasons = [_report_words(held[0], periods, reports)]


def _kind_words(organisation: Organisation, rule: Rule) -> str:
    wanted = sorted(str(OrganisationKind(kind).label) for kind in rule.organisation_kinds or ())
    return _("it is registered as “%(kind)s”: this figure counts “%(wanted)s”. Correct the body, if that is wrong.") % {
        "kind": organisation.get_kind_display(),
        "wanted": ", ".join(wanted),
    }


def _report_words(presence: MeetingBody, periods: Sequence[Period], reports: Mapping[Any, ActivityReport]) -> str:
    meeting = presence.meeting
    period = next((one for one in periods if one.starts_on <= meeting.held_on <= one.ends_on), None)
    activity = meeting.activity
    report = reports.get((period.pk, activity.network_id, activity.organisation_id)) if period else None
    words = {"body": activity.organisation.name, "period": period, "day": f"{meeting.held_on:%d/%m/%Y}"}
    if period is None:
        return _("the meeting of %(day)s lies in no reporting period") % words
    if report is not None and (report.state == ActivityReportState.VALIDATED or report.is_text_only):
        return _("it was written down after the report of %(body)s for %(period)s was validated: reopen it") % words
    if report is None or report.state in (ActivityReportState.OPEN, ActivityReportState.REOPENED):
        return _("%(body)s has not submitted its report for %(period)s") % words
    return _("the report of %(body)s for %(period)s is not validated yet") % words
