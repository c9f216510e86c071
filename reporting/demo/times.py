# SPDX-License-Identifier: EUPL-1.2
"""What the demonstration lets happen on another day than that of its clock, though a job does it here and now."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.conf import settings
from django.utils import timezone


@contextmanager
def at_moment(moment: datetime) -> Iterator[None]:
    """Let the clock of the work show a moment. For the loading alone, which is one process with one thread."""
    shift = settings.CLOCK_SHIFT
    settings.CLOCK_SHIFT = timezone.now() - moment
    try:
        yield
    finally:
        settings.CLOCK_SHIFT = shift
