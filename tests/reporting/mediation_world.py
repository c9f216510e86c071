# SPDX-License-Identifier: EUPL-1.2
"""The small programme of `ledger_world` with a mediation service: requests already held, and the acts on their figures."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from actions.enums import ActivityKind, Measure, Unit
from fami_portal.core.services import acting
from mediation.enums import AuthorisationMethod, RequestState, SessionOutcome, SessionState
from mediation.models import HourAccount, MediationRequest, MediationSession, Mediator
from mediation.signals import figures_changed, figures_changing
from tests.factories.actions import ActivityTypeFactory, IndicatorFactory
from tests.factories.mediation import HourAccountFactory, MediationRequestFactory, MediatorFactory
from tests.reporting.ledger_world import NOW, World, build

ROME = ZoneInfo("Europe/Rome")
_numbers = count(1)
INDICATORS = (
    ("mediation_hours", Measure.MEDIATION_HOURS, Unit.HOURS, {"activity_types": ["mediation"]}),
    ("community_hours", Measure.MEDIATION_HOURS, Unit.HOURS, {"activity_types": ["community"]}),
    ("sessions", Measure.MEDIATION_SESSIONS, Unit.SESSIONS, {}),
    ("mediators", Measure.MEDIATORS, Unit.MEDIATORS, {}),
)


def moment(day: date, hour: int = 10, minute: int = 0) -> datetime:
    """Return a time of an Italian day."""
    return datetime.combine(day, time(hour, minute), tzinfo=ROME)


def build_mediation() -> World:
    """Return the world with mediation types and indicators, two mediators and a pool of hours in each network."""
    world = build()
    for code in ("mediation", "community"):
        world.types[code] = ActivityTypeFactory(action=world.actions["02"], code=code, kind=ActivityKind.MEDIATION)
    for code, measure, unit, rule in INDICATORS:
        world.indicators[code] = IndicatorFactory(
            programme=world.programme, code=code, measure=measure, unit=unit, rule=rule
        )
    return world


def a_mediator(world: World, place: int = 0) -> Mediator:
    """Return a new mediator of the body of a network."""
    return MediatorFactory(organisation=world.bodies[place])


def held_request(
    world: World,
    place: int,
    sessions: Sequence[tuple[Mediator, datetime, int]],
    *,
    kind: str = "mediation",
    state: str = RequestState.COUNTERSIGNED,
) -> MediationRequest:
    """Return a request whose sessions (mediator, begin, minutes) have been held and whose report waits for validation."""
    network = world.networks[place]
    account = HourAccount.objects.filter(network=network).first() or HourAccountFactory(
        programme=world.programme, network=network, minutes=100_000
    )
    first = min(begin for _mediator, begin, _minutes in sessions)
    request = MediationRequestFactory(
        programme=world.programme,
        network=network,
        organisation=world.bodies[place],
        account=account,
        activity=world.activity(place, kind),
        mediator=sessions[0][0],
        number=f"A1-2019-{next(_numbers):05d}",
        state=state,
        submitted_at=first - timedelta(days=9),
        authorised_at=first - timedelta(days=8),
        authorisation=AuthorisationMethod.ACCOUNT,
        confirmed_at=first - timedelta(days=6),
        last_day=first.date(),
    )
    for position, (mediator, begin, minutes) in enumerate(sessions, 1):
        a_session(request, mediator, begin, minutes, position=position)
    return request


def a_session(
    request: MediationRequest, mediator: Mediator, begin: datetime, minutes: int, *, position: int = 1
) -> MediationSession:
    """Return a session that has been held."""
    end = begin + timedelta(minutes=minutes)
    with acting(None):
        return MediationSession.objects.create(
            request=request,
            mediator=mediator,
            position=position,
            state=SessionState.HELD,
            planned_from=begin,
            planned_until=end,
            busy_from=begin,
            busy_until=end,
            actual_from=begin,
            actual_until=end,
            minutes=minutes,
            outcome=SessionOutcome.COMPLETE,
            recorded_at=end,
        )


def validate(request: MediationRequest, *, by: Any = None, at: datetime = NOW) -> None:
    """Validate the report as the mediation service does: announce, change, tell."""
    with acting(by):
        figures_changing.send(sender=MediationRequest, programme_id=request.programme_id)
        MediationRequest.objects.filter(pk=request.pk).update(state=RequestState.VALIDATED, validated_at=at)
        tell(request, by=by, at=at)


def reopen(request: MediationRequest, *, at: datetime = NOW) -> None:
    """Open a validated report again."""
    with acting(None):
        figures_changing.send(sender=MediationRequest, programme_id=request.programme_id)
        MediationRequest.objects.filter(pk=request.pk).update(state=RequestState.REOPENED, validated_at=None)
        tell(request, at=at)


def tell(request: MediationRequest, *, by: Any = None, at: datetime = NOW) -> None:
    """Say that the figures of a request changed (inside a service transaction)."""
    figures_changed.send(
        sender=MediationRequest,
        source_type="request",
        source_id=request.pk,
        programme_id=request.programme_id,
        by=by,
        at=at,
    )
