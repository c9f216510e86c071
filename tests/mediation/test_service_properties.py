# SPDX-License-Identifier: EUPL-1.2
"""Any sequence of acts of everybody leaves true accounts and true lives.

Hypothesis draws who does what, to which of three requests, while time goes by: the right person and the wrong one, at the
right moment and at the wrong one. After every act:

* a refused act has changed nothing;
* the figures of each account are the sums of its movements, and never more than granted;
* each request holds the hours that its state says, and has consumed what its sessions and charges say;
* the log of each request is a walk through the table, and ends in its present state;
* no mediator is in two places, and a request has at most one accepted proposal;
* what is validated is in the ledger, once, to the minute, and nothing else is.
"""

import os
from copy import deepcopy
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from actions.enums import ActivityKind
from fami_portal.core.errors import DomainError
from fami_portal.core.models import TransitionLog
from mediation.enums import (
    Absent,
    RefusalReason,
    RequestState,
    SessionOutcome,
    SessionState,
)
from mediation.models import HourAccount, HourMovement, MediationRequest, MediationSession, Proposal
from mediation.services import assignment, reports, requests, sessions
from reporting.ledger.reconcile import check
from reporting.models import ValidatedFact
from tests.factories.actions import ActivityTypeFactory
from tests.factories.mediation import (
    HourAccountFactory,
    MediationRequestFactory,
    MediatorFactory,
    MediatorLanguageFactory,
    RequestKindFactory,
)
from tests.factories.partners import LanguageFactory
from tests.mediation.true_lives import Rows, check_request
from tests.personas import World

pytestmark = pytest.mark.django_db

ROME = ZoneInfo("Europe/Rome")
START = datetime(2019, 5, 20, 9, tzinfo=ROME)
REQUESTS = 3
GRANTED = 210  # less than the three requests ask for together: the last one may be refused
PEOPLE = (
    "school_contact",
    "school_head",
    "network_coordinator",
    "regional_coordinator",
    "mediator",
    "second",
    "teacher",
    "auditor",
    "stranger",
)
# The road of a request, each step by its person: drawn often, so that stories get to the end.
ROAD = (
    ("school_contact", "submit"),
    ("school_head", "authorise"),
    ("network_coordinator", "take_in_charge"),
    ("network_coordinator", "propose"),
    ("mediator", "accept"),
    ("school_contact", "pass_the_session"),
    ("mediator", "record"),
    ("mediator", "file_report"),
    ("school_contact", "countersign"),
    ("network_coordinator", "validate"),
)
ACTS = (
    "submit",
    "authorise",
    "decline",
    "take_in_charge",
    "ask_to_complete",
    "complete",
    "reject",
    "propose",
    "accept",
    "refuse",
    "withdraw",
    "give_back",
    "cancel",
    "record",
    "not_held",
    "file_report",
    "countersign",
    "validate",
    "reopen",
    "pass_the_session",
    "pass_a_day",
    "expire",
)
which = st.integers(0, REQUESTS - 1)
STEPS = st.one_of(
    st.tuples(st.just("road"), which, st.just("")),
    st.tuples(st.just("road"), which, st.just("")),
    st.tuples(st.just("road"), which, st.just("")),
    st.tuples(st.sampled_from(ACTS), which, st.sampled_from(PEOPLE)),
)


def _next_session(request: MediationRequest) -> MediationSession | None:
    return request.sessions.filter(state=SessionState.PLANNED).order_by("pk").first()


class Story:
    """Runs acts; one that the portal refuses must change nothing."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.now = START
        programme, network = world.programmes["a"], world.networks["n1"]
        self.programme = programme
        RequestKindFactory(programme=programme)
        ActivityTypeFactory(action=world.actions["a"], kind=ActivityKind.MEDIATION)
        self.account = HourAccountFactory(programme=programme, network=network, minutes=GRANTED)
        arabic = LanguageFactory()
        self.people: dict[str, Any] = {**world.personas, "stranger": world.stranger}
        self.mediators = {
            "mediator": MediatorFactory(user=self.people["mediator"], organisation=world.bodies["coop_1"]),
            "second": MediatorFactory(organisation=world.bodies["coop_1"]),
        }
        # The second mediator has no account of a mediator: whatever this person tries is refused.
        self.people["second"] = self.people["teacher"]
        for mediator in self.mediators.values():
            MediatorLanguageFactory(mediator=mediator, language=arabic)
        day = (START + timedelta(days=14)).date()
        self.requests = [
            MediationRequestFactory(
                programme=programme,
                network=network,
                organisation=world.bodies["school_1"],
                language=arabic,
                minutes_asked=60 + 30 * number,
                case_code=f"AL-{number}",
                # The first two ask for the same hour: one mediator cannot serve both.
                slot=(day, time(10 + 3 * (number // 2)), time(11 + 3 * (number // 2), 30 * number % 60)),
            )
            for number in range(REQUESTS)
        ]

    def run(self, name: str, number: int, person: str) -> None:
        """Do one act as one person; a refusal leaves everything as it was."""
        if name == "road":
            person, name = self._next_step(number)
        before = self._picture()
        if not self.attempt(name, self._fresh(number), self._user(person)):
            assert self._picture() == before, f"{name} by {person} was refused but changed something"

    def attempt(self, name: str, request: MediationRequest, user: Any) -> bool:
        """Do one act as one person; returns whether the portal let it."""
        try:
            # As a web request would: no transaction around, but the services' own. A savepoint would hide a service
            # that writes before it refuses, so there is none.
            getattr(self, f"_{name}")(request, user)
        except DomainError:
            return False
        return True

    def _next_step(self, number: int) -> tuple[str, str]:
        state = self._fresh(number).state
        step = {
            RequestState.DRAFT: 0,
            RequestState.SUBMITTED: 1,
            RequestState.AUTHORISED: 2,
            RequestState.TAKEN_IN_CHARGE: 3,
            RequestState.ASSIGNING: 3,
            RequestState.PROPOSED: 4,
            RequestState.HELD: 7,
            RequestState.REOPENED: 7,
            RequestState.REPORTED: 8,
            RequestState.COUNTERSIGNED: 9,
        }.get(RequestState(state))
        if state == RequestState.TO_COMPLETE:
            return "school_contact", "complete"
        if step is None:
            session = _next_session(self.requests[number])
            return ROAD[5] if session is None or session.planned_until > self.now else ROAD[6]
        return ROAD[step]

    def _user(self, person: str) -> Any:
        # A fresh copy: what is kept on a user object belongs to one web request.
        user = self.people[person]
        return type(user).objects.get(pk=user.pk)

    def _fresh(self, number: int) -> MediationRequest:
        return MediationRequest.objects.get(pk=self.requests[number].pk)

    def _picture(self) -> Any:
        return (
            list(MediationRequest.objects.order_by("pk").values_list("state", "version", "mediator", "number")),
            list(HourAccount.objects.order_by("pk").values_list("granted", "reserved", "consumed")),
            HourMovement.objects.count(),
            list(Proposal.objects.order_by("pk").values_list("state", "mediator")),
            list(MediationSession.objects.order_by("pk").values_list("state", "planned_from", "minutes")),
            TransitionLog.objects.count(),
            ValidatedFact.objects.filter(superseded_in=None).count(),
        )

    # --- acts --------------------------------------------------------------------------------------------------------

    def _submit(self, request: MediationRequest, by: Any) -> None:
        requests.submit(request=request, by=by, at=self.now)

    def _authorise(self, request: MediationRequest, by: Any) -> None:
        requests.authorise(request=request, by=by, at=self.now)

    def _decline(self, request: MediationRequest, by: Any) -> None:
        requests.decline(request=request, comment="Non serve più.", by=by, at=self.now)

    def _take_in_charge(self, request: MediationRequest, by: Any) -> None:
        assignment.take_in_charge(request=request, by=by, at=self.now)

    def _ask_to_complete(self, request: MediationRequest, by: Any) -> None:
        requests.ask_to_complete(request=request, comment="Indica la classe.", by=by, at=self.now)

    def _complete(self, request: MediationRequest, by: Any) -> None:
        requests.complete(request=request, by=by, at=self.now)

    def _reject(self, request: MediationRequest, by: Any) -> None:
        requests.reject(request=request, reason="Non rientra nel programma.", by=by, at=self.now)

    def _propose(self, request: MediationRequest, by: Any) -> None:
        slot = request.slots.get()
        assignment.propose(
            request=request,
            mediator=self.mediators["mediator"],
            starts_at=datetime.combine(slot.day, slot.starts_at, ROME),
            ends_at=datetime.combine(slot.day, slot.ends_at, ROME),
            by=by,
            at=self.now,
        )

    def _proposal(self, request: MediationRequest) -> Proposal:
        found = request.proposals.order_by("-pk").first()
        if found is None:
            raise DomainError("no proposal yet")
        return found

    def _accept(self, request: MediationRequest, by: Any) -> None:
        assignment.accept(proposal=self._proposal(request), by=by, at=self.now)

    def _refuse(self, request: MediationRequest, by: Any) -> None:
        assignment.refuse(proposal=self._proposal(request), reason=RefusalReason.BUSY, note="", by=by, at=self.now)

    def _withdraw(self, request: MediationRequest, by: Any) -> None:
        assignment.withdraw(proposal=self._proposal(request), by=by, at=self.now)

    def _give_back(self, request: MediationRequest, by: Any) -> None:
        assignment.give_back(request=request, reason="Un impegno di famiglia.", by=by, at=self.now)

    def _cancel(self, request: MediationRequest, by: Any) -> None:
        requests.cancel(request=request, reason="La famiglia si è trasferita.", by=by, at=self.now)

    def _planned(self, request: MediationRequest) -> MediationSession:
        found = _next_session(request)
        if found is None:
            raise DomainError("no session yet")
        return found

    def _record(self, request: MediationRequest, by: Any) -> None:
        session = self._planned(request)
        sessions.record_session(
            session=session,
            actual_from=session.planned_from,
            actual_until=session.planned_until - timedelta(minutes=10),
            break_minutes=0,
            travel_minutes=20,
            outcome=SessionOutcome.COMPLETE,
            parents=1,
            pupils=1,
            operators=1,
            language=None,
            note="",
            version=session.version,
            by=by,
            at=self.now,
        )

    def _not_held(self, request: MediationRequest, by: Any) -> None:
        sessions.mark_not_held(
            session=self._planned(request), absent=Absent.FAMILY, reason="Non si è presentata.", by=by, at=self.now
        )

    def _file_report(self, request: MediationRequest, by: Any) -> None:
        report = getattr(request, "report", None)
        reports.file_report(
            request=request,
            values={"summary": "Colloquio con la madre.", "communication": 4},
            version=report.version if report else 1,
            by=by,
            at=self.now,
        )

    def _countersign(self, request: MediationRequest, by: Any) -> None:
        reports.countersign(request=request, rating=8, rating_note="", by=by, at=self.now)

    def _validate(self, request: MediationRequest, by: Any) -> None:
        reports.validate(request=request, by=by, at=self.now)

    def _reopen(self, request: MediationRequest, by: Any) -> None:
        reports.reopen(request=request, reason="L’orario è sbagliato.", by=by, at=self.now)

    def _pass_the_session(self, request: MediationRequest, by: Any) -> None:
        session = _next_session(request)
        if session is not None:
            self.now = max(self.now, session.planned_until + timedelta(minutes=5))

    def _pass_a_day(self, request: MediationRequest, by: Any) -> None:
        self.now += timedelta(days=1)

    def _expire(self, request: MediationRequest, by: Any) -> None:
        assignment.expire_proposals(at=self.now)
        requests.expire_overdue(at=self.now)

    # --- what must be true -------------------------------------------------------------------------------------------

    def check(self) -> None:
        """Everything that must be true after any act; each table is asked once for all requests."""
        for account in HourAccount.objects.order_by("pk"):
            sums = account.movements.aggregate(
                granted=Sum("granted_change"), reserved=Sum("reserved_change"), consumed=Sum("consumed_change")
            )
            assert sums == {
                "granted": account.granted,
                "reserved": account.reserved,
                "consumed": account.consumed,
            }
            assert 0 <= account.reserved + account.consumed <= account.granted
        requests_now = list(MediationRequest.objects.order_by("pk"))
        assert len(requests_now) == REQUESTS
        found = Rows()
        for request in requests_now:
            check_request(request, found)

    def check_ledger(self) -> None:
        """What must be true when the story is over: the ledger agrees with its facts."""
        assert check(self.programme.pk) == []


EXAMPLES = int(os.environ.get("FAMI_EXAMPLES", "2"))


def _tell(steps: list[tuple[str, int, str]], world: World) -> None:
    with transaction.atomic():
        story = Story(world)
        for step in steps:
            story.run(*step)
            story.check()
        story.check_ledger()
        transaction.set_rollback(True)


def test_any_sequence_of_acts_leaves_true_accounts_and_lives(world: World) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(st.lists(STEPS, min_size=15, max_size=30))
    def tell(steps: list[tuple[str, int, str]]) -> None:
        _tell(steps, world)

    tell()


def test_the_road_leads_to_the_end_and_nobody_else_does_what_is_not_theirs(world: World) -> None:
    """The acts of the road alone bring a request from draft to validated: the property is not vacuous.

    A stranger, an auditor and a teacher are refused everything, in every state of the road.
    """
    story = Story(world)
    theirs = [name for name in ACTS if not name.startswith(("pass", "expire"))]
    for _step in range(len(ROAD)):
        before = story._picture()
        request = story._fresh(0)
        for person in ("stranger", "auditor", "teacher"):
            user = story._user(person)
            for act in theirs:
                # Read once: each act begins with what a page would have loaded.
                assert not story.attempt(act, deepcopy(request), user), (act, person, request.state)
        assert story._picture() == before
        story.run("road", 0, "")
        story.check()

    request = story._fresh(0)
    assert request.state == RequestState.VALIDATED
    assert story.account.movements.filter(kind="consume").get().minutes == 50
