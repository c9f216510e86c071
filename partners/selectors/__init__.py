# SPDX-License-Identifier: EUPL-1.2
"""Reads for the pages of bodies, networks and people; always inside what the person may see."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Case, Count, F, Prefetch, Q, QuerySet, When
from django.utils import timezone

from accounts.permissions import Permission
from fami_portal.core import clock
from fami_portal.core.audit import TimelineEntry, timeline
from fami_portal.core.components import Column, Link
from partners.enums import SCHOOL_KINDS, NetworkRole
from partners.models import Invitation, Membership, Municipality, Network, NetworkMember, Organisation, stay_on
from partners.permissions import managed_organisations


def organisations_for(user: Any) -> QuerySet[Organisation]:
    """Return the bodies of the list page, by name, with what each line shows."""
    today = clock.today()
    return (
        Organisation.objects.visible_to(user)
        .select_related("municipality")
        .annotate(current_networks=Count("network_stays", filter=stay_on(today, "network_stays__"), distinct=True))
        .order_by("name", "pk")
    )


def organisation_for(user: Any) -> QuerySet[Organisation]:
    """Return the bodies among which a body page looks for its own."""
    return Organisation.objects.visible_to(user).select_related("municipality", "institute")


def stays_of(organisation: Organisation) -> QuerySet[NetworkMember]:
    """Return the networks of a body, present ones first, then the latest."""
    return organisation.network_stays.select_related("network", "entry_deed", "exit_deed").order_by(
        F("left_on").desc(nulls_first=True), "-entered_on", "pk"
    )


def body_with_sites(user: Any, uuid: UUID) -> tuple[Organisation | None, list[Organisation]]:
    """Return a body with its sites, by name, those that the person may see. One query."""
    found = organisation_for(user).filter(Q(uuid=uuid) | Q(institute__uuid=uuid)).order_by("name", "pk")
    rows = list(found)
    body = next((row for row in rows if row.uuid == uuid), None)
    return body, [row for row in rows if body is not None and row.pk != body.pk]


def institutes() -> QuerySet[Organisation]:
    """Return the schools to which a site may belong: those that are no sites themselves, by name."""
    return Organisation.objects.filter(kind__in=SCHOOL_KINDS, institute=None).order_by("name", "pk")


def people_of(organisation: Organisation) -> QuerySet[Membership]:
    """Return who works in a body today, with the names of their networks. One query."""
    return (
        organisation.memberships.valid_on(timezone.localdate())
        .select_related("user")
        .annotate(network_names=StringAgg("networks__name", ", ", order_by="networks__name"))
        .order_by("user__family_name", "user__given_name", "pk")
    )


def networks_for(user: Any) -> QuerySet[Network]:
    """Return the networks of the list page, by name, with lead and number of members of today."""
    today = clock.today()
    present = stay_on(today, "members__")
    return (
        Network.objects.visible_to(user)
        .select_related("parent")
        .prefetch_related(_leads_of_today())
        .annotate(
            member_count=Count(
                "members", filter=present & Q(members__role__in=[NetworkRole.LEAD, NetworkRole.MEMBER]), distinct=True
            ),
            adherent_count=Count("members", filter=present & Q(members__role=NetworkRole.ADHERENT), distinct=True),
        )
        .order_by("name", "pk")
    )


def network_for(user: Any) -> QuerySet[Network]:
    """Return the networks among which a network page looks for its own."""
    return Network.objects.visible_to(user).select_related("parent")


def members_of(network: Network) -> QuerySet[NetworkMember]:
    """Return the stays in a network: the present ones first (lead, members, adherents), then the past."""
    parts = Case(*(When(role=role, then=place) for place, role in enumerate(NetworkRole)), default=len(NetworkRole))
    return network.members.select_related(
        "organisation", "organisation__municipality", "entry_deed", "exit_deed"
    ).order_by(F("left_on").desc(nulls_first=True), parts, "organisation__name", "pk")


def coordinated_by(network: Network) -> QuerySet[Network]:
    """Return the networks directly coordinated by one, with lead, number of members and of municipalities of today."""
    today = clock.today()
    present = stay_on(today, "members__")
    return network.children.annotate(
        lead_names=StringAgg(
            "members__organisation__name",
            ", ",
            filter=present & Q(members__role=NetworkRole.LEAD),
            distinct=True,
            order_by="members__organisation__name",
        ),
        member_count=Count("members", filter=present, distinct=True),
        place_count=Count("municipalities", distinct=True),
    ).order_by("name", "pk")


def _leads_of_today() -> "Prefetch[str, QuerySet[NetworkMember], str]":
    today = clock.today()
    leads = NetworkMember.objects.on(today).filter(role=NetworkRole.LEAD)
    return Prefetch("members", leads.select_related("organisation").order_by("-entered_on", "pk"), to_attr="leads")


ResultLinks = Callable[[Any, Sequence[Network]], Mapping[int, Any]]
_result_links: list[ResultLinks] = []


def register_result_links(provider: ResultLinks) -> None:
    """Let the app that has the figures say where those of each network are: links by id, in a constant number of queries."""
    if provider not in _result_links:
        _result_links.append(provider)


def result_links(user: Any, networks: Sequence[Network]) -> dict[int, Any]:
    """Return where the person reads the figures of each network."""
    found: dict[int, Any] = {}
    for provider in _result_links:
        found.update(provider(user, networks))
    return found


def stays_for(user: Any) -> QuerySet[NetworkMember]:
    """Return the stays among which a page looks for its own: those in networks that the person may see."""
    return NetworkMember.objects.filter(network__in=Network.objects.visible_to(user)).select_related(
        "network", "organisation"
    )


def organisations_outside(user: Any, network: Network) -> QuerySet[Organisation]:
    """Return the bodies that may enter a network: visible, and not in it without an end (whoever leaves may come back)."""
    inside = NetworkMember.objects.filter(network=network, left_on__isnull=True).values("organisation")
    return Organisation.objects.visible_to(user).exclude(pk__in=inside).order_by("name", "pk")


def possible_leads(user: Any, network: Network) -> QuerySet[Organisation]:
    """Return the bodies that may lead a network, by name: all that the person sees, but its lead of today."""
    leads = NetworkMember.objects.filter(network=network, left_on__isnull=True, role=NetworkRole.LEAD)
    return Organisation.objects.visible_to(user).exclude(pk__in=leads.values("organisation")).order_by("name", "pk")


def bodies_ever_in(network: Network) -> QuerySet[Organisation]:
    """Return the bodies that are or were in a network, by name."""
    return Organisation.objects.filter(pk__in=network.members.values("organisation")).order_by("name", "pk")


def bodies_of_deeds(user: Any) -> QuerySet[Organisation]:
    """Return the bodies that a deed may be about, by name: it may come before the entry."""
    return Organisation.objects.visible_to(user).order_by("name", "pk")


def people_for(user: Any) -> QuerySet[Membership]:
    """Return the memberships that the person manages, by family name."""
    return (
        Membership.objects.filter(organisation__in=managed_organisations(user, Permission.MANAGE_MEMBERSHIPS))
        .select_related("user", "organisation")
        .prefetch_related(Prefetch("networks", Network.objects.order_by("name")))
        .order_by("user__family_name", "user__given_name", "organisation__name", "pk")
    )


def memberships_seen_by(user: Any) -> QuerySet[Membership]:
    """Return the memberships among which a page looks for its own: those managed, and those of colleagues."""
    own = Membership.objects.of(user).values("organisation")
    managed = managed_organisations(user, Permission.MANAGE_MEMBERSHIPS)
    return Membership.objects.filter(Q(organisation__in=own) | Q(organisation__in=managed.values("pk"))).select_related(
        "user", "organisation"
    )


def invitations_for(user: Any) -> QuerySet[Invitation]:
    """Return the invitations that wait for an answer, in the bodies whose people the person manages."""
    return (
        Invitation.objects.filter(
            organisation__in=managed_organisations(user, Permission.MANAGE_MEMBERSHIPS),
            accepted_at=None,
            revoked_at=None,
        )
        .select_related("organisation", "invited_by")
        .order_by("expires_at", "pk")
    )


def invitation_by_hash(digest: str) -> Invitation | None:
    """Return the invitation whose token has this hash; whoever holds the token may read it."""
    return Invitation.objects.select_related("organisation").filter(token_sha256=digest).first()


def memberships_for(user: Any) -> QuerySet[Membership]:
    """Return the person's own roles: those of today and of the future first, then those that ended."""
    return (
        Membership.objects.filter(user=user)
        .select_related("organisation")
        .prefetch_related(Prefetch("networks", Network.objects.order_by("name")))
        .order_by(F("valid_until").desc(nulls_first=True), "organisation__name", "pk")
    )


def provinces() -> list[str]:
    """Return the provinces in which a registered body has its seat."""
    seats = Organisation.objects.filter(municipality__isnull=False).values("municipality")
    return list(
        Municipality.objects.filter(pk__in=seats).order_by("province").values_list("province", flat=True).distinct()
    )


def history_of(organisation: Organisation | Network) -> list[TimelineEntry]:
    """Return what happened to a body or a network, newest first."""
    return timeline(organisation, limit=50)


@dataclass(frozen=True)
class BodyPanel:
    """What an app above shows on the page of a body or of a network: a table; `code` names its place on the page."""

    code: str
    title: Any
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    # Where the rest is, when the panel shows only the latest rows.
    more: Link | None = None


NetworkPanelProvider = Callable[[Any, Network], BodyPanel | None]
_network_providers: list[NetworkPanelProvider] = []


def register_network_panel(provider: NetworkPanelProvider) -> None:
    """Add a provider of panels to the page of a network, as `register_body_panel` does to that of a body."""
    if provider not in _network_providers:
        _network_providers.append(provider)


def network_panels(user: Any, network: Network) -> list[BodyPanel]:
    """Return what the apps above show of a network to a person."""
    return [panel for provider in _network_providers if (panel := provider(user, network)) is not None]


PanelProvider = Callable[[Any, Organisation], BodyPanel | None]
_providers: list[PanelProvider] = []


def register_body_panel(provider: PanelProvider) -> None:
    """Add a provider of panels; it costs a constant number of queries, and returns None where it shows nothing."""
    if provider not in _providers:
        _providers.append(provider)


def body_panels(user: Any, body: Organisation) -> list[BodyPanel]:
    """Return what the apps above show of a body to a person."""
    return [panel for provider in _providers if (panel := provider(user, body)) is not None]
