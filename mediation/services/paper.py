# SPDX-License-Identifier: EUPL-1.2
"""Sheets on paper, for places without signal: printed with a code, signed by hand, photographed or scanned, found again."""

import secrets
from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from fami_portal.core.documents import CheckedFile, check_document, store_document
from fami_portal.core.errors import DomainError, TransitionNotAllowed
from fami_portal.core.services import acting, record_event
from mediation.enums import RequestState, SessionState
from mediation.models import InterventionReport, MediationRequest, MediationSession, PaperSheet
from mediation.permissions import can_coordinate, can_mediate
from mediation.selectors.sheets import (
    ALPHABET,
    CODE_LENGTH,
    MOST_PAGES,
    SIGNED_SHEET,
    TooManyPagesError,
    clean_code,
    codes_in,
)
from mediation.services.reports.common import lock_report
from mediation.services.reports.signing import countersign_on_paper
from mediation.services.sessions.common import check_may_record, lock_session

# Until the report bears both signatures a sheet can be handed in.
HANDING_IN_STATES = (RequestState.CONFIRMED, RequestState.HELD, RequestState.REOPENED, RequestState.REPORTED)


class UnknownSheetError(DomainError):
    """The picture does not say which session it belongs to, or the code is of no sheet of this person's."""

    def __init__(self, message: object, field: str = "code") -> None:
        super().__init__(message, field=field)


def print_sheet(*, session: MediationSession, by: Any, at: datetime) -> PaperSheet:
    """Give a session a sheet to print, with its code; one that was printed and not handed in yet is printed again.

    For the mediator and the coordinators. Raises `TransitionNotAllowed` once the report is signed, `NotPermitted`.
    """
    with acting(by):
        request, locked = lock_session(session)
        check_may_record(by, request, "–" if can_coordinate(by, request) else "")
        if request.state not in HANDING_IN_STATES or locked.state == SessionState.CANCELLED:
            raise TransitionNotAllowed(_("No sheet is needed any more for this session: reload the page."))
        kept = PaperSheet.objects.filter(session=locked, photograph=None).order_by("-pk").first()
        if kept is not None:
            return kept
        sheet = PaperSheet.objects.create(session=locked, code=_new_code(), printed_at=at, printed_by=by)
        record_event(by=by, verb="sheet_printed", target=locked, data={"sheet": sheet.pk}, at=at)
    return sheet


def _new_code() -> str:
    while True:
        code = "".join(secrets.choice(ALPHABET) for _place in range(CODE_LENGTH))
        if not PaperSheet.objects.filter(code=code).exists():
            return code


def attach_sheet(
    *, name: str, content: bytes | CheckedFile | Any, by: Any, at: datetime, code: str = "", signer_name: str = ""
) -> MediationSession:
    """Attach the photograph or the scan of a signed sheet to its session: the QR code says which, or the typed `code`.

    `signer_name` is who signed for the school or service. When the report was filed already, this is its second
    signature; else both signatures are taken from the sheet when it is filed. Returns the session. Raises
    `DocumentRefused`, `UnknownSheetError` for a code that is missing, wrong or of somebody else's session, and for a PDF
    of too many pages (what is refused is not kept),
    `TransitionNotAllowed` when the sheet was handed in already or the report is signed.
    """
    checked = content if isinstance(content, CheckedFile) else None
    if checked is None:
        checked = check_document(kind=SIGNED_SHEET, name=name, content=content)
    sheet = _find(checked, code, by)
    with acting(by):
        request, session = lock_session(sheet.session)
        locked = PaperSheet.objects.select_for_update(of=("self",)).get(pk=sheet.pk)
        if request.state not in HANDING_IN_STATES:
            raise TransitionNotAllowed(_("The report of this session is signed already: no sheet is needed."))
        if locked.photograph_id is not None:
            raise TransitionNotAllowed(_("The photograph of this sheet has been handed in already."))
        document = store_document(kind=SIGNED_SHEET, name=checked.name, content=checked, by=by, subject_id=session.pk)
        PaperSheet.objects.filter(pk=locked.pk).update(
            photograph=document, attached_at=at, signer_name=signer_name.strip()[:150]
        )
        record_event(by=by, verb="sheet_attached", target=session, data={"document": document.pk}, at=at)
        MediationSession.objects.filter(pk=session.pk).update(version=F("version") + 1)
        if request.state == RequestState.REPORTED:
            _countersign(request, by=by, at=at)
    session.refresh_from_db()
    return session


def _find(checked: CheckedFile, code: str, by: Any) -> PaperSheet:
    typed = clean_code(code)
    if code.strip() and not typed:
        raise UnknownSheetError(_("This is not a code of a sheet: it has eight letters and digits, under the QR code."))
    found = [typed] if typed else _read(checked)
    if not found:
        raise UnknownSheetError(
            _(
                "The QR code cannot be read in this file, and the portal has not kept it: type the code printed below "
                "the QR code, or photograph the sheet again."
            )
        )
    if len(found) > 1:
        raise UnknownSheetError(_("This file shows several sheets: hand them in one by one."))
    sheet = PaperSheet.objects.filter(code=found[0]).select_related("session__request").first()
    if sheet is None or not _may_hand_in(by, sheet.session.request):
        raise UnknownSheetError(_("No sheet of yours has this code: check it, letter by letter."))
    return sheet


def _read(checked: CheckedFile) -> list[str]:
    checked.file.seek(0)
    try:
        return codes_in(checked.file)
    except TooManyPagesError as error:
        raise UnknownSheetError(
            _(
                "This PDF has %(pages)s pages, and a sheet has at most %(most)s: hand in the signed sheet alone. The "
                "portal has not kept the file."
            )
            % {"pages": error.pages, "most": MOST_PAGES},
            field="file",
        ) from None
    finally:
        checked.file.seek(0)


def _may_hand_in(by: Any, request: MediationRequest) -> bool:
    return can_mediate(by, request) or can_coordinate(by, request)


def _countersign(request: MediationRequest, *, by: Any, at: datetime) -> None:
    """Take the second signature of a filed report from its sheets, once all of its sessions have one."""
    locked, report = lock_report(request)
    held = set(
        MediationSession.objects.filter(request=locked.pk, state=SessionState.HELD)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    sheets = _handed_in_for(locked, report)
    if held <= {row.session_id for row in sheets}:
        countersign_on_paper(locked, report, sheets[-1], by=by, at=at)


def _handed_in_for(request: MediationRequest, report: InterventionReport) -> list[PaperSheet]:
    """Return the sheets that belong to the present filing: after a correction only those handed in since."""
    rows = PaperSheet.objects.filter(session__request=request.pk, photograph__isnull=False).select_related("photograph")
    if report.attempt > 1 and report.filed_at is not None:
        rows = rows.filter(attached_at__gte=report.filed_at)
    return list(rows.order_by("attached_at", "pk"))
