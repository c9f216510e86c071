# SPDX-License-Identifier: EUPL-1.2
"""Which cells of a set of tables are not shown, so that no count of one to four persons can be worked out (ADR 20).

Pure functions, no database. Everybody counted has exactly one category in each *dimension* (network, gender, age…); a
*table* crosses two dimensions, and any number of tables over the same persons is protected together, because whoever has
two tables subtracts one from the other.

1. `merged` joins the categories of a dimension that hold one to four persons, so that every total is zero or at least
   five. Totals are then always shown.
2. `protected` hides each cell of one to four, and further cells beside it, until there is for each of them a *proof*: two
   groups of persons who could exchange their category in one dimension without changing any figure that is shown. With
   them so many different values of the hidden cell fit all that is shown that they are at least `WIDTH` apart.

Zeros are shown: nobody stands behind them. A cell hidden to protect another looks the same as the one it protects.
"""

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

THRESHOLD = 5
# The least distance between the values that a hidden cell of one to four may have, for all that the reader can tell.
WIDTH = THRESHOLD - 1

Record = tuple[Hashable, ...]  # one category for each dimension
Category = tuple[Hashable, ...]  # the original categories that were joined, in order
Cell = tuple[int, int, Hashable, Hashable]  # the two dimensions of a table, and a category of each


@dataclass(frozen=True)
class Move:
    """One person of `first` and one of `second` exchange their category in a dimension, up to so many times.

    Raises the cell by `raises` and, exchanged the other way round, lowers it by `lowers`.
    """

    dimension: int
    # The categories in the dimensions that are crossed with that one: those of the cell, and the other ones.
    first: Record
    second: Record
    # The category of the cell, and the one it is exchanged with.
    value: Hashable
    other: Hashable
    raises: int
    lowers: int


@dataclass(frozen=True)
class Publication:
    """What may be shown: the totals of each dimension, the cells of each table (None is hidden), and the proofs."""

    total: int
    totals: list[dict[Hashable, int]]
    cells: dict[Cell, int | None]
    # For each hidden cell of one to four, the exchanges that leave everything shown as it is.
    proofs: dict[Cell, list[Move]]

    def table(self, first: int, second: int) -> dict[tuple[Hashable, Hashable], int | None]:
        """Return the cells of one table by their two categories."""
        return {(a, b): value for (i, j, a, b), value in self.cells.items() if (i, j) == (first, second)}


def is_small(count: int) -> bool:
    """Whether a count is of one to four persons."""
    return 0 < count < THRESHOLD


def merged(counts: Mapping[Hashable, int]) -> dict[Hashable, Category]:
    """Return the joined category of each category of a dimension.

    Those of one to four persons are joined together, and with the next smallest while all of them are fewer than five:
    one alone, joined with nobody, would be the total less the rest. The others stay by themselves.
    """
    order = sorted(counts, key=lambda key: (counts[key], str(key)))
    joined = [key for key in order if is_small(counts[key])]
    rest = [key for key in order if counts[key] >= THRESHOLD]
    while joined and rest and (sum(counts[key] for key in joined) < THRESHOLD or len(joined) < 2):
        joined.append(rest.pop(0))
    group = tuple(sorted(joined, key=str))
    return {key: group if key in joined else (key,) for key in counts}


def recoded(records: Mapping[Record, int]) -> Counter[Record]:
    """Return the records with the small categories of every dimension joined."""
    width = len(next(iter(records), ()))
    maps = []
    for dimension in range(width):
        counts: Counter[Hashable] = Counter()
        for record, number in records.items():
            counts[record[dimension]] += number
        maps.append(merged(counts))
    found: Counter[Record] = Counter()
    for record, number in records.items():
        found[tuple(maps[place][category] for place, category in enumerate(record))] += number
    return found


def protected(records: Mapping[Record, int], tables: Sequence[tuple[int, int]]) -> Publication:
    """Return what may be shown of some tables over the same persons.

    `records` are how many persons have each combination of categories, already `recoded`; `tables` are pairs of
    dimensions. Of fewer than five persons nothing is shown.
    """
    return _Protection({record: number for record, number in records.items() if number}, tables).publication()


class _Protection:
    """The work of `protected`: cells are only ever hidden, so a proof once found keeps its worth."""

    def __init__(self, records: Mapping[Record, int], tables: Sequence[tuple[int, int]]) -> None:
        self.records = records
        self.tables = list(tables)
        self.total = sum(records.values())
        self.totals: list[dict[Hashable, int]] = []
        for dimension in range(len(next(iter(records), ()))):
            counts: Counter[Hashable] = Counter()
            for record, number in records.items():
                counts[record[dimension]] += number
            self.totals.append(dict(sorted(counts.items(), key=str)))
        self.counts: Counter[Cell] = Counter(
            {
                (first, second, a, b): 0
                for first, second in self.tables
                for a in self.totals[first]
                for b in self.totals[second]
            }
            if records
            else {}
        )
        for record, number in records.items():
            for first, second in self.tables:
                self.counts[first, second, record[first], record[second]] += number
        self.hidden: set[Cell] = set()
        # Which dimensions are crossed with each one: what a person takes along when its category there is exchanged.
        self.beside = [
            sorted({b if a == place else a for a, b in self.tables if place in (a, b)})
            for place in range(len(self.totals))
        ]
        self.sides = [self._projected(place) for place in range(len(self.totals))]

    def _projected(self, place: int) -> dict[Hashable, Counter[Record]]:
        found: dict[Hashable, Counter[Record]] = {category: Counter() for category in self.totals[place]}
        for record, number in self.records.items():
            found[record[place]][tuple(record[other] for other in self.beside[place])] += number
        return found

    def publication(self) -> Publication:
        if self.total < THRESHOLD or any(is_small(count) for totals in self.totals for count in totals.values()):
            return Publication(0, [], {}, {})
        small = sorted((cell for cell, count in self.counts.items() if is_small(count)), key=str)
        self.hidden |= set(small)
        proofs = {cell: self._protect(cell) for cell in small}
        shown = {cell: None if cell in self.hidden else count for cell, count in self.counts.items()}
        return Publication(self.total, self.totals, shown, proofs)

    def _protect(self, cell: Cell) -> list[Move]:
        """Hide what the cheapest exchange needs; without a wide one hide whole tables, the own one first."""
        best = min(
            ((self._price(cost), str(move), move, cost) for move, cost in self._moves(cell) if _wide(move)),
            default=None,
            key=lambda found: found[:2],
        )
        if best is not None:
            self.hidden |= best[3]
            return [best[2]]
        for tables in (self._table_of(cell), self._tables_beside(cell), self.tables):
            self.hidden |= {found for found in self.counts if found[:2] in tables}
            moves = self._together(cell)
            if moves:
                return moves
        raise AssertionError("with nothing but totals of five and more shown, an exchange always exists")

    def _price(self, cost: set[Cell]) -> tuple[int, int]:
        return len(cost), sum(self.counts[found] for found in cost)

    def _table_of(self, cell: Cell) -> list[tuple[int, int]]:
        return [cell[:2]]

    def _tables_beside(self, cell: Cell) -> list[tuple[int, int]]:
        return [table for table in self.tables if set(table) & set(cell[:2])]

    def _moves(self, cell: Cell) -> Iterator[tuple[Move, set[Cell]]]:
        """The exchanges that change a cell, with the cells that they need hidden and that are not yet."""
        for place, category, crossed, at in (
            (cell[0], cell[2], cell[1], cell[3]),
            (cell[1], cell[3], cell[0], cell[2]),
        ):
            index = self.beside[place].index(crossed)
            mine = self.sides[place][category]
            for other in self.totals[place]:
                if other == category:
                    continue
                theirs = self.sides[place][other]
                known = sorted(mine.keys() | theirs.keys(), key=str)
                for first in known:
                    if first[index] != at:
                        continue
                    for second in known:
                        if second[index] == at:
                            continue
                        move = Move(
                            place,
                            first,
                            second,
                            category,
                            other,
                            raises=min(theirs[first], mine[second]),
                            lowers=min(mine[first], theirs[second]),
                        )
                        if move.raises or move.lowers:
                            yield move, self._changed(move) - self.hidden

    def _changed(self, move: Move) -> set[Cell]:
        """The cells whose counts an exchange changes: nothing changes beside a category that both have."""
        found = set()
        for crossed, one, two in zip(self.beside[move.dimension], move.first, move.second, strict=True):
            if one == two:
                continue
            for category in (move.value, move.other):
                for at in (one, two):
                    forward = (move.dimension, crossed)
                    found.add((*forward, category, at) if forward in self.tables else (*forward[::-1], at, category))
        return found

    def _together(self, cell: Cell) -> list[Move]:
        """Several exchanges that need nothing more hidden, each of persons of their own, until they are wide enough."""
        free = [move for move, cost in self._moves(cell) if not cost]
        taken: set[tuple[int, Hashable, Record]] = set()
        found: list[Move] = []
        dimension = free[0].dimension if free else 0
        for move in sorted(free, key=lambda move: (-(move.raises + move.lowers), str(move))):
            if move.dimension != dimension:
                continue
            people = {
                (dimension, move.value, move.first),
                (dimension, move.value, move.second),
                (dimension, move.other, move.first),
                (dimension, move.other, move.second),
            }
            if taken & people:
                continue
            taken |= people
            found.append(move)
            if sum(move.raises + move.lowers for move in found) >= WIDTH:
                break
        return found


def _wide(move: Move) -> bool:
    return move.raises + move.lowers >= WIDTH


def pairs(dimensions: Sequence[int]) -> list[tuple[int, int]]:
    """Return every table of two of some dimensions."""
    return list(combinations(sorted(dimensions), 2))
