# SPDX-License-Identifier: EUPL-1.2
"""Validation and reopening: the hours move, the sessions become facts.

The ledger is told first, before any row is locked, so that every act that moves figures takes its locks in one order.
"""

from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from fami_portal.core.errors import DomainError, NotPermitted, TransitionNotAllowed
from fami_portal.core.outbox import queue_messages
from fami_portal.core.services import acting
from mediation.enums import RequestState, SignatureMethod, SignerRole
from mediation.models import InterventionReport, MediationRequest
from mediation.notifications import sessions as notifications
from mediation.permissions import can_coordinate, can_file, can_mediate, check_can_coordinate
from mediation.selectors.reports import SOURCE, report_of, signatures_of, worked_minutes
from mediation.services import hours
from mediation.services.reports.codes import void_codes
from mediation.services.reports.common import check_unchanged, lock_report
from mediation.services.requests.common import move_request
from mediation.signals import figures_changed, figures_changing
from mediation.workflow import REQUEST


def validate(*, request: MediationRequest, by: Any, at: datetime) -> None:
    """Validate a countersigned report: its minutes are consumed, the rest of the reserve is free, its sessions count.

    Raises `NotPermitted` for others than the coordinators, for the mediator and for who countersigned;
    `NotEnoughHoursError` when the sessions lasted longer than the account allows; `TransitionNotAllowed`.
    """
    check_can_validate(by, request)
    with acting(by):
        figures_changing.send(sender=MediationRequest, programme_id=request.programme_id)
        locked, report = lock_report(request)
        REQUEST.check(locked.state, "validate")
        check_unchanged(locked, report)
        if locked.account is None:
            raise DomainError(_("This request draws on no account of hours: tell the coordinator of the programme."))
        minutes = worked_minutes(locked)
        hours.consume(
            account=locked.account,
            source_type=SOURCE,
            source_id=locked.pk,
            minutes=minutes,
            by=by,
            at=at,
            attempt=report.attempt,
        )
        move_request(
            request=locked,
            transition="validate",
            by=by,
            at=at,
            data={"attempt": report.attempt, "minutes": minutes},
            validated_at=at,
            validated_by=by,
            closed_at=at,
        )
        _tell_ledger(locked, by=by, at=at)
        queue_messages(notifications.validated(locked, report.attempt, by=by))
    request.refresh_from_db()


def check_can_validate(by: Any, request: MediationRequest) -> None:
    """Raise `NotPermitted` for others than the coordinators, and for whoever signed or handed in the signed sheet."""
    check_can_coordinate(by, request)
    report = report_of(request)
    signatures = signatures_of(report) if report is not None else []
    if can_mediate(by, request) or any(
        row.role == SignerRole.MEDIATOR and row.signer_id == by.pk for row in signatures
    ):
        raise NotPermitted(_("You are the mediator of this request: another coordinator validates its report."))
    for row in signatures:
        if row.signer_id == by.pk:
            raise NotPermitted(_("You signed this report: another coordinator validates it."))
        if row.method == SignatureMethod.PAPER and row.document is not None and row.document.created_by_id == by.pk:
            raise NotPermitted(_("You handed in the signed sheet of this report: another coordinator validates it."))


def _tell_ledger(request: MediationRequest, *, by: Any, at: datetime) -> None:
    figures_changed.send(
        sender=MediationRequest,
        source_type=SOURCE,
        source_id=request.pk,
        programme_id=request.programme_id,
        by=by,
        at=at,
    )


def reopen(*, request: MediationRequest, reason: str, by: Any, at: datetime) -> None:
    """Open a filed report again with what must be corrected; the mediator files it anew, both sign anew.

    What a validation consumed goes back into the reserve; the earlier signatures stay where they are. For the
    coordinators; before the validation also for the school or service to which it was shown, and before the
    countersignature for the mediator. Raises `TransitionNotAllowed` (also without a reason), `NotPermitted`.
    """
    check_can_reopen(by, request)
    with acting(by):
        figures_changing.send(sender=MediationRequest, programme_id=request.programme_id)
        locked, report = lock_report(request)
        check_can_reopen(by, locked)
        was_validated = locked.state == RequestState.VALIDATED
        move_request(
            request=locked,
            transition="reopen",
            by=by,
            at=at,
            comment=reason,
            data={"attempt": report.attempt},
            validated_at=None,
            validated_by=None,
            closed_at=None,
        )
        if was_validated and locked.account is not None:
            hours.restore(
                account=locked.account, source_type=SOURCE, source_id=locked.pk, by=by, at=at, attempt=report.attempt
            )
        void_codes(report)
        InterventionReport.objects.filter(pk=report.pk).update(
            attempt=F("attempt") + 1, filed_at=None, version=F("version") + 1
        )
        queue_messages(notifications.reopened(locked, report.attempt, by=by))
    request.refresh_from_db()


def check_can_reopen(by: Any, request: MediationRequest) -> None:
    """Raise `NotPermitted` for whoever may not open the report again in its present state."""
    if by is None or can_coordinate(by, request):
        return
    if request.state == RequestState.REPORTED and (can_mediate(by, request) or can_file(by, request.organisation_id)):
        return
    if request.state not in REQUEST.transitions["reopen"].sources and (
        can_mediate(by, request) or can_file(by, request.organisation_id)
    ):
        raise TransitionNotAllowed(_("There is no filed report to open again: reload the page."))
    raise NotPermitted(_("Only the coordinator opens a report again once it bears both signatures."))
