# SPDX-License-Identifier: EUPL-1.2
"""Blocks pasted from a spreadsheet and workbooks that come back: shown first, refused whole, written once."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from unittest.mock import patch

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from actions.models import Activity, Meeting
from beneficiaries.models import Attendance, Enrolment, ReadEntry
from beneficiaries.rendering.register_book import HIDDEN, SHEET
from beneficiaries.selectors import mark_of
from beneficiaries.services.enrolments import withdraw
from beneficiaries.services.registers import Cell, record_attendance
from fami_portal.core.imports import reading
from tests.actions.scene import Scene
from tests.beneficiaries.class_of import class_of

DAY = date(2019, 2, 5)


@dataclass
class Term:
    """A lab with four pupils (the last has left) and five weekly meetings, the first in a period that is closed."""

    scene: Scene
    lab: Activity
    pupils: list[Enrolment]
    meetings: list[Meeting]
    client: Client

    @property
    def address(self) -> str:
        return reverse("beneficiaries:register-block", args=[self.lab.uuid])

    def paste(self, text: str, *, meeting: int = 1, pupil: int = 0) -> Any:
        return self.client.post(
            self.address,
            {
                "act": "paste",
                "text": text,
                "meeting": self.meetings[meeting].pk,
                "enrolment": self.pupils[pupil].pk,
            },
        ).context

    def download(self) -> bytes:
        answer = self.client.post(self.address, {"act": "download"})
        assert answer["Cache-Control"] == "private, no-store"
        return bytes(answer.content)

    def upload(self, content: bytes, name: str = "registro.xlsx") -> Any:
        return self.client.post(self.address, {"act": "upload", "file": SimpleUploadedFile(name, content)}).context

    def confirm(self, token: str, **data: str) -> Any:
        return self.client.post(self.address, {"act": "confirm", "token": token} | data, follow=True)

    def marks(self) -> dict[tuple[int, int], str]:
        """What the register holds, by positions of meeting and pupil."""
        meetings = {one.pk: number for number, one in enumerate(self.meetings)}
        pupils = {one.pk: number for number, one in enumerate(self.pupils)}
        return {
            (meetings[one.meeting_id], pupils[one.enrolment_id]): mark_of(one)
            for one in Attendance.objects.order_by("pk")
        }


@pytest.fixture
def term(scene: Scene, client: Client) -> Term:
    lab = scene.activity()
    pupils = class_of(scene, lab, 4)
    days = [date(2019, 3, 26) + timedelta(weeks=week) for week in range(5)]
    meetings = [scene.meeting(lab, day) for day in days]
    withdraw(enrolment=pupils[3], withdrawn_on=date(2019, 4, 10), reason="x", by=scene.operator)
    scene.close(0)
    client.force_login(scene.operator)
    return Term(scene, lab, pupils, meetings, client)


def test_a_pasted_block_is_shown_then_written_once(term: Term) -> None:
    # Dates above and codes on the left are compared and left out; an empty cell changes nothing.
    text = "\t\t02/04/2019\t9/4\n1\t3B-01\tP\tA\n2\t3B-02\t\tP40\n"

    shown = term.paste(text)["preview"]
    assert term.marks() == {}
    assert [(one.label, one.day, one.now, one.will, one.kind) for one in shown.changes] == [
        ("3B-01", "02/04/2019", "", "P", "new"),
        ("3B-01", "09/04/2019", "", "A", "new"),
        ("3B-02", "09/04/2019", "", "P40", "new"),
    ]
    for _click in range(2):
        page = term.confirm(shown.token)
        assert page.redirect_chain[-1][0] == reverse("beneficiaries:register", args=[term.lab.uuid])
    assert term.marks() == {(1, 0): "present:90", (2, 0): "absent", (2, 1): "present:40"}
    again = term.paste(text)["preview"]
    assert (again.writes, again.same, again.token) == (0, 3, "")
    # The token is of one person and one register.
    term.client.force_login(term.scene.contact)
    assert "messages" in term.confirm(shown.token).context
    assert len(term.marks()) == 3


def test_each_cell_of_a_block_that_cannot_be_written_says_why(term: Term) -> None:
    shown = term.paste("P95\tZ\tP\nP\tA\tG\n", meeting=2, pupil=2)["preview"]

    assert not shown.token
    assert {(one.label, one.day): one.message for one in shown.changes if one.kind == "problem"} == {
        ("3B-03", "09/04/2019"): "L’incontro è durato 90 minuti: scrivi da 1 a 90.",
        (
            "3B-03",
            "16/04/2019",
        ): "Scrivi P (presente), A (assente), G (giustificato), oppure P45 per 45 minuti di presenza.",
        ("3B-04", "16/04/2019"): "Ritirato il 10/04/2019.",
        ("3B-04", "23/04/2019"): "Ritirato il 10/04/2019.",
    }
    closed = term.paste("P\tP\n", meeting=0)["preview"]
    assert [one.day for one in closed.changes if one.kind == "problem"] == ["26/03/2019"]
    assert term.marks() == {}


ASIDE = (
    ("9/4\t16/4\nP\tA\n", "sfasato"),
    ("2/4\t17/5\nP\tA\n", "17/05"),
    ("1\tP\n2\tP\n3\tA\n", "conta le righe"),
    ("Amina B.\tP\nDrita C.\tA\n", "una colonna"),
    ("3B-02\tP\n3B-01\tA\n", "ordine"),
    ("P\tP\tP\tP\tP\n", "Colonne del blocco: 5"),
    ("P\nP\nP\nP\nP\n", "Righe del blocco: 5"),
    ("\n\n", "niente da incollare"),
    ("2/4\t9/4\n", "solo date"),
)


def test_a_block_that_stands_aside_is_refused_whole(term: Term) -> None:
    for text, said in ASIDE:
        context = term.paste(text)
        assert context["preview"] is None, text
        assert said in context["refused"], (text, context["refused"])
        assert "Amina" not in context["refused"]
    assert term.marks() == {}


def test_a_block_that_was_copied_from_the_column_beside_is_recognised_by_its_values(term: Term) -> None:
    columns = (("A", "P"), ("P45", "A"), ("G", "P"))
    assert term.confirm(term.paste("\n".join("\t".join(row) for row in columns) + "\n")["preview"].token)

    context = term.paste("A\nP45\nG\n", meeting=2)

    assert context["preview"] is None
    assert "una colonna a sinistra" in context["refused"]
    # Three corrections that agree with no column beside are corrections.
    assert term.paste("G\nG\nA\n", meeting=2)["preview"].writes == 3


def edited(content: bytes, edit: Callable[[Any], None], sheet: str = SHEET) -> bytes:
    """Return a workbook after somebody worked on it with another program."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    edit(book[sheet] if sheet else book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_the_workbook_goes_out_and_comes_back_once(term: Term) -> None:
    record_attendance(
        activity=term.lab, cells=[Cell(term.meetings[1].pk, term.pupils[0].pk, "absent")], by=term.scene.operator
    )
    content = term.download()
    book = openpyxl.load_workbook(io.BytesIO(content))
    page = book[SHEET]
    assert [page["B2"].value, page["D1"].value, page["E2"].value] == ["3B-01", "26/03/2019 14:00", "A"]
    assert book[HIDDEN].sheet_state == "veryHidden"
    assert [page["D2"].protection.locked, page["E2"].protection.locked, page["G5"].protection.locked] == [1, 0, 1]
    assert ReadEntry.objects.filter(page="beneficiaries:register-block").exists()

    assert term.upload(content)["preview"].changes == []

    def fill(sheet: Any) -> None:
        sheet["E2"] = "P"
        sheet["E3"] = 45
        sheet["F3"] = "g"

    shown = term.upload(edited(content, fill))["preview"]
    assert [(one.source, one.now, one.will, one.kind) for one in shown.changes] == [
        ("E2", "A", "P", "changed"),
        ("E3", "", "P45", "new"),
        ("F3", "", "G", "new"),
    ]
    assert term.marks() == {(1, 0): "absent"}
    term.confirm(shown.token)
    written = {(1, 0): "present:90", (1, 1): "present:45", (2, 1): "justified"}
    assert term.marks() == written
    # The same file twice: it asks for what is there.
    twice = term.upload(edited(content, fill))["preview"]
    assert (twice.writes, twice.stale, twice.token) == (0, 0, "")

    # Somebody wrote a cell after the download: the file does not win by coming later, the person chooses.
    def later(sheet: Any) -> None:
        sheet["F2"], sheet["G2"] = "A", "P"

    record_attendance(
        activity=term.lab, cells=[Cell(term.meetings[2].pk, term.pupils[0].pk, "present")], by=term.scene.contact
    )
    shown = term.upload(edited(content, later))["preview"]
    assert [(one.source, one.kind) for one in shown.changes] == [("F2", "stale"), ("G2", "new")]
    assert term.scene.contact.full_name in shown.changes[0].message
    term.confirm(shown.token)
    assert term.marks() == written | {(2, 0): "present:90", (3, 0): "present:90"}
    term.confirm(term.upload(edited(content, later))["preview"].token, contested="write")
    assert term.marks()[2, 0] == "absent"


def test_a_workbook_that_is_not_what_went_out_is_refused_in_a_sentence(term: Term) -> None:
    content = term.download()
    other = Term(term.scene, term.scene.activity(), [], [], term.client)

    def merged(sheet: Any) -> None:
        sheet.merge_cells("E2:F2")

    def formula(sheet: Any) -> None:
        sheet["E2"] = '=IF(1,"P","A")'

    def renamed(book: Any) -> None:
        book[SHEET].title = "Foglio1"

    def moved(sheet: Any) -> None:
        sheet["E1"], sheet["F1"] = sheet["F1"].value, sheet["E1"].value

    def swapped(sheet: Any) -> None:
        for letter in "BC":
            sheet[f"{letter}2"], sheet[f"{letter}3"] = sheet[f"{letter}3"].value, sheet[f"{letter}2"].value

    def added(sheet: Any) -> None:
        sheet["A6"], sheet["B6"], sheet["E6"] = 999_999, "3B-99", "P"

    def doubled(sheet: Any) -> None:
        sheet["A3"] = sheet["A2"].value

    def beside(sheet: Any) -> None:
        sheet["I1"] = "Note"

    def unhidden(book: Any) -> None:
        del book[HIDDEN]

    for edit, sheet, said in (
        (merged, SHEET, "E2:F2"),
        (formula, SHEET, "E2"),
        (renamed, "", "Registro"),
        (moved, SHEET, "E1"),
        (swapped, SHEET, "riga 2"),
        (added, SHEET, "riga 6"),
        (doubled, SHEET, "2 e 3"),
        (beside, SHEET, "I"),
        (unhidden, "", "scaricalo di nuovo"),
    ):
        context = term.upload(edited(content, edit, sheet))
        assert context["preview"] is None, edit
        assert said in context["refused"], (edit, context["refused"])
    assert "un’altra attività" in other.upload(content)["refused"]
    assert term.upload(b"PK", "registro.pdf")["refused"]
    assert term.upload(b"not a workbook")["refused"]
    assert term.upload(_many_rows(content))["refused"].count("200.004")
    with patch.object(reading, "MAX_UNFOLDED", 4_000_000):
        assert term.upload(content)["preview"] is not None
        assert term.upload(_bomb(content))["refused"]
    assert term.client.post(term.address, {"act": "upload"}).context["refused"]
    assert term.marks() == {}


def _with_part(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            data = old.read(entry)
            new.writestr(entry.filename, change(data) if entry.filename == part else data)
    return target.getvalue()


def _many_rows(content: bytes) -> bytes:
    rows = b"".join(b'<row r="%d"><c r="E%d"><v>1</v></c></row>' % (row, row) for row in range(6, 200_006))
    return _with_part(
        content, "xl/worksheets/sheet1.xml", lambda data: data.replace(b"</sheetData>", rows + b"</sheetData>")
    )


def _bomb(content: bytes) -> bytes:
    return _with_part(content, "xl/worksheets/sheet2.xml", lambda data: data + b" " * 4_100_000)


def test_the_page_costs_the_same_for_any_size(scene: Scene, client: Client, django_assert_max_num_queries: Any) -> None:
    client.force_login(scene.operator)
    for number, days in ((3, 1), (30, 10)):
        lab = scene.activity()
        pupils = class_of(scene, lab, number, name=f"{days}C")
        meetings = [scene.meeting(lab, DAY + timedelta(days=day)) for day in range(days)]
        text = "\n".join("\t".join("P" for _day in meetings) for _pupil in pupils) + "\n"
        client.get(reverse("beneficiaries:register", args=[lab.uuid]))
        with django_assert_max_num_queries(15):
            context = client.post(
                reverse("beneficiaries:register-block", args=[lab.uuid]),
                {"act": "paste", "text": text, "meeting": meetings[0].pk, "enrolment": pupils[0].pk},
            ).context
        assert context["preview"].writes == number * days
