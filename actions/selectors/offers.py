# SPDX-License-Identifier: EUPL-1.2
"""Reads over the catalogue of what schools can ask for."""

from typing import Any

from django.db.models import Count, Q, QuerySet

from accounts.permissions import Permission
from actions.enums import ActivityKind, ActivityState
from actions.models import Activity, ActivityType, Offer, OfferRequest, Programme
from actions.permissions import reaches_programme
from partners.enums import SCHOOL_KINDS
from partners.models import Network, Organisation
from partners.permissions import network_ids_with, organisations_with


def manages(user: Any, offer: Offer) -> bool:
    """Whether the person publishes and withdraws the entries of this network, and answers who asks."""
    return offer.network_id in network_ids_with(user, Permission.VALIDATE_ACTIVITY_REPORTS) or reaches_programme(
        user, Permission.VALIDATE_ACTIVITY_REPORTS, offer.programme_id
    )


def schools_of(user: Any) -> list[Organisation]:
    """Return the own schools for which the person may ask: who files requests there, or authorises them."""
    found = {
        body.pk: body
        for permission in (Permission.FILE_MEDIATION_REQUESTS, Permission.AUTHORISE_MEDIATION_REQUESTS)
        for body in organisations_with(user, permission)
        if body.kind in SCHOOL_KINDS
    }
    return list(found.values())


def offers_for(user: Any) -> QuerySet[Offer]:
    """Return the entries that the person manages or is offered: published first, those that close soonest first."""
    return (
        Offer.objects.visible_to(user)
        .select_related("network", "activity_type", "programme")
        .annotate(asked=Count("requests"), waiting=Count("requests", filter=Q(requests__answered_at=None)))
        .order_by("state", "closes_on", "title", "pk")
    )


def offer_for(user: Any) -> QuerySet[Offer]:
    """Return the entries of which the person may open the page."""
    return Offer.objects.visible_to(user).select_related("network", "activity_type", "programme", "activity")


def requests_of(offer: Offer, schools: list[Organisation] | None = None) -> list[OfferRequest]:
    """Return who asked for an entry, the first one first; of some schools alone where they are given."""
    rows = offer.requests.select_related("organisation", "organisation__municipality").order_by("asked_at", "pk")
    return list(rows if schools is None else rows.filter(organisation__in=[body.pk for body in schools]))


def networks_to_publish(user: Any) -> list[Network]:
    """Return the networks whose catalogue the person writes."""
    led = Programme.objects.reached_by(user, Permission.VALIDATE_ACTIVITY_REPORTS)
    own = network_ids_with(user, Permission.VALIDATE_ACTIVITY_REPORTS)
    rows = Network.objects.filter(Q(pk__in=own) | Q(action_networks__action__programme__in=led))
    return list(rows.distinct().order_by("name", "pk"))


def types_to_publish(networks: list[Network]) -> list[ActivityType]:
    """Return the activity types that these networks may offer, mediation too."""
    rows = ActivityType.objects.filter(action__action_networks__network__in=[row.pk for row in networks])
    rows = rows.exclude(kind__in=[ActivityKind.CAMPAIGN, ActivityKind.DELIVERABLE, ActivityKind.WORKING_GROUP])
    return list(
        rows.select_related("action", "programme")
        .distinct()
        .order_by("programme__title", "programme_id", "action__position", "action__code", "position", "pk")
    )


def activities_to_publish(networks: list[Network]) -> list[Activity]:
    """Return the activities of these networks that have not begun: those with places to offer."""
    rows = Activity.objects.filter(network__in=[row.pk for row in networks], state=ActivityState.PLANNED)
    return list(rows.select_related("organisation").order_by("title", "pk")[:200])


def is_mediation(offer: Offer) -> bool:
    """Whether it is asked for with the forms of mediation instead (reads the activity type)."""
    return offer.activity_type.kind == ActivityKind.MEDIATION
