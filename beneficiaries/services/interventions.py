# SPDX-License-Identifier: EUPL-1.2
"""Writes on the interventions of a support: what was done on a day, for whom, by whom, what comes next."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from actions.models import Activity
from actions.services.activities import check_work_days
from actions.workflow import check_day_inside, closed_period_refusals
from beneficiaries.enums import InterventionOutcome
from beneficiaries.models import MOST_MINUTES, Beneficiary, Intervention, InterventionPerson, Support, SupportMember
from beneficiaries.permissions import keepers_of
from beneficiaries.selectors.outcomes import keepers_of as people_keeping
from beneficiaries.selectors.supports import intervention_kinds
from beneficiaries.services.supports import check_goes_on, lock_support
from beneficiaries.workflow import check_can_work_on
from fami_portal.core.errors import DomainError, StaleError
from fami_portal.core.services import acting, record_event


@dataclass(frozen=True)
class Work:
    """What is recorded of an intervention. `persons` are ids of enrolments; None is everybody who is in the support.

    `minutes` are those of the intervention, the same for each of the persons.
    """

    held_on: date
    minutes: int
    operator: Any
    kind: str
    outcome: str
    persons: Collection[int] | None = field(default=None)
    note: str = ""
    next_step: str = ""
    next_step_on: date | None = None


def record_intervention(*, support: Support, work: Work, by: Any, today: date, key: UUID | None = None) -> Intervention:
    """Record what was done for a support. `key` is the submission key of the form.

    Raises `NotPermitted`, `ClosedPeriodError`; `DomainError` at the field: a day to come, outside the activity or
    before the support, minutes that are not from 1 to 600, somebody who was not in the support on that day, an operator
    who does not work for the body, a next step without its day; and for a support that has ended.
    """
    with closed_period_refusals(), acting(by):
        activity, locked = lock_support(support, by)
        kept = Intervention.objects.filter(support=locked, uuid=key).first() if key else None
        if kept is not None:
            return kept
        check_goes_on(locked)
        _check(activity, locked, work, by=by, today=today)
        check_work_days(activity, [work.held_on], field="held_on")
        persons = _persons(locked, work)
        row = Intervention(support=support, **_values(work), **({"uuid": key} if key else {}))
        row.save(force_insert=True)
        InterventionPerson.objects.bulk_create(
            [InterventionPerson(intervention=row, enrolment_id=pk) for pk in persons]
        )
        record_event(by=by, verb="intervention_recorded", target=locked, data={"minutes": work.minutes})
    return row


def update_intervention(*, intervention: Intervention, version: int, work: Work, by: Any, today: date) -> Intervention:
    """Correct an intervention. Raises `StaleError` when somebody changed it meanwhile, and as `record_intervention`."""
    with closed_period_refusals(), acting(by):
        activity, locked = lock_support(intervention.support, by)
        row = Intervention.objects.select_for_update(of=("self",)).get(pk=intervention.pk)
        if row.version != version:
            raise StaleError
        check_goes_on(locked)
        _check(activity, locked, work, by=by, today=today)
        check_work_days(activity, [work.held_on], before=[row.held_on], field="held_on")
        persons = set(_persons(locked, work))
        there = InterventionPerson.objects.filter(intervention=row)
        known = set(there.order_by("pk").values_list("enrolment_id", flat=True))
        if gone := known - persons:
            there.filter(enrolment__in=gone).delete()
        if new := persons - known:
            InterventionPerson.objects.bulk_create(
                [InterventionPerson(intervention=row, enrolment_id=pk) for pk in sorted(new)]
            )
        Intervention.objects.filter(pk=row.pk).update(**_values(work), version=F("version") + 1)
        record_event(by=by, verb="intervention_updated", target=locked, data={"minutes": work.minutes})
    intervention.refresh_from_db()
    return intervention


def remove_intervention(*, intervention: Intervention, version: int, by: Any) -> None:
    """Take away an intervention that was recorded by mistake; what was there stays in the history.

    Raises `StaleError`, `ClosedPeriodError`. Twice changes nothing.
    """
    with closed_period_refusals(), acting(by):
        activity, locked = lock_support(intervention.support, by)
        row = Intervention.objects.select_for_update(of=("self",)).filter(pk=intervention.pk).first()
        if row is None:
            return
        if row.version != version:
            raise StaleError
        check_goes_on(locked)
        check_work_days(activity, [], before=[row.held_on])
        InterventionPerson.objects.filter(intervention=row).delete()
        row.delete()
        record_event(by=by, verb="intervention_removed", target=locked)


def _values(work: Work) -> dict[str, Any]:
    return {
        "held_on": work.held_on,
        "minutes": work.minutes,
        "operator": work.operator,
        "kind": work.kind,
        "outcome": work.outcome,
        "note": " ".join(work.note.split()),
        "next_step": " ".join(work.next_step.split()),
        "next_step_on": work.next_step_on,
    }


def _check(activity: Activity, support: Support, work: Work, *, by: Any, today: date) -> None:
    if work.held_on > today:
        raise DomainError(
            _("The day is in the future: write it as the next step, and record the intervention after it."),
            field="held_on",
        )
    check_day_inside(work.held_on, activity.starts_on, activity.ends_on, field="held_on")
    if work.held_on < support.opened_on:
        raise DomainError(
            _("The support began on %(day)s: the intervention is on that day or after.")
            % {"day": f"{support.opened_on:%d/%m/%Y}"},
            field="held_on",
        )
    if not 1 <= work.minutes <= MOST_MINUTES:
        raise DomainError(
            _("Write the minutes, from 1 to %(most)s: a longer work is several days.") % {"most": MOST_MINUTES},
            field="minutes",
        )
    if work.kind not in intervention_kinds(support.kind):
        raise DomainError(_("Choose what was done."), field="kind")
    if work.outcome not in InterventionOutcome.values:
        raise DomainError(_("Choose what came of it."), field="outcome")
    _check_operator(activity, work, by)
    if bool(work.next_step.strip()) != (work.next_step_on is not None):
        raise DomainError(
            _("A next step has its words and its day: write both, or neither."),
            field="next_step_on" if work.next_step.strip() else "next_step",
        )
    if work.next_step_on is not None and work.next_step_on < work.held_on:
        raise DomainError(_("The next step comes before the intervention: check the day."), field="next_step_on")


def _check_operator(activity: Activity, work: Work, by: Any) -> None:
    if by is None or work.operator.pk == by.pk:
        return
    people = people_keeping(sorted(keepers_of(activity)), work.held_on)
    if not people.filter(user=work.operator).exists():
        raise DomainError(_("On that day this operator did not work for your body: choose another."), field="operator")


def _persons(support: Support, work: Work) -> Sequence[int]:
    """Return the enrolments of those for whom the intervention was, who were in the support on that day."""
    members = SupportMember.objects.filter(
        Q(until__isnull=True) | Q(until__gte=work.held_on), support=support, since__lte=work.held_on
    )
    there = dict(members.order_by("pk").values_list("enrolment_id", "enrolment__beneficiary_id"))
    chosen = sorted(there if work.persons is None else set(work.persons))
    if not chosen:
        raise DomainError(_("Choose for whom the intervention was."), field="persons")
    if set(chosen) - set(there):
        raise DomainError(_("On that day one of these persons was not in the support."), field="persons")
    people = Beneficiary.objects.select_for_update(of=("self",), no_key=True).filter(
        pk__in=[there[pk] for pk in chosen]
    )
    for person in people.order_by("pk"):
        check_can_work_on(person, field="persons")
    withdrawn = members.filter(enrolment__in=chosen, enrolment__withdrawn_on__lt=work.held_on).exists()
    if withdrawn:
        raise DomainError(_("On that day one of these persons had left the activity."), field="persons")
    return chosen
