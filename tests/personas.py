# SPDX-License-Identifier: EUPL-1.2
"""A small world, and one person for each role in it (docs/testing.md).

    Programme A (lead: region_a; technical assistance, evaluation, audit by other bodies)
        network n1: coop_1 (lead), school_1, service_1 (members), near (a neighbour in the same network)
        network n2: coop_2 (lead): the sibling
    Programme B (lead: region_b)
        network n3: coop_3 (lead), school_3: the foreign one

Everybody's role is in programme A; those with one network follow n1. `stranger` has an account and no role.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password

from accounts.permissions import ROLES
from actions.enums import BodyRole, PeriodCalendar
from actions.models import Action, ActionNetwork, Programme, ProgrammeBody
from fami_portal.core.services import acting
from partners.enums import PUBLIC_KINDS, Nature, NetworkKind, NetworkRole, OrganisationKind
from partners.models import Membership, Municipality, Network, NetworkMember, Organisation

PASSWORD = "quattro parole facili insieme"
K = OrganisationKind

# Invented bodies with codes whose check digits are right.
BODIES: dict[str, tuple[str, str, dict[str, str]]] = {
    "region_a": ("Regione Alfa", K.REGION, {"fiscal_code": "80000010019"}),
    "region_b": ("Regione Beta", K.REGION, {"fiscal_code": "80000020018"}),
    "assistance": ("Istituto di ricerche Alfa", K.OTHER_PUBLIC, {"fiscal_code": "80000030017"}),
    "evaluation": ("Centro studi Gamma", K.OTHER_PRIVATE, {"fiscal_code": "80000040016"}),
    "audit": ("Ufficio di controllo", K.OTHER_PUBLIC, {"fiscal_code": "80000050015"}),
    "coop_1": ("Cooperativa Uno", K.COOPERATIVE, {"fiscal_code": "02000060018"}),
    "near": ("Associazione Vicina", K.MIGRANT_ASSOCIATION, {"informal_reason": "informal_group"}),
    "school_1": ("Istituto comprensivo Uno", K.SCHOOL, {"fiscal_code": "80000070013", "school_code": "TOIC80000A"}),
    "service_1": ("Comune di Unopoli", K.MUNICIPALITY, {"fiscal_code": "80000080012"}),
    "coop_2": ("Cooperativa Due", K.COOPERATIVE, {"fiscal_code": "02000090015"}),
    "coop_3": ("Cooperativa Tre", K.COOPERATIVE, {"fiscal_code": "02000100012"}),
    "school_3": ("Istituto comprensivo Tre", K.SCHOOL, {"fiscal_code": "80000110017", "school_code": "MIIC80000B"}),
}
HOMES = {
    "regional_coordinator": "region_a",
    "technical_assistance": "assistance",
    "network_coordinator": "coop_1",
    "partner_operator": "coop_1",
    "teacher": "school_1",
    "school_contact": "school_1",
    "school_head": "school_1",
    "service_operator": "service_1",
    "mediator": "coop_1",
    "consultant": "coop_1",
    "desk_operator": "service_1",
    "evaluator": "evaluation",
    "auditor": "audit",
    "data_protection_officer": "region_a",
    "administrator": "region_a",
}
NETWORKS = {
    "n1": ("ATS-1", "coop_1", ["school_1", "service_1", "near"]),
    "n2": ("ATS-2", "coop_2", []),
    "n3": ("ATS-3", "coop_3", ["school_3"]),
}


@dataclass
class World:
    """The bodies, networks and programmes by name, and one person for each role."""

    bodies: dict[str, Organisation] = field(default_factory=dict)
    networks: dict[str, Network] = field(default_factory=dict)
    programmes: dict[str, Programme] = field(default_factory=dict)
    actions: dict[str, Action] = field(default_factory=dict)
    personas: dict[str, Any] = field(default_factory=dict)
    stranger: Any = None
    # What the rows of the role matrix add for their own pages.
    objects: dict[str, Any] = field(default_factory=dict)

    def home(self, role: str) -> Organisation:
        """Return the body in which the person with a role works."""
        return self.bodies[HOMES[role]]


def a_user(name: str, *, given_name: str = "", family_name: str = "Prova", **fields: Any) -> Any:
    """Return a saved account with an invented name, whose password is `PASSWORD`."""
    with acting(None):
        user = get_user_model()(
            email=f"{name}@example.org", given_name=given_name or name.title(), family_name=family_name, **fields
        )
        user.set_password(PASSWORD)
        user.save()
    return user


def build_world() -> World:
    """Write the world, in as few statements as can be: most tests begin with it."""
    world = World()
    with acting(None):
        place = Municipality.objects.create(code="001272", name="Torino", province="TO", region="Piemonte")
        _bodies(world, place)
        _networks(world)
        _programmes(world)
        _people(world)
    return world


def _bodies(world: World, place: Municipality) -> None:
    rows = {
        key: Organisation(
            name=name,
            kind=kind,
            nature=Nature.PUBLIC if kind in PUBLIC_KINDS or "school_code" in codes else Nature.PRIVATE,
            municipality=place,
            **codes,
        )
        for key, (name, kind, codes) in BODIES.items()
    }
    Organisation.objects.bulk_create(rows.values())
    world.bodies.update(rows)


def _networks(world: World) -> None:
    kind = NetworkKind.TEMPORARY_ASSOCIATION
    rows = {key: Network(code=code, name=f"Rete {code}", kind=kind) for key, (code, *_rest) in NETWORKS.items()}
    Network.objects.bulk_create(rows.values())
    world.networks.update(rows)
    stays = [
        NetworkMember(network=rows[key], organisation=world.bodies[body], role=role, entered_on=date(2018, 9, 1))
        for key, (_code, lead, members) in NETWORKS.items()
        for body, role in [(lead, NetworkRole.LEAD), *((member, NetworkRole.MEMBER) for member in members)]
    ]
    NetworkMember.objects.bulk_create(stays)


def _people(world: World) -> None:
    # One hash for all: the password is the same.
    password = make_password(PASSWORD)
    User = get_user_model()
    names = {role: (role.replace("_", "."), "Persona", str(role).title()) for role in ROLES}
    names["stranger"] = ("stranger", "Stranger", "Prova")
    people = {
        key: User(email=f"{name}@example.org", given_name=given, family_name=family, password=password)
        for key, (name, given, family) in names.items()
    }
    User.objects.bulk_create(people.values())
    world.stranger = people.pop("stranger")
    world.personas.update(people)
    roles = [
        Membership(user=user, organisation=world.home(role), role=role, valid_from=date(2018, 9, 1))
        for role, user in people.items()
    ]
    Membership.objects.bulk_create(roles)
    for membership in roles:
        if membership.role == "network_coordinator":
            membership.networks.set([world.networks["n1"]])


def _programmes(world: World) -> None:
    parts = {
        "a": {
            "region_a": BodyRole.LEAD,
            "assistance": BodyRole.TECHNICAL_ASSISTANCE,
            "evaluation": BodyRole.EVALUATION,
            "audit": BodyRole.AUDIT,
        },
        "b": {"region_b": BodyRole.LEAD},
    }
    for key, networks in {"a": ["n1", "n2"], "b": ["n3"]}.items():
        programme = Programme.objects.create(
            slug=f"programme-{key}",
            title=f"Programma {key.upper()}",
            fund="FAMI 2014-2020",
            lead=world.bodies[f"region_{key}"],
            starts_on=date(2018, 9, 1),
            ends_on=date(2030, 8, 31),
            calendar=PeriodCalendar.SOLAR_QUARTERS,
            visibility_text="Progetto cofinanziato dall’Unione europea",
        )
        world.programmes[key] = programme
        for body, role in parts[key].items():
            ProgrammeBody.objects.create(programme=programme, organisation=world.bodies[body], role=role)
        action = Action.objects.create(programme=programme, code="01", title="Azione 01")
        world.actions[key] = action
        for network in networks:
            ActionNetwork.objects.create(action=action, network=world.networks[network])


@pytest.fixture
def world(db: None) -> World:
    """The small world, for one test."""
    return build_world()


@pytest.fixture
def personas(world: World) -> dict[str, Any]:
    """One person for each role of `accounts.permissions.ROLES`, by the code of the role."""
    return world.personas
