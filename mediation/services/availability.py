# SPDX-License-Identifier: EUPL-1.2
"""Writes on when a mediator is free: the ordinary week and its exceptions."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.utils.translation import gettext_lazy as _

from fami_portal.core.errors import DomainError
from fami_portal.core.services import acting, record_event
from mediation.models import AvailabilityException, Mediator, WeeklyAvailability
from mediation.permissions import check_can_edit_availability
from mediation.selectors.availability import WeeklyRow, overlapping_exception, times_problem, week_problems
from mediation.services.mediators import changed, lock

_EXCEPTION = UUID("6c1c2a6e-33a3-4c57-8bd4-2c7a1e9a4f02")


def set_weekly_availability(
    *, mediator: Mediator, rows: Sequence[WeeklyRow], by: Any, at: datetime, version: int | None = None
) -> None:
    """Write the ordinary week of a mediator, in place of that of before. Times are local, in quarters of an hour.

    Raises `StaleError`, `NotPermitted`, `DomainError` for times in the wrong order and for rows that overlap.
    """
    found = week_problems(rows)
    if found:
        raise DomainError(found[0].sentence)
    wanted = {(row.weekday, row.starts_at, row.ends_at) for row in rows}
    with acting(by):
        locked = lock(mediator, version)
        if by is not None:
            check_can_edit_availability(by, locked)
        present = {(row.weekday, row.starts_at, row.ends_at): row for row in locked.weekly_availability.order_by("pk")}
        if set(present) != wanted:
            gone = [row.pk for key, row in present.items() if key not in wanted]
            WeeklyAvailability.objects.filter(pk__in=gone).delete()
            WeeklyAvailability.objects.bulk_create(
                WeeklyAvailability(mediator=locked, weekday=weekday, starts_at=starts_at, ends_at=ends_at)
                for weekday, starts_at, ends_at in sorted(wanted - set(present))  # type: ignore[type-var]
            )
            changed(locked)
            record_event(by=by, verb="mediator_week_set", target=locked, at=at)
    mediator.refresh_from_db()


def add_exception(
    *,
    mediator: Mediator,
    starts_on: date,
    ends_on: date,
    by: Any,
    at: datetime,
    starts_at: time | None = None,
    ends_at: time | None = None,
    is_available: bool = False,
    key: UUID | None = None,
) -> AvailabilityException:
    """Add days that are not as every week: away, or free when usually not. Without times it is the whole day.

    `key` is the submission key: the second half of a double click gets the exception of the first. Raises
    `NotPermitted`, `DomainError` at the field, also when another exception speaks of the same time.
    """
    uuid = uuid5(_EXCEPTION, str(key)) if key else uuid4()
    if ends_on < starts_on:
        raise DomainError(_("The last day comes before the first."), field="ends_on")
    if (ends_on - starts_on).days > 366:
        raise DomainError(_("At most one year at a time: choose a nearer last day."), field="ends_on")
    if starts_at is not None or ends_at is not None:
        wrong = times_problem(starts_at, ends_at)
        if wrong is not None:
            raise DomainError(wrong[1], field=wrong[0])
    with acting(by):
        locked = lock(mediator)
        if by is not None:
            check_can_edit_availability(by, locked)
        kept = AvailabilityException.objects.filter(uuid=uuid).first()
        if kept is not None:
            return kept
        other = overlapping_exception(
            locked, starts_on=starts_on, ends_on=ends_on, starts_at=starts_at, ends_at=ends_at
        )
        if other is not None:
            raise DomainError(
                _("There is an exception from %(start)s to %(end)s already: remove it first, or choose other days.")
                % {"start": f"{other.starts_on:%d/%m/%Y}", "end": f"{other.ends_on:%d/%m/%Y}"},
                field="starts_on",
            )
        row = AvailabilityException.objects.create(
            uuid=uuid,
            mediator=locked,
            starts_on=starts_on,
            ends_on=ends_on,
            starts_at=starts_at,
            ends_at=ends_at,
            is_available=is_available,
        )
        record_event(by=by, verb="mediator_exception_added", target=locked, data={"exception": row.pk}, at=at)
    return row


def remove_exception(*, exception: AvailabilityException, by: Any, at: datetime) -> None:
    """Take an exception away; does nothing when it is gone. Raises `NotPermitted`."""
    with acting(by):
        locked = lock(exception.mediator)
        if by is not None:
            check_can_edit_availability(by, locked)
        removed, _by_model = AvailabilityException.objects.filter(pk=exception.pk).delete()
        if removed:
            record_event(
                by=by, verb="mediator_exception_removed", target=locked, data={"exception": exception.pk}, at=at
            )
