# SPDX-License-Identifier: EUPL-1.2
"""Bodies, members of networks and the registry of schools, imported."""

from datetime import date
from typing import Any

import pytest

from fami_portal.core.models import AuditEvent
from partners.enums import NetworkRole
from partners.models import Network, NetworkMember, Organisation
from tests.core.importing import bring, counts, problems, send
from tests.personas import World

pytestmark = pytest.mark.django_db


def body(number: int, **values: Any) -> dict[str, Any]:
    """Return a row of an invented body."""
    codes = ["02000060018", "80000120016", "80000130015", "80000140014"]
    return {
        "name": f"Ente {number}",
        "kind": "Cooperativa sociale",
        "fiscal_code": codes[number],
        "municipality": "Torino (TO)",
    } | values


def test_bodies_are_registered_corrected_and_left_as_they_are(world: World) -> None:
    by = world.personas["administrator"]
    rows = [
        body(0, name="Cooperativa Uno rinnovata"),
        body(1, fiscal_code=80000120016.0, kind="third_sector", email="ente@example.org"),
        body(2, fiscal_code="", name="Gruppo informale", kind="migrant_association", informal_reason="informal_group"),
    ]

    done = bring("organisations", rows, by)

    assert counts(done) == (2, 1, 0, 0)
    known = Organisation.objects.get(fiscal_code="02000060018")
    assert (known.name, known.version, known.kind) == ("Cooperativa Uno rinnovata", 2, "cooperative")
    new = Organisation.objects.get(fiscal_code="80000120016")
    assert (new.kind, new.nature, new.municipality.code) == ("third_sector", "private", "001272")
    assert AuditEvent.objects.filter(verb="organisation_registered", actor_id=by.pk).count() == 2
    assert counts(send("organisations", rows, by)) == (0, 0, 3, 0)


def test_bodies_tell_every_problem(world: World) -> None:
    rows = [
        body(1, fiscal_code="80000120017", vat_number="1"),
        body(2, kind="Nave"),
        body(3, kind="school"),
        body(3, fiscal_code="", informal_reason=""),
        body(1),
        body(1, name="Di nuovo"),
        body(3, kind="Nave", email="non-una-mail", fiscal_code="1"),
    ]

    run = send("organisations", rows, world.personas["administrator"])

    told = problems(run)
    assert {number for number, _column in told} == {2, 3, 4, 5, 7, 8}
    assert len([column for number, column in told if number == 8]) == 3
    assert (2, "Codice fiscale") in told
    assert (2, "Partita IVA") in told
    assert run.state == "refused"
    assert not Organisation.objects.filter(name__startswith="Ente").exists()


def test_who_leads_another_programme_may_not_correct_its_bodies(world: World) -> None:
    run = send(
        "organisations",
        [{"name": "Altro nome", "kind": "cooperative", "fiscal_code": "02000100012"}],
        world.personas["regional_coordinator"],
    )

    assert run.state == "refused"


def stay(network: str, who: str, **values: Any) -> dict[str, Any]:
    return {"network": network, "body": who, "role": "Partner", "entered_on": date(2019, 9, 1)} | values


def test_members_enter_and_leave_whatever_the_order_of_the_rows(world: World) -> None:
    by = world.personas["administrator"]
    rows = [
        stay("ATS-2", "TOIC80000A", role="adherent"),
        stay("ATS-1", "near", body="Associazione Vicina", role="adherent", entered_on=date(2020, 1, 1)),
        stay(
            "ATS-1",
            "",
            body="Associazione Vicina",
            role="member",
            entered_on=date(2018, 9, 1),
            left_on=date(2019, 12, 31),
        ),
        stay("ATS-2", "02000090015", role="lead", entered_on=date(2018, 9, 1)),
    ]

    done = bring("members", rows, by)

    assert counts(done) == (2, 1, 1, 0)
    near = NetworkMember.objects.filter(organisation=world.bodies["near"]).order_by("entered_on")
    assert [(one.role, one.left_on) for one in near] == [("member", date(2019, 12, 31)), ("adherent", None)]
    assert counts(send("members", list(reversed(rows)), by)) == (0, 0, 4, 0)


def test_members_are_refused_with_the_reason(world: World) -> None:
    rows = [
        stay("ATS-9", "02000090015", role="member"),
        stay("ATS-1", "00000000000", role="member"),
        stay("ATS-1", "02000090015", role="lead"),
        stay("ATS-1", "02000060018", role="member"),
        stay("ATS-1", "80000080012", role="lead", entered_on=date(2018, 9, 1)),
        stay("ATS-2", "TOIC80000A", role="member", left_on=date(2019, 1, 1)),
        stay("ATS-2", "Cooperativa Tre", role="member"),
        stay("ATS-2", "02000100012", role="member"),
        stay("ATS-9", "00000000000", role="capo", entered_on="ieri"),
    ]

    run = send("members", rows, world.personas["administrator"])

    assert {number for number, _column in problems(run)} == {2, 3, 4, 5, 6, 7, 9, 10}
    assert len([column for number, column in problems(run) if number == 10]) == 4
    assert NetworkMember.objects.filter(network=Network.objects.get(code="ATS-1")).count() == 4


def school(code: str, institute: str, **values: Any) -> dict[str, Any]:
    return {
        "ANNOSCOLASTICO": 202627,
        "REGIONE": "PIEMONTE",
        "PROVINCIA": "TORINO",
        "CODICEISTITUTORIFERIMENTO": institute,
        "CODICESCUOLA": code,
        "DENOMINAZIONESCUOLA": f"SCUOLA {code}",
        "INDIRIZZOSCUOLA": "VIA PROVA 1",
        "CAPSCUOLA": 10100,
        "DESCRIZIONECOMUNE": "TORINO",
        "DESCRIZIONETIPOLOGIAGRADOISTRUZIONESCUOLA": "SCUOLA PRIMARIA",
        "INDIRIZZOEMAILSCUOLA": "Non Disponibile",
        "SITOWEBSCUOLA": "Non Disponibile",
    } | values


def test_the_registry_of_schools_brings_institutes_and_their_sites(world: World) -> None:
    by = world.personas["administrator"]
    rows = [
        school("TOEE80001C", "TOIC80000A"),
        school("TOEE80099D", "TOIC80099X"),
        school("TOIC80099X", "TOIC80099X", DESCRIZIONETIPOLOGIAGRADOISTRUZIONESCUOLA="ISTITUTO COMPRENSIVO"),
        school("TOIC80000A", "TOIC80000A", DENOMINAZIONESCUOLA="Istituto comprensivo Uno"),
    ]

    done = bring("schools", rows, by)

    assert counts(done)[:1] == (3,)
    site = Organisation.objects.select_related("institute", "municipality").get(school_code="TOEE80099D")
    assert (site.institute.school_code, site.municipality.name, site.email) == ("TOIC80099X", "Torino", "")
    assert Organisation.objects.get(school_code="TOEE80001C").institute == world.bodies["school_1"]
    kept = Organisation.objects.get(school_code="TOIC80000A")
    assert (kept.fiscal_code, kept.institute) == ("80000070013", None)
    assert counts(send("schools", rows, by)) == (0, 0, 4, 0)

    long = {"DENOMINAZIONESCUOLA": "x" * 201}
    two = [school("TOEE80050X", "TOIC8ZZZZZ"), school("TOEE80051X", "TOEE80099D")]
    bad = send("schools", [*two, school("TOEE80052X", "TOIC8ZZZZZ", **long)], by)
    assert len([column for number, column in problems(bad) if number == 4]) == 2
    assert set(problems(bad)) >= {(2, next(iter(problems(bad)))[1])}
    assert counts(bad) == (0, 0, 0, 3)


def test_every_part_in_a_network_can_be_written(world: World) -> None:
    run = send(
        "members",
        [stay("ATS-2", "02000060018", role=str(NetworkRole.MEMBER.label), entered_on="01/09/2019")],
        world.personas["administrator"],
    )

    assert counts(run) == (1, 0, 0, 0)
