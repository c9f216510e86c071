# SPDX-License-Identifier: EUPL-1.2
"""Who hears of a request: those who work for the body, and those who coordinate."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.utils import timezone

from accounts.permissions import ROLES, Permission, Scope
from actions.models import ProgrammeBody
from actions.models.programmes import REACHING_PARTS
from mediation.models import MediationRequest
from partners.models import Membership


def _people(memberships: Any) -> list[Any]:
    today = timezone.localdate()
    rows = memberships.valid_on(today).filter(user__is_active=True).select_related("user").order_by("user_id", "pk")
    return list({row.user_id: row.user for row in rows}.values())


def _codes(roles: Iterable[str], scope: Scope) -> list[str]:
    return [code for code in roles if ROLES[code].scope == scope]


def people_of(*, roles: Iterable[str], scope: Scope, organisation_id: int) -> list[Any]:
    """Return the people who hold one of the roles, with this reach, in a body."""
    return _people(Membership.objects.filter(role__in=_codes(roles, scope), organisation=organisation_id))


def coordinators_of(request: MediationRequest) -> list[Any]:
    """Return who triages the request: the coordinators of its network or, where there is none, of the programme."""
    return coordinators(programme_id=request.programme_id, network_id=request.network_id)


def coordinators(
    *, programme_id: int, network_id: int, permission: Permission = Permission.COORDINATE_MEDIATION
) -> list[Any]:
    """Return who coordinates the mediation of a network or, where nobody does, of the programme."""
    roles = [role.code for role in ROLES.values() if permission in role.permissions]
    found = _people(Membership.objects.filter(role__in=_codes(roles, Scope.NETWORK), networks=network_id))
    if found:
        return found
    far = Q(pk__in=[])
    for role in _codes(roles, Scope.PROGRAMME):
        parts = ProgrammeBody.objects.filter(programme=programme_id, role=REACHING_PARTS[role])
        far |= Q(role=role, organisation__in=parts.values("organisation"))
    return _people(Membership.objects.filter(far))
