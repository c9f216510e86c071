# SPDX-License-Identifier: EUPL-1.2
"""Pages of outcomes: the sheet of one activity, and how the outcomes of all of them stand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission
from actions.enums import ActivityState, OutcomeKind
from actions.models import Activity
from beneficiaries.enums import LanguageLevel, OutcomeState, UsefulArea
from beneficiaries.forms.outcomes import OutcomeCell, Typed, read_day, texts_of, typed_cells, with_typed
from beneficiaries.forms.registers import shown_name
from beneficiaries.models import Beneficiary, Enrolment, Outcome
from beneficiaries.permissions import can_enrol, check_can_enrol
from beneficiaries.selectors import RegisterRow
from beneficiaries.selectors.outcomes import (
    asked_of,
    due_on,
    latest_outcomes,
    outcomes_of,
    standing_of,
    summed,
    support_ended_on,
    supports_of,
    with_outcomes,
    words,
)
from beneficiaries.services.outcomes import (
    NewOutcome,
    OutcomesRefused,
    closed_to_outcomes,
    mark_of,
    record_outcomes,
)
from beneficiaries.services.reading import record_own_codes
from beneficiaries.views.registers import activity_for, own_bodies
from fami_portal.core import clock
from fami_portal.core.components import Column, Lines, Link, Pill
from fami_portal.core.errors import DomainError, NotPermitted
from partners.permissions import check_holds

PAGE_SIZE = 25
COLOURS = {OutcomeState.PENDING: "secondary", OutcomeState.POSITIVE: "success", OutcomeState.NEGATIVE: "warning"}


@dataclass(frozen=True)
class SheetLine:
    """One support of the sheet: how the recipient is called, until when, its cells in the order of the columns."""

    enrolment: Enrolment
    label: str
    second: str
    ended_on: date
    due_on: date
    locked: Any
    cells: Sequence[OutcomeCell | None]

    @property
    def entry_level(self) -> str:
        """The level at entry as people call it; empty when it is not known."""
        level = self.enrolment.entry_level
        return str(LanguageLevel(level).label) if level else ""


@dataclass(frozen=True)
class Opened:
    """What the sheet shows: one page of supports, the kinds of outcome in its columns, whether anything can be written."""

    page: Page
    kinds: Sequence[str]
    lines: Sequence[SheetLine]
    writes: bool

    @property
    def cells(self) -> list[OutcomeCell]:
        return [cell for line in self.lines for cell in line.cells if cell]


def _open(request: HttpRequest, activity: Activity) -> Opened:
    page = Paginator(supports_of(activity), PAGE_SIZE).get_page(request.GET.get("page"))
    supports: list[Any] = list(page)
    kept = latest_outcomes(row.pk for row in supports)
    asked = {row.pk: asked_of(row) for row in supports}
    kinds = [kind for kind in OutcomeKind.values if any(kind in found for found in asked.values())]
    kinds.sort(key=lambda kind: kind == OutcomeKind.LANGUAGE)  # its wide cell comes last
    writes = can_enrol(request.user, activity) and activity.state != ActivityState.CANCELLED
    today, own = clock.today(), own_bodies(request.user)
    lines = []
    for row in supports:
        label, second = shown_name(RegisterRow(row, [], []), own)
        closed = closed_to_outcomes(row, today=today, present=row.times_present)
        cells = [
            OutcomeCell(
                row.pk,
                kind,
                label,
                texts_of(kept.get((row.pk, kind))),
                mark_of(kept.get((row.pk, kind))),
                closed or not writes,
                asks_entry=not row.entry_level,
            )
            if kind in asked[row.pk]
            else None
            for kind in kinds
        ]
        ended = support_ended_on(row)
        lines.append(SheetLine(row, label, second, ended, due_on(ended), closed, cells))
    return Opened(page, kinds, lines, writes)


@require_http_methods(["GET", "HEAD", "POST"])
def outcomes(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The outcomes of an activity: one line for each support, one column for each outcome that its group is asked."""
    activity = activity_for(request, uuid)
    if request.method == "POST":
        check_can_enrol(request.user, activity)
    opened = _open(request, activity)
    day = f"{clock.today():%Y-%m-%d}"
    if request.method != "POST":
        return _page(request, activity, opened, day)
    typed = typed_cells(request.POST, opened.cells)
    problems: dict[tuple[int, str], Any] = {cell.place: cell.error for cell in typed if cell.error}
    stale: frozenset[tuple[int, str]] = frozenset()
    message: Any = ""
    day = request.POST.get("collected_on", day)
    try:
        collected_on = read_day(day)
    except ValidationError:
        collected_on = None
    if collected_on is None:
        message = _("Write the day on which the outcomes were collected, as 15/03/2026.")
    elif not problems:
        try:
            recorded = record_outcomes(
                activity=activity,
                collected_on=collected_on,
                entries=map(_entry, typed),
                by=request.user,
                at=clock.now(),
            )
        except OutcomesRefused as error:
            problems, stale = error.problems, error.stale
        except NotPermitted:
            raise
        except DomainError as error:
            message = str(error)
        else:
            number = recorded.written
            messages.success(
                request,
                ngettext("Saved: one outcome has changed.", "Saved: %(number)s outcomes have changed.", number)
                % {"number": number}
                if number
                else _("Nothing had changed."),
            )
            return redirect(request.get_full_path())
    lines = [replace(line, cells=_refilled(line.cells, typed, problems, stale)) for line in opened.lines]
    return _page(request, activity, replace(opened, lines=lines), day, message=message)


def _refilled(
    cells: Sequence[OutcomeCell | None],
    typed: Sequence[Typed],
    problems: dict[tuple[int, str], Any],
    stale: frozenset[tuple[int, str]],
) -> list[OutcomeCell | None]:
    filled = {cell.kind: cell for cell in with_typed([cell for cell in cells if cell], typed, problems, stale)}
    return [filled[cell.kind] if cell else None for cell in cells]


def _entry(typed: Typed) -> NewOutcome:
    return NewOutcome(typed.enrolment_id, typed.kind, was=typed.was, **typed.values)


def _page(request: HttpRequest, activity: Activity, opened: Opened, day: str, *, message: Any = "") -> HttpResponse:
    record_own_codes(
        by=request.user,
        own=own_bodies(request.user),
        page="beneficiaries:outcomes",
        subjects=[line.enrolment.beneficiary for line in opened.lines],
        activity=activity,
        at=clock.now(),
    )
    standing = standing_of([activity.pk], clock.today()).get(activity.pk)
    context = {
        "activity": activity,
        "programme": activity.programme,
        "crumbs": [
            (_("Activities"), reverse("actions:activity-list")),
            (activity.title, activity.get_absolute_url()),
            _("Outcomes"),
        ],
        "address": request.get_full_path(),
        "opened": opened,
        "columns": [OutcomeKind(kind) for kind in opened.kinds],
        "areas": [(number, area.label) for number, area in enumerate(UsefulArea, start=1)],
        "asks_areas": OutcomeKind.USEFULNESS in opened.kinds,
        "asks_scores": OutcomeKind.SATISFACTION in opened.kinds,
        "asks_language": OutcomeKind.LANGUAGE in opened.kinds,
        "day": day,
        "message": message,
        "errors": [cell for cell in opened.cells if cell.error],
        "any_writable": any(not cell.locked for cell in opened.cells),
        "figures": [(OutcomeKind(kind).label, words(figure)) for kind, figure in summed([standing]).items()]
        if standing
        else [],
        "missing": standing.missing if standing else 0,
        "due": standing.due if standing else None,
        "overdue": bool(standing and standing.due and standing.due <= clock.today()),
    }
    return render(request, "beneficiaries/outcomes.html", context)


@require_safe
def outcome_list(request: HttpRequest) -> HttpResponse:
    """How the outcomes of the activities that the person may see stand: three values, never without the third."""
    check_holds(request.user, Permission.VIEW_BENEFICIARIES)
    page = Paginator(with_outcomes(request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    today = clock.today()
    activities = list(page)
    standing = standing_of([activity.pk for activity in activities], today)
    kinds = list(summed(standing.values()))
    rows = []
    for activity in activities:
        own = standing.get(activity.pk)
        if own is None:
            continue
        url = reverse("beneficiaries:outcomes", args=[activity.uuid])
        rows.append(
            [
                Lines(Link(activity.title, url), activity.activity_type.title),
                Lines(activity.organisation.name, activity.network.name),
                activity.ends_on,
                *(words(own.figures[kind]) if kind in own.figures else _("not asked") for kind in kinds),
                _missing_pill(own.missing, own.due, today, ended=activity.ends_on < today),
            ]
        )
    context = {
        "page": page,
        "columns": [
            Column(_("Activity")),
            Column(_("Body and network")),
            Column(_("End"), nowrap=True),
            *(Column(OutcomeKind(kind).label) for kind in kinds),
            Column(_("To be recorded")),
        ],
        "rows": rows,
        "figures": [(OutcomeKind(kind).label, words(figure)) for kind, figure in summed(standing.values()).items()],
        "crumbs": [(_("Recipients"), reverse("beneficiaries:beneficiary-list")), _("Outcomes")],
    }
    return render(request, "beneficiaries/outcome_list.html", context)


def _missing_pill(missing: int, due: date | None, today: date, *, ended: bool) -> Any:
    if not missing or due is None:
        # Before the end nothing is to be recorded, and nothing is complete either.
        return Pill(_("complete"), "success") if ended else ""
    text = ngettext("%(number)s outcome", "%(number)s outcomes", missing) % {"number": missing}
    return Lines(Pill(text, "danger" if due <= today else "info"), _("due on %(day)s") % {"day": f"{due:%d/%m/%Y}"})


def outcome_table(user: Any, beneficiary: Beneficiary) -> tuple[list[Column], list[list[Any]]]:
    """Return the outcomes of a recipient for its page, the earlier ones too."""
    columns = [
        Column(_("Outcome")),
        Column(_("Activity")),
        Column(_("Result")),
        Column(_("What it rests on")),
        Column(_("Collected on"), nowrap=True),
        Column(_("Who")),
    ]
    return columns, [_outcome_row(outcome) for outcome in outcomes_of(user, beneficiary)]


def _outcome_row(outcome: Outcome) -> list[Any]:
    state = OutcomeState(outcome.state)
    activity = outcome.enrolment.activity
    return [
        outcome.get_kind_display(),
        Link(activity.title, reverse("beneficiaries:outcomes", args=[activity.uuid])),
        Lines(Pill(state.label, COLOURS[state]), _("superseded by a later one") if outcome.superseded_at else ""),
        _rests_on(outcome),
        outcome.collected_on,
        outcome.by.full_name if outcome.by else _("The portal"),
    ]


def _rests_on(outcome: Outcome) -> Any:
    if outcome.areas:
        return ", ".join(str(UsefulArea(code).label) for code in outcome.areas)
    if outcome.scores:
        return _("answers: %(answers)s") % {"answers": " ".join(str(score) for score in outcome.scores)}
    if not outcome.level:
        return ""
    level = _("level %(level)s") % {"level": outcome.get_level_display()}
    if not outcome.attested_on:
        return level
    return Lines(
        level,
        _("%(attestation)s of %(day)s, kept in: %(place)s")
        % {
            "attestation": outcome.get_attestation_display(),
            "day": f"{outcome.attested_on:%d/%m/%Y}",
            "place": outcome.kept_at,
        },
    )
