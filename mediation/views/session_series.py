# SPDX-License-Identifier: EUPL-1.2
"""Pages for requests of several sessions: another one, one cancelled, no more to come."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from fami_portal.core import clock
from fami_portal.core.errors import DomainError, NotPermitted
from mediation.enums import RequestState, SessionState
from mediation.forms.sessions import AddSessionForm, CancelSessionForm
from mediation.permissions import can_coordinate, can_file, can_mediate
from mediation.selectors.request_rules import hours
from mediation.selectors.session_pages import cancelling_in_words
from mediation.services import sessions as services
from mediation.views.requests import crumbs_of, request_for, title_of
from mediation.views.sessions import check_records, posted, session_for, session_form, tried, when_and_where


@require_http_methods(["GET", "HEAD", "POST"])
def session_cancel(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """Cancel one of several sessions before it begins."""
    found = session_for(http, uuid)
    request = found.request
    coordinates = can_coordinate(http.user, request)
    if not (coordinates or can_mediate(http.user, request) or can_file(http.user, request.organisation_id)):
        raise NotPermitted(_("Only the school or service, the mediator and the coordinators can do this."))
    if http.method != "POST" and (found.state != SessionState.PLANNED or request.state != RequestState.CONFIRMED):
        return redirect(found)
    asks_side = coordinates and not can_mediate(http.user, request)
    form = CancelSessionForm(posted(http), asks_side=asks_side, cancel_url=found.get_absolute_url())
    if http.method == "POST" and form.is_valid():

        def act() -> None:
            services.cancel_session(
                session=found,
                reason=form.cleaned_data["reason"],
                absent=form.cleaned_data.get("absent", ""),
                by=http.user,
                at=clock.now(),
            )

        outcome = tried(http, form, act)
        if outcome == "done":
            messages.success(http, _("The session is cancelled."))
        if outcome != "refused":
            return redirect(request)
    lead = cancelling_in_words(found, at=clock.now())
    return session_form(http, found, form, _("Cancel the session"), lead, facts=when_and_where(found))


@require_http_methods(["GET", "HEAD", "POST"])
def session_add(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """Plan another session of a request."""
    request = request_for(http, uuid)
    check_records(http, request)
    if http.method != "POST" and request.state != RequestState.CONFIRMED:
        return redirect(request)
    form = AddSessionForm(posted(http), cancel_url=request.get_absolute_url())
    if http.method == "POST" and form.is_valid():

        def act() -> None:
            begin, end = form.moments()
            services.add_session(request=request, starts_at=begin, ends_at=end, by=http.user, at=clock.now())

        outcome = tried(http, form, act)
        if outcome == "done":
            messages.success(http, _("The session is planned: the other side has been told."))
        if outcome != "refused":
            return redirect(request)
    left = services.minutes_left(request)
    context = {
        "form": form,
        "heading": _("Plan another session"),
        "lead": _("Of the %(asked)s asked, %(left)s are not planned yet.")
        % {"asked": hours(request.minutes_asked), "left": hours(max(left, 0))},
        "kicker": title_of(request),
        "programme": request.programme,
        "crumbs": crumbs_of(request, _("Plan another session")),
        "facts": (),
    }
    return render(http, "mediation/session_form.html", context, status=422 if form.errors else 200)


@require_POST
def session_finish(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """Say that no other session follows."""
    request = request_for(http, uuid)
    asks_author = check_records(http, request)
    author = request.mediator.name if asks_author and request.mediator is not None else ""
    try:
        services.finish(request=request, by=http.user, at=clock.now(), on_behalf_of=author)
    except DomainError as error:
        messages.error(http, str(error))
    else:
        messages.success(http, _("No other session follows: now the report."))
    return redirect(request)
