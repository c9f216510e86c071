# SPDX-License-Identifier: EUPL-1.2
"""What was recorded by mistake: taken away with a reason, or corrected, until a report or the minutes rest on it."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from actions.enums import ActivityKind
from actions.models import Activity, Campaign, Decision, Deliverable, ServiceChange
from actions.selectors.activities import EVIDENCE
from actions.services.campaigns import publish_campaign, record_measure
from actions.services.decisions import add_decision, complete_decision, correct_decision
from actions.services.deliverables import record_deliverable
from actions.services.mistakes import take_away
from actions.services.service_changes import Offer, record_service
from actions.services.tables import BodyAnswer, approve_minutes, record_attendance, write_minutes
from actions.workflow import ClosedPeriodError
from fami_portal.core.documents import store_document
from fami_portal.core.errors import DomainError, NotPermitted, StaleError
from tests.actions.scene import Scene

DAY = date(2019, 2, 5)
AT = datetime(2019, 6, 3, 9, tzinfo=UTC)


def recorded(scene: Scene) -> dict[str, tuple[Activity, Any]]:
    """Return one thing of each kind, with its activity."""
    desk, newsletter = scene.activity(ActivityKind.DESK), scene.activity(ActivityKind.CAMPAIGN)
    table = scene.activity(ActivityKind.WORKING_GROUP)
    meeting = scene.meeting(table, DAY)
    by = {"by": scene.operator}
    record_attendance(meeting=meeting, answers=[BodyAnswer(scene.school.pk, "present", 1)], **by)
    write_minutes(meeting=meeting, version=0, text="Si decide.", **by)
    proof = store_document(kind=EVIDENCE, name="a.pdf", content=b"%PDF-1.7\n%%EOF\n", subject_id=desk.pk, **by)
    content = publish_campaign(
        activity=newsletter, channel=scene.channel, title="Numero", audience="iscritti", published_on=DAY, value=9, **by
    )
    record_measure(campaign=content, measured_on=date(2019, 4, 5), value=12, **by)
    service = record_service(
        activity=desk, title="Sportello", kind="new", changed_on=DAY, before=Offer(), after=Offer(minutes=60),
        evidence=proof, **by,
    )  # fmt: skip
    return {
        "product": (desk, record_deliverable(activity=desk, title="Modulo", delivered_on=DAY, evidence=proof, **by)),
        "service": (desk, service),
        "content": (newsletter, content),
        "decision": (table, add_decision(meeting=meeting, text="Fare", office="Segreteria", **by)),
    }


def test_a_mistake_is_taken_away_once_with_its_reason(client: Client, scene: Scene) -> None:
    things = recorded(scene)
    for kind, (activity, thing) in things.items():
        for person, reason in ((scene.operator, " "), (scene.coordinator, "Doppio")):
            with pytest.raises(NotPermitted if reason.strip() else DomainError):
                take_away(activity=activity, kind=kind, uuid=thing.uuid, reason=reason, by=person)
    client.force_login(scene.operator)
    for kind, (activity, thing) in things.items():
        address = reverse("actions:record-remove", args=[activity.uuid, kind, thing.uuid])
        page = reverse("actions:decision-edit", args=[thing.uuid]) if kind == "decision" else thing.get_absolute_url()
        assert address in client.get(page).content.decode()
        assert client.post(address, {"reason": ""}).context["form"].errors["reason"]
        for _click in range(2):
            answer = client.post(address, {"reason": "Registrato due volte"}, follow=True)
            assert answer.status_code == 200
        assert "Registrato due volte" in client.get(activity.get_absolute_url()).content.decode()
        assert client.get(address).status_code == 404
    for model in (Deliverable, ServiceChange, Campaign, Decision):
        assert not model.objects.exists()
    assert client.get(reverse("actions:record-remove", args=[activity.uuid, "altro", thing.uuid])).status_code == 404


def test_what_a_report_rests_on_stays(scene: Scene) -> None:
    things = recorded(scene)
    scene.close(1)  # the second value of the content was read in this quarter; all else is of the first
    activity, content = things["content"]
    with pytest.raises(ClosedPeriodError):
        take_away(activity=activity, kind="content", uuid=content.uuid, reason="Doppio", by=scene.operator)
    scene.close(0)
    for kind in ("product", "service"):
        activity, thing = things[kind]
        with pytest.raises(ClosedPeriodError):
            take_away(activity=activity, kind=kind, uuid=thing.uuid, reason="Doppio", by=scene.operator)
    assert content.measures.count() == 2


def test_an_open_decision_is_corrected_until_the_minutes_are_approved(client: Client, scene: Scene) -> None:
    table, decision = recorded(scene)["decision"]
    given = {"decision": decision, "text": "Fare presto", "by": scene.operator}
    client.force_login(scene.operator)
    edit = reverse("actions:decision-edit", args=[decision.uuid])
    assert edit in client.get(decision.meeting.get_absolute_url()).content.decode()
    sent = {"text": "Fare bene", "organisation": "", "office": "", "due_on": "2019-03-01", "version": "1"}
    assert client.post(edit, sent).context["form"].errors["office"]
    client.post(edit, sent | {"organisation": scene.school.pk})
    decision.refresh_from_db()
    assert (decision.text, decision.organisation, decision.version) == ("Fare bene", scene.school, 2)
    with pytest.raises(StaleError):
        correct_decision(**given, version=1, office="Segreteria")
    approve_minutes(meeting=decision.meeting, approved_on=DAY, by=scene.operator, at=AT)
    with pytest.raises(DomainError):
        correct_decision(**given, version=2, office="Segreteria")
    with pytest.raises(DomainError):
        take_away(activity=table, kind="decision", uuid=decision.uuid, reason="Doppio", by=scene.operator)
    assert edit not in client.get(decision.meeting.get_absolute_url()).content.decode()
    later = add_decision(meeting=decision.meeting, text="Altro", office="Segreteria", by=scene.operator)
    complete_decision(decision=later, version=1, done_on=DAY, by=scene.operator, at=AT)
    with pytest.raises(DomainError):
        take_away(activity=table, kind="decision", uuid=later.uuid, reason="Doppio", by=scene.operator)
