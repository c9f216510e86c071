# SPDX-License-Identifier: EUPL-1.2
"""Nothing dated inside a closed period changes: by service, by queryset, by SQL."""

from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from actions.enums import ActivityKind, MeetingState
from actions.models import Activity, Meeting
from actions.services.activities import cancel_activity
from actions.services.campaigns import publish_campaign, record_measure
from actions.services.deliverables import record_deliverable, update_deliverable
from actions.services.meetings import (
    BodyPresent,
    add_meeting,
    add_weekly_meetings,
    cancel_meeting,
    hold_meeting,
    record_bodies_present,
    update_meeting,
)
from actions.workflow import CLOSED_PERIOD_SQLSTATE, ClosedPeriodError, closed_period_refusals
from fami_portal.core.services import acting
from partners.models import Network
from tests.actions.scene import Scene

IN_Q1 = date(2019, 2, 5)
IN_Q2 = date(2019, 4, 9)


def refused(sql: str, parameters: list[Any]) -> None:
    """Run SQL in a service transaction and see the trigger refuse it."""
    with pytest.raises(DatabaseError) as caught, acting(None), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
    assert caught.value.__cause__.pgcode == CLOSED_PERIOD_SQLSTATE
    assert caught.value.__cause__.diag.message_detail == "2019-Q1"


@pytest.fixture
def lab(scene: Scene) -> Activity:
    return scene.activity()


def test_sql_is_refused_by_the_old_day_and_by_the_new_one(scene: Scene, lab: Activity) -> None:
    inside, outside = scene.meeting(lab, IN_Q1), scene.meeting(lab, IN_Q2, hour=9)
    scene.close(0)

    refused(
        "INSERT INTO actions_meeting (uuid, activity_id, held_on, starts_at, ends_at, minutes, topic, place, state,"
        " version) VALUES (gen_random_uuid(), %s, %s, '10:00', '11:00', 60, '', '', 'held', 1)",
        [lab.pk, IN_Q1],
    )
    refused("UPDATE actions_meeting SET held_on = %s WHERE id = %s", [IN_Q2, inside.pk])
    refused("UPDATE actions_meeting SET held_on = %s WHERE id = %s", [IN_Q1, outside.pk])
    refused("UPDATE actions_meeting SET topic = 'x'", [])
    refused("DELETE FROM actions_meeting WHERE id = %s", [inside.pk])
    # An activity does not leave with what was reported.
    other = Network.objects.get(code="RETE-2")
    refused("UPDATE actions_activity SET network_id = %s WHERE id = %s", [other.pk, lab.pk])
    # The refusal of the trigger becomes a sentence; one closed day refuses the whole write.
    with pytest.raises(ClosedPeriodError, match="2019-Q1"), closed_period_refusals(), acting(None):
        Meeting.objects.filter(pk=inside.pk).update(topic="x")
    rows = [
        Meeting(activity=lab, held_on=day, starts_at=time(10), ends_at=time(11), minutes=60) for day in (IN_Q2, IN_Q1)
    ]
    with pytest.raises(ClosedPeriodError), closed_period_refusals(), acting(None):
        Meeting.objects.bulk_create(rows)
    assert lab.meetings.count() == 2
    with pytest.raises(ZeroDivisionError), closed_period_refusals():  # other errors pass through
        raise ZeroDivisionError


def test_bodies_present_are_guarded_through_their_meeting(scene: Scene) -> None:
    meeting = scene.meeting(scene.activity(ActivityKind.INFORMATION_MEETING), IN_Q1)
    record_bodies_present(meeting=meeting, bodies=[BodyPresent(scene.stranger.pk)], by=scene.operator)
    scene.close(0)

    refused(
        "INSERT INTO actions_meetingbody (meeting_id, organisation_id, people) VALUES (%s, %s, 1)",
        [meeting.pk, scene.school.pk],
    )
    refused("UPDATE actions_meetingbody SET people = 9 WHERE meeting_id = %s", [meeting.pk])
    refused("DELETE FROM actions_meetingbody WHERE meeting_id = %s", [meeting.pk])


def test_contents_and_products_are_guarded_by_their_own_days(scene: Scene) -> None:
    newsletter = scene.activity(ActivityKind.CAMPAIGN)
    campaign = publish_campaign(
        activity=newsletter, channel=scene.channel, title="Numero 1", audience="iscritti", published_on=IN_Q1,
        by=scene.operator,
    )  # fmt: skip
    measure = record_measure(campaign=campaign, measured_on=IN_Q1, value=10, by=scene.operator)
    products = scene.activity(ActivityKind.DELIVERABLE)
    deliverable = record_deliverable(activity=products, title="Modulo", delivered_on=IN_Q1, by=scene.operator)
    scene.close(0)

    refused("UPDATE actions_campaign SET title = 'x' WHERE id = %s", [campaign.pk])
    refused("UPDATE actions_campaignmeasure SET value = 11 WHERE id = %s", [measure.pk])
    refused("DELETE FROM actions_deliverable WHERE id = %s", [deliverable.pk])
    # A value read later, of a content published in the closed period, belongs to the later period.
    record_measure(campaign=campaign, measured_on=IN_Q2, value=12, by=scene.operator)
    with pytest.raises(ClosedPeriodError):
        record_measure(campaign=campaign, measured_on=date(2019, 3, 1), value=11, by=scene.operator)
    with pytest.raises(ClosedPeriodError):
        update_deliverable(deliverable=deliverable, version=1, title="Altro", delivered_on=IN_Q2, by=scene.operator)


def test_other_bodies_and_other_periods_stay_open(scene: Scene, lab: Activity) -> None:
    hosted = scene.activity(organisation=scene.school, by=scene.contact, venue=None)
    scene.close(0)

    assert scene.meeting(lab, IN_Q2).pk
    add_meeting(activity=hosted, held_on=IN_Q1, starts_at=time(9), ends_at=time(10), by=scene.contact)


Act = Callable[[Scene, Meeting], Any]


ACTS: tuple[Act, ...] = (
    lambda scene, meeting: scene.meeting(meeting.activity, IN_Q1, hour=9),
    lambda scene, meeting: hold_meeting(meeting=meeting, by=scene.operator),
    lambda scene, meeting: cancel_meeting(meeting=meeting, reason="x", by=scene.operator),
    lambda scene, meeting: cancel_activity(activity=meeting.activity, reason="x", by=scene.operator),
    lambda scene, meeting: update_meeting(
        meeting=meeting, version=1, held_on=IN_Q2, starts_at=time(14), ends_at=time(15), by=scene.operator
    ),
    lambda scene, meeting: add_weekly_meetings(
        activity=meeting.activity, first_on=IN_Q1, last_on=IN_Q2, starts_at=time(8), ends_at=time(9), by=scene.operator
    ),
)


def test_services_refuse_with_the_name_of_the_period(scene: Scene, lab: Activity) -> None:
    meeting = scene.meeting(lab, IN_Q1)
    with transaction.atomic():
        scene.close(0)
        with connection.cursor() as cursor:  # closing takes the lock that writers share
            cursor.execute("SELECT mode FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
            assert "ExclusiveLock" in [row[0] for row in cursor.fetchall()]

    for act in ACTS:
        with pytest.raises(ClosedPeriodError, match="2019-Q1"):
            act(scene, Meeting.objects.select_related("activity").get(pk=meeting.pk))
        meeting.refresh_from_db()
        assert meeting.state == MeetingState.SCHEDULED
        assert lab.meetings.count() == 1
