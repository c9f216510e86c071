# SPDX-License-Identifier: EUPL-1.2
"""Small cells: what is hidden cannot be worked out. Each claim is checked by other means than those that made it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from reporting.selectors.suppression import (
    THRESHOLD,
    WIDTH,
    Move,
    Publication,
    Record,
    is_small,
    merged,
    pairs,
    protected,
    recoded,
)

COUNTS = st.one_of(st.integers(0, 3), st.integers(0, 12), st.just(0), st.integers(0, 60))


def tabulated(records: Mapping[Record, int], publication: Publication) -> dict[Any, int | None]:
    """What a reader sees of other people with the same hidden cells: totals and shown cells."""
    seen: dict[Any, int | None] = {("all",): sum(records.values())}
    for place, totals in enumerate(publication.totals):
        for category in totals:
            seen[place, category] = sum(n for record, n in records.items() if record[place] == category)
    for (i, j, a, b), shown in publication.cells.items():
        count = sum(n for record, n in records.items() if (record[i], record[j]) == (a, b))
        seen[i, j, a, b] = None if shown is None else count
    return seen


def exchanged(records: Mapping[Record, int], move: Move, beside: list[int], times: int) -> Counter[Record]:
    """Let `times` pairs of persons exchange their category (a negative number: the other way round)."""
    found = Counter(records)
    give, take = (move.other, move.value) if times > 0 else (move.value, move.other)

    def turn(side: Record, before: Any, after: Any) -> None:
        for record in sorted(found, key=str):
            if found[record] and record[move.dimension] == before and tuple(record[i] for i in beside) == side:
                found[record] -= 1
                found[(*record[: move.dimension], after, *record[move.dimension + 1 :])] += 1
                return
        raise AssertionError("the proof names a person who is not there")

    for _time in range(abs(times)):
        turn(move.first, give, take)
        turn(move.second, take, give)
    return found


def proved(records: Mapping[Record, int], publication: Publication, tables: list[tuple[int, int]]) -> None:
    """Follow each proof to both ends: other people, the same publication, another number in the hidden cell."""
    before = tabulated(records, publication)
    small = {cell for cell in publication.cells if is_small(count_in(records, cell))}
    assert small == set(publication.proofs)
    for cell, moves in publication.proofs.items():
        ends = []
        for upwards in (True, False):
            people: Counter[Record] = Counter(records)
            for move in moves:
                beside = sorted({b if a == move.dimension else a for a, b in tables if move.dimension in (a, b)})
                people = exchanged(people, move, beside, move.raises if upwards else -move.lowers)
            assert tabulated(people, publication) == before
            ends.append(count_in(people, cell))
        assert ends[0] - ends[1] == sum(move.raises + move.lowers for move in moves) >= 1


def count_in(records: Mapping[Record, int], cell: Any) -> int:
    i, j, a, b = cell
    return sum(n for record, n in records.items() if (record[i], record[j]) == (a, b))


@settings(max_examples=60, deadline=None)
@given(st.lists(COUNTS, min_size=24, max_size=24))
def test_nothing_under_five_can_be_worked_out_from_several_tables_together(counts: list[int]) -> None:
    records = recoded(dict(zip(product("ABCD", "xy", "123"), counts, strict=True)))
    tables = pairs([0, 1, 2])
    publication = protected(records, tables)
    if sum(counts) < THRESHOLD:
        assert (publication.cells, publication.total) == ({}, 0)
        return
    assert all(not is_small(count) for totals in publication.totals for count in totals.values())
    assert all(count is None or not is_small(count) for count in publication.cells.values())
    proved(records, publication, tables)


def intervals(rows: list[list[int]], hidden: set[tuple[int, int]]) -> dict[tuple[int, int], tuple[int, int]]:
    """Return what each hidden cell of a table with its totals may be, by trying every whole table that fits."""
    order = sorted(hidden)
    row_left = [sum(row[j] for j in range(len(row)) if (i, j) in hidden) for i, row in enumerate(rows)]
    column_left = [
        sum(rows[i][j] for i in range(len(rows)) if (i, j) in hidden) for j in range(len(rows[0]) if rows else 0)
    ]

    def fits(place: int, row_left: list[int], column_left: list[int]) -> Iterator[tuple[int, ...]]:
        if place == len(order):
            if not any(row_left) and not any(column_left):
                yield ()
            return
        i, j = order[place]
        last = place + 1 == len(order) or order[place + 1][0] != i
        for value in [row_left[i]] if last else range(row_left[i] + 1):
            if value <= column_left[j]:
                rows_then, columns_then = list(row_left), list(column_left)
                rows_then[i] -= value
                columns_then[j] -= value
                for rest in fits(place + 1, rows_then, columns_then):
                    yield (value, *rest)

    found = list(fits(0, row_left, column_left))
    return {cell: (min(f[k] for f in found), max(f[k] for f in found)) for k, cell in enumerate(order)}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 7), min_size=9, max_size=9))
def test_every_whole_table_that_fits_leaves_a_small_cell_wide_open(counts: list[int]) -> None:
    records = recoded(dict(zip(product("ABC", "xyz"), counts, strict=True)))
    publication = protected(records, [(0, 1)])
    if not publication.cells:
        return
    names = [sorted(totals, key=str) for totals in publication.totals]
    rows = [[count_in(records, (0, 1, a, b)) for b in names[1]] for a in names[0]]
    hidden = {
        (i, j) for i, a in enumerate(names[0]) for j, b in enumerate(names[1]) if publication.cells[0, 1, a, b] is None
    }
    for (i, j), (low, high) in intervals(rows, hidden).items():
        if is_small(rows[i][j]):
            assert high - low >= WIDTH, (rows, hidden)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.sampled_from("abcdefgh"), COUNTS))
def test_joined_categories_hold_five_or_nobody(counts: dict[str, int]) -> None:
    groups = merged(counts)
    assert groups.keys() == counts.keys()
    sums: Counter[Any] = Counter()
    for key, group in groups.items():
        assert key in group
        assert {groups[other] for other in group} == {group}
        sums[group] += counts[key]
    assert sum(counts.values()) < THRESHOLD or not any(is_small(count) for count in sums.values())


def test_primary_suppression_alone_would_be_undone_by_the_totals() -> None:
    """The negative control: hiding the small cell and nothing else leaves one table that fits."""
    rows = [[3, 20], [15, 30]]
    assert intervals(rows, {(0, 0)}) == {(0, 0): (3, 3)}
    records = {("r", "x"): 3, ("r", "y"): 20, ("s", "x"): 15, ("s", "y"): 30}
    publication = protected(records, [(0, 1)])
    assert set(publication.cells.values()) == {None}
    low, high = intervals(rows, {(i, j) for i in (0, 1) for j in (0, 1)})[0, 0]
    assert (low, high) == (0, 18)
    # A table without small cells is shown whole, zeros too.
    whole = protected({("r", "x"): 8, ("s", "y"): 9}, [(0, 1)])
    assert sorted(whole.cells.values(), key=str) == [0, 0, 8, 9]
