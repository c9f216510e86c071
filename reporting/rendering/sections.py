# SPDX-License-Identifier: EUPL-1.2
"""The sections of an output report, in the order in which a ministry reads them."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from actions.enums import IndicatorKind
from reporting.rendering.reading import (
    WHOLE,
    Count,
    Reading,
    Section,
    Strong,
    Table,
    age_label,
    day,
    gap_state,
    number,
    percent,
    quantity,
    rows_text,
    sex_label,
)
from reporting.rendering.tables import (
    bands_of,
    crossed_table,
    progress_chart,
    progress_table,
    trend_chart,
    trend_table,
)

# How many figures stand side by side on a sheet of paper.
MAX_FIGURES = 6


def sections(reading: Reading) -> list[Section]:
    """Return the whole report."""
    return [
        _recipients(reading),
        *_outputs(reading),
        *_scoped(reading, "action", _("Results by action")),
        *_scoped(reading, "network", _("Results by network")),
        *_scoped(reading, "plan", _("Results by plan")),
        _persons(reading),
        _served(reading),
        _late(reading),
        _gaps(reading),
        _contents(reading),
        _method(reading),
    ]


def _recipients(reading: Reading) -> Section:
    targets = reading.of_kind(IndicatorKind.TARGET)
    title = _("Recipients against the targets")
    charts, tables = [], [progress_table(reading, targets, "targets", title)]
    if any(row["targets"].get(WHOLE) for row in targets):
        charts.append(progress_chart(reading, targets, "targets", title))
    if targets and len(reading.frozen["periods"]) > 1:
        charts.append(trend_chart(reading, targets[0]))
        tables.append(trend_table(reading, targets[0]))
    text = _(
        "At the end of the period %(share)s of the time of the programme had elapsed. Each person and each body counts "
        "once; contacts reached by communication are counts, never persons."
    ) % {"share": percent(reading.elapsed)}
    return Section("recipients", title, text, charts, tables, [*_undecided(reading), *_bounds(reading)])


def _undecided(reading: Reading) -> list[str]:
    # A report made before pairs were counted says nothing of them.
    pairs = reading.frozen.get("undecided", {})
    return [
        ngettext(
            "%(indicator)s: %(value)s, of which %(number)s pair of records to be clarified, which counts once.",
            "%(indicator)s: %(value)s, of which %(number)s pairs of records to be clarified, which count once each.",
            pairs[row["code"]],
        )
        % {
            "indicator": reading.short(row),
            "value": quantity(reading.figure(row, WHOLE, "to_date").value, row["unit"]),
            "number": number(pairs[row["code"]]),
        }
        for row in reading.indicators
        if row["code"] in pairs
    ]


def _bounds(reading: Reading) -> list[str]:
    titles = {row["code"]: row for row in reading.indicators}
    return [
        _("Check: %(indicator)s (%(value)s) is higher than %(bound)s (%(limit)s), which it should not exceed.")
        % {
            "indicator": row["indicator"],
            "value": quantity(row["value"], titles[row["indicator"]]["unit"]),
            "bound": row["bound"],
            "limit": quantity(row["limit"], titles[row["bound"]]["unit"]),
        }
        for row in reading.figures["warnings"]
    ]


def _outputs(reading: Reading) -> list[Section]:
    found = []
    outputs = reading.of_kind(IndicatorKind.OUTPUT)
    for action in reading.kind_of_scope("action"):
        mine = [row for row in outputs if row["action"] == action["code"]]
        if mine:
            title = _("Outputs of action %(action)s") % {"action": reading.name(action["key"])}
            found.append(_indicator_section(reading, mine, f"outputs-{action['code']}", title))
    rest = [row for row in outputs if not row["action"]]
    if rest:
        found.append(_indicator_section(reading, rest, "outputs", _("Outputs of the whole programme")))
    results = reading.of_kind(IndicatorKind.RESULT)
    if results:
        found.append(_indicator_section(reading, results, "results", _("Result indicators")))
    return found


def _indicator_section(reading: Reading, rows: list[dict[str, Any]], key: str, title: str) -> Section:
    charts = []
    if any(row["targets"].get(WHOLE) for row in rows):
        charts.append(progress_chart(reading, rows, key, title))
    return Section(key, title, "", charts, [progress_table(reading, rows, key, title)])


def _scoped(reading: Reading, kind: str, title: str) -> list[Section]:
    """Recipients by action, network or plan: what the rows add up to, and the programme, each person once."""
    places = reading.kind_of_scope(kind)
    targets = [row for row in reading.of_kind(IndicatorKind.TARGET) if any(reading.concerns(row, p) for p in places)]
    if not places or not targets:
        return []
    tables = []
    for part, words in (("to_date", _("To date")), ("new", _("New in the period"))):
        for first in range(0, len(targets), MAX_FIGURES):
            key = f"{kind}-{part}-{first}" if first else f"{kind}-{part}"
            tables.append(
                _scoped_table(reading, key, f"{title}: {words}", places, targets[first : first + MAX_FIGURES], part)
            )
    text = _(
        "A person met in two places counts once in each of them, and once in the programme. So the sum of the rows "
        "(gross) and the figure of the programme (unique) are two different figures and are never added."
    )
    notes = [f"{row['code']}: {row['title']} ({reading.unit(row)})" for row in targets]
    return [Section(f"by-{kind}", title, text, (), tables, notes)]


def _scoped_table(
    reading: Reading,
    key: str,
    title: str,
    places: list[dict[str, Any]],
    targets: list[dict[str, Any]],
    part: str,
) -> Table:
    rows: list[list[Any]] = [
        [
            reading.name(place["key"]),
            *(reading.figure(row, place["key"], part) if reading.concerns(row, place) else None for row in targets),
        ]
        for place in places
    ]
    rows.append(
        [
            Strong(_("Sum of the rows (gross)")),
            *(
                Count(sum(reading.figure(row, place["key"], part).value for place in places), row["unit"])
                for row in targets
            ),
        ]
    )
    rows.append([Strong(_("Whole programme (unique)")), *(reading.figure(row, WHOLE, part) for row in targets)])
    heads = [_heading(places[0]["kind"]), *(row["code"] for row in targets)]
    return Table(key, title, heads, rows, frozenset(range(1, len(heads))))


def _heading(kind: str) -> str:
    return {"action": _("Action"), "network": _("Network"), "plan": _("Plan")}[kind]


def _persons(reading: Reading) -> Section:
    counted = [row for row in reading.of_kind(IndicatorKind.TARGET) if row["persons"]]
    return Section(
        "persons",
        _("Recipients by gender and age"),
        _("Age is the one at the start of the support. Figures to date; the last column is what is new in the period."),
        (),
        [crossed_table(reading, row) for row in counted],
        () if counted else (_("No target of this programme counts persons."),),
    )


def _served(reading: Reading) -> Section:
    served = reading.figures["served"]
    heads = (_("Where"), _("Persons present"), _("of whom eligible"))
    tables = []
    for kind in ("action", "network"):
        rows: list[list[Any]] = [
            [reading.name(place["key"]), Count(value["persons"]), Count(value["eligible"])]
            for place in reading.kind_of_scope(kind)
            if (value := served["scopes"].get(place["key"]))
        ]
        if not rows:
            continue
        gross = [sum(row[column].value for row in rows) for column in (1, 2)]
        rows.append([Strong(_("Sum of the rows (gross)")), Count(gross[0]), Count(gross[1])])
        rows.append(
            [
                Strong(_("Whole programme (unique)")),
                Count(served["whole"]["persons"]),
                Count(served["whole"]["eligible"]),
            ]
        )
        tables.append(
            Table(
                f"served-{kind}",
                _("Served in the period: %(by)s") % {"by": _heading(kind)},
                heads,
                rows,
                frozenset({1, 2}),
            )
        )
    groups = [
        [group["title"], Count(value["persons"]), Count(value["eligible"])]
        for group in reading.frozen["target_groups"]
        if (value := served["target_groups"].get(group["code"]))
    ]
    if groups:
        tables.append(
            Table(
                "served-groups",
                _("Served in the period: target group"),
                (_("Target group"), *heads[1:]),
                groups,
                frozenset({1, 2}),
            )
        )
    if served["by_sex_age"]:
        tables.append(_served_crossed(served["by_sex_age"]))
    text = _(
        "%(persons)s different persons were present in the period, also those who began before it. It is not a sum of "
        "new persons, and the periods do not add up."
    ) % {"persons": number(served["whole"]["persons"])}
    return Section("served", _("Persons served in the period"), text, (), tables)


def _served_crossed(cells: list[dict[str, Any]]) -> Table:
    bands = bands_of({cell["age_band"] for cell in cells})
    value = {(cell["sex"], cell["age_band"]): cell["persons"] for cell in cells}
    sexes = list(dict.fromkeys(["female", "male", "non_binary", *(cell["sex"] for cell in cells)]))
    rows: list[list[Any]] = [
        [
            sex_label(sex),
            *(Count(value.get((sex, band), 0)) for band in bands),
            Count(sum(value.get((sex, b), 0) for b in bands)),
        ]
        for sex in sexes
    ]
    heads = [_("Gender"), *(age_label(band) for band in bands), _("Total")]
    return Table(
        "served-persons", _("Served in the period: gender and age"), heads, rows, frozenset(range(1, len(heads)))
    )


def _late(reading: Reading) -> Section:
    titles = {row["code"]: row for row in reading.indicators}
    rows = [
        [
            _("late, for period %(period)s") % {"period": row["period"] or "–"},
            reading.name(row["network"]),
            reading.labelled(titles[row["indicator"]]) if row["indicator"] in titles else row["indicator"],
            Count(row["added"], titles.get(row["indicator"], {}).get("unit", "")),
            Count(row["withdrawn"], titles.get(row["indicator"], {}).get("unit", "")),
        ]
        for row in reading.figures["late"]
    ]
    title = _("Late facts and corrections of earlier periods")
    text = _(
        "What was validated after its period had been transmitted enters the figures of this one; the transmitted "
        "report does not change."
    )
    heads = (_("Belongs to"), _("Network"), _("Indicator"), _("Added"), _("Withdrawn"))
    tables = [Table("late", title, heads, rows, frozenset({3, 4}), stretched=2)] if rows else []
    return Section("late", title, text, (), tables, () if rows else (_("None in this period."),))


def _gaps(reading: Reading) -> Section:
    rows = [[row["period"], row["body"], row["network_name"], gap_state(row)] for row in reading.frozen["gaps"]]
    title = _("Missing activity reports")
    heads = (_("Period"), _("Body"), _("Network"), _("State"))
    tables = [Table("gaps", title, heads, rows)] if rows else []
    text = rows_text(len(rows)) if rows else _("All activity reports of the period are validated.")
    return Section("gaps", title, text, (), tables)


def _contents(reading: Reading) -> Section:
    rows = [
        [day(row["published_on"]), row["title"], row["channel"], row["audience"], row["body"]]
        for row in reading.frozen["campaigns"]
    ]
    title = _("Contents and campaigns of the period")
    heads = (_("Published on"), _("Title"), _("Channel"), _("Audience"), _("Body"))
    tables = [Table("contents", title, heads, rows)] if rows else []
    return Section("contents", title, "", (), tables, () if rows else (_("None in this period."),))


def _method(reading: Reading) -> Section:
    return Section(
        "method",
        _("How to read the figures"),
        "",
        (),
        (),
        (
            _("New in the period: what counted for the first time in that place between the first and the last day."),
            _("To date: the sum of what was new from the start of the programme to the end of the period."),
            _(
                "Served in the period: different persons present at least once; it cannot be added over periods or places."
            ),
            _(
                "Every figure is the sum of entries of the results ledger up to posting no. %(number)s; none is typed by hand."
            )
            % {"number": reading.frozen["posting"]},
        ),
    )
