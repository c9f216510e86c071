# SPDX-License-Identifier: EUPL-1.2
"""Pages of the tasks of a body: what it is asked for requests of persons, about whom, what it answers."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from beneficiaries.enums import ReadKind
from beneficiaries.models import Beneficiary
from beneficiaries.services.reading import record_reading
from fami_portal.core import clock
from fami_portal.core.components import Button, Column, Lines, Link
from fami_portal.core.errors import DomainError, StaleError
from partners.permissions import check_holds, holds
from privacy.enums.requests import TaskPurpose
from privacy.forms.requests import StepForm, TaskForm
from privacy.models import RightsTask
from privacy.selectors import requests as selectors
from privacy.services.applicants import open_for_body
from privacy.services.request_tasks import answer_task, withdraw_task
from privacy.views.request_acts import version_of
from privacy.views.requests import FORM, answer_pill, case_for, person_facts, posted
from privacy.views.requests import crumbs as case_crumbs

PAGE_SIZE = 50
LEADS = {
    TaskPurpose.SEARCH: _(
        "A person asks about its data. Look in your registers, requests, contacts and papers, also where you use codes."
    ),
    TaskPurpose.CORRECT: _("Correct what is wrong in the record of the person and in your papers, then say so."),
    TaskPurpose.DESTROY: _(
        "The person was erased. Destroy lists, papers and files that say who it was; registers of presence stay."
    ),
}


def _crumbs(*more: Any) -> list[Any]:
    return [(_("Tasks for requests of persons"), reverse("privacy:task-list")), *more]


def _task_for(request: HttpRequest, uuid: UUID) -> RightsTask:
    return get_object_or_404(selectors.tasks_for(request.user), uuid=uuid)


@require_safe
def task_list(request: HttpRequest) -> HttpResponse:
    """What the own bodies are asked, what waits first."""
    check_holds(request.user, Permission.ANSWER_RIGHTS_TASKS)
    page = Paginator(selectors.tasks_for(request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "columns": [
            Column(_("Case"), nowrap=True),
            Column(_("What is asked")),
            Column(_("Body")),
            Column(_("Answer by"), nowrap=True),
            Column(_("The answer")),
        ],
        "rows": [
            [
                Link(row.request.number, row.get_absolute_url(), row.get_purpose_display()),
                row.get_purpose_display(),
                row.organisation.name,
                row.due_on,
                answer_pill(row),
            ]
            for row in page
        ],
    }
    return render(request, "privacy/task_list.html", context)


@FORM
def task(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One task: what is asked, the own records concerned, the answer."""
    found = _task_for(request, uuid)
    form = TaskForm(
        posted(request),
        purpose=found.purpose,
        version=found.version,
        initial={"answer": found.answer, "codes": "\n".join(found.codes), "held": found.held},
    )
    if request.method == "POST" and form.is_valid():
        try:
            answer_task(task=found, version=version_of(form), **form.values(), by=request.user, at=clock.now())
        except DomainError as error:
            found.refresh_from_db(fields=["version"])
            form.add_refusal(error, version=found.version if isinstance(error, StaleError) else None)
        else:
            messages.success(request, _("Thank you: the data protection officer has your answer."))
            return redirect("privacy:task-list")
    records = [one for one in selectors.matched_records(found.request) if one.registered_by_id == found.organisation_id]
    if request.method != "POST":
        record_reading(
            by=request.user,
            organisation=found.organisation_id,
            kind=ReadKind.PAGE,
            page="privacy:task",
            subjects=records,
            purpose=f"{found.request.get_kind_display()}: {found.request.number}",
            at=clock.now(),
        )
    context = {
        "task": found,
        "form": form if found.request.is_open else None,
        "pill": answer_pill(found),
        "lead": LEADS[TaskPurpose(found.purpose)],
        "crumbs": _crumbs(found.request.number),
        "buttons": [Button(_("About whom"), reverse("privacy:task-person", args=[found.uuid]))]
        if found.request.destroyed_at is None
        else [],
        "facts": [
            (_("Case"), found.request.number),
            (_("Right"), found.request.get_kind_display()),
            (_("Programme"), found.request.programme.title),
            (_("Body"), found.organisation.name),
            (_("Answer by"), found.due_on),
            *((_("Your record"), Lines(_record(request.user, one), one.local_code)) for one in records),
        ],
    }
    return render(request, "privacy/task.html", context)


def _record(user: Any, beneficiary: Beneficiary) -> Any:
    """The pseudonym, with its page for whoever may open it: a head answers, and opens no records."""
    sees = holds(user, Permission.VIEW_BENEFICIARIES)
    return Link(beneficiary.pseudonym, beneficiary.get_absolute_url()) if sees else beneficiary.pseudonym


@FORM
def task_person(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Open about whom the body is asked: by POST, shown once, written down."""
    found = _task_for(request, uuid)
    form = StepForm(posted(request), submit_label=_("Open the name"), cancel_url=found.get_absolute_url())
    context = {
        "form": form,
        "heading": _("About whom"),
        "lead": _("The name is shown once, to look in your files. Who opened it and when is recorded."),
        "kicker": found.request.number,
        "crumbs": _crumbs((found.request.number, found.get_absolute_url()), _("About whom")),
        "back": found.get_absolute_url(),
    }
    if request.method == "POST" and form.is_valid():
        try:
            opened = open_for_body(task=found, by=request.user, at=clock.now())
        except DomainError as error:
            form.add_refusal(error)
        else:
            context["facts"] = person_facts(opened)
            answer = render(request, "privacy/person.html", context)
            answer["Cache-Control"] = "private, no-store"
            return answer
    return render(request, "privacy/form.html", context)


@FORM
def task_withdraw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Say that a body need not answer any more; for who handles the case."""
    found = get_object_or_404(RightsTask.objects.select_related("request", "organisation"), uuid=uuid)
    case = case_for(request, found.request.uuid)
    form = StepForm(
        posted(request),
        submit_label=_("Withdraw the task"),
        version=found.version,
        cancel_url=case.get_absolute_url(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            withdraw_task(task=found, version=version_of(form), by=request.user, at=clock.now())
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The task is withdrawn."))
            return redirect(case)
    context = {
        "form": form,
        "heading": _("Withdraw the task"),
        "lead": found.organisation.name,
        "kicker": case.number,
        "crumbs": case_crumbs((case.number, case.get_absolute_url()), _("Withdraw the task")),
    }
    return render(request, "privacy/form.html", context)
