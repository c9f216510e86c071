# SPDX-License-Identifier: EUPL-1.2
"""Reading the accounts of hours: which account a request draws on, and what is held for whom."""

from datetime import date

from django.db.models import F, Q, Sum
from django.utils.translation import gettext as _

from actions.enums import Unit
from actions.selectors.rules import amount
from mediation.enums import AccountUse, MovementKind
from mediation.models import HourAccount, HourMovement


def account_for(
    *,
    programme_id: int,
    network_id: int,
    organisation_id: int | None,
    kind: str,
    day: date,
    use: str = AccountUse.ON_CALL,
) -> HourAccount | None:
    """Return the account from which a body draws on a day: its own first, then the common pool of its network.

    None when nobody has opened one for that kind, use and day. One query.
    """
    return (
        HourAccount.objects.filter(
            Q(organisation=organisation_id) | Q(organisation=None),
            programme=programme_id,
            network=network_id,
            kind=kind,
            use=use,
            starts_on__lte=day,
            ends_on__gte=day,
        )
        .with_parts()
        .order_by(F("organisation").asc(nulls_last=True), "-starts_on")
        .first()
    )


def _sum(column: str, **conditions: object) -> int:
    return HourMovement.objects.filter(**conditions).aggregate(total=Sum(column))["total"] or 0


def reserved_for(source_type: str, source_id: int, *, account_id: int | None = None) -> int:
    """Return the minutes that are still reserved for a source, over all accounts or in one. One query."""
    within = {} if account_id is None else {"account": account_id}
    return _sum("reserved_change", source_type=source_type, source_id=source_id, **within)


def worked_for(source_type: str, source_id: int, *, account_id: int | None = None) -> int:
    """Return the minutes consumed by the work of a source and not taken back; charges are not work. One query."""
    within = {} if account_id is None else {"account": account_id}
    kinds = (MovementKind.CONSUME, MovementKind.RESTORE)
    return _sum("consumed_change", source_type=source_type, source_id=source_id, kind__in=kinds, **within)


def attempt_of(source_type: str, source_id: int) -> int:
    """Return which consumption of a source is its present one: the first, and one more for each taken back. One query."""
    taken_back = HourMovement.objects.filter(
        source_type=source_type, source_id=source_id, kind=MovementKind.RESTORE
    ).count()
    return taken_back + 1


def in_hours(minutes: int, *, signed: bool = False) -> str:
    """Write minutes as people read them (`1 h 30`), with their sign if asked (`+1 h 30`)."""
    text = amount(abs(minutes), Unit.HOURS)
    if minutes < 0:
        return f"\N{MINUS SIGN}{text}"
    return f"+{text}" if signed and minutes else text


def owner_of(account: HourAccount) -> str:
    """Say whose hours they are: of a body, or of the whole network."""
    if account.organisation is not None:
        return account.organisation.name
    return _("Common pool of %(network)s") % {"network": account.network.name}


def purpose_of(account: HourAccount) -> str:
    """Say what the hours are for: kind of request, use, school year."""
    return f"{account.get_kind_display()}, {account.get_use_display()}, {account.school_year}"
