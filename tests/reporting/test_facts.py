# SPDX-License-Identifier: EUPL-1.2
"""What registers prove, and how it is frozen."""

from datetime import date

import pytest

from actions.enums import MeetingState
from beneficiaries.models import Beneficiary
from fami_portal.core.services import acting
from partners.enums import OrganisationKind
from reporting.ledger import facts
from reporting.ledger.own_figures import figures_of_report, units_of_figure
from reporting.models import DraftFact, ValidatedFact
from tests.factories.actions import (
    CampaignFactory,
    CampaignMeasureFactory,
    DeliverableFactory,
    MeetingBodyFactory,
    TargetGroupFactory,
)
from tests.factories.beneficiaries import AttendanceFactory, EnrolmentFactory
from tests.factories.partners import OrganisationFactory
from tests.reporting.ledger_world import World, build

pytestmark = pytest.mark.django_db

FEBRUARY, MARCH, APRIL = date(2019, 2, 5), date(2019, 3, 5), date(2019, 4, 9)


def prepare() -> World:
    return build()


@pytest.fixture
def world(fresh: World) -> World:
    return fresh


def _drafts(world: World, place: int = 0, quarter: int = 0) -> list[DraftFact]:
    report = world.report(place, quarter)
    facts.draft(report.pk)
    return list(DraftFact.objects.filter(report=report).order_by("kind", "first_on", "unit_id"))


def test_attendance_is_one_fact_for_each_person_activity_and_month(world: World) -> None:
    pupil = world.person()
    world.meet(0, FEBRUARY, [pupil], minutes=90)
    world.meet(0, date(2019, 2, 12), [pupil], minutes=60)
    world.meet(0, MARCH, [pupil], minutes=30)
    world.meet(0, APRIL, [pupil])
    rows = [row for row in _drafts(world) if row.kind == "attendance"]
    assert [(row.month, row.first_on, row.last_on, row.meetings, row.minutes) for row in rows] == [
        (date(2019, 2, 1), FEBRUARY, date(2019, 2, 12), 2, 150),
        (date(2019, 3, 1), MARCH, MARCH, 1, 30),
    ]
    assert {(row.sex, row.age_band, row.eligible, row.target_group.code) for row in rows} == {
        ("female", "under_18", True, "pupils")
    }


def test_meetings_not_held_and_other_bodies_are_not_in_it(world: World) -> None:
    meeting = world.meet(0, FEBRUARY, [world.person()])
    world.meet(1, FEBRUARY, [world.person()])
    with acting(None):
        type(meeting).objects.filter(pk=meeting.pk).update(state=MeetingState.CANCELLED)
    assert _drafts(world) == []


def test_merged_records_are_the_person_that_remains(world: World) -> None:
    """Merged twice over, present twice at one meeting: one person, once."""
    first, second, third = world.person(), world.person(), world.person()
    meeting = world.meet(0, FEBRUARY, [first, second, third], minutes=60)
    EnrolmentFactory(activity=world.activity(0), beneficiary=world.person(), enrolled_on=date(2019, 1, 2))
    with acting(None):
        Beneficiary.objects.filter(pk=first.pk).update(merged_into=second)
        Beneficiary.objects.filter(pk=second.pk).update(merged_into=third)
    [row] = [row for row in _drafts(world) if row.kind == "attendance"]
    assert (row.unit_id, row.meetings, row.minutes, row.first_on) == (third.pk, 1, 60, meeting.held_on)


def test_a_role_is_a_fact_of_its_own_group(world: World) -> None:
    """Two records, one person: as a recipient in the lab, as an operator in the training, where it may be both."""
    recipients, operators = (
        TargetGroupFactory(programme=world.programme, code=code, kind=kind, may_overlap=[other])
        for code, kind, other in (("RECIPIENTS", "persons", "OPERATORS"), ("OPERATORS", "operators", "RECIPIENTS"))
    )
    survivor = world.person(target_group=recipients, birth_date=date(1960, 1, 1))
    twin = world.person(target_group=operators, birth_date=date(1960, 1, 1))
    other_pupil = world.person(target_group=world.groups["adults"], birth_date=date(1980, 1, 1))
    pupil = world.person()
    with acting(None):
        Beneficiary.objects.filter(pk=twin.pk).update(merged_into=survivor)
        # These two groups exclude one another: the record that remains says which it is.
        Beneficiary.objects.filter(pk=other_pupil.pk).update(merged_into=pupil)
    world.meet(0, FEBRUARY, [twin, other_pupil])
    role = EnrolmentFactory(activity=world.activity(1), beneficiary=survivor, target_group=operators)
    AttendanceFactory(meeting=world.meet(1, FEBRUARY, [world.person()]), enrolment=role)
    world.meet(0, MARCH, [survivor])

    def groups(place: int) -> set[tuple[int, str, str]]:
        return {(row.unit_id, row.first_on.isoformat(), row.target_group.code) for row in _drafts(world, place)
                if row.kind == "attendance" and row.unit_id in (survivor.pk, pupil.pk)}  # fmt: skip

    assert groups(0) == {
        (survivor.pk, "2019-02-05", "OPERATORS"), (survivor.pk, "2019-03-05", "RECIPIENTS"),
        (pupil.pk, "2019-02-05", "pupils"),
    }  # fmt: skip
    assert groups(1) == {(survivor.pk, "2019-02-05", "OPERATORS")}


def test_the_support_begins_with_the_first_enrolment_of_either_record(world: World) -> None:
    old = world.person(birth_date=date(2002, 1, 8))
    new = world.person(birth_date=date(2002, 1, 8))
    EnrolmentFactory(activity=world.activity(0), beneficiary=old, enrolled_on=date(2019, 1, 7))
    world.meet(0, FEBRUARY, [new])
    with acting(None):
        Beneficiary.objects.filter(pk=old.pk).update(merged_into=new)
    [row] = [row for row in _drafts(world) if row.kind == "attendance"]
    assert row.eligible  # sixteen on 7 January, seventeen at the second enrolment


def test_bodies_products_contents_and_measures(world: World) -> None:
    association = OrganisationFactory(kind=OrganisationKind.MIGRANT_ASSOCIATION)
    MeetingBodyFactory(meeting=world.meet(0, FEBRUARY, kind="info"), organisation=association, people=7)
    DeliverableFactory(activity=world.activity(0, "products"), quantity=3)
    issue = CampaignFactory(
        activity=world.activity(0, "news"), channel=world.channels["newsletter"], published_on=date(2018, 12, 20)
    )
    CampaignMeasureFactory(campaign=issue, measured_on=MARCH, value=2000)
    CampaignMeasureFactory(campaign=issue, measured_on=APRIL, value=2100)
    rows = {row.kind: row for row in _drafts(world)}
    assert set(rows) == {"meeting", "body_presence", "deliverable", "reach"}  # published before the period
    assert (rows["body_presence"].quantity, rows["body_presence"].organisation_kind) == (7, "migrant_association")
    assert rows["deliverable"].quantity == 3
    assert (rows["reach"].quantity, rows["reach"].first_on, rows["reach"].audience) == (2000, MARCH, "iscritti")


def test_a_new_validation_touches_only_what_changed(world: World) -> None:
    stays, leaves, comes = world.person(), world.person(), world.person()
    meeting = world.meet(0, FEBRUARY, [stays, leaves])
    world.validate(0, 0)
    before = set(ValidatedFact.objects.values_list("pk", flat=True))
    world.reopen(0, 0)
    with acting(None):
        meeting.attendances.filter(enrolment__beneficiary=leaves).delete()
    world.attend(meeting, comes)
    posting = world.validate(0, 0)
    assert posting.reason == "correction"
    live = ValidatedFact.objects.filter(superseded_in=None, kind="attendance")
    assert {row.unit_id: row.pk in before for row in live} == {stays.pk: True, comes.pk: False}
    assert ValidatedFact.objects.get(superseded_in=posting).unit_id == leaves.pk


def test_the_fingerprint_changes_with_the_registers_alone(world: World) -> None:
    pupil = world.person()
    meeting = world.meet(0, FEBRUARY, [pupil])
    report = world.report(0, 0)
    before = facts.fingerprint(report.pk)
    facts.draft(report.pk)
    assert facts.fingerprint(report.pk, submitted=True) == before
    world.meet(1, FEBRUARY, [pupil])
    assert facts.fingerprint(report.pk) == before
    with acting(None):
        meeting.attendances.update(minutes=45)
    assert facts.fingerprint(report.pk) != before


@pytest.mark.parametrize("submitted", [False, True], ids=["registers", "drafts"])
def test_figures_read_once_are_those_of_each_indicator_by_itself(world: World, submitted: bool) -> None:
    both, one, adult = (
        world.person(),
        world.person(),
        world.person(target_group=world.groups["adults"], birth_date=date(1980, 1, 1)),
    )
    for day in (FEBRUARY, MARCH):
        world.meet(0, day, [both, one])
    world.meet(0, MARCH, [both, adult], kind="course", minutes=45)
    association = OrganisationFactory(kind=OrganisationKind.MIGRANT_ASSOCIATION)
    MeetingBodyFactory(meeting=world.meet(0, MARCH, kind="info"), organisation=association)
    DeliverableFactory(activity=world.activity(0, "products"), delivered_on=MARCH, quantity=3)
    campaign = CampaignFactory(activity=world.activity(0, "news"), channel=world.channels["newsletter"])
    for day, value in ((FEBRUARY, 200), (MARCH, 500)):
        CampaignMeasureFactory(campaign=campaign, measured_on=day, value=value)
    world.meet(0, APRIL, [world.person()])  # of another period
    report = world.report(0, 0)
    if submitted:
        facts.draft(report.pk)
    found = figures_of_report(report.pk, world.programme.pk, submitted=submitted)
    source = "submitted" if submitted else "live"
    alone = {
        row.pk: units_of_figure(report.pk, world.programme.pk, row.pk, source=source).quantity
        for row in world.indicators.values()
    }
    assert found.indicators == {pk: quantity for pk, quantity in alone.items() if quantity}
    assert len(found.indicators) >= 12
    codes = {row.pk: row.code for row in world.indicators.values()}
    assert {codes[pk]: found.indicators[pk] for pk in found.gross} == {"pupils": 2, "people": 3, "steady": 2}
    # Who is in the lab and in the course is in the sum of the activities twice; nothing but persons is summed so.
    assert {codes[pk]: quantity for pk, quantity in found.gross.items()} == {"pupils": 2, "people": 4, "steady": 2}
    counts = found.counts
    assert (counts.persons, counts.attendances, counts.meetings, counts.minutes) == (3, 6, 4, 315)
    assert (counts.bodies, counts.products, counts.contents) == (1, 3, 1)


def test_a_validation_copies_drafts_only_when_they_say_what_the_registers_say(world: World) -> None:
    pupil = world.person()
    world.meet(0, FEBRUARY, [pupil])
    world.submit(0, 0)
    with acting(None):
        DraftFact.objects.filter(kind="attendance").update(minutes=1)  # no act does this
    world.validate(0, 0)
    assert ValidatedFact.objects.get(kind="attendance", superseded_in=None).minutes == 90
