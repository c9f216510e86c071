# SPDX-License-Identifier: EUPL-1.2
"""A school without hours of its own reads the pool of its network: its own part, of the others only the sum."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mediation.models import HourAccount, MediationRequest
from mediation.services import hours
from tests.factories.mediation import HourAccountFactory, MediationRequestFactory, RequestKindFactory
from tests.personas import World

pytestmark = pytest.mark.django_db


def _account(world: World, body: str | None = None, network: str = "n1", **fields: Any) -> HourAccount:
    programme = world.programmes["a"]
    RequestKindFactory(programme=programme)
    organisation = world.bodies[body] if body else None
    return HourAccountFactory(
        programme=programme, network=world.networks[network], organisation=organisation, minutes=6000, **fields
    )


def _asked(world: World, account: HourAccount, body: str, minutes: int, reason: str) -> MediationRequest:
    request = MediationRequestFactory(
        programme=world.programmes["a"],
        network=world.networks["n1"],
        organisation=world.bodies[body],
        number=f"A1-2019-{body}",
        state="submitted",
        submitted_at=timezone.now(),
        account=account,
        last_day=timezone.localdate(),
    )
    facts = {"account": account, "source_type": "request", "source_id": request.pk, "by": None, "at": timezone.now()}
    hours.reserve(minutes=minutes, **facts)
    hours.charge(minutes=30, session_id=1, reason=reason, **facts)
    return request


def _client(world: World, role: str) -> Client:
    client = Client()
    client.force_login(world.personas[role])
    return client


def test_a_school_reads_its_part_of_the_pool(world: World) -> None:
    pool = _account(world)
    own = _asked(world, pool, "school_1", 120, "La mia ragione")
    other = _asked(world, pool, "near", 240, "Ragione della scuola vicina")
    contact = _client(world, "school_contact")

    assert pool.get_absolute_url() in contact.get("/mediation/hours/").content.decode()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page = contact.get(pool.get_absolute_url()).content.decode()
    assert len(queries) <= 20, [query["sql"][:120] for query in queries]
    assert own.number in page
    assert "La mia ragione" in page
    # Of the other school neither the number, nor the reason, nor a row: only what all the others hold together.
    for secret in (other.number, "Ragione della scuola vicina", world.bodies["near"].name):
        assert secret not in page
    table = contact.get(pool.get_absolute_url()).context["rows"]
    assert len(table) == 4
    facts = {str(name): str(value) for name, value in contact.get(pool.get_absolute_url()).context["facts"]}
    assert (facts["Di cui per le tue richieste"], facts["Per le altre scuole e gli altri servizi della rete"]) == (
        "2 h",
        "4 h",
    )
    exported = contact.get(f"{pool.get_absolute_url()}movements.csv")
    text = b"".join(exported.streaming_content).decode()
    assert own.number in text
    assert "vicina" not in text

    # Whoever coordinates goes on reading it whole.
    whole = _client(world, "network_coordinator").get(pool.get_absolute_url())
    assert len(whole.context["rows"]) == 7
    assert "Ragione della scuola vicina" in whole.content.decode()


@pytest.mark.parametrize(
    ("pool", "own", "role"),
    [
        # It has hours of its own for the same purpose.
        ({}, {}, "school_contact"),
        # Pools of another network, of another kind of request, and what a service draws on.
        ({"network": "n2"}, None, "school_contact"),
        ({"kind": "service"}, None, "school_contact"),
        ({}, None, "service_operator"),
        ({}, None, "mediator"),
    ],
)
def test_a_pool_on_which_the_body_does_not_draw_is_not_there(
    world: World, pool: dict[str, Any], own: dict[str, Any] | None, role: str
) -> None:
    account = _account(world, **pool)
    if own is not None:
        _account(world, "school_1", **own)

    assert _client(world, role).get(account.get_absolute_url()).status_code in (403, 404)
    assert not HourAccount.objects.visible_to(world.personas[role]).filter(pk=account.pk).exists()


def test_hours_of_its_own_for_another_purpose_leave_the_pool_in_sight(world: World) -> None:
    pool = _account(world)
    _account(world, "school_1", use="planned")

    assert HourAccount.objects.visible_to(world.personas["school_head"]).filter(pk=pool.pk).exists()


def test_the_pool_is_read_and_never_managed(world: World) -> None:
    pool = _account(world)
    contact = _client(world, "school_contact")
    for act in ("grant", "extra", "move", "what-if"):
        assert contact.get(f"{pool.get_absolute_url()}{act}").status_code == 403
