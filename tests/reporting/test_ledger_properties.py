# SPDX-License-Identifier: EUPL-1.2
"""Any sequence of acts and corrections leaves a true ledger.

Hypothesis draws what happens: presences written and taken away, submissions, returns, validations, reopenings, records
joined, quarters transmitted, in two networks and three quarters. After every sequence:

* the totals equal the sums of the entries, and the entries equal a count made here in plain Python from the facts;
* nobody is live twice in a scope;
* the months transmitted are as they were when they were transmitted;
* the check finds nothing, and the provisional figures equal those computed from nothing.
"""

import os
from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from actions.enums import Measure
from beneficiaries.models import Attendance, Beneficiary
from fami_portal.core.errors import DomainError
from fami_portal.core.services import acting
from reporting.ledger import postings
from reporting.ledger.definitions import MEDIATION_MEASURES
from reporting.ledger.provisional import refresh_provisional
from reporting.ledger.reconcile import check
from reporting.models import ActivityReport, ActivityScope, ProvisionalTotal, ResultEntry, ResultTotal, ValidatedFact
from reporting.services import activity_reports as services
from reporting.services.ledger import post_merges
from tests.factories.actions import CampaignFactory, CampaignMeasureFactory
from tests.reporting.ledger_world import NOW, QUARTERS, World, build

pytestmark = pytest.mark.django_db

PEOPLE = 4
CLOSED_PERIOD = "FP001"
place, quarter, person = st.integers(0, 1), st.integers(0, 2), st.integers(0, PEOPLE - 1)
ACTS = st.one_of(
    st.tuples(st.just("attend"), place, quarter, person, st.integers(0, 80)),
    st.tuples(st.just("attend"), place, quarter, person, st.integers(0, 80)),
    st.tuples(st.just("absent"), place, quarter, person),
    st.tuples(st.just("measure"), place, quarter, st.integers(0, 80), st.integers(1, 500)),
    st.tuples(st.just("submit"), place, quarter),
    st.tuples(st.just("return"), place, quarter),
    st.tuples(st.just("validate"), place, quarter),
    st.tuples(st.just("validate"), place, quarter),
    st.tuples(st.just("reopen"), place, quarter),
    st.tuples(st.just("merge"), person, person),
    st.tuples(st.just("transmit"), quarter),
)


class Story:
    """Runs acts; one that the portal refuses changes nothing, as on the screen."""

    def __init__(self) -> None:
        self.world: World = build()
        self.people = [self.world.person(sex=sex) for sex in ("female", "male", "female", "male")]
        self.campaigns = {
            n: CampaignFactory(activity=self.world.activity(n, "news"), channel=self.world.channels["newsletter"])
            for n in (0, 1)
        }
        self.frozen: dict[date, set[Any]] = {}
        # Made here, because what a refused act has made goes with it.
        for at in (0, 1):
            self.world.activity(at)
            for quarter_of in range(len(QUARTERS)):
                self.world.report(at, quarter_of)

    def run(self, act: tuple[Any, ...]) -> None:
        name, *arguments = act
        try:
            with transaction.atomic():
                getattr(self, f"_{name}")(*arguments)
        except DomainError:
            pass
        except DatabaseError as error:
            # Only the guard of closed periods may refuse; anything else is a fault of the ledger.
            if getattr(error.__cause__, "pgcode", "") != CLOSED_PERIOD:
                raise

    def _day(self, quarter: int, offset: int) -> date:
        return QUARTERS[quarter][1] + timedelta(days=offset)

    def _attend(self, place: int, quarter: int, person: int, offset: int) -> None:
        day = self._day(quarter, offset)
        activity = self.world.activity(place)
        meeting = activity.meetings.filter(held_on=day).first() or self.world.meet(place, day)
        if not Attendance.objects.filter(meeting=meeting, enrolment__beneficiary=self.people[person]).exists():
            self.world.attend(meeting, self.people[person])

    def _absent(self, place: int, quarter: int, person: int) -> None:
        _code, start, end = QUARTERS[quarter]
        with acting(None):
            Attendance.objects.filter(
                meeting__activity=self.world.activity(place),
                meeting__held_on__range=(start, end),
                enrolment__beneficiary=self.people[person],
            ).delete()

    def _measure(self, place: int, quarter: int, offset: int, value: int) -> None:
        day = self._day(quarter, offset)
        if not self.campaigns[place].measures.filter(measured_on=day).exists():
            CampaignMeasureFactory(campaign=self.campaigns[place], measured_on=day, value=value)

    def _submit(self, place: int, quarter: int) -> None:
        # A meeting that lost all its presences would block the report; that is not what is tested here.
        with acting(None):
            self.world.activity(place).meetings.filter(
                attendances__isnull=True, held_on__range=QUARTERS[quarter][1:]
            ).delete()
        self.world.submit(place, quarter)

    def _return(self, place: int, quarter: int) -> None:
        services.return_for_changes(
            report=self.world.report(place, quarter), comment="Da rivedere", by=self.world.region, at=NOW
        )

    def _validate(self, place: int, quarter: int) -> None:
        if self.world.report(place, quarter).state in ("open", "returned", "reopened"):
            self._submit(place, quarter)
        services.validate(report=self.world.report(place, quarter), by=self.world.region, at=NOW)

    def _reopen(self, place: int, quarter: int) -> None:
        self.world.reopen(place, quarter)

    def _merge(self, person: int, into: int) -> None:
        kept = Beneficiary.objects.get(pk=self.people[into].pk)
        while kept.merged_into:
            kept = kept.merged_into
        with acting(None):
            Beneficiary.objects.filter(pk=self.people[person].pk, merged_into=None).exclude(pk=kept.pk).update(
                merged_into=kept
            )
        post_merges(programme=self.world.programme, by=self.world.region, at=NOW)

    def _transmit(self, quarter: int) -> None:
        until = QUARTERS[quarter][2]
        with acting(None):
            postings.mark_transmitted(programme=self.world.programme, until=until)
        self.frozen.setdefault(until, self._cells(until))

    def _cells(self, until: date) -> set[Any]:
        return set(
            ResultTotal.objects.filter(scope__programme=self.world.programme, month__lte=until)
            .exclude(quantity=0)
            .values_list("scope_id", "indicator_id", "month", "sex", "age_band", "quantity")
        )

    # --- what must be true -----------------------------------------------------------------------------------------

    def prove(self) -> None:
        programme = self.world.programme
        assert check(programme.pk) == []
        entries = list(ResultEntry.objects.filter(scope__programme=programme).order_by("pk"))
        live = [row for row in entries if row.reversed_in_id is None]
        keys = [(row.indicator_id, row.scope_id, row.unit_kind, row.unit_id) for row in live]
        assert len(keys) == len(set(keys)), "a unit counts twice"
        self._totals_equal_movements(entries)
        wanted = _recount(self.world)
        assert {key: (row.achieved_on, row.quantity) for key, row in zip(keys, live, strict=True)} == wanted
        for until, cells in self.frozen.items():
            assert self._cells(until) == cells, "a transmitted month moved"
        stepped = self._provisional()
        refresh_provisional(programme.pk)
        assert stepped == self._provisional()
        self._sources_agree()

    def _totals_equal_movements(self, entries: list[ResultEntry]) -> None:
        sums: dict[Any, int] = defaultdict(int)
        for row in entries:
            cell = (row.scope_id, row.indicator_id)
            sums[(*cell, row.booked_on.replace(day=1), row.sex, row.age_band)] += row.quantity
            if row.reversal_booked_on:
                sums[(*cell, row.reversal_booked_on.replace(day=1), row.sex, row.age_band)] -= row.quantity
        totals = ResultTotal.objects.filter(scope__programme=self.world.programme).values_list(
            "scope_id", "indicator_id", "month", "sex", "age_band", "quantity"
        )
        assert {tuple(row[:5]): row[5] for row in totals if row[5]} == {
            key: value for key, value in sums.items() if value
        }

    def _provisional(self) -> dict[tuple[int, int], int]:
        rows = ProvisionalTotal.objects.filter(scope__programme=self.world.programme)
        return {(row.scope_id, row.indicator_id): row.quantity for row in rows if row.quantity}

    def _sources_agree(self) -> None:
        """Where no report is being corrected, plain SQL over the registers gives the same number of pupils."""
        states = set(ActivityReport.objects.filter(programme=self.world.programme).values_list("state", flat=True))
        if states & {"reopened", "returned", "submitted"}:
            return
        with connection.cursor() as cursor:
            cursor.execute(PUPILS_FROM_REGISTERS, {"programme": self.world.programme.pk})
            [counted] = cursor.fetchone()
        assert self.world.total("pupils") == counted


# An independent count: no fact, no entry, no rule of the portal in it.
PUPILS_FROM_REGISTERS = """
WITH RECURSIVE joined AS (
    SELECT id, id AS person_id, merged_into_id FROM beneficiaries_beneficiary WHERE programme_id = %(programme)s
    UNION ALL
    SELECT joined.id, other.id, other.merged_into_id
      FROM joined JOIN beneficiaries_beneficiary AS other ON other.id = joined.merged_into_id
)
SELECT count(DISTINCT joined.person_id)
  FROM beneficiaries_attendance AS attendance
  JOIN actions_meeting AS meeting ON meeting.id = attendance.meeting_id
  JOIN actions_activity AS activity ON activity.id = meeting.activity_id
  JOIN beneficiaries_enrolment AS enrolment ON enrolment.id = attendance.enrolment_id
  JOIN joined ON joined.id = enrolment.beneficiary_id AND joined.merged_into_id IS NULL
  JOIN actions_closedperiod AS closure
    ON closure.network_id = activity.network_id AND closure.organisation_id = activity.organisation_id
  JOIN actions_period AS period ON period.id = closure.period_id AND meeting.held_on BETWEEN period.starts_on AND period.ends_on
 WHERE activity.programme_id = %(programme)s AND meeting.state = 'held' AND attendance.state = 'present'
"""


def _recount(world: World) -> dict[Any, tuple[date, int]]:
    """Count the live facts one by one, the slow and obvious way."""
    scopes: dict[int, list[int]] = defaultdict(list)
    for row in ActivityScope.objects.filter(activity__programme=world.programme).order_by("pk"):
        scopes[row.activity_id].append(row.scope_id)
    facts = list(ValidatedFact.objects.filter(programme=world.programme, superseded_in=None).order_by("first_on", "pk"))
    found: dict[Any, tuple[date, int]] = {}
    highest: dict[Any, int] = defaultdict(int)
    for code in ("pupils", "people"):
        for fact in (row for row in facts if row.kind == "attendance" and row.eligible):
            for scope in scopes[fact.activity_id]:
                found.setdefault((world.indicators[code].pk, scope, "person", fact.unit_id), (fact.first_on, 1))
    for code, quantity in (("meetings", lambda fact: 1), ("hours", lambda fact: fact.minutes)):
        for fact in (row for row in facts if row.kind == "meeting"):
            for scope in scopes[fact.activity_id]:
                key = (world.indicators[code].pk, scope, "meeting", fact.unit_id)
                found.setdefault(key, (fact.first_on, quantity(fact)))
    for fact in (row for row in facts if row.kind == "reach"):
        for scope in scopes[fact.activity_id]:
            cell = (scope, fact.channel_id, fact.audience)
            rise = fact.quantity - highest[cell]
            if rise > 0:
                highest[cell] = fact.quantity
                found[world.indicators["contacts"].pk, scope, "measure", fact.unit_id] = (fact.first_on, rise)
    for kind, code, unit in (("activity", "labs", "activity_id"), ("network", "networks", "network_id")):
        for fact in (row for row in facts if row.kind != "attendance"):
            if code == "labs" and fact.activity_type_id != world.types["lab"].pk:
                continue
            for scope in scopes[fact.activity_id]:
                found.setdefault((world.indicators[code].pk, scope, kind, getattr(fact, unit)), (fact.first_on, 1))
    found.update(_thresholds(world, facts, scopes))
    for fact in (row for row in facts if row.kind == "campaign"):
        for scope in scopes[fact.activity_id]:
            found[world.indicators["contents"].pk, scope, "campaign", fact.unit_id] = (fact.first_on, 1)
    return found


def _thresholds(world: World, facts: list[ValidatedFact], scopes: dict[int, list[int]]) -> dict[Any, tuple[date, int]]:
    found: dict[Any, tuple[date, int]] = {}
    sums: dict[Any, list[int]] = defaultdict(lambda: [0, 0])
    for fact in sorted(facts, key=lambda row: (row.last_on, row.pk)):
        for kind, code, unit, meetings, minutes in (
            ("attendance", "steady", "unit_id", 2, 150),
            ("meeting", "long_labs", "activity_id", 2, 0),
        ):
            if fact.kind != kind or not fact.eligible or fact.activity_type_id != world.types["lab"].pk:
                continue
            for scope in scopes[fact.activity_id]:
                counted = "person" if kind == "attendance" else "activity"
                key = (world.indicators[code].pk, scope, counted, getattr(fact, unit))
                sums[key][0] += fact.meetings
                sums[key][1] += fact.minutes
                if key not in found and sums[key][0] >= meetings and sums[key][1] >= minutes:
                    found[key] = (fact.last_on, 1)
    return found


def test_every_measure_is_recounted() -> None:
    """The recount knows each measure that the acts can move; what others tell has tests of its own.

    Those are products and protocols, bodies, services, outcomes (tests/reporting/test_table_facts.py and its
    neighbours), contacts of desks (test_support_facts.py) and mediation.
    """
    world = build()
    left_out = {Measure.DELIVERABLES, Measure.ORGANISATIONS}
    elsewhere = {Measure.POSITIVE_OUTCOMES, Measure.PROTOCOLS, Measure.SERVICES, Measure.DESK_CONTACTS}
    of_reports = set(Measure) - set(MEDIATION_MEASURES) - elsewhere
    assert {row.measure for row in world.indicators.values()} == of_reports
    assert {row.measure for code, row in world.indicators.items() if code in _RECOUNTED} == of_reports - left_out


_RECOUNTED = (
    "pupils",
    "people",
    "steady",
    "labs",
    "long_labs",
    "meetings",
    "hours",
    "networks",
    "contents",
    "contacts",
)


@settings(
    max_examples=int(os.environ.get("LEDGER_STORIES", "6")),
    deadline=None,
    phases=(Phase.explicit, Phase.generate),  # shrinking a story takes longer than reading it
    derandomize="LEDGER_STORIES" not in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(acts=st.lists(ACTS, min_size=8, max_size=24))
def test_any_story_leaves_a_true_ledger(acts: list[tuple[Any, ...]]) -> None:
    with transaction.atomic():
        story = Story()
        for act in acts:
            story.run(act)
        for at in (0, 1):  # everything filed in the end, so that the registers can be counted beside
            story.run(("validate", at, 0))
        story.prove()
        transaction.set_rollback(True)
