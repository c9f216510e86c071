# SPDX-License-Identifier: EUPL-1.2
"""The files of an output report, read back by other programs."""

import csv
import io
import zipfile
from typing import Any

import openpyxl
import pytest
from pypdf import PdfReader

from reporting.context import canonical_json
from reporting.rendering import charts
from reporting.rendering.csv import render_csv
from reporting.rendering.pdf import render_pdf
from reporting.rendering.reading import Bar, Chart, Reading, percent, quantity
from reporting.rendering.sections import sections
from reporting.rendering.xlsx import render_xlsx
from tests.reporting.sample import sample_context


@pytest.fixture(scope="module")
def content() -> dict[str, Any]:
    return sample_context()


@pytest.fixture(scope="module")
def pdf(content: dict[str, Any]) -> bytes:
    return render_pdf(content)


def test_pdf_is_tagged_titled_and_in_italian(pdf: bytes) -> None:
    document = PdfReader(io.BytesIO(pdf))
    root = document.trailer["/Root"]

    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "it"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert "InterAzioni in Piemonte 2" in document.metadata.title
    metadata = root["/Metadata"].get_data().decode()
    assert "pdfaid:part>3" in metadata
    assert "pdfaid:conformance>A" in metadata
    assert "pdfuaid:part>1" in metadata


def test_every_page_of_the_pdf_says_who_pays(pdf: bytes) -> None:
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]

    assert len(pages) > 3
    for text in pages:
        assert "co-finanziato dall’Unione europea" in text
        assert "PROG-2364" in text
        assert "CUP J69D18000350007" in text


def test_pdf_holds_the_figures_and_says_each_picture_in_words(pdf: bytes, content: dict[str, Any]) -> None:
    document = PdfReader(io.BytesIO(pdf))
    text = " ".join(" ".join(page.extract_text() for page in document.pages).split())

    for figure in (
        "412",
        "960",
        "42,9%",
        "22.000",
        "1.473 h 30",
        "Cooperativa sociale Il Ponte",
        "Newsletter di luglio",
    ):
        assert figure in text
    alternatives = list(_alternatives(document.trailer["/Root"]["/StructTreeRoot"]))
    drawn = [chart for section in sections(Reading(content)) for chart in section.charts]
    assert len(drawn) >= 5
    assert len(alternatives) >= len(drawn)
    assert any("9.850" in words for words in alternatives)


def _alternatives(node: Any) -> Any:
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        for child in node:
            yield from _alternatives(child)
    elif isinstance(node, dict):
        if "/Alt" in node:
            yield str(node["/Alt"])
        if "/K" in node:
            yield from _alternatives(node["/K"])


def test_equal_content_gives_equal_bytes(content: dict[str, Any], pdf: bytes) -> None:
    again = sample_context()

    assert canonical_json(again) == canonical_json(content)
    assert render_pdf(again) == pdf
    assert render_xlsx(again) == render_xlsx(content)
    assert render_csv(again) == render_csv(content)


def test_workbook_keeps_numbers_as_numbers_and_hours_as_durations(content: dict[str, Any]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(render_xlsx(content)))

    summary = list(book.worksheets[1].iter_rows(min_row=2, values_only=True))
    by_code = {row[0]: row for row in summary}
    assert by_code["D.1"][5] == 960
    assert by_code["D.1"][7:11] == (143, None, 412, None)
    assert by_code["D.1"][11] == 42.9
    assert by_code["O.1.2"][5] is None
    assert by_code["O.1.2"][10].total_seconds() == 88410 * 60
    assert by_code["O.4.1"][5] is None
    assert len(book.worksheets) == 11
    assert all(sheet.freeze_panes == "A2" for sheet in book.worksheets)


def test_workbook_by_network_adds_up_to_the_gross_figure(content: dict[str, Any]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(render_xlsx(content)))

    rows = [row for row in book.worksheets[3].iter_rows(min_row=2, values_only=True) if row[2] == "D.1"]
    assert sum(row[9] for row in rows) == 421  # gross: nine more than the 412 different persons
    assert len(rows) == 3


def test_nothing_typed_by_people_becomes_a_formula() -> None:
    content = sample_context()
    content["frozen"]["gaps"][0]["body"] = "=HYPERLINK(1)"

    archive = zipfile.ZipFile(io.BytesIO(render_xlsx(content)))
    assert not any(b"<f>" in archive.read(name) for name in archive.namelist() if "sheet" in name)
    assert "'=HYPERLINK(1)" in render_csv(content).decode("utf-8-sig")


def test_csv_has_one_row_for_each_figure(content: dict[str, Any]) -> None:
    text = render_csv(content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))

    header, body = rows[0], rows[1:]
    assert len({len(row) for row in rows}) == 1
    value = header.index("Valore") if "Valore" in header else 13
    assert all(row[value].lstrip("-").isdigit() for row in body)
    assert all(row[3] == "2019-Q3" for row in body)
    whole = [row for row in body if row[6] == "D.1" and row[9] == "" and row[11] == "" and row[value] == "412"]
    assert len(whole) == 1


def test_page_and_files_tell_gross_and_unique_apart(content: dict[str, Any]) -> None:
    by_network = next(section for section in sections(Reading(content)) if section.key == "by-network")

    gross, unique = by_network.tables[0].rows[-2:]
    assert (gross[1].value, unique[1].value) == (421, 412)
    assert unique[1].indicator == "D.1"
    assert not hasattr(gross[1], "indicator")  # a sum of rows is no figure of the ledger: nothing to open


def test_bars_never_mix_validated_and_provisional() -> None:
    chart = Chart("x", "Title", "Words", bars=[Bar("A", 40, 100, "persons", provisional=30)], marker_permille=500)

    svg = charts.bars_svg(chart)

    assert "style=" not in svg
    assert "<style" not in svg
    assert 'fill="#0066cc"' in svg
    assert 'fill="url(#x-hatch)"' in svg
    assert '<title id="x-alt">Title. Words</title>' in svg


def test_bars_survive_zero_targets_and_excess() -> None:
    bars = [Bar("A", 0, None, "persons"), Bar("<b>", 250, 100, "persons", 10), Bar("C", -5, 100, "persons")]

    svg = charts.bars_svg(Chart("x", "T", "W", bars=bars))

    assert "&lt;b&gt;" in svg
    assert 'width="-' not in svg


def test_trend_is_the_same_twice() -> None:
    chart = Chart("t", "T", "W", trend=[("2019-Q1", 10, 10), ("2019-Q2", 5, 15)], unit="persons", target=20)

    first, second = charts.trend_svg(chart), charts.trend_svg(chart)

    assert first == second
    assert "2019-Q2" in first


@pytest.mark.parametrize(
    ("value", "unit", "written"), [(1234, "persons", "1.234"), (90, "hours", "1 h 30"), (-60, "hours", "-1 h")]
)
def test_quantities_are_written_in_their_unit(value: int, unit: str, written: str) -> None:
    assert quantity(value, unit) == written


def test_shares_are_written_with_one_decimal() -> None:
    assert percent(429) == "42,9%"
    assert percent(None) == "–"
