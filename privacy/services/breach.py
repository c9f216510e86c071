# SPDX-License-Identifier: EUPL-1.2
"""Incidents on personal data: recorded, assessed, notified within 72 hours or not with the reason (art. 33, 34 GDPR)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from actions.models import Programme
from fami_portal.core.errors import DomainError, StaleError
from fami_portal.core.services import acting, change_state, record_event
from privacy.enums.retention import IncidentState
from privacy.models import Incident
from privacy.permissions.retention import check_can_follow_incidents
from privacy.workflow import INCIDENT

FIELDS = (
    "title",
    "happened_from",
    "happened_until",
    "discovered_at",
    "description",
    "persons",
    "measures",
    "persons_told_on",
)


def record_incident(
    *, programme: Programme, values: Mapping[str, Any], by: Any, at: datetime, submission_key: UUID | None = None
) -> Incident:
    """Record an incident; from `discovered_at` the 72 hours run. A second half of a double click returns the first.

    Raises `DomainError` at the field for moments that cannot be, `NotPermitted`.
    """
    check_can_follow_incidents(by, programme)
    cleaned = _checked(values, at)
    with acting(by):
        if submission_key is not None:
            known = Incident.objects.filter(submission_key=submission_key).first()
            if known is not None:
                return known
        incident = Incident.objects.create(programme=programme, created_by=by, submission_key=submission_key, **cleaned)
        record_event(by=by, verb="incident_recorded", target=incident, at=at)
    return incident


def correct_incident(*, incident: Incident, values: Mapping[str, Any], version: int, by: Any, at: datetime) -> None:
    """Write on in an incident that is not closed. Raises `DomainError` at the field, `StaleError`, `NotPermitted`."""
    check_can_follow_incidents(by, incident.programme)
    cleaned = _checked(values, at)
    with acting(by):
        locked = Incident.objects.select_for_update(of=("self",)).get(pk=incident.pk)
        if locked.state == IncidentState.CLOSED:
            raise DomainError(_("The incident is closed: reopen it before you change it."))
        if locked.version != version:
            raise StaleError
        Incident.objects.filter(pk=incident.pk).update(**cleaned, version=F("version") + 1)
        record_event(by=by, verb="incident_corrected", target=incident, at=at)
    incident.refresh_from_db()


def notify(*, incident: Incident, notified_at: datetime, comment: str, by: Any, at: datetime) -> None:
    """Say when the authority was told. Raises `DomainError` for a moment before it was known or in the future."""
    check_can_follow_incidents(by, incident.programme)
    if notified_at < incident.discovered_at:
        raise DomainError(_("The authority was not told before the incident was known."), field="notified_at")
    if notified_at > at:
        raise DomainError(_("This moment is in the future: write it when the authority was told."), field="notified_at")
    if notified_at > incident.notify_by and not comment.strip():
        raise DomainError(_("More than 72 hours have passed: write the reasons for the delay."), field="comment")
    with acting(by):
        change_state(
            instance=incident,
            workflow=INCIDENT,
            transition="notify",
            by=by,
            comment=comment,
            at=at,
            notified_at=notified_at,
            version=F("version") + 1,
        )


def move(*, incident: Incident, transition: str, comment: str, by: Any, at: datetime) -> None:
    """Close, reopen, or decide that nobody has to be told; the comment is the reason and is kept.

    Raises `TransitionNotAllowed`, `NotPermitted`; `DomainError` when it is closed without what was done.
    """
    check_can_follow_incidents(by, incident.programme)
    if transition == "close" and not incident.measures.strip():
        raise DomainError(_("Write first what was done about it, then close the incident."))
    with acting(by):
        change_state(
            instance=incident,
            workflow=INCIDENT,
            transition=transition,
            by=by,
            comment=comment,
            at=at,
            version=F("version") + 1,
        )


def record_list(*, number: int, by: Any, at: datetime) -> None:
    """Write down that somebody took the list, by pseudonym, of the recipients concerned by a breach: how many."""
    with acting(by):
        record_event(by=by, verb="breach_list_taken", target=by, data={"number": number}, at=at)


def _checked(values: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    found: dict[str, Any] = {name: values.get(name) for name in FIELDS}
    for name in ("title", "description"):
        found[name] = (found[name] or "").strip()
        if not found[name]:
            raise DomainError(_("Write what happened."), field=name)
    found["measures"] = (found["measures"] or "").strip()
    if found["discovered_at"] > at:
        raise DomainError(_("This moment is in the future."), field="discovered_at")
    if found["happened_from"] > found["discovered_at"]:
        raise DomainError(_("It began after it was known: check the moments."), field="happened_from")
    if found["happened_until"] is not None and found["happened_until"] < found["happened_from"]:
        raise DomainError(_("The end comes before the start."), field="happened_until")
    return found
