# SPDX-License-Identifier: EUPL-1.2
"""Pages of outcomes: a plain form, what it keeps, what it refuses, for whom."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from beneficiaries.models import Enrolment, Outcome, ReadEntry
from beneficiaries.selectors.outcomes import outcomes_waiting
from tests.actions.scene import Scene
from tests.beneficiaries.ended_course import ASKED, ended_course
from tests.days import be_on


def field(support: Enrolment, kind: str, name: str = "value") -> str:
    return f"o-{support.pk}-{kind}-{name}"


@pytest.fixture
def in_september(settings: LazySettings) -> None:
    """Let the work be on the day on which the persons are asked."""
    be_on(settings, ASKED)


@pytest.mark.usefixtures("in_september")
def test_the_sheet_saves_in_one_submit_and_keeps_what_it_refuses(
    scene: Scene, client: Client, django_assert_max_num_queries: Any
) -> None:
    activity, (one, two, three) = ended_course(scene, 3)
    assert [row.title for row in outcomes_waiting(scene.operator)]
    client.force_login(scene.operator)
    address = reverse("beneficiaries:outcomes", args=[activity.uuid])
    client.get(address)
    with django_assert_max_num_queries(15):
        page = client.get(address)
    text = page.content.decode()
    assert one.beneficiary.local_code in text
    assert "3 non ancora rilevabili" in text
    assert ReadEntry.objects.filter(page="beneficiaries:outcomes").count() == 2

    data = {
        "collected_on": "2019-09-20",
        field(one, "usefulness"): "1, 5",
        field(one, "satisfaction"): "8 9",
        field(one, "language"): "a2",
        field(one, "language", "entry"): "",
        field(one, "language", "attestation"): "",
        field(one, "language", "on"): "",
        field(one, "language", "kept"): "Faldone 2",
        field(two, "usefulness"): "0",
        field(three, "satisfaction"): "otto",
    }
    refused = client.post(address, data).content.decode()
    assert "Scrivi le risposte da 1 a 10" in refused
    assert all(f'value="{typed}"' in refused for typed in ("1, 5", "8 9", "Faldone 2", "otto"))
    assert not Outcome.objects.exists()
    data |= {field(three, "satisfaction"): "-"}
    refused = client.post(address, data).content.decode()
    assert "Un livello più alto conta solo con la sua attestazione" in refused
    data |= {field(one, "language", "attestation"): "cpia", field(one, "language", "on"): "15/06/2019"}
    assert "Scrivi il giorno" in client.post(address, data | {"collected_on": "ieri"}).content.decode()
    done = client.post(address, data, follow=True)
    assert "Salvato: sono cambiati 5 esiti." in done.content.decode()
    again = client.post(address, data, follow=True)  # the second half of a double click
    assert "Non era cambiato nulla" in again.content.decode() or Outcome.objects.count() == 5
    assert Outcome.objects.count() == 5
    assert set(Outcome.objects.order_by("pk").values_list("kind", "state")) == {
        ("usefulness", "positive"),
        ("satisfaction", "positive"),
        ("language", "positive"),
        ("usefulness", "negative"),
        ("satisfaction", "pending"),
    }

    shown = client.get(one.beneficiary.get_absolute_url()).content.decode()
    assert "livello A2" in shown
    assert "Attestazione di un CPIA del 15/06/2019, conservata in: Faldone 2" in shown
    with django_assert_max_num_queries(15):
        listed = client.get(reverse("beneficiaries:outcome-list")).content.decode()
    assert "1 positivo, 1 negativo, 1 non ancora rilevabile" in listed

    # Who follows the network reads, and writes nothing; who has no part finds nothing.
    client.force_login(scene.coordinator)
    text = client.get(address).content.decode()
    assert "Salva gli esiti" not in text
    assert one.beneficiary.local_code not in text or scene.cooperative.pk
    assert client.post(address, data).status_code == 403
    client.force_login(scene.outsider)
    assert client.get(address).status_code == 404


def test_before_the_end_the_sheet_says_until_when_it_waits(scene: Scene, client: Client, settings: Any) -> None:
    activity, (one,) = ended_course(scene, 1)
    be_on(settings, activity.ends_on)
    client.force_login(scene.operator)
    address = reverse("beneficiaries:outcomes", args=[activity.uuid])
    assert "Il supporto finisce il 10/06/2019" in client.get(address).content.decode()
    client.post(address, {"collected_on": "2019-06-10", field(one, "usefulness"): "1 2"})
    assert not Outcome.objects.exists()
    assert not outcomes_waiting(scene.operator)
