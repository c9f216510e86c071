# SPDX-License-Identifier: EUPL-1.2
"""Who may be asked, and what is on offer: consultants of a network, kinds of a person's programmes, places to ask from."""

from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.permissions import Permission, roles_with
from actions.models import ActionNetwork, Programme, ProgrammeBody, RequestKind
from fami_portal.core import clock
from mediation.enums import OTHER_KINDS
from mediation.models import Mediator, MediatorLanguage, Translation
from mediation.selectors.requests import Place, places_for
from partners.models import Membership, NetworkMember
from partners.permissions import network_ids_with, organisations_with

User = get_user_model()


def kinds_for(user: Any) -> set[str]:
    """Return the kinds, beside A.1 and A.3, that the programmes of the person offer (one query)."""
    offered = RequestKind.objects.filter(
        kind__in=OTHER_KINDS, programme__in=Programme.objects.visible_to(user).values("pk")
    )
    return set(offered.order_by("kind").values_list("kind", flat=True).distinct())


def places(user: Any, kind: str, permission: Permission, *, at: datetime) -> list[Place]:
    """Return from where the person may ask for a kind: own bodies with the permission, their networks (two queries)."""
    bodies = organisations_with(user, permission)
    return places_for(bodies, [kind], at=at) if bodies else []


def consultants_for(*, programme_id: int, network_id: int) -> QuerySet[Any]:
    """Return the consultants whose body is in the network or has a part in the programme, by name."""
    today = timezone.localdate()
    bodies = Q(
        organisation__in=NetworkMember.objects.on(clock.today()).filter(network=network_id).values("organisation")
    ) | Q(organisation__in=ProgrammeBody.objects.filter(programme=programme_id).values("organisation"))
    memberships = Membership.objects.filter(bodies, role__in=roles_with(Permission.CONSULT)).valid_on(today)
    return User.objects.filter(pk__in=memberships.values("user"), is_active=True).order_by(
        "family_name", "given_name", "pk"
    )


ITALIAN = "it"


def translators_for(translation: Translation) -> QuerySet[Mediator]:
    """Return the active mediators of the network who have both languages, by name; Italian is everybody's."""
    found = Mediator.objects.serving(translation.network_id)
    for language in (translation.source_language, translation.target_language):
        if language.code != ITALIAN:
            found = found.filter(pk__in=MediatorLanguage.objects.filter(language=language.pk).values("mediator"))
    return found.order_by("family_name", "given_name", "pk")


def networks_coordinated(user: Any, kind: str) -> list[tuple[Programme, Any]]:
    """Return the pairs of programme and network in which the person coordinates a kind that is offered (two queries)."""
    permission = Permission.COORDINATE_MEDIATION
    led = Programme.objects.reached_by(user, permission).values("pk")
    rows = (
        ActionNetwork.objects.filter(
            Q(network__in=network_ids_with(user, permission)) | Q(action__programme__in=led),
            action__programme__in=RequestKind.objects.filter(kind=kind).values("programme"),
        )
        .select_related("action__programme", "network")
        .order_by("action__programme__title", "network__name", "pk")
    )
    return list(
        {(row.action.programme_id, row.network_id): (row.action.programme, row.network) for row in rows}.values()
    )
