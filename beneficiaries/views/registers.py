# SPDX-License-Identifier: EUPL-1.2
"""The register of an activity: the wide grid, the form of one meeting, one cell at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.permissions import Permission
from actions.models import Activity, Meeting
from actions.permissions import can_keep_register, check_can_keep_register
from actions.selectors.activities import refusal
from actions.workflow import check_activity_open
from beneficiaries import selectors
from beneficiaries.enums import AttendanceState, SharingState
from beneficiaries.forms.registers import (
    SheetRow,
    TypedCell,
    column_locks,
    sheet_of,
    typed_cells,
    typed_grid,
    typed_meeting,
    with_typed,
    write_cell,
)
from beneficiaries.models import Enrolment
from beneficiaries.permissions import can_enrol, check_can_view_register, keepers_of
from beneficiaries.services.registers import AttendanceRefused, Cell, record_attendance
from beneficiaries.services.sharing import SharedNames, shared_names
from fami_portal.core import clock
from fami_portal.core.components import Button, Column, Lines, Link, Pill
from fami_portal.core.errors import DomainError, NotPermitted
from partners.permissions import organisations_with

# A page of the grid stays small enough for a form, and for the eye.
MAX_CELLS = 1000
MAX_MEETINGS = 40


def activity_for(request: HttpRequest, uuid: UUID) -> Activity:
    """Return an activity with its register: strangers find nothing, insiders without the right are told."""
    activity = get_object_or_404(
        Activity.objects.visible_to(request.user)
        .with_type()
        .select_related("venue")
        .annotate(enrolled=Count("enrolments", filter=selectors.MEANT_ENROLMENTS, distinct=True)),
        uuid=uuid,
    )
    check_can_view_register(request.user, activity)
    return activity


def own_bodies(user: Any) -> set[int]:
    """Return the bodies whose own codes the person may read."""
    return {body.pk for body in organisations_with(user, Permission.VIEW_BENEFICIARIES)}


@dataclass(frozen=True)
class Opened:
    """What the page of a register shows: one meeting, or a page of the grid."""

    activity: Activity
    meetings: Sequence[Meeting]
    one: Meeting | None
    page: Page | None
    rows: list[SheetRow]
    writes: bool
    closed: str
    # The meetings of the grid, each with why its column is locked.
    columns: Sequence[tuple[Meeting, str]]
    # Enrolled by mistake: they have no row, and who wants them back finds them below the register.
    mistaken: Sequence[Enrolment] = ()


def _open(request: HttpRequest, activity: Activity) -> Opened:
    meetings = list(selectors.register_meetings(activity))
    writes = can_keep_register(request.user, activity) and not refusal(lambda: check_activity_open(activity.state))
    wanted = request.GET.get("meeting", "")
    one = next((meeting for meeting in meetings if str(meeting.uuid) == wanted), None)
    page = None if one else _window(request, activity, meetings)
    shown = [one] if one else list(page or [])
    register = selectors.register_of(activity, shown)
    rows = sheet_of(register, own_bodies=own_bodies(request.user), writes=writes)
    closed = {period for meeting in shown if (period := register.closed_on(meeting))}
    locks = column_locks(register, writes=writes)
    return Opened(
        activity,
        meetings,
        one,
        page,
        rows,
        writes,
        ", ".join(sorted(str(period) for period in closed)),
        [(meeting, locks[meeting.pk]) for meeting in shown],
        register.mistaken,
    )


def _window(request: HttpRequest, activity: Activity, meetings: list[Meeting]) -> Page:
    """Return the page of the grid that was asked for; otherwise the one with the last meeting that took place."""
    size = max(1, min(MAX_MEETINGS, MAX_CELLS // max(1, activity.enrolled)))  # type: ignore[attr-defined]
    today = timezone.localdate()
    past = sum(1 for meeting in meetings if meeting.held_on <= today)
    default = max(0, past - 1) // size + 1
    return Paginator(meetings, size).get_page(request.GET.get("page", default))


@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The register: a grid of recipients by meetings, or with `?meeting=` the form of one meeting."""
    activity = activity_for(request, uuid)
    if request.method != "POST":
        return _page(request, _open(request, activity))
    check_can_keep_register(request.user, activity)
    opened = _open(request, activity)
    typed = _typed(request, opened)
    problems: dict[tuple[int, int], Any] = {cell.place: cell.error for cell in typed if cell.error}
    stale: frozenset[tuple[int, int]] = frozenset()
    message = ""
    if not problems:
        try:
            recorded = record_attendance(activity=activity, cells=map(_cell, typed), by=request.user)
        except AttendanceRefused as error:
            problems, stale = error.problems, error.stale
        except NotPermitted:
            raise
        except DomainError as error:
            message = str(error)
        else:
            number = recorded.written
            messages.success(
                request,
                ngettext("Saved: one cell has changed.", "Saved: %(number)s cells have changed.", number)
                % {"number": number}
                if number
                else _("Nothing had changed."),
            )
            return redirect(request.get_full_path())
    rows = with_typed(opened.rows, typed, problems, stale, grid=opened.one is None)
    return _page(request, replace(opened, rows=rows), message=message)


def _typed(request: HttpRequest, opened: Opened) -> list[TypedCell]:
    if opened.one is None:
        return typed_grid(request.POST, opened.rows)
    everybody = AttendanceState.PRESENT if "everybody" in request.POST else ""
    return typed_meeting(request.POST, opened.rows, everybody=everybody)


def _cell(typed: TypedCell) -> Cell:
    return Cell(typed.meeting_id, typed.enrolment_id, typed.state, typed.minutes, typed.was)


def _page(request: HttpRequest, opened: Opened, *, message: str = "") -> HttpResponse:
    activity = opened.activity
    own = own_bodies(request.user)
    shared = shared_names(
        activity=activity,
        recipients=[row.row.enrolment.beneficiary for row in opened.rows],
        by=request.user,
        page="beneficiaries:register",
        at=clock.now(),
        own=own,
    )
    opened = replace(opened, rows=[named(row, shared) for row in opened.rows])
    keeps = can_keep_register(request.user, activity)
    address = reverse("beneficiaries:register", args=[activity.uuid])
    errors = [cell for row in opened.rows for cell in row.cells if cell.error]
    may_enrol = opened.writes and can_enrol(request.user, activity)
    enrolment_url = reverse("beneficiaries:enrol", args=[activity.uuid])
    context = {
        "activity": activity,
        "programme": activity.programme,
        "crumbs": [
            (_("Activities"), reverse("actions:activity-list")),
            (activity.title, activity.get_absolute_url()),
            *([(_("Register"), address), f"{opened.one.held_on:%d/%m/%Y}"] if opened.one else [_("Register")]),
        ],
        "address": request.get_full_path(),
        "grid_address": address,
        "opened": opened,
        "one": opened.one,
        "rows": opened.rows,
        "meetings": opened.meetings,
        "block_url": reverse("beneficiaries:register-block", args=[activity.uuid]),
        "cells_url": reverse("beneficiaries:register-cells", args=[activity.uuid]),
        "errors": errors,
        "message": message,
        "any_writable": any(not cell.locked for row in opened.rows for cell in row.cells),
        "buttons": [
            *([Button(_("Enrol a recipient"), enrolment_url, style="outline-primary")] if may_enrol else []),
            *_name_buttons(request.user, opened, shared, keeps=keeps),
        ],
        "broken": len(shared.broken),
        "without_names": _without_names(request.user, opened, shared, own) if keeps else "",
        "enrolment_columns": [
            Column(_("Recipient")),
            Column(_("Target group")),
            Column(_("Enrolled on"), nowrap=True),
            Column(_("Withdrawn on"), nowrap=True),
            Column(_("Presences"), numeric=True),
            Column(_("Minutes"), numeric=True),
            Column(_("Counted")),
            *([Column(_("Change"), hidden_label=True)] if may_enrol else []),
        ],
        "enrolment_rows": [_enrolment_row(row, change=may_enrol) for row in opened.rows],
        "mistaken": [
            Link(one.beneficiary.pseudonym, reverse("beneficiaries:enrolment", args=[one.pk]))
            for one in (opened.mistaken if may_enrol else ())
        ],
    }
    return render(request, "beneficiaries/register.html", context)


def named(sheet: SheetRow, shared: SharedNames) -> SheetRow:
    """Put given name and initial before the code; whoever reads the name reads the code of its body too."""
    beneficiary = sheet.row.enrolment.beneficiary
    opened = shared.names.get(beneficiary.pk)
    if opened is None:
        return sheet
    return replace(sheet, name=opened.short_name, label=beneficiary.local_code, second=beneficiary.pseudonym)


def called(user: Any, enrolment: Enrolment) -> str:
    """Return what a recipient is called on a page of its enrolment, as on the register, and write down that it was read."""
    one, own = enrolment.beneficiary, own_bodies(user)
    shared = shared_names(
        activity=enrolment.activity,
        recipients=[one],
        by=user,
        page="beneficiaries:enrolment",
        at=clock.now(),
        own=own,
    )
    opened = shared.names.get(one.pk)
    words = [opened.short_name, one.local_code] if opened else [one.code_for(own)]
    return " · ".join(word for word in (*words, one.pseudonym) if word)


def _name_buttons(user: Any, opened: Opened, shared: SharedNames, *, keeps: bool) -> list[Button]:
    """The ways to the paper, and to the sharing of the own names."""
    activity = opened.activity
    buttons = []
    if keeps and opened.rows:
        address = reverse("beneficiaries:register-print", args=[activity.uuid])
        buttons.append(Button(_("Print the register"), address, style="outline-primary"))
        if opened.meetings:
            address = reverse("beneficiaries:register-block", args=[activity.uuid])
            buttons.append(Button(_("Work offline or paste"), address, style="outline-primary"))
            address = reverse("actions:teachers", args=[activity.uuid])
            buttons.append(Button(_("Teachers"), address, style="outline-primary"))
        if opened.one is not None:
            address = reverse("beneficiaries:signed-pages", args=[opened.one.uuid])
            buttons.append(Button(_("Signed pages"), address, style="outline-primary"))
    registered = {row.row.enrolment.beneficiary.registered_by_id for row in opened.rows}
    for body in organisations_with(user, Permission.SHARE_IDENTITIES):
        others = keepers_of(activity) - {body.pk} if body.pk in registered else set()
        acts = {act.keeper_id: act for act in shared.acts if act.organisation_id == body.pk}
        if others - acts.keys():
            address = reverse("beneficiaries:sharing-new", args=[activity.uuid])
            buttons.append(Button(_("Share the names"), address, style="outline-primary"))
        elif others:
            address = acts[min(others)].get_absolute_url()
            buttons.append(Button(_("Shared names"), address, style="outline-primary"))
    return buttons


def _without_names(user: Any, opened: Opened, shared: SharedNames, own: set[int]) -> str:
    """Return which other bodies have recipients here and do not share their names with the person today."""
    keeping = {body.pk for body in organisations_with(user, Permission.KEEP_REGISTERS)}
    sharing = {
        act.organisation_id
        for act in shared.acts
        if act.keeper_id in keeping and act.state_on(clock.today()) == SharingState.IN_FORCE
    }
    bodies = {row.row.enrolment.beneficiary.registered_by for row in opened.rows}
    return ", ".join(sorted(body.name for body in bodies if body.pk not in own | sharing))


def _enrolment_row(sheet: SheetRow, *, change: bool) -> list[Any]:
    enrolment = sheet.row.enrolment
    cells = [
        Lines(
            Link(sheet.name or sheet.label, enrolment.beneficiary.get_absolute_url()),
            f"{sheet.label} · {sheet.second}" if sheet.name else sheet.second,
        ),
        enrolment.beneficiary.target_group.title,
        enrolment.enrolled_on,
        enrolment.withdrawn_on,
        enrolment.times_present,  # type: ignore[attr-defined]
        enrolment.minutes_present,  # type: ignore[attr-defined]
        Lines(Pill(_("not counted"), "warning"), sheet.not_counted) if sheet.not_counted else Pill(_("yes"), "success"),
    ]
    if change:
        url = reverse("beneficiaries:enrolment", args=[enrolment.pk])
        cells.append(Link(_("Change"), url, sheet.label))
    return cells


@require_POST
def register_cells(request: HttpRequest, uuid: UUID) -> JsonResponse:
    """Write some cells of the grid, those that can be, and say of each what it holds now or what is wrong."""
    activity = activity_for(request, uuid)
    check_can_keep_register(request.user, activity)
    typed = typed_cells(request.POST)[:MAX_CELLS]
    errors: dict[tuple[int, int], Any] = {cell.place: cell.error for cell in typed if cell.error}
    stale: frozenset[tuple[int, int]] = frozenset()
    readable = [_cell(cell) for cell in typed if not cell.error]
    if readable:
        try:
            recorded = record_attendance(activity=activity, cells=readable, by=request.user, partly=True)
        except NotPermitted:
            raise
        except DomainError as refused:
            errors |= {cell.place: str(refused) for cell in readable}
        else:
            errors |= recorded.problems
            stale = recorded.stale
    kept = selectors.marks_at(cell.place for cell in typed)
    answers = []
    for cell in typed:
        mark, state, minutes, whole = kept.get(cell.place, ("", "", None, 0))
        text = write_cell(state, minutes, whole)
        error = str(errors.get(cell.place, ""))
        is_stale = cell.place in stale
        answers.append(
            {
                "name": f"cell-{cell.meeting_id}-{cell.enrolment_id}",
                "text": cell.text.strip().upper() if error else text,
                "was": mark if is_stale or not error else cell.was,
                "theirs": text if is_stale else None,
                "error": error,
            }
        )
    return JsonResponse({"cells": answers})
