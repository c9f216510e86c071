# SPDX-License-Identifier: EUPL-1.2
"""Pages of the requests of persons, for who handles them: list, new case, one case, who asks."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission
from actions.models import Programme
from beneficiaries.enums import ReadKind
from beneficiaries.services.reading import record_readings
from fami_portal.core import clock
from fami_portal.core.audit import timeline
from fami_portal.core.components import Button, Column, Entry, Lines, Link, Pill
from fami_portal.core.errors import DomainError
from partners.permissions import check_holds
from privacy.enums.requests import (
    Applicant,
    TaskAnswer,
)
from privacy.forms.requests import NewRequestForm, StepForm
from privacy.models import RightsRequest, RightsTask
from privacy.selectors import requests as selectors
from privacy.selectors.moment import moment_of
from privacy.services.applicants import Asked, open_for_officer
from privacy.services.requests import NewRequest, file_request
from privacy.views.request_buttons import folded_buttons, sentence, shown_buttons
from privacy.workflow import RIGHTS

PAGE_SIZE = 50
FORM = require_http_methods(["GET", "HEAD", "POST"])
ANSWERS = {
    "": ("warning", _("Not answered yet")),
    TaskAnswer.NOTHING: ("secondary", TaskAnswer.NOTHING.label),
    TaskAnswer.HELD: ("info", TaskAnswer.HELD.label),
    TaskAnswer.DONE: ("success", TaskAnswer.DONE.label),
    TaskAnswer.WITHDRAWN: ("secondary", TaskAnswer.WITHDRAWN.label),
}


def posted(request: HttpRequest) -> Any:
    """Return what was sent, None on a GET: an act that asks nothing sends an empty form."""
    return request.POST if request.method == "POST" else None


def state_pill(case: RightsRequest) -> Pill:
    """Return the state of a case."""
    return Pill(case.get_state_display(), RIGHTS.colours[case.state])


def answer_pill(task: RightsTask) -> Pill:
    """Return what a body answered."""
    colour, label = ANSWERS[task.answer]
    return Pill(label, colour)


def _due(case: RightsRequest) -> Any:
    late = case.is_late(timezone.localdate(clock.now()))
    return Lines(case.due_on, _("late") if late else "")


def crumbs(*more: Any) -> list[Any]:
    """Return the way back: the list, then what is given."""
    return [(_("Requests of persons"), reverse("privacy:request-list")), *more]


def case_for(request: HttpRequest, uuid: UUID) -> RightsRequest:
    """Return the case if the person handles it; others find nothing."""
    found = RightsRequest.objects.visible_to(request.user)
    found = found.select_related("programme", "copy_file", "copy_data", "erasure_proposed_by")
    return get_object_or_404(found, uuid=uuid)


@require_safe
def request_list(request: HttpRequest) -> HttpResponse:
    """The cases that the person handles, those that wait first, and how many were answered in time."""
    check_holds(request.user, Permission.HANDLE_RIGHTS)
    found = selectors.requests_for(request.user)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    figure = selectors.timeliness(RightsRequest.objects.visible_to(request.user), timezone.localdate(clock.now()))
    context = {
        "page": page,
        "columns": [
            Column(_("Number"), nowrap=True),
            Column(_("Right")),
            Column(_("Programme")),
            Column(_("Received on"), nowrap=True),
            Column(_("Answer by"), nowrap=True),
            Column(_("Bodies that answered"), numeric=True),
            Column(_("State")),
        ],
        "rows": [
            [
                Link(row.number, row.get_absolute_url()),
                row.get_kind_display(),
                row.programme.title,
                row.received_on,
                _due(row),
                f"{row.tasks_all - row.tasks_open}/{row.tasks_all}",
                state_pill(row),
            ]
            for row in page
        ],
        "facts": [
            (_("Answered in time"), f"{figure.in_time}/{figure.answered}"),
            (_("Open cases"), figure.open),
            (_("Late"), figure.late),
        ],
        "buttons": [Button(_("Open a case"), reverse("privacy:request-new"))],
    }
    return render(request, "privacy/request_list.html", context)


@FORM
def request_new(request: HttpRequest) -> HttpResponse:
    """Open a case for a request that arrived."""
    check_holds(request.user, Permission.HANDLE_RIGHTS)
    programmes = Programme.objects.reached_by(request.user, Permission.HANDLE_RIGHTS).order_by("title", "pk")
    first = list(programmes[:2])
    form = NewRequestForm(
        posted(request),
        programmes=programmes,
        initial={"programme": first[0] if len(first) == 1 else None, "received_on": timezone.localdate(clock.now())},
        cancel_url=reverse("privacy:request-list"),
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = file_request(
                programme=data["programme"],
                new=NewRequest(
                    data["kind"], data["received_on"], data["channel"], data["applicant"], Asked(**form.asked())
                ),
                key=form.submission_key,
                by=request.user,
                at=clock.now(),
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The case is open: the person must have an answer within a month."))
            return redirect(made)
    context = {
        "form": form,
        "heading": _("Open a case"),
        "kicker": "",
        "lead": _("A person, or who answers for it, exercises a right on the data that the programme holds."),
        "crumbs": crumbs(_("Open a case")),
    }
    return render(request, "privacy/form.html", context)


@require_safe
def request_page(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One case: the clock, the records found, what the bodies answered, what comes next."""
    case = case_for(request, uuid)
    matches, tasks = selectors.matches_of(case), selectors.tasks_of(case)
    today = timezone.localdate(clock.now())
    moment = moment_of(case, matches=matches, tasks=tasks, user=request.user, day=today)
    # The records of a person whose name is known to the reader (ADR 16).
    record_readings(
        by=request.user,
        kind=ReadKind.PAGE,
        page="privacy:request",
        subjects=[match.beneficiary for match in matches],
        purpose=f"{case.get_kind_display()}: {case.number}",
        at=clock.now(),
    )
    context = {
        "case": case,
        "pill": state_pill(case),
        "crumbs": crumbs(case.number),
        "programme": case.programme,
        "late": case.is_late(today),
        "facts": _facts(case),
        "next": sentence(moment),
        "buttons": shown_buttons(case, moment),
        "more": folded_buttons(case, moment),
        "record_columns": [
            Column(_("Recipient"), nowrap=True),
            Column(_("Registered by")),
            Column(_("Target group")),
            Column(_("Found by")),
            Column(_("State")),
        ],
        "record_rows": [
            [
                match.beneficiary.pseudonym,
                match.beneficiary.registered_by.name,
                match.beneficiary.target_group.title,
                match.get_method_display(),
                _record_state(match.beneficiary),
            ]
            for match in matches
        ],
        "task_columns": [
            Column(_("Body")),
            Column(_("What is asked")),
            Column(_("Answer by"), nowrap=True),
            Column(_("The answer")),
            Column(_("What you can do"), hidden_label=True),
        ],
        "task_rows": [
            [
                task.organisation.name,
                task.get_purpose_display(),
                task.due_on,
                Lines(answer_pill(task), " · ".join(filter(None, [", ".join(task.codes), task.held]))),
                Link(_("Withdraw"), reverse("privacy:task-withdraw", args=[task.uuid]), task.organisation.name)
                if not task.answer and case.is_open
                else "",
            ]
            for task in tasks
        ],
        "history": [
            Entry(entry.at, entry.label, entry.actor, entry.comment, entry.target, entry.colour)
            for entry in timeline(case, limit=50)
        ],
    }
    return render(request, "privacy/request.html", context)


def _record_state(record: Any) -> Any:
    if record.anonymised_at is not None:
        return Pill(_("anonymous"), "secondary")
    if record.restricted_at is not None:
        return Pill(_("processing restricted"), "warning")
    return Pill(_("in use"), "info")


def _facts(case: RightsRequest) -> list[tuple[Any, Any]]:
    facts: list[tuple[Any, Any]] = [
        (_("Right"), case.get_kind_display()),
        (_("Programme"), case.programme.title),
        (_("Received on"), case.received_on),
        (_("How it came"), case.get_channel_display()),
        (_("Who asks"), Applicant(case.applicant).label),
        (_("Answer by"), _due(case)),
    ]
    if case.identity_check:
        facts.append((_("Identity verified"), case.get_identity_check_display()))
    if case.extended_at:
        facts.append((_("Person told of the extension on"), case.told_on))
    if case.answered_at:
        facts.append((_("Answered on"), timezone.localdate(case.answered_at)))
    if case.delivered_on:
        facts.append((_("Copy delivered on"), case.delivered_on))
    if case.erasure_proposed_at:
        facts.append(
            (
                _("Erasure proposed"),
                Lines(timezone.localdate(case.erasure_proposed_at), getattr(case.erasure_proposed_by, "full_name", "")),
            )
        )
    if case.erased_at:
        facts.append((_("Erased on"), timezone.localdate(case.erased_at)))
    return facts


@FORM
def request_applicant(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Open who asks: asked by POST, shown once in the answer, written down."""
    case = case_for(request, uuid)
    form = StepForm(posted(request), submit_label=_("Open the names"), cancel_url=case.get_absolute_url())
    context = {
        "form": form,
        "heading": _("Who asks"),
        "lead": _("The names are shown once. Who opened them and when is recorded."),
        "kicker": case.number,
        "crumbs": crumbs((case.number, case.get_absolute_url()), _("Who asks")),
        "back": case.get_absolute_url(),
    }
    if request.method == "POST" and form.is_valid():
        try:
            opened = open_for_officer(request=case, by=request.user, at=clock.now())
        except DomainError as error:
            form.add_refusal(error)
        else:
            context["facts"] = person_facts(opened)
            answer = render(request, "privacy/person.html", context)
            answer["Cache-Control"] = "private, no-store"
            return answer
    return render(request, "privacy/form.html", context)


def person_facts(opened: Asked | None) -> list[tuple[Any, Any]]:
    """Return what the page shows of who was opened; nothing when it was destroyed."""
    if opened is None:
        return []
    facts = [
        (_("Given name of the person"), opened.given_name),
        (_("Surname of the person"), opened.family_name),
        (_("Birth date of the person"), opened.birth_date),
        (_("Name of who asks"), opened.applicant_name),
        (_("Where to answer"), opened.contact),
        (_("What is asked"), opened.text),
    ]
    return [(label, value) for label, value in facts if value]
