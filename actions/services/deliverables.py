# SPDX-License-Identifier: EUPL-1.2
"""Writes on products delivered: simplified forms, materials, guidelines, protocols."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from actions.enums import ProductKind
from actions.models import Activity, Deliverable
from actions.services.activities import check_can_write, check_work_days, lock_activity
from actions.services.campaigns import kept_evidence
from actions.workflow import check_day_inside, closed_period_refusals
from fami_portal.core.documents import CheckedFile
from fami_portal.core.errors import DomainError, StaleError
from fami_portal.core.models import Document
from fami_portal.core.services import acting, record_event
from partners.models import Language, Organisation


def record_deliverable(
    *,
    activity: Activity,
    title: str,
    delivered_on: date,
    by: Any,
    quantity: int = 1,
    kind: str = ProductKind.MATERIAL,
    languages: Sequence[Language] = (),
    parties: Sequence[Organisation] = (),
    repertory_number: str = "",
    url: str = "",
    evidence: Document | CheckedFile | None = None,
    key: UUID | None = None,
) -> Deliverable:
    """Record a product that was delivered. `key` is the submission key of the form.

    A protocol is signed by two bodies or more, on the day on which it is delivered, and counts by itself. Raises
    `ClosedPeriodError`, `DomainError` at the field that must change.
    """
    values = _checked(title, delivered_on, quantity, url, kind, parties, repertory_number)
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
        _name(deliverable, languages, parties)
        record_event(by=by, verb="deliverable_recorded", target=deliverable)
    return deliverable


def _checked(
    title: str,
    delivered_on: date,
    quantity: int,
    url: str,
    kind: str,
    parties: Sequence[Organisation],
    repertory_number: str,
) -> dict[str, Any]:
    title = " ".join(title.split())
    if not title:
        raise DomainError(_("Write a title."), field="title")
    if quantity < 1:
        raise DomainError(_("Write how many, at least 1."), field="quantity")
    if delivered_on > timezone.localdate():
        raise DomainError(_("The day is in the future: record a product after it is delivered."), field="delivered_on")
    if kind == ProductKind.PROTOCOL:
        if len(parties) < 2:
            raise DomainError(_("A protocol is signed by two bodies or more: write their names."), field="parties")
        if quantity != 1:
            raise DomainError(_("A protocol is one: record each of them by itself."), field="quantity")
    elif parties or repertory_number.strip():
        field = "parties" if parties else "repertory_number"
        raise DomainError(_("Only a protocol has parties and a repertory number: choose that kind."), field=field)
    return {
        "kind": kind,
        "title": title,
        "delivered_on": delivered_on,
        "quantity": quantity,
        "repertory_number": repertory_number.strip(),
        "url": url,
    }


def _name(deliverable: Deliverable, languages: Sequence[Language], parties: Sequence[Organisation]) -> None:
    deliverable.languages.set(languages)
    deliverable.parties.set(parties)


def update_deliverable(
    *,
    deliverable: Deliverable,
    version: int,
    title: str,
    delivered_on: date,
    by: Any,
    quantity: int = 1,
    kind: str = ProductKind.MATERIAL,
    languages: Sequence[Language] = (),
    parties: Sequence[Organisation] = (),
    repertory_number: str = "",
    url: str = "",
    evidence: Document | CheckedFile | None = None,
) -> Deliverable:
    """Correct a product; the evidence stays when none is given. Raises `StaleError` and as `record_deliverable`."""
    values = _checked(title, delivered_on, quantity, url, kind, parties, repertory_number)
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
        _name(locked, languages, parties)
        record_event(by=by, verb="deliverable_updated", target=locked)
    deliverable.refresh_from_db()
    return deliverable
