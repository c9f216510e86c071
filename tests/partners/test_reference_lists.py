# SPDX-License-Identifier: EUPL-1.2
"""Countries, languages, municipalities."""

from typing import Any

import pytest
from django.core.management import call_command

from fami_portal.core.services import acting
from partners.models import (
    Country,
    EducationTitle,
    Language,
    Municipality,
    OriginWork,
    PermitKind,
    TargetSpecific,
)
from partners.services.reference_lists import load_reference_lists

pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded() -> dict:
    return load_reference_lists()


def test_countries_say_who_comes_from_a_third_country(loaded):
    third = dict(Country.objects.values_list("code", "is_third_country"))

    assert not any(third[code] for code in ("IT", "FR", "RO", "HR", "GF"))
    assert all(third[code] for code in ("CH", "NO", "IS", "LI", "GB", "XK", "MA", "CN", "XX"))
    assert sum(not value for code, value in third.items() if code in third) >= 27


def test_countries_have_italian_names_and_official_labels(loaded):
    names = {country.code: (country.name, country.official_label) for country in Country.objects.order_by("code")}

    assert names["XK"] == ("Kosovo", "Kosovo")
    assert names["RU"] == ("Russia", "Federazione russa")
    assert names["US"] == ("Stati Uniti", "Stati Uniti d'America")
    assert names["PS"] == ("Palestina", "Palestina")
    assert names["XX"] == ("Apolide", "apolide")
    assert all(name and label for name, label in names.values())


def test_the_lists_of_the_official_sheets_have_their_words_in_their_order(loaded):
    def words(model: Any) -> list[str]:
        return list(model.objects.order_by("position").values_list("official_label", flat=True))

    assert [len(words(model)) for model in (PermitKind, EducationTitle, OriginWork, TargetSpecific)] == [25, 9, 9, 5]
    assert words(PermitKind)[18] == "Richiesta asilo"
    assert "Permesso in corso di rilascio" in words(PermitKind)
    assert words(TargetSpecific)[:3] == ["Minore", "MSNA", "Anziano (over 65)"]
    # A sheet is refused over one word: the labels of the countries are those of its own list.
    labels = dict(Country.objects.values_list("code", "official_label"))
    assert (labels["MD"], labels["CI"], labels["BA"]) == ("Moldova", "Costa d'Avorio", "Bosnia-Erzegovina")


def test_languages_have_the_names_used_in_requests(loaded):
    names = dict(Language.objects.values_list("code", "name"))

    assert 40 <= len(names) <= 60
    assert names["ti"] == "Tigrino"
    assert names["tl"] == "Tagalog"
    assert names["mnk"] == "Mandinka"


def test_municipalities_have_their_istat_codes(loaded):
    assert str(Municipality.objects.get(code="001272")) == "Torino (TO)"
    assert Municipality.objects.get(code="098031").name == "Lodi"
    assert Municipality.objects.filter(province="NA").exists(), "the province of Napoli is not a missing value"
    assert Municipality.objects.filter(region="Piemonte").count() > 1000


def test_loading_again_writes_only_what_differs(loaded, django_assert_max_num_queries):
    with acting(None):
        Municipality.objects.filter(code="098031").update(name="Lodi vecchio")

    with django_assert_max_num_queries(20):
        again = load_reference_lists()

    assert {name for name, result in again.items() if result.changed} == {"municipalities"}
    assert again["municipalities"].changed == 1
    assert Municipality.objects.get(code="098031").name == "Lodi"


def test_command_says_what_it_did(capsys):
    call_command("load_reference_lists")

    assert "countries: 251 (251 new or changed)" in capsys.readouterr().out
