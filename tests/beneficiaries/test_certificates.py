# SPDX-License-Identifier: EUPL-1.2
"""Certificates of attendance: who reached the share, numbered once, names opened and recorded, sealed file that goes."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions.enums import ActivityState
from actions.enums import Support as Given
from actions.models import Activity, Meeting
from beneficiaries.enums import InterventionKind, SupportKind
from beneficiaries.models import Certificate, Enrolment, ReadEntry
from beneficiaries.rendering import certificates as rendering
from beneficiaries.selectors.certificates import DEFAULT_SHARE, KEPT, KIND
from beneficiaries.services.certificates import PAGE, ask_certificates, certificate_for, destroy_expired
from beneficiaries.services.certificates import destroy_of_persons as destroy_of
from beneficiaries.services.identities import NewIdentity, write_identities
from beneficiaries.services.interventions import update_intervention
from beneficiaries.services.registers import Cell, record_attendance
from fami_portal.core.errors import DomainError, NotPermitted
from fami_portal.core.jobs import run_job
from fami_portal.core.models import AuditEvent, Document, Job, Message
from fami_portal.core.services import acting
from tests.actions.scene import Scene
from tests.beneficiaries.class_of import class_of
from tests.beneficiaries.followed import TODAY, adult, done, followed_by, taken, work

AT = datetime(2019, 6, 1, 9, tzinfo=UTC)
SURNAME = "Quasimodi"


def certified_lab(scene: Scene, number: int = 4, name: str = "3B") -> tuple[Activity, list[Enrolment], list[Meeting]]:
    """Return a lab of four meetings: the last pupil never came, the last but one to two, the others to all."""
    lab = scene.activity()
    pupils = class_of(scene, lab, number, name)
    with acting(None):
        write_identities(
            entries=[
                NewIdentity(one.beneficiary, f"Amina{place}", SURNAME, tax_code_missing="not_asked")
                for place, one in enumerate(pupils)
            ],
            organisation=scene.cooperative,
            by=None,
        )
        Activity.objects.filter(pk=lab.pk).update(state=ActivityState.RUNNING)
    meetings = [scene.meeting(lab, date(2019, 2, 5) + timedelta(weeks=week)) for week in range(4)]
    came = {one.pk: 4 for one in pupils} | {pupils[-2].pk: 2, pupils[-1].pk: 0}
    record_attendance(
        activity=lab,
        cells=[
            Cell(meeting.pk, one.pk, "present" if place < came[one.pk] else "absent")
            for place, meeting in enumerate(meetings)
            for one in pupils
        ],
        by=scene.operator,
    )
    return Activity.objects.get(pk=lab.pk), pupils, meetings


def test_a_class_is_certified_in_one_sealed_file_and_printed_again_with_its_numbers(
    client: Client, scene: Scene, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    lab, pupils, meetings = certified_lab(scene)
    address = reverse("beneficiaries:certificates", args=[lab.uuid])
    client.force_login(scene.operator)
    assert address in client.get(lab.get_absolute_url()).content.decode()
    page = client.get(address)
    assert page.context["share"] == DEFAULT_SHARE
    assert [row["chosen"] for row in page.context["rows"]] == [True, True, False, False]
    assert [row["percent"] for row in page.context["below"]] == [50, 0]
    assert SURNAME not in page.content.decode()
    assert len(client.get(address, {"share": 50}).context["reached"]) == 3
    assert client.get(address, {"share": 500}).context["asked"].errors

    # A double click makes one job; whoever is below comes by choice; the parameters hold ids alone.
    sent = {"enrolments": [one.pk for one in pupils[:3]], "submission_key": str(uuid4()), "birth_date": "on"}
    answers = [client.post(address, sent) for _click in range(2)]
    job = Job.objects.get()
    assert {answer["Location"] for answer in answers} == {job.get_absolute_url()}
    assert job.parameters == {"enrolments": sorted(one.pk for one in pupils[:3]), "birth_date": True}
    with patch.object(rendering, "_compiled", wraps=rendering._compiled) as compiled:
        assert run_job(job.pk, heartbeat=False)
    assert client.post(address, sent)["Location"] == job.get_absolute_url()
    assert Job.objects.count() == 1
    data = compiled.call_args.args[0]
    assert compiled.call_args.args[2] == ["a-3a", "ua-1"]
    assert [paper["name"] for paper in data["papers"]] == [f"Amina{place} {SURNAME}" for place in range(3)]
    assert "01/01/2009" in data["papers"][0]["birth"]
    assert "6 h" in data["papers"][0]["attended"]
    assert (data["visibility"], scene.programme.visibility_text) == (
        scene.programme.visibility_text,
        data["visibility"],
    )
    numbers = {row.enrolment_id: row.code for row in Certificate.objects.all()}
    assert sorted(row.number for row in Certificate.objects.all()) == [1, 2, 3]
    entry = ReadEntry.objects.filter(page=PAGE, kind="export").get()
    assert entry.subjects == sorted(one.beneficiary_id for one in pupils[:3])
    document = Document.objects.get(kind=KIND)
    assert (document.name, document.is_sealed) == ("attestati.pdf", True)
    kept = [*Job.objects.values_list("parameters", flat=True), *AuditEvent.objects.values_list("data", flat=True)]
    assert SURNAME not in json.dumps(kept) + "".join(Message.objects.values_list("body", flat=True))

    # Printed again it is the same certificate; after another meeting it is a new one. The date of birth is not asked.
    single = reverse("beneficiaries:certificate", args=[pupils[0].pk])
    with patch.object(rendering, "_compiled", return_value=b"%PDF-") as compiled:
        answer = client.post(single)
    assert (answer["Content-Type"], answer.content) == ("application/pdf", b"%PDF-")
    assert numbers[pupils[0].pk] in compiled.call_args.args[0]["papers"][0]["number"]
    assert compiled.call_args.args[0]["papers"][0]["birth"] == ""
    assert Certificate.objects.count() == 3
    assert ReadEntry.objects.filter(page=PAGE, kind="export").count() == 2
    assert numbers[pupils[0].pk] in client.get(reverse("beneficiaries:enrolment", args=[pupils[0].pk])).content.decode()
    cell = Cell(meetings[0].pk, pupils[0].pk, "absent")
    record_attendance(activity=lab, cells=[cell], by=scene.operator)
    with patch.object(rendering, "_compiled", return_value=b""):
        certificate_for(enrolment=pupils[0], birth_date=False, by=scene.operator, at=AT)
    latest = Certificate.objects.latest("pk")
    assert (latest.year, latest.number, latest.minutes, latest.minutes_held) == (2019, 1, 270, 360)

    # The file opens by a reason, for who asked; it is destroyed with the names, and after its days.
    file = document.get_absolute_url()
    for person, status in (("coordinator", 403), ("outsider", 404)):
        client.force_login(getattr(scene, person))
        assert client.get(file).status_code == status, person
        assert client.post(single).status_code == client.get(address).status_code == status, person
    # The school that hosts the lab certifies whom it registered itself: nobody here.
    client.force_login(scene.contact)
    assert client.get(file).status_code == 403
    assert client.post(single).status_code == 302
    hosted = client.get(address).context
    assert (hosted["rows"], hosted["nameless"]) == ([], 0)
    assert hosted["elsewhere"] == f"{scene.cooperative.name} (4)"
    client.force_login(scene.operator)
    opened = client.post(file, {"purpose": "other", "details": "da stampare e firmare"})
    assert b"".join(opened.streaming_content)[:5] == b"%PDF-"  # type: ignore[attr-defined]
    read = ReadEntry.objects.get(document=document.uuid)
    assert (read.chain.organisation, len(read.subjects)) == (scene.cooperative, 3)
    destroy_of([pupils[3].beneficiary_id], None, AT)
    assert destroy_expired(at=document.created_at + KEPT) == 0
    assert destroy_expired(at=document.created_at + KEPT + timedelta(seconds=1)) == 1
    document.refresh_from_db()
    assert document.destroyed_at is not None


def test_what_cannot_be_certified_is_refused_and_changes_nothing(client: Client, scene: Scene) -> None:
    lab, pupils, _meetings = certified_lab(scene)
    other, strangers, _meetings = certified_lab(scene, name="4C")
    address = reverse("beneficiaries:certificates", args=[lab.uuid])

    def ask(chosen: list[int], by: Any = scene.operator) -> Job:
        return ask_certificates(activity=lab, enrolments=chosen, birth_date=False, key=None, by=by)

    client.force_login(scene.operator)
    empty = client.post(address, {})
    assert empty.context["form"].errors["enrolments"]
    assert not any(row["chosen"] for row in empty.context["rows"])
    never = client.post(address, {"enrolments": [pupils[0].pk, pupils[3].pk]})
    assert never.context["form"].errors["enrolments"]
    assert [row["chosen"] for row in never.context["rows"]] == [True, False, False, True]
    for chosen in ([strangers[0].pk], [pupils[0].pk, 0], list(range(501))):
        with pytest.raises(DomainError):
            ask(chosen)
    with pytest.raises(NotPermitted):
        ask([pupils[0].pk], scene.coordinator)
    with pytest.raises(DomainError):
        ask([pupils[0].pk], scene.contact)
    assert not Job.objects.exists()
    job = ask([pupils[0].pk])
    assert ask([pupils[0].pk]) == job
    with acting(None):
        Activity.objects.filter(pk=lab.pk).update(state=ActivityState.CANCELLED)
    # Refused when its turn comes: nothing is numbered, nothing read.
    assert not run_job(job.pk, heartbeat=False)
    job.refresh_from_db()
    assert job.state == "dead"
    assert not Certificate.objects.exists()
    assert not ReadEntry.objects.filter(kind="export").exists()
    assert "formaction" not in client.get(address).content.decode()
    assert client.post(reverse("beneficiaries:certificate", args=[pupils[0].pk])).status_code == 302

    # Nobody certified twice by two prints of one file; whoever is erased takes the file along.
    mine = ask_certificates(activity=other, enrolments=[strangers[0].pk], birth_date=False, key=None, by=scene.operator)
    with patch.object(rendering, "_compiled", return_value=b"%PDF-1.7\n%%EOF\n"):
        run_job(mine.pk, heartbeat=False)
    document = Document.objects.get(kind=KIND)
    destroy_of([strangers[0].beneficiary_id], None, AT)
    document.refresh_from_db()
    assert document.destroyed_at is not None


def test_guidance_is_certified_without_a_word_of_what_it_was_for(client: Client, scene: Scene) -> None:
    activity = followed_by(scene, title="Rinascere dopo la violenza", venue=scene.school)
    guided, housed, unnamed = (adult(scene, code) for code in ("A-1", "A-2", "A-3"))
    with acting(None):
        Activity.objects.filter(pk=activity.pk).update(state=ActivityState.RUNNING)
        names = [NewIdentity(one, "Amina", SURNAME, tax_code_missing="not_asked") for one in (guided, housed)]
        write_identities(entries=names, organisation=scene.cooperative, by=None)
    support = taken(scene, activity, guided)
    words: dict[str, Any] = {"note": "Paura del marito", "next_step": "Avvocata", "next_step_on": TODAY}
    done(scene, support, minutes=45, outcome="sent_on", **words)
    done(scene, support, minutes=60, held_on=date(2019, 3, 11))
    done(scene, support, minutes=25, held_on=date(2019, 3, 12), kind=InterventionKind.CONTACTS)
    done(scene, taken(scene, activity, housed, kind=SupportKind.HOUSING), minutes=90)
    done(scene, taken(scene, activity, unnamed), minutes=30)

    client.force_login(scene.operator)
    address = reverse("beneficiaries:certificates", args=[activity.uuid])
    assert address in client.get(activity.get_absolute_url()).content.decode()
    page = client.get(address)
    row = page.context["rows"][0]
    assert (row["label"], row["attended"], row["times"], row["chosen"]) == ("A-1", "1 h 45 min", 2, True)
    assert (len(page.context["rows"]), page.context["nameless"]) == (1, 1)
    assert not any(word in page.content.decode() for word in ("%</", "Quota", "Avvocata"))

    enrolment = Enrolment.objects.get(beneficiary=guided)
    client.post(address, {"enrolments": [enrolment.pk], "submission_key": str(uuid4())})
    with patch.object(rendering, "_compiled", wraps=rendering._compiled) as compiled:
        assert run_job(Job.objects.get().pk, heartbeat=False)
    data = compiled.call_args.args[0]
    assert compiled.call_args.args[2] == ["a-3a", "ua-1"]
    (paper,) = data["papers"]
    assert (data["title"], paper["name"]) == ("Attestato di orientamento", f"Amina {SURNAME}")
    assert paper["attended"] == "ha ricevuto 1 h 45 min di orientamento e accompagnamento, in 2 interventi"
    assert dict(paper["facts"]) == {"Ente": scene.cooperative.name, "Periodo": "11/02/2019 – 11/03/2019"}
    assert data["visibility"] == scene.programme.visibility_text
    told = json.dumps(data, ensure_ascii=False)
    assert not any(word in told for word in (activity.title, "Paura", "Avvocata", "lavoro", scene.school.name))
    first = Certificate.objects.get()
    assert (first.minutes, first.minutes_held, first.interventions) == (105, 105, 2)

    # Printed again it is the same; as much time in one more intervention is another.
    single = reverse("beneficiaries:certificate", args=[enrolment.pk])
    with patch.object(rendering, "_compiled", return_value=b"%PDF-"):
        assert client.post(single).content == b"%PDF-"
        assert Certificate.objects.count() == 1
        last = support.interventions.get(minutes=60)
        update_intervention(intervention=last, version=1, work=work(scene, minutes=40), by=scene.operator, today=TODAY)
        done(scene, support, minutes=20, held_on=date(2019, 3, 13))
        client.post(single)
    assert list(Certificate.objects.order_by("pk").values_list("minutes", "interventions")) == [(105, 2), (105, 3)]
    for person, status in (("coordinator", 403), ("contact", 403), ("outsider", 404)):
        client.force_login(getattr(scene, person))
        assert client.get(address).status_code == client.post(single).status_code == status, person
        assert client.get(Document.objects.get(kind=KIND).get_absolute_url()).status_code == status, person
    # Only housing: nothing to certify, and no way to a page that would say so of each.
    homes = followed_by(scene, supports=[Given.HOUSING])
    client.force_login(scene.operator)
    assert "Attestati" not in client.get(homes.get_absolute_url()).content.decode()


def test_the_page_asks_as_much_for_thirty_as_for_three(client: Client, scene: Scene) -> None:
    client.force_login(scene.operator)
    asked = []
    for number, name in ((3, "3B"), (30, "5A")):
        lab, pupils, _meetings = certified_lab(scene, number, name)
        with patch.object(rendering, "_compiled", return_value=b""):
            certificate_for(enrolment=pupils[0], birth_date=False, by=scene.operator, at=AT)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(reverse("beneficiaries:certificates", args=[lab.uuid])).status_code == 200
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 15
