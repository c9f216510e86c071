# SPDX-License-Identifier: EUPL-1.2
"""The pages of networks, bodies, tables, plans and registers cost the same with thirty rows as with three."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from actions.enums import ActivityKind, BodyAttendance, ChangeReason, MeetingState
from actions.models import (
    Action,
    ActionNetwork,
    Activity,
    ActivityNetwork,
    AgendaItem,
    Budget,
    BudgetShare,
    Campaign,
    CampaignMeasure,
    Decision,
    Deliverable,
    Indicator,
    IndicatorTarget,
    Meeting,
    MeetingBody,
    MeetingCall,
    MeetingMinutes,
    MeetingTeacher,
    Plan,
    ProgrammeBody,
    Teacher,
)
from beneficiaries.models import Attendance
from fami_portal.core.services import acting
from partners.enums import DeedKind, NetworkKind, NetworkRole, OrganisationKind
from partners.models import Membership, Municipality, Network, NetworkDeed, NetworkMember, Organisation
from tests.actions.scene import START, Scene
from tests.beneficiaries.class_of import class_of

LIMIT = 15
DAY = date(2019, 2, 5)
AT = datetime(2019, 2, 5, 9, tzinfo=UTC)


def fixed(scene: Scene) -> dict[str, Any]:
    """Write the one thing of each kind whose page is opened."""
    table = scene.activity(ActivityKind.WORKING_GROUP, title="Tavolo")
    meeting = scene.meeting(table, DAY)
    lab = scene.activity(title="Laboratorio")
    newsletter = scene.activity(ActivityKind.CAMPAIGN, title="Newsletter")
    with acting(None):
        Meeting.objects.filter(pk=meeting.pk).update(state=MeetingState.HELD)
        MeetingCall.objects.create(meeting=meeting, text="Si parla dei corsi.", sent_on=DAY)
        MeetingMinutes.objects.create(meeting=meeting, text="Si decide.")
        plan = Plan.objects.create(
            programme=scene.programme,
            slug="piano",
            title="Piano",
            organisation=scene.cooperative,
            network=scene.network,
            starts_on=START,
            ends_on=scene.programme.ends_on,
        )
        content = Campaign.objects.create(
            activity=newsletter, channel=scene.channel, title="Numero 1", audience="iscritti", published_on=DAY
        )
    return {
        "table": table,
        "meeting": meeting,
        "lab": lab,
        "newsletter": newsletter,
        "plan": plan,
        "content": content,
    }


def grow(scene: Scene, there: dict[str, Any], number: int, batch: str) -> None:
    """Add `number` rows of all that these pages list."""
    each = range(number)
    with acting(None):
        places = Municipality.objects.bulk_create(
            Municipality(code=f"{batch}{i:05d}", name=f"Comune {batch}{i}", province="TO", region="Piemonte")
            for i in each
        )
        scene.network.municipalities.add(*places)
        bodies = Organisation.objects.bulk_create(
            Organisation(
                name=f"Ente {batch}{i}",
                kind=OrganisationKind.MIGRANT_ASSOCIATION,
                nature="private",
                informal_reason="informal_group",
                municipality=places[i],
            )
            for i in each
        )
        Organisation.objects.bulk_create(
            Organisation(
                name=f"Plesso {batch}{i}",
                kind=OrganisationKind.SCHOOL,
                nature="public",
                informal_reason="not_collected",
                institute=scene.school,
            )
            for i in each
        )
        networks = Network.objects.bulk_create(
            Network(code=f"{batch}{i}", name=f"Rete {batch}{i}", kind=NetworkKind.SINGLE_BODY, parent=scene.network)
            for i in each
        )
        actions = Action.objects.bulk_create(
            Action(programme=scene.programme, code=f"{batch}{i}", title="Azione")
            for i in range(1)  # the form of the budget has a column for each
        )
        deeds = NetworkDeed.objects.bulk_create(
            NetworkDeed(network=scene.network, kind=DeedKind.PROTOCOL, signed_on=START, repertory_number=f"{batch}{i}")
            for i in each
        )
        for deed, body in zip(deeds, bodies, strict=True):
            deed.signatories.add(body, scene.cooperative)
        ActionNetwork.objects.bulk_create(
            ActionNetwork(action=action, network=network)
            for action in actions
            for network in (*networks, scene.network)
        )
        NetworkMember.objects.bulk_create(
            [
                *(
                    NetworkMember(
                        network=scene.network, organisation=body, role="member", entered_on=START, entry_deed=deed
                    )
                    for body, deed in zip(bodies, deeds, strict=True)
                ),
                *(
                    NetworkMember(network=network, organisation=scene.cooperative, role="lead", entered_on=START)
                    for network in networks
                ),
            ]
        )
        ActivityNetwork.objects.bulk_create(
            ActivityNetwork(activity=there["table"], network=network, since=START) for network in networks
        )
        users = User.objects.bulk_create(
            User(email=f"{batch}{i}@example.org", given_name="Anna", family_name=f"P{batch}{i}") for i in each
        )
        Membership.objects.bulk_create(
            Membership(user=user, organisation=scene.cooperative, role="partner_operator", valid_from=START)
            for user in users
        )
        meeting = there["meeting"]
        MeetingBody.objects.bulk_create(
            MeetingBody(meeting=meeting, organisation=body, attendance=BodyAttendance.PRESENT) for body in bodies
        )
        AgendaItem.objects.bulk_create(
            AgendaItem(meeting=meeting, position=number * 100 + i, text="Punto") for i in each
        )
        Decision.objects.bulk_create(
            Decision(meeting=meeting, text=f"Fare {batch}{i}", organisation=bodies[i], due_on=DAY) for i in each
        )
        plans = Plan.objects.bulk_create(
            Plan(
                programme=scene.programme,
                slug=f"{batch}{i}",
                title=f"Piano {batch}{i}",
                organisation=scene.cooperative,
                starts_on=START,
                ends_on=scene.programme.ends_on,
            )
            for i in each
        )
        Activity.objects.bulk_create(
            Activity(
                programme=scene.programme,
                plan=there["plan"],
                action=scene.action,
                activity_type=scene.types[ActivityKind.LAB],
                network=scene.network,
                organisation=scene.cooperative,
                title=f"Attività {batch}{i}",
                municipality=places[i],
                starts_on=START,
                ends_on=START,
            )
            for i in each
        )
        indicators = Indicator.objects.bulk_create(
            Indicator(
                programme=scene.programme,
                code=f"{batch}{i}",
                title="Persone",
                kind="output",
                measure="persons",
                unit="persons",
                position=i,
            )
            for i in each
        )
        IndicatorTarget.objects.bulk_create(
            IndicatorTarget(indicator=indicator, plan=plan, value=10, valid_from=START, recorded_at=AT)
            for indicator, own in zip(indicators, plans, strict=True)
            for plan in (own, there["plan"], None)
        )
        budget = Budget.objects.create(
            programme=scene.programme,
            number=number,
            valid_from=START,
            reason=ChangeReason.FIRST,
            total_cents=100 * number,  # each network one euro, in one of the actions
            recorded_at=AT,
        )
        BudgetShare.objects.bulk_create(
            [
                *(
                    BudgetShare(budget=budget, action=actions[0], network=network, cents=100)
                    for i, network in enumerate(networks)
                ),
                *(BudgetShare(budget=budget, action=action, cents=100 * number) for action in actions),
            ]
        )
        meetings = Meeting.objects.bulk_create(
            Meeting(
                activity=there["lab"],
                held_on=DAY + timedelta(days=number + i),
                starts_at=time(9),
                ends_at=time(11),
                minutes=120,
                state=MeetingState.HELD,
            )
            for i in each
        )
        teachers = Teacher.objects.bulk_create(
            Teacher(organisation=scene.cooperative, given_name="Ada", family_name=f"D{batch}{i}") for i in each
        )
        MeetingTeacher.objects.bulk_create(
            MeetingTeacher(
                meeting=held,
                teacher=teacher,
                held_on=held.held_on,
                starts_at=held.starts_at,
                ends_at=held.ends_at,
            )
            for held, teacher in zip(meetings, teachers, strict=True)
        )
        Campaign.objects.bulk_create(
            Campaign(
                activity=there["newsletter"],
                channel=scene.channel,
                title=f"Numero {batch}{i}",
                audience="iscritti",
                published_on=DAY,
            )
            for i in each
        )
        CampaignMeasure.objects.bulk_create(
            CampaignMeasure(campaign=there["content"], measured_on=DAY + timedelta(days=number + i), value=10 + i)
            for i in each
        )
        Deliverable.objects.bulk_create(
            Deliverable(activity=there["table"], title=f"Modulo {batch}{i}", delivered_on=DAY) for i in each
        )
    enrolments = class_of(scene, there["lab"], number, batch)
    with acting(None):
        Attendance.objects.bulk_create(
            Attendance(meeting=held, enrolment=enrolment, state="present", minutes=120)
            for held in meetings
            for enrolment in enrolments[:3]
        )


def pages(scene: Scene, there: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the pages, each with the persona whose view costs most: the operator of the lead, or the Region."""
    lab, slug = there["lab"].uuid, scene.programme.slug
    operator = {
        "meeting": there["meeting"].get_absolute_url(),
        "decisions": reverse("actions:decision-list"),
        "activities": reverse("actions:activity-list"),
        "table": there["table"].get_absolute_url(),
        "lab": there["lab"].get_absolute_url(),
        "content": there["content"].get_absolute_url(),
        "teachers": reverse("actions:teachers", args=[lab]),
        "register": reverse("beneficiaries:register", args=[lab]),
        "certificates": reverse("beneficiaries:certificates", args=[lab]),
        "network": scene.network.get_absolute_url(),
        "networks of a table": reverse("actions:activity-networks", args=[there["table"].uuid]),
    }
    region = {
        "network": operator["network"],
        "body": scene.cooperative.get_absolute_url(),
        "school": scene.school.get_absolute_url(),
        "budget": reverse("actions:budget", args=[slug]),
        "budget form": reverse("actions:budget-edit", args=[slug]),
        "targets": reverse("actions:target-list", args=[slug]),
        "plan": there["plan"].get_absolute_url(),
    }
    return [*((f"operator: {k}", v) for k, v in operator.items()), *((f"region: {k}", v) for k, v in region.items())]


def costs(scene: Scene, there: dict[str, Any]) -> dict[str, int]:
    """Open each page as its persona and count."""
    clients = {}
    for name, person in (("operator", scene.operator), ("region", scene.region)):
        clients[name] = Client()
        clients[name].force_login(person)
        # What is written once: the session of a day, the first entry of a chain of readings.
        clients[name].get(reverse("actions:decision-list"))
    clients["operator"].get(reverse("beneficiaries:register", args=[there["lab"].uuid]))
    found = {}
    for name, url in pages(scene, there):
        client = clients[name.split(":")[0]]
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(url)
        assert answer.status_code == 200, (name, answer.status_code)
        found[name] = len(queries)
    return found


@pytest.mark.django_db
def test_pages_cost_the_same_with_thirty_rows(scene: Scene) -> None:
    with acting(None):
        ProgrammeBody.objects.get_or_create(programme=scene.programme, organisation=scene.cooperative, role="lead")
    there = fixed(scene)
    assert NetworkMember.objects.filter(network=scene.network, role=NetworkRole.LEAD).exists()
    grow(scene, there, 3, "A")
    few = costs(scene, there)
    grow(scene, there, 27, "B")
    many = costs(scene, there)
    assert {name: (few[name], number) for name, number in many.items() if number != few[name]} == {}
    assert {name: number for name, number in many.items() if number > LIMIT} == {}
