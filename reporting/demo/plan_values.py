# SPDX-License-Identifier: EUPL-1.2
"""What a plan of the demonstration's school year is made of, and how its days and people are drawn."""

import random
from dataclasses import dataclass, field
from datetime import date, time, timedelta

from reporting.demo.world import SCHOOL_YEAR

SEED = 20181001
YEAR_START, YEAR_END = SCHOOL_YEAR
# The three quarters of the school year; people join during the year, so that each quarter has new ones.
QUARTERS = (
    (date(2018, 10, 1), date(2018, 12, 31)),
    (date(2019, 1, 1), date(2019, 3, 31)),
    (date(2019, 4, 1), date(2019, 6, 30)),
)
SCHOOL_HOLIDAYS = ((date(2018, 12, 22), date(2019, 1, 6)), (date(2019, 4, 18), date(2019, 4, 28)))
# Countries of origin seen in Piemonte, in rough proportion.
CITIZENSHIPS = ("MA", "MA", "MA", "AL", "AL", "CN", "PE", "EG", "NG", "SN", "UA", "MD", "BD", "EC", "TN", "PK")


@dataclass(frozen=True)
class PersonPlan:
    """One recipient to be: own code in the body that registers, group, sex, birth date, citizenship, quarter."""

    code: str
    group: str
    sex: str
    birth_date: date
    citizenship: str
    joins: int


@dataclass(frozen=True)
class MeetingPlan:
    """One meeting: day, times, topic, head count or bodies by name."""

    day: date
    starts_at: time
    ends_at: time
    topic: str = ""
    head_count: int | None = None
    bodies: tuple[str, ...] = ()


@dataclass(frozen=True)
class MeasurePlan:
    """A value of a channel."""

    day: date
    value: int


@dataclass(frozen=True)
class CampaignPlan:
    """A content published, with its values."""

    channel: str
    title: str
    audience: str
    day: date
    measures: tuple[MeasurePlan, ...]


@dataclass(frozen=True)
class ActivityPlan:
    """One activity with everything that happens in it."""

    network: str
    body: str
    role: str
    title: str
    starts_on: date
    ends_on: date
    venue: str = ""
    town: str = ""
    meetings: tuple[MeetingPlan, ...] = ()
    people: tuple[PersonPlan, ...] = ()
    deliverables: tuple[tuple[str, date, int], ...] = ()
    campaigns: tuple[CampaignPlan, ...] = field(default=())


def days_between(first: date, last: date, *, step: int) -> list[date]:
    days = []
    day = first
    while day <= last:
        if not any(start <= day <= end for start, end in SCHOOL_HOLIDAYS):
            days.append(day)
        day += timedelta(days=step)
    return days


def _birth(draw: random.Random, youngest: int, oldest: int) -> date:
    """Return a birth date for somebody between two ages (in years) during the school year."""
    return date(2018, 9, 30) - timedelta(days=draw.randint(youngest * 365 + youngest // 4 + 1, oldest * 365 + 180))


def people(
    draw: random.Random, prefix: str, group: str, count: int, ages: tuple[int, int], citizenship: str = ""
) -> tuple[PersonPlan, ...]:
    return tuple(
        PersonPlan(
            code=f"{prefix}-{number:02d}",
            group=group,
            sex=draw.choice(("female", "male")),
            birth_date=_birth(draw, *ages),
            citizenship=citizenship or draw.choice(CITIZENSHIPS),
            joins=draw.choices((0, 1, 2), weights=(58, 22, 20))[0],
        )
        for number in range(1, count + 1)
    )


def lab_meetings(
    draw: random.Random, start: time, end: time, step: int, topics: tuple[str, ...]
) -> tuple[MeetingPlan, ...]:
    first = YEAR_START + timedelta(days=7 + draw.randint(0, 4))
    return tuple(
        MeetingPlan(day, start, end, topics[index % len(topics)])
        for index, day in enumerate(days_between(first, YEAR_END, step=step))
    )
