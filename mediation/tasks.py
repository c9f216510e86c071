# SPDX-License-Identifier: EUPL-1.2
"""Background work of the mediation service: `core.jobs` runs these by their kind."""

from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone

from fami_portal.core import clock
from fami_portal.core.jobs import Run, Slot
from mediation.selectors.board import overdue_proposals

EXPIRE_PROPOSALS = "mediation.expire_proposals"
EXPIRE_REQUESTS = "mediation.expire_requests"
SEND_REMINDERS = "mediation.send_reminders"


def overdue_slots(now: datetime) -> Iterator[Slot]:
    """Yield one run a minute, and only while a proposal is overdue: the work is repeatable."""
    if overdue_proposals(clock.now()):
        yield Slot(f"{now:%Y-%m-%dT%H:%M}")


def expire_proposals(run: Run) -> None:
    """Close the proposals that nobody answered in time."""
    from mediation.services import assignment

    assignment.expire_proposals(at=clock.now())


def days_to_expire(now: datetime) -> Iterator[Slot]:
    """Yield one run for each day of the work, early in the morning of the day after the last one asked for."""
    yield Slot(f"{clock.today():%Y-%m-%d}")


def expire_requests(run: Run) -> None:
    """End the requests whose last day has passed without a mediator."""
    from mediation.services import requests

    requests.expire_overdue(at=clock.now())


def days_to_remind(now: datetime) -> Iterator[Slot]:
    """Yield one run for each day of the work, from seven in the morning: nobody is written to at night."""
    if timezone.localtime(now).hour >= 7:
        yield Slot(f"{clock.today():%Y-%m-%d}")


def send_reminders(run: Run) -> None:
    """Send the digests of the day."""
    from mediation.services import reminders

    reminders.send_reminders(at=clock.now())
