# SPDX-License-Identifier: EUPL-1.2
"""The mediation service of the demonstration, through the services: each act by the person whose turn it is.

Each request is a small story that says when its next act comes; a calendar lets all stories of a network go on together,
so that accounts, messages and the ledger tell the year in its order. Nothing happens after the present moment.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from accounts.models import User
from accounts.services import create_account
from fami_portal.core import clock
from mediation.enums import (
    Gender,
    Mode,
)
from mediation.models import MediationSession, Mediator
from mediation.selectors.availability import WeeklyRow
from mediation.selectors.working_days import is_working_day
from mediation.services import availability, hour_accounts, mediator_facts, mediators
from mediation.services.mediator_facts import Spoken
from partners.enums import NetworkRole
from partners.models import Language, Municipality, Network, Organisation
from partners.services.memberships import grant_membership
from partners.services.networks import add_member
from reporting.demo import mediation_plan as plan
from reporting.demo import world
from reporting.demo.mediation_plan import Case
from reporting.demo.mediation_stories import Story, body_of, local, person_of, programme

HOURS = (time(9, 0), time(11, 30), time(14, 0), time(16, 30))


def mediators_and_hours() -> None:
    """Enter the mediators in the register, with their accounts, and grant the hours of the school year."""
    owner = programme()
    for network_code, bodies in plan.ADHERENTS.items():
        for name in bodies:
            add_member(
                network=Network.objects.get(code=network_code),
                organisation=Organisation.objects.get(name=name),
                role=NetworkRole.ADHERENT,
                entered_on=plan.YEAR[0],
                by=None,
            )
    begins = local(plan.YEAR[0] + timedelta(days=9), time(10))
    for row in plan.MEDIATORS:
        _mediator(row, begins)
    for account in plan.ACCOUNTS:
        body = body_of(account.network, account.body) if account.body else None
        opened = hour_accounts.open_account(
            programme=owner,
            network=Network.objects.get(code=account.network),
            organisation=body,
            kind=account.kind,
            use=account.use,
            starts_on=plan.YEAR[0],
            ends_on=plan.YEAR[1],
            by=None,
            at=begins,
            minutes=account.hours * 60,
            reason="Assegnazione per l’anno scolastico 2018/2019",
        )
        if account.later:
            hour_accounts.grant(
                account=opened,
                minutes=account.later * 60,
                reason="Seconda assegnazione, su richiesta della rete",
                by=None,
                at=local(date(2019, 2, 4), time(9, 30)),
            )


def _mediator(row: plan.MediatorPlan, at: datetime) -> None:
    body = Organisation.objects.get(name=row.body)
    mediator = mediators.register_mediator(
        values={
            "organisation": body,
            "given_name": row.given_name,
            "family_name": row.family_name,
            "email": f"{row.account or row.key}{world.DOMAIN}",
            "gender": row.gender or Gender.UNDECLARED,
            "profile": row.profile,
            "modes": [str(mode) for mode in Mode],
            "home": Municipality.objects.filter(name=row.home, region="Piemonte").order_by("pk")[0],
            "travel_buffer": 30,
            "yearly_maximum": row.yearly_maximum,
            "confidentiality_signed_on": at.date(),
        },
        by=None,
        at=at,
    )
    mediator_facts.set_languages(
        mediator=mediator,
        languages=[Spoken(Language.objects.get(code=code), level, variety) for code, level, variety in row.languages],
        by=None,
        at=at,
    )
    mediator_facts.set_territories(mediator=mediator, provinces=["TO"], municipalities=[], by=None, at=at)
    for kind, title, length, issued_on, expires_on in row.qualifications:
        mediator_facts.add_qualification(
            mediator=mediator,
            kind=kind,
            title=title,
            hours=length,
            issued_on=issued_on,
            expires_on=expires_on,
            by=None,
            at=at,
        )
    week = [
        WeeklyRow(day, start, end)
        for day in row.days
        for start, end in ((time(8, 30), time(13, 0)), (time(14, 0), time(18, 30)))
    ]
    availability.set_weekly_availability(mediator=mediator, rows=week, by=None, at=at)
    if row.account:
        mediators.link_account(mediator=mediator, user=_account_of(row, body), by=None, at=at)


def _account_of(row: plan.MediatorPlan, body: Organisation) -> User:
    email = f"{row.account}{world.DOMAIN}"
    known = User.objects.filter(email=email).first()
    if known is not None:
        return known
    user = create_account(email=email, given_name=row.given_name, family_name=row.family_name, password=None, by=None)
    grant_membership(user=user, organisation=body, role="mediator", valid_from=plan.YEAR[0], by=None)
    return user


def service_of(network_code: str) -> None:
    """Let the requests of a network live their year."""
    calendar = Calendar(network_code)
    for number, case in enumerate(plan.CASES[network_code]):
        calendar.enter(number, case)
    calendar.run()


class Calendar:
    """The stories of one network, which go on in the order of their acts."""

    def __init__(self, network_code: str) -> None:
        self.now = clock.now()
        self.today = timezone.localdate(self.now)
        self.programme = programme()
        self.network = Network.objects.get(code=network_code)
        self.coordinator = User.objects.get(email=f"{plan.COORDINATORS[network_code]}{world.DOMAIN}")
        self.mediators = {
            row.key: Mediator.objects.select_related("user").get(
                given_name=row.given_name, family_name=row.family_name, organisation__name=row.body
            )
            for row in plan.MEDIATORS
        }
        self.people: dict[tuple[int, tuple[str, ...]], User | None] = {}
        self.taken: dict[tuple[str, date], int] = defaultdict(int)
        self.waiting: list[tuple[datetime, int, Iterator[datetime]]] = []
        for session in MediationSession.objects.select_related("mediator").order_by("pk"):
            key = next(key for key, row in self.mediators.items() if row.pk == session.mediator_id)
            self.taken[key, timezone.localdate(session.planned_from)] += 1

    def person_of(self, body: Organisation, *roles: str) -> User | None:
        """Return who has one of the roles in a body: the same object every time, so that their rights are read once."""
        if (body.pk, roles) not in self.people:
            self.people[body.pk, roles] = person_of(body, *roles)
        return self.people[body.pk, roles]

    def enter(self, number: int, case: Case) -> None:
        """Let a story begin."""
        story = Story(self, number, case)
        self._next(number, story.tell())

    def _next(self, number: int, acts: Iterator[datetime]) -> None:
        """Ask a story when its next act comes; what would come after the present moment never happens."""
        moment = next(acts, None)
        if moment is not None and moment <= self.now:
            heapq.heappush(self.waiting, (moment, number, acts))

    def run(self) -> None:
        """Let all acts happen in their order."""
        while self.waiting:
            _moment, number, acts = heapq.heappop(self.waiting)
            self._next(number, acts)

    def slot(self, case: Case) -> tuple[datetime, datetime]:
        """Return a time of the case's day (the next working one) at which its mediator has nothing else."""
        day = self.today + timedelta(days=case.day)
        while case.day and not (
            is_working_day(day) and day.weekday() < 5 and self.taken[case.mediator, day] < len(HOURS)
        ):
            day += timedelta(days=1 if case.day > 0 else -1)
        place = self.taken[case.mediator, day]
        hour = HOURS[place]
        if not case.day:  # today: still to come in the morning, just over in the afternoon
            hour = time(16, 30) if timezone.localtime(self.now).hour < 15 else time(9, 0)
        if case.mediator:
            self.taken[case.mediator, day] += 1
        start = local(day, hour)
        return start, start + timedelta(minutes=case.minutes // case.sessions)
