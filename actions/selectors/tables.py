# SPDX-License-Identifier: EUPL-1.2
"""Reads over tables: who can be called, which networks can take part, which decisions are open, services."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from actions.enums import ActivityKind, DecisionState
from actions.models import Activity, Decision, Meeting, ServiceChange
from actions.permissions import closes_decisions_for
from fami_portal.core import clock
from fami_portal.core.models import Document
from fami_portal.core.nav import Waiting
from partners.models import Network, NetworkMember, Organisation

# The kinds whose meetings have a call, an agenda, minutes and decisions.
TABLE_KINDS = frozenset(
    {
        ActivityKind.WORKING_GROUP,
        ActivityKind.INFORMATION_MEETING,
        ActivityKind.FAMILY_MEETING,
        ActivityKind.TRAINING,
    }
)
# Those that several networks hold together.
SHARED_KINDS = frozenset({ActivityKind.WORKING_GROUP, ActivityKind.INFORMATION_MEETING})
# Those under which a service is opened or strengthened.
SERVICE_KINDS = frozenset(ActivityKind) - {ActivityKind.CAMPAIGN, ActivityKind.LAB, ActivityKind.FAMILY_MEETING}

# The kind of the documents that hold minutes; their subject is the meeting.
MINUTES = "meeting_minutes"
# How many decisions a home page shows.
SHOWN_AT_HOME = 5


def may_open_minutes(user: Any, document: Document) -> bool:
    """Whether the person may download minutes: whoever sees the meeting."""
    return Meeting.objects.visible_to(user).filter(pk=document.subject_id).exists()


def network_names(activity: Activity) -> list[str]:
    """Return the names of the networks of a table, its own first. One query."""
    others = activity.participations.order_by("network__name", "pk").values_list("network__name", flat=True)
    return [activity.network.name, *(others if activity.activity_type.kind in SHARED_KINDS else ())]


def networks_to_invite(activity: Activity) -> QuerySet[Network]:
    """Return the networks of the programme that could take part in a table beside its own."""
    return (
        Network.objects.filter(action_networks__action__programme=activity.programme_id)
        .exclude(pk=activity.network_id)
        .distinct()
        .order_by("name", "pk")
    )


def bodies_to_call(activity: Activity, day: date) -> list[tuple[Organisation, str]]:
    """Return the bodies that are in the networks of a table on a day, each with the names of its networks. One query."""
    networks = Q(network=activity.network_id) | Q(
        network__in=activity.participations.filter(since__lte=day).values("network")
    )
    stays = (
        NetworkMember.objects.on(day)
        .filter(networks)
        .select_related("organisation", "network")
        .order_by("organisation__name", "organisation_id", "network__name", "pk")
    )
    found: dict[int, tuple[Organisation, list[str]]] = {}
    for stay in stays:
        found.setdefault(stay.organisation_id, (stay.organisation, []))[1].append(stay.network.name)
    return [(body, ", ".join(dict.fromkeys(names))) for body, names in found.values()]


def bodies_to_decide(meeting: Meeting, decision: Decision | None = None) -> list[Organisation]:
    """Return the bodies that can carry out what a meeting decides: those called, those of its networks, the one chosen."""
    called = [row.organisation for row in meeting.bodies_present.select_related("organisation").order_by("pk")]
    members = [body for body, _names in bodies_to_call(meeting.activity, meeting.held_on)]
    chosen = [decision.organisation] if decision is not None and decision.organisation is not None else []
    found = {body.pk: body for body in (*called, *members, *chosen)}
    return sorted(found.values(), key=lambda body: body.name.casefold())


def decisions_of(meetings: Iterable[Any]) -> QuerySet[Decision]:
    """Return the decisions of meetings, the open ones first, by their day."""
    return (
        Decision.objects.filter(meeting__in=meetings)
        .select_related("organisation", "meeting", "meeting__activity")
        .order_by("-state", F("due_on").asc(nulls_last=True), "pk")
    )


def decisions_for(user: Any) -> QuerySet[Decision]:
    """Return the decisions that the person may see, the open ones first, by their day."""
    return (
        Decision.objects.visible_to(user)
        .select_related("organisation", "meeting", "meeting__activity", "meeting__activity__network")
        .order_by("-state", F("due_on").asc(nulls_last=True), "pk")
    )


def decisions_waiting(user: Any) -> list[Waiting]:
    """Say which open decisions wait for the bodies of a person: what has a day and is the nearest. One query."""
    bodies = closes_decisions_for(user)
    if not bodies:
        return []
    today = clock.today()
    rows = (
        Decision.objects.open()
        .filter(organisation__in=bodies)
        .select_related("meeting__activity")
        .order_by(F("due_on").asc(nulls_last=True), "pk")[:SHOWN_AT_HOME]
    )
    return [
        Waiting(
            title=_("Carry out: %(decision)s") % {"decision": row.text},
            url=row.get_absolute_url(),
            due=row.due_on,
            status=_("Overdue") if row.is_late(today) else DecisionState.OPEN.label,
            colour="danger" if row.is_late(today) else "info",
            context=row.meeting.activity.title,
        )
        for row in rows
    ]


def service_changes_of(activity: Activity) -> QuerySet[ServiceChange]:
    """Return what an activity made of services, the newest first."""
    return activity.service_changes.select_related("service").order_by("-changed_on", "-pk")


def before_and_after(change: ServiceChange) -> Sequence[tuple[str, int, int]]:
    """Return the counted lines of a service before and after: code, before, after; minutes a week as minutes."""
    return [
        (name, getattr(change, f"{name}_before"), getattr(change, f"{name}_after"))
        for name in ("minutes", "evenings", "staff", "sites")
    ]
