# SPDX-License-Identifier: EUPL-1.2
"""The bodies, the networks and the people with an account of the demonstration."""

from datetime import date, timedelta

from django.contrib.auth.hashers import make_password
from stdnum import luhn

from accounts.models import User
from accounts.services import create_account
from actions.enums import BodyRole
from actions.models import Action, ActionNetwork, Programme, ProgrammeBody
from partners.enums import PUBLIC_KINDS, InformalReason, NetworkKind, NetworkRole, OrganisationKind
from partners.models import Municipality, Network, Organisation
from partners.services.memberships import grant_membership
from partners.services.networks import add_member, register_network
from partners.services.organisations import register_organisation
from reporting.demo import world


def programme() -> Programme:
    """Return the region's programme, whose school year the demonstration tells."""
    return Programme.objects.get(slug=world.PROGRAMME)


def town_named(name: str) -> Municipality:
    """Return a town of the region by its name."""
    return Municipality.objects.filter(name=name, region="Piemonte").order_by("pk")[0]


class _Codes:
    """Invented official codes that pass the checks: the same at every run, none of a real body."""

    def __init__(self) -> None:
        self.number = 0

    def fiscal_code(self) -> str:
        # 9999 as office number does not exist: no real body has such a code.
        self.number += 1
        stem = f"999{self.number:04d}999"
        return stem + luhn.calc_check_digit(stem)

    def school_code(self, province: str) -> str:
        return f"{province}IC9{self.number:03d}0X"


def bodies_and_networks() -> None:
    """Register bodies, networks with their members, and who carries out which action."""
    region, codes = programme(), _Codes()
    entered = region.starts_on + timedelta(days=30)
    for network_plan in world.NETWORKS:
        network = register_network(
            by=None, code=network_plan.code, name=network_plan.name, kind=network_plan.kind, starts_on=entered
        )
        towns = []
        for position, body in enumerate(network_plan.bodies):
            organisation = Organisation.objects.filter(name=body.name).first() or _register(body, codes)
            role = NetworkRole.LEAD if position == 0 else NetworkRole.MEMBER
            add_member(network=network, organisation=organisation, role=role, entered_on=entered, by=None)
            towns.append(organisation.municipality)
        network.municipalities.set(towns)
        _carries_out(region, network_plan.action, network)
    code, name, action = world.SINGLE_NETWORK
    network = register_network(by=None, code=code, name=name, kind=NetworkKind.SINGLE_BODY, starts_on=entered)
    ires = Organisation.objects.get(name="IRES Piemonte")
    add_member(network=network, organisation=ires, role=NetworkRole.LEAD, entered_on=entered, by=None)
    _carries_out(region, action, network)
    for name, town in world.ASSOCIATIONS:
        _register(world.Body(name, OrganisationKind.MIGRANT_ASSOCIATION, town), codes)
    for pair in world.INFORMAL_GROUPS:
        name, town = pair.split(" @ ")
        register_organisation(
            by=None,
            name=name,
            kind=OrganisationKind.MIGRANT_ASSOCIATION,
            municipality=town_named(town),
            informal_reason=InformalReason.INFORMAL_GROUP,
        )
    ministry = _register(world.Body(world.MINISTRY, OrganisationKind.MINISTRY, "Torino"), codes)
    ProgrammeBody.objects.create(programme=region, organisation=ministry, role=BodyRole.AUDIT)


def _register(body: world.Body, codes: _Codes) -> Organisation:
    town = town_named(body.town)
    return register_organisation(
        by=None,
        name=body.name,
        kind=body.kind,
        nature="public" if body.kind in PUBLIC_KINDS else "private",
        fiscal_code=codes.fiscal_code(),
        school_code=codes.school_code(town.province) if body.kind == OrganisationKind.SCHOOL else "",
        municipality=town,
        email=f"ente{codes.number:03d}{world.DOMAIN}",
    )


def _carries_out(region: Programme, action: str, network: Network) -> None:
    ActionNetwork.objects.create(action=Action.objects.get(programme=region, code=action), network=network)


def open_demo_account(person: world.DemoUser, *, since: date, hashed: str = "") -> None:
    """Open the account of a person of the demonstration, in a body and networks that are there; `hashed` is the password."""
    user = create_account(
        email=person.email, given_name=person.given_name, family_name=person.family_name, password=None, by=None
    )
    User.objects.filter(pk=user.pk).update(password=hashed or make_password(world.PASSWORD))
    grant_membership(
        user=user,
        organisation=Organisation.objects.get(name=person.body),
        role=person.role,
        networks=Network.objects.filter(code__in=person.networks).order_by("code"),
        valid_from=since,
        by=None,
    )


def people_with_an_account() -> None:
    """Open the demo accounts, and one operator for each other body so that its reports have an author."""
    since = programme().starts_on
    # The password is on the sign-in page: to hash it slowly for each of them would protect nothing.
    hashed = make_password(world.PASSWORD)
    for person in world.USERS:
        if person != world.SECOND_LEVEL:
            open_demo_account(person, since=since, hashed=hashed)
    filing = {person.body for person in world.USERS if person.role == "partner_operator"}
    members = Organisation.objects.filter(network_stays__network__code__in=[plan.code for plan in world.NETWORKS])
    for number, body in enumerate(members.exclude(name__in=filing).distinct().order_by("pk"), start=1):
        user = create_account(
            email=f"operatore{number:02d}{world.DOMAIN}",
            given_name="Operatore",
            family_name=f"{number:02d}",
            password=None,
            by=None,
        )
        grant_membership(user=user, organisation=body, role="partner_operator", valid_from=since, by=None)
