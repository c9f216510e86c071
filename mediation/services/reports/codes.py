# SPDX-License-Identifier: EUPL-1.2
"""Signing on the mediator's phone by a one-time code, mailed to the contact of the school or service.

Codes live by the real clock. Only their fingerprint is kept; a wrong code is counted before it is refused.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fami_portal.core.errors import DomainError
from fami_portal.core.outbox import queue_messages
from fami_portal.core.services import acting, record_event
from mediation.enums import SignatureMethod
from mediation.models import InterventionReport, MediationRequest, OneTimeCode
from mediation.notifications import sessions as notifications
from mediation.permissions import check_can_mediate
from mediation.services.reports.common import lock_report
from mediation.services.reports.signing import countersign_locked
from mediation.workflow import REQUEST

VALID_FOR = timedelta(minutes=15)
MOST_ATTEMPTS = 5
# In an hour, for one report: whoever has none by then has another problem.
MOST_CODES = 4


def send_code(*, request: MediationRequest, by: Any, at: datetime) -> OneTimeCode:
    """Mail a new code to the contact of the request; an earlier one is no longer valid.

    For the mediator, once the report is filed. Raises `DomainError` when the request has no mailbox or too many codes
    were sent, `TransitionNotAllowed`, `NotPermitted`.
    """
    with acting(by):
        locked, report = lock_report(request)
        check_can_mediate(by, locked)
        REQUEST.check(locked.state, "countersign")
        if not locked.contact_email:
            raise DomainError(
                _(
                    "The request names no mailbox to which a code could be sent: let the school or service sign on paper."
                )
            )
        now = timezone.now()
        sent = OneTimeCode.objects.filter(report=report.pk, created_at__gt=now - timedelta(hours=1)).count()
        if sent >= MOST_CODES:
            raise DomainError(
                _("%(most)s codes were sent in the last hour: wait, or let the school or service sign on paper.")
                % {"most": MOST_CODES}
            )
        void_codes(report)
        secret = f"{secrets.randbelow(1_000_000):06d}"
        row = OneTimeCode.objects.create(
            report=report,
            code_sha256=_hashed(report, secret),
            sent_to=locked.contact_email,
            created_at=now,
            expires_at=now + VALID_FOR,
        )
        record_event(by=by, verb="code_sent", target=locked, data={"code": row.pk}, at=at)
        queue_messages(notifications.code(locked, row, secret))
    return row


def void_codes(report: InterventionReport) -> None:
    """End the codes of a report that were not used, inside the caller's transaction."""
    now = timezone.now()
    OneTimeCode.objects.filter(report=report.pk, used_at=None, expires_at__gt=now).update(expires_at=now)


def _hashed(report: InterventionReport, secret: str) -> str:
    # Six digits are guessed from a bare fingerprint in a second: the key of the portal is part of it.
    return salted_hmac("mediation.one-time-code", f"{report.pk}:{secret}", algorithm="sha256").hexdigest()


def countersign_by_code(
    *,
    request: MediationRequest,
    code: str,
    name: str,
    by: Any,
    at: datetime,
    rating: int | None = None,
    rating_note: str = "",
) -> None:
    """Sign the report for the school or service on the mediator's phone, with the code that its contact received.

    `name` is who signs. A code works once, for 15 minutes and five attempts. Raises `DomainError` at the field of the
    code, and as `countersign`.
    """
    digits = "".join(character for character in code if character.isdecimal())
    with acting(by):
        locked, report = lock_report(request)
        check_can_mediate(by, locked)
        REQUEST.check(locked.state, "countersign")
        refusal = _use(report, digits)
        if not refusal:
            countersign_locked(
                locked,
                report,
                method=SignatureMethod.CODE,
                signer=None,
                by=by,
                name=name,
                rating=rating,
                rating_note=rating_note,
                at=at,
            )
    # Raised out here, so that the attempt stays counted.
    if refusal:
        raise DomainError(refusal, field="code")
    request.refresh_from_db()


def _use(report: InterventionReport, digits: str) -> str:
    """Use the code; returns why it cannot be used, or nothing."""
    now = timezone.now()
    row = (
        OneTimeCode.objects.select_for_update(of=("self",))
        .filter(report=report.pk, used_at=None, expires_at__gt=now)
        .order_by("-pk")
        .first()
    )
    if row is None:
        return _("There is no valid code: it was used, or more than 15 minutes have passed. Send another one.")
    if row.attempts >= MOST_ATTEMPTS:
        return _("This code was typed wrongly %(most)s times: send another one.") % {"most": MOST_ATTEMPTS}
    if constant_time_compare(row.code_sha256, _hashed(report, digits)):
        OneTimeCode.objects.filter(pk=row.pk).update(used_at=now)
        return ""
    OneTimeCode.objects.filter(pk=row.pk).update(attempts=row.attempts + 1)
    left = MOST_ATTEMPTS - row.attempts - 1
    if not left:
        return _("This code was typed wrongly %(most)s times: send another one.") % {"most": MOST_ATTEMPTS}
    return ngettext(
        "This is not the code: %(left)s attempt is left.", "This is not the code: %(left)s attempts are left.", left
    ) % {"left": left}
