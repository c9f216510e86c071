# SPDX-License-Identifier: EUPL-1.2
"""Plans of a lower level under a programme: an Ambito's, or the share of one body."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, ProtectedError
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from actions.enums import ActivityState
from actions.models import ActionNetwork, Plan, Programme
from actions.permissions import coordinates
from actions.selectors.plans import bodies_to_plan
from actions.services.activities import check_dates
from fami_portal.core.errors import DomainError, NotPermitted, StaleError, required_text
from fami_portal.core.services import acting, record_event
from partners.models import Network, Organisation


def create_plan(
    *,
    programme: Programme,
    title: str,
    network: Network,
    organisation: Organisation,
    starts_on: date,
    ends_on: date,
    by: Any,
    key: UUID | None = None,
) -> Plan:
    """Begin a plan of a network, carried out by one of its bodies. Its budget is a line of the programme's table.

    `key` is the submission key: the second half of a double click gets the plan of the first. Raises `NotPermitted`,
    `DomainError` at the field.
    """
    _check_may(by, programme.pk, network.pk)
    kept = Plan.objects.filter(programme=programme, key=key).first() if key else None
    if kept is not None:
        return kept
    title = _checked(programme, title, starts_on, ends_on)
    if not ActionNetwork.objects.filter(action__programme=programme, network=network).exists():
        raise DomainError(_("This network carries out no action of the programme."), field="network")
    if organisation not in bodies_to_plan([network]):
        raise DomainError(_("This body is not a member of the network, or has no budget there."), field="organisation")
    if programme.plans.filter(title__iexact=title).exists():
        raise DomainError(_("The programme has a plan with this title already."), field="title")
    try:
        with acting(by), transaction.atomic():
            plan = Plan.objects.create(
                programme=programme,
                slug=_free_slug(title),
                title=title,
                network=network,
                organisation=organisation,
                starts_on=starts_on,
                ends_on=ends_on,
                key=key,
            )
            record_event(by=by, verb="plan_created", target=plan, on_behalf_of=organisation)
    except IntegrityError:
        kept = Plan.objects.filter(key=key).first() if key else None
        if kept is None:
            raise
        return kept
    return plan


def update_plan(*, plan: Plan, version: int, title: str, starts_on: date, ends_on: date, by: Any) -> Plan:
    """Correct the title and the dates of a plan made in the portal; its network and body stay.

    Raises `NotPermitted`, `StaleError`, `DomainError` when an activity would be left outside its dates.
    """
    _check_may(by, plan.programme_id, plan.network_id)
    with acting(by):
        locked = Plan.objects.select_for_update(of=("self",)).select_related("programme").get(pk=plan.pk)
        if locked.version != version:
            raise StaleError
        if locked.definition_sha256:
            raise DomainError(_("This plan comes from a definition file: change it there and load it again."))
        title = _checked(locked.programme, title, starts_on, ends_on)
        if locked.programme.plans.filter(title__iexact=title).exclude(pk=locked.pk).exists():
            raise DomainError(_("The programme has a plan with this title already."), field="title")
        own = locked.activities.exclude(state=ActivityState.CANCELLED).order_by("starts_on")
        for field, found in (
            ("starts_on", own.filter(starts_on__lt=starts_on).first()),
            ("ends_on", own.filter(ends_on__gt=ends_on).first()),
        ):
            if found is not None:
                raise DomainError(
                    _("The activity “%(activity)s” runs from %(start)s to %(end)s: the plan must hold it.")
                    % {
                        "activity": found.title,
                        "start": f"{found.starts_on:%d/%m/%Y}",
                        "end": f"{found.ends_on:%d/%m/%Y}",
                    },
                    field=field,
                )
        Plan.objects.filter(pk=locked.pk).update(
            title=title, starts_on=starts_on, ends_on=ends_on, version=F("version") + 1
        )
        record_event(by=by, verb="plan_updated", target=locked)
    plan.refresh_from_db()
    return plan


def remove_plan(*, plan: Plan, reason: str, by: Any) -> None:
    """Take away a plan that was begun by mistake: made in the portal, without activities, targets or budget.

    The history of the programme keeps its title and the reason. Raises `NotPermitted`, `DomainError`.
    """
    _check_may(by, plan.programme_id, plan.network_id)
    reason = required_text(reason, _("Write why it is taken away, without names of people."))
    with acting(by):
        locked = Plan.objects.select_for_update(of=("self",)).select_related("programme").filter(pk=plan.pk).first()
        if locked is None:
            return
        if locked.definition_sha256:
            raise DomainError(_("This plan comes from a definition file: change it there and load it again."))
        if not _deleted(locked):
            raise DomainError(
                _("This plan has activities, targets or a share of the budget: it stays. Correct it instead.")
            )
        record_event(by=by, verb="plan_removed", target=locked.programme, reason=f"{locked.title}: {reason}"[:500])


def _deleted(plan: Plan) -> bool:
    if plan.targets.exists() or plan.cadence_targets.exists():
        return False
    try:
        with transaction.atomic():
            plan.delete()
    except ProtectedError:
        return False
    return True


def _check_may(by: Any, programme_id: int, network_id: int | None) -> None:
    if by is not None and not coordinates(by, programme_id=programme_id, network_id=network_id):
        raise NotPermitted(_("Only the Region, and the coordinator of the network, write its plan."))


def _checked(programme: Programme, title: str, starts_on: date, ends_on: date) -> str:
    title = " ".join(title.split())
    if not title:
        raise DomainError(_("Write a title."), field="title")
    check_dates(programme, starts_on, ends_on)
    return title


def _free_slug(title: str) -> str:
    base = slugify(title)[:50].strip("-") or "piano"
    taken = set(Plan.objects.filter(slug__startswith=base).order_by("slug").values_list("slug", flat=True))
    number = 1
    while (slug := base if number == 1 else f"{base}-{number}") in taken:
        number += 1
    return slug
