# SPDX-License-Identifier: EUPL-1.2
"""The register on paper: asked by POST, opened through the door of shared names, handed out and kept nowhere."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from actions.permissions import check_can_keep_register
from actions.selectors.teaching import who_taught
from beneficiaries import selectors
from beneficiaries.enums import ReadKind, SharingState
from beneficiaries.forms.registers import write_cell
from beneficiaries.forms.sharing import PrintForm
from beneficiaries.rendering.register_sheet import SheetLine, register_sheet
from beneficiaries.services.sharing import SharedNames, shared_names
from beneficiaries.views.registers import activity_for, own_bodies
from fami_portal.core import clock

PAGE = "beneficiaries:register-print"


@require_http_methods(["GET", "HEAD", "POST"])
def register_print(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ask what to print; then the PDF, with the full names that the person may read there."""
    activity = activity_for(request, uuid)
    check_can_keep_register(request.user, activity)
    address = reverse("beneficiaries:register", args=[activity.uuid])
    meetings = list(selectors.register_meetings(activity))
    form = PrintForm(request.POST or None, meetings=meetings, cancel_url=address)
    if request.method == "POST" and form.is_valid():
        register = selectors.register_of(activity, form.chosen)
        own = own_bodies(request.user)
        at = clock.now()
        shared = shared_names(
            activity=activity,
            recipients=[row.enrolment.beneficiary for row in register.rows],
            by=request.user,
            page=PAGE,
            at=at,
            own=own,
            kind=ReadKind.PRINT,
        )
        lines = [_line(row, own, shared) for row in register.rows]
        lines.sort(key=lambda line: (not line.name, line.name.casefold(), line.code))
        sheet = register_sheet(
            activity,
            form.chosen,
            lines,
            blank=form.blank,
            note=_note(shared, at),
            at=at,
            teachers=who_taught(form.chosen),
        )
        response = HttpResponse(sheet, content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="registro-{timezone.localdate(at):%Y-%m-%d}.pdf"'
        response["Cache-Control"] = "private, no-store"
        return response
    context = {
        "activity": activity,
        "programme": activity.programme,
        "form": form,
        "crumbs": [
            (_("Activities"), reverse("actions:activity-list")),
            (activity.title, activity.get_absolute_url()),
            (_("Register"), address),
            _("Print the register"),
        ],
    }
    return render(request, "beneficiaries/register_print.html", context)


def _line(row: selectors.RegisterRow, own: set[int], shared: SharedNames) -> SheetLine:
    beneficiary = row.enrolment.beneficiary
    opened = shared.names.get(beneficiary.pk)
    code = beneficiary.local_code if opened else beneficiary.code_for(own) or beneficiary.pseudonym
    return SheetLine(
        name=f"{opened.family_name} {opened.given_name}" if opened else "",
        code=code,
        cells=[write_cell(cell.state, cell.minutes, cell.meeting.minutes) for cell in row.cells],
    )


def _note(shared: SharedNames, at: datetime) -> str:
    """Say whose names are on the sheet by a sharing act, and until when."""
    day = timezone.localdate(at)
    bodies = {opened.identity.organisation_id for opened in shared.names.values()}
    return " ".join(
        _("Names shared by %(body)s until %(day)s.") % {"body": act.organisation.name, "day": f"{act.ends_on:%d/%m/%Y}"}
        for act in shared.acts
        if act.organisation_id in bodies and act.state_on(day) == SharingState.IN_FORCE
    )
