# SPDX-License-Identifier: EUPL-1.2
"""What views hand to the components of the interface (`{% load ui %}`): plain values, no markup, no queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

# The colours of pills and alerts; each is paired with words, never used alone.
COLOURS = ("secondary", "primary", "info", "success", "warning", "danger")


@dataclass(frozen=True)
class Column:
    """A column of a table. `numeric` aligns to the right, `hidden_label` keeps the label for screen readers only."""

    label: Any
    numeric: bool = False
    nowrap: bool = False
    hidden_label: bool = False
    sort: str = ""


@dataclass(frozen=True)
class Link:
    """A link; `hidden` is added for screen readers where the visible words repeat (“Open”, hidden “report of …”)."""

    label: Any
    url: str
    hidden: Any = ""


@dataclass(frozen=True)
class Pill:
    """A status: words and a colour."""

    label: Any
    colour: str = "secondary"


@dataclass(frozen=True)
class Bar:
    """A progress bar in a cell."""

    value: float
    target: float
    label: Any
    text: Any = ""


@dataclass(frozen=True)
class Lines:
    """A cell of two lines: the main words (or a `Link`) and a smaller second line, words too or a `Link` or `Pill`."""

    main: Any
    second: Any = ""


@dataclass(frozen=True)
class Button:
    """A button of an action bar.

    `method` "post" makes a form with its token and the hidden `fields`; "get" a link. `style` is a Bootstrap button
    style. With `disabled_reason` the button is not offered and the reason is written instead of hidden in a tooltip.
    """

    label: Any
    url: str = ""
    method: str = "get"
    style: str = "primary"
    disabled_reason: Any = ""
    hidden: Any = ""
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """One act of a history."""

    at: datetime | date
    title: Any
    by: Any = ""
    text: Any = ""
    status: Any = ""
    colour: str = "secondary"


@dataclass(frozen=True)
class Task:
    """One line of a task list: a name that begins with a verb, where to do it, in what state it is."""

    title: Any
    url: str = ""
    status: Any = ""
    colour: str = "secondary"
    due: date | None = None
    context: Any = ""


@dataclass(frozen=True)
class ChartTable:
    """The figures behind a chart, shown as a table beside it."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
