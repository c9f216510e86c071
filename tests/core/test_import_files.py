# SPDX-License-Identifier: EUPL-1.2
"""Files that cannot be read as what they should be are refused by a sentence that names the cell; nothing is opened."""

import io
import re
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import load_workbook

from fami_portal.core.documents import DocumentRefused, check_document
from fami_portal.core.enums import RowEffect
from fami_portal.core.imports import (
    Choice,
    Code,
    Column,
    Day,
    FileRefused,
    Firsts,
    Hour,
    ImportResource,
    Text,
    Whole,
    YesNo,
    reading,
    sheets,
)
from fami_portal.core.imports.reading import Table, as_utf8, open_table
from tests.core.importing import kind, workbook

HEAD = ["Nome", "Tipo"]


def opened(content: bytes, name: str = "righe.xlsx") -> Table:
    return open_table(io.BytesIO(content), name=name, sheet="Dati")


def refused(content: bytes, name: str = "righe.xlsx") -> str:
    with pytest.raises(FileRefused) as refusal:
        opened(content, name)
    return str(refusal.value)


def changed(content: bytes, old: bytes, new: bytes, where: str = "xl/worksheets/sheet1.xml") -> bytes:
    """Return a workbook with other words in one of its parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in source.namelist():
            part = source.read(entry)
            if entry == where:
                assert old in part
                part = part.replace(old, new)
            archive.writestr(entry, part)
    return target.getvalue()


def test_rows_have_the_numbers_of_the_spreadsheet_and_their_types() -> None:
    rows: list[list[Any]] = [HEAD, ["Uno", 1.5], [None, None], [date(2026, 3, 15), "Due"]]

    table = opened(workbook(rows, other="Altro"))

    assert [(header.text, header.cell) for header in table.headers] == [("Nome", "A1"), ("Tipo", "B1")]
    assert [(number, list(row)) for number, row in table.rows()] == [
        (2, ["Uno", 1.5]),
        (4, [date(2026, 3, 15), "Due"]),
    ]
    assert list(table.rows()) == list(table.rows())


def test_merged_cells_and_formulas_are_named() -> None:
    def book(act: Any) -> bytes:
        content = io.BytesIO()
        made = xlsxwriter.Workbook(content)
        page = made.add_worksheet("Dati")
        page.write_row(0, 0, HEAD)
        act(made, page)
        made.close()
        return content.getvalue()

    assert "B3" in refused(book(lambda made, page: page.write_formula("B3", "=1+1")))
    assert "A2:B4" in refused(book(lambda made, page: page.merge_range("A2:B4", "uniti")))
    assert "A2" in refused(changed(workbook([HEAD, ["x"]]), b'r="A2" t="s"><v>2', b'r="A2" t="e"><v>#N/A'))
    # What a spreadsheet writes beneath the table for a list taken from another sheet is no formula of a cell.
    rule = b"</sheetData><extLst><x14:formula1><xm:f>Elenchi!$A$2:$A$5</xm:f></x14:formula1></extLst>"
    own = b' xmlns:x14="a" xmlns:xm="b" xmlns:r='
    listed = changed(changed(workbook([HEAD, ["x"]]), b"</sheetData>", rule), b" xmlns:r=", own)
    assert [number for number, _row in opened(listed).rows()] == [2]


CELLS = st.one_of(
    st.none(), st.booleans(), st.floats(0, 1e6), st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"])),
    st.sampled_from(["_x000D_", "a & b <c>", "riga\ndoppia"]), st.dates(date(1901, 1, 1), date(2100, 1, 1)),
    st.datetimes(datetime(1901, 1, 1), datetime(2100, 1, 1)).map(lambda moment: moment.replace(microsecond=0)),  # noqa: DTZ001
    st.timedeltas(timedelta(), timedelta(days=9)).map(lambda lasted: timedelta(lasted.days, lasted.seconds)),
)  # fmt: skip


@given(rows=st.lists(st.lists(CELLS, max_size=4), max_size=6), inline=st.booleans())
@settings(max_examples=8, deadline=None)
def test_a_sheet_is_read_as_another_reader_reads_it(rows: list[list[Any]], inline: bool) -> None:
    content = io.BytesIO()
    book = xlsxwriter.Workbook(
        content, {"constant_memory": inline, "default_date_format": "dd/mm/yyyy hh:mm", "strings_to_numbers": False}
    )
    page, lasting = book.add_worksheet("Dati"), book.add_format({"num_format": '[h]:mm "ore"'})
    for number, row in enumerate([HEAD, *rows]):
        for index, value in enumerate(row):
            if isinstance(value, str):
                page.write_string(number, index, value)
            else:
                page.write(number, index, value, *([lasting] if isinstance(value, timedelta) else []))
    book.close()
    content.seek(0)
    wanted = load_workbook(content).get_sheet_by_name("Dati").to_python()

    found = dict(opened(content.getvalue()).rows())

    width = max(map(len, wanted))
    for number, row in enumerate(wanted[1:], start=2):
        cells = [*found.get(number, ()), *[None] * width][:width]
        assert ["" if value is None else value for value in cells] == row


def test_the_texts_of_a_sheet_are_read_in_any_order_and_lie_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "_KEPT", 2)
    texts = sheets.SharedTexts(f"parola {number}" for number in range(300))

    for number in (299, 0, 150, 31, 32, 299, 64, 0):
        assert texts[number] == f"parola {number}"
    assert len(texts._kept) == 2
    texts._file._file.seek(0)
    assert b"parola" not in texts._file._file.read()
    for number in (300, -1):
        with pytest.raises((LookupError, sheets.Unreadable)):
            texts[number]


def test_a_wrong_sheet_and_wrong_headers_are_named() -> None:
    told = refused(workbook([HEAD], sheet="Elenco", other="Note"))
    assert "Dati" in told
    assert "Elenco" in told
    assert opened(workbook([HEAD], sheet="Elenco")).headers
    refused(workbook([[None, None]]))

    resource = kind("organisations").resource(user=None, at=datetime.now().astimezone())
    for head, cell in ((["name", "kind", "colore"], "C1"), (["name", "kind", "Nome"], "C1")):
        with pytest.raises(FileRefused, match=cell):
            resource.places_of(opened(workbook([head])))
    with pytest.raises(FileRefused, match="Tipo"):
        resource.places_of(opened(workbook([["name"]])))


def test_too_many_rows_are_refused_before_the_file_is_opened(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # Without its place each row, and each cell, follows the one before.
    many = b'<row><c t="str"><v>x</v></c></row>' * 200_000
    content = changed(workbook([HEAD]), b"</sheetData>", many + b"</sheetData>")
    with monkeypatch.context() as patch:
        patch.setattr(reading, "SheetRows", lambda *parts: pytest.fail("opened before it was measured"))
        assert "200.000" in refused(content)

    settings.IMPORT_MAX_ROWS = 3
    assert "3" in refused(workbook([HEAD, *([["x"]] * 4)]))
    assert "3" in refused(b"nome;tipo\n" + b"x;y\n" * 4, "righe.csv")
    assert opened(workbook([HEAD, *([["x"]] * 3)])).height == 3


def test_a_cell_far_away_is_refused_instead_of_filling_the_memory() -> None:
    content = changed(
        workbook([HEAD, ["x"]]),
        b"</sheetData>",
        b'<row r="1048576"><c r="XFD1048576" t="str"><v>x</v></c></row></sheetData>',
    )

    assert "XFD1048576" in refused(content)
    # Cells that have only a colour count for nothing.
    coloured = changed(
        workbook([HEAD, ["x"]]), b"</sheetData>", b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
    )
    assert [number for number, _row in opened(coloured).rows()] == [2]


def test_a_zip_bomb_and_a_file_that_is_none_are_refused() -> None:
    bomb = changed(workbook([HEAD, ["x"]]), b"</sheetData>", b"<!--" + b" " * 12_000_000 + b"--></sheetData>")
    with pytest.raises(DocumentRefused):
        check_document(kind=kind("organisations").upload_kind, name="x.xlsx", content=bomb)
    for content in (b"", b"PK\x03\x04niente", b"nome;tipo"):
        refused(content)
    # Entities of its own are not opened.
    declared = b'?><!DOCTYPE x [<!ENTITY a "b">]>'
    for part in ("xl/workbook.xml", "xl/worksheets/sheet1.xml"):
        refused(changed(workbook([HEAD, ["x"]]), b"?>", declared, part))
    # Nor is what turns out to be damaged while it is read.
    for old, new in ((b"?>", declared), (b"<t>x</t>", b"<t>x</r>"), (b"<si><t>x</t></si>", b"")):
        with pytest.raises(FileRefused):
            list(opened(changed(workbook([HEAD, ["x"]]), old, new, "xl/sharedStrings.xml")).rows())
    with pytest.raises(FileRefused):
        list(opened(changed(workbook([HEAD, ["x"], ["y"]]), b'r="A3"', b"r='XFD3'")).rows())


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ("Nome;Tipo\r\nPerché;x\r\n".encode("utf-8-sig"), "Perché"),
        ("Nome,Tipo\nPerché,x\n".encode(), "Perché"),
        ("Nome\tTipo\nPerché\tx\n".encode("cp1252"), "Perché"),
        (b'Nome;Tipo\n"riga\ndoppia";x\nb;c\n', "riga\ndoppia"),
    ],
)
def test_a_csv_is_read_whatever_wrote_it(content: bytes, wanted: str) -> None:
    clear = as_utf8(io.BytesIO(content), io.BytesIO())
    table = open_table(clear, name="righe.csv", sheet="")

    rows = list(table.rows())
    assert rows[0] == (2, [wanted, "x"])
    assert rows == list(table.rows())
    assert [header.cell for header in table.headers] == ["A1", "B1"]


def test_a_csv_of_another_kind_is_refused() -> None:
    with pytest.raises(FileRefused, match="UTF-8"):
        as_utf8(io.BytesIO("Nome".encode("utf-16")), io.BytesIO())
    assert "2" in refused(b'Nome;Tipo\n"aperta;x\n' + b"y" * 200_000, "righe.csv")


@pytest.mark.parametrize(
    ("cell", "value", "wanted"),
    [
        (Day(), "15/3/2026", date(2026, 3, 15)),
        (Day(), datetime(2026, 3, 15, 10), date(2026, 3, 15)),  # noqa: DTZ001  a cell has no zone
        (Day(), "2026-03-15", date(2026, 3, 15)),
        (Hour(), 0.5, time(12)),
        (Hour(), "9.05", time(9, 5)),
        (Hour(), timedelta(hours=14, minutes=30), time(14, 30)),
        (Code(11, digits=11), 80000120016.0, "80000120016"),
        (Code(11, digits=11), 123.0, "00000000123"),
        (Text(), " due  parole ", "due parole"),
        (Text(), "'=1+1", "=1+1"),
        (Whole(), "2.000", 2000),
        (YesNo(), "Sì", True),
        (YesNo(), None, False),
        (Choice(RowEffect), "NEW", "new"),
        (Text(), None, ""),
    ],
)
def test_a_cell_is_read_as_people_write_it(cell: Any, value: Any, wanted: Any) -> None:
    assert cell.clean(value) == wanted


@pytest.mark.parametrize(
    ("cell", "value"),
    [(Day(), "31/02/2026"), (Day(), 45000.0), (Day(), "15/03/26"), (Hour(), "25:00"), (Whole(1, 5), "6"), (Whole(), "1,5"),
     (YesNo(), "forse"), (Choice(RowEffect), "niente"), (Text(3), "quattro")],
)  # fmt: skip
def test_a_cell_that_says_something_else_is_refused_without_repeating_it(cell: Any, value: Any) -> None:
    with pytest.raises(ValueError, match=r"\w") as refusal:
        cell.clean(value)
    assert not re.search(r"quattro|forse|niente|45000", str(refusal.value))


@pytest.mark.parametrize("code", ["organisations", "members", "schools"])
@pytest.mark.django_db
def test_the_template_of_a_kind_is_read_as_its_file(code: str) -> None:
    from fami_portal.core.imports.files import write_template

    resource = kind(code).resource(user=None, at=datetime.now().astimezone())
    table = opened(write_template(resource))

    assert list(resource.places_of(table).values()) == list(resource.columns)
    assert _rules(write_template(resource)) >= len([c for c in resource.columns.values() if c.choices()])


def _rules(content: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read("xl/worksheets/sheet1.xml").count(b'type="list"')


def test_a_file_is_read_a_chunk_at_a_time_whatever_its_length(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the rows nor what is known of them pile up: ten times the rows take hardly more memory."""
    drawn = 0

    class Endless(Table):
        def __init__(self, height: int) -> None:
            self.height = height
            self._set_headers(["name", "fiscal_code"])

        def _records(self) -> Iterator[Any]:
            nonlocal drawn
            yield ["name", "fiscal_code"]
            for drawn in range(1, self.height + 1):
                yield f"Ente numero {drawn}", f"8{drawn:010}"

    class Unwritten(ImportResource):
        name, fiscal_code = Column("Nome", Text()), Column("Codice", Text())

        def key_of(self, values: dict[str, Any]) -> Any:
            return values["fiscal_code"]

        def plan(self, lines: Any) -> None:
            assert not drawn or drawn + 1 == lines[-1].number

    def peak(table: Table) -> int:
        resource = Unwritten(user=None, at=datetime.now().astimezone())
        tracemalloc.start()
        assert sum(len(lines) for lines in resource.chunks(table, size=50)) == table.height
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(Endless(100))
    assert peak(Endless(2_000)) - peak(Endless(200)) < 2_000 * 60
    # The rows of a workbook, and the texts that its cells share, do not pile up either.
    monkeypatch.setattr(sheets, "_KEPT", 4)
    monkeypatch.setattr(sheets, "_PART", 4096)
    drawn = 0
    few, many = (
        opened(workbook([["name", "fiscal_code"], *([f"Ente {n}", f"8{n:010}"] for n in range(number))]))
        for number in (200, 2_000)
    )
    assert peak(many) - peak(few) < 2_000 * 90


def test_a_key_is_known_by_its_first_row() -> None:
    firsts = Firsts()

    assert [firsts.first(key, number) for number, key in enumerate([0, 1, "a", 0, ("a", 1), "a", None, None])] == [
        0, 1, 2, 0, 4, 2, 6, 6,
    ]  # fmt: skip
    assert [firsts.first(f"riga {number}", number) for number in range(3_000)] == list(range(3_000))
    assert [firsts.first(f"riga {number}", 9_999) for number in range(3_000)] == list(range(3_000))
