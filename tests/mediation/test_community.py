# SPDX-License-Identifier: EUPL-1.2
"""Community mediation: presences planned by the network, one mediator in one place, hours, closed periods."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from actions.enums import MediationRequestKind
from actions.models import ClosedPeriod, Period
from actions.workflow import ClosedPeriodError
from fami_portal.core import clock
from fami_portal.core.errors import DomainError, NotPermitted
from fami_portal.core.services import acting
from mediation.enums import PresenceState
from mediation.models import CommunityPresence, Mediator
from mediation.selectors.hours import attempt_of
from mediation.services import community as services
from mediation.services import planning
from mediation.services.hours import NotEnoughHoursError
from mediation.signals import figures_changed, figures_changing
from mediation.workflow import PRESENCE
from tests.factories.mediation import MediationRequestFactory, MediatorFactory
from tests.mediation.consulting import NOW, figures, offer, the_mediator
from tests.personas import World, build_world

KIND = MediationRequestKind.COMMUNITY
S = PresenceState
DAY = date(2026, 3, 12)
LATER = NOW + timedelta(days=30)


def begin(world: World) -> World:
    offer(world, kinds=[KIND])
    the_mediator(world)
    return world


def prepare() -> World:
    """Programme A offers community mediation, with twenty hours for network n1 and one mediator."""
    return begin(build_world())


def plan(world: World, day: date = DAY, start: int = 15, end: int = 17, **values: Any) -> list[CommunityPresence]:
    shared = {
        "programme": world.programmes["a"],
        "network": world.networks["n1"],
        "mediator": Mediator.objects.get(user=world.personas["mediator"]),
        "place": "Giardini pubblici",
        "day": day,
        "starts_at": time(start),
        "ends_at": time(end),
        "by": world.personas["network_coordinator"],
        "at": NOW,
    }
    return services.plan_presences(**(shared | values))


def record(world: World, presence: CommunityPresence, by: Any = None, **values: Any) -> None:
    shared = {
        "actual_from": presence.planned_from,
        "actual_until": presence.planned_until - timedelta(minutes=15),
        "contacts": 12,
        "topics": "Iscrizioni, mensa",
    }
    services.record_presence(presence=presence, **(shared | values), by=by or world.personas["mediator"], at=LATER)


def session(world: World, start: datetime, end: datetime) -> Any:
    """Plan a session of a request for the mediator of the personas."""
    request = MediationRequestFactory(
        programme=world.programmes["a"], network=world.networks["n1"], organisation=world.bodies["school_1"]
    )
    with acting(None):
        return planning.plan_session(
            request=request,
            mediator=Mediator.objects.get(user=world.personas["mediator"]),
            starts_at=start,
            ends_at=end,
        )


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


pytestmark = pytest.mark.django_db


def test_hours_are_reserved_by_the_plan_and_consumed_by_the_validation(scene: World) -> None:
    (presence,) = plan(scene)
    assert figures(scene, KIND) == (120, 0)
    record(scene, presence)
    heard: list[Any] = []

    def changing(sender: Any, **kwargs: Any) -> None:
        heard.append("changing")

    def changed(sender: Any, **kwargs: Any) -> None:
        heard.append((kwargs["source_type"], kwargs["source_id"]))

    figures_changing.connect(changing)
    figures_changed.connect(changed)
    try:
        services.validate(presence=presence, by=scene.personas["network_coordinator"], at=LATER)
    finally:
        figures_changing.disconnect(changing)
        figures_changed.disconnect(changed)

    assert heard == ["changing", ("presence", presence.pk)]
    assert figures(scene, KIND) == (0, 105)
    assert presence.state == S.VALIDATED


def test_a_series_leaves_out_holidays_and_keeps_its_hour_across_summer_time(scene: World) -> None:
    presences = plan(scene, date(2026, 3, 23), until=date(2026, 4, 20))

    days = [timezone.localtime(row.planned_from) for row in presences]
    assert [f"{day:%d/%m}" for day in days] == ["23/03", "30/03", "13/04", "20/04"]  # Easter Monday is 6 April
    assert {day.hour for day in days} == {15}
    assert days[1] - days[0] == timedelta(days=7)  # on the wall
    assert presences[1].planned_from.astimezone(UTC).hour == presences[0].planned_from.astimezone(UTC).hour - 1
    assert figures(scene, KIND) == (480, 0)


def test_a_series_is_planned_whole_or_not_at_all(scene: World) -> None:
    plan(scene, date(2026, 3, 26))

    with pytest.raises(services.MediatorElsewhereError, match="26/03/2026"):
        plan(scene, date(2026, 3, 12), until=date(2026, 4, 2))
    with pytest.raises(NotEnoughHoursError):
        plan(scene, date(2026, 3, 13), until=date(2026, 7, 31))

    assert CommunityPresence.objects.count() == 1
    assert figures(scene, KIND) == (120, 0)


def test_a_double_click_plans_once(scene: World) -> None:
    key = uuid4()
    assert plan(scene, key=key) == plan(scene, key=key)
    assert CommunityPresence.objects.count() == 1


def test_what_cannot_be_planned_says_why(scene: World) -> None:
    stranger = MediatorFactory(organisation=scene.bodies["coop_3"])
    for field, wrong in (
        ("ends_at", {"starts_at": time(17), "ends_at": time(15)}),
        ("day", {"day": date(2026, 3, 9)}),
        ("until", {"until": date(2026, 3, 1)}),
        ("until", {"until": date(2031, 1, 1)}),
        ("until", {"until": date(2028, 3, 1)}),
        ("mediator", {"mediator": stranger}),
        ("place", {"place": "chiamare 333 1234567"}),
    ):
        with pytest.raises(DomainError) as refusal:
            plan(scene, **wrong)
        assert refusal.value.field == field, wrong
    with pytest.raises(NotPermitted):
        plan(scene, by=scene.personas["mediator"])
    with pytest.raises(NotPermitted):
        plan(scene, network=scene.networks["n2"])


# --- one place -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("minutes", "clashes"), [(-30, True), (59, True), (60, False)])
def test_presences_and_sessions_do_not_overlap_travel_included(scene: World, minutes: int, clashes: bool) -> None:
    (presence,) = plan(scene)
    start = presence.planned_until + timedelta(minutes=minutes)

    if clashes:
        with pytest.raises(planning.MediatorBusyError):
            session(scene, start, start + timedelta(hours=1))
    else:
        session(scene, start, start + timedelta(hours=1))


def test_a_session_keeps_presences_away(scene: World) -> None:
    start = timezone.make_aware(datetime.combine(DAY, time(16)))
    session(scene, start, start + timedelta(hours=1))

    with pytest.raises(services.MediatorElsewhereError):
        plan(scene)
    plan(scene, start=18, end=19)
    assert figures(scene, KIND) == (60, 0)


def test_a_cancelled_presence_leaves_its_time_free(scene: World) -> None:
    (presence,) = plan(scene)
    services.cancel(presence=presence, reason="Sciopero", by=scene.personas["network_coordinator"], at=NOW)

    session(scene, presence.planned_from, presence.planned_until)
    with pytest.raises(IntegrityError), acting(None):
        CommunityPresence.objects.filter(pk=presence.pk).update(state=S.PLANNED)


def test_without_the_trigger_both_would_win(scene: World) -> None:
    """The negative control of the test before."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE mediation_mediationsession DISABLE TRIGGER beside_presences")
    (presence,) = plan(scene)
    with transaction.atomic():
        session(scene, presence.planned_from, presence.planned_until)
        transaction.set_rollback(True)


# --- recording -------------------------------------------------------------------------------------------------------


def test_what_cannot_be_recorded_says_why(scene: World) -> None:
    (presence,) = plan(scene)
    hour = timedelta(hours=1)
    for field, wrong in (
        ("ends_at", {"actual_until": presence.planned_from}),
        ("ends_at", {"actual_until": LATER + hour}),
        ("starts_at", {"actual_from": presence.planned_from - 20 * hour}),
        ("contacts", {"contacts": -1}),
        ("topics", {"topics": "RSSMRA80A01H501U"}),
    ):
        with pytest.raises(DomainError) as refusal:
            record(scene, presence, **wrong)
        assert refusal.value.field == field, wrong
    with pytest.raises(NotPermitted):
        record(scene, presence, by=scene.personas["network_coordinator"])


def test_a_presence_sent_back_is_recorded_again(scene: World) -> None:
    (presence,) = plan(scene)
    record(scene, presence)
    services.send_back(presence=presence, reason="Quante persone?", by=scene.personas["network_coordinator"], at=LATER)
    assert (presence.state, presence.minutes) == (S.PLANNED, None)
    record(scene, presence, contacts=3)
    assert presence.contacts == 3


def test_nothing_is_recorded_in_a_closed_period_but_what_was_is_validated(scene: World) -> None:
    first, second = (plan(scene, day)[0] for day in (DAY, date(2026, 3, 13)))
    record(scene, first)
    with acting(None):
        period = Period.objects.create(
            programme=scene.programmes["a"],
            code="2026-Q1",
            starts_on=date(2026, 1, 1),
            ends_on=date(2026, 3, 31),
            due_on=date(2026, 4, 15),
        )
        ClosedPeriod.objects.create(
            network=scene.networks["n1"], organisation=first.activity.organisation, period=period, closed_at=LATER
        )

    with pytest.raises(ClosedPeriodError):
        record(scene, second)
    with pytest.raises(ClosedPeriodError):
        services.send_back(presence=first, reason="x", by=scene.personas["network_coordinator"], at=LATER)
    first.refresh_from_db()
    services.validate(presence=first, by=scene.personas["network_coordinator"], at=LATER)
    assert first.state == S.VALIDATED


def test_the_rest_of_a_series_is_cancelled_at_once(scene: World) -> None:
    presences = plan(scene, until=date(2026, 4, 2))
    number = services.cancel(
        presence=presences[1], reason="Fine", whole_series=True, by=scene.personas["network_coordinator"], at=NOW
    )
    assert number == 3
    assert figures(scene, KIND) == (120, 0)


# --- the table of states ---------------------------------------------------------------------------------------------


def _acts(world: World, presence: CommunityPresence) -> dict[str, Callable[[Any], Any]]:
    coordinator = world.personas["network_coordinator"]
    return {
        "hold": lambda by: record(world, presence, by=by),
        "send_back": lambda by: services.send_back(presence=presence, reason="x", by=by or coordinator, at=LATER),
        "reopen": lambda by: services.reopen(presence=presence, reason="x", by=by or coordinator, at=LATER),
        "validate": lambda by: services.validate(presence=presence, by=by or coordinator, at=LATER),
        "cancel": lambda by: services.cancel(presence=presence, reason="x", by=by or coordinator, at=LATER),
    }


@pytest.mark.parametrize("seed", range(4))
def test_random_walks_keep_the_table_and_the_account(scene: World, seed: int) -> None:
    chance = random.Random(seed)
    (presence,) = plan(scene)
    people = [None, None, *scene.personas.values()]
    for _step in range(20):
        before = presence.state
        name, act = chance.choice(sorted(_acts(scene, presence).items()))
        try:
            act(chance.choice(people))
        except DomainError:
            presence.refresh_from_db()
            assert presence.state == before
        else:
            assert presence.state in {row.target for row in PRESENCE.possible(before)}, name
        # What is taken back into the reserve is what was consumed, no longer what was planned.
        reserved = 105 if attempt_of(services.SOURCE, presence.pk) > 1 else 120
        expected = {S.VALIDATED: (0, 105), S.CANCELLED: (0, 0)}.get(presence.state, (reserved, 0))
        assert figures(scene, KIND) == expected


def test_only_the_right_person_does_each_act(scene: World) -> None:
    (presence,) = plan(scene)
    for name, act in _acts(scene, presence).items():
        right = {"mediator"} if name == "hold" else {"network_coordinator", "regional_coordinator"}
        for role, person in scene.personas.items():
            if role not in right:
                with pytest.raises(NotPermitted):
                    act(person)


# --- pages -----------------------------------------------------------------------------------------------------------


def test_the_pages_plan_record_and_validate(scene: World) -> None:
    coordinator = client_of(scene.personas["network_coordinator"])
    yesterday = clock.today() - timedelta(days=1)
    response = coordinator.post(
        reverse("mediation:presence-create"),
        {
            "mediator": Mediator.objects.get().pk,
            "place": "Davanti alla scuola",
            "day": f"{clock.today():%Y-%m-%d}",
            "starts_at": "00:00",
            "ends_at": "00:01",
        },
    )
    assert response.status_code == 302, response.content.decode()
    presence = CommunityPresence.objects.get()
    start = timezone.localtime(presence.planned_from)
    response = client_of(scene.personas["mediator"]).post(
        reverse("mediation:presence-record", args=[presence.uuid]),
        {
            "starts_at": f"{start - timedelta(hours=2):%Y-%m-%dT%H:%M}",
            "ends_at": f"{start:%Y-%m-%dT%H:%M}",
            "contacts": "9",
            "topics": "Mensa",
        },
    )
    assert response.status_code == 302, response.content.decode()
    coordinator.post(reverse("mediation:presence-validate", args=[presence.uuid]))
    presence.refresh_from_db()
    assert presence.state == S.VALIDATED
    assert timezone.localdate(presence.actual_from) == yesterday
    assert figures(scene, KIND) == (0, 120)


def test_the_list_costs_as_many_queries_for_three_as_for_thirty(scene: World) -> None:
    client = client_of(scene.personas["network_coordinator"])

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("mediation:presence-list")).status_code == 200
        return len(queries)

    plan(scene, start=8, end=9, until=DAY + timedelta(weeks=1))
    count()
    few = count()
    plan(scene, start=15, end=16, until=DAY + timedelta(weeks=9))
    assert count() == few <= 15
