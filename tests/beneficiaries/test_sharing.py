# SPDX-License-Identifier: EUPL-1.2
"""Names on a register: shared by an act, read through one door that records it, until the act ends."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pypdf
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions.services.teaching import NewTeacher, assign_teacher
from beneficiaries.enums import ReadKind
from beneficiaries.models import Attendance, Enrolment, Identity, ReadEntry, SharingAct
from beneficiaries.services.reading import verify_chain
from beneficiaries.services.sharing import revoke_sharing, shared_names
from fami_portal.core.errors import DomainError, NotPermitted, StaleError
from fami_portal.core.services import acting
from tests.actions.scene import Scene, publish
from tests.beneficiaries.class_of import enrolled
from tests.beneficiaries.people import known
from tests.beneficiaries.shared import AT, LAST, OVER, Lab, lab_with_names, share


@pytest.fixture
def lab(scene: Scene) -> Lab:
    return lab_with_names(scene)


def read(lab: Lab, by: Any, at: Any = AT, **values: Any) -> set[str]:
    """Return the short names that a person reads on the register."""
    shared = shared_names(
        activity=lab.activity, recipients=[lab.amina, lab.ours], by=by, page="beneficiaries:register", at=at, **values
    )
    return {opened.short_name for opened in shared.names.values()}


def test_an_act_shows_names_for_its_days_alone(lab: Lab) -> None:
    scene = lab.scene
    assert read(lab, scene.operator) == {"Drita Ç."}
    assert read(lab, scene.contact) == {"Amina B."}

    act = share(lab)

    assert read(lab, scene.operator) == {"Amina B.", "Drita Ç."}
    assert read(lab, scene.operator, AT - timedelta(days=29)) == {"Drita Ç."}
    assert read(lab, scene.operator, LAST) == {"Amina B.", "Drita Ç."}
    assert read(lab, scene.operator, OVER) == {"Drita Ç."}
    # The school, which is the other keeper, reads its own; nobody above or beside reads any.
    assert read(lab, scene.contact) == {"Amina B."}
    for other in (scene.coordinator, scene.region, scene.teacher, scene.outsider):
        assert read(lab, other) == set()

    # The end moves with the activity; pupils who come later are in it.
    lab.activity.refresh_from_db()
    with acting(None):
        type(lab.activity).objects.filter(pk=lab.activity.pk).update(ends_on=date(2020, 2, 20))
    lab.activity.refresh_from_db()
    later = known(scene, "Zuleikha", "Quasimodi", body=scene.school)
    enrolled(scene, lab.activity, later)
    shared = shared_names(activity=lab.activity, recipients=[later], by=scene.operator, page="p", at=OVER)
    assert shared.names[later.pk].short_name == "Zuleikha Q."
    assert shared.names[later.pk].tax_code == ""
    assert "Quasimodi" not in repr(shared) + repr(shared.names[later.pk])

    revoke_sharing(act=act, version=1, reason="Non serve più", by=scene.contact, at=AT)
    assert read(lab, scene.operator) == {"Drita Ç."}


def test_each_page_is_one_entry_of_each_body(lab: Lab) -> None:
    share(lab)
    before = ReadEntry.objects.count()
    nameless = known(lab.scene, "Chen", "Xiaoli")
    with acting(None):
        Identity.objects.filter(beneficiary=nameless).update(
            given_name=b"", family_name=b"", tax_code=b"", destroyed_at=AT
        )

    shared_names(
        activity=lab.activity,
        recipients=[lab.amina, lab.ours, nameless],
        by=lab.scene.operator,
        page="beneficiaries:register",
        at=AT,
        own=[lab.scene.cooperative.pk],
    )

    entries = list(ReadEntry.objects.order_by("pk")[before:])
    assert [(entry.chain.organisation, entry.kind, entry.subjects) for entry in entries] == [
        (lab.scene.cooperative, ReadKind.SHARED, sorted([lab.ours.pk, nameless.pk])),
        (lab.scene.school, ReadKind.SHARED, [lab.amina.pk]),
    ]
    assert all(entry.activity == lab.activity and entry.purpose for entry in entries)
    assert verify_chain(lab.scene.school) == []


def test_restricted_destroyed_and_broken_names_are_not_shown(lab: Lab, caplog: Any) -> None:
    share(lab)
    with acting(None):
        type(lab.amina).objects.filter(pk=lab.amina.pk).update(restricted_at=AT)
        identity = Identity.objects.get(beneficiary=lab.ours)
        Identity.objects.filter(pk=identity.pk).update(family_name=bytes(identity.given_name))

    shared = shared_names(
        activity=lab.activity, recipients=[lab.amina, lab.ours], by=lab.scene.operator, page="p", at=AT
    )

    assert dict(shared.names) == {}
    assert shared.broken == {lab.ours.pk}
    assert "Drita" not in caplog.text


def test_what_an_act_needs(lab: Lab) -> None:
    scene = lab.scene
    publish(scene.programme, "2", date(2019, 1, 5))
    for wrong, field in (
        ({"notice_version": " "}, "notice_version"),
        ({"notice_version": "1.0"}, "notice_version"),
        ({"notice_version": "2", "notice_given_on": date(2019, 1, 4)}, "notice_given_on"),
        ({"notice_given_on": date(2019, 2, 2)}, "notice_given_on"),
        ({"starts_on": date(2020, 1, 20)}, "starts_on"),
        ({"keeper": scene.stranger}, "keeper"),
        ({"keeper": scene.school}, "keeper"),
        ({"purpose": "other"}, "details"),
        ({"at": OVER}, None),
    ):
        with pytest.raises(DomainError) as refused:
            share(lab, **wrong)
        assert refused.value.field == field
    for person in (scene.operator, scene.teacher, scene.outsider, scene.region):
        with pytest.raises(NotPermitted):
            share(lab, by=person)
    assert not SharingAct.objects.exists()

    act = share(lab)
    assert share(lab) == act, "the second half of a double click"
    with pytest.raises(DomainError, match="revoca"):
        share(lab, notice_version="2")
    with pytest.raises(NotPermitted):
        revoke_sharing(act=act, version=1, reason="Basta", by=scene.operator, at=AT)
    with pytest.raises(StaleError):
        revoke_sharing(act=act, version=7, reason="Basta", by=scene.contact, at=AT)
    with pytest.raises(DomainError):
        revoke_sharing(act=act, version=1, reason=" ", by=scene.contact, at=AT)
    head = scene.user("school_head", scene.school)
    revoke_sharing(act=act, version=1, reason="Basta", by=head, at=AT)
    revoke_sharing(act=act, version=1, reason="Ancora", by=head, at=LAST)
    act.refresh_from_db()
    assert (act.revoked_at, act.revocation_reason) == (AT, "Basta")
    assert share(lab, notice_version="2") != act


def test_register_shows_names_and_prints_them_in_full(
    client: Client, lab: Lab, time_machine: Any, settings: Any
) -> None:
    scene = lab.scene
    time_machine.move_to(AT)
    address = reverse("beneficiaries:register", args=[lab.activity.uuid])
    paper = reverse("beneficiaries:register-print", args=[lab.activity.uuid])
    client.force_login(scene.operator)
    page = client.get(address).content.decode()
    assert "Amina" not in page
    assert "Benmoussa" not in page
    assert scene.school.name in client.get(address).context["without_names"]

    act = share(lab)
    page = client.get(address).content.decode()
    meeting = client.get(address, {"meeting": str(lab.meeting.uuid)}).content.decode()
    for shown in (page, meeting):
        assert "Amina B." in shown
        assert "3B-07" in shown
        assert "Drita Ç." in shown
        assert "Benmoussa" not in shown
        assert "Çelaj" not in shown
    assert client.get(address).context["without_names"] == ""

    # What is refused keeps the names on the page; the answer of one cell has none.
    enrolment = lab.activity.enrolments.get(beneficiary=lab.amina)
    cell = f"cell-{lab.meeting.pk}-{enrolment.pk}"
    assert "Amina B." in client.post(address, {cell: "X"}).content.decode()
    one = reverse("beneficiaries:register-cells", args=[lab.activity.uuid])
    assert "Amina" not in client.post(one, {cell: "P45"}).content.decode()
    assert Attendance.objects.get().minutes == 45

    assert "Amina" not in client.get(paper).content.decode()
    assign_teacher(
        activity=lab.activity,
        teacher=NewTeacher(lab.activity.organisation_id, "Lucia", "Ferrero"),
        meetings=[lab.meeting],
        by=None,
    )
    answer = client.post(paper, {"content": "recorded", "meeting": ""})
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Cache-Control"] == "private, no-store"
    assert "Benmoussa" not in answer["Content-Disposition"]
    pdf = pypdf.PdfReader(BytesIO(answer.content))
    text = " ".join("\n".join(sheet.extract_text() for sheet in pdf.pages).split())
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]  # type: ignore[index]
    assert "Benmoussa Amina" in text
    assert "Ferrero Lucia" in text
    assert "Çelaj Drita" in text
    assert "19/01/2020" in text
    assert "P45" in text
    assert "Benmoussa" not in str(pdf.metadata)
    assert set(ReadEntry.objects.filter(kind=ReadKind.PRINT).values_list("page", flat=True)) == {
        "beneficiaries:register-print"
    }

    revoke_sharing(act=act, version=1, reason="Non serve più", by=scene.contact, at=AT)
    assert "Amina" not in client.get(address).content.decode()
    answer = client.post(paper, {"content": "blank", "meeting": str(lab.meeting.uuid)})
    text = "\n".join(sheet.extract_text() for sheet in pypdf.PdfReader(BytesIO(answer.content)).pages)
    assert "Benmoussa" not in text
    assert "3B-07" not in text
    assert lab.amina.pseudonym in text
    assert "P45" not in text


def test_register_costs_the_same_for_more_pupils(client: Client, lab: Lab, time_machine: Any) -> None:
    time_machine.move_to(AT)
    share(lab)
    address = reverse("beneficiaries:register", args=[lab.activity.uuid])
    client.force_login(lab.scene.operator)
    client.get(address)

    def cost() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as found:
            assert client.get(address).status_code == 200
        reading = ("beneficiaries_readchain", "beneficiaries_readentry", "SAVEPOINT", "set_config")
        audit = sum(1 for query in found if any(word in query["sql"] for word in reading))
        return len(found) - audit, audit

    few = cost()
    # Five are of every page (session, person, roles, networks, messages); the audit writes two for each of two bodies.
    assert few == (10, 4)
    for number in range(4):
        enrolled(lab.scene, lab.activity, known(lab.scene, f"Nome{'abcd'[number]}", "Cognome", body=lab.scene.school))
    assert cost() == few


def test_pages_of_the_act(client: Client, lab: Lab, time_machine: Any) -> None:
    scene = lab.scene
    time_machine.move_to(AT)
    head = scene.user("school_head", scene.school)
    officer = scene.user("data_protection_officer", scene.lead)
    new = reverse("beneficiaries:sharing-new", args=[lab.activity.uuid])
    every = reverse("beneficiaries:sharing-list")
    client.force_login(head)
    assert new in client.get(every).content.decode()
    publish(scene.programme, "2", date(2019, 3, 2))  # tomorrow's: nobody has received it
    with acting(None):
        Enrolment.objects.filter(beneficiary=lab.amina).update(notice_version="Foglio 2018", notice=None)
    offered = client.get(new).context["form"]["notice_version"]
    assert [value for value, _label in offered.field.choices] == ["", "Foglio 2018", "1"]
    assert offered.value() == "Foglio 2018"
    terms = {
        "notice_version": "1",
        "notice_given_on": "10/01/2019",
        "purpose": "keep_register",
        "starts_on": "01/03/2019",
    }
    for field, value in {"notice_given_on": "02/03/2019", "notice_version": "1.0"}.items():
        wrong = client.post(new, terms | {field: value})
        assert wrong.context["form"].errors.keys() == {field}
    made = client.post(new, terms)
    act = SharingAct.objects.get()
    assert (made.status_code, made["Location"]) == (302, act.get_absolute_url())
    assert client.post(new, terms).status_code == 302, "the second half of a double click"
    assert new not in client.get(every).content.decode()

    answers = {}
    for name, person in {
        "head": head, "contact": scene.contact, "operator": scene.operator, "officer": officer,
        "teacher": scene.teacher, "outsider": scene.outsider, "region": scene.region,
    }.items():  # fmt: skip
        client.force_login(person)
        page = client.get(act.get_absolute_url())
        assert b"Amina" not in page.content
        revoke = client.post(reverse("beneficiaries:sharing-revoke", args=[act.uuid]), {})
        answers[name] = (
            page.status_code,
            client.get(every).status_code,
            revoke.status_code,
            client.get(new).status_code,
        )
    assert answers == {
        "head": (200, 200, 200, 200),
        "contact": (200, 200, 200, 200),
        "operator": (200, 200, 403, 200),
        "officer": (200, 200, 403, 404),
        "teacher": (404, 403, 404, 403),
        "outsider": (404, 200, 404, 404),
        "region": (404, 403, 404, 403),
    }
    client.force_login(scene.contact)
    page = client.post(
        reverse("beneficiaries:sharing-revoke", args=[act.uuid]),
        {"reason": "Non serve più", "version": "1"},
        follow=True,
    )
    assert page.status_code == 200
    act.refresh_from_db()
    assert act.revoked_by == scene.contact
