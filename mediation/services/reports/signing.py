# SPDX-License-Identifier: EUPL-1.2
"""The two signatures: the mediator files, the school or service countersigns."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from fami_portal.core.errors import DomainError, NotPermitted
from fami_portal.core.models import Document
from fami_portal.core.outbox import queue_messages
from fami_portal.core.services import acting
from mediation.enums import SessionState, SignatureMethod, SignerRole
from mediation.models import InterventionReport, MediationRequest, MediationSession, PaperSheet
from mediation.notifications import sessions as notifications
from mediation.permissions import can_mediate, check_can_file, check_can_mediate
from mediation.selectors.free_text import refusals
from mediation.selectors.reports import missing
from mediation.services.facilitation import check_signed
from mediation.services.links import invite_countersignature
from mediation.services.reports.common import (
    ReportHasProblemsError,
    check_unchanged,
    lock_report,
    sign,
)
from mediation.services.reports.writing import write
from mediation.services.requests.common import lock_request, move_request
from mediation.services.sessions.common import check_may_record, settings_for
from mediation.workflow import REQUEST


def file_report(
    *,
    request: MediationRequest,
    values: Mapping[str, Any],
    version: int,
    by: Any,
    at: datetime,
    on_behalf_of: str = "",
) -> InterventionReport:
    """Save the report and file it: this is the signature of the mediator, over the report and its sessions.

    Where the photographs of the signed sheets of all sessions are attached, both signatures are on paper and the report
    is countersigned in the same act; then a coordinator may file it for the mediator, who is named. Raises
    `ReportHasProblemsError` with all that is missing, and as `save_report`.
    """
    with acting(by):
        locked = lock_request(request)
        sheets = _sheets(locked)
        if sheets:
            check_may_record(by, locked, on_behalf_of)
        elif by is not None:
            check_can_mediate(by, locked)
        REQUEST.check(locked.state, "report")
        report = write(locked, values, version)
        found = missing(locked, report, settings_for(locked))
        if found:
            raise ReportHasProblemsError(found)
        InterventionReport.objects.filter(pk=report.pk).update(filed_at=at)
        report.refresh_from_db()
        sign(
            locked,
            report,
            role=SignerRole.MEDIATOR,
            method=SignatureMethod.PAPER if sheets else SignatureMethod.ACCOUNT,
            by=by if by is not None and can_mediate(by, locked) else None,
            name=locked.mediator.name if locked.mediator is not None else "",
            at=at,
            document=sheets[-1].photograph if sheets else None,
        )
        move_request(
            request=locked,
            transition="report",
            by=by,
            at=at,
            on_behalf_of=on_behalf_of.strip(),
            data={"attempt": report.attempt, "minutes": _minutes(locked)},
        )
        if sheets:
            countersign_on_paper(locked, report, sheets[-1], by=by, at=at)
        else:
            queue_messages(notifications.filed(locked, report.attempt))
            invite_countersignature(request=locked, by=by)
    request.refresh_from_db()
    return report


def _minutes(request: MediationRequest) -> int:
    held = MediationSession.objects.filter(request=request.pk, state=SessionState.HELD).order_by("pk")
    return sum(minutes or 0 for minutes in held.values_list("minutes", flat=True))


def _sheets(request: MediationRequest) -> list[PaperSheet]:
    """Return the photographed sheets of all held sessions, one each; none when one is missing or the report was reopened
    (what is corrected is signed anew)."""
    held = set(
        MediationSession.objects.filter(request=request.pk, state=SessionState.HELD)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    report = InterventionReport.objects.filter(request=request.pk).first()
    if not held or (report is not None and report.attempt > 1):
        return []
    rows = PaperSheet.objects.filter(session__in=held, photograph__isnull=False).select_related("photograph")
    found = {row.session_id: row for row in rows.order_by("attached_at", "pk")}
    return list(found.values()) if found.keys() == held else []


def countersign(
    *,
    request: MediationRequest,
    by: Any,
    at: datetime,
    rating: int | None = None,
    rating_note: str = "",
    method: str = SignatureMethod.ACCOUNT,
    name: str = "",
) -> None:
    """Sign the report for the school or service: with the own account, or by a link (`by` None and the `name`).

    `rating` is 1 to 10, or nothing. Raises `TransitionNotAllowed` when it was signed already or opened again,
    `NotPermitted` for others than the contact, and for the mediator, `DomainError` at the field.
    """
    if method == SignatureMethod.ACCOUNT:
        check_can_countersign(by, request)
        name = by.get_full_name()
    elif method != SignatureMethod.LINK:
        raise ValueError(f"{method}: has an act of its own")
    with acting(by):
        locked, report = lock_report(request)
        countersign_locked(
            locked, report, method=method, signer=by, by=by, name=name, rating=rating, rating_note=rating_note, at=at
        )
    request.refresh_from_db()


def check_can_countersign(by: Any, request: MediationRequest) -> None:
    """Raise `NotPermitted` for others than those who file for the body, and for the mediator of the request."""
    check_can_file(by, request.organisation_id)
    if can_mediate(by, request):
        raise NotPermitted(_("You signed this report as the mediator: somebody else countersigns it."))


def countersign_locked(
    request: MediationRequest,
    report: InterventionReport,
    *,
    method: str,
    signer: Any,
    by: Any,
    name: str,
    at: datetime,
    rating: int | None = None,
    rating_note: str = "",
    document: Document | None = None,
) -> None:
    """Write the signature of the requester, inside the caller's transaction with request and report locked.

    `by` is who acts (the mediator, on whose phone the code is typed), `signer` the account of who signs, or None.
    """
    REQUEST.check(request.state, "countersign")
    if not name.strip():
        raise DomainError(_("Write the name of the person who signs."), field="name")
    if rating is not None and rating not in range(1, 11):
        raise DomainError(_("The evaluation goes from 1 to 10."), field="rating")
    rating_note = rating_note.strip()[:500]
    for sentence in refusals(rating_note):
        raise DomainError(sentence, field="rating_note")
    check_unchanged(request, report)
    check_signed(request)
    if rating is not None or rating_note:
        InterventionReport.objects.filter(pk=report.pk).update(rating=rating, rating_note=rating_note)
    sign(
        request,
        report,
        role=SignerRole.REQUESTER,
        method=method,
        by=signer,
        name=name,
        at=at,
        document=document,
    )
    move_request(
        request=request,
        transition="countersign",
        by=by,
        at=at,
        on_behalf_of="" if signer is not None else name.strip(),
        data={"attempt": report.attempt, "method": str(method)},
    )
    queue_messages(notifications.countersigned(request, report.attempt))


def countersign_on_paper(
    request: MediationRequest, report: InterventionReport, sheet: PaperSheet, *, by: Any, at: datetime
) -> None:
    """Take the signature of the requester from the photographed sheet, inside the caller's transaction."""
    countersign_locked(
        request,
        report,
        method=SignatureMethod.PAPER,
        signer=None,
        by=by,
        name=sheet.signer_name or request.field_contact_name or request.contact_name,
        at=at,
        document=sheet.photograph,
    )
