# SPDX-License-Identifier: EUPL-1.2
"""Contacts are not persons, and every page and file in which they are counted says so beside the figure."""

import csv
import io
import json
from typing import Any

import openpyxl
import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from reporting.rendering.csv import render_csv
from reporting.rendering.pdf import highlights, render_pdf
from reporting.rendering.reading import Reading
from reporting.rendering.report_copy import render_copy
from reporting.rendering.sections import sections
from reporting.rendering.xlsx import render_xlsx
from reporting.selectors import activity_reports
from tests.reporting.output_scene import build_output
from tests.reporting.sample import sample_context

WORDS = "contatti, non persone"


def test_files_of_the_output_report_say_it() -> None:
    content = sample_context()
    content["figures"]["late"] = [
        {"period": "2019-Q1", "network": "network/ATS-01", "indicator": "D.4", "added": 10, "withdrawn": 0}
    ]
    reading = Reading(content)
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(render_pdf(content))).pages)
    assert " ".join(text.split()).count(WORDS) >= 4
    assert [row["label"] for row in highlights(reading) if WORDS in row["label"]] == [
        f"D.4 Destinatari di informazione ({WORDS})"
    ]
    for section in sections(reading):
        for table in section.tables:
            for row in table.rows:
                words = [cell for cell in row if isinstance(cell, str)]
                if any(word.startswith("D.4") for word in words):
                    assert any(WORDS in word for word in words), (section.key, table.title)
            if "D.4" in table.columns:  # the code heads a column: a note under the table says what it is
                assert any(note.startswith("D.4") and WORDS in note for note in section.notes), section.key
    book = openpyxl.load_workbook(io.BytesIO(render_xlsx(content)))
    named = [
        (sheet.title, row)
        for sheet in book.worksheets
        for row in sheet.iter_rows(min_row=2, values_only=True)
        if any("Destinatari di informazione" in str(cell) for cell in row)
    ]
    assert len({title for title, _row in named}) >= 4
    assert not [title for title, row in named if not any(WORDS in str(cell) for cell in row)]
    rows = list(csv.reader(io.StringIO(render_csv(content).decode("utf-8-sig")), delimiter=";"))
    counted = [row for row in rows if "D.4" in row]
    assert counted
    assert all(WORDS in row for row in counted)


@pytest.mark.django_db
def test_dashboard_evidence_and_activity_report_say_it(client: Client) -> None:
    scene = build_output()
    for network in ("RETE-1", "RETE-2"):
        scene.validate(network, 0)
    client.force_login(scene.base.region)
    code = scene.programme.indicators.get(measure="reach").code

    def rows(address: str, element: str = "tr") -> list[str]:
        soup = BeautifulSoup(client.get(address).content, "html.parser")
        found = [node.get_text(" ", strip=True) for node in soup.find_all(element)]
        return [text for text in found if code in text and any(letter.isdigit() for letter in text.replace(code, ""))]

    board = reverse("reporting:dashboard", args=["prova"])
    soup: Any = BeautifulSoup(client.get(f"{board}?indicator={code}").content, "html.parser")
    assert WORDS in next(row.get_text() for row in soup.find_all("tr") if code in row.get_text())
    assert f"({WORDS})" in soup.find(id="trend").get_text()
    evidence = next(
        link["href"] for link in soup.select("td a[href*='evidence'], td a[href*='prove']") if code in link["href"]
    )
    assert f"({WORDS})" in client.get(evidence).content.decode()
    report = next(row for row in scene.reports.values() if code in activity_reports.figures(row)["indicators"])
    lines = rows(report.get_absolute_url())
    assert lines
    assert all(WORDS in line for line in lines)
    text = PdfReader(io.BytesIO(render_copy(_copy(scene, report, code), sha256="0" * 64)))
    assert WORDS in " ".join(" ".join(page.extract_text() for page in text.pages).split())


def _copy(scene: Any, report: Any, code: str) -> dict[str, Any]:
    """Return a frozen copy with one figure of contacts."""
    programme = {"title": "Prova", "visibility_text": "", "project_code": "", "cup": ""}
    line = {"code": code, "title": "Destinatari di informazione", "unit": "contacts", "quantity": 600}
    return json.loads(
        json.dumps(
            {
                "programme": programme,
                "network": {"code": "RETE-1", "name": "Rete"},
                "body": "Ente",
                "period": {"code": "2019-Q1", "starts_on": "2019-01-01", "ends_on": "2019-03-31"},
                "version": 1,
                "submitted_on": "2019-04-05",
                "posting": 1,
                "narrative": {},
                "problem_origins": [],
                "figures": {"lines": [line]},
            }
        )
    )
