# SPDX-License-Identifier: EUPL-1.2
"""The register as a workbook that goes out prefilled and comes back: made in memory, handed out, kept nowhere.

The first sheet is for people. Beside it a hidden sheet says, signed, of which activity it is, which columns are which
meetings, which rows which enrolments, and what each cell held when it went out: so that on the way back one change is
told from two.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import xlsxwriter
from django.conf import settings
from django.core import signing
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from actions.models import Activity, Meeting

# Names of sheets in the one language of the file: what goes out in Italian comes back in Italian.
SHEET = "Registro"
GUIDE = "Istruzioni"
HIDDEN = "portale"
VERSION = 1
# Columns before the first meeting: the hidden number of the row, the code, the name.
BEFORE = 3
_SALT = "register book"
# What one cell of a workbook holds, with a margin.
_PART = 30_000


@dataclass(frozen=True, repr=False)
class BookCell:
    """One cell: what it shows, what it holds (`selectors.mark_of`), whether it may be written."""

    text: str
    mark: str
    locked: bool


@dataclass(frozen=True, repr=False)
class BookLine:
    """One recipient of the workbook."""

    enrolment_id: int
    code: str
    name: str
    cells: Sequence[BookCell]


def meeting_header(meeting: Meeting) -> str:
    """Return the header of the column of a meeting."""
    return f"{meeting.held_on:%d/%m/%Y} {meeting.starts_at:%H:%M}"


def register_book(activity: Activity, meetings: Sequence[Meeting], lines: Sequence[BookLine], *, at: datetime) -> bytes:
    """Return the workbook of a register; `lines` have one cell for each of the meetings."""
    target = io.BytesIO()
    # In memory: it may carry names, and no temporary file should.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with translation.override(settings.LANGUAGE_CODE), xlsxwriter.Workbook(target, options) as book:
        book.set_properties({"title": activity.title})
        _register(book, meetings, lines)
        _guide(book, activity, at)
        _secret(book, activity, meetings, lines)
    return target.getvalue()


def _register(book: Any, meetings: Sequence[Meeting], lines: Sequence[BookLine]) -> None:
    head = book.add_format(
        {"bold": True, "font_color": "#FFFFFF", "bg_color": "#0066CC", "text_wrap": True, "border": 1}
    )
    fixed = book.add_format({"bg_color": "#E6E9EC", "border": 1})
    shut = book.add_format({"bg_color": "#E6E9EC", "border": 1, "align": "center"})
    free = book.add_format({"locked": False, "border": 1, "align": "center", "num_format": "@"})
    page = book.add_worksheet(SHEET)
    page.write_string(0, 0, "id", head)
    page.write_string(0, 1, _("Code"), head)
    page.write_string(0, 2, _("Name"), head)
    for column, meeting in enumerate(meetings, start=BEFORE):
        page.write_string(0, column, meeting_header(meeting), head)
    for number, line in enumerate(lines, start=1):
        page.write_number(number, 0, line.enrolment_id, fixed)
        page.write_string(number, 1, line.code, fixed)
        page.write_string(number, 2, line.name, fixed)
        for column, cell in enumerate(line.cells, start=BEFORE):
            style = shut if cell.locked else free
            if cell.text:
                page.write_string(number, column, cell.text, style)
            else:
                page.write_blank(number, column, None, style)
    page.set_column(0, 0, 4, None, {"hidden": True})
    page.set_column(1, 1, 14)
    page.set_column(2, 2, 22)
    page.set_column(BEFORE, BEFORE + max(0, len(meetings) - 1), 11)
    page.set_row(0, 32)
    page.freeze_panes(1, BEFORE)
    page.repeat_rows(0)
    page.set_landscape()
    # Without a password: it only keeps codes and dates from being moved by mistake.
    page.protect("", {"format_columns": True, "format_rows": True})


def _guide(book: Any, activity: Activity, at: datetime) -> None:
    page = book.add_worksheet(GUIDE)
    page.set_column(0, 0, 100, book.add_format({"text_wrap": True, "valign": "top"}))
    for number, text in enumerate(
        [
            activity.title,
            _("Downloaded on %(when)s.") % {"when": f"{timezone.localtime(at):%d/%m/%Y, %H:%M}"},
            _("Write in the white cells: P present, A absent, G absence justified, P45 a presence of 45 minutes."),
            _("An empty cell is not recorded. The grey cells cannot be written."),
            _(
                "Add no rows and no columns, merge no cells, write no formulas: then send the file back on the same page."
            ),
            _("Before anything is written you see what would change."),
            _("The file says who takes part: keep it locked, and delete it when it has been sent."),
        ]
    ):
        page.write_string(number, 0, text)


def _secret(book: Any, activity: Activity, meetings: Sequence[Meeting], lines: Sequence[BookLine]) -> None:
    page = book.add_worksheet(HIDDEN)
    text = signing.dumps(
        {
            "version": VERSION,
            "activity": str(activity.uuid),
            "meetings": [[meeting.pk, meeting_header(meeting)] for meeting in meetings],
            "rows": [[line.enrolment_id, [cell.mark for cell in line.cells]] for line in lines],
        },
        salt=_SALT,
        compress=True,
    )
    for number, begin in enumerate(range(0, len(text), _PART)):
        page.write_string(number, 0, text[begin : begin + _PART])
    page.very_hidden()


def secret_of(text: str) -> Mapping[str, Any]:
    """Return what the hidden sheet of a workbook says; raises `ValueError` when the portal did not write it so."""
    try:
        found = signing.loads(text, salt=_SALT)
    except signing.BadSignature as error:
        raise ValueError("not a register of the portal") from error
    if not isinstance(found, dict) or found.get("version") != VERSION:
        raise ValueError("another version")
    return found
