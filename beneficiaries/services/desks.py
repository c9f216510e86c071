# SPDX-License-Identifier: EUPL-1.2
"""Writes on the contacts of a desk: counted, never persons (domain reference, section 8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from actions.models import Activity
from actions.services.activities import check_can_write, check_work_days, lock_activity
from actions.workflow import check_day_inside, closed_period_refusals
from beneficiaries.enums import AgeBand, ContactChannel, ContactOutcome, DeskTopic, Sex
from beneficiaries.models import MOST_MINUTES, DeskContact
from beneficiaries.permissions import check_can_follow
from fami_portal.core.errors import DomainError, StaleError
from fami_portal.core.services import acting, record_event
from partners.models import Country, Language


@dataclass(frozen=True)
class Contact:
    """What is recorded of somebody who came to a desk: nothing by which the person could be found again."""

    held_on: date
    channel: str
    topics: Sequence[str]
    outcome: str
    minutes: int
    first_access: bool = False
    with_mediator: bool = False
    sex: str = ""
    age_band: str = ""
    citizenship: Country | None = None
    language: Language | None = None


def record_contact(
    *, activity: Activity, contact: Contact, by: Any, today: date, operator: Any = None, key: UUID | None = None
) -> DeskContact:
    """Count a contact of a desk. `operator` is who was there, the person who writes unless it is given.

    `key` is the submission key of the form: the second half of a double click counts nothing. Raises `NotPermitted`,
    `ClosedPeriodError`; `DomainError` at the field: an activity that is no desk, a day to come or outside, no topic,
    minutes that are not from 1 to 600.
    """
    with closed_period_refusals(), acting(by):
        locked = lock_activity(activity.pk)
        kept = DeskContact.objects.filter(activity=locked, uuid=key).first() if key else None
        if kept is not None:
            return kept
        _check(locked, contact, by=by, today=today)
        check_work_days(locked, [contact.held_on], field="held_on")
        row = DeskContact(
            activity=activity, operator=operator or by, **_values(contact), **({"uuid": key} if key else {})
        )
        row.save(force_insert=True)
        record_event(by=by, verb="contact_counted", target=locked)
    return row


def update_contact(*, row: DeskContact, version: int, contact: Contact, by: Any, today: date) -> DeskContact:
    """Correct a contact. Raises `StaleError` when somebody changed it meanwhile, and as `record_contact`."""
    with closed_period_refusals(), acting(by):
        activity = lock_activity(row.activity_id)
        locked = DeskContact.objects.select_for_update(of=("self",)).get(pk=row.pk)
        if locked.version != version:
            raise StaleError
        _check(activity, contact, by=by, today=today)
        check_work_days(activity, [contact.held_on], before=[locked.held_on], field="held_on")
        DeskContact.objects.filter(pk=locked.pk).update(**_values(contact), version=F("version") + 1)
        record_event(by=by, verb="contact_corrected", target=activity)
    row.refresh_from_db()
    return row


def remove_contact(*, row: DeskContact, version: int, by: Any) -> None:
    """Take away a contact that was counted by mistake. Raises `StaleError`, `ClosedPeriodError`. Twice changes nothing."""
    with closed_period_refusals(), acting(by):
        activity = lock_activity(row.activity_id)
        _check_can_write(by, activity)
        locked = DeskContact.objects.select_for_update(of=("self",)).filter(pk=row.pk).first()
        if locked is None:
            return
        if locked.version != version:
            raise StaleError
        check_work_days(activity, [], before=[locked.held_on])
        locked.delete()
        record_event(by=by, verb="contact_removed", target=activity)


def _check_can_write(by: Any, activity: Activity) -> None:
    check_can_write(by, activity)
    if by is not None:
        check_can_follow(by, activity)
    if not activity.has_contacts:
        raise DomainError(_("This activity is no desk: its contacts are not counted."))


def _check(activity: Activity, contact: Contact, *, by: Any, today: date) -> None:
    _check_can_write(by, activity)
    if contact.held_on > today:
        raise DomainError(_("This day is still to come."), field="held_on")
    check_day_inside(contact.held_on, activity.starts_on, activity.ends_on, field="held_on")
    if not contact.topics or set(contact.topics) - set(DeskTopic.values):
        raise DomainError(_("Choose what was asked, one thing or more."), field="topics")
    if not 1 <= contact.minutes <= MOST_MINUTES:
        raise DomainError(_("Write the minutes, from 1 to %(most)s.") % {"most": MOST_MINUTES}, field="minutes")
    for field, known in (
        ("channel", ContactChannel.values),
        ("outcome", ContactOutcome.values),
        ("sex", ("", *Sex.values)),
        ("age_band", ("", *AgeBand.values)),
    ):
        if getattr(contact, field) not in known:
            raise DomainError(_("Choose one of the answers."), field=field)


def _values(contact: Contact) -> dict[str, Any]:
    return {
        "held_on": contact.held_on,
        "channel": contact.channel,
        # In the order of the list, each once: each of them is a service given.
        "topics": [topic for topic in DeskTopic.values if topic in contact.topics],
        "outcome": contact.outcome,
        "minutes": contact.minutes,
        "first_access": contact.first_access,
        "with_mediator": contact.with_mediator,
        "sex": contact.sex,
        "age_band": contact.age_band,
        "citizenship": contact.citizenship,
        "language": contact.language,
    }
