# SPDX-License-Identifier: EUPL-1.2
"""The exceptional opening: the Region reads one name, everybody concerned knows it, the officer examines it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from beneficiaries.enums import ReadKind
from beneficiaries.models import BreakGlass, Identity, ReadEntry
from beneficiaries.services.break_glass import examine, open_exceptionally
from beneficiaries.services.reading import verify_chain
from fami_portal.core.errors import DomainError, NotPermitted, StaleError
from fami_portal.core.models import Message
from fami_portal.core.services import acting
from tests.actions.scene import Scene
from tests.beneficiaries.people import known
from tests.beneficiaries.shared import AT

WHY = "Il tribunale chiede di questa persona"


@pytest.fixture
def officer(scene: Scene) -> Any:
    return scene.user("data_protection_officer", scene.lead)


def test_the_region_opens_one_name_and_the_officer_is_told(scene: Scene, officer: Any) -> None:
    one = known(scene, "Zuleikha", "Quasimodi", body=scene.school)
    key = uuid4()

    def opened(**values: Any) -> str:
        given: dict[str, Any] = {"beneficiary": one, "reason": "authority", "details": WHY, "key": key}
        return open_exceptionally(**(given | {"by": scene.region, "at": AT} | values)).full_name

    for wrong, field in (
        ({"reason": ""}, "reason"),
        ({"details": "Serve subito, grazie"}, "details"),
        ({"details": "a b - - ."}, "details"),
        ({"details": "parola " * 40}, "details"),
        ({"key": None}, None),
    ):
        with pytest.raises(DomainError) as refused:
            opened(**wrong)
        assert refused.value.field == field
    for other in (scene.operator, scene.contact, scene.coordinator, scene.outsider, officer):
        with pytest.raises(NotPermitted):
            opened(by=other)
    assert not ReadEntry.objects.exists()

    assert opened() == "Zuleikha Quasimodi"
    assert opened(at=AT + timedelta(minutes=15)) == "Zuleikha Quasimodi", "the answer got lost on its way"
    with pytest.raises(DomainError):
        opened(at=AT + timedelta(minutes=16))
    with pytest.raises(DomainError):
        opened(beneficiary=known(scene, "Altra", "Persona", body=scene.school))

    act = BreakGlass.objects.get()
    entries = list(ReadEntry.objects.order_by("pk"))
    assert [(entry.kind, entry.chain.organisation, entry.subjects, entry.actor) for entry in entries] == [
        (ReadKind.BREAK_GLASS, scene.school, [one.pk], scene.region)
    ] * 2
    assert act.reading == entries[0]
    assert entries[0].purpose.endswith(WHY)
    assert verify_chain(scene.school) == []
    message = Message.objects.get(kind="beneficiaries.break_glass")
    assert message.recipient == officer
    assert message.url == act.get_absolute_url()
    said = f"{message.subject} {message.body} {message.url}"
    assert not any(word in said for word in ("Zuleikha", "Quasimodi", one.pseudonym, one.local_code, WHY))

    with acting(None):
        Identity.objects.filter(beneficiary=one).update(given_name=b"", family_name=b"", tax_code=b"", destroyed_at=AT)
    with pytest.raises(DomainError, match="niente da aprire"):
        opened(key=uuid4())


def test_the_officer_examines_once(scene: Scene, officer: Any) -> None:
    one = known(scene, "Zuleikha", "Quasimodi", body=scene.school)
    open_exceptionally(beneficiary=one, reason="authority", details=WHY, key=uuid4(), by=scene.region, at=AT)
    act = BreakGlass.objects.get()

    for other in (scene.region, scene.operator, scene.user("school_head", scene.school)):
        with pytest.raises(NotPermitted):
            examine(act=act, version=1, note="Va bene", by=other, at=AT)
    with pytest.raises(DomainError):
        examine(act=act, version=1, note="  ", by=officer, at=AT)
    examine(act=act, version=1, note="Visto il decreto, era dovuta", by=officer, at=AT)
    with pytest.raises(StaleError):
        examine(act=act, version=1, note="No", by=officer, at=AT)

    act.refresh_from_db()
    assert (act.examined_by, act.note, act.version) == (officer, "Visto il decreto, era dovuta", 2)


def test_pages_of_the_exceptional_opening(client: Client, scene: Scene, officer: Any, time_machine: Any) -> None:
    time_machine.move_to(AT)
    one = known(scene, "Zuleikha", "Quasimodi", "RSSMRA80A01H501U", body=scene.school)
    address = reverse("beneficiaries:break-glass-open", args=[one.uuid])
    client.force_login(scene.region)
    assert address in client.get(one.get_absolute_url()).content.decode()
    form = client.get(address)
    assert b"Quasimodi" not in form.content
    assert not BreakGlass.objects.exists(), "looking at the question opens nothing"
    key = form.context["form"]["submission_key"].value()
    refused = client.post(address, {"reason": "authority", "details": "Troppo poco", "submission_key": key})
    assert refused.context["form"].errors.keys() == {"details"}
    assert b"Quasimodi" not in refused.content
    answer = client.post(address, {"reason": "authority", "details": WHY, "submission_key": key})
    assert "Quasimodi" in answer.content.decode()
    assert "RSSMRA80A01H501U" in answer.content.decode()
    assert answer["Cache-Control"] == "private, no-store"

    act = BreakGlass.objects.get()
    every = reverse("beneficiaries:break-glass-list")
    assert client.get(every).status_code == 403
    client.force_login(officer)
    home = client.get("/").content.decode()
    assert act.get_absolute_url() in home
    listed = client.get(every).content.decode()
    page = client.get(act.get_absolute_url()).content.decode()
    for shown in (listed, page):
        assert one.pseudonym in shown
        assert WHY in shown
        assert scene.region.get_full_name() in shown
        assert "Quasimodi" not in shown
        assert one.local_code not in shown
    assert client.post(act.get_absolute_url(), {"note": "Visto", "version": "7"}).status_code == 200
    done = client.post(act.get_absolute_url(), {"note": "Visto il decreto", "version": "1"})
    assert (done.status_code, done["Location"]) == (302, every)
    assert "Visto il decreto" in client.get(act.get_absolute_url()).content.decode()
    assert act.get_absolute_url() not in client.get("/").content.decode()
    assert not any("Quasimodi" in sent.body for sent in mail.outbox)
