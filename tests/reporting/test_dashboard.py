# SPDX-License-Identifier: EUPL-1.2
"""The dashboard: figures from totals, provisional beside validated, constant queries, each role its own scopes."""

from datetime import date
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.permissions import Permission
from actions.models import Indicator, Period
from fami_portal.core.services import acting
from reporting.enums import ScopeKind
from reporting.models import CountingScope
from reporting.selectors import dashboard
from tests.reporting.output_scene import OutputScene, build_output


def prepare() -> OutputScene:
    return build_output()


@pytest.fixture
def scene(fresh: OutputScene) -> OutputScene:
    return fresh


def address(query: str = "") -> str:
    return reverse("reporting:dashboard", args=["prova"]) + query


def page(client: Client, user: Any, url: str) -> BeautifulSoup:
    client.force_login(user)
    response = client.get(url)
    assert response.status_code == 200, response.content[:500]
    return BeautifulSoup(response.content, "html.parser")


def cells(soup: BeautifulSoup, section: str) -> list[list[str]]:
    table = soup.find(id=section).find_parent("section").find("table")
    return [[cell.get_text(" ", strip=True) for cell in row.find_all("td")] for row in table.tbody.find_all("tr")]


def test_validated_and_provisional_stand_beside_each_other(scene: OutputScene, client: Client) -> None:
    scene.validate("RETE-1", 0)
    scene.submit("RETE-2", 0)

    soup = page(client, scene.base.region, address())

    first = cells(soup, "targets")[0]
    assert first[0].startswith("D.1")
    assert first[2] == "20"
    assert first[3].startswith("5")
    assert first[4] == "5"  # the sum of the networks
    assert first[5] == "1"  # the pupil whom only the second network brings; the others count already
    assert first[6] == "25,0%"
    assert "url(#targets-hatch)" in str(soup.find("svg", class_="bars"))


def test_networks_show_gross_and_unique(scene: OutputScene, client: Client) -> None:
    scene.validate("RETE-1", 0)
    scene.validate("RETE-2", 0)

    soup = page(client, scene.base.region, address())

    rows = cells(soup, "places")
    assert [row[1].split()[0] for row in rows] == ["5", "3", "8", "6"]


def test_network_opens_its_bodies(scene: OutputScene, client: Client) -> None:
    scene.validate("RETE-2", 0)
    scope = CountingScope.objects.get(kind=ScopeKind.NETWORK, network__code="RETE-2")

    soup = page(client, scene.base.region, address(f"?scope={scope.uuid}&indicator=D.1"))

    assert cells(soup, "places")[0][0] == "Cooperativa di un’altra rete"
    assert cells(soup, "trend")[0][1:] == ["3", "3"]


def test_action_keeps_the_target_that_only_it_earns(scene: OutputScene, client: Client) -> None:
    scene.validate("RETE-1", 0)
    scope = CountingScope.objects.get(kind=ScopeKind.ACTION, action__code="01")

    soup = page(client, scene.base.region, address(f"?scope={scope.uuid}"))

    assert [row[2] for row in cells(soup, "targets") if row[0].startswith("D.1")] == ["20"]


def test_before_anything_is_validated_the_page_says_what_comes(scene: OutputScene, client: Client) -> None:
    soup = page(client, scene.base.region, address())

    assert soup.find(class_="empty-state") is not None


def test_network_coordinator_sees_own_networks_only(scene: OutputScene, client: Client) -> None:
    scene.validate("RETE-1", 0)
    scene.validate("RETE-2", 0)
    user = scene.base.coordinator

    seen = dashboard.scopes_seen(user, scene.programme, Permission.VIEW_DASHBOARD)
    soup = page(client, user, address())

    assert {scope.network.code for scope in seen} == {"RETE-1"}
    assert "Rete 2" not in soup.get_text()
    whole = CountingScope.objects.get(kind=ScopeKind.PROGRAMME)
    assert "Rete 1" in page(client, user, address(f"?scope={whole.uuid}")).find("h1").find_parent().get_text()


@pytest.mark.parametrize(
    ("person", "status"), [("region", 200), ("coordinator", 200), ("operator", 403), ("stranger", 404)]
)
def test_each_role_gets_its_answer(scene: OutputScene, client: Client, person: str, status: int) -> None:
    scene.validate("RETE-1", 0)
    client.force_login(scene.person(person))

    assert client.get(address()).status_code == status


def test_unknown_programme_is_not_found(scene: OutputScene, client: Client) -> None:
    client.force_login(scene.base.region)

    assert client.get(reverse("reporting:dashboard", args=["nessuno"])).status_code == 404


@pytest.mark.parametrize("query", ["?scope=abc", "?scope=%27;--", "?indicator=X", "?scope=" + "0" * 32])
def test_strange_addresses_open_the_first_place(scene: OutputScene, client: Client, query: str) -> None:
    scene.validate("RETE-1", 0)

    assert page(client, scene.base.region, address(query)).find("h1") is not None


def test_queries_do_not_grow(scene: OutputScene, client: Client) -> None:
    scene.validate("RETE-1", 0)
    client.force_login(scene.base.region)
    client.get(address())
    with CaptureQueriesContext(
        connection,
    ) as before:
        client.get(address())

    scene.validate("RETE-2", 0)
    scene.validate("RETE-1", 1)
    with acting(None):
        action = Indicator.objects.get(code="D.1").action
        for number in range(20):
            Indicator.objects.create(
                programme=scene.programme,
                code=f"X.{number}",
                title="More",
                kind="output",
                measure="meetings",
                unit="meetings",
                action=action,
                position=100 + number,
            )
    with CaptureQueriesContext(connection) as after:
        client.get(address())

    assert len(after) == len(before)
    assert len(after) <= 15, "\n".join(query["sql"][:150] for query in after.captured_queries)


def test_dashboard_reads_neither_entries_nor_facts(scene: OutputScene, client: Client) -> None:
    scene.validate("RETE-1", 0)
    client.force_login(scene.base.region)

    with CaptureQueriesContext(connection) as seen:
        client.get(address())

    for table in ("reporting_resultentry", "reporting_validatedfact", "beneficiaries_attendance", "actions_meeting"):
        assert not any(f'"{table}"' in query["sql"] for query in seen.captured_queries)


def test_trend_by_period_or_by_month() -> None:
    moved = [(date(2019, 1, 1), 3), (date(2019, 8, 1), 4), (date(2019, 8, 1), -1)]

    assert [(step.label, step.new, step.to_date) for step in dashboard.steps(moved, by_quarter=True)] == [
        ("2019-Q1", 3, 3),
        ("2019-Q2", 0, 3),
        ("2019-Q3", 3, 6),
    ]
    assert [step.label for step in dashboard.steps(moved, by_quarter=False)][::7] == ["2019-01", "2019-08"]
    assert dashboard.steps([], by_quarter=True) == []


def test_list_of_programmes_leads_to_the_only_one(scene: OutputScene, client: Client) -> None:
    client.force_login(scene.base.region)

    assert client.get(reverse("reporting:dashboard-list"))["Location"] == address()
    client.force_login(scene.base.operator)
    assert client.get(reverse("reporting:dashboard-list")).status_code == 403


def test_time_elapsed_is_read_at_the_end_of_the_last_reported_period(scene: OutputScene) -> None:
    programme = scene.base.programme
    last = Period.objects.filter(programme=programme, activity_reports__isnull=False).latest("ends_on")

    assert dashboard.reported_until(programme, date(2030, 1, 1)) == last.ends_on
    assert dashboard.reported_until(programme, last.starts_on) == last.starts_on
