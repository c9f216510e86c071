# SPDX-License-Identifier: EUPL-1.2
"""Teachers of meetings: planned and in the place of whom; one of them is in one place, whoever writes."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from actions.models import Activity, Meeting, MeetingTeacher, Teacher
from actions.selectors.teaching import teachers_for
from actions.services.meetings import cancel_meeting, update_meeting
from actions.services.teaching import (
    ONE_PLACE,
    NewTeacher,
    TeacherBusyError,
    assign_teacher,
    remove_teacher,
    substitute_teacher,
)
from actions.workflow import ClosedPeriodError
from fami_portal.core import clock
from fami_portal.core.errors import DomainError, NotPermitted
from fami_portal.core.models import AuditEvent, RowHistory
from fami_portal.core.services import acting
from tests.actions.scene import Scene

DAY = date(2019, 4, 9)


@pytest.fixture
def lab(scene: Scene) -> Activity:
    return scene.activity()


def new(scene: Scene, family_name: str = "Bianchi") -> NewTeacher:
    return NewTeacher(scene.cooperative.pk, "Anna", family_name)


def plan(scene: Scene, lab: Activity, *meetings: Meeting, teacher: Any = None) -> int:
    return assign_teacher(activity=lab, teacher=teacher or new(scene), meetings=meetings, by=scene.operator)


def test_a_teacher_is_in_one_place(scene: Scene, lab: Activity) -> None:
    other = scene.activity()
    first, after = scene.meeting(lab, DAY, 14), scene.meeting(lab, DAY, 17)
    during, next_day = scene.meeting(other, DAY, 15), scene.meeting(other, date(2019, 4, 10), 15)

    assert plan(scene, lab, first, after) == 2
    assert plan(scene, lab, first, after) == 0
    with pytest.raises(TeacherBusyError, match="09/04/2019"):
        plan(scene, other, during, next_day)
    assert MeetingTeacher.objects.count() == 2
    assert plan(scene, other, next_day) == 1
    assert plan(scene, other, during, teacher=new(scene, "Verdi")) == 1
    assert Teacher.objects.count() == 2

    # Whoever writes, and however: a time that moves, bare SQL.
    moved: dict[str, Any] = {
        "held_on": date(2019, 4, 10),
        "starts_at": time(15, 30),
        "ends_at": time(16, 30),
        "by": scene.operator,
    }
    with pytest.raises(TeacherBusyError) as refusal:
        update_meeting(meeting=first, version=1, **moved)
    assert refusal.value.field == "starts_at"
    with (
        pytest.raises(IntegrityError, match=ONE_PLACE),
        acting(None),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO actions_meetingteacher (meeting_id, teacher_id, replaced, held_on, starts_at, ends_at, cancelled) "
            "VALUES (%s, %s, false, '2000-01-01', '08:00', '09:00', false)",
            [during.pk, Teacher.objects.get(family_name="Bianchi").pk],
        )
    # A meeting that is cancelled takes nobody's time.
    cancel_meeting(meeting=first, reason="Neve", by=scene.operator)
    assert plan(scene, other, during) == 1
    row = MeetingTeacher.objects.get(meeting=during, teacher__family_name="Bianchi")
    assert (row.held_on, row.starts_at, row.ends_at) == (DAY, time(15), time(16, 30))


def test_a_substitute_frees_who_was_planned(scene: Scene, lab: Activity) -> None:
    other = scene.activity()
    meeting, at_once = scene.meeting(lab, DAY, 14), scene.meeting(other, DAY, 14)
    plan(scene, lab, meeting)
    planned = MeetingTeacher.objects.get()

    one = substitute_teacher(planned=planned, teacher=new(scene, "Neri"), by=scene.operator)
    assert substitute_teacher(planned=planned, teacher=new(scene, "Neri"), by=scene.operator) == one
    for row, teacher in ((planned, new(scene, "Rossi")), (one, new(scene, "Rossi"))):
        with pytest.raises(DomainError):
            substitute_teacher(planned=row, teacher=teacher, by=scene.operator)
    assert plan(scene, other, at_once) == 1
    with pytest.raises(DomainError):
        remove_teacher(row=planned, by=scene.operator)
    # Who was planned is elsewhere by now: the substitute stays.
    with pytest.raises(TeacherBusyError):
        remove_teacher(row=one, by=scene.operator)
    assert MeetingTeacher.objects.filter(replaces=planned).exists()
    remove_teacher(row=MeetingTeacher.objects.get(meeting=at_once), by=scene.operator)
    for _click in range(2):
        remove_teacher(row=one, by=scene.operator)
    assert list(MeetingTeacher.objects.values_list("meeting", "replaced")) == [(meeting.pk, False)]
    assert RowHistory.objects.filter(table_name="actions_meetingteacher", operation="delete").count() == 2


def test_a_closed_period_and_other_people_change_nothing(scene: Scene, lab: Activity) -> None:
    meeting = scene.meeting(lab, date(2019, 2, 5))
    plan(scene, lab, meeting)
    row = MeetingTeacher.objects.get()
    scene.close(0)

    with pytest.raises(ClosedPeriodError):
        substitute_teacher(planned=row, teacher=new(scene, "Neri"), by=scene.operator)
    with pytest.raises(ClosedPeriodError):
        remove_teacher(row=row, by=scene.operator)
    with pytest.raises(NotPermitted):
        assign_teacher(activity=lab, teacher=new(scene), meetings=[meeting], by=scene.coordinator)
    with pytest.raises(DomainError):
        plan(scene, lab, scene.meeting(lab, DAY, 18), teacher=NewTeacher(scene.stranger.pk, "Anna", "Bianchi"))
    assert MeetingTeacher.objects.count() == 1


def test_pages_of_teachers(client: Client, scene: Scene, lab: Activity, django_assert_max_num_queries: Any) -> None:
    meetings = [scene.meeting(lab, DAY, hour) for hour in (9, 11, 14)]
    address = reverse("actions:teachers", args=[lab.uuid])
    client.force_login(scene.operator)
    data: dict[str, Any] = {"teacher": "new", "organisation": scene.school.pk, "given_name": "Anna"}
    wrong = client.post(address, data | {"meetings": [meetings[0].pk]})
    assert wrong.context["form"].errors["family_name"]
    assert not Teacher.objects.exists()
    answer = client.post(address, data | {"family_name": "Bianchi", "meetings": [one.pk for one in meetings[:2]]})
    assert answer.status_code == 302
    account = f"account-{scene.contact.pk}"
    client.post(address, {"teacher": account, "meetings": [meetings[2].pk]})
    assert Teacher.objects.get(user=scene.contact).family_name == "Prova"
    with django_assert_max_num_queries(15):
        page = client.get(address).content.decode()
    assert page.count("Bianchi Anna") >= 2

    row = MeetingTeacher.objects.get(meeting=meetings[0])
    one = reverse("actions:meeting-teacher", args=[row.pk])
    assert client.get(one).status_code == 200
    busy = client.post(one, {"teacher": Teacher.objects.get(user=scene.contact).pk})
    assert busy.status_code == 302
    assert MeetingTeacher.objects.get(replaces=row).teacher.user == scene.contact
    client.post(reverse("actions:meeting-teacher", args=[row.replaced_by.pk]), {"remove": "yes"})
    assert not MeetingTeacher.objects.filter(replaces=row).exists()
    for person, status in (("coordinator", 403), ("outsider", 404)):
        client.force_login(getattr(scene, person))
        assert client.get(address).status_code == status
        assert client.post(one, {"remove": "yes"}).status_code == status


def test_page_corrects_a_teacher_or_retires_one(
    client: Client, scene: Scene, lab: Activity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "today", lambda: DAY)
    plan(scene, lab, scene.meeting(lab, DAY))
    rossi = Teacher.objects.get()
    with acting(None):
        other = Teacher.objects.create(organisation=rossi.organisation, given_name="Ada", family_name="Verdi")
    address = reverse("actions:teacher-edit", args=[rossi.uuid])
    client.force_login(scene.operator)
    assert address in client.get(reverse("actions:teachers", args=[lab.uuid])).content.decode()

    def send(**values: Any) -> Any:
        return client.post(address, {"given_name": "Maria", "family_name": "Rossi", "is_active": "on"} | values)

    same = send(given_name=other.given_name, family_name=other.family_name)
    assert same.context["form"].errors["family_name"]
    assert send().status_code == 302
    ahead = client.post(address, {"given_name": "Maria", "family_name": "Rossi"})
    assert f"{DAY:%d/%m/%Y}" in str(ahead.context["form"].errors["is_active"])
    monkeypatch.setattr(clock, "today", lambda: DAY + timedelta(days=1))
    assert client.post(address, {"given_name": "Maria", "family_name": "Rossi"}).status_code == 302
    rossi.refresh_from_db()
    assert (rossi.name, rossi.is_active) == ("Rossi Maria", False)
    assert not teachers_for(lab).filter(pk=rossi.pk).exists()
    assert AuditEvent.objects.filter(verb="teacher_retired").count() == 1
    for person, status in (("coordinator", 403), ("contact", 403), ("outsider", 404)):
        client.force_login(getattr(scene, person))
        assert client.post(address, {"given_name": "X", "family_name": "Y"}).status_code == status
