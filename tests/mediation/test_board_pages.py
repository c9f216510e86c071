# SPDX-License-Identifier: EUPL-1.2
"""The board, the suggestions, the proposal on the mediator's phone: works, 404, 403, invalid input, wrong state."""

from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from actions.enums import Unit
from actions.selectors.rules import amount
from fami_portal.core import clock
from fami_portal.core.jobs import enqueue_due
from fami_portal.core.nav import waiting_for
from fami_portal.core.services import acting
from mediation.enums import ProposalState, RequestState, Urgency
from mediation.models import MediationRequest, MediationSession, Proposal
from mediation.selectors import board as selectors
from mediation.selectors.board import Wait
from mediation.selectors.board_page import length_warning
from mediation.services import assignment as services
from tests.factories.partners import LanguageFactory
from tests.mediation.board_world import BoardWorld, build, fresh

pytestmark = pytest.mark.django_db
prepare = build


@pytest.fixture
def board(fresh: BoardWorld) -> BoardWorld:
    """The small world with its board."""
    return fresh


@pytest.fixture
def start() -> datetime:
    """Ten o'clock, nine days from now."""
    return timezone.make_aware(datetime.combine(clock.today() + timedelta(days=9), time(10)))


def client_of(user: Any) -> Client:
    """A browser in which the person is signed in."""
    client = Client()
    client.force_login(fresh(user), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def _times(start: datetime, minutes: int = 60) -> dict[str, str]:
    local = timezone.localtime(start)
    end = local + timedelta(minutes=minutes)
    return {"day": f"{local:%Y-%m-%d}", "starts_at": f"{local:%H:%M}", "ends_at": f"{end:%H:%M}"}


def _url(name: str, *args: Any, **query: str) -> str:
    return reverse(f"mediation:{name}", args=args) + (f"?{urlencode(query)}" if query else "")


def _taken(board: BoardWorld, start: datetime, **fields: Any) -> MediationRequest:
    return board.taken(start=start, submitted_at=clock.now() - timedelta(hours=1), at=clock.now(), **fields)


def _offered(board: BoardWorld, start: datetime) -> Proposal:
    mediator = board.mediator()
    return services.propose(
        request=_taken(board, start),
        mediator=mediator,
        starts_at=start,
        ends_at=start + timedelta(hours=1),
        by=board.coordinator,
        at=clock.now(),
    )


# --- the board -----------------------------------------------------------------------------------------------------


def test_the_board_shows_the_most_urgent_first(board: BoardWorld, start: datetime) -> None:
    old = board.request(start=start, submitted_at=clock.now() - timedelta(days=40))
    new = board.request(start=start, submitted_at=clock.now() - timedelta(minutes=5))
    urgent = board.request(start=start, submitted_at=clock.now(), urgency=Urgency.URGENT)
    arrival = board.request(start=start, submitted_at=clock.now(), urgency=Urgency.NEW_ARRIVAL)
    board.request(network="n3", start=start)
    board.request(start=start, submitted_at=clock.now(), state=RequestState.REJECTED)
    client = client_of(board.coordinator)
    page = client.get(_url("board"))
    listed = [row[0].main.label for row in page.context["rows"]]
    assert listed == [urgent.number, arrival.number, old.number, new.number]
    waits = [row[6] for row in page.context["rows"]]
    assert waits[2].colour == "danger"
    assert waits[3].colour == "success"
    page = client.get(_url("board", order="oldest", group="all"))
    assert page.context["rows"][0][0].main.label == old.number
    assert page.context["page"].paginator.count == 5


FILTERED: tuple[tuple[dict[str, str], int], ...] = (
    ({}, 2),
    ({"group": "new"}, 1),
    ({"group": "searching"}, 1),
    ({"group": "ended"}, 0),
    ({"only": "mine"}, 1),
    ({"only": "unmet"}, 1),
    ({"urgency": "urgent"}, 1),
    ({"language": "ar"}, 1),
    ({"language": "wo"}, 1),
    ({"kind": "service"}, 0),
    ({"body": "istituto"}, 2),
    ({"body": "nessuno"}, 0),
    ({"network": "ATS-1"}, 2),
    ({"group": "nonsense", "urgency": "nonsense"}, 2),
)


def test_the_board_filters_by_address(board: BoardWorld, start: datetime) -> None:
    board.request(start=start)
    other = board.request(start=start, urgency=Urgency.URGENT, language=LanguageFactory(code="wo", name="wolof"))
    services.take_in_charge(request=other, by=board.coordinator, at=clock.now())
    services.mark_unmet(request=other, by=board.coordinator, at=clock.now())
    client = client_of(board.coordinator)
    for query, number in FILTERED:
        page = client.get(_url("board", **query))
        assert page.status_code == 200, query
        assert len(page.context["rows"]) == number, query
        assert [link.label for link in page.context["unmet"]] == ["wolof: 1"], query


def test_the_board_costs_the_same_for_three_rows_and_thirty(board: BoardWorld, start: datetime) -> None:
    client = client_of(board.coordinator)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(_url("board", group="all")).status_code == 200
        return len(captured)

    for _request in range(3):
        board.request(start=start)
    client.get(_url("board"))
    few = queries()
    for _request in range(27):
        board.request(start=start)
    assert queries() == few
    assert few <= 15 + 3  # what every page reads of the session and the person


def test_waiting_counts_working_days() -> None:
    assert Wait(60, 600, True).level == "in_time"
    assert Wait(450, 600, True).level == "soon"
    assert Wait(450, 600, False).level == "in_time"
    assert Wait(601, 600, False).level == "late"


# --- triage --------------------------------------------------------------------------------------------------------


def test_take_in_charge_leads_to_the_suggestions(board: BoardWorld, start: datetime) -> None:
    request = board.request(start=start)
    client = client_of(board.coordinator)
    assert "request-take" not in client.get(request.get_absolute_url()).content.decode()
    assert _url("request-take", request.uuid) in client.get(request.get_absolute_url()).content.decode()
    assert client.get(_url("request-take", request.uuid)).status_code == 405
    answer = client.post(_url("request-take", request.uuid))
    assert answer.url == _url("request-suggestions", request.uuid)
    request.refresh_from_db()
    assert request.state == RequestState.TAKEN_IN_CHARGE
    # The second half of a double click finds it done.
    assert client.post(_url("request-take", request.uuid)).url == request.get_absolute_url()


@pytest.mark.parametrize(
    ("name", "state"),
    [("request-ask-to-complete", RequestState.TO_COMPLETE), ("request-reject", RequestState.REJECTED)],
)
def test_sending_back_and_rejecting_need_a_reason(board: BoardWorld, start: datetime, name: str, state: str) -> None:
    request = _taken(board, start)
    client = client_of(board.coordinator)
    assert client.get(_url(name, request.uuid)).status_code == 200
    assert client.post(_url(name, request.uuid), {"comment": " "}).status_code == 422
    assert client.post(_url(name, request.uuid), {"comment": "Manca la classe"}).status_code == 302
    request.refresh_from_db()
    assert request.state == state
    assert client.get(_url(name, request.uuid)).status_code == 302


# --- suggestions ---------------------------------------------------------------------------------------------------


def test_suggestions_for_the_first_time_asked(board: BoardWorld, start: datetime) -> None:
    request = _taken(board, start)
    good, other = board.mediator(), board.mediator(language=LanguageFactory(code="zh", name="cinese"))
    client = client_of(board.coordinator)
    page = client.get(_url("request-suggestions", request.uuid))
    cards = page.context["cards"]
    assert [card["name"] for card in cards] == [good.name, other.name]
    assert cards[0]["propose_url"]
    assert not cards[1]["propose_url"]
    assert (page.context["total"], page.context["suitable"]) == (2, 1)
    assert not page.context["offer_url"]
    board.mediator()
    page = client.get(_url("request-suggestions", request.uuid, **_times(start)))
    assert page.context["offer_url"]


def test_a_day_without_hour_asks_for_it(board: BoardWorld, start: datetime) -> None:
    request = _taken(board, start)
    with acting(None):
        request.slots.update(starts_at=None, ends_at=None)
    client = client_of(board.coordinator)
    page = client.get(_url("request-suggestions", request.uuid))
    assert page.status_code == 200
    assert not page.context["found"]
    page = client.get(_url("request-suggestions", request.uuid, day=f"{start:%Y-%m-%d}"))
    assert page.status_code == 422
    page = client.get(_url("request-suggestions", request.uuid, **_times(start)))
    assert page.context["found"]


IMPOSSIBLE = (
    {"day": "ieri", "starts_at": "10:00", "ends_at": "11:00"},
    {"day": "2027-03-28", "starts_at": "02:30", "ends_at": "03:30"},
    {"day": "2027-03-29", "starts_at": "11:00", "ends_at": "10:00"},
)


def test_a_time_that_cannot_be_is_told_at_its_field(board: BoardWorld, start: datetime) -> None:
    request, client = _taken(board, start), client_of(board.coordinator)
    for query in IMPOSSIBLE:
        page = client.get(_url("request-suggestions", request.uuid, **query))
        assert page.status_code == 422, query
        assert page.context["form"].errors, query


def test_a_time_that_is_past_is_told_at_once(board: BoardWorld, start: datetime) -> None:
    request, mediator = _taken(board, start), board.mediator()
    board.mediator()
    times = _times(start - timedelta(days=365))
    client = client_of(board.coordinator)
    page = client.get(_url("request-suggestions", request.uuid, **times))
    assert page.content.decode().count(services.passed()) == 2  # at the field, and where the mediators would be
    assert (page.context["cards"], page.context["offer_url"]) == ([], "")
    # What was held already can still be entered, for that time.
    assert _url("request-arranged", request.uuid, **times) == page.context["arranged_url"]
    for old in (
        _url("request-propose", request.uuid, mediator.uuid, **times),
        _url("request-offer", request.uuid, **times),
    ):
        assert client.get(old).url == _url("request-suggestions", request.uuid, **times)


def test_a_meeting_of_another_length_than_asked_is_pointed_out(board: BoardWorld, start: datetime) -> None:
    request, mediator = _taken(board, start), board.mediator()
    client = client_of(board.coordinator)
    sentence = length_warning(request, start, start + timedelta(minutes=15))
    assert "0 h 15" in sentence
    assert amount(request.session_minutes, Unit.HOURS) in sentence
    for name, more in (("request-suggestions", ()), ("request-propose", (mediator.uuid,)), ("request-offer", ())):
        page = client.get(_url(name, request.uuid, *more, **_times(start, 15))).content.decode()
        assert escape(sentence) in page
        assert not client.get(_url(name, request.uuid, *more, **_times(start))).context["warning"]
    proposal = services.propose(
        request=request,
        mediator=mediator,
        starts_at=start,
        ends_at=start + timedelta(minutes=15),
        by=board.coordinator,
        at=clock.now(),
    )
    assert escape(sentence) in client_of(mediator.user).get(_url("proposal", proposal.uuid)).content.decode()


def test_proposing_keeps_the_reasons(board: BoardWorld, start: datetime) -> None:
    request, mediator = _taken(board, start), board.mediator()
    client = client_of(board.coordinator)
    url = _url("request-propose", request.uuid, mediator.uuid, **_times(start))
    page = client.get(url)
    assert page.status_code == 200
    until = page.context["form"].initial["expires_at"]
    assert client.post(url, {"expires_at": "mai"}).status_code == 422
    assert client.post(url, {"expires_at": f"{start + timedelta(days=1):%d/%m/%Y %H:%M}"}).status_code == 422
    answer = client.post(url, {"expires_at": f"{until:%d/%m/%Y %H:%M}"})
    assert answer.url == request.get_absolute_url()
    proposal = Proposal.objects.get()
    assert proposal.state == ProposalState.PROPOSED
    assert len(proposal.explanation) > 3
    page = client.get(request.get_absolute_url())
    assert mediator.name in page.content.decode()
    # An old page leads to the request.
    assert client.get(url).url == request.get_absolute_url()
    assert client.get(_url("request-suggestions", request.uuid)).url == request.get_absolute_url()
    withdraw = _url("proposal-withdraw", proposal.uuid)
    assert client.post(withdraw).url == request.get_absolute_url()
    proposal.refresh_from_db()
    assert proposal.state == ProposalState.WITHDRAWN
    assert client.post(withdraw).status_code == 302


def test_a_mediator_of_others_cannot_be_proposed(board: BoardWorld, start: datetime) -> None:
    request = _taken(board, start)
    stranger = board.mediator(organisation=board.world.bodies["coop_3"])
    url = _url("request-propose", request.uuid, stranger.uuid, **_times(start))
    assert client_of(board.coordinator).get(url).status_code == 404
    near = board.mediator()
    url = _url("request-propose", request.uuid, near.uuid)
    assert client_of(board.coordinator).get(url).url == request.get_absolute_url()


def test_the_fast_lane_offers_to_all_suitable(board: BoardWorld, start: datetime) -> None:
    request = _taken(board, start, urgency=Urgency.URGENT)
    mediators = [board.mediator() for _ in range(3)]
    board.mediator(language=LanguageFactory(code="zh", name="cinese"))
    client = client_of(board.coordinator)
    url = _url("request-offer", request.uuid, **_times(start))
    until = client.get(url).context["form"].initial["expires_at"]
    assert client.post(url, {"expires_at": f"{until:%d/%m/%Y %H:%M}"}).status_code == 302
    assert Proposal.objects.filter(request=request).count() == 3
    first = client_of(mediators[1].user)
    proposal = Proposal.objects.get(mediator=mediators[1])
    assert first.post(_url("proposal-accept", proposal.uuid)).url == request.get_absolute_url()
    late = client_of(mediators[2].user)
    proposal = Proposal.objects.get(mediator=mediators[2])
    page = late.post(_url("proposal-accept", proposal.uuid), follow=True)
    assert page.status_code == 200
    assert MediationSession.objects.get().mediator == mediators[1]


def test_arranged_outside(board: BoardWorld, start: datetime) -> None:
    request, mediator = _taken(board, start), board.mediator(account=False)
    client = client_of(board.coordinator)
    url = _url("request-arranged", request.uuid)
    assert client.get(url).status_code == 200
    data = {"mediator": mediator.pk, "reason": "Al telefono", **_times(start)}
    assert client.post(url, data | {"reason": ""}).status_code == 422
    assert client.post(url, data | {"ends_at": "09:00"}).status_code == 422
    assert client.post(url, data).url == request.get_absolute_url()
    request.refresh_from_db()
    assert request.state == RequestState.CONFIRMED
    assert client.get(url).status_code == 302


def test_unmet_and_given_back(board: BoardWorld, start: datetime) -> None:
    request, mediator = _taken(board, start), board.mediator()
    client = client_of(board.coordinator)
    assert client.post(_url("request-unmet", request.uuid)).status_code == 302
    request.refresh_from_db()
    assert request.unmet
    proposal = services.propose(
        request=request,
        mediator=mediator,
        starts_at=start,
        ends_at=start + timedelta(hours=1),
        by=board.coordinator,
        at=clock.now(),
    )
    services.accept(proposal=proposal, by=mediator.user, at=clock.now())
    own = client_of(mediator.user)
    url = _url("request-give-back", request.uuid)
    assert url in own.get(request.get_absolute_url()).content.decode()
    assert own.get(url).status_code == 200
    assert own.post(url, {"comment": ""}).status_code == 422
    assert own.post(url, {"comment": "Impegno improrogabile"}).status_code == 302
    request.refresh_from_db()
    assert request.state == RequestState.ASSIGNING


# --- the mediator --------------------------------------------------------------------------------------------------


def test_before_accepting_nothing_of_the_case_is_shown(board: BoardWorld, start: datetime) -> None:
    proposal = _offered(board, start)
    client = client_of(proposal.mediator.user)
    page = client.get(_url("proposal", proposal.uuid))
    text = page.content.decode()
    assert board.language.name in text
    for hidden in (proposal.request.case_code, proposal.request.reason, proposal.request.contact_name):
        assert hidden not in text
    assert _url("proposal-accept", proposal.uuid) in text
    assert _url("proposal", proposal.uuid) in client.get(proposal.request.get_absolute_url()).content.decode()
    assert client.post(_url("proposal-accept", proposal.uuid)).url == proposal.request.get_absolute_url()
    assert proposal.request.case_code in client.get(proposal.request.get_absolute_url()).content.decode()
    assert _url("proposal-accept", proposal.uuid) not in client.get(_url("proposal", proposal.uuid)).content.decode()


def test_refusing_says_why(board: BoardWorld, start: datetime) -> None:
    proposal = _offered(board, start)
    client = client_of(proposal.mediator.user)
    url = _url("proposal-refuse", proposal.uuid)
    assert client.get(url).status_code == 200
    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "other", "note": ""}).status_code == 422
    assert client.post(url, {"reason": "other", "note": "Concorso"}).url == _url("proposal-list")
    assert client.get(url).url == _url("proposal", proposal.uuid)
    page = client.get(_url("proposal-list"))
    assert len(page.context["answered"]) == 1
    page = client_of(board.coordinator).get(proposal.request.get_absolute_url())
    assert "Concorso" in page.content.decode()


def test_an_expired_proposal_is_told_and_swept(board: BoardWorld, start: datetime) -> None:
    proposal = _offered(board, start)
    with acting(None):
        Proposal.objects.update(expires_at=clock.now() - timedelta(minutes=1))
    client = client_of(proposal.mediator.user)
    page = client.get(_url("proposal", proposal.uuid))
    assert _url("proposal-accept", proposal.uuid) not in page.content.decode()
    page = client.post(_url("proposal-accept", proposal.uuid), follow=True)
    assert page.status_code == 200
    assert not MediationSession.objects.exists()
    proposal.refresh_from_db()
    assert proposal.state == ProposalState.PROPOSED


def test_the_expiry_runs_as_a_job_only_when_something_is_overdue(
    board: BoardWorld, start: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    proposal = _offered(board, start)
    assert not [job for job in enqueue_due(timezone.now()) if job.kind == "mediation.expire_proposals"]
    with acting(None):
        Proposal.objects.update(expires_at=clock.now() - timedelta(minutes=1))
    with django_capture_on_commit_callbacks(execute=True):
        made = [job for job in enqueue_due(timezone.now()) if job.kind == "mediation.expire_proposals"]
    assert len(made) == 1
    proposal.refresh_from_db()
    assert proposal.state == ProposalState.EXPIRED
    assert not selectors.overdue_proposals(clock.now())


def test_another_mediator_finds_no_proposal_that_is_not_for_them(board: BoardWorld, start: datetime) -> None:
    proposal = _offered(board, start)
    client = client_of(board.mediator().user)
    for name in ("proposal", "proposal-refuse"):
        assert client.get(_url(name, proposal.uuid)).status_code == 404, name


# --- the home page -------------------------------------------------------------------------------------------------


def test_what_waits_is_on_the_home_page(board: BoardWorld, start: datetime) -> None:
    for _request in range(12):
        board.request(start=start)
    proposal = _offered(board, start)
    found = [thing.url for thing in waiting_for(fresh(board.coordinator))]
    assert len([url for url in found if "/mediation/requests/" in url]) >= 10
    assert _url("board") in found
    assert _url("proposal", proposal.uuid) in [thing.url for thing in waiting_for(fresh(proposal.mediator.user))]
    assert not selectors.triage_panel(fresh(board.world.personas["school_contact"]))
