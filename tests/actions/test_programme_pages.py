# SPDX-License-Identifier: EUPL-1.2
"""Pages of programmes: who sees them, what they say, what they cost."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from actions.models import Action, ActionNetwork, Indicator, Programme, ProgrammeBody
from actions.selectors.programmes import contents_of, networks_by_action
from actions.selectors.rules import amount, current_target, rule_in_words, settings_of
from fami_portal.core.services import acting
from partners.models import Membership, Network, NetworkMember, Organisation

FOLDER = Path(__file__).resolve().parent.parent.parent / "definitions"

pytestmark = pytest.mark.django_db


@pytest.fixture
def programme() -> Programme:
    call_command("load_programme", FOLDER / "interazioni-in-piemonte-2.yaml", verbosity=0)
    return Programme.objects.get()


def person(role: str, organisation: Organisation, name: str = "anna") -> User:
    with acting(None):
        user = User.objects.create(email=f"{name}@example.org", given_name=name.title(), family_name="Prova")
        Membership.objects.create(user=user, organisation=organisation, role=role, valid_from=date(2018, 1, 1))
    return user


def body(name: str, **values: Any) -> Organisation:
    given = {"kind": "cooperative", "nature": "private", "informal_reason": "being_founded"}
    with acting(None):
        return Organisation.objects.create(name=name, **(given | values))


def network(programme: Programme, code: str, *members: Organisation, action: str = "01") -> Network:
    with acting(None):
        made = Network.objects.create(code=code, name=f"Rete {code}", kind="temporary_association")
        ActionNetwork.objects.create(action=Action.objects.get(programme=programme, code=action), network=made)
        for number, member in enumerate(members):
            NetworkMember.objects.create(
                network=made, organisation=member, role="member" if number else "lead", entered_on=date(2018, 9, 1)
            )
    return made


def opened(user: User, address: str) -> tuple[BeautifulSoup, int]:
    client = Client()
    client.force_login(user)
    client.get(address)  # caches of settings and of the session are warm
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = client.get(address)
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser"), len(queries)


def test_the_coordinator_reads_the_whole_definition(programme: Programme) -> None:
    page, queries = opened(person("regional_coordinator", programme.lead), "/programmes/interazioni-in-piemonte-2/")
    assert page.h1.get_text(strip=True).startswith("InterAzioni in Piemonte 2")
    text = page.get_text(" ", strip=True)
    for expected in ("960", "500", "672", "22.000", "30", "2019-Q3", "Laboratori di lingua L2", "IRES Piemonte"):
        assert expected in text
    for link in page.select("nav[aria-labelledby=on-this-page] a"):
        assert page.find(id=link["href"].removeprefix("#"))
    assert len(page.find_all(id=True)) == len({tag["id"] for tag in page.find_all(id=True)})
    assert queries <= 40


def test_who_has_a_part_sees_it_and_a_stranger_does_not(programme: Programme) -> None:
    cooperative, stranger = body("Cooperativa"), body("Altra")
    network(programme, "R1", cooperative)
    member, outsider = person("partner_operator", cooperative, "bruno"), person("partner_operator", stranger, "carla")
    client = Client()
    client.force_login(member)
    assert client.get("/programmes/").status_code == 200
    assert client.get(programme.get_absolute_url()).status_code == 200
    client.force_login(outsider)
    assert programme.title not in client.get("/programmes/").content.decode()
    assert client.get(programme.get_absolute_url()).status_code == 404


def test_a_body_with_a_plan_sees_the_programme_above_it() -> None:
    call_command("load_programme", FOLDER / "labimpact.yaml", FOLDER / "lab-impact-offertasociale.yaml", verbosity=0)
    user = person("partner_operator", Organisation.objects.get(name="Offertasociale"))
    page, _queries = opened(user, "/programmes/labimpact/")
    assert "67.555,00" in page.get_text()


def test_nobody_reads_it_unsigned(programme: Programme) -> None:
    assert Client().get(programme.get_absolute_url()).status_code == 302


def test_nothing_is_said_of_what_is_not_counted() -> None:
    call_command("load_programme", FOLDER / "labimpact-2-lodi.yaml", verbosity=0)
    user = person("regional_coordinator", Programme.objects.get().lead)
    page, _queries = opened(user, "/programmes/labimpact-2-lodi/")
    section = page.find("section", attrs={"aria-labelledby": "unmeasured"})
    row = next(row for row in section.find_all("tr") if "R.2.11.s" in row.get_text())
    assert len(row.find_all("td")) == 2
    assert not any(character.isdigit() for character in row.find_all("td")[1].get_text())


def test_the_list_costs_the_same_for_three_programmes_and_thirty(programme: Programme) -> None:
    user = person("regional_coordinator", programme.lead)

    def add(count: int) -> None:
        with acting(None):
            for number in range(count):
                made = Programme.objects.create(
                    slug=f"p-{Programme.objects.count()}-{number}",
                    title="Altro",
                    fund="FAMI",
                    lead=programme.lead,
                    starts_on=date(2020, 1, 1),
                    ends_on=date(2020, 12, 31),
                    calendar="solar_quarters",
                    visibility_text="-",
                )
                ProgrammeBody.objects.create(programme=made, organisation=programme.lead, role="lead")

    add(2)
    _page, few = opened(user, "/programmes/")
    add(27)
    page, many = opened(user, "/programmes/")
    assert few == many
    assert len(page.select("table tbody tr")) == 25


def test_the_page_costs_the_same_with_three_networks_and_thirty(programme: Programme) -> None:
    user = person("regional_coordinator", programme.lead)
    for number in range(3):
        network(programme, f"R{number}", body(f"Coop {number}"))
    _page, few = opened(user, programme.get_absolute_url())
    for number in range(3, 30):
        network(programme, f"R{number}", body(f"Coop {number}"))
    _page, many = opened(user, programme.get_absolute_url())
    assert few == many


def test_networks_count_their_bodies_of_the_day(programme: Programme) -> None:
    school = body("Scuola", kind="school", nature="public", school_code="TOIC000001")
    cooperative, gone = body("Cooperativa"), body("Uscita")
    made = network(programme, "R1", cooperative, school, gone)
    with acting(None):
        NetworkMember.objects.filter(organisation=gone).update(left_on=date(2019, 1, 1))
    (share,) = networks_by_action(programme, date(2019, 6, 1))
    assert (share.network, share.bodies, share.schools, share.public, share.private) == (made, 2, 1, 1, 1)


def test_rules_are_said_in_words(programme: Programme) -> None:
    contents = contents_of(programme)
    pupils = next(indicator for indicator in contents.indicators if indicator.code == "ALUNNI-CPT")
    said = rule_in_words(pupils, contents)
    assert "Alunni con cittadinanza di Paesi terzi, da 3 a 16 anni" in " ".join(said)
    assert current_target(pupils, date(2000, 1, 1)) == 960
    assert amount(90, "hours") == "1 h 30"
    assert amount(120, "hours") == "2 h"
    assert amount(22000, "contacts") == "22.000"
    form = programme.request_kinds.get(kind="school")
    assert settings_of(form) == []  # the activity type is no sentence
    form.settings = {
        "minimum_notice_hours": 48,
        "session_minutes": {"minimum": 60, "maximum": 120},
        "hour_allowances": [{"hours": 20, "per": "school_year"}],
        "cancellation": {"free_until_hours": 24, "late_charge_minutes": 60, "absence_charge_minutes": 60},
    }
    assert len(settings_of(form)) == 6
    form.settings = {
        "needs_authorisation": False,
        "maximum_request_minutes": 90,
        "warning_percent": 80,
        "activation_hours": 72,
        "needs": [{"code": "casa", "title": "Casa"}],
    }
    said = settings_of(form)
    assert len(said) == 5
    assert "1 h 30" in said[1]
    assert any("80%" in sentence for sentence in said)
    assert "Casa" in said[-1]
    strict = Indicator(measure="persons", rule={"minimum_minutes": 90, "minimum_meetings": 2, "actions": ["01"]})
    assert len(rule_in_words(strict, contents)) == 4
