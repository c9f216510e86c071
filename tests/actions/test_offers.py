# SPDX-License-Identifier: EUPL-1.2
"""The catalogue: published for the schools of the area, asked for once, answered once."""

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from actions.enums import ActivityKind, OfferState
from actions.models import Offer, OfferRequest
from actions.services.offers import (
    answer_request,
    ask_offer,
    publish_again,
    publish_offer,
    update_offer,
    withdraw_offer,
)
from fami_portal.core.errors import DomainError, NotPermitted, StaleError, TransitionNotAllowed
from fami_portal.core.models import Message
from fami_portal.core.services import acting
from partners.models import Municipality, NetworkMember
from tests.actions.scene import Scene

AT = datetime(2026, 10, 5, 9, tzinfo=UTC)
FACTS: dict[str, Any] = {
    "title": "Laboratorio di italiano",
    "audience": "Alunni da 6 a 13 anni",
    "place": "A scuola",
    "period": "Pomeriggi, da ottobre",
    "how_to_ask": "Con il modulo qui sotto",
    "office": "Ufficio progetti",
    "opens_on": date(2026, 9, 1),
    "closes_on": date(2030, 10, 31),
}


@pytest.fixture(autouse=True)
def _english(request: pytest.FixtureRequest) -> Iterator[None]:
    """Refusals are read here as they are written in the code; pages as people read them."""
    with translation.override("it" if "page" in request.node.name else "en"):
        yield


def publish(scene: Scene, kind: str = ActivityKind.LAB, **values: Any) -> Offer:
    given = FACTS | {
        "network": scene.network,
        "activity_type": scene.types[kind],
        "activity": None,
        "by": scene.coordinator,
    }
    return publish_offer(**(given | values))


def test_entry_is_published_once_corrected_and_withdrawn(scene: Scene) -> None:
    key = uuid.uuid4()
    offer = publish(scene, key=key)
    assert publish(scene, key=key) == offer
    with pytest.raises(NotPermitted):
        publish(scene, by=scene.operator)
    for values, field in (({"office": " "}, "office"), ({"closes_on": date(2026, 8, 1)}, "closes_on")):
        with pytest.raises(DomainError) as refused:
            publish(scene, **values)
        assert refused.value.field == field
    update_offer(offer=offer, version=1, **(FACTS | {"place": "In biblioteca"}), by=scene.coordinator)
    with pytest.raises(StaleError):
        update_offer(offer=offer, version=1, **FACTS, by=scene.coordinator)
    withdraw_offer(offer=offer, by=scene.region)
    with pytest.raises(TransitionNotAllowed):
        withdraw_offer(offer=offer, by=scene.region)
    with pytest.raises(TransitionNotAllowed):
        ask_offer(offer=offer, organisation=scene.school, by=scene.contact, at=AT)
    assert Offer.objects.get().state == OfferState.WITHDRAWN
    with pytest.raises(NotPermitted):
        publish_again(offer=offer, by=scene.operator)
    publish_again(offer=offer, by=scene.coordinator)
    with pytest.raises(TransitionNotAllowed):
        publish_again(offer=offer, by=scene.coordinator)
    ask_offer(offer=offer, organisation=scene.school, by=scene.contact, at=AT)


def test_school_asks_once_and_is_answered_once(scene: Scene) -> None:
    offer, coordinator, contact = publish(scene), scene.coordinator, scene.contact
    with pytest.raises(NotPermitted):
        ask_offer(offer=offer, organisation=scene.school, by=scene.teacher, at=AT)
    with pytest.raises(DomainError, match="can be asked for from"):
        ask_offer(offer=offer, organisation=scene.school, by=contact, at=datetime(2026, 8, 1, tzinfo=UTC))
    mediation = publish(scene, ActivityKind.MEDIATION, title="Mediazione")
    with pytest.raises(DomainError, match="its own form"):
        ask_offer(offer=mediation, organisation=scene.school, by=contact, at=AT)
    asked = ask_offer(offer=offer, organisation=scene.school, by=contact, at=AT, classes="1A", pupils=12)
    assert ask_offer(offer=offer, organisation=scene.school, by=contact, at=AT) == asked
    assert Message.objects.filter(kind="offer_asked", recipient=coordinator).count() == 1
    with pytest.raises(NotPermitted):
        answer_request(request=asked, answer="Sì", by=contact, at=AT)
    answer_request(request=asked, answer="Vi chiamiamo in settimana", by=coordinator, at=AT)
    answer_request(request=asked, answer="Vi chiamiamo in settimana", by=coordinator, at=AT)
    with pytest.raises(TransitionNotAllowed):
        answer_request(request=asked, answer="No", by=coordinator, at=AT)
    assert Message.objects.filter(kind="offer_answered", recipient=contact).count() == 1
    assert OfferRequest.objects.count() == 1


def test_who_sees_the_catalogue_by_network_and_by_municipality(scene: Scene) -> None:
    offer = publish(scene)

    def seen(user: Any) -> bool:
        return Offer.objects.visible_to(user).filter(pk=offer.pk).exists()

    assert [seen(user) for user in (scene.contact, scene.coordinator, scene.region)] == [True] * 3
    assert [seen(user) for user in (scene.operator, scene.outsider)] == [False] * 2
    with acting(None):
        town = Municipality.objects.create(code="001272", name="Torino", province="TO", region="Piemonte")
        NetworkMember.objects.filter(organisation=scene.school).update(
            left_on=date(2019, 6, 30), exit_reason="withdrawn"
        )
    assert not seen(scene.contact), "a school that has left is no longer of the network"
    with acting(None):
        scene.school.municipality = town
        scene.school.save()
        scene.network.municipalities.add(town)
    assert seen(scene.contact), "a school of the area sees it without being a member"
    withdraw_offer(offer=offer, by=scene.coordinator)
    assert not seen(scene.contact)
    assert seen(scene.coordinator)


def test_pages_of_the_catalogue(scene: Scene, client: Client) -> None:
    offer = publish(scene, opens_on=date(2019, 1, 1))
    client.force_login(scene.contact)
    address = reverse("actions:offer-ask", args=[offer.uuid])
    refused = client.post(address, {"organisation": scene.school.pk, "pupils": "molti", "note": "Due classi"})
    assert "Due classi" in refused.content.decode(), "what was typed is still there"
    data = {"organisation": scene.school.pk, "pupils": "20", "classes": "1A", "note": ""}
    assert client.post(address, data).status_code == 302
    counts = []
    client.force_login(scene.region)
    for number in (2, 20):
        with acting(None):
            Offer.objects.bulk_create(
                Offer(**FACTS, programme=scene.programme, network=scene.network, activity_type=offer.activity_type)
                for _ in range(number)
            )
        client.get(reverse("actions:offer-list"))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("actions:offer-list")).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 15
    asked = OfferRequest.objects.get()
    page = client.get(offer.get_absolute_url()).content.decode()
    assert scene.school.name in page
    answer = reverse("actions:offer-answer", args=[offer.uuid, asked.pk])
    assert client.post(answer, {"answer": "Arriviamo"}).status_code == 302
    assert client.get(reverse("actions:offer-edit", args=[offer.uuid])).status_code == 200
    past = {"closes_on": "2019-10-31", "opens_on": "2019-01-01", "title": "Laboratorio"}
    assert client.get(reverse("actions:offer-new")).status_code == 200
    assert client.post(reverse("actions:offer-new"), past).context["form"].errors["closes_on"]
    client.post(reverse("actions:offer-withdraw", args=[offer.uuid]))
    again = reverse("actions:offer-publish", args=[offer.uuid])
    assert again in client.get(offer.get_absolute_url()).content.decode()
    client.post(again)
    client.force_login(scene.contact)
    assert "Arriviamo" in client.get(offer.get_absolute_url()).content.decode()
    assert timezone.localdate() <= FACTS["closes_on"]
