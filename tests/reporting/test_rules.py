# SPDX-License-Identifier: EUPL-1.2
"""One measure at a time: who counts, where, since when, for how much."""

from datetime import date

import pytest

from beneficiaries.enums import AttendanceState, Eligibility, Sex
from fami_portal.core.services import acting
from partners.enums import OrganisationKind
from reporting.ledger.definitions import UnknownCodeError, load_rules
from reporting.ledger.reconcile import check
from reporting.ledger.rules import MEASURES
from reporting.models import ResultEntry
from tests.factories.actions import (
    CampaignFactory,
    CampaignMeasureFactory,
    DeliverableFactory,
    IndicatorFactory,
    MeetingBodyFactory,
    PlanFactory,
)
from tests.factories.partners import CountryFactory, OrganisationFactory
from tests.reporting.ledger_world import World, build

pytestmark = pytest.mark.django_db

FEBRUARY, MARCH, APRIL = date(2019, 2, 5), date(2019, 3, 5), date(2019, 4, 9)


def prepare() -> World:
    return build()


@pytest.fixture
def world(fresh: World) -> World:
    return fresh


def _entry(world: World, indicator: str, scope: str = "programme") -> ResultEntry:
    return ResultEntry.objects.get(indicator=world.indicators[indicator], scope__kind=scope, reversed_in=None)


def test_every_measure_has_its_function() -> None:
    from actions.enums import Measure

    assert set(MEASURES) == set(Measure)


def test_a_person_counts_once_in_each_scope(world: World) -> None:
    pupil = world.person()
    world.meet(0, FEBRUARY, [pupil])
    world.meet(0, MARCH, [pupil])
    world.meet(1, MARCH, [pupil])
    world.validate(0, 0)
    world.validate(1, 0)
    assert world.total("pupils") == 1
    assert world.total("pupils", "network") == 2  # gross: the sum over sibling scopes
    assert world.total("pupils", "network", network=world.networks[1]) == 1
    assert world.total("pupils", "body") == 2
    assert world.total("pupils", "action", action=world.actions["01"]) == 1
    assert world.total("pupils", "action", action=world.actions["02"]) == 0
    assert _entry(world, "pupils").achieved_on == FEBRUARY
    assert not check(world.programme.pk)


def test_a_plan_is_a_scope_of_its_activities(world: World) -> None:
    plan = PlanFactory(programme=world.programme)
    activity = world.activity(0)
    with acting(None):
        type(activity).objects.filter(pk=activity.pk).update(plan=plan)
    world.meet(0, FEBRUARY, [world.person()])
    world.meet(1, FEBRUARY, [world.person()])
    world.validate(0, 0)
    world.validate(1, 0)
    assert world.total("pupils", "plan") == 1
    assert world.total("pupils") == 2


def test_an_earlier_presence_in_a_later_report_takes_the_entry_over(world: World) -> None:
    pupil = world.person()
    world.meet(0, MARCH, [pupil])
    world.meet(1, FEBRUARY, [pupil])
    world.validate(0, 0)
    assert _entry(world, "pupils").achieved_on == MARCH
    world.validate(1, 0)
    assert _entry(world, "pupils").achieved_on == FEBRUARY
    assert world.total("pupils") == 1
    assert ResultEntry.objects.filter(indicator=world.indicators["pupils"], scope__kind="programme").count() == 2


@pytest.mark.parametrize(
    ("fields", "pupils", "people"),
    [
        ({}, 1, 1),
        ({"eligibility": Eligibility.VERIFIED}, 1, 1),
        ({"eligibility": Eligibility.UNVERIFIED}, 0, 0),
        ({"eligibility": Eligibility.NOT_ELIGIBLE}, 0, 0),
        # Enrolled on 10 January 2019: three years that day, and the last day of being sixteen.
        ({"birth_date": date(2016, 1, 10)}, 1, 1),
        ({"birth_date": date(2016, 1, 11)}, 0, 0),
        ({"birth_date": date(2002, 1, 11)}, 1, 1),
        ({"birth_date": date(2002, 1, 10)}, 0, 0),
    ],
)
def test_only_eligible_people_count(world: World, fields: dict, pupils: int, people: int) -> None:
    world.meet(0, FEBRUARY, [world.person(**fields)])
    world.validate(0, 0)
    assert (world.total("pupils"), world.total("people")) == (pupils, people)


def test_citizenship_rule_of_the_group(world: World) -> None:
    italy = CountryFactory(code="IT", name="Italia", official_label="Italia", is_third_country=False)
    world.meet(0, FEBRUARY, [world.person(citizenship=italy)])
    world.meet(
        0, MARCH, [world.person(target_group=world.groups["adults"], birth_date=date(1990, 1, 1), citizenship=italy)]
    )
    world.validate(0, 0)
    assert world.total("pupils") == 0
    assert world.total("people") == 1  # the adults may have any citizenship


def test_a_group_is_earned_only_by_its_activity_types(world: World) -> None:
    IndicatorFactory(programme=world.programme, code="adults", rule={"target_groups": ["adults"]})
    world.indicators["adults"] = world.programme.indicators.get(code="adults")
    grown = {"target_group": world.groups["adults"], "birth_date": date(1990, 1, 1)}
    in_lab, in_course = world.person(**grown), world.person(**grown)
    world.meet(0, FEBRUARY, [in_lab])
    world.meet(0, FEBRUARY, [in_course], kind="course")
    world.validate(0, 0)
    assert world.total("adults") == 1
    assert _entry(world, "adults").unit_id == in_course.pk


def test_absence_proves_nothing(world: World) -> None:
    meeting = world.meet(0, FEBRUARY, [world.person()])
    absent = world.attend(meeting, world.person())
    with acting(None):
        type(absent).objects.filter(pk=absent.pk).update(state=AttendanceState.ABSENT, minutes=0)
    world.validate(0, 0)
    assert world.total("people") == 1


def test_thresholds_sum_over_months_and_networks(world: World) -> None:
    """Two meetings and 150 minutes: reached in the programme before it is in any network."""
    pupil = world.person()
    world.meet(0, FEBRUARY, [pupil], minutes=90)
    world.meet(1, APRIL, [pupil], minutes=60)
    world.validate(0, 0)
    assert world.total("steady") == 0
    world.validate(1, 1)
    assert world.total("steady") == 1
    assert world.total("steady", "network") == 0
    assert _entry(world, "steady").achieved_on == APRIL
    assert not check(world.programme.pk)


def test_both_thresholds_must_be_passed(world: World) -> None:
    long_once, short_twice = world.person(), world.person()
    world.meet(0, FEBRUARY, [long_once], minutes=180)
    world.meet(0, MARCH, [short_twice], minutes=30)
    world.meet(0, MARCH, [short_twice], hour=17, minutes=30)
    world.validate(0, 0)
    assert world.total("steady") == 0


def test_sex_and_age_band_are_those_of_the_start(world: World) -> None:
    grown = {"target_group": world.groups["adults"]}
    people = {
        "under_18": world.person(**grown, birth_date=date(2001, 1, 11)),
        "from_18_to_60": world.person(**grown, birth_date=date(1958, 1, 11), sex=Sex.MALE),
        "over_60": world.person(**grown, birth_date=date(1958, 1, 10), sex=Sex.NON_BINARY),
    }
    IndicatorFactory(programme=world.programme, code="bands", rule={"activity_types": ["course"]})
    world.meet(0, FEBRUARY, people.values(), kind="course")
    world.validate(0, 0)
    bands = {
        row.unit_id: (row.sex, row.age_band)
        for row in ResultEntry.objects.filter(indicator__code="bands", scope__kind="programme").order_by("pk")
    }
    # The one under eighteen is not in the ages of the group: a fact, but no figure.
    assert bands == {
        people["from_18_to_60"].pk: ("male", "from_18_to_60"),
        people["over_60"].pk: ("non_binary", "over_60"),
    }


def test_bodies_count_once_and_associations_by_their_kind(world: World) -> None:
    association = OrganisationFactory(kind=OrganisationKind.MIGRANT_ASSOCIATION)
    cooperative = OrganisationFactory()
    for place, day in ((0, FEBRUARY), (0, MARCH), (1, MARCH)):
        meeting = world.meet(place, day, kind="info")
        MeetingBodyFactory(meeting=meeting, organisation=association, people=3)
        MeetingBodyFactory(meeting=meeting, organisation=cooperative)
    table = world.meet(0, MARCH, kind="table")
    MeetingBodyFactory(meeting=table, organisation=OrganisationFactory(kind=OrganisationKind.MIGRANT_ASSOCIATION))
    world.validate(0, 0)
    world.validate(1, 0)
    assert world.total("associations") == 1  # the one at the table did not earn it
    assert world.total("bodies") == 3
    assert world.total("associations", "network") == 2


def test_meetings_hours_activities_and_networks(world: World) -> None:
    world.meet(0, FEBRUARY, [world.person()], minutes=90)
    world.meet(0, MARCH, [world.person()], minutes=120)
    world.meet(0, MARCH, kind="table", minutes=60)
    world.meet(0, MARCH, kind="info", minutes=60)
    world.validate(0, 0)
    assert world.total("meetings") == 3  # the information meeting is of action 4
    assert world.total("hours") == 210
    assert world.total("labs") == 1
    assert world.total("long_labs") == 1
    assert world.total("networks") == 1
    assert world.total("networks", "body") == 1


def test_an_activity_earns_its_threshold_with_its_second_meeting(world: World) -> None:
    world.meet(0, FEBRUARY, [world.person()])
    world.validate(0, 0)
    assert world.total("long_labs") == 0
    world.meet(0, APRIL, [world.person()])
    world.validate(0, 1)
    assert _entry(world, "long_labs").achieved_on == APRIL


def test_products_count_by_quantity_and_contents_one_by_one(world: World) -> None:
    DeliverableFactory(activity=world.activity(0, "products"), quantity=4)
    DeliverableFactory(activity=world.activity(0, "products"), quantity=1, delivered_on=APRIL)
    CampaignFactory(activity=world.activity(0, "news"), channel=world.channels["newsletter"])
    world.validate(0, 0)
    assert world.total("products") == 4
    assert world.total("contents") == 1


def test_a_stock_counts_the_rise_over_the_highest_so_far(world: World) -> None:
    issue = CampaignFactory(activity=world.activity(0, "news"), channel=world.channels["newsletter"])
    for day, value in ((FEBRUARY, 2000), (MARCH, 1900), (APRIL, 2300)):
        CampaignMeasureFactory(campaign=issue, measured_on=day, value=value)
    other = CampaignFactory(activity=world.activity(0, "news"), channel=world.channels["newsletter"], audience="scuole")
    CampaignMeasureFactory(campaign=other, measured_on=FEBRUARY, value=50)
    world.validate(0, 0)
    assert world.total("contacts") == 2050
    world.validate(0, 1)
    assert world.total("contacts") == 2350
    assert not check(world.programme.pk)


def test_a_late_measure_changes_the_rises_after_it(world: World) -> None:
    news = {
        place: CampaignFactory(activity=world.activity(place, "news"), channel=world.channels["newsletter"])
        for place in (0, 1)
    }
    CampaignMeasureFactory(campaign=news[0], measured_on=MARCH, value=1000)
    CampaignMeasureFactory(campaign=news[1], measured_on=FEBRUARY, value=700)
    world.validate(0, 0)
    assert world.total("contacts") == 1000
    world.validate(1, 0)
    assert world.total("contacts") == 1000
    assert sorted(
        ResultEntry.objects.filter(
            indicator=world.indicators["contacts"], scope__kind="programme", reversed_in=None
        ).values_list("quantity", flat=True)
    ) == [300, 700]
    assert world.total("contacts", "network") == 1700
    assert not check(world.programme.pk)


def test_a_flow_is_summed(world: World) -> None:
    post = CampaignFactory(activity=world.activity(0, "news"), channel=world.channels["social"])
    CampaignMeasureFactory(campaign=post, measured_on=FEBRUARY, value=120)
    CampaignMeasureFactory(campaign=post, measured_on=MARCH, value=80)
    CampaignMeasureFactory(campaign=post, measured_on=date(2019, 3, 6), value=0)
    world.validate(0, 0)
    assert (world.total("contacts"), world.total("social")) == (200, 200)


def test_an_unknown_code_is_refused(world: World) -> None:
    IndicatorFactory(programme=world.programme, code="wrong", rule={"activity_types": ["nothing"]})
    with pytest.raises(UnknownCodeError, match="wrong names unknown codes: nothing"):
        load_rules(world.programme.pk)


def test_the_action_of_an_indicator_is_its_condition_when_the_rule_has_none(world: World) -> None:
    IndicatorFactory(programme=world.programme, code="own", action=world.actions["02"])
    [rule] = [
        row
        for row in load_rules(world.programme.pk)
        if row.indicator_id == world.programme.indicators.get(code="own").pk
    ]
    assert rule.activity_types == {world.types[code].pk for code in ("course", "table", "products")}
