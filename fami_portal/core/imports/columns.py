# SPDX-License-Identifier: EUPL-1.2
"""The columns of a file: fields of django-import-export with a label, a help and the reading of their cells.

A spreadsheet gives numbers and dates where people typed texts, and texts where they meant dates: each column says what
it takes, and its refusal says how to write it. No refusal repeats what was typed.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import models
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from import_export.fields import Field
from import_export.widgets import Widget

from fami_portal.core.imports.rows import plain

# So many values of a closed list are named in a refusal; more of them are in the template.
NAMED = 6


class Column(Field):
    """One column: what people call it, what it is for, how its cells are read.

    `sensitive` marks what tells of a person: its values are never shown in a difference. `aliases` are other headers
    that are accepted; the name of the field always is.
    """

    def __init__(
        self,
        label: Any,
        widget: "Cell | None" = None,
        *,
        help: Any = "",  # noqa: A002  the word of the forms
        required: bool = False,
        sensitive: bool = False,
        aliases: Iterable[str] = (),
    ) -> None:
        super().__init__(widget=widget or Text())
        self.label, self.help, self.required = label, help, required
        self.sensitive, self.aliases = sensitive, tuple(aliases)

    def headers(self, name: str) -> set[str]:
        """Return the headers under which the column is found, as they are compared."""
        return {plain(text) for text in (self.label, name, *self.aliases)}

    def choices(self) -> list[str]:
        """Return the values of a closed list; nothing where any value may stand."""
        return self.widget.choices()

    def shown(self, text: str) -> str:
        """Return a value of a difference as people read it."""
        return str(self.widget.shown(text))

    def read(self, row: Mapping[str, Any]) -> Any:
        """Return the value of the cell of a row; raises ValueError with the sentence for the person."""
        value = self.widget.clean(row[self.column_name], row=row)
        if self.required and value in (None, ""):
            raise ValueError(_("Write a value: this column is required."))
        return value


class Cell(Widget):
    """Reads cells. `nothing` is the value of an empty one."""

    nothing: Any = None

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        """Return the value of a cell; raises ValueError."""
        if isinstance(value, str):
            value = " ".join(value.split())
            # What our own files write before a text that a spreadsheet would take for a formula.
            if value[:1] == "'" and value[1:2] in "=+-@":
                value = value[1:]
        if value is None or value == "":
            return self.nothing
        return self.read(value)

    def read(self, value: Any) -> Any:
        """Return the value of a cell that is not empty; raises ValueError."""
        return value

    def choices(self) -> list[str]:
        """Return the values of a closed list."""
        return []

    def shown(self, text: str) -> str:
        """Return a value of a difference as people read it."""
        return text


def as_text(value: Any) -> str:
    """Return the text that a person sees in the cell: a code typed as a number has no decimals."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and (value.hour, value.minute, value.second) == (0, 0, 0):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return str(value)


class Text(Cell):
    """A text."""

    nothing = ""

    def __init__(self, longest: int = 200) -> None:
        super().__init__()
        self.longest = longest

    def read(self, value: Any) -> str:
        text = as_text(value)
        if len(text) > self.longest:
            raise ValueError(_("This text is too long: at most %(number)s characters.") % {"number": self.longest})
        return text


class Code(Text):
    """A code: capitals without blanks. A spreadsheet drops the zeros before a number: `digits` puts them back."""

    def __init__(self, longest: int = 30, digits: int = 0) -> None:
        super().__init__(longest)
        self.digits = digits

    def read(self, value: Any) -> str:
        text = "".join(super().read(value).split()).upper()
        return text.zfill(self.digits) if self.digits and text.isdigit() else text


class Day(Cell):
    """A day."""

    def read(self, value: Any) -> date:
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        found = re.fullmatch(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})", str(value))
        iso = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", str(value))
        try:
            if found:
                return date(int(found[3]), int(found[2]), int(found[1]))
            if iso:
                return date(int(iso[1]), int(iso[2]), int(iso[3]))
        except ValueError:
            raise ValueError(_("This day does not exist: check it.")) from None
        raise ValueError(_("Write a day as 15/03/2026."))


class Hour(Cell):
    """A time of day, to the minute."""

    def read(self, value: Any) -> time:
        if isinstance(value, datetime):
            return value.time().replace(second=0, microsecond=0)
        if isinstance(value, time):
            return value.replace(second=0, microsecond=0)
        if isinstance(value, timedelta):
            value = value.total_seconds() / 86_400
        if isinstance(value, float) and 0 <= value < 1:
            minutes = round(value * 1440)
            return time(minutes // 60 % 24, minutes % 60)
        found = re.fullmatch(r"(\d{1,2})[:.](\d{2})(?::00)?", str(value))
        if found and int(found[1]) < 24 and int(found[2]) < 60:
            return time(int(found[1]), int(found[2]))
        raise ValueError(_("Write a time as 14:30."))


class Whole(Cell):
    """A whole number between two others."""

    def __init__(self, least: int = 0, most: int = 1_000_000_000) -> None:
        super().__init__()
        self.least, self.most = least, most

    def read(self, value: Any) -> int:
        text = as_text(value).replace(" ", "")
        if re.fullmatch(r"\d{1,3}(\.\d{3})+", text):
            text = text.replace(".", "")
        if not re.fullmatch(r"-?\d{1,12}", text) or not self.least <= int(text) <= self.most:
            raise ValueError(
                _("Write a whole number from %(least)s to %(most)s.") % {"least": self.least, "most": self.most}
            )
        return int(text)


class YesNo(Cell):
    """Yes or no; empty is no."""

    nothing = False

    def read(self, value: Any) -> bool:
        text = plain(as_text(value))
        if text in ("si", "s", "yes", "y", "x", "1", "vero", "true"):
            return True
        if text in ("no", "n", "0", "falso", "false"):
            return False
        raise ValueError(_("Write yes or no."))

    def choices(self) -> list[str]:
        return [_("Yes"), _("No")]


class Listed(Cell):
    """One of the records of a closed list, found by any of its words.

    `find` returns, once for a file, the records with the words by which each is known; the first word is the one of the
    template.
    """

    def __init__(self, find: Callable[[], Iterable[tuple[Any, Iterable[object]]]], *, unknown: Any = "") -> None:
        super().__init__()
        self._find, self._unknown = find, unknown
        self._known: dict[str, Any] = {}
        self._labels: list[str] = []

    def _load(self) -> None:
        if not self._labels:
            twice: set[str] = set()
            for record, words in self._find():
                texts = [str(word) for word in words if word]
                self._labels.append(texts[0])
                for word in {plain(text) for text in texts}:
                    if word in self._known and self._known[word] != record:
                        twice.add(word)
                    self._known[word] = record
            for word in twice:
                del self._known[word]

    def read(self, value: Any) -> Any:
        self._load()
        found = self._known.get(plain(as_text(value)))
        if found is None:
            raise ValueError(str(self._unknown) or self._sentence())
        return found

    def _sentence(self) -> str:
        if len(self._labels) > NAMED:
            return _("This value is not in the list: choose one from the sheet of the lists in the template.")
        return _("Write one of these values: %(values)s.") % {"values": get_text_list(self._labels, _("or"))}

    def choices(self) -> list[str]:
        self._load()
        return list(self._labels)


class Choice(Listed):
    """One of the values of an enumeration, by its label or its code; the answer is the code."""

    def __init__(self, kind: type[models.TextChoices], *, nothing: Any = "", only: Iterable[str] | None = None) -> None:
        wanted = list(kind) if only is None else [kind(code) for code in only]
        super().__init__(lambda: [(one.value, (one.label, one.value)) for one in wanted])
        self.nothing, self._kind = nothing, kind

    def shown(self, text: str) -> str:
        return str(self._kind(text).label) if text in self._kind.values else text
