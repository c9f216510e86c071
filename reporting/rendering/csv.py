# SPDX-License-Identifier: EUPL-1.2
"""The report as one long table: a row for each figure, with what it is, where and of whom. Hours stay minutes."""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from actions.enums import Unit
from fami_portal.core.exports import CellType, Column, write_csv
from reporting.rendering.reading import WHOLE, Reading, age_label, gap_state, sex_label


@dataclass(frozen=True)
class Row:
    """One figure."""

    figure: str
    value: int
    unit: str
    indicator: str = ""
    title: str = ""
    scope: str = ""
    scope_code: str = ""
    scope_name: str = ""
    sex: str = ""
    age_band: str = ""
    note: str = ""


def render_csv(context: dict[str, Any]) -> bytes:
    """Return the CSV of a frozen content."""
    target = io.BytesIO()
    with translation.override(settings.LANGUAGE_CODE):
        reading = Reading(context)
        write_csv(target, columns(reading), rows(reading))
    return target.getvalue()


def columns(reading: Reading) -> list[Column]:
    """Return the columns; those that identify the report are the same in every row."""
    programme, period = reading.programme, reading.period
    return [
        Column(_("Programme"), lambda row: programme["title"]),
        Column(_("Project code"), lambda row: programme["project_code"]),
        Column(_("CUP"), lambda row: programme["cup"]),
        Column(_("Period"), lambda row: period["code"]),
        Column(_("Posting"), lambda row: reading.frozen["posting"], CellType.INTEGER),
        Column(_("Figure"), "figure"),
        Column(_("Indicator code"), "indicator"),
        Column(_("Indicator"), "title"),
        Column(_("Place"), "scope"),
        Column(_("Code of the place"), "scope_code"),
        Column(_("Name of the place"), "scope_name"),
        Column(_("Gender"), "sex"),
        Column(_("Age"), "age_band"),
        Column(_("Value"), "value", CellType.INTEGER),
        Column(_("Unit"), "unit"),
        Column(_("Note"), "note"),
    ]


def rows(reading: Reading) -> Iterator[Row]:
    """Yield every figure of the report."""
    yield Row(_("time elapsed"), reading.elapsed, _("thousandths"))
    for indicator in reading.indicators:
        yield from _indicator(reading, indicator)
    yield from _served(reading)
    yield from _late(reading)
    for gap in reading.frozen["gaps"]:
        yield Row(
            _("missing activity report"),
            1,
            _("reports"),
            scope=_("body"),
            scope_name=gap["body"],
            note=f"{gap['period']}, {gap['network_name']}: {gap_state(gap)}",
        )


def place_words(kind: str) -> str:
    """Name a kind of place."""
    return {
        "programme": _("programme"),
        "action": _("action"),
        "network": _("network"),
        "plan": _("plan"),
    }[kind]


def _indicator(reading: Reading, indicator: dict[str, Any]) -> Iterable[Row]:
    what = {
        "indicator": indicator["code"],
        "title": indicator["title"],
        "unit": _("minutes") if indicator["unit"] == Unit.HOURS else reading.unit(indicator),
    }
    value = reading.values[indicator["code"]]
    for key, place in reading.scopes.items():
        where = {
            "scope": place_words(place["kind"]),
            "scope_code": place["code"],
            "scope_name": place["name"],
        }
        target = indicator["targets"].get(key)
        if target:
            yield Row(_("target"), target, **what, **where)
        figures = value["scopes"].get(key)
        if figures:
            yield Row(_("new in the period"), figures["new"], **what, **where)
            yield Row(_("to date"), figures["to_date"], **what, **where)
    if reading.kind_of_scope("network"):
        for part, words in (("new", _("new in the period")), ("to_date", _("to date"))):
            yield Row(words, value["gross_networks"][part], **what, scope=_("sum over networks (gross)"))
    for cell in value["by_sex_age"]:
        who = {"sex": sex_label(cell["sex"]), "age_band": age_label(cell["age_band"]), "scope": place_words(WHOLE)}
        yield Row(_("new in the period"), cell["new"], **what, **who)
        yield Row(_("to date"), cell["to_date"], **what, **who)


def _served(reading: Reading) -> Iterable[Row]:
    served, words, unit = reading.figures["served"], _("served in the period"), str(Unit.PERSONS.label)
    yield Row(words, served["whole"]["persons"], unit, scope=place_words(WHOLE))
    yield Row(words, served["whole"]["eligible"], unit, scope=place_words(WHOLE), note=_("eligible"))
    for key, value in served["scopes"].items():
        place = reading.scopes[key]
        where = {"scope": place_words(place["kind"]), "scope_code": place["code"], "scope_name": place["name"]}
        yield Row(words, value["persons"], unit, **where)
        yield Row(words, value["eligible"], unit, **where, note=_("eligible"))
    names = {group["code"]: group["title"] for group in reading.frozen["target_groups"]}
    for code, value in served["target_groups"].items():
        yield Row(
            words, value["persons"], unit, scope=_("target group"), scope_code=code, scope_name=names.get(code, "")
        )
    for cell in served["by_sex_age"]:
        who = {"sex": sex_label(cell["sex"]), "age_band": age_label(cell["age_band"])}
        yield Row(words, cell["persons"], unit, scope=place_words(WHOLE), **who)


def _late(reading: Reading) -> Iterable[Row]:
    titles = {row["code"]: row for row in reading.indicators}
    for row in reading.figures["late"]:
        indicator = titles.get(row["indicator"])
        unit = "" if indicator is None else reading.unit(indicator)
        if indicator is not None and indicator["unit"] == Unit.HOURS:
            unit = _("minutes")
        what = {
            "indicator": row["indicator"],
            "title": indicator["title"] if indicator else "",
            "scope": place_words("network"),
            "scope_name": reading.name(row["network"]),
            "unit": unit,
            "note": _("late, for period %(period)s") % {"period": row["period"] or "–"},
        }
        yield Row(_("late, added"), row["added"], **what)
        if row["withdrawn"]:
            yield Row(_("late, withdrawn"), row["withdrawn"], **what)
