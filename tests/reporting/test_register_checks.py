# SPDX-License-Identifier: EUPL-1.2
"""What the list of problems of an activity report asks of its registers, and what it never asks."""

from datetime import date
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse

from actions.enums import MeetingState
from actions.models import Decision, Meeting, Notice, Programme
from actions.services.meetings import cancel_meeting
from beneficiaries.enums import AttendanceState
from beneficiaries.models import NoticeRenewal
from fami_portal.core.services import acting
from reporting.selectors.register_checks import register_problems
from tests.factories.partners import LanguageFactory
from tests.reporting.ledger_world import NOW, World, build

pytestmark = pytest.mark.django_db

MARCH, APRIL = date(2019, 3, 5), date(2019, 4, 9)


def prepare() -> World:
    return build()


@pytest.fixture
def world(fresh: World) -> World:
    return fresh


def _found(world: World, place: int = 0, quarter: int = 0) -> list[tuple[str, str]]:
    """Return each problem with the number in its sentence."""
    return [
        (row.code, "".join(letter for letter in row.sentence.split("”")[1] if letter.isdigit()))
        for row in register_problems(world.report(place, quarter))
    ]


def _set(meeting: Meeting, **values: Any) -> None:
    with acting(None):
        Meeting.objects.filter(pk=meeting.pk).update(**values)


def test_a_cancelled_meeting_is_never_asked_for(world: World) -> None:
    scheduled, empty, outside, info, absent, table = (
        world.meet(0, MARCH, hour=9),
        world.meet(0, MARCH, hour=11),
        world.meet(0, date(2019, 3, 30), [world.person()], hour=11),
        world.meet(0, MARCH, kind="info"),
        world.meet(0, MARCH, hour=15),
        world.meet(0, MARCH, kind="table", hour=17),
    )
    _set(scheduled, state=MeetingState.SCHEDULED)
    with acting(None):
        outside.activity.__class__.objects.filter(pk=outside.activity_id).update(ends_on=date(2019, 3, 29))
        world.attend(absent, world.person()).__class__.objects.filter(meeting=absent).update(
            state=AttendanceState.ABSENT, minutes=0
        )
        Decision.objects.create(meeting=table, text="Aprire uno sportello", office="Coordinamento", due_on=MARCH)
    asked = {code for code, _number in _found(world)}
    assert asked >= {
        "meeting_scheduled",
        "attendance_missing",
        "meeting_outside_activity",
        "bodies_missing",
        "nobody_present",
        "decision_open",
    }
    with acting(None):
        outside.attendances.all().delete()
        absent.attendances.all().delete()
    for meeting in (scheduled, empty, outside, info, absent, table):
        cancel_meeting(meeting=Meeting.objects.get(pk=meeting.pk), reason="Sciopero", by=None)
    assert _found(world) == []


def test_each_report_is_asked_for_its_own_registers(world: World) -> None:
    """The query is built once for all reports: place, period and programme are those of each."""
    for hour in (9, 11, 15):
        world.meet(0, MARCH, hour=hour)
    single = world.meet(1, MARCH)
    world.meet(1, APRIL, [world.person()])
    assert _found(world) == [("attendance_missing", "3")]
    assert _found(world, 1) == [("attendance_missing", "1")]
    # Several are mended on the register of the activity, a single one on its own.
    register = reverse("beneficiaries:register", args=[world.activity(0).uuid])
    assert [row.url for row in register_problems(world.report(0, 0))] == [register]
    other = reverse("beneficiaries:register", args=[world.activity(1).uuid])
    assert [row.url for row in register_problems(world.report(1, 0))] == [f"{other}?meeting={single.uuid}"]
    assert _found(world, 0, 1) == []
    assert _found(world, 1, 1) == []
    with acting(None):
        world.activity(1).enrolments.update(notice_given_on=None, notice_version="")
    assert _found(world, 1, 1) == [("notice_missing", "1")]
    [enrolment] = world.activity(1).enrolments.all()
    with acting(None), transaction.atomic():
        notice = Notice.objects.create(programme=world.programme, code="2", valid_from=APRIL, published_at=NOW)
        NoticeRenewal.objects.create(
            enrolment=enrolment,
            notice=notice,
            given_on=APRIL,
            given_to="family",
            language=LanguageFactory(),
            at=NOW,
            by=world.region,
        )
        assert _found(world, 1, 1) == []  # given later
        transaction.set_rollback(True)
    with acting(None):
        Programme.objects.filter(pk=world.programme.pk).update(notice_required=False)
    assert _found(world, 1, 1) == []


def test_a_meeting_without_anybody_is_said_and_counted_people_are_enough(world: World) -> None:
    held = world.meet(0, MARCH, kind="table")
    assert _found(world) == [("nobody_present", "1")]
    _set(held, head_count=7)
    assert _found(world) == []
