# SPDX-License-Identifier: EUPL-1.2
"""Background work on requests of persons: `core.jobs` runs these by their kind."""

from collections.abc import Iterator
from datetime import datetime

from fami_portal.core import clock
from fami_portal.core.jobs import Run, Slot

COPY = "privacy.subject_copy"
DAILY = "privacy.rights_daily"


def days(now: datetime) -> Iterator[Slot]:
    """Yield one run for each day."""
    yield Slot(f"{now:%Y-%m-%d}")


def make_copy(run: Run) -> None:
    """Make the copy of a person's data."""
    from privacy.services import copies

    copies.make_copy(run)


def daily(run: Run) -> None:
    """Remind of terms that are near, and destroy copies that were delivered."""
    from privacy.services import copies, requests

    at = clock.now()
    requests.remind(at=at)
    copies.destroy_delivered(at=at)
