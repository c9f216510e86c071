# SPDX-License-Identifier: EUPL-1.2
"""Measures the coordinator's board and the suggestions of mediators on an invented network.

    python benchmarks/mediation.py

The network has 2,000 mediators with languages, territories, availability and qualifications, 10,000 requests in every
state and 20,000 sessions. It is written in one transaction that is rolled back at the end, so nothing of it stays.
Prints one line per measure, `name: ours …, reference …, ratio …`, measured side by side in this run:

* the suggestions of a page, with the words of each, against the bare statement;
* the whole register judged, with all its words, against the bare statement;
* the page of the suggestions, from request to response, against the 100 milliseconds that we hold ourselves to;
* what the board reads, against one bare statement for the same rows and one for the same counts;
* the page of the board against the 150 milliseconds of the dashboard, and its queries, with the session and the person, against 15.
"""

import os
import statistics
import sys
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fami_portal.settings")

from fami_portal import embedded

embedded.ensure()

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.paginator import Paginator  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import User  # noqa: E402
from actions.enums import MediationRequestKind  # noqa: E402
from actions.models import Action, ActionNetwork, Programme, ProgrammeBody, RequestKind  # noqa: E402
from fami_portal.core import clock  # noqa: E402
from fami_portal.core.services import acting  # noqa: E402
from mediation.enums import AuthorisationMethod, LanguageLevel, QualificationKind, RequestState, Urgency  # noqa: E402
from mediation.models import (  # noqa: E402
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
from mediation.selectors import board  # noqa: E402
from mediation.selectors.suggestions import parameters, suggestions  # noqa: E402
from mediation.selectors.suggestions_sql import SUGGESTIONS  # noqa: E402
from partners.enums import InformalReason, Nature, NetworkKind, NetworkRole, OrganisationKind  # noqa: E402
from partners.models import Language, Membership, Municipality, Network, NetworkMember, Organisation  # noqa: E402

MEDIATORS, REQUESTS, SESSIONS = 2_000, 10_000, 20_000
BATCH = 2_000
MILLISECONDS, PAGE_MILLISECONDS, QUERIES = 100, 150, 15
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

BARE_ROWS = """
SELECT request.*, body.name, network.name
  FROM mediation_mediationrequest AS request
  JOIN partners_organisation AS body ON body.id = request.organisation_id
  JOIN partners_network AS network ON network.id = request.network_id
 WHERE request.network_id = %s AND request.state = ANY (%s)
 ORDER BY array_position(ARRAY['urgent', 'new_arrival', 'ordinary'], request.urgency::text), request.submitted_at, request.id
 LIMIT 30
"""
BARE_COUNTS = """
SELECT state, count(*) FROM mediation_mediationrequest WHERE network_id = %s GROUP BY state
"""


def line(name: str, ours: float, reference: float, unit: str = "ms", decimals: int = 1) -> None:
    """Print one measure."""
    ratio = ours / reference if reference else float("nan")
    print(f"{name}: ours {ours:.{decimals}f} {unit}, reference {reference:.{decimals}f} {unit}, ratio {ratio:.2f}")


def median(function: Callable[[], Any], times: int = 15) -> float:
    """Return the median of some runs, in milliseconds, after one that warms up."""
    function()
    runs = []
    for _ in range(times):
        started = perf_counter()
        function()
        runs.append(perf_counter() - started)
    return statistics.median(runs) * 1000


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


def measure_suggestions(scene: Scene) -> None:
    """The statement alone, then what the pages make of it."""
    taken = next(row for row in scene.requests if row.state == RequestState.TAKEN_IN_CHARGE)
    request = MediationRequest.objects.select_related("municipality", "organisation__municipality").get(pk=taken.pk)
    when = {"starts_at": scene.start, "ends_at": scene.end, "at": scene.now}

    def bare(limit: int | None) -> Callable[[], Any]:
        values = parameters(request, **when, limit=limit)

        def run() -> Any:
            with connection.cursor() as cursor:
                cursor.execute(SUGGESTIONS, values)
                return cursor.fetchall()

        return run

    def with_words(limit: int | None) -> Callable[[], Any]:
        return lambda: [row.reasons for row in suggestions(request, **when, limit=limit)]

    found = suggestions(request, **when)
    if len(found) != MEDIATORS or not found[0].suitable:
        raise SystemExit(f"{len(found)} mediators judged, {found[0].suitable} suitable")
    line(f"20 suggestions with their words among {MEDIATORS:,} mediators", median(with_words(20)), median(bare(20)))
    line(f"all {MEDIATORS:,} mediators with their words", median(with_words(None)), median(bare(None)))
    client = _client(scene)
    local = timezone.localtime(scene.start)
    address = reverse("mediation:request-suggestions", args=[request.uuid])
    address += f"?day={local:%Y-%m-%d}&starts_at=10:00&ends_at=11:00"
    line("page of the suggestions", median(lambda: _get(client, address)), MILLISECONDS)


def measure_board(scene: Scene) -> None:
    """What the board reads for its own turn, and its whole page."""

    def ours() -> None:
        requests = board.board_requests(scene.coordinator)
        board.counts(requests)
        listed = board.ranked(requests.filter(state__in=board.TURN))
        list(Paginator(board.with_what_is_shown(listed), 30).get_page(1))

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute(BARE_COUNTS, [scene.network.pk])
            cursor.fetchall()
            cursor.execute(BARE_ROWS, [scene.network.pk, [str(state) for state in board.TURN]])
            cursor.fetchall()

    line(f"board among {REQUESTS:,} requests", median(ours), median(bare))
    client, address = _client(scene), reverse("mediation:board")
    line("page of the board", median(lambda: _get(client, address)), PAGE_MILLISECONDS)
    with CaptureQueriesContext(connection) as queries:
        _get(client, address)
        asked = len(queries)
    line("queries of the page of the board", asked, QUERIES, "queries", 0)


def _client(scene: Scene) -> Client:
    if not (settings.STATIC_ROOT / "staticfiles.json").exists():
        call_command("collectstatic", interactive=False, verbosity=0)
    client = Client(headers={"host": "localhost"})
    client.force_login(scene.coordinator, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def _get(client: Client, address: str) -> None:
    answer = client.get(address, secure=settings.HTTPS)
    if answer.status_code != 200:
        raise SystemExit(f"{address}: {answer.status_code}")


def main() -> None:
    """Write the network, measure, undo."""
    with transaction.atomic():
        with acting(None):
            scene = Scene()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        measure_suggestions(scene)
        measure_board(scene)
        transaction.set_rollback(True)


if __name__ == "__main__":
    main()
