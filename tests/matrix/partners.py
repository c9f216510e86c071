# SPDX-License-Identifier: EUPL-1.2
"""Rows of accounts and partners."""

from typing import Any

from accounts.permissions import Permission
from partners.models import Invitation, Membership, NetworkMember
from partners.services.invitations import invite
from partners.services.memberships import grant_membership
from tests.matrix import ALL, EVERYBODY, NOBODY, SIGNED_IN, STRANGER, WIDE, On, Row, having
from tests.personas import World, a_user

MANAGERS = having(Permission.MANAGE_ORGANISATIONS)
ADMINISTRATOR = frozenset({"administrator"})


def prepare(world: World) -> None:
    """Add an invitation and a colleague in each kind of body."""
    foreign = a_user("foreign")
    grant_membership(user=foreign, organisation=world.bodies["coop_3"], role="partner_operator", by=None)
    for key in ("coop_1", "coop_3"):
        sent = invite(
            email=f"invited.{key}@example.org", organisation=world.bodies[key], role="partner_operator", by=None
        )
        world.objects[f"invitation_{key}"] = sent.invitation
        world.objects[f"token_{key}"] = sent.token


def _body(key: str) -> Any:
    return lambda world, role: {"uuid": world.bodies[key].uuid}


def _home(world: World, role: str) -> dict[str, Any]:
    return {"uuid": (world.home(role) if role in ALL else world.bodies["coop_1"]).uuid}


def _network(key: str) -> Any:
    return lambda world, role: {"uuid": world.networks[key].uuid}


def _member(network: str, body: str) -> Any:
    return lambda world, role: {
        "uuid": NetworkMember.objects.get(network=world.networks[network], organisation=world.bodies[body]).uuid
    }


def _membership(body: str, role_code: str) -> Any:
    return lambda world, role: {
        "uuid": Membership.objects.get(
            organisation=world.bodies[body], role=role_code, user__email__startswith=_email_of(body)
        ).uuid
    }


def _email_of(body: str) -> str:
    return "foreign" if body == "coop_3" else "partner.operator"


def _invitation(body: str) -> Any:
    return lambda world, role: {"uuid": Invitation.objects.get(pk=world.objects[f"invitation_{body}"].pk).uuid}


def _token(body: str) -> Any:
    return lambda world, role: {"token": world.objects[f"token_{body}"]}


# Who sees the people of the cooperative of network n1: those who manage them, and colleagues.
COLLEAGUES = frozenset({"partner_operator", "network_coordinator", "mediator", "consultant"})
SEE = {
    "own": On(ALL, target=_home),
    "near": On(ALL, target=_body("near")),
    "sibling": On(WIDE, target=_body("coop_2")),
    "foreign": On(WIDE, target=_body("coop_3")),
}
EDIT = {
    "own": On(MANAGERS, ALL - MANAGERS, target=_home),
    "near": On(MANAGERS, ALL - MANAGERS, target=_body("near")),
    "sibling": On(MANAGERS, WIDE - MANAGERS, target=_body("coop_2")),
    "foreign": On(ADMINISTRATOR, WIDE - ADMINISTRATOR, target=_body("coop_3")),
}
EDIT_NETWORK = {
    "own": On(MANAGERS, ALL - MANAGERS, target=_network("n1")),
    "sibling": On(MANAGERS, WIDE - MANAGERS, target=_network("n2")),
    "foreign": On(ADMINISTRATOR, WIDE - ADMINISTRATOR, target=_network("n3")),
}
END_MEMBER = {
    "own": On(MANAGERS, ALL - MANAGERS, target=_member("n1", "near")),
    "sibling": On(MANAGERS, WIDE - MANAGERS, target=_member("n2", "coop_2")),
    "foreign": On(ADMINISTRATOR, WIDE - ADMINISTRATOR, target=_member("n3", "school_3")),
}
END_MEMBERSHIP = {
    "own": On(MANAGERS, COLLEAGUES, target=_membership("coop_1", "partner_operator")),
    "foreign": On(ADMINISTRATOR, target=_membership("coop_3", "partner_operator")),
}
REVOKE = {
    "own": On(MANAGERS, target=_invitation("coop_1")),
    "foreign": On(ADMINISTRATOR, target=_invitation("coop_3")),
}
MANAGE = {"": On(MANAGERS, SIGNED_IN - MANAGERS)}
CSV = {"": On(SIGNED_IN, target=lambda world, role: {"fmt": "csv"})}

ROWS = [
    Row("accounts:roles", {"": On(SIGNED_IN)}),
    Row("partners:organisations", {"": On(SIGNED_IN)}),
    Row("partners:organisations-export", CSV),
    Row("partners:organisation-new", MANAGE),
    Row("partners:organisation-new", MANAGE, method="post"),
    Row("partners:organisation", SEE),
    Row("partners:organisation-edit", EDIT),
    Row("partners:organisation-edit", EDIT, method="post"),
    Row("partners:networks", {"": On(SIGNED_IN)}),
    Row("partners:networks-export", CSV),
    Row("partners:network-new", MANAGE),
    Row("partners:network-new", MANAGE, method="post"),
    Row(
        "partners:network",
        {
            "own": On(ALL, target=_network("n1")),
            "sibling": On(WIDE, target=_network("n2")),
            "foreign": On(WIDE, target=_network("n3")),
        },
    ),
    Row("partners:network-edit", EDIT_NETWORK),
    Row("partners:network-edit", EDIT_NETWORK, method="post"),
    Row("partners:member-new", EDIT_NETWORK),
    Row("partners:member-new", EDIT_NETWORK, method="post"),
    Row("partners:member-entry", END_MEMBER),
    Row("partners:member-entry", END_MEMBER, method="post"),
    Row("partners:member-end", END_MEMBER),
    Row("partners:member-end", END_MEMBER, method="post", data=lambda world, role: {"left_on": "31/08/2019"}),
    Row("partners:people", MANAGE),
    Row("partners:invite", MANAGE),
    Row("partners:invite", MANAGE, method="post"),
    Row("partners:membership-end", END_MEMBERSHIP),
    Row("partners:membership-end", END_MEMBERSHIP, method="post", data=lambda world, role: {"last_day": "31/12/2029"}),
    Row("partners:invitation-revoke", REVOKE),
    Row("partners:invitation-revoke", REVOKE, method="post"),
    Row("partners:invitation", {"": On(EVERYBODY, target=_token("coop_1"))}),
    Row("partners:invitation", {"": On(EVERYBODY, target=_token("coop_1"))}, method="post"),
    Row("partners:invitation", {"unknown": On(NOBODY, target=lambda world, role: {"token": "x"})}),
    Row("partners:profile", {"": On(SIGNED_IN)}),
    Row("partners:profile", {"": On(SIGNED_IN)}, method="post"),
]
assert STRANGER not in MANAGERS
