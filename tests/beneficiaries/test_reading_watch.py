# SPDX-License-Identifier: EUPL-1.2
"""Who sees who has read: the officer and the head of the body; and who hears of unusual readings."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from beneficiaries.enums import ReadKind
from beneficiaries.services.reading import record_readings
from beneficiaries.services.reading_alerts import warn_of_unusual_reading
from fami_portal.core.models import Message
from tests.factories.beneficiaries import BeneficiaryFactory
from tests.personas import World

pytestmark = pytest.mark.django_db
AT = datetime(2019, 2, 4, 9, 30, tzinfo=UTC)


@pytest.fixture
def pupils(world: World) -> dict[str, Any]:
    """A pupil of the school, one of the cooperative, one of another programme; each read once."""
    pupils = {
        body: BeneficiaryFactory(
            programme=world.programmes[programme], registered_by=world.bodies[body], local_code=f"cod-{body}"
        )
        for body, programme in (("school_1", "a"), ("coop_1", "a"), ("coop_3", "b"))
    }
    for role, body, kind in (
        ("school_contact", "school_1", ReadKind.PAGE),
        ("regional_coordinator", "school_1", ReadKind.PAGE),
        ("partner_operator", "coop_1", ReadKind.EXPORT),
        ("technical_assistance", "coop_3", ReadKind.PAGE),
    ):
        page = "beneficiaries:beneficiary"
        record_readings(by=world.personas[role], kind=kind, page=page, subjects=[pupils[body]], at=AT)
    return pupils


def _client(world: World, role: str) -> Client:
    client = Client()
    client.force_login(world.personas[role])
    return client


def _readers(world: World, role: str, **query: Any) -> list[str]:
    response = _client(world, role).get(reverse("beneficiaries:reading-list"), query)
    assert response.status_code == 200
    return [row[1].removeprefix("Persona ").lower().replace(" ", "_") for row in response.context["rows"]]


def test_the_officer_sees_the_own_programmes_and_the_head_the_own_body(world: World, pupils: dict[str, Any]) -> None:
    assert _readers(world, "data_protection_officer") == ["partner_operator", "regional_coordinator", "school_contact"]
    assert _readers(world, "school_head") == ["regional_coordinator", "school_contact"]


def test_the_filters_narrow(world: World, pupils: dict[str, Any]) -> None:
    officer = "data_protection_officer"
    own, foreign = pupils["coop_1"], pupils["coop_3"]

    assert _readers(world, officer, kind="export") == ["partner_operator"]
    assert _readers(world, officer, recipient=own.pseudonym.lower()) in (["partner_operator"], [])
    assert _readers(world, officer, recipient=foreign.pseudonym) == []
    assert _readers(world, officer, reader=world.personas["school_contact"].pk) == ["school_contact"]
    assert len(_readers(world, officer, body=world.bodies["school_1"].pk)) == 2
    assert len(_readers(world, officer, since="2019-02-04", until="2019-02-04")) == 3
    assert not _readers(world, officer, since="2019-02-05")


def test_neither_page_nor_file_says_who_the_recipients_are(world: World, pupils: dict[str, Any]) -> None:
    client = _client(world, "data_protection_officer")

    page = client.get(reverse("beneficiaries:reading-list")).content.decode()
    answer = client.get(reverse("beneficiaries:reading-export", args=["csv"]))
    file = b"".join(answer.streaming_content if answer.streaming else [answer.content]).decode()

    assert "Persona" in file
    for pupil in pupils.values():
        for text in (page, file):
            assert pupil.local_code not in text
            assert pupil.pseudonym not in text


def test_the_readings_of_one_recipient(world: World, pupils: dict[str, Any]) -> None:
    address = reverse("beneficiaries:recipient-readings", args=[pupils["school_1"].uuid])

    for role in ("data_protection_officer", "school_head"):
        response = _client(world, role).get(address)
        assert [row[1] for row in response.context["rows"]] == [
            "Persona Regional_Coordinator",
            "Persona School_Contact",
        ]
        assert pupils["school_1"].local_code not in response.content.decode()
    assert _client(world, "regional_coordinator").get(address).status_code == 403
    assert _client(world, "partner_operator").get(address).status_code == 404


def test_the_list_costs_the_same_for_many(
    world: World, pupils: dict[str, Any], django_assert_max_num_queries: Any
) -> None:
    for _number in range(30):
        reader = world.personas["school_contact"]
        record_readings(by=reader, kind=ReadKind.PAGE, page="p", subjects=[pupils["school_1"]], at=AT)
    client = _client(world, "data_protection_officer")
    client.get(reverse("beneficiaries:reading-list"))

    with django_assert_max_num_queries(15):
        client.get(reverse("beneficiaries:reading-list"))


def test_the_officer_hears_once_of_unusual_reading(world: World, settings: Any) -> None:
    settings.READING_ALERT_PERSONS = 4
    programme, body = world.programmes["a"], world.bodies["school_1"]
    people = [BeneficiaryFactory(programme=programme, registered_by=body) for _ in range(5)]
    reader = world.personas["school_contact"]

    def read(subjects: Any, at: datetime) -> None:
        record_readings(by=reader, kind=ReadKind.PAGE, page="p", subjects=subjects, at=at)

    # Four, however often; and a fifth more than an hour after the first ones.
    read(people[:4], AT)
    read(people[:4], AT + timedelta(minutes=5))
    assert warn_of_unusual_reading(at=AT + timedelta(minutes=10)) == 0
    read(people[4:], AT + timedelta(minutes=62))
    assert warn_of_unusual_reading(at=AT + timedelta(minutes=66)) == 0

    read(people[:4], AT + timedelta(minutes=63))
    later = AT + timedelta(minutes=70)
    assert [warn_of_unusual_reading(at=later), warn_of_unusual_reading(at=later)] == [1, 0]

    message = Message.objects.get()
    assert message.recipient == world.personas["data_protection_officer"]
    assert message.url == f"{reverse('beneficiaries:reading-list')}?reader={reader.pk}"
    assert reader.family_name not in message.subject + message.body
    assert _readers(world, "data_protection_officer", reader=reader.pk)
