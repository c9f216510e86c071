# SPDX-License-Identifier: EUPL-1.2
"""Roles: given, ended, withdrawn; who may; what a session sees next."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.permissions import ROLES, Permission
from accounts.services import deactivate_account
from fami_portal.core.errors import DomainError, NotPermitted
from partners.models import Membership
from partners.permissions import (
    can_see_people,
    holds,
    memberships_of,
    network_ids_with,
    organisations_with,
    roles_to_give,
)
from partners.services.memberships import end_membership, grant_membership
from tests.personas import a_user

pytestmark = pytest.mark.django_db


def fresh(user):
    """Return the person as the next request sees them."""
    return type(user).objects.get(pk=user.pk)


def test_role_gives_its_permissions_where_it_was_given(world):
    operator = world.personas["partner_operator"]

    assert organisations_with(operator, Permission.KEEP_REGISTERS) == [world.bodies["coop_1"]]
    assert not holds(operator, Permission.MANAGE_MEMBERSHIPS)
    assert network_ids_with(world.personas["network_coordinator"], Permission.VALIDATE_ACTIVITY_REPORTS) == {
        world.networks["n1"].pk
    }
    assert memberships_of(world.stranger) == []


def test_rights_are_the_union_of_the_valid_roles(world):
    operator = world.personas["partner_operator"]
    grant_membership(user=operator, organisation=world.bodies["coop_2"], role="partner_operator", by=None)

    bodies = organisations_with(fresh(operator), Permission.KEEP_REGISTERS)

    assert bodies == [world.bodies["coop_2"], world.bodies["coop_1"]], "by name"


def test_role_needs_networks_exactly_when_it_reaches_networks(world):
    user = a_user("new")
    give = {"user": user, "organisation": world.bodies["coop_1"], "by": None}

    for role, networks in (("network_coordinator", []), ("teacher", [world.networks["n1"]]), ("king", [])):
        with pytest.raises(DomainError):
            grant_membership(**give, role=role, networks=networks)
    assert not user.memberships.exists()


def test_same_role_is_given_once_at_a_time(world):
    operator = world.personas["partner_operator"]
    membership = operator.memberships.get()
    same = {"user": operator, "organisation": membership.organisation, "role": membership.role, "by": None}

    with pytest.raises(DomainError):
        grant_membership(**same)
    end_membership(membership=membership, by=None, at_once=True)
    grant_membership(**same)


def test_role_ends_after_its_last_day(world):
    operator = world.personas["partner_operator"]
    today = timezone.localdate()

    end_membership(membership=operator.memberships.get(), by=None, last_day=today)
    assert memberships_of(fresh(operator))
    assert not Membership.objects.filter(user=operator).valid_on(today + timedelta(days=1))


def test_withdrawn_role_is_gone_at_the_next_request(world, client):
    coordinator = world.personas["regional_coordinator"]
    client.force_login(coordinator)
    assert client.get("/people/").status_code == 200

    end_membership(membership=coordinator.memberships.get(), by=None, at_once=True, reason="Incarico finito")

    assert client.get("/people/").status_code == 403
    assert memberships_of(fresh(coordinator)) == []


def test_role_of_today_can_be_withdrawn_today(world):
    user = a_user("new")
    membership = grant_membership(user=user, organisation=world.bodies["coop_1"], role="teacher", by=None)

    ended = end_membership(membership=membership, by=None, at_once=True)

    assert ended.valid_until == ended.valid_from
    assert memberships_of(fresh(user)) == []


def test_closed_account_loses_everything_at_the_next_request(world, client):
    operator = world.personas["partner_operator"]
    client.force_login(operator)
    assert client.get("/profile/").status_code == 200

    deactivate_account(user=operator, by=world.personas["administrator"], reason="Ha cambiato lavoro")

    answer = client.get("/profile/")
    assert answer.status_code == 302
    assert "/account/login/" in answer["Location"]
    assert memberships_of(fresh(operator)) == []


def test_ended_role_does_not_end_twice_nor_before_it_began(world):
    membership = world.personas["teacher"].memberships.get()

    with pytest.raises(DomainError) as refusal:
        end_membership(membership=membership, by=None, last_day=date(2018, 1, 1))
    assert refusal.value.field == "last_day"
    end_membership(membership=membership, by=None, last_day=date(2019, 1, 1))
    with pytest.raises(DomainError):
        end_membership(membership=membership, by=None)


def test_administrator_does_not_lock_the_door_behind(world):
    administrator = world.personas["administrator"]

    with pytest.raises(DomainError):
        end_membership(membership=administrator.memberships.get(), by=administrator)


def test_only_an_administrator_ends_an_administrator(world):
    membership = world.personas["administrator"].memberships.get()

    with pytest.raises(NotPermitted):
        end_membership(membership=membership, by=world.personas["regional_coordinator"])


@pytest.mark.parametrize(
    ("giver", "body", "role", "allowed"),
    [
        ("administrator", "coop_3", "administrator", True),
        ("regional_coordinator", "coop_1", "partner_operator", True),
        ("regional_coordinator", "region_a", "regional_coordinator", True),
        ("regional_coordinator", "assistance", "technical_assistance", True),
        ("regional_coordinator", "region_a", "administrator", False),
        ("regional_coordinator", "coop_3", "partner_operator", False),
        ("regional_coordinator", "region_b", "regional_coordinator", False),
        ("technical_assistance", "assistance", "technical_assistance", False),
        ("network_coordinator", "coop_1", "partner_operator", False),
    ],
)
def test_who_may_give_which_role(world, giver, body, role, allowed):
    user = a_user("new")
    give = {"user": user, "organisation": world.bodies[body], "role": role, "by": world.personas[giver]}

    if allowed:
        assert grant_membership(**give).role == role
    else:
        with pytest.raises(NotPermitted):
            grant_membership(**give)
        assert not user.memberships.exists()


def test_shared_body_opens_other_programmes_only_through_the_administrator(world):
    from actions.enums import BodyRole
    from actions.models import ProgrammeBody
    from fami_portal.core.services import acting

    shared = world.bodies["assistance"]
    with acting(None):
        ProgrammeBody.objects.create(
            programme=world.programmes["b"], organisation=shared, role=BodyRole.TECHNICAL_ASSISTANCE
        )
    give = {"user": a_user("new"), "organisation": shared, "role": "technical_assistance"}

    with pytest.raises(NotPermitted):
        grant_membership(**give, by=world.personas["regional_coordinator"])
    grant_membership(**give, by=world.personas["administrator"])


def test_coordinator_gives_only_networks_of_the_own_programmes(world):
    give = {
        "user": a_user("new"),
        "organisation": world.bodies["coop_1"],
        "role": "network_coordinator",
        "by": world.personas["regional_coordinator"],
    }

    with pytest.raises(NotPermitted):
        grant_membership(**give, networks=[world.networks["n1"], world.networks["n3"]])
    grant_membership(**give, networks=[world.networks["n1"], world.networks["n2"]])


def test_roles_to_give(world):
    assert roles_to_give(world.personas["teacher"]) == []
    assert len(roles_to_give(world.personas["administrator"])) == len(ROLES)
    assert "administrator" not in [role.code for role in roles_to_give(world.personas["regional_coordinator"])]


def test_people_of_a_body_are_seen_by_colleagues_and_managers(world):
    body = world.bodies["coop_1"]
    seen = {role for role, person in world.personas.items() if can_see_people(person, body)}

    assert seen == {
        "partner_operator",
        "network_coordinator",
        "mediator",
        "consultant",
        "regional_coordinator",
        "administrator",
    }
