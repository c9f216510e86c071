# SPDX-License-Identifier: EUPL-1.2
"""The private address of a mediator's calendar. The secret exists only in the address: the portal keeps its sha256."""

import secrets
from datetime import datetime
from typing import Any

from fami_portal.core.services import acting, record_event
from mediation.models import Mediator
from mediation.permissions import check_is_oneself
from mediation.selectors.calendars import token_sha256
from mediation.services.mediators import changed, lock


def make_address(*, mediator: Mediator, by: Any, at: datetime) -> str:
    """Make the secret of the mediator's feed and return it, once; the one of before stops working.

    Raises `NotPermitted` for others than the mediator.
    """
    token = secrets.token_urlsafe(32)
    with acting(by):
        locked = lock(mediator)
        check_is_oneself(by, locked)
        changed(locked, calendar_token_sha256=token_sha256(token))
        record_event(by=by, verb="mediator_calendar_made", target=locked, at=at)
    mediator.refresh_from_db()
    return token


def stop_address(*, mediator: Mediator, by: Any, at: datetime) -> None:
    """Let the address of the mediator's feed stop working; does nothing when there is none. Raises `NotPermitted`."""
    with acting(by):
        locked = lock(mediator)
        check_is_oneself(by, locked)
        if locked.calendar_token_sha256:
            changed(locked, calendar_token_sha256="")
            record_event(by=by, verb="mediator_calendar_stopped", target=locked, at=at)
    mediator.refresh_from_db()
