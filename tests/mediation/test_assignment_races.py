# SPDX-License-Identifier: EUPL-1.2
"""Races over real connections: two coordinators, many mediators, one mediator in two places; and the nights in which
the clocks change."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections

from actions.models import Activity
from fami_portal.core.errors import TransitionNotAllowed
from fami_portal.core.models import Message
from mediation.enums import OCCUPYING_STATES, ProposalState, RequestState
from mediation.models import MediationRequest, MediationSession, Mediator, Proposal
from mediation.services import assignment as services
from mediation.services import planning
from mediation.services.planning import ONE_PLACE, MediatorBusyError
from tests.mediation.board_world import END, NOW, START, BoardWorld, build, fresh, rome

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 2


def _together(*acts: Callable[[], Any]) -> list[Any]:
    """Run the acts at once, each on a connection of its own; return what each gave or raised."""
    start = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(number: int, act: Callable[[], Any]) -> None:
        try:
            start.wait(timeout=20)
            results[number] = act()
        except Exception as error:
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number, act)) for number, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


@pytest.fixture
def board() -> BoardWorld:
    """The small world with its board."""
    return build()


def _copy(request: MediationRequest) -> MediationRequest:
    return MediationRequest.objects.with_parts().get(pk=request.pk)


def _offer(board: BoardWorld, mediator: Mediator, start: datetime = START, **fields: Any) -> Proposal:
    request = board.taken(start=start, **fields)
    return services.propose(
        request=request,
        mediator=mediator,
        starts_at=start,
        ends_at=start + timedelta(minutes=request.minutes_asked),
        by=board.coordinator,
        at=NOW,
    )


def _accept(proposal: Proposal) -> Callable[[], Any]:
    found = Proposal.objects.select_related("request", "mediator__user").get(pk=proposal.pk)
    return lambda: services.accept(proposal=found, by=fresh(found.mediator.user), at=NOW)


def _propose(request: MediationRequest, mediator: Mediator, by: Any) -> Callable[[], Any]:
    mine, who = _copy(request), fresh(by)
    return lambda: services.propose(request=mine, mediator=mediator, starts_at=START, ends_at=END, by=who, at=NOW)


def _take(request: MediationRequest, by: Any) -> Callable[[], Any]:
    mine, who = _copy(request), fresh(by)
    return lambda: services.take_in_charge(request=mine, by=who, at=NOW)


def test_two_coordinators_propose_at_once_and_one_wins(board: BoardWorld) -> None:
    people = [board.coordinator, board.world.personas["regional_coordinator"]]
    for _round in range(ROUNDS):
        request, mediators = board.taken(), [board.mediator(), board.mediator()]
        results = _together(*(_propose(request, mediator, by) for by, mediator in zip(people, mediators, strict=True)))
        assert sorted(type(result).__name__ for result in results) == ["Proposal", "TransitionNotAllowed"], results
        assert Proposal.objects.filter(request=request).count() == 1


def test_two_coordinators_take_in_charge_at_once(board: BoardWorld) -> None:
    one, two = board.request(), board.request()
    people = [board.coordinator, board.world.personas["regional_coordinator"]]
    results = _together(*(_take(request, by) for by in people for request in (one, two)))
    assert sum(isinstance(result, TransitionNotAllowed) for result in results) == 2, results
    # Neither request made an activity beside that of the other.
    assert Activity.objects.count() == 1


def test_two_mediators_accept_the_broadcast_at_once_and_one_wins(board: BoardWorld) -> None:
    for _round in range(ROUNDS):
        request, mediators = board.taken(), [board.mediator() for _ in range(3)]
        made = services.offer_to_all(
            request=request, mediators=mediators, starts_at=START, ends_at=END, by=board.coordinator, at=NOW
        )
        results = _together(*(_accept(proposal) for proposal in made))
        assert sum(isinstance(result, MediationSession) for result in results) == 1, results
        assert sum(isinstance(result, services.ProposalClosedError) for result in results) == 2, results
        assert MediationSession.objects.filter(request=request).count() == 1
        states = sorted(Proposal.objects.filter(request=request).values_list("state", flat=True))
        assert states == [ProposalState.ACCEPTED, ProposalState.WITHDRAWN, ProposalState.WITHDRAWN]


def test_a_double_click_accepts_once(board: BoardWorld) -> None:
    proposal = _offer(board, board.mediator())
    results = _together(_accept(proposal), _accept(proposal))
    assert len({result.pk for result in results}) == 1, results
    assert MediationSession.objects.count() == 1
    assert Message.objects.filter(kind="mediation_confirmed", recipient=board.coordinator).count() == 1


def test_acceptance_against_expiry_leaves_one_of_the_two(board: BoardWorld) -> None:
    for _round in range(ROUNDS):
        proposal = _offer(board, board.mediator())
        accepted, _expired = _together(
            _accept(proposal), lambda late=proposal.expires_at: services.expire_proposals(at=late)
        )
        request = _copy(proposal.request)
        if isinstance(accepted, MediationSession):
            assert request.state == RequestState.CONFIRMED
        else:
            assert isinstance(accepted, services.ProposalClosedError), accepted
            assert request.state == RequestState.ASSIGNING
            assert not MediationSession.objects.filter(request=request).exists()


# --- one mediator in two places ------------------------------------------------------------------------------------


def _two_that_overlap(board: BoardWorld) -> list[Proposal]:
    mediator = board.mediator()
    return [_offer(board, mediator), _offer(board, mediator, START + timedelta(minutes=30))]


def _overlaps() -> bool:
    """Whether some mediator has two sessions at once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM mediation_mediationsession AS one JOIN mediation_mediationsession AS two"
            " ON one.mediator_id = two.mediator_id AND one.id < two.id AND one.busy_from < two.busy_until"
            " AND two.busy_from < one.busy_until WHERE one.state = ANY (%s) AND two.state = ANY (%s))",
            [list(OCCUPYING_STATES), list(OCCUPYING_STATES)],
        )
        return bool(cursor.fetchone()[0])


def test_one_mediator_cannot_accept_two_places_at_once(board: BoardWorld) -> None:
    for _round in range(ROUNDS):
        results = _together(*(_accept(proposal) for proposal in _two_that_overlap(board)))
        assert sorted(type(result).__name__ for result in results) == ["MediationSession", "MediatorBusyError"], results
        assert not _overlaps()


@pytest.fixture
def _without_the_constraint() -> Iterator[None]:
    """Take the exclusion constraint away for one test."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [ONE_PLACE])
        definition = cursor.fetchone()[0]
        cursor.execute(f"ALTER TABLE mediation_mediationsession DROP CONSTRAINT {ONE_PLACE}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE mediation_mediationsession CASCADE")
        cursor.execute(f"ALTER TABLE mediation_mediationsession ADD CONSTRAINT {ONE_PLACE} {definition}")


@pytest.mark.usefixtures("_without_the_constraint")
def test_without_constraint_and_lock_a_mediator_is_in_two_places(
    board: BoardWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: asking first whether the time is free, which every act still does, does not hold."""
    meeting = threading.Barrier(2)

    def unlocked(mediator_id: int) -> Mediator:
        meeting.wait(timeout=20)  # both have asked, neither has written
        return Mediator.objects.get(pk=mediator_id)

    monkeypatch.setattr(planning, "lock_mediator", unlocked)
    results = _together(*(_accept(proposal) for proposal in _two_that_overlap(board)))
    assert all(isinstance(result, MediationSession) for result in results), results
    assert _overlaps()


def test_the_constraint_alone_holds_without_the_lock(board: BoardWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "lock_mediator", lambda pk: Mediator.objects.get(pk=pk))
    results = _together(*(_accept(proposal) for proposal in _two_that_overlap(board)))
    assert sum(isinstance(result, MediationSession) for result in results) == 1, results
    assert not _overlaps()


# --- the nights in which the clocks change -------------------------------------------------------------------------


def _phone(board: BoardWorld, mediator: Mediator, start: datetime, minutes: int) -> Any:
    proposal = _offer(board, mediator, start, minutes_asked=minutes, mode="phone")
    return services.accept(proposal=proposal, by=mediator.user, at=NOW)


def test_in_march_the_hour_after_one_is_three(board: BoardWorld) -> None:
    mediator = board.mediator()
    first = _phone(board, mediator, rome(2019, 3, 31, 1, 30), 60)
    # It lasts one hour of the world: until half past three on the wall.
    assert (first.planned_until - first.planned_from) == timedelta(hours=1)
    with pytest.raises(MediatorBusyError):
        services.confirm_arranged(
            request=board.taken(mode="phone", minutes_asked=60),
            mediator=mediator,
            starts_at=rome(2019, 3, 31, 3, 0),
            ends_at=rome(2019, 3, 31, 4, 0),
            reason="Prova",
            by=board.coordinator,
            at=NOW,
        )


def test_in_october_the_repeated_hour_is_two_hours(board: BoardWorld) -> None:
    mediator = board.mediator()
    first, second = rome(2019, 10, 27, 2, 0, fold=0), rome(2019, 10, 27, 2, 0, fold=1)
    sessions = [
        services.confirm_arranged(
            request=board.taken(mode="phone", minutes_asked=60),
            mediator=mediator,
            starts_at=start,
            ends_at=end,
            reason="Prova",
            by=board.coordinator,
            at=NOW,
        )
        for start, end in ((first, second), (second, rome(2019, 10, 27, 3, 0)))
    ]
    sessions = list(MediationSession.objects.filter(pk__in=[row.pk for row in sessions]).order_by("planned_from"))
    assert [row.planned_until - row.planned_from for row in sessions] == [timedelta(hours=1)] * 2
    assert sessions[0].planned_until == sessions[1].planned_from
    # From a quarter to three before the change to a quarter past two after it: half an hour of the world.
    with pytest.raises(MediatorBusyError):
        services.confirm_arranged(
            request=board.taken(mode="phone", minutes_asked=60),
            mediator=mediator,
            starts_at=rome(2019, 10, 27, 2, 45, fold=0),
            ends_at=rome(2019, 10, 27, 2, 15, fold=1),
            reason="Prova",
            by=board.coordinator,
            at=NOW,
        )
