# SPDX-License-Identifier: EUPL-1.2
"""What a partner does every week: a meeting, a new recipient, the register by keyboard, an association, a newsletter."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from actions.models import Activity, Campaign, Meeting
from beneficiaries.models import Attendance, Beneficiary
from tests.e2e.conftest import Live
from tests.e2e.world import demo, demo_user

__all__ = ["demo"]

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def lab() -> Activity:
    """Return the first language lab of the cooperative."""
    return Activity.objects.filter(
        organisation__name="Cooperativa sociale Ponte Chiaro", activity_type__code="LAB-L2"
    ).order_by("pk")[0]


def fill_in(page: Page, **values: str) -> None:
    """Fill in fields of the form that is open by their names."""
    for name, value in values.items():
        page.locator(f"main form.portal-form [name={name}]").fill(value)


def send(page: Page) -> None:
    """Press the button of the form that is open."""
    page.locator("main form.portal-form [type=submit]").first.click()


def test_register_is_kept_by_keyboard(live: Live, demo: None, axe: Callable[[Page], None]) -> None:
    activity = lab()
    page = live.page(demo_user("partner"), path="/activities/")
    axe(page)
    page.goto(activity.get_absolute_url())
    axe(page)

    # A meeting whose end comes before its start is refused at the field, and nothing typed is lost.
    page.goto(f"{activity.get_absolute_url()}meetings/new/")
    fill_in(page, held_on="2019-05-29", starts_at="16:00", ends_at="15:00", topic="Recupero")
    send(page)
    expect(page.locator("[name=topic]")).to_have_value("Recupero")
    expect(page).to_have_title(re.compile("^Errore:"))
    axe(page)
    assert not activity.meetings.filter(topic="Recupero").exists()
    fill_in(page, ends_at="18:00")
    send(page)
    page.wait_for_url(lambda url: not url.endswith("/meetings/new/"))
    meeting = activity.meetings.get(topic="Recupero")

    page.goto(f"{activity.get_absolute_url()}register/")
    axe(page)
    empty = page.locator(f".register-input[name*='{meeting.pk}']")
    count = empty.count()
    assert count > 5
    empty.nth(0).focus()
    page.keyboard.press("p")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("a")
    page.keyboard.press("ArrowDown")
    expect(page.locator("td.register-cell.is-saved")).to_have_count(2)
    states = Attendance.objects.filter(meeting=meeting).order_by("state").values_list("state", "minutes")
    assert list(states) == [("absent", 0), ("present", 120)]
    page.keyboard.press("x")
    page.keyboard.press("Tab")
    expect(page.locator("td.register-cell.is-wrong")).to_have_count(1)
    axe(page)
    assert Meeting.objects.get(pk=meeting.pk).state == "held"


def test_new_recipient_is_enrolled_by_code_never_by_name(live: Live, demo: None, axe: Callable[[Page], None]) -> None:
    activity = lab()
    page = live.page(demo_user("partner"), path=f"{activity.get_absolute_url()}enrol/new/")
    axe(page)
    fill_in(
        page, local_code="Mario Rossi", birth_date="2010-03-04", enrolled_on="2019-05-20", notice_given_on="2019-05-18"
    )
    page.locator("[name=notice_version]").select_option("2018/1")
    page.get_by_label("Donna").check(force=True)
    page.locator("[name=citizenship]").select_option(label="Marocco")
    group = page.locator("[name=target_group] option", has_text="cittadinanza di Paesi terzi").first
    page.locator("[name=target_group]").select_option(value=group.get_attribute("value"))
    send(page)
    expect(page).to_have_title(re.compile("^Errore:"))
    expect(page.locator("[name=notice_version]")).to_have_value("2018/1")
    axe(page)
    assert not Beneficiary.objects.filter(local_code="Mario Rossi").exists()

    fill_in(page, local_code="5C-21")
    send(page)
    expect(page.get_by_text("Iscritto: 5C-21")).to_be_visible()
    person = Beneficiary.objects.get(local_code="5C-21")
    assert person.enrolments.filter(activity=activity).count() == 1
    page.goto(person.get_absolute_url())
    axe(page)
    page.goto("/recipients/")
    axe(page)


def test_association_and_newsletter_are_recorded(live: Live, demo: None, axe: Callable[[Page], None]) -> None:
    meeting = (
        Meeting.objects.filter(
            activity__activity_type__code="INCONTRI-ASSOCIAZIONI", activity__network__code="ATS-4-OC"
        )
        .filter(activity__organisation__name="Associazione di promozione sociale Rete di Piazza")
        .order_by("pk")[0]
    )
    page = live.page(demo_user("partner.associazioni"), path=meeting.get_absolute_url())
    axe(page)
    page.goto(f"{meeting.get_absolute_url()}bodies/new/")
    axe(page)
    fill_in(page, name="Gruppo giovani di Barriera")
    send(page)
    expect(page).to_have_title(re.compile("^Errore:"))
    page.locator("[name=informal_reason]").select_option(value="informal_group")
    send(page)
    page.wait_for_url(lambda url: not url.endswith("/bodies/new/"))
    assert meeting.organisations.filter(name="Gruppo giovani di Barriera").count() == 1

    newsletter = Activity.objects.get(activity_type__code="NEWSLETTER-SOCIAL")
    page = live.page(demo_user("partner.ires"), path=f"{newsletter.get_absolute_url()}contents/new/")
    axe(page)
    channel = page.locator("[name=channel] option", has_text="Newsletter").first
    page.locator("[name=channel]").select_option(value=channel.get_attribute("value"))
    fill_in(
        page,
        title="Newsletter straordinaria",
        audience="Iscritti alla newsletter regionale",
        published_on="2019-06-20",
        value="3200",
        source="Statistiche di invio",
    )
    send(page)
    page.wait_for_url(lambda url: not url.endswith("/contents/new/"))
    campaign = Campaign.objects.get(title="Newsletter straordinaria")
    assert campaign.measures.get().value == 3200
    page.goto(campaign.get_absolute_url())
    axe(page)
