# SPDX-License-Identifier: EUPL-1.2
"""Delegations of the head: dated, up to some minutes, never more under concurrent submissions."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError

from actions.enums import MediationRequestKind
from fami_portal.core.documents import DocumentRefused
from fami_portal.core.errors import DomainError, NotPermitted
from fami_portal.core.models import AuditEvent
from fami_portal.core.services import acting
from mediation.enums import Absent, DelegationAct, RequestState
from mediation.models import DelegationUse, HeadDelegation, MediationRequest
from mediation.selectors.hours import in_hours
from mediation.services import delegations, requests
from mediation.services.requests.endings import expire_overdue
from mediation.services.sessions import mark_not_held
from tests.factories.mediation import (
    HourAccountFactory,
    MediationRequestFactory,
    RequestKindFactory,
)
from tests.mediation.board_world import build
from tests.mediation.session_world import NOW, SessionWorld
from tests.personas import World

pytestmark = pytest.mark.django_db

AT = datetime(2019, 5, 20, 9, tzinfo=UTC)
DAYS = {"starts_on": date(2019, 5, 1), "ends_on": date(2019, 6, 30)}
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF\n"


def _request(world: World, minutes: int = 60, **fields: Any) -> MediationRequest:
    return MediationRequestFactory(
        programme=world.programmes["a"],
        network=world.networks["n1"],
        organisation=world.bodies["school_1"],
        minutes_asked=minutes,
        **fields,
    )


def _given(world: World, minutes: int = 120, **fields: Any) -> HeadDelegation:
    RequestKindFactory(programme=world.programmes["a"])
    values = DAYS | {"maximum_minutes": minutes} | fields
    return delegations.give(organisation=world.bodies["school_1"], by=world.personas["school_head"], at=AT, **values)


def _use(request: MediationRequest, at: datetime = AT) -> HeadDelegation | None:
    return delegations.use_delegation(request=request, by=None, at=at)


def test_requests_pass_until_the_minutes_are_gone(world: World) -> None:
    delegation = _given(world)

    assert _use(_request(world, 90)) == delegation
    assert _use(_request(world, 60)) is None
    assert _use(_request(world, 30)) == delegation
    delegation.refresh_from_db()
    assert delegation.used_minutes == 120
    assert [use.minutes for use in delegation.log.order_by("pk")] == [90, 30]


@pytest.mark.parametrize(
    ("at", "passes"),
    [
        (datetime(2019, 4, 30, 12, tzinfo=UTC), False),
        # In Italy the first of May has begun.
        (datetime(2019, 4, 30, 22, 30, tzinfo=UTC), True),
        (datetime(2019, 6, 30, 21, 30, tzinfo=UTC), True),
        (datetime(2019, 6, 30, 22, 30, tzinfo=UTC), False),
    ],
)
def test_a_delegation_is_dated_in_italian_days(world: World, at: datetime, passes: bool) -> None:
    _given(world)

    assert (_use(_request(world), at) is not None) is passes


def test_the_delegation_that_ends_first_is_used_first(world: World) -> None:
    _given(world, ends_on=date(2019, 12, 31))
    first = _given(world)

    assert _use(_request(world)) == first


def test_a_revoked_delegation_lets_nothing_pass(world: World) -> None:
    delegation = _given(world)
    delegations.revoke(delegation=delegation, by=world.personas["school_head"], at=AT)

    assert _use(_request(world)) is None
    with pytest.raises(DomainError):
        delegations.revoke(delegation=delegation, by=world.personas["school_head"], at=AT)


def test_a_delegation_serves_its_own_body_alone(world: World) -> None:
    _given(world)

    assert _use(_request(world)) is not None
    other = MediationRequestFactory(
        programme=world.programmes["a"], network=world.networks["n1"], organisation=world.bodies["service_1"]
    )
    assert _use(other) is None


def test_a_request_counts_once_and_later_only_the_difference(world: World) -> None:
    delegation = _given(world)
    request = _request(world, 60)
    _use(request)
    request.minutes_asked = 90
    assert _use(request) == delegation
    delegation.refresh_from_db()
    assert delegation.used_minutes == 90
    assert _log(request) == [("passed", 60), ("changed", 30)]

    request.minutes_asked = 180
    assert _use(request) is None
    delegation.refresh_from_db()
    assert delegation.used_minutes == 90


def test_the_programme_says_whether_and_how_much_may_be_delegated(world: World) -> None:
    delegation = _given(world, 600)
    kind = world.programmes["a"].request_kinds.get(kind=MediationRequestKind.SCHOOL)

    _settings(kind, {"delegation_maximum_minutes": 90})
    assert _use(_request(world, 60)) == delegation
    assert _use(_request(world, 60)) is None
    _settings(kind, {"head_by_delegation": False})
    assert _use(_request(world, 30)) is None


# --- what goes back -------------------------------------------------------------------------------------------------


def _log(request: MediationRequest) -> list[tuple[str, int]]:
    return list(request.delegation_uses.order_by("pk").values_list("act", "minutes"))


def _passed(world: World) -> tuple[HeadDelegation, MediationRequest]:
    """Submit a request that passes under a delegation of two hours."""
    delegation = _given(world)
    HourAccountFactory(programme=world.programmes["a"], network=world.networks["n1"])
    request = _request(world)
    requests.submit(request=request, by=world.personas["school_contact"], at=AT)
    assert request.state == RequestState.AUTHORISED
    return delegation, request


def _cancel(world: World, request: MediationRequest) -> None:
    requests.cancel(request=request, reason="Non serve più", by=world.personas["school_contact"], at=AT)


def _reject(world: World, request: MediationRequest) -> None:
    requests.reject(request=request, reason="Fuori programma", by=world.personas["network_coordinator"], at=AT)


def _expire(world: World, request: MediationRequest) -> None:
    assert expire_overdue(at=datetime(2050, 1, 1, tzinfo=UTC)) == 1


@pytest.mark.parametrize(
    ("end", "state"),
    [
        (_cancel, RequestState.CANCELLED),
        (_reject, RequestState.REJECTED),
        (_expire, RequestState.EXPIRED),
    ],
)
def test_what_a_request_took_goes_back_when_it_ends(world: World, end: Any, state: str) -> None:
    delegation, request = _passed(world)
    delegation.refresh_from_db()
    assert delegation.used_minutes == 60

    end(world, request)
    request.refresh_from_db()
    delegation.refresh_from_db()
    assert request.state == state
    assert _log(request) == [("passed", 60), ("returned", -60)]
    assert delegation.used_minutes == 0
    assert AuditEvent.objects.filter(verb="delegation_returned", data__minutes=60).count() == 1
    assert _use(_request(world, 120)) == delegation


@pytest.mark.parametrize("late", [True, False])
def test_what_lateness_or_an_absence_costs_stays_used(world: World, late: bool) -> None:
    scene = SessionWorld(build(world))
    session = scene.confirmed(minutes=60)
    scene.settings(cancellation={"free_until_hours": 24, "late_charge_minutes": 45, "absence_charge_minutes": 45})
    request = session.request
    day = NOW.date()
    delegation = delegations.give(
        organisation=request.organisation, starts_on=day, ends_on=day, maximum_minutes=120, by=scene.head, at=NOW
    )
    assert _use(request, NOW) == delegation

    if late:
        when = session.planned_from - timedelta(hours=2)
        requests.cancel(request=request, reason="Non serve più", by=scene.contact, at=when)
    else:
        when = session.planned_until + timedelta(hours=2)
        mark_not_held(session=session, absent=Absent.FAMILY, reason="Non è venuta", by=scene.user, at=when)
    delegation.refresh_from_db()
    assert _log(request) == [("passed", 60), ("returned", -15)]
    assert delegation.used_minutes == 45


def test_a_request_that_the_head_signed_gives_nothing_back(world: World) -> None:
    delegation = _given(world)

    assert delegations.give_back(request=_request(world), by=None, at=AT) == 0
    assert not delegation.log.exists()


def test_movements_of_a_delegation_are_only_added(world: World) -> None:
    _delegation, request = _passed(world)
    for act in (lambda rows: rows.update(minutes=0), lambda rows: rows.delete()):
        with pytest.raises(DatabaseError, match="never changed"), acting(None):
            act(DelegationUse.objects.filter(request=request))


def test_the_page_of_the_body_shows_what_went_back(client: Any, world: World) -> None:
    _delegation, request = _passed(world)
    _cancel(world, request)
    client.force_login(world.personas["school_head"])

    page = client.get(f"/mediation/access/{world.bodies['school_1'].uuid}/").content.decode()
    assert in_hours(-60, signed=True) in page
    assert str(DelegationAct.RETURNED.label) in page


def _settings(kind: Any, values: dict[str, Any]) -> None:
    with acting(None):
        kind.settings = values
        kind.save()


@pytest.mark.parametrize("role", ["school_contact", "teacher", "network_coordinator", "service_operator"])
def test_only_the_head_gives_one(world: World, role: str) -> None:
    with pytest.raises(NotPermitted):
        delegations.give(
            organisation=world.bodies["school_1"], by=world.personas[role], at=AT, maximum_minutes=60, **DAYS
        )


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"ends_on": date(2019, 4, 30)}, "ends_on"),
        ({"starts_on": date(2019, 1, 1), "ends_on": date(2019, 5, 19)}, "ends_on"),
        ({"ends_on": date(2021, 5, 1)}, "ends_on"),
        ({"maximum_minutes": 0}, "maximum_minutes"),
        ({"maximum_minutes": 100_000}, "maximum_minutes"),
    ],
)
def test_days_and_minutes_that_make_no_sense_are_refused(world: World, values: dict[str, Any], field: str) -> None:
    with pytest.raises(DomainError) as refusal:
        _given(world, **values)
    assert refusal.value.field == field
    assert not HeadDelegation.objects.exists()


def _paper(world: World, role: str = "network_coordinator", **fields: Any) -> HeadDelegation:
    RequestKindFactory(programme=world.programmes["a"])
    values: dict[str, Any] = {
        "organisation": world.bodies["school_1"],
        "given_by_name": "Anna  Prova",
        "maximum_minutes": 120,
        "name": "delega.pdf",
        "content": PDF,
        **DAYS,
    }
    return delegations.record_paper(by=world.personas[role], at=AT, **(values | fields))


def test_the_coordinator_enters_a_paper_with_its_sheet(world: World) -> None:
    delegation = _paper(world)

    assert delegation.given_by is None
    assert delegation.given_by_name == "Anna Prova"
    assert delegation.recorded_by == world.personas["network_coordinator"]
    assert delegation.document is not None
    assert delegation.document.kind == delegations.DELEGATION_SHEET
    event = AuditEvent.objects.get(verb="delegation_recorded")
    assert event.on_behalf_of == world.bodies["school_1"].name
    assert _use(_request(world)) == delegation


def test_a_paper_needs_a_name_a_file_and_the_coordinator(world: World) -> None:
    with pytest.raises(DomainError):
        _paper(world, given_by_name=" ")
    with pytest.raises(DocumentRefused):
        _paper(world, content=b"not a document", name="delega.exe")
    with pytest.raises(NotPermitted):
        _paper(world, role="school_contact")
    with pytest.raises(NotPermitted):
        _paper(world, organisation=world.bodies["school_3"])
    assert not HeadDelegation.objects.exists()
