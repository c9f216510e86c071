# SPDX-License-Identifier: EUPL-1.2
"""Services opened or strengthened, protocols: what is refused, what is kept, what the pages show."""

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from actions.enums import ActivityKind, ProductKind, ServiceChangeKind
from actions.models import Activity, Deliverable, Service, ServiceChange
from actions.selectors.activities import EVIDENCE
from actions.services.deliverables import record_deliverable
from actions.services.service_changes import Offer, record_service, update_service
from actions.workflow import ClosedPeriodError
from fami_portal.core.documents import store_document
from fami_portal.core.errors import DomainError, StaleError
from fami_portal.core.models import Document
from fami_portal.core.services import acting
from partners.models import Language, NetworkMember, Organisation
from partners.services.networks import end_member
from tests.actions.scene import Scene

DAY = date(2019, 2, 5)
PDF = b"%PDF-1.7\n%%EOF\n"
LITTLE = Offer(minutes=9 * 60, staff=2, sites=1)
MORE = Offer(minutes=15 * 60 + 30, evenings=1, staff=3, sites=2)


@pytest.fixture
def desk(scene: Scene) -> Activity:
    return scene.activity(ActivityKind.DESK)


@pytest.fixture
def proof(scene: Scene, desk: Activity) -> Document:
    return store_document(kind=EVIDENCE, name="orari.pdf", content=PDF, by=scene.operator, subject_id=desk.pk)


def record(scene: Scene, desk: Activity, proof: Document | None, **values: Any) -> ServiceChange:
    given = {
        "title": "Sportello stranieri",
        "kind": ServiceChangeKind.STRENGTHENED,
        "changed_on": DAY,
        "before": LITTLE,
        "after": MORE,
        "evidence": proof,
        "by": scene.operator,
    }
    return record_service(activity=desk, **(given | values))


def test_a_service_is_one_however_often_it_is_strengthened(scene: Scene, desk: Activity, proof: Document) -> None:
    arabic = Language.objects.get_or_create(code="ar", defaults={"name": "Arabo"})[0]
    record(scene, desk, proof)
    spoken = Offer(minutes=MORE.minutes, languages=[arabic.pk])
    again = record(
        scene, desk, proof, title="SPORTELLO  stranieri", changed_on=date(2019, 3, 5), before=MORE, after=spoken
    )
    assert Service.objects.count() == 1
    assert list(again.languages_after.order_by("pk")) == [arabic]
    with pytest.raises(DomainError) as caught:
        record(scene, desk, proof, kind=ServiceChangeKind.NEW, changed_on=date(2019, 4, 5))
    assert caught.value.field == "kind"


def test_what_a_service_cannot_be_is_refused_at_its_field(scene: Scene, desk: Activity, proof: Document) -> None:
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"title": " "}, "title"),
        ({"changed_on": date(2999, 1, 1)}, "changed_on"),
        ({"changed_on": date(2019, 1, 2)}, "changed_on"),
        ({"after": LITTLE}, "hours_after"),
        ({"after": Offer(staff=5)}, "hours_after"),
        ({"before": Offer()}, "hours_before"),
        ({"after": Offer(minutes=169 * 60)}, "hours_after"),
        ({"after": Offer(minutes=600, evenings=8)}, "evenings_after"),
        ({"evidence": None}, "evidence"),
    )
    for values, field in wrong:
        with pytest.raises(DomainError) as caught:
            record(scene, desk, proof, **values)
        assert caught.value.field == field, values
    assert not Service.objects.exists()

    # Of a closed period, and of a body that has left the network, services stay as they are.
    change = record(scene, desk, proof)
    given = {"changed_on": DAY, "before": LITTLE, "after": MORE, "by": scene.operator}
    update_service(change=change, version=1, **given)
    with pytest.raises(StaleError):
        update_service(change=change, version=1, **given)
    scene.close(0)
    with pytest.raises(ClosedPeriodError):
        update_service(change=change, version=2, **given)
    with pytest.raises(ClosedPeriodError):
        record(scene, desk, proof, title="Altro sportello")
    stay = NetworkMember.objects.get(network=scene.network, organisation=scene.cooperative)
    with pytest.raises(DomainError, match="05/02/2019"):
        end_member(member=stay, left_on=date(2019, 2, 4), by=None)
    end_member(member=stay, left_on=date(2019, 6, 30), by=None)
    with pytest.raises(DomainError, match="30/06/2019"):
        record(scene, desk, proof, title="Altro sportello", changed_on=date(2019, 7, 1))


def test_a_protocol_has_its_parties(scene: Scene) -> None:
    given = {
        "activity": scene.activity(ActivityKind.WORKING_GROUP),
        "title": "Protocollo per l’accoglienza",
        "delivered_on": DAY,
        "by": scene.operator,
    }
    for values, field in (
        ({"kind": ProductKind.PROTOCOL, "parties": [scene.school]}, "parties"),
        ({"kind": ProductKind.PROTOCOL, "parties": [scene.school, scene.lead], "quantity": 2}, "quantity"),
        ({"kind": ProductKind.MATERIAL, "parties": [scene.school]}, "parties"),
        ({"kind": ProductKind.MATERIAL, "repertory_number": "12"}, "repertory_number"),
    ):
        with pytest.raises(DomainError) as caught:
            record_deliverable(**given, **values)
        assert caught.value.field == field
    product = record_deliverable(
        **given, kind=ProductKind.PROTOCOL, parties=[scene.school, scene.lead], repertory_number="12/2019"
    )
    assert set(product.parties.order_by("pk")) == {scene.school, scene.lead}


def test_the_pages_of_services_and_protocols(client: Client, scene: Scene, desk: Activity) -> None:
    Language.objects.get_or_create(code="ar", defaults={"name": "Arabo"})
    client.force_login(scene.operator)
    data = {
        "title": "Sportello stranieri",
        "kind": "strengthened",
        "changed_on": "2019-02-05",
        "hours_before": "9",
        "hours_after": "15,5",
        "evenings_after": "1",
        "languages_before": "italiano",
        "languages_after": "Italiano, arabo, marziano",
    }
    create = reverse("actions:service-create", args=[desk.uuid])
    bad = client.post(create, data | {"evidence": SimpleUploadedFile("orari.pdf", PDF)})
    assert "marziano" in str(bad.context["form"].errors["languages_after"])
    good = data | {"languages_after": "Italiano, arabo", "evidence": SimpleUploadedFile("orari.pdf", PDF)}
    client.post(create, good)
    change = ServiceChange.objects.get()
    assert change.minutes_after == 930
    page = client.get(change.get_absolute_url()).content.decode()
    for shown in ("15 h 30", "+6 h 30", "+ Arabo"):
        assert shown in page
    kept = data | {"languages_after": "Italiano, arabo"}
    edit = reverse("actions:service-edit", args=[change.uuid])
    assert 'value="15,5"' in client.get(edit).content.decode()
    stale = client.post(edit, kept | {"version": "9"})
    assert stale.context["form"].errors
    client.post(edit, kept | {"version": "1", "staff_after": "4"})
    change.refresh_from_db()
    assert change.staff_after == 4
    assert "Sportello stranieri" in client.get(desk.get_absolute_url()).content.decode()
    for person, status in ((scene.region, 200), (scene.outsider, 404)):
        client.force_login(person)
        assert client.get(change.get_absolute_url()).status_code == status

    client.force_login(scene.operator)
    product = {
        "kind": "protocol",
        "title": "Protocollo",
        "delivered_on": "2019-02-05",
        "quantity": "1",
        "parties": f"{scene.school.name}, Ente inventato",
    }
    create = reverse("actions:deliverable-create", args=[desk.uuid])
    assert "Ente inventato" in str(client.post(create, product).context["form"].errors["parties"])
    with acting(None):
        Organisation.objects.filter(pk=scene.lead.pk).update(name="Comune di Prova, Ufficio di piano")
        scene.lead.refresh_from_db()
    client.post(create, product | {"parties": f"{scene.lead.name}, {scene.school.name}"})
    assert set(Deliverable.objects.get().parties.order_by("pk")) == {scene.school, scene.lead}
    page = client.get(Deliverable.objects.get().get_absolute_url()).content.decode()
    assert scene.lead.name in page
