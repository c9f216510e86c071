# SPDX-License-Identifier: EUPL-1.2
"""Language facilitation: one request for a weekly series, all sessions planned at once, each signed by the school."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from actions.enums import MediationRequestKind
from fami_portal.core import clock
from fami_portal.core.errors import DomainError, NotPermitted
from mediation.enums import MediatorProfile, RequestState, SessionState
from mediation.models import MediationRequest, MediationSession, Mediator, Signature
from mediation.selectors.facilitation import series_days, to_sign
from mediation.services import assignment, facilitation, reports, sessions
from mediation.services.requests import submit
from tests.factories.mediation import MediatorTerritoryFactory, WeeklyAvailabilityFactory
from tests.factories.partners import LanguageFactory
from tests.mediation.consulting import account, figures, offer, settings, the_mediator
from tests.personas import World, build_world

pytestmark = pytest.mark.django_db
KIND = MediationRequestKind.FACILITATION
ROME = ZoneInfo("Europe/Rome")
NOW = datetime(2026, 3, 2, 9, tzinfo=ROME)
FIRST, UNTIL = date(2026, 3, 16), date(2026, 4, 13)  # Mondays; 6 April is Easter Monday
DAYS = ["16/03", "23/03", "30/03", "13/04"]


def prepare() -> World:
    """Programme A offers facilitation without the turn of the head; one facilitator who speaks Arabic."""
    world = build_world()
    offer(world, kinds=[KIND])
    settings(world, KIND, needs_authorisation=False)
    mediator = the_mediator(world, "ar", profile=MediatorProfile.FACILITATOR)
    MediatorTerritoryFactory(mediator=mediator)
    for weekday in range(7):
        WeeklyAvailabilityFactory(mediator=mediator, weekday=weekday, starts_at=time(7), ends_at=time(22))
    return world


def draft(world: World, **more: Any) -> MediationRequest:
    shared = {
        "programme": world.programmes["a"],
        "network": world.networks["n1"],
        "organisation": world.bodies["school_1"],
        "values": {
            "contact_name": "Maria Prova",
            "contact_email": "referente@scuola.example",
            "field_contact_name": "Anna Prova",
            "field_contact_email": "docente@scuola.example",
            "reason": "Italiano per lo studio.",
            "place": "Aula 3",
            "operator_present": True,
            "is_group": True,
            "families": 6,
        },
        "language": LanguageFactory(code="ar"),
        "day": FIRST,
        "starts_at": time(14),
        "ends_at": time(15, 30),
        "until": UNTIL,
        "by": world.personas["school_contact"],
        "at": NOW,
    }
    return facilitation.start_series(**(shared | more))


def accepted(world: World) -> MediationRequest:
    request = draft(world)
    submit(request=request, by=world.personas["school_contact"], at=NOW)
    coordinator = world.personas["network_coordinator"]
    assignment.take_in_charge(request=request, by=coordinator, at=NOW)
    start = datetime(2026, 3, 16, 14, tzinfo=ROME)
    proposal = assignment.propose(
        request=request,
        mediator=Mediator.objects.get(),
        starts_at=start,
        ends_at=start + timedelta(minutes=90),
        by=coordinator,
        at=NOW,
    )
    assignment.accept(proposal=proposal, by=world.personas["mediator"], at=NOW)
    request.refresh_from_db()
    return request


def rows(request: MediationRequest) -> list[MediationSession]:
    return list(MediationSession.objects.filter(request=request).order_by("planned_from"))


def record(world: World, session: MediationSession, **more: Any) -> None:
    sessions.record_session(
        session=session,
        actual_from=session.planned_from,
        actual_until=session.planned_until,
        version=session.version,
        pupils=5,
        by=world.personas["mediator"],
        at=session.planned_until + timedelta(hours=1),
        **more,
    )


def test_the_days_of_a_series_leave_out_public_holidays() -> None:
    assert [f"{day:%d/%m}" for day in series_days(FIRST, UNTIL)] == DAYS
    assert series_days(UNTIL, FIRST) == []


def test_the_whole_series_is_reserved_once_and_planned_at_the_acceptance(scene: World) -> None:
    request = draft(scene)
    assert (request.sessions_asked, request.minutes_asked) == (4, 360)
    submit(request=request, by=scene.personas["school_contact"], at=NOW)
    assert request.number.startswith("FL-")
    assert figures(scene, KIND) == (360, 0)
    assert account(scene, KIND).movements.filter(kind="reserve").count() == 1

    request = accepted(scene)

    planned = rows(request)
    assert [f"{timezone.localtime(row.planned_from):%d/%m}" for row in planned] == DAYS
    assert {f"{timezone.localtime(row.planned_from):%H:%M}" for row in planned} == {"14:00"}
    assert {row.planned_until - row.planned_from for row in planned} == {timedelta(minutes=90)}


def test_one_other_appointment_refuses_the_whole_series(scene: World) -> None:
    from tests.mediation.test_community import session

    start = datetime(2026, 3, 30, 15, tzinfo=ROME)
    session(scene, start, start + timedelta(hours=1))

    with pytest.raises(DomainError, match="30/03/2026"):
        accepted(scene)

    request = MediationRequest.objects.get(kind=KIND)
    assert request.state == RequestState.PROPOSED
    assert rows(request) == []


def test_each_session_is_signed_and_the_report_waits_for_the_last(scene: World) -> None:
    request = accepted(scene)
    contact, mediator = scene.personas["school_contact"], scene.personas["mediator"]
    planned = rows(request)
    for session in planned[:3]:
        record(scene, session)
    with pytest.raises(NotPermitted):
        facilitation.sign_sessions(request=request, sessions=planned[:1], by=mediator, at=NOW)
    with pytest.raises(DomainError):
        facilitation.sign_sessions(request=request, sessions=planned[3:], by=contact, at=NOW)
    assert len(facilitation.sign_sessions(request=request, sessions=planned[:2], by=contact, at=NOW)) == 2
    assert facilitation.sign_sessions(request=request, sessions=planned[:2], by=contact, at=NOW) == []
    record(scene, planned[3])
    request.refresh_from_db()
    assert request.state == RequestState.HELD

    after = planned[3].planned_until + timedelta(hours=2)
    reports.file_report(
        request=request,
        values={
            "interventions": ["language_facilitation"],
            "operator_name": "Anna Prova",
            "operator_role": "Docente",
            "summary": "Quattro incontri di italiano per lo studio.",
            "communication": 4,
            "follow_up": "none",
        },
        version=1,
        by=mediator,
        at=after,
    )
    with pytest.raises(DomainError):
        reports.countersign(request=request, by=contact, at=after)
    facilitation.sign_sessions(request=request, sessions=to_sign(request), by=contact, at=after)
    reports.countersign(request=request, by=contact, at=after)
    reports.validate(request=request, by=scene.personas["network_coordinator"], at=after)

    request.refresh_from_db()
    assert request.state == RequestState.VALIDATED
    assert figures(scene, KIND) == (0, 360)
    assert Signature.objects.filter(session__request=request).count() == 4


def test_a_corrected_session_is_signed_again(scene: World) -> None:
    request = accepted(scene)
    contact = scene.personas["school_contact"]
    session = rows(request)[0]
    record(scene, session)
    facilitation.sign_sessions(request=request, sessions=[session], by=contact, at=NOW)
    session.refresh_from_db()
    assert to_sign(request) == []

    sessions.record_session(
        session=session,
        actual_from=session.planned_from,
        actual_until=session.planned_until - timedelta(minutes=30),
        version=session.version,
        pupils=5,
        by=scene.personas["mediator"],
        at=session.planned_until + timedelta(hours=2),
    )

    assert to_sign(request) == [session]
    (signature,) = facilitation.sign_sessions(request=request, sessions=[session], by=contact, at=NOW)
    assert signature.attempt == 2
    with pytest.raises(DatabaseError, match="signature"):
        Signature.objects.filter(pk=signature.pk).update(signer_name="Altra")


def test_what_cannot_be_asked_says_why(scene: World) -> None:
    for field, wrong in (
        ("ends_at", {"ends_at": time(13)}),
        ("until", {"until": FIRST}),
        ("until", {"until": date(2028, 3, 1)}),
        ("reason", {"values": {"reason": "RSSMRA80A01H501U"}}),
    ):
        with pytest.raises(DomainError) as refusal:
            draft(scene, **wrong)
        assert refusal.value.field == field
    assert not MediationRequest.objects.exists()


def test_a_double_click_begins_one_series(scene: World) -> None:
    key = uuid4()
    assert draft(scene, key=key) == draft(scene, key=key)
    assert MediationRequest.objects.count() == 1


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_series_is_offered_to_those_who_may_ask_for_it(scene: World) -> None:
    address = reverse("mediation:facilitation-create")
    for role, offered in (("school_contact", True), ("service_operator", False)):
        client = client_of(scene.personas[role])
        assert (client.get(address).status_code == 200) is offered, role
        assert (address in client.get(reverse("mediation:consultations")).content.decode()) is offered, role


def test_the_page_leads_to_the_check_and_the_sessions_are_signed_on_one_page(scene: World) -> None:
    school = client_of(scene.personas["school_contact"])
    first = clock.today() + timedelta(days=21)
    place = f"{KIND.value}:{scene.bodies['school_1'].pk}:{scene.networks['n1'].pk}:{scene.programmes['a'].pk}"
    data = {
        "place_of_request": place,
        "contact_name": "Maria Prova",
        "contact_email": "a@scuola.example",
        "field_contact_name": "Anna Prova",
        "field_contact_email": "b@scuola.example",
        "language": LanguageFactory(code="ar").pk,
        "reason": "Italiano per lo studio",
        "families": "4",
        "place": "Aula 3",
        "day": f"{first:%Y-%m-%d}",
        "starts_at": "14:00",
        "ends_at": "15:00",
        "until": f"{first + timedelta(weeks=5):%Y-%m-%d}",
        "operator_present": "on",
    }
    response = school.post(reverse("mediation:facilitation-create"), data)
    request = MediationRequest.objects.get(kind=KIND)
    assert response["Location"] == reverse("mediation:request-check", args=[request.uuid])
    assert school.get(response["Location"]).status_code == 200

    series = accepted(scene)
    for session in rows(series)[:2]:
        record(scene, session)
    page = school.get(series.get_absolute_url()).content.decode()
    address = reverse("mediation:facilitation-sign", args=[series.uuid])
    assert address in page
    held = [row.pk for row in rows(series) if row.state == SessionState.HELD]
    assert school.post(address, {"sessions": held}).status_code == 302
    assert to_sign(series) == []
    assert school.get(address).status_code == 302
