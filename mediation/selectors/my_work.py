# SPDX-License-Identifier: EUPL-1.2
"""What a mediator has in front: today, the next days, proposals to answer, reports due, hours done."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Prefetch, Q, QuerySet, Sum
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fami_portal.core import clock
from fami_portal.core.nav import Waiting
from mediation.enums import PresenceState, ProposalState, RequestState, SessionState
from mediation.models import (
    CommunityPresence,
    MediationRequest,
    MediationSession,
    Mediator,
    Proposal,
    RequestLanguage,
)
from mediation.permissions import mediator_of
from mediation.workflow import REQUEST

# Days after today that the page shows.
AHEAD = 14
PANEL_SIZE = 10
# The mediator owes the report of a request in these states.
REPORT_DUE = (RequestState.HELD, RequestState.REOPENED)


def day_bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """Return the moments at which the first day begins and the last one ends, in Italy."""
    return (
        timezone.make_aware(datetime.combine(first, time.min)),
        timezone.make_aware(datetime.combine(last + timedelta(days=1), time.min)),
    )


def address(name: str, *args: Any) -> str:
    """Return the address of a page of another room of the app; empty where this portal does not have it."""
    try:
        return reverse(f"mediation:{name}", args=args)
    except NoReverseMatch:
        return ""


def _sessions(mediator: Mediator) -> QuerySet[MediationSession]:
    return (
        MediationSession.objects.filter(mediator=mediator.pk)
        .select_related("request", "request__organisation", "request__municipality")
        .order_by("planned_from", "pk")
    )


def sessions_on(mediator: Mediator, first: date, last: date) -> list[MediationSession]:
    """Return the sessions of some days that were not cancelled, in order (one query)."""
    since, until = day_bounds(first, last)
    found = _sessions(mediator).filter(planned_from__gte=since, planned_from__lt=until)
    return list(found.exclude(state=SessionState.CANCELLED))


def sessions_to_record(mediator: Mediator, *, at: datetime) -> list[MediationSession]:
    """Return the sessions of before today that are over and that nobody has recorded, the oldest first (one query)."""
    today = timezone.localdate(at)
    since, _until = day_bounds(today, today)
    return list(_sessions(mediator).filter(state=SessionState.PLANNED, planned_until__lt=since))


def presences_on(mediator: Mediator, first: date, last: date) -> list[CommunityPresence]:
    """Return the presences of community mediation of some days that were not cancelled, in order (one query)."""
    since, until = day_bounds(first, last)
    found = CommunityPresence.objects.filter(
        mediator=mediator.pk, planned_from__gte=since, planned_from__lt=until
    ).exclude(state=PresenceState.CANCELLED)
    return list(found.select_related("network").order_by("planned_from", "pk"))


def presences_to_record(mediator: Mediator, *, at: datetime) -> list[CommunityPresence]:
    """Return the presences of before today that nobody has recorded, the oldest first (one query)."""
    today = timezone.localdate(at)
    since, _until = day_bounds(today, today)
    found = CommunityPresence.objects.filter(mediator=mediator.pk, state=PresenceState.PLANNED, planned_until__lt=since)
    return list(found.select_related("network").order_by("planned_from", "pk"))


def proposals_to_answer(mediator: Mediator, *, at: datetime) -> list[Proposal]:
    """Return the proposals that wait for an answer, the first to expire at the top (two queries)."""
    return list(
        Proposal.objects.filter(mediator=mediator.pk, state=ProposalState.PROPOSED, expires_at__gt=at)
        .select_related("request", "request__organisation", "request__municipality")
        .prefetch_related(
            Prefetch(
                "request__languages", RequestLanguage.objects.select_related("language").order_by("position", "pk")
            )
        )
        .order_by("expires_at", "pk")
    )


def reports_due(mediator: Mediator) -> list[MediationRequest]:
    """Return the requests whose report the mediator still has to file, the longest waiting at the top (one query)."""
    return list(
        MediationRequest.objects.filter(mediator=mediator.pk, state__in=REPORT_DUE)
        .select_related("organisation")
        .order_by("state_since", "pk")
    )


@dataclass(frozen=True)
class HoursDone:
    """Minutes of the sessions and presences held: this month, this year, and the most that were agreed for a year."""

    month: int
    year: int
    maximum: int | None


def hours_done(mediator: Mediator, today: date) -> HoursDone:
    """Add up the minutes held in the month and in the year of a day (two queries)."""
    year, _end = day_bounds(today.replace(month=1, day=1), today)
    month, _end = day_bounds(today.replace(day=1), today)
    held = (
        MediationSession.objects.filter(mediator=mediator.pk, state=SessionState.HELD, actual_from__gte=year),
        CommunityPresence.objects.filter(mediator=mediator.pk, actual_from__gte=year),
    )
    sums = [
        rows.aggregate(year=Sum("minutes"), month=Sum("minutes", filter=Q(actual_from__gte=month))) for rows in held
    ]
    return HoursDone(
        month=sum(row["month"] or 0 for row in sums),
        year=sum(row["year"] or 0 for row in sums),
        maximum=mediator.yearly_maximum,
    )


def is_mediator(user: Any) -> bool:
    """Whether the person mediates today and is in the register (at most one query, kept on the user object)."""
    return mediator_of(user) is not None


def work_panel(user: Any) -> list[Waiting]:
    """What waits for a mediator on the home page: sessions to record, reports to file."""
    mediator = mediator_of(user)
    if mediator is None:
        return []
    waiting = [
        Waiting(
            title=_("Record the session of request %(number)s") % {"number": session.request.number},
            url=address("session", session.uuid) or address("my-day"),
            due=timezone.localdate(session.planned_until),
            status=_("To record"),
            colour="warning",
            context=session.request.organisation.name,
        )
        for session in sessions_to_record(mediator, at=clock.now())[:PANEL_SIZE]
    ]
    return waiting + [
        Waiting(
            title=_("File the report of request %(number)s") % {"number": request.number},
            url=address("request", request.uuid) or address("my-day"),
            status=request.get_state_display(),
            colour=REQUEST.colours[request.state],
            context=request.organisation.name,
        )
        for request in reports_due(mediator)[:PANEL_SIZE]
    ]
