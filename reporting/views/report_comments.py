# SPDX-License-Identifier: EUPL-1.2
"""The comments on single items of an activity report: asked, answered and settled one by one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from fami_portal.core import clock
from fami_portal.core.components import Pill
from fami_portal.core.errors import DomainError, NotPermitted
from reporting import permissions
from reporting.enums import ActivityReportState
from reporting.forms.activity_reports import AnswerForm, CommentForm
from reporting.models import ActivityReport, ReportComment
from reporting.selectors import report_items
from reporting.services import report_rounds
from reporting.views.activity_reports import crumbs_of, report_for
from reporting.workflow import EDITABLE


@require_http_methods(["GET", "HEAD", "POST"])
def activity_report_comments(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Every comment with its answer; whose turn it is can comment, answer or settle here."""
    report = report_for(request, uuid)
    items = report_items.known_items(report)
    refused: dict[str, Any] = {}
    if request.method == "POST":
        answer = _act(request, report, items, refused)
        if answer is not None:
            return answer
        report = report_for(request, uuid)
    return _page(request, report, items, refused)


def _act(
    request: HttpRequest, report: ActivityReport, items: dict[str, str], refused: dict[str, Any]
) -> HttpResponse | None:
    """Do what was asked; None with the form in `refused` when something typed is to be mended."""
    act = request.POST.get("act", "")
    allowed = permissions.check_can_edit_report if act == "answer" else permissions.check_can_validate_report
    try:
        allowed(request.user, report)
    except NotPermitted as error:
        raise PermissionDenied(str(error)) from error
    comment = None
    form: Any = None
    if act in ("answer", "settle"):
        comment = get_object_or_404(
            ReportComment.objects.select_related("report"), report=report, uuid=_uuid(request.POST.get("comment", ""))
        )
    if act == "answer":
        form = AnswerForm(request.POST, prefix=str(comment.pk) if comment else None)
    elif act != "settle":
        form = CommentForm(request.POST, items=items)
    if form is not None and not form.is_valid():
        refused[str(comment.pk) if comment else ""] = form
        return None
    try:
        if act == "settle" and comment:
            report_rounds.settle(comment=comment, by=request.user, at=clock.now())
            done = _("Comment settled.")
        elif act == "answer" and comment:
            report_rounds.answer(comment=comment, text=form.cleaned_data["text"], by=request.user, at=clock.now())
            done = _("Answer saved: the coordinator reads it when you submit the report.")
        else:
            report_rounds.comment_on(
                report=report,
                item=form.cleaned_data["item"],
                text=form.cleaned_data["text"],
                by=request.user,
                at=clock.now(),
                key=form.submission_key,
            )
            done = _("Comment added: the body reads it when you return the report.")
    except DomainError as error:
        if form is None:
            messages.error(request, str(error))
            return redirect("reporting:activity-report-comments", uuid=report.uuid)
        form.add_refusal(error)
        refused[str(comment.pk) if comment else ""] = form
        return None
    messages.success(request, done)
    return redirect("reporting:activity-report-comments", uuid=report.uuid)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def _page(request: HttpRequest, report: ActivityReport, items: dict[str, str], refused: dict[str, Any]) -> HttpResponse:
    may_answer = report.state in EDITABLE and permissions.can_edit_report(request.user, report)
    judges = permissions.can_validate_report(request.user, report)
    asking = judges and report.state == ActivityReportState.SUBMITTED
    settling = judges and report.state in (ActivityReportState.SUBMITTED, ActivityReportState.RETURNED)
    rows = []
    for comment in report_items.comments_of(report, request.user):
        open_now = comment.resolved_at is None
        form = refused.get(str(comment.pk))
        if form is None and may_answer and open_now:
            form = AnswerForm(prefix=str(comment.pk), initial={"text": comment.answer})
        if form is not None:
            form.helper.form_tag = False
        rows.append(
            {
                "comment": comment,
                "item": items.get(comment.item, comment.item.partition(":")[2]),
                "pill": Pill(comment.status(), _colour(comment)),
                "form": form,
                "may_settle": settling and open_now,
            }
        )
    form = refused.get("") or (CommentForm(items=items, initial={"item": request.GET.get("item")}) if asking else None)
    if form is not None:
        form.helper.form_action = reverse("reporting:activity-report-comments", args=[report.uuid])
    title = _("Comments on single items")
    return render(
        request,
        "reporting/activity_report_comments.html",
        {
            "report": report,
            "programme": report.programme,
            "title": title,
            "rows": rows,
            # The errors of this form change the title of the page.
            "form": next(iter(refused.values()), None) or form,
            "new_form": form,
            "crumbs": crumbs_of(report, title),
        },
        status=422 if refused else 200,
    )


def _colour(comment: ReportComment) -> str:
    if comment.resolved_at is not None:
        return "success"
    if comment.answered_at is not None:
        return "info"
    return "warning" if comment.sent_at is not None else "secondary"
