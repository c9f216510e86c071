# SPDX-License-Identifier: EUPL-1.2
"""Rows of the register of mediators and of the mediator's own pages: a mediator sees oneself and nobody else."""

from datetime import date, timedelta
from typing import Any

from accounts.permissions import Permission
from fami_portal.core import clock
from fami_portal.core.services import acting
from mediation.enums import QualificationKind
from mediation.models import AvailabilityException, Mediator, MediatorQualification
from mediation.selectors.calendars import token_sha256
from tests.factories.mediation import MediatorFactory
from tests.matrix import EVERYBODY, NOBODY, SIGNED_IN, On, Row, having
from tests.mediation.register_of import local, request_of_world, session_of
from tests.personas import World

READERS = having(Permission.VIEW_MEDIATORS)
KEEPERS = having(Permission.MANAGE_MEDIATORS)
SELF = frozenset({"mediator"})
ABOVE = frozenset({"regional_coordinator", "technical_assistance"})
NETWORK = ABOVE | {"network_coordinator"}
# The entries: of the persona, of a colleague without account, of the sibling network, of another programme.
PLACES = {
    "own": ("coop_1", NETWORK | SELF),
    "near": ("coop_1", NETWORK),
    "sibling": ("coop_2", ABOVE),
    "foreign": ("coop_3", NOBODY),
}
# Who sees the session of the school: those who see its request, and the mediator.
SESSION = frozenset(
    {
        "regional_coordinator",
        "technical_assistance",
        "network_coordinator",
        "auditor",
        "teacher",
        "school_contact",
        "school_head",
        "mediator",
    }
)
TOKEN = "segreto-della-matrice-dei-ruoli"


def prepare(world: World) -> None:
    """Enter four mediators, each with a qualification and an exception; the first has a session and a calendar."""
    for place, (body, _readers) in PLACES.items():
        entry = _entry(world, place, body)
        world.objects[f"entry_{place}"] = entry
        with acting(None):
            world.objects[f"qualification_{place}"] = MediatorQualification.objects.create(
                mediator=entry, kind=QualificationKind.COURSE, title="Corso", expires_on=date(2030, 1, 1)
            )
            world.objects[f"exception_{place}"] = AvailabilityException.objects.create(
                mediator=entry, starts_on=date(2030, 1, 1), ends_on=date(2030, 1, 2)
            )
    own = world.objects["entry_own"]
    with acting(None):
        Mediator.objects.filter(pk=own.pk).update(calendar_token_sha256=token_sha256(TOKEN))
    request = request_of_world(world, number="A1-2019-90001", mediator=own)
    world.objects["entry_session"] = session_of(request, own, local(clock.today() + timedelta(days=2), 22))


def _entry(world: World, place: str, body: str) -> Mediator:
    user = world.personas["mediator"] if place == "own" else None
    # Other rooms give the persona an entry too: one account has one.
    kept = Mediator.objects.filter(user=user).first() if user else None
    return kept or MediatorFactory(organisation=world.bodies[body], user=user)


def _target(thing: str, place: str) -> Any:
    return lambda world, role: {"uuid": world.objects[f"{thing}_{place}"].uuid}


def _read() -> dict[str, On]:
    return {place: On(readers, target=_target("entry", place)) for place, (_body, readers) in PLACES.items()}


def _write(thing: str = "entry") -> dict[str, On]:
    return {
        place: On(readers & KEEPERS, readers - KEEPERS, target=_target(thing, place))
        for place, (_body, readers) in PLACES.items()
    }


def _week() -> dict[str, On]:
    """Once there is an account the availability is the mediator's own: nobody else writes it."""
    places = _write()
    readers = PLACES["own"][1]
    return places | {"own": On(NOBODY, readers, target=_target("entry", "own"))}


def _removed_exception() -> dict[str, On]:
    places = _write("exception")
    readers = PLACES["own"][1]
    return places | {"own": On(SELF, readers - SELF, target=_target("exception", "own"))}


def _facts(world: World, role: str) -> dict[str, Any]:
    return {
        "organisation": world.bodies["coop_1"].pk,
        "given_name": "Prova",
        "family_name": "Matrice",
        "gender": "undeclared",
        "profile": "mediator",
        "modes": ["phone"],
        "travel_buffer": "30",
    }


def _both(url: str, places: dict[str, On], data: Any = None) -> list[Row]:
    more = {"data": data} if data else {}
    return [Row(url, places), Row(url, places, method="post", **more)]


MINE = {"": On(SELF, SIGNED_IN - SELF)}
LIST = {"": On(READERS, SIGNED_IN - READERS)}
NEW = {"": On(KEEPERS, SIGNED_IN - KEEPERS)}

ROWS = [
    Row("mediation:mediator-list", LIST),
    Row(
        "mediation:mediator-export",
        {"": On(READERS, SIGNED_IN - READERS, target=lambda world, role: {"fmt": "csv"})},
    ),
    *_both("mediation:mediator-new", NEW, _facts),
    Row("mediation:mediator", _read()),
    *_both("mediation:mediator-edit", _write()),
    *_both("mediation:mediator-account", _write()),
    Row("mediation:mediator-unlink", _write(), method="post"),
    *_both("mediation:mediator-deactivate", _write(), lambda world, role: {"reason": "Prova"}),
    Row("mediation:mediator-reactivate", _write(), method="post"),
    *_both("mediation:mediator-languages", _write()),
    *_both("mediation:mediator-territories", _write()),
    *_both("mediation:mediator-qualification-new", _write()),
    *_both("mediation:mediator-qualification-remove", _write("qualification")),
    *_both("mediation:mediator-availability", _week()),
    *_both("mediation:mediator-exception-new", _week()),
    Row("mediation:availability-exception-remove", _removed_exception(), method="post"),
    Row("mediation:my-day", MINE),
    *_both("mediation:my-availability", MINE),
    *_both("mediation:my-exception-new", MINE),
    *_both("mediation:my-profile", MINE),
    *_both("mediation:my-confidentiality", MINE),
    *_both("mediation:my-calendar", MINE),
    Row("mediation:my-calendar-stop", MINE, method="post"),
    # The secret in the address is the key: it opens to whoever has it, and a wrong one to nobody.
    Row(
        "mediation:calendar-feed",
        {
            "own": On(EVERYBODY, target=lambda world, role: {"token": TOKEN}),
            "foreign": On(NOBODY, target=lambda world, role: {"token": TOKEN[::-1]}),
        },
    ),
    Row(
        "mediation:session-invitation",
        {"own": On(SESSION, target=lambda world, role: {"uuid": world.objects["entry_session"].uuid})},
    ),
]
