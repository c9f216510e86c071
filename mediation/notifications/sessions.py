# SPDX-License-Identifier: EUPL-1.2
"""Messages about sessions and reports: they name the request by its number, the body and the time, never people."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.permissions import Permission, Scope, roles_with
from fami_portal.core.outbox import Draft
from mediation.enums import SignerRole
from mediation.models import MediationRequest, MediationSession, OneTimeCode
from mediation.notifications.recipients import coordinators_of, people_of


def _filers(request: MediationRequest) -> list[Any]:
    return people_of(
        roles=roles_with(Permission.FILE_MEDIATION_REQUESTS), scope=Scope.BODY, organisation_id=request.organisation_id
    )


def _mediator(request: MediationRequest) -> list[Any]:
    user = request.mediator.user if request.mediator is not None else None
    return [user] if user is not None else []


def _when(starts_at: datetime | None, ends_at: datetime | None) -> str:
    if starts_at is None or ends_at is None:
        return ""
    start, end = timezone.localtime(starts_at), timezone.localtime(ends_at)
    last = f"{end:%H:%M}" if start.date() == end.date() else f"{end:%d/%m/%Y %H:%M}"
    return f"{start:%d/%m/%Y} {start:%H:%M}–{last}"


def _drafts(
    request: MediationRequest,
    *,
    people: Iterable[Any],
    kind: str,
    key: str,
    subject: str,
    body: str,
    when: str = "",
    by: Any = None,
    url: str = "",
) -> list[Draft]:
    """Write one message for each person once, except for who did it."""
    words = {"number": request.number, "body": request.organisation.name, "when": when}
    unique = {person.pk: person for person in people if by is None or person.pk != by.pk}
    return [
        Draft(
            key=f"{kind}:{key}:{person.pk}",
            kind=kind,
            recipient=person,
            subject=subject % words,
            body=body % words,
            url=url or request.get_absolute_url(),
        )
        for person in unique.values()
    ]


# --- sessions --------------------------------------------------------------------------------------------------------


def added(request: MediationRequest, session: MediationSession, *, by: Any) -> list[Draft]:
    """Tell both sides that another session is planned."""
    return _drafts(
        request,
        people=[*_filers(request), *_mediator(request)],
        kind="mediation_session_added",
        key=str(session.pk),
        subject=_("Session planned: %(number)s, %(when)s"),
        body=_("Another session of the request %(number)s of %(body)s is planned for %(when)s."),
        when=_when(session.planned_from, session.planned_until),
        by=by,
    )


def new_time(request: MediationRequest, session: MediationSession, *, at: datetime) -> list[Draft]:
    """Ask the other side for an answer."""
    to_mediator = session.proposed_side == SignerRole.REQUESTER
    return _drafts(
        request,
        people=_mediator(request) if to_mediator else _filers(request),
        kind="mediation_new_time",
        key=f"{session.pk}:{at:%Y%m%dT%H%M%S%f}",
        subject=_("New time proposed: %(number)s, %(when)s"),
        body=_(
            "Another time is proposed for the request %(number)s of %(body)s: %(when)s. Confirm it, or refuse it: until "
            "then the old time stands."
        ),
        when=_when(session.proposed_from, session.proposed_until),
    )


def new_time_answered(
    request: MediationRequest, session: MediationSession, *, accepted: bool, at: datetime, by: Any
) -> list[Draft]:
    """Tell both sides what stands now."""
    return _drafts(
        request,
        people=[*_filers(request), *_mediator(request)],
        kind="mediation_new_time_answered",
        key=f"{session.pk}:{at:%Y%m%dT%H%M%S%f}",
        subject=_("New time confirmed: %(number)s, %(when)s")
        if accepted
        else _("New time refused: %(number)s, %(when)s"),
        body=_("The session of the request %(number)s of %(body)s is now planned for %(when)s.")
        if accepted
        else _("The session of the request %(number)s of %(body)s stays on %(when)s: the new time was refused."),
        when=_when(session.planned_from, session.planned_until),
        by=by,
    )


def not_held(request: MediationRequest, session: MediationSession, *, by: Any) -> list[Draft]:
    """Tell both sides and the coordinators that a session was not held; because of whom, is read in the portal."""
    return _drafts(
        request,
        people=[*_filers(request), *_mediator(request), *coordinators_of(request)],
        kind="mediation_not_held",
        key=str(session.pk),
        subject=_("Session not held: %(number)s, %(when)s"),
        body=_("The session of the request %(number)s of %(body)s on %(when)s was not held. Open it to read why."),
        when=_when(session.planned_from, session.planned_until),
        by=by,
    )


def cancelled(request: MediationRequest, session: MediationSession, *, by: Any) -> list[Draft]:
    """Tell both sides that one session is cancelled."""
    return _drafts(
        request,
        people=[*_filers(request), *_mediator(request)],
        kind="mediation_session_cancelled",
        key=str(session.pk),
        subject=_("Session cancelled: %(number)s, %(when)s"),
        body=_("The session of the request %(number)s of %(body)s on %(when)s is cancelled. Open it to read why."),
        when=_when(session.planned_from, session.planned_until),
        by=by,
    )


# --- reports ---------------------------------------------------------------------------------------------------------


def filed(request: MediationRequest, attempt: int) -> list[Draft]:
    """Ask the school or service to countersign."""
    return _drafts(
        request,
        people=_filers(request),
        kind="mediation_report_filed",
        key=f"{request.pk}:{attempt}",
        subject=_("Report to countersign: %(number)s"),
        body=_("The mediator filed the report of the request %(number)s of %(body)s. Read it and countersign it."),
    )


def countersigned(request: MediationRequest, attempt: int) -> list[Draft]:
    """Tell the coordinators that a report can be validated."""
    return _drafts(
        request,
        people=coordinators_of(request),
        kind="mediation_report_countersigned",
        key=f"{request.pk}:{attempt}",
        subject=_("Report to validate: %(number)s"),
        body=_("The report of the request %(number)s of %(body)s bears both signatures. Check it and validate it."),
    )


def validated(request: MediationRequest, attempt: int, *, by: Any) -> list[Draft]:
    """Tell both sides that the request is complete."""
    return _drafts(
        request,
        people=[*_filers(request), *_mediator(request)],
        kind="mediation_report_validated",
        key=f"{request.pk}:{attempt}",
        subject=_("Report validated: %(number)s"),
        body=_("The report of the request %(number)s of %(body)s is validated: its hours are in the account."),
        by=by,
    )


def reopened(request: MediationRequest, attempt: int, *, by: Any) -> list[Draft]:
    """Tell the mediator what to do, and the school or service that it will sign again."""
    return _drafts(
        request,
        people=[*_mediator(request), *_filers(request)],
        kind="mediation_report_reopened",
        key=f"{request.pk}:{attempt}",
        subject=_("Report to correct: %(number)s"),
        body=_(
            "The report of the request %(number)s of %(body)s was opened again. The mediator corrects it and files it; "
            "then it is countersigned anew."
        ),
        by=by,
    )


def code(request: MediationRequest, row: OneTimeCode, secret: str) -> list[Draft]:
    """Send the code to the mailbox of the body; the only message that carries it, and its text is not kept."""
    words = {"number": request.number, "code": secret, "until": f"{timezone.localtime(row.expires_at):%H:%M}"}
    return [
        Draft(
            key=f"mediation_code:{row.pk}",
            kind="mediation_code",
            recipient=None,
            subject=_("Code to sign the report %(number)s") % words,
            body=_(
                "The code to sign the report of the request %(number)s is %(code)s. It is valid once, until %(until)s. "
                "Read the report on the mediator’s phone, then type the code there. If nobody is showing you a report, "
                "do not tell anybody this code."
            )
            % words,
            address=row.sent_to,
        )
    ]
