# SPDX-License-Identifier: EUPL-1.2
"""Blocks of a register that come from a spreadsheet: pasted, or in the workbook that the portal handed out.

Here a block is read and laid on the sheet; whether its cells may be written is asked of the service afterwards. Nothing
that a cell holds is said again in a refusal of the whole block: beside presences people copy names.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from actions.models import Meeting
from beneficiaries.forms.registers import SheetCell, SheetRow, TypedCell, read_cell, typed_text
from fami_portal.core.errors import DomainError

MAX_ROWS = 500
MAX_COLUMNS = 100
_DATE = re.compile(r"(?:\w{2,4}\.?\s+)?(\d{1,2})[/.\-](\d{1,2})(?:[/.\-](\d{2}|\d{4}))?(?:\s.*)?", re.DOTALL)
# So many values of a block that the register holds one column further are no coincidence.
TELLING = 3


@dataclass(frozen=True)
class Proposed:
    """One cell of a block on its place in the register, with where it stood in the spreadsheet ("" for a paste)."""

    typed: TypedCell
    sheet: SheetCell
    source: str = ""


class BlockRefused(DomainError):
    """The block as a whole does not fit there; nothing of it was taken."""

    def __init__(self, message: object) -> None:
        super().__init__(message, field="text")


def read_pasted(
    text: str, rows: Sequence[SheetRow], meetings: Sequence[Meeting], start: tuple[int, int]
) -> list[Proposed]:
    """Lay a pasted text on the sheet from one cell on (ids of meeting and enrolment); empty cells change nothing.

    A row of dates above and columns of codes on the left are compared with the register, then left out. Raises
    `BlockRefused` for a block that is wider or longer than what is there, or that stands one column or row aside.
    """
    block = _parsed(text)
    column = next((index for index, one in enumerate(meetings) if one.pk == start[0]), None)
    line = next((index for index, one in enumerate(rows) if one.row.enrolment.pk == start[1]), None)
    if column is None or line is None:
        raise BlockRefused(_("The cell where the block begins is not in this register: choose it again."))
    block, dates = _without_dates(block)
    labels = _label_columns(block, dates)
    _check_labels(block, labels, rows[line:])
    if dates:
        _check_dates(dates[labels:], meetings, column)
    block = [row[labels:] for row in block]
    _check_numbering(block)
    _check_fits(block, rows, line, len(meetings) - column)
    _check_not_beside(block, rows, line, column)
    return [
        Proposed(typed_text((cell.meeting.pk, cell.enrolment_id), value, cell.was), cell)
        for row, values in zip(rows[line:], block, strict=False)
        for cell, value in zip(row.cells[column:], values, strict=False)
        if value
    ]


def _parsed(text: str) -> list[list[str]]:
    try:
        block = [
            [" ".join(value.split()) for value in row]
            for row in csv.reader(io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n")), delimiter="\t")
        ]
    except csv.Error as error:
        raise BlockRefused(_("The block cannot be read: copy the cells again from the spreadsheet.")) from error
    while block and not any(block[-1]):
        block.pop()
    if not block:
        raise BlockRefused(_("There is nothing to paste: copy the cells of the spreadsheet first."))
    if len(block) > MAX_ROWS or max(map(len, block)) > MAX_COLUMNS:
        raise BlockRefused(
            _("The block has %(rows)s rows and %(columns)s columns: copy the presences alone.")
            % {"rows": len(block), "columns": max(map(len, block))}
        )
    return block


def _day(text: str) -> tuple[int, int, int | None] | None:
    """Return day, month and year of a text that begins with a date."""
    found = _DATE.fullmatch(text)
    if not found:
        return None
    day, month = int(found[1]), int(found[2])
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return None
    year = int(found[3]) if found[3] else None
    return day, month, year + 2000 if year is not None and year < 100 else year


def _without_dates(block: list[list[str]]) -> tuple[list[list[str]], list[str]]:
    """Take the row of dates off the block, and what is between it and the first row of presences (lengths, say)."""
    if not any(_day(value) for value in block[0]):
        return block, []
    rest = block[1:]
    if not rest:
        raise BlockRefused(_("The block holds dates alone: copy the presences too."))
    return rest, block[0]


def _is_mark(text: str) -> bool:
    try:
        read_cell(text)
    except ValidationError:
        return False
    return True


def _label_columns(block: Sequence[Sequence[str]], dates: Sequence[str]) -> int:
    """Return how many columns on the left hold codes or names: those before the first date, or without one presence."""
    if dates:
        return next(index for index, value in enumerate(dates) if _day(value))
    number = 0
    for column in range(max(map(len, block))):
        values = [row[column] for row in block if column < len(row) and row[column]]
        if not values or any(_is_mark(value) for value in values):
            break
        number += 1
    return number


def _check_labels(block: Sequence[Sequence[str]], labels: int, rows: Sequence[SheetRow]) -> None:
    """Compare the texts on the left with the recipients of the rows: one of them must be the code of each row."""
    if not labels:
        return
    for number, (line, row) in enumerate(zip(block, rows, strict=False), start=1):
        known = {
            word.casefold()
            for word in (row.label, row.second, row.row.enrolment.beneficiary.pseudonym, row.name)
            if word
        }
        texts = {value.casefold() for value in line[:labels] if value}
        if texts and not texts & known:
            raise BlockRefused(
                _(
                    "Row %(row)s of the block begins with something that is neither a presence nor the code of %(code)s: "
                    "the block is one column off, or its rows are in another order. Copy the presences alone, from "
                    "their first column, or put the rows in the order of the register."
                )
                % {"row": number, "code": row.label}
            )


def _check_dates(dates: Sequence[str], meetings: Sequence[Meeting], column: int) -> None:
    """Compare the dates above with the meetings from the chosen column on."""
    for offset, text in enumerate(dates):
        day = _day(text)
        if day is None:
            if text:
                raise BlockRefused(
                    _("Above one of the columns of the block there is no date: copy the presences alone.")
                )
            continue
        meeting = meetings[column + offset] if column + offset < len(meetings) else None
        if meeting is not None and _same(meeting.held_on, day):
            continue
        right = next((one for one in meetings if _same(one.held_on, day)), None)
        shown = f"{day[0]:02d}/{day[1]:02d}"
        if right is None:
            raise BlockRefused(_("The register has no meeting on %(day)s, which the block has.") % {"day": shown})
        if meeting is None:
            raise BlockRefused(_("The block has more meetings than the register from the chosen cell on."))
        raise BlockRefused(
            _(
                "The block is shifted: its column of %(day)s would fall on the meeting of %(other)s. Choose the cell "
                "under %(right)s and paste again."
            )
            % {"day": shown, "other": f"{meeting.held_on:%d/%m/%Y}", "right": _first_of(dates, meetings) or shown}
        )


def _first_of(dates: Sequence[str], meetings: Sequence[Meeting]) -> str:
    first = next((day for text in dates if (day := _day(text))), None)
    found = next((one for one in meetings if first and _same(one.held_on, first)), None)
    return f"{found.held_on:%d/%m/%Y}" if found else ""


def _same(held_on: date, day: tuple[int, int, int | None]) -> bool:
    return (held_on.day, held_on.month) == day[:2] and day[2] in (None, held_on.year)


def _check_numbering(block: Sequence[Sequence[str]]) -> None:
    """Refuse a first column that counts the rows: its numbers would be read as minutes."""
    first = [row[0] if row else "" for row in block]
    if len(first) < TELLING or not first[0].isdigit():
        return
    if first == [str(number) for number in range(int(first[0]), int(first[0]) + len(first))]:
        raise BlockRefused(
            _(
                "The first column of the block counts the rows: the block is one column off. Copy from the first presences."
            )
        )


def _check_fits(block: Sequence[Sequence[str]], rows: Sequence[SheetRow], line: int, columns: int) -> None:
    if len(block) > len(rows) - line:
        raise BlockRefused(
            _("The block has %(rows)s rows, and from the chosen cell on the register has %(left)s.")
            % {"rows": len(block), "left": len(rows) - line}
        )
    width = max(max((index for index, value in enumerate(row, start=1) if value), default=0) for row in block)
    if width > columns:
        raise BlockRefused(
            _("The block has %(columns)s columns, and from the chosen cell on the register has %(left)s meetings.")
            % {"columns": width, "left": columns}
        )


def _check_not_beside(block: Sequence[Sequence[str]], rows: Sequence[SheetRow], line: int, column: int) -> None:
    """Refuse a block that contradicts what is written here and agrees with the column beside: it was copied from there."""
    here = _agreement(block, rows, line, column)
    if here[1] < TELLING:
        return
    for aside, words in (
        (-1, _("one column to the left")),
        (1, _("one column to the right")),
    ):
        agreed, contradicted = _agreement(block, rows, line, column + aside)
        if agreed >= max(TELLING, here[1]) and not contradicted:
            raise BlockRefused(
                _(
                    "The block is one column off: its values are in the register already, %(where)s of the chosen cell, "
                    "and contradict what is written here. Choose the right cell and paste again."
                )
                % {"where": words}
            )


def _agreement(block: Sequence[Sequence[str]], rows: Sequence[SheetRow], line: int, column: int) -> tuple[int, int]:
    """Return how many values agree with what is written where they would go, and how many contradict it."""
    agreed = contradicted = 0
    for row, values in zip(rows[line:], block, strict=False):
        for offset, value in enumerate(values):
            if not value or not 0 <= column + offset < len(row.cells):
                continue
            cell = row.cells[column + offset]
            if not cell.was or not _is_mark(value):
                continue
            if read_cell(value) == read_cell(cell.text):
                agreed += 1
            else:
                contradicted += 1
    return agreed, contradicted


# --- what the person confirms -----------------------------------------------------------------------------------------


def packed(cells: Sequence[TypedCell]) -> list[list[Any]]:
    """Return cells as the page carries them from the preview to the confirmation: ids and marks, no names."""
    return [[cell.meeting_id, cell.enrolment_id, cell.state, cell.minutes, cell.was] for cell in cells]
