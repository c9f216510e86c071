# SPDX-License-Identifier: EUPL-1.2
"""Writes on the networks that take part in a table of another one."""

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from actions.models import Activity, ActivityNetwork
from actions.selectors.activities import closed_periods_of
from actions.selectors.tables import SHARED_KINDS, networks_to_invite
from actions.services.activities import check_can_write, lock_activity
from actions.workflow import ClosedPeriodError, check_day_inside, closed_period_refusals
from fami_portal.core.errors import DomainError
from fami_portal.core.services import acting, record_event
from partners.models import Network


def add_network(*, activity: Activity, network: Network, since: date, by: Any) -> ActivityNetwork:
    """Let another network of the programme take part in a table from a day on; the same again changes nothing.

    Its coordinators see the table from then on; each of its meetings counts for it too, once. Raises `DomainError` at
    the field, `ClosedPeriodError` for a day inside what was validated or before it.
    """
    with closed_period_refusals(), acting(by):
        locked = lock_activity(activity.pk)
        check_can_write(by, locked)
        if locked.activity_type.kind not in SHARED_KINDS:
            raise DomainError(_("Only tables and meetings with bodies are held by several networks."))
        kept = locked.participations.filter(network=network).first()
        if kept is not None:
            return kept
        if not networks_to_invite(locked).filter(pk=network.pk).exists():
            raise DomainError(
                _("This network does not carry out the programme, or the table is already its own."), field="network"
            )
        check_day_inside(since, locked.starts_on, locked.ends_on, field="since")
        _check_open_since(locked, since, field="since")
        row = ActivityNetwork.objects.create(activity=locked, network=network, since=since)
        record_event(by=by, verb="network_added", target=locked, data={"network": network.pk})
    return row


def remove_network(*, activity: Activity, network: Network, by: Any) -> None:
    """Take a network away that was added by mistake; does nothing when it is not there.

    Raises `ClosedPeriodError` once one of its periods is validated: what was counted for it stays.
    """
    with closed_period_refusals(), acting(by):
        locked = lock_activity(activity.pk)
        check_can_write(by, locked)
        row = locked.participations.filter(network=network).first()
        if row is None:
            return
        _check_open_since(locked, row.since)
        row.delete()
        record_event(by=by, verb="network_removed", target=locked, data={"network": network.pk})


def _check_open_since(activity: Activity, since: date, *, field: str | None = None) -> None:
    closed = [period for period in closed_periods_of(activity) if period.ends_on >= since]
    if closed:
        raise ClosedPeriodError(closed[0], field=field)
