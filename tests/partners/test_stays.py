# SPDX-License-Identifier: EUPL-1.2
"""Entries, exits and changes of the lead: one history, and work has its day inside a stay."""

import threading
from datetime import date, time

import pytest
from django.db import connection, connections, transaction
from django.urls import reverse

from actions.services.activities import create_activity, update_activity
from actions.services.meetings import NewMeeting, add_meeting, add_meetings, hold_meeting, update_meeting
from fami_portal.core.errors import DomainError, NotPermitted
from fami_portal.core.models import AuditEvent
from partners.enums import DeedKind, ExitReason, NetworkRole
from partners.models import NetworkMember
from partners.selectors.stays import is_member_on, lead_of, story_of
from partners.services.deeds import record_deed
from partners.services.networks import add_member, end_member
from partners.services.stays import change_lead, check_in_network, correct_entry, correct_exit
from tests.actions.scene import build

LAST = date(2019, 2, 14)


@pytest.fixture
def scene(db):
    return build()


def the_refusal(call, **values) -> DomainError:
    with pytest.raises(DomainError) as refusal:
        call(**values)
    return refusal.value


def stay_of(body, network) -> NetworkMember:
    return NetworkMember.objects.get(organisation=body, network=network, left_on=None)


def meets(activity, day, **values):
    return add_meeting(activity=activity, held_on=day, starts_at=time(9), ends_at=time(11), by=None, **values)


def test_what_was_done_until_the_exit_stays_and_nothing_comes_after(scene):
    lab = scene.activity()
    stay = stay_of(lab.organisation, lab.network)
    held, planned = meets(lab, LAST), meets(lab, date(2019, 3, 20))
    hold_meeting(meeting=held, by=None)

    early = the_refusal(end_member, member=stay, left_on=date(2019, 2, 13), by=None)
    assert (early.field, "14/02/2019" in str(early)) == ("left_on", True)
    end_member(member=stay, left_on=LAST, exit_reason=ExitReason.WITHDRAWN, by=None)

    assert is_member_on(lab.network, lab.organisation, LAST)
    assert not is_member_on(lab.network, lab.organisation, date(2019, 2, 15))
    for call, values in (
        (meets, {"activity": lab, "day": date(2019, 2, 15)}),
        (hold_meeting, {"meeting": planned, "by": None}),
        (
            update_meeting,
            {
                "meeting": held,
                "version": 2,
                "held_on": date(2019, 2, 21),
                "starts_at": time(9),
                "ends_at": time(11),
                "by": None,
            },
        ),
    ):
        assert "14/02/2019" in str(the_refusal(call, **values))
    # What is inside the stay is still corrected and reported.
    held.refresh_from_db()
    update_meeting(
        meeting=held, version=held.version, held_on=LAST, starts_at=time(9), ends_at=time(10), topic="A", by=None
    )
    meets(lab, date(2019, 2, 12))
    lab.refresh_from_db()
    assert (
        the_refusal(
            update_activity,
            activity=lab,
            version=lab.version,
            title="Lab",
            starts_on=lab.starts_on,
            ends_on=date(2019, 12, 1),
            by=None,
        ).field
        == "ends_on"
    )


def test_an_activity_has_its_dates_inside_the_stay(scene):
    lab = scene.activity()
    end_member(member=stay_of(lab.organisation, lab.network), left_on=LAST, by=None)
    new = {
        "activity_type": lab.activity_type,
        "network": lab.network,
        "organisation": lab.organisation,
        "title": "Nuovo",
        "by": None,
    }

    assert the_refusal(create_activity, **new, starts_on=LAST, ends_on=date(2019, 3, 1)).field == "ends_on"
    assert the_refusal(create_activity, **new, starts_on=date(2019, 2, 20), ends_on=LAST).field == "ends_on"
    add_member(
        network=lab.network, organisation=lab.organisation, role="adherent", entered_on=date(2019, 2, 15), by=None
    )
    # Two stays one after the other are one time in the network.
    create_activity(**new, starts_on=date(2019, 2, 1), ends_on=date(2019, 3, 1))


def test_the_lead_changes_in_one_act(scene):
    lab = scene.activity()
    network, old, new = lab.network, lab.organisation, scene.school
    deed = record_deed(
        network=network, kind=DeedKind.LEAD_CHANGE, signed_on=LAST, today=LAST, repertory_number="12", by=None
    )
    first = date(2019, 2, 15)
    change = {"network": network, "organisation": new, "first_day": first, "by": None}

    made = change_lead(**change, old_goes_on_as=NetworkRole.MEMBER, deed=deed)
    assert change_lead(**change, old_goes_on_as=NetworkRole.MEMBER) == made

    assert lead_of(network, LAST).organisation == old
    assert lead_of(network, first).organisation == new
    rows = network.members.order_by("entered_on", "pk").values_list("organisation", "role", "left_on", "exit_reason")
    assert set(rows) == {
        (old.pk, "lead", LAST, "changed_part"),
        (new.pk, "member", LAST, "changed_part"),
        (new.pk, "lead", None, ""),
        (old.pk, "member", None, ""),
    }
    story = [str(entry.title) for entry in story_of(network.members.select_related("organisation"))]
    assert sum("prosegue" in line or "goes on" in line for line in story) == 2
    assert not any("lascia" in line or "leaves" in line for line in story)
    # The work of both goes on without a break.
    check_in_network(network_id=network.pk, organisation_id=old.pk, days=[LAST, first])


def test_a_change_of_the_lead_that_makes_no_sense_changes_nothing(scene):
    lab = scene.activity()
    network, old, new = lab.network, lab.organisation, scene.school
    hold_meeting(meeting=meets(lab, LAST), by=None)
    before = list(network.members.order_by("pk").values())
    change = {"network": network, "organisation": new, "by": None}

    assert the_refusal(change_lead, **change, first_day=date(2018, 1, 1)).field == "first_day"
    assert the_refusal(change_lead, **change, first_day=stay_of(old, network).entered_on).field == "first_day"
    # The old lead would leave the network before its last meeting.
    assert "14/02/2019" in str(the_refusal(change_lead, **change, first_day=date(2019, 2, 10)))
    assert the_refusal(change_lead, **{**change, "organisation": old}, first_day=LAST).field == "organisation"
    assert the_refusal(change_lead, **change, first_day=LAST, old_goes_on_as="lead").field == "old_goes_on_as"
    assert list(network.members.order_by("pk").values()) == before


def test_a_meeting_and_an_exit_wait_for_one_another(transactional_db):
    """Negative control: without the lock both would go through, each having seen nothing of the other."""
    scene = build()
    lab = scene.activity()
    stay = stay_of(lab.organisation, lab.network)
    added, refused = threading.Event(), []

    def leave() -> None:
        try:
            added.wait(10)
            end_member(member=stay, left_on=LAST, by=None)
        except DomainError as error:
            refused.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=leave)
    thread.start()
    with transaction.atomic():
        hold_meeting(meeting=meets(lab, date(2019, 3, 20)), by=None)
        added.set()
        # The exit must meet the lock before this transaction ends; it is seen waiting, not given time.
        while thread.is_alive():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_stat_clear_snapshot()"
                )  # else the first look lasts as long as the transaction
                cursor.execute(
                    "SELECT count(*) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND wait_event_type = 'Lock'"
                )
                if cursor.fetchone()[0]:
                    break
    thread.join(20)
    assert refused
    stay.refresh_from_db()
    assert stay.left_on is None


def test_the_series_asks_the_stays_once(scene, django_assert_max_num_queries):
    lab = scene.activity()
    new = [NewMeeting(date(2019, 3, day), time(9), time(10)) for day in range(1, 20)]
    with django_assert_max_num_queries(25):
        add_meetings(activity=lab, meetings=new, by=None)


def test_the_day_of_an_entry_is_corrected_while_no_work_rests_on_it(client, scene):
    stay = stay_of(scene.cooperative, scene.network)
    lab = scene.activity()  # from 10 January
    wrong = {"member": stay, "by": scene.region, "reason": "Data dell’atto"}

    late = the_refusal(correct_entry, entered_on=date(2019, 1, 11), **wrong)
    assert (late.field, "10/01/2019" in str(late)) == ("entered_on", True)
    assert the_refusal(correct_entry, **(wrong | {"reason": " "}), entered_on=date(2019, 1, 2)).field == "reason"
    for _click in range(2):
        assert correct_entry(entered_on=lab.starts_on, **wrong).entered_on == lab.starts_on
    assert AuditEvent.objects.filter(verb="network_entry_corrected").count() == 1
    scene.close(0)
    closed = the_refusal(correct_entry, entered_on=date(2019, 1, 1), **wrong)
    assert "2019-Q1" in str(closed)
    end_member(member=stay, left_on=date(2019, 12, 31), by=None)
    again = add_member(
        network=scene.network, organisation=scene.cooperative, role="lead", entered_on=date(2020, 2, 1), by=None
    )
    before = the_refusal(correct_entry, **(wrong | {"member": again}), entered_on=date(2019, 12, 31))
    assert "31/12/2019" in str(before)
    with pytest.raises(NotPermitted):
        correct_entry(**(wrong | {"by": scene.operator}), entered_on=date(2019, 1, 2))

    client.force_login(scene.region)
    address = reverse("partners:member-entry", args=[again.uuid])
    assert address in client.get(scene.network.get_absolute_url()).content.decode()
    form = {"entered_on": "15/01/2020", "reason": "Data dell’atto"}
    assert client.post(address, form | {"entered_on": "31/12/2019"}).context["form"].errors["entered_on"]
    assert client.post(address, form).status_code == 302
    again.refresh_from_db()
    assert again.entered_on == date(2020, 1, 15)


def test_an_exit_is_corrected_or_undone_and_a_body_that_was_never_there_taken_away(client, scene):
    lab, first = scene.activity(), stay_of(scene.cooperative, scene.network)
    held = meets(lab, LAST)
    hold_meeting(meeting=held, by=None)
    wrong = {"member": first, "by": scene.region, "reason": "Data dell’atto"}
    assert the_refusal(correct_exit, left_on=LAST, **wrong).field == "left_on"  # it has not left
    end_member(member=first, left_on=date(2019, 12, 31), exit_reason=ExitReason.WITHDRAWN, by=None)
    days = {"role": "member", "entered_on": date(2020, 2, 1), "by": None}
    again = add_member(network=scene.network, organisation=scene.cooperative, **days)
    for left_on, said in (
        (None, "01/02/2020"),
        (date(2020, 2, 1), "01/02/2020"),
        (date(2018, 12, 1), ""),
        (date(2019, 2, 13), "14/02/2019"),
    ):
        refused = the_refusal(correct_exit, left_on=left_on, **wrong)
        assert (refused.field, said in str(refused)) == ("left_on", True)
    assert the_refusal(correct_exit, left_on=None, **(wrong | {"reason": " "})).field == "reason"
    with pytest.raises(NotPermitted):
        correct_exit(left_on=LAST, **(wrong | {"by": scene.operator}))

    client.force_login(scene.region)
    address = reverse("partners:member-entry", args=[again.uuid])
    assert "left_on" not in client.get(address).context["form"].fields
    sent = {"entered_on": "01/02/2020", "reason": "Ente sbagliato", "never": "on"}
    assert client.post(address, sent).status_code == 302
    assert not NetworkMember.objects.filter(pk=again.pk).exists()
    address = reverse("partners:member-entry", args=[first.uuid])
    page = client.get(scene.network.get_absolute_url()).content.decode()
    assert address in page
    assert "Ente sbagliato" in page
    never = {"entered_on": "01/01/2019", "left_on": "", "reason": "Mai entrata", "never": "on"}
    assert client.post(address, never).context["form"].errors
    assert client.post(address, never | {"never": ""}).status_code == 302
    first.refresh_from_db()
    assert (first.left_on, first.exit_reason) == (None, "")
    assert AuditEvent.objects.filter(verb__in=["network_exit_corrected", "network_member_removed"]).count() == 2


def test_pages_of_stays(client, world):
    network, coordinator = world.networks["n1"], world.personas["regional_coordinator"]
    client.force_login(coordinator)
    deed = record_deed(network=network, kind="protocol", signed_on=LAST, today=LAST, repertory_number="7", by=None)
    address = reverse("partners:lead-change", args=[network.uuid])
    form = {"organisation": world.bodies["school_1"].uuid, "first_day": "01/03/2019", "old_goes_on_as": "adherent"}

    wrong = client.post(address, {**form, "first_day": "01/09/2018", "deed": deed.uuid})
    assert wrong.status_code == 200
    assert "01/09/2018" in str(wrong.context["form"].errors["first_day"])
    assert client.post(address, {**form, "deed": deed.uuid}).status_code == 302
    lead = NetworkMember.objects.get(network=network, role="lead", left_on=None)
    assert (lead.organisation, lead.entry_deed) == (world.bodies["school_1"], deed)

    stay = stay_of(world.bodies["near"], network)
    end = {"left_on": "30/06/2019", "exit_reason": "merged", "reason": "", "deed": deed.uuid}
    assert client.post(reverse("partners:member-end", args=[stay.uuid]), end).status_code == 302
    page = client.get(network.get_absolute_url()).content.decode()
    assert "n. 7" in page
    assert str(ExitReason.MERGED.label) in page or "Confluito" in page
    client.force_login(world.personas["network_coordinator"])
    with pytest.raises(NotPermitted):
        change_lead(
            network=network,
            organisation=world.bodies["coop_1"],
            first_day=date(2019, 9, 1),
            by=world.personas["network_coordinator"],
        )
