# SPDX-License-Identifier: EUPL-1.2
"""The coordinator's board: what waits, for how long against the target of the programme, and what nobody could meet."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, IntegerField, Prefetch, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.permissions import Permission, Scope
from actions.models import Programme, RequestKind
from fami_portal.core import clock
from fami_portal.core.nav import Waiting
from mediation.enums import SESSION_KINDS, ProposalState, RequestState, Urgency
from mediation.models import MediationRequest, Proposal, RequestLanguage, RequestSlot
from mediation.permissions import mediator_of
from mediation.selectors.settings import RequestSettings, settings_from
from mediation.selectors.working_days import working_minutes
from partners.models import Membership, Network
from partners.permissions import holds

S = RequestState
PANEL_SIZE = 10


@dataclass(frozen=True)
class Group:
    """States of the board that belong together, in the order of the work."""

    code: str
    label: Any
    states: tuple[str, ...]
    # What the coordinator finds here when there is nothing.
    empty: Any = ""


GROUPS = (
    Group("new", _("To take in charge"), (S.AUTHORISED,)),
    Group("searching", _("To assign"), (S.TAKEN_IN_CHARGE, S.ASSIGNING)),
    Group("asked", _("Waiting for a mediator’s answer"), (S.PROPOSED,)),
    Group("agreed", _("Confirmed"), (S.CONFIRMED, S.RESCHEDULED)),
    Group("done", _("Report under way"), (S.HELD, S.REPORTED, S.REOPENED)),
    Group("validate", _("To validate"), (S.COUNTERSIGNED,)),
    Group("body", _("With the school or service"), (S.SUBMITTED, S.TO_COMPLETE)),
    Group("ended", _("Ended"), (S.VALIDATED, S.REJECTED, S.CANCELLED, S.NOT_HELD, S.EXPIRED)),
)
BY_CODE = {group.code: group for group in GROUPS}
# What waits for the coordinator: shown when nothing is chosen.
TURN = tuple(state for code in ("new", "searching", "validate") for state in BY_CODE[code].states)
# In these states the request still waits for a mediator.
WAITING = (S.SUBMITTED, S.AUTHORISED, S.TAKEN_IN_CHARGE, S.TO_COMPLETE, S.ASSIGNING, S.PROPOSED)
_RANK: dict[str, int] = {Urgency.URGENT: 0, Urgency.NEW_ARRIVAL: 1, Urgency.ORDINARY: 2}
FAST = (Urgency.URGENT, Urgency.NEW_ARRIVAL)


def coordinates_any(user: Any) -> bool:
    """Whether the person has a board."""
    return holds(user, Permission.COORDINATE_MEDIATION)


def board_requests(user: Any) -> QuerySet[MediationRequest]:
    """Return the requests that the person coordinates, drafts apart."""
    permission = Permission.COORDINATE_MEDIATION
    coordinations = Membership.objects.granting(user, permission, Scope.NETWORK)
    return MediationRequest.objects.filter(
        Q(programme__in=Programme.objects.reached_by(user, permission).values("pk"))
        | Q(network__in=Network.objects.filter(coordinations__in=coordinations).values("pk")),
        kind__in=SESSION_KINDS,
    ).exclude(state=S.DRAFT)


def ranked(requests: QuerySet[MediationRequest], *, oldest_first: bool = False) -> QuerySet[MediationRequest]:
    """Order them: the most urgent first and then the oldest, or only the oldest."""
    if oldest_first:
        return requests.order_by("submitted_at", "pk")
    rank = Case(*(When(urgency=key, then=Value(number)) for key, number in _RANK.items()), output_field=IntegerField())
    return requests.order_by(rank, "submitted_at", "pk")


def with_what_is_shown(requests: QuerySet[MediationRequest]) -> QuerySet[MediationRequest]:
    """Read with them what a row of the board shows."""
    return requests.select_related("organisation", "network").prefetch_related(
        Prefetch("languages", RequestLanguage.objects.select_related("language").order_by("position", "pk")),
        Prefetch("slots", RequestSlot.objects.order_by("position")),
    )


def counts(requests: QuerySet[MediationRequest]) -> dict[str, int]:
    """Return how many requests are in each group (one query)."""
    states = dict(requests.order_by().values_list("state").annotate(number=Count("pk")))
    return {group.code: sum(states.get(state, 0) for state in group.states) for group in GROUPS}


def unmet_by_language(requests: QuerySet[MediationRequest]) -> list[tuple[str, int]]:
    """Return the languages for which no mediator was found, with the number of requests, most first (one query)."""
    rows = (
        RequestLanguage.objects.filter(request__in=requests.filter(unmet=True).order_by().values("pk"))
        .values_list("language__name")
        .annotate(number=Count("request", distinct=True))
        .order_by("-number", "language__name")
    )
    return [(name, number) for name, number in rows]


# --- waiting against the target ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wait:
    """How long a request waited for a mediator, in minutes of working days, against its target."""

    minutes: int
    target: int
    # Whether it still waits.
    running: bool

    @property
    def level(self) -> str:
        """`late`, `soon` (three quarters of the target are gone) or `in_time`."""
        if self.minutes > self.target:
            return "late"
        return "soon" if self.running and self.minutes * 4 >= self.target * 3 else "in_time"


def settings_by_kind(programme_ids: Iterable[int]) -> dict[tuple[int, str], RequestSettings]:
    """Return the settings of every kind of request of some programmes (one query)."""
    rows = RequestKind.objects.filter(programme__in=set(programme_ids)).order_by("pk")
    return {(row.programme_id, row.kind): settings_from(row.kind, row.settings) for row in rows}


def wait_of(request: MediationRequest, settings: RequestSettings | None, *, now: datetime) -> Wait | None:
    """Return the waiting of a request, from its submission to the mediator's yes, or until now. No query.

    None for what ended without a mediator, or was never submitted.
    """
    if request.submitted_at is None or (request.confirmed_at is None and request.state not in WAITING):
        return None
    settings = settings or RequestSettings(request.kind)
    hours = settings.urgent_activation_hours if request.urgency in FAST else settings.activation_hours
    until = request.confirmed_at or now
    return Wait(
        minutes=working_minutes(request.submitted_at, max(until, request.submitted_at)),
        target=60 * hours,
        running=request.confirmed_at is None,
    )


# --- what waits for a person ---------------------------------------------------------------------------------------


def triage_panel(user: Any) -> list[Waiting]:
    """What waits for a coordinator on the home page: requests to take in charge, mediators to find."""
    if not coordinates_any(user):
        return []
    states = (*BY_CODE["new"].states, *BY_CODE["searching"].states)
    found = ranked(board_requests(user).filter(state__in=states)).select_related("organisation")
    rows = list(found[: PANEL_SIZE + 1])
    waiting = [
        Waiting(
            title=(
                _("Take in charge request %(number)s")
                if request.state == S.AUTHORISED
                else _("Find a mediator for request %(number)s")
            )
            % {"number": request.number},
            url=request.get_absolute_url(),
            due=request.last_day,
            status=request.get_urgency_display() if request.urgency in FAST else request.get_state_display(),
            colour="danger" if request.urgency == Urgency.URGENT else "warning" if request.urgency in FAST else "info",
            context=request.organisation.name,
        )
        for request in rows[:PANEL_SIZE]
    ]
    if len(rows) > PANEL_SIZE:
        number = found.count() - PANEL_SIZE
        more = ngettext("See %(number)s more request on the board", "See %(number)s more requests on the board", number)
        waiting.append(Waiting(title=more % {"number": number}, url=reverse("mediation:board")))
    return waiting


def proposals_panel(user: Any) -> list[Waiting]:
    """What waits for a mediator on the home page: proposals to answer."""
    mediator = mediator_of(user)
    if mediator is None:
        return []
    found = (
        Proposal.objects.filter(mediator=mediator.pk, state=ProposalState.PROPOSED, expires_at__gt=clock.now())
        .select_related("request", "request__organisation")
        .order_by("expires_at", "pk")
    )
    return [
        Waiting(
            title=_("Answer the proposal for %(day)s") % {"day": f"{timezone.localtime(row.starts_at):%d/%m/%Y %H:%M}"},
            url=reverse("mediation:proposal", args=[row.uuid]),
            due=timezone.localdate(row.expires_at),
            status=row.get_state_display(),
            colour="warning",
            context=row.request.organisation.name,
        )
        for row in found[:PANEL_SIZE]
    ]


def overdue_proposals(now: datetime) -> bool:
    """Whether a proposal waits for an answer longer than it may."""
    return Proposal.objects.filter(state=ProposalState.PROPOSED, expires_at__lte=now).exists()
