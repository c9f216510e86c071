# SPDX-License-Identifier: EUPL-1.2
"""Activities: what can be begun, corrected, concluded, and by whom."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions.enums import ActivityKind, ActivityState, MeetingState
from actions.models import Activity
from actions.services.activities import (
    cancel_activity,
    conclude_activity,
    create_activity,
    resume_activity,
    start_activity,
    update_activity,
)
from actions.services.meetings import hold_meeting
from actions.workflow import ACTIVITY
from fami_portal.core.errors import DomainError, NotPermitted, StaleError, TransitionNotAllowed
from fami_portal.core.models import AuditEvent, RowHistory, TransitionLog
from partners.models import Network
from tests.actions.scene import Scene


def test_create_takes_programme_and_action_from_the_type(scene: Scene) -> None:
    activity = scene.activity(title="  Italiano   L2 ")

    assert (activity.programme, activity.action) == (scene.programme, scene.action)
    assert activity.title == "Italiano L2"
    assert activity.state == ActivityState.PLANNED
    event = AuditEvent.objects.get(verb="activity_created")
    assert event.actor_id == scene.operator.pk
    assert event.target_id == str(activity.pk)
    assert RowHistory.objects.filter(table_name="actions_activity", actor=f"user:{scene.operator.pk}").exists()


def test_create_refuses_at_the_field_and_whoever_is_not_of_the_body(scene: Scene) -> None:
    elsewhere = Network.objects.get(code="RETE-2")  # carries out no action
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"starts_on": date(2018, 12, 31)}, "starts_on"),
        ({"ends_on": date(2021, 1, 1)}, "ends_on"),
        ({"starts_on": date(2019, 5, 2), "ends_on": date(2019, 5, 1)}, "ends_on"),
        ({"title": "  "}, "title"),
        ({"network": elsewhere}, "network"),
        ({"organisation": scene.stranger, "by": scene.outsider}, "network"),
    )
    for values, field in wrong:
        with pytest.raises(DomainError) as refusal:
            scene.activity(**values)
        assert refusal.value.field == field, values
        # It says which of the networks of the body carry it out.
        assert (scene.network.name in str(refusal.value)) == (values.get("network") == elsewhere)
    for person in ("teacher", "coordinator", "region", "outsider"):
        with pytest.raises(NotPermitted):
            scene.activity(by=getattr(scene, person))
    assert not Activity.objects.exists()


def test_create_makes_one_and_refuses_the_same_activity_twice(scene: Scene) -> None:
    key = uuid4()

    first, second = scene.activity(title="Italiano", key=key), scene.activity(title="Italiano", key=key)
    assert first == second
    assert AuditEvent.objects.filter(verb="activity_created").count() == 1
    with pytest.raises(DomainError) as refusal:
        scene.activity(title="italiano")
    assert refusal.value.field == "title"
    for person in ("teacher", "coordinator", "region", "outsider"):
        with pytest.raises(NotPermitted):
            start_activity(activity=first, by=getattr(scene, person))


def corrected(activity: Activity, **values: Any) -> dict[str, Any]:
    return {
        "activity": activity,
        "version": activity.version,
        "title": activity.title,
        "starts_on": activity.starts_on,
        "ends_on": activity.ends_on,
    } | values


def test_update_raises_the_version_refuses_an_old_one_and_keeps_the_meetings_inside(scene: Scene) -> None:
    activity = scene.activity()

    update_activity(**corrected(activity, title="Nuovo"), by=scene.contact)

    assert (activity.title, activity.version) == ("Nuovo", 2)
    with pytest.raises(StaleError):
        update_activity(**corrected(activity, version=1), by=scene.operator)

    scene.meeting(activity, date(2019, 2, 5))

    with pytest.raises(DomainError) as late:
        update_activity(**corrected(activity, starts_on=date(2019, 2, 6)), by=scene.operator)
    with pytest.raises(DomainError) as early:
        update_activity(**corrected(activity, ends_on=date(2019, 2, 4)), by=scene.operator)

    assert (late.value.field, early.value.field) == ("starts_on", "ends_on")


def test_conclude_waits_for_scheduled_meetings(scene: Scene) -> None:
    activity = scene.activity()
    meeting = scene.meeting(activity)
    start_activity(activity=activity, by=scene.operator)

    with pytest.raises(DomainError, match=r"scheduled|programmati|programma"):
        conclude_activity(activity=activity, by=scene.operator)
    hold_meeting(meeting=meeting, by=scene.operator)
    conclude_activity(activity=activity, by=scene.operator)

    assert activity.state == ActivityState.CONCLUDED
    with pytest.raises(DomainError):
        scene.meeting(activity, hour=9)
    with pytest.raises(TransitionNotAllowed):
        resume_activity(activity=activity, reason=" ", by=scene.operator)
    resume_activity(activity=activity, reason="Un incontro in più", by=scene.operator)
    assert scene.meeting(activity, hour=9).pk


def test_cancel_takes_what_was_to_come_and_refuses_what_was_done(scene: Scene) -> None:
    given_up, done = scene.activity(), scene.activity()
    planned = scene.meeting(given_up)
    hold_meeting(meeting=scene.meeting(done), by=scene.operator)

    cancel_activity(activity=given_up, reason="Nessun iscritto", by=scene.operator)
    with pytest.raises(DomainError):
        cancel_activity(activity=done, reason="Nessun iscritto", by=scene.operator)

    planned.refresh_from_db()
    assert planned.state == MeetingState.CANCELLED
    log = TransitionLog.objects.get(entity="actions.activity", entity_id=given_up.pk)
    assert (log.source, log.target, log.comment) == ("planned", "cancelled", "Nessun iscritto")


ACTS = {
    "start": lambda activity, by: start_activity(activity=activity, by=by),
    "conclude": lambda activity, by: conclude_activity(activity=activity, by=by),
    "resume": lambda activity, by: resume_activity(activity=activity, reason="r", by=by),
    "cancel": lambda activity, by: cancel_activity(activity=activity, reason="r", by=by),
}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.sampled_from([*sorted(ACTS), "meeting", "hold", "edit"]), max_size=10))
def test_no_sequence_of_acts_breaks_the_table(scene: Scene, acts: list[str]) -> None:
    by = scene.operator
    activity = scene.activity(title=f"Prova {uuid4()}")
    day = activity.starts_on
    moves = 0
    for act in acts:
        before = Activity.objects.get(pk=activity.pk)
        state, version = before.state, before.version
        day += timedelta(days=1)
        try:
            if act == "meeting":
                scene.meeting(before, day)
            elif act == "hold":
                for meeting in before.meetings.filter(state=MeetingState.SCHEDULED):
                    hold_meeting(meeting=meeting, by=by)
            elif act == "edit":
                update_activity(**corrected(before, title=f"Prova {uuid4()}"), by=by)
            else:
                ACTS[act](before, by)
                moves += 1
        except DomainError:
            refused = Activity.objects.get(pk=activity.pk)
            assert (refused.state, refused.version) == (state, version)
            continue
        after = Activity.objects.get(pk=activity.pk)
        if act in ACTS:
            row = ACTIVITY.transitions[act]
            assert state in row.sources
            assert after.state == row.target
    after = Activity.objects.get(pk=activity.pk)
    logs = list(TransitionLog.objects.filter(entity=ACTIVITY.entity, entity_id=activity.pk).order_by("pk"))
    chain = [ActivityState.PLANNED, *(log.target for log in logs)]
    assert [log.source for log in logs] == chain[:-1]
    assert after.state == chain[-1]
    assert len(logs) >= moves
    open_meetings = after.meetings.filter(state=MeetingState.SCHEDULED)
    held = after.meetings.filter(state=MeetingState.HELD)
    if after.state in (ActivityState.CONCLUDED, ActivityState.CANCELLED):
        assert not open_meetings.exists()
    if after.state in (ActivityState.PLANNED, ActivityState.CANCELLED):
        assert not held.exists()


def test_the_portal_itself_needs_no_membership(scene: Scene) -> None:
    activity = create_activity(
        activity_type=scene.types[ActivityKind.LAB],
        network=scene.network,
        organisation=scene.cooperative,
        title="Dimostrazione",
        starts_on=date(2019, 1, 1),
        ends_on=date(2019, 2, 1),
        by=None,
    )

    assert timezone.localdate() > activity.ends_on
