# SPDX-License-Identifier: EUPL-1.2
"""Reads over activities: lists, what may be done, which of their days are closed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import (
    Case,
    Count,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Sum,
    When,
    prefetch_related_objects,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from actions.enums import ActivityKind, BodyAttendance, DecisionState, MeetingState
from actions.models import Activity, ActivityType, Campaign, CampaignMeasure, Decision, Deliverable, Meeting, Period
from actions.permissions import can_view_activity, check_can_keep_register
from actions.workflow import ACTIVITY, ClosedPeriodError
from fami_portal.core import clock
from fami_portal.core.components import Link
from fami_portal.core.errors import DomainError
from fami_portal.core.models import Document
from partners.enums import OrganisationKind
from partners.models import Network, Organisation
from partners.permissions import organisations_with

# Which kinds of activity have meetings, and which hold contents or products.
MEETING_KINDS = frozenset(ActivityKind) - {ActivityKind.CAMPAIGN, ActivityKind.DELIVERABLE}

# The kind of the documents that prove a product or a content; their subject is the activity.
EVIDENCE = "activity_evidence"


def may_open_evidence(user: Any, document: Document) -> bool:
    """Whether the person may download a piece of evidence: whoever sees the activity."""
    activity = Activity.objects.filter(pk=document.subject_id).first()
    return activity is not None and can_view_activity(user, activity)


@dataclass(frozen=True)
class ActivityPanel:
    """What an app above shows on the page of an activity: a title, facts, a form that goes to its own page, where to go."""

    title: object
    rows: Sequence[Sequence[Any]] = ()
    link: Link | None = None
    text: object = ""
    form: Any = None
    form_title: object = ""


PanelProvider = Callable[[Any, Activity], ActivityPanel | None]
_panels: list[PanelProvider] = []


def register_activity_panel(provider: PanelProvider) -> None:
    """Add a provider of a panel to the page of every activity; called by apps above when they are ready."""
    if provider not in _panels:
        _panels.append(provider)


def panels_of(user: Any, activity: Activity) -> list[ActivityPanel]:
    """Return the panels that the apps above show to this person for the activity."""
    return [panel for provider in _panels if (panel := provider(user, activity)) is not None]


def activities_for(user: Any) -> QuerySet[Activity]:
    """Return the activities that the person may see, the newest first, with `meetings_held` and `minutes_held`."""
    held = (
        Meeting.objects.filter(activity=OuterRef("pk"), state=MeetingState.HELD)
        .order_by()
        .values("activity")
        .annotate(number=Count("pk"), total=Sum("minutes"))
    )
    return (
        Activity.objects.visible_to(user)
        .with_type()
        .annotate(
            meetings_held=Coalesce(Subquery(held.values("number"), output_field=IntegerField()), 0),
            minutes_held=Coalesce(Subquery(held.values("total"), output_field=IntegerField()), 0),
        )
        .order_by("-starts_on", "-pk")
    )


def carried_out_by(user: Any) -> list[Organisation]:
    """Return the own bodies for which the person may begin an activity."""
    return organisations_with(user, Permission.KEEP_REGISTERS)


def networks_of(organisations: Iterable[Organisation]) -> QuerySet[Network]:
    """Return the networks in which these bodies are, or have been, for the form of a new activity."""
    return (
        Network.objects.filter(members__organisation__in=[body.pk for body in organisations])
        .distinct()
        .order_by("name", "pk")
    )


def activity_types_of(networks: Iterable[Network]) -> QuerySet[ActivityType]:
    """Return the activity types that these networks may carry out, by programme and action."""
    return (
        ActivityType.objects.filter(action__action_networks__network__in=[network.pk for network in networks])
        .exclude(kind=ActivityKind.MEDIATION)
        .select_related("action", "programme")
        .distinct()
        .order_by("programme__title", "programme_id", "action__position", "action__code", "position", "pk")
    )


def meetings_of(activity: Activity) -> list[Any]:
    """Return the meetings of an activity by day, with `bodies` (how many bodies were there), and of their decisions
    `decided`, `to_do` and `late` (how many in all, still open, past their day). One query: the activity keeps them, so
    that whoever shows more of it asks no more whether it has any."""
    own = Decision.objects.filter(meeting=OuterRef("pk")).order_by().values("meeting").annotate(number=Count("pk"))
    still = own.filter(state=DecisionState.OPEN)

    def number(found: QuerySet[Any]) -> Any:
        return Coalesce(Subquery(found.values("number"), output_field=IntegerField()), 0)

    meetings = Meeting.objects.annotate(
        bodies=Count("bodies_present", filter=Q(bodies_present__attendance=BodyAttendance.PRESENT)),
        decided=number(own),
        to_do=number(still),
        late=number(still.filter(due_on__lt=clock.today())),
    ).order_by("held_on", "starts_at", "pk")
    getattr(activity, "_prefetched_objects_cache", {}).pop("meetings", None)
    prefetch_related_objects([activity], Prefetch("meetings", meetings))
    return list(activity.meetings.all())


def closed_periods_of(activity: Activity) -> list[Period]:
    """Return the periods in which the activity may no longer change, in order. One query."""
    return list(
        Period.objects.filter(
            programme=activity.programme_id,
            closures__network=activity.network_id,
            closures__organisation=activity.organisation_id,
        ).order_by("starts_on")
    )


def closed_period_on(periods: Iterable[Period], day: date) -> Period | None:
    """Return the closed period that holds a day, if any."""
    return next((period for period in periods if period.starts_on <= day <= period.ends_on), None)


def check_days_open(activity: Activity, days: Iterable[date], *, field: str | None = None) -> None:
    """Raise `ClosedPeriodError` when one of the days lies in a closed period of the activity. One query."""
    periods = closed_periods_of(activity)
    for day in sorted(set(days)):
        period = closed_period_on(periods, day)
        if period is not None:
            raise ClosedPeriodError(period, field=field)


def check_activity_act(
    *,
    by: Any,
    activity: Activity,
    act: str,
    comment: str = "",
    meetings: Sequence[Meeting] | None = None,
    products: bool | None = None,
) -> None:
    """Raise `DomainError` with the reason when the person cannot do the act now: services and buttons ask the same.

    `by` None is the portal itself, which needs no permission. A page that has read the `meetings` gives them, and
    whether there are `products`.
    """
    states = {meeting.state for meeting in meetings} if meetings is not None else None
    if by is not None:
        check_can_keep_register(by, activity)
    ACTIVITY.check(activity.state, act, comment)
    if act == "conclude" and _has_meeting(activity, MeetingState.SCHEDULED, states):
        raise DomainError(_("Some meetings are still scheduled: record them as held, or cancel them."))
    if act == "cancel" and _has_happened(activity, states, products):
        raise DomainError(_("Something has already been done in this activity: conclude it instead."))


def _has_meeting(activity: Activity, state: MeetingState, states: set[str] | None) -> bool:
    return activity.meetings.filter(state=state).exists() if states is None else state in states


def _has_happened(activity: Activity, states: set[str] | None, products: bool | None) -> bool:
    return bool(
        _has_meeting(activity, MeetingState.HELD, states)
        or ((products is None or _publishes(activity)) and Campaign.objects.filter(activity=activity).exists())
        or (Deliverable.objects.filter(activity=activity).exists() if products is None else products)
    )


def _publishes(activity: Activity) -> bool:
    return activity.activity_type.kind == ActivityKind.CAMPAIGN


def refusal(check: Callable[[], object]) -> str:
    """Return the sentence with which a check refuses, or nothing: the reason beside a button that is not offered."""
    try:
        check()
    except DomainError as error:
        return str(error)
    return ""


@dataclass(frozen=True)
class ActivitySummary:
    """The figures of an activity that the actions app knows."""

    meetings: int
    held: int
    minutes: int
    first_on: date | None = field(default=None)
    last_on: date | None = field(default=None)


def summary_of(activity: Activity) -> ActivitySummary:
    """Return how many meetings an activity has and how much of it was held. No query when meetings are loaded."""
    meetings = [meeting for meeting in meetings_of(activity) if meeting.state != MeetingState.CANCELLED]
    held = [meeting for meeting in meetings if meeting.state == MeetingState.HELD]
    days = [meeting.held_on for meeting in meetings]
    return ActivitySummary(
        meetings=len(meetings),
        held=len(held),
        minutes=sum(meeting.minutes for meeting in held),
        first_on=min(days, default=None),
        last_on=max(days, default=None),
    )


def bounds_of(activity: Activity) -> list[date]:
    """Return all days on which the activity has something that is not cancelled. Three queries."""
    return [
        *activity.meetings.filter(~Q(state=MeetingState.CANCELLED)).order_by().values_list("held_on", flat=True),
        *activity.campaigns.order_by().values_list("published_on", flat=True),
        *activity.deliverables.order_by().values_list("delivered_on", flat=True),
    ]


def venues_of(networks: Iterable[Any]) -> QuerySet[Organisation]:
    """Return the bodies that may host an activity of these networks, by name."""
    return (
        Organisation.objects.filter(network_stays__network__in=[network.pk for network in networks])
        .distinct()
        .order_by("name", "pk")
    )


def bodies_for_meetings() -> QuerySet[Organisation]:
    """Return the bodies that can be recorded at a meeting: associations first, then the others, by name."""
    return Organisation.objects.annotate(
        other=Case(When(kind=OrganisationKind.MIGRANT_ASSOCIATION, then=0), default=1)
    ).order_by("other", "kind", "name", "pk")


def contents_of(activity: Activity) -> QuerySet[Campaign]:
    """Return the contents of an activity, the newest first, with `last_value` (the last one read)."""
    last = (
        CampaignMeasure.objects.filter(campaign=OuterRef("pk"), metric="").order_by("-measured_on").values("value")[:1]
    )
    return (
        activity.campaigns.select_related("channel")
        .annotate(last_value=Subquery(last))
        .order_by("-published_on", "-pk")
    )


def products_of(activity: Activity) -> QuerySet[Deliverable]:
    """Return the products of an activity, the newest first."""
    return activity.deliverables.select_related("evidence").order_by("-delivered_on", "-pk")
