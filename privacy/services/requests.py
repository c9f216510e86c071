# SPDX-License-Identifier: EUPL-1.2
"""The acts on a request of a person: filed, verified, extended, answered, refused, closed (art. 12 GDPR)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from actions.models import Programme
from fami_portal.core.errors import DomainError, NotPermitted, StaleError
from fami_portal.core.outbox import queue_messages
from fami_portal.core.services import acting, change_state, record_event
from privacy.enums.requests import (
    WITH_COPY,
    Applicant,
    IdentityCheck,
    RightKind,
    RightsChannel,
)
from privacy.models import RightsRequest
from privacy.notifications import requests as notifications
from privacy.permissions.requests import can_handle, check_can_handle
from privacy.selectors.requests import MONTHS, MONTHS_MORE, months_after
from privacy.services.applicants import Asked, seal
from privacy.workflow import RIGHTS

# The first number of our advisory locks of two numbers; the second is the year.
NUMBERING = 4_120
OLDEST = timedelta(days=110 * 365)
LONGEST = 2000


@dataclass(frozen=True, repr=False)
class NewRequest:
    """What is needed to open a case. Its `repr` says nothing: it ends up in error reports."""

    kind: str
    received_on: date
    channel: str
    applicant: str
    asked: Asked


def file_request(
    *, programme: Programme, new: NewRequest, by: Any, at: datetime, key: UUID | None = None
) -> RightsRequest:
    """Open a case for a request that arrived, with its number and the day by which it is answered (one month).

    `key` is the submission key of the form: the second half of a double click gets the case of the first. Raises
    `NotPermitted`, `DomainError` at the field for an impossible day, a missing name, nothing asked.
    """
    today = timezone.localdate(at)
    if by is not None and not can_handle(by, programme.pk):
        raise NotPermitted(
            _("Only the data protection officer and the lead of the programme handle requests of persons.")
        )
    asked = _checked(new, today)
    with acting(by):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [NUMBERING, today.year])
        if key and (kept := RightsRequest.objects.filter(submission_key=key).first()):
            return kept
        prefix = f"D-{today.year}-"
        last = RightsRequest.objects.filter(number__startswith=prefix).order_by("-number").first()
        made = RightsRequest(
            number=f"{prefix}{int(last.number[len(prefix) :]) + 1 if last else 1:04d}",
            programme=programme,
            kind=new.kind,
            submission_key=key,
            received_on=new.received_on,
            channel=new.channel,
            applicant=new.applicant,
            due_on=months_after(new.received_on, MONTHS),
            created_by=by,
        )
        seal(made, asked)
        made.save(force_insert=True)
        record_event(by=by, verb="rights_request_filed", target=made, data={"kind": new.kind}, at=at)
        queue_messages(notifications.filed(made, by=by))
    return made


def _checked(new: NewRequest, today: date) -> Asked:
    for field, value, choices in (
        ("kind", new.kind, RightKind),
        ("channel", new.channel, RightsChannel),
        ("applicant", new.applicant, Applicant),
    ):
        if value not in choices.values:
            raise DomainError(_("Choose one of the values of the list."), field=field)
    if new.received_on > today:
        raise DomainError(_("The request cannot have arrived after today."), field="received_on")
    if new.received_on < today - timedelta(days=366):
        raise DomainError(_("It arrived more than a year ago: check the day."), field="received_on")
    asked = new.asked
    texts = {
        name: " ".join(getattr(asked, name).split())
        for name in ("given_name", "family_name", "applicant_name", "contact")
    }
    needed = ["given_name", "family_name", "contact"]
    if new.applicant != Applicant.PERSON:
        needed.append("applicant_name")
    for name in needed:
        if not texts[name]:
            raise DomainError(_("Fill in this field."), field=name)
    for name, text in texts.items():
        if len(text) > 200:
            raise DomainError(_("Say it in fewer words: at most 200 characters."), field=name)
    if not today - OLDEST < asked.birth_date <= today:
        raise DomainError(_("This birth date is not possible: check the year."), field="birth_date")
    if len(asked.text) > LONGEST:
        raise DomainError(_("Say it in fewer words: at most 2000 characters."), field="text")
    return Asked(birth_date=asked.birth_date, text=asked.text.strip(), **texts)


def locked_request(request: RightsRequest, version: int, by: Any) -> RightsRequest:
    """Return the case under its row lock, as the person saw it. Raises `NotPermitted`, `StaleError`."""
    found = RightsRequest.objects.select_for_update(of=("self",)).select_related("programme").get(pk=request.pk)
    check_can_handle(by, found)
    if found.version != version:
        raise StaleError
    return found


def _move(request: RightsRequest, version: int, transition: str, by: Any, at: datetime, **values: Any) -> RightsRequest:
    comment = values.pop("comment", "")
    found = locked_request(request, version, by)
    change_state(
        instance=found,
        workflow=RIGHTS,
        transition=transition,
        by=by,
        at=at,
        comment=comment,
        version=F("version") + 1,
        **values,
    )
    request.refresh_from_db()
    return found


def ask_identity(*, request: RightsRequest, version: int, by: Any, at: datetime) -> None:
    """Note that who asks must prove who it is (art. 12(6)); the clock goes on. Raises as `locked_request`."""
    with acting(by):
        _move(request, version, "ask_identity", by, at)


def verify_identity(*, request: RightsRequest, version: int, check: str, by: Any, at: datetime) -> None:
    """Say how the identity of who asks was verified, and begin. What was seen is said, never copied.

    Raises `DomainError` at `identity_check`, and as `locked_request`.
    """
    if check not in IdentityCheck.values:
        raise DomainError(_("Say how the identity was verified."), field="identity_check")
    with acting(by):
        _move(request, version, "verify", by, at, identity_check=check)


def extend(*, request: RightsRequest, version: int, reason: str, told_on: date, by: Any, at: datetime) -> None:
    """Extend the term by two months, for a reason told to the person within the first month (art. 12(3)).

    Raises `DomainError` at `reason` or `told_on`, and as `locked_request`.
    """
    if not reason.strip():
        raise DomainError(_("Write the reason: the person must be told it."), field="reason")
    if told_on > timezone.localdate(at):
        raise DomainError(_("Tell the person first: this day has not come yet."), field="told_on")
    with acting(by):
        found = locked_request(request, version, by)
        if told_on > found.due_on or timezone.localdate(at) > found.due_on:
            raise DomainError(
                _("The first month is over: a term that has run out cannot be extended. Answer as soon as you can."),
                field="told_on",
            )
        if told_on < found.received_on:
            raise DomainError(_("This day comes before the request."), field="told_on")
        _move(
            request,
            version,
            "extend",
            by,
            at,
            comment=reason,
            due_on=months_after(found.received_on, MONTHS + MONTHS_MORE),
            extended_at=at,
            told_on=told_on,
        )


def answer(*, request: RightsRequest, version: int, by: Any, at: datetime) -> None:
    """Say that the person was answered. Raises `DomainError` while something is still to be done, saying what."""
    with acting(by):
        found = locked_request(request, version, by)
        _check_done(found)
        _move(request, version, "answer", by, at, answered_at=at)


def _check_done(request: RightsRequest) -> None:
    if request.matched_at is None:
        raise DomainError(_("Compare the request with the records of the programme first."))
    waiting = [str(task.organisation) for task in request.tasks.open().select_related("organisation").order_by("pk")]
    if waiting:
        raise DomainError(
            _("Not all bodies have answered: %(bodies)s. Remind them, or withdraw their task.")
            % {"bodies": ", ".join(waiting[:5])}
        )
    found = request.matches.exists()
    if found and request.kind in WITH_COPY and request.delivered_on is None:
        raise DomainError(_("Deliver the copy of the data first, and say when it was delivered."))
    if found and request.kind == RightKind.ERASURE and request.erased_at is None:
        raise DomainError(_("Erase the data first, or refuse the request with its reason."))


def refuse(*, request: RightsRequest, version: int, reason: str, by: Any, at: datetime) -> None:
    """Refuse a request, with the reason told to the person and without names (art. 12(4)).

    Raises `TransitionNotAllowed` without a reason, and as `locked_request`.
    """
    with acting(by):
        _move(request, version, "refuse", by, at, comment=reason, answered_at=at)


def close(*, request: RightsRequest, version: int, by: Any, at: datetime) -> None:
    """Close a case that was answered or refused. Raises as `locked_request`."""
    with acting(by):
        _move(request, version, "close", by, at, closed_at=at)


def remind(*, at: datetime) -> int:
    """Remind who handles of terms that are near, and bodies of tasks; each once. Returns how many messages are new."""
    day = timezone.localdate(at)
    with acting(None):
        return queue_messages([*notifications.due_cases(day), *notifications.due_tasks(day)])
