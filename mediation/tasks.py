# SPDX-License-Identifier: EUPL-1.2
"""Background work of the mediation service: `core.jobs` runs these by their kind."""

from collections.abc import Iterator
from datetime import datetime

from fami_portal.core import clock
from fami_portal.core.jobs import Run, Slot
from mediation.selectors.board import overdue_proposals

EXPIRE_PROPOSALS = "mediation.expire_proposals"


def overdue_slots(now: datetime) -> Iterator[Slot]:
    """Yield one run a minute, and only while a proposal is overdue: the work is repeatable."""
    if overdue_proposals(clock.now()):
        yield Slot(f"{now:%Y-%m-%dT%H:%M}")


def expire_proposals(run: Run) -> None:
    """Close the proposals that nobody answered in time."""
    from mediation.services import assignment

    assignment.expire_proposals(at=clock.now())
