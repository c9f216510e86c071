# SPDX-License-Identifier: EUPL-1.2
"""Opening accounts of hours, granting hours and moving them between accounts (design 1.4)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.utils.translation import gettext as _

from actions.models import ActionNetwork, Programme, RequestKind
from fami_portal.core.errors import DomainError
from fami_portal.core.services import acting, record_event
from mediation.enums import AccountUse, MovementKind
from mediation.models import HourAccount, HourMovement
from mediation.permissions import check_can_manage_account
from mediation.selectors.hours import in_hours
from mediation.services.hour_movements import NotEnoughHoursError, lock_account, show_figures, write_movement
from partners.models import Network, NetworkMember, Organisation

# Ten thousand hours in one movement is a slip of the keyboard, and four bytes hold far more.
MAX_MINUTES = 600_000


def _check_minutes(minutes: int) -> None:
    if minutes <= 0:
        raise DomainError(_("Write how many hours: at least one minute."), field="minutes")
    if minutes > MAX_MINUTES:
        raise DomainError(
            _("At most %(hours)s at once: check the number of hours.") % {"hours": in_hours(MAX_MINUTES)},
            field="minutes",
        )


def _check_reason(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise DomainError(_("Write the reason: it stays in the account."), field="reason")
    if len(reason) > 300:
        raise DomainError(_("The reason is too long: at most 300 characters."), field="reason")
    return reason


def open_account(
    *,
    programme: Programme,
    network: Network,
    kind: str,
    starts_on: date,
    ends_on: date,
    use: str = AccountUse.ON_CALL,
    organisation: Organisation | None = None,
    by: Any,
    at: datetime | None = None,
    minutes: int = 0,
    reason: str = "",
    key: UUID | None = None,
) -> HourAccount:
    """Open an account for a kind of request; without `organisation` it is the common pool of the network.

    It is empty unless `minutes` are granted with it (then `reason` and `at` are needed, and `key` makes a double click
    one). Raises `NotPermitted` for others than the coordinators, `DomainError` at the field that must change when the
    programme does not offer the kind, the network or the body has no part in it, the days are wrong or there is one.
    """
    account = HourAccount(
        programme=programme,
        network=network,
        organisation=organisation,
        kind=kind,
        use=use,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    if by is not None:
        check_can_manage_account(by, account)
    kept = _opened_with(key)
    if kept is not None:
        return kept
    if not RequestKind.objects.filter(programme=programme.pk, kind=kind).exists():
        raise DomainError(_("The programme does not offer this kind of request."), field="kind")
    if not ActionNetwork.objects.filter(action__programme=programme.pk, network=network.pk).exists():
        raise DomainError(_("This network has no part in the programme."), field="network")
    if (
        organisation is not None
        and not NetworkMember.objects.filter(network=network.pk, organisation=organisation.pk).exists()
    ):
        raise DomainError(_("This school or service does not belong to the network."), field="organisation")
    if ends_on <= starts_on:
        raise DomainError(_("The last day comes before the first."), field="ends_on")
    if starts_on > programme.ends_on or ends_on < programme.starts_on:
        raise DomainError(_("These days are outside the dates of the programme."), field="starts_on")
    try:
        with acting(by):
            account.save(force_insert=True)
            record_event(by=by, verb="account opened", target=account, at=at)
            if minutes and at is not None:
                grant(account=account, minutes=minutes, reason=reason, by=by, at=at, key=key)
    except IntegrityError as error:
        if getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) != "mediation_houraccount_once":
            raise
        kept = _opened_with(key)
        if kept is not None:
            return kept
        raise DomainError(_("There is an account of this kind for these days already."), field="kind") from error
    return account


def _opened_with(key: UUID | None) -> HourAccount | None:
    """Return the account that the first half of a double click opened."""
    if key is None:
        return None
    granted = HourMovement.objects.filter(key=key, kind=MovementKind.GRANT).select_related("account").first()
    return granted.account if granted is not None else None


def grant(
    *,
    account: HourAccount,
    minutes: int,
    reason: str,
    by: Any,
    at: datetime,
    key: UUID | None = None,
    extra: bool = False,
) -> HourMovement:
    """Grant minutes to an account; `extra` marks the override of an account that has run out.

    `key` is the submission key of the form: the second half of a double click gets the movement of the first. Raises
    `NotPermitted`, or `DomainError` at the field that must change.
    """
    if by is not None:
        check_can_manage_account(by, account)
    _check_minutes(minutes)
    reason = _check_reason(reason)
    kind = MovementKind.EXTRA_GRANT if extra else MovementKind.GRANT
    with acting(by):
        locked = lock_account(account)
        kept = HourMovement.objects.filter(key=key, kind=kind, account=locked).first() if key else None
        if kept is not None:
            return kept
        movement = write_movement(
            locked, kind=kind, minutes=minutes, granted_change=minutes, reason=reason, key=key, at=at, by=by
        )
        record_event(
            by=by,
            verb="extra hours granted" if extra else "hours granted",
            target=account,
            reason=reason,
            data={"minutes": minutes},
            at=at,
        )
        show_figures(account)
    return movement


def move(
    *,
    source: HourAccount,
    target: HourAccount,
    minutes: int,
    reason: str,
    by: Any,
    at: datetime,
    key: UUID,
) -> tuple[HourMovement, HourMovement]:
    """Move free minutes from one account of a programme to another; returns the two halves, out and in.

    `key` ties the halves together, and makes a double click one move. Raises `NotPermitted` for whoever does not manage
    both, `NotEnoughHoursError` when the source has fewer minutes free, `DomainError` at the field that must change.
    """
    if by is not None:
        check_can_manage_account(by, source)
        check_can_manage_account(by, target)
    if source.pk == target.pk:
        raise DomainError(_("Choose another account: the hours are in this one already."), field="target")
    if source.programme_id != target.programme_id:
        raise DomainError(_("Hours stay inside their programme: choose an account of the same one."), field="target")
    _check_minutes(minutes)
    reason = _check_reason(reason)
    with acting(by):
        # Always in the same order, so that two opposite moves wait for one another instead of for ever.
        rows = {
            row.pk: row
            for row in HourAccount.objects.select_for_update(of=("self",))
            .filter(pk__in=(source.pk, target.pk))
            .order_by("pk")
        }
        out = HourMovement.objects.filter(key=key, kind=MovementKind.MOVED_OUT, account=source.pk).first()
        into = HourMovement.objects.filter(key=key, kind=MovementKind.MOVED_IN, account=target.pk).first()
        if out is not None and into is not None:
            return out, into
        giver, taker = rows[source.pk], rows[target.pk]
        if minutes > giver.available:
            raise NotEnoughHoursError(wanted=minutes, available=giver.available, field="minutes")
        shared: dict[str, Any] = {"minutes": minutes, "reason": reason, "key": key, "at": at, "by": by}
        out = write_movement(giver, kind=MovementKind.MOVED_OUT, granted_change=-minutes, **shared)
        into = write_movement(taker, kind=MovementKind.MOVED_IN, granted_change=minutes, **shared)
        data = {"minutes": minutes, "source": source.pk, "target": target.pk}
        for account in (source, target):
            record_event(by=by, verb="hours moved", target=account, reason=reason, data=data, at=at)
            show_figures(account)
    return out, into
