# SPDX-License-Identifier: EUPL-1.2
"""Municipalities of networks: divided among the Ambiti of a programme, drawn with what is done in each."""

import io
import re
from datetime import date

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions.models import ActionNetwork
from fami_portal.core.errors import DomainError, StaleError
from fami_portal.core.services import acting
from partners.enums import Coverage, NetworkKind, OrganisationKind
from partners.models import Municipality, Network
from partners.rendering.boundaries import box_of, paths_of
from partners.selectors.territory import territory_of
from partners.services.networks import register_network, set_parent
from partners.services.organisations import register_organisation, update_organisation
from partners.services.territory import change_municipalities
from tests.factories.actions import ActivityFactory, ActivityTypeFactory

pytestmark = pytest.mark.django_db
TOWNS = (
    ("003106", "Novara", "NO"),
    ("003149", "Trecate", "NO"),
    ("003131", "Romentino", "NO"),
    ("999999", "Nuova", "NO"),
)


@pytest.fixture
def towns():
    with acting(None):
        return [
            Municipality.objects.get_or_create(
                code=code, defaults={"name": name, "province": province, "region": "Piemonte"}
            )[0]
            for code, name, province in TOWNS
        ]


def area(code: str, **values):
    return register_network(by=None, code=code, name=f"Ambito {code}", kind=NetworkKind.TERRITORIAL_AREA, **values)


def works(network, world, programme: str = "a"):
    with acting(None):
        ActionNetwork.objects.create(action=world.actions[programme], network=network)


def test_one_municipality_has_one_ambito_of_a_programme(world, towns):
    one, other, next_year = (
        area("AMB-1"),
        area("AMB-2", ends_on=date(2019, 12, 31)),
        area("AMB-3", starts_on=date(2020, 1, 1)),
    )
    actions = list(world.actions.values())
    for network in (one, other):
        with acting(None):
            ActionNetwork.objects.create(action=actions[0], network=network)
    change = {"municipalities": towns[:2], "by": None}
    one = change_municipalities(network=one, version=one.version, **change)
    change_municipalities(network=one, version=one.version, **change)  # the same again

    with pytest.raises(DomainError) as refusal:
        change_municipalities(network=other, version=other.version, municipalities=towns[1:3], by=None)
    assert (refusal.value.field, "Trecate (NO) – Ambito AMB-1" in str(refusal.value)) == ("municipalities", True)
    with pytest.raises(StaleError):
        change_municipalities(network=other, version=7, municipalities=[], by=None)
    # Another programme, another time, another kind, or one above the other: the land may be the same.
    change_municipalities(network=next_year, version=1, **change)
    ats = register_network(by=None, code="ATS-X", name="ATS", kind="temporary_association", municipalities=towns)
    assert ats.municipalities.count() == len(towns)
    set_parent(network=one, parent=other, by=None)
    other.refresh_from_db()
    change_municipalities(network=other, version=other.version, **change)


def test_the_choice_searches_keeps_and_saves_without_script(client, world, towns):
    network = world.networks["n1"]
    client.force_login(world.personas["regional_coordinator"])
    address = reverse("partners:network-municipalities", args=[network.uuid])

    found = client.post(address, {"search": "trec, 003131", "look": "1", "version": network.version}).content.decode()
    assert re.findall(r'name="found"[^>]*value="(\d+)"', found) == ["003131", "003149"]
    assert "Trecate (NO) – 003149" in found
    more = client.post(address, {"search": "nov", "look": "1", "found": ["003149"], "version": network.version})
    assert re.findall(r'name="chosen"[^>]*value="(\d+)"', more.content.decode()) == ["003149"]
    assert not network.municipalities.exists()
    nothing = client.post(address, {"search": "zzz", "look": "1", "version": network.version})
    assert 'role="status"' in nothing.content.decode()
    old = client.post(address, {"chosen": ["003149"], "version": "77"})
    assert 'value="003149"' in old.content.decode()
    assert old.context["form"].errors
    saved = client.post(address, {"chosen": ["003149"], "found": ["003106"], "version": network.version})
    assert saved.status_code == 302
    assert set(network.municipalities.values_list("name", flat=True)) == {"Novara", "Trecate"}


def test_the_map_shows_what_the_table_says(client, world, towns):
    network, child = world.networks["n1"], world.networks["n2"]
    network.refresh_from_db()
    change_municipalities(network=network, municipalities=[towns[0], towns[3]], version=network.version, by=None)
    change_municipalities(network=child, municipalities=[towns[1]], version=child.version, by=None)
    set_parent(network=child, parent=network, by=None)
    coop = world.bodies["coop_1"]
    update_organisation(organisation=coop, by=None, version=coop.version, municipality=towns[0])
    client.force_login(world.personas["regional_coordinator"])
    address = reverse("partners:territory", args=[network.uuid])

    def cost():
        with CaptureQueriesContext(connection) as queries:
            page = client.get(address)
        assert page.status_code == 200
        return len(queries), page.content.decode()

    client.get(address)
    few, page = cost()
    assert few <= 16
    drawn = dict(re.findall(r'<path class="map-(\w+)" d="[^"]+"><title>(\w+)', page))
    assert drawn == {"present": "Novara", "not_reached": "Trecate"}
    assert "Nuova" in page.split("map-credit")[0]  # its boundaries are not known: named, not lost
    assert "style=" not in page.split('<svg class="territory-map"')[1].split("</svg>")[0]
    assert "http" not in page.split('<svg class="territory-map"')[1].split("</svg>")[0]
    book = openpyxl.load_workbook(
        io.BytesIO(
            b"".join(client.get(reverse("partners:territory-export", args=[network.uuid, "xlsx"])).streaming_content)
        )
    )
    rows = [[cell.value for cell in row] for row in book.active.iter_rows(min_row=2)]
    assert [(row[0], row[1]) for row in rows] == [("003106", "Novara"), ("999999", "Nuova"), ("003149", "Trecate")]
    with acting(None):
        network.municipalities.add(
            *Municipality.objects.bulk_create(
                Municipality(code=f"9{number:05d}", name=f"Paese {number}", province="NO", region="Piemonte")
                for number in range(30)
            )
        )
    assert cost()[0] == few

    whole = reverse("actions:programme-territory", args=[world.programmes["a"].slug])
    with CaptureQueriesContext(connection) as queries:
        shown = client.get(whole)
    assert len(queries) <= 15
    assert {"Novara (NO)", "Trecate (NO)", "Paese 29 (NO)"} <= {row[0].main for row in shown.context["rows"]}
    assert world.networks["n3"].name not in shown.content.decode()
    panel = next(one for one in client.get(network.get_absolute_url()).context["panels"] if one.code == "actions")
    assert [row[1].label for row in panel.rows] == [world.programmes["a"].title]
    client.force_login(world.personas["partner_operator"])
    assert client.get(whole).status_code == 200
    client.force_login(world.stranger)
    assert client.get(whole).status_code == 404

    # Who opens no activity but reads the programme is told the same: nothing is “not reached” for its role alone.
    kind = ActivityTypeFactory(action=world.actions["a"])
    ActivityFactory(activity_type=kind, network=network, organisation=coop, municipality=towns[1])
    own = Network.objects.filter(pk__in=[network.pk, child.pk])
    for role in ("regional_coordinator", "evaluator"):
        land = territory_of(world.personas[role], own, today=date(2019, 5, 1))
        assert land.with_coverage(Coverage.REACHED) == 1, role


def test_boundaries_are_paths_of_whole_italy():
    paths = paths_of(["003106", "001272", "000000"])
    assert set(paths) == {"003106", "001272"}
    left, top, right, bottom = box_of(paths["003106"])
    assert 0 < left < right
    assert 0 < top < bottom
    assert len(paths_of(f"{number:06d}" for number in range(120000))) > 7800


def test_sites_belong_to_an_institute_that_is_none(world):
    institute = world.bodies["school_1"]
    new = {"by": None, "kind": OrganisationKind.SCHOOL, "nature": "public", "fiscal_code": institute.fiscal_code}
    site = register_organisation(**new, name="Plesso Verdi", school_code="TOEE80001C", institute=institute)

    def field(call, **values):
        with pytest.raises(DomainError) as refusal:
            call(**values)
        return refusal.value.field

    assert field(register_organisation, **new, name="Altro", school_code="TOEE80002D", institute=site) == "institute"
    coop = {"organisation": world.bodies["coop_1"], "by": None, "version": world.bodies["coop_1"].version}
    assert field(update_organisation, **coop, institute=institute) == "institute"
    assert (
        field(register_organisation, **new, name="A", school_code="TOEE80002D", institute=world.bodies["coop_1"])
        == "institute"
    )
    own = {"organisation": institute, "by": None, "version": institute.version}
    assert field(update_organisation, **own, institute=world.bodies["school_3"]) == "institute"
    assert field(update_organisation, **own, institute=institute) == "institute"


def test_the_page_of_an_institute_shows_its_sites_and_deeds(client, world):
    institute = world.bodies["school_1"]
    register_organisation(
        by=None,
        name="Plesso Verdi",
        kind=OrganisationKind.SCHOOL,
        nature="public",
        fiscal_code=institute.fiscal_code,
        school_code="TOEE80001C",
        institute=institute,
    )
    client.force_login(world.personas["regional_coordinator"])
    page = client.get(institute.get_absolute_url()).content.decode()
    assert "TOEE80001C" in page
    site = institute.sites.get()
    assert institute.name in client.get(site.get_absolute_url()).content.decode()
    edit = client.get(reverse("partners:organisation-edit", args=[site.uuid])).content.decode()
    assert f'value="{institute.uuid}" selected' in edit
