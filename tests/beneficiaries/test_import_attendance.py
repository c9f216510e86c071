# SPDX-License-Identifier: EUPL-1.2
"""Attendance, imported: the same refusals as the register."""

from datetime import date, time
from typing import Any

import pytest

from beneficiaries.models import Attendance
from tests.actions.scene import Scene
from tests.beneficiaries.test_import_recipients import row
from tests.core.importing import bring, counts, problems, send

pytestmark = pytest.mark.django_db


def cell(code: str, state: str, **values: Any) -> dict[str, Any]:
    return {"activity": "Laboratorio 1", "held_on": date(2019, 2, 5), "code": code, "state": state} | values


def longer(minutes: int) -> dict[str, Any]:
    day = {"activity": "Laboratorio 1", "held_on": date(2019, 2, 5)}
    return day | {"starts_at": time(14), "ends_at": time(16), "minutes": minutes}


def test_presences_are_written_changed_and_refused_as_in_the_register(scene: Scene) -> None:
    activity = scene.activity()
    meeting = scene.meeting(activity)
    bring("recipients", [row(1), row(2), row(3, enrolled_on=date(2019, 3, 1))], scene.operator)
    rows = [cell("A-1", "presente"), cell("A-2", "absent")]

    assert counts(bring("attendance", rows, scene.operator)) == (2, 0, 0, 0)
    kept = Attendance.objects.get(enrolment__beneficiary__local_code="A-1")
    assert (kept.minutes, kept.meeting) == (90, meeting)
    changed = [cell("A-1", "present", minutes=60), rows[1]]
    assert counts(bring("attendance", changed, scene.operator)) == (0, 1, 1, 0)
    assert counts(send("attendance", list(reversed(changed)), scene.operator)) == (0, 0, 2, 0)

    bring("meetings", [longer(100)], scene.operator)
    meeting.refresh_from_db()
    kept.refresh_from_db()
    assert (meeting.minutes, kept.minutes) == (100, 60)
    told = problems(send("meetings", [longer(50)], scene.operator))
    assert [number for number, _column in told] == [2]
    assert "60" in next(iter(told.values()))
    bring("attendance", [cell("A-1", "present")], scene.operator)
    bring("meetings", [longer(90)], scene.operator)
    kept.refresh_from_db()
    assert kept.minutes == 90
    bring("attendance", changed, scene.operator)

    bad = [
        cell("A-9", "present"),
        cell("A-3", "present"),
        cell("A-1", "present", minutes=200),
        cell("A-2", "present", held_on=date(2019, 2, 6)),
        cell("A-2", "forse"),
        cell("A-9", "forse", held_on=date(2019, 2, 6), minutes="molti"),
    ]
    told = problems(send("attendance", bad, scene.operator))
    assert {number for number, _column in told} == {2, 3, 4, 5, 6, 7}
    assert len([column for number, column in told if number == 7]) == 4
    scene.close(0)
    assert counts(send("attendance", [cell("A-1", "absent")], scene.operator)) == (0, 0, 0, 1)
    assert counts(send("attendance", changed, scene.operator)) == (0, 0, 2, 0)
