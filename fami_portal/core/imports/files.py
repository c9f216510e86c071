# SPDX-License-Identifier: EUPL-1.2
"""The files that go out: the template of a kind, and the rows of a file back with what is wrong in each."""

import io
import tempfile
from collections.abc import Iterable
from typing import IO, Any

import xlsxwriter
from django.utils.translation import gettext as _

from fami_portal.core.enums import RowEffect
from fami_portal.core.exports import CellType, Sheet, write_csv, write_xlsx
from fami_portal.core.exports import Column as Written
from fami_portal.core.imports.columns import Cell, Code, Column, Day, Hour, Text, Whole, as_text
from fami_portal.core.imports.resource import NOTE, OUTCOME, PROBLEMS, ImportResource
from fami_portal.core.imports.rows import Line
from fami_portal.core.uploads import EncryptedTemporaryFile

# Rows for which the template has lists and help ready.
PREPARED = 2_000
# So many rows go back as a workbook held in memory; more of them as a CSV, whatever their number.
WORKBOOK_ROWS = 5_000


def write_template(resource: ImportResource) -> bytes:
    """Return the empty workbook of a kind: headers, help at each column, closed lists, and a sheet that explains."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    required = book.add_format({"bold": True, "font_color": "#FFFFFF", "bg_color": "#0066CC", "text_wrap": True})
    optional = book.add_format({"bold": True, "font_color": "#17324D", "bg_color": "#D9E6F2", "text_wrap": True})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    formats = {
        "text": book.add_format({"num_format": "@"}),
        "day": book.add_format({"num_format": "dd/mm/yyyy"}),
        "hour": book.add_format({"num_format": "hh:mm"}),
        "": book.add_format({}),
    }
    data, guide, lists = (book.add_worksheet(str(name)) for name in (resource.sheet, _("Help"), _("Lists")))
    for index, width in enumerate((28, 14, 90)):
        guide.set_column(index, index, width)
    for index, text in enumerate((_("Column"), _("Required"), _("What to write"))):
        guide.write_string(0, index, text, required)
    for index, column in enumerate(resource.columns.values()):
        label = str(column.label)
        data.set_column(index, index, max(14, min(len(label) + 4, 32)), formats[_format_of(column.widget)])
        data.write_string(
            0, index, f"{label} *" if column.required else label, required if column.required else optional
        )
        choices = column.choices()
        words = help_of(column, choices)
        guide.write_string(index + 1, 0, label, wrapped)
        guide.write_string(index + 1, 1, _("yes") if column.required else "", wrapped)
        guide.write_string(index + 1, 2, words, wrapped)
        rule: dict[str, Any] = {"input_title": label[:32], "input_message": words[:255], "validate": "any"}
        if choices:
            lists.write_string(0, index, label, optional)
            for row, choice in enumerate(choices, start=1):
                lists.write_string(row, index, choice)
            last = len(choices) + 1
            letters = xlsxwriter.utility.xl_col_to_name(index, col_abs=True)
            source = f"='{_('Lists')}'!{letters}$2:{letters}${last}"
            rule |= {"validate": "list", "source": source, "error_title": label[:32], "error_message": words[:255]}
        data.data_validation(1, index, PREPARED, index, rule)
    data.freeze_panes(1, 0)
    book.close()
    return content.getvalue()


def _format_of(widget: Cell) -> str:
    if isinstance(widget, Day):
        return "day"
    if isinstance(widget, Hour):
        return "hour"
    # Codes keep their zeros and texts are never taken for dates.
    return "text" if isinstance(widget, Code | Text) else ""


def help_of(column: Column, choices: list[str]) -> str:
    """Say what is written in a column; `choices` are the words of its closed list."""
    words = str(column.help or "")
    if isinstance(column.widget, Day):
        words = words or _("A day, as 15/03/2026.")
    if isinstance(column.widget, Hour):
        words = words or _("A time, as 14:30.")
    if isinstance(column.widget, Whole):
        words = words or _("A whole number.")
    if choices and not words:
        words = _("Choose from the list.")
    return words or str(column.label)


def write_result(
    resource: ImportResource, lines: Iterable[Line], *, rows: int, identity: bool
) -> tuple[str, IO[bytes]]:
    """Return the ending of the name and the file with the rows as they came, each with its outcome and its problems.

    Rows are taken one at a time. What holds names touches no disk in the clear.
    """
    labels = {name: column.label for name, column in resource.columns.items()}
    columns = [
        Written(OUTCOME, lambda line: RowEffect(line.effect).label, width=16),
        Written(PROBLEMS, lambda line: _told(labels, line), width=60),
        *(Written(label, _reader(name), CellType.TEXT) for name, label in labels.items()),
    ]
    columns.append(Written(NOTE, lambda line: line.note or None))
    target: Any
    small = rows <= WORKBOOK_ROWS
    # Whoever reads it closes it.
    in_memory = identity and small
    target = io.BytesIO() if in_memory else EncryptedTemporaryFile() if identity else tempfile.TemporaryFile()  # noqa: SIM115
    try:
        if small:
            title = _("Result of an import")
            write_xlsx(target, [Sheet(resource.sheet, columns, lines)], title=title, in_memory=identity)
        else:
            write_csv(target, columns, lines)
    except BaseException:
        target.close()
        raise
    target.seek(0)
    return ".xlsx" if small else ".csv", target


def _reader(name: str) -> Any:
    def read(line: Line) -> Any:
        value = line.cells.get(name)
        return None if value in (None, "") else as_text(value)

    return read


def _told(labels: dict[str, Any], line: Line) -> str | None:
    sentences = [
        f"{labels[problem.column]}: {problem.message}" if problem.column in labels else problem.message
        for problem in line.problems
    ]
    return "\n".join(sentences) or None
