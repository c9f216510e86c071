# SPDX-License-Identifier: EUPL-1.2
"""Bodies, networks, memberships and the reference lists."""

from partners.models.bodies import Organisation, OrganisationQuerySet
from partners.models.deeds import NetworkDeed
from partners.models.invitations import Invitation
from partners.models.memberships import Membership, MembershipQuerySet, roles_reaching
from partners.models.networks import (
    Network,
    NetworkMember,
    NetworkMemberQuerySet,
    NetworkQuerySet,
    stay_on,
)
from partners.models.reference import (
    Country,
    EducationTitle,
    Language,
    Municipality,
    OriginWork,
    PermitKind,
    TargetSpecific,
)

__all__ = [
    "Country",
    "EducationTitle",
    "Invitation",
    "Language",
    "Membership",
    "MembershipQuerySet",
    "Municipality",
    "Network",
    "NetworkDeed",
    "NetworkMember",
    "NetworkMemberQuerySet",
    "NetworkQuerySet",
    "Organisation",
    "OrganisationQuerySet",
    "OriginWork",
    "PermitKind",
    "TargetSpecific",
    "roles_reaching",
    "stay_on",
]
