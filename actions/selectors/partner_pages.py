# SPDX-License-Identifier: EUPL-1.2
"""What the pages of bodies and networks show of programmes and activities, and what stands against an exit."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from django.db.models import Count, Max
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from actions.enums import ActivityState, MeetingState
from actions.models import ActionNetwork, Activity, IndicatorTarget, Programme
from actions.workflow import ACTIVITY
from fami_portal.core.components import Column, Lines, Link, Pill
from partners.models import NetworkMember, Organisation
from partners.permissions import holds
from partners.selectors import BodyPanel
from partners.selectors.territory import PlaceFigure

# The latest rows of a panel; the list behind it has all of them.
PANEL_SIZE = 8


def programmes_of(networks: Collection[int]) -> dict[int, set[int]]:
    """Return the programmes for which some networks work, by the id of the network. One query."""
    found: dict[int, set[int]] = {}
    pairs = ActionNetwork.objects.filter(network__in=networks).order_by("pk")
    for network, programme in pairs.values_list("network", "action__programme"):
        found.setdefault(network, set()).add(programme)
    return found


def problem_of_exit(stay: NetworkMember, left_on: date) -> str | None:
    """Return why a body cannot leave a network on a day: something that it did there after that day."""
    work = Activity.objects.filter(network=stay.network_id, organisation=stay.organisation_id)
    lasts: Iterable[dict[str, Any]] = (
        work.filter(meetings__state=MeetingState.HELD, meetings__held_on__gt=left_on).aggregate(
            number=Count("meetings"), last=Max("meetings__held_on")
        ),
        work.filter(campaigns__published_on__gt=left_on).aggregate(
            number=Count("campaigns"), last=Max("campaigns__published_on")
        ),
        work.filter(deliverables__delivered_on__gt=left_on).aggregate(
            number=Count("deliverables"), last=Max("deliverables__delivered_on")
        ),
    )
    days = [row["last"] for row in lasts if row["last"] is not None]
    if not days:
        return None
    return _(
        "The body has work in this network after this day, the last of %(day)s: choose that day or a later one."
    ) % {"day": f"{max(days):%d/%m/%Y}"}


def activities_by_place(user: Any, networks: Collection[int]) -> PlaceFigure | None:
    """Count the activities of some networks in each municipality, those that the person sees. One query."""
    if not holds(user, Permission.VIEW_ACTIVITIES):
        return None
    counted = (
        Activity.objects.visible_to(user)
        .filter(network__in=networks, municipality__isnull=False)
        .exclude(state=ActivityState.CANCELLED)
        .order_by()
        .values_list("municipality")
        .annotate(number=Count("pk"))
    )
    return PlaceFigure(_("Activities"), dict(counted))


def parts_panel(user: Any, body: Organisation) -> BodyPanel | None:
    """Return the parts of a body in whole programmes, those that the person sees."""
    seen = Programme.objects.visible_to(user).values("pk")
    parts = body.programme_parts.filter(programme__in=seen).select_related("programme")
    rows = [
        [Link(part.programme.title, part.programme.get_absolute_url()), part.get_role_display()]
        for part in parts.order_by("programme__title", "role", "pk")
    ]
    if not rows:
        return None
    return BodyPanel("parts", _("Part in whole programmes"), [Column(_("Programme")), Column(_("Part"))], rows)


def activities_panel(user: Any, body: Organisation) -> BodyPanel | None:
    """Return the latest activities of a body, or held in its rooms, those that the person sees."""
    found = (
        Activity.objects.visible_to(user)
        .filter(organisation=body)
        .select_related("activity_type", "network")
        .order_by("-starts_on", "-pk")[: PANEL_SIZE + 1]
    )
    rows = [
        [
            Lines(Link(activity.title, activity.get_absolute_url()), activity.activity_type.title),
            activity.network.name,
            activity.starts_on,
            Pill(activity.get_state_display(), ACTIVITY.colours[activity.state]),
        ]
        for activity in found
    ]
    if not rows:
        return None
    columns = [Column(_("Activity")), Column(_("Network")), Column(_("From"), nowrap=True), Column(_("State"))]
    more = Link(_("All its activities"), f"{reverse('actions:activity-list')}?organisation={body.pk}")
    return BodyPanel(
        "activities", _("Activities"), columns, rows[:PANEL_SIZE], more if len(rows) > PANEL_SIZE else None
    )


def targets_panel(user: Any, body: Organisation) -> BodyPanel | None:
    """Return the targets promised by the plans that a body carries out, those in force."""
    seen = Programme.objects.visible_to(user).values("pk")
    found = (
        IndicatorTarget.objects.filter(plan__organisation=body, indicator__programme__in=seen)
        .select_related("indicator", "plan")
        .order_by("plan__title", "plan", "indicator__position", "indicator__code", "valid_from", "number")
    )
    # The last one of each indicator holds.
    last = {(target.plan_id, target.indicator_id): target for target in found}
    rows = [
        [target.plan.title if target.plan else "", str(target.indicator), target.value, target.valid_from]
        for target in last.values()
    ]
    if not rows:
        return None
    columns = [
        Column(_("Plan")),
        Column(_("Indicator")),
        Column(_("Target"), numeric=True),
        Column(_("Valid from"), nowrap=True),
    ]
    return BodyPanel("targets", _("Targets of its plans"), columns, rows)
