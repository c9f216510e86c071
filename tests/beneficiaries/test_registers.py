# SPDX-License-Identifier: EUPL-1.2
"""The register: written in cells, all or none, once however often it is sent."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection

from actions.enums import MeetingState
from actions.models import Activity
from actions.services.activities import conclude_activity
from actions.services.meetings import cancel_meeting, update_meeting
from actions.workflow import CLOSED_PERIOD_SQLSTATE
from beneficiaries.enums import AttendanceState
from beneficiaries.models import Attendance
from beneficiaries.selectors import mark_of, register_meetings, register_of, register_summary
from beneficiaries.services.enrolments import withdraw
from beneficiaries.services.registers import AttendanceRefused, Cell, record_attendance
from fami_portal.core.errors import DomainError, NotPermitted
from fami_portal.core.models import RowHistory
from fami_portal.core.services import acting
from tests.actions.scene import Scene
from tests.beneficiaries.class_of import class_of, enrolled, pupil

DAY = date(2019, 2, 5)


@pytest.fixture
def lab(scene: Scene) -> Activity:
    return scene.activity()


def write(scene: Scene, activity: Activity, *cells: Cell) -> Any:
    return record_attendance(activity=activity, cells=cells, by=scene.operator)


def marks() -> list[str]:
    return [mark_of(cell) for cell in Attendance.objects.order_by("meeting__held_on", "enrolment")]


def test_a_presence_lasts_as_long_as_the_meeting_unless_told(scene: Scene, lab: Activity) -> None:
    first, second, third = class_of(scene, lab, 3)
    meeting = scene.meeting(lab)

    write(
        scene,
        lab,
        Cell(meeting.pk, first.pk, "present"),
        Cell(meeting.pk, second.pk, "present", 45),
        Cell(meeting.pk, third.pk, "justified", 90),
    )

    assert marks() == ["present:90", "present:45", "justified"]
    meeting.refresh_from_db()
    lab.refresh_from_db()
    assert (meeting.state, lab.state) == ("held", "running")
    summary = register_summary(lab)
    assert (summary.enrolled, summary.attended, summary.presences, summary.minutes) == (3, 2, 2, 135)


def test_writing_again_changes_nothing(scene: Scene, lab: Activity) -> None:
    [one] = class_of(scene, lab, 1)
    meeting = scene.meeting(lab)
    cell = Cell(meeting.pk, one.pk, "present")

    first, second = write(scene, lab, cell), write(scene, lab, cell)

    assert ((first.written, first.unchanged), (second.written, second.unchanged)) == ((1, 0), (0, 1))
    assert RowHistory.objects.filter(table_name="beneficiaries_attendance").count() == 1


def test_a_cell_changes_and_is_cleared(scene: Scene, lab: Activity) -> None:
    [one] = class_of(scene, lab, 1)
    meeting = scene.meeting(lab)

    for state, expected in (("present", ["present:90"]), ("absent", ["absent"]), ("", [])):
        write(scene, lab, Cell(meeting.pk, one.pk, state))
        assert marks() == expected


def test_every_problem_is_told_and_nothing_is_written(scene: Scene, lab: Activity) -> None:
    first, second = class_of(scene, lab, 2)
    other = enrolled(scene, scene.activity(), pupil(scene, "Z-9"))
    withdraw(enrolment=second, withdrawn_on=date(2019, 2, 4), reason="x", by=scene.operator)
    meeting, future = scene.meeting(lab), scene.meeting(lab, date(2019, 2, 6))
    cancel_meeting(meeting=future, reason="Neve", by=scene.operator)
    cells = [
        Cell(meeting.pk, first.pk, "present", 91),
        Cell(meeting.pk, second.pk, "absent"),
        Cell(meeting.pk, other.pk, "present"),
        Cell(future.pk, first.pk, "present"),
    ]

    with pytest.raises(AttendanceRefused) as refusal:
        write(scene, lab, *cells)

    assert set(refusal.value.problems) == {cell.place for cell in cells}
    assert not refusal.value.stale
    assert marks() == []
    with pytest.raises(AttendanceRefused):
        write(scene, lab, Cell(meeting.pk, first.pk, "perhaps"))
    with pytest.raises(AttendanceRefused):
        write(scene, lab, Cell(meeting.pk, first.pk, "present", 0))


def test_a_cell_that_somebody_else_wrote_is_stale(scene: Scene, lab: Activity) -> None:
    [one] = class_of(scene, lab, 1)
    meeting = scene.meeting(lab)
    write(scene, lab, Cell(meeting.pk, one.pk, "absent", was=""))

    with pytest.raises(AttendanceRefused) as refusal:
        write(scene, lab, Cell(meeting.pk, one.pk, "present", was=""))

    assert refusal.value.stale == {(meeting.pk, one.pk)}
    assert marks() == ["absent"]
    write(scene, lab, Cell(meeting.pk, one.pk, "absent", was=""))  # the same value: no conflict
    write(scene, lab, Cell(meeting.pk, one.pk, "present", was="absent"))
    assert marks() == ["present:90"]


def test_a_meeting_to_come_has_no_register(scene: Scene, lab: Activity, monkeypatch: pytest.MonkeyPatch) -> None:
    [one] = class_of(scene, lab, 1)
    meeting = scene.meeting(lab)
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *args: DAY - timedelta(days=1))

    with pytest.raises(AttendanceRefused, match="05/02/2019"):
        record_attendance(activity=lab, cells=[Cell(meeting.pk, one.pk, "present")], by=None)


def test_nobody_else_writes(scene: Scene, lab: Activity) -> None:
    [one] = class_of(scene, lab, 1)
    meeting = scene.meeting(lab)

    for person in ["teacher", "coordinator", "region", "outsider"]:
        with pytest.raises(NotPermitted):
            record_attendance(activity=lab, cells=[Cell(meeting.pk, one.pk, "present")], by=getattr(scene, person))


def test_a_concluded_activity_is_not_written(scene: Scene, lab: Activity) -> None:
    [one] = class_of(scene, lab, 1)
    meeting = scene.meeting(lab)
    write(scene, lab, Cell(meeting.pk, one.pk, "present"))
    conclude_activity(activity=lab, by=scene.operator)

    with pytest.raises(DomainError):
        write(scene, lab, Cell(meeting.pk, one.pk, "absent"))


@pytest.mark.parametrize(("pupils", "meetings"), [(3, 1), (30, 10)])
def test_writing_and_reading_cost_the_same_for_any_size(
    scene: Scene, pupils: int, meetings: int, django_assert_max_num_queries: Any
) -> None:
    lab = scene.activity()
    enrolments = class_of(scene, lab, pupils)
    held = [scene.meeting(lab, DAY + timedelta(days=day)) for day in range(meetings)]
    cells = [Cell(meeting.pk, one.pk, "present") for meeting in held for one in enrolments]
    by = scene.operator

    with django_assert_max_num_queries(24):
        record_attendance(activity=lab, cells=cells, by=by)
    with django_assert_max_num_queries(3):
        register = register_of(lab, register_meetings(lab))

    assert sum(len(row.cells) for row in register.rows) == pupils * meetings
    assert lab.meetings.filter(state=MeetingState.HELD).count() == meetings


def test_the_closed_period_holds_for_the_service_and_for_sql(scene: Scene, lab: Activity) -> None:
    first, second = class_of(scene, lab, 2)
    meeting = scene.meeting(lab)
    write(scene, lab, Cell(meeting.pk, first.pk, "present"))
    scene.close(0)

    with pytest.raises(AttendanceRefused, match="2019-Q1"):
        write(scene, lab, Cell(meeting.pk, first.pk, "absent"))
    assert write(scene, lab, Cell(meeting.pk, first.pk, "present")).unchanged == 1
    for sql, parameters in (
        (
            "INSERT INTO beneficiaries_attendance (meeting_id, enrolment_id, state, minutes) VALUES (%s, %s, 'absent', 0)",
            [meeting.pk, second.pk],
        ),
        ("UPDATE beneficiaries_attendance SET minutes = 10 WHERE meeting_id = %s", [meeting.pk]),
        ("DELETE FROM beneficiaries_attendance WHERE meeting_id = %s", [meeting.pk]),
    ):
        with pytest.raises(DatabaseError) as refusal, acting(None), connection.cursor() as cursor:
            cursor.execute(sql, parameters)
        assert refusal.value.__cause__.pgcode == CLOSED_PERIOD_SQLSTATE
    assert marks() == ["present:90"]


def test_a_meeting_does_not_contradict_its_register(scene: Scene, lab: Activity) -> None:
    first, second = class_of(scene, lab, 2)
    meeting = scene.meeting(lab)
    write(scene, lab, Cell(meeting.pk, first.pk, "present", 70), Cell(meeting.pk, second.pk, "present"))
    withdraw(enrolment=first, withdrawn_on=date(2019, 2, 10), reason="x", by=scene.operator)
    values: dict[str, Any] = {"held_on": DAY, "starts_at": time(14), "by": scene.operator}

    with pytest.raises(DomainError) as shorter:
        update_meeting(meeting=meeting, version=2, ends_at=time(15), **values)
    with pytest.raises(DomainError) as moved:
        update_meeting(meeting=meeting, version=2, ends_at=time(15, 30), **(values | {"held_on": date(2019, 2, 11)}))
    with pytest.raises(DomainError):
        cancel_meeting(meeting=meeting, reason="x", by=scene.operator)
    update_meeting(meeting=meeting, version=2, ends_at=time(15, 20), **values)

    assert (shorter.value.field, moved.value.field) == ("minutes", "held_on")
    assert marks() == ["present:70", "present:80"]


def test_states_are_those_of_the_register() -> None:
    assert AttendanceState.values == ["present", "absent", "justified"]
