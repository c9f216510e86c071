# SPDX-License-Identifier: EUPL-1.2
"""Loads the school calendars of the regions from their reviewed file."""

from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from actions.models import SchoolBreak, SchoolYear
from fami_portal.core.services import acting
from partners.services.reference_lists import Loaded

FILE = Path(settings.BASE_DIR) / "definitions" / "school" / "school-years.yaml"


def load_school_years(path: Path = FILE) -> Loaded:
    """Bring the school years to what the file says; what is right already is not written. Nothing is deleted.

    Raises `ValueError` naming the first year that makes no sense.
    """
    rows = yaml.safe_load(path.read_text("utf-8"))["school_years"]
    changed = 0
    with acting(None):
        known = {
            (row.region, row.year): row
            for row in SchoolYear.objects.prefetch_related("breaks").order_by("region", "year")
        }
        for row in rows:
            _check(row)
            changed += _bring(known.get((row["region"], row["year"])), row)
    return Loaded(len(rows), changed)


def _check(row: dict[str, Any]) -> None:
    where = f"{row['region']} {row['year']}"
    if not row["starts_on"] < row["ends_on"] or row["starts_on"].year != row["year"]:
        raise ValueError(f"{where}: the lessons end before they begin, or begin in another year")
    for part in row.get("breaks", []):
        if not row["starts_on"] <= part["from"] <= part["until"] <= row["ends_on"]:
            raise ValueError(f"{where}: the break {part['title']} is not inside the lessons")


def _bring(year: SchoolYear | None, row: dict[str, Any]) -> bool:
    head = {"starts_on": row["starts_on"], "ends_on": row["ends_on"], "source": row.get("source", "")}
    breaks = [(part["from"], part["until"], part["title"]) for part in row.get("breaks", [])]
    if year is not None:
        own = sorted((part.starts_on, part.ends_on, part.title) for part in year.breaks.all())
        if own == sorted(breaks) and all(getattr(year, name) == value for name, value in head.items()):
            return False
    year, _made = SchoolYear.objects.update_or_create(region=row["region"], year=row["year"], defaults=head)
    SchoolBreak.objects.filter(school_year=year).delete()
    SchoolBreak.objects.bulk_create(
        SchoolBreak(school_year=year, starts_on=start, ends_on=end, title=title) for start, end, title in breaks
    )
    return True
