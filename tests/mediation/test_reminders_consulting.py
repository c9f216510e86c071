# SPDX-License-Identifier: EUPL-1.2
"""Reminders of consultations, legal questions, translations and presences: to whom, when, nothing twice."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from actions.enums import ActivityKind
from fami_portal.core import clock
from fami_portal.core.models import Message
from fami_portal.core.services import acting
from mediation.enums import ConsultationState, LegalQuestionState, ReminderAudience, ReminderEvent, TranslationState
from mediation.models import CommunityPresence, Consultation, ReminderRule, ReminderSent, Translation
from mediation.selectors.reminders import USUAL
from mediation.services import reminders
from tests.factories.actions import ActivityFactory, ActivityTypeFactory
from tests.factories.consulting import (
    CommunityPresenceFactory,
    ConsultationFactory,
    ConsultationSessionFactory,
    LegalQuestionFactory,
    TranslationFactory,
)
from tests.mediation.consulting import SECRET, offer, the_mediator
from tests.personas import World, build_world

pytestmark = pytest.mark.django_db

E, A, C = ReminderEvent, ReminderAudience, ConsultationState
AT = timezone.make_aware(datetime.combine(clock.today(), time(8)))
TODAY = timezone.localdate(AT)


def moment(days: int) -> datetime:
    """Return noon of a day some days ago."""
    return timezone.make_aware(datetime.combine(TODAY - timedelta(days=days), time(12)))


def prepare() -> World:
    """All kinds on offer, an activity, and the mediator of the personas."""
    world = build_world()
    offer(world)
    world.objects["mediator"] = the_mediator(world, "ar")
    world.objects["activity"] = ActivityFactory(
        activity_type=ActivityTypeFactory(action=world.actions["a"], kind=ActivityKind.MEDIATION),
        network=world.networks["n1"],
        organisation=world.bodies["coop_1"],
    )
    return world


def rule(world: World, event: str, days: int, audience: str = A.ACTOR) -> None:
    with acting(None):
        ReminderRule.objects.create(programme=world.programmes["a"], event=event, days=days, audience=audience)


def where(world: World) -> dict[str, Any]:
    return {
        "programme": world.programmes["a"],
        "network": world.networks["n1"],
        "organisation": world.bodies["service_1"],
    }


def case(world: World, number: int, state: str, days: int, **values: Any) -> Consultation:
    """Return a consultation in a state that began some days ago."""
    hours = (
        {}
        if state == C.REFERRED
        else {
            "accepted_at": moment(days),
            "activity": world.objects["activity"],
            "account": world.objects["account_ethnoclinical"],
            "minutes_planned": 300,
        }
    )
    shared = {"consultant": world.personas["consultant"], "question": SECRET, "number": f"A5-{number}"}
    return ConsultationFactory(**(where(world) | shared | hours | values), state=state, state_since=moment(days))


def translation(world: World, number: int, due: int, **values: Any) -> Translation:
    """Return a translation that is needed some days ago (negative: in some days)."""
    shared = {"activity": world.objects["activity"], "mediator": world.objects["mediator"], "title": SECRET}
    account = world.objects["account_translation"]
    return TranslationFactory(
        **(where(world) | shared | {"account": account} | values),
        number=f"TR-{number}",
        due_on=TODAY - timedelta(days=due),
    )


def presence(world: World, days: int) -> CommunityPresence:
    begin = moment(days)
    return CommunityPresenceFactory(
        programme=world.programmes["a"],
        network=world.networks["n1"],
        activity=world.objects["activity"],
        account=world.objects["account_community"],
        mediator=world.objects["mediator"],
        place=SECRET,
        planned_from=begin,
    )


def told() -> dict[str, list[str]]:
    """Return the lines of each person, by the first part of the address."""
    found = Message.objects.filter(kind="mediation.reminders").select_related("recipient").order_by("pk")
    return {message.recipient.email.split("@")[0]: message.body.splitlines() for message in found}


WAITING = (
    (E.CASE_ANSWER, C.REFERRED),
    (E.CASE_SESSION, C.ACCEPTED),
    (E.CASE_RESTITUTION, C.ASSESSMENT),
    (E.CASE_CLOSE, C.RESTITUTION),
    (E.CASE_CLOSE, C.REOPENED),
)


def test_the_clinician_hears_then_the_coordinator_whatever_the_case_waits_for(scene: World) -> None:
    for event in dict.fromkeys(event for event, _state in WAITING):
        rule(scene, event, 3)
        rule(scene, event, 5, A.COORDINATOR)
    for place, (_event, state) in enumerate(WAITING):
        for number, days in ((1, 2), (2, 4), (3, 6)):
            case(scene, 10 * place + number, state, days)

    def numbers(person: str) -> dict[str, list[int]]:
        """Return the last digits of the cases in the last digest of a person, by the state in which they wait."""
        lines = [int(line.split(" ·")[0].removeprefix("- A5-")) for line in told()[person]]
        return {state: [line % 10 for line in lines if line // 10 == place] for place, (_, state) in enumerate(WAITING)}

    def all_of(*digits: int) -> dict[str, list[int]]:
        return {state: list(digits) for _event, state in WAITING}

    assert reminders.send_reminders(at=AT) == 2

    assert numbers("consultant") == all_of(3, 2)
    assert numbers("network.coordinator") == all_of(3)
    assert SECRET not in str(told())
    assert reminders.send_reminders(at=AT + timedelta(days=1)) == 2  # what was younger, each once
    assert numbers("consultant") == all_of(1)
    assert numbers("network.coordinator") == all_of(2)
    assert reminders.send_reminders(at=AT + timedelta(days=7)) == 1
    assert numbers("network.coordinator") == all_of(1)
    for days in (8, 9):
        assert reminders.send_reminders(at=AT + timedelta(days=days)) == 0


def test_a_referral_without_clinician_is_for_the_coordinator(scene: World) -> None:
    rule(scene, E.CASE_ANSWER, 3)
    case(scene, 1, C.REFERRED, 3, consultant=None)
    reminders.send_reminders(at=AT)
    assert set(told()) == {"network.coordinator"}


def test_a_session_held_puts_the_restitution_off(scene: World) -> None:
    rule(scene, E.CASE_RESTITUTION, 30)
    found = case(scene, 1, C.ASSESSMENT, 31)
    ConsultationSessionFactory(consultation=found, held_on=TODAY - timedelta(days=29))
    assert reminders.send_reminders(at=AT) == 0
    assert reminders.send_reminders(at=AT + timedelta(days=1)) == 1
    ConsultationSessionFactory(consultation=found, held_on=TODAY + timedelta(days=1))
    assert reminders.send_reminders(at=AT + timedelta(days=2)) == 0
    assert reminders.send_reminders(at=AT + timedelta(days=31)) == 1


def test_consultant_translator_and_mediator_hear_of_what_is_theirs(scene: World) -> None:
    rule(scene, E.LEGAL_ANSWER, 3)
    for state in (LegalQuestionState.ASSIGNED, LegalQuestionState.TO_CLARIFY):
        LegalQuestionFactory(
            **where(scene),
            state=state,
            state_since=moment(3),
            consultant=scene.personas["consultant"],
            number=f"QL-{state}",
            question=SECRET,
            title=SECRET,
        )
    for event, days in ((E.TRANSLATION_RETURN, -2), (E.TRANSLATION_RETURN, 1), (E.PRESENCE, -1), (E.PRESENCE, 1)):
        rule(scene, event, days)
    translation(scene, 1, -2)
    translation(scene, 2, 1, state=TranslationState.TO_REVISE)
    translation(scene, 3, -3)
    presence(scene, -1)
    presence(scene, 1)
    presence(scene, -2)

    assert reminders.send_reminders(at=AT) == 2

    found = told()
    assert len(found["consultant"]) == 1
    assert "QL-assigned" in found["consultant"][0]
    lines = found["mediator"]
    assert len(lines) == 4
    assert [line for line in lines if "TR-1" in line and "entro il" in line]
    assert [line for line in lines if "TR-2" in line and "serviva" in line]
    assert [line for line in lines if "da registrare" in line and f"{TODAY - timedelta(days=1):%d/%m/%Y}" in line]
    assert SECRET not in str(found)
    assert ReminderSent.objects.count() == 5
    assert reminders.send_reminders(at=AT) == 0


def test_the_usual_rules_know_all_events_and_cost_one_query_each(scene: World) -> None:
    with acting(None):
        reminders.create_usual_rules(programme=scene.programmes["a"], by=None, at=AT)
        reminders.create_usual_rules(programme=scene.programmes["b"], by=None, at=AT)
    assert {event for event, _days, _audience in USUAL} == set(ReminderEvent)
    counts = []
    for size in (1, 9):
        for number in range(size):
            case(scene, 100 * size + number, C.REFERRED, 3)
        with CaptureQueriesContext(connection) as queries:
            reminders.send_reminders(at=AT + timedelta(days=len(counts)))
        counts.append(len(queries))
    assert counts[0] == counts[1]
