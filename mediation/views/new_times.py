# SPDX-License-Identifier: EUPL-1.2
"""Pages of another time for a session: proposed by one side, answered by the other."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from fami_portal.core import clock
from fami_portal.core.errors import NotPermitted
from mediation.enums import RequestState, SessionState, SignerRole
from mediation.forms.sessions import AnswerForm, NewTimeForm, TimesForm
from mediation.models import MediationRequest
from mediation.permissions import can_coordinate, can_file, can_mediate
from mediation.selectors.session_pages import when_of
from mediation.services import sessions as services
from mediation.views.sessions import posted, session_for, session_form, tried


def _check_side(user: Any, request: MediationRequest) -> None:
    if not (can_mediate(user, request) or can_coordinate(user, request) or can_file(user, request.organisation_id)):
        raise NotPermitted(_("Only the school or service, the mediator and the coordinators can do this."))


@require_http_methods(["GET", "HEAD", "POST"])
def session_new_time(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """Propose another time; the old one stands until the other side answers."""
    found = session_for(http, uuid)
    _check_side(http.user, found.request)
    if http.method != "POST" and (found.request.state != RequestState.CONFIRMED or found.state != SessionState.PLANNED):
        return redirect(found)
    form = NewTimeForm(
        posted(http),
        initial=TimesForm.initial_of(found.planned_from, found.planned_until),
        cancel_url=found.get_absolute_url(),
    )
    if http.method == "POST" and form.is_valid():

        def act() -> None:
            begin, end = form.moments()
            services.propose_new_time(
                session=found,
                starts_at=begin,
                ends_at=end,
                reason=form.cleaned_data["reason"],
                by=http.user,
                at=clock.now(),
            )

        outcome = tried(http, form, act)
        if outcome == "done":
            messages.success(http, _("New time proposed: the other side has been asked."))
        if outcome != "refused":
            return redirect(found.request)
    return session_form(
        http,
        found,
        form,
        _("Propose a new time"),
        _("The time planned stands until the other side confirms."),
        facts=[(_("Planned"), when_of(found.planned_from, found.planned_until))],
    )


@require_http_methods(["GET", "HEAD", "POST"])
def session_new_time_answer(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """Confirm the time that the other side proposed, or keep the old one."""
    found = session_for(http, uuid)
    request = found.request
    _check_side(http.user, request)
    if http.method != "POST" and (request.state != RequestState.RESCHEDULED or found.proposed_from is None):
        return redirect(found)
    mediates, files = can_mediate(http.user, request), can_file(http.user, request.organisation_id)
    own_side = SignerRole.MEDIATOR if mediates else SignerRole.REQUESTER
    coordinates = can_coordinate(http.user, request) and not (mediates or files)
    form = AnswerForm(
        posted(http),
        asks_author=coordinates,
        may_accept=coordinates or own_side != found.proposed_side,
        cancel_url=found.get_absolute_url(),
    )
    if http.method == "POST" and form.is_valid():
        accept = form.cleaned_data["answer"] == "yes"

        def act() -> None:
            services.answer_new_time(
                session=found, accept=accept, by=http.user, at=clock.now(), on_behalf_of=form.author
            )

        outcome = tried(http, form, act, fields={"starts_at": "answer"})
        if outcome == "done":
            messages.success(http, _("The new time is confirmed.") if accept else _("The old time stands."))
        if outcome != "refused":
            return redirect(request)
    return session_form(
        http,
        found,
        form,
        _("Answer the new time"),
        facts=[
            (_("Planned"), when_of(found.planned_from, found.planned_until)),
            (_("New time proposed"), when_of(found.proposed_from, found.proposed_until)),
            (_("Proposed by"), found.get_proposed_side_display()),
        ],
    )
