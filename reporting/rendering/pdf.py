# SPDX-License-Identifier: EUPL-1.2
"""The report as a tagged, archivable PDF: Typst lays out what `sections` says, with the pictures of `charts`.

It declares PDF/UA-1 and PDF/A-3a. Its only date is the last day of the period, so equal content gives equal bytes.
"""

import json
from datetime import UTC, date, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typst
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from actions.enums import IndicatorKind
from reporting.rendering import charts
from reporting.rendering.reading import (
    WHOLE,
    Chart,
    Reading,
    Section,
    Strong,
    Table,
    percent,
    quantity,
    shown,
)
from reporting.rendering.sections import sections

TEMPLATES = Path(__file__).resolve().parent.parent / "typst"
STANDARDS = ["a-3a", "ua-1"]


def render_pdf(context: dict[str, Any]) -> bytes:
    """Return the PDF of a frozen content."""
    with translation.override(settings.LANGUAGE_CODE):
        data = document(context)
    day = date.fromisoformat(context["frozen"]["period"]["ends_on"])
    return typst.compile(
        TEMPLATES / "output_report.typ",
        root=TEMPLATES,
        font_paths=[fonts()],
        ignore_system_fonts=True,
        pdf_standards=STANDARDS,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        timestamp=datetime(day.year, day.month, day.day, tzinfo=UTC),
    )


@cache
def fonts() -> Path:
    """Return the folder of the fonts of the design system, which its package carries as TrueType too."""
    package = find_spec("bootstrap_italia_template")
    if package is None or not package.submodule_search_locations:
        raise RuntimeError("the package design-django-theme is not installed")
    return Path(package.submodule_search_locations[0]) / "static" / "fonts" / "Titillium_Web"


def document(context: dict[str, Any]) -> dict[str, Any]:
    """Return what the Typst template lays out: text already written, pictures already drawn."""
    reading = Reading(context)
    programme = reading.programme
    return {
        "language": settings.LANGUAGE_CODE,
        "title": reading.title,
        "programme": programme["title"],
        "period": reading.period_text,
        "code": reading.period["code"],
        "facts": [list(row) for row in reading.facts()],
        "visibility": programme["visibility_text"],
        "codes": [
            text
            for text in (
                _("Project %(code)s") % {"code": programme["project_code"]} if programme["project_code"] else "",
                f"CUP {programme['cup']}" if programme["cup"] else "",
            )
            if text
        ],
        "highlights": highlights(reading),
        "sections": [_section(section) for section in sections(reading)],
        "words": {
            "emblem": _("Space for the emblem of the European Union"),
            "ministry": _("Space for the logo of the Ministry"),
            "region": _("Space for the logo of the Region"),
            "page": _("page"),
            "of": _("of"),
            "contents": _("Table of contents"),
            "highlights": _("At a glance"),
        },
    }


def highlights(reading: Reading) -> list[dict[str, str]]:
    """Return the figures that the cover shows: the recipients to date against their targets."""
    rows = []
    for row in reading.of_kind(IndicatorKind.TARGET)[:6]:
        value = quantity(reading.figure(row, WHOLE, "to_date").value, row["unit"])
        target = row["targets"].get(WHOLE)
        share = reading.values[row["code"]]["share_permille"]
        rows.append(
            {
                "label": reading.labelled(row),
                "value": value,
                "of": _("of %(target)s (%(share)s)")
                % {"target": quantity(target, row["unit"]), "share": percent(share)}
                if target
                else "",
            }
        )
    return rows


def _section(section: Section) -> dict[str, Any]:
    drawn = {chart.key: chart for chart in section.charts}
    return {
        "title": section.title,
        "text": section.text,
        "notes": list(section.notes),
        # Each picture comes just before the table of its figures.
        "parts": [
            {"chart": _chart(drawn[table.key]) if table.key in drawn else None, "table": _table(table)}
            for table in section.tables
        ],
    }


def _chart(chart: Chart) -> dict[str, str]:
    return {
        "title": chart.title,
        "alt": f"{chart.title}. {chart.alt}",
        "svg": charts.picture(chart),
        "legend": charts.legend_of_trend(chart) if chart.trend else "",
        "key": chart.key,
    }


def _table(table: Table) -> dict[str, Any]:
    width = len(table.columns)
    return {
        "title": table.title,
        "columns": list(table.columns),
        "numeric": [position in table.numeric for position in range(width)],
        "rows": [[shown(cell) for cell in row] for row in table.rows],
        "strong": [isinstance(row[0], Strong) for row in table.rows],
        "note": table.note,
        "stretched": table.stretched,
        "wide": width > 6,
        "short": len(table.rows) <= 12,
    }
