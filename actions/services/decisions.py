# SPDX-License-Identifier: EUPL-1.2
"""Writes on what meetings decided: who does it, by when, whether it is done."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from actions.enums import DecisionState, MeetingState
from actions.models import Decision, Meeting, MeetingMinutes
from actions.permissions import check_can_close_decision
from actions.services.tables import lock_table
from actions.workflow import DECISION
from fami_portal.core.errors import DomainError, StaleError, TransitionNotAllowed
from fami_portal.core.services import acting, change_state, record_event
from partners.models import Organisation


def add_decision(
    *,
    meeting: Meeting,
    text: str,
    by: Any,
    organisation: Organisation | None = None,
    office: str = "",
    due_on: date | None = None,
    key: UUID | None = None,
) -> Decision:
    """Record what a meeting held decided, with the body or the office that does it and, if one was agreed, the day.

    `key` is the submission key of the form. A decision lives on after the period of its meeting is closed. Raises
    `DomainError` at the field that must change.
    """
    text, office = _checked(meeting, text, organisation, office, due_on)
    with acting(by):
        _activity, locked = lock_table(meeting, by)
        kept = Decision.objects.filter(uuid=key, meeting=locked).first() if key else None
        if kept is not None:
            return kept
        if locked.state != MeetingState.HELD:
            raise TransitionNotAllowed(_("The meeting is not recorded as held yet: say first who was there."))
        decision = Decision.objects.create(
            meeting=locked,
            text=text,
            organisation=organisation,
            office=office,
            due_on=due_on,
            **({"uuid": key} if key else {}),
        )
        record_event(by=by, verb="decision_added", target=decision)
    return decision


def _checked(
    meeting: Meeting, text: str, organisation: Organisation | None, office: str, due_on: date | None
) -> tuple[str, str]:
    text, office = " ".join(text.split()), " ".join(office.split())
    if not text:
        raise DomainError(_("Write what was decided."), field="text")
    if organisation is None and not office:
        raise DomainError(_("Say who does it: a body, or a role such as “coordinator of the Ambito”."), field="office")
    if due_on is not None and due_on < meeting.held_on:
        raise DomainError(_("The day comes before the meeting."), field="due_on")
    return text, office


def correct_decision(
    *,
    decision: Decision,
    version: int,
    text: str,
    by: Any,
    organisation: Organisation | None = None,
    office: str = "",
    due_on: date | None = None,
) -> Decision:
    """Correct an open decision, until the minutes are approved. Raises `StaleError` and as `add_decision`."""
    text, office = _checked(decision.meeting, text, organisation, office, due_on)
    with acting(by):
        lock_table(decision.meeting, by)
        locked = Decision.objects.select_for_update(of=("self",)).get(pk=decision.pk)
        if locked.version != version:
            raise StaleError
        check_can_correct(locked)
        Decision.objects.filter(pk=locked.pk).update(
            text=text, organisation=organisation, office=office, due_on=due_on, version=F("version") + 1
        )
        record_event(by=by, verb="decision_corrected", target=locked)
    decision.refresh_from_db()
    return decision


def check_can_correct(decision: Decision) -> None:
    """Raise `TransitionNotAllowed` for a decision that is carried out or stands in approved minutes. One query."""
    if decision.state == DecisionState.DONE:
        raise TransitionNotAllowed(_("This decision is carried out: open it again first."))
    minutes = MeetingMinutes.objects.filter(meeting=decision.meeting_id, approved_on__isnull=False).first()
    if minutes is not None:
        raise TransitionNotAllowed(
            _("The minutes were approved on %(day)s: what must be corrected goes into those of the next meeting.")
            % {"day": f"{minutes.approved_on:%d/%m/%Y}"}
        )


def complete_decision(*, decision: Decision, version: int, done_on: date, by: Any, at: datetime) -> None:
    """Say that a decision is carried out, and since which day. Raises `StaleError`, `DomainError` at the field."""
    if done_on > timezone.localdate(at):
        raise DomainError(_("The day is in the future: close the decision when it is carried out."), field="done_on")
    if done_on < decision.meeting.held_on:
        raise DomainError(_("The day comes before the meeting."), field="done_on")
    _move(decision, version, "carry_out", by, at, done_on=done_on)


def reopen_decision(*, decision: Decision, version: int, reason: str, by: Any, at: datetime) -> None:
    """Open a decision again that was not carried out after all, with the reason. Raises `StaleError`."""
    _move(decision, version, "decision_reopen", by, at, comment=reason, done_on=None)


def _move(decision: Decision, version: int, act: str, by: Any, at: datetime, comment: str = "", **fields: Any) -> None:
    with acting(by):
        locked = Decision.objects.select_for_update(of=("self",)).get(pk=decision.pk)
        if by is not None:
            check_can_close_decision(by, locked)
        if locked.version != version:
            raise StaleError
        change_state(
            instance=decision,
            workflow=DECISION,
            transition=act,
            by=by,
            comment=comment,
            at=at,
            version=F("version") + 1,
            **fields,
        )
