# SPDX-License-Identifier: EUPL-1.2
"""Rows of reporting: activity reports, results, evidence, output reports."""

from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.permissions import Permission
from actions.enums import ActivityKind, Measure, Unit
from partners.services.memberships import grant_membership
from reporting.enums import ScopeKind
from reporting.models import CountingScope
from reporting.services import activity_reports, output_reports
from tests.factories.actions import (
    ActivityFactory,
    ActivityTypeFactory,
    IndicatorFactory,
    MeetingFactory,
    PeriodFactory,
)
from tests.factories.reporting import ActivityReportFactory
from tests.matrix import ALL, NOBODY, SIGNED_IN, On, Row, having
from tests.personas import World, a_user

QUARTERS = (
    ("2018-Q4", date(2018, 10, 1), date(2018, 12, 31)),
    ("2019-Q1", date(2019, 1, 1), date(2019, 3, 31)),
    ("2019-Q2", date(2019, 4, 1), date(2019, 6, 30)),
)
VALIDATED, SUBMITTED, OPEN = (code for code, _start, _end in QUARTERS)
INDICATOR = "INCONTRI"


def prepare(world: World) -> None:
    """Add a report in each state for the body of each persona, and an output report of the quarter that is over."""
    programme = world.programmes["a"]
    periods = {
        code: PeriodFactory(programme=programme, code=code, starts_on=start, ends_on=end)
        for code, start, end in QUARTERS
    }
    kind = ActivityTypeFactory(action=world.actions["a"], kind=ActivityKind.INFORMATION_MEETING)
    IndicatorFactory(programme=programme, code=INDICATOR, measure=Measure.MEETINGS, unit=Unit.MEETINGS)
    places = {"coop_1": "n1", "coop_2": "n2"}
    for body, network in places.items():
        activity = ActivityFactory(
            activity_type=kind,
            network=world.networks[network],
            organisation=world.bodies[body],
            starts_on=date(2018, 10, 1),
        )
        MeetingFactory(activity=activity, held_on=date(2018, 11, 6))
        for code, period in periods.items():
            world.objects[f"report_{body}_{code}"] = ActivityReportFactory(
                period=period, network=world.networks[network], organisation=world.bodies[body]
            )
    world.objects["report_school_1"] = ActivityReportFactory(
        period=periods[OPEN], network=world.networks["n1"], organisation=world.bodies["school_1"]
    )
    foreign = PeriodFactory(programme=world.programmes["b"])
    world.objects["report_coop_3"] = ActivityReportFactory(
        period=foreign, network=world.networks["n3"], organisation=world.bodies["coop_3"]
    )
    _acts(world)
    _output(world, periods[VALIDATED])


def _acts(world: World) -> None:
    """Submit and validate, in the name of people who are none of the personas that will ask."""
    at = datetime(2019, 7, 10, 9, tzinfo=timezone.get_current_timezone())
    lead = a_user("lead")
    grant_membership(user=lead, organisation=world.bodies["region_a"], role="regional_coordinator", by=None)
    for body in ("coop_1", "coop_2"):
        filer = a_user(f"filer.{body}")
        grant_membership(user=filer, organisation=world.bodies[body], role="partner_operator", by=None)
        for code in (VALIDATED, SUBMITTED):
            report = world.objects[f"report_{body}_{code}"]
            activity_reports.submit(report=report, by=filer, at=at)
            if code == VALIDATED:
                activity_reports.validate(report=report, by=lead, at=at + timedelta(days=1))


def _output(world: World, period: Any) -> None:
    world.objects["output"] = output_reports.generate_output_report(
        programme=world.programmes["a"], period=period, by=world.personas["regional_coordinator"]
    )


READERS = having(Permission.VIEW_ACTIVITY_REPORTS)
FILERS = having(Permission.FILE_ACTIVITY_REPORTS)
JUDGES = having(Permission.VALIDATE_ACTIVITY_REPORTS)
RESULTS = having(Permission.VIEW_DASHBOARD)
EVIDENCE = having(Permission.VIEW_EVIDENCE)
OUTPUTS = having(Permission.VIEW_OUTPUT_REPORTS)
PRODUCERS = having(Permission.PRODUCE_OUTPUT_REPORTS)
SENDERS = having(Permission.TRANSMIT_OUTPUT_REPORTS)
# Those for whom a report is theirs or of their network; the school head only knows those of the school.
OF_COOP = READERS - {"school_head"}
OF_SCHOOL = READERS - {"partner_operator"}
COORDINATORS = frozenset({"network_coordinator"})
OF_SIBLING = OF_COOP - {"partner_operator"} - COORDINATORS


def _thing(name: str) -> Any:
    return lambda world, role: {"uuid": world.objects[name].uuid}


def _places(who: frozenset[str], code: str) -> dict[str, On]:
    """The answers of a page of one report, for those who act on it or only read it."""
    places = {
        "own": On(OF_COOP & who, OF_COOP - who, target=_thing(f"report_coop_1_{code}")),
        "sibling": On(OF_SIBLING & who, OF_SIBLING - who, target=_thing(f"report_coop_2_{code}")),
        "foreign": On(NOBODY, target=_thing("report_coop_3")),
    }
    if code == OPEN:
        places["near"] = On(OF_SCHOOL & who, OF_SCHOOL - who, target=_thing("report_school_1"))
    return places


def _both(name: str, places: dict[str, On], **data: Any) -> list[Row]:
    return [Row(name, places), Row(name, places, method="post", data=lambda world, role: data)]


def _slug(key: str, **more: Any) -> Any:
    return lambda world, role: {"slug": f"programme-{key}", **more}


def _programme(who: frozenset[str], query: Any = "", **more: Any) -> dict[str, On]:
    """The answers of a page of a programme: every persona has some part in its own."""
    return {
        "own": On(who, ALL - who, target=_slug("a", **more), query=query),
        "foreign": On(NOBODY, target=_slug("b", **more), query=query),
    }


def _figure(kind: ScopeKind, network: str = "") -> Any:
    """The query of the figure of a scope."""

    def query(world: World, role: str) -> str:
        where = {"network": world.networks[network], "organisation": None} if network else {}
        scope = CountingScope.objects.get(programme=world.programmes["a"], kind=kind, action=None, plan=None, **where)
        return f"?indicator={INDICATOR}&scope={scope.uuid}"

    return query


OUTPUT = _thing("output")
ROWS = [
    Row("reporting:activity-report-list", {"": On(READERS, SIGNED_IN - READERS)}),
    Row(
        "reporting:activity-report-export",
        {"": On(READERS, SIGNED_IN - READERS, target=lambda world, role: {"fmt": "csv"})},
    ),
    Row("reporting:activity-report", _places(READERS, OPEN)),
    *_both("reporting:activity-report-narrative", _places(FILERS, OPEN), done="Svolto", version="1"),
    *_both("reporting:activity-report-submit", _places(FILERS, OPEN)),
    *_both("reporting:activity-report-validate", _places(JUDGES, SUBMITTED)),
    *_both("reporting:activity-report-return", _places(JUDGES, SUBMITTED), comment="Da rivedere"),
    *_both("reporting:activity-report-reopen", _places(JUDGES, VALIDATED), reason="Da rivedere"),
    Row("reporting:dashboard-list", {"": On(RESULTS, SIGNED_IN - RESULTS)}),
    Row("reporting:dashboard", _programme(RESULTS)),
    Row("reporting:trend", _programme(RESULTS, _figure(ScopeKind.NETWORK, "n1"))),
    Row("reporting:bodies", _programme(EVIDENCE)),
    Row("reporting:bodies-export", _programme(EVIDENCE, fmt="csv")),
    # A coordinator opens the figures of the own networks; those of the whole programme are for who follows it all.
    Row(
        "reporting:evidence",
        {
            **_programme(EVIDENCE, _figure(ScopeKind.NETWORK, "n1")),
            "whole": On(
                EVIDENCE - COORDINATORS,
                ALL - (EVIDENCE - COORDINATORS),
                target=_slug("a"),
                query=_figure(ScopeKind.PROGRAMME),
            ),
        },
    ),
    Row("reporting:output-report-overview", {"": On(OUTPUTS, SIGNED_IN - OUTPUTS)}),
    Row("reporting:output-report-list", _programme(OUTPUTS)),
    Row("reporting:output-report-request", _programme(PRODUCERS, code=VALIDATED), method="post"),
    Row("reporting:output-report", {"": On(OUTPUTS, target=OUTPUT)}),
    Row(
        "reporting:output-report-trend",
        {"": On(OUTPUTS, target=lambda world, role: {**OUTPUT(world, role), "code": INDICATOR})},
    ),
    *_both("reporting:output-report-transmit", {"": On(SENDERS, OUTPUTS - SENDERS, target=OUTPUT)}, with_gaps="on"),
]
