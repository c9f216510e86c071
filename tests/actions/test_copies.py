# SPDX-License-Identifier: EUPL-1.2
"""A copy of an activity in the next school year."""

import uuid
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from actions.enums import ActivityState, MeetingState
from actions.models import Activity
from actions.selectors.copies import next_start, proposal_of
from actions.services.copies import copy_activity
from actions.services.meetings import cancel_meeting
from fami_portal.core.errors import DomainError, NotPermitted
from tests.actions.scene import Scene


@pytest.fixture(autouse=True)
def _english(request: pytest.FixtureRequest) -> Iterator[None]:
    """Refusals are read here as they are written in the code; pages as people read them."""
    with translation.override("it" if "page" in request.node.name else "en"):
        yield


def a_lab(scene: Scene) -> Activity:
    """A lab of three Tuesdays, the last of which is the first of January a year later; a fourth was cancelled."""
    lab = scene.activity(starts_on=date(2019, 1, 8), ends_on=date(2019, 3, 1), places=20, description="Livello A1")
    for day in (date(2019, 1, 8), date(2019, 1, 15)):
        scene.meeting(lab, day, topic="Presentarsi")
    cancel_meeting(meeting=scene.meeting(lab, date(2019, 1, 22)), reason="Malattia", by=scene.operator)
    return lab


def test_days_keep_their_weekday_and_holidays_are_left_out(scene: Scene) -> None:
    lab = a_lab(scene)
    assert next_start(lab, date(2019, 10, 1)) == date(2020, 1, 7)
    assert next_start(lab, date(2026, 11, 22)).weekday() == lab.starts_on.weekday()
    proposal = proposal_of(lab, date(2019, 12, 24))
    assert [(row.day, bool(row.left_out)) for row in proposal.meetings] == [
        (date(2019, 12, 24), False),
        (date(2019, 12, 31), False),
    ]
    on_holiday = proposal_of(lab, date(2019, 12, 17) + (date(2020, 1, 7) - date(2019, 12, 24)))
    assert [row.day.weekday() for row in on_holiday.meetings] == [1, 1]
    skipped = proposal_of(lab, date(2019, 12, 25))
    assert {row.day.weekday() for row in skipped.meetings} == {1}
    june = proposal_of(lab, date(2020, 5, 26))
    assert [row.left_out for row in june.meetings] == ["", "Festa della Repubblica"]
    assert len(june.kept) == 1


def test_copy_is_planned_without_recipients_and_a_double_click_copies_once(scene: Scene) -> None:
    lab = a_lab(scene)
    key = uuid.uuid4()
    values: dict[str, Any] = {"activity": lab, "title": "Laboratorio 2020", "starts_on": date(2020, 1, 14), "key": key}
    with pytest.raises(NotPermitted):
        copy_activity(**values, by=scene.teacher)
    with pytest.raises(DomainError, match="after the activity"):
        copy_activity(**(values | {"starts_on": lab.starts_on}), by=scene.operator)
    copy = copy_activity(**values, by=scene.operator)
    assert copy_activity(**values, by=scene.operator) == copy
    assert Activity.objects.count() == 2
    assert (copy.state, copy.copied_from, copy.places) == (ActivityState.PLANNED, lab, 20)
    rows = list(copy.meetings.order_by("held_on"))
    assert [(row.held_on, row.state, row.topic) for row in rows] == [
        (date(2020, 1, 14), MeetingState.SCHEDULED, "Presentarsi"),
        (date(2020, 1, 21), MeetingState.SCHEDULED, "Presentarsi"),
    ]
    with pytest.raises(DomainError, match="outside the programme"):
        copy_activity(**(values | {"starts_on": date(2020, 12, 22), "key": uuid.uuid4()}), by=scene.operator)
    assert Activity.objects.count() == 2, "a copy that cannot be made leaves nothing"


def test_page_shows_the_days_first(scene: Scene, client: Client) -> None:
    lab = a_lab(scene)
    address = reverse("actions:activity-copy", args=[lab.uuid])
    client.force_login(scene.operator)
    page = client.get(f"{address}?starts_on=2020-05-26").content.decode()
    assert "02/06/2020" in page
    assert "Festa della Repubblica" in page
    data = {"title": "Laboratorio bis", "starts_on": "2019-01-08", "submission_key": str(uuid.uuid4())}
    assert "Laboratorio bis" in client.post(address, data).content.decode(), "a refusal loses nothing"
    assert client.post(address, data | {"starts_on": "2020-01-14"}).status_code == 302
    assert client.get(lab.get_absolute_url()).status_code == 200
