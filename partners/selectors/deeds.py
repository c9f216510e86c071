# SPDX-License-Identifier: EUPL-1.2
"""The deeds of networks, and who may open their files."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from fami_portal.core.models import Document
from partners.models import Network, NetworkDeed, Organisation
from partners.permissions import can_read_deeds

DEED = "network_deed"


def deeds_of(network: Network) -> QuerySet[NetworkDeed]:
    """Return the deeds of a network, the newest first, with their bodies and files."""
    return (
        network.deeds.select_related("organisation", "file")
        .prefetch_related(Prefetch("signatories", Organisation.objects.order_by("name", "pk")))
        .order_by("-signed_on", "-pk")
    )


def deeds_about(organisation: Organisation, networks: QuerySet[Network]) -> QuerySet[NetworkDeed]:
    """Return the deeds about a body, or that it signed, among those of some networks, the newest first."""
    concerned = Q(organisation=organisation) | Q(
        pk__in=NetworkDeed.signatories.through.objects.filter(organisation=organisation).values("networkdeed")
    )
    return (
        NetworkDeed.objects.filter(concerned, network__in=networks.values("pk"))
        .select_related("network", "file")
        .order_by("-signed_on", "-pk")
    )


def deeds_for(user: Any) -> QuerySet[NetworkDeed]:
    """Return the deeds among which a page looks for its own: those of networks that the person may see."""
    return NetworkDeed.objects.filter(network__in=Network.objects.visible_to(user).values("pk")).select_related(
        "network", "organisation", "file"
    )


def may_open_deed(user: Any, document: Document) -> bool:
    """Whether the person may download the file of a deed: False for strangers, PermissionDenied for insiders without."""
    deed = deeds_for(user).filter(pk=document.subject_id).first()
    if deed is None:
        return False
    if not can_read_deeds(user, deed.network):
        raise PermissionDenied(_("The files of the deeds are for those who keep or check the work of the network."))
    return True
