# SPDX-License-Identifier: EUPL-1.2
"""The figures of the mediation service in some days: requests, waiting, hours, what was not held, what nobody could meet.

Requests belong to the day on which they were submitted, sessions to the day on which they were held (or planned, when
they were not held). Everything is counted by the database in a few statements, whatever the number of rows.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from actions.enums import MediationRequestKind
from actions.models import Programme
from fami_portal.core.kept import kept_on
from mediation.enums import Absent, Intervention, RequestState, SessionState
from mediation.models import HourAccount, MediationRequest
from mediation.selectors import figures_sql
from partners.models import Network, Organisation
from partners.permissions import network_ids_with

P = Permission.VIEW_MEDIATION_FIGURES
# Below this many requests a row could tell of one family: whoever may not see requests sees such rows together.
FEW = 3


@dataclass(frozen=True)
class Chosen:
    """What is looked at: days (both included), and none or one programme, network, school or service, kind."""

    starts_on: date
    ends_on: date
    programme: Programme | None = None
    network: Network | None = None
    organisation: Organisation | None = None
    kind: str = ""


@dataclass
class Line:
    """What was counted for one month, language, kind, body. Waiting is in hours, None when nobody waited."""

    key: Any
    label: str
    requests: int = 0
    assigned: int = 0
    unmet: int = 0
    to_assignment: tuple[float, float] | None = None
    to_session: tuple[float, float] | None = None
    sessions: int = 0
    minutes: int = 0
    validated: int = 0


@dataclass
class Figures:
    """Everything that the page shows."""

    total: Line
    filled: int = 0
    missed: int = 0
    open: int = 0
    rejected: int = 0
    expired: int = 0
    cancelled: int = 0
    cancelled_late: int = 0
    charged: int = 0
    months: list[Line] = field(default_factory=list)
    languages: list[Line] = field(default_factory=list)
    kinds: list[Line] = field(default_factory=list)
    bodies: list[Line] = field(default_factory=list)
    types: list[Line] = field(default_factory=list)
    # Why sessions were not held: because of whom, how many, minutes charged.
    not_held: list[tuple[str, int, int]] = field(default_factory=list)
    # Network, kind, minutes granted, reserved, consumed.
    balance: list[tuple[str, str, int, int, int]] = field(default_factory=list)

    @property
    def fill_rate(self) -> float | None:
        """Share of the requests that got a mediator, of those for which the search is over; None when there is none."""
        ended = self.filled + self.missed
        return self.filled / ended if ended else None


# --- what the person may look at -------------------------------------------------------------------------------------


def _reach(user: Any) -> Q:
    return Q(programme__in=_programmes(user)) | Q(network__in=network_ids_with(user, P))


def _programmes(user: Any) -> list[int]:
    """Return the programmes whose figures the person sees whole (one query, kept on the user object)."""
    return kept_on(
        user,
        "_portal_figures",
        lambda: list(Programme.objects.reached_by(user, P).order_by("pk").values_list("pk", flat=True)),
    )


def reached_requests(user: Any) -> QuerySet[MediationRequest]:
    """Return the submitted requests of the networks and programmes whose figures the person may see."""
    return MediationRequest.objects.filter(_reach(user)).exclude(state=RequestState.DRAFT)


def reached_places(user: Any) -> tuple[QuerySet[Programme], QuerySet[Network], QuerySet[Organisation]]:
    """Return the programmes, networks and bodies between which the person may choose."""
    found = reached_requests(user)
    return (
        Programme.objects.filter(pk__in=found.values("programme")).order_by("title"),
        Network.objects.filter(pk__in=found.values("network")).order_by("name"),
        Organisation.objects.filter(pk__in=found.values("organisation")).order_by("name", "pk"),
    )


def _chosen_requests(user: Any, chosen: Chosen) -> QuerySet[MediationRequest]:
    found = reached_requests(user)
    if chosen.programme is not None:
        found = found.filter(programme=chosen.programme)
    if chosen.network is not None:
        found = found.filter(network=chosen.network)
    if chosen.organisation is not None:
        found = found.filter(organisation=chosen.organisation)
    return found.filter(kind=chosen.kind) if chosen.kind else found


# --- reading ---------------------------------------------------------------------------------------------------------

# What a row of the statements is about, as PostgreSQL says it: a bit for each column by which it is not grouped.
_MONTH, _KIND, _LANGUAGE, _BODY = 0b0111, 0b1011, 0b1101, 0b1110
_OF_ALL = 0b1111


def _rows(sql: str, requests: QuerySet[MediationRequest], *parameters: Any) -> list[tuple[Any, ...]]:
    reach, values = requests.order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(sql.replace("{reach}", reach), [*values, *parameters])
        return cursor.fetchall()


def _pair(values: Any) -> tuple[float, float] | None:
    return (values[0], values[1]) if values and values[0] is not None else None


def figures(user: Any, chosen: Chosen) -> Figures:
    """Return the figures of what was chosen; a few statements, none of them longer for longer lists."""
    requests = _chosen_requests(user, chosen)
    found = Figures(Line("", ""))
    lines: dict[int, dict[Any, Line]] = {level: {} for level in (_MONTH, _KIND, _LANGUAGE, _BODY)}
    _read_requests(found, lines, requests, chosen)
    found.filled = found.total.assigned
    _read_sessions(found, lines, requests, chosen)
    _read_other_work(found, lines, user, chosen)
    found.months = sorted(lines[_MONTH].values(), key=lambda line: line.key)
    found.languages = sorted(lines[_LANGUAGE].values(), key=lambda line: (-line.minutes, -line.requests, line.label))
    found.kinds = sorted(lines[_KIND].values(), key=lambda line: (-line.minutes, -line.requests, line.label))
    found.bodies = sorted(lines[_BODY].values(), key=lambda line: (-line.minutes, -line.requests, line.label))
    found.types = _types(requests, chosen)
    found.balance = _balance(user, chosen)
    return found


def _line(lines: dict[int, dict[Any, Line]], level: int, row: tuple[Any, ...]) -> Line:
    """Return the line of a month, kind, language or body; the six columns are the same in both statements."""
    month, kind, language, language_name, body, body_name = row
    match level:
        case 0b0111:
            key, label = month, ""
        case 0b1011:
            key, label = kind, str(MediationRequestKind(kind).label)
        case 0b1101:
            key, label = language, language_name or str(_("Not said"))
        case _:
            key, label = body, body_name
    return lines[level].setdefault(key, Line(key, label))


def _read_requests(
    found: Figures, lines: dict[int, dict[Any, Line]], requests: QuerySet[MediationRequest], chosen: Chosen
) -> None:
    for level, *rest in _rows(figures_sql.REQUESTS, requests, chosen.starts_on, chosen.ends_on):
        line = found.total if level == _OF_ALL else _line(lines, level, tuple(rest[:6]))
        line.requests, line.assigned, line.unmet, missed = rest[6:10]
        line.to_assignment, line.to_session = _pair(rest[10]), _pair(rest[11])
        if level == _OF_ALL:
            found.missed = missed
            found.open, found.rejected, found.expired, found.cancelled, found.cancelled_late = rest[12:17]


def _read_sessions(
    found: Figures, lines: dict[int, dict[Any, Line]], requests: QuerySet[MediationRequest], chosen: Chosen
) -> None:
    for level, *rest in _rows(figures_sql.SESSIONS, requests, chosen.starts_on, chosen.ends_on):
        state, absent, number, minutes, validated, charged = rest[6:12]
        by_reason = level >> 1 == _OF_ALL
        if by_reason:
            found.charged += charged
        if by_reason and state == SessionState.NOT_HELD:
            found.not_held.append((str(Absent(absent).label), number, charged))
        if state != SessionState.HELD:
            continue
        line = found.total if by_reason else _line(lines, level >> 1, tuple(rest[:6]))
        line.sessions += number
        line.minutes += minutes
        line.validated += validated


def _read_other_work(found: Figures, lines: dict[int, dict[Any, Line]], user: Any, chosen: Chosen) -> None:
    """Presences, consultations and translations: their hours are beside those of the requests, never among them."""
    with connection.cursor() as cursor:
        cursor.execute(
            figures_sql.OTHER_WORK,
            {
                "first": chosen.starts_on,
                "last": chosen.ends_on,
                "networks": sorted(network_ids_with(user, P)),
                "programmes": _programmes(user),
                "programme": chosen.programme.pk if chosen.programme else None,
                "network": chosen.network.pk if chosen.network else None,
                "organisation": chosen.organisation.pk if chosen.organisation else None,
                "kind": chosen.kind,
            },
        )
        for kind, number, minutes, validated in cursor.fetchall():
            line = lines[_KIND].setdefault(kind, Line(kind, str(MediationRequestKind(kind).label)))
            line.sessions, line.minutes, line.validated = number, minutes, validated


def _types(requests: QuerySet[MediationRequest], chosen: Chosen) -> list[Line]:
    days = (chosen.starts_on, chosen.ends_on)
    return [
        Line(code, str(Intervention(code).label), requests=asked, sessions=number, minutes=minutes)
        for code, asked, number, minutes in _rows(figures_sql.TYPES, requests, *days, *days, *days)
    ]


def _balance(user: Any, chosen: Chosen) -> list[tuple[str, str, int, int, int]]:
    accounts = HourAccount.objects.filter(_reach(user), starts_on__lte=chosen.ends_on, ends_on__gte=chosen.starts_on)
    if chosen.programme is not None:
        accounts = accounts.filter(programme=chosen.programme)
    if chosen.network is not None:
        accounts = accounts.filter(network=chosen.network)
    if chosen.organisation is not None:
        accounts = accounts.filter(organisation=chosen.organisation)
    if chosen.kind:
        accounts = accounts.filter(kind=chosen.kind)
    rows = (
        accounts.order_by("network__name", "network", "kind")
        .values_list("network__name", "kind")
        .annotate(Sum("granted"), Sum("reserved"), Sum("consumed"))
    )
    return [(name, str(MediationRequestKind(kind).label), *sums) for name, kind, *sums in rows]


def without_few(lines: list[Line]) -> list[Line]:
    """Put the lines of fewer than `FEW` requests together: alone they could tell of one family."""
    kept = [line for line in lines if line.requests >= FEW]
    small = [line for line in lines if line.requests < FEW]
    if not small:
        return kept
    together = Line("few", str(_("Others, fewer than %(few)s requests each") % {"few": FEW}))
    for name in ("requests", "assigned", "unmet", "sessions", "minutes", "validated"):
        setattr(together, name, sum(getattr(line, name) for line in small))
    return [*kept, together]
