# SPDX-License-Identifier: EUPL-1.2
"""Reading requests of mediation: what one still lacks, on which hours it draws, what a cancellation costs."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from actions.enums import MediationRequestKind
from actions.models import ActionNetwork, Programme
from fami_portal.core import clock
from fami_portal.core.models import Document
from mediation.enums import AccountUse, MovementKind, RequestState, SessionState
from mediation.models import HourAccount, HourMovement, MediationRequest, MediationSession
from mediation.selectors.hours import account_for, reserved_for
from mediation.selectors.request_rules import RULES, WHEN, Problem, hours, is_fast, last_day_of
from mediation.selectors.settings import RequestSettings, settings_of
from partners.enums import SCHOOL_KINDS
from partners.models import Network, NetworkMember, Organisation

__all__ = ["Problem", "problems"]

SOURCE = "request"
ATTACHMENT = "mediation_attachment"
# So many files may be attached to a request.
MOST_FILES = 5
SIGNED_REQUEST = "mediation_signed_request"
# What schools and services may both ask for.
FOR_ALL = frozenset({MediationRequestKind.TRANSLATION, MediationRequestKind.LEGAL, MediationRequestKind.ETHNOCLINICAL})
# Without the letters and digits that look alike when they are read aloud or written by hand.
_CODE_ALPHABET = "23456789ACDEFHJKMNPQRTUVWXY"


class NotOfferedError(LookupError):
    """The programme does not offer this kind of request (any more)."""


def settings_for(request: MediationRequest) -> RequestSettings:
    """Return the settings of the kind of the request in its programme; raises `NotOfferedError`. One query."""
    settings = settings_of(request.programme_id, request.kind)
    if settings is None:
        raise NotOfferedError
    return settings


def problems(request: MediationRequest, settings: RequestSettings, *, at: datetime | None = None) -> list[Problem]:
    """Return everything that the request lacks, all at once: what blocks it first, in the order of the steps.

    A request sent back to be completed is judged by the notice that it gave when it was submitted. A constant number
    of queries.
    """
    slots = list(request.slots.order_by("position"))
    about: dict[str, Any] = {
        "settings": settings,
        "slots": slots,
        "languages": list(request.languages.select_related("language").order_by("position", "pk")),
        "since": request.submitted_at or at or clock.now(),
    }
    found = [problem for rule in RULES for problem in rule(request, **about)]
    if not any(problem.field in ("minutes_asked", "sessions_asked", "slot_0_day") for problem in found):
        found += balance_problems(request, settings)
    return sorted(found, key=lambda problem: (not problem.blocking, problem.step))


def accounts_for(request: MediationRequest) -> list[HourAccount]:
    """Return the accounts on which the request may draw, the first choice first: the reserve for urgency of the
    network for what is urgent, then the hours on call of the body or of its network. Two queries at most."""
    day = last_day_of(request, request.slots.all())
    if day is None:
        return []
    uses = [AccountUse.URGENCY, AccountUse.ON_CALL] if is_fast(request) else [AccountUse.ON_CALL]
    if request.kind == MediationRequestKind.FACILITATION:
        uses.insert(0, AccountUse.PLANNED)
    found = (
        account_for(
            programme_id=request.programme_id,
            network_id=request.network_id,
            organisation_id=request.organisation_id,
            kind=request.kind,
            use=use,
            day=day,
        )
        for use in uses
    )
    return [account for account in found if account is not None]


def balance_problems(request: MediationRequest, settings: RequestSettings) -> list[Problem]:
    """Say that there are no hours, not enough, or nearly none left after this request."""
    accounts = accounts_for(request)
    if not accounts:
        return [
            Problem(
                "minutes_asked",
                WHEN,
                _("No hours have been assigned to your network for that day: ask the coordinator of the network."),
            )
        ]
    # What the request itself holds already is free for it.
    held = {account.pk: reserved_for(SOURCE, request.pk, account_id=account.pk) for account in accounts}
    fitting = [row for row in accounts if row.available + held[row.pk] >= request.minutes_asked]
    if not fitting:
        left = max(row.available + held[row.pk] for row in accounts)
        return [
            Problem(
                "minutes_asked",
                WHEN,
                _(
                    "The account of hours has %(left)s left, and %(asked)s are asked: ask for fewer hours, or ask the "
                    "coordinator of the network for an extra grant."
                )
                % {"left": hours(left), "asked": hours(request.minutes_asked)},
            )
        ]
    account = fitting[0]
    used = account.reserved + account.consumed - held[account.pk] + request.minutes_asked
    if used * 100 >= account.granted * settings.warning_percent:
        left = account.granted - used
        return [
            Problem(
                "minutes_asked",
                WHEN,
                _("The hours are running out: after this request %(left)s of %(granted)s are left.")
                % {"left": hours(left), "granted": hours(account.granted)},
                blocking=False,
            )
        ]
    return []


def reservations(request: MediationRequest) -> int:
    """Return how often hours were reserved for the request: the next reservation is the next attempt. One query."""
    return HourMovement.objects.filter(
        source_type=SOURCE, source_id=request.pk, kind=MovementKind.RESERVE, session_id=None
    ).count()


# --- what a cancellation costs ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CancellationCost:
    """What giving a request up costs now: minutes charged by session, and until when it would have been free."""

    charges: tuple[tuple[MediationSession, int], ...]
    free_until: datetime | None

    @property
    def minutes(self) -> int:
        """All that is charged."""
        return sum(minutes for _session, minutes in self.charges)


def cancellation_cost(request: MediationRequest, settings: RequestSettings, *, at: datetime) -> CancellationCost:
    """Return the cost of cancelling at a moment: each planned session that is too near is charged. One query.

    Until `free_until_hours` before a session it costs nothing; after that the charge of the programme, never more than
    the length of the session. Without a session nobody has kept time free, so nothing is charged.
    """
    sessions = list(request.sessions.filter(state=SessionState.PLANNED).order_by("planned_from", "pk"))
    limit = timedelta(hours=settings.free_until_hours)
    charges = []
    for session in sessions:
        length = int((session.planned_until - session.planned_from) / timedelta(minutes=1))
        late = session.planned_from - at < limit
        charges.append((session, min(settings.late_charge_minutes, length) if late else 0))
    return CancellationCost(tuple(charges), sessions[0].planned_from - limit if sessions else None)


# --- where a request may be filed ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """A body may file a kind of request in a network of a programme."""

    kind: str
    organisation: Organisation
    network: Network
    programme: Programme

    @property
    def key(self) -> str:
        """What the form of the first page sends."""
        return f"{self.kind}:{self.organisation.pk}:{self.network.pk}:{self.programme.pk}"


def suits(kind: str, organisation: Organisation) -> bool:
    """Whether a kind of request is for this kind of body: A.1 for schools, A.3 for the others; some for both."""
    if kind in FOR_ALL:
        return True
    is_school = organisation.kind in SCHOOL_KINDS
    if kind == MediationRequestKind.SCHOOL or kind == MediationRequestKind.FACILITATION:
        return is_school
    return not is_school


def places_for(organisations: Iterable[Organisation], kinds: Iterable[str], *, at: datetime) -> list[Place]:
    """Return all that these bodies may ask for on a day: kind, network of theirs, running programme. Two queries."""
    bodies = {body.pk: body for body in organisations}
    today = timezone.localdate(at)
    stays = (
        NetworkMember.objects.on(today)
        .filter(organisation__in=bodies)
        .select_related("network")
        .order_by("network__name", "pk")
    )
    networks: dict[int, list[NetworkMember]] = {}
    for stay in stays:
        networks.setdefault(stay.network_id, []).append(stay)
    carried = (
        ActionNetwork.objects.filter(network__in=networks, action__programme__starts_on__lte=today)
        .select_related("action__programme")
        .prefetch_related("action__programme__request_kinds")
        .order_by("action__programme__title", "pk")
    )
    found: dict[str, Place] = {}
    wanted = [str(kind) for kind in kinds]
    for row in carried:
        programme = row.action.programme
        if programme.last_day < today:
            continue
        offered = {request_kind.kind for request_kind in programme.request_kinds.all()}
        for stay in networks[row.network_id]:
            body = bodies[stay.organisation_id]
            for kind in wanted:
                if kind in offered and suits(kind, body):
                    place = Place(kind, body, stay.network, programme)
                    found.setdefault(place.key, place)
    return sorted(found.values(), key=lambda place: (wanted.index(place.kind), place.organisation.name))


def is_member(network: Network, organisation: Organisation) -> bool:
    """Whether the body is in the network now."""
    stays = NetworkMember.objects.on(clock.today())
    return stays.filter(network=network.pk, organisation=organisation.pk).exists()


def carries(programme: Programme, network: Network) -> bool:
    """Whether the network carries out an action of the programme."""
    return ActionNetwork.objects.filter(network=network.pk, action__programme=programme.pk).exists()


def new_case_code(kind: str, organisation_id: int) -> str:
    """Propose a code for a case, such as `AL-7F3K`, that the body has not used yet."""
    prefix = "AL" if kind != MediationRequestKind.SERVICE else "CS"
    while True:
        code = f"{prefix}-{''.join(secrets.choice(_CODE_ALPHABET) for _place in range(4))}"
        if not MediationRequest.objects.filter(organisation=organisation_id, case_code=code).exists():
            return code


def attachments(request: MediationRequest) -> list[Document]:
    """Return the files attached to the request, the oldest first."""
    return list(Document.objects.filter(kind=ATTACHMENT, subject_id=request.pk).order_by("pk"))


def may_attach(request: MediationRequest) -> bool:
    """Whether files may still be added: until the request is taken in charge, and while it is to be completed."""
    return request.state in (
        RequestState.DRAFT,
        RequestState.SUBMITTED,
        RequestState.AUTHORISED,
        RequestState.TO_COMPLETE,
    )
