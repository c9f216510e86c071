# SPDX-License-Identifier: EUPL-1.2
"""A frozen content read for people: sections with tables of typed cells, the same for the page and for the PDF.

The three figures are never interchanged: *new in the period*, *to date*, *served in the period* (design 5).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from actions.enums import Unit
from beneficiaries.enums import AgeBand, Sex
from reporting.enums import ActivityReportState

WHOLE = "programme"


@dataclass(frozen=True)
class Figure:
    """A figure of the ledger: its value and how it opens down to its entries (`part` is "new" or "to_date")."""

    value: int
    unit: str
    indicator: str
    scope: str
    part: str


@dataclass(frozen=True)
class Share:
    """A share of a target in thousandths."""

    permille: int


@dataclass(frozen=True)
class Count:
    """A number that is not in the ledger (a target, persons served); `unit` decides how it is written."""

    value: int
    unit: str = ""


@dataclass(frozen=True)
class Strong:
    """A cell written in bold: the name of a row of sums."""

    text: str


@dataclass(frozen=True)
class Table:
    """One table: `numeric` are the positions of the columns aligned to the right, `stretched` the widest one."""

    key: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    numeric: frozenset[int] = frozenset()
    note: str = ""
    stretched: int = 0


@dataclass(frozen=True)
class Bar:
    """One bar of a chart: value and target in the unit of the indicator."""

    label: str
    value: int
    target: int | None
    unit: str
    provisional: int = 0


@dataclass(frozen=True)
class Chart:
    """A chart of bars or a trend, with the words for who cannot see it."""

    key: str
    title: str
    alt: str
    bars: Sequence[Bar] = ()
    trend: Sequence[tuple[str, int, int]] = ()
    marker_permille: int | None = None
    unit: str = ""
    target: int | None = None


@dataclass(frozen=True)
class Section:
    """A heading, words, charts with their tables."""

    key: str
    title: str
    text: str = ""
    charts: Sequence[Chart] = ()
    tables: Sequence[Table] = ()
    notes: Sequence[str] = field(default_factory=tuple)


# --- writing values ------------------------------------------------------------------------------------------------


def number(value: int | float, decimals: int = 0) -> str:
    """Write a number as the language does, thousands grouped."""
    return formats.number_format(value, decimals, use_l10n=True, force_grouping=True)


def quantity(value: int, unit: str) -> str:
    """Write a quantity of the ledger: hours are kept in minutes."""
    if unit != Unit.HOURS:
        return number(value)
    whole, rest = divmod(abs(value), 60)
    sign = "-" if value < 0 else ""
    return f"{sign}{number(whole)} h {rest:02d}" if rest else f"{sign}{number(whole)} h"


def labelled(label: str, unit: str) -> str:
    """Return the label of a figure that stands without its unit; of contacts it says that they are not persons."""
    return f"{label} ({Unit.CONTACTS.label})" if unit == Unit.CONTACTS else label


def percent(permille: int | None) -> str:
    """Write thousandths as a percentage with one decimal."""
    return "–" if permille is None else f"{number(permille / 10, 1)}%"


def day(text: str) -> str:
    """Write an ISO day as Italians read it."""
    return date.fromisoformat(text).strftime("%d/%m/%Y")


def shown(cell: Any) -> str:
    """Write any cell of a table as text."""
    match cell:
        case None | "":
            return "–"
        case Figure() | Count():
            return quantity(cell.value, cell.unit)
        case Share():
            return percent(cell.permille)
        case Strong():
            return cell.text
        case date():
            return cell.strftime("%d/%m/%Y")
        case int():
            return number(cell)
    return str(cell)


def sex_label(code: str) -> str:
    """Return the official word for a gender; what is not known is said."""
    return str(Sex(code).label) if code else _("Not known")


def age_label(code: str) -> str:
    """Return the official age band in words."""
    return str(AgeBand(code).label) if code else _("Not known")


# --- the content ---------------------------------------------------------------------------------------------------


class Reading:
    """One content, with its parts found by key."""

    def __init__(self, context: dict[str, Any]) -> None:
        self.frozen = context["frozen"]
        self.figures = context["figures"]
        self.programme = self.frozen["programme"]
        self.period = self.frozen["period"]
        self.scopes = {row["key"]: row for row in self.frozen["scopes"]}
        self.indicators = self.frozen["indicators"]
        self.values = {row["code"]: row for row in self.figures["indicators"]}
        self.elapsed = self.figures["time_elapsed_permille"]

    @property
    def title(self) -> str:
        return _("Periodic output report")

    @property
    def period_text(self) -> str:
        return _("%(code)s, from %(start)s to %(end)s") % {
            "code": self.period["code"],
            "start": day(self.period["starts_on"]),
            "end": day(self.period["ends_on"]),
        }

    def facts(self) -> list[tuple[str, str]]:
        """What identifies the report, as rows of (term, value)."""
        rows = [
            (_("Programme"), self.programme["title"]),
            (_("Fund"), self.programme["fund"]),
            (_("Objective"), self.programme["objective"]),
            (_("Lead"), self.programme["lead"]),
            (_("Project code"), self.programme["project_code"] or _("not assigned")),
            (_("CUP"), self.programme["cup"] or _("not assigned")),
            (
                _("Duration"),
                _("from %(start)s to %(end)s")
                % {"start": day(self.programme["starts_on"]), "end": day(self.programme["last_day"])},
            ),
            (_("Period"), self.period_text),
            (_("Time elapsed at the end of the period"), percent(self.elapsed)),
            (
                _("Figures as of"),
                _("posting no. %(number)s of the results ledger") % {"number": self.frozen["posting"]},
            ),
        ]
        return [(term, value) for term, value in rows if value]

    def figure(self, indicator: dict[str, Any], scope: str, part: str) -> Figure:
        """The figure of an indicator in a scope; nothing counted there is zero."""
        value = self.values[indicator["code"]]["scopes"].get(scope, {}).get(part, 0)
        return Figure(value, indicator["unit"], indicator["code"], scope, part)

    def target(self, indicator: dict[str, Any], scope: str = WHOLE) -> Count | None:
        value = indicator["targets"].get(scope)
        return Count(value, indicator["unit"]) if value else None

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        return [row for row in self.indicators if row["kind"] == kind]

    def kind_of_scope(self, kind: str) -> list[dict[str, Any]]:
        return [row for row in self.frozen["scopes"] if row["kind"] == kind]

    def concerns(self, indicator: dict[str, Any], scope: dict[str, Any]) -> bool:
        """Whether an indicator can count in a scope: an action's, or a network's that carries out one of its actions."""
        if not indicator["actions"]:
            return True
        if scope["kind"] == "action":
            return scope["code"] in indicator["actions"]
        if scope["key"] in self.values[indicator["code"]]["scopes"]:
            return True
        return scope["kind"] != "network" or bool(set(scope["actions"]) & set(indicator["actions"]))

    def name(self, scope: str) -> str:
        """How a scope is called in a table."""
        row = self.scopes.get(scope)
        if row is None:
            return ""
        return f"{row['code']} {row['name']}" if row["kind"] == "action" else row["name"]

    def unit(self, indicator: dict[str, Any]) -> str:
        return str(Unit(indicator["unit"]).label)

    def short(self, indicator: dict[str, Any]) -> str:
        """The indicator beside its unit."""
        return f"{indicator['code']} {indicator['title']}"

    def labelled(self, indicator: dict[str, Any]) -> str:
        """The indicator where its unit is not written."""
        return labelled(self.short(indicator), indicator["unit"])


def state_label(code: str) -> str:
    """Return the words for the state of an activity report."""
    return str(ActivityReportState(code).label)


def gap_state(gap: dict[str, Any]) -> str:
    """Return the words for the state of a missing report, with the days that its body was granted."""
    words = state_label(gap["state"])
    if not gap.get("granted_until"):
        return words
    day = date.fromisoformat(gap["granted_until"])
    return _("%(state)s (granted until %(day)s)") % {"state": words, "day": f"{day:%d/%m/%Y}"}


def spoken_list(parts: Iterable[str]) -> str:
    """Join short sentences for an alternative text."""
    return "; ".join(parts) + "."


def rows_text(count: int) -> str:
    """Say how many reports are missing."""
    return ngettext(
        "%(count)s activity report is not validated: its work is not in the figures.",
        "%(count)s activity reports are not validated: their work is not in the figures.",
        count,
    ) % {"count": number(count)}
