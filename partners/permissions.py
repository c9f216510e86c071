# SPDX-License-Identifier: EUPL-1.2
"""Who may do what, from memberships (design 7). Strangers get 404, insiders without the right 403."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, fields
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.permissions import ROLES, Permission, Role, Scope
from fami_portal.core.errors import NotPermitted
from partners.models import (
    Membership,
    Network,
    NetworkMember,
    NetworkQuerySet,
    Organisation,
    OrganisationQuerySet,
)


def memberships_of(user: Any) -> list[Membership]:
    """Return today's memberships with their bodies and networks; read once per request (kept on the user object)."""
    return Membership.objects.kept_for(user)


def holds(user: Any, permission: Permission) -> bool:
    """Whether any valid membership gives the permission, whatever its reach."""
    return any(permission in membership.role_definition.permissions for membership in memberships_of(user))


def organisations_with(user: Any, permission: Permission) -> list[Organisation]:
    """Return the own bodies for which the person holds a permission of body reach, each once, by name."""
    found = {
        membership.organisation_id: membership.organisation
        for membership in memberships_of(user)
        if membership.role_definition.scope == Scope.BODY and permission in membership.role_definition.permissions
    }
    return list(found.values())


def network_ids_with(user: Any, permission: Permission) -> set[int]:
    """Return the ids of the networks for which the person holds a permission as their coordinator."""
    return {
        network.pk
        for membership in memberships_of(user)
        if membership.role_definition.scope == Scope.NETWORK and permission in membership.role_definition.permissions
        for network in membership.networks.all()
    }


def check_holds(user: Any, permission: Permission) -> None:
    """Raise `NotPermitted` when no membership gives the permission."""
    if not holds(user, permission):
        raise NotPermitted(_("Your role does not allow this. Ask the coordinator of your programme."))


# --- managing bodies, networks and people ---------------------------------------------------------------------------


@dataclass(frozen=True)
class ProgrammeReach:
    """What belongs to the programmes that a person leads, and what belongs to other programmes.

    Ids of networks and of bodies with a part in a whole programme; a thing may be in both.
    """

    networks: frozenset[int] = frozenset()
    organisations: frozenset[int] = frozenset()
    foreign_networks: frozenset[int] = frozenset()
    foreign_organisations: frozenset[int] = frozenset()


ReachProvider = Callable[[Any, Permission], ProgrammeReach]
_reach_providers: list[ReachProvider] = []


def register_reach(provider: ReachProvider) -> None:
    """Let the app that knows the programmes say how far a programme-wide membership reaches (called once, when ready)."""
    if provider not in _reach_providers:
        _reach_providers.append(provider)


def programme_reach(user: Any, permission: Permission) -> ProgrammeReach:
    """Return what the person reaches through programmes; read once per request (kept on the user object)."""
    kept = user.__dict__.setdefault("_portal_reach", {})
    if permission not in kept:
        found = [provider(user, permission) for provider in _reach_providers]
        kept[permission] = ProgrammeReach(
            *(frozenset().union(*(getattr(reach, field.name) for reach in found)) for field in fields(ProgrammeReach))
        )
    return kept[permission]


def holds_for_portal(user: Any, permission: Permission) -> bool:
    """Whether a membership gives the permission over the whole portal."""
    return any(
        membership.role_definition.scope == Scope.PORTAL and permission in membership.role_definition.permissions
        for membership in memberships_of(user)
    )


def _own_organisation_ids(user: Any, permission: Permission) -> set[int]:
    return {
        membership.organisation_id
        for membership in memberships_of(user)
        if permission in membership.role_definition.permissions
    }


def managed_organisations(user: Any, permission: Permission) -> OrganisationQuerySet:
    """Return the bodies on which the person holds a managing permission.

    The whole portal for administrators. For whoever leads programmes: the own body, the bodies of those programmes
    and of their networks, and the bodies that nobody else's programme has yet.
    """
    organisations = Organisation.objects.all()
    if not holds(user, permission):
        return organisations.none()
    if holds_for_portal(user, permission):
        return organisations
    reach = programme_reach(user, permission)
    stays = NetworkMember.objects.all()
    return organisations.filter(
        Q(pk__in=_own_organisation_ids(user, permission) | reach.organisations)
        | Q(pk__in=stays.filter(network__in=reach.networks).values("organisation"))
        | (
            ~Q(pk__in=reach.foreign_organisations)
            & ~Q(pk__in=stays.filter(network__in=reach.foreign_networks).values("organisation"))
        )
    )


def managed_networks(user: Any, permission: Permission) -> NetworkQuerySet:
    """Return the networks on which the person holds a managing permission: of the programmes led, or of nobody's."""
    networks = Network.objects.all()
    if not holds(user, permission):
        return networks.none()
    if holds_for_portal(user, permission):
        return networks
    reach = programme_reach(user, permission)
    return networks.exclude(pk__in=reach.foreign_networks - reach.networks)


def _manages(user: Any, permission: Permission, organisation: Organisation, networks: Collection[int] | None) -> bool:
    """Answer as `managed_organisations` for one body; no query when the `networks` in which it ever was are given."""
    if not holds(user, permission):
        return False
    if holds_for_portal(user, permission):
        return True
    reach = programme_reach(user, permission)
    if organisation.pk in _own_organisation_ids(user, permission) | reach.organisations:
        return True
    if networks is None:
        networks = organisation.network_stays.order_by("pk").values_list("network", flat=True)
    inside = set(networks)
    if inside & reach.networks:
        return True
    return organisation.pk not in reach.foreign_organisations and not inside & reach.foreign_networks


def can_manage_organisation(user: Any, organisation: Organisation, networks: Collection[int] | None = None) -> bool:
    """Whether the person may correct the facts of a body; who has read its `networks` already gives their ids."""
    return _manages(user, Permission.MANAGE_ORGANISATIONS, organisation, networks)


def check_can_manage_organisation(user: Any, organisation: Organisation) -> None:
    """Raise `NotPermitted` with the reason when the person may not change the body."""
    check_holds(user, Permission.MANAGE_ORGANISATIONS)
    if not can_manage_organisation(user, organisation):
        raise NotPermitted(_("This body takes part in programmes that you do not coordinate: ask the administrator."))


def can_manage_network(user: Any, network: Network) -> bool:
    """Whether the person may change a network."""
    permission = Permission.MANAGE_ORGANISATIONS
    if not holds(user, permission) or holds_for_portal(user, permission):
        return holds(user, permission)
    reach = programme_reach(user, permission)
    return network.pk in reach.networks or network.pk not in reach.foreign_networks


def check_can_manage_network(user: Any, network: Network) -> None:
    """Raise `NotPermitted` with the reason when the person may not change the network."""
    check_holds(user, Permission.MANAGE_ORGANISATIONS)
    if not can_manage_network(user, network):
        raise NotPermitted(_("This network works for programmes that you do not coordinate: ask the administrator."))


def can_manage_memberships(user: Any, organisation: Organisation, networks: Collection[int] | None = None) -> bool:
    """Whether the person may invite people to a body and end their roles."""
    return _manages(user, Permission.MANAGE_MEMBERSHIPS, organisation, networks)


def can_see_people(user: Any, organisation: Organisation, networks: Collection[int] | None = None) -> bool:
    """Whether the person may see who works in a body: colleagues, and whoever manages its roles."""
    return any(
        membership.organisation_id == organisation.pk for membership in memberships_of(user)
    ) or can_manage_memberships(user, organisation, networks)


def roles_to_give(user: Any) -> list[Role]:
    """Return the roles that the person may give to somebody; the administrator's only by an administrator."""
    if not holds(user, Permission.MANAGE_MEMBERSHIPS):
        return []
    portal = holds_for_portal(user, Permission.MANAGE_MEMBERSHIPS)
    return [role for role in ROLES.values() if portal or role.scope != Scope.PORTAL]


def check_can_give_role(user: Any, *, organisation: Organisation, role: Role, networks: Iterable[Network]) -> None:
    """Raise `NotPermitted` with the reason when the person may not give this role in this body, or end it.

    A role that reaches whole programmes is given by the administrator where the body has a part in programmes that
    the person does not lead: the role would open those too.
    """
    permission = Permission.MANAGE_MEMBERSHIPS
    check_holds(user, permission)
    if holds_for_portal(user, permission):
        return
    if role not in roles_to_give(user):
        raise NotPermitted(_("Only an administrator can give or end this role."))
    if not can_manage_memberships(user, organisation):
        raise NotPermitted(_("This body takes part in programmes that you do not coordinate: ask the administrator."))
    reach = programme_reach(user, permission)
    if role.scope == Scope.PROGRAMME and organisation.pk in reach.foreign_organisations:
        raise NotPermitted(
            _("This body has a part in other programmes, which the role would open too: ask the administrator.")
        )
    if any(network.pk in reach.foreign_networks and network.pk not in reach.networks for network in networks):
        raise NotPermitted(_("This network works for programmes that you do not coordinate: ask the administrator."))


# --- deeds of networks ----------------------------------------------------------------------------------------------


def can_keep_deeds(user: Any, network: Network) -> bool:
    """Whether the person may record the deeds of a network: who manages it, and who coordinates it."""
    return network.pk in network_ids_with(user, Permission.VALIDATE_ACTIVITY_REPORTS) or can_manage_network(
        user, network
    )


def check_can_keep_deeds(user: Any, network: Network) -> None:
    """Raise `NotPermitted` when the person may not record the deeds of the network. `user` None is the portal itself."""
    if user is not None and not can_keep_deeds(user, network):
        raise NotPermitted(_("The deeds of a network are recorded by its coordinator or by the lead of the programme."))


def can_read_deeds(user: Any, network: Network) -> bool:
    """Whether the person may open the files of the deeds of a network.

    Who keeps them; who checks its evidence; in the bodies of the network whoever answers for their reports.
    """
    if network.pk in network_ids_with(user, Permission.VIEW_EVIDENCE):
        return True
    if network.pk in programme_reach(user, Permission.VIEW_EVIDENCE).networks:
        return True
    bodies = [body.pk for body in organisations_with(user, Permission.VIEW_ACTIVITY_REPORTS)]
    if bodies and NetworkMember.objects.filter(network=network, organisation__in=bodies).exists():
        return True
    return can_keep_deeds(user, network)
