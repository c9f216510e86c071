# SPDX-License-Identifier: EUPL-1.2
"""Served and not counted: the same people as the rule of counting, with the same reasons, for those who may see."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from actions.enums import ActivityKind, MeetingState
from actions.models import Activity
from beneficiaries.enums import AgeBand, AttendanceState, Eligibility, NotCounted
from beneficiaries.models import Beneficiary, Enrolment
from beneficiaries.selectors import age_band
from beneficiaries.selectors.not_counted import reason_condition, reasons_of, served_not_counted
from beneficiaries.services.registers import Cell, record_attendance
from tests.actions.scene import Scene
from tests.beneficiaries.class_of import enrolled, pupil

LIST = "beneficiaries:not-counted-list"


def attended(scene: Scene, activity: Activity, people: list[Beneficiary]) -> list[Enrolment]:
    """Enrol people and let them be at one meeting."""
    rows = [enrolled(scene, activity, one) for one in people]
    meeting = scene.meeting(activity)
    cells = [Cell(meeting.pk, row.pk, AttendanceState.PRESENT) for row in rows]
    record_attendance(activity=activity, cells=cells, by=scene.operator)
    meeting.refresh_from_db()
    assert meeting.state == MeetingState.HELD
    return rows


def everybody(scene: Scene) -> list[Enrolment]:
    lab, support = scene.activity(), scene.activity(ActivityKind.SUPPORT)
    people = [
        pupil(scene, "A-1"),
        # Seventeen since that very day, and sixteen still; born on the day that most years do not have.
        pupil(scene, "A-2", birth_date=date(2002, 1, 15)),
        pupil(scene, "A-3", birth_date=date(2002, 1, 16)),
        pupil(scene, "A-4", birth_date=date(2016, 2, 29)),
        pupil(scene, "A-5", citizenship=scene.italy),
        pupil(scene, "A-6", eligibility=Eligibility.UNVERIFIED),
        pupil(scene, "A-7", citizenship=scene.italy, target_group=scene.background),
        pupil(scene, "A-8", birth_date=date(1950, 1, 1), target_group=scene.adults),
    ]
    absent = pupil(scene, "A-9", eligibility=Eligibility.UNVERIFIED)
    enrolled(scene, lab, absent)
    return attended(scene, lab, people) + attended(scene, support, people[:1])


def test_the_database_answers_as_the_rule(scene: Scene) -> None:
    rows = everybody(scene)
    expected = {pk for pk, reasons in reasons_of(rows).items() if reasons}

    found = list(served_not_counted(scene.operator))

    assert {row.pk for row in found} == expected
    assert {(row.beneficiary.local_code, row.activity.activity_type.kind) for row in found} == {
        ("A-2", "lab"), ("A-4", "lab"), ("A-5", "lab"), ("A-6", "lab"), ("A-1", "support"),
    }  # fmt: skip
    by_reason = {
        reason: sorted(
            row.beneficiary.local_code for row in served_not_counted(scene.operator).filter(reason_condition(reason))
        )
        for reason in NotCounted.values
    }
    assert by_reason == {
        "eligibility": ["A-6"], "age": ["A-2", "A-4"], "citizenship": ["A-5"], "activity_type": ["A-1"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("age", "band"),
    [(17, AgeBand.UNDER_18), (18, AgeBand.FROM_18_TO_60), (60, AgeBand.FROM_18_TO_60), (61, AgeBand.OVER_60)],
)
def test_age_bands(age: int, band: AgeBand) -> None:
    assert age_band(age) == band


def test_the_list_and_its_file(client: Client, scene: Scene, django_assert_max_num_queries: Any) -> None:
    rows = everybody(scene)
    client.force_login(scene.operator)

    with django_assert_max_num_queries(15):
        page = client.get(reverse(LIST))
    narrowed = client.get(reverse(LIST), {"reason": "age", "network": scene.network.pk})
    file = client.get(reverse("beneficiaries:not-counted-export", args=["csv"]), {"reason": "age"})

    assert (page.context["page"].paginator.count, page.context["persons"]) == (5, 5)
    assert narrowed.context["page"].paginator.count == 2
    text = b"".join(file.streaming_content).decode()
    assert "A-2" in text
    assert "A-5" not in text
    assert "2002" not in text
    assert text.count("17") == 1  # the age in the reason
    client.force_login(scene.region)
    seen = client.get(reverse(LIST)).content.decode()
    assert rows[1].beneficiary.pseudonym in seen
    assert "A-2" not in seen
    client.force_login(scene.outsider)
    assert client.get(reverse(LIST)).context["page"].paginator.count == 0
