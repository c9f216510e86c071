# SPDX-License-Identifier: EUPL-1.2
"""Who may do what, from memberships (design 7). Strangers get 404, insiders without the right 403."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission, Scope
from fami_portal.core.errors import NotPermitted
from partners.models import Membership, Organisation


def memberships_of(user: Any) -> list[Membership]:
    """Return today's memberships with their bodies and networks; read once per request (kept on the user object)."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return []
    if not hasattr(user, "_portal_memberships"):
        user._portal_memberships = list(
            Membership.objects.of(user)
            .select_related("organisation")
            .prefetch_related("networks")
            .order_by("organisation__name", "pk")
        )
    return user._portal_memberships


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


def can_manage_memberships(user: Any, organisation: Organisation) -> bool:
    """Whether the person may invite people to a body: administrators and regional coordinators, any body."""
    return holds(user, Permission.MANAGE_MEMBERSHIPS)
