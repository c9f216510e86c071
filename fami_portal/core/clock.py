# SPDX-License-Identifier: EUPL-1.2
"""The clock of the work: what day it is for requests, sessions, deadlines.

It is the clock of the world, except in the demonstration, which tells of a school year that is over: there it runs a
number of whole weeks behind, so that weekdays and hours agree. Sign-in, links, jobs and mail use the real clock.
"""

from datetime import date, datetime

from django.conf import settings
from django.utils import timezone


def now() -> datetime:
    """Return the present moment of the work, aware."""
    return timezone.now() - settings.CLOCK_SHIFT


def today() -> date:
    """Return the present day of the work, in Italy."""
    return timezone.localdate(now())
