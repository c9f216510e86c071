# SPDX-License-Identifier: EUPL-1.2
"""The copy holds everything about the person, is sealed like an identity, and goes after its delivery."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.test import Client

from beneficiaries.enums import Eligibility
from beneficiaries.models import Attendance, Enrolment, ReadEntry
from beneficiaries.selectors import subject as of_recipients
from beneficiaries.services.eligibility import change_eligibility
from fami_portal.core.contents import clear_parts
from fami_portal.core.errors import DomainError
from fami_portal.core.models import Document, Job
from fami_portal.core.privacy import classified_fields
from fami_portal.core.services import acting
from mediation.models import MediationRequest
from mediation.selectors import subject as of_mediation
from privacy.models import RightsRequest
from privacy.services import copies, requests
from tests.actions.scene import Scene, build
from tests.beneficiaries import dump
from tests.beneficiaries.people import known
from tests.opened import open_file
from tests.privacy.cases import AT, CODE, FAMILY, GIVEN, filed, matched, officer, reply, search

NOTE, PLACE = "Parla con la maestra", "Faldone blu"
SECRETS = [GIVEN, FAMILY, CODE]


@pytest.fixture
def scene(db: Any, settings: Any, tmp_path: Path) -> Scene:
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    }
    return build()


def _filled(scene: Scene, records: int, days: int) -> RightsRequest:
    """Return a case of somebody with several records, a lab, checks, and a case of mediation at the school."""
    people = [known(scene, GIVEN, FAMILY, CODE, body=body) for body in (scene.cooperative, scene.school)[:records]]
    one = people[0]
    change_eligibility(
        beneficiary=one, eligibility=Eligibility.VERIFIED, version=one.version, by=None, at=AT, seen="permit",
        kept_at=PLACE, reason=NOTE, expires_on=date(2021, 8, 17),
    )  # fmt: skip
    lab = scene.activity()
    with acting(None):
        enrolment = Enrolment.objects.create(
            activity=lab, beneficiary=one, enrolled_on=date(2019, 1, 15), notice_version="1",
            notice_given_on=date(2019, 1, 1),
        )  # fmt: skip
        for day in range(days):
            meeting = scene.meeting(lab, date(2019, 2, 4) + timedelta(days=day))
            Attendance.objects.create(meeting=meeting, enrolment=enrolment, state="present", minutes=90)
        MediationRequest.objects.create(
            programme=scene.programme, network=scene.network, organisation=scene.school, kind="school",
            case_code="C-12", reason="Colloquio con la madre",
        )  # fmt: skip
    case = matched(scene)
    reply(search(scene, case, scene.school)[0], "held", scene.contact, ["C-12"], "Rubrica")
    return case


def test_the_copy_is_whole_and_sealed_and_goes(
    scene: Scene, client: Client, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    case, by = _filled(scene, 2, 1), officer(scene)
    with pytest.raises(DomainError):
        copies.deliver(request=case, version=case.version, delivered_on=date(2019, 3, 1), by=by, at=AT)
    with django_capture_on_commit_callbacks(execute=True):
        copies.ask_copy(request=case, version=case.version, by=by, at=AT)
    assert Job.objects.get(kind="privacy.subject_copy").state == "done", Job.objects.get().error
    case = RightsRequest.objects.get(pk=case.pk)
    assert case.copy_file.content_type == "application/pdf"
    data = json.loads(b"".join(clear_parts(case.copy_data)))
    told = {section["code"]: json.dumps(section["rows"], ensure_ascii=False) for section in data["sections"]}
    for section, text in (
        ("names", GIVEN), ("names", CODE), ("records", "Alunni di Paesi terzi"), ("eligibility", PLACE),
        ("eligibility", NOTE), ("enrolments", "Laboratorio"), ("attendance", "04/02/2019"), ("merges", "Sì"),
        ("mediation_requests", "Colloquio con la madre"), ("held_by_bodies", "Rubrica"),
        ("readings", "Per rispondere a una richiesta"), ("requests", case.number),
    ):  # fmt: skip
        assert text in told[section], section
    assert dump.in_database(SECRETS) == {}
    assert dump.in_files(tmp_path, SECRETS) == {}
    assert dump.in_files(Path(default_storage.location), SECRETS) == {}

    client.force_login(scene.operator)
    assert client.get(case.copy_file.get_absolute_url()).status_code == 404
    client.force_login(by)
    opened = open_file(client, case.copy_data)
    assert FAMILY in opened.decode()
    assert ReadEntry.objects.filter(document=case.copy_data.uuid).count() == 1

    with pytest.raises(DomainError) as early:
        copies.deliver(request=case, version=case.version, delivered_on=date(2019, 1, 1), by=by, at=AT)
    assert early.value.field == "delivered_on"
    copies.deliver(request=case, version=case.version, delivered_on=date(2019, 3, 1), by=by, at=AT)
    requests.answer(request=case, version=case.version, by=by, at=AT)
    assert copies.destroy_delivered(at=AT + timedelta(days=30)) == 0
    assert copies.destroy_delivered(at=AT + timedelta(days=31)) == 2
    assert copies.destroy_delivered(at=AT + timedelta(days=31)) == 0
    assert Document.objects.filter(kind=copies.COPY_KIND, destroyed_at__isnull=True).count() == 0


def test_making_it_costs_the_same_for_more_rows(scene: Scene, django_assert_max_num_queries: Any) -> None:
    case, by = _filled(scene, 1, 12), officer(scene)
    with acting(by), django_assert_max_num_queries(45):
        copy = copies.gather(request=case, by=by, at=AT)
    assert [len(rows) for code, _title, rows in copy.sections if code == "attendance"] == [12]


def test_no_copy_where_it_is_not_asked(scene: Scene) -> None:
    case = filed(scene)
    with pytest.raises(DomainError):
        copies.ask_copy(request=case, version=case.version, by=officer(scene), at=AT)
    erasure = matched(scene, "erasure", tax_code="")
    with pytest.raises(DomainError):
        copies.ask_copy(request=erasure, version=erasure.version, by=officer(scene), at=AT)


@pytest.mark.parametrize(("app", "module"), [("beneficiaries", of_recipients), ("mediation", of_mediation)])
def test_every_model_about_persons_is_in_the_copy(app: str, module: Any) -> None:
    source = Path(module.__file__).read_text()
    about = {
        model.__name__
        for model in apps.get_app_config(app).get_models()
        if any(name == "special" for name in classified_fields(model).values())
    }
    missing = {name for name in about if f"    {name},\n" not in source and name not in module.NOT_COPIED}
    assert not missing, "add a section to the copy, or say in NOT_COPIED why it is not there"
    assert not set(module.NOT_COPIED) - {model.__name__ for model in apps.get_app_config(app).get_models()}
