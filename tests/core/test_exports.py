# SPDX-License-Identifier: EUPL-1.2
"""Spreadsheets: nothing comes alive, types survive, the same rows give the same bytes."""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.utils import translation
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from fami_portal.core import exports
from fami_portal.core.errors import DomainError
from fami_portal.core.exports import CellType, Column, Sheet

# Every character that a text cell can hold; carriage returns become line feeds.
writable = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r\ufffe\uffff"), max_size=80).map(
    lambda text: "".join(c for c in text if c >= " " or c in "\t\n")
)
openings = st.sampled_from(
    ["=", "+", "-", "@", "\t=", "\uff1d", " =", "=cmd|'/C calc'!A0", "=HYPERLINK(1)", "http://", ""]
)
hostile = st.builds(str.__add__, openings, writable)

TEXT = [Column("First", 0), Column("=Second", 1)]


def workbook(*sheets: Sheet) -> bytes:
    target = io.BytesIO()
    exports.write_xlsx(target, sheets, title="Test")
    return target.getvalue()


def cells(content: bytes, sheet: int = 0) -> list[list[object]]:
    return [
        [unescape(cell) if isinstance(cell, str) else cell for cell in row]
        for row in load_workbook(io.BytesIO(content)).worksheets[sheet].iter_rows(values_only=True)
    ]


def csv_text(columns: list[Column], rows: list[object]) -> str:
    return b"".join(exports.csv_chunks(columns, rows)).decode()


@given(st.lists(st.tuples(hostile, hostile), max_size=5))
@example([("<r><f>1+1</f></r>", "_x0041_"), ("=1+1", "+39 011 123"), ("<r>", "{=SUM(A1)}")])
@settings(max_examples=40, deadline=None)
def test_xlsx_text_comes_back_equal_and_never_as_a_formula(rows: list[tuple[str, str]]) -> None:
    content = workbook(Sheet("Data", TEXT, rows))

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        page = archive.read("xl/worksheets/sheet1.xml")
        assert b"<f>" not in page.replace(b"&lt;f&gt;", b"")
        assert b"<f " not in page
        assert "xl/worksheets/_rels/sheet1.xml.rels" not in archive.namelist()
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    found = list(sheet.iter_rows(min_row=2, max_col=2))
    for row, expected in zip(found, rows, strict=True):
        for cell, text in zip(row, expected, strict=True):
            assert cell.data_type in ("s", "inlineStr", "n")
            assert unescape(str(cell.value or "")) == text


@given(st.lists(st.tuples(hostile, hostile), min_size=1, max_size=5))
@settings(max_examples=150, deadline=None)
def test_csv_text_comes_back_equal_behind_its_apostrophe(rows: list[tuple[str, str]]) -> None:
    read = list(csv.reader(io.StringIO(csv_text(TEXT, rows).removeprefix("\ufeff"), newline=""), delimiter=";"))

    assert read[0] == ["First", "'=Second"]
    for row, expected in zip(read[1:], rows, strict=True):
        for cell, text in zip(row, expected, strict=True):
            assert cell in (text, "'" + text)
            assert cell.lstrip(" \ufeff\u200b")[:1] not in {
                "=",
                "+",
                "-",
                "@",
                "\t",
                "\uff1d",
                "\uff0b",
                "\uff0d",
                "\uff20",
            }


TYPED = [
    Column("Name", "name"),
    Column("Pupils", "pupils", CellType.INTEGER),
    Column("Cost", "cost", CellType.DECIMAL),
    Column("Day", "day", CellType.DATE),
    Column("At", "at", CellType.DATETIME),
    Column("Hours", "minutes", CellType.DURATION),
    Column("Held", "held", CellType.BOOLEAN),
]
ROW = SimpleNamespace(
    name="-5",
    pupils=-5,
    cost=Decimal("1234.50"),
    day=date(2019, 7, 1),
    at=datetime(2019, 7, 1, 8, 30, tzinfo=UTC),
    minutes=135,
    held=True,
)
NOTHING = SimpleNamespace(**dict.fromkeys(vars(ROW)))


def test_xlsx_keeps_types() -> None:
    with translation.override("en"):
        header, empty, row = cells(workbook(Sheet("Data", TYPED, [NOTHING, ROW])))

    assert header == ["Name", "Pupils", "Cost", "Day", "At", "Hours", "Held"]
    assert row[:3] == ["-5", -5, 1234.5]
    assert [str(value) for value in row[3:5]] == ["2019-07-01 00:00:00", "2019-07-01 10:30:00"]
    assert str(row[5]) == "2:15:00"
    assert row[6] == "Yes"
    assert empty == [None] * 7


def test_csv_writes_as_an_italian_spreadsheet_expects() -> None:
    with translation.override("en"):
        text = csv_text(TYPED, [ROW, NOTHING])

    assert text.startswith("\ufeffName;Pupils;")
    assert text.split("\r\n")[1:3] == ["'-5;-5;1234,50;01/07/2019;01/07/2019 10:30;2:15;Yes", ";;;;;;"]


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (10**20, CellType.INTEGER, str(10**20)),
        (float("nan"), CellType.DECIMAL, "nan"),
        (Decimal("NaN"), CellType.DECIMAL, "NaN"),
        (date(1815, 6, 18), CellType.DATE, "18/06/1815"),
        ("n/d", CellType.INTEGER, "n/d"),
        ("=1", CellType.DECIMAL, "=1"),
        ("\x00\x0bend\ud800", CellType.TEXT, "end"),
    ],
)
def test_xlsx_keeps_as_text_what_a_spreadsheet_would_distort(value: object, kind: CellType, expected: str) -> None:
    assert cells(workbook(Sheet("Data", [Column("A", 0, kind)], [(value,)])))[1] == [expected]


def test_xlsx_cuts_text_beyond_the_limit_of_a_cell() -> None:
    content = cells(workbook(Sheet("Data", [Column("A", 0)], [("x" * 40_000,)])))

    assert len(str(content[1][0])) == exports.MAX_CELL


def test_csv_text_with_nul_in_front_gets_its_apostrophe() -> None:
    assert csv_text([Column("A", 0)], [("\0=1",)]).split("\r\n")[1] == "'=1"


def test_xlsx_is_the_same_bytes_for_the_same_rows() -> None:
    sheets = [Sheet("Data", TYPED, [ROW] * 50), Sheet("Other", TEXT, [("a", "b")])]

    assert workbook(*sheets) == workbook(*sheets)


def test_xlsx_gives_every_sheet_a_usable_name_of_its_own() -> None:
    names = ["Rete: Ovest/Est [1]", "Rete: Ovest/Est [1]", "x" * 40, "X" * 40, "'", ""]
    book = load_workbook(io.BytesIO(workbook(*[Sheet(name, TEXT, []) for name in names])))

    assert len({name.lower() for name in book.sheetnames}) == 6
    assert all(len(name) <= 31 for name in book.sheetnames)
    assert book.worksheets[0].freeze_panes == "A2"


def test_xlsx_refuses_more_rows_than_a_sheet_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MAX_XLSX_ROWS", 3)

    with pytest.raises(DomainError):
        workbook(Sheet("Data", TEXT, [("a", "b")] * 4))


def test_csv_reads_rows_one_at_a_time() -> None:
    taken = 0

    def rows() -> Iterator[tuple[str, str]]:
        nonlocal taken
        for _number in range(2000):
            taken += 1
            yield ("a", "b")

    chunks = exports.csv_chunks(TEXT, rows())
    next(chunks)

    assert taken == 500
