# SPDX-License-Identifier: EUPL-1.2
"""Rows of triage and assignment: requests of the school in network n1, of the sibling network, of another programme."""

from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.utils import timezone

from actions.enums import ActivityKind
from fami_portal.core import clock
from fami_portal.core.services import acting
from mediation.enums import AccountUse, ProposalState, RequestState
from mediation.models import MediationRequest, Mediator, Proposal
from tests.factories.actions import ActivityFactory, ActivityTypeFactory
from tests.factories.mediation import HourAccountFactory, MediatorLanguageFactory
from tests.factories.partners import LanguageFactory
from tests.matrix import NOBODY, SIGNED_IN, On, Row
from tests.mediation.board_world import BoardWorld
from tests.personas import World

ABOVE = frozenset({"regional_coordinator", "technical_assistance", "auditor"})
SEES = ABOVE | {"network_coordinator", "teacher", "school_contact", "school_head"}
COORDINATES = frozenset({"regional_coordinator", "network_coordinator"})
REGION = frozenset({"regional_coordinator"})
MEDIATOR = frozenset({"mediator"})
# Body that asks, network, programme, body of the mediator.
PLACES = {
    "own": ("school_1", "n1", "a", "coop_1"),
    "sibling": ("coop_2", "n2", "a", "coop_2"),
    "foreign": ("school_3", "n3", "b", "coop_3"),
}
BEGIN = datetime(2020, 1, 1).date()  # noqa: DTZ001  a day


def _start() -> datetime:
    return timezone.make_aware(datetime.combine(clock.today() + timedelta(days=9), time(10)))


def prepare(world: World) -> None:
    """Write a request in each state that the pages are about, at each place, with a mediator for it."""
    board = BoardWorld(world, LanguageFactory())
    for place, (body, network, programme, provider) in PLACES.items():
        board.accounts[f"{network}:school"] = HourAccountFactory(
            programme=world.programmes[programme],
            network=world.networks[network],
            use=AccountUse.URGENCY,
            starts_on=BEGIN,
            minutes=6000,
        )
        activity = ActivityFactory(
            activity_type=ActivityTypeFactory(action=world.actions[programme], kind=ActivityKind.MEDIATION),
            network=world.networks[network],
            organisation=world.bodies[provider],
            starts_on=BEGIN,
        )
        mediator = _mediator(world, board, place, provider)
        world.objects[f"asked_{place}"] = mediator
        for state in ("authorised", "taken_in_charge", "proposed", "confirmed"):
            request = board.request(
                network=network, organisation=world.bodies[body], start=_start(), state=_first(state)
            )
            with acting(None):
                MediationRequest.objects.filter(pk=request.pk).update(activity=activity)
            if state == "confirmed":
                _confirm(request, mediator)
            world.objects[f"{state}_{place}"] = request
        world.objects[f"proposal_{place}"] = _proposal(world.objects[f"proposed_{place}"], mediator)


def _first(state: str) -> str:
    """A confirmed request has its mediator only after it has been written."""
    return RequestState.TAKEN_IN_CHARGE if state == "confirmed" else state


def _mediator(world: World, board: BoardWorld, place: str, provider: str) -> Mediator:
    user = world.personas["mediator"] if place == "own" else None
    # Other rooms give the persona an entry too: one account has one.
    kept = Mediator.objects.filter(user=user).first() if user else None
    if kept is None:
        return board.mediator(user=user, organisation=world.bodies[provider])
    MediatorLanguageFactory(mediator=kept, language=board.language)
    return kept


def _proposal(request: MediationRequest, mediator: Mediator, state: str = ProposalState.PROPOSED) -> Proposal:
    with acting(None):
        return Proposal.objects.create(
            request=request,
            mediator=mediator,
            state=state,
            # Not at the time for which mediators are sought: they would count as asked already.
            starts_at=_start() + timedelta(hours=4),
            ends_at=_start() + timedelta(hours=5),
            proposed_at=clock.now(),
            expires_at=clock.now() + timedelta(hours=24),
        )


def _confirm(request: MediationRequest, mediator: Mediator) -> None:
    _proposal(request, mediator, ProposalState.ACCEPTED)
    with acting(None):
        MediationRequest.objects.filter(pk=request.pk).update(
            state=RequestState.CONFIRMED, mediator=mediator, confirmed_at=clock.now()
        )


def _target(thing: str, place: str, *, mediator: bool = False) -> Any:
    def target(world: World, role: str) -> dict[str, Any]:
        found = {"uuid": world.objects[f"{thing}_{place}"].uuid}
        return found | ({"mediator": world.objects[f"asked_{place}"].uuid} if mediator else {})

    return target


def _query(world: World, role: str) -> str:
    start = timezone.localtime(_start())
    return "?" + urlencode({"day": f"{start:%Y-%m-%d}", "starts_at": "10:00", "ends_at": "11:00"})


def _coordinated(
    thing: str, *, mediator: bool = False, query: Any = "", also: frozenset[str] = NOBODY
) -> dict[str, On]:
    """A page of the coordinators; `also` are others who see the own request because it was offered to them."""
    return {
        "own": On(
            COORDINATES, (SEES | also) - COORDINATES, target=_target(thing, "own", mediator=mediator), query=query
        ),
        "sibling": On(REGION, ABOVE - REGION, target=_target(thing, "sibling", mediator=mediator), query=query),
        "foreign": On(NOBODY, target=_target(thing, "foreign", mediator=mediator), query=query),
    }


def _answered() -> dict[str, On]:
    """A page of the mediator asked; whoever sees the request is refused."""
    return {
        "own": On(MEDIATOR, SEES, target=_target("proposal", "own")),
        "sibling": On(NOBODY, ABOVE, target=_target("proposal", "sibling")),
        "foreign": On(NOBODY, target=_target("proposal", "foreign")),
    }


def _given_back() -> dict[str, On]:
    places = _coordinated("confirmed")
    allowed = COORDINATES | MEDIATOR
    return places | {"own": On(allowed, SEES - allowed, target=_target("confirmed", "own"))}


def _comment(world: World, role: str) -> dict[str, Any]:
    return {"comment": "Prova"}


def _answer_by(world: World, role: str) -> dict[str, Any]:
    return {"expires_at": f"{timezone.localtime(clock.now() + timedelta(hours=24)):%d/%m/%Y %H:%M}"}


def _arranged(place: str) -> Any:
    def data(world: World, role: str) -> dict[str, Any]:
        found = {"mediator": world.objects[f"asked_{place}"].pk, "reason": "Prova"}
        return found | {"day": f"{_start():%Y-%m-%d}", "starts_at": "12:00", "ends_at": "13:00"}

    return data


def _both(url: str, places: dict[str, On], data: Any) -> list[Row]:
    return [Row(url, places), Row(url, places, method="post", data=data)]


_TAKEN = _coordinated("taken_in_charge")
_ASKED = _coordinated("taken_in_charge", mediator=True, query=_query)
_OFFERED = _coordinated("taken_in_charge", query=_query)

ROWS = [
    Row("mediation:board", {"": On(COORDINATES, SIGNED_IN - COORDINATES)}),
    Row("mediation:request-take", _coordinated("authorised"), method="post"),
    Row("mediation:request-unmet", _TAKEN, method="post"),
    *_both("mediation:request-ask-to-complete", _TAKEN, _comment),
    *_both("mediation:request-reject", _TAKEN, _comment),
    *_both("mediation:request-give-back", _given_back(), _comment),
    Row("mediation:request-suggestions", _TAKEN),
    *_both("mediation:request-propose", _ASKED, _answer_by),
    *_both("mediation:request-offer", _OFFERED, _answer_by),
    *(
        row
        for place, on in _TAKEN.items()
        for row in _both("mediation:request-arranged", {place: on}, _arranged(place))
    ),
    Row("mediation:proposal-list", {"": On(MEDIATOR, SIGNED_IN - MEDIATOR)}),
    Row("mediation:proposal", _answered()),
    Row("mediation:proposal-accept", _answered(), method="post"),
    *_both("mediation:proposal-refuse", _answered(), lambda world, role: {"reason": "busy"}),
    Row("mediation:proposal-withdraw", _coordinated("proposal", also=MEDIATOR), method="post"),
]
