# SPDX-License-Identifier: EUPL-1.2
"""Acting without an account: which mailboxes a body has, what it may file, who looks after its links."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from accounts.permissions import Permission, Scope, roles_with
from actions.enums import MediationRequestKind
from actions.models import ActionNetwork, Programme
from fami_portal.core import clock
from mediation.models import AccessLink, AccessLinkUse, DelegationUse, HeadDelegation
from mediation.selectors.requests import Place, places_for
from partners.enums import PUBLIC_KINDS, SCHOOL_KINDS
from partners.models import Membership, Network, NetworkMember, Organisation
from partners.permissions import organisations_with

P = Permission


def mailboxes_of(organisation: Organisation) -> list[str]:
    """Return the institutional mailboxes of a body, each once: the ordinary one first, then the certified one."""
    found = [address.strip().lower() for address in (organisation.email, organisation.pec)]
    return list(dict.fromkeys(address for address in found if address))


def bodies_at(address: str) -> QuerySet[Organisation]:
    """Return the bodies whose institutional mailbox an address is."""
    address = address.strip()
    return Organisation.objects.filter(Q(email__iexact=address) | Q(pec__iexact=address)).order_by("name", "pk")


def form_of(organisation: Organisation) -> str:
    """Return the form that a body fills in: A.1 for schools, A.3 for services of public bodies, else nothing."""
    if organisation.kind in SCHOOL_KINDS:
        return MediationRequestKind.SCHOOL
    return MediationRequestKind.SERVICE if organisation.kind in PUBLIC_KINDS else ""


def offers_for(organisation: Organisation, *, at: datetime) -> list[Place]:
    """Return what a body may ask for at a moment: its form, in the programmes of its networks that offer it.

    Two queries.
    """
    kind = form_of(organisation)
    return places_for([organisation], [kind], at=at) if kind else []


def has_head_account(organisation_id: int) -> bool:
    """Whether somebody can authorise the requests of a body with an account, today."""
    return (
        Membership.objects.valid_on(timezone.localdate())
        .filter(organisation=organisation_id, role__in=roles_with(P.AUTHORISE_MEDIATION_REQUESTS), user__is_active=True)
        .exists()
    )


def has_filing_account(organisation_id: int) -> bool:
    """Whether somebody can file and countersign for a body with an account, today."""
    return (
        Membership.objects.valid_on(timezone.localdate())
        .filter(organisation=organisation_id, role__in=roles_with(P.FILE_MEDIATION_REQUESTS), user__is_active=True)
        .exists()
    )


def _coordinated_networks(user: Any) -> QuerySet[NetworkMember]:
    coordinations = Membership.objects.granting(user, P.COORDINATE_MEDIATION, Scope.NETWORK)
    led = Programme.objects.reached_by(user, P.COORDINATE_MEDIATION).values("pk")
    return NetworkMember.objects.not_over(clock.today()).filter(
        Q(network__in=Network.objects.filter(coordinations__in=coordinations).values("pk"))
        | Q(network__in=ActionNetwork.objects.filter(action__programme__in=led).values("network"))
    )


def coordinates_body(user: Any, organisation_id: int) -> bool:
    """Whether the person coordinates a network, or the programme of a network, in which the body is (one query)."""
    return _coordinated_networks(user).filter(organisation=organisation_id).exists()


def own_bodies(user: Any) -> list[Organisation]:
    """Return the bodies for which the person files or authorises requests."""
    found = organisations_with(user, P.FILE_MEDIATION_REQUESTS) + organisations_with(
        user, P.AUTHORISE_MEDIATION_REQUESTS
    )
    return list({body.pk: body for body in found}.values())


def bodies_for(user: Any) -> QuerySet[Organisation]:
    """Return the schools and services whose links and delegations the person may see, by name."""
    return Organisation.objects.filter(
        Q(pk__in=[body.pk for body in own_bodies(user)])
        | Q(pk__in=_coordinated_networks(user).values("organisation"), kind__in=[*SCHOOL_KINDS, *PUBLIC_KINDS])
    ).order_by("name", "pk")


def bodies_with_counts(user: Any, *, at: Any, today: date) -> QuerySet[Organisation]:
    """Return `bodies_for` with how many links and delegations are valid (`at` is a real moment, `today` of the work)."""
    return bodies_for(user).annotate(
        valid_links=Count("access_links", filter=_valid_links(at, "access_links__"), distinct=True),
        valid_delegations=Count(
            "head_delegations",
            filter=Q(
                head_delegations__revoked_at=None,
                head_delegations__ends_on__gte=today,
                head_delegations__isnull=False,
            ),
            distinct=True,
        ),
    )


def _valid_links(at: Any, prefix: str = "") -> Q:
    return Q(
        **{
            f"{prefix}revoked_at": None,
            f"{prefix}expires_at__gt": at,
            f"{prefix}uses__lt": F(f"{prefix}maximum_uses"),
        }
    )


def links_of(organisation: Organisation) -> QuerySet[AccessLink]:
    """Return the links sent to a body, newest first."""
    return (
        AccessLink.objects.filter(organisation=organisation.pk)
        .select_related("request", "programme", "network", "created_by")
        .order_by("-created_at", "-pk")
    )


def uses_of(organisation: Organisation) -> QuerySet[AccessLinkUse]:
    """Return what was done through the links of a body, newest first."""
    return (
        AccessLinkUse.objects.filter(link__organisation=organisation.pk)
        .select_related("link", "request")
        .order_by("-at", "-pk")
    )


def delegations_of(organisation: Organisation) -> QuerySet[HeadDelegation]:
    """Return the delegations of the head of a body, the latest first."""
    return (
        HeadDelegation.objects.filter(organisation=organisation.pk)
        .select_related("document", "recorded_by")
        .order_by("-starts_on", "-pk")
    )


def delegation_uses_of(organisation: Organisation) -> QuerySet[DelegationUse]:
    """Return the requests that passed under the delegations of a body, newest first."""
    return (
        DelegationUse.objects.filter(delegation__organisation=organisation.pk)
        .select_related("request", "delegation")
        .order_by("-at", "-pk")
    )


def open_links(*, purpose: str, request_id: int, at: Any) -> Iterable[AccessLink]:
    """Return the links of a request that still work at a real moment."""
    return AccessLink.objects.filter(_valid_links(at), purpose=purpose, request=request_id).order_by("pk")
