# SPDX-License-Identifier: EUPL-1.2
"""The mediator's own pages, made for a phone: the day, the availability, the profile, the confidentiality agreement."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from actions.forms import version_of
from actions.selectors.rules import Unit, amount
from fami_portal.core import clock
from fami_portal.core.components import Button, Link, Pill
from fami_portal.core.errors import DomainError
from fami_portal.core.forms import PortalForm
from mediation.enums import Mode, PresenceState, SessionState
from mediation.forms.my_work import ContactsForm, ExceptionForm, WeekForm, contacts_of
from mediation.models import AvailabilityException, CommunityPresence, MediationSession, Mediator
from mediation.permissions import check_can_edit_availability, check_can_manage_mediator, mediator_of
from mediation.selectors import availability, my_work
from mediation.selectors import mediators as register
from mediation.services import availability as availability_services
from mediation.services import mediators as services
from mediation.views.mediators import entry_crumbs, exception_in_words, form_page, mediator_for, refuse
from mediation.workflow import PRESENCE, SESSION
from partners.permissions import check_holds


def own_entry(request: HttpRequest) -> Mediator | None:
    """Return the entry of the person, None while there is none; others than mediators are refused."""
    check_holds(request.user, Permission.MEDIATE)
    return mediator_of(request.user)


def own_crumbs(*more: Any) -> list[Any]:
    """Return the way back to one's own day, and what follows."""
    return [(_("Home"), reverse("home")), (_("My sessions"), reverse("mediation:my-day")), *more]


def not_registered(request: HttpRequest) -> HttpResponse:
    """Say what to do to a mediator who has a role but no entry yet."""
    return render(request, "mediation/my_missing.html", {"heading": _("My sessions")})


@require_safe
def my_day(request: HttpRequest) -> HttpResponse:
    """Today, what waits for an answer, reports due, hours, the next days."""
    mediator = own_entry(request)
    if mediator is None:
        return not_registered(request)
    now, today = clock.now(), clock.today()
    last = today + timedelta(days=my_work.AHEAD)
    soon = _in_order(my_work.sessions_on(mediator, today, last), my_work.presences_on(mediator, today, last))
    late = _in_order(my_work.sessions_to_record(mediator, at=now), my_work.presences_to_record(mediator, at=now))
    hours = my_work.hours_done(mediator, today)
    context = {
        "heading": _("My sessions"),
        "lead": date_format(today, "l j F Y"),
        "today": [row for row in soon if row["day"] == today],
        "next_days": _by_day([row for row in soon if row["day"] > today]),
        "ahead": my_work.AHEAD,
        "proposals": [_proposal(row) for row in my_work.proposals_to_answer(mediator, at=now)],
        "late": late,
        "reports": [_report(row) for row in my_work.reports_due(mediator)],
        "hours": [
            (_("This month"), amount(hours.month, Unit.HOURS)),
            (_("This year"), amount(hours.year, Unit.HOURS)),
        ],
        "hours_year": hours.year,
        "hours_maximum": hours.maximum,
        "hours_text": _("%(done)s of %(maximum)s agreed for this year")
        % {"done": amount(hours.year, Unit.HOURS), "maximum": amount(hours.maximum or 0, Unit.HOURS)},
        "to_sign": mediator.confidentiality_signed_on is None,
        "inactive": not mediator.is_active,
        "buttons": [
            Button(_("When I am free"), reverse("mediation:my-availability"), style="outline-primary"),
            Button(_("Calendar on the phone"), reverse("mediation:my-calendar"), style="outline-primary"),
            Button(_("My entry"), reverse("mediation:my-profile"), style="outline-primary"),
        ],
    }
    return render(request, "mediation/my_day.html", context)


def _day(session: MediationSession | CommunityPresence) -> Any:
    return timezone.localdate(session.planned_from)


def _times(start: Any, end: Any) -> str:
    return f"{timezone.localtime(start):%H:%M}–{timezone.localtime(end):%H:%M}"


def _where(request: Any) -> Any:
    """Return the place of a request in words: how, or where."""
    if request.mode != Mode.IN_PERSON:
        return request.get_mode_display()
    place = ", ".join(str(part) for part in (request.place, request.municipality) if part)
    return place or request.get_mode_display()


def _session(row: MediationSession) -> dict[str, Any]:
    begun = row.state == SessionState.PLANNED and row.planned_from <= clock.now()
    return {
        "when": _times(row.planned_from, row.planned_until),
        "day": _day(row),
        "number": row.request.number,
        "body": row.request.organisation.name,
        "where": _where(row.request),
        "pill": Pill(SESSION.states(row.state).label, SESSION.colours[row.state]),
        "url": my_work.address("session", row.uuid),
        "label": _("Record how it went") if begun else _("Open the session"),
        "calendar_url": reverse("mediation:session-invitation", args=[row.uuid]),
    }


def _presence(row: CommunityPresence) -> dict[str, Any]:
    begun = row.state == PresenceState.PLANNED and row.planned_from <= clock.now()
    return {
        "when": _times(row.planned_from, row.planned_until),
        "day": _day(row),
        "number": row.network.name,
        "body": _("Community mediation"),
        "where": row.place,
        "pill": Pill(PRESENCE.states(row.state).label, PRESENCE.colours[row.state]),
        "url": row.get_absolute_url(),
        "label": _("Record how it went") if begun else _("Open the presence"),
        "calendar_url": reverse("mediation:presence-invitation", args=[row.uuid]),
    }


def _in_order(sessions: list[MediationSession], presences: list[CommunityPresence]) -> list[dict[str, Any]]:
    rows = [(row.planned_from, _session(row)) for row in sessions]
    rows += [(row.planned_from, _presence(row)) for row in presences]
    return [shown for _moment, shown in sorted(rows, key=lambda row: row[0])]


def _by_day(rows: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    days: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        days.setdefault(date_format(row["day"], "l j F"), []).append(row)
    return list(days.items())


def _proposal(row: Any) -> dict[str, Any]:
    request = row.request
    return {
        "when": f"{date_format(timezone.localdate(row.starts_at), 'l j F')}, {_times(row.starts_at, row.ends_at)}",
        "number": request.number,
        "kind": request.get_kind_display(),
        "body": request.organisation.name,
        "where": _where(request),
        "languages": ", ".join(language.language.name for language in request.languages.all()),
        "until": timezone.localtime(row.expires_at),
        "url": my_work.address("proposal", row.uuid),
    }


def _report(row: Any) -> dict[str, Any]:
    return {
        "number": row.number,
        "body": row.organisation.name,
        "state": row.get_state_display(),
        "url": my_work.address("request", row.uuid),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def my_availability(request: HttpRequest) -> HttpResponse:
    """The ordinary week and its exceptions, of oneself."""
    mediator = own_entry(request)
    if mediator is None:
        return not_registered(request)
    return _week_page(request, mediator, own=True)


@require_http_methods(["GET", "HEAD", "POST"])
def mediator_availability(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The same for an entry without an account, by those who keep it."""
    shown = mediator_for(request, uuid)
    check_can_manage_mediator(request.user, shown)
    check_can_edit_availability(request.user, shown)
    return _week_page(request, shown, own=False)


def _place(mediator: Mediator, *, own: bool) -> str:
    return reverse(
        "mediation:my-availability" if own else "mediation:mediator-availability", args=() if own else [mediator.uuid]
    )


def _week_page(request: HttpRequest, mediator: Mediator, *, own: bool) -> HttpResponse:
    form = WeekForm(
        request.POST if request.method == "POST" else None,
        week=availability.week_of(mediator),
        version=mediator.version,
        cancel_url=reverse("mediation:my-day") if own else mediator.get_absolute_url(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            availability_services.set_weekly_availability(
                mediator=mediator, rows=form.rows(), version=version_of(form), by=request.user, at=clock.now()
            )
        except DomainError as error:
            refuse(form, error, mediator)
        else:
            messages.success(request, _("The week is saved."))
            return redirect(_place(mediator, own=own))
    heading = _("When I am free") if own else _("When the mediator is free")
    rows = availability.exceptions_of(mediator, since=clock.today())
    context = {
        "form": form,
        "heading": heading,
        "kicker": "" if own else mediator.name,
        "crumbs": own_crumbs(heading) if own else entry_crumbs(request, mediator, heading),
        "exceptions": [
            {
                "words": exception_in_words(row),
                "remove": reverse("mediation:availability-exception-remove", args=[row.uuid]),
            }
            for row in rows
        ],
        "exception_url": reverse(
            "mediation:my-exception-new" if own else "mediation:mediator-exception-new",
            args=() if own else [mediator.uuid],
        ),
    }
    return render(request, "mediation/availability.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def my_exception_new(request: HttpRequest) -> HttpResponse:
    """Add days of one's own that are not as every week."""
    mediator = own_entry(request)
    if mediator is None:
        return not_registered(request)
    return _exception_page(request, mediator, own=True)


@require_http_methods(["GET", "HEAD", "POST"])
def mediator_exception_new(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The same for an entry without an account, by those who keep it."""
    shown = mediator_for(request, uuid)
    check_can_manage_mediator(request.user, shown)
    check_can_edit_availability(request.user, shown)
    return _exception_page(request, shown, own=False)


def _exception_page(request: HttpRequest, mediator: Mediator, *, own: bool) -> HttpResponse:
    form = ExceptionForm(request.POST if request.method == "POST" else None, cancel_url=_place(mediator, own=own))
    if request.method == "POST" and form.is_valid():
        try:
            row = availability_services.add_exception(
                mediator=mediator, **form.values(), by=request.user, at=clock.now(), key=form.submission_key
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The exception is added."))
            _warn_of_sessions(request, mediator, row)
            return redirect(_place(mediator, own=own))
    heading = _("Add an exception")
    above = _("When I am free") if own else _("When the mediator is free")
    back = (above, _place(mediator, own=own))
    context = {
        "form": form,
        "heading": heading,
        "lead": _("Holidays, an appointment, or a day on which you can work although you usually do not.")
        if own
        else "",
        "crumbs": own_crumbs(back, heading) if own else entry_crumbs(request, mediator, back, heading),
    }
    return form_page(request, context)


def _warn_of_sessions(request: HttpRequest, mediator: Mediator, row: AvailabilityException) -> None:
    if row.is_available:
        return
    number = availability.sessions_between(mediator, starts_on=row.starts_on, ends_on=row.ends_on)
    if number:
        messages.warning(
            request,
            ngettext(
                "On these days %(number)d session is planned already: it stays. If it cannot be held, propose another time.",
                "On these days %(number)d sessions are planned already: they stay. If they cannot be held, propose other times.",
                number,
            )
            % {"number": number},
        )


@require_POST
def exception_remove(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take an exception away."""
    visible = Mediator.objects.visible_to(request.user)
    row = get_object_or_404(
        AvailabilityException.objects.filter(mediator__in=visible.values("pk"))
        .select_related("mediator")
        .order_by("pk"),
        uuid=uuid,
    )
    check_can_edit_availability(request.user, row.mediator)
    availability_services.remove_exception(exception=row, by=request.user, at=clock.now())
    messages.success(request, _("The exception is removed."))
    return redirect(_place(row.mediator, own=row.mediator.user_id == request.user.pk))


@require_http_methods(["GET", "HEAD", "POST"])
def my_profile(request: HttpRequest) -> HttpResponse:
    """One's own entry: contacts can be changed, the rest is read."""
    mediator = own_entry(request)
    if mediator is None:
        return not_registered(request)
    form = ContactsForm(
        request.POST if request.method == "POST" else None,
        initial=contacts_of(mediator),
        version=mediator.version,
        cancel_url=reverse("mediation:my-day"),
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.update_own_contacts(
                mediator=mediator,
                email=data["email"],
                phone=data["phone"],
                version=version_of(form),
                by=request.user,
                at=clock.now(),
            )
        except DomainError as error:
            refuse(form, error, mediator)
        else:
            messages.success(request, _("Your contacts are saved."))
            return redirect("mediation:my-profile")
    shown = register.entry_for(request.user).get(pk=mediator.pk)
    today = clock.today()
    heading = _("My entry in the register")
    context = {
        "form": form,
        "heading": heading,
        "crumbs": own_crumbs(heading),
        "facts": [
            (_("Name"), shown.name),
            (_("Provider body"), shown.organisation.name),
            (_("Profile"), shown.get_profile_display()),
            (_("Languages"), register.languages_in_words(shown)),
            (_("Works in"), register.territories_in_words(shown)),
            (_("Works"), register.modes_in_words(shown)),
            (_("Minutes of travel kept free"), shown.travel_buffer),
            (_("Confidentiality agreement signed on"), shown.confidentiality_signed_on),
        ],
        "qualifications": [
            {
                "title": row.title,
                "kind": row.get_kind_display(),
                "state": register.expiry(row.expires_on, today),
                "document": Link(_("Open the document"), row.document.get_absolute_url(), row.title)
                if row.document
                else None,
            }
            for row in register.qualifications_of(shown)
        ],
        "to_sign": shown.confidentiality_signed_on is None,
    }
    return render(request, "mediation/my_profile.html", context)


class SignForm(PortalForm):
    """The signature of the confidentiality agreement."""

    submit_label = _("I have read it and I sign")


@require_http_methods(["GET", "HEAD", "POST"])
def my_confidentiality(request: HttpRequest) -> HttpResponse:
    """Read the confidentiality agreement and sign it."""
    mediator = own_entry(request)
    if mediator is None:
        return not_registered(request)
    form = SignForm(request.POST if request.method == "POST" else None, cancel_url=reverse("mediation:my-day"))
    if request.method == "POST" and form.is_valid():
        services.sign_confidentiality(mediator=mediator, by=request.user, at=clock.now())
        messages.success(request, _("The confidentiality agreement is signed."))
        return redirect("mediation:my-day")
    heading = _("Confidentiality agreement")
    context = {
        "form": form,
        "heading": heading,
        "crumbs": own_crumbs(heading),
        "signed_on": mediator.confidentiality_signed_on,
    }
    return render(request, "mediation/my_confidentiality.html", context)
