# SPDX-License-Identifier: EUPL-1.2
"""The pages of possible duplicates: for whom, what they show and never show, what they decide."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from beneficiaries.enums import PairState
from beneficiaries.models import Beneficiary, Pair, ReadEntry
from tests.actions.scene import Scene
from tests.beneficiaries.class_of import enrolled
from tests.beneficiaries.people import CODE, known, undecided

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(scene: Scene) -> Pair:
    known(scene, "Yasmine", "Çelik")
    known(scene, "Celik", "Yasmine", body=scene.school)
    return undecided()


def at(name: str, pair: Pair) -> str:
    return reverse(f"beneficiaries:{name}", args=[pair.uuid])


def test_the_queue_says_what_agrees_and_no_name(client: Client, scene: Scene, pair: Pair) -> None:
    client.force_login(scene.region)
    for address in (reverse("beneficiaries:pair-list"), at("pair", pair)):
        text = client.get(address).content.decode()
        assert pair.first.pseudonym in text
        assert "data di nascita" in text.lower()
        assert scene.school.name in text
        assert "yasmine" not in text.lower()
        assert "2009" not in text
    assert pair.first.pseudonym not in client.get(reverse("beneficiaries:pair-list") + "?state=apart").content.decode()


def test_the_queue_costs_the_same(client: Client, scene: Scene, django_assert_max_num_queries: Any) -> None:
    client.force_login(scene.region)
    for places in (range(1), range(1, 6)):
        for place in places:
            for body in (scene.cooperative, scene.school):
                known(scene, "Yasmine", "Cognome" + chr(97 + place) * 2, body=body)
        first = at("pair", Pair.objects.order_by("pk")[0])
        if not ReadEntry.objects.exists():
            client.get(first)  # the first reading of a body begins its chain
        for address in (reverse("beneficiaries:pair-list"), first):
            with django_assert_max_num_queries(15):
                client.get(address)


def test_who_opens_a_pair_is_among_its_readers(client: Client, scene: Scene, pair: Pair) -> None:
    client.force_login(scene.region)

    client.get(reverse("beneficiaries:pair-list"))
    assert not ReadEntry.objects.exists()
    client.get(at("pair", pair))

    read = {subject for entry in ReadEntry.objects.filter(page="beneficiaries:pair") for subject in entry.subjects}
    assert read == {pair.first_id, pair.second_id}


def test_merge_undo_and_apart_from_the_page(client: Client, scene: Scene, pair: Pair) -> None:
    client.force_login(scene.region)

    assert client.post(at("pair-merge", pair), {"version": 1, "reason": ""}).status_code == 200
    assert client.post(at("pair-merge", pair), {"version": 9, "reason": "Sì"}).status_code == 200
    assert client.post(at("pair-merge", pair), {"version": 1, "reason": "Stessa classe"}).status_code == 302
    assert Beneficiary.objects.get(pk=pair.second_id).merged_into_id == pair.first_id
    assert at("pair-undo", pair) in client.get(at("pair", pair)).content.decode()
    assert client.post(at("pair-undo", pair), {"version": 2, "reason": "Sono due"}).status_code == 302
    assert client.get(at("pair-undo", pair)).status_code == 404
    pair.refresh_from_db()
    assert pair.state == PairState.APART


def test_those_kept_apart(client: Client, scene: Scene, pair: Pair) -> None:
    client.force_login(scene.region)
    assert client.post(at("pair-apart", pair), {"version": 1, "reason": "Cugine"}).status_code == 302
    pair.refresh_from_db()
    assert (pair.state, pair.reason, pair.decided_by) == (PairState.APART, "Cugine", scene.region)
    text = client.get(at("pair", pair)).content.decode()
    assert scene.region.full_name in text
    assert scene.region.email not in text


def test_a_coordinator_decides_when_both_are_in_its_network(client: Client, scene: Scene, pair: Pair) -> None:
    client.force_login(scene.coordinator)
    enrolled(scene, scene.activity(), pair.first)
    assert client.get(at("pair", pair)).status_code == 404
    enrolled(scene, scene.activity(), pair.second)
    assert client.get(at("pair", pair)).status_code == 200
    assert client.post(at("pair-merge", pair), {"version": 1, "reason": "Stessa classe"}).status_code == 302
    for person in (scene.operator, scene.outsider, scene.contact):
        client.force_login(person)
        assert client.get(at("pair", pair)).status_code == 404


def test_a_silent_link_is_shown_to_the_region_and_can_be_undone(client: Client, scene: Scene) -> None:
    known(scene, "Mara", "Rossi", CODE)
    known(scene, "Mara", "Rossi", CODE, body=scene.school)
    pair = Pair.objects.get()
    client.force_login(scene.region)
    assert at("pair-undo", pair) in client.get(at("pair", pair)).content.decode()
    assert CODE not in client.get(at("pair", pair)).content.decode()
    assert client.post(at("pair-undo", pair), {"version": 1, "reason": "Codice altrui"}).status_code == 302
    assert Beneficiary.objects.unmerged().count() == 2
