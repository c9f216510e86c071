# SPDX-License-Identifier: EUPL-1.2
"""Writes on products delivered: simplified forms, materials, accompaniments, protocols."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from actions.models import Activity, Deliverable
from actions.services.activities import check_can_write, check_work_days, lock_activity
from actions.services.campaigns import kept_evidence
from actions.workflow import check_day_inside, closed_period_refusals
from fami_portal.core.documents import CheckedFile
from fami_portal.core.errors import DomainError, StaleError
from fami_portal.core.models import Document
from fami_portal.core.services import acting, record_event


def record_deliverable(
    *,
    activity: Activity,
    title: str,
    delivered_on: date,
    by: Any,
    quantity: int = 1,
    url: str = "",
    evidence: Document | CheckedFile | None = None,
    key: UUID | None = None,
) -> Deliverable:
    """Record a product that was delivered. `key` is the submission key of the form.

    Raises `ClosedPeriodError`, `DomainError` at the field that must change.
    """
    values = _checked(title, delivered_on, quantity, url)
    with closed_period_refusals(), acting(by):
        locked = lock_activity(activity.pk)
        kept = locked.deliverables.filter(uuid=key).first() if key else None
        if kept is not None:
            return kept
        check_can_write(by, locked)
        check_day_inside(delivered_on, locked.starts_on, locked.ends_on, field="delivered_on")
        check_work_days(locked, [delivered_on], field="delivered_on")
        values |= kept_evidence(activity=locked, evidence=evidence, by=by)
        deliverable = Deliverable(activity=activity, **values, **({"uuid": key} if key else {}))
        deliverable.save(force_insert=True)
        record_event(by=by, verb="deliverable_recorded", target=deliverable)
    return deliverable


def _checked(title: str, delivered_on: date, quantity: int, url: str) -> dict[str, Any]:
    title = " ".join(title.split())
    if not title:
        raise DomainError(_("Write a title."), field="title")
    if quantity < 1:
        raise DomainError(_("Write how many, at least 1."), field="quantity")
    if delivered_on > timezone.localdate():
        raise DomainError(_("The day is in the future: record a product after it is delivered."), field="delivered_on")
    return {"title": title, "delivered_on": delivered_on, "quantity": quantity, "url": url}


def update_deliverable(
    *,
    deliverable: Deliverable,
    version: int,
    title: str,
    delivered_on: date,
    by: Any,
    quantity: int = 1,
    url: str = "",
    evidence: Document | CheckedFile | None = None,
) -> Deliverable:
    """Correct a product; the evidence stays when none is given. Raises `StaleError` and as `record_deliverable`."""
    values = _checked(title, delivered_on, quantity, url)
    with closed_period_refusals(), acting(by):
        activity = lock_activity(deliverable.activity_id)
        check_can_write(by, activity)
        locked = Deliverable.objects.select_for_update(of=("self",)).get(pk=deliverable.pk)
        if locked.version != version:
            raise StaleError
        check_day_inside(delivered_on, activity.starts_on, activity.ends_on, field="delivered_on")
        check_work_days(activity, [delivered_on], before=[locked.delivered_on], field="delivered_on")
        values |= kept_evidence(activity=activity, evidence=evidence, by=by)
        Deliverable.objects.filter(pk=locked.pk).update(**values, version=F("version") + 1)
        record_event(by=by, verb="deliverable_updated", target=locked)
    deliverable.refresh_from_db()
    return deliverable
