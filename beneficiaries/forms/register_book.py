# SPDX-License-Identifier: EUPL-1.2
"""The workbook of a register that comes back: laid on the sheet cell by cell, or refused with what to do."""

import io
from collections.abc import Mapping, Sequence
from typing import IO, Any

from django.utils.translation import gettext as _

from actions.models import Activity, Meeting
from beneficiaries.forms.register_blocks import BlockRefused, Proposed
from beneficiaries.forms.registers import SheetCell, SheetRow, TypedCell, typed_text
from beneficiaries.rendering.register_book import BEFORE, HIDDEN, SHEET, secret_of
from fami_portal.core import filetypes
from fami_portal.core.imports.reading import FileRefused, Workbook, column_letters

MAX_BYTES = 5 * 1024 * 1024
# Rows of a register are people in a room: what has more was made with something else.
MAX_ROWS = 1000


class BookRefused(BlockRefused):
    """The file cannot be taken; nothing of it was."""

    def __init__(self, message: object) -> None:
        super().__init__(message)
        self.field = "file"


def read_book(
    file: IO[bytes], name: str, *, activity: Activity, rows: Sequence[SheetRow], meetings: Sequence[Meeting]
) -> list[Proposed]:
    """Return the cells of a workbook that changed since it went out, each with its cell (“D7”).

    What it held when it went out is what each is compared with, so that a cell that somebody changed meanwhile is told.
    Raises `BookRefused`.
    """
    content = _checked(file, name)
    try:
        table = Workbook(content, SHEET)
    except FileRefused as error:
        raise BookRefused(str(error)) from error
    if table.height > MAX_ROWS:
        raise BookRefused(
            _("The file has %(rows)s rows, and this register has %(own)s recipients: download the register again.")
            % {"rows": table.height, "own": len(rows)}
        )
    secret = _secret(content, activity)
    columns = _columns(table, secret, meetings)
    return list(_cells(table, secret, columns, rows))


def _checked(file: IO[bytes], name: str) -> IO[bytes]:
    kind = filetypes.TYPES["xlsx"]
    if not name.lower().endswith(kind.extensions):
        raise BookRefused(_("Send the workbook (.xlsx) that you downloaded from this register."))
    content = io.BytesIO(file.read(MAX_BYTES + 1))
    if len(content.getvalue()) > MAX_BYTES:
        raise BookRefused(_("The file is too big for a register: send the one that you downloaded here."))
    problem = filetypes.problem_with(kind, content)
    if problem:
        raise BookRefused(problem)
    content.seek(0)
    return content


def _secret(content: IO[bytes], activity: Activity) -> Mapping[str, Any]:
    content.seek(0)
    try:
        hidden = Workbook(content, HIDDEN)
        secret = secret_of("".join([hidden.headers[0].text, *(str(row[0]) for _number, row in hidden.rows())]))
    except (FileRefused, ValueError) as error:
        raise BookRefused(
            _(
                "This is not the register that the portal handed out, or a part of it is missing: download it again and "
                "copy the presences into it."
            )
        ) from error
    if secret["activity"] != str(activity.uuid):
        raise BookRefused(_("This is the register of another activity: open that one and send it there."))
    return secret


def _columns(table: Workbook, secret: Mapping[str, Any], meetings: Sequence[Meeting]) -> list[int | None]:
    """Return the id of the meeting of each column; None for one that is not there any more."""
    headers = {header.cell: header.text for header in table.headers}
    there = {meeting.pk for meeting in meetings}
    columns: list[int | None] = []
    for index, (meeting, title) in enumerate(secret["meetings"], start=BEFORE):
        cell = f"{column_letters(index)}1"
        if headers.get(cell) != title:
            raise BookRefused(
                _("In cell %(cell)s “%(title)s” is expected: the columns were moved. Download the register again.")
                % {"cell": cell, "title": title}
            )
        columns.append(meeting if meeting in there else None)
    if len(table.headers) > BEFORE + len(columns):
        raise BookRefused(
            _("From column %(column)s on there is something that is not of the register: delete it.")
            % {"column": column_letters(BEFORE + len(columns))}
        )
    return columns


def _cells(
    table: Workbook, secret: Mapping[str, Any], columns: Sequence[int | None], rows: Sequence[SheetRow]
) -> list[Proposed]:
    sent = {int(enrolment): marks for enrolment, marks in secret["rows"]}
    sheet = {row.row.enrolment.pk: row for row in rows}
    seen: dict[int, int] = {}
    found: list[Proposed] = []
    for number, values in table.rows():
        enrolment = _whole(values[0])
        if enrolment is None and not any(_text(value) for value in values[BEFORE:]):
            continue
        row = sheet.get(enrolment or 0)
        if enrolment not in sent or row is None:
            raise BookRefused(
                _("Row %(row)s is not of this register: enrol the recipient first, then download the register again.")
                % {"row": number}
            )
        if enrolment in seen:
            raise BookRefused(
                _("Rows %(first)s and %(second)s are of the same recipient: leave one of them.")
                % {"first": seen[enrolment], "second": number}
            )
        seen[enrolment] = number
        code = _text(values[1]) if len(values) > 1 else ""
        if code not in {row.label, row.second, row.row.enrolment.beneficiary.pseudonym}:
            raise BookRefused(
                _("In row %(row)s the code is not the one of the recipient: the rows were moved. Download it again.")
                % {"row": number}
            )
        cells = {cell.meeting.pk: cell for cell in row.cells}
        for index, (meeting, mark) in enumerate(zip(columns, sent[enrolment], strict=True), start=BEFORE):
            text = _text(values[index]) if index < len(values) else ""
            proposed = _proposed(text, mark, cells.get(meeting or 0), f"{column_letters(index)}{number}")
            if proposed is not None:
                found.append(proposed)
    return found


def _proposed(text: str, mark: str, cell: SheetCell | None, source: str) -> Proposed | None:
    """Return what a cell asks for, None where it is as it went out."""
    if cell is None:
        if text and text != _shown(mark):
            raise BookRefused(
                _("The meeting of cell %(cell)s is not in the register any more: download it again.") % {"cell": source}
            )
        return None
    typed = typed_text((cell.meeting.pk, cell.enrolment_id), text, mark)
    if not typed.error and _mark(typed, cell.meeting) == mark:
        return None
    return Proposed(typed, cell, source)


def _mark(typed: TypedCell, meeting: Meeting) -> str:
    """Return the mark that what was typed means, as `selectors.mark_of` writes it."""
    if typed.state != "present":
        return typed.state
    return f"present:{meeting.minutes if typed.minutes is None else typed.minutes}"


def _shown(mark: str) -> str:
    return {"absent": "A", "justified": "G", "": ""}.get(mark, "P")


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _whole(value: Any) -> int | None:
    text = _text(value)
    return int(text) if text.isdigit() and len(text) < 19 else None
