# SPDX-License-Identifier: EUPL-1.2
"""Pages of the core app: jobs, notifications, documents, the session, public information."""

import time
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fami_portal.core import clock, documents, jobs, outbox, support, unsent
from fami_portal.core.components import Button, Column, Link, Pill
from fami_portal.core.enums import FilePurpose, JobState
from fami_portal.core.errors import DomainError
from fami_portal.core.forms import PortalForm
from fami_portal.core.middleware import BACKGROUND_HEADER, SEEN_AT, seconds_left
from fami_portal.core.models import Document, Job
from fami_portal.core.templatetags.ui import file_size

PAGE_SIZE = 25
JOB_COLOURS = {
    JobState.QUEUED: "secondary",
    JobState.RUNNING: "info",
    JobState.DONE: "success",
    JobState.DEAD: "danger",
}


def _pill(job: Job) -> Pill:
    return Pill(JobState(job.state).label, JOB_COLOURS[JobState(job.state)])


@require_safe
def job_list(request: HttpRequest) -> HttpResponse:
    """The background work that the person asked for."""
    page = Paginator(jobs.jobs_of(request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    columns = [Column(_("Work")), Column(_("Asked on"), nowrap=True), Column(_("State")), Column(_("Result"))]
    rows = [
        [
            Link(jobs.label_of(job), job.get_absolute_url()),
            job.created_at,
            _pill(job),
            Link(job.result.name, job.result.get_absolute_url()) if job.result else None,
        ]
        for job in page
    ]
    return render(request, "core/job_list.html", {"page": page, "columns": columns, "rows": rows})


@never_cache
@require_safe
def job(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One job; while it is unfinished the page refreshes its progress by itself."""
    found = jobs.job_for(request.user, uuid)
    retry = Button(_("Start again"), found.get_absolute_url() + "retry/", method="post")
    context = {
        "job": found,
        "label": jobs.label_of(found),
        "pill": _pill(found),
        "running": not found.is_finished,
        "dead": found.state == JobState.DEAD,
        # Work that read a file cannot begin again: the file went with its end.
        "buttons": [retry] if found.state == JobState.DEAD and found.upload_id is None else [],
        "background_header": BACKGROUND_HEADER,
    }
    fragment = bool(request.headers.get("HX-Request"))
    response = render(request, "core/_job.html" if fragment else "core/job.html", context)
    response["Vary"] = "HX-Request"
    return response


@require_POST
def job_retry(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Start a stopped job again."""
    found = jobs.job_for(request.user, uuid)
    try:
        jobs.retry_job(job=found, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect(found.get_absolute_url())


@require_safe
def notifications(request: HttpRequest) -> HttpResponse:
    """What the portal told the person."""
    page = Paginator(outbox.inbox(request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "core/notifications.html", {"page": page})


@require_POST
def notifications_read(request: HttpRequest) -> HttpResponse:
    """Mark all notifications as read."""
    outbox.mark_all_read(by=request.user)
    return redirect("core:notifications")


@require_POST
def notification_open(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Mark a notification as read and go where it leads."""
    message = outbox.mark_read(by=request.user, uuid=uuid)
    return redirect(message.url or "core:notifications")


class OpenFileForm(PortalForm):
    """Why a file that carries names is opened; the usual reason is there already, so that it costs one click."""

    submit_label = _("Open the file")
    purpose = forms.ChoiceField(
        label=_("Why do you open it?"),
        choices=FilePurpose.choices,
        initial=FilePurpose.CASE,
        widget=forms.RadioSelect,
    )
    details = forms.CharField(
        label=_("Details"),
        required=False,
        max_length=200,
        help_text=_("Needed for “something else”. Without names."),
    )

    def clean(self) -> dict[str, Any]:
        """Ask for details where the reason alone says nothing."""
        data = super().clean() or self.cleaned_data
        if data.get("purpose") == FilePurpose.OTHER and not data.get("details", "").strip():
            self.add_error("details", _("Write why: whoever reads it later must understand it."))
        return data

    def _way_out(self) -> Any:
        return _("Back to the case")

    def purpose_text(self) -> str:
        """Return the reason as it is recorded."""
        reason = FilePurpose(self.cleaned_data["purpose"]).label
        details = self.cleaned_data["details"].strip()
        return f"{reason}: {details}" if details else str(reason)


@require_http_methods(["GET", "HEAD", "POST"])
def document(request: HttpRequest, uuid: UUID) -> Any:
    """Hand out a private document to those whom its kind allows; one that carries names by POST, with a reason."""
    found = documents.document_for(request.user, uuid)
    if not documents.is_identity(found):
        if request.method == "POST":
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return documents.deliver(request.user, found)
    back = documents.page_of(found)
    context: dict[str, Any] = {"document": found, "back": back, "label": documents.label_of(found)}
    if found.destroyed_at is None:
        form = OpenFileForm(request.POST if request.method == "POST" else None, cancel_url=back)
        context["form"] = form
        if request.method == "POST" and form.is_valid():
            try:
                return documents.deliver_identity(request.user, found, purpose=form.purpose_text(), at=clock.now())
            except DomainError as error:
                form.add_refusal(error)
    context["facts"] = _document_facts(found)
    return render(request, "core/document.html", context)


def _document_facts(found: Document) -> list[tuple[Any, Any]]:
    facts: list[tuple[Any, Any]] = [
        (_("File"), found.name),
        (_("Size"), file_size(found.size)),
        (_("Sent on"), found.created_at),
    ]
    if found.destroyed_at is not None:
        facts += [(_("Destroyed on"), found.destroyed_at), (_("Fingerprint (SHA-256)"), found.sha256)]
    return facts


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def session(request: HttpRequest) -> HttpResponse:
    """Say how long the session lasts; a POST keeps it alive."""
    if request.method == "POST":
        request.session[SEEN_AT] = int(time.time())
    return JsonResponse({"seconds_left": max(seconds_left(request), 0)})


@never_cache
@require_safe
def unsent_form(request: HttpRequest) -> HttpResponse:
    """The form that could not be sent because the session had ended, for the person who typed it."""
    kept = unsent.read(request)
    if kept is None:
        return redirect("home")
    return render(request, "core/unsent.html", {"unsent": kept, "kept": True})


@require_POST
def unsent_discard(request: HttpRequest) -> HttpResponse:
    """Throw the unsent form away."""
    unsent.discard(request)
    messages.info(request, _("The data that were not sent have been deleted."))
    return redirect("home")


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """The privacy notice of the portal."""
    return render(request, "core/privacy.html")


@login_not_required
@require_safe
def legal_notes(request: HttpRequest) -> HttpResponse:
    """Legal notes and licence of the contents."""
    return render(request, "core/legal_notes.html")


@login_not_required
@require_safe
def faq(request: HttpRequest) -> HttpResponse:
    """Frequently asked questions."""
    return render(request, "core/faq.html")


class ProblemForm(PortalForm):
    """What went wrong, in the person's words."""

    submit_label = _("Send the report")
    text = forms.CharField(
        label=_("What happened?"),
        help_text=_("Say what you wanted to do and what you saw. Do not write names or data of recipients."),
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=4000,
    )
    reply_to = forms.EmailField(
        label=_("E-mail address for the answer"), required=False, help_text=_("Only if you want an answer.")
    )
    page = forms.CharField(required=False, max_length=300, widget=forms.HiddenInput)
    reference = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def report_problem(request: HttpRequest) -> HttpResponse:
    """Report a problem; the page and its reference travel with the words."""
    signed_in = request.user.is_authenticated
    first = {
        "page": request.GET.get("page", "")[:300],
        "reference": request.GET.get("ref", "")[:64],
        "reply_to": request.user.email if signed_in else "",
    }
    form = ProblemForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            support.check_not_too_many(str(request.user.pk) if signed_in else request.META.get("REMOTE_ADDR", ""))
            support.report_problem(
                by=request.user if signed_in else None,
                text=data["text"],
                page=data["page"],
                reference=data["reference"],
                reply_to=data["reply_to"],
                key=form.submission_key,
            )
            return redirect("core:report-problem-sent")
        except DomainError as error:
            form.add_refusal(error)
    return render(request, "core/report_problem.html", {"form": form})


@login_not_required
@require_safe
def report_problem_sent(request: HttpRequest) -> HttpResponse:
    """Thank the person and say what happens next."""
    return render(request, "core/report_problem_sent.html")
