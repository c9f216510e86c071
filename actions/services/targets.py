# SPDX-License-Identifier: EUPL-1.2
"""A new version of a target; the versions before stay, so that what was promised when can be read."""

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from actions.enums import ChangeReason
from actions.models import Indicator, IndicatorTarget, Plan
from actions.permissions import coordinates
from actions.selectors.targets import last_version
from fami_portal.core.errors import DomainError, NotPermitted, StaleError
from fami_portal.core.services import acting, record_event
from partners.models import Network


def new_target_version(
    *,
    indicator: Indicator,
    value: int,
    valid_from: date,
    reason: str,
    last: int | None,
    by: Any,
    at: datetime,
    plan: Plan | None = None,
    network: Network | None = None,
    act: str = "",
) -> IndicatorTarget:
    """Promise another value from a day on, for the whole programme, a plan or a network.

    `value` is in the unit of the ledger (minutes for hours); `last` is the id of the version that the person saw. A
    version of the same day takes the place of the one before, which stays readable. Saving the same again changes
    nothing. Raises `NotPermitted`, `StaleError`, `DomainError` at the field.
    """
    programme = indicator.programme
    scope = plan.network_id if plan else network.pk if network else None
    whole = plan is None and network is None
    if by is not None and not coordinates(by, programme_id=programme.pk, network_id=None if whole else scope):
        raise NotPermitted(_("Only the Region changes the targets of the programme."))
    if (plan is not None and plan.programme_id != programme.pk) or (plan is not None and network is not None):
        raise DomainError(_("This plan belongs to another programme."))
    act = " ".join(act.split())
    with acting(by):
        # One version after the other.
        Indicator.objects.select_for_update(of=("self",), no_key=True).get(pk=indicator.pk)
        before = last_version(indicator, plan, network)
        if before is not None and (before.value, before.valid_from, before.reason) == (value, valid_from, reason):
            return before
        if (before.pk if before else None) != last:
            raise StaleError
        _check(before, value, valid_from, reason, act, programme)
        target = IndicatorTarget.objects.create(
            indicator=indicator,
            plan=plan,
            network=network,
            value=value,
            valid_from=valid_from,
            number=before.number + 1 if before and before.valid_from == valid_from else 1,
            reason=reason,
            act=act,
            in_file=False,
            author=by,
            recorded_at=at,
        )
        record_event(
            by=by,
            verb="target_changed",
            target=plan or programme,
            reason=str(ChangeReason(reason).label),
            data={"indicator": indicator.code, "value": value, "valid_from": valid_from.isoformat()},
            at=at,
        )
    return target


def _check(before: IndicatorTarget | None, value: int, valid_from: date, reason: str, act: str, programme: Any) -> None:
    if value <= 0:
        raise DomainError(_("A target is more than zero."), field="value")
    if reason not in ChangeReason.values or (reason == ChangeReason.FIRST) != (before is None):
        raise DomainError(_("Choose why the target changes."), field="reason")
    if reason in (ChangeReason.REMODULATION, ChangeReason.EXTENSION) and not act:
        raise DomainError(_("Write the number and date of the act that approves it."), field="act")
    if not programme.starts_on <= valid_from <= programme.last_day:
        raise DomainError(
            _("The day is outside the programme, which runs from %(start)s to %(end)s.")
            % {"start": f"{programme.starts_on:%d/%m/%Y}", "end": f"{programme.last_day:%d/%m/%Y}"},
            field="valid_from",
        )
    if before is None:
        return
    if valid_from < before.valid_from:
        raise DomainError(
            _("The last version holds from %(day)s: choose that day or a later one.")
            % {"day": f"{before.valid_from:%d/%m/%Y}"},
            field="valid_from",
        )
    if value == before.value:
        raise DomainError(_("Nothing is different from the version before."), field="value")
