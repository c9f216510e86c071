# SPDX-License-Identifier: EUPL-1.2
"""A mediator of the small world, with account, and what such a person has to do."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from fami_portal.core import clock
from mediation.enums import ProposalState, RequestState, SessionState
from mediation.models import MediationRequest, MediationSession, Mediator, Proposal
from tests.factories.actions import ActivityFactory, ActivityTypeFactory
from tests.factories.base import PortalFactory
from tests.factories.mediation import HourAccountFactory, MediationRequestFactory, MediatorFactory
from tests.personas import World


class SessionFactory(PortalFactory):
    """One session; give `request`, `mediator`, `planned_from`, `planned_until`."""

    class Meta:
        model = MediationSession


class ProposalFactory(PortalFactory):
    """One proposal; give `request`, `mediator`, `starts_at`, `ends_at`."""

    class Meta:
        model = Proposal


def local(day: date, hour: int, minute: int = 0) -> datetime:
    """Return the moment of a time of day in Italy."""
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))


def mediator_of_world(world: World, **fields: Any) -> Mediator:
    """Return the entry of the persona `mediator`, of the cooperative of network n1."""
    values = {
        "organisation": world.bodies["coop_1"],
        "user": world.personas["mediator"],
        "given_name": "Amina",
        "family_name": "Esempio",
    }
    return MediatorFactory(**(values | fields))


def request_of_world(world: World, *, number: str, mediator: Mediator | None = None, **fields: Any) -> MediationRequest:
    """Return a request of the school of network n1; with a `mediator` it is confirmed to that one."""
    body = fields.pop("organisation", world.bodies["school_1"])
    values: dict[str, Any] = {
        "programme": world.programmes["a"],
        "network": world.networks["n1"],
        "organisation": body,
        "number": number,
        **fields,
    }
    if mediator is not None:
        now = clock.now()
        account = (
            HourAccountFactory(
                programme=values["programme"],
                network=values["network"],
                starts_on=clock.today(),
                ends_on=date(2035, 8, 31),
            )
            if "account" not in values
            else values["account"]
        )
        values = {
            "state": RequestState.CONFIRMED,
            "submitted_at": now,
            "state_since": now,
            "confirmed_at": now,
            "last_day": clock.today() + timedelta(days=30),
            "account": account,
            "mediator": mediator,
            "activity": ActivityFactory(
                activity_type=ActivityTypeFactory(action=world.actions["a"]),
                network=values["network"],
                organisation=world.bodies["coop_1"],
            ),
        } | values
    return MediationRequestFactory(**values)


def session_of(
    request: MediationRequest, mediator: Mediator, start: datetime, minutes: int = 60, **fields: Any
) -> MediationSession:
    """Return a session of a request; `state` held gets its actual times."""
    end = start + timedelta(minutes=minutes)
    if fields.get("state") == SessionState.HELD:
        fields = {
            "actual_from": start,
            "actual_until": end,
            "minutes": minutes,
            "outcome": "complete",
            "recorded_at": end,
        } | fields
    return SessionFactory(
        request=request,
        mediator=mediator,
        planned_from=start,
        planned_until=end,
        busy_from=start,
        busy_until=end,
        **fields,
    )


def proposal_of(request: MediationRequest, mediator: Mediator, start: datetime, **fields: Any) -> Proposal:
    """Return a proposal that waits for an answer until tomorrow."""
    now = clock.now()
    values = {
        "state": ProposalState.PROPOSED,
        "starts_at": start,
        "ends_at": start + timedelta(hours=1),
        "proposed_at": now,
        "expires_at": now + timedelta(days=1),
    }
    return ProposalFactory(request=request, mediator=mediator, **(values | fields))
