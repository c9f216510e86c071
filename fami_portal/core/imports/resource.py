# SPDX-License-Identifier: EUPL-1.2
"""The base of the resources: django-import-export translates the rows, services in bulk write them.

A resource holds no row longer than its chunk. The same road serves the check and the writing, so that what was shown
is what is written: headers, cells, rows, then `plan`, which reads the database; `write` follows in the writing alone.
"""

import hashlib
import hmac
import json
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from django.conf import settings
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export.resources import Resource

from fami_portal.core.enums import RowEffect
from fami_portal.core.imports.columns import Column
from fami_portal.core.imports.reading import FileRefused, Table, column_letters
from fami_portal.core.imports.registry import Place
from fami_portal.core.imports.rows import Firsts, Line, plain, where_read

CHUNK = 1_000
# Columns of our own result files: sent back with the corrected rows, they are not read.
OUTCOME, PROBLEMS, NOTE = gettext_lazy("Outcome"), gettext_lazy("What to correct"), gettext_lazy("Given by the portal")


class ImportResource(Resource):
    """The rows of one kind of file. Subclasses declare columns, and say `key_of`, `plan` and `write`."""

    # The name of the sheet of the template.
    sheet: Any = gettext_lazy("Data")
    # Whether headers that nobody knows are left out in silence: official files have many.
    other_columns = False
    # Whether `look_ahead` wants all rows before the first is planned.
    looks_ahead = False

    def __init__(self, *, user: Any, place: Place | None = None, at: datetime) -> None:
        super().__init__()
        self.user, self.place, self.at = user, place, at
        self._seen = Firsts()

    @property
    def columns(self) -> dict[str, Column]:
        """The columns by the name of their field, in order."""
        return self.fields  # type: ignore[no-any-return]

    # --- what a kind says ---------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Read once what all rows need, before the first one."""

    def look_ahead(self, line: Line) -> None:
        """See one row of the whole file before the first is planned; its values are read, nothing is checked."""

    def key_of(self, values: dict[str, Any]) -> Hashable | None:
        """Return what must be in a file once; None for a row that may be there again."""
        return None

    def check(self, line: Line) -> None:
        """Say what one cell says against another."""

    def plan(self, lines: Sequence[Line]) -> None:
        """Say what each row does: refuse it, or compare it with what is there. Writes nothing.

        Rows come with cells that could not be read, so that all their problems are told at once: what a row says is
        looked at inside `where_read`, and compared only where the row is sound.
        """
        raise NotImplementedError

    def write(self, lines: Sequence[Line]) -> None:
        """Write the planned rows through the services of the app, in a number of queries that their number does not set."""
        raise NotImplementedError

    def finish(self) -> None:
        """Write what needs all rows, after the last one."""

    def title_of(self, values: dict[str, Any]) -> str:
        """Return how a difference calls a row, without a word about a person; nothing where its number must do."""
        return ""

    # --- the road of a file -------------------------------------------------------------------------------------------

    def places_of(self, table: Table) -> dict[int, str]:
        """Return which column of a file is which of ours, by position. Raises `FileRefused` that names the cell."""
        known = {header: name for name, column in self.columns.items() for header in column.headers(name)}
        ours = {plain(OUTCOME), plain(PROBLEMS), plain(NOTE)}
        found: dict[int, str] = {}
        for position, header in enumerate(table.headers):
            text = plain(header.text)
            name = known.get(text)
            if name is None:
                if text and text not in ours and not self.other_columns:
                    raise FileRefused(
                        _(
                            "Cell %(cell)s: this column is not one of this import. Is it the right file and the right "
                            "sheet? The columns are: %(columns)s."
                        )
                        % {"cell": header.cell, "columns": self._words(list(self.columns))}
                    )
                continue
            if name in found.values():
                raise FileRefused(
                    _("Cell %(cell)s: the column “%(column)s” is there twice.")
                    % {"cell": header.cell, "column": self.columns[name].label}
                )
            found[position] = name
        missing = [name for name, column in self.columns.items() if column.required and name not in found.values()]
        if missing:
            raise FileRefused(
                _("These columns are missing in the first row: %(columns)s. Download the template and copy your rows.")
                % {"columns": self._words(missing)}
            )
        return found

    def _words(self, names: Sequence[str]) -> str:
        return get_text_list([f"“{self.columns[name].label}”" for name in names], _("and"))

    def lines(self, table: Table) -> Iterator[Line]:
        """Give the rows with their cells read; every problem of every cell is in them."""
        places = self.places_of(table)
        empty = dict.fromkeys(self.columns)
        for number, row in table.rows():
            cells = dict(empty)
            for position, name in places.items():
                if position < len(row):
                    cells[name] = row[position]
            line = Line(number, cells)
            for name, column in self.columns.items():
                try:
                    line.values[name] = column.read(cells)
                except ValueError as error:
                    line.refuse(name, error)
            yield line

    def chunks(self, table: Table, *, size: int | None = None) -> Iterator[list[Line]]:
        """Give the planned rows, some at a time; `write` may follow each before the next is asked for."""
        self.prepare()
        if self.looks_ahead:
            for line in self.lines(table):
                where_read(self.look_ahead, line)
        lines = self.lines(table)
        while chunk := list(islice(lines, size or CHUNK)):
            for line in chunk:
                where_read(self.check, line)
                where_read(self._once, line)
            self.plan(chunk)
            for line in chunk:
                if line.problems:
                    line.effect = RowEffect.REFUSED
            yield chunk

    def _once(self, line: Line) -> None:
        key = self.key_of(line.values)
        if key is None:
            return
        first = self._seen.first(key, line.number)
        if first != line.number:
            line.refuse("", _("This is in row %(row)s already: leave it once.") % {"row": first})


MOST_PROBLEMS = 1_000
MOST_CHANGES = 300
HIDDEN = "•••"


@dataclass
class Assessment:
    """What a file does: counts, a digest of the whole, and the first problems and differences for the page."""

    resource: ImportResource
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(RowEffect.values, 0))
    problems: list[tuple[int, str, str]] = field(default_factory=list)
    changes: list[tuple[int, str, str, list[tuple[str, str, str]]]] = field(default_factory=list)
    found: int = 0

    def __post_init__(self) -> None:
        self._digest = hmac.new(settings.SECRET_KEY.encode(), b"import", hashlib.sha256)

    def add(self, lines: Sequence[Line]) -> None:
        """Count rows, and keep what a page shows of them."""
        columns = self.resource.columns
        for line in lines:
            self.counts[line.effect] += 1
            self._digest.update(json.dumps([line.number, line.effect, line.changes]).encode())
            self.found += len(line.problems)
            for problem in line.problems:
                if len(self.problems) < MOST_PROBLEMS:
                    label = str(columns[problem.column].label) if problem.column in columns else ""
                    self.problems.append((line.number, label, problem.message))
            if line.effect in (RowEffect.NEW, RowEffect.CHANGED) and len(self.changes) < MOST_CHANGES:
                self.changes.append(
                    (line.number, line.effect, self.resource.title_of(line.values), self._shown(line, columns))
                )

    def _shown(self, line: Line, columns: dict[str, Column]) -> list[tuple[str, str, str]]:
        shown = []
        for name, (before, after) in line.changes.items():
            column = columns[name]
            values = (HIDDEN, HIDDEN) if column.sensitive else (column.shown(before), column.shown(after))
            shown.append((str(column.label), *values))
        return shown

    @property
    def outcome(self) -> str:
        """The digest of what each row does."""
        return self._digest.hexdigest()

    @property
    def total(self) -> int:
        """How many rows there are."""
        return sum(self.counts.values())

    @property
    def refused(self) -> int:
        """How many rows must be corrected."""
        return self.counts[RowEffect.REFUSED]

    def report(self) -> dict[str, Any]:
        """Return what the page of the import shows."""
        return {"found": self.found, "problems": self.problems, "changes": self.changes}


def problem_cell(resource: ImportResource, table: Table, number: int, column: str) -> str:
    """Return the cell of a problem as a spreadsheet calls it, for instance C12."""
    for position, name in resource.places_of(table).items():
        if name == column:
            return f"{column_letters(position)}{number}"
    return ""
