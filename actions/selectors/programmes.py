# SPDX-License-Identifier: EUPL-1.2
"""Reads over programmes and what their definitions hold."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Count, F, Prefetch, Q, QuerySet

from accounts.permissions import Permission
from actions.models import (
    Action,
    ActionNetwork,
    ActivityType,
    CadenceTarget,
    Indicator,
    IndicatorTarget,
    Period,
    Plan,
    Product,
    Programme,
    ProgrammeBody,
    ReachChannel,
    RequestKind,
    TargetGroup,
    WorkPackage,
    WorkTask,
)
from partners.enums import SCHOOL_KINDS, Nature
from partners.models import Network, stay_on
from partners.permissions import holds


def usage_of(row: models.Model) -> dict[str, int]:
    """Return how many rows of each kind refer to a row (many-to-many lists of its own definition apart)."""
    used: dict[str, int] = {}
    relations: list[Any] = list(row._meta.get_fields(include_hidden=True))
    for relation in relations:
        is_reverse = relation.auto_created and not relation.concrete
        if not is_reverse or relation.many_to_many or relation.related_model._meta.auto_created:
            continue
        count = relation.related_model._base_manager.filter(**{relation.field.name: row}).count()
        if count:
            name = str(relation.related_model._meta.verbose_name_plural)
            used[name] = used.get(name, 0) + count
    return used


def programmes_for(user: Any) -> QuerySet[Programme]:
    """Return the programmes that the person sees, the latest first, with the number of their actions and networks."""
    seen = Programme.objects.visible_to(user) if holds(user, Permission.VIEW_PROGRAMME) else Programme.objects.none()
    return (
        seen.select_related("lead")
        .annotate(
            action_count=Count("actions", distinct=True),
            network_count=Count("actions__action_networks__network", distinct=True),
        )
        .order_by("-starts_on", "title", "pk")
    )


def programme_for(user: Any) -> QuerySet[Programme]:
    """Return the programmes of which the person may open the page."""
    return Programme.objects.visible_to(user).select_related("lead")


@dataclass(frozen=True)
class NetworkShare:
    """A network that carries out an action, with how many bodies are in it today."""

    action: Action
    network: Network
    bodies: int
    schools: int
    public: int
    private: int


@dataclass(frozen=True)
class Contents:
    """All that the definition of one programme holds, read with a constant number of queries."""

    actions: list[Action]
    activity_types: list[ActivityType]
    target_groups: list[TargetGroup]
    channels: list[ReachChannel]
    indicators: list[Indicator]
    cadence_targets: list[CadenceTarget]
    work_packages: list[WorkPackage]
    periods: list[Period]
    request_kinds: list[RequestKind]
    bodies: list[ProgrammeBody]
    plans: list[Plan]

    def titles(self, section: str) -> dict[str, str]:
        """Return the titles of a section by code."""
        return {row.code: row.title for row in getattr(self, section)}


def contents_of(programme: Programme) -> Contents:
    """Read everything that the definition of a programme holds."""
    targets = IndicatorTarget.objects.filter(network=None).select_related("plan").order_by("valid_from", "number", "pk")
    return Contents(
        actions=list(programme.actions.order_by("position", "pk")),
        activity_types=list(
            programme.activity_types.select_related("action", "plan").order_by(
                "action__position", F("plan__title").asc(nulls_first=True), "position", "pk"
            )
        ),
        target_groups=list(
            programme.target_groups.prefetch_related(
                Prefetch("earned_by", ActivityType.objects.order_by("action__position", "position", "pk"))
            ).order_by("position", "pk")
        ),
        channels=list(programme.reach_channels.order_by("title", "pk")),
        indicators=list(
            programme.indicators.select_related("action", "work_package")
            .prefetch_related(Prefetch("targets", targets))
            .order_by("position", "pk")
        ),
        cadence_targets=list(programme.cadence_targets.select_related("activity_type", "plan").order_by("pk")),
        work_packages=list(
            programme.work_packages.prefetch_related(
                Prefetch("tasks", WorkTask.objects.order_by("code", "pk")),
                Prefetch("products", Product.objects.order_by("code", "pk")),
            ).order_by("code", "pk")
        ),
        periods=list(programme.periods.order_by("starts_on")),
        request_kinds=list(programme.request_kinds.order_by("pk")),
        bodies=list(programme.bodies.select_related("organisation").order_by("pk")),
        plans=list(programme.plans.select_related("organisation").order_by("title", "pk")),
    )


def networks_by_action(programme: Programme, day: date) -> list[NetworkShare]:
    """Return the networks of each action with the bodies that are in them on a day."""
    inside = stay_on(day, "network__members__")
    member = "network__members__organisation"
    rows = (
        ActionNetwork.objects.filter(action__programme=programme)
        .select_related("action", "network")
        .annotate(
            bodies=Count(member, filter=inside, distinct=True),
            schools=Count(member, filter=inside & Q(**{f"{member}__kind__in": sorted(SCHOOL_KINDS)}), distinct=True),
            public=Count(member, filter=inside & Q(**{f"{member}__nature": Nature.PUBLIC}), distinct=True),
            private=Count(member, filter=inside & Q(**{f"{member}__nature": Nature.PRIVATE}), distinct=True),
        )
        .order_by("action__position", "network__name", "pk")
    )
    return [NetworkShare(row.action, row.network, row.bodies, row.schools, row.public, row.private) for row in rows]


def networks_carrying(user: Any, programme: Programme) -> QuerySet[Network]:
    """Return the networks that carry out a programme and those that these coordinate, as far as the person sees them."""
    carrying = Q(action_networks__action__programme=programme)
    below = Q(parent__action_networks__action__programme=programme, action_networks=None)
    found = Network.objects.filter(carrying | below).values("pk")
    return Network.objects.visible_to(user).filter(pk__in=found)


def visible_network_ids(user: Any, shares: list[NetworkShare]) -> set[int]:
    """Return which of some networks the person may open."""
    ids = [share.network.pk for share in shares]
    return set(Network.objects.visible_to(user).filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))
