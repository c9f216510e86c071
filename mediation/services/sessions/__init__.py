# SPDX-License-Identifier: EUPL-1.2
"""The life of sessions: planned, planned again, recorded, not held, cancelled (design 4).

Every act locks the request first, then its session. The database keeps a mediator in one place and closed periods shut.
"""

from mediation.services.sessions.common import minutes_left, settle
from mediation.services.sessions.recording import finish, mark_not_held, record_session
from mediation.services.sessions.times import add_session, answer_new_time, cancel_session, propose_new_time

__all__ = [
    "add_session",
    "answer_new_time",
    "cancel_session",
    "finish",
    "mark_not_held",
    "minutes_left",
    "propose_new_time",
    "record_session",
    "settle",
]
