# SPDX-License-Identifier: EUPL-1.2
"""Sessions: recorded as they were, not held and by whom, cancelled, planned again."""

from datetime import timedelta
from typing import Any

import pytest

from actions.models import ClosedPeriod
from actions.workflow import ClosedPeriodError
from fami_portal.core.errors import DomainError, NotPermitted, StaleError, TransitionNotAllowed
from fami_portal.core.models import AuditEvent, Message
from fami_portal.core.services import acting
from mediation.enums import RequestState, SessionState
from mediation.models import MediationSession
from mediation.selectors.charges import LATE, charge_for
from mediation.selectors.settings import RequestSettings
from mediation.services import sessions
from mediation.services.planning import MediatorBusyError
from tests.factories.actions import PeriodFactory
from tests.guard import undone
from tests.mediation.session_world import AFTER, END, NOW, START, SessionWorld, rome

pytestmark = pytest.mark.django_db
prepare = SessionWorld


def _again(session: MediationSession) -> MediationSession:
    """The session as another page would load it."""
    return MediationSession.objects.select_related("request", "mediator").get(pk=session.pk)


# --- recorded --------------------------------------------------------------------------------------------------------


PASSED = (
    (rome(2019, 3, 13, 10), rome(2019, 3, 13, 11), 0, 60),
    (rome(2019, 3, 13, 10, 5), rome(2019, 3, 13, 12, 20), 15, 120),
    # Across midnight.
    (rome(2019, 3, 13, 23, 30), rome(2019, 3, 14, 0, 45), 0, 75),
    # Across the hour that March takes away: an hour by the clock, none on the wall.
    (rome(2019, 3, 31, 1, 30), rome(2019, 3, 31, 3, 30), 0, 60),
    # Across the hour that October gives twice.
    (rome(2019, 10, 27, 1, 30), rome(2019, 10, 27, 3, 30), 0, 180),
    (rome(2019, 10, 27, 2, 45), rome(2019, 10, 27, 2, 15, fold=1), 0, 30),
)


def test_minutes_are_what_passed(scene: SessionWorld) -> None:
    session = scene.confirmed(minutes_asked=240)
    for begin, end, pause, minutes in PASSED:
        with undone():
            request = scene.record(
                session,
                actual_from=begin,
                actual_until=end,
                break_minutes=pause,
                travel_minutes=25,
                at=rome(2019, 11, 4, 9),
            )
            session.refresh_from_db()
            assert (session.minutes, session.travel_minutes, session.break_minutes) == (minutes, 25, pause), begin
            assert request.state == RequestState.HELD


IMPOSSIBLE: tuple[tuple[dict[str, Any], str], ...] = (
    ({"actual_until": START - timedelta(hours=1)}, "actual_until"),
    ({"actual_until": START}, "actual_until"),
    ({"break_minutes": 60}, "break_minutes"),
    ({"break_minutes": -1}, "break_minutes"),
    ({"actual_until": START + timedelta(hours=23), "at": START + timedelta(days=3)}, "actual_until"),
    ({"actual_until": START + timedelta(days=1, minutes=1), "at": START + timedelta(days=3)}, "actual_until"),
    ({"travel_minutes": 601}, "travel_minutes"),
    ({"parents": 501}, "parents"),
    ({"outcome": ""}, "outcome"),
    ({"note": "Richiamare 347 1234567"}, "note"),
    ({"at": END - timedelta(minutes=1)}, "actual_until"),
)


def test_what_cannot_have_been(scene: SessionWorld) -> None:
    session = scene.confirmed()
    for changes, field in IMPOSSIBLE:
        with pytest.raises(DomainError) as refusal:
            scene.record(session, **changes)
        assert refusal.value.field == field, changes
        session.refresh_from_db()
        assert session.state == SessionState.PLANNED, changes


def test_session_to_come_is_not_recorded(scene: SessionWorld) -> None:
    """Not even with times that are over: whoever met earlier proposes the new time."""
    session = scene.confirmed()
    with pytest.raises(DomainError):
        scene.record(session, actual_from=NOW, actual_until=NOW + timedelta(hours=1), at=NOW + timedelta(hours=2))


def test_who_records(scene: SessionWorld) -> None:
    session = scene.confirmed()
    for person in (scene.contact, scene.head, scene.world.stranger, scene.world.personas["partner_operator"]):
        with pytest.raises(NotPermitted):
            scene.record(session, by=person)
    with pytest.raises(DomainError) as refusal:
        scene.record(session, by=scene.coordinator)
    assert refusal.value.field == "on_behalf_of"
    scene.record(session, by=scene.coordinator, on_behalf_of=scene.mediator.name)
    event = AuditEvent.objects.get(verb="hold", target_type="mediation.mediationsession", target_id=str(session.pk))
    assert (event.actor_id, event.on_behalf_of) == (scene.coordinator.pk, scene.mediator.name)


def test_old_window_is_stale_and_language_is_the_one_asked(scene: SessionWorld) -> None:
    session = scene.confirmed()
    with pytest.raises(StaleError):
        scene.record(session, version=session.version + 1)
    scene.record(session)
    session.refresh_from_db()
    assert session.language == scene.board.language


def test_correction_until_the_report_is_signed(scene: SessionWorld) -> None:
    session = scene.confirmed()
    scene.record(session)
    request = scene.record(session, actual_until=session.planned_until - timedelta(minutes=15))
    session.refresh_from_db()
    assert (session.minutes, request.state) == (45, RequestState.HELD)


def test_mediator_is_not_in_two_places(scene: SessionWorld) -> None:
    """What was really done may differ from the plan, but not overlap."""
    first = scene.confirmed()
    second = scene.confirmed(start=START + timedelta(hours=3))
    scene.record(first, actual_until=END + timedelta(minutes=30), at=START + timedelta(days=1))
    with pytest.raises(DomainError) as refusal:
        scene.record(second, actual_from=END, actual_until=END + timedelta(hours=1), at=START + timedelta(days=1))
    assert refusal.value.field == "actual_from"
    scene.record(
        second,
        actual_from=END + timedelta(minutes=30),
        actual_until=END + timedelta(hours=1),
        at=START + timedelta(days=1),
    )


def test_closed_period_refuses_with_a_sentence(scene: SessionWorld) -> None:
    session = scene.confirmed()
    activity = session.request.activity
    period = PeriodFactory(programme=activity.programme)
    with acting(None):
        ClosedPeriod.objects.create(
            network=activity.network, organisation=activity.organisation, period=period, closed_at=AFTER
        )
    with pytest.raises(ClosedPeriodError):
        scene.record(session)
    session.refresh_from_db()
    assert session.state == SessionState.PLANNED


# --- not held --------------------------------------------------------------------------------------------------------


def test_absence_is_charged_as_the_programme_says(scene: SessionWorld) -> None:
    planned = scene.confirmed(minutes=120)
    for absent, charged in (("family", 60), ("requester", 60), ("mediator", 0), ("other", 0)):
        with undone():
            session = _again(planned)
            sessions.mark_not_held(session=session, absent=absent, reason="Nessuno", by=scene.user, at=AFTER)
            request = session.request
            request.refresh_from_db()
            assert request.state == RequestState.NOT_HELD, absent
            assert (session.state, session.charged_minutes) == (SessionState.NOT_HELD, charged), absent
            assert scene.figures(request) == (0, 0, charged), absent


def test_not_held_before_it_begins_or_without_a_reason(scene: SessionWorld) -> None:
    session = scene.confirmed()
    for reason, at in (("Assenti", START - timedelta(minutes=1)), ("  ", AFTER)):
        with pytest.raises(TransitionNotAllowed):
            sessions.mark_not_held(session=session, absent="family", reason=reason, by=scene.user, at=at)
    assert scene.figures(session.request) == (60, 60, 0)


def test_school_says_that_the_mediator_did_not_come(scene: SessionWorld) -> None:
    session = scene.confirmed()
    with pytest.raises(NotPermitted):
        sessions.mark_not_held(session=session, absent="family", reason="Assenti", by=scene.contact, at=AFTER)
    sessions.mark_not_held(session=session, absent="mediator", reason="Non è venuto", by=scene.contact, at=AFTER)
    assert session.state == SessionState.NOT_HELD
    told = set(Message.objects.filter(kind="mediation_not_held").values_list("recipient", flat=True))
    assert told == {scene.user.pk, scene.coordinator.pk}


def test_not_held_twice(scene: SessionWorld) -> None:
    session = scene.confirmed()
    sessions.mark_not_held(session=session, absent="family", reason="Assenti", by=scene.user, at=AFTER)
    with pytest.raises(TransitionNotAllowed):
        sessions.mark_not_held(session=session, absent="family", reason="Assenti", by=scene.user, at=AFTER)
    assert scene.figures(session.request) == (0, 0, 60)


def test_charges_of_the_settings() -> None:
    rules = RequestSettings(kind="school", free_until_hours=24, late_charge_minutes=45, absence_charge_minutes=90)

    class Session:
        planned_from, planned_until = START, START + timedelta(hours=1)

    session: Any = Session()
    assert charge_for(rules, session, LATE, START - timedelta(hours=24)) == 0
    assert charge_for(rules, session, LATE, START - timedelta(hours=23, minutes=59)) == 45
    assert charge_for(rules, session, "family", AFTER) == 60  # never more than the session
    assert charge_for(rules, session, "mediator", AFTER) == 0


# --- several sessions ------------------------------------------------------------------------------------------------


def _two(scene: SessionWorld) -> tuple[Any, Any]:
    first = scene.confirmed(minutes_asked=120, sessions_asked=2)
    day = timedelta(days=1)
    second = sessions.add_session(
        request=first.request, starts_at=START + day, ends_at=END + day, by=scene.user, at=AFTER
    )
    return first, second


def test_request_waits_for_all_its_sessions(scene: SessionWorld) -> None:
    first, second = _two(scene)
    assert (first.position, second.position) == (1, 2)
    assert scene.record(first).state == RequestState.CONFIRMED
    assert scene.record(second).state == RequestState.HELD


def test_another_session_within_the_hours_asked(scene: SessionWorld) -> None:
    first, _second = _two(scene)
    later = {"starts_at": START + timedelta(days=2), "ends_at": END + timedelta(days=2)}
    with pytest.raises(DomainError) as refusal:
        sessions.add_session(request=first.request, **later, by=scene.user, at=AFTER)
    assert refusal.value.field == "ends_at"
    with pytest.raises(NotPermitted):
        sessions.add_session(request=first.request, **later, by=scene.contact, at=AFTER)


def test_no_other_session_follows(scene: SessionWorld) -> None:
    session = scene.confirmed(minutes_asked=120, sessions_asked=2)
    request = session.request
    with pytest.raises(TransitionNotAllowed):
        sessions.finish(request=request, by=scene.user, at=AFTER)
    assert scene.record(session).state == RequestState.CONFIRMED
    sessions.finish(request=request, by=scene.user, at=AFTER)
    assert request.state == RequestState.HELD


def test_one_session_cancelled(scene: SessionWorld) -> None:
    planned = _two(scene)
    for by, hours, charged in ((scene.contact, 25, 0), (scene.contact, 2, 60), (scene.user, 2, 0)):
        with undone():
            first, second = map(_again, planned)
            at = second.planned_from - timedelta(hours=hours)
            paid = sessions.cancel_session(session=second, reason="Sciopero", by=by, at=at)
            assert (paid, second.state) == (charged, SessionState.CANCELLED), (by, hours)
            assert scene.record(first).state == RequestState.HELD, (by, hours)
            assert scene.figures(first.request) == (120 - charged, 120 - charged, charged), (by, hours)


def test_only_session_is_not_cancelled_alone(scene: SessionWorld) -> None:
    session = scene.confirmed()
    for person in (scene.contact, scene.user, scene.coordinator):
        with pytest.raises(TransitionNotAllowed):
            sessions.cancel_session(session=session, reason="Impegni", by=person, at=NOW)
    with pytest.raises(NotPermitted):
        sessions.cancel_session(session=session, reason="Impegni", by=scene.world.stranger, at=NOW)


# --- new times -------------------------------------------------------------------------------------------------------

NEW = {"starts_at": START + timedelta(days=1), "ends_at": END + timedelta(days=1)}


def test_new_time_proposed_and_confirmed(scene: SessionWorld) -> None:
    session = scene.confirmed()
    sequence = session.sequence
    sessions.propose_new_time(session=session, **NEW, reason="Gita di classe", by=scene.contact, at=NOW)
    request = session.request
    request.refresh_from_db()
    assert (request.state, session.planned_from) == (RequestState.RESCHEDULED, START)
    with pytest.raises(TransitionNotAllowed):
        scene.record(session)
    with pytest.raises(NotPermitted):
        sessions.answer_new_time(session=session, accept=True, by=scene.contact, at=NOW)
    sessions.answer_new_time(session=session, accept=True, by=scene.user, at=NOW)
    request.refresh_from_db()
    assert (request.state, session.planned_from) == (RequestState.CONFIRMED, NEW["starts_at"])
    assert session.proposed_from is None
    assert session.sequence == sequence + 1
    assert session.busy_from == NEW["starts_at"] - timedelta(minutes=30)


def test_new_time_refused_or_taken_back(scene: SessionWorld) -> None:
    session = scene.confirmed()
    for answering in (scene.contact, scene.user):
        sessions.propose_new_time(session=session, **NEW, reason="Visita medica", by=scene.user, at=NOW)
        sessions.answer_new_time(session=session, accept=False, by=answering, at=NOW)
        session.request.refresh_from_db()
        assert (session.request.state, session.planned_from) == (RequestState.CONFIRMED, START)
        assert (session.proposed_from, session.proposed_side) == (None, "")


def test_coordinator_answers_for_somebody_named(scene: SessionWorld) -> None:
    session = scene.confirmed()
    sessions.propose_new_time(session=session, **NEW, reason="Visita medica", by=scene.user, at=NOW)
    with pytest.raises(DomainError) as refusal:
        sessions.answer_new_time(session=session, accept=True, by=scene.coordinator, at=NOW)
    assert refusal.value.field == "on_behalf_of"
    sessions.answer_new_time(session=session, accept=True, by=scene.coordinator, on_behalf_of="Maria Prova", at=NOW)
    assert session.planned_from == NEW["starts_at"]


def test_new_time_at_which_the_mediator_is_elsewhere(scene: SessionWorld) -> None:
    session = scene.confirmed()
    other = scene.confirmed(start=START + timedelta(days=1))
    with pytest.raises(MediatorBusyError):
        sessions.propose_new_time(session=session, **NEW, reason="Gita", by=scene.contact, at=NOW)
    free = {"starts_at": START + timedelta(days=2), "ends_at": END + timedelta(days=2)}
    sessions.propose_new_time(session=session, **free, reason="Gita", by=scene.contact, at=NOW)
    # Meanwhile somebody takes that time.
    sessions.propose_new_time(session=other, **free, reason="Sciopero", by=scene.coordinator, at=NOW)
    sessions.answer_new_time(session=other, accept=True, by=scene.user, at=NOW)
    with pytest.raises(MediatorBusyError):
        sessions.answer_new_time(session=session, accept=True, by=scene.user, at=NOW)
    session.refresh_from_db()
    assert session.planned_from == START
    assert session.request.__class__.objects.get(pk=session.request_id).state == RequestState.RESCHEDULED


NO_NEW_TIME = (
    (START, END, "starts_at"),
    (NOW - timedelta(days=1), NOW - timedelta(hours=23), "starts_at"),
    (START + timedelta(days=1), START + timedelta(days=1), "ends_at"),
    (START + timedelta(days=1), START + timedelta(days=1, hours=5), "ends_at"),
    (rome(2031, 3, 3, 9), rome(2031, 3, 3, 10), "starts_at"),
)


def test_new_time_that_cannot_be(scene: SessionWorld) -> None:
    session = scene.confirmed()
    for starts_at, ends_at, field in NO_NEW_TIME:
        with pytest.raises(DomainError) as refusal:
            sessions.propose_new_time(
                session=session, starts_at=starts_at, ends_at=ends_at, reason="Gita", by=scene.contact, at=NOW
            )
        assert refusal.value.field == field, (starts_at, ends_at)


def test_new_time_after_the_session_began_or_by_strangers(scene: SessionWorld) -> None:
    session = scene.confirmed()
    for by, at, refused in (
        (scene.user, START + timedelta(minutes=1), TransitionNotAllowed),
        (scene.world.stranger, NOW, NotPermitted),
        (scene.world.personas["teacher"], NOW, NotPermitted),
    ):
        with pytest.raises(refused):
            sessions.propose_new_time(session=session, **NEW, reason="Gita", by=by, at=at)
