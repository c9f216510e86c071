# SPDX-License-Identifier: EUPL-1.2
"""Activities, meetings and campaigns, imported."""

import io
from datetime import date, time
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import gettext

from actions.enums import ActivityKind
from actions.models import Activity, Campaign, CampaignMeasure, Meeting
from fami_portal.core.enums import RowEffect
from fami_portal.core.imports.reading import open_table
from tests.actions.scene import Scene, build
from tests.core.importing import bring, counts, kind, problems, send, workbook
from tests.core.importing import table as table_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(db: Any) -> Scene:
    return build()


def lab(scene: Scene, number: int, **values: Any) -> dict[str, Any]:
    return {
        "activity_type": scene.types[ActivityKind.LAB].code,
        "title": f"Corso {number}",
        "starts_on": date(2019, 2, 1),
        "ends_on": "30/06/2019",
        "venue": scene.school.name,
        "hours": 40,
    } | values


def test_activities_begin_change_and_stay(scene: Scene) -> None:
    rows = [lab(scene, 1), lab(scene, 2, places=12)]
    assert counts(bring("activities", rows, scene.operator)) == (2, 0, 0, 0)
    course = Activity.objects.get(title="Corso 1")
    assert (course.planned_minutes, course.venue, course.network) == (2400, scene.school, scene.network)

    changed = [lab(scene, 1, ends_on=date(2019, 7, 5)), rows[1]]
    assert counts(bring("activities", changed, scene.operator)) == (0, 1, 1, 0)
    course.refresh_from_db()
    assert (course.ends_on, course.places, course.version) == (date(2019, 7, 5), None, 2)
    assert counts(send("activities", changed, scene.operator)) == (0, 0, 2, 0)

    bad = [
        lab(scene, 3, activity_type="niente"),
        lab(scene, 4, ends_on=date(2018, 1, 1)),
        lab(scene, 5, network="ATS-99"),
        lab(scene, 6, venue="Nessun ente"),
        lab(scene, 7),
        lab(scene, 7),
        lab(scene, 8, hours="molte", network="ATS-99", venue="Nessun ente", starts_on=date(2010, 1, 1)),
    ]
    run = send("activities", bad, scene.operator)
    assert {number for number, _column in problems(run)} == {2, 3, 4, 5, 7, 8}
    assert len([column for number, column in problems(run) if number == 8]) == 4
    assert Activity.objects.count() == 2


def test_corrections_take_as_many_queries_for_many_rows_as_for_few(scene: Scene) -> None:
    scene.activity()
    days = [date(2019, 2, day) for day in range(1, 13)]
    bring("meetings", [meeting(day) for day in days], scene.operator)
    bring("activities", [lab(scene, number) for number in range(1, 13)], scene.operator)
    place = kind("meetings").places(scene.operator)[0]

    def asked(code: str, rows: list[dict[str, Any]]) -> int:
        resource = kind(code).resource(user=scene.operator, place=place, at=timezone.now())
        table = open_table(io.BytesIO(workbook(table_of(rows))), name="righe.xlsx", sheet="Dati")
        lines = next(resource.chunks(table))
        assert {line.effect for line in lines} == {RowEffect.CHANGED}
        with CaptureQueriesContext(connection) as queries:
            resource.write(lines)
        return len(queries)

    few, many = days[:2], days[2:]
    assert asked("meetings", [meeting(day, minutes=70) for day in many]) == asked(
        "meetings", [meeting(day, minutes=80) for day in few]
    )
    later = {"hours": 9, "ends_on": "05/07/2019"}
    assert asked("activities", [lab(scene, number, **later) for number in range(3, 13)]) == asked(
        "activities", [lab(scene, number, **later) for number in (1, 2)]
    )
    assert sorted(Meeting.objects.order_by().values_list("minutes", "version")) == [(70, 2)] * 10 + [(80, 2)] * 2
    assert set(Activity.objects.exclude(version=1).order_by().values_list("planned_minutes", "version")) == {(540, 2)}


def meeting(day: date, **values: Any) -> dict[str, Any]:
    return {"activity": "Laboratorio 1", "held_on": day, "starts_at": time(14), "ends_at": "15:30"} | values


def test_meetings_are_added_changed_and_refused_in_a_closed_period(scene: Scene) -> None:
    activity = scene.activity()
    rows = [meeting(date(2019, 2, 5)), meeting(date(2019, 2, 12), minutes=80, topic="Numeri")]
    assert counts(bring("meetings", rows, scene.operator)) == (2, 0, 0, 0)
    assert list(activity.meetings.order_by("held_on").values_list("minutes", "topic")) == [(90, ""), (80, "Numeri")]

    changed = [meeting(date(2019, 2, 5), topic="Lettere"), rows[1]]
    assert counts(bring("meetings", changed, scene.operator)) == (0, 1, 1, 0)
    assert counts(send("meetings", list(reversed(changed)), scene.operator)) == (0, 0, 2, 0)

    scene.close(0)
    bad = [
        meeting(date(2019, 3, 5)),
        meeting(date(2019, 4, 2), ends_at=time(13)),
        meeting(date(2020, 4, 2)),
        meeting(date(2019, 4, 9), activity="Altro"),
        meeting(date(2019, 2, 5), topic="Altro"),
        meeting(date(2019, 3, 6), ends_at=time(13), topic="x" * 201),
        meeting(date(2019, 2, 5), ends_at="presto"),
    ]
    run = send("meetings", bad, scene.operator)
    assert {number for number, _column in problems(run)} == {2, 3, 4, 5, 6, 7, 8}
    assert len([column for number, column in problems(run) if number == 7]) == 3
    assert len([column for number, column in problems(run) if number == 8]) == 2
    assert "2019-Q1" in problems(run)[2, gettext("Day")]
    assert Meeting.objects.count() == 2


def issue(scene: Scene, title: str, value: int | None, **values: Any) -> dict[str, Any]:
    return {
        "activity": "Notiziario",
        "channel": scene.channel.code,
        "title": title,
        "audience": "iscritti",
        "published_on": date(2019, 2, 1),
        "value": value,
    } | values


def test_campaigns_bring_contents_and_the_values_read(scene: Scene) -> None:
    scene.activity(ActivityKind.CAMPAIGN, title="Notiziario")
    rows = [
        issue(scene, "Numero 1", 2000),
        issue(scene, "Numero 1", 2100, measured_on=date(2019, 3, 1)),
        issue(scene, "Numero 2", None, published_on=date(2019, 3, 1)),
    ]
    assert counts(bring("campaigns", rows, scene.operator)) == (3, 0, 0, 0)
    assert Campaign.objects.count() == 2
    assert sorted(CampaignMeasure.objects.order_by("pk").values_list("value", flat=True)) == [2000, 2100]
    assert counts(send("campaigns", rows, scene.operator)) == (0, 0, 3, 0)

    changed = [issue(scene, "Numero 1", 2050, url="https://example.org/1"), *rows[1:]]
    assert counts(bring("campaigns", changed, scene.operator)) == (0, 1, 2, 0)
    assert CampaignMeasure.objects.filter(value=2050).count() == 1

    bad = [
        issue(scene, "Numero 3", 1, published_on=date(2031, 1, 1)),
        issue(scene, "Numero 4", -1),
        issue(scene, "", 1),
        issue(scene, "Numero 5", -1, published_on=date(2021, 1, 1), measured_on=date(2020, 1, 1)),
    ]
    told = problems(send("campaigns", bad, scene.operator))
    assert {number for number, _column in told} == {2, 3, 4, 5}
    assert len([column for number, column in told if number == 5]) == 3
