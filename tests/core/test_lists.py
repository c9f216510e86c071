# SPDX-License-Identifier: EUPL-1.2
"""The lists of the shell cost the same for 3 rows and for 30, and show only the person's own."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fami_portal.core import outbox
from fami_portal.core.models import Job, Message
from fami_portal.core.services import acting
from tests.core.people import a_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(client: Client) -> Any:
    """Somebody signed in."""
    somebody = a_person("ada")
    client.force_login(somebody, backend="allauth.account.auth_backends.AuthenticationBackend")
    return somebody


def give(person: Any, count: int) -> None:
    """Give a person jobs and notifications."""
    with acting(None):
        Job.objects.bulk_create(Job(kind="prova", requested_by=person) for _number in range(count))
        outbox.queue_messages(
            outbox.Draft(f"{person.pk}-{count}-{number}", "prova", person, f"Avviso {number}", "Testo", "/jobs/", False)
            for number in range(count)
        )


def queries(client: Client, address: str) -> int:
    """Count the queries of a page."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.mark.parametrize("address", ["/jobs/", "/notifications/", "/"])
def test_list_costs_the_same_for_few_and_many(client: Client, person: Any, address: str) -> None:
    client.get(address)
    give(person, 3)
    few = queries(client, address)
    give(person, 27)

    assert queries(client, address) == few <= 40


def test_list_shows_what_to_do_when_it_is_empty(client: Client, person: Any) -> None:
    for address in ("/", "/jobs/", "/notifications/"):
        page = BeautifulSoup(client.get(address).content, "html.parser")
        assert page.select_one(".empty-state p + p").text.strip(), address


def test_jobs_and_notifications_of_others_are_not_there(client: Client, person: Any) -> None:
    give(a_person("bruno"), 2)

    assert not BeautifulSoup(client.get("/jobs/").content, "html.parser").select("tbody tr")
    assert not BeautifulSoup(client.get("/notifications/").content, "html.parser").select(".notice")
    assert client.get(Job.objects.order_by("pk")[0].get_absolute_url()).status_code == 404
    assert client.post(f"/notifications/{Message.objects.order_by('pk')[0].uuid}/open/").status_code == 404


def test_opening_a_notification_reads_it_and_leads_to_its_page(client: Client, person: Any) -> None:
    give(person, 2)
    message = Message.objects.order_by("pk")[0]

    response = client.post(f"/notifications/{message.uuid}/open/")
    message.refresh_from_db()

    assert response["Location"] == "/jobs/"
    assert message.read_at is not None
    assert BeautifulSoup(client.get("/").content, "html.parser").select_one(".user-menu .count").text.startswith("1")


def test_job_that_runs_refreshes_itself_and_one_that_ended_does_not(client: Client, person: Any) -> None:
    give(person, 1)
    job = Job.objects.get()

    running = BeautifulSoup(client.get(job.get_absolute_url(), headers={"HX-Request": "true"}).content, "html.parser")
    with acting(None):
        Job.objects.update(state="done", progress=100, finished_at=job.created_at, result_url="/jobs/")
    ended = BeautifulSoup(client.get(job.get_absolute_url(), headers={"HX-Request": "true"}).content, "html.parser")

    assert not running.select("html")
    assert running.select_one("#job")["hx-trigger"] == "every 2s"
    assert "X-Portal-Background" in running.select_one("#job")["hx-headers"]
    assert not ended.select("[hx-get]")
    assert ended.select_one("a.btn")["href"] == "/jobs/"
