# SPDX-License-Identifier: EUPL-1.2
"""Temporary: pictures of the registers."""
import pytest
from datetime import date, timedelta
from playwright.sync_api import expect
from tests.actions.scene import build
from tests.beneficiaries.class_of import class_of, pupil, enrolled
from beneficiaries.models import Attendance
from beneficiaries.services.registers import Cell, record_attendance

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

def test_pictures(live, axe):
    scene = build()
    lab = scene.activity(title="Laboratorio di italiano L2, classe 3B", planned_minutes=2400)
    es = class_of(scene, lab, 9)
    es.append(enrolled(scene, lab, pupil(scene, "4A-02", birth_date=date(1999,1,1))))
    ms = [scene.meeting(lab, date(2019, 3, 5) + timedelta(weeks=w)) for w in range(7)]
    record_attendance(activity=lab, cells=[Cell(m.pk, e.pk, "absent" if (i + j) % 5 == 0 else "present", 45 if (i+j) % 7 == 0 and (i+j)%5 else None) for i, m in enumerate(ms[:5]) for j, e in enumerate(es)], by=scene.operator)
    scene.close(0)
    page = live.page(scene.operator, path=lab.get_absolute_url())
    page.screenshot(path="/tmp/team/reg-activity.png", full_page=True); axe(page)
    page.goto(f"{lab.get_absolute_url()}register/")
    cell = page.locator(f"[name=cell-{ms[5].pk}-{es[0].pk}]")
    cell.focus()
    page.keyboard.press("p"); page.keyboard.press("ArrowDown")
    page.keyboard.press("a"); page.keyboard.press("ArrowDown")
    page.keyboard.press("g"); page.keyboard.press("Enter")
    page.keyboard.press(" "); page.keyboard.press("ArrowDown")
    page.keyboard.type("p30"); page.keyboard.press("ArrowDown")
    page.keyboard.press("x"); page.keyboard.press("ArrowDown")
    expect(page.locator("td.register-cell.is-saved")).to_have_count(5)
    expect(page.locator("td.register-cell.is-wrong")).to_have_count(1)
    page.evaluate("""() => { const i = document.activeElement; const d = new DataTransfer(); d.setData('text/plain', 'P\\tA\\nP40\\tG\\n'); i.dispatchEvent(new ClipboardEvent('paste', {clipboardData: d, bubbles: true, cancelable: true})); }""")
    expect(page.locator("td.register-cell.is-saved")).to_have_count(9)
    assert page.evaluate("document.activeElement.className") == "register-input"
    page.screenshot(path="/tmp/team/reg-grid.png", full_page=True); axe(page)
    assert Attendance.objects.filter(meeting=ms[5]).count() == 7
    # the network is lost
    page.context.set_offline(True)
    page.locator(f"[name=cell-{ms[6].pk}-{es[0].pk}]").focus(); page.keyboard.press("p"); page.keyboard.press("ArrowDown")
    expect(page.locator(f"td:has([name=cell-{ms[6].pk}-{es[0].pk}]) .register-error")).to_be_visible()
    page.context.set_offline(False)
    page.locator(f"[name=cell-{ms[6].pk}-{es[0].pk}]").focus(); page.keyboard.press("ArrowDown")
    expect(page.locator(f"td.is-saved:has([name=cell-{ms[6].pk}-{es[0].pk}])")).to_have_count(1)
    page.goto(f"{lab.get_absolute_url()}register/?meeting={ms[5].uuid}")
    page.screenshot(path="/tmp/team/reg-meeting.png", full_page=True); axe(page)
    page.set_viewport_size({"width": 390, "height": 844})
    page.screenshot(path="/tmp/team/reg-meeting-narrow.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto("/activities/"); page.screenshot(path="/tmp/team/reg-list.png", full_page=True); axe(page)
    page.goto(f"{lab.get_absolute_url()}enrol/new/"); page.screenshot(path="/tmp/team/reg-enrol.png", full_page=True); axe(page)
    page.goto("/activities/new/"); page.screenshot(path="/tmp/team/reg-new.png", full_page=True); axe(page)
