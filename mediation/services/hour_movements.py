# SPDX-License-Identifier: EUPL-1.2
"""Writing a movement of hours: the lock, the row, and what the database refuses said in a sentence.

The figures of an account change by movements alone (a trigger applies them), and its CHECK has the last word.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from fami_portal.core.errors import DomainError
from fami_portal.core.outbox import queue_messages
from mediation.models import HourAccount, HourMovement
from mediation.notifications.hours import nearly_used
from mediation.selectors.hours import in_hours
from mediation.selectors.settings import settings_of


class NotEnoughHoursError(DomainError):
    """The account does not hold the minutes that are wanted; `wanted` and `available` are minutes."""

    def __init__(self, *, wanted: int, available: int, field: str | None = "minutes_asked") -> None:
        self.wanted, self.available = wanted, available
        super().__init__(
            _(
                "The account of hours has %(left)s left, and %(wanted)s are needed. Ask for fewer hours, or ask the"
                " coordinator of the network for an extra grant."
            )
            % {"left": in_hours(available), "wanted": in_hours(wanted)},
            field=field,
        )


def lock_account(account: HourAccount) -> HourAccount:
    """Take the row lock of the account and return its true figures."""
    return HourAccount.objects.select_for_update(of=("self",)).get(pk=account.pk)


def show_figures(account: HourAccount) -> None:
    """Let the caller's copy of the account show the figures after the act."""
    account.refresh_from_db(fields=("granted", "reserved", "consumed"))


@contextmanager
def _refusals(locked: HourAccount, wanted: int, field: str | None) -> Iterator[None]:
    """Turn what the database refuses into sentences."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        if name in ("mediation_houraccount_not_oversold", "mediation_houraccount_not_negative"):
            raise NotEnoughHoursError(wanted=wanted, available=locked.available, field=field) from error
        if name == "mediation_movement_key_once":
            raise DomainError(_("This has been sent already: reload the page to see the current balance.")) from error
        raise


def write_movement(
    locked: HourAccount, *, kind: str, minutes: int, field: str | None = "minutes", **values: Any
) -> HourMovement:
    """Write one movement of a locked account, and warn when with it the account passes its warning share.

    Raises `NotEnoughHoursError` when the CHECK of the account refuses it.
    """
    with _refusals(locked, minutes, field):
        movement = HourMovement.objects.create(account=locked, kind=kind, minutes=minutes, **values)
    before = locked.used_share
    locked.granted += movement.granted_change
    locked.reserved += movement.reserved_change
    locked.consumed += movement.consumed_change
    if locked.used_share > before:
        _warn(locked, before)
    return movement


def _warn(locked: HourAccount, before: float) -> None:
    settings = settings_of(locked.programme_id, locked.kind)
    percent = settings.warning_percent if settings is not None else 100
    if 100 * before < percent <= 100 * locked.used_share:
        queue_messages(nearly_used(locked, percent))
