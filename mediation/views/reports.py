# SPDX-License-Identifier: EUPL-1.2
"""Pages of a report: read, written as a draft, checked and filed."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from fami_portal.core import clock
from fami_portal.core.components import Button, Link
from fami_portal.core.errors import DomainError, NotPermitted, TransitionNotAllowed
from fami_portal.core.forms import PortalForm
from mediation.enums import INTERVENTIONS, Intervention, RequestState
from mediation.forms.reports import ReportForm
from mediation.models import InterventionReport, MediationRequest
from mediation.permissions import can_mediate, can_view_case
from mediation.selectors.report_facts import facts_of, reads_culture, title_of_report
from mediation.selectors.reports import (
    SERVICE_FIELDS,
    WRITABLE,
    is_service,
    missing,
    prefilled,
    report_of,
    signatures_of,
)
from mediation.selectors.request_rules import hours
from mediation.selectors.session_pages import annex_links, pill_of, sessions_of, signature_line, when_of
from mediation.services import reports as services
from mediation.services.reports.writing import NOT_BEGUN, WRITING_STATES
from mediation.services.sessions.common import settings_for
from mediation.views.requests import crumbs_of, request_for, title_of
from mediation.views.requests import pill_of as request_pill
from mediation.views.sessions import check_records, posted, tried, version_of


def report_crumbs(request: MediationRequest, *here: str, reader: Any) -> list[Link]:
    """Return the way to the report, or to a page under it."""
    trail = crumbs_of(request, title_of_report(request), *here, reader=reader)
    if here:
        trail[-1 - len(here)] = Link(title_of_report(request), reverse("mediation:report", args=[request.uuid]))
    return trail


def report_for(http: HttpRequest, uuid: UUID) -> tuple[MediationRequest, InterventionReport | None]:
    """Return the request and its report for those who read the case: 404 for strangers, 403 for others who see it."""
    request = request_for(http, uuid)
    if not can_view_case(http.user, request):
        raise NotPermitted(_("The report is read by the body, its coordinators and the mediator."))
    return request, report_of(request)


def session_lines(request: MediationRequest) -> list[dict[str, Any]]:
    """Return the sessions that the report is about."""
    return [
        {
            "url": row.get_absolute_url(),
            "when": when_of(row.actual_from or row.planned_from, row.actual_until or row.planned_until),
            "mediator": row.mediator.name,
            "minutes": hours(row.minutes) if row.minutes else "",
            "new_time": "",
            "charged": hours(row.charged_minutes) if row.charged_minutes else "",
            "absent": row.get_absent_display(),
            "pill": pill_of(row),
        }
        for row in sessions_of(request)
    ]


def shown(user: Any, request: MediationRequest, report: InterventionReport) -> dict[str, Any]:
    """Return what every page that shows the report draws."""
    return {
        "programme": request.programme,
        "request_": request,
        "kicker": title_of(request),
        "lead": request.organisation.name,
        "pill": request_pill(request),
        "facts": facts_of(user, request, report),
        "section": {"sessions": session_lines(request)},
        "signatures": [signature_line(row) for row in signatures_of(report)],
    }


def _not_now(request: MediationRequest) -> str:
    """Say why there is no report to write, before the meeting or after the signature."""
    if report_of(request) is None:
        return _("The report is written when the meeting is over and recorded.")
    return _("The report is signed: to correct it, somebody reopens it with a reason.")


@require_safe
def report(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """The report as it is, with its signatures."""
    request, found = report_for(http, uuid)
    if found is None:
        messages.info(http, _not_now(request))
        return redirect(request)
    buttons = []
    if can_mediate(http.user, request) and request.state in WRITING_STATES:
        buttons = [Button(_("Write the report"), reverse("mediation:report-edit", args=[request.uuid]))]
    context = {
        **shown(http.user, request, found),
        "heading": title_of_report(request),
        "crumbs": report_crumbs(request, reader=http.user),
        "buttons": buttons,
        "files": annex_links(request, with_report=found.filed_at is not None),
    }
    return render(http, "mediation/report.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def report_edit(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """Write the report; what is saved may be incomplete."""
    request = request_for(http, uuid)
    asks_author = check_records(http, request)
    found = report_of(request)
    if http.method != "POST" and request.state not in WRITING_STATES:
        messages.info(http, _not_now(request))
        return redirect(request)
    initial = {name: getattr(found, name) for name in WRITABLE} if found is not None else prefilled(request)
    form = ReportForm(
        posted(http),
        initial=initial,
        interventions=_offered(request),
        needs=settings_for(request).needs,
        is_service=is_service(request),
        asks_author=asks_author,
        author=request.mediator.name if request.mediator is not None else "",
        version=found.version if found is not None else NOT_BEGUN,
        cancel_url=request.get_absolute_url(),
    )
    # The cultural elements are the service's and the mediator's: a coordinator who types keeps them as they are.
    if not reads_culture(http.user, request):
        form.fields.pop(SERVICE_FIELDS[1], None)
    if http.method == "POST" and form.is_valid():

        def act() -> None:
            services.save_report(
                request=request,
                values=form.values(),
                version=version_of(form),
                on_behalf_of=form.author,
                by=http.user,
                at=clock.now(),
            )

        outcome = tried(http, form, act, stale=lambda: _version_now(request))
        if outcome == "late":
            return redirect(request)
        if outcome == "done":
            messages.success(http, _("Draft saved."))
            return redirect("mediation:report-file", uuid=request.uuid)
    context = {
        "form": form,
        "heading": _("Write the report"),
        "lead": _("You can save an incomplete draft and come back."),
        "kicker": title_of(request),
        "programme": request.programme,
        "crumbs": report_crumbs(request, _("Write the report"), reader=http.user),
        "facts": (),
    }
    return render(http, "mediation/session_form.html", context, status=422 if form.errors else 200)


def _offered(request: MediationRequest) -> list[tuple[str, Any]]:
    codes = [*INTERVENTIONS.get(request.kind, ()), *request.interventions]  # type: ignore[call-overload]
    labels = dict(Intervention.choices)
    return [(code, labels.get(code, code)) for code in dict.fromkeys(str(code) for code in codes)]


def _version_now(request: MediationRequest) -> int:
    found = report_of(request)
    return found.version if found is not None else NOT_BEGUN


def _filed_in_words(request: MediationRequest) -> str:
    if request.state == RequestState.COUNTERSIGNED:
        return _("Report filed: both signatures are on the sheet, the coordinator has been told.")
    return _("Report filed: the school or service has been asked to countersign it.")


@require_http_methods(["GET", "HEAD", "POST"])
def report_file(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """Check what was written, then file it: this is the mediator's signature."""
    request = request_for(http, uuid)
    asks_author = check_records(http, request)
    found = report_of(request)
    if found is None or (http.method != "POST" and request.state not in WRITING_STATES):
        return redirect(request)
    form = PortalForm(posted(http), version=found.version, cancel_url=request.get_absolute_url())
    form.submit_label = _("Sign and file the report")
    if http.method == "POST" and form.is_valid():
        try:
            services.file_report(
                request=request,
                values={},
                version=version_of(form),
                by=http.user,
                at=clock.now(),
                on_behalf_of=request.mediator.name if asks_author and request.mediator is not None else "",
            )
        except NotPermitted:
            raise
        except TransitionNotAllowed as error:
            messages.error(http, str(error))
            return redirect(request)
        except services.ReportHasProblemsError:
            form.add_refusal(DomainError(_("The report cannot be filed yet: add what the list asks for.")))
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(http, _filed_in_words(request))
            return redirect(request)
    edit = reverse("mediation:report-edit", args=[request.uuid])
    context = {
        **shown(http.user, request, found),
        "heading": _("Check and file the report"),
        "crumbs": report_crumbs(request, _("Check and file the report"), reader=http.user),
        "form": form,
        "missing": [row.sentence for row in missing(request, found, settings_for(request))],
        "edit": Link(_("Change the report"), edit),
        "declaration": _("By filing it you sign it: the sessions and the report can no longer be changed."),
        "movement": (),
    }
    return render(http, "mediation/report_check.html", context, status=422 if form.errors else 200)
