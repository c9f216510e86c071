# SPDX-License-Identifier: EUPL-1.2
"""The sheets as files: A.1 and A.3, A.2 and A.4, the sheet to fill in by hand and its photograph."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from fami_portal.core import clock
from fami_portal.core.components import Link
from fami_portal.core.documents import clean_name
from fami_portal.core.errors import DomainError, NotPermitted
from mediation.enums import RequestState
from mediation.forms.sheets import AttachSheetForm
from mediation.permissions import can_view_case
from mediation.rendering import annexes
from mediation.services import paper
from mediation.views.reports import report_for
from mediation.views.requests import may_know_court, request_for
from mediation.views.sessions import check_records, posted, session_for, tried
from partners.permissions import holds


def pdf(content: bytes, name: str) -> HttpResponse:
    """Answer with a sheet to keep, which no cache holds."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{clean_name(name)}"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def annex_request(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """What was asked, as filed; the case only for those who may read it."""
    request = request_for(http, uuid)
    if request.state == RequestState.DRAFT:
        return redirect(request)
    case = can_view_case(http.user, request)
    content = annexes.request_sheet(request, with_case=case, with_judicial=case and may_know_court(http.user, request))
    return pdf(content, f"{request.number}-richiesta.pdf")


@require_safe
def annex_report(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """The report as filed, with its signatures."""
    request, report = report_for(http, uuid)
    if report is None or report.filed_at is None:
        messages.error(http, _("The report has not been filed yet."))
        return redirect(request)
    return pdf(annexes.report_sheet(http.user, request, report), f"{request.number}-scheda.pdf")


@require_POST
def session_sheet(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """Print the sheet to fill in by hand, with its code."""
    session = session_for(http, uuid)
    check_records(http, session.request)
    try:
        sheet = paper.print_sheet(session=session, by=http.user, at=clock.now())
    except DomainError as error:
        messages.error(http, str(error))
        return redirect(session)
    return pdf(annexes.paper_sheet(session, sheet), f"{session.request.number}-foglio-{session.position}.pdf")


@require_http_methods(["GET", "HEAD", "POST"])
def sheet_attach(http: HttpRequest) -> HttpResponse:
    """Hand in the photograph of a signed sheet: its code finds the session."""
    if not (holds(http.user, Permission.MEDIATE) or holds(http.user, Permission.COORDINATE_MEDIATION)):
        raise NotPermitted(_("Only mediators and coordinators hand in signed sheets."))
    form = AttachSheetForm(posted(http), http.FILES or None, cancel_url=reverse("home"))
    if http.method == "POST" and form.is_valid():
        found = []

        def act() -> None:
            found.append(
                paper.attach_sheet(
                    name=form.cleaned_data["file"].name,
                    content=form.cleaned_data["file"],
                    code=form.cleaned_data["code"],
                    signer_name=form.cleaned_data["signer_name"],
                    by=http.user,
                    at=clock.now(),
                )
            )

        outcome = tried(http, form, act)
        if outcome == "done":
            session = found[0]
            messages.success(http, _("The signed sheet is attached to the session of its code."))
            return redirect(session)
        if outcome == "late":
            return redirect("mediation:sheet-attach")
    heading = _("Hand in a signed sheet")
    context = {
        "form": form,
        "heading": heading,
        "lead": _("For sheets printed in the portal and signed on paper by both."),
        "kicker": "",
        "programme": None,
        "crumbs": [Link(_("Home"), reverse("home")), Link(heading, "")],
        "facts": (),
    }
    return render(http, "mediation/session_form.html", context, status=422 if form.errors else 200)
