# SPDX-License-Identifier: EUPL-1.2
"""The invented network of `benchmarks/mediation.py`: mediators, requests and sessions, written in bulk."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from accounts.models import User
from actions.enums import MediationRequestKind
from actions.models import Action, ActionNetwork, Programme, ProgrammeBody, RequestKind
from fami_portal.core import clock
from mediation.enums import AuthorisationMethod, LanguageLevel, QualificationKind, RequestState, Urgency
from mediation.models import (
    AvailabilityException,
    HourAccount,
    MediationRequest,
    MediationSession,
    Mediator,
    MediatorLanguage,
    MediatorQualification,
    MediatorTerritory,
    RequestLanguage,
    RequestSlot,
    WeeklyAvailability,
)
from partners.enums import InformalReason, Nature, NetworkKind, NetworkRole, OrganisationKind
from partners.models import Language, Membership, Municipality, Network, NetworkMember, Organisation

MEDIATORS, REQUESTS, SESSIONS = 2_000, 10_000, 20_000
BATCH = 2_000
LEVELS = list(LanguageLevel)
# A request in one of these states needs a mediator and an activity: not what the board is slow or fast by.
UNASSIGNED = [
    RequestState.SUBMITTED,
    RequestState.AUTHORISED,
    RequestState.TAKEN_IN_CHARGE,
    RequestState.TO_COMPLETE,
    RequestState.ASSIGNING,
    RequestState.PROPOSED,
    RequestState.REJECTED,
    RequestState.CANCELLED,
    RequestState.EXPIRED,
]


def _body(name: str, kind: str, place: Municipality) -> Organisation:
    return Organisation.objects.create(
        name=name, kind=kind, nature=Nature.PRIVATE, informal_reason=InformalReason.NOT_COLLECTED, municipality=place
    )


class Scene:
    """The invented network; everything is spread by the number of the row, so that each run has the same data."""

    def __init__(self) -> None:
        self.now = clock.now()
        self.today = timezone.localdate(self.now)
        self.start = timezone.make_aware(datetime.combine(self.today + timedelta(days=9), time(10)))
        self.end = self.start + timedelta(hours=1)
        self.places = [
            Municipality.objects.create(code=f"9{n:05d}", name=f"Comune {n}", province="TO", region="Piemonte")
            for n in range(20)
        ]
        self.languages = [
            Language.objects.get_or_create(code=f"x{n:02d}", defaults={"name": f"lingua {n}"})[0] for n in range(20)
        ]
        self.provider = _body("Cooperativa delle misure", OrganisationKind.COOPERATIVE, self.places[0])
        self.schools = [
            _body(f"Scuola {n}", OrganisationKind.OTHER_PRIVATE, self.places[n % len(self.places)]) for n in range(40)
        ]
        self.network = Network.objects.create(
            code="MISURE", name="Rete delle misure", kind=NetworkKind.TEMPORARY_ASSOCIATION
        )
        for body in (self.provider, *self.schools):
            role = NetworkRole.LEAD if body == self.provider else NetworkRole.MEMBER
            NetworkMember.objects.create(
                network=self.network, organisation=body, role=role, entered_on=self.today - timedelta(days=900)
            )
        self.programme = Programme.objects.create(
            slug="misure-mediazione",
            title="Programma delle misure",
            fund="FAMI",
            lead=self.provider,
            starts_on=self.today - timedelta(days=700),
            ends_on=self.today + timedelta(days=700),
            calendar="solar_quarters",
            visibility_text="Prova",
        )
        ProgrammeBody.objects.create(programme=self.programme, organisation=self.provider, role="lead")
        action = Action.objects.create(programme=self.programme, code="01", title="Azione")
        ActionNetwork.objects.create(action=action, network=self.network)
        RequestKind.objects.create(programme=self.programme, kind=MediationRequestKind.SCHOOL, settings={})
        self.account = HourAccount.objects.create(
            programme=self.programme,
            network=self.network,
            kind=MediationRequestKind.SCHOOL,
            starts_on=self.today - timedelta(days=700),
            ends_on=self.today + timedelta(days=700),
        )
        self.coordinator = User.objects.create(email="rete@misure.example.org", given_name="Rete", family_name="Misura")
        membership = Membership.objects.create(
            user=self.coordinator,
            organisation=self.provider,
            role="network_coordinator",
            valid_from=self.today - timedelta(days=700),
        )
        membership.networks.set([self.network])
        self._mediators()
        self._requests()
        self._sessions()

    def _mediators(self) -> None:
        users = User.objects.bulk_create(
            (
                User(email=f"mediatore.{n}@misure.example.org", given_name="Nome", family_name="Cognome")
                for n in range(MEDIATORS)
            ),
            batch_size=BATCH,
        )
        people = Mediator.objects.bulk_create(
            (
                Mediator(
                    user=users[n],
                    organisation=self.provider,
                    given_name=f"Nome {n}",
                    family_name=f"Cognome {n}",
                    modes=["in_person", "phone"],
                    home=self.places[n % 20],
                    yearly_maximum=60 * 400 if n % 3 else None,
                    confidentiality_signed_on=date(2018, 1, 1) if n % 25 else None,
                    is_active=bool(n % 30),
                )
                for n in range(MEDIATORS)
            ),
            batch_size=BATCH,
        )
        self.mediators = people
        MediatorLanguage.objects.bulk_create(
            (
                MediatorLanguage(
                    mediator=row, language=self.languages[(n + k * 7) % 20], level=LEVELS[(n + k) % len(LEVELS)]
                )
                for n, row in enumerate(people)
                for k in range(3)
            ),
            batch_size=BATCH,
        )
        MediatorTerritory.objects.bulk_create(
            (
                MediatorTerritory(
                    mediator=row, province="TO" if n % 4 else "CN", municipality=self.places[n % 20] if n % 2 else None
                )
                for n, row in enumerate(people)
            ),
            batch_size=BATCH,
        )
        WeeklyAvailability.objects.bulk_create(
            (
                WeeklyAvailability(mediator=row, weekday=day, starts_at=time(9), ends_at=time(13 if n % 2 else 18))
                for n, row in enumerate(people)
                for day in range(5)
                if (n + day) % 6
            ),
            batch_size=BATCH,
        )
        AvailabilityException.objects.bulk_create(
            (
                AvailabilityException(
                    mediator=row,
                    starts_on=self.today + timedelta(days=n % 20),
                    ends_on=self.today + timedelta(days=n % 20 + 3),
                )
                for n, row in enumerate(people)
            ),
            batch_size=BATCH,
        )
        kinds = (QualificationKind.COURSE, QualificationKind.CRIMINAL_RECORD)
        MediatorQualification.objects.bulk_create(
            (
                MediatorQualification(
                    mediator=row, kind=kind, title="Titolo", expires_on=self.today + timedelta(days=n % 400 - 20)
                )
                for n, row in enumerate(people)
                for kind in kinds
            ),
            batch_size=BATCH,
        )

    def _requests(self) -> None:
        urgencies = [Urgency.ORDINARY] * 8 + [Urgency.NEW_ARRIVAL, Urgency.URGENT]
        rows = MediationRequest.objects.bulk_create(
            (
                MediationRequest(
                    number=f"MIS-{n:05d}",
                    kind=MediationRequestKind.SCHOOL,
                    programme=self.programme,
                    network=self.network,
                    organisation=self.schools[n % 40],
                    account=self.account,
                    state=UNASSIGNED[n % len(UNASSIGNED)],
                    urgency=urgencies[n % 10],
                    minutes_asked=60,
                    case_code=f"MI-{n % 3000:04d}",
                    submitted_at=self.now - timedelta(hours=n % 4000),
                    authorised_at=self.now - timedelta(hours=n % 4000),
                    authorisation=AuthorisationMethod.ACCOUNT,
                    state_since=self.now,
                    last_day=self.today + timedelta(days=n % 60),
                    unmet=n % 50 == 0,
                    mediator=self.mediators[n % MEDIATORS] if n % 7 == 0 else None,
                )
                for n in range(REQUESTS)
            ),
            batch_size=BATCH,
        )
        self.requests = rows
        RequestLanguage.objects.bulk_create(
            (
                RequestLanguage(request=row, language=self.languages[(n + k) % 20], position=k)
                for n, row in enumerate(rows)
                for k in range(1 + n % 2)
            ),
            batch_size=BATCH,
        )
        RequestSlot.objects.bulk_create(
            (RequestSlot(request=row, day=row.last_day, starts_at=time(10), ends_at=time(11)) for row in rows),
            batch_size=BATCH,
        )

    def _sessions(self) -> None:
        """Ten for each mediator: one every eleven days, the last of them in the days to come."""
        rows = []
        for n in range(SESSIONS):
            turn = n // MEDIATORS
            day = self.today + timedelta(days=20 + n % 11 - 11 * turn)
            start = timezone.make_aware(datetime.combine(day, time(9 + n % 8)))
            end = start + timedelta(hours=1)
            rows.append(
                MediationSession(
                    request=self.requests[n % REQUESTS],
                    mediator=self.mediators[n % MEDIATORS],
                    planned_from=start,
                    planned_until=end,
                    busy_from=start - timedelta(minutes=30),
                    busy_until=end + timedelta(minutes=30),
                )
            )
        MediationSession.objects.bulk_create(rows, batch_size=BATCH)
