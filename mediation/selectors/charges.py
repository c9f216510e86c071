# SPDX-License-Identifier: EUPL-1.2
"""What an absence or a late cancellation costs, as the programme says (reference: domain, 5.1)."""

from datetime import datetime, timedelta

from mediation.enums import Absent
from mediation.models import MediationSession
from mediation.selectors.settings import RequestSettings

# The session was given up before it began, by the school or service.
LATE = "late"
_CHARGED_ABSENCES = (Absent.FAMILY, Absent.REQUESTER)


def charge_for(settings: RequestSettings, session: MediationSession, absent_or_late: str, at: datetime) -> int:
    """Return the minutes that a session costs when nobody held it, never more than its length.

    `absent_or_late` is `LATE` for a cancellation by the school or service (free until the hours of notice that the
    programme says), or because of whom it was not held: the family and the school are charged, the mediator never.
    """
    length = (session.planned_until - session.planned_from) // timedelta(minutes=1)
    if absent_or_late == LATE:
        late = session.planned_from - at < timedelta(hours=settings.free_until_hours)
        return min(settings.late_charge_minutes, length) if late else 0
    return min(settings.absence_charge_minutes, length) if absent_or_late in _CHARGED_ABSENCES else 0
