# SPDX-License-Identifier: EUPL-1.2
"""What the pages of bodies and networks show of the requests of mediation."""

from collections.abc import Collection
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from fami_portal.core.components import Column, Link, Pill
from mediation.enums import RequestState
from mediation.models import MediationRequest
from mediation.workflow import REQUEST
from partners.models import Organisation
from partners.permissions import holds
from partners.selectors import BodyPanel
from partners.selectors.territory import PlaceFigure

PANEL_SIZE = 8


def requests_by_place(user: Any, networks: Collection[int]) -> PlaceFigure | None:
    """Count the requests sent to some networks by the seat of who asks, those that the person sees. One query."""
    if not holds(user, Permission.VIEW_MEDIATION_REQUESTS):
        return None
    counted = (
        MediationRequest.objects.visible_to(user)
        .filter(network__in=networks, organisation__municipality__isnull=False)
        .exclude(state__in=[RequestState.DRAFT, RequestState.CANCELLED])
        .order_by()
        .values_list("organisation__municipality")
        .annotate(number=Count("pk"))
    )
    return PlaceFigure(_("Mediation requests"), dict(counted))


def requests_panel(user: Any, body: Organisation) -> BodyPanel | None:
    """Return the latest requests of a body, those that the person sees; by number, never by case."""
    if not holds(user, Permission.VIEW_MEDIATION_REQUESTS):
        return None
    found = (
        MediationRequest.objects.visible_to(user)
        .filter(organisation=body)
        .exclude(state=RequestState.DRAFT)
        .select_related("network")
        .order_by("-submitted_at", "-pk")[: PANEL_SIZE + 1]
    )
    rows = [
        [
            Link(str(one), one.get_absolute_url()),
            one.network.name,
            one.submitted_at,
            Pill(one.get_state_display(), REQUEST.colours[one.state]),
        ]
        for one in found
    ]
    if not rows:
        return None
    columns = [Column(_("Request")), Column(_("Network")), Column(_("Sent on"), nowrap=True), Column(_("State"))]
    more = Link(_("All the requests"), reverse("mediation:request-list"))
    return BodyPanel(
        "requests", _("Mediation requests"), columns, rows[:PANEL_SIZE], more if len(rows) > PANEL_SIZE else None
    )
