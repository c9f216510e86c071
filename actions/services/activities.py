# SPDX-License-Identifier: EUPL-1.2
"""Writes on activities (rules: domain reference, sections 7 and 8; states: design 4)."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from actions.enums import ActivityState, MeetingState
from actions.models import ActionNetwork, Activity, ActivityType, Plan, Programme
from actions.permissions import check_can_keep_register
from actions.selectors.activities import bounds_of, check_activity_act, check_days_open, closed_periods_of
from actions.signals import activity_changing
from actions.workflow import ACTIVITY, check_activity_open, closed_period_refusals
from fami_portal.core.errors import DomainError, NotPermitted, StaleError
from fami_portal.core.services import acting, change_state, record_event
from partners.models import Municipality, Network, Organisation
from partners.permissions import organisations_with
from partners.services.stays import check_in_network


def create_activity(
    *,
    activity_type: ActivityType,
    network: Network,
    organisation: Organisation,
    title: str,
    starts_on: date,
    ends_on: date,
    by: Any,
    description: str = "",
    venue: Organisation | None = None,
    municipality: Municipality | None = None,
    planned_minutes: int | None = None,
    places: int | None = None,
    plan: Plan | None = None,
    key: UUID | None = None,
) -> Activity:
    """Begin an activity of a body in a network; the programme, the action and, where it has one, the plan are those of its type.

    `key` is the submission key of the form: the second half of a double click gets the activity of the first.
    Without a municipality it is that of the place, or of the body. Raises `NotPermitted` for a body that is not the person's, `DomainError` at the field that must change.
    """
    if by is not None and organisation not in organisations_with(by, Permission.KEEP_REGISTERS):
        raise NotPermitted(_("You can begin activities only for your own body."))
    kept = _of_key(key, organisation)
    if kept is not None:
        return kept
    title = " ".join(title.split())
    programme = activity_type.programme
    if not title:
        raise DomainError(_("Write a title."), field="title")
    check_dates(programme, starts_on, ends_on)
    if not ActionNetwork.objects.filter(action=activity_type.action_id, network=network).exists():
        raise DomainError(_not_carried_out(activity_type, organisation), field="network")
    stay = {"network_id": network.pk, "organisation_id": organisation.pk}
    check_in_network(**stay, days=[starts_on], field="starts_on")
    check_in_network(**stay, days=[ends_on], field="ends_on")
    _check_plan(plan, activity_type, network, organisation, starts_on, ends_on)
    if Activity.objects.filter(
        ~Q(state=ActivityState.CANCELLED),
        activity_type=activity_type,
        network=network,
        organisation=organisation,
        title__iexact=title,
        starts_on=starts_on,
    ).exists():
        raise DomainError(
            _("Your body has an activity of this type with the same title and the same start already."), field="title"
        )
    activity = Activity(
        programme=programme,
        plan_id=activity_type.plan_id or (plan.pk if plan else None),
        action_id=activity_type.action_id,
        activity_type=activity_type,
        network=network,
        organisation=organisation,
        title=title,
        description=description.strip(),
        venue=venue if venue != organisation else None,
        municipality=municipality or (venue or organisation).municipality,
        starts_on=starts_on,
        ends_on=ends_on,
        planned_minutes=planned_minutes,
        places=places,
        **({"uuid": key} if key else {}),
    )
    try:
        with acting(by):
            activity.save(force_insert=True)
            record_event(by=by, verb="activity_created", target=activity, on_behalf_of=organisation)
    except IntegrityError:
        kept = _of_key(key, organisation)
        if kept is None:
            raise
        return kept
    return activity


def _not_carried_out(activity_type: ActivityType, organisation: Organisation) -> str:
    """Say that a network does not carry out an action, and which of those of the body do."""
    names = list(
        Network.objects.filter(action_networks__action=activity_type.action_id, members__organisation=organisation)
        .distinct()
        .order_by("name", "pk")
        .values_list("name", flat=True)
    )
    said = str(_("This network does not carry out the action of this activity type."))
    if not names:
        return said
    which = _("Choose: %(names)s.") % {"names": ", ".join(names)}
    return f"{said} {which}"


def _of_key(key: UUID | None, organisation: Organisation) -> Activity | None:
    return Activity.objects.filter(uuid=key, organisation=organisation).first() if key else None


def check_dates(programme: Programme, starts_on: date, ends_on: date) -> None:
    """Raise `DomainError` when the dates do not follow each other or leave the programme."""
    if ends_on < starts_on:
        raise DomainError(_("The end comes before the start."), field="ends_on")
    for field, day in (("starts_on", starts_on), ("ends_on", ends_on)):
        if not programme.starts_on <= day <= programme.last_day:
            raise DomainError(
                _("The day is outside the programme, which runs from %(start)s to %(end)s.")
                % {"start": f"{programme.starts_on:%d/%m/%Y}", "end": f"{programme.last_day:%d/%m/%Y}"},
                field=field,
            )


def check_work_days(
    activity: Activity, days: Iterable[date], *, before: Iterable[date] = (), field: str | None = None
) -> None:
    """Raise when work cannot have these days: closed for the body, or outside its stay in the network.

    `before` are the days that the same work had: they must be open too, and need no stay. Inside a service
    transaction, which then holds the stays: nobody ends them meanwhile.
    """
    wanted, had = list(days), list(before)
    check_days_open(activity, [*had, *wanted], field=field)
    check_in_network(
        network_id=activity.network_id,
        organisation_id=activity.organisation_id,
        days=set(wanted) - set(had),
        field=field,
    )


def _check_plan(
    plan: Plan | None,
    activity_type: ActivityType,
    network: Network,
    organisation: Organisation,
    starts_on: date,
    ends_on: date,
) -> None:
    """Raise `DomainError` where an activity of this network and body cannot be part of the plan."""
    if plan is None:
        return
    if activity_type.plan_id is not None and activity_type.plan_id != plan.pk:
        raise DomainError(_("This activity type belongs to another plan."), field="plan")
    mine = plan.organisation_id == organisation.pk if plan.network_id is None else plan.network_id == network.pk
    if plan.programme_id != activity_type.programme_id or not mine:
        raise DomainError(_("This plan is not of this programme and network: choose another one."), field="plan")
    if starts_on < plan.starts_on or ends_on > plan.ends_on:
        raise DomainError(
            _("The plan runs from %(start)s to %(end)s: the activity must be within it.")
            % {"start": f"{plan.starts_on:%d/%m/%Y}", "end": f"{plan.ends_on:%d/%m/%Y}"},
            field="plan",
        )


# What a correction leaves as it is.
KEPT: Any = object()


def lock_activity(activity_id: int) -> Activity:
    """Take the lock of an activity, so that it cannot be concluded while something is added to it."""
    return (
        Activity.objects.select_for_update(of=("self",), no_key=True)
        .select_related("activity_type", "programme")
        .get(pk=activity_id)
    )


def check_can_write(by: Any, activity: Activity) -> None:
    """Raise when the person may not write in the activity, or nobody may any more. `by` None is the portal itself."""
    if by is not None:
        check_can_keep_register(by, activity)
    check_activity_open(activity.state)


def update_activity(
    *,
    activity: Activity,
    version: int,
    title: str,
    starts_on: date,
    ends_on: date,
    by: Any,
    description: str = "",
    venue: Organisation | None = None,
    municipality: Municipality | None = None,
    planned_minutes: int | None = None,
    places: int | None = None,
    plan: Any = KEPT,
) -> Activity:
    """Correct an activity. Its type, network and body stay: what was reported rests on them.

    `plan` is the plan of which it is part, None for none; it stays where nothing is given. It cannot change once a
    period of the activity is closed: the figures of the plan rest on it.

    Raises `StaleError` when somebody changed it meanwhile, `DomainError` at the field that must change.
    """
    title = " ".join(title.split())
    if not title:
        raise DomainError(_("Write a title."), field="title")
    changes = {
        "title": title,
        "description": description.strip(),
        "venue": venue if venue is None or venue.pk != activity.organisation_id else None,
        "municipality": municipality or (venue or activity.organisation).municipality,
        "starts_on": starts_on,
        "ends_on": ends_on,
        "planned_minutes": planned_minutes,
        "places": places,
    }
    with closed_period_refusals(), acting(by):
        locked = lock_activity(activity.pk)
        check_can_write(by, locked)
        if locked.version != version:
            raise StaleError
        check_dates(locked.programme, starts_on, ends_on)
        stay = {"network_id": locked.network_id, "organisation_id": locked.organisation_id}
        check_in_network(**stay, days={starts_on} - {locked.starts_on}, field="starts_on")
        check_in_network(**stay, days={ends_on} - {locked.ends_on}, field="ends_on")
        _check_holds_its_days(locked, starts_on, ends_on)
        if plan is not KEPT and (plan.pk if plan else None) != locked.plan_id:
            _check_new_plan(locked, plan, starts_on, ends_on)
            changes["plan"] = plan
        activity_changing.send(sender=Activity, activity=locked, changes=changes)
        Activity.objects.filter(pk=locked.pk).update(**changes, version=F("version") + 1)
        record_event(by=by, verb="activity_updated", target=locked)
    activity.refresh_from_db()
    return activity


def _check_new_plan(activity: Activity, plan: Plan | None, starts_on: date, ends_on: date) -> None:
    """Raise `DomainError` where an activity that exists cannot become part of the plan, or leave the one it has."""
    closed = [
        period
        for period in closed_periods_of(activity)
        if period.starts_on <= activity.ends_on and period.ends_on >= activity.starts_on
    ]
    if closed:
        raise DomainError(
            _("The figures of %(period)s are closed with the plan that it has: the plan cannot change any more.")
            % {"period": ", ".join(str(period) for period in closed)},
            field="plan",
        )
    if activity.activity_type.plan_id is not None:
        raise DomainError(_("This activity type belongs to its plan: the plan cannot change."), field="plan")
    _check_plan(plan, activity.activity_type, activity.network, activity.organisation, starts_on, ends_on)


def _check_holds_its_days(activity: Activity, starts_on: date, ends_on: date) -> None:
    if starts_on <= activity.starts_on and ends_on >= activity.ends_on:
        return
    days = bounds_of(activity)
    if days and min(days) < starts_on:
        raise DomainError(
            _("The activity has something on %(day)s already: start it on that day or before.")
            % {"day": f"{min(days):%d/%m/%Y}"},
            field="starts_on",
        )
    if days and max(days) > ends_on:
        raise DomainError(
            _("The activity has something on %(day)s: end it on that day or after.") % {"day": f"{max(days):%d/%m/%Y}"},
            field="ends_on",
        )


def check_shorter(activity: Activity, ends_on: date) -> None:
    """Raise `DomainError` when something stands after an earlier end, in the activity or in its registers. Changes nothing."""
    _check_holds_its_days(activity, activity.starts_on, ends_on)
    changes = {"starts_on": activity.starts_on, "ends_on": ends_on}
    activity_changing.send(sender=Activity, activity=activity, changes=changes)


def start_activity(*, activity: Activity, by: Any) -> None:
    """Say that the activity has begun. Raises `TransitionNotAllowed`, `NotPermitted`."""
    _move(activity, "start", by)


def conclude_activity(*, activity: Activity, by: Any) -> None:
    """Say that the activity is over: nothing can be added. Raises `DomainError` while meetings are scheduled."""
    _move(activity, "conclude", by)


def resume_activity(*, activity: Activity, reason: str, by: Any) -> None:
    """Open a concluded activity again, with the reason. Raises `TransitionNotAllowed`."""
    _move(activity, "resume", by, reason)


def cancel_activity(*, activity: Activity, reason: str, by: Any) -> None:
    """Give up an activity in which nothing has happened, with the reason; its scheduled meetings are cancelled too.

    Raises `DomainError` when something has happened, `TransitionNotAllowed` without a reason.
    """
    with closed_period_refusals(), acting(by):
        locked = lock_activity(activity.pk)
        check_activity_act(by=by, activity=locked, act="cancel", comment=reason)
        check_days_open(
            locked,
            locked.meetings.filter(state=MeetingState.SCHEDULED).order_by().values_list("held_on", flat=True),
        )
        activity_changing.send(sender=Activity, activity=locked, changes={"state": ActivityState.CANCELLED})
        cancel_scheduled_meetings(locked)
        change_state(
            instance=activity,
            workflow=ACTIVITY,
            transition="cancel",
            by=by,
            comment=reason,
            version=F("version") + 1,
        )


def cancel_scheduled_meetings(activity: Activity) -> None:
    """Cancel what was still to come; inside the transaction of the cancellation of the activity."""
    activity.meetings.filter(state=MeetingState.SCHEDULED).update(
        state=MeetingState.CANCELLED, version=F("version") + 1
    )


def _move(activity: Activity, act: str, by: Any, comment: str = "") -> None:
    with acting(by):
        locked = lock_activity(activity.pk)
        check_activity_act(by=by, activity=locked, act=act, comment=comment)
        change_state(
            instance=activity, workflow=ACTIVITY, transition=act, by=by, comment=comment, version=F("version") + 1
        )
