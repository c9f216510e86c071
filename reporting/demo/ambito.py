# SPDX-License-Identifier: EUPL-1.2
"""An invented territory of LAB'IMPACT, whose request forms the regional programme does not have.

Some people of the demonstration work there too: a person may have roles in several bodies.
"""

from datetime import time, timedelta

from stdnum import luhn

from accounts.models import User
from actions.enums import MediationRequestKind
from actions.models import Action, ActionNetwork, Programme
from mediation.services import hour_accounts
from partners.enums import NetworkKind, NetworkRole, OrganisationKind
from partners.models import Municipality, Network, Organisation
from partners.services.memberships import grant_membership
from partners.services.networks import add_member, register_network
from partners.services.organisations import register_organisation
from reporting.demo import world
from reporting.demo.mediation_plan import MEDIANDO
from reporting.demo.mediation_stories import local

PROGRAMME = "labimpact"
CODE, NAME = "AMB-DEMO", "Ambito dimostrativo della Martesana"
SERVICE = world.Body(
    "Servizi sociali associati della Martesana (dimostrativo)", OrganisationKind.MUNICIPALITY, "Gorgonzola"
)
SCHOOL = world.Body("Istituto comprensivo L’Alzaia - Gessate", OrganisationKind.SCHOOL, "Gessate")
ACTIONS = ("01", "02")
HOURS = 40
# Who of the demonstration works for the service, and as what; consultants come with the cooperative.
STAFF = (("servizi", "service_operator"), ("sportello", "desk_operator"), ("rete.servizi", "network_coordinator"))
# Beyond the numbers of the first world; 999 as office number does not exist, no real body has such a code.
FIRST_CODE = 9001


def prepare(programme: Programme) -> tuple[Network, Organisation]:
    """Register the network with its bodies, people and hours; returns it with the service that leads it."""
    since = programme.starts_on + timedelta(days=30)
    network = register_network(by=None, code=CODE, name=NAME, kind=NetworkKind.TERRITORIAL_AREA, starts_on=since)
    service, school = _register(FIRST_CODE, SERVICE), _register(FIRST_CODE + 1, SCHOOL)
    for body, part in (
        (service, NetworkRole.LEAD),
        (school, NetworkRole.MEMBER),
        (Organisation.objects.get(name=MEDIANDO), NetworkRole.ADHERENT),
    ):
        add_member(network=network, organisation=body, role=part, entered_on=since, by=None)
    network.municipalities.set([body.municipality for body in (service, school)])
    for action in Action.objects.filter(programme=programme, code__in=ACTIONS).order_by("code"):
        ActionNetwork.objects.create(action=action, network=network)
    for person, role in STAFF:
        coordinated = [network] if role == "network_coordinator" else []
        grant_membership(
            user=user(person), organisation=service, role=role, networks=coordinated, valid_from=since, by=None
        )
    hour_accounts.open_account(
        programme=programme,
        network=network,
        kind=MediationRequestKind.ETHNOCLINICAL,
        starts_on=since,
        ends_on=programme.ends_on,
        by=None,
        at=local(since, time(10)),
        minutes=HOURS * 60,
        reason="Assegnazione all’Ambito",
    )
    return network, service


def user(name: str) -> User:
    """Return a person of the demonstration by the first part of the address."""
    return User.objects.get(email=f"{name}{world.DOMAIN}")


def _register(number: int, body: world.Body) -> Organisation:
    stem = f"999{number}999"
    return register_organisation(
        by=None,
        name=body.name,
        kind=body.kind,
        nature="public",
        fiscal_code=stem + luhn.calc_check_digit(stem),
        school_code="MIIC99010X" if body.kind == OrganisationKind.SCHOOL else "",
        municipality=Municipality.objects.filter(name=body.town, region="Lombardia").order_by("pk")[0],
    )
