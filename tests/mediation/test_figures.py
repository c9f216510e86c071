# SPDX-License-Identifier: EUPL-1.2
"""The figures: counted as a person would count them, only where the person may look, the file as the page."""

import csv
import io
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from actions.models import Activity
from fami_portal.core.services import acting
from mediation.enums import Absent, RequestChannel, SessionOutcome, SessionState
from mediation.enums import Intervention as I
from mediation.enums import RequestState as S
from mediation.models import MediationRequest, MediationSession, Mediator
from mediation.selectors.figures import FEW, Chosen, Figures, Line, figures, without_few
from partners.models import Language
from tests.factories.actions import ActivityFactory, ActivityTypeFactory
from tests.factories.mediation import HourAccountFactory, MediationRequestFactory, MediatorFactory
from tests.factories.partners import LanguageFactory
from tests.personas import World, build_world

pytestmark = pytest.mark.django_db
ROME = ZoneInfo("Europe/Rome")
YEAR = {"starts_on": date(2019, 1, 1), "ends_on": date(2019, 12, 31)}
MONDAY = date(2019, 3, 4)
_numbers = count(1)


class Scene:
    """Requests of the small world, put into the state that a test needs."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.mediator: Mediator = MediatorFactory(organisation=world.bodies["coop_1"])
        self.languages = {code: LanguageFactory(code=code, name=code.upper()) for code in ("ar", "zh", "ti")}
        self.activities: dict[str, Activity] = {}
        self.accounts = {
            network: HourAccountFactory(programme=world.programmes[programme], network=world.networks[network])
            for network, programme in (("n1", "a"), ("n2", "a"), ("n3", "b"))
        }

    def activity(self, network: str) -> Activity:
        if network not in self.activities:
            action = self.world.actions["b" if network == "n3" else "a"]
            self.activities[network] = ActivityFactory(
                activity_type=ActivityTypeFactory(action=action, kind="mediation"),
                network=self.world.networks[network],
                organisation=self.world.bodies[f"coop_{network[1]}"],
            )
        return self.activities[network]

    def request(
        self,
        state: str = S.VALIDATED,
        *,
        day: date = MONDAY,
        language: str = "ar",
        body: str = "school_1",
        network: str = "n1",
        assigned_after: float | None = 24,
        **fields: Any,
    ) -> MediationRequest:
        """Return a request submitted at noon of a day, that got its mediator some hours later."""
        asked = datetime.combine(day, time(12), tzinfo=ROME)
        if state == S.VALIDATED:
            fields["validated_at"] = asked + timedelta(days=30)
        if assigned_after is not None:
            fields |= {"mediator": self.mediator, "confirmed_at": asked + timedelta(hours=assigned_after)}
        return MediationRequestFactory(
            programme=self.world.programmes["b" if network == "n3" else "a"],
            network=self.world.networks[network],
            organisation=self.world.bodies[body],
            account=self.accounts[network],
            activity=self.activity(network),
            number=f"A1-2019-{next(_numbers):05d}",
            state=state,
            submitted_at=asked,
            authorised_at=asked,
            authorisation="account",
            last_day=day + timedelta(days=10),
            language=self.languages[language],
            **fields,
        )

    def session(
        self,
        request: MediationRequest,
        begin: datetime,
        minutes: int,
        *,
        language: str = "",
        state: str = SessionState.HELD,
        absent: str = "",
        charged: int = 0,
    ) -> None:
        """Add a session to a request."""
        end = begin + timedelta(minutes=minutes)
        held: dict[str, Any] = {}
        if state == SessionState.HELD:
            held = {
                "actual_from": begin,
                "actual_until": end,
                "minutes": minutes,
                "outcome": SessionOutcome.COMPLETE,
                "recorded_at": end,
            }
        spoken: Language | None = self.languages[language] if language else request.languages.get().language
        with acting(None):
            MediationSession.objects.create(
                request=request,
                mediator=self.mediator,
                position=next(_numbers),
                state=state,
                planned_from=begin,
                planned_until=end,
                busy_from=begin,
                busy_until=end,
                language=spoken,
                absent=absent,
                charged_minutes=charged,
                **held,
            )

    def seen_by(self, role: str, **chosen: Any) -> Figures:
        """Return the figures of the year as somebody sees them."""
        return figures(self.world.personas[role], Chosen(**{**YEAR, **chosen}))


def prepare() -> Scene:
    return Scene(build_world())


def at(day: date, hour: int = 10, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=ROME)


def by_label(lines: list[Line]) -> dict[str, Line]:
    return {line.label: line for line in lines}


def test_hours_are_counted_by_month_language_type_and_body(scene: Scene) -> None:
    first = scene.request(interventions=[I.FAMILY_TALK.value, I.GUIDANCE.value])
    scene.session(first, at(date(2019, 3, 12)), 90)
    scene.session(first, at(date(2019, 4, 2)), 30, language="zh")
    other = scene.request(S.HELD, body="service_1", language="zh")
    scene.session(other, at(date(2019, 3, 20)), 60)
    found = scene.seen_by("network_coordinator")
    assert (found.total.requests, found.total.sessions, found.total.minutes, found.total.validated) == (2, 3, 180, 120)
    assert [(line.key, line.requests, line.minutes) for line in found.months] == [
        (date(2019, 3, 1), 2, 150),
        (date(2019, 4, 1), 0, 30),
    ]
    languages = by_label(found.languages)
    assert (languages["AR"].requests, languages["AR"].minutes) == (1, 90)
    assert (languages["ZH"].requests, languages["ZH"].minutes, languages["ZH"].validated) == (1, 90, 30)
    bodies = by_label(found.bodies)
    assert bodies["Istituto comprensivo Uno"].minutes == 120
    assert bodies["Comune di Unopoli"].minutes == 60
    assert {(line.key, line.requests, line.minutes) for line in found.types} == {
        ("family_talk", 2, 180),
        ("guidance", 1, 120),
    }
    (kind,) = found.kinds
    assert (kind.key, kind.requests, kind.sessions, kind.minutes) == ("school", 2, 3, 180)


def test_waiting_is_the_median_and_the_ninetieth(scene: Scene) -> None:
    for hours in range(1, 11):
        scene.session(scene.request(assigned_after=hours), at(date(2019, 3, 4 + hours), 12), 60)
    # What was arranged by phone waited for nobody here.
    scene.request(assigned_after=0.1, channel=RequestChannel.OUTSIDE)
    found = scene.seen_by("network_coordinator")
    assert found.total.to_assignment == (pytest.approx(5.5), pytest.approx(9.1))
    assert found.total.to_session == (pytest.approx(5.5 * 24), pytest.approx(9.1 * 24))


def test_the_fill_rate_counts_the_searches_that_are_over(scene: Scene) -> None:
    for _number in range(3):
        scene.request()
    scene.request(S.EXPIRED, assigned_after=None)  # authorised, nobody found
    scene.request(S.ASSIGNING, assigned_after=None, unmet=True, language="ti")
    scene.request(S.ASSIGNING, assigned_after=None)  # still searching
    scene.request(S.REJECTED, assigned_after=None)
    scene.request(S.CANCELLED, assigned_after=None)
    found = scene.seen_by("network_coordinator")
    assert (found.filled, found.missed, found.open) == (3, 2, 2)
    assert (found.rejected, found.cancelled, found.expired) == (1, 1, 1)
    assert found.fill_rate == pytest.approx(0.6)
    assert by_label(found.languages)["TI"].unmet == 1
    assert scene.seen_by("network_coordinator", starts_on=date(2019, 9, 1)).fill_rate is None


def test_absences_and_late_cancellations(scene: Scene) -> None:
    absent = scene.request(S.NOT_HELD)
    scene.session(absent, at(date(2019, 3, 12)), 60, state=SessionState.NOT_HELD, absent=Absent.FAMILY, charged=60)
    late = scene.request(S.CANCELLED)
    scene.session(late, at(date(2019, 3, 13)), 60, state=SessionState.CANCELLED, absent=Absent.REQUESTER, charged=30)
    early = scene.request(S.CANCELLED)
    scene.session(early, at(date(2019, 3, 14)), 60, state=SessionState.CANCELLED)
    found = scene.seen_by("network_coordinator")
    assert found.not_held == [(str(Absent.FAMILY.label), 1, 60)]
    assert (found.cancelled, found.cancelled_late, found.charged) == (2, 1, 90)
    assert found.total.sessions == 0


def test_days_are_italian_days(scene: Scene) -> None:
    """Half past midnight of 1 April in Italy is still March elsewhere."""
    request = scene.request()
    scene.session(request, at(date(2019, 4, 1), 0, 30), 60)
    march = scene.seen_by("network_coordinator", ends_on=date(2019, 3, 31))
    assert (march.total.requests, march.total.minutes) == (1, 0)
    april = scene.seen_by("network_coordinator", starts_on=date(2019, 4, 1), ends_on=date(2019, 4, 30))
    assert (april.total.requests, april.total.minutes) == (0, 60)


def test_everybody_counts_only_what_is_within_reach(scene: Scene) -> None:
    for network, body in (("n1", "school_1"), ("n2", "coop_2"), ("n3", "school_3")):
        scene.session(scene.request(network=network, body=body), at(date(2019, 3, int(network[1]) + 10)), 60)
    MediationRequestFactory(
        programme=scene.world.programmes["a"],
        network=scene.world.networks["n1"],
        organisation=scene.world.bodies["school_1"],
    )
    assert scene.seen_by("network_coordinator").total.requests == 1
    assert scene.seen_by("network_coordinator").total.minutes == 60
    for role in ("regional_coordinator", "evaluator", "auditor"):
        assert scene.seen_by(role).total.requests == 2, role
        assert len(scene.seen_by(role).balance) == 2, role
    chosen = scene.seen_by("evaluator", network=scene.world.networks["n2"])
    assert (chosen.total.requests, chosen.total.minutes) == (1, 60)
    assert scene.seen_by("evaluator", programme=scene.world.programmes["b"]).total.requests == 0


def test_rows_of_one_or_two_are_put_together() -> None:
    lines = [
        Line(1, "Arabo", requests=FEW, minutes=90),
        Line(2, "Tigrino", requests=1, minutes=60),
        Line(3, "Wolof", requests=2, minutes=30),
    ]
    kept = without_few(lines)
    assert len(kept) == 2
    assert kept[0].label == "Arabo"
    assert (kept[1].requests, kept[1].minutes) == (3, 90)
    assert without_few(lines[:1]) == lines[:1]


# --- pages -----------------------------------------------------------------------------------------------------------

ADDRESS = "/mediation/figures/"
DAYS = "starts_on=2019-01-01&ends_on=2019-12-31"


def page(client: Client, user: Any, query: str = DAYS) -> BeautifulSoup:
    client.force_login(user)
    response = client.get(f"{reverse('mediation:figures')}?{query}")
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def content_of(response: Any) -> bytes:
    """Read a file to its end, which closes it and leaves the connection open, in which the world of the module is."""
    return b"".join(response.streaming_content)


def three_languages(scene: Scene) -> None:
    for number in range(3):
        scene.session(scene.request(), at(date(2019, 3, 10 + number)), 60)
    scene.session(scene.request(language="ti"), at(date(2019, 3, 20)), 90)


def test_whoever_sees_no_requests_sees_no_row_of_one_case(scene: Scene, client: Client) -> None:
    three_languages(scene)
    coordinator = page(client, scene.world.personas["network_coordinator"])
    assert "TI" in coordinator.find(id="figures-language").parent.get_text(" ").split()
    evaluator = page(client, scene.world.personas["evaluator"])
    words = evaluator.find(id="figures-language").parent.get_text(" ").split()
    assert "AR" in words
    assert "TI" not in words


def test_the_file_says_what_the_page_says(scene: Scene, client: Client) -> None:
    three_languages(scene)
    user = scene.world.personas["network_coordinator"]
    soup = page(client, user)
    shown = {
        (section.h2.get_text(strip=True), row[0], value)
        for section in soup.find_all("section", attrs={"aria-labelledby": lambda name: name and "figures-" in name})
        for row in (
            [cell.get_text(strip=True) for cell in line.find_all(["td", "th"])] for line in section.tbody.find_all("tr")
        )
        for value in row[1:]
    }
    link = soup.find("a", href=lambda address: address and "export.csv" in address)["href"]
    response = client.get(link)
    text = content_of(response).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))[1:]
    assert rows
    named = {(row[0], row[1].partition(", ")[0], row[3]) for row in rows}
    assert named <= shown
    response = client.get(link.replace("export.csv", "export.xlsx"))
    book = CalamineWorkbook.from_filelike(io.BytesIO(content_of(response)))
    titles = [heading.get_text(strip=True) for heading in soup.select("main section h2")]
    assert [title for title in titles if title in book.sheet_names] == book.sheet_names
    by_language = book.get_sheet_by_index(3).to_python()
    assert {row[0]: row[1] for row in by_language[1:]} == {"AR": 3, "TI": 1}


def test_an_empty_year_says_what_to_do(scene: Scene, client: Client) -> None:
    soup = page(client, scene.world.personas["network_coordinator"], "starts_on=2015-01-01&ends_on=2015-12-31")
    assert soup.select_one(".empty-state") is not None
    assert soup.find("table") is None


UNREADABLE = (
    "starts_on=2019-12-31&ends_on=2019-01-01",
    "starts_on=oggi",
    "network=NIENTE",
    "body=x",
    "kind=boh",
    "programme=x",
)


def test_what_cannot_be_read_shows_no_figures(scene: Scene, client: Client) -> None:
    for query in UNREADABLE:
        soup = page(client, scene.world.personas["network_coordinator"], query)
        assert soup.find("table") is None, query
        response = client.get(f"{reverse('mediation:figures-export', args=['xlsx'])}?{query}")
        assert response.status_code == 200, query
        content_of(response)


def test_the_page_costs_the_same_for_three_requests_and_thirty(scene: Scene, client: Client) -> None:
    user = scene.world.personas["network_coordinator"]
    for number in range(3):
        scene.session(scene.request(), at(date(2019, 3, 10 + number)), 60)
    page(client, user)
    address = f"{ADDRESS}?{DAYS}"
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for number in range(27):
        scene.session(scene.request(language=("ar", "zh", "ti")[number % 3]), at(date(2019, 4, 1 + number)), 60)
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(few) == len(many)
    assert len(many) <= 15
