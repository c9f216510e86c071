# SPDX-License-Identifier: EUPL-1.2
"""Networks, who belongs to them, who coordinates them."""

from datetime import date

import pytest

from fami_portal.core.errors import DomainError, NotPermitted, StaleError
from fami_portal.core.models import AuditEvent
from partners.enums import NetworkKind, NetworkRole
from partners.models import NetworkMember
from partners.services.networks import (
    add_member,
    end_member,
    register_network,
    save_network,
    set_parent,
    update_network,
)

pytestmark = pytest.mark.django_db
DAY = date(2019, 1, 10)


@pytest.fixture
def network(db):
    return register_network(
        by=None,
        code="ATS-9",
        name="Rete nuova",
        kind=NetworkKind.TEMPORARY_ASSOCIATION,
        starts_on=date(2018, 9, 1),
        ends_on=date(2020, 8, 31),
    )


def the_field(call, **values) -> str | None:
    with pytest.raises(DomainError) as refusal:
        call(**values)
    return refusal.value.field


def test_network_is_registered_once(network):
    kind = NetworkKind.SINGLE_BODY

    assert the_field(register_network, by=None, code="ATS-9", name="Altra", kind=kind) == "code"
    assert the_field(register_network, by=None, code="ATS-10", name="", kind=kind) == "name"
    assert the_field(register_network, by=None, code="ATS-10", name="Altra", kind="club") == "kind"
    assert (
        the_field(
            register_network, by=None, code="ATS-10", name="Altra", kind=kind, starts_on=DAY, ends_on=date(2018, 1, 1)
        )
        == "ends_on"
    )


def test_body_enters_and_leaves_and_its_stay_is_kept(network, world):
    body = world.bodies["coop_1"]

    stay = add_member(network=network, organisation=body, role=NetworkRole.LEAD, entered_on=DAY, by=None)
    end_member(member=stay, left_on=date(2019, 6, 30), by=None, reason="Cambio di capofila")
    again = add_member(
        network=network, organisation=body, role=NetworkRole.MEMBER, entered_on=date(2019, 7, 1), by=None
    )

    assert list(network.members.order_by("entered_on")) == [stay, again]
    assert [
        event.verb
        for event in AuditEvent.objects.filter(target_id=str(network.pk), target_type="partners.network").order_by("id")
    ] == [
        "network_registered",
        "network_member_added",
        "network_member_ended",
        "network_member_added",
    ]
    assert AuditEvent.objects.get(verb="network_member_ended").reason == "Cooperativa Uno: Cambio di capofila"


def test_body_is_in_a_network_once_at_a_time(network, world):
    body = world.bodies["coop_1"]
    stay = add_member(network=network, organisation=body, role=NetworkRole.MEMBER, entered_on=DAY, by=None)
    end_member(member=stay, left_on=date(2019, 6, 30), by=None)

    again = {"network": network, "organisation": body, "role": NetworkRole.MEMBER, "by": None}
    assert the_field(add_member, **again, entered_on=date(2019, 6, 30)) == "organisation"
    assert the_field(end_member, member=stay, left_on=date(2019, 7, 1), by=None) is None
    add_member(**again, entered_on=date(2019, 7, 1))


def test_network_has_one_lead_at_a_time(network, world):
    lead = add_member(
        network=network, organisation=world.bodies["coop_1"], role=NetworkRole.LEAD, entered_on=DAY, by=None
    )
    other = {"network": network, "organisation": world.bodies["coop_2"], "role": NetworkRole.LEAD, "by": None}

    assert the_field(add_member, **other, entered_on=date(2019, 2, 1)) == "role"
    end_member(member=lead, left_on=date(2019, 1, 31), by=None)
    add_member(**other, entered_on=date(2019, 2, 1))


def test_days_make_sense(network, world):
    body = world.bodies["coop_1"]
    new = {"network": network, "organisation": body, "role": NetworkRole.MEMBER, "by": None}

    assert the_field(add_member, **new, entered_on=date(2018, 8, 31)) == "entered_on"
    assert the_field(add_member, **new, entered_on=date(2020, 9, 1)) == "entered_on"
    assert the_field(add_member, **{**new, "role": "guest"}, entered_on=DAY) == "role"
    stay = add_member(**new, entered_on=DAY)
    assert the_field(end_member, member=stay, left_on=date(2019, 1, 9), by=None) == "left_on"


def test_network_never_coordinates_itself(world):
    first, second, third = world.networks["n1"], world.networks["n2"], world.networks["n3"]
    set_parent(network=second, parent=first, by=None)
    set_parent(network=third, parent=second, by=None)
    first.refresh_from_db()

    assert the_field(set_parent, network=first, parent=first, by=None) == "parent"
    third.refresh_from_db()
    assert the_field(set_parent, network=first, parent=third, by=None) == "parent"
    assert set_parent(network=second, parent=None, by=None).parent is None


def test_correction_is_versioned_and_keeps_the_code(network, world):
    facts = {"name": "Rete corretta", "kind": network.kind, "municipalities": [], "starts_on": None, "ends_on": None}

    changed = save_network(network=network, by=None, version=network.version, parent=world.networks["n1"], **facts)

    assert (changed.name, changed.code, changed.parent) == ("Rete corretta", "ATS-9", world.networks["n1"])
    with pytest.raises(StaleError):
        update_network(network=network, by=None, version=network.version, **facts)


@pytest.mark.parametrize("role", ["partner_operator", "network_coordinator", "technical_assistance"])
def test_who_does_not_manage_changes_nothing(world, role):
    by, network = world.personas[role], world.networks["n1"]
    body = world.bodies["coop_3"]

    with pytest.raises(NotPermitted):
        add_member(network=network, organisation=body, role=NetworkRole.MEMBER, entered_on=DAY, by=by)
    with pytest.raises(NotPermitted):
        end_member(member=network.members.order_by("pk")[0], left_on=DAY, by=by)
    with pytest.raises(NotPermitted):
        register_network(by=by, code="X", name="X", kind=NetworkKind.SINGLE_BODY)
    with pytest.raises(NotPermitted):
        set_parent(network=network, parent=None, by=by)
    assert not NetworkMember.objects.filter(network=network, organisation=body).exists()


def test_coordinator_manages_only_networks_of_the_own_programmes(world):
    by = world.personas["regional_coordinator"]

    add_member(
        network=world.networks["n2"],
        organisation=world.bodies["near"],
        role=NetworkRole.ADHERENT,
        entered_on=DAY,
        by=by,
    )
    with pytest.raises(NotPermitted):
        add_member(
            network=world.networks["n3"],
            organisation=world.bodies["near"],
            role=NetworkRole.ADHERENT,
            entered_on=DAY,
            by=by,
        )
