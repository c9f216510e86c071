# SPDX-License-Identifier: EUPL-1.2
"""Which pages and files write that recipients were read, and which do not."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from beneficiaries.enums import ReadKind
from beneficiaries.models import ReadEntry
from beneficiaries.services.reading import verify_chain
from tests.factories.actions import ActivityFactory, ActivityTypeFactory
from tests.factories.beneficiaries import BeneficiaryFactory, EnrolmentFactory
from tests.personas import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def lab(world: World) -> Any:
    """A lab of the cooperative in the school: one pupil of each of the two bodies."""
    lab = ActivityFactory(
        activity_type=ActivityTypeFactory(action=world.actions["a"]),
        network=world.networks["n1"],
        organisation=world.bodies["coop_1"],
        venue=world.bodies["school_1"],
    )
    for body in ("coop_1", "school_1"):
        world.objects[body] = EnrolmentFactory(
            activity=lab,
            beneficiary=BeneficiaryFactory(programme=lab.programme, registered_by=world.bodies[body]),
        ).beneficiary
    return lab


def _open(world: World, role: str, name: str, *args: Any) -> None:
    client = Client()
    client.force_login(world.personas[role])
    response = client.get(reverse(f"beneficiaries:{name}", args=args))
    assert response.status_code == 200
    list(getattr(response, "streaming_content", []))


def _entries() -> list[tuple[str, str, list[int]]]:
    entries = ReadEntry.objects.select_related("chain").order_by("pk")
    return [(entry.kind, entry.page, entry.subjects) for entry in entries]


def test_a_page_of_a_recipient_is_recorded_whoever_opens_it(world: World, lab: Any) -> None:
    pupil = world.objects["school_1"]

    _open(world, "regional_coordinator", "beneficiary", pupil.uuid)
    _open(world, "school_contact", "beneficiary-edit", pupil.uuid)

    assert _entries() == [
        (ReadKind.PAGE, "beneficiaries:beneficiary", [pupil.pk]),
        (ReadKind.PAGE, "beneficiaries:beneficiary-edit", [pupil.pk]),
    ]
    first = ReadEntry.objects.select_related("chain").order_by("pk").first()
    assert first is not None
    # In the chain of the body that registered the pupil, not of who read.
    assert first.chain.organisation_id == world.bodies["school_1"].pk
    assert first.actor_id == world.personas["regional_coordinator"].pk
    assert not verify_chain(world.bodies["school_1"])


def test_lists_and_files_record_those_whose_own_code_they_show(world: World, lab: Any) -> None:
    own = [world.objects["coop_1"].pk]

    _open(world, "partner_operator", "beneficiary-list")
    _open(world, "partner_operator", "beneficiary-export", "csv")
    _open(world, "partner_operator", "register", lab.uuid)

    assert _entries() == [
        (ReadKind.PAGE, "beneficiaries:beneficiary-list", own),
        (ReadKind.EXPORT, "beneficiaries:beneficiary-export", own),
        (ReadKind.PAGE, "beneficiaries:register", own),
    ]
    assert ReadEntry.objects.get(page="beneficiaries:register").activity == lab


def test_pseudonyms_alone_are_not_recorded(world: World, lab: Any) -> None:
    _open(world, "regional_coordinator", "beneficiary-list")
    _open(world, "regional_coordinator", "beneficiary-export", "csv")
    _open(world, "network_coordinator", "register", lab.uuid)

    assert not _entries()


def test_who_is_refused_has_read_nothing(world: World, lab: Any) -> None:
    client = Client()
    client.force_login(world.personas["auditor"])

    assert client.get(reverse("beneficiaries:register", args=[lab.uuid])).status_code == 403
    assert client.get(reverse("beneficiaries:beneficiary", args=[world.objects["coop_1"].uuid])).status_code == 404
    assert not _entries()


def test_a_page_is_not_shown_when_its_reading_cannot_be_written(
    world: World, lab: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(**_: Any) -> None:
        raise RuntimeError("no chain")

    monkeypatch.setattr("beneficiaries.services.reading.record_reading", fails)

    with pytest.raises(RuntimeError, match="no chain"):
        _open(world, "partner_operator", "beneficiary", world.objects["coop_1"].uuid)
