# SPDX-License-Identifier: EUPL-1.2
"""Reading the file that somebody imports: measured before it is opened, refused by a sentence that names the cell.

A workbook is gone through once as bytes, in small parts: how many rows and columns it really has, merged cells,
formulas, errors. Only then is it opened. Rows are given one at a time, as often as they are asked for (`sheets`).
"""

import csv
import io
import re
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any
from xml.etree import ElementTree
from xml.parsers import expat

from django.conf import settings
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from fami_portal.core.errors import DomainError
from fami_portal.core.imports.sheets import MAX_COLUMNS, Parts, SheetRows, column_index

# What a workbook may unfold into: 50,000 rows of 20 columns take some 60 MB.
MAX_UNFOLDED = 160 * 1024 * 1024
_PART = 256 * 1024
# No tag is longer.
_LONGEST = 1024 * 1024
_TAG = re.compile(rb"<(?:[A-Za-z]+:)?(?:(row)|(c)|(f)|(mergeCell)|(/(?:[A-Za-z]+:)?sheetData))(?=[\s/>])([^>]*)>")
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_RANGE = re.compile(rb'\bref="([^"]{1,30})"')
_ROW = re.compile(rb'\br="(\d{1,7})"')


class FileRefused(DomainError):
    """The file as a whole cannot be read as what it should be; nothing of it was taken."""

    def __init__(self, message: object) -> None:
        super().__init__(message, field="file")


@dataclass(frozen=True)
class Header:
    """One header: its text, and the cell in which it stands."""

    text: str
    cell: str


def column_letters(index: int) -> str:
    """Return the letters of a column, counted from 0: A, B … Z, AA."""
    letters, index = "", index + 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


class Table(ABC):
    """The table of a file: its headers, and its rows as often as they are wanted."""

    headers: list[Header]
    # How many rows at most: empty ones in between are counted here and given to nobody.
    height: int

    def _set_headers(self, row: Sequence[Any]) -> None:
        texts = [" ".join(str(value).split()) if value is not None else "" for value in row]
        while texts and not texts[-1]:
            texts.pop()
        if not texts:
            raise FileRefused(_("The first row is empty: the headers of the columns stand there."))
        self.headers = [Header(text, f"{column_letters(index)}1") for index, text in enumerate(texts)]

    def rows(self) -> Iterator[tuple[int, Sequence[Any]]]:
        """Give each row that is not empty, with its number as a spreadsheet shows it."""
        given = 0
        for number, row in enumerate(self._records(), start=1):
            if number > 1 and any(value not in (None, "") for value in row):
                given += 1
                if given > settings.IMPORT_MAX_ROWS:
                    raise _too_many_rows(given)
                yield number, row

    @abstractmethod
    def _records(self) -> Iterator[Sequence[Any]]:
        """Give every row of the file, the headers first."""


def open_table(file: IO[bytes], *, name: str, sheet: str) -> Table:
    """Open a file as a table; raises `FileRefused`. `sheet` is the sheet of the template."""
    file.seek(0)
    return Workbook(file, sheet) if name.lower().endswith(".xlsx") else SeparatedText(file)


def _too_many_rows(rows: int) -> FileRefused:
    return FileRefused(
        _("The file has %(rows)s rows; at most %(most)s can be imported at once. Split it into several files.")
        % {"rows": f"{rows:,}".replace(",", "."), "most": f"{settings.IMPORT_MAX_ROWS:,}".replace(",", ".")}
    )


# --- XLSX -------------------------------------------------------------------------------------------------------------


# What reading something that is no whole workbook raises.
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, ElementTree.ParseError, expat.ExpatError, NotImplementedError, RuntimeError, EOFError,
    OSError, LookupError, ValueError,
)  # fmt: skip


def _damaged() -> FileRefused:
    return FileRefused(_("The file is damaged: open it with your spreadsheet and save it again."))


class Workbook(Table):
    """A sheet of an XLSX file."""

    def __init__(self, file: IO[bytes], sheet: str) -> None:
        try:
            archive = zipfile.ZipFile(file)
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNFOLDED:
                raise FileRefused(_("The file is too big once opened: split it into several files."))
            parts = _wanted_sheet(archive, sheet)
            self.height = _measure(archive, parts.sheet)
            self._rows = SheetRows(archive, parts)
        except _DAMAGED as error:
            raise _damaged() from error
        self._set_headers(next(self._records(), ()))

    def _records(self) -> Iterator[Sequence[Any]]:
        before = 0
        try:
            for number, row in self._rows:
                for _row in range(before + 1, number):
                    yield ()
                before = number
                yield row
        except _DAMAGED as error:
            raise _damaged() from error


def _wanted_sheet(archive: zipfile.ZipFile, wanted: str) -> Parts:
    """Return where the sheet of the template is, or the only one that there is."""
    book = _xml(archive, "xl/workbook.xml")
    related = _xml(archive, "xl/_rels/workbook.xml.rels")
    targets = {one.get("Id"): one.get("Target", "") for one in related}
    kinds = {one.get("Type", "").rpartition("/")[2]: one.get("Target", "") for one in related}
    sheets = {}
    for one in book.findall("{*}sheets/{*}sheet"):
        target = targets.get(next((value for name, value in one.items() if name.endswith("}id")), None), "")
        if "worksheets/" in target:
            sheets[one.get("name", "")] = target
    name = wanted if wanted in sheets else next(iter(sheets)) if len(sheets) == 1 else ""
    if not name:
        raise FileRefused(
            _("The workbook has no sheet “%(wanted)s”; it has %(found)s. Copy the rows into the template.")
            % {"wanted": wanted, "found": get_text_list([f"“{one[:31]}”" for one in list(sheets)[:5]], _("and")) or "–"}
        )
    about = book.find("{*}workbookPr")
    return Parts(
        sheet=_address(sheets[name]),
        texts=_address(kinds.get("sharedStrings", "")),
        styles=_address(kinds.get("styles", "")),
        since_1904=about is not None and about.get("date1904") in ("1", "true"),
    )


def _address(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}" if target else ""


def _xml(archive: zipfile.ZipFile, part: str) -> ElementTree.Element:
    """Return a small part of the workbook; one that declares entities of its own is not opened."""
    if archive.getinfo(part).file_size > 1024 * 1024:
        raise FileRefused(_("The file is too big once opened: split it into several files."))
    content = archive.read(part)
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise ValueError("entities")
    return ElementTree.fromstring(content)  # noqa: S314  small, and without entities


def _measure(archive: zipfile.ZipFile, part: str) -> int:
    """Go through a sheet in small parts; return how many rows hold something. Raises `FileRefused`."""
    last_row = current = filled = 0
    widest, here, inside = 0, b"", True
    rest = b""
    with archive.open(part) as stream:
        while chunk := stream.read(_PART):
            text = rest + chunk
            cut = text.rfind(b"<")
            text, rest = text[:cut], text[cut:]
            if b"<!DOCTYPE" in text or len(rest) > _LONGEST:
                raise ValueError("entities, or a tag without an end")
            for row, cell, formula, merged, end, attributes in _TAG.findall(text):
                if end:
                    inside = False
                elif merged:
                    span = _RANGE.search(attributes)
                    raise FileRefused(
                        _("Cells %(cells)s are merged: separate them, each row needs its own values.")
                        % {"cells": span[1].decode("ascii", "replace") if span else "–"}
                    )
                elif not inside:
                    continue  # the lists and rules beneath the table have formulas of their own
                elif row:
                    found = _ROW.search(attributes)
                    current = int(found[1]) if found else current + 1
                elif cell:
                    if attributes.endswith(b"/"):
                        continue  # only its colour
                    place = _PLACE.search(attributes)
                    if place:
                        widest, here = max(widest, column_index(place[1].decode()) + 1), place[1] + place[2]
                        current = int(place[2])
                    if current != last_row:
                        last_row, filled = current, filled + 1
                    if b't="e"' in attributes:
                        raise FileRefused(
                            _(
                                "Cell %(cell)s shows an error: write its value, or leave it empty, and send the file again."
                            )
                            % {"cell": here.decode() or "–"}
                        )
                elif formula:
                    raise FileRefused(
                        _(
                            "Cell %(cell)s holds a formula: copy the column and paste it as values only, then send the "
                            "file again."
                        )
                        % {"cell": here.decode() or "–"}
                    )
    if filled - 1 > settings.IMPORT_MAX_ROWS:
        raise _too_many_rows(filled - 1)
    if last_row - 1 > 20 * settings.IMPORT_MAX_ROWS or widest > MAX_COLUMNS:
        raise FileRefused(
            _("The sheet has something far from its table, near %(cell)s: delete what stands outside the columns.")
            % {"cell": here.decode() or "–"}
        )
    return max(filled - 1, 0)


# --- CSV --------------------------------------------------------------------------------------------------------------


class SeparatedText(Table):
    """A CSV file in UTF-8 (`as_utf8` makes it one), with whatever delimiter its first row has."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        head = self._text().readline(64 * 1024)
        self._delimiter = max(";,\t", key=lambda mark: (head.count(mark), mark == ";"))
        self.height = max(sum(1 for _record in self._records(most=settings.IMPORT_MAX_ROWS)) - 1, 0)
        self._set_headers(next(self._records(), ()))
        if len(self.headers) > MAX_COLUMNS:
            raise FileRefused(_("The file has more than %(most)s columns.") % {"most": MAX_COLUMNS})

    def _text(self) -> io.TextIOWrapper:
        self._file.seek(0)
        # Detached from the file, which others go on reading.
        return io.TextIOWrapper(_Lent(self._file), encoding="utf-8-sig", newline="")  # type: ignore[arg-type]  # it can be read

    def _records(self, most: int | None = None) -> Iterator[Sequence[Any]]:
        number = 0
        try:
            for number, record in enumerate(csv.reader(self._text(), delimiter=self._delimiter)):
                if most is not None and number > most:
                    lines = sum(1 for _line in self._text())
                    raise _too_many_rows(lines - 1)
                yield record
        except (csv.Error, UnicodeDecodeError) as error:
            raise FileRefused(
                _("Row %(row)s cannot be read: a quotation mark is open, or the text is not a CSV.")
                % {"row": number + 2}
            ) from error


class _Lent(io.RawIOBase):
    """A file that is read and not closed by who reads it."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__()
        self._file = file

    def readable(self) -> bool:
        """It is read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Give what comes next."""
        part = self._file.read(len(buffer))
        buffer[: len(part)] = part
        return len(part)


def as_utf8(content: IO[bytes], target: IO[bytes]) -> IO[bytes]:
    """Return a CSV file in UTF-8: itself, or its text written into `target` when an older Windows has saved it.

    Raises `FileRefused` for a text of another kind.
    """
    content.seek(0)
    start = content.read(4)
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise FileRefused(_("This is “Unicode text”: in your spreadsheet choose “Save as”, type “CSV UTF-8”."))
    content.seek(0)
    if _is_utf8(content):
        content.seek(0)
        return content
    content.seek(0)
    while part := content.read(_PART):
        target.write(part.decode("cp1252", errors="replace").encode())
    target.seek(0)
    return target


def _is_utf8(content: IO[bytes]) -> bool:
    decoder = io.TextIOWrapper(_Lent(content), encoding="utf-8")  # type: ignore[type-var]  # it can be read
    try:
        while decoder.read(_PART):
            pass
    except UnicodeDecodeError:
        return False
    return True
