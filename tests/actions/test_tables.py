# SPDX-License-Identifier: EUPL-1.2
"""Tables: call, agenda, attendance by body, minutes, decisions, networks that take part."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.urls import reverse

from actions.enums import ActivityKind, BodyAttendance, DecisionState, MeetingMode
from actions.models import Activity, ActivityNetwork, Decision, Meeting, MeetingBody, MeetingMinutes
from actions.selectors.tables import decisions_waiting
from actions.services.decisions import add_decision, complete_decision, reopen_decision
from actions.services.participations import add_network, remove_network
from actions.services.tables import (
    BodyAnswer,
    approve_minutes,
    record_attendance,
    send_call,
    write_call,
    write_minutes,
)
from actions.workflow import CLOSED_PERIOD_SQLSTATE, ClosedPeriodError
from fami_portal.core import clock
from fami_portal.core.errors import DomainError, NotPermitted, StaleError
from fami_portal.core.models import Message
from fami_portal.core.services import acting
from partners.models import Network
from tests.actions.scene import Scene
from tests.factories.actions import ActionNetworkFactory

AT = datetime(2019, 6, 3, 9, tzinfo=UTC)
DAY = date(2019, 2, 5)
AGENDA = ["Corsi dell’autunno", "", "  Varie   ed eventuali "]


@pytest.fixture
def table(scene: Scene) -> Activity:
    return scene.activity(ActivityKind.WORKING_GROUP, title="Tavolo immigrazione")


@pytest.fixture
def meeting(scene: Scene, table: Activity) -> Meeting:
    return scene.meeting(table, DAY)


def call(scene: Scene, meeting: Meeting, version: int = 0, **values: Any) -> Any:
    given = {"bodies": [scene.school.pk, scene.cooperative.pk], "agenda": AGENDA, "by": scene.operator}
    return write_call(meeting=meeting, version=version, **(given | values))


def hold(scene: Scene, meeting: Meeting) -> None:
    answers = [
        BodyAnswer(scene.school.pk, BodyAttendance.PRESENT, 2),
        BodyAnswer(scene.cooperative.pk, BodyAttendance.JUSTIFIED),
    ]
    record_attendance(meeting=meeting, answers=answers, by=scene.operator)


def second_network(scene: Scene) -> Network:
    other = Network.objects.get(code="RETE-2")
    ActionNetworkFactory(action=scene.action, network=other)
    return other


def test_a_call_is_written_corrected_and_sent_once_for_each_version(scene: Scene, meeting: Meeting) -> None:
    with pytest.raises(DomainError):
        send_call(meeting=meeting, by=scene.operator, at=AT)
    with pytest.raises(DomainError) as caught:
        call(scene, meeting, mode=MeetingMode.ONLINE)
    assert caught.value.field == "link"
    call(scene, meeting, mode=MeetingMode.ONLINE, link="https://example.org/stanza")
    assert list(meeting.agenda.order_by("position").values_list("text", flat=True)) == [
        "Corsi dell’autunno",
        "Varie ed eventuali",
    ]
    assert [scene.contact, scene.coordinator]
    sent = send_call(meeting=meeting, by=scene.operator, at=AT)
    assert sent == 3  # the operator's body, the school, the coordinator of the network
    assert send_call(meeting=meeting, by=scene.operator, at=AT) == 0
    with pytest.raises(StaleError):
        call(scene, meeting)
    call(scene, meeting, 1, bodies=[scene.school.pk])
    assert not MeetingBody.objects.filter(meeting=meeting, organisation=scene.cooperative).exists()
    assert send_call(meeting=meeting, by=scene.operator, at=AT) == 2
    assert Message.objects.filter(kind="meeting_called", recipient=scene.contact).count() == 2
    meeting.refresh_from_db()
    assert meeting.call.sent_on == AT.date()


def test_only_those_present_are_counted_as_present(scene: Scene, meeting: Meeting) -> None:
    call(scene, meeting)
    with pytest.raises(DomainError):
        record_attendance(meeting=meeting, answers=[BodyAnswer(scene.school.pk, "absent")], by=scene.operator)
    hold(scene, meeting)
    hold(scene, meeting)
    assert meeting.state == "held"
    assert list(meeting.bodies_present.present().order_by("pk").values_list("organisation", "people")) == [
        (scene.school.pk, 2)
    ]
    with pytest.raises(DomainError):
        send_call(meeting=meeting, by=scene.operator, at=AT)


def test_minutes_are_written_after_the_meeting_and_rest_once_approved(scene: Scene, meeting: Meeting) -> None:
    with pytest.raises(DomainError):
        write_minutes(meeting=meeting, version=0, text="Il tavolo discute.", by=scene.operator)
    hold(scene, meeting)
    with pytest.raises(DomainError) as caught:
        write_minutes(meeting=meeting, version=0, by=scene.operator)
    assert caught.value.field == "text"
    with pytest.raises(DomainError):
        approve_minutes(meeting=meeting, approved_on=DAY, by=scene.operator, at=AT)
    write_minutes(meeting=meeting, version=0, text="Il tavolo discute.", by=scene.operator)
    with pytest.raises(StaleError):
        write_minutes(meeting=meeting, version=0, text="Altro.", by=scene.operator)
    with pytest.raises(DomainError) as caught:
        approve_minutes(meeting=meeting, approved_on=date(2019, 2, 4), by=scene.operator, at=AT)
    assert caught.value.field == "approved_on"

    scene.close(0)
    with pytest.raises(ClosedPeriodError):
        write_minutes(meeting=meeting, version=1, text="Altro.", by=scene.operator)
    with pytest.raises(DatabaseError) as refused, acting(None), connection.cursor() as cursor:
        cursor.execute("UPDATE actions_meetingminutes SET text = 'x' WHERE meeting_id = %s", [meeting.pk])
    assert refused.value.__cause__.pgcode == CLOSED_PERIOD_SQLSTATE
    # The next meeting approves them, in another quarter.
    approve_minutes(meeting=meeting, approved_on=date(2019, 5, 7), by=scene.operator, at=AT)
    with pytest.raises(DomainError):
        write_minutes(meeting=meeting, version=2, text="Altro.", by=scene.operator)
    with pytest.raises(DomainError):
        approve_minutes(meeting=meeting, approved_on=date(2019, 5, 8), by=scene.operator, at=AT)
    assert MeetingMinutes.objects.get(meeting=meeting).text == "Il tavolo discute."


def test_the_call_of_a_closed_period_is_guarded_by_the_database(scene: Scene, meeting: Meeting) -> None:
    call(scene, meeting)
    scene.close(0)
    with pytest.raises(ClosedPeriodError):
        call(scene, meeting, 1)
    for table_name in ("actions_meetingcall", "actions_agendaitem"):
        with pytest.raises(DatabaseError) as refused, acting(None), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table_name} WHERE meeting_id = %s", [meeting.pk])  # noqa: S608
        assert refused.value.__cause__.pgcode == CLOSED_PERIOD_SQLSTATE


def test_a_decision_waits_for_the_body_that_carries_it_out(scene: Scene, meeting: Meeting) -> None:
    given = {"meeting": meeting, "text": "Mandare l’elenco dei corsi", "by": scene.operator}
    with pytest.raises(DomainError):
        add_decision(**given, organisation=scene.school)
    hold(scene, meeting)
    with pytest.raises(DomainError) as caught:
        add_decision(**given)
    assert caught.value.field == "office"
    with pytest.raises(DomainError) as caught:
        add_decision(**given, organisation=scene.school, due_on=date(2019, 2, 1))
    assert caught.value.field == "due_on"
    decision = add_decision(**given, organisation=scene.school, due_on=date(2019, 3, 1))
    assert [thing.due for thing in decisions_waiting(scene.contact)] == [date(2019, 3, 1)]
    assert not decisions_waiting(scene.coordinator)

    scene.close(0)
    with pytest.raises(NotPermitted):
        complete_decision(decision=decision, version=1, done_on=date(2019, 4, 1), by=scene.outsider, at=AT)
    with pytest.raises(DomainError) as caught:
        complete_decision(decision=decision, version=1, done_on=date(2019, 7, 1), by=scene.contact, at=AT)
    assert caught.value.field == "done_on"
    complete_decision(decision=decision, version=1, done_on=date(2019, 4, 1), by=scene.contact, at=AT)
    assert not decisions_waiting(scene.contact)
    with pytest.raises(StaleError):
        complete_decision(decision=decision, version=1, done_on=date(2019, 4, 1), by=scene.contact, at=AT)
    with pytest.raises(DomainError):
        reopen_decision(decision=decision, version=2, reason="", by=scene.operator, at=AT)
    reopen_decision(decision=decision, version=2, reason="Mancava un corso", by=scene.operator, at=AT)
    assert Decision.objects.get().state == DecisionState.OPEN


def test_another_network_sees_the_table_and_does_not_write(scene: Scene, table: Activity) -> None:
    other = second_network(scene)
    follower = scene.user("network_coordinator", scene.stranger, networks=[other])
    assert not Activity.objects.visible_to(follower).exists()
    with pytest.raises(DomainError) as caught:
        add_network(activity=table, network=scene.network, since=DAY, by=scene.operator)
    assert caught.value.field == "network"
    with pytest.raises(DomainError):
        add_network(activity=scene.activity(), network=other, since=DAY, by=scene.operator)
    add_network(activity=table, network=other, since=DAY, by=scene.operator)
    add_network(activity=table, network=other, since=DAY, by=scene.operator)
    assert ActivityNetwork.objects.count() == 1
    assert list(Activity.objects.visible_to(follower)) == [table]
    with pytest.raises(NotPermitted):
        remove_network(activity=table, network=other, by=follower)
    scene.close(1)
    with pytest.raises(ClosedPeriodError):
        remove_network(activity=table, network=other, by=scene.operator)


def test_the_pages_of_a_table(
    client: Client, scene: Scene, table: Activity, meeting: Meeting, django_assert_max_num_queries: Any
) -> None:
    other = second_network(scene)
    client.force_login(scene.operator)
    networks = reverse("actions:activity-networks", args=[table.uuid])
    client.post(networks, {"network": other.pk, "since": "2019-01-10"})
    client.post(networks, {"remove": str(other.uuid)})
    assert not table.participations.exists()
    client.post(networks, {"network": other.pk, "since": "2019-01-10"})

    def address(name: str) -> str:
        return reverse(f"actions:{name}", args=[meeting.uuid])

    page = client.get(address("meeting-call"))
    assert scene.stranger.name in page.content.decode()  # of the network that takes part
    bodies = [scene.school.pk, scene.stranger.pk]
    bad = client.post(address("meeting-call"), {"bodies": bodies, "agenda": "Uno\nDue", "mode": "online", "version": 0})
    assert bad.context["form"].errors["link"]
    client.post(
        address("meeting-call"),
        {"bodies": bodies, "agenda": "Uno\nDue", "mode": "online", "link": "https://example.org/s", "version": "0"},
    )
    assert scene.outsider
    client.post(address("meeting-call-send"))
    answers = {
        f"attendance_{scene.school.pk}": "present",
        f"people_{scene.school.pk}": "",
        f"attendance_{scene.stranger.pk}": "absent",
    }
    assert client.post(address("meeting-attendance"), answers).context["form"].errors
    client.post(address("meeting-attendance"), answers | {f"people_{scene.school.pk}": "3"})
    page = client.get(meeting.get_absolute_url())
    assert address("meeting-attendance") in [button.url for button in page.context["buttons"]], "it can be corrected"
    assert table.network.name in page.content.decode()
    client.post(address("meeting-minutes"), {"text": "Si decide.", "version": "0"})
    client.post(address("minutes-approve"), {"approved_on": "2019-02-06"})
    for number in range(12):
        client.post(
            address("decision-create"), {"text": f"Mandare {number}", "organisation": scene.stranger.pk, "office": ""}
        )
    decision = Decision.objects.order_by("pk")[0]
    page = client.get(meeting.get_absolute_url())
    assert page.context["table"]["minutes_buttons"] == []
    text = page.content.decode()
    for shown in ("https://example.org/s", "Si decide.", "Mandare 11"):
        assert shown in text

    # Whoever is called sees the meeting, not the activity; the decision is its own.
    client.force_login(scene.outsider)
    with django_assert_max_num_queries(24):
        assert client.get(meeting.get_absolute_url()).status_code == 200
    assert client.get(table.get_absolute_url()).status_code == 404
    assert client.get(address("meeting-call")).status_code == 403
    with django_assert_max_num_queries(15):
        assert "Mandare 0" in client.get(reverse("actions:decision-list")).content.decode()
    done = reverse("actions:decision-done", args=[decision.uuid])
    assert client.post(done, {"done_on": "2019-02-01", "version": "1"}).context["form"].errors["done_on"]
    client.post(done, {"done_on": "2019-03-01", "version": "1"})
    decision.refresh_from_db()
    assert decision.state == DecisionState.DONE
    client.post(reverse("actions:decision-reopen", args=[decision.uuid]), {"reason": "Manca", "version": "2"})
    decision.refresh_from_db()
    assert decision.state == DecisionState.OPEN


def test_pages_say_what_is_still_to_be_done_and_what_is_late(
    client: Client, scene: Scene, table: Activity, meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = second_network(scene)
    hold(scene, meeting)
    add_network(activity=table, network=other, since=date(2019, 1, 10), by=scene.operator)
    for text, due in (("Presto", date(2019, 3, 1)), ("Tardi", date(2019, 5, 1))):
        add_decision(meeting=meeting, text=text, organisation=scene.school, due_on=due, by=scene.operator)
    monkeypatch.setattr(clock, "today", lambda: date(2019, 3, 2))
    client.force_login(scene.region)

    for network in (scene.network, other):
        panel = next(one for one in client.get(network.get_absolute_url()).context["panels"] if one.code == "decisions")
        days = [getattr(row[2], "lines", row[2]) for row in panel.rows]
        assert (len(panel.rows), "Overdue" in str(days[0]) or "In ritardo" in str(days[0]), days[1]) == (
            2,
            True,
            date(2019, 5, 1),
        )
    page = client.get(table.get_absolute_url()).content.decode()
    assert "2 di 2 da fare" in page
    assert "1 in ritardo</span>" in " ".join(page.split()).replace("ritardo </span>", "ritardo</span>")
    assert client.get(reverse("actions:decision-list")).content.decode().count("In ritardo") == 1
    # Of the network that takes part, and not called: nothing of the meeting is its own.
    client.force_login(scene.outsider)
    assert "decisions" not in [one.code for one in client.get(other.get_absolute_url()).context["panels"]]
