# SPDX-License-Identifier: EUPL-1.2
"""Pages on which something is done to the report of a network or of the region."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from fami_portal.core import clock
from fami_portal.core.errors import DomainError, NotPermitted
from fami_portal.core.forms import PortalForm
from reporting import permissions
from reporting.enums import MergedReportState
from reporting.forms.activity_reports import GapsForm, MergedForm, MergedReasonForm
from reporting.models import MergedReport
from reporting.selectors import merged_reports as selectors
from reporting.services import merged_reports as services
from reporting.views.activity_report_acts import save_draft, version_of
from reporting.views.merged_reports import boxes_of, crumbs_of, merged_for, name_of, parts_table
from reporting.workflow import WRITABLE


def _check(allowed: Callable[..., None], user: Any, report: MergedReport) -> None:
    try:
        allowed(user, report)
    except NotPermitted as error:
        raise PermissionDenied(str(error)) from error


def _form(request: HttpRequest, report: MergedReport) -> MergedForm:
    return MergedForm(
        request.POST if request.method == "POST" else None,
        initial={name: getattr(report, name) for name in (*MergedReport.NARRATIVE, "problem_origins")},
        version=report.version,
        cancel_url=report.get_absolute_url(),
        draft_url=reverse("reporting:merged-report-draft", args=[report.uuid]),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def merged_report_write(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The six boxes beside the texts of the reports below."""
    report = merged_for(request, uuid)
    _check(permissions.check_can_write_merged, request.user, report)
    if request.method != "POST" and report.state not in WRITABLE:
        return redirect(report)
    form = _form(request, report)
    if request.method == "POST" and form.is_valid():
        try:
            services.save_merged(
                report=report,
                values=form.values(),
                version=version_of(form.cleaned_data["version"]),
                by=request.user,
            )
        except DomainError as error:
            report.refresh_from_db()
            form.add_refusal(error, version=report.version)
        else:
            messages.success(request, _("Draft saved."))
            return redirect(report)
    form.helper.form_tag = False
    boxes = boxes_of(report, selectors.parts_of(report))
    for box in boxes:
        box["field"] = form[box["name"]]
    title = _("Write the report")
    return render(
        request,
        "reporting/merged_report_write.html",
        {
            "report": report,
            "programme": report.programme,
            "name": name_of(report),
            "title": title,
            "form": form,
            "boxes": boxes,
            "draft_url": reverse("reporting:merged-report-draft", args=[report.uuid]),
            "crumbs": crumbs_of(report, title),
        },
        status=422 if form.errors else 200,
    )


@require_POST
def merged_report_draft(request: HttpRequest, uuid: UUID) -> JsonResponse:
    """Save what is being typed, whenever the person pauses."""
    report = merged_for(request, uuid)
    _check(permissions.check_can_write_merged, request.user, report)
    return save_draft(
        _form(request, report),
        lambda values, version: services.save_merged(report=report, values=values, version=version, by=request.user),
        report,
    )


@require_POST
def merged_report_compose(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Fill the empty boxes with the texts of the reports below."""
    report = merged_for(request, uuid)
    _check(permissions.check_can_write_merged, request.user, report)
    try:
        filled = services.compose(report=report, by=request.user, at=clock.now())
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(report)
    if filled:
        words = ngettext(
            "%(number)s box filled: read it and shorten it.", "%(number)s boxes filled: read and shorten them.", filled
        )
        messages.success(request, words % {"number": filled})
    else:
        messages.info(request, _("Nothing to fill in: the boxes are written, or no report below has been filed."))
    return redirect("reporting:merged-report-write", uuid=report.uuid)


def _act_page(
    request: HttpRequest,
    report: MergedReport,
    form: PortalForm,
    act: Callable[[], None],
    *,
    title: str,
    lead: str,
    done: str,
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            act()
        except NotPermitted as error:
            raise PermissionDenied(str(error)) from error
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, done)
            return redirect(report)
    parts = selectors.parts_of(report)
    return render(
        request,
        "reporting/merged_report_act.html",
        {
            "report": report,
            "programme": report.programme,
            "name": name_of(report),
            "title": title,
            "lead": lead,
            "form": form,
            "boxes": boxes_of(report, parts),
            "crumbs": crumbs_of(report, title),
            **parts_table(parts),
        },
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def merged_report_submit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Check the report, then submit it to the region; that of the region is concluded."""
    report = merged_for(request, uuid)
    region = report.network_id is None
    _check(
        permissions.check_can_conclude_merged if region else permissions.check_can_write_merged, request.user, report
    )
    if request.method != "POST" and report.state not in WRITABLE:
        return redirect(report)
    form = GapsForm(request.POST if request.method == "POST" else None, cancel_url=report.get_absolute_url())
    form.submit_label = _("Conclude the report") if region else _("Submit to the region")
    if all(part.settled for part in selectors.parts_of(report)):
        del form.fields["with_gaps"]
    service = services.conclude if region else services.submit
    return _act_page(
        request,
        report,
        form,
        lambda: service(
            report=report, by=request.user, at=clock.now(), with_gaps=bool(form.cleaned_data.get("with_gaps"))
        ),
        title=_("Check and conclude") if region else _("Check and submit"),
        lead=_("What you write here are words: the figures are those of the results ledger."),
        done=_("Report of the region concluded.") if region else _("Report submitted: the region has been told."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def merged_report_decide(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Accept the report of a network."""
    report = merged_for(request, uuid)
    _check(permissions.check_can_decide_merged, request.user, report)
    if request.method != "POST" and report.state != MergedReportState.SUBMITTED:
        return redirect(report)
    form = PortalForm(request.POST if request.method == "POST" else None, cancel_url=report.get_absolute_url())
    form.submit_label = _("Accept the report")
    return _act_page(
        request,
        report,
        form,
        lambda: services.accept(report=report, by=request.user, at=clock.now()),
        title=_("Accept the report of the network"),
        lead=_("An accepted report is frozen and enters that of the region."),
        done=_("Report accepted: the network has been told."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def merged_report_return(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Return a submitted report, or open an accepted one again, with the reason."""
    report = merged_for(request, uuid)
    accepted = report.state == MergedReportState.ACCEPTED
    check = permissions.check_can_conclude_merged if accepted else permissions.check_can_decide_merged
    _check(check, request.user, report)
    if request.method != "POST" and report.state in WRITABLE:
        return redirect(report)
    form = MergedReasonForm(request.POST if request.method == "POST" else None, cancel_url=report.get_absolute_url())
    form.submit_label = _("Reopen the report") if accepted else _("Return the report")
    service = services.reopen if accepted else services.return_merged
    return _act_page(
        request,
        report,
        form,
        lambda: service(report=report, comment=form.cleaned_data["comment"], by=request.user, at=clock.now()),
        title=_("Reopen the report") if accepted else _("Return for changes"),
        lead=_("Who writes it corrects it and submits it again."),
        done=_("Report reopened.") if accepted else _("Report returned: the network has been told."),
    )
