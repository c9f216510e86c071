# SPDX-License-Identifier: EUPL-1.2
"""Tables and charts of indicators that several sections of an output report share."""

from typing import Any

from django.utils.translation import gettext as _

from beneficiaries.enums import AgeBand
from reporting.rendering.reading import (
    WHOLE,
    Bar,
    Chart,
    Count,
    Reading,
    Share,
    Strong,
    Table,
    age_label,
    percent,
    quantity,
    sex_label,
    spoken_list,
)


def progress_table(reading: Reading, indicators: list[dict[str, Any]], key: str, title: str) -> Table:
    """Target, new in the period, to date and share of each indicator."""
    heads = [_("Indicator"), _("Unit"), _("Target"), _("New in the period"), _("To date"), _("Share of the target")]
    # Where persons are counted, what the networks add up to stands beside the figure in which each counts once.
    gross = any(row["persons"] for row in indicators)
    if gross:
        heads[5:5] = [_("To date: gross")]
    return Table(
        key,
        _("%(title)s: the figures") % {"title": title},
        heads,
        [
            [
                reading.short(row),
                reading.unit(row),
                reading.target(row),
                reading.figure(row, WHOLE, "new"),
                reading.figure(row, WHOLE, "to_date"),
                *([_gross(reading, row)] if gross else []),
                _share(reading.values[row["code"]]["share_permille"]),
            ]
            for row in indicators
        ],
        frozenset(range(2, len(heads))),
    )


def _gross(reading: Reading, row: dict[str, Any]) -> Count | None:
    if not row["persons"]:
        return None
    return Count(reading.values[row["code"]]["gross_networks"]["to_date"], row["unit"])


def _share(permille: int | None) -> Share | None:
    return None if permille is None else Share(permille)


def progress_chart(reading: Reading, indicators: list[dict[str, Any]], key: str, title: str) -> Chart:
    """How far each indicator with a target is, with the mark of the time elapsed."""
    bars = [
        Bar(
            reading.labelled(row),
            reading.figure(row, WHOLE, "to_date").value,
            row["targets"].get(WHOLE),
            row["unit"],
        )
        for row in indicators
        if row["targets"].get(WHOLE)
    ]
    said = [
        _("%(label)s: %(value)s of %(target)s")
        % {"label": bar.label, "value": quantity(bar.value, bar.unit), "target": quantity(bar.target or 0, bar.unit)}
        for bar in bars
    ]
    said.append(_("time elapsed: %(share)s") % {"share": percent(reading.elapsed)})
    return Chart(key, title, spoken_list(said), bars=bars, marker_permille=reading.elapsed)


def trend_chart(reading: Reading, row: dict[str, Any]) -> Chart:
    """New in each period and to date, for one indicator."""
    trend = [(point["period"], point["new"], point["to_date"]) for point in reading.values[row["code"]]["trend"]]
    said = [
        _("%(period)s: %(new)s new, %(to_date)s to date")
        % {"period": period, "new": quantity(new, row["unit"]), "to_date": quantity(total, row["unit"])}
        for period, new, total in trend
    ]
    return Chart(
        f"trend-{row['code']}",
        _("Trend by period: %(indicator)s") % {"indicator": reading.labelled(row)},
        spoken_list(said),
        trend=trend,
        unit=row["unit"],
        target=row["targets"].get(WHOLE),
    )


def trend_table(reading: Reading, row: dict[str, Any]) -> Table:
    """The figures of the trend."""
    return Table(
        f"trend-{row['code']}",
        _("Trend by period: the figures"),
        (_("Period"), _("New in the period"), _("To date")),
        [
            [point["period"], Count(point["new"], row["unit"]), Count(point["to_date"], row["unit"])]
            for point in reading.values[row["code"]]["trend"]
        ],
        frozenset({1, 2}),
    )


def bands_of(present: set[str]) -> list[str]:
    return [band for band in [*AgeBand.values, ""] if band in present or band in AgeBand.values]


def crossed_table(reading: Reading, row: dict[str, Any]) -> Table:
    """Sex by age band to date, with what is new in the period, for an indicator that counts persons."""
    cells = reading.values[row["code"]]["by_sex_age"]
    bands = bands_of({cell["age_band"] for cell in cells})
    sexes = list(dict.fromkeys(["female", "male", "non_binary", *(cell["sex"] for cell in cells)]))
    value = {(cell["sex"], cell["age_band"]): cell for cell in cells}
    rows: list[list[Any]] = []
    for sex in sexes:
        mine = [value.get((sex, band), {"to_date": 0, "new": 0}) for band in bands]
        rows.append(
            [
                sex_label(sex),
                *(Count(cell["to_date"]) for cell in mine),
                Count(sum(cell["to_date"] for cell in mine)),
                Count(sum(cell["new"] for cell in mine)),
            ]
        )
    rows.append(
        [
            Strong(_("Total")),
            *(Count(sum(value.get((sex, band), {"to_date": 0})["to_date"] for sex in sexes)) for band in bands),
            reading.figure(row, WHOLE, "to_date"),
            reading.figure(row, WHOLE, "new"),
        ]
    )
    heads = [_("Gender"), *(age_label(band) for band in bands), _("To date"), _("New in the period")]
    return Table(f"persons-{row['code']}", reading.short(row), heads, rows, frozenset(range(1, len(heads))))
