# SPDX-License-Identifier: EUPL-1.2
"""The rows of a sheet of an XLSX file, read out of the packed file as they come: one row after the other.

Libraries that read workbooks keep a sheet whole, or at least its texts and something for each of its rows, so that a
longer file takes more memory. Here the parser of the standard library walks through the sheet; the texts that cells
share lie in a temporary file that is encrypted and has no name. Texts, numbers, days, times, durations and yes or no
come out as they are; errors as the texts that they show.
"""

import json
import re
import zipfile
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any
from xml.parsers import expat

from fami_portal.core.uploads import EncryptedTemporaryFile

# What a spreadsheet may have, and what an import takes.
MAX_ROWS, MAX_COLUMNS = 1_048_576, 100
_PART = 64 * 1024
# No cell has more than 32,767 characters, and no tag is longer than that.
_LONGEST = 256 * 1024
# So many shared texts are stored, and read, together; of so many such blocks the memory keeps a copy.
_BLOCK, _KEPT = 32, 512
# The elements that hold the texts and the values of cells.
_TEXTS = frozenset({"t", "v"})
_CODED = re.compile(r"_x(0009|000[AaDd]|005[Ff])_")
# Of a number format: what is shown as it stands, and what is in brackets.
_SHOWN = re.compile(r'"[^"]*"|[\\_*].')
_BRACKETS = re.compile(r"\[[^\]]*\]")
_DURATION = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_DAYS = re.compile(r"[dmhys]", re.IGNORECASE)
# The formats that a workbook does not spell out: days and times, those of eastern calendars with them, and a duration.
_BUILT_IN_DAYS = {*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)}
_BUILT_IN_DURATION = 46


class Unreadable(ValueError):
    """The workbook is not what a spreadsheet writes."""


@dataclass(frozen=True)
class Parts:
    """Where the archive has what belongs to a sheet; no address for what it lacks."""

    sheet: str
    texts: str
    styles: str
    # Whether days are counted from 1904, as old Macs did.
    since_1904: bool


class SheetRows:
    """The rows of one sheet, as often as they are asked for."""

    def __init__(self, archive: zipfile.ZipFile, parts: Parts) -> None:
        self._archive, self._parts = archive, parts
        self._texts = SharedTexts(self._shared())
        self._numbers = [_reading(code, parts.since_1904) for code in self._formats()]

    def __iter__(self) -> Iterator[tuple[int, Sequence[Any]]]:
        """Give each row that the sheet has, with its number."""
        walker = _Rows(self._texts, self._numbers)
        for _part in _walk(self._archive, self._parts.sheet, walker):
            yield from walker.rows
            walker.rows.clear()

    def _shared(self) -> Iterator[str]:
        walker = _Texts()
        if self._parts.texts:
            for _part in _walk(self._archive, self._parts.texts, walker):
                yield from walker.texts
                walker.texts.clear()

    def _formats(self) -> list[str]:
        walker = _Formats()
        if self._parts.styles:
            for _part in _walk(self._archive, self._parts.styles, walker):
                pass
        return [walker.codes.get(number) or _built_in(number) for number in walker.used]


class SharedTexts:
    """The texts that cells share, by their number: encrypted on disk, with the blocks used last in memory."""

    def __init__(self, texts: Iterator[str]) -> None:
        self._coming, self._file = texts, EncryptedTemporaryFile()
        self._ends = array("Q", [0])
        self._kept: OrderedDict[int, list[str]] = OrderedDict()

    def __getitem__(self, number: int) -> str:
        """Return a text; those up to it are stored when it is asked for."""
        if number < 0:
            raise Unreadable
        block, place = divmod(number, _BLOCK)
        texts = self._kept.get(block)
        if texts is None:
            texts = self._block(block)
        else:
            self._kept.move_to_end(block)
        return texts[place]

    def _block(self, number: int) -> list[str]:
        while len(self._ends) <= number + 1:
            coming = list(islice(self._coming, _BLOCK))
            if not coming:
                raise Unreadable
            self._file.write(json.dumps(coming).encode())
            self._ends.append(self._file.tell())
        start, end = self._ends[number], self._ends[number + 1]
        self._file.seek(start)
        texts: list[str] = json.loads(self._file.read(end - start) or b"")
        self._kept[number] = texts
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return texts


# --- walking through a part -------------------------------------------------------------------------------------------


class _Walker:
    """Hears what a part holds, by the names of its elements without their prefixes; texts gather in `heard`.

    How a text is pronounced, which eastern spreadsheets write beside it, is left out.
    """

    over = False

    def __init__(self) -> None:
        self.heard: list[str] = []
        self._takes = self._aside = False
        self._length = 0

    def start(self, tag: str, given: dict[str, str]) -> None:
        """An element begins."""
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        if tag in _TEXTS:
            self._takes = not self._aside
        elif tag == "rPh":
            self._aside = True
        elif not self.over:
            self.begin(tag, given)

    def end(self, tag: str) -> None:
        """An element ends."""
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        if tag in _TEXTS:
            self._takes = False
        elif tag == "rPh":
            self._aside = False
        elif not self.over:
            self.finish(tag)

    def begin(self, tag: str, given: dict[str, str]) -> None:
        """An element that is no text begins."""

    def finish(self, tag: str) -> None:
        """An element that is no text ends."""

    def text(self, text: str) -> None:
        """A piece of text."""
        if self._takes:
            self._length += len(text)
            if self._length > _LONGEST:
                raise Unreadable
            self.heard.append(text)

    def said(self) -> str:
        """Return what was heard, and begin again."""
        text = "".join(self.heard)
        self.heard.clear()
        self._length = 0
        return _CODED.sub(_decoded, text) if "_x" in text else text


def _decoded(found: re.Match[str]) -> str:
    return chr(int(found[1], 16))


def _walk(archive: zipfile.ZipFile, part: str, walker: _Walker) -> Iterator[None]:
    """Walk through a part of the archive, and stop after each piece of it."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = walker.start, walker.end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = walker.text, _refuse_entities
    fed = 0
    with archive.open(part) as stream:
        while not walker.over and (piece := stream.read(_PART)):
            parser.Parse(piece, False)
            fed += len(piece)
            if fed - parser.CurrentByteIndex > _LONGEST:
                raise Unreadable
            yield
        if not walker.over:
            parser.Parse(b"", True)
            yield


def _refuse_entities(*_declared: Any) -> None:
    raise Unreadable


class _Rows(_Walker):
    """Hears the rows of a sheet, up to the end of its table."""

    def __init__(self, texts: SharedTexts, numbers: Sequence["Callable[[float], Any]"]) -> None:
        super().__init__()
        self.rows: list[tuple[int, Sequence[Any]]] = []
        self._texts, self._numbers = texts, numbers
        self._row: list[Any] = []
        self._number = 0
        self._column = -1
        self._kind, self._style = "n", 0
        self._columns: dict[str, int] = {}

    def begin(self, tag: str, given: dict[str, str]) -> None:
        if tag == "c":
            place = given.get("r")
            self._column = self._column + 1 if place is None else self._column_of(place)
            self._kind, self._style = given.get("t", "n"), int(given.get("s", 0))
        elif tag == "row":
            number = int(given.get("r", self._number + 1))
            if not self._number < number <= MAX_ROWS:
                raise Unreadable
            self._number, self._column, self._row = number, -1, []

    def finish(self, tag: str) -> None:
        if tag == "c":
            if self.heard:
                self._add(self._value(self.said()))
        elif tag == "row":
            self.rows.append((self._number, self._row))
        elif tag == "sheetData":
            self.over = True

    def _column_of(self, place: str) -> int:
        letters = place.rstrip("0123456789")
        column = self._columns.get(letters)
        if column is None:
            column = self._columns[letters] = column_index(letters)
        return column

    def _add(self, value: Any) -> None:
        row = self._row
        if not len(row) <= self._column < MAX_COLUMNS:
            raise Unreadable
        if len(row) < self._column:
            row.extend([None] * (self._column - len(row)))
        row.append(value)

    def _value(self, text: str) -> Any:
        kind = self._kind
        if kind == "s":
            return self._texts[int(text)]
        if kind == "n":
            number = float(text)
            return self._numbers[self._style](number) if self._style < len(self._numbers) else number
        if kind == "b":
            return text.strip() in ("1", "true")
        return _moment(text) if kind == "d" else text


class _Texts(_Walker):
    """Hears the texts that cells share: one for each entry, however many its pieces."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def finish(self, tag: str) -> None:
        if tag == "si":
            self.texts.append(self.said())


class _Formats(_Walker):
    """Hears which number format each style of the cells has."""

    def __init__(self) -> None:
        super().__init__()
        self.codes: dict[int, str] = {}
        self.used: list[int] = []
        self._of_cells = False

    def begin(self, tag: str, given: dict[str, str]) -> None:
        if tag == "numFmt":
            self.codes[int(given.get("numFmtId", -1))] = given.get("formatCode", "")
        elif tag == "cellXfs":
            self._of_cells = True
        elif tag == "xf" and self._of_cells:
            self.used.append(int(given.get("numFmtId", 0)))

    def finish(self, tag: str) -> None:
        if tag == "cellXfs":
            self.over = True


# --- numbers that are days --------------------------------------------------------------------------------------------


def column_index(letters: str) -> int:
    """Return the place of a column from its letters, counted from 0; raises `Unreadable`."""
    index = 0
    for letter in letters:
        if not "A" <= letter <= "Z":
            raise Unreadable
        index = index * 26 + ord(letter) - 64
    return index - 1


def _built_in(number: int) -> str:
    if number == _BUILT_IN_DURATION:
        return "[h]:mm:ss"
    return "d" if number in _BUILT_IN_DAYS else ""


def _reading(code: str, since_1904: bool) -> "Callable[[float], Any]":
    """Return how a number of this format is read."""
    shown = _SHOWN.sub("", code.split(";")[0])
    if _DURATION.search(shown):
        return _duration
    if _DAYS.search(_BRACKETS.sub("", shown)):
        return _since_1904 if since_1904 else _since_1900
    return float


def _duration(number: float) -> Any:
    try:
        return timedelta(seconds=round(number * 86_400))
    except OverflowError:
        return number


def _since_1904(number: float) -> Any:
    return _day(number, datetime(1904, 1, 1))  # noqa: DTZ001  a cell has no zone


def _since_1900(number: float) -> Any:
    # Spreadsheets have a 29 February 1900.
    return _day(number, datetime(1899, 12, 31 if number < 60 else 30))  # noqa: DTZ001


def _day(number: float, zero: datetime) -> Any:
    """Return the moment of a number: a time below one, a day without hours, both; the number when it is no moment."""
    if number < 0:
        return number
    try:
        moment = zero + timedelta(seconds=round(number * 86_400))
    except OverflowError:
        return number
    if number < 1:
        return moment.time()
    return moment if moment.time() != time() else moment.date()


def _moment(text: str) -> Any:
    try:
        if len(text) == 10:
            return date.fromisoformat(text)
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return text
