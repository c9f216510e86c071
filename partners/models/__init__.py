# SPDX-License-Identifier: EUPL-1.2
"""Bodies, networks, memberships and the reference lists."""

from partners.models.bodies import (
    Membership,
    MembershipQuerySet,
    Network,
    NetworkMember,
    NetworkQuerySet,
    Organisation,
    OrganisationQuerySet,
    roles_reaching,
)
from partners.models.invitations import Invitation
from partners.models.reference import Country, Language, Municipality

__all__ = [
    "Country",
    "Invitation",
    "Language",
    "Membership",
    "MembershipQuerySet",
    "Municipality",
    "Network",
    "NetworkMember",
    "NetworkQuerySet",
    "Organisation",
    "OrganisationQuerySet",
    "roles_reaching",
]
