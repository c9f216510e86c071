# SPDX-License-Identifier: EUPL-1.2
"""Pages of sessions: one session, recorded, not held, cancelled, another one planned."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from fami_portal.core import clock
from fami_portal.core.audit import timeline
from fami_portal.core.components import Button, Entry, Link
from fami_portal.core.errors import DomainError, NotPermitted, StaleError, TransitionNotAllowed
from mediation.enums import RequestState, SessionState
from mediation.forms.sessions import NotHeldForm, RecordForm, TimesForm
from mediation.models import MediationRequest, MediationSession
from mediation.permissions import can_coordinate, can_file, can_mediate, can_view_case
from mediation.selectors.request_rules import hours
from mediation.selectors.session_pages import pill_of, when_of
from mediation.services import sessions as services
from mediation.services.paper import HANDING_IN_STATES
from mediation.views.requests import crumbs_of, request_for, title_of
from partners.models import Language

# While the report is not signed, what was recorded can be put right.
_CORRECTING = (RequestState.CONFIRMED, RequestState.HELD, RequestState.REOPENED)
RECORDABLE_STATES = (SessionState.HELD, SessionState.NOT_HELD)


def session_for(http: HttpRequest, uuid: UUID) -> MediationSession:
    """Return the session for those who see its request; strangers get 404."""
    session = get_object_or_404(
        MediationSession.objects.visible_to(http.user).select_related("request", "mediator", "language"), uuid=uuid
    )
    session.request = request_for(http, session.request.uuid)
    return session


def title_of_session(session: MediationSession) -> str:
    """Return what a session is called: the day on which it is or was."""
    moment = timezone.localtime(session.actual_from or session.planned_from)
    return _("Session of %(day)s") % {"day": f"{moment:%d/%m/%Y}"}


def crumbs(session: MediationSession, *here: Any, reader: Any) -> list[Link]:
    """Return the way to the session, or to a page under it."""
    trail = crumbs_of(session.request, title_of_session(session), *here, reader=reader)
    if here:
        trail[-1 - len(here)] = Link(title_of_session(session), session.get_absolute_url())
    return trail


def session_form(
    http: HttpRequest, session: MediationSession, form: Any, heading: str, lead: str = "", facts: Any = ()
) -> HttpResponse:
    """Return the page of a form about the session."""
    context = {
        "form": form,
        "heading": heading,
        "lead": lead,
        "kicker": title_of(session.request),
        "programme": session.request.programme,
        "crumbs": crumbs(session, heading, reader=http.user),
        "facts": facts,
    }
    return render(http, "mediation/session_form.html", context, status=422 if form.errors else 200)


def posted(http: HttpRequest) -> Any:
    """Return what was sent, or None for a page that is only opened."""
    return http.POST if http.method == "POST" else None


def tried(
    http: HttpRequest, form: Any, act: Callable[[], Any], *, fields: dict[str, str] | None = None, stale: Any = None
) -> str:
    """Do the act of a valid form; returns `done`, `late` when its time is over, or `refused` with the reason in the form.

    `fields` says which field of the form stands for which one of the service; `stale` gives the current version.
    """
    try:
        act()
    except TransitionNotAllowed as error:
        messages.error(http, str(error))
        return "late"
    except NotPermitted:
        raise
    except StaleError as error:
        form.add_refusal(error, version=stale() if stale else None)
    except DomainError as error:
        error.field = (fields or {}).get(error.field or "", error.field)
        form.add_refusal(error)
    else:
        return "done"
    return "refused"


def check_records(http: HttpRequest, request: MediationRequest) -> bool:
    """Raise `NotPermitted` for others than the mediator and the coordinators; whether the author must be named."""
    if can_mediate(http.user, request):
        return False
    if not can_coordinate(http.user, request):
        raise NotPermitted(_("Only the mediator who accepted this request can do this."))
    return True


# --- the page --------------------------------------------------------------------------------------------------------


@require_safe
def session(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """One session: when it is or was, how it went, what can be done."""
    found = session_for(http, uuid)
    case = can_view_case(http.user, found.request)
    context = {
        "session_": found,
        "programme": found.request.programme,
        "heading": title_of_session(found),
        "kicker": title_of(found.request),
        "lead": found.request.organisation.name,
        "pill": pill_of(found),
        "crumbs": crumbs(found, reader=http.user),
        "facts": _facts(found, case=case),
        "new_time": when_of(found.proposed_from, found.proposed_until),
        "buttons": _buttons(http.user, found),
        "history": history_of(found) if case else [],
    }
    return render(http, "mediation/session.html", context)


def history_of(found: Any) -> list[Entry]:
    """Return what happened to it, newest first."""
    return [
        Entry(entry.at, entry.label, entry.actor, entry.comment, entry.target, entry.colour)
        for entry in timeline(found, limit=40)
    ]


def _facts(found: MediationSession, *, case: bool) -> list[tuple[Any, Any]]:
    request = found.request
    place = request.place or request.organisation.name
    rows: list[tuple[Any, Any]] = [
        (_("Request"), Link(request.number, request.get_absolute_url())),
        (_("Mediator"), found.mediator.name),
        (_("Planned"), when_of(found.planned_from, found.planned_until)),
        (_("How"), request.get_mode_display()),
        (_("Place"), place),
    ]
    if found.state == SessionState.HELD:
        rows += [
            (_("Held"), when_of(found.actual_from, found.actual_until)),
            (_("Break"), _("%(minutes)s minutes") % {"minutes": found.break_minutes}),
            (_("Time that counts"), hours(found.minutes or 0)),
            (_("Travel"), _("%(minutes)s minutes") % {"minutes": found.travel_minutes}),
        ]
    if found.state == SessionState.HELD and case:
        rows += [
            (_("How it went"), found.get_outcome_display()),
            (_("Parents or relatives"), found.parents),
            (_("Pupils or minors"), found.pupils),
            (_("Teachers or operators"), found.operators),
            (_("Language spoken"), found.language.name if found.language else ""),
        ]
    if found.absent:
        rows.append((_("Because of"), found.get_absent_display()))
    if found.charged_minutes:
        rows.append((_("Charged to the hours"), hours(found.charged_minutes)))
    if case and found.note:
        rows.append((_("Note"), found.note))
    return rows


def _buttons(user: Any, found: MediationSession) -> list[Button]:
    request, now = found.request, clock.now()
    mediates, coordinates = can_mediate(user, request), can_coordinate(user, request)
    files = can_file(user, request.organisation_id)
    if not (mediates or coordinates or files):
        return []

    def at(name: str) -> str:
        return reverse(f"mediation:{name}", args=[found.uuid])

    rows: list[Button] = []
    records = mediates or coordinates
    planned = found.state == SessionState.PLANNED
    if found.proposed_from is not None and request.state == RequestState.RESCHEDULED:
        return [Button(_("Answer the new time"), at("session-new-time-answer"))]
    if records and planned and request.state == RequestState.CONFIRMED and found.planned_from <= now:
        rows.append(Button(_("Record the session"), at("session-record")))
    if records and not planned and found.state in RECORDABLE_STATES and request.state in _CORRECTING:
        rows.append(Button(_("Correct what was recorded"), at("session-record"), style="outline-primary"))
    if planned and request.state == RequestState.CONFIRMED:
        if found.planned_from <= now:
            rows.append(Button(_("It was not held"), at("session-not-held"), style="outline-danger"))
        else:
            rows.append(Button(_("Propose a new time"), at("session-new-time"), style="outline-primary"))
            if request.sessions_asked > 1:
                rows.append(Button(_("Cancel the session"), at("session-cancel"), style="outline-danger"))
    if records and found.state != SessionState.CANCELLED and request.state in HANDING_IN_STATES:
        rows.append(Button(_("Print the sheet"), at("session-sheet"), method="post", style="outline-primary"))
        rows.append(Button(_("Hand in the signed sheet"), reverse("mediation:sheet-attach"), style="outline-primary"))
    return rows


# --- how it went -----------------------------------------------------------------------------------------------------


def _languages(found: MediationSession) -> list[Language]:
    """Return those asked, those that the mediator speaks, and the one recorded."""
    asked = [row.language for row in found.request.languages.all()]
    spoken = Language.objects.filter(
        pk__in=found.mediator.languages.values("language").order_by(),
    ).order_by("name")
    recorded = [found.language] if found.language is not None else []
    return list({row.pk: row for row in [*asked, *spoken, *recorded]}.values())


@require_http_methods(["GET", "HEAD", "POST"])
def session_record(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """Record how a session went, or correct it while the report is not signed."""
    found = session_for(http, uuid)
    asks_author = check_records(http, found.request)
    corrects = found.state != SessionState.PLANNED
    if http.method != "POST" and (
        found.request.state not in _CORRECTING or found.state not in (SessionState.PLANNED, *RECORDABLE_STATES)
    ):
        return redirect(found)
    form = RecordForm(
        posted(http),
        initial=_recorded(found),
        languages=_languages(found),
        asks_author=asks_author,
        author=found.mediator.name,
        version=found.version,
        cancel_url=found.get_absolute_url(),
    )
    if http.method == "POST" and form.is_valid():

        def act() -> None:
            services.record_session(
                session=found,
                **form.values(),
                on_behalf_of=form.author,
                version=version_of(form),
                by=http.user,
                at=clock.now(),
            )

        outcome = tried(
            http,
            form,
            act,
            fields={"actual_from": "starts_at", "actual_until": "ends_at"},
            stale=lambda: _version_now(found),
        )
        if outcome == "late":
            return redirect(found)
        if outcome == "done":
            request = MediationRequest.objects.get(pk=found.request_id)
            if request.state in (RequestState.HELD, RequestState.REOPENED) and not asks_author:
                messages.success(http, _("Session recorded. Now write the report."))
                return redirect("mediation:report-edit", uuid=request.uuid)
            messages.success(http, _("Session recorded."))
            return redirect(request)
    heading = _("Correct what was recorded") if corrects else _("Record the session")
    lead = _("Change what was different from the plan.")
    return session_form(http, found, form, heading, lead, facts=when_and_where(found))


def _recorded(found: MediationSession) -> dict[str, Any]:
    times = TimesForm.initial_of(found.actual_from or found.planned_from, found.actual_until or found.planned_until)
    first = next(iter(found.request.languages.all()), None)
    language = found.language or (first.language if first is not None else None)
    if found.state != SessionState.HELD:
        return {**times, "language": language}
    names = ("break_minutes", "travel_minutes", "outcome", "parents", "pupils", "operators", "note")
    return {**times, "language": language, **{name: getattr(found, name) for name in names}}


def when_and_where(found: MediationSession) -> list[tuple[Any, Any]]:
    """Return what tells the session from others, above a form."""
    return [
        (_("School or service"), found.request.organisation.name),
        (_("Planned"), when_of(found.planned_from, found.planned_until)),
    ]


def version_of(form: Any) -> int:
    """Return the version that the page carried; a page without a usable one is stale by definition."""
    text = form.cleaned_data.get("version") or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _version_now(found: MediationSession) -> int:
    return MediationSession.objects.values_list("version", flat=True).get(pk=found.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def session_not_held(http: HttpRequest, uuid: UUID) -> HttpResponse:
    """Record that nobody held the session, and because of whom."""
    found = session_for(http, uuid)
    request = found.request
    only_mediator = can_file(http.user, request.organisation_id) and not can_mediate(http.user, request)
    asks_author = False if only_mediator else check_records(http, request)
    if http.method != "POST" and (found.state != SessionState.PLANNED or request.state != RequestState.CONFIRMED):
        return redirect(found)
    form = NotHeldForm(
        posted(http),
        only_mediator=only_mediator,
        asks_author=asks_author,
        author=found.mediator.name,
        cancel_url=found.get_absolute_url(),
    )
    if http.method == "POST" and form.is_valid():

        def act() -> None:
            services.mark_not_held(
                session=found,
                absent=form.cleaned_data["absent"],
                reason=form.cleaned_data["reason"],
                on_behalf_of=form.author,
                by=http.user,
                at=clock.now(),
            )

        outcome = tried(http, form, act)
        if outcome == "done":
            messages.success(http, _not_held_words(found))
        if outcome != "refused":
            return redirect(found)
    return session_form(
        http,
        found,
        form,
        _("The session was not held"),
        _("When the family or the school did not come, the hours are charged as the programme says."),
        facts=when_and_where(found),
    )


def _not_held_words(found: MediationSession) -> str:
    if found.charged_minutes:
        return _("Recorded: %(charged)s are charged to the hours.") % {"charged": hours(found.charged_minutes)}
    return _("Recorded: no hours are charged.")
