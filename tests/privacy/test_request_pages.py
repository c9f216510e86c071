# SPDX-License-Identifier: EUPL-1.2
"""The pages of a case from its opening to its closing, and what a body meets."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from beneficiaries.models import ReadEntry
from fami_portal.core.models import AuditEvent
from privacy.models import RightsRequest, RightsTask
from privacy.services import rights_acts
from tests.actions.scene import Scene, build
from tests.beneficiaries import dump
from tests.beneficiaries.people import known
from tests.privacy.cases import AT, BORN, CODE, FAMILY, GIVEN, filed, matched, officer, search


@pytest.fixture
def scene(db: Any) -> Scene:
    return build()


def _step(case: RightsRequest, act: str) -> str:
    return reverse("privacy:request-step", args=[case.uuid, act])


def _version(case: RightsRequest) -> dict[str, str]:
    return {"version": str(RightsRequest.objects.get(pk=case.pk).version)}


def test_a_case_from_the_first_page_to_the_last(scene: Scene, client: Client) -> None:
    one = known(scene, GIVEN, FAMILY, CODE)
    client.force_login(officer(scene))
    typed = {
        "programme": scene.programme.pk, "kind": "access", "received_on": timezone.localdate().isoformat(), "channel": "email",
        "given_name": GIVEN, "family_name": FAMILY, "birth_date": BORN.isoformat(), "applicant": "parent",
        "applicant_name": "", "contact": "madre@example.org", "text": "",
        "submission_key": "0f0e0d0c-0b0a-4908-8706-050403020100",
    }  # fmt: skip
    new = reverse("privacy:request-new")
    wrong = client.post(new, typed)
    assert wrong.status_code == 200
    assert GIVEN in wrong.content.decode()  # nothing typed is lost
    typed["applicant_name"] = "Madre"
    pages = [client.post(new, typed) for _twice in range(2)]
    case = RightsRequest.objects.get()
    assert [page["Location"] for page in pages] == [case.get_absolute_url()] * 2
    match = reverse("privacy:request-match", args=[case.uuid])
    too_early = client.post(match, _version(case) | {"tax_code": CODE})
    assert too_early.status_code == 200
    assert client.post(_step(case, "verify"), _version(case) | {"identity_check": "known"}).status_code == 302
    looked = client.get(match).content.decode()
    assert one.pseudonym not in looked  # who looks alike is shown after the match alone
    stale = client.post(match, {"version": "1", "tax_code": CODE})
    assert stale.status_code == 200
    assert client.post(match, _version(case) | {"tax_code": CODE}).status_code == 302
    page = client.get(case.get_absolute_url()).content.decode()
    assert one.pseudonym in page
    assert FAMILY not in page
    assert ReadEntry.objects.filter(page="privacy:request").count() == 2
    opened = client.post(reverse("privacy:request-applicant", args=[case.uuid]))
    assert FAMILY in opened.content.decode()
    assert "no-store" in opened["Cache-Control"]
    bodies = reverse("privacy:request-bodies", args=[case.uuid])
    client.post(bodies, _version(case) | {"involved": scene.cooperative.pk, "network": scene.network.pk})
    assert RightsTask.objects.count() == 2
    refused = client.post(_step(case, "answer"), _version(case))
    assert "Cooperativa Prova" in refused.content.decode()
    for task in RightsTask.objects.order_by("pk"):
        withdraw = reverse("privacy:task-withdraw", args=[task.uuid])
        assert client.get(withdraw).status_code == 200
        assert client.post(withdraw, {"version": task.version}).status_code == 302
    client.post(_step(case, "refuse"), _version(case) | {"reason": "Richiesta ritirata"})
    client.post(_step(case, "close"), _version(case))
    assert RightsRequest.objects.get().state == "closed"
    assert client.get(_step(case, "nothing")).status_code == 404
    assert dump.in_database([GIVEN, FAMILY, CODE, "madre@example.org"]) == {}


def test_a_body_finds_its_task_and_answers(scene: Scene, client: Client) -> None:
    one = known(scene, GIVEN, FAMILY, CODE)
    other = known(scene, GIVEN, FAMILY, CODE, body=scene.school)
    case = matched(scene)
    task = search(scene, case, scene.cooperative)[0]
    client.force_login(scene.operator)
    home = client.get(reverse("home")).content.decode()
    assert task.get_absolute_url() in home
    page = client.get(task.get_absolute_url()).content.decode()
    assert one.pseudonym in page
    assert other.pseudonym not in page  # of the others not even that there is one
    assert FAMILY not in page
    person = reverse("privacy:task-person", args=[task.uuid])
    assert FAMILY not in client.get(person).content.decode()
    assert FAMILY in client.post(person).content.decode()
    assert AuditEvent.objects.filter(verb="applicant_opened", on_behalf_of=str(scene.cooperative)).count() == 1
    wrong = client.post(task.get_absolute_url(), {"version": 1, "answer": "held", "codes": "", "held": ""})
    assert wrong.status_code == 200
    held = {"version": 1, "answer": "held", "codes": "C-1\nC-2", "held": ""}
    assert [client.post(task.get_absolute_url(), held).status_code for _twice in range(2)] == [302, 302]
    task.refresh_from_db()
    assert (task.codes, task.version) == (["C-1", "C-2"], 2)
    client.force_login(scene.contact)
    assert client.get(task.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("number", [1, 12])
def test_lists_cost_the_same_for_few_and_for_many(
    scene: Scene, client: Client, number: int, django_assert_max_num_queries: Any
) -> None:
    cases = [filed(scene) for _ in range(number)]
    RightsTask.objects.none()
    case = matched(scene)
    search(scene, case, *[scene.cooperative, scene.school][:number])
    assert len(cases) == number
    client.force_login(officer(scene))
    client.get(reverse("privacy:request-list"))
    with django_assert_max_num_queries(11):
        assert client.get(reverse("privacy:request-list")).status_code == 200
    with django_assert_max_num_queries(14):
        assert client.get(case.get_absolute_url()).status_code == 200


def test_a_restricted_record_is_read_by_few(scene: Scene, client: Client) -> None:
    one = known(scene, GIVEN, FAMILY, CODE, local_code="3B-777")
    case, by = matched(scene, "restriction"), officer(scene)
    client.force_login(scene.operator)
    listed, page = reverse("beneficiaries:beneficiary-list"), one.get_absolute_url()
    assert "3B-777" in client.get(listed).content.decode()
    assert client.get(page).status_code == 200
    read = ReadEntry.objects.count()
    rights_acts.restrict(request=case, version=case.version, by=by, at=AT)

    shown = client.get(listed).content.decode()
    assert one.pseudonym in shown
    assert "trattamento limitato" in shown
    assert "3B-777" not in shown
    name = reverse("beneficiaries:identity", args=[one.uuid])
    for refused in (client.get(page), client.get(name), client.post(name, {"purpose": "check"})):
        assert refused.status_code == 403
        assert FAMILY not in refused.content.decode()
    assert ReadEntry.objects.count() == read
    client.force_login(by)
    assert one.pseudonym in client.get(case.get_absolute_url()).content.decode()
    rights_acts.lift(request=case, version=case.version, by=by, at=AT)
    client.force_login(scene.operator)
    assert client.get(page).status_code == 200
