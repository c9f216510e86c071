# SPDX-License-Identifier: EUPL-1.2
"""A copy of an activity in another school year: its facts and its meetings to come, nobody who was enrolled."""

from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from actions.models import Activity, Plan
from actions.permissions import check_can_keep_register
from actions.selectors.copies import proposal_of
from actions.selectors.plans import outside
from actions.services.activities import create_activity
from actions.services.meetings import NewMeeting, add_meetings
from fami_portal.core.errors import DomainError
from fami_portal.core.services import acting, record_event


def copy_activity(*, activity: Activity, title: str, starts_on: date, by: Any, key: UUID) -> Activity:
    """Begin a planned copy of an activity near a day, with its meetings scheduled on the same weekdays.

    Days that are public holidays or without lessons are left out; recipients, attendance, contents and products are
    not copied. `key` is the submission key: the second half of a double click gets the copy of the first. Raises
    `NotPermitted`, `DomainError` at the field as `create_activity` and `add_meetings` do.
    """
    if by is not None:
        check_can_keep_register(by, activity)
    kept = Activity.objects.filter(uuid=key, organisation=activity.organisation_id).first()
    if kept is not None:
        return kept
    if starts_on <= activity.starts_on:
        raise DomainError(_("The copy begins after the activity that it comes from."), field="starts_on")
    proposal = proposal_of(activity, starts_on)
    with acting(by):
        copy = create_activity(
            activity_type=activity.activity_type,
            network=activity.network,
            organisation=activity.organisation,
            title=title,
            starts_on=proposal.starts_on,
            ends_on=proposal.ends_on,
            description=activity.description,
            venue=activity.venue,
            municipality=activity.municipality,
            planned_minutes=activity.planned_minutes,
            places=activity.places,
            plan=_plan_in(activity.plan, proposal.starts_on, proposal.ends_on),
            key=key,
            by=by,
        )
        if copy.copied_from_id is None:
            Activity.objects.filter(pk=copy.pk).update(copied_from=activity)
            record_event(by=by, verb="activity_copied", target=copy, data={"from": activity.pk})
        if proposal.kept:
            add_meetings(
                activity=copy,
                meetings=[
                    NewMeeting(
                        row.day,
                        row.meeting.starts_at,
                        row.meeting.ends_at,
                        row.meeting.minutes,
                        row.meeting.topic,
                        row.meeting.place,
                    )
                    for row in proposal.kept
                ],
                key=key,
                by=by,
            )
    copy.refresh_from_db()
    return copy


def _plan_in(plan: Plan | None, starts_on: date, ends_on: date) -> Plan | None:
    """A plan of one year does not hold the next: the copy then has none, and may be given another."""
    return None if plan is None or outside(plan, starts_on, ends_on) else plan
