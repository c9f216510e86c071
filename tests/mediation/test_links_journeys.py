# SPDX-License-Identifier: EUPL-1.2
"""Without an account to the end: asked on Monday and confirmed by Wednesday, countersigned by link, arranged outside."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from fami_portal.core.errors import NotPermitted
from fami_portal.core.models import AuditEvent, Message, TransitionLog
from fami_portal.core.services import acting
from mediation.enums import LinkPurpose, ProposalState, RequestState
from mediation.models import AccessLink, AccessLinkUse, InterventionReport, MediationRequest, Signature
from mediation.services import assignment, delegations, links
from mediation.services.outside import enter_arranged
from partners.models import Membership, Organisation
from tests.factories.mediation import HourAccountFactory, RequestKindFactory
from tests.mediation.board_world import BoardWorld, build, fresh, rome
from tests.mediation.filing import filing_data
from tests.mediation.session_world import SessionWorld

pytestmark = pytest.mark.django_db

MAILBOX = "segreteria@scuola-uno.example"
MONDAY = rome(2019, 5, 20, 9, 12)


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


def _without_accounts(school: Organisation) -> None:
    """The body has a mailbox, and nobody with an account."""
    with acting(None):
        school.email = MAILBOX
        school.save()
        Membership.objects.filter(organisation=school).update(
            withdrawn_at=timezone.now() - timedelta(days=2), valid_until="2019-01-01"
        )


def prepare() -> BoardWorld:
    """A school that offers A.1, with hours and a mailbox."""
    board = build()
    RequestKindFactory(programme=board.world.programmes["a"])
    board.accounts["n1:school"] = HourAccountFactory(
        programme=board.world.programmes["a"], network=board.world.networks["n1"]
    )
    with acting(None):
        board.world.bodies["school_1"].email = MAILBOX
        board.world.bodies["school_1"].save()
    return board


@pytest.fixture
def board(fresh: BoardWorld) -> BoardWorld:
    return fresh


def _it_is(settings: Any, moment: datetime) -> None:
    """Set the clock of the work; links go on living in real time."""
    settings.CLOCK_SHIFT = timezone.now() - moment


def _client(user: Any) -> Client:
    client = Client()
    client.force_login(fresh(user))
    return client


def test_asked_on_monday_confirmed_by_wednesday(client: Client, board: BoardWorld, settings: Any) -> None:
    school = board.world.bodies["school_1"]
    delegations.give(
        organisation=school,
        by=board.world.personas["school_head"],
        at=rome(2019, 5, 2, 12),
        starts_on=date(2019, 5, 2),
        ends_on=date(2019, 6, 30),
        maximum_minutes=600,
    )
    _without_accounts(school)
    mediators = [board.mediator() for _number in range(3)]
    board.mediator(week=False, is_active=False)

    # Monday morning: the office asks for the link, and files on the phone for a pupil who has just arrived.
    _it_is(settings, MONDAY)
    client.post(reverse("mediation:link-ask"), {"address": MAILBOX})
    page = Message.objects.get(kind="access_link").url
    data = filing_data(
        day=date(2019, 5, 23), urgency="new_arrival", arrived_on="04/2019", language_0=str(board.language.pk)
    )
    assert client.post(page, data).status_code == 302
    request = MediationRequest.objects.with_parts().get()
    # The head has delegated: it is with the coordinator at once.
    assert (request.state, request.authorisation, request.channel) == ("authorised", "delegation", "link")
    assert not AccessLink.objects.filter(purpose=LinkPurpose.AUTHORISE).exists()

    # Monday afternoon: taken in charge, offered to all who can, from the pages of the coordinator.
    _it_is(settings, rome(2019, 5, 20, 15, 30))
    coordinator = _client(board.coordinator)
    coordinator.post(reverse("mediation:request-take", args=[request.uuid]))
    query = "?day=2019-05-23&starts_at=10:00&ends_at=11:00"
    offer = reverse("mediation:request-offer", args=[request.uuid]) + query
    form = coordinator.get(offer).context["form"]
    response = coordinator.post(offer, {"expires_at": f"{form.initial['expires_at']:%Y-%m-%dT%H:%M}"})
    assert response.status_code == 302, response.content.decode()
    offered = request.proposals.order_by("pk")
    assert {row.mediator_id for row in offered} == {mediator.pk for mediator in mediators}

    # Tuesday morning: the first who accepts has it; the second is told.
    _it_is(settings, rome(2019, 5, 21, 8, 5))
    first, second = offered[0], offered[1]
    assignment.accept(proposal=first, by=fresh(first.mediator.user), at=rome(2019, 5, 21, 8, 5))
    with pytest.raises(assignment.ProposalClosedError):
        assignment.accept(proposal=second, by=fresh(second.mediator.user), at=rome(2019, 5, 21, 8, 6))
    assert set(request.proposals.exclude(pk=first.pk).values_list("state", flat=True)) == {ProposalState.WITHDRAWN}

    # By Wednesday it is confirmed, and the mailbox knows it.
    request.refresh_from_db()
    assert request.state == RequestState.CONFIRMED
    assert request.confirmed_at is not None
    assert request.confirmed_at < rome(2019, 5, 22)
    moves = TransitionLog.objects.filter(entity="mediation.mediationrequest", entity_id=request.pk).order_by("pk")
    assert list(moves.values_list("transition", flat=True)) == [
        "submit",
        "authorise",
        "take_in_charge",
        "propose",
        "confirm",
    ]
    follow = Message.objects.filter(url__contains="/follow/").latest("pk")
    assert follow.address == MAILBOX
    assert first.mediator.family_name not in follow.body
    shown = client.get(follow.url).content.decode()
    assert first.mediator.family_name in shown
    assert "Giovedì 23 Maggio 2019" in shown or "Giovedì 23 maggio 2019" in shown


def test_without_delegation_the_head_has_a_turn(client: Client, board: BoardWorld, settings: Any) -> None:
    _without_accounts(board.world.bodies["school_1"])
    _it_is(settings, MONDAY)
    client.post(reverse("mediation:link-ask"), {"address": MAILBOX})
    client.post(
        Message.objects.get(kind="access_link").url,
        filing_data(day=date(2019, 5, 23), urgency="new_arrival", arrived_on="04/2019"),
    )

    assert MediationRequest.objects.get().state == RequestState.SUBMITTED
    head = Message.objects.get(url__contains="/authorise/")
    assert client.post(head.url, {"name": "Anna Prova", "declaration": "on"}).status_code == 302
    request = MediationRequest.objects.get()
    assert request.state == RequestState.AUTHORISED
    assert request.authorised_at is not None
    # The act is dated by the clock of the work, not by that of the links.
    assert request.authorised_at.year == 2019


def test_who_has_an_account_is_told_in_the_portal(board: BoardWorld) -> None:
    request = board.taken()
    assert links.keep_posted(request=request, by=None) is None
    _without_accounts(request.organisation)
    link = links.keep_posted(request=request, by=None)
    assert link is not None
    assert link.purpose == LinkPurpose.FOLLOW
    assert request.number in Message.objects.get(kind="access_link").subject


# --- the report -----------------------------------------------------------------------------------------------------


def _filed(board: BoardWorld) -> tuple[SessionWorld, MediationRequest, str]:
    scene = SessionWorld(board)
    _without_accounts(scene.world.bodies["school_1"])
    request = scene.filed()
    return scene, request, Message.objects.get(url__contains="/countersign/").url


def test_a_report_is_countersigned_by_link(client: Client, board: BoardWorld) -> None:
    _scene, request, address = _filed(board)

    page = client.get(address).content.decode()
    assert "Colloquio con la famiglia sul passaggio" in page
    assert client.post(address, {"name": "Anna Prova"}).status_code == 422
    assert client.post(address, {"name": "", "declaration": "on"}).status_code == 422
    assert not AccessLinkUse.objects.filter(act="countersigned").exists()

    data = {"name": "Anna Prova", "declaration": "on", "rating": "9", "rating_note": "Molto utile."}
    assert client.post(address, data).status_code == 302
    assert client.post(address, data).status_code == 302
    request.refresh_from_db()
    assert request.state == RequestState.COUNTERSIGNED
    signature = Signature.objects.get(role="requester")
    assert (signature.method, signature.signer, signature.signer_name) == ("link", None, "Anna Prova")
    assert InterventionReport.objects.get(request=request).rating == 9
    assert client.get(address).status_code == 200
    assert AccessLinkUse.objects.filter(act="countersigned").count() == 1


def test_a_report_with_an_account_behind_gets_no_link(board: BoardWorld) -> None:
    scene = SessionWorld(board)
    scene.filed()

    assert not AccessLink.objects.filter(purpose=LinkPurpose.COUNTERSIGN).exists()


# --- arranged outside -----------------------------------------------------------------------------------------------


def _outside_data(board: BoardWorld, mediator: Any, **changes: Any) -> dict[str, Any]:
    return filing_data(
        day=date(2019, 5, 17),
        language_0=str(board.language.pk),
        outside_reason="Concordato per telefono venerdì.",
        same_mediator=str(mediator.pk),
        family_informed_on="16/05/2019",
        **changes,
    )


def test_what_was_arranged_outside_gets_the_same_signatures(client: Client, board: BoardWorld, settings: Any) -> None:
    mediator = board.mediator()
    _without_accounts(board.world.bodies["school_1"])
    _it_is(settings, MONDAY)
    body = board.world.bodies["school_1"]
    coordinator = _client(board.coordinator)
    address = reverse("mediation:request-outside", args=[body.uuid])

    assert coordinator.get(address).status_code == 200
    missing = coordinator.post(address, _outside_data(board, mediator) | {"outside_reason": ""})
    assert missing.status_code == 422
    assert not MediationRequest.objects.exists()
    assert coordinator.post(address, _outside_data(board, mediator)).status_code == 302

    request = MediationRequest.objects.with_parts().get()
    assert (request.state, request.channel) == ("submitted", "outside")
    # Author and typist are apart.
    assert request.created_by == board.coordinator
    event = AuditEvent.objects.get(verb="submit")
    assert (event.actor_id, event.on_behalf_of) == (board.coordinator.pk, body.name)

    # The head authorises after the fact, by link.
    head = Message.objects.get(url__contains="/authorise/").url
    assert "Concordato per telefono" in client.get(head).content.decode()
    client.post(head, {"name": "Anna Prova", "declaration": "on"})
    coordinator.post(reverse("mediation:request-take", args=[request.uuid]))
    arranged = reverse("mediation:request-arranged", args=[request.uuid])
    form = coordinator.get(arranged).context["form"]
    assert form["mediator"].value() in (mediator.pk, str(mediator.pk))
    assert form["reason"].value() == "Concordato per telefono venerdì."
    data = {
        "mediator": mediator.pk,
        "day": "17/05/2019",
        "starts_at": "10:00",
        "ends_at": "11:00",
        "reason": "Concordato per telefono venerdì.",
    }
    assert coordinator.post(arranged, data).status_code == 302
    request.refresh_from_db()
    assert (request.state, request.mediator) == (RequestState.CONFIRMED, mediator)


@pytest.mark.parametrize("role", ["school_contact", "mediator", "technical_assistance", "service_operator"])
def test_only_coordinators_enter_for_another_body(board: BoardWorld, role: str) -> None:
    with pytest.raises(NotPermitted):
        enter_arranged(
            kind="school",
            programme=board.world.programmes["a"],
            network=board.world.networks["n1"],
            organisation=board.world.bodies["school_1"],
            values={},
            languages=[],
            slots=[],
            key=None,
            by=board.world.personas[role],
            at=MONDAY,
        )
    assert not MediationRequest.objects.exists()
