# SPDX-License-Identifier: EUPL-1.2
"""Requests that wait on the board of network n1 and mediators who may be asked (names of `tests.personas`)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from actions.enums import ActivityKind, MediationRequestKind
from actions.models import ActivityType
from fami_portal.core.services import acting
from mediation.enums import AuthorisationMethod, RequestState
from mediation.models import MediationRequest, Mediator
from mediation.services import assignment
from partners.models import Language
from partners.services.memberships import grant_membership
from tests.factories.actions import ActivityTypeFactory
from tests.factories.mediation import (
    HourAccountFactory,
    MediationRequestFactory,
    MediatorFactory,
    MediatorLanguageFactory,
    MediatorTerritoryFactory,
    RequestKindFactory,
    WeeklyAvailabilityFactory,
)
from tests.factories.partners import LanguageFactory
from tests.personas import World, a_user, build_world

ROME = ZoneInfo("Europe/Rome")
# A Monday morning; the time asked is the Wednesday of the week after.
NOW = datetime(2019, 3, 4, 9, 0, tzinfo=ROME)
START = datetime(2019, 3, 13, 10, 0, tzinfo=ROME)
END = START + timedelta(hours=1)
_numbers = count(1)


def rome(*parts: int, fold: int = 0) -> datetime:
    """A moment by the clock on the wall in Italy."""
    return datetime(*parts, tzinfo=ROME, fold=fold)  # type: ignore[misc,arg-type]


@dataclass
class BoardWorld:
    """The world, one language, and what the tests need again and again."""

    world: World
    language: Language
    accounts: dict[str, Any] = field(default_factory=dict)
    minutes: int = 600

    @property
    def coordinator(self) -> Any:
        return self.world.personas["network_coordinator"]

    def request(
        self, *, kind: str = MediationRequestKind.SCHOOL, start: datetime = START, network: str = "n1", **fields: Any
    ) -> MediationRequest:
        """A request of the school (or of the service), authorised: it waits for the coordinator."""
        programme = self.world.programmes["b" if network == "n3" else "a"]
        RequestKindFactory(programme=programme, kind=kind)
        key = f"{network}:{kind}"
        if key not in self.accounts:
            self.accounts[key] = HourAccountFactory(
                programme=programme, network=self.world.networks[network], kind=kind, minutes=60_000
            )
        state = fields.pop("state", RequestState.AUTHORISED)
        submitted = fields.pop("submitted_at", NOW - timedelta(hours=2))
        body = {"n1": "service_1" if kind == MediationRequestKind.SERVICE else "school_1"}.get(network, "school_3")
        fields.setdefault("organisation", self.world.bodies[body])
        end = start + timedelta(minutes=fields.get("minutes_asked", 60))
        request = MediationRequestFactory(
            kind=kind,
            programme=programme,
            network=self.world.networks[network],
            language=fields.pop("language", self.language),
            slot=(start.date(), start.timetz().replace(tzinfo=None), end.timetz().replace(tzinfo=None)),
            **fields,
        )
        with acting(None):
            MediationRequest.objects.filter(pk=request.pk).update(
                number=f"T-{next(_numbers):05d}",
                state=state,
                account=self.accounts[key],
                last_day=start.date(),
                submitted_at=submitted,
                authorised_at=submitted,
                authorisation=AuthorisationMethod.NOT_NEEDED,
                state_since=submitted,
            )
        request.refresh_from_db()
        return request

    def taken(self, **fields: Any) -> MediationRequest:
        """A request that the coordinator has taken in charge."""
        at = fields.pop("at", NOW)
        request = self.request(**fields)
        assignment.take_in_charge(request=request, by=self.world.personas["regional_coordinator"], at=at)
        return request

    def mediator(
        self,
        *,
        language: Language | None = None,
        user: Any = None,
        account: bool = True,
        week: bool = True,
        province: str = "TO",
        variety: str = "",
        level: str = "mother_tongue",
        **fields: Any,
    ) -> Mediator:
        """A mediator of the lead of n1, with an account unless told otherwise, free all week."""
        fields.setdefault("organisation", self.world.bodies["coop_1"])
        if account and user is None:
            user = a_user(f"mediatore.{next(_numbers)}")
            grant_membership(
                user=user,
                organisation=fields["organisation"],
                role="mediator",
                networks=[],
                valid_from=NOW.date(),
                by=None,
            )
        mediator = MediatorFactory(user=user, home=self.world.bodies["school_1"].municipality, **fields)
        MediatorLanguageFactory(mediator=mediator, language=language or self.language, variety=variety, level=level)
        if province:
            MediatorTerritoryFactory(mediator=mediator, province=province)
        if week:
            for day in range(7):
                WeeklyAvailabilityFactory(mediator=mediator, weekday=day, starts_at="00:00", ends_at="23:59")
        return mediator


def build(world: World | None = None) -> BoardWorld:
    """Write it, around a world that is there or a new one: both programmes have an activity type of mediation."""
    world = world or build_world()
    for action in world.actions.values():
        if not ActivityType.objects.filter(action=action, kind=ActivityKind.MEDIATION).exists():
            ActivityTypeFactory(action=action, kind=ActivityKind.MEDIATION, title="Mediazione nelle scuole")
    return BoardWorld(world, LanguageFactory())


def fresh(user: Any) -> Any:
    """The same person as another request would load it: without what was kept on the object."""
    return type(user).objects.get(pk=user.pk)
