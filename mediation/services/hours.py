# SPDX-License-Identifier: EUPL-1.2
"""The hours of a request, a presence, a consultation, a translation: reserved, released, consumed, charged (design 1.4).

Every act takes the row lock of the account before it reads the balance, so two acts on one account follow one another
and the balance named in a refusal is the true one. Minutes are whole numbers everywhere.
"""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from fami_portal.core.errors import DomainError
from fami_portal.core.services import acting
from mediation.enums import MovementKind
from mediation.models import HourAccount, HourMovement
from mediation.selectors.hours import reserved_for, worked_for
from mediation.services.hour_accounts import grant, move, open_account
from mediation.services.hour_movements import NotEnoughHoursError, lock_account, show_figures, write_movement

__all__ = [
    "NotEnoughHoursError",
    "charge",
    "consume",
    "grant",
    "move",
    "open_account",
    "release",
    "reserve",
    "restore",
]


def _kept(
    kind: str, source_type: str, source_id: int, attempt: int, session_id: int | None = None
) -> HourMovement | None:
    """Return the movement that this act has written already, if it has."""
    return HourMovement.objects.filter(
        source_type=source_type, source_id=source_id, session_id=session_id, kind=kind, attempt=attempt
    ).first()


def reserve(
    *,
    account: HourAccount,
    source_type: str,
    source_id: int,
    minutes: int,
    by: Any,
    at: datetime,
    attempt: int = 1,
) -> HourMovement:
    """Reserve minutes for a source: writes what was requested, and what is reserved. Repeating it changes nothing.

    Another `attempt` reserves more for the same source. Raises `NotEnoughHoursError` with the balance in the sentence.
    """
    if minutes <= 0:
        raise DomainError(_("Ask for some time: the hours asked are zero."), field="minutes_asked")
    with acting(by):
        locked = lock_account(account)
        kept = _kept(MovementKind.RESERVE, source_type, source_id, attempt)
        if kept is not None:
            return kept
        if minutes > locked.available:
            raise NotEnoughHoursError(wanted=minutes, available=locked.available)
        shared: dict[str, Any] = {
            "source_type": source_type,
            "source_id": source_id,
            "minutes": minutes,
            "attempt": attempt,
            "at": at,
            "by": by,
        }
        write_movement(locked, kind=MovementKind.REQUEST, **shared)
        movement = write_movement(
            locked, kind=MovementKind.RESERVE, reserved_change=minutes, field="minutes_asked", **shared
        )
        show_figures(account)
    return movement


def _release(
    locked: HourAccount, source_type: str, source_id: int, *, by: Any, at: datetime, reason: str = ""
) -> HourMovement | None:
    held = reserved_for(source_type, source_id, account_id=locked.pk)
    if held <= 0:
        return None
    earlier = HourMovement.objects.filter(source_type=source_type, source_id=source_id, kind=MovementKind.RELEASE)
    last = earlier.order_by("-attempt").values_list("attempt", flat=True).first()
    return write_movement(
        locked,
        kind=MovementKind.RELEASE,
        source_type=source_type,
        source_id=source_id,
        minutes=held,
        reserved_change=-held,
        attempt=(last or 0) + 1,
        reason=reason[:300],
        at=at,
        by=by,
    )


def release(
    *, account: HourAccount, source_type: str, source_id: int, by: Any, at: datetime, reason: str = ""
) -> HourMovement | None:
    """Release all that is still reserved for a source in the account; None when nothing is."""
    with acting(by):
        movement = _release(lock_account(account), source_type, source_id, by=by, at=at, reason=reason)
        show_figures(account)
    return movement


def consume(
    *,
    account: HourAccount,
    source_type: str,
    source_id: int,
    minutes: int,
    by: Any,
    at: datetime,
    attempt: int = 1,
) -> HourMovement:
    """Consume the actual minutes of a source and release the rest of what was reserved for it.

    What goes beyond the reserve is drawn on the balance; raises `NotEnoughHoursError` when it is not there. Repeating
    the same attempt changes nothing.
    """
    if minutes < 0:
        raise ValueError("minutes cannot be negative")
    with acting(by):
        locked = lock_account(account)
        kept = _kept(MovementKind.CONSUME, source_type, source_id, attempt)
        if kept is not None:
            return kept
        held = min(reserved_for(source_type, source_id, account_id=locked.pk), minutes)
        if minutes - held > locked.available:
            raise NotEnoughHoursError(wanted=minutes - held, available=locked.available, field=None)
        movement = write_movement(
            locked,
            kind=MovementKind.CONSUME,
            source_type=source_type,
            source_id=source_id,
            minutes=minutes,
            reserved_change=-held,
            consumed_change=minutes,
            attempt=attempt,
            field=None,
            at=at,
            by=by,
        )
        _release(locked, source_type, source_id, by=by, at=at)
        show_figures(account)
    return movement


def charge(
    *,
    account: HourAccount,
    source_type: str,
    source_id: int,
    minutes: int,
    by: Any,
    at: datetime,
    reason: str,
    session_id: int | None = None,
) -> HourMovement:
    """Charge minutes for a late cancellation or an absence: out of the reserve, then of the balance as far as it goes.

    The movement says how many minutes were charged in the end; once for each session of a source.
    """
    if minutes < 0:
        raise ValueError("minutes cannot be negative")
    with acting(by):
        locked = lock_account(account)
        kept = _kept(MovementKind.CHARGE, source_type, source_id, 1, session_id)
        if kept is not None:
            return kept
        held = min(reserved_for(source_type, source_id, account_id=locked.pk), minutes)
        charged = held + min(minutes - held, locked.available)
        movement = write_movement(
            locked,
            kind=MovementKind.CHARGE,
            source_type=source_type,
            source_id=source_id,
            session_id=session_id,
            minutes=charged,
            reserved_change=-held,
            consumed_change=charged,
            reason=reason[:300],
            at=at,
            by=by,
        )
        show_figures(account)
    return movement


def restore(
    *, account: HourAccount, source_type: str, source_id: int, by: Any, at: datetime, attempt: int
) -> HourMovement | None:
    """Take the consumption of a source back into the reserve, because its report was reopened; charges stay.

    `attempt` is that of the consumption taken back. None when nothing is consumed; repeating it changes nothing.
    """
    with acting(by):
        locked = lock_account(account)
        kept = _kept(MovementKind.RESTORE, source_type, source_id, attempt)
        if kept is not None:
            return kept
        worked = worked_for(source_type, source_id, account_id=locked.pk)
        if worked <= 0:
            return None
        movement = write_movement(
            locked,
            kind=MovementKind.RESTORE,
            source_type=source_type,
            source_id=source_id,
            minutes=worked,
            reserved_change=worked,
            consumed_change=-worked,
            attempt=attempt,
            at=at,
            by=by,
        )
        show_figures(account)
    return movement
