# SPDX-License-Identifier: EUPL-1.2
"""When the calendar opens the activity reports: on the day after each period."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils import timezone

from actions.models import Period
from fami_portal.core.jobs import Slot

# A portal that was still for longer opens nothing of the past by itself: `open_reports` does, period by period.
LOOK_BACK = timedelta(days=31)


def slots(now: datetime) -> Iterator[Slot]:
    """Yield the periods that have just ended, each once."""
    today = timezone.localdate(now)
    rows = (
        Period.objects.filter(ends_on__lt=today, ends_on__gte=today - LOOK_BACK)
        .select_related("programme")
        .order_by("programme", "starts_on")
    )
    for period in rows:
        yield Slot(f"{period.programme.slug}:{period.code}", period.pk, {"period": period.pk})
