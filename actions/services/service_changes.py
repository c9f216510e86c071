# SPDX-License-Identifier: EUPL-1.2
"""Writes on services opened or strengthened (official indicators O.2.7.a, O.2.8.a, O.2.45.s: each service once)."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from actions.enums import ServiceChangeKind
from actions.models import Activity, Service, ServiceChange
from actions.selectors.tables import SERVICE_KINDS
from actions.services.activities import check_can_write, check_work_days, lock_activity
from actions.services.campaigns import kept_evidence
from actions.workflow import check_day_inside, closed_period_refusals
from fami_portal.core.documents import CheckedFile
from fami_portal.core.errors import DomainError, StaleError
from fami_portal.core.models import Document
from fami_portal.core.services import acting, record_event

MINUTES_OF_A_WEEK = 7 * 24 * 60


@dataclass(frozen=True)
class Offer:
    """What a service offers: minutes and evenings a week, staff, sites, languages (ids)."""

    minutes: int = 0
    evenings: int = 0
    staff: int = 0
    sites: int = 0
    languages: Collection[int] = field(default_factory=frozenset)

    def counted(self) -> tuple[int, int, int, int, int]:
        """Return the figures that can grow."""
        return self.minutes, self.evenings, self.staff, self.sites, len(set(self.languages))


def record_service(
    *,
    activity: Activity,
    title: str,
    kind: str,
    changed_on: date,
    before: Offer,
    after: Offer,
    evidence: Document | CheckedFile | None,
    by: Any,
    note: str = "",
    key: UUID | None = None,
) -> ServiceChange:
    """Record that an activity opened or strengthened a service of its body, with what it offered before and after.

    A service is known by its name: strengthened twice it is still one. `key` is the submission key of the form. Raises
    `ClosedPeriodError`, `DomainError` at the field: without evidence, or when nothing has grown.
    """
    title = " ".join(title.split())
    if not title:
        raise DomainError(_("Write the name of the service."), field="title")
    if evidence is None:
        raise DomainError(
            _("Attach what proves it: the deed, the notice of the new hours, a photograph of the sign."),
            field="evidence",
        )
    before = before if kind == ServiceChangeKind.STRENGTHENED else Offer()
    check_offers(kind, changed_on, before, after)
    try:
        with closed_period_refusals(), acting(by):
            locked = lock_activity(activity.pk)
            kept = locked.service_changes.filter(uuid=key).first() if key else None
            if kept is not None:
                return kept
            check_can_write(by, locked)
            if locked.activity_type.kind not in SERVICE_KINDS:
                raise DomainError(_("No service is opened or strengthened in an activity of this kind."))
            _check_day(locked, changed_on)
            service = _service(locked, title)
            _check_order(service, kind, changed_on)
            change = ServiceChange(
                service=service,
                activity=locked,
                kind=kind,
                changed_on=changed_on,
                note=note.strip(),
                **_columns(before, after),
                **kept_evidence(activity=locked, evidence=evidence, by=by),
                **({"uuid": key} if key else {}),
            )
            change.save(force_insert=True)
            _set_languages(change, before, after)
            record_event(by=by, verb="service_recorded", target=change)
    except IntegrityError as error:
        raise DomainError(_("This change of the service is recorded already."), field="changed_on") from error
    return change


def update_service(
    *,
    change: ServiceChange,
    version: int,
    changed_on: date,
    before: Offer,
    after: Offer,
    by: Any,
    evidence: Document | CheckedFile | None = None,
    note: str = "",
) -> ServiceChange:
    """Correct what a service offered; the service and the evidence stay. Raises `StaleError` and as `record_service`."""
    before = before if change.kind == ServiceChangeKind.STRENGTHENED else Offer()
    check_offers(change.kind, changed_on, before, after)
    with closed_period_refusals(), acting(by):
        activity = lock_activity(change.activity_id)
        check_can_write(by, activity)
        locked = ServiceChange.objects.select_for_update(of=("self",)).get(pk=change.pk)
        if locked.version != version:
            raise StaleError
        _check_day(activity, changed_on, before=[locked.changed_on])
        values = {"changed_on": changed_on, "note": note.strip(), **_columns(before, after)}
        values |= kept_evidence(activity=activity, evidence=evidence, by=by)
        ServiceChange.objects.filter(pk=locked.pk).update(**values, version=F("version") + 1)
        _set_languages(locked, before, after)
        record_event(by=by, verb="service_corrected", target=locked)
    change.refresh_from_db()
    return change


def check_offers(kind: str, changed_on: date, before: Offer, after: Offer) -> None:
    """Raise `DomainError` at the field when the figures of a service cannot be."""
    if changed_on > timezone.localdate():
        raise DomainError(_("The day is in the future: record the service when the public has it."), field="changed_on")
    for moment, offer in (("before", before), ("after", after)):
        if offer.minutes > MINUTES_OF_A_WEEK:
            raise DomainError(_("A week has 168 hours."), field=f"hours_{moment}")
        if offer.evenings > 7:
            raise DomainError(_("A week has seven evenings."), field=f"evenings_{moment}")
    if not after.minutes:
        raise DomainError(_("Write how many hours a week the service is open now."), field="hours_after")
    if kind == ServiceChangeKind.STRENGTHENED:
        if not before.minutes:
            raise DomainError(
                _("Write how many hours a week it was open before; if it did not exist, it is a new service."),
                field="hours_before",
            )
        if all(now <= then for then, now in zip(before.counted(), after.counted(), strict=True)):
            raise DomainError(
                _("Nothing has grown: a strengthened service has more hours, evenings, languages, staff or sites."),
                field="hours_after",
            )


def _check_day(activity: Activity, day: date, before: Collection[date] = ()) -> None:
    check_day_inside(day, activity.starts_on, activity.ends_on, field="changed_on")
    check_work_days(activity, [day], before=before, field="changed_on")


def _service(activity: Activity, title: str) -> Service:
    found = Service.objects.filter(
        programme=activity.programme_id, organisation=activity.organisation_id, title__iexact=title
    ).first()
    return found or Service.objects.create(
        programme_id=activity.programme_id, organisation_id=activity.organisation_id, title=title
    )


def _check_order(service: Service, kind: str, changed_on: date) -> None:
    others = service.changes.order_by("changed_on", "pk")
    if kind == ServiceChangeKind.NEW and others.exists():
        raise DomainError(_("Your body has a service with this name already: record it as strengthened."), field="kind")
    opened = others.filter(kind=ServiceChangeKind.NEW, changed_on__gte=changed_on).first()
    if opened is not None:
        raise DomainError(
            _("This service was opened on %(day)s: it was strengthened after that day.")
            % {"day": f"{opened.changed_on:%d/%m/%Y}"},
            field="changed_on",
        )


def _columns(before: Offer, after: Offer) -> dict[str, int]:
    return {
        f"{name}_{moment}": getattr(offer, name)
        for moment, offer in (("before", before), ("after", after))
        for name in ("minutes", "evenings", "staff", "sites")
    }


def _set_languages(change: ServiceChange, before: Offer, after: Offer) -> None:
    change.languages_before.set(sorted(before.languages))
    change.languages_after.set(sorted(after.languages))
