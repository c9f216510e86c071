# SPDX-License-Identifier: EUPL-1.2
"""The report as a workbook: typed cells, one sheet for each question. Hours are durations, never decimal numbers."""

import io
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from actions.enums import IndicatorKind, Unit
from fami_portal.core.exports import CellType, Column, Sheet, write_xlsx
from reporting.rendering.reading import WHOLE, Reading, age_label, gap_state, labelled, sex_label

INTEGER, DURATION, TEXT = CellType.INTEGER, CellType.DURATION, CellType.TEXT


def render_xlsx(context: dict[str, Any]) -> bytes:
    """Return the workbook of a frozen content."""
    target = io.BytesIO()
    with translation.override(settings.LANGUAGE_CODE):
        reading = Reading(context)
        title = f"{reading.title} {reading.programme['title']} {reading.period['code']}"
        write_xlsx(target, sheets(reading), title=title)
    return target.getvalue()


def sheets(reading: Reading) -> list[Sheet]:
    """Return every sheet of the workbook."""
    return [
        Sheet(_("Report"), [Column(_("Item"), 0, width=34), Column(_("Value"), 1, width=80)], _cover(reading)),
        Sheet(_("Summary"), _indicator_columns(), _summary(reading)),
        Sheet(_("By action"), _scope_columns(_("Action")), _scoped(reading, "action")),
        Sheet(_("By network"), _scope_columns(_("Network")), _scoped(reading, "network")),
        *(
            [Sheet(_("By plan"), _scope_columns(_("Plan")), _scoped(reading, "plan"))]
            if reading.kind_of_scope("plan")
            else []
        ),
        Sheet(_("Gender and age"), _crossed_columns(), _crossed(reading)),
        Sheet(_("Served in the period"), _served_columns(), _served(reading)),
        Sheet(_("Trend"), _trend_columns(), _trend(reading)),
        Sheet(_("Late and corrections"), _late_columns(), _late(reading)),
        Sheet(_("Missing reports"), _gap_columns(), _gaps(reading)),
        Sheet(_("Contents"), _content_columns(), _contents(reading)),
        Sheet(_("Checks"), _check_columns(), _checks(reading)),
    ]


def counted(value: int | None, unit: str) -> tuple[int | None, int | None]:
    """Return (number, minutes): one of the two cells is filled, by the unit of the indicator."""
    return (None, value) if unit == Unit.HOURS else (value, None)


def _pair(words: str, position: int) -> list[Column]:
    return [
        Column(words, position, INTEGER, 14),
        Column(_("%(figure)s (hours)") % {"figure": words}, position + 1, DURATION, 14),
    ]


def _cover(reading: Reading) -> Iterable[tuple[str, str]]:
    yield (_("Document"), reading.title)
    yield from reading.facts()
    for line in reading.programme["visibility_text"].splitlines():
        yield (_("Co-financing"), line)


def _indicator_columns() -> list[Column]:
    return [
        Column(_("Code"), 0, width=12),
        Column(_("Indicator"), 1, width=60),
        Column(_("Kind"), 2, width=14),
        Column(_("Action"), 3, width=9),
        Column(_("Unit"), 4, width=14),
        *_pair(_("Target"), 5),
        *_pair(_("New in the period"), 7),
        *_pair(_("To date"), 9),
        Column(_("Share of the target (%)"), 11, CellType.DECIMAL, 14),
        *_pair(_("Sum over networks to date (gross)"), 12),
    ]


def _summary(reading: Reading) -> Iterable[tuple[Any, ...]]:
    for row in reading.indicators:
        value, unit = reading.values[row["code"]], row["unit"]
        share = value["share_permille"]
        yield (
            row["code"],
            row["title"],
            str(IndicatorKind(row["kind"]).label),
            row["action"],
            reading.unit(row),
            *counted(row["targets"].get(WHOLE), unit),
            *counted(value["scopes"][WHOLE]["new"], unit),
            *counted(value["scopes"][WHOLE]["to_date"], unit),
            None if share is None else share / 10,
            *counted(value["gross_networks"]["to_date"], unit),
        )


def _scope_columns(words: str) -> list[Column]:
    return [
        Column(_("Code of %(scope)s") % {"scope": words.lower()}, 0, width=16),
        Column(words, 1, width=48),
        Column(_("Indicator code"), 2, width=12),
        Column(_("Indicator"), 3, width=60),
        Column(_("Unit"), 4, width=14),
        *_pair(_("Target"), 5),
        *_pair(_("New in the period"), 7),
        *_pair(_("To date"), 9),
    ]


def _scoped(reading: Reading, kind: str) -> Iterable[tuple[Any, ...]]:
    for place in reading.kind_of_scope(kind):
        for row in reading.indicators:
            if not reading.concerns(row, place):
                continue
            unit = row["unit"]
            yield (
                place["code"],
                place["name"],
                row["code"],
                row["title"],
                reading.unit(row),
                *counted(row["targets"].get(place["key"]), unit),
                *counted(reading.figure(row, place["key"], "new").value, unit),
                *counted(reading.figure(row, place["key"], "to_date").value, unit),
            )


def _crossed_columns() -> list[Column]:
    return [
        Column(_("Indicator code"), 0, width=12),
        Column(_("Indicator"), 1, width=60),
        Column(_("Gender"), 2, width=14),
        Column(_("Age"), 3, width=14),
        Column(_("New in the period"), 4, INTEGER, 14),
        Column(_("To date"), 5, INTEGER, 14),
    ]


def _crossed(reading: Reading) -> Iterable[tuple[Any, ...]]:
    for row in reading.indicators:
        for cell in reading.values[row["code"]]["by_sex_age"]:
            yield (
                row["code"],
                row["title"],
                sex_label(cell["sex"]),
                age_label(cell["age_band"]),
                cell["new"],
                cell["to_date"],
            )


def _served_columns() -> list[Column]:
    return [
        Column(_("By"), 0, width=18),
        Column(_("Code"), 1, width=18),
        Column(_("Where"), 2, width=60),
        Column(_("Persons present"), 3, INTEGER, 14),
        Column(_("of whom eligible"), 4, INTEGER, 14),
    ]


def _served(reading: Reading) -> Iterable[tuple[Any, ...]]:
    served = reading.figures["served"]
    whole = served["whole"]
    yield (_("Whole programme (unique)"), "", reading.programme["title"], whole["persons"], whole["eligible"])
    for kind, words in (("action", _("Action")), ("network", _("Network"))):
        for place in reading.kind_of_scope(kind):
            value = served["scopes"].get(place["key"])
            if value:
                yield (words, place["code"], place["name"], value["persons"], value["eligible"])
    for group in reading.frozen["target_groups"]:
        value = served["target_groups"].get(group["code"])
        if value:
            yield (_("Target group"), group["code"], group["title"], value["persons"], value["eligible"])
    for cell in served["by_sex_age"]:
        yield (
            _("Gender and age"),
            "",
            f"{sex_label(cell['sex'])}, {age_label(cell['age_band'])}",
            cell["persons"],
            None,
        )


def _trend_columns() -> list[Column]:
    return [
        Column(_("Indicator code"), 0, width=12),
        Column(_("Indicator"), 1, width=60),
        Column(_("Period"), 2, width=12),
        *_pair(_("New in the period"), 3),
        *_pair(_("To date"), 5),
    ]


def _trend(reading: Reading) -> Iterable[tuple[Any, ...]]:
    for row in reading.indicators:
        for point in reading.values[row["code"]]["trend"]:
            yield (
                row["code"],
                labelled(row["title"], row["unit"]),
                point["period"],
                *counted(point["new"], row["unit"]),
                *counted(point["to_date"], row["unit"]),
            )


def _late_columns() -> list[Column]:
    return [
        Column(_("Belongs to the period"), 0, width=14),
        Column(_("Network"), 1, width=48),
        Column(_("Indicator code"), 2, width=12),
        Column(_("Indicator"), 3, width=60),
        *_pair(_("Added"), 4),
        *_pair(_("Withdrawn"), 6),
    ]


def _late(reading: Reading) -> Iterable[tuple[Any, ...]]:
    titles = {row["code"]: row for row in reading.indicators}
    for row in reading.figures["late"]:
        indicator = titles.get(row["indicator"], {"title": "", "unit": ""})
        yield (
            row["period"],
            reading.name(row["network"]),
            row["indicator"],
            labelled(indicator["title"], indicator["unit"]),
            *counted(row["added"], indicator["unit"]),
            *counted(row["withdrawn"], indicator["unit"]),
        )


def _gap_columns() -> list[Column]:
    return [
        Column(_("Period"), 0, width=12),
        Column(_("Network"), 1, width=48),
        Column(_("Body"), 2, width=48),
        Column(_("State"), 3, width=16),
    ]


def _gaps(reading: Reading) -> Iterable[tuple[Any, ...]]:
    for row in reading.frozen["gaps"]:
        yield (row["period"], row["network_name"], row["body"], gap_state(row))


def _content_columns() -> list[Column]:
    return [
        Column(_("Published on"), 0, CellType.DATE),
        Column(_("Title"), 1, width=60),
        Column(_("Channel"), 2, width=30),
        Column(_("Audience"), 3, width=30),
        Column(_("Body"), 4, width=40),
    ]


def _contents(reading: Reading) -> Iterable[tuple[Any, ...]]:
    for row in reading.frozen["campaigns"]:
        yield (date.fromisoformat(row["published_on"]), row["title"], row["channel"], row["audience"], row["body"])


def _check_columns() -> list[Column]:
    return [
        Column(_("Indicator code"), 0, width=14),
        *_pair(_("To date"), 1),
        Column(_("Should not exceed"), 3, width=18),
        *_pair(_("Limit"), 4),
    ]


def _checks(reading: Reading) -> Iterable[tuple[Any, ...]]:
    units = {row["code"]: row["unit"] for row in reading.indicators}
    for row in reading.figures["warnings"]:
        yield (
            row["indicator"],
            *counted(row["value"], units[row["indicator"]]),
            row["bound"],
            *counted(row["limit"], units[row["bound"]]),
        )
