# SPDX-License-Identifier: EUPL-1.2
"""On which day the hours of an account run out, if the last weeks go on: a straight line, and honest when it cannot say.

Schools ask nothing in July and August, so for their kinds those days count neither behind nor ahead.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from math import ceil

from django.db.models import Count, F, Min, Q, Sum
from django.utils import timezone

from actions.enums import MediationRequestKind
from mediation.enums import MovementKind
from mediation.models import HourAccount, HourMovement

# How far back to look, and how much there must be to see: weeks and requests.
WEEKS = 8
ENOUGH_WEEKS = 3
ENOUGH_REQUESTS = 3
SCHOOL_YEAR_KINDS = frozenset({MediationRequestKind.SCHOOL, MediationRequestKind.FACILITATION})
SUMMER = (7, 8)
_USE = (
    MovementKind.RESERVE,
    MovementKind.RELEASE,
    MovementKind.CONSUME,
    MovementKind.CHARGE,
    MovementKind.RESTORE,
)


class Outlook(Enum):
    """What can be said of an account."""

    NOT_ENOUGH_DATA = "not_enough_data"
    RUN_OUT = "run_out"
    UNUSED = "unused"
    RUNS_OUT = "runs_out"
    LASTS = "lasts"


@dataclass(frozen=True)
class Pace:
    """How fast hours went lately: minutes, in how many days that count, for how many requests."""

    minutes: int = 0
    days: int = 0
    requests: int = 0

    @property
    def says_enough(self) -> bool:
        return self.days >= 7 * ENOUGH_WEEKS and self.requests >= ENOUGH_REQUESTS

    @property
    def per_week(self) -> int:
        """Minutes a week."""
        return round(7 * self.minutes / self.days) if self.days else 0


@dataclass(frozen=True)
class Forecast:
    """The outlook of an account, with the last day on which it has hours when it runs out before its end."""

    outlook: Outlook
    per_week: int = 0
    runs_out_on: date | None = None


def counts(day: date, kind: str) -> bool:
    """Whether hours of this kind are used on such a day."""
    return kind not in SCHOOL_YEAR_KINDS or day.month not in SUMMER


def _window_start(day: date, kind: str) -> date:
    left, first = 7 * WEEKS, day
    while left:
        first -= timedelta(days=1)
        left -= counts(first, kind)
    return first


def _days_between(first: date, last: date, kind: str) -> int:
    return sum(counts(first + timedelta(days=number), kind) for number in range((last - first).days))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def paces(accounts: Iterable[HourAccount], day: date) -> dict[int, Pace]:
    """Return the pace of each account in the last weeks before a day. One query for all of them."""
    by_pk = {account.pk: account for account in accounts}
    starts = {kind: _window_start(day, kind) for kind in {account.kind for account in by_pk.values()}}
    recent = Q(pk__in=[])
    for kind, first in starts.items():
        recent |= Q(account__kind=kind, at__gte=_midnight(first))
    rows = (
        HourMovement.objects.filter(account__in=by_pk, kind__in=_USE, at__lt=_midnight(day + timedelta(days=1)))
        .order_by()
        .values("account")
        .annotate(
            first=Min("at"),
            minutes=Sum(F("reserved_change") + F("consumed_change"), filter=recent, default=0),
            requests=Count("pk", filter=recent & Q(kind=MovementKind.RESERVE)),
        )
    )
    found = {}
    for row in rows:
        kind = by_pk[row["account"]].kind
        since = max(starts[kind], timezone.localdate(row["first"]))
        found[row["account"]] = Pace(row["minutes"], _days_between(since, day, kind), row["requests"])
    return found


def project(account: HourAccount, available: int, pace: Pace, day: date) -> Forecast:
    """Draw the line: with `available` minutes on a day, at this pace, until the account ends."""
    if available <= 0:
        return Forecast(Outlook.RUN_OUT, pace.per_week)
    if not pace.says_enough:
        return Forecast(Outlook.NOT_ENOUGH_DATA)
    if pace.minutes <= 0:
        return Forecast(Outlook.UNUSED)
    left = ceil(available * pace.days / pace.minutes)
    last = day
    while left and last <= account.ends_on:
        last += timedelta(days=1)
        left -= counts(last, account.kind)
    if last > account.ends_on:
        return Forecast(Outlook.LASTS, pace.per_week)
    return Forecast(Outlook.RUNS_OUT, pace.per_week, last)


def forecasts(accounts: Iterable[HourAccount], day: date) -> dict[int, Forecast]:
    """Return the forecast of each account on a day. One query for all of them."""
    found = list(accounts)
    known: Mapping[int, Pace] = paces(found, day)
    return {account.pk: project(account, account.available, known.get(account.pk, Pace()), day) for account in found}


@dataclass(frozen=True)
class Change:
    """One account before and after hours are moved: minutes granted, minutes free, forecast."""

    account: HourAccount
    granted: tuple[int, int]
    available: tuple[int, int]
    forecast: tuple[Forecast, Forecast]

    @property
    def possible(self) -> bool:
        """Whether the account can give what it would give."""
        return self.available[1] >= 0


def what_if(source: HourAccount, target: HourAccount, minutes: int, day: date) -> tuple[Change, Change]:
    """Say what moving minutes from one account to another would do to both; changes nothing. One query."""
    known = paces([source, target], day)

    def change(account: HourAccount, moved: int) -> Change:
        pace = known.get(account.pk, Pace())
        after = account.available + moved
        return Change(
            account,
            (account.granted, account.granted + moved),
            (account.available, after),
            (project(account, account.available, pace, day), project(account, after, pace, day)),
        )

    return change(source, -minutes), change(target, minutes)
