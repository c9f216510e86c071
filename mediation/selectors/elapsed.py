# SPDX-License-Identifier: EUPL-1.2
"""How long something lasted, as the clock of the world counts it."""

from datetime import UTC, datetime, timedelta


def moment(value: datetime) -> datetime:
    """Return the same moment in UTC.

    Python compares and subtracts two times of one zone by what their clock faces show, so the hour that October repeats
    would be lost.
    """
    return value.astimezone(UTC)


def minutes_between(begin: datetime, end: datetime) -> int:
    """Return the whole minutes that passed between two moments, also across midnight and the hour of October."""
    return (moment(end) - moment(begin)) // timedelta(minutes=1)
