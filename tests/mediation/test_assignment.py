# SPDX-License-Identifier: EUPL-1.2
"""From the triage to the mediator who comes: every act, and every refusal."""

from datetime import date, timedelta
from typing import Any

import pytest

from actions.enums import ActivityState, MediationRequestKind
from actions.models import Activity
from fami_portal.core.errors import DomainError, NotPermitted, TransitionNotAllowed
from fami_portal.core.models import AuditEvent, Message
from fami_portal.core.services import acting
from mediation.enums import (
    MediatorProfile,
    ProposalState,
    QualificationKind,
    RefusalReason,
    RequestChannel,
    RequestState,
    SessionState,
)
from mediation.models import MediationSession, Mediator, MediatorQualification, Proposal
from mediation.services import assignment as services
from mediation.services.planning import MediatorBusyError, change_time
from mediation.services.suitability import UnsuitableError
from tests.factories.partners import LanguageFactory
from tests.mediation.board_world import END, NOW, START, BoardWorld, build, rome

pytestmark = pytest.mark.django_db
prepare = build


@pytest.fixture
def board(fresh: BoardWorld) -> BoardWorld:
    """The small world with its board."""
    return fresh


def _offer(board: BoardWorld, request: Any, mediator: Mediator, **fields: Any) -> Proposal:
    values = {"starts_at": START, "ends_at": END, "by": board.coordinator, "at": NOW} | fields
    return services.propose(request=request, mediator=mediator, **values)


# --- taking in charge ----------------------------------------------------------------------------------------------


def test_taking_in_charge_finds_the_activity_of_the_network(board: BoardWorld) -> None:
    first, second = board.request(), board.request()
    for request in (first, second):
        services.take_in_charge(request=request, by=board.coordinator, at=NOW)
        assert request.state == RequestState.TAKEN_IN_CHARGE
        assert (request.taken_at, request.taken_by, request.state_since) == (NOW, board.coordinator, NOW)
    activity = Activity.objects.get()
    assert first.activity == second.activity == activity
    assert activity.state == ActivityState.RUNNING
    assert activity.organisation == board.world.bodies["coop_1"]
    programme = board.world.programmes["a"]
    assert (activity.starts_on, activity.ends_on) == (programme.starts_on, programme.last_day)
    contact = board.world.personas["school_contact"]
    assert Message.objects.filter(kind="mediation_taken_in_charge", recipient=contact).count() == 2


def test_taking_in_charge_is_for_authorised_requests_and_coordinators(board: BoardWorld) -> None:
    submitted = board.request(state=RequestState.SUBMITTED)
    with pytest.raises(TransitionNotAllowed):
        services.take_in_charge(request=submitted, by=board.coordinator, at=NOW)
    request = board.request()
    for role in ("school_contact", "school_head", "mediator", "auditor", "technical_assistance"):
        with pytest.raises(NotPermitted):
            services.take_in_charge(request=request, by=board.world.personas[role], at=NOW)
    services.take_in_charge(request=request, by=board.world.personas["regional_coordinator"], at=NOW)
    with pytest.raises(TransitionNotAllowed):
        services.take_in_charge(request=request, by=board.coordinator, at=NOW)


def test_a_concluded_activity_is_not_written_into(board: BoardWorld) -> None:
    board.taken()
    with acting(None):
        Activity.objects.update(state=ActivityState.CONCLUDED)
    with pytest.raises(DomainError, match=r"concluded|conclusa"):
        services.take_in_charge(request=board.request(), by=board.coordinator, at=NOW)


# --- proposing -----------------------------------------------------------------------------------------------------


def test_a_proposal_waits_for_the_mediator(board: BoardWorld) -> None:
    request, mediator = board.taken(), board.mediator()
    proposal = _offer(board, request, mediator, explanation=["speaks the language"])
    assert request.state == RequestState.PROPOSED
    assert proposal.expires_at == NOW + timedelta(hours=24)
    assert proposal.explanation == ["speaks the language"]
    message = Message.objects.get(kind="mediation_proposed")
    assert message.recipient == mediator.user
    assert request.number in message.body
    assert "AL-7F3K" not in message.body + message.subject
    assert not MediationSession.objects.exists()


def test_the_same_proposal_twice_is_one_and_another_is_refused(board: BoardWorld) -> None:
    request, mediator = board.taken(), board.mediator()
    assert _offer(board, request, mediator) == _offer(board, request, mediator)
    with pytest.raises(TransitionNotAllowed):
        _offer(board, request, board.mediator())
    assert Message.objects.filter(kind="mediation_proposed").count() == 1


def test_the_answer_is_awaited_until_before_the_session(board: BoardWorld) -> None:
    request, mediator = board.taken(), board.mediator()
    for wrong in (NOW, START + timedelta(minutes=1)):
        with pytest.raises(DomainError) as refusal:
            _offer(board, request, mediator, expires_at=wrong)
        assert refusal.value.field == "expires_at"
    soon = NOW + timedelta(hours=3)
    proposal = _offer(board, request, mediator, starts_at=soon, ends_at=soon + timedelta(hours=1))
    assert proposal.expires_at == soon - timedelta(hours=1)


WRONG_TIMES = (
    (NOW - timedelta(hours=2), 60, "starts_at"),
    (START, 0, "ends_at"),
    (START, -30, "ends_at"),
    (START, 23 * 60, "ends_at"),
    (rome(2018, 8, 31, 10), 60, "starts_at"),
    (rome(2030, 9, 1, 10), 60, "starts_at"),
    (rome(2030, 8, 31, 23, 30), 60, "ends_at"),
)


def test_a_wrong_time_is_refused_at_its_field(board: BoardWorld) -> None:
    request, mediator = board.taken(), board.mediator()
    for starts_at, minutes, field in WRONG_TIMES:
        with pytest.raises(DomainError) as refusal:
            _offer(board, request, mediator, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=minutes))
        assert refusal.value.field == field, (starts_at, minutes)
        assert not Proposal.objects.exists()
        request.refresh_from_db()
        assert request.state == RequestState.TAKEN_IN_CHARGE


NOT_TO_BE_ASKED: tuple[dict[str, Any], ...] = (
    {"is_active": False},
    {"confidentiality_signed_on": None},
    {"confidentiality_signed_on": date(2019, 3, 14)},
    {"profile": MediatorProfile.FACILITATOR},
    {"yearly_maximum": 59},
    {"account": False},
)


def test_who_must_not_be_asked(board: BoardWorld) -> None:
    request = board.taken()
    for fields in NOT_TO_BE_ASKED:
        with pytest.raises(DomainError):
            _offer(board, request, board.mediator(**fields))
        assert not Proposal.objects.exists(), fields


def test_another_language_or_another_network_is_refused(board: BoardWorld) -> None:
    request = board.taken()
    with pytest.raises(UnsuitableError, match=r"language|lingu"):
        _offer(board, request, board.mediator(language=LanguageFactory(code="zh", name="cinese")))
    with pytest.raises(UnsuitableError, match=r"network|rete"):
        _offer(board, request, board.mediator(organisation=board.world.bodies["coop_2"]))


def test_an_expired_certificate_is_refused_where_there_are_minors(board: BoardWorld) -> None:
    mediator = board.mediator()

    def certificate(expires_on: date | None) -> None:
        with acting(None):
            MediatorQualification.objects.create(
                mediator=mediator, kind=QualificationKind.CRIMINAL_RECORD, title="Casellario", expires_on=expires_on
            )

    certificate(date(2019, 3, 12))
    with pytest.raises(UnsuitableError):
        _offer(board, board.taken(), mediator)
    service = board.taken(kind=MediationRequestKind.SERVICE)
    assert _offer(board, service, mediator).state == ProposalState.PROPOSED
    certificate(date(2019, 3, 13))
    later = START + timedelta(days=0, hours=3)
    assert _offer(board, board.taken(), mediator, starts_at=later, ends_at=later + timedelta(hours=1))


def test_facilitation_needs_a_facilitator(board: BoardWorld) -> None:
    request = board.taken(kind=MediationRequestKind.FACILITATION)
    with pytest.raises(UnsuitableError):
        _offer(board, request, board.mediator())
    assert _offer(board, request, board.mediator(profile=MediatorProfile.BOTH))


def test_the_yearly_maximum_counts_what_is_planned(board: BoardWorld) -> None:
    mediator = board.mediator(yearly_maximum=90)
    services.accept(proposal=_offer(board, board.taken(), mediator), by=mediator.user, at=NOW)
    later = START + timedelta(days=1)
    with pytest.raises(UnsuitableError):
        _offer(board, board.taken(), mediator, starts_at=later, ends_at=later + timedelta(hours=1))
    next_year = START.replace(year=2020)
    request = board.taken(start=next_year)
    assert _offer(board, request, mediator, starts_at=next_year, ends_at=next_year + timedelta(hours=1))


# --- answering -----------------------------------------------------------------------------------------------------


def test_accepting_confirms_and_plans_the_session(board: BoardWorld) -> None:
    request, mediator = board.taken(), board.mediator()
    proposal = _offer(board, request, mediator)
    session = services.accept(proposal=proposal, by=mediator.user, at=NOW)
    request.refresh_from_db()
    assert (request.state, request.mediator, request.confirmed_at) == (RequestState.CONFIRMED, mediator, NOW)
    assert (session.planned_from, session.planned_until, session.position) == (START, END, 1)
    assert session.busy_from == START - timedelta(minutes=30)
    assert proposal.state == ProposalState.ACCEPTED
    told = set(Message.objects.filter(kind="mediation_confirmed").values_list("recipient__email", flat=True))
    assert {board.coordinator.email, board.world.personas["school_contact"].email} <= told
    # A double click.
    assert services.accept(proposal=proposal, by=mediator.user, at=NOW) == session
    assert MediationSession.objects.count() == 1


def test_only_the_mediator_asked_answers(board: BoardWorld) -> None:
    proposal = _offer(board, board.taken(), board.mediator())
    for by in (board.mediator().user, board.coordinator, board.world.personas["school_contact"]):
        with pytest.raises(NotPermitted):
            services.accept(proposal=proposal, by=by, at=NOW)
        with pytest.raises(NotPermitted):
            services.refuse(proposal=proposal, reason=RefusalReason.BUSY, by=by, at=NOW)


def test_a_refusal_gives_the_turn_back(board: BoardWorld) -> None:
    request, mediator = board.taken(), board.mediator()
    proposal = _offer(board, request, mediator)
    for reason, note in (("", ""), ("no such reason", ""), (RefusalReason.OTHER, " ")):
        with pytest.raises(DomainError):
            services.refuse(proposal=proposal, reason=reason, note=note, by=mediator.user, at=NOW)
    for _click in range(2):
        services.refuse(proposal=proposal, reason=RefusalReason.TOO_FAR, by=mediator.user, at=NOW)
    request.refresh_from_db()
    assert (request.state, proposal.state, proposal.refusal) == (RequestState.ASSIGNING, "refused", "too_far")
    assert Message.objects.filter(kind="mediation_refused").count() == 1
    with pytest.raises(services.ProposalClosedError):
        services.accept(proposal=proposal, by=mediator.user, at=NOW)
    _offer(board, request, board.mediator())
    assert request.state == RequestState.PROPOSED


def test_an_expired_proposal_cannot_be_accepted(board: BoardWorld) -> None:
    request, mediator = board.taken(), board.mediator()
    proposal = _offer(board, request, mediator)
    late = proposal.expires_at + timedelta(minutes=1)
    for _before_and_after_the_sweep in range(2):
        with pytest.raises(services.ProposalClosedError, match="05/03/2019"):
            services.accept(proposal=proposal, by=mediator.user, at=late)
        assert services.expire_proposals(at=late) in (0, 1)
    assert services.expire_proposals(at=late) == 0
    request.refresh_from_db()
    assert request.state == RequestState.ASSIGNING
    assert Message.objects.filter(kind="mediation_proposal_expired", recipient=board.coordinator).count() == 1


def test_a_withdrawn_proposal_cannot_be_accepted(board: BoardWorld) -> None:
    request, mediator = board.taken(), board.mediator()
    proposal = _offer(board, request, mediator)
    with pytest.raises(NotPermitted):
        services.withdraw(proposal=proposal, by=board.world.personas["school_contact"], at=NOW)
    services.withdraw(proposal=proposal, by=board.coordinator, at=NOW)
    request.refresh_from_db()
    assert request.state == RequestState.ASSIGNING
    with pytest.raises(services.ProposalClosedError):
        services.accept(proposal=proposal, by=mediator.user, at=NOW)
    with pytest.raises(services.ProposalClosedError):
        services.withdraw(proposal=proposal, by=board.coordinator, at=NOW)
    assert Message.objects.filter(kind="mediation_proposal_withdrawn").count() == 1


def test_of_many_asked_at_once_the_first_acceptance_wins(board: BoardWorld) -> None:
    request = board.taken()
    mediators = [board.mediator() for _ in range(3)]
    made = services.offer_to_all(
        request=request, mediators=mediators, starts_at=START, ends_at=END, by=board.coordinator, at=NOW
    )
    assert len(made) == 3
    services.refuse(proposal=made[0], reason=RefusalReason.BUSY, by=mediators[0].user, at=NOW)
    request.refresh_from_db()
    assert request.state == RequestState.PROPOSED
    services.accept(proposal=made[1], by=mediators[1].user, at=NOW)
    with pytest.raises(services.ProposalClosedError, match=r"first|prima"):
        services.accept(proposal=made[2], by=mediators[2].user, at=NOW)
    assert MediationSession.objects.get().mediator == mediators[1]
    made[2].refresh_from_db()
    assert made[2].state == ProposalState.WITHDRAWN
    with pytest.raises(DomainError):
        services.offer_to_all(
            request=board.taken(), mediators=[], starts_at=START, ends_at=END, by=board.coordinator, at=NOW
        )


# --- one place at a time -------------------------------------------------------------------------------------------


def _accepted(board: BoardWorld, mediator: Mediator, start: Any, minutes: int = 60, **fields: Any) -> MediationSession:
    request = board.taken(start=start, minutes_asked=minutes, **fields)
    proposal = _offer(board, request, mediator, starts_at=start, ends_at=start + timedelta(minutes=minutes))
    return services.accept(proposal=proposal, by=mediator.user, at=NOW)


def test_travel_counts_in_person_and_not_by_phone(board: BoardWorld) -> None:
    mediator = board.mediator()
    _accepted(board, mediator, START)
    with pytest.raises(MediatorBusyError, match=r"13/03/2019.*10:00.*11:00"):
        _accepted(board, mediator, START + timedelta(minutes=119))
    _accepted(board, mediator, START + timedelta(minutes=120))
    _accepted(board, mediator, START + timedelta(minutes=210), mode="phone")
    with pytest.raises(MediatorBusyError):
        _accepted(board, mediator, START + timedelta(minutes=200), mode="phone")


def test_a_booking_made_meanwhile_refuses_the_acceptance_and_changes_nothing(board: BoardWorld) -> None:
    mediator = board.mediator()
    first = _offer(board, board.taken(), mediator)
    second = _offer(board, board.taken(), mediator, starts_at=START + timedelta(minutes=30), ends_at=END)
    services.accept(proposal=first, by=mediator.user, at=NOW)
    with pytest.raises(MediatorBusyError):
        services.accept(proposal=second, by=mediator.user, at=NOW)
    second.refresh_from_db()
    second.request.refresh_from_db()
    assert (second.state, second.request.state) == (ProposalState.PROPOSED, RequestState.PROPOSED)


def test_a_session_moves_only_where_the_mediator_is_free(board: BoardWorld) -> None:
    mediator = board.mediator()
    first = _accepted(board, mediator, START)
    _accepted(board, mediator, START + timedelta(days=1))
    with acting(None), pytest.raises(MediatorBusyError):
        change_time(session=first, starts_at=START + timedelta(days=1), ends_at=END + timedelta(days=1))
    first.refresh_from_db()
    assert first.planned_from == START
    with acting(None):
        change_time(session=first, starts_at=START + timedelta(minutes=15), ends_at=END)
    assert (first.planned_from, first.sequence) == (START + timedelta(minutes=15), 1)


# --- arranged outside, unmet, given back ---------------------------------------------------------------------------


def test_arranged_outside_needs_its_reason_and_may_be_past(board: BoardWorld) -> None:
    request, mediator = board.taken(), board.mediator(account=False)
    values = {
        "request": request,
        "mediator": mediator,
        "starts_at": NOW - timedelta(hours=20),
        "ends_at": NOW - timedelta(hours=19),
        "by": board.coordinator,
        "at": NOW,
    }
    with pytest.raises(TransitionNotAllowed):
        services.confirm_arranged(**values, reason=" ")
    session = services.confirm_arranged(**values, reason="Concordato per telefono")
    request.refresh_from_db()
    assert (request.state, request.mediator, request.channel) == ("confirmed", mediator, RequestChannel.OUTSIDE)
    assert session.proposal is None
    wrong = values | {
        "request": board.taken(),
        "mediator": board.mediator(language=LanguageFactory(code="zh", name="cinese")),
    }
    with pytest.raises(UnsuitableError):
        services.confirm_arranged(**wrong, reason="Al volo")


def test_unmet_is_counted_once_and_forgotten_when_somebody_comes(board: BoardWorld) -> None:
    request, mediator = board.taken(), board.mediator()
    for _click in range(2):
        services.mark_unmet(request=request, by=board.coordinator, at=NOW)
    assert (request.state, request.unmet) == (RequestState.ASSIGNING, True)
    assert AuditEvent.objects.filter(verb="marked_unmet").count() == 1
    proposal = _offer(board, request, mediator)
    with pytest.raises(TransitionNotAllowed):
        services.mark_unmet(request=request, by=board.coordinator, at=NOW)
    services.accept(proposal=proposal, by=mediator.user, at=NOW)
    request.refresh_from_db()
    assert not request.unmet


def test_giving_back_frees_the_mediator_and_seeks_another(board: BoardWorld) -> None:
    mediator, other = board.mediator(), board.mediator()
    session = _accepted(board, mediator, START)
    request = session.request
    request.refresh_from_db()
    for by in (other.user, board.world.personas["school_contact"]):
        with pytest.raises(NotPermitted):
            services.give_back(request=request, reason="Malattia", by=by, at=NOW)
    with pytest.raises(TransitionNotAllowed):
        services.give_back(request=request, reason="", by=mediator.user, at=NOW)
    services.give_back(request=request, reason="Malattia", by=mediator.user, at=NOW)
    session.refresh_from_db()
    assert (request.state, request.mediator, session.state) == ("assigning", None, SessionState.CANCELLED)
    services.accept(proposal=_offer(board, request, other), by=other.user, at=NOW)
    assert _accepted(board, mediator, START)
    assert MediationSession.objects.filter(state=SessionState.PLANNED).count() == 2
