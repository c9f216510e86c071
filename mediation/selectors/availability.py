# SPDX-License-Identifier: EUPL-1.2
"""The rules of an ordinary week and of its exceptions: said once, for the form and for the service."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from mediation.enums import SessionState
from mediation.models import AvailabilityException, MediationSession, Mediator, WeeklyAvailability

# Minutes: the grain of the times that people write.
STEP = 15
# Stretches of one day; more would be a diary, not an ordinary week.
MAX_PER_DAY = 6


@dataclass(frozen=True)
class WeeklyRow:
    """A stretch of an ordinary week: day (Monday is 0), from, until. A time that was not written is None."""

    weekday: int
    starts_at: time | None
    ends_at: time | None


@dataclass(frozen=True)
class RowProblem:
    """What is wrong with a row: its position in the list, the time that must change, the sentence."""

    position: int
    part: str
    sentence: Any


def times_problem(starts_at: time | None, ends_at: time | None) -> tuple[str, Any] | None:
    """Return which of two times is wrong and why, or None: both written, in the right order, in steps of a quarter."""
    for part, value in (("starts_at", starts_at), ("ends_at", ends_at)):
        if value is None:
            return part, _("Write both times: from and until.")
        if value.minute % STEP or value.second or value.microsecond:
            return part, _("Write the time in quarters of an hour: for example 9:00, 9:15, 9:30 or 9:45.")
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        return "ends_at", _("The end comes before the start: correct one of the two times.")
    return None


def week_problems(rows: Sequence[WeeklyRow]) -> list[RowProblem]:
    """Return everything that is wrong with the rows of a week, in the order of the rows. No query."""
    problems = []
    for position, row in enumerate(rows):
        wrong = times_problem(row.starts_at, row.ends_at)
        if wrong is not None:
            problems.append(RowProblem(position, *wrong))
            continue
        for earlier in rows[:position]:
            if earlier.weekday != row.weekday or times_problem(earlier.starts_at, earlier.ends_at):
                continue
            if row.starts_at < earlier.ends_at and earlier.starts_at < row.ends_at:  # type: ignore[operator]
                problems.append(
                    RowProblem(
                        position,
                        "starts_at",
                        _("On %(day)s this time overlaps %(start)s–%(end)s: join the two, or move one.")
                        % {
                            "day": WEEKDAYS[row.weekday],
                            "start": f"{earlier.starts_at:%H:%M}",
                            "end": f"{earlier.ends_at:%H:%M}",
                        },
                    )
                )
                break
    return problems


def week_of(mediator: Mediator) -> list[WeeklyAvailability]:
    """Return the stretches of the mediator's ordinary week, in order (one query)."""
    return list(mediator.weekly_availability.order_by("weekday", "starts_at"))


def exceptions_of(mediator: Mediator, *, since: date) -> list[AvailabilityException]:
    """Return the exceptions that are not over on a day, the nearest first (one query)."""
    return list(mediator.exceptions.filter(ends_on__gte=since).order_by("starts_on", "starts_at", "pk"))


def overlapping_exception(
    mediator: Mediator, *, starts_on: date, ends_on: date, starts_at: time | None, ends_at: time | None
) -> AvailabilityException | None:
    """Return an exception that speaks of the same time, if there is one (one query)."""
    found = mediator.exceptions.filter(starts_on__lte=ends_on, ends_on__gte=starts_on)
    for row in found.order_by("starts_on", "pk"):
        # Without times an exception speaks of the whole day; where one time is written, both are.
        if starts_at is None or ends_at is None or row.starts_at is None or row.ends_at is None:
            return row
        if starts_at < row.ends_at and row.starts_at < ends_at:
            return row
    return None


def sessions_between(mediator: Mediator, *, starts_on: date, ends_on: date) -> int:
    """Return how many sessions of the mediator are planned in these days (one query)."""
    return MediationSession.objects.filter(
        mediator=mediator.pk,
        state=SessionState.PLANNED,
        planned_from__date__gte=starts_on,
        planned_from__date__lte=ends_on,
    ).count()


def week_in_words(rows: Sequence[WeeklyAvailability]) -> list[tuple[Any, str]]:
    """Return each day that has stretches, with them written out."""
    days: dict[int, list[str]] = {}
    for row in rows:
        days.setdefault(row.weekday, []).append(f"{row.starts_at:%H:%M}–{row.ends_at:%H:%M}")
    return [(str(WEEKDAYS[day]).capitalize(), ", ".join(texts)) for day, texts in sorted(days.items())]
