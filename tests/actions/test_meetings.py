# SPDX-License-Identifier: EUPL-1.2
"""Meetings, one by one and weekly, and the bodies that were there."""

from datetime import date, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from actions.enums import ActivityKind, ActivityState, MeetingState
from actions.models import Activity, Meeting, MeetingBody
from actions.services.meetings import (
    BodyPresent,
    NewMeeting,
    add_meeting,
    add_meetings,
    add_weekly_meetings,
    cancel_meeting,
    hold_meeting,
    hold_past_meetings,
    record_bodies_present,
    register_association_present,
    remove_body_present,
    update_meeting,
)
from fami_portal.core.errors import DomainError, NotPermitted, StaleError, TransitionNotAllowed
from fami_portal.core.models import AuditEvent, TransitionLog
from partners.enums import OrganisationKind
from partners.models import Organisation
from tests.actions.scene import Scene

DAY = date(2019, 2, 5)


@pytest.fixture
def lab(scene: Scene) -> Activity:
    return scene.activity()


def weekly(scene: Scene, activity: Activity, **values: Any) -> list[Meeting]:
    return add_weekly_meetings(
        **{
            "activity": activity,
            "first_on": date(2019, 4, 4),
            "last_on": date(2019, 5, 2),
            "starts_at": time(14),
            "ends_at": time(16),
            "by": scene.operator,
        }
        | values
    )


def test_minutes_are_the_whole_time_unless_told(scene: Scene, lab: Activity) -> None:
    whole = add_meeting(activity=lab, held_on=DAY, starts_at=time(14), ends_at=time(16), by=scene.operator)
    less = add_meeting(activity=lab, held_on=DAY, starts_at=time(9), ends_at=time(11), minutes=110, by=scene.contact)

    assert (whole.minutes, less.minutes) == (120, 110)


def test_add_refuses_at_the_field_and_whoever_is_not_of_the_body(scene: Scene, lab: Activity) -> None:
    meeting = add_meeting(activity=lab, held_on=DAY, starts_at=time(10), ends_at=time(11), by=scene.operator)
    right = {"activity": lab, "held_on": DAY, "starts_at": time(14), "ends_at": time(15), "by": scene.operator}
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"held_on": date(2019, 1, 9)}, "held_on"),
        ({"held_on": date(2019, 12, 21)}, "held_on"),
        ({"ends_at": time(14)}, "ends_at"),
        ({"ends_at": time(13, 59)}, "ends_at"),
        ({"minutes": 61}, "minutes"),
        ({"minutes": 0}, "minutes"),
        ({"starts_at": time(10), "ends_at": time(11)}, "starts_at"),
    )
    for values, field in wrong:
        with pytest.raises(DomainError) as refusal:
            add_meeting(**(right | values))
        assert refusal.value.field == field, values
    for person in ("teacher", "coordinator", "region", "outsider"):
        with pytest.raises(NotPermitted):
            hold_meeting(meeting=meeting, by=getattr(scene, person))
        with pytest.raises(NotPermitted):
            add_meeting(**(right | {"by": getattr(scene, person)}))
    with pytest.raises(DomainError):  # an activity of contents has no meetings
        scene.meeting(scene.activity(ActivityKind.CAMPAIGN))
    with pytest.raises(TransitionNotAllowed):
        cancel_meeting(meeting=meeting, reason="", by=scene.operator)
    assert lab.meetings.count() == 1


def test_weekly_series_leaves_holidays_out_and_is_there_once(scene: Scene, lab: Activity) -> None:
    key = uuid4()
    meetings = weekly(scene, lab, key=key)

    assert [meeting.held_on for meeting in meetings] == [
        date(2019, 4, 4), date(2019, 4, 11), date(2019, 4, 18), date(2019, 5, 2),
    ]  # fmt: skip
    with pytest.raises(DomainError) as refusal:
        weekly(scene, lab, last_on=date(2019, 12, 26), starts_at=time(9))
    assert refusal.value.field == "last_on"
    assert [meeting.pk for meeting in weekly(scene, lab, key=key)] == [meeting.pk for meeting in meetings]
    assert lab.meetings.count() == 4
    with pytest.raises(DomainError):
        weekly(scene, lab)
    # A cancelled meeting leaves its time free.
    cancel_meeting(meeting=scene.meeting(lab), reason="Sciopero", by=scene.operator)
    assert scene.meeting(lab).state == MeetingState.SCHEDULED


def test_adding_costs_the_same_for_any_number(scene: Scene, lab: Activity, django_assert_max_num_queries: Any) -> None:
    by = scene.operator
    for hour, number in ((9, 3), (11, 30)):
        days = [date(2019, 2, 1) + timedelta(days=day) for day in range(number)]
        with django_assert_max_num_queries(16):
            add_meetings(activity=lab, meetings=[NewMeeting(day, time(hour), time(hour + 1)) for day in days], by=by)


def test_hold_starts_the_activity_and_refuses_a_day_to_come(
    scene: Scene, lab: Activity, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = scene.meeting(lab)

    hold_meeting(meeting=meeting, head_count=12, by=scene.operator)

    lab.refresh_from_db()
    assert (meeting.state, meeting.head_count, lab.state) == (MeetingState.HELD, 12, ActivityState.RUNNING)
    assert TransitionLog.objects.filter(entity="actions.meeting", entity_id=meeting.pk, transition="hold").exists()
    with pytest.raises(TransitionNotAllowed):
        hold_meeting(meeting=meeting, by=scene.operator)
    later = scene.meeting(lab, hour=9)
    monkeypatch.setattr(timezone, "localdate", lambda *args: DAY - timedelta(days=1))
    with pytest.raises(DomainError) as refusal:
        hold_meeting(meeting=later, by=None)
    assert refusal.value.field == "held_on"


def test_several_are_held_at_once_or_none(scene: Scene, lab: Activity, django_assert_max_num_queries: Any) -> None:
    rows = add_meetings(
        activity=lab,
        meetings=[NewMeeting(date(2019, 2, 1) + timedelta(days=day), time(9), time(10)) for day in range(5)],
        by=scene.operator,
    )
    counts = {row.pk: None if number == 0 else 10 + number for number, row in enumerate(rows)}

    with django_assert_max_num_queries(22):
        hold_past_meetings(activity_id=lab.pk, head_counts=counts, by=scene.operator)

    found = Meeting.objects.filter(activity=lab).order_by("held_on").values_list("state", "head_count")
    assert list(found) == [(MeetingState.HELD, count) for count in (None, 11, 12, 13, 14)]
    (later,) = add_meetings(
        activity=lab, meetings=[NewMeeting(date(2019, 2, 20), time(9), time(10))], by=scene.operator
    )
    with pytest.raises(TransitionNotAllowed):
        hold_past_meetings(activity_id=lab.pk, head_counts={later.pk: 5, rows[0].pk: 5}, by=scene.operator)
    later.refresh_from_db()
    assert (later.state, later.head_count) == (MeetingState.SCHEDULED, None)


def test_update_follows_the_version_and_refuses_the_time_of_another_meeting(scene: Scene, lab: Activity) -> None:
    meeting = scene.meeting(lab)
    values = {"held_on": DAY, "starts_at": time(15), "ends_at": time(16), "topic": " Fiabe "}

    update_meeting(meeting=meeting, version=1, by=scene.operator, **values)

    assert (meeting.topic, meeting.minutes, meeting.version) == ("Fiabe", 60, 2)
    with pytest.raises(StaleError):
        update_meeting(meeting=meeting, version=1, by=scene.operator, **values)
    scene.meeting(lab, hour=9)
    with pytest.raises(DomainError) as refusal:
        update_meeting(meeting=meeting, version=2, held_on=DAY, starts_at=time(9), ends_at=time(10), by=scene.operator)
    assert refusal.value.field == "starts_at"


@pytest.fixture
def information(scene: Scene) -> Meeting:
    return scene.meeting(scene.activity(ActivityKind.INFORMATION_MEETING))


def test_bodies_present_are_there_once(scene: Scene, information: Meeting) -> None:
    both = [BodyPresent(scene.school.pk), BodyPresent(scene.stranger.pk, 3)]

    record_bodies_present(meeting=information, bodies=both, by=scene.operator)
    record_bodies_present(meeting=information, bodies=[BodyPresent(scene.school.pk, 2)], by=scene.operator)

    assert dict(MeetingBody.objects.values_list("organisation", "people").order_by("pk")) == {
        scene.school.pk: 2,
        scene.stranger.pk: 3,
    }
    assert information.state == MeetingState.HELD
    with pytest.raises(DomainError, match=r"Bodies|Enti|enti"):
        cancel_meeting(meeting=information, reason="x", by=scene.operator)
    for body in (scene.school, scene.stranger):
        remove_body_present(meeting=information, organisation=body, by=scene.operator)
    cancel_meeting(meeting=information, reason="x", by=scene.operator)


def test_an_informal_group_registers_with_its_reason_or_is_refused_at_the_field(
    scene: Scene, information: Meeting
) -> None:
    association = register_association_present(
        meeting=information, name="Donne  del mondo", informal_reason="informal_group", people=4, by=scene.operator
    )

    assert association.kind == OrganisationKind.MIGRANT_ASSOCIATION
    assert association.name == "Donne del mondo"
    assert MeetingBody.objects.get().people == 4
    event = AuditEvent.objects.get(verb="association_registered")
    assert event.actor_id == scene.operator.pk

    before = Organisation.objects.count()
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"name": "donne del mondo", "informal_reason": "being_founded"}, "name"),
        ({"name": "Altra", "fiscal_code": "123"}, "fiscal_code"),
        ({"name": "Altra", "fiscal_code": "00743110157", "informal_reason": "being_founded"}, "informal_reason"),
        ({"name": "Altra", "informal_reason": "being_founded", "people": 0}, "people"),
    )
    for values, field in wrong:
        with pytest.raises(DomainError) as refusal:
            register_association_present(meeting=information, by=scene.operator, **values)
        assert refusal.value.field == field, values
    assert Organisation.objects.count() == before
