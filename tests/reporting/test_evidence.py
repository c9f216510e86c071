# SPDX-License-Identifier: EUPL-1.2
"""Evidence: the entries under a figure sum to it, as of the posting, and show pseudonyms alone."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions.models import Indicator
from fami_portal.core.services import acting
from reporting.context import build_context
from reporting.enums import ScopeKind
from reporting.ledger import postings
from reporting.models import CountingScope, Posting
from reporting.selectors import as_of
from reporting.selectors import evidence as selectors
from tests.reporting.output_scene import OutputScene, build_output


def prepare() -> OutputScene:
    return build_output()


@pytest.fixture
def scene(fresh: OutputScene) -> OutputScene:
    return fresh


def correct(scene: OutputScene) -> None:
    """A pupil was never there: after the transmission the report of the first quarter is validated again."""
    with acting(None):
        postings.mark_transmitted(programme=scene.programme, until=scene.quarters[0].ends_on)
        enrolment = scene.labs["RETE-1"].enrolments.get(beneficiary=scene.people[0])
        enrolment.attendances.update(state="absent", minutes=0)
    scene.validate("RETE-1", 0)


def everything(scene: OutputScene) -> None:
    for network in ("RETE-1", "RETE-2"):
        scene.validate(network, 0)
    correct(scene)
    for network in ("RETE-1", "RETE-2"):
        scene.validate(network, 1)


def test_entries_sum_to_every_figure_of_every_report(scene: OutputScene) -> None:
    everything(scene)
    checked = 0

    for posting in Posting.objects.order_by("number"):
        for period in scene.quarters[:2]:
            at = as_of.as_of(scene.programme, posting.number)
            content = build_context(scene.programme, period, at)
            uuids = {row["key"]: row["scope"] for row in content["frozen"]["scopes"]}
            for row in content["figures"]["indicators"]:
                indicator = Indicator.objects.get(code=row["code"])
                for key, value in row["scopes"].items():
                    scope = CountingScope.objects.get(uuid=uuids[key])
                    for part, start in (("new", period.starts_on), ("to_date", None)):
                        found = selectors.entries(
                            indicator=indicator,
                            scope=scope,
                            posting_id=posting.pk,
                            window=selectors.Window(start, period.ends_on),
                        )
                        assert selectors.sums(found).quantity == value[part], (posting, period, row["code"], key, part)
                        checked += 1
    assert checked > 100


def test_a_withdrawn_entry_counts_minus_one_where_it_was_withdrawn(scene: OutputScene) -> None:
    everything(scene)
    last = Posting.objects.order_by("-number").first()
    second = scene.quarters[1]

    found = selectors.entries(
        indicator=Indicator.objects.get(code="D.1"),
        scope=CountingScope.objects.get(kind=ScopeKind.PROGRAMME),
        posting_id=last.pk,
        window=selectors.Window(second.starts_on, second.ends_on),
    )

    assert sorted(entry.sign for entry in found) == [-1, 1]


def address(place: CountingScope, **query: Any) -> str:
    values = {"indicator": "D.1", "scope": place.uuid, **query}
    text = "&".join(f"{key}={value}" for key, value in values.items())
    return f"{reverse('reporting:evidence', args=['prova'])}?{text}"


def test_page_shows_entry_fact_and_report_by_pseudonym(scene: OutputScene, client: Client) -> None:
    everything(scene)
    client.force_login(scene.base.region)
    scope = CountingScope.objects.get(kind=ScopeKind.PROGRAMME)

    response = client.get(address(scope, part="new", period="2019-Q1", posting=2))

    assert response.status_code == 200
    soup = BeautifulSoup(response.content, "html.parser")
    rows = [
        [cell.get_text(" ", strip=True) for cell in row.find_all("td")] for row in soup.find("tbody").find_all("tr")
    ]
    assert len(rows) == 6
    assert {row[0] for row in rows} == {f"PS{number:04d}" for number in range(6)}
    assert "Laboratorio di RETE-1" in rows[0][3]
    assert soup.find("tbody").find("a", href=scene.reports["RETE-1", 0].get_absolute_url()) is not None
    assert "c0" not in soup.find("tbody").get_text()


@pytest.mark.parametrize("code", ["D.3", "D.4", "O.1", "O.2"])
def test_every_kind_of_unit_has_a_name(scene: OutputScene, client: Client, code: str) -> None:
    everything(scene)
    client.force_login(scene.base.region)
    scope = CountingScope.objects.get(kind=ScopeKind.PROGRAMME)

    response = client.get(address(scope, indicator=code))

    soup = BeautifulSoup(response.content, "html.parser")
    assert response.status_code == 200
    assert all(row.find("td").get_text(strip=True) for row in soup.find("tbody").find_all("tr"))


def test_queries_are_the_same_for_one_entry_and_for_many(scene: OutputScene, client: Client) -> None:
    scene.validate("RETE-2", 0)
    client.force_login(scene.base.region)
    scope = CountingScope.objects.get(kind=ScopeKind.PROGRAMME)
    client.get(address(scope))
    with CaptureQueriesContext(connection) as few:
        client.get(address(scope))

    scene.validate("RETE-1", 0)
    scene.validate("RETE-1", 1)
    with CaptureQueriesContext(connection) as many:
        client.get(address(scope))

    assert len(few) == len(many)
    assert len(many) <= 20


@pytest.mark.parametrize(
    ("person", "status"), [("region", 200), ("coordinator", 403), ("operator", 403), ("stranger", 404)]
)
def test_the_whole_programme_opens_to_who_reaches_it(
    scene: OutputScene, client: Client, person: str, status: int
) -> None:
    scene.validate("RETE-1", 0)
    client.force_login(scene.person(person))

    response = client.get(address(CountingScope.objects.get(kind=ScopeKind.PROGRAMME)))

    assert response.status_code == status


def test_coordinator_opens_the_own_network(scene: OutputScene, client: Client) -> None:
    scene.validate("RETE-1", 0)
    scene.validate("RETE-2", 0)
    client.force_login(scene.base.coordinator)

    for code, status in (("RETE-1", 200), ("RETE-2", 403)):
        scope = CountingScope.objects.get(kind=ScopeKind.NETWORK, network__code=code)
        assert client.get(address(scope)).status_code == status


def test_strange_addresses_are_not_found(scene: OutputScene, client: Client) -> None:
    scene.validate("RETE-1", 0)
    client.force_login(scene.base.region)
    scope = CountingScope.objects.get(kind=ScopeKind.PROGRAMME)

    for query in ({"indicator": "X"}, {"scope": "x"}, {"posting": "99"}, {"period": "2030-Q1"}):
        assert client.get(address(scope, **query)).status_code == 404, query
