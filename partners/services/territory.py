# SPDX-License-Identifier: EUPL-1.2
"""Writes on the municipalities of a network."""

from collections.abc import Iterable
from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from fami_portal.core.errors import DomainError, StaleError
from fami_portal.core.services import acting, record_event
from partners.models import Municipality, Network
from partners.permissions import check_can_manage_network
from partners.selectors.territory import rival_areas


def change_municipalities(
    *, network: Network, municipalities: Iterable[Municipality], version: int, by: Any
) -> Network:
    """Set the municipalities of a network, if nobody changed it since `version`.

    Raises `NotPermitted`, `StaleError`; `DomainError` naming each municipality that another Ambito of the same
    programme has in the same time (unless one coordinates the other).
    """
    with acting(by):
        locked = Network.objects.select_for_update(of=("self",)).get(pk=network.pk)
        if by is not None:
            check_can_manage_network(by, locked)
        if locked.version != version:
            raise StaleError
        wanted = list(municipalities)
        before = set(locked.municipalities.order_by().values_list("pk", flat=True))
        after = {place.pk for place in wanted}
        if after != before:
            set_municipalities(locked, wanted)
            Network.objects.filter(pk=locked.pk).update(version=F("version") + 1)
            record_event(
                by=by,
                verb="network_municipalities_changed",
                target=locked,
                data={"added": len(after - before), "removed": len(before - after)},
            )
    locked.refresh_from_db()
    return locked


def set_municipalities(network: Network, municipalities: Iterable[Municipality]) -> None:
    """Write the municipalities of a network inside the transaction of another service; raises as `change_municipalities`."""
    wanted = {place.pk for place in municipalities}
    # Two Ambiti that take the same town at once wait for one another here.
    places = list(Municipality.objects.select_for_update().filter(pk__in=wanted).order_by("pk"))
    taken = rival_areas(network, wanted)
    if taken:
        named = ", ".join(f"{place} – {taken[place.pk].name}" for place in places if place.pk in taken)
        raise DomainError(
            _(
                "These municipalities belong to another Ambito of the same programme: %(places)s. Take them away there first."
            )
            % {"places": named},
            field="municipalities",
        )
    network.municipalities.set(wanted)
