# SPDX-License-Identifier: EUPL-1.2
"""Deciding how long data are kept: the dates of a programme, its rules, the holds that stop them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F
from django.utils.translation import gettext as _

from actions.models import Programme
from beneficiaries.models import Beneficiary
from fami_portal.core.errors import DomainError, StaleError, required_text
from fami_portal.core.services import acting, record_event
from partners.models import Organisation
from privacy.enums.retention import Anchor, DataClass, HoldScope
from privacy.models import LegalHold, RetentionPlan, RetentionRule
from privacy.permissions.retention import check_can_manage_retention
from privacy.selectors.retention_rules import USUAL, plan_of, rules_of

# The first number of our advisory locks of two numbers; the second is the programme, 0 for the portal.
RETAINING = 4_200


def take_turn(programme: Programme | None) -> None:
    """Wait for whoever destroys or holds in the same programme, until the end of both transactions.

    Without it a batch that has chosen its records would destroy one that is held in the same moment.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [RETAINING, programme.pk if programme else 0])


def set_dates(
    *,
    programme: Programme,
    closed_on: date,
    control_until: date,
    reason: str,
    version: int,
    by: Any,
    at: datetime,
) -> RetentionPlan:
    """Say when a programme was closed and until when it may be controlled. `version` 0 when it was never said.

    Raises `DomainError` at the field for dates that cannot be or without a reason, `StaleError`, `NotPermitted`.
    """
    check_can_manage_retention(by, programme)
    reason = _given(reason)
    if closed_on < programme.starts_on:
        raise DomainError(_("The programme was not closed before it began."), field="closed_on")
    if control_until < closed_on:
        raise DomainError(_("The control period ends after the closure."), field="control_until")
    with acting(by):
        take_turn(programme)
        plan = plan_of(programme)
        if (plan.version if plan else 0) != version:
            raise StaleError
        if plan is None:
            plan = RetentionPlan.objects.create(programme=programme, closed_on=closed_on, control_until=control_until)
            before = {}
        else:
            before = {"closed_on": str(plan.closed_on), "control_until": str(plan.control_until)}
            RetentionPlan.objects.filter(pk=plan.pk).update(
                closed_on=closed_on, control_until=control_until, version=F("version") + 1
            )
            plan.refresh_from_db()
        record_event(
            by=by,
            verb="retention_dates_set",
            target=programme,
            reason=reason,
            data={"before": before, "closed_on": str(closed_on), "control_until": str(control_until)},
            at=at,
        )
    return plan


def change_rule(
    *,
    programme: Programme | None,
    data_class: str,
    months: int,
    anchor: str,
    basis: str,
    reason: str,
    version: int,
    by: Any,
    at: datetime,
) -> RetentionRule:
    """Change how long a class is kept, in months after `anchor`; `basis` names the source. None: the whole portal.

    Raises `DomainError` at the field for an anchor that the class cannot have, without source or reason; `StaleError`,
    `NotPermitted`.
    """
    check_can_manage_retention(by, programme)
    known = USUAL.get(DataClass(data_class))
    if known is None or known.portal != (programme is None):
        raise DomainError(_("This kind of data has no rule here."))
    if anchor not in known.anchors:
        raise DomainError(_("The months of these data cannot be counted from there."), field="anchor")
    if not 0 <= months <= 600:
        raise DomainError(_("Write a number of months from 0 to 600."), field="months")
    basis = " ".join(basis.split())
    if not basis:
        raise DomainError(_("Name the law, the circular or the act that says it."), field="basis")
    reason = _given(reason)
    with acting(by):
        take_turn(programme)
        before = rules_of(programme)[DataClass(data_class)]
        if before.version != version:
            raise StaleError
        values = {"months": months, "anchor": anchor, "basis": basis[:300]}
        if before.pk is None:
            rule = RetentionRule.objects.create(programme=programme, data_class=data_class, **values)
        else:
            RetentionRule.objects.filter(pk=before.pk).update(**values, version=F("version") + 1)
            rule = RetentionRule.objects.get(pk=before.pk)
        record_event(
            by=by,
            verb="retention_rule_changed",
            target=programme or rule,
            reason=reason,
            data={
                "class": data_class,
                "before": {"months": before.months, "anchor": str(before.anchor.value)},
                "months": months,
                "anchor": str(Anchor(anchor).value),
            },
            at=at,
        )
    return rule


def place_hold(
    *,
    programme: Programme,
    scope: str,
    organisation: Organisation | None = None,
    beneficiary: Beneficiary | None = None,
    reason: str,
    act: str,
    starts_on: date,
    ends_on: date | None = None,
    submission_key: UUID | None = None,
    by: Any,
    at: datetime,
) -> LegalHold:
    """Forbid to destroy what a programme, a body or a recipient has, from a day until another (None: until lifted).

    A destruction that runs stops before its next batch. The second half of a double click returns the first hold.
    Raises `DomainError` at the field, `NotPermitted`.
    """
    check_can_manage_retention(by, programme)
    act = " ".join(act.split())
    if not act:
        raise DomainError(_("Name the act that asks for it: kind, number, date."), field="act")
    reason = _given(reason)
    if scope == HoldScope.BODY and organisation is None:
        raise DomainError(_("Choose the body."), field="organisation")
    if scope == HoldScope.RECIPIENT and (beneficiary is None or beneficiary.programme_id != programme.pk):
        raise DomainError(_("No recipient of this programme has this pseudonym."), field="pseudonym")
    if ends_on is not None and ends_on < starts_on:
        raise DomainError(_("The end comes before the start."), field="ends_on")
    with acting(by):
        take_turn(programme)
        take_turn(None)
        if submission_key is not None:
            known = LegalHold.objects.filter(submission_key=submission_key).first()
            if known is not None:
                return known
        hold = LegalHold.objects.create(
            programme=programme,
            scope=scope,
            organisation=organisation if scope == HoldScope.BODY else None,
            beneficiary=beneficiary if scope == HoldScope.RECIPIENT else None,
            reason=reason,
            act=act[:200],
            starts_on=starts_on,
            ends_on=ends_on,
            submission_key=submission_key,
        )
        record_event(by=by, verb="hold_placed", target=hold, data={"scope": scope, "programme": programme.pk}, at=at)
    return hold


def lift_hold(*, hold: LegalHold, reason: str, version: int, by: Any, at: datetime) -> None:
    """End a hold now, with the reason. Raises `DomainError` when it is over already, `StaleError`, `NotPermitted`."""
    check_can_manage_retention(by, hold.programme)
    reason = _given(reason)
    with acting(by):
        locked = LegalHold.objects.select_for_update(of=("self",)).get(pk=hold.pk)
        if locked.lifted_at is not None:
            raise DomainError(_("This hold is lifted already."))
        if locked.version != version:
            raise StaleError
        LegalHold.objects.filter(pk=hold.pk).update(lifted_at=at, lift_reason=reason, version=F("version") + 1)
        record_event(by=by, verb="hold_lifted", target=hold, at=at)
    hold.refresh_from_db()


def _given(reason: str) -> str:
    reason = required_text(reason, _("Write the reason: it is kept with the change."))
    return reason[:300]
