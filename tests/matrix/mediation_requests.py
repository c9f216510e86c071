# SPDX-License-Identifier: EUPL-1.2
"""Rows of requests: drafts are the body's alone, submitted ones are seen above it too."""

from datetime import date, time, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.permissions import Permission
from actions.enums import MediationRequestKind
from fami_portal.core import clock
from fami_portal.core.documents import store_document
from fami_portal.core.services import acting
from mediation.enums import RequestState
from mediation.models import MediationRequest
from mediation.selectors.requests import ATTACHMENT
from tests.factories.mediation import HourAccountFactory, MediationRequestFactory, RequestKindFactory
from tests.matrix import NOBODY, SIGNED_IN, On, Row, having
from tests.personas import World

ABOVE = frozenset({"regional_coordinator", "technical_assistance", "auditor"})
INSIDE = frozenset({"teacher", "school_contact", "school_head"})
SEES = ABOVE | INSIDE | {"network_coordinator"}
PREPARES = frozenset({"teacher", "school_contact"})
FILES = frozenset({"school_contact"})
HEAD = frozenset({"school_head"})
COORDINATES = frozenset({"regional_coordinator", "network_coordinator"})
REGION = frozenset({"regional_coordinator"})
READERS = having(Permission.VIEW_MEDIATION_REQUESTS)
WRITERS = having(Permission.PREPARE_MEDIATION_REQUESTS)
WHERE = {"own": ("school_1", "n1", "a"), "sibling": ("coop_2", "n2", "a"), "foreign": ("school_3", "n3", "b")}


def prepare(world: World) -> None:
    """Write a draft with a file, and a submitted request, at each place."""
    for place, (body, network, programme) in WHERE.items():
        for kind in (MediationRequestKind.SCHOOL, MediationRequestKind.SERVICE):
            RequestKindFactory(programme=world.programmes[programme], kind=kind)
        asked = {
            "programme": world.programmes[programme],
            "network": world.networks[network],
            "organisation": world.bodies[body],
            "slot": (_day(), time(10), time(11)),
        }
        account = HourAccountFactory(
            programme=asked["programme"], network=asked["network"], starts_on=date(2021, 3, 1), minutes=6000
        )
        draft, submitted = MediationRequestFactory(**asked), MediationRequestFactory(**asked)
        with acting(None):
            MediationRequest.objects.filter(pk=submitted.pk).update(
                state=RequestState.SUBMITTED,
                number=f"M-{place}",
                submitted_at=clock.now(),
                last_day=_day(),
                account=account,
            )
            world.objects[f"request_file_{place}"] = store_document(
                kind=ATTACHMENT, name="foglio.pdf", content=b"%PDF-1.4", by=None, subject_id=draft.pk
            )
        world.objects[f"request_draft_{place}"] = draft
        world.objects[f"request_submitted_{place}"] = submitted


def _day() -> date:
    """Return a weekday far enough ahead."""
    day = clock.today() + timedelta(days=30)
    return day + timedelta(days=-day.weekday() % 7 if day.weekday() > 4 else 0)


def _uuid(thing: str, place: str, **more: Any) -> Any:
    return lambda world, role: {"uuid": world.objects[f"request_{thing}_{place}"].uuid} | more


def _document(place: str) -> Any:
    def target(world: World, role: str) -> dict[str, Any]:
        found = world.objects[f"request_file_{place}"]
        return {"uuid": world.objects[f"request_draft_{place}"].uuid, "document": found.uuid}

    return target


def _draft(allowed: frozenset[str], target: Any = None, **more: Any) -> dict[str, On]:
    """A page of a draft: nobody outside the body knows that it exists."""
    at = target or (lambda place: _uuid("draft", place, **more))
    return {
        "own": On(allowed, INSIDE - allowed, target=at("own")),
        "sibling": On(NOBODY, target=at("sibling")),
        "foreign": On(NOBODY, target=at("foreign")),
    }


def _submitted(allowed: frozenset[str], above: frozenset[str] = NOBODY) -> dict[str, On]:
    """A page of a submitted request; `above` may do the same for other networks."""
    return {
        "own": On(allowed, SEES - allowed, target=_uuid("submitted", "own")),
        "sibling": On(above, ABOVE - above, target=_uuid("submitted", "sibling")),
        "foreign": On(NOBODY, target=_uuid("submitted", "foreign")),
    }


def _place(world: World, role: str) -> dict[str, Any]:
    kind, body = ("service", "service_1") if role == "service_operator" else ("school", "school_1")
    parts = (kind, world.bodies[body].pk, world.networks["n1"].pk, world.programmes["a"].pk)
    return {"place": ":".join(str(part) for part in parts)}


def _reason(world: World, role: str) -> dict[str, Any]:
    return {"reason": "Prova"}


def _file(world: World, role: str) -> dict[str, Any]:
    return {"name": "Prova", "file": SimpleUploadedFile("foglio.pdf", b"%PDF-1.4")}


def _both(url: str, places: dict[str, On], data: Any = None) -> list[Row]:
    return [Row(url, places), Row(url, places, method="post", **({"data": data} if data else {}))]


ROWS = [
    Row("mediation:request-list", {"": On(READERS, SIGNED_IN - READERS)}),
    Row("mediation:request-export", {"": On(READERS, SIGNED_IN - READERS, target=lambda world, role: {"fmt": "csv"})}),
    *_both("mediation:request-new", {"": On(WRITERS, SIGNED_IN - WRITERS)}, _place),
    Row("mediation:request", _submitted(SEES, ABOVE)),
    *_both("mediation:request-step", _draft(PREPARES, step=1), lambda world, role: {"then": "later", "version": 1}),
    Row("mediation:request-check", _draft(PREPARES)),
    Row("mediation:request-check", _draft(FILES), method="post"),
    *_both("mediation:request-discard", _draft(PREPARES)),
    *_both("mediation:request-authorise", _submitted(HEAD)),
    *_both("mediation:request-decline", _submitted(HEAD), _reason),
    *_both("mediation:request-signed", _submitted(HEAD | FILES), _file),
    *_both("mediation:request-cancel", _submitted(FILES | COORDINATES, REGION), _reason),
    Row("mediation:request-copy", _submitted(PREPARES), method="post"),
    *_both("mediation:request-attach", _submitted(PREPARES), _file),
    Row("mediation:request-detach", _draft(PREPARES, _document), method="post"),
]
