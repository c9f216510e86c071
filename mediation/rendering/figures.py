# SPDX-License-Identifier: EUPL-1.2
"""The figures as sections of one page: the page and its export are made of the same rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from fami_portal.core import exports
from fami_portal.core.components import ChartTable, Column
from fami_portal.core.templatetags.ui import number
from mediation.rendering.bars import Bar, bars_svg
from mediation.selectors.figures import Figures, Line, without_few
from mediation.selectors.hours import in_hours


class Unit(Enum):
    """How the values of a column are read."""

    TEXT = "text"
    COUNT = "count"
    MINUTES = "minutes"
    # Hours of waiting, read as days.
    WAITING = "waiting"
    SHARE = "share"


_CELLS = {
    Unit.TEXT: exports.CellType.TEXT,
    Unit.COUNT: exports.CellType.INTEGER,
    Unit.MINUTES: exports.CellType.DURATION,
    Unit.WAITING: exports.CellType.DECIMAL,
    Unit.SHARE: exports.CellType.DECIMAL,
}


@dataclass(frozen=True)
class Section:
    """One table, with a picture when `picture` says which column it draws."""

    key: str
    title: str
    columns: Sequence[tuple[str, Unit]]
    rows: Sequence[Sequence[Any]]
    note: str = ""
    picture: int | None = None

    @property
    def table(self) -> ChartTable:
        """The table of the page."""
        return ChartTable(
            [
                Column(label, numeric=unit is not Unit.TEXT, nowrap=unit is not Unit.TEXT)
                for label, unit in self.columns
            ],
            [
                [shown(value, unit) for value, (_label, unit) in zip(row, self.columns, strict=True)]
                for row in self.rows
            ],
        )

    @property
    def svg(self) -> str:
        """The picture, or nothing."""
        if self.picture is None or not any(row[self.picture] for row in self.rows):
            return ""
        unit = self.columns[self.picture][1]
        bars = [
            Bar(str(row[0]), row[self.picture], shown(row[self.picture], unit))
            for row in self.rows
            if row[self.picture]
        ]
        return bars_svg(bars, title=self.caption, identifier=self.key)

    @property
    def caption(self) -> str:
        """What the picture shows."""
        drawn = self.columns[self.picture or 0][0]
        return f"{drawn}, {self.title.lower()}"

    @property
    def file_columns(self) -> list[exports.Column]:
        """The columns of the export."""
        return [
            exports.Column(_header(label, unit), place, _CELLS[unit], 40 if place == 0 else None)
            for place, (label, unit) in enumerate(self.columns)
        ]

    @property
    def file_rows(self) -> list[tuple[Any, ...]]:
        """The rows of the export: the values of the page, waiting in days and shares in hundredths."""
        return [
            tuple(_exported(value, unit) for value, (_label, unit) in zip(row, self.columns, strict=True))
            for row in self.rows
        ]


def _header(label: str, unit: Unit) -> str:
    if unit is Unit.WAITING:
        return _("%(label)s (days)") % {"label": label}
    return _("%(label)s (%%)") % {"label": label} if unit is Unit.SHARE else label


def _exported(value: Any, unit: Unit) -> Any:
    if value is None or unit not in (Unit.WAITING, Unit.SHARE):
        return value
    return round(value / 24, 2) if unit is Unit.WAITING else round(100 * value, 1)


def shown(value: Any, unit: Unit) -> str:
    """Write a value as people read it."""
    if value is None:
        return "–"
    match unit:
        case Unit.COUNT:
            return number(value)
        case Unit.MINUTES:
            return in_hours(value)
        case Unit.WAITING:
            return _("%(days)s days") % {"days": number(round(value / 24, 1))}
        case Unit.SHARE:
            return f"{number(round(100 * value))}%"
    return str(value)


def sections(figures: Figures, *, hide_few: bool) -> list[Section]:
    """Return the sections of the page; with `hide_few` no row of languages and bodies stands for one or two cases."""
    languages, bodies = figures.languages, figures.bodies
    if hide_few:
        languages, bodies = without_few(languages), without_few(bodies)
    month = [Line(line.key, date_format(line.key, "F Y").capitalize(), **_counts(line)) for line in figures.months]
    found = [
        _summary(figures),
        _waiting(figures),
        Section("month", _("By month"), _columns(_("Month")), _rows(month), picture=5),
        Section("language", _("By language"), _columns(_("Language")), _rows(languages), picture=5),
        Section("body", _("By school or service"), _columns(_("School or service")), _rows(bodies), picture=5),
        Section("kind", _("By kind of request"), _columns(_("Kind of request")), _rows(figures.kinds)),
        Section(
            "type",
            _("By type of intervention"),
            [
                (_("Type of intervention"), Unit.TEXT),
                (_("Requests"), Unit.COUNT),
                (_("Mediation sessions held"), Unit.COUNT),
                (_("Hours held"), Unit.MINUTES),
            ],
            [(line.label, line.requests, line.sessions, line.minutes) for line in figures.types],
            note=_("A request may name several types: the rows do not add up."),
        ),
        Section(
            "not-held",
            _("Sessions not held"),
            [
                (_("Because of"), Unit.TEXT),
                (_("Sessions"), Unit.COUNT),
                (_("Hours charged"), Unit.MINUTES),
            ],
            figures.not_held,
        ),
        Section(
            "balance",
            _("Balance of the hours"),
            [
                (_("Network"), Unit.TEXT),
                (_("Kind of request"), Unit.TEXT),
                (_("Hours granted"), Unit.MINUTES),
                (_("Hours reserved"), Unit.MINUTES),
                (_("Hours consumed"), Unit.MINUTES),
                (_("Hours free"), Unit.MINUTES),
            ],
            [(*row, row[2] - row[3] - row[4]) for row in figures.balance],
        ),
    ]
    return [section for section in found if section.rows]


def _counts(line: Line) -> dict[str, Any]:
    names = ("requests", "assigned", "unmet", "sessions", "minutes", "validated")
    return {name: getattr(line, name) for name in names}


def _columns(first: str) -> list[tuple[str, Unit]]:
    return [
        (first, Unit.TEXT),
        (_("Requests"), Unit.COUNT),
        (_("With a mediator"), Unit.COUNT),
        (_("Without a mediator found"), Unit.COUNT),
        (_("Mediation sessions held"), Unit.COUNT),
        (_("Hours held"), Unit.MINUTES),
        (_("Hours validated"), Unit.MINUTES),
    ]


def _rows(lines: Sequence[Line]) -> list[tuple[Any, ...]]:
    return [
        (line.label, line.requests, line.assigned, line.unmet, line.sessions, line.minutes, line.validated)
        for line in lines
    ]


def _summary(figures: Figures) -> Section:
    total = figures.total
    counts = [
        (_("Requests submitted"), total.requests),
        (_("With a mediator"), total.assigned),
        (_("Without a mediator found"), figures.missed),
        (_("Requests still without a mediator"), figures.open),
        (_("Requests rejected or not authorised"), figures.rejected),
        (_("Requests expired"), figures.expired),
        (_("Requests cancelled"), figures.cancelled),
        (_("Requests cancelled late"), figures.cancelled_late),
        (_("Mediation sessions held"), total.sessions),
        (_("Sessions not held"), sum(number_of for _label, number_of, _charged in figures.not_held)),
    ]
    return Section("summary", _("In all"), [(_("What"), Unit.TEXT), (_("How many"), Unit.COUNT)], counts)


def _waiting(figures: Figures) -> Section:
    total = figures.total
    assignment, session = total.to_assignment or (None, None), total.to_session or (None, None)
    return Section(
        "waiting",
        _("How long people waited"),
        [(_("What"), Unit.TEXT), (_("Half within"), Unit.WAITING), (_("Nine in ten within"), Unit.WAITING)],
        [
            (_("From the request to the mediator’s yes"), *assignment),
            (_("From the request to the first session"), *session),
        ],
        note=_("In days, holidays included. What was arranged outside the portal is left out."),
    )
