# SPDX-License-Identifier: EUPL-1.2
"""Rows of links without account, delegations of the head, and what was arranged outside."""

from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from fami_portal.core import clock
from fami_portal.core.models import Message
from fami_portal.core.services import acting
from mediation.enums import LinkPurpose, RequestState
from mediation.models import AccessLink, HeadDelegation
from mediation.services import links, requests
from tests.factories.mediation import (
    HourAccountFactory,
    MediationRequestFactory,
    MediatorFactory,
    RequestKindFactory,
)
from tests.matrix import EVERYBODY, NOBODY, SIGNED_IN, On, Row
from tests.mediation.filing import filing_data
from tests.personas import World

COORDINATORS = frozenset({"regional_coordinator", "network_coordinator"})
HEAD = frozenset({"school_head"})
CONTACT = frozenset({"school_contact"})
# Who files or authorises for some body, and so sees the page of its links.
BODIES = HEAD | CONTACT | {"service_operator"}
LOOK_AFTER = COORDINATORS | HEAD | CONTACT
SEE_REQUEST = LOOK_AFTER | {"teacher", "technical_assistance", "auditor"}
WHERE = {"own": ("school_1", "n1", "a"), "foreign": ("school_3", "n3", "b")}
DAYS = {"starts_on": "01/01/2029", "ends_on": "31/03/2029", "hours": "10"}
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF\n"


def prepare(world: World) -> None:
    """Give two schools a mailbox, a request, each kind of link and a delegation."""
    for place, (body, network, programme) in WHERE.items():
        school = world.bodies[body]
        RequestKindFactory(programme=world.programmes[programme])
        # An account of its own: the common pool belongs to the rows of the hours.
        HourAccountFactory(programme=world.programmes[programme], network=world.networks[network], organisation=school)
        with acting(None):
            school.email = f"{body.replace('_', '-')}@mailbox.example"
            school.save()
        request = MediationRequestFactory(
            programme=world.programmes[programme], network=world.networks[network], organisation=school
        )
        requests.submit(request=request, by=None, at=clock.now())
        assert request.state == RequestState.SUBMITTED
        world.objects[f"linked_request_{place}"] = request
        for purpose in LinkPurpose:
            link, token = links.issue_link(
                purpose=purpose,
                organisation=school,
                address=school.email,
                request=None if purpose == LinkPurpose.FILE else request,
                programme=world.programmes[programme],
                network=world.networks[network],
                kind="school",
                by=None,
                at=timezone.now(),
                valid_for=timedelta(days=1),
                maximum_uses=5,
            )
            world.objects[f"{purpose}_link_{place}"], world.objects[f"{purpose}_token_{place}"] = link, token
        with acting(None):
            world.objects[f"delegation_{place}"] = HeadDelegation.objects.create(
                organisation=school,
                given_by_name="Anna Prova",
                given_at=clock.now(),
                starts_on=clock.today() - timedelta(days=400),
                ends_on=clock.today() - timedelta(days=390),
                maximum_minutes=600,
            )
    world.objects["linked_mediator"] = MediatorFactory(organisation=world.bodies["coop_1"])
    assert AccessLink.objects.exists()
    assert Message.objects.filter(kind="access_link").exists()


def _token(purpose: str) -> Any:
    return lambda world, role: {"token": world.objects[f"{purpose}_token_own"]}


def _unknown(world: World, role: str) -> dict[str, Any]:
    return {"token": "x" * 43}


def _uuid(name: str) -> Any:
    return lambda world, role: {"uuid": world.objects[name].uuid}


def _body(name: str) -> Any:
    return lambda world, role: {"uuid": world.bodies[name].uuid}


def _public(name: str, purpose: str, method: str, data: dict[str, str] | None = None) -> list[Row]:
    """A page behind a token: open to whoever has it, nothing without."""
    places = {"own": On(EVERYBODY, target=_token(purpose)), "unknown": On(NOBODY, target=_unknown)}
    return [Row(name, places, method=method, data=lambda world, role: dict(data or {}))]


def _on_body(allowed: frozenset[str]) -> dict[str, On]:
    return {
        "own": On(allowed, LOOK_AFTER - allowed, target=_body("school_1")),
        "foreign": On(NOBODY, target=_body("school_3")),
    }


def _both(name: str, places: dict[str, On], data: Any = None) -> list[Row]:
    return [Row(name, places), Row(name, places, method="post", data=data or (lambda world, role: {}))]


def _on_thing(name: str, allowed: frozenset[str]) -> dict[str, On]:
    return {
        "own": On(allowed, LOOK_AFTER - allowed, target=_uuid(f"{name}_own")),
        "foreign": On(NOBODY, target=_uuid(f"{name}_foreign")),
    }


def _send(world: World, role: str) -> dict[str, Any]:
    body, network, programme = (
        world.bodies["school_1"],
        world.networks["n1"],
        world.programmes["a"],
    )
    offer = f"school:{body.pk}:{network.pk}:{programme.pk}"
    return {"offer": offer, "address": body.email, "days": "30", "maximum_uses": "10"}


def _sheet(world: World, role: str) -> dict[str, Any]:
    return DAYS | {"given_by_name": "Anna Prova", "sheet": SimpleUploadedFile("delega.pdf", PDF)}


def _outside(world: World, role: str) -> dict[str, Any]:
    mediator = world.objects["linked_mediator"]
    return filing_data(outside_reason="Concordato per telefono.", same_mediator=str(mediator.pk))


ROWS = [
    Row("mediation:link-ask", {"": On(EVERYBODY)}),
    Row("mediation:link-ask", {"": On(EVERYBODY)}, method="post", data=lambda world, role: {"address": "a@b.example"}),
    Row("mediation:link-asked", {"": On(EVERYBODY)}),
    *_public("mediation:link-file", "file", "get"),
    Row(
        "mediation:link-file",
        {"own": On(EVERYBODY, target=_token("file")), "unknown": On(NOBODY, target=_unknown)},
        method="post",
        data=lambda world, role: filing_data(),
    ),
    *_public("mediation:link-filed", "file", "get"),
    *_public("mediation:link-complete", "follow", "get"),
    *_public("mediation:link-complete", "follow", "post"),
    *_public("mediation:link-follow", "follow", "get"),
    *_public("mediation:link-cancel", "follow", "get"),
    *_public("mediation:link-cancel", "follow", "post", {"reason": "Non serve più."}),
    *_public("mediation:link-authorise", "authorise", "get"),
    *_public("mediation:link-authorise", "authorise", "post", {"name": "Anna Prova", "declaration": "on"}),
    *_public("mediation:link-decline", "authorise", "get"),
    *_public("mediation:link-decline", "authorise", "post", {"name": "Anna Prova", "comment": "Non serve più."}),
    # The report has not been filed: the page says how the request stands.
    *_public("mediation:link-countersign", "countersign", "get"),
    *_public("mediation:link-countersign", "countersign", "post", {"name": "Anna Prova", "declaration": "on"}),
    Row("mediation:access-list", {"": On(COORDINATORS | BODIES, SIGNED_IN - COORDINATORS - BODIES)}),
    Row("mediation:access", _on_body(LOOK_AFTER)),
    *_both("mediation:link-send", _on_body(COORDINATORS), _send),
    *_both("mediation:delegation-give", _on_body(HEAD), lambda world, role: dict(DAYS)),
    *_both("mediation:delegation-paper", _on_body(COORDINATORS), _sheet),
    *_both("mediation:request-outside", _on_body(COORDINATORS), _outside),
    *_both("mediation:link-revoke", _on_thing("file_link", COORDINATORS | CONTACT)),
    *_both("mediation:delegation-revoke", _on_thing("delegation", COORDINATORS | HEAD)),
    Row(
        "mediation:head-link",
        {
            "own": On(LOOK_AFTER, SEE_REQUEST - LOOK_AFTER, target=_uuid("linked_request_own")),
            "foreign": On(NOBODY, target=_uuid("linked_request_foreign")),
        },
        method="post",
    ),
]
