# SPDX-License-Identifier: EUPL-1.2
"""Reads over the plans under a programme: their activities, what they promised and what they reached."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from accounts.permissions import Permission
from actions.models import Activity, ActivityType, Plan, Programme
from actions.permissions import coordinates
from fami_portal.core import clock
from partners.enums import WORKING_ROLES
from partners.models import Network, NetworkMember, Organisation
from partners.permissions import network_ids_with


@dataclass(frozen=True)
class PlanProgress:
    """What the app above has counted for a plan, by indicator, in the unit of the ledger; and where to see it all."""

    figures: Mapping[int, int] = field(default_factory=dict)
    url: str = ""


ProgressProvider = Callable[[Any, Plan], PlanProgress]
_providers: list[ProgressProvider] = []


def register_plan_progress(provider: ProgressProvider) -> None:
    """Let the app that keeps the ledger say what a plan has reached (called once, when it is ready)."""
    if provider not in _providers:
        _providers.append(provider)


def progress_of(user: Any, plan: Plan) -> PlanProgress:
    """Return what a plan has reached, as the person may see it."""
    return next((provider(user, plan) for provider in _providers), PlanProgress())


def plan_for(user: Any) -> QuerySet[Plan]:
    """Return the plans of which the person may open the page: those of the programmes in which the person has a part."""
    programmes = Programme.objects.visible_to(user).values("pk")
    return Plan.objects.filter(programme__in=programmes).select_related("programme", "organisation", "network")


def activities_of(plan: Plan, user: Any) -> QuerySet[Activity]:
    """Return the activities of a plan that the person may see, the newest first."""
    return Activity.objects.visible_to(user).filter(plan=plan).with_type().order_by("-starts_on", "-pk")


def networks_to_plan(user: Any, programme: Programme) -> QuerySet[Network]:
    """Return the networks for which the person may write a plan."""
    carried = Network.objects.filter(action_networks__action__programme=programme).distinct().order_by("name", "pk")
    if coordinates(user, programme_id=programme.pk, network_id=None):
        return carried
    return carried.filter(pk__in=network_ids_with(user, Permission.VALIDATE_ACTIVITY_REPORTS))


def bodies_to_plan(networks: Iterable[Network]) -> QuerySet[Organisation]:
    """Return the bodies that may carry out a plan of these networks: the members with a budget."""
    stays = NetworkMember.objects.not_over(clock.today()).filter(network__in=[row.pk for row in networks])
    stays = stays.filter(role__in=WORKING_ROLES)
    return Organisation.objects.filter(pk__in=stays.values("organisation")).order_by("name", "pk")


def plans_for(organisations: Iterable[Organisation], networks: Iterable[Network]) -> QuerySet[Plan]:
    """Return the plans to which activities of these bodies in these networks may belong."""
    return (
        Plan.objects.filter(
            Q(network__in=[row.pk for row in networks])
            | Q(network=None, organisation__in=[row.pk for row in organisations])
        )
        .select_related("programme")
        .order_by("programme__title", "title", "pk")
    )


def plans_of_activity(activity: Activity) -> QuerySet[Plan]:
    """Return the plans of which an activity may become part; none where its type belongs to one."""
    found = plans_for([activity.organisation], [activity.network]).filter(programme=activity.programme_id)
    return found.none() if activity.activity_type.plan_id is not None else found


def types_of(plan: Plan) -> list[ActivityType]:
    """Return the activity types that only this plan has."""
    return list(plan.activity_types.select_related("action").order_by("action__position", "position", "pk"))


def outside(plan: Plan, starts_on: date, ends_on: date) -> bool:
    """Whether some of these days are not within the dates of a plan."""
    return starts_on < plan.starts_on or ends_on > plan.ends_on
