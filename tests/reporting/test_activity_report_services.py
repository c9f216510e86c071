# SPDX-License-Identifier: EUPL-1.2
"""The acts on activity reports, and everything they refuse."""

from datetime import date

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from actions.enums import MeetingState
from actions.models import ClosedPeriod
from beneficiaries.enums import Eligibility
from fami_portal.core.errors import NotPermitted, StaleError, TransitionNotAllowed
from fami_portal.core.models import AuditEvent, Message, TransitionLog
from fami_portal.core.services import acting
from reporting.enums import ActivityReportState
from reporting.ledger import postings
from reporting.models import ActivityReport, DraftFact, Posting, ProvisionalTotal, ReportVersion, ValidatedFact
from reporting.selectors.activity_reports import compare_with_previous, figure_lines, figures
from reporting.selectors.report_checks import problems
from reporting.services import activity_reports as services
from tests.factories.actions import CampaignFactory, DeliverableFactory
from tests.factories.partners import MembershipFactory, NetworkMemberFactory
from tests.reporting.ledger_world import NOW, World, build

pytestmark = pytest.mark.django_db

FEBRUARY, MARCH = date(2019, 2, 5), date(2019, 3, 5)


def prepare() -> World:
    made = build()
    made.meet(0, FEBRUARY, [made.person(), made.person()])
    return made


@pytest.fixture
def world(fresh: World) -> World:
    return fresh


def test_reports_are_opened_once_for_every_body_of_the_period(world: World) -> None:
    period = world.periods[0]
    NetworkMemberFactory(network=world.networks[0], role="adherent")  # has no activity of its own
    NetworkMemberFactory(network=world.networks[0], left_on=date(2018, 12, 31))
    NetworkMemberFactory(network=world.networks[0], entered_on=date(2019, 4, 1))
    came = NetworkMemberFactory(network=world.networks[0], entered_on=date(2019, 3, 31))
    assert services.open_activity_reports(period=period, by=None, at=NOW) == 3
    assert services.open_activity_reports(period=period, by=None, at=NOW) == 0
    call_command("open_reports", world.programme.slug, period.code)
    rows = ActivityReport.objects.filter(period=period)
    assert {(row.network_id, row.organisation_id) for row in rows} == {
        (world.networks[0].pk, world.bodies[0].pk),
        (world.networks[1].pk, world.bodies[1].pk),
        (came.network_id, came.organisation_id),
    }
    assert {(row.state, row.due_on) for row in rows} == {("open", period.due_on)}
    assert AuditEvent.objects.get(verb="reports opened").data == {"reports": 3}
    assert Message.objects.filter(kind="activity_report_opened").count() == 2  # the third body has nobody yet


def test_the_narrative_is_saved_by_version(world: World) -> None:
    report = world.report(0, 0)
    services.save_narrative(report=report, values={"done": "Fatto", "problems": ""}, version=1, by=world.operators[0])
    assert (report.done, report.version) == ("Fatto", 2)
    with pytest.raises(StaleError):
        services.save_narrative(report=report, values={"done": "Altro"}, version=1, by=world.operators[0])
    with pytest.raises(NotPermitted):
        services.save_narrative(report=report, values={"done": "Altro"}, version=2, by=world.operators[1])
    with pytest.raises(ValueError, match="state"):
        services.save_narrative(report=report, values={"state": "validated"}, version=2, by=world.operators[0])
    world.submit(0, 0)
    with pytest.raises(TransitionNotAllowed):
        services.save_narrative(report=report, values={"done": "Altro"}, version=2, by=world.operators[0])


def test_a_report_lists_everything_that_it_lacks_at_once(world: World) -> None:
    report = world.report(0, 0)
    with acting(None):
        ActivityReport.objects.filter(pk=report.pk).update(done=" ", problems="Aule chiuse")
    DeliverableFactory(activity=world.activity(0, "products"), delivered_on=MARCH, url="")
    scheduled = world.meet(0, MARCH, hour=9)
    with acting(None):
        type(scheduled).objects.filter(pk=scheduled.pk).update(state=MeetingState.SCHEDULED)
    world.meet(0, MARCH)  # held, register empty
    world.meet(0, MARCH, kind="info")
    world.meet(0, MARCH, [world.person(eligibility=Eligibility.UNVERIFIED)], hour=18)
    CampaignFactory(activity=world.activity(0, "news"), channel=world.channels["social"])
    with acting(None):
        activity = world.activity(0, "table")
        type(activity).objects.filter(pk=activity.pk).update(starts_on=date(2019, 3, 10))
    world.meet(0, MARCH, kind="table")
    found = problems(world.report(0, 0))
    assert [problem.code for problem in found] == [
        "narrative_missing",
        "origin_missing",
        "meeting_scheduled",
        "attendance_missing",
        "meeting_outside_activity",
        "box_empty",
        "attendance_partial",  # those of February are enrolled and have no cell in March
        "bodies_missing",
        "nobody_present",  # at the table, where neither bodies nor people were counted
        "recipient_not_verified",
        "measure_missing",
        "evidence_missing",
    ]
    assert [problem.blocking for problem in found] == [True] * 5 + [False] * 7
    assert all(problem.url.startswith("/") and problem.who for problem in found)
    with pytest.raises(services.ReportHasProblemsError) as refused:
        world.submit(0, 0)
    assert [problem.code for problem in refused.value.problems] == [problem.code for problem in found[:5]]
    assert world.report(0, 0).state == ActivityReportState.OPEN
    assert not DraftFact.objects.exists()


def test_problems_cost_the_same_for_one_and_for_many(world: World) -> None:
    report = world.report(0, 0)
    with CaptureQueriesContext(connection) as few:
        problems(report)
    for hour in (9, 11, 16, 18):
        world.meet(0, MARCH, hour=hour)
    with CaptureQueriesContext(connection) as many:
        assert problems(report)
    assert len(many) == len(few)


def test_a_period_that_runs_cannot_be_submitted(world: World) -> None:
    assert [row.code for row in problems(world.report(0, 0), today=date(2019, 3, 31))] == [
        "period_not_over",
        "box_empty",
    ]
    assert [row.code for row in problems(world.report(0, 0), today=date(2019, 4, 1))] == ["box_empty"]


def test_submission_keeps_the_figures_and_tells_the_coordinator(world: World) -> None:
    report = world.submit(0, 0)
    assert report.state == ActivityReportState.SUBMITTED
    assert report.figures["indicators"]["pupils"] == 2
    assert report.figures["counts"] == {
        "persons": 2, "attendances": 2, "meetings": 1, "minutes": 90, "bodies": 0, "products": 0, "contents": 0,
    }  # fmt: skip
    assert report.figures == figures(report)
    assert len(report.figures_sha256) == 64
    assert DraftFact.objects.filter(report=report).count() == 3
    assert not ValidatedFact.objects.exists()
    assert ProvisionalTotal.objects.get(scope__kind="programme", indicator=world.indicators["pupils"]).quantity == 2
    assert Message.objects.get(kind="activity_report_submitted").recipient == world.region


def test_the_network_coordinator_hears_before_the_region(world: World) -> None:
    near = MembershipFactory(
        organisation=world.bodies[0], role="network_coordinator", networks=[world.networks[0]]
    ).user
    world.submit(0, 0)
    assert Message.objects.get(kind="activity_report_submitted").recipient == near


def test_a_double_submission_is_refused_by_the_state(world: World) -> None:
    report = world.report(0, 0)
    stale = world.report(0, 0)
    services.submit(report=report, by=world.operators[0], at=NOW)
    with pytest.raises(TransitionNotAllowed):
        services.submit(report=stale, by=world.operators[0], at=NOW)
    assert DraftFact.objects.filter(report=report).count() == 3
    assert TransitionLog.objects.filter(entity="reporting.activityreport").count() == 1


def test_a_return_needs_a_comment_and_takes_the_provisional_away(world: World) -> None:
    report = world.submit(0, 0)
    with pytest.raises(TransitionNotAllowed):
        services.return_for_changes(report=report, comment="  ", by=world.region, at=NOW)
    services.return_for_changes(report=report, comment="Mancano le presenze", by=world.region, at=NOW)
    assert report.state == ActivityReportState.RETURNED
    assert not DraftFact.objects.exists()
    assert not ProvisionalTotal.objects.exclude(quantity=0).exists()
    assert Message.objects.get(kind="activity_report_returned").recipient == world.operators[0]
    world.validate(0, 0)
    assert world.total("pupils") == 2


def test_validation_closes_the_period_and_posts(world: World) -> None:
    posting = world.validate(0, 0)
    report = world.report(0, 0)
    assert (report.state, report.validated_by) == (ActivityReportState.VALIDATED, world.region)
    assert ClosedPeriod.objects.filter(network=report.network, organisation=report.organisation).count() == 1
    assert posting.reason == "validation"
    assert world.total("pupils") == 2
    assert not DraftFact.objects.exists()
    assert not ProvisionalTotal.objects.exclude(quantity=0).exists()
    kept = ReportVersion.objects.get(report=report)
    assert AuditEvent.objects.get(verb="validate").data == {"posting": 1, "sha256": kept.frozen_sha256}
    with pytest.raises(TransitionNotAllowed):
        services.validate(report=report, by=world.region, at=NOW)
    assert Posting.objects.count() == 1


def test_registers_that_changed_since_the_submission_are_refused(world: World) -> None:
    report = world.submit(0, 0)
    world.meet(0, MARCH, [world.person()])
    with pytest.raises(services.RegistersChangedError):
        services.validate(report=report, by=world.region, at=NOW)
    assert report.state == ActivityReportState.SUBMITTED
    assert not Posting.objects.exists()
    assert not ClosedPeriod.objects.exists()


def test_who_submitted_does_not_validate(world: World) -> None:
    MembershipFactory(user=world.operators[0], organisation=world.programme.lead, role="regional_coordinator")
    report = world.submit(0, 0)
    with pytest.raises(NotPermitted):
        services.validate(report=report, by=world.operators[0], at=NOW)


def test_strangers_and_neighbours_are_refused(world: World) -> None:
    report = world.report(0, 0)
    with pytest.raises(NotPermitted):
        services.submit(report=report, by=world.operators[1], at=NOW)
    world.submit(0, 0)
    other = MembershipFactory(
        organisation=world.bodies[1], role="network_coordinator", networks=[world.networks[1]]
    ).user
    for act in (
        lambda: services.validate(report=report, by=other, at=NOW),
        lambda: services.return_for_changes(report=report, comment="No", by=other, at=NOW),
    ):
        with pytest.raises(NotPermitted):
            act()


def test_reopening_lifts_the_lock_and_leaves_the_entries(world: World) -> None:
    world.validate(0, 0)
    world.reopen(0, 0)
    report = world.report(0, 0)
    assert (report.state, report.validated_at) == (ActivityReportState.REOPENED, None)
    assert not ClosedPeriod.objects.exists()
    assert world.total("pupils") == 2
    world.meet(0, MARCH, [world.person()])
    world.validate(0, 0)
    assert world.total("pupils") == 3


def test_after_transmission_only_the_region_reopens(world: World) -> None:
    near = MembershipFactory(
        organisation=world.bodies[0], role="network_coordinator", networks=[world.networks[0]]
    ).user
    world.validate(0, 0)
    with acting(None):
        postings.mark_transmitted(programme=world.programme, until=date(2019, 3, 31))
    with pytest.raises(NotPermitted):
        services.reopen(report=world.report(0, 0), reason="Errore", by=near, at=NOW)
    with pytest.raises(TransitionNotAllowed):
        services.reopen(report=world.report(0, 0), reason=" ", by=world.region, at=NOW)
    world.reopen(0, 0)


def test_a_page_shows_hours_and_the_period_before(world: World) -> None:
    DeliverableFactory(activity=world.activity(0, "products"))
    world.validate(0, 0)
    world.meet(0, date(2019, 5, 7), [world.person()], minutes=120)
    lines = {line.code: line for line in figure_lines(world.report(0, 1))}
    assert (str(lines["hours"].value), lines["pupils"].value) == ("2", 1)
    compared = {line.code: (line.value, line.previous) for line in compare_with_previous(world.report(0, 1))}
    assert compared["pupils"] == (1, 2)
    assert str(compared["hours"][1]) == "1.5"
    assert compared["products"] == (0, 1)
    assert {line.previous for line in compare_with_previous(world.report(0, 0))} == {None}


def test_validation_of_a_large_report_keeps_to_its_queries(world: World) -> None:
    """The number does not depend on the size: 25 with the rights of the coordinator read afresh."""
    world.submit(0, 0)
    report = world.report(0, 0)
    coordinator = type(world.region).objects.get(pk=world.region.pk)
    with CaptureQueriesContext(connection) as queries:
        services.validate(report=report, by=coordinator, at=NOW)
    assert len(queries) <= 27  # with the programme's very first posting, which makes the head: two more
