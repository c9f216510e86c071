# SPDX-License-Identifier: EUPL-1.2
"""Opening an identity: for the registering body, with a reason, in the same transaction as its entry."""

import re
import secrets
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from beneficiaries.enums import ReadKind
from beneficiaries.models import Beneficiary, Identity, ReadEntry
from beneficiaries.services import identities as services
from beneficiaries.services.identities import OpenedIdentity, open_identities
from fami_portal.core.errors import DomainError, NotPermitted
from fami_portal.core.services import acting
from fami_portal.core.vault import VaultError
from tests.actions.scene import Scene
from tests.beneficiaries.class_of import class_of, pupil
from tests.beneficiaries.test_vault_identities import named

AT = datetime(2019, 3, 1, 9, tzinfo=UTC)


def opened(scene: Scene, *beneficiaries: Beneficiary, **values: Any) -> dict[int, OpenedIdentity]:
    return open_identities(
        **{"beneficiaries": beneficiaries, "by": scene.operator, "purpose": "per il registro", "page": "x", "at": AT}
        | values
    )


def entries() -> list[ReadEntry]:
    """Return the openings; what else pages record of their readings is not ours."""
    return list(ReadEntry.objects.filter(kind=ReadKind.OPENING).order_by("pk"))


def test_the_registering_body_opens_and_the_opening_is_written(scene: Scene) -> None:
    one, other = pupil(scene), pupil(scene, "3B-02")
    named(scene, one, tax_code="RSSMRA80A01H501U", tax_code_missing="")
    named(scene, other, "Fatou")

    found = opened(scene, one, other)

    assert {pk: identity.full_name for pk, identity in found.items()} == {
        one.pk: "Amina Qasimov",
        other.pk: "Fatou Qasimov",
    }
    assert (found[one.pk].tax_code, found[other.pk].tax_code) == ("RSSMRA80A01H501U", "")
    (entry,) = entries()
    assert (entry.actor, entry.kind, entry.page, entry.purpose, entry.at) == (
        scene.operator,
        ReadKind.OPENING,
        "x",
        "per il registro",
        AT,
    )
    assert entry.chain.organisation == scene.cooperative
    assert sorted(entry.subjects) == sorted([one.pk, other.pk])


def test_others_open_nothing_and_leave_no_entry(scene: Scene) -> None:
    one = pupil(scene)
    named(scene, one)

    for person in ["contact", "teacher", "coordinator", "region", "outsider"]:
        with pytest.raises(NotPermitted):
            opened(scene, one, by=getattr(scene, person))
        assert entries() == []


def test_one_recipient_of_another_body_closes_the_whole_list(scene: Scene) -> None:
    one = pupil(scene)
    theirs = pupil(scene, "3B-02", registered_by=scene.school, by=scene.contact)
    named(scene, one)
    named(scene, theirs, organisation=scene.school, by=scene.contact)

    with pytest.raises(NotPermitted):
        opened(scene, one, theirs)
    assert entries() == []


def test_a_second_body_that_wrote_the_same_recipient_opens_its_own_words(scene: Scene) -> None:
    one = pupil(scene)
    named(scene, one)
    named(scene, one, "Ameena", organisation=scene.school, by=scene.contact)

    assert opened(scene, one)[one.pk].given_name == "Amina"
    assert opened(scene, one, by=scene.contact)[one.pk].given_name == "Ameena"
    assert [entry.chain.organisation for entry in entries()] == [scene.cooperative, scene.school]


def test_a_name_never_written_is_not_in_the_answer_nor_in_the_record(scene: Scene) -> None:
    one = pupil(scene)

    assert opened(scene, one) == {}
    assert entries() == []


def test_without_a_purpose_nothing_is_opened(scene: Scene) -> None:
    one = pupil(scene)
    named(scene, one)

    for purpose in ["", "  ", "x" * 301]:
        with pytest.raises(DomainError) as refusal:
            opened(scene, one, purpose=purpose)
        assert refusal.value.field == "purpose"
        assert entries() == []


def test_an_altered_row_opens_for_nobody_and_leaves_no_half_reading(scene: Scene) -> None:
    one, other = pupil(scene), pupil(scene, "3B-02")
    named(scene, one)
    theirs = named(scene, other, "Fatou")
    with acting(None):
        Identity.objects.filter(beneficiary=one).update(given_name=bytes(theirs.given_name))

    with pytest.raises(VaultError) as refusal:
        opened(scene, one, other)
    assert "Fatou" not in str(refusal.value)
    assert entries() == []


def test_when_the_entry_cannot_be_written_nothing_is_opened(scene: Scene, monkeypatch: Any) -> None:
    one = pupil(scene)
    named(scene, one)

    def fails(**values: Any) -> None:
        raise RuntimeError("no entry")

    monkeypatch.setattr(services, "record_reading", fails)
    monkeypatch.setattr(services.vault, "unseal", lambda *args, **values: pytest.fail("opened without an entry"))

    with pytest.raises(RuntimeError, match="no entry"):
        opened(scene, one)


def test_the_entry_is_undone_with_the_transaction_that_it_belongs_to(scene: Scene) -> None:
    one = pupil(scene)
    named(scene, one)

    with transaction.atomic():
        opened(scene, one)
        assert len(entries()) == 1
        transaction.set_rollback(True)
    assert entries() == []


@pytest.mark.parametrize("number", [2, 20])
def test_opening_a_class_costs_the_same(scene: Scene, number: int, django_assert_max_num_queries: Any) -> None:
    pupils = [enrolment.beneficiary for enrolment in class_of(scene, scene.activity(), number)]
    for one in pupils:
        named(scene, one)
    by = scene.operator
    opened(scene, pupils[0], by=by)  # the memberships are read, the chain has begun

    with django_assert_max_num_queries(10):
        assert len(opened(scene, *pupils, by=by)) == number


# --- the page ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def one(scene: Scene) -> Beneficiary:
    found = pupil(scene)
    named(scene, found)
    return found


def address(beneficiary: Beneficiary) -> str:
    return reverse("beneficiaries:identity", args=[beneficiary.uuid])


def test_the_page_of_the_recipient_shows_initials_alone(scene: Scene, one: Beneficiary, client: Client) -> None:
    client.force_login(scene.operator)

    page = client.get(one.get_absolute_url()).content.decode()

    assert "A••• Q." in page
    assert address(one) in page
    assert "Amina" not in page
    assert "Qasimov" not in page


def test_who_sees_the_recipient_from_above_sees_no_initials(scene: Scene, one: Beneficiary, client: Client) -> None:
    for person in ["coordinator", "region"]:
        client.force_login(getattr(scene, person))
        scene_page = client.get(one.get_absolute_url())

        if scene_page.status_code == 200:
            assert "•••" not in scene_page.content.decode()
            assert address(one) not in scene_page.content.decode()
            assert client.post(address(one), {"purpose": "check"}).status_code == 403
        else:
            assert client.post(address(one), {"purpose": "check"}).status_code == 404
        assert entries() == []


def test_a_name_is_shown_once_in_the_answer_to_a_reason(
    scene: Scene, one: Beneficiary, client: Client, django_assert_max_num_queries: Any
) -> None:
    client.force_login(scene.operator)
    opened(scene, one)  # the chain of the body has begun
    asked = client.get(address(one)).content.decode()
    assert "Amina" not in asked

    with django_assert_max_num_queries(15):
        answer = client.post(address(one), {"purpose": "contact", "details": "cambio di orario"})

    page = answer.content.decode()
    assert "Amina" in page
    assert "Qasimov" in page
    assert answer["Cache-Control"] == "private, no-store"
    title = re.search(r"<title>(.*?)</title>", page, re.DOTALL)
    assert title
    assert "Amina" not in title[1]
    assert not re.search(r'(href|action|value)="[^"]*(Amina|Qasimov)', page)
    entry = entries()[-1]
    assert entry.purpose.endswith(": cambio di orario")
    assert entry.subjects == [one.pk]
    assert "Amina" not in client.get(address(one)).content.decode()


def test_without_a_reason_the_page_asks_again(scene: Scene, one: Beneficiary, client: Client) -> None:
    client.force_login(scene.operator)

    for data in [{}, {"purpose": "other"}, {"purpose": "curiosity"}, {"details": "solo dettagli"}]:
        answer = client.post(address(one), data)

        assert answer.status_code == 200
        assert "Amina" not in answer.content.decode()
        assert "Cache-Control" not in answer or "no-store" not in answer["Cache-Control"]
        assert not Identity.objects.filter(version__gt=1).exists()
        assert entries() == []


def test_a_recipient_without_a_name_says_so(scene: Scene, client: Client) -> None:
    nameless = pupil(scene, "3B-09")
    client.force_login(scene.operator)

    assert address(nameless) not in client.get(nameless.get_absolute_url()).content.decode()
    answer = client.post(address(nameless), {"purpose": "check"})

    assert answer.status_code == 200
    assert nameless.pseudonym in answer.content.decode()
    assert entries() == []


@pytest.mark.parametrize("fault", ["altered", "wrong key", "no key"])
def test_a_name_that_does_not_open_is_refused_on_the_page(
    scene: Scene, one: Beneficiary, client: Client, settings: Any, fault: str
) -> None:
    [newest, *_older] = settings.VAULT_KEYS
    if fault == "altered":
        with connection.cursor() as cursor, acting(None):
            cursor.execute("UPDATE beneficiaries_identity SET family_name = given_name")
    else:
        settings.VAULT_KEYS = {newest if fault == "wrong key" else "another": secrets.token_bytes(32)}
    client.force_login(scene.operator)

    assert "•••" in client.get(one.get_absolute_url()).content.decode()
    answer = client.post(address(one), {"purpose": "check"})

    assert answer.status_code == 200
    assert "Amina" not in answer.content.decode()
    assert "alert" in answer.content.decode()
    assert entries() == []
