# SPDX-License-Identifier: EUPL-1.2
"""Rules of reminders, and the digest that goes out once a day: at most one message for each person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from actions.models import Programme
from fami_portal.core.errors import DomainError, NotPermitted
from fami_portal.core.outbox import queue_messages
from fami_portal.core.services import acting, record_event
from mediation.enums import ReminderAudience, ReminderEvent
from mediation.models import ReminderRule, ReminderSent
from mediation.notifications.reminders import by_body, by_person, digest
from mediation.selectors.reminders import USUAL, WITH_BEFORE, Due, can_edit, due, programmes_with_mediation
from mediation.services.link_reminders import remind_body


def check_can_edit(by: Any, programme: Programme) -> None:
    """Raise `NotPermitted` for others than the coordinators of the whole programme."""
    if by is not None and not can_edit(by, programme.pk):
        raise NotPermitted(_("Only the coordinator of the whole programme writes its rules of reminders."))


def create_usual_rules(*, programme: Programme, by: Any, at: datetime) -> int:
    """Give a programme without rules the usual ones; returns how many were made, 0 when it has some.

    Running it twice, or twice at once, makes them once. Raises `NotPermitted`.
    """
    check_can_edit(by, programme)
    with acting(by):
        Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
        if ReminderRule.objects.filter(programme=programme.pk).exists():
            return 0
        rows = ReminderRule.objects.bulk_create(
            ReminderRule(programme=programme, event=event, days=days, audience=audience)
            for event, days, audience in USUAL
        )
        record_event(by=by, verb="reminder_rules_created", target=programme, data={"rules": len(rows)}, at=at)
        return len(rows)


def add_rule(*, programme: Programme, event: str, days: int, audience: str, by: Any, at: datetime) -> ReminderRule:
    """Add a rule: `days` before (negative) or after (positive) the event. The same one twice is there once.

    Raises `NotPermitted`, `DomainError` at the field.
    """
    check_can_edit(by, programme)
    _check_days(event, days)
    with acting(by):
        Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
        rule, created = ReminderRule.objects.get_or_create(
            programme=programme, event=event, days=days, audience=audience
        )
        if created:
            record_event(by=by, verb="reminder_rule_added", target=programme, data={"rule": rule.pk}, at=at)
        elif not rule.is_active:
            ReminderRule.objects.filter(pk=rule.pk).update(is_active=True)
            record_event(by=by, verb="reminder_rule_changed", target=programme, data={"rule": rule.pk}, at=at)
        _check_order(programme.pk, event)
    rule.refresh_from_db()
    return rule


def change_rule(*, rule: ReminderRule, days: int, is_active: bool, by: Any, at: datetime) -> ReminderRule:
    """Change the days of a rule, or let it rest. Raises `NotPermitted`, `DomainError` at the field."""
    check_can_edit(by, rule.programme)
    _check_days(rule.event, days)
    with acting(by):
        Programme.objects.select_for_update(no_key=True).get(pk=rule.programme_id)
        try:
            with transaction.atomic():
                ReminderRule.objects.filter(pk=rule.pk).update(days=days, is_active=is_active)
        except IntegrityError:
            raise DomainError(_("There is such a rule already."), field="days") from None
        _check_order(rule.programme_id, rule.event)
        record_event(by=by, verb="reminder_rule_changed", target=rule.programme, data={"rule": rule.pk}, at=at)
    rule.refresh_from_db()
    return rule


def _check_days(event: str, days: int) -> None:
    if event not in ReminderEvent.values:
        raise DomainError(_("Choose the event."), field="event")
    if not -60 <= days <= 60:
        raise DomainError(_("At most 60 days before or after."), field="days")
    if days < 0 and event not in WITH_BEFORE:
        raise DomainError(_("This has no day of its own: the reminder can only come after."), field="days")


def _check_order(programme_id: int, event: str) -> None:
    """Refuse, at the end of a change, that the coordinator is reminded before whoever must act has been."""
    rows = ReminderRule.objects.filter(programme=programme_id, event=event, is_active=True).order_by("days", "pk")
    days: dict[str, list[int]] = {}
    for audience, number in rows.values_list("audience", "days"):
        days.setdefault(audience, []).append(number)
    later = days.get(ReminderAudience.COORDINATOR)
    first = days.get(ReminderAudience.ACTOR)
    if later and (not first or first[0] > later[0]):
        raise DomainError(
            _("First whoever must act is reminded, then the coordinator: change the other rule first, or these days."),
            field="days",
        )


def send_reminders(*, at: datetime) -> int:
    """Send the digests of the day; returns how many.

    Programmes without rules get the usual ones. Each person's digest and the record of what it says are one
    transaction: whatever stops the work, nothing is sent twice and what is left is sent by the next run.
    """
    programmes = list(programmes_with_mediation())
    for programme in programmes:
        create_usual_rules(programme=programme, by=None, at=at)
    rules = list(
        ReminderRule.objects.filter(programme__in=[programme.pk for programme in programmes], is_active=True)
        .select_related("programme")
        .order_by("pk")
    )
    things = list(due(rules, at=at))
    to_people = sum(_send(person, own, at=at) for person, own in by_person(things))
    return to_people + sum(remind_body(body, own, at=at) for body, own in by_body(things))


def _send(person: User, things: Sequence[Due], *, at: datetime) -> bool:
    """Send one person's digest of the things not told before; whether there was something to send."""
    today = timezone.localdate(at)
    with acting(None):
        # Two runs at once follow one another here.
        User.objects.select_for_update(no_key=True).get(pk=person.pk)
        told = set(
            ReminderSent.objects.filter(recipient=person.pk, rule__in={thing.rule.pk for thing in things})
            .order_by("pk")
            .values_list("rule", "subject_type", "subject_id", "due_on")
        )
        new = {}
        for thing in things:
            key = (thing.rule.pk, thing.subject_type, thing.subject_id, thing.due_on)
            if key not in told:
                new[key] = thing
        if not new or not queue_messages([digest(person, list(new.values()), today=today)]):
            # Nothing new, or the digest of the day has left: what is new today is told tomorrow.
            return False
        ReminderSent.objects.bulk_create(
            ReminderSent(
                rule_id=rule,
                recipient=person,
                subject_type=subject_type,
                subject_id=subject_id,
                due_on=due_on,
                sent_at=at,
            )
            for rule, subject_type, subject_id, due_on in new
        )
        return True
