# SPDX-License-Identifier: EUPL-1.2
"""The pages of the output report: periods, report, transmission, each role its own answer."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fami_portal.core.models import Job
from reporting.enums import OutputReportState
from reporting.models import OutputReport
from reporting.selectors import output_reports as selectors
from reporting.selectors.output_report_pages import output_reports_panel
from reporting.services import output_reports as services
from tests.reporting.output_scene import OutputScene, build_output

AT = datetime(2026, 1, 15, 10, tzinfo=UTC)


def prepare() -> OutputScene:
    return build_output()


@pytest.fixture
def scene(fresh: OutputScene, settings: Any, tmp_path: Path) -> OutputScene:
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "documents")},
        }
    }
    return fresh


def generate(scene: OutputScene, quarter: int = 0) -> OutputReport:
    return services.generate_output_report(
        programme=scene.programme, period=scene.quarters[quarter], by=scene.base.region
    )


def close_quarter(scene: OutputScene, quarter: int) -> None:
    for network in ("RETE-1", "RETE-2"):
        scene.validate(network, quarter)


def soup_of(client: Client, user: Any, url: str, status: int = 200) -> BeautifulSoup:
    client.force_login(user)
    response = client.get(url)
    assert response.status_code == status
    return BeautifulSoup(response.content, "html.parser")


def test_list_says_the_state_of_each_period(scene: OutputScene, client: Client) -> None:
    close_quarter(scene, 0)
    report = generate(scene)
    services.request_output_report(programme=scene.programme, period=scene.quarters[1], by=scene.base.region)

    url = reverse("reporting:output-report-list", args=["prova"])
    soup = soup_of(client, scene.base.region, url)

    rows = {row.find("strong").get_text(): row for row in soup.find("tbody").find_all("tr")}
    assert list(rows) == ["2019-Q4", "2019-Q3", "2019-Q2", "2019-Q1"]
    assert rows["2019-Q1"].find("a", href=report.get_absolute_url()) is not None
    assert len(rows["2019-Q1"].find_all("a", href=lambda link: "/documents/" in link)) == 4
    assert rows["2019-Q2"].find("progress") is not None
    assert rows["2019-Q2"].find("form") is None
    assert rows["2019-Q3"].find("form") is not None
    assert soup.find(id="periods")["hx-get"] == url
    fragment = client.get(url, headers={"HX-Request": "true"})
    assert b"<html" not in fragment.content
    assert b'id="periods"' in fragment.content


def test_list_of_periods_costs_the_same_whatever_is_in_it(scene: OutputScene, client: Client) -> None:
    client.force_login(scene.base.region)
    url = reverse("reporting:output-report-list", args=["prova"])
    client.get(url)
    with CaptureQueriesContext(connection) as before:
        client.get(url)
    close_quarter(scene, 0)
    close_quarter(scene, 1)
    generate(scene)
    generate(scene, 1)

    with CaptureQueriesContext(connection) as after:
        client.get(url)

    assert len(after) == len(before)


def test_button_asks_for_the_report(scene: OutputScene, client: Client) -> None:
    client.force_login(scene.base.region)

    response = client.post(reverse("reporting:output-report-request", args=["prova", "2019-Q1"]))

    assert response.status_code == 302
    assert Job.objects.get(kind=selectors.JOB_KIND).requested_by == scene.base.region


@pytest.mark.parametrize(
    ("person", "read", "ask", "transmit"),
    [
        ("region", 200, 302, 200),
        ("coordinator", 200, 403, 403),
        ("operator", 403, 403, 404),
        ("stranger", 404, 404, 404),
    ],
)
def test_each_role_gets_its_answer(
    scene: OutputScene, client: Client, person: str, read: int, ask: int, transmit: int
) -> None:
    close_quarter(scene, 0)
    report = generate(scene)
    client.force_login(scene.person(person))

    assert client.get(reverse("reporting:output-report-list", args=["prova"])).status_code == read
    assert client.post(reverse("reporting:output-report-request", args=["prova", "2019-Q1"])).status_code == ask
    assert client.get(reverse("reporting:output-report-transmit", args=[report.uuid])).status_code == transmit
    assert client.get(report.get_absolute_url()).status_code == (200 if read == 200 else 404)


def test_page_shows_the_frozen_figures_and_opens_their_evidence(scene: OutputScene, client: Client) -> None:
    close_quarter(scene, 0)
    report = generate(scene)
    close_quarter(scene, 1)

    soup = soup_of(client, scene.base.region, report.get_absolute_url())

    table = soup.find(id="recipients").find_parent("section").find("table")
    row = next(row for row in table.tbody.find_all("tr") if "D.1" in row.get_text())
    link = row.find_all("a")[1]
    assert link.find(string=True, recursive=False) == "6"
    assert "posting=2" in link["href"]
    opened = soup_of(client, scene.base.region, link["href"])
    assert len(opened.find("tbody").find_all("tr")) == 6
    assert report.json.sha256 in soup.get_text()
    image = soup.find("img", class_="chart-image")
    assert image is None  # one period alone has no trend
    second = soup_of(client, scene.base.region, generate(scene, 1).get_absolute_url())
    image = second.find("img", class_="chart-image")
    assert "2019-Q2" in image["alt"]
    assert client.get(image["src"])["Content-Type"] == "image/svg+xml"


def test_network_coordinator_opens_evidence_of_the_own_network_alone(scene: OutputScene, client: Client) -> None:
    close_quarter(scene, 0)
    report = generate(scene)

    soup = soup_of(client, scene.base.coordinator, report.get_absolute_url())

    links = {link["href"] for link in soup.find(id="content").find_all("a") if "/evidence/" in link["href"]}
    assert links
    for link in links:
        assert client.get(link).status_code == 200


def test_transmission_asks_to_confirm_the_gaps(scene: OutputScene, client: Client) -> None:
    scene.validate("RETE-1", 0)
    report = generate(scene)
    url = reverse("reporting:output-report-transmit", args=[report.uuid])

    soup = soup_of(client, scene.base.region, url)
    assert "Cooperativa di un’altra rete" in soup.find(id="content").get_text()

    refused = client.post(url, {})
    assert refused.status_code == 422
    assert OutputReport.objects.get().state == OutputReportState.GENERATED

    accepted = client.post(url, {"with_gaps": "on"})
    assert accepted["Location"] == report.get_absolute_url()
    assert OutputReport.objects.get().state == OutputReportState.TRANSMITTED
    assert soup_of(client, scene.base.region, report.get_absolute_url()).find("form", action=url) is None


def test_home_says_which_report_waits_to_be_transmitted(scene: OutputScene, client: Client) -> None:
    close_quarter(scene, 0)
    report = generate(scene)

    waiting = list(output_reports_panel(scene.base.region))

    assert [thing.url for thing in waiting] == [report.get_absolute_url()]
    assert list(output_reports_panel(scene.base.coordinator)) == []
    services.transmit(report=report, by=scene.base.region, at=AT)
    assert list(output_reports_panel(scene.base.region)) == []


def test_overview_leads_to_the_only_programme(scene: OutputScene, client: Client) -> None:
    client.force_login(scene.base.region)

    response = client.get(reverse("reporting:output-report-overview"))

    assert response["Location"] == reverse("reporting:output-report-list", args=["prova"])
