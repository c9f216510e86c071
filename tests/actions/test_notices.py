# SPDX-License-Identifier: EUPL-1.2
"""Privacy notices by version, and the parts of the bodies in the processing: published, kept, shown."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from actions.models import Notice, ProcessingRole, Programme
from actions.selectors.notices import in_force, is_used, versions_for
from actions.services.notices import add_language, correct_notice, publish_notice, record_processing_role
from fami_portal.core.errors import DomainError, NotPermitted, StaleError
from fami_portal.core.services import acting
from partners.models import Language
from tests.actions.scene import Scene, publish
from tests.beneficiaries.class_of import enrolled, pupil

JUNE = date(2019, 6, 1)


def new_version(scene: Scene, **values: Any) -> Notice:
    given = {
        "programme": scene.programme,
        "organisation": None,
        "code": "2",
        "valid_from": JUNE,
        "language": Language.objects.get(code="it"),
        "body": "Nuova informativa.",
        "by": scene.region,
        "at": timezone.now(),
    }
    return publish_notice(**(given | values))


def test_a_version_holds_until_the_next_and_a_body_may_have_its_own(scene: Scene) -> None:
    lab = scene.activity()
    second = new_version(scene)
    assert new_version(scene) == second  # a second click
    assert Notice.objects.count() == 2
    for values, field in (
        ({"body": "Altro."}, "code"),
        ({"code": "3"}, "valid_from"),
        ({"code": " "}, "code"),
        ({"code": "3", "valid_from": date(2019, 7, 1), "body": " "}, "body"),
    ):
        with pytest.raises(DomainError) as refused:
            new_version(scene, **values)
        assert refused.value.field == field
    with pytest.raises(NotPermitted):
        new_version(scene, by=scene.coordinator)

    def codes(day: date) -> list[str]:
        return [notice.code for notice in in_force(versions_for(lab), day)]

    assert (codes(date(2019, 5, 31)), codes(JUNE), codes(date(2018, 12, 31))) == (["1"], ["2"], [])
    publish(scene.programme, "coop", date(2019, 8, 1), organisation=scene.cooperative)
    publish(scene.programme, "altri", date(2019, 8, 1), organisation=scene.stranger)
    assert (codes(date(2019, 7, 31)), codes(date(2019, 8, 1))) == (["2"], ["coop"])


def test_nobody_is_enrolled_without_the_version_of_the_day(scene: Scene) -> None:
    lab, one = scene.activity(), pupil(scene, "A-1")
    new_version(scene)
    for values, words in (
        ({"notice_version": "2"}, "“1”"),
        ({"notice_version": ""}, "“1”"),
        ({"notice_given_on": None}, "giorno"),
        ({"notice_given_on": date(2018, 6, 1)}, "01/06/2018"),
        ({"notice_given_on": date(2019, 1, 16)}, "prima"),
    ):
        with pytest.raises(DomainError) as refused:
            enrolled(scene, lab, one, **values)
        assert words in str(refused.value)
    kept = enrolled(scene, lab, one, notice_given_to="guardian", notice_language=Language.objects.get(code="it"))
    kept.refresh_from_db()
    assert kept.notice == Notice.objects.get(code="1")
    assert (kept.notice_version, kept.notice_given_to, kept.notice_language.code) == ("1", "guardian", "it")
    with acting(None):
        Programme.objects.filter(pk=scene.programme.pk).update(notice_required=False)
    free = enrolled(scene, scene.activity(), one, notice_version="", notice_given_on=None)
    assert (free.notice, free.notice_given_on, free.notice_version) == (None, None, "")


def test_a_version_that_a_family_received_does_not_change(scene: Scene) -> None:
    first, italian = Notice.objects.get(), Language.objects.get(code="it")
    arabic, _made = Language.objects.get_or_create(code="ar", defaults={"name": "Arabo"})
    words = {"code": "1", "valid_from": first.valid_from, "language": italian, "by": scene.region, "at": timezone.now()}
    correct_notice(notice=first, version=1, body="Corretta.", **words)
    with pytest.raises(StaleError):
        correct_notice(notice=first, version=1, body="Da un’altra scheda.", **words)
    assert not is_used(first)
    enrolled(scene, scene.activity(), pupil(scene))
    assert is_used(first)
    with pytest.raises(DomainError, match="non cambia più"):
        correct_notice(notice=first, version=2, body="Troppo tardi.", **words)
    assert first.texts.get().body == "Corretta."
    for _click in range(2):
        add_language(notice=first, language=arabic, body="إشعار", by=scene.region, at=timezone.now())
    assert first.texts.count() == 2
    with pytest.raises(DomainError):
        add_language(notice=first, language=arabic, body="آخر", by=scene.region, at=timezone.now())


def test_parts_in_the_processing_are_one_for_each_body(scene: Scene) -> None:
    officer = scene.user("data_protection_officer", scene.lead)
    words = {
        "programme": scene.programme,
        "organisation": scene.cooperative,
        "role": "processor",
        "legal_act": "Nomina ex art. 28",
        "act_on": date(2019, 1, 2),
        "dpo_contact": "rpd@coop.example",
        "by": officer,
        "at": timezone.now(),
    }
    for _click in range(2):
        role = record_processing_role(**words)
    with pytest.raises(DomainError) as twice:
        record_processing_role(**words | {"role": "controller"})
    assert twice.value.field == "organisation"
    record_processing_role(**words | {"role": "joint_controller"}, version=1)
    with pytest.raises(StaleError):
        record_processing_role(**words | {"role": "controller"}, version=1)
    with pytest.raises(NotPermitted):
        record_processing_role(**words | {"by": scene.operator, "role": "controller"}, version=2)
    assert ProcessingRole.objects.get() == role


def test_the_pages_publish_show_and_print(scene: Scene, client: Client, django_assert_max_num_queries: Any) -> None:
    client.force_login(scene.region)
    listed = reverse("actions:notice-list", args=[scene.programme.slug])
    role = {
        "organisation": scene.lead.pk,
        "role": "controller",
        "legal_act": "Legge regionale 1",
        "act_on": "01/02/2019",
        "dpo_contact": "rpd@regione.example",
    }
    assert client.post(reverse("actions:processing-new", args=[scene.programme.slug]), role).status_code == 302
    form = {"code": "2", "valid_from": "01/06/2019", "language": "", "body": "# Chi\n\nLa Regione."}
    new = reverse("actions:notice-new", args=[scene.programme.slug])
    assert client.post(new, form).context["form"].errors.keys() == {"language"}
    form["language"] = Language.objects.get(code="it").pk
    assert client.post(new, form).status_code == 302
    with django_assert_max_num_queries(15):
        text = client.get(listed).content.decode()
    assert "Titolare del trattamento" in text
    assert "rpd@regione.example" in text
    second = Notice.objects.get(code="2")
    client.force_login(scene.contact)  # the school reads, and publishes nothing
    shown = client.get(second.get_absolute_url()).content.decode()
    assert '<p dir="auto">La Regione.</p>' in shown
    assert "Legge regionale 1 del 01/02/2019" in shown
    assert client.get(new).status_code == 403
    body = client.get(scene.lead.get_absolute_url())
    assert body.status_code == 404 or "Legge regionale 1" in body.content.decode()
    enrol = client.get(reverse("beneficiaries:enrol", args=[scene.activity().uuid])).content.decode()
    assert "Titolare del trattamento: Regione Prova" in enrol
    client.force_login(scene.region)
    assert "Legge regionale 1" in client.get(scene.lead.get_absolute_url()).content.decode()
    edited = client.post(
        reverse("actions:notice-edit", args=[second.uuid]), form | {"body": "Corretta.", "version": "1"}
    )
    assert edited.status_code == 302
    client.force_login(scene.outsider)
    assert client.get(second.get_absolute_url()).status_code == 404
