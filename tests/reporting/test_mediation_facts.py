# SPDX-License-Identifier: EUPL-1.2
"""Validated mediation enters the ledger by itself: what is posted, corrected, booked late, shown as evidence."""

from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fami_portal.core.services import acting
from mediation.models import MediationSession
from reporting.enums import FactKind, PostingReason, UnitKind
from reporting.ledger import postings
from reporting.ledger.provisional import refresh_provisional
from reporting.ledger.reconcile import check
from reporting.ledger.rules import MEASURES
from reporting.models import Posting, ProvisionalTotal, ResultEntry, ValidatedFact
from reporting.services.ledger import rebuild
from reporting.services.mediation import post_mediation
from tests.reporting.ledger_world import NOW, World
from tests.reporting.mediation_world import (
    a_mediator,
    a_session,
    build_mediation,
    held_request,
    moment,
    reopen,
    tell,
    validate,
)

pytestmark = pytest.mark.django_db

FEBRUARY, MARCH, APRIL = date(2019, 2, 5), date(2019, 3, 5), date(2019, 4, 9)


def prepare() -> World:
    return build_mediation()


@pytest.fixture
def world(fresh: World) -> World:
    return fresh


def live_facts(request: Any) -> list[ValidatedFact]:
    return list(
        ValidatedFact.objects.filter(source_type="request", source_id=request.pk, superseded_in=None).order_by("pk")
    )


def test_a_validated_request_posts_its_sessions_and_its_mediators(world: World) -> None:
    nadia, omar = a_mediator(world), a_mediator(world)
    request = held_request(
        world, 0, [(nadia, moment(FEBRUARY), 90), (nadia, moment(MARCH), 60), (omar, moment(MARCH, 15), 45)]
    )
    validate(request, by=world.region)

    posting = Posting.objects.get(programme=world.programme)
    assert (posting.reason, posting.report_id, posting.by_id) == (PostingReason.MEDIATION, None, world.region.pk)
    assert world.total("mediation_hours") == 195
    assert world.total("mediation_hours", "network", network=world.networks[0]) == 195
    assert world.total("mediation_hours", "body", organisation=world.bodies[0]) == 195
    assert world.total("mediation_hours", "action", action=world.actions["02"]) == 195
    assert world.total("mediation_hours", "network", network=world.networks[1]) == 0
    assert world.total("community_hours") == 0
    assert world.total("sessions") == 3
    assert world.total("mediators") == 2
    facts = live_facts(request)
    assert [fact.kind for fact in facts] == [FactKind.MEDIATION] * 3 + [FactKind.MEDIATOR] * 2
    whole = next(fact for fact in facts if fact.unit_id == nadia.pk and fact.unit_kind == UnitKind.MEDIATOR)
    assert (whole.first_on, whole.last_on, whole.meetings, whole.minutes) == (FEBRUARY, MARCH, 2, 150)
    assert (whole.activity_id, whole.network_id, whole.report_id) == (request.activity_id, request.network_id, None)
    # The activity and the network came to life with it.
    assert world.total("networks") == 1
    assert not check(world.programme.pk)


def test_a_mediator_counts_once_in_each_scope_since_the_first_session(world: World) -> None:
    nadia = a_mediator(world)
    later = held_request(world, 0, [(nadia, moment(MARCH), 60)])
    earlier = held_request(world, 1, [(nadia, moment(FEBRUARY), 60)])
    validate(later)
    validate(earlier)
    assert world.total("mediators") == 1
    assert world.total("mediators", "network") == 2
    entry = ResultEntry.objects.get(indicator=world.indicators["mediators"], scope__kind="programme", reversed_in=None)
    assert entry.achieved_on == FEBRUARY
    assert not check(world.programme.pk)


def test_the_day_is_the_italian_one_across_midnight_and_the_october_hour(world: World) -> None:
    nadia = a_mediator(world)
    # 00:30 of 1 March in Italy is still 28 February in the world's time; the October night has 25 hours.
    request = held_request(
        world, 0, [(nadia, moment(date(2019, 3, 1), 0, 30), 60), (nadia, moment(date(2019, 10, 26), 23, 30), 300)]
    )
    validate(request)
    days = sorted(fact.first_on for fact in live_facts(request) if fact.kind == FactKind.MEDIATION)
    assert days == [date(2019, 3, 1), date(2019, 10, 26)]
    assert world.total("mediation_hours") == 360


def test_only_held_sessions_count(world: World) -> None:
    nadia = a_mediator(world)
    request = held_request(world, 0, [(nadia, moment(FEBRUARY), 60), (nadia, moment(MARCH), 60)])
    with acting(None):
        MediationSession.objects.filter(request=request, position=2).update(
            state="not_held", absent="family", actual_from=None, actual_until=None, minutes=None, outcome=""
        )
    validate(request)
    assert world.total("mediation_hours") == 60
    assert world.total("sessions") == 1


def test_what_is_not_validated_posts_nothing(world: World) -> None:
    request = held_request(world, 0, [(a_mediator(world), moment(FEBRUARY), 60)])
    with acting(None):
        tell(request)
    assert not Posting.objects.filter(programme=world.programme).exists()


def test_a_second_telling_changes_nothing(world: World) -> None:
    request = held_request(world, 0, [(a_mediator(world), moment(FEBRUARY), 60)])
    validate(request)
    before = live_facts(request)
    with acting(None):
        tell(request)
    assert Posting.objects.filter(programme=world.programme).count() == 1
    assert live_facts(request) == before


def test_reopening_leaves_the_figures_until_the_new_validation_corrects_them(world: World) -> None:
    nadia, omar = a_mediator(world), a_mediator(world)
    request = held_request(world, 0, [(nadia, moment(FEBRUARY), 60), (omar, moment(MARCH), 60)])
    validate(request)
    reopen(request)
    assert world.total("mediation_hours") == 120
    with acting(None):
        MediationSession.objects.filter(request=request, position=1).update(minutes=45)
        MediationSession.objects.filter(request=request, position=2).update(
            state="not_held", absent="family", actual_from=None, actual_until=None, minutes=None, outcome=""
        )
    validate(request)
    assert world.total("mediation_hours") == 45
    assert world.total("sessions") == 1
    assert world.total("mediators") == 1
    numbers = [(posting.number, posting.reason) for posting in Posting.objects.order_by("number")]
    assert numbers == [(1, PostingReason.MEDIATION), (2, PostingReason.MEDIATION)]
    assert ValidatedFact.objects.filter(source_id=request.pk, superseded_in__number=2).count() == 4
    assert not check(world.programme.pk)


def test_a_confirmed_session_keeps_its_fact(world: World) -> None:
    """Only what the correction changes is superseded."""
    nadia = a_mediator(world)
    request = held_request(world, 0, [(nadia, moment(FEBRUARY), 60)])
    validate(request)
    kept = next(fact.pk for fact in live_facts(request) if fact.kind == FactKind.MEDIATION)
    reopen(request)
    a_session(request, nadia, moment(MARCH), 30, position=2)
    validate(request)
    assert kept in [fact.pk for fact in live_facts(request)]
    assert world.total("mediation_hours") == 90


def test_whatever_the_order_the_ledger_ends_the_same(world: World) -> None:
    nadia, omar = a_mediator(world), a_mediator(world)
    requests = [
        held_request(world, 0, [(nadia, moment(MARCH), 60)]),
        held_request(world, 1, [(nadia, moment(FEBRUARY), 30), (omar, moment(APRIL), 45)]),
        held_request(world, 0, [(omar, moment(FEBRUARY, 15), 50)], kind="community"),
    ]
    for request in reversed(requests):
        validate(request)
    reopen(requests[1])
    validate(requests[1])
    assert world.total("mediation_hours") == 135
    assert world.total("community_hours") == 50
    assert world.total("mediators") == 2
    assert world.total("mediators", "network") == 4
    assert check(world.programme.pk) == []
    outcome = rebuild(programme=world.programme, by=None, at=NOW)
    assert (outcome.closed, outcome.written) == (0, 0)
    assert Posting.objects.filter(reason=PostingReason.REBUILD).count() == 0


def test_many_sources_enter_in_one_posting(world: World) -> None:
    nadia = a_mediator(world)
    requests = [held_request(world, 0, [(nadia, moment(FEBRUARY, hour), 30)]) for hour in (8, 10, 12)]
    with acting(None):
        for request in requests:
            type(request).objects.filter(pk=request.pk).update(state="validated", validated_at=NOW)
    posting = post_mediation(
        programme_id=world.programme.pk,
        source_type="request",
        source_ids=[request.pk for request in requests],
        by=None,
        at=NOW,
    )
    assert posting is not None
    assert posting.number == 1
    assert world.total("mediation_hours") == 90
    assert world.total("mediators") == 1


def test_work_validated_after_the_transmission_is_booked_late(world: World) -> None:
    request = held_request(
        world, 0, [(a_mediator(world), moment(FEBRUARY), 60), (a_mediator(world), moment(APRIL), 30)]
    )
    with acting(None):
        postings.mark_transmitted(programme=world.programme, until=date(2019, 3, 31))
    validate(request)
    booked = dict(
        ResultEntry.objects.filter(indicator=world.indicators["mediation_hours"], scope__kind="programme")
        .order_by("pk")
        .values_list("achieved_on", "booked_on")
    )
    assert booked == {FEBRUARY: date(2019, 4, 1), APRIL: APRIL}


def test_a_correction_after_the_transmission_moves_the_open_period_alone(world: World) -> None:
    nadia = a_mediator(world)
    request = held_request(world, 0, [(nadia, moment(FEBRUARY), 60)])
    validate(request)
    with acting(None):
        postings.mark_transmitted(programme=world.programme, until=date(2019, 3, 31))
    reopen(request)
    with acting(None):
        MediationSession.objects.filter(request=request).update(minutes=45)
    validate(request)
    entries = ResultEntry.objects.filter(indicator=world.indicators["mediation_hours"], scope__kind="programme")
    assert [(e.quantity, e.booked_on, e.reversal_booked_on) for e in entries.order_by("pk")] == [
        (60, FEBRUARY, date(2019, 4, 1)),
        (45, date(2019, 4, 1), None),
    ]


def test_mediation_held_in_a_closed_period_is_still_posted(world: World) -> None:
    """The body's report is validated first: its period is closed, the sessions were recorded before."""
    nadia = a_mediator(world)
    request = held_request(world, 0, [(nadia, moment(FEBRUARY), 60)])
    world.meet(0, FEBRUARY, [world.person()])
    world.validate(0, 0)
    validate(request)
    assert world.total("mediation_hours") == 60
    assert world.total("pupils") == 1
    assert not check(world.programme.pk)


def test_meetings_of_a_mediation_activity_count_too_and_of_others_never(world: World) -> None:
    """A body that mediates without requests keeps its register, and its activity report proves it."""
    request = held_request(world, 0, [(a_mediator(world), moment(FEBRUARY), 60)])
    world.meet(0, FEBRUARY, kind="mediation", minutes=50)
    world.meet(0, FEBRUARY, [world.person()], minutes=90)
    world.validate(0, 0)
    assert world.total("mediation_hours") == 50
    assert world.total("sessions") == 1  # its rule names no activity type
    validate(request)
    assert world.total("mediation_hours") == 110
    assert world.total("sessions") == 2
    assert not check(world.programme.pk)


def test_facts_of_mediation_stay_while_a_report_waits(world: World) -> None:
    """A submitted report is provisional; the facts that belong to no report are not lost beside it."""
    nadia = a_mediator(world)
    validate(held_request(world, 0, [(nadia, moment(FEBRUARY), 60)]))
    world.meet(0, FEBRUARY, [world.person()])
    world.submit(0, 0)
    assert provisional("networks") == 0  # its network counts already
    assert provisional("pupils") == 1
    assert provisional("mediation_hours") == 0
    assert_provisional_from_nothing(world)


def test_mediation_takes_over_what_a_waiting_report_would_have_brought(world: World) -> None:
    world.meet(0, MARCH, [world.person()])
    world.submit(0, 0)
    assert provisional("networks") == 1
    request = held_request(world, 0, [(a_mediator(world), moment(FEBRUARY), 60)])
    validate(request)
    assert world.total("networks") == 1
    assert provisional("networks") == 0
    assert provisional("pupils") == 1
    assert_provisional_from_nothing(world)
    world.validate(0, 0)
    assert world.total("networks") == 1
    assert ProvisionalTotal.objects.exclude(quantity=0).count() == 0
    assert not check(world.programme.pk)


def provisional(code: str) -> int:
    found = ProvisionalTotal.objects.filter(indicator__code=code, scope__kind="programme").first()
    return found.quantity if found else 0


def provisional_rows(world: World) -> set[tuple[int, int, int]]:
    rows = ProvisionalTotal.objects.filter(scope__programme=world.programme).exclude(quantity=0)
    return set(rows.order_by("pk").values_list("scope_id", "indicator_id", "quantity"))


def assert_provisional_from_nothing(world: World) -> None:
    stepwise = provisional_rows(world)
    with acting(None):
        refresh_provisional(world.programme.pk)
    assert provisional_rows(world) == stepwise


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(
    acts=st.lists(
        st.tuples(st.sampled_from(["validate", "reopen", "correct", "report", "transmit"]), st.integers(0, 2)),
        min_size=6,
        max_size=14,
    )
)
def test_any_order_of_acts_leaves_a_true_ledger(acts: list[tuple[str, int]]) -> None:
    with transaction.atomic():
        world = build_mediation()
        nadia = a_mediator(world)
        days = (FEBRUARY, MARCH, APRIL)
        requests = [held_request(world, n % 2, [(nadia, moment(days[n]), 60)]) for n in range(3)]
        minutes, posted = [60, 60, 60], [0, 0, 0]
        world.meet(0, MARCH, [world.person()])
        for act, which in acts:
            request = requests[which]
            request.refresh_from_db()
            if act == "validate" and request.state != "validated":
                validate(request)
                posted[which] = minutes[which]
            elif act == "reopen" and request.state == "validated":
                reopen(request)
            elif act == "correct" and request.state == "reopened":
                minutes[which] += 15
                with acting(None):
                    MediationSession.objects.filter(request=request).update(minutes=minutes[which])
            elif act == "report" and world.report(0, 0).state == "open":
                world.submit(0, 0)
            elif act == "transmit":
                with acting(None):
                    postings.mark_transmitted(programme=world.programme, until=date(2019, 3, 31))
            assert world.total("mediation_hours") == sum(posted)
        assert world.total("mediators") == (1 if any(posted) else 0)
        assert check(world.programme.pk) == []
        assert_provisional_from_nothing(world)
        transaction.set_rollback(True)


def test_a_posting_costs_as_many_statements_for_many_sessions(world: World) -> None:
    nadia = a_mediator(world)
    counts = []
    for month, number in ((2, 1), (5, 40)):
        sessions = [(nadia, moment(date(2019, month, 1 + n // 4), 8 + 2 * (n % 4)), 30) for n in range(number)]
        request = held_request(world, 0, sessions)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            validate(request)
        counts.append(len(captured))
    # The first one makes the head of the ledger and places the activity.
    assert counts[1] <= counts[0] <= 25, counts


def test_every_measure_of_mediation_has_its_rule() -> None:
    assert {"mediation_hours", "mediation_sessions", "mediators"} <= {str(measure) for measure in MEASURES}
