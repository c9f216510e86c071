# SPDX-License-Identifier: EUPL-1.2
"""The clock of the work, moved for a test."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone


def be_on(settings: Any, day: date) -> None:
    """Let it be noon of a day: a shift by whole days would end on the next one late in a winter evening."""
    settings.CLOCK_SHIFT = timezone.now() - datetime.combine(day, time(12), tzinfo=ZoneInfo("Europe/Rome"))
