# SPDX-License-Identifier: EUPL-1.2
"""Pages of supports and of desks: what they show to whom, what they keep of what was typed, how much they read."""

from datetime import date, timedelta
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from actions.enums import ActivityKind, ActivityState
from actions.models import Activity
from beneficiaries.enums import SupportKind
from beneficiaries.forms import supports as forms
from beneficiaries.models import DeskContact, Enrolment, Intervention, ReadEntry, Support
from beneficiaries.services.desks import Contact, record_contact, remove_contact, update_contact
from fami_portal.core.errors import DomainError, StaleError
from fami_portal.core.services import acting
from partners.models import NetworkMember
from partners.services.networks import end_member
from tests.actions.scene import Scene
from tests.beneficiaries.followed import TODAY, adult, done, followed_by, many_taken, taken
from tests.days import be_on


@pytest.fixture(autouse=True)
def in_march(settings: LazySettings) -> None:
    """Let the work be on the day of the tests."""
    be_on(settings, TODAY)


def test_one_person_from_the_first_day_to_the_end(scene: Scene, client: Client) -> None:
    activity = followed_by(scene)
    adult(scene, "A-17")
    client.force_login(scene.operator)
    page = client.get(activity.get_absolute_url()).content.decode()
    assert "Persone e nuclei seguiti" in page
    assert "Apri il registro" not in page

    address = reverse("beneficiaries:support-new", args=[activity.uuid])
    typed = {
        "codes": "A-17, Z-99",
        "code": "N-1",
        "kind": SupportKind.WORK,
        "opened_on": "2019-02-04",
        "notice_version": "1",
        "notice_given_on": "2019-02-01",
        "notice_given_to": "person",
        "notice_language": scene.programme.notices.get().texts.get().language_id,
        "submission_key": str(uuid4()),
    }
    refused = client.post(address, typed).content.decode()
    assert "Z-99" in refused
    assert 'value="A-17, Z-99"' in refused
    assert 'value="N-1"' in refused
    answer = client.post(address, typed | {"codes": "A-17", "code": ""})
    support = Support.objects.get()
    assert answer.url == support.get_absolute_url()
    assert not client.get(support.get_absolute_url()).context["rows"]

    work = {
        "held_on": "2019-02-11",
        "minutes": "0",
        "kind": "interview",
        "outcome": "done",
        "operator": str(scene.operator.pk),
        "note": "Porta il curriculum",
        "next_step": "Centro per l’impiego",
        "next_step_on": "2019-03-01",
        "submission_key": str(uuid4()),
    }
    refused = client.post(support.get_absolute_url(), work).content.decode()
    assert "Porta il curriculum" in refused
    assert not Intervention.objects.exists()
    client.post(support.get_absolute_url(), work | {"minutes": "45"})
    client.post(support.get_absolute_url(), work | {"minutes": "45"})
    row = Intervention.objects.get()
    assert row.uuid.hex == work["submission_key"].replace("-", "")
    shown = client.get(support.get_absolute_url()).content.decode()
    assert "Centro per l’impiego" in shown
    assert "A-17" in shown
    due = client.get(reverse("beneficiaries:support-due")).content.decode()
    assert "Centro per l’impiego" in due
    followed = reverse("beneficiaries:supports", args=[activity.uuid])
    assert "A-17" in client.get(followed).content.decode()
    _record_from_the_list(client, activity, followed, support, work)

    correct = reverse("beneficiaries:intervention", args=[row.uuid])
    assert 'value="45"' in client.get(correct).content.decode()
    stale = client.post(correct, work | {"minutes": "50", "version": "7"}).content.decode()
    assert 'value="50"' in stale
    assert client.post(correct, work | {"minutes": "50", "version": "1"}).status_code == 302
    assert client.post(correct, {"remove": "1", "version": "2"}).status_code == 302
    assert Intervention.objects.count() == 2

    end = reverse("beneficiaries:support-end", args=[support.uuid])
    assert "form-buttons" in client.post(end, {"ended_on": "2019-03-10", "version": "1"}).content.decode()
    assert client.post(end, {"ended_on": "2019-03-10", "outcome": "reached", "version": "1"}).status_code == 302
    assert client.get(support.get_absolute_url()).context["form"] is None
    client.post(reverse("beneficiaries:support-reopen", args=[support.uuid]))
    support.refresh_from_db()
    assert support.ended_on is None
    assert ReadEntry.objects.filter(page="beneficiaries:support").exists()
    assert ReadEntry.objects.filter(page="beneficiaries:support-due").count() == 1
    # Neither who leads the network nor the school that hosts another activity reads whom it follows.
    for other, status in ((scene.coordinator, 403), (scene.region, 403), (scene.outsider, 404), (scene.contact, 404)):
        client.force_login(other)
        assert client.get(support.get_absolute_url()).status_code == status
        assert client.get(end).status_code == status
    client.force_login(scene.coordinator)
    figures = client.get(activity.get_absolute_url()).content.decode()
    assert "meno di 5" in figures
    assert "A-17" not in figures


def _record_from_the_list(client: Client, activity: Activity, address: str, support: Support, work: Any) -> None:
    """Use the quick form: on the page of the activity, which sends it to the list of whom it follows."""
    read = ReadEntry.objects.filter(page="beneficiaries:supports")
    before = read.count()
    page = client.get(activity.get_absolute_url()).content.decode()
    assert f'action="{address}"' in page
    assert f'<option value="{support.pk}">A-17</option>' in page
    assert read.count() == before + 1
    typed = work | {
        "support": str(support.pk),
        "held_on": "2019-02-20",
        "minutes": "601",
        "submission_key": str(uuid4()),
    }
    refused = client.post(address, typed)
    shown = refused.content.decode()
    assert refused.context["form"].errors["minutes"]
    assert read.count() == before + 2
    assert all(
        words in shown
        for words in ('value="601"', "Centro per l’impiego", f'<option value="{support.pk}" selected>A-17')
    )
    assert Intervention.objects.count() == 1
    for _half in range(2):
        assert client.post(address, typed | {"minutes": "30"})["Location"] == f"{address}?day=2019-02-20"
    row = Intervention.objects.get(held_on=date(2019, 2, 20))
    assert (row.support, row.minutes, str(row.operator_id), row.persons.count()) == (support, 30, work["operator"], 1)
    ready = client.get(f"{address}?day=2019-02-20").context["form"]
    assert (ready.initial["held_on"], ready.fields["support"].widget.attrs["autofocus"]) == (date(2019, 2, 20), True)
    assert client.get(f"{address}?day=2019-13-45").context["form"].initial["held_on"] == TODAY
    # Of very many no code is on the page: it is typed.
    before = read.count()
    with patch.object(forms, "MOST_OFFERED", 0):
        assert ">A-17<" not in client.get(activity.get_absolute_url()).content.decode()
        assert read.count() == before
        typed |= {"minutes": "30", "held_on": "2019-02-21", "submission_key": str(uuid4())}
        unknown = client.post(address, typed | {"support": "A-18"})
        assert unknown.context["form"].errors["support"]
        assert client.post(address, typed | {"support": " a-17 "}).status_code == 302
    Intervention.objects.get(held_on=date(2019, 2, 21))


def test_a_household_and_a_school_path_on_their_pages(scene: Scene, client: Client) -> None:
    activity = followed_by(scene)
    people = [adult(scene, f"A-{number}") for number in (1, 2, 3)]
    household = taken(scene, activity, *people[:2])
    pupil = taken(scene, activity, people[2], kind=SupportKind.SCHOOL_PATH)
    client.force_login(scene.operator)
    page = client.get(household.get_absolute_url()).content.decode()
    assert all(word in page for word in ("N-1", "A-1", "A-2", "Il nucleo"))
    join = reverse("beneficiaries:support-member", args=[household.uuid])
    guest = Enrolment.objects.get(beneficiary=people[2])
    assert "A-3" in client.get(join).content.decode()
    client.post(join, {"enrolment": str(guest.pk), "since": "2019-03-01"})
    member = household.members.get(enrolment=guest)
    leave = reverse("beneficiaries:support-leave", args=[member.pk])
    assert client.post(leave, {"until": "2018-03-01"}).status_code == 200
    client.post(leave, {"until": "2019-03-10"})
    member.refresh_from_db()
    assert member.until == date(2019, 3, 10)

    path = reverse("beneficiaries:support-path", args=[pupil.uuid])
    client.post(path, {"path_advised": "technical", "path_chosen": "liceo", "version": "1"})
    pupil.refresh_from_db()
    assert (pupil.path_advised, pupil.path_chosen) == ("technical", "liceo")
    shown = client.get(pupil.get_absolute_url()).content.decode()
    assert "registrato" in shown
    assert not any(word in shown for word in ("Liceo", "Istituto tecnico"))
    form = client.get(path).content.decode()
    assert not any(f'value="{value}" selected' in form for value in ("technical", "liceo"))


def test_a_desk_counts_and_corrects_contacts_of_nobody(scene: Scene, client: Client) -> None:
    desk = followed_by(scene, ActivityKind.DESK)
    client.force_login(scene.user("desk_operator", scene.cooperative))
    address = reverse("beneficiaries:contacts", args=[desk.uuid])
    typed = {
        "held_on": "2019-03-20",
        "minutes": "",
        "channel": "phone",
        "outcome": "informed",
        "topics": ["permit", "work"],
        "first_access": "on",
        "sex": "female",
        "submission_key": str(uuid4()),
    }
    refused = client.post(address, typed).content.decode()
    assert 'value="permit" ' in refused
    assert "checked" in refused
    for _half in range(2):
        assert client.post(address, typed | {"minutes": "10"}).url == address
    row = DeskContact.objects.get()
    assert client.get(address).context["counter_rows"][0][1:4] == [1, 1, 2]
    correct = reverse("beneficiaries:contact", args=[row.uuid])
    assert client.get(correct).status_code == 200
    client.post(correct, typed | {"minutes": "12", "version": "1", "topics": ["home"]})
    row.refresh_from_db()
    assert (row.minutes, row.topics, row.version) == (12, ["home"], 2)
    taken_in = client.post(address, typed | {"minutes": "9", "outcome": "taken", "submission_key": str(uuid4())})
    assert taken_in.url == reverse("beneficiaries:support-new", args=[desk.uuid])
    assert not ReadEntry.objects.exists()
    stay = NetworkMember.objects.get(network=scene.network, organisation=scene.cooperative)
    with pytest.raises(DomainError, match="20/03/2019"):
        end_member(member=stay, left_on=date(2019, 3, 19), by=None)

    by = scene.user("desk_operator", scene.cooperative)
    good: dict[str, Any] = {
        "held_on": TODAY,
        "channel": "mail",
        "topics": ["work"],
        "outcome": "informed",
        "minutes": 5,
    }
    for field, values in (
        ("held_on", {"held_on": TODAY + timedelta(days=1)}),
        ("held_on", {"held_on": date(2019, 1, 2)}),
        ("topics", {"topics": []}),
        ("topics", {"topics": ["boh"]}),
        ("minutes", {"minutes": 0}),
        ("channel", {"channel": "piccione"}),
    ):
        with pytest.raises(DomainError) as error:
            record_contact(activity=desk, contact=Contact(**(good | values)), by=by, today=TODAY)
        assert error.value.field == field
    with pytest.raises(DomainError):
        record_contact(activity=followed_by(scene), contact=Contact(**good), by=by, today=TODAY)
    with pytest.raises(StaleError):
        update_contact(row=row, version=9, contact=Contact(**good), by=by, today=TODAY)
    scene.close(0)
    for act in (
        lambda: record_contact(activity=desk, contact=Contact(**good), by=by, today=TODAY),
        lambda: update_contact(row=row, version=2, contact=Contact(**good), by=by, today=TODAY),
        lambda: remove_contact(row=row, version=2, by=by),
    ):
        with pytest.raises(DomainError, match="2019-Q1"):
            act()


def test_the_pages_read_as_much_for_three_as_for_thirty(
    scene: Scene, client: Client, django_assert_max_num_queries: Any
) -> None:
    activity = followed_by(scene)
    client.force_login(scene.operator)
    pages = [reverse(f"beneficiaries:{name}", args=[activity.uuid]) for name in ("supports", "certificates")]

    shown: dict[str, Any] = {}

    def queries(support: Support) -> list[int]:
        found = []
        for url in (
            *pages,
            support.get_absolute_url(),
            reverse("beneficiaries:support-due"),
            activity.get_absolute_url(),
        ):
            with django_assert_max_num_queries(15) as context:
                shown[url] = client.get(url)
            found.append(len(context.captured_queries))
        return found

    first = taken(scene, activity, adult(scene, "A-0"), adult(scene, "A-1"))
    many_taken(scene, activity, 2, times=1)
    with acting(None):
        Activity.objects.filter(pk=activity.pk).update(state=ActivityState.RUNNING)
    done(scene, first, next_step="Poi", next_step_on=TODAY)
    client.get(pages[0])  # the first reading of a body begins its chain
    few = queries(first)
    many_taken(scene, activity, 27, times=3, name="C")
    for number in range(4):
        done(scene, first, held_on=date(2019, 2, 12 + number))
    assert queries(first) == few
    offered = shown[activity.get_absolute_url()].content.decode()
    assert offered.count('<option value="') > 30 + 9
    assert offered.index(">C-2<") < offered.index(">C-10<")
