# SPDX-License-Identifier: EUPL-1.2
"""A lab through a term by keyboard alone, a block from a spreadsheet, the workbook out and back, two people in one grid."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Locator, Page, expect

from actions.models import Meeting
from beneficiaries.models import Attendance, Enrolment
from beneficiaries.rendering.register_book import SHEET
from beneficiaries.selectors import mark_of
from tests.actions.scene import build
from tests.beneficiaries.class_of import class_of
from tests.e2e.conftest import NARROW, Live

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

PASTE = """
text => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  const event = new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true});
  document.activeElement.dispatchEvent(event);
}
"""
PUPILS, MEETINGS = 20, 10
KEPT_BY_KEYBOARD = 8
# Of twenty pupils two are absent at each meeting: paper wants a mark for each of the twenty.
MOST_KEYSTROKES = 9 * KEPT_BY_KEYBOARD


class Keys:
    """The keyboard, counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.strokes = page, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.strokes += 1


def input_of(page: Page, meeting: Meeting, enrolment: Enrolment) -> Locator:
    """Return the field of one cell."""
    return page.locator(f"[name=cell-{meeting.pk}-{enrolment.pk}]")


def cell_of(page: Page, meeting: Meeting, enrolment: Enrolment, state: str = "register-cell") -> Locator:
    """Return a cell in a state."""
    return page.locator(f"td.{state}:has([name=cell-{meeting.pk}-{enrolment.pk}])")


def marks(meeting: Meeting) -> list[str]:
    """Return what the register of a meeting holds."""
    return [mark_of(cell) for cell in Attendance.objects.filter(meeting=meeting).order_by("enrolment")]


def test_a_term_by_keyboard_by_spreadsheet_and_by_two(live: Live, axe: Callable[[Page], None], tmp_path: Path) -> None:
    scene = build()
    lab = scene.activity()
    pupils = class_of(scene, lab, PUPILS)
    meetings = [scene.meeting(lab, date(2019, 2, 5) + timedelta(weeks=week)) for week in range(MEETINGS)]
    address = f"{lab.get_absolute_url()}register/"
    page = live.page(scene.operator, path=address)

    # All present, then the absent ones: the whole meeting leaves in few requests, each cell is confirmed.
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url) if request.url.endswith("/cells/") else None)
    keys = Keys(page)
    input_of(page, meetings[0], pupils[0]).focus()
    for number in range(KEPT_BY_KEYBOARD):
        step = "ArrowDown" if number % 2 == 0 else "ArrowUp"
        keys.press("t", step, step, "a", step, "g", "ArrowRight")
    expect(page.locator("td.register-cell.is-saved")).to_have_count(PUPILS * KEPT_BY_KEYBOARD)
    assert keys.strokes <= MOST_KEYSTROKES
    assert len(requests) <= 4 * KEPT_BY_KEYBOARD
    assert all(sorted(marks(one))[:2] == ["absent", "justified"] for one in meetings[:KEPT_BY_KEYBOARD])
    keys.press("End", "Control+Home")
    expect(input_of(page, meetings[0], pupils[0])).to_be_focused()
    expect(page.locator("[data-register-status]")).to_contain_text("salv")
    axe(page)

    # A block from a spreadsheet: one column off it is refused, in its place it is shown, then written.
    days = "\t".join(f"{one.held_on:%d/%m/%Y}" for one in meetings[8:])
    block = f"{days}\n" + "".join("P\tA\n" if row % 2 else "P45\tP\n" for row in range(PUPILS))
    input_of(page, meetings[7], pupils[0]).focus()
    page.evaluate(PASTE, block)
    expect(page.get_by_text("Il blocco è sfasato")).to_be_visible()
    page.get_by_role("link", name="Torna al registro").click()
    expect(input_of(page, meetings[7], pupils[0])).to_be_focused()
    input_of(page, meetings[8], pupils[0]).focus()
    page.evaluate(PASTE, block)
    expect(page.get_by_role("heading", name="Che cosa cambierebbe")).to_be_focused()
    assert marks(meetings[8]) == []
    axe(page)
    page.get_by_role("button", name="Scrivi queste celle").press("Enter")
    expect(page.locator(".alert-success")).to_contain_text("40")
    assert marks(meetings[9])[:2] == ["present:90", "absent"]

    # Two people in one grid: whoever comes second reads who wrote what, and chooses.
    other = live.page(scene.contact, path=address)
    input_of(other, meetings[0], pupils[5]).focus()
    other.keyboard.press("g")
    other.keyboard.press("ArrowDown")
    expect(cell_of(other, meetings[0], pupils[5], "is-saved")).to_have_count(1)
    input_of(page, meetings[0], pupils[5]).focus()
    page.keyboard.press("a")
    page.keyboard.press("ArrowDown")
    wrong = cell_of(page, meetings[0], pupils[5], "is-wrong")
    expect(wrong).to_contain_text(scene.contact.full_name)
    axe(page)
    wrong.get_by_role("button", name="Scrivi A").click()
    page.keyboard.press("ArrowDown")
    expect(cell_of(page, meetings[0], pupils[5], "is-saved")).to_have_count(1)
    assert Attendance.objects.get(meeting=meetings[0], enrolment=pupils[5]).state == "absent"

    # Without a connection nothing is lost, and it says so.
    page.context.set_offline(True)
    input_of(page, meetings[1], pupils[6]).focus()
    page.keyboard.type("g")
    page.keyboard.press("ArrowDown")
    expect(cell_of(page, meetings[1], pupils[6], "is-wrong")).to_have_count(1)
    expect(input_of(page, meetings[1], pupils[6])).to_have_value("G")
    page.context.set_offline(False)
    input_of(page, meetings[1], pupils[6]).focus()
    page.keyboard.press("ArrowDown")
    expect(cell_of(page, meetings[1], pupils[6], "is-saved")).to_have_count(1)
    stored = page.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)]")
    assert set(stored) <= {"htmx-current-path-for-history"}

    # The workbook goes out, is filled somewhere else, and comes back.
    page.get_by_role("link", name="Fuori linea o incolla").click()
    with page.expect_download() as handed:
        page.get_by_role("button", name="Scarica (XLSX)").click()
    book = openpyxl.load_workbook(io.BytesIO(Path(handed.value.path()).read_bytes()))
    book[SHEET]["D9"] = "P30"
    book[SHEET]["E9"] = "P99"
    filled = tmp_path / "registro.xlsx"
    book.save(filled)
    page.locator("[name=file]").set_input_files(filled)
    page.locator("button[value=upload]").click()
    expect(page.get_by_text("L’incontro è durato 90 minuti")).to_be_visible()
    axe(page)
    book[SHEET]["E9"] = "A"
    book.save(filled)
    page.locator("[name=file]").set_input_files(filled)
    page.locator("button[value=upload]").click()
    page.get_by_role("button", name="Scrivi queste celle").click()
    expect(page.locator(".alert-success")).to_contain_text("2")
    assert (marks(meetings[0])[7], marks(meetings[1])[7]) == ("present:30", "absent")

    page = live.page(scene.operator, size=NARROW, path=f"{address}?meeting={meetings[0].uuid}")
    page.get_by_role("button", name="Tutti gli altri presenti").click()
    expect(page.locator(".alert")).to_be_visible()
    axe(page)
