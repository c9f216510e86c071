# SPDX-License-Identifier: EUPL-1.2
"""The wide register by keyboard, by paste, and when the connection is lost."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from actions.models import Meeting
from beneficiaries.models import Attendance, Enrolment
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


def input_of(page: Page, meeting: Meeting, enrolment: Enrolment) -> Locator:
    """Return the field of one cell."""
    return page.locator(f"[name=cell-{meeting.pk}-{enrolment.pk}]")


def cell_of(page: Page, meeting: Meeting, enrolment: Enrolment, state: str) -> Locator:
    """Return a cell in a state."""
    return page.locator(f"td.{state}:has([name=cell-{meeting.pk}-{enrolment.pk}])")


def marks(meeting: Meeting) -> list[str]:
    """Return what the register of a meeting holds."""
    return [mark_of(cell) for cell in Attendance.objects.filter(meeting=meeting).order_by("enrolment")]


def test_the_grid_by_keyboard_by_paste_and_without_connection(live: Live, axe: Callable[[Page], None]) -> None:
    scene = build()
    lab = scene.activity()
    pupils = class_of(scene, lab, 9)
    first, second = (scene.meeting(lab, date(2019, 4, 9) + timedelta(weeks=week)) for week in range(2))
    page = live.page(scene.operator, path=f"{lab.get_absolute_url()}register/")

    input_of(page, first, pupils[0]).focus()
    for keys in ("p", "a", "g", " ", "p30", "x"):
        page.keyboard.type(keys)
        page.keyboard.press("ArrowDown")
    expect(page.locator("td.register-cell.is-saved")).to_have_count(5)
    expect(cell_of(page, first, pupils[5], "is-wrong")).to_have_count(1)
    expect(input_of(page, first, pupils[5])).to_have_value("x")
    expect(input_of(page, first, pupils[6])).to_be_focused()

    page.evaluate(PASTE, "P\tA\nP40\tG\n")
    expect(page.locator("td.register-cell.is-saved")).to_have_count(9)
    assert marks(first) == ["present:90", "absent", "justified", "present:90", "present:30", "present:90", "present:40"]
    assert marks(second) == ["absent", "justified"]

    page.context.set_offline(True)
    input_of(page, second, pupils[0]).focus()
    page.keyboard.press("p")
    page.keyboard.press("ArrowDown")
    expect(cell_of(page, second, pupils[0], "is-wrong")).to_have_count(1)
    expect(input_of(page, second, pupils[0])).to_have_value("P")
    page.context.set_offline(False)
    input_of(page, second, pupils[0]).focus()
    page.keyboard.press("ArrowDown")
    expect(cell_of(page, second, pupils[0], "is-saved")).to_have_count(1)
    axe(page)
    stored = page.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)]")
    assert set(stored) <= {"htmx-current-path-for-history"}

    page = live.page(scene.operator, size=NARROW, path=f"{lab.get_absolute_url()}register/?meeting={first.uuid}")
    page.get_by_role("button", name="Tutti gli altri presenti").click()
    expect(page.locator(".alert-success")).to_be_visible()
    assert len(marks(first)) == 9
    axe(page)
