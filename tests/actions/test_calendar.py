# SPDX-License-Identifier: EUPL-1.2
"""The planning calendar: holidays, the school year of the region, what a network has on which day."""

from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions.enums import ActivityKind
from actions.models import Meeting, SchoolBreak, SchoolYear
from actions.selectors.calendar import days_of, holiday_name, lessons_of, term_bounds, terms_of, warnings_of, weeks_of
from actions.services.school_calendar import FILE, load_school_years
from fami_portal.core.services import acting
from partners.models import Municipality
from tests.actions.scene import Scene


@pytest.fixture
def placed(scene: Scene) -> Scene:
    """The scene in Piemonte, with the school years of the file."""
    with acting(None):
        town = Municipality.objects.create(code="001272", name="Torino", province="TO", region="Piemonte")
        scene.school.municipality = town
        scene.school.save()
        scene.network.municipalities.add(town)
    load_school_years()
    return scene


def test_file_of_school_years_loads_once_and_says_what_makes_no_sense(db: Any, tmp_path: Path) -> None:
    first = load_school_years()
    assert first.rows == first.changed == SchoolYear.objects.count()
    assert load_school_years().changed == 0
    with acting(None):
        SchoolBreak.objects.filter(school_year__region="Piemonte", school_year__year=2019).first().delete()  # type: ignore[union-attr]
    assert load_school_years().changed == 1
    rows = yaml.safe_load(FILE.read_text("utf-8"))
    rows["school_years"][0]["breaks"][0]["until"] = date(2030, 1, 1)
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(yaml.safe_dump(rows), "utf-8")
    with pytest.raises(ValueError, match="is not inside the lessons"):
        load_school_years(wrong)


def test_days_say_holidays_breaks_and_the_end_of_lessons(placed: Scene) -> None:
    lessons = lessons_of("Piemonte")
    assert lessons.note(date(2019, 12, 27)) == "Natale"
    assert lessons.note(date(2019, 7, 1)), "July is outside the lessons"
    assert lessons.note(date(2019, 11, 5)) == ""
    assert lessons.note(date(2015, 7, 1)) == "", "nobody loaded that year"
    assert holiday_name(date(2019, 12, 25)) == "Natale"
    assert [year.year for year in lessons.unverified([date(2019, 11, 5), date(2025, 11, 5)])] == [2019]
    assert term_bounds(date(2020, 1, 15)) == (date(2019, 9, 1), date(2020, 1, 31))
    assert term_bounds(date(2020, 2, 1)) == (date(2020, 2, 1), date(2020, 8, 31))
    lab = placed.activity(ActivityKind.LAB)
    said = warnings_of(lab, [date(2019, 12, 27), date(2019, 11, 5), date(2019, 12, 8)])
    assert [sentence[:10] for sentence in said] == ["08/12/2019", "27/12/2019"]
    desk = placed.activity(ActivityKind.DESK, venue=None)
    assert warnings_of(desk, [date(2019, 7, 1)]) == [], "a desk has no school year"


def test_month_and_term_hold_what_the_person_sees(placed: Scene) -> None:
    lab = placed.activity(ActivityKind.LAB, starts_on=date(2019, 11, 4), ends_on=date(2019, 12, 20))
    placed.meeting(lab, date(2019, 11, 5))
    days = days_of(placed.operator, placed.network, date(2019, 11, 1), date(2019, 11, 30))
    assert [len(week) for week in weeks_of(days)] == [7] * 5
    assert days[date(2019, 11, 1)].holiday
    assert days[date(2019, 11, 4)].begins == [lab]
    assert len(days[date(2019, 11, 5)].meetings) == 1
    assert [day.day.day for day in terms_of(days)[date(2019, 11, 1)]] == [1, 3, 4, 5]
    nobody = days_of(placed.outsider, placed.network, date(2019, 11, 1), date(2019, 11, 30))
    assert not any(day.meetings or day.begins for day in nobody.values())


def test_page_costs_the_same_with_many_meetings_and_a_meeting_on_a_holiday_is_pointed_out(
    placed: Scene, client: Client
) -> None:
    lab = placed.activity(ActivityKind.LAB, starts_on=date(2019, 11, 4), ends_on=date(2019, 12, 31))
    client.force_login(placed.operator)
    address = f"{reverse('actions:calendar')}?month=2019-11"
    counts = []
    for first, last in ((5, 8), (8, 30)):
        with acting(None):
            Meeting.objects.bulk_create(
                Meeting(activity=lab, held_on=date(2019, 11, day), starts_at=time(14), ends_at=time(15), minutes=60)
                for day in range(first, last)
            )
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            page = client.get(address).content.decode()
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 15
    assert page.count(lab.title) >= 24
    assert "da verificare" in page or "not been compared" in page or "confrontate" in page
    assert client.get(f"{address}&view=term").status_code == 200
    assert client.get(f"{address}&network={lab.uuid}").status_code == 404
    add = reverse("actions:meeting-create", args=[lab.uuid])
    data = {"held_on": "2019-12-27", "starts_at": "10:00", "ends_at": "11:00"}
    page = client.post(add, data, follow=True).content.decode()
    assert "27/12/2019: Natale" in page
    assert lab.meetings.filter(held_on=date(2019, 12, 27)).exists(), "it is a warning, not a refusal"
