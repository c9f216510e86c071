# SPDX-License-Identifier: EUPL-1.2
"""The register away from the grid: as a workbook that goes out and comes back, and as a block pasted from one.

What comes in is shown first, cell by cell; between that and the confirmation the page carries ids and marks, signed, and
the server keeps nothing: no file, no block.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from actions.models import Activity, Meeting
from actions.permissions import check_can_keep_register
from actions.selectors.activities import refusal
from actions.workflow import check_activity_open
from beneficiaries import selectors
from beneficiaries.enums import ReadKind
from beneficiaries.forms.register_blocks import Proposed, packed, read_pasted
from beneficiaries.forms.register_book import read_book
from beneficiaries.forms.registers import SheetRow, sheet_of, write_cell
from beneficiaries.rendering.register_book import BookCell, BookLine, register_book
from beneficiaries.services.registers import Cell, foresee_attendance, record_attendance
from beneficiaries.services.sharing import shared_names
from beneficiaries.views.registers import activity_for, named, own_bodies
from fami_portal.core import clock
from fami_portal.core.downloads import XLSX_TYPE
from fami_portal.core.errors import DomainError, NotPermitted

PAGE = "beneficiaries:register-block"
_SALT = "register block"
# Between the preview and the confirmation, in seconds: a working day.
_PATIENCE = 12 * 60 * 60


@dataclass(frozen=True)
class Change:
    """One row of the preview."""

    label: str
    day: str
    source: str
    now: str
    will: str
    kind: str
    message: str = ""


@dataclass(frozen=True)
class Preview:
    """What a block would change; `token` confirms it, empty where nothing can be written."""

    changes: Sequence[Change]
    same: int
    stale: int
    problems: int
    token: str

    @property
    def writes(self) -> int:
        """How many cells change, those that somebody else wrote meanwhile left aside."""
        return sum(1 for change in self.changes if change.kind in ("new", "changed"))


@require_http_methods(["GET", "HEAD", "POST"])
def register_block(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Download the register, send it back, paste a block; see what would change; confirm."""
    activity = activity_for(request, uuid)
    check_can_keep_register(request.user, activity)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    if act == "confirm":
        return _confirm(request, activity)
    meetings = list(selectors.register_meetings(activity))
    if act == "download":
        return _download(request, activity, meetings)
    rows = _rows(request, activity, meetings)
    preview, error = None, ""
    if act in ("paste", "upload"):
        try:
            proposed = (
                _uploaded(request, activity, rows, meetings) if act == "upload" else _pasted(request, rows, meetings)
            )
            preview = _preview(request, activity, rows, proposed)
        except NotPermitted:
            raise
        except DomainError as refused:
            error = str(refused)
    context = _context(request, activity, meetings, rows) | {"preview": preview, "refused": error, "act": act}
    fragment = act == "paste" and request.headers.get("X-Requested-With") == "XMLHttpRequest"
    return render(request, f"beneficiaries/{'_block_preview' if fragment else 'register_block'}.html", context)


def _rows(request: HttpRequest, activity: Activity, meetings: Sequence[Meeting]) -> list[SheetRow]:
    """Return the sheet, called as on the page of the register: by short names and own codes, which is written down."""
    own = own_bodies(request.user)
    rows = sheet_of(selectors.register_of(activity, meetings), own_bodies=own, writes=True)
    shared = shared_names(
        activity=activity,
        recipients=[row.row.enrolment.beneficiary for row in rows],
        by=request.user,
        page=PAGE,
        at=clock.now(),
        own=own,
    )
    return [named(row, shared) for row in rows]


def _context(
    request: HttpRequest, activity: Activity, meetings: Sequence[Meeting], rows: Sequence[SheetRow]
) -> dict[str, Any]:
    address = reverse("beneficiaries:register", args=[activity.uuid])
    return {
        "activity": activity,
        "programme": activity.programme,
        "crumbs": [
            (_("Activities"), reverse("actions:activity-list")),
            (activity.title, activity.get_absolute_url()),
            (_("Register"), address),
            _("Work offline or paste"),
        ],
        "register_url": address,
        "block_url": reverse(PAGE, args=[activity.uuid]),
        "meetings": meetings,
        "rows": rows,
        "closed": refusal(lambda: check_activity_open(activity.state)),
        "typed": request.POST.get("text", ""),
        "chosen_meeting": request.POST.get("meeting", ""),
        "chosen_enrolment": request.POST.get("enrolment", ""),
    }


def _number(text: str) -> int:
    return int(text) if text.isdigit() and len(text) < 19 else 0


def _pasted(request: HttpRequest, rows: Sequence[SheetRow], meetings: Sequence[Meeting]) -> list[Proposed]:
    start = (_number(request.POST.get("meeting", "")), _number(request.POST.get("enrolment", "")))
    return read_pasted(request.POST.get("text", ""), rows, meetings, start)


def _uploaded(
    request: HttpRequest, activity: Activity, rows: Sequence[SheetRow], meetings: Sequence[Meeting]
) -> list[Proposed]:
    upload = request.FILES.get("file")
    if upload is None:
        raise DomainError(_("Choose the file first: the workbook that you downloaded here."))
    return read_book(upload, upload.name or "", activity=activity, rows=rows, meetings=meetings)


# --- what would change ------------------------------------------------------------------------------------------------


def _cell(one: Proposed) -> Cell:
    typed = one.typed
    return Cell(typed.meeting_id, typed.enrolment_id, typed.state, typed.minutes, typed.was)


def _preview(
    request: HttpRequest, activity: Activity, rows: Sequence[SheetRow], proposed: Sequence[Proposed]
) -> Preview:
    readable = [one for one in proposed if not one.typed.error]
    foreseen = foresee_attendance(activity=activity, cells=map(_cell, readable))
    names = {row.row.enrolment.pk: row.called for row in rows}
    changes, sure, contested = [], [], []
    kinds: Counter[str] = Counter()
    for one in proposed:
        typed, sheet = one.typed, one.sheet
        will = write_cell(typed.state, typed.minutes, sheet.meeting.minutes) if not typed.error else typed.text[:20]
        message = typed.error or str(foreseen.problems.get(typed.place, ""))
        if typed.place in foreseen.stale:
            kind = "stale"
            contested.append([*packed([typed])[0][:4], sheet.was])
        elif message:
            kind = "problem"
            # The lock says it better than the service, which is asked about one cell.
            message = sheet.lock or message
        elif sheet.text == will:
            kind = "same"
        else:
            kind = "changed" if sheet.was else "new"
            sure += packed([typed])
        kinds[kind] += 1
        if kind != "same":
            changes.append(
                Change(
                    names[typed.enrolment_id],
                    f"{sheet.meeting.held_on:%d/%m/%Y}",
                    one.source,
                    sheet.text,
                    will,
                    kind,
                    message,
                )
            )
    order = ("problem", "stale", "changed", "new")
    changes.sort(key=lambda change: order.index(change.kind))
    token = ""
    if not kinds["problem"] and (sure or contested):
        token = signing.dumps(
            {"activity": activity.pk, "by": request.user.pk, "sure": sure, "contested": contested},
            salt=_SALT,
            compress=True,
        )
    return Preview(changes, kinds["same"], kinds["stale"], kinds["problem"], token)


def _confirm(request: HttpRequest, activity: Activity) -> HttpResponse:
    back = redirect("beneficiaries:register", activity.uuid)
    try:
        found = signing.loads(request.POST.get("token", ""), salt=_SALT, max_age=_PATIENCE)
    except signing.BadSignature:
        found = {}
    if found.get("activity") != activity.pk or found.get("by") != request.user.pk:
        messages.error(request, _("This preview is too old: send the file or paste the block again."))
        return redirect(PAGE, activity.uuid)
    chosen = [*found["sure"], *(found["contested"] if request.POST.get("contested") == "write" else [])]
    try:
        recorded = record_attendance(activity=activity, cells=[Cell(*one) for one in chosen], by=request.user)
    except NotPermitted:
        raise
    except DomainError as refused:
        messages.error(request, _("%(reason)s Nothing was written: look at the preview again.") % {"reason": refused})
        return redirect(PAGE, activity.uuid)
    number = recorded.written
    messages.success(
        request,
        ngettext("Saved: one cell has changed.", "Saved: %(number)s cells have changed.", number) % {"number": number}
        if number
        else _("Nothing had changed."),
    )
    return back


# --- the workbook -----------------------------------------------------------------------------------------------------


def _download(request: HttpRequest, activity: Activity, meetings: Sequence[Meeting]) -> HttpResponse:
    """Hand out the register as a workbook, with the short names that the person reads on the page of the register."""
    own = own_bodies(request.user)
    at = clock.now()
    rows = sheet_of(selectors.register_of(activity, meetings), own_bodies=own, writes=True)
    shared = shared_names(
        activity=activity,
        recipients=[row.row.enrolment.beneficiary for row in rows],
        by=request.user,
        page=PAGE,
        at=at,
        own=own,
        kind=ReadKind.EXPORT,
    )
    lines = [
        BookLine(
            row.row.enrolment.pk,
            row.label,
            opened.short_name if (opened := shared.names.get(row.row.enrolment.beneficiary_id)) else "",
            [BookCell(cell.text, cell.was, cell.locked) for cell in row.cells],
        )
        for row in rows
    ]
    response = HttpResponse(register_book(activity, meetings, lines, at=at), content_type=XLSX_TYPE)
    response["Content-Disposition"] = f'attachment; filename="registro-{timezone.localdate(at):%Y-%m-%d}.xlsx"'
    response["Cache-Control"] = "private, no-store"
    return response
