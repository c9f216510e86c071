# SPDX-License-Identifier: EUPL-1.2
"""Reminders: who hears of what on which day, one message a day, nothing twice whatever stops the work."""

import re
from collections import Counter
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from actions.enums import MediationRequestKind
from fami_portal.core import clock
from fami_portal.core.errors import DomainError, NotPermitted
from fami_portal.core.models import Message
from fami_portal.core.services import acting
from mediation import tasks
from mediation.enums import QualificationKind, ReminderAudience, ReminderEvent, RequestState
from mediation.models import MediationRequest, MediatorQualification, ReminderRule, ReminderSent
from mediation.selectors.reminders import USUAL
from mediation.services import reminders
from tests.factories.mediation import RequestKindFactory
from tests.mediation.register_of import local, mediator_of_world, proposal_of, request_of_world, session_of
from tests.mediation.test_mediator_pages import client_of, page
from tests.personas import World, build_world

E, A = ReminderEvent, ReminderAudience
AT = timezone.make_aware(datetime.combine(clock.today(), time(8)))
TODAY = timezone.localdate(AT)


def prepare() -> World:
    """Programme A offers A.1, with no rule of reminders."""
    world = build_world()
    RequestKindFactory(programme=world.programmes["a"], kind=MediationRequestKind.SCHOOL)
    return world


@pytest.fixture
def offered(fresh: World) -> World:
    return fresh


def rule(world: World, event: str, days: int, audience: str = A.ACTOR) -> ReminderRule:
    with acting(None):
        return ReminderRule.objects.create(programme=world.programmes["a"], event=event, days=days, audience=audience)


def waiting(world: World, number: int, state: str, days: int, mediator: Any = None, **more: Any) -> MediationRequest:
    """A request whose state began some days ago."""
    own = mediator or world.objects.setdefault("mediator", None) or mediator_of_world(world)
    world.objects["mediator"] = own
    account = world.objects.get("account")
    fields = {"account": account} if account else {}
    request = request_of_world(
        world,
        number=f"A1-2019-{number:05d}",
        mediator=own,
        state=state,
        state_since=local(TODAY - timedelta(days=days), 12),
        **fields,
        **more,
    )
    world.objects["account"] = request.account
    return request


def told() -> dict[str, str]:
    """Return what each person was told, by the first part of the address."""
    return {
        message.recipient.email.split("@")[0]: message.body
        for message in Message.objects.filter(kind="mediation.reminders").select_related("recipient").order_by("pk")
    }


# --- who hears of what -----------------------------------------------------------------------------------------------


MUST_ACT = (
    (E.AUTHORISATION, RequestState.SUBMITTED, "school.head"),
    (E.TRIAGE, RequestState.AUTHORISED, "network.coordinator"),
    (E.COMPLETION, RequestState.TO_COMPLETE, "school.contact"),
    (E.REPORT, RequestState.HELD, "mediator"),
    (E.REPORT, RequestState.REOPENED, "mediator"),
    (E.COUNTERSIGNATURE, RequestState.REPORTED, "school.contact"),
    (E.VALIDATION, RequestState.COUNTERSIGNED, "network.coordinator"),
)


def test_who_must_act_is_reminded_after_the_days_of_the_rule(offered: World) -> None:
    for event in dict.fromkeys(event for event, _state, _person in MUST_ACT):
        rule(offered, event, 3)
    for place, (_event, state, _person) in enumerate(MUST_ACT):
        for number, days in enumerate((2, 3, 10, 11), start=1):
            waiting(offered, 10 * place + number, state, days)

    people = {person for _event, _state, person in MUST_ACT}
    assert reminders.send_reminders(at=AT) == len(people)

    found = told()
    assert set(found) == people
    for place, (_event, state, person) in enumerate(MUST_ACT):
        numbers = re.findall(rf"A1-2019-000{place}(\d)", found[person])
        assert numbers == ["3", "2"], state
    everything = re.findall(r"A1-2019-\d{5}", "".join(found.values()))
    assert len(everything) == 2 * len(MUST_ACT), everything


def test_coordinator_hears_after_whoever_must_act(offered: World) -> None:
    rule(offered, E.REPORT, 2)
    rule(offered, E.REPORT, 7, A.COORDINATOR)
    waiting(offered, 1, RequestState.HELD, 3)
    waiting(offered, 2, RequestState.HELD, 7)

    reminders.send_reminders(at=AT)

    found = told()
    assert set(found) == {"mediator", "network.coordinator"}
    assert "00001" in found["mediator"]
    assert "00002" in found["mediator"]
    assert "00001" not in found["network.coordinator"]
    assert "00002" in found["network.coordinator"]


def test_sessions_proposals_and_qualifications_have_a_before(offered: World) -> None:
    own = mediator_of_world(offered)
    for event, days in ((E.SESSION, -1), (E.SESSION, 1), (E.PROPOSAL, 0), (E.QUALIFICATION, -30)):
        rule(offered, event, days)
    rule(offered, E.QUALIFICATION, -30, A.COORDINATOR)
    request = request_of_world(offered, number="A1-2019-00001", mediator=own)
    session_of(request, own, local(TODAY + timedelta(days=1), 10))
    session_of(request, own, local(TODAY + timedelta(days=2), 10))
    past = request_of_world(offered, number="A1-2019-00002", mediator=own, account=request.account)
    session_of(past, own, local(TODAY - timedelta(days=1), 10))
    asked = request_of_world(offered, number="A1-2019-00003", account=request.account)
    proposal_of(asked, own, local(TODAY + timedelta(days=3), 9), expires_at=local(TODAY, 20))
    with acting(None):
        MediatorQualification.objects.create(
            mediator=own, kind=QualificationKind.COURSE, title="Corso", expires_on=TODAY + timedelta(days=30)
        )

    reminders.send_reminders(at=AT)

    found = told()
    lines = found["mediator"].splitlines()
    assert len(lines) == 4
    assert sum("00001" in line for line in lines) == 1
    assert f"{TODAY + timedelta(days=1):%d/%m/%Y}" in next(line for line in lines if "00001" in line)
    assert "da registrare" in next(line for line in lines if "00002" in line)
    assert any("00003" in line for line in lines)
    assert "Cooperativa Uno" in found["network.coordinator"]
    assert "Amina" not in found["network.coordinator"]


def test_messages_name_no_person(offered: World) -> None:
    for event, days, audience in USUAL:
        rule(offered, event, days, audience)
    states = (RequestState.SUBMITTED, RequestState.TO_COMPLETE, RequestState.HELD, RequestState.REPORTED)
    for number, state in enumerate(states, start=1):
        waiting(offered, number, state, 10)

    reminders.send_reminders(at=AT)

    text = "\n".join(f"{message.subject} {message.body}" for message in Message.objects.order_by("pk"))
    assert text
    for secret in ("Amina", "Esempio", "Maria", "Anna", "AL-7F3K", "2B", "011 ", "@"):
        assert secret not in text


def test_resting_rule_other_programme_and_ended_request_are_silent(offered: World) -> None:
    resting = rule(offered, E.REPORT, 2)
    with acting(None):
        ReminderRule.objects.filter(pk=resting.pk).update(is_active=False)
        ReminderRule.objects.create(programme=offered.programmes["b"], event=E.REPORT, days=2)
    waiting(offered, 1, RequestState.HELD, 2)
    rule(offered, E.COUNTERSIGNATURE, 2)
    waiting(offered, 2, RequestState.CANCELLED, 2)

    assert reminders.send_reminders(at=AT) == 0
    assert not told()


# --- nothing twice, one message a day --------------------------------------------------------------------------------


def several(world: World) -> None:
    """Three people with something to do."""
    rule(world, E.REPORT, 2)
    rule(world, E.AUTHORISATION, 2)
    rule(world, E.TRIAGE, 2)
    for number in range(1, 4):
        waiting(world, number, RequestState.HELD, 2)
        waiting(world, 10 + number, RequestState.SUBMITTED, 2)
        waiting(world, 20 + number, RequestState.AUTHORISED, 2)


def counted() -> tuple[Counter[str], int]:
    numbers = Counter(number for body in told().values() for number in re.findall(r"A1-2019-\d{5}", body))
    return numbers, Message.objects.filter(kind="mediation.reminders").count()


def test_second_run_and_following_days_send_nothing_again(offered: World) -> None:
    several(offered)
    assert reminders.send_reminders(at=AT) == 3
    assert reminders.send_reminders(at=AT) == 0
    for days in (1, 2, 6, 30):
        assert reminders.send_reminders(at=AT + timedelta(days=days)) == 0

    numbers, messages = counted()
    assert messages == 3
    assert set(numbers.values()) == {1}
    assert ReminderSent.objects.count() == 9


def test_killed_between_two_people_and_run_again_sends_to_each_once(
    offered: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    several(offered)
    real, calls = reminders.queue_messages, 0

    def dying(drafts: Any) -> int:
        nonlocal calls
        calls += 1
        written = real(drafts)
        if calls == 2:
            raise KeyboardInterrupt
        return written

    with monkeypatch.context() as patch:
        patch.setattr(reminders, "queue_messages", dying)
        with pytest.raises(KeyboardInterrupt):
            reminders.send_reminders(at=AT)
    # The first has the message and its record, the second neither.
    assert (counted()[1], ReminderSent.objects.count()) == (1, 3)

    assert reminders.send_reminders(at=AT) == 2
    numbers, messages = counted()
    assert messages == 3
    assert set(numbers.values()) == {1}
    assert ReminderSent.objects.count() == 9


def test_what_comes_after_the_digest_of_the_day_waits_for_the_next(offered: World) -> None:
    rule(offered, E.REPORT, 2)
    waiting(offered, 1, RequestState.HELD, 2)
    reminders.send_reminders(at=AT)
    waiting(offered, 2, RequestState.HELD, 2)

    assert reminders.send_reminders(at=AT + timedelta(hours=5)) == 0
    assert reminders.send_reminders(at=AT + timedelta(days=1)) == 1

    assert counted()[1] == 2
    assert "00002" in Message.objects.filter(kind="mediation.reminders").order_by("-pk")[0].body
    assert ReminderSent.objects.count() == 2


def test_report_that_is_due_again_is_reminded_again(offered: World) -> None:
    rule(offered, E.REPORT, 2)
    request = waiting(offered, 1, RequestState.HELD, 2)
    reminders.send_reminders(at=AT)
    with acting(None):
        MediationRequest.objects.filter(pk=request.pk).update(
            state=RequestState.REOPENED, state_since=AT + timedelta(days=5)
        )

    assert reminders.send_reminders(at=AT + timedelta(days=6)) == 0
    assert reminders.send_reminders(at=AT + timedelta(days=7)) == 1


def test_queries_do_not_grow_with_what_is_due(offered: World) -> None:
    rule(offered, E.REPORT, 2)
    counts, number = [], 0
    for size in (2, 20):
        for _n in range(size):
            number += 1
            waiting(offered, number, RequestState.HELD, 2)
        with CaptureQueriesContext(connection) as queries:
            reminders.send_reminders(at=AT + timedelta(days=len(counts)))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_job_runs_once_a_day_from_seven(offered: World) -> None:
    night, morning = (timezone.make_aware(datetime.combine(TODAY, time(hour))) for hour in (6, 7))
    assert list(tasks.days_to_remind(night)) == []
    assert [slot.name for slot in tasks.days_to_remind(morning)] == [f"{clock.today():%Y-%m-%d}"]


# --- rules -----------------------------------------------------------------------------------------------------------


def test_programme_without_rules_gets_the_usual_ones_once(offered: World) -> None:
    reminders.send_reminders(at=AT)
    reminders.send_reminders(at=AT)

    assert ReminderRule.objects.filter(programme=offered.programmes["a"]).count() == len(USUAL)
    assert not ReminderRule.objects.filter(programme=offered.programmes["b"]).exists()
    for event in ReminderEvent:
        days = [days for usual, days, audience in USUAL if usual == event and audience == A.ACTOR]
        later = [days for usual, days, audience in USUAL if usual == event and audience == A.COORDINATOR]
        assert days
        assert not later or min(days) < min(later)


def test_regional_coordinator_alone_writes_the_rules(offered: World) -> None:
    programme = offered.programmes["a"]
    for role in ("network_coordinator", "technical_assistance", "mediator"):
        with pytest.raises(NotPermitted):
            reminders.add_rule(
                programme=programme, event=E.REPORT, days=1, audience=A.ACTOR, by=offered.personas[role], at=AT
            )
    by = offered.personas["regional_coordinator"]
    first = reminders.add_rule(programme=programme, event=E.REPORT, days=1, audience=A.ACTOR, by=by, at=AT)
    same = reminders.add_rule(programme=programme, event=E.REPORT, days=1, audience=A.ACTOR, by=by, at=AT)
    assert first.pk == same.pk
    with pytest.raises(NotPermitted):
        reminders.add_rule(programme=offered.programmes["b"], event=E.REPORT, days=1, audience=A.ACTOR, by=by, at=AT)


@pytest.mark.parametrize(
    ("event", "days", "audience", "field"),
    [
        (E.REPORT, 61, A.ACTOR, "days"),
        (E.REPORT, -1, A.ACTOR, "days"),
        (E.SESSION, -61, A.ACTOR, "days"),
        (E.REPORT, 5, A.COORDINATOR, "days"),
        ("birthday", 5, A.ACTOR, "event"),
    ],
)
def test_impossible_rule_is_refused(offered: World, event: str, days: int, audience: str, field: str) -> None:
    with pytest.raises(DomainError) as refusal:
        reminders.add_rule(programme=offered.programmes["a"], event=event, days=days, audience=audience, by=None, at=AT)
    assert refusal.value.field == field
    assert not ReminderRule.objects.exists()


def test_coordinator_never_hears_before_whoever_must_act(offered: World) -> None:
    actor = rule(offered, E.REPORT, 2)
    coordinator = rule(offered, E.REPORT, 5, A.COORDINATOR)
    for changed, days, is_active in ((actor, 6, True), (actor, 2, False), (coordinator, 1, True)):
        with pytest.raises(DomainError):
            reminders.change_rule(rule=changed, days=days, is_active=is_active, by=None, at=AT)

    reminders.change_rule(rule=coordinator, days=5, is_active=False, by=None, at=AT)
    reminders.change_rule(rule=actor, days=6, is_active=True, by=None, at=AT)
    assert (actor.days, coordinator.is_active) == (6, False)


def test_pages_of_the_rules(offered: World) -> None:
    client = client_of(offered, "regional_coordinator")
    assert "Crea le regole solite" in page(client, "/mediation/reminders/").text
    assert not ReminderRule.objects.exists()
    assert client.post("/mediation/reminders/programme-a/usual/").status_code == 302
    soup = page(client, "/mediation/reminders/")
    assert len(soup.select("tbody tr")) == len(USUAL)
    assert "1 giorno prima" in soup.text

    address = "/mediation/reminders/programme-a/new/"
    assert client.get(address).status_code == 200
    data = {"event": "report", "audience": "actor", "days": "70", "side": "after"}
    assert client.post(address, data).status_code == 200
    assert client.post(address, data | {"days": "4"}).status_code == 302
    made = ReminderRule.objects.get(event="report", days=4)

    address = f"/mediation/reminders/rules/{made.pk}/"
    assert client.get(address).status_code == 200
    assert client.post(address, {"days": "2", "side": "after", "is_active": "on"}).status_code == 200
    assert client.post(address, {"days": "6", "side": "after"}).status_code == 302
    made.refresh_from_db()
    assert (made.days, made.is_active) == (6, False)

    reader = client_of(offered, "network_coordinator")
    assert not page(reader, "/mediation/reminders/").select("tbody a")
    assert reader.get(address).status_code == 403
    assert client_of(offered, "school_contact").get("/mediation/reminders/").status_code == 403
