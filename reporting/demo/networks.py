# SPDX-License-Identifier: EUPL-1.2
"""Deeds, entries and exits of the networks of the demonstration, the land around them, and a school with its sites."""

from datetime import date, timedelta

from fami_portal.core.documents import check_document
from partners.enums import DeedKind, ExitReason, NetworkRole, OrganisationKind
from partners.models import Municipality, Network, NetworkDeed, NetworkMember, Organisation
from partners.selectors.deeds import DEED
from partners.services.deeds import record_deed
from partners.services.networks import add_member, end_member
from partners.services.organisations import register_organisation
from reporting.demo import ambito, bodies, world
from reporting.demo.papers import paper

# The towns of the land of the Ambito; the second association of Turin takes the towns around it.
MARTESANA = [
    "Bellinzago Lombardo",
    "Bussero",
    "Cambiago",
    "Carugate",
    "Cassano d'Adda",
    "Cassina de' Pecchi",
    "Cernusco sul Naviglio",
    "Gessate",
    "Gorgonzola",
    "Inzago",
    "Liscate",
    "Melzo",
    "Pessano con Bornago",
    "Pozzuolo Martesana",
    "Rodano",
    "Settala",
    "Truccazzano",
    "Vignate",
]
AROUND_TURIN = [
    "Torino",
    "Alpignano",
    "Borgaro Torinese",
    "Caselette",
    "Caselle Torinese",
    "Collegno",
    "Druento",
    "Grugliasco",
    "Leini",
    "Pianezza",
    "Rivoli",
    "Rosta",
    "San Mauro Torinese",
    "Settimo Torinese",
    "Venaria Reale",
    "Villarbasse",
]
SITES = ("Scuola primaria", "Scuola dell’infanzia")
_PAGE = paper("Atto dimostrativo, senza valore")


def deeds_and_territories() -> None:
    """Record how each network was made, who came and went since, and the land of two of them."""
    region = bodies.programme()
    signed = region.starts_on + timedelta(days=20)
    for number, plan in enumerate(world.NETWORKS, start=1):
        network = Network.objects.get(code=plan.code)
        deed = _deed(network, DeedKind.ASSOCIATION_DEED, signed, f"{1200 + number}/{signed:%Y}")
        members = NetworkMember.objects.filter(network=network)
        deed.signatories.set(members.order_by("pk").values_list("organisation", flat=True))
        members.update(entry_deed=deed)
    first, second = (Network.objects.get(code=plan.code) for plan in world.NETWORKS[:2])
    _coming_and_going(first, signed)
    _deed(second, DeedKind.PROTOCOL, signed + timedelta(days=60), "")
    evaluator = Organisation.objects.filter(name=world.EVALUATOR).first()
    if evaluator is not None:
        day = signed + timedelta(days=45)
        add_member(network=second, organisation=evaluator, role=NetworkRole.EVALUATOR, entered_on=day, by=None)
    _land(Network.objects.get(code="ATS-2-TO"), AROUND_TURIN, "TO")
    martesana = Network.objects.filter(code=ambito.CODE).first()
    if martesana is not None:
        _land(martesana, MARTESANA, "MI")
    _sites()


def _deed(network: Network, kind: DeedKind, day: date, number: str, body: Organisation | None = None) -> NetworkDeed:
    # One deed in the list waits for its file, as in life.
    file = None if kind == DeedKind.PROTOCOL else check_document(kind=DEED, name=f"{kind}.pdf", content=_PAGE)
    return record_deed(
        network=network,
        kind=kind,
        signed_on=day,
        today=day,
        repertory_number=number,
        organisation=body,
        file=file,
        by=None,
    )


def _coming_and_going(network: Network, signed: date) -> None:
    """An association joins and leaves again, merged into another; each with its deed."""
    body = Organisation.objects.associations().exclude(fiscal_code="").order_by("pk")[0]
    enters, leaves = signed + timedelta(days=40), signed + timedelta(days=160)
    entry = _deed(network, DeedKind.ACCESSION, enters - timedelta(days=3), f"88/{enters:%Y}", body)
    stay = add_member(
        network=network, organisation=body, role=NetworkRole.ADHERENT, entered_on=enters, deed=entry, by=None
    )
    exit_deed = _deed(network, DeedKind.EXIT, leaves, f"31/{leaves:%Y}", body)
    end_member(member=stay, left_on=leaves, exit_reason=ExitReason.MERGED, deed=exit_deed, by=None)


def _land(network: Network, towns: list[str], province: str) -> None:
    found = Municipality.objects.filter(name__in=towns, province=province)
    network.municipalities.add(*found.order_by("pk").values_list("pk", flat=True))


def _sites() -> None:
    """The first school has two sites, each with a code of its own."""
    institute = Organisation.objects.filter(kind=OrganisationKind.SCHOOL).order_by("pk")[0]
    for number, name in enumerate(SITES, start=1):
        register_organisation(
            by=None,
            name=f"{name} – {institute.name}",
            kind=OrganisationKind.SCHOOL,
            fiscal_code=institute.fiscal_code,
            school_code=f"{institute.school_code[:2]}{'EE' if number == 1 else 'AA'}9010{number}X",
            municipality=institute.municipality,
            institute=institute,
        )
