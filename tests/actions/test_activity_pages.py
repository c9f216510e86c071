# SPDX-License-Identifier: EUPL-1.2
"""Pages of activities, meetings, contents and products: what they show, whom they let in, what they keep."""

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from actions.enums import ActivityKind, ActivityState, MeetingState
from actions.models import Activity, Campaign, Deliverable
from actions.services.campaigns import publish_campaign, record_measure
from actions.services.deliverables import record_deliverable
from actions.services.meetings import BodyPresent, hold_meeting, record_bodies_present
from partners.models import Organisation
from tests.actions.scene import Scene

DAY = date(2019, 2, 5)
# The others stand in the role matrix.
READERS = ["operator", "teacher", "region"]
WRITERS = ["operator"]


def sign_in(client: Client, user: Any) -> Client:
    client.force_login(user)
    return client


@pytest.fixture
def lab(scene: Scene) -> Activity:
    return scene.activity()


@pytest.fixture
def everything(scene: Scene, lab: Activity) -> dict[str, Any]:
    """An object behind each page."""
    information = scene.meeting(scene.activity(ActivityKind.INFORMATION_MEETING))
    record_bodies_present(meeting=information, bodies=[BodyPresent(scene.stranger.pk)], by=scene.operator)
    campaign = publish_campaign(
        activity=scene.activity(ActivityKind.CAMPAIGN),
        channel=scene.channel,
        title="Numero 1",
        audience="iscritti",
        published_on=DAY,
        value=1800,
        by=scene.operator,
    )
    product = record_deliverable(
        activity=scene.activity(ActivityKind.DELIVERABLE), title="Modulo", delivered_on=DAY, by=scene.operator
    )
    return {
        "activity": lab,
        "meeting": scene.meeting(lab),
        "information": information,
        "campaign": campaign,
        "measure": campaign.measures.get(),
        "deliverable": product,
    }


def address(name: str, everything: dict[str, Any]) -> str:
    kind = name.split("-")[0]
    if name in ("activity-list", "activity-create"):
        return reverse(f"actions:{name}")
    if name == "measure-edit":
        return reverse("actions:measure-edit", args=[everything["campaign"].uuid, everything["measure"].pk])
    if name.endswith("-create"):
        return reverse(f"actions:{name}", args=[everything["activity"].uuid])
    return reverse(f"actions:{name}", args=[everything[kind].uuid])


READ = ["activity-list", "activity", "meeting", "campaign", "deliverable"]
WRITE = [
    "activity-create",
    "activity-edit",
    "activity-cancel",
    "activity-resume",
    "meeting-create",
    "campaign-create",
    "deliverable-create",
    "meeting-edit",
    "meeting-hold",
    "meeting-cancel",
    "meeting-association",
    "campaign-edit",
    "measure-edit",
    "deliverable-edit",
]


def test_readers_read_writers_write_and_outsiders_find_nothing(
    client: Client, scene: Scene, everything: dict[str, Any]
) -> None:
    def status(name: str) -> int:
        return client.get(address(name, everything)).status_code

    for person in READERS:
        sign_in(client, getattr(scene, person))
        for name in READ:
            answer = client.get(address(name, everything))
            assert answer.status_code == 200, (person, name)
            assert answer.content.count(b"<h1") == 1
        expected = 200 if person in WRITERS else 403
        assert {name: status(name) for name in WRITE} == dict.fromkeys(WRITE, expected), person
    sign_in(client, scene.outsider)
    own = {"activity-list": 200, "activity-create": 200}
    assert {name: status(name) for name in (*READ, *WRITE)} == dict.fromkeys((*READ, *WRITE), 404) | own
    page = sign_in(client, scene.operator).get(everything["information"].get_absolute_url()).content.decode()
    assert scene.stranger.name in page
    assert everything["information"].activity.title in page


def test_lists_and_the_page_of_an_activity_cost_the_same_for_any_number(
    client: Client, scene: Scene, lab: Activity, django_assert_max_num_queries: Any
) -> None:
    sign_in(client, scene.operator)
    for number in (3, 30):
        for place in range(lab.meetings.count(), number):
            meeting = scene.meeting(lab, date(2019, 2, 1 + place % 28), hour=9 + place // 28)
            hold_meeting(meeting=meeting, by=scene.operator)
        for _activity in range(number - Activity.objects.count()):
            hold_meeting(meeting=scene.meeting(scene.activity()), by=scene.operator)
        with django_assert_max_num_queries(24):
            page = client.get(reverse("actions:activity-list"))
        assert page.context["page"].paginator.count == number
        with django_assert_max_num_queries(32):
            client.get(lab.get_absolute_url())


def test_filters_are_in_the_address_of_the_list_and_of_the_export(client: Client, scene: Scene) -> None:
    scene.activity(title="Italiano primo")
    scene.activity(ActivityKind.CAMPAIGN, title="Bollettino", starts_on=date(2019, 7, 1))
    sign_in(client, scene.region)

    def titles(**query: Any) -> list[str]:
        page = client.get(reverse("actions:activity-list"), query).context["page"]
        return sorted(row.title for row in page)

    assert titles() == ["Bollettino", "Italiano primo"]
    assert titles(text="ital PRI") == ["Italiano primo"]
    assert titles(period="2019-Q1") == ["Italiano primo"]
    assert titles(period="2019-Q3") == ["Bollettino", "Italiano primo"]
    assert titles(state="running") == []
    assert titles(activity_type=scene.types["campaign"].pk) == ["Bollettino"]
    assert titles(network=scene.network.pk, organisation=scene.cooperative.pk, programme=scene.programme.pk)

    # The export holds what the page shows.
    scene.activity(title="=Formula")
    scene.activity(title="Altra")
    sign_in(client, scene.operator)

    answer = client.get(reverse("actions:activity-export", args=["csv"]), {"text": "formula"})
    text = b"".join(answer.streaming_content).decode()

    assert "'=Formula" in text
    assert "Altra" not in text
    book = client.get(reverse("actions:activity-export", args=["xlsx"]))
    assert b"".join(book.streaming_content).startswith(b"PK")
    book.close()


def creation(scene: Scene, **values: Any) -> dict[str, Any]:
    return {
        "organisation": scene.cooperative.pk,
        "network": scene.network.pk,
        "activity_type": scene.types["lab"].pk,
        "title": "Italiano L2",
        "starts_on": "10/01/2019",
        "ends_on": "20/06/2019",
        "planned_hours": "40",
        "submission_key": "6a1c9d2e-8f7b-4a53-9c55-0d6c8c4f3b11",
    } | values


def test_a_double_submission_creates_one_and_a_refusal_keeps_what_was_typed(client: Client, scene: Scene) -> None:
    sign_in(client, scene.operator)

    for _click in range(2):
        answer = client.post(reverse("actions:activity-create"), creation(scene))
        assert answer.status_code == 302

    activity = Activity.objects.get()
    assert (activity.planned_minutes, activity.starts_on) == (2400, date(2019, 1, 10))

    # A refusal is at the field and keeps what was typed.
    other = {"submission_key": "6a1c9d2e-8f7b-4a53-9c55-0d6c8c4f3b12"}
    page = client.post(reverse("actions:activity-create"), creation(scene, starts_on="10/01/2018", **other))

    assert page.status_code == 200
    assert page.context["form"].errors["starts_on"]
    assert 'value="Italiano L2"' in page.content.decode()
    assert Activity.objects.count() == 1
    unknown = client.post(reverse("actions:activity-create"), creation(scene, activity_type="999999", **other))
    assert unknown.context["form"].errors["activity_type"]


def test_the_page_is_corrected_started_and_concluded(client: Client, scene: Scene, lab: Activity) -> None:
    sign_in(client, scene.operator)
    data = {"title": "Mio", "starts_on": "2019-01-10", "ends_on": "2019-12-20", "version": "1"}
    client.post(reverse("actions:activity-edit", args=[lab.uuid]), data | {"title": "Altrui"})

    # A stale page keeps what was typed and can be saved again.
    page = client.post(reverse("actions:activity-edit", args=[lab.uuid]), data)

    lab.refresh_from_db()
    assert lab.title == "Altrui"
    content = page.content.decode()
    assert 'value="Mio"' in content
    assert 'name="version" value="2"' in content

    client.post(reverse("actions:activity-start", args=[lab.uuid]))
    client.post(reverse("actions:activity-conclude", args=[lab.uuid]))
    client.post(reverse("actions:activity-resume", args=[lab.uuid]), {"reason": "Ancora"})

    lab.refresh_from_db()
    assert lab.state == ActivityState.RUNNING
    assert client.get(reverse("actions:activity-start", args=[lab.uuid])).status_code == 405

    # A button that is refused says why.
    hold_meeting(meeting=scene.meeting(lab), by=scene.operator)
    scene.meeting(lab, hour=9)
    page = client.get(lab.get_absolute_url())
    refused = [button for button in page.context["buttons"] if button.disabled_reason]
    assert len(refused) == 2


def test_weekly_meetings_from_one_form(client: Client, scene: Scene, lab: Activity) -> None:
    sign_in(client, scene.operator)
    data = {"held_on": "2019-03-05", "starts_at": "14:00", "ends_at": "16:00", "repeat_until": "2019-03-26"}
    address = reverse("actions:meeting-create", args=[lab.uuid])

    assert client.post(address, data).status_code == 302
    assert lab.meetings.count() == 4
    late = client.post(address, data | {"repeat_until": "2021-03-26", "starts_at": "09:00"})
    assert late.context["form"].errors["repeat_until"]
    scene.close(0)
    closed = client.post(address, data | {"repeat_until": "", "starts_at": "09:00", "ends_at": "10:00"})
    assert "2019-Q1" in str(closed.context["form"].errors["held_on"])
    page = client.get(lab.meetings.order_by("held_on")[0].get_absolute_url())
    assert page.context["buttons"]
    assert all("2019-Q1" in button.disabled_reason for button in page.context["buttons"])
    later = scene.activity(starts_on=date(2019, 5, 1))  # has nothing in the period that is closed
    closed_of = [client.get(one.get_absolute_url()).context["closed"] for one in (lab, later)]
    assert ["2019-Q1" in said for said in closed_of] == [True, False]


def test_edit_hold_and_cancel_a_meeting(client: Client, scene: Scene) -> None:
    meeting = scene.meeting(scene.activity(ActivityKind.FAMILY_MEETING))
    sign_in(client, scene.operator)

    def post(name: str, **data: Any) -> None:
        answer = client.post(reverse(f"actions:meeting-{name}", args=[meeting.uuid]), data)
        assert answer.status_code == 302, answer.context["form"].errors
        meeting.refresh_from_db()

    post("edit", held_on="2019-02-06", starts_at="15:00", ends_at="16:00", topic="Voti", version="1", head_count="")
    assert (meeting.topic, meeting.minutes) == ("Voti", 60)
    post("hold", head_count="23")
    assert (meeting.state, meeting.head_count) == (MeetingState.HELD, 23)
    post("cancel", reason="Registrato per errore")
    assert meeting.state == MeetingState.CANCELLED


def test_bodies_present_are_added_and_taken_away(client: Client, scene: Scene) -> None:
    meeting = scene.meeting(scene.activity(ActivityKind.INFORMATION_MEETING))
    sign_in(client, scene.operator)
    address = reverse("actions:meeting-body", args=[meeting.uuid])

    client.post(address, {"organisation": scene.school.pk, "people": "2"})
    wrong = client.post(address, {"organisation": scene.school.pk, "people": "0"})
    assert wrong.status_code == 200
    assert wrong.context["form"].errors
    client.post(
        reverse("actions:meeting-association", args=[meeting.uuid]),
        {"name": "Donne del mondo", "informal_reason": "informal_group", "people": "3"},
    )
    assert meeting.bodies_present.count() == 2
    client.post(reverse("actions:meeting-body-remove", args=[meeting.uuid, scene.school.uuid]))
    assert [row.organisation.name for row in meeting.bodies_present.all()] == ["Donne del mondo"]
    nothing = client.post(reverse("actions:meeting-association", args=[meeting.uuid]), {"name": "X", "people": "1"})
    assert nothing.context["form"].errors["fiscal_code"]
    assert Organisation.objects.filter(name="X").count() == 0


def test_a_content_with_its_value_and_evidence(client: Client, scene: Scene) -> None:
    newsletter = scene.activity(ActivityKind.CAMPAIGN)
    sign_in(client, scene.operator)
    data = {
        "channel": scene.channel.pk, "title": "Numero 1", "audience": "iscritti", "published_on": "2019-02-05",
        "value": "1800",
    }  # fmt: skip

    disguised = client.post(
        reverse("actions:campaign-create", args=[newsletter.uuid]),
        data | {"evidence": SimpleUploadedFile("schermata.png", b"MZ not a picture")},
    )
    assert disguised.context["form"].errors["evidence"]
    client.post(
        reverse("actions:campaign-create", args=[newsletter.uuid]),
        data | {"evidence": SimpleUploadedFile("schermata.png", b"\x89PNG\r\n\x1a\n" + b"0" * 50)},
    )

    campaign = Campaign.objects.get()
    assert campaign.evidence is not None
    assert campaign.measures.get().value == 1800
    twice = client.post(
        reverse("actions:measure-create", args=[campaign.uuid]), {"measured_on": "2019-02-05", "value": "5"}
    )
    assert twice.context["form"].errors["measured_on"]
    edit = reverse("actions:measure-edit", args=[campaign.uuid, campaign.measures.get().pk])
    client.post(edit, {"value": "1900", "measured_on": "2019-02-05"})
    assert campaign.measures.get().value == 1900
    record_measure(campaign=campaign, measured_on=date(2019, 3, 1), value=2000, by=scene.operator)
    page = client.get(newsletter.get_absolute_url())
    assert page.context["content_rows"][0][3] == 2000


def test_a_product_is_recorded_and_corrected(client: Client, scene: Scene, lab: Activity) -> None:
    sign_in(client, scene.operator)
    data = {"kind": "material", "title": "Glossario", "delivered_on": "2019-02-05", "quantity": "2"}

    client.post(reverse("actions:deliverable-create", args=[lab.uuid]), data)
    product = Deliverable.objects.get()
    client.post(reverse("actions:deliverable-edit", args=[product.uuid]), data | {"quantity": "3", "version": "1"})
    stale = client.post(reverse("actions:deliverable-edit", args=[product.uuid]), data | {"version": "1"})

    product.refresh_from_db()
    assert product.quantity == 3
    assert stale.context["form"].errors
