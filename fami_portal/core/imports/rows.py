# SPDX-License-Identifier: EUPL-1.2
"""One row of an imported file on its way: what stood in its cells, what was read, what is wrong, what it does."""

import unicodedata
from array import array
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from fami_portal.core import subject
from fami_portal.core.enums import RowEffect
from fami_portal.core.errors import DomainError


@dataclass(frozen=True)
class Problem:
    """Why a row cannot be taken: the column (empty: the whole row) and a sentence. It repeats no word about a person."""

    column: str
    message: str


class Unread(LookupError):
    """The value of a cell that could not be read: the person was told, and what it would say is not known."""


class Values(dict[str, Any]):
    """What was read of the cells of a row, by the names of the columns; the others are not there."""

    def __missing__(self, name: str) -> Any:
        raise Unread(name)


def where_read(act: Callable[..., Any], *given: Any) -> Any:
    """Run a check of a row as far as its cells were read; what follows a cell that was not is left out, and None returned."""
    try:
        return act(*given)
    except Unread:
        return None


@dataclass(slots=True, repr=False)
class Line:
    """One row. Its `repr` says nothing: it ends up in error reports."""

    # As the spreadsheet shows it: the headers are row 1.
    number: int
    cells: dict[str, Any]
    values: Values = field(default_factory=Values)
    problems: list[Problem] = field(default_factory=list)
    effect: RowEffect = RowEffect.SAME
    # What changes, by column: before and after, as they are read.
    changes: dict[str, tuple[str, str]] = field(default_factory=dict)
    # What the portal has of it already, or what the bulk service found out for its second half.
    kept: Any = None
    # What the result file says beside the row, for instance the pseudonym given to somebody.
    note: str = ""

    def refuse(self, column: str, message: object) -> None:
        """Add a problem: the row, and with it the file, is refused. Of a cell that was not read nothing more is said."""
        self.effect = RowEffect.REFUSED
        unread = column in self.cells and column not in self.values
        if not unread or all(problem.column != column for problem in self.problems):
            self.problems.append(Problem(column, str(message)))

    def refuse_as(self, error: DomainError) -> None:
        """Add the refusal of a service, at the column of its field."""
        self.refuse(error.field if error.field in self.cells else "", error)

    def read(self, *names: str) -> bool:
        """Whether these cells were read; without names, all of the row."""
        return all(name in self.values for name in names or self.cells)

    @property
    def is_refused(self) -> bool:
        """Whether something of it must be corrected."""
        return bool(self.problems)

    def compare(self, pairs: Iterable[tuple[str, Any, Any]]) -> None:
        """Say what changes: column, value now, value wanted. Without changes the row is the same."""
        if self.problems:
            return
        for column, before, after in pairs:
            if before != after:
                self.changes[column] = (subject.text(before), subject.text(after))
        self.effect = RowEffect.CHANGED if self.changes else RowEffect.SAME


def sound(lines: Iterable[Line]) -> list[Line]:
    """Return the rows with which nothing is wrong so far."""
    return [line for line in lines if not line.problems]


class Firsts:
    """In which row each key of a file came first, in some 30 bytes for each: a long file takes hardly more than a short one.

    Of a key 64 bits of its hash are kept: two keys of a million rows are taken for one once in forty million files.
    """

    def __init__(self) -> None:
        self._number = 0
        self._make(1 << 10)

    def _make(self, size: int) -> None:
        self._mask = size - 1
        self._hashes, self._rows = array("Q", bytes(8 * size)), array("I", bytes(4 * size))

    def first(self, key: Hashable, row: int) -> int:
        """Return the number of the first row with a key: the given one, when it has not been there before."""
        # Of a tuple, as a number hashes to itself: neighbours would crowd together.
        wanted = hash((key,)) & 0xFFFF_FFFF_FFFF_FFFF or 1
        place = self._place(wanted)
        if self._hashes[place]:
            return self._rows[place]
        self._hashes[place], self._rows[place] = wanted, row
        self._number += 1
        if self._number * 3 > self._mask * 2:
            hashes, rows = self._hashes, self._rows
            self._make(2 * len(rows))
            for wanted, number in zip(hashes, rows, strict=True):
                if wanted:
                    place = self._place(wanted)
                    self._hashes[place], self._rows[place] = wanted, number
        return row

    def _place(self, wanted: int) -> int:
        place = wanted & self._mask
        while self._hashes[place] not in (0, wanted):
            place = (place + 1) & self._mask
        return place


# The typographic apostrophes, the grave and the acute accent typed in their place.
_APOSTROPHES = dict.fromkeys(map(ord, "\u2018\u2019\u0060\u00b4"), "'")


def plain(text: object) -> str:
    """Return a text as it is compared: without case, accents, apostrophes of any kind, surplus blanks."""
    return _plain(str(text))


@lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES).casefold())
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).replace("*", " ").split())
