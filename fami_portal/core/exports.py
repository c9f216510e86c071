# SPDX-License-Identifier: EUPL-1.2
"""Typed spreadsheets: no text ever becomes a formula, numbers and dates keep their type, the same rows give the same bytes.

Rows are read once, one at a time, so a long export takes constant memory.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from operator import attrgetter, itemgetter
from typing import IO, Any

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

from fami_portal.core.errors import DomainError

MAX_XLSX_ROWS = 1_048_575
MAX_CELL = 32_767
# Written into every workbook instead of the clock, so that equal content gives equal files.
_CREATED = datetime(2000, 1, 1, tzinfo=UTC)
# What a spreadsheet could read as the beginning of a formula when it opens a CSV, full-width forms included.
_FORMULA = re.compile("^(?:[\t\r\n\0]|[\\s\ufeff\u200b-\u200f\u2060]*[=+\\-@\uff1d\uff0b\uff0d\uff20])")
# Characters that XML, or a text cell, cannot hold.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class CellType(Enum):
    """How the values of a column are written."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    DATETIME = "datetime"
    # Whole minutes, shown as hours and minutes.
    DURATION = "duration"
    BOOLEAN = "boolean"


_FORMATS = {
    CellType.INTEGER: "0",
    CellType.DECIMAL: "#,##0.00",
    CellType.DATE: "dd/mm/yyyy",
    CellType.DATETIME: "dd/mm/yyyy hh:mm",
    CellType.DURATION: "[h]:mm",
}
_WIDTHS = {CellType.TEXT: 24, CellType.DATETIME: 17}


@dataclass(frozen=True)
class Column:
    """One column: its header, where the value comes from, its type and its width in characters.

    `value` is a function of the row, the name of an attribute (dots allowed) or the position in a tuple.
    """

    header: object
    value: Callable[[Any], Any] | str | int
    type: CellType = CellType.TEXT
    width: float | None = None

    def getter(self) -> Callable[[Any], Any]:
        """Return the function that reads the value out of a row."""
        if isinstance(self.value, str):
            return attrgetter(self.value)
        return itemgetter(self.value) if isinstance(self.value, int) else self.value


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook."""

    name: object
    columns: Sequence[Column]
    rows: Iterable[Any]
    # Rows of texts above the header, where a form of somebody else wants them.
    preamble: Sequence[Sequence[str]] = ()


def write_xlsx(target: str | IO[bytes], sheets: Iterable[Sheet], *, title: object = "", in_memory: bool = False) -> int:
    """Write a workbook into a path or a binary file and return the number of data rows.

    `in_memory` is for what may touch no disk, not even for a moment: the whole workbook is held in memory. Raises
    `DomainError` when a sheet has more rows than a spreadsheet can hold.
    """
    written = 0
    with XlsxWriter(target, title=title, in_memory=in_memory) as book:
        for sheet in sheets:
            written += book.write_sheet(sheet)
    return written


class XlsxWriter:
    """A workbook being written, sheet after sheet; use it as a context manager."""

    def __init__(self, target: str | IO[bytes], *, title: object = "", in_memory: bool = False) -> None:
        options = {
            "constant_memory": not in_memory,
            "in_memory": in_memory,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self._book = xlsxwriter.Workbook(target, options)
        self._book.set_properties({"title": _clean(str(title)), "created": _CREATED})
        self._header = self._book.add_format(
            {"bold": True, "font_color": "#FFFFFF", "bg_color": "#0066CC", "text_wrap": True, "valign": "top"}
        )
        self._formats = {kind: self._book.add_format({"num_format": text}) for kind, text in _FORMATS.items()}
        self._default = self._book.add_format()
        self._names: set[str] = set()

    def __enter__(self) -> "XlsxWriter":
        return self

    def __exit__(self, *_exception: object) -> None:
        self._book.close()

    def write_sheet(self, sheet: Sheet) -> int:
        """Write one sheet, header row frozen and filtered; returns the number of data rows."""
        page = self._book.add_worksheet(self._free_name(str(sheet.name)))
        for line, texts in enumerate(sheet.preamble):
            for index, content in enumerate(texts):
                if content:
                    page.write_string(line, index, _clean(content))
        head = len(sheet.preamble)
        for index, column in enumerate(sheet.columns):
            header = _clean(str(column.header))
            page.set_column(index, index, column.width or max(_WIDTHS.get(column.type, 12), min(len(header) + 3, 40)))
            page.write_string(head, index, header, self._header)
        page.freeze_panes(head + 1, 0)
        page.repeat_rows(head)
        cells = [
            (index, column.getter(), self._cell_writer(page, column.type)) for index, column in enumerate(sheet.columns)
        ]
        number = 0
        for number, row in enumerate(sheet.rows, start=1):
            if number > MAX_XLSX_ROWS:
                raise DomainError(
                    _("There are too many rows for a spreadsheet: narrow the selection, or choose the CSV format.")
                )
            for index, get, write in cells:
                value = get(row)
                if value is not None:
                    write(head + number, index, value)
        if sheet.columns:
            page.autofilter(head, 0, head + number, len(sheet.columns) - 1)
        return number

    def _free_name(self, wanted: str) -> str:
        base = re.sub(r"[\[\]:*?/\\]", " ", _clean(wanted)).strip(" '")[:31] or "1"
        name, number = base, 1
        while name.lower() in self._names:
            number += 1
            name = f"{base[: 30 - len(str(number))]} {number}"
        self._names.add(name.lower())
        return name

    def _cell_writer(self, page: Any, kind: CellType) -> Callable[[int, int, Any], Any]:
        """Return the function that writes one value of this type; it refuses nothing, and guesses nothing."""
        string, number, moment, form = (
            page.write_string,
            page.write_number,
            page.write_datetime,
            self._formats.get(kind),
        )

        def text(row: int, column: int, value: Any) -> None:
            content = _cell_text(value)
            if content.startswith("<r>") and content.endswith("</r>"):
                # The library would take it for markup of its own and write it unescaped.
                page.write_rich_string(row, column, content[0], self._default, content[1:])
            else:
                string(row, column, content)

        def numeric(row: int, column: int, value: Any) -> None:
            # Beyond 15 digits a spreadsheet rounds: such a number is kept as text.
            finite = not isinstance(value, Decimal) or value.is_finite()
            if finite and isinstance(value, int | float | Decimal) and -(10**15) < value < 10**15:
                number(row, column, value, form)
            else:
                text(row, column, value)

        def duration(row: int, column: int, value: Any) -> None:
            number(row, column, int(value) / 1440, form)

        def day(row: int, column: int, value: Any) -> None:
            value = _local(value)
            if isinstance(value, datetime | date) and value.year >= 1900:
                moment(row, column, value, form)
            else:
                text(row, column, _plain(value, kind))

        def boolean(row: int, column: int, value: Any) -> None:
            string(row, column, _plain(value, kind))

        return {
            CellType.TEXT: text,
            CellType.INTEGER: numeric,
            CellType.DECIMAL: numeric,
            CellType.DURATION: duration,
            CellType.DATE: day,
            CellType.DATETIME: day,
            CellType.BOOLEAN: boolean,
        }[kind]


def csv_chunks(columns: Sequence[Column], rows: Iterable[Any]) -> Iterator[bytes]:
    """Yield a CSV as Italian spreadsheets expect it: UTF-8 with mark, semicolons, decimal comma, dd/mm/yyyy.

    Text that a spreadsheet could take for a formula gets an apostrophe in front; numbers and dates never do.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    getters = [(column.getter(), column.type) for column in columns]
    buffer.write("\ufeff")
    writer.writerow([_safe(str(column.header)) for column in columns])
    for number, row in enumerate(rows, start=1):
        writer.writerow([_csv_cell(get(row), kind) for get, kind in getters])
        if number % 500 == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def write_csv(target: IO[bytes], columns: Sequence[Column], rows: Iterable[Any]) -> None:
    """Write `csv_chunks` into a binary file."""
    for chunk in csv_chunks(columns, rows):
        target.write(chunk)


def _csv_cell(value: Any, kind: CellType) -> str:
    if value is None:
        return ""
    if isinstance(value, str) or kind is CellType.TEXT:
        return _safe(str(value))
    return _plain(value, kind)


def _safe(text: str) -> str:
    prefix = "'" if _FORMULA.match(text) else ""
    return prefix + _clean(text)


def _clean(text: str) -> str:
    return _UNWRITABLE.sub("", text)


def _cell_text(value: Any) -> str:
    text = _UNWRITABLE.sub("", str(value)).replace("\r\n", "\n").replace("\r", "\n")
    return text if len(text) <= MAX_CELL else text[: MAX_CELL - 1] + "…"


def _local(value: Any) -> Any:
    """Return an aware moment as local time without zone, which is all a spreadsheet knows."""
    if isinstance(value, datetime) and timezone.is_aware(value):
        return timezone.make_naive(value)
    return value


def _plain(value: Any, kind: CellType) -> str:
    """Return a value that is not text as an Italian reader writes it."""
    if kind is CellType.BOOLEAN:
        return _("Yes") if value else _("No")
    if kind is CellType.DURATION:
        minutes = int(value)
        return f"{'-' if minutes < 0 else ''}{abs(minutes) // 60}:{abs(minutes) % 60:02d}"
    value = _local(value)
    if isinstance(value, datetime):
        day = f"{value.day:02d}/{value.month:02d}/{value.year:04d}"
        return day if kind is CellType.DATE else f"{day} {value.hour:02d}:{value.minute:02d}"
    if isinstance(value, date):
        return f"{value.day:02d}/{value.month:02d}/{value.year:04d}"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal):
        return format(value, "f").replace(".", ",")
    return _safe(str(value))
