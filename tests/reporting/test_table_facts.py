# SPDX-License-Identifier: EUPL-1.2
"""Tables over several networks, services, protocols and typed metrics in the ledger."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions.enums import BodyAttendance, Measure, ProductKind, ReachMetric, ReachMode, Unit
from actions.models import ActivityNetwork, Service, ServiceChange
from actions.selectors.activities import EVIDENCE
from fami_portal.core.documents import store_document
from fami_portal.core.services import acting
from reporting.ledger.provisional import refresh_provisional
from reporting.ledger.reconcile import check
from reporting.models import ProvisionalTotal
from tests.factories.actions import (
    CampaignFactory,
    CampaignMeasureFactory,
    DeliverableFactory,
    IndicatorFactory,
    MeetingBodyFactory,
    ReachChannelFactory,
)
from tests.factories.partners import OrganisationFactory
from tests.reporting.ledger_world import World, build

pytestmark = pytest.mark.django_db
FEBRUARY, MARCH, MAY = date(2019, 2, 5), date(2019, 3, 5), date(2019, 5, 7)


def prepare() -> World:
    return build()


@pytest.fixture
def world(fresh: World) -> World:
    return fresh


def provisional_is_true(world: World) -> None:
    def figures() -> set[tuple[int, int, int]]:
        rows = ProvisionalTotal.objects.filter(scope__programme=world.programme).exclude(quantity=0)
        return set(rows.order_by("pk").values_list("scope", "indicator", "quantity"))

    before = figures()
    refresh_provisional(world.programme.pk)
    assert figures() == before


def test_a_table_counts_each_of_its_networks_once(world: World) -> None:
    table = world.activity(0, "table")
    with acting(None):
        ActivityNetwork.objects.create(activity=table, network=world.networks[1], since=MARCH)
    meeting = world.meet(0, FEBRUARY, kind="table")
    absent = OrganisationFactory()
    MeetingBodyFactory(meeting=meeting, organisation=OrganisationFactory())
    MeetingBodyFactory(meeting=meeting, organisation=absent, attendance=BodyAttendance.ABSENT, people=0)
    world.submit(0, 0)
    provisional_is_true(world)
    world.validate(0, 0)
    assert world.total("networks") == 1  # the other one takes part since March
    assert world.total("bodies") == 1

    world.reopen(0, 0)
    world.meet(0, MARCH, kind="table")
    world.validate(0, 0)
    assert world.total("networks") == 2
    assert world.total("labs") == 0
    # What it does by itself afterwards makes it no third one; taken away, it still has its own.
    world.meet(1, FEBRUARY, kind="table")
    world.submit(1, 0)
    provisional_is_true(world)
    world.validate(1, 0)
    world.meet(0, MAY, kind="table")
    world.submit(0, 1)
    provisional_is_true(world)
    world.validate(0, 1)
    assert world.total("networks") == 2
    assert not check(world.programme.pk)


def test_a_service_counts_once_and_a_protocol_by_itself(world: World) -> None:
    for code, rule in (("services", {}), ("new", {"service": "new"}), ("stronger", {"service": "strengthened"})):
        world.indicators[code] = IndicatorFactory(
            programme=world.programme, code=code, measure=Measure.SERVICES, unit=Unit.SERVICES, rule=rule
        )
    world.indicators["protocols"] = IndicatorFactory(
        programme=world.programme, code="protocols", measure=Measure.PROTOCOLS, unit=Unit.PRODUCTS
    )
    activity = world.activity(0, "products")
    DeliverableFactory(activity=activity, delivered_on=FEBRUARY, quantity=3)
    DeliverableFactory(activity=activity, delivered_on=FEBRUARY, kind=ProductKind.PROTOCOL)
    with acting(None):
        proof = store_document(kind=EVIDENCE, name="a.pdf", content=b"%PDF-1.7\n%%EOF\n", by=None, subject_id=1)
        desk = Service.objects.create(programme=world.programme, organisation=world.bodies[0], title="Sportello")
        for kind, day in (("new", FEBRUARY), ("strengthened", MARCH), ("strengthened", MAY)):
            ServiceChange.objects.create(
                service=desk, activity=activity, kind=kind, changed_on=day, minutes_after=60, evidence=proof
            )
    world.validate(0, 0)
    world.validate(0, 1)
    figures = {code: world.total(code) for code in ("products", "protocols", "services", "new", "stronger")}
    assert figures == {"products": 3, "protocols": 1, "services": 1, "new": 1, "stronger": 1}
    assert not check(world.programme.pk)


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 28), st.integers(1, 3000)), min_size=1, max_size=12))
def test_reach_is_the_highest_of_each_audience_and_never_views(readings: list[tuple[int, int, int]]) -> None:
    """Of each audience of a stock channel the highest value counts, whatever the order; views count nowhere."""
    world = build()
    views = ReachChannelFactory(programme=world.programme, metric=ReachMetric.VIEWS, mode=ReachMode.FLOW)
    highest: dict[str, int] = {}
    for number, (audience, day, value) in enumerate(readings):
        issue = CampaignFactory(
            activity=world.activity(0, "news"),
            channel=world.channels["newsletter"],
            audience=f"iscritti {audience}",
            published_on=date(2019, 1, 1),
        )
        CampaignMeasureFactory(campaign=issue, measured_on=date(2019, 1 + number % 3, day), value=value)
        CampaignMeasureFactory(campaign=issue, measured_on=FEBRUARY, value=9000, metric=ReachMetric.VIEWS)
        highest[issue.audience] = max(highest.get(issue.audience, 0), value)
    watched = CampaignFactory(activity=world.activity(0, "news"), channel=views, published_on=FEBRUARY)
    CampaignMeasureFactory(campaign=watched, measured_on=FEBRUARY, value=50_000)
    world.validate(0, 0)
    assert world.total("contacts") == sum(highest.values())


def test_a_rule_names_its_metrics(world: World) -> None:
    world.indicators["copies"] = IndicatorFactory(
        programme=world.programme,
        code="copies",
        measure=Measure.REACH,
        unit=Unit.CONTACTS,
        rule={"metrics": [ReachMetric.ATTENDEES]},
    )
    event = ReachChannelFactory(programme=world.programme, metric=ReachMetric.ATTENDEES, mode=ReachMode.FLOW)
    for channel, value in ((event, 80), (world.channels["newsletter"], 500)):
        issue = CampaignFactory(activity=world.activity(0, "news"), channel=channel, published_on=FEBRUARY)
        CampaignMeasureFactory(campaign=issue, measured_on=FEBRUARY, value=value)
    world.validate(0, 0)
    assert (world.total("copies"), world.total("contacts")) == (80, 580)
