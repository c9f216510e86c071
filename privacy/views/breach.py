# SPDX-License-Identifier: EUPL-1.2
"""Pages of a breach: who opened what between two moments, incidents and their steps."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from beneficiaries.selectors.readings import readings_for
from fami_portal.core import clock
from fami_portal.core.audit import timeline
from fami_portal.core.components import Button, Column, Entry, Lines, Link, Pill
from fami_portal.core.downloads import download_list, export_links
from fami_portal.core.errors import DomainError, StaleError
from partners.permissions import check_holds
from privacy.enums.retention import IncidentState
from privacy.forms.breach import IncidentForm, NotifyForm, StepForm, WindowForm, local
from privacy.models import Incident
from privacy.selectors import breach as selectors
from privacy.services import breach as services
from privacy.views.retention import number_of
from privacy.workflow import INCIDENT

PAGE_SIZE = 50
# The acts of an incident as buttons and as the headings of their pages.
STEPS = {
    "notify": gettext_lazy("Record the notification"),
    "do_not_notify": gettext_lazy("Decide not to notify"),
    "close": gettext_lazy("Close the incident"),
    "reopen": gettext_lazy("Reopen the incident"),
}


def _window(request: HttpRequest) -> WindowForm:
    """Return the form of the window: what the address says, or the last three days."""
    data = request.GET if request.method == "GET" else request.POST
    if not data.get("since") and not data.get("until"):
        now = timezone.localtime(clock.now()).replace(second=0, microsecond=0)
        data = data.copy()
        data["since"] = f"{now - timedelta(days=3):%Y-%m-%dT%H:%M}"
        data["until"] = f"{now + timedelta(minutes=1):%Y-%m-%dT%H:%M}"
    return WindowForm(data, by=request.user)


def _report(request: HttpRequest, form: WindowForm) -> selectors.BreachReport:
    values = form.cleaned_data
    return selectors.breach_report(
        readings_for(request.user).order_by(),
        since=values["since"],
        until=values["until"],
        user=values["user"],
        organisation=values["organisation"],
        verify=values["verify"],
        people=form.people,
        organisations=form.bodies,
    )


@require_safe
def breach(request: HttpRequest) -> HttpResponse:
    """Who read whose data in a window, with what roles; how many recipients of each body are concerned."""
    check_holds(request.user, Permission.FOLLOW_INCIDENTS)
    form = _window(request)
    context: dict[str, Any] = {"filter_form": form, "report": None, "exports": []}
    if form.is_valid():
        report = _report(request, form)
        context |= {
            "report": report,
            "exports": export_links(request, "privacy:breach-export"),
            "facts": [
                (_("From"), report.since),
                (_("Until"), report.until),
                (_("Readings"), report.readings),
                (_("Recipients concerned"), report.persons),
            ],
            "reader_columns": [
                Column(_("Who")),
                Column(_("Readings"), numeric=True),
                Column(_("With names"), numeric=True),
                Column(_("Files"), numeric=True),
                Column(_("Recipients"), numeric=True),
                Column(_("First and last")),
                Column(_("Sign-ins"), numeric=True),
                Column(_("Sessions open now"), numeric=True),
            ],
            "readers": [_reader(row) for row in report.readers],
            "body_columns": [
                Column(_("Body")),
                Column(_("Recipients"), numeric=True),
                Column(_("Readings"), numeric=True),
                Column(_("Chain")),
            ],
            "bodies": [[row.organisation.name, row.persons, row.readings, _chain(row)] for row in report.bodies],
            "buttons": [
                Button(
                    _("Take the list by pseudonym"),
                    reverse("privacy:breach-persons"),
                    method="post",
                    style="outline-primary",
                    fields={name: form.data.get(name, "") for name in ("since", "until", "user", "organisation")},
                )
            ],
        }
    return render(request, "privacy/breach.html", context)


def _reader(row: selectors.Reader) -> list[Any]:
    times = ""
    if row.first and row.last:
        first, last = timezone.localtime(row.first), timezone.localtime(row.last)
        times = f"{first:%d/%m/%Y %H:%M} – {last:%d/%m/%Y %H:%M}"
    name = row.user.get_full_name() or _("closed account")
    return [
        Lines(name, "; ".join(row.roles)),
        row.readings,
        row.names,
        row.exports,
        row.persons,
        times,
        row.sign_ins,
        row.sessions,
    ]


def _chain(row: selectors.BodyRead) -> Any:
    if row.broken is None:
        return _("not verified")
    return Pill(_("Broken"), "danger") if row.broken else Pill(_("Whole"), "success")


@require_safe
def breach_export(request: HttpRequest, fmt: str) -> Any:
    """Who read, as a file."""
    check_holds(request.user, Permission.FOLLOW_INCIDENTS)
    form = _window(request)
    if not form.is_valid():
        raise Http404
    return download_list(
        name="violazione",
        title=_("Who opened what"),
        fmt=fmt,
        columns=selectors.reader_columns(),
        rows=_report(request, form).readers,
    )


@require_POST
def breach_persons(request: HttpRequest) -> Any:
    """The recipients concerned, by pseudonym, as a file; that it was taken is recorded."""
    check_holds(request.user, Permission.FOLLOW_INCIDENTS)
    form = _window(request)
    if not form.is_valid():
        raise Http404
    values = form.cleaned_data
    found = selectors.in_window(
        readings_for(request.user).order_by(),
        since=values["since"],
        until=values["until"],
        user=values["user"],
        organisation=values["organisation"],
    )
    rows = list(selectors.pseudonyms(found, request.user))
    services.record_list(number=len(rows), by=request.user, at=clock.now())
    return download_list(
        name="interessati", title=_("Recipients concerned"), fmt="csv", columns=selectors.person_columns(), rows=rows
    )


# --- incidents --------------------------------------------------------------------------------------------------------


def _crumbs(*more: Any) -> list[Any]:
    return [(_("Incidents"), reverse("privacy:incident-list")), *more]


def _pill(incident: Incident) -> Pill:
    state = IncidentState(incident.state)
    return Pill(state.label, INCIDENT.colours[state])


@require_safe
def incident_list(request: HttpRequest) -> HttpResponse:
    """The incidents of the programmes that the person follows."""
    check_holds(request.user, Permission.FOLLOW_INCIDENTS)
    page = Paginator(selectors.incidents_for(request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "buttons": [
            Button(_("Record an incident"), reverse("privacy:incident-new")),
            Button(_("Who opened what"), reverse("privacy:breach"), style="outline-primary"),
        ],
        "columns": [
            Column(_("Incident")),
            Column(_("Known since"), nowrap=True),
            Column(_("Notify by"), nowrap=True),
            Column(_("State")),
        ],
        "rows": [
            [
                Lines(Link(row.title, row.get_absolute_url()), row.programme.title),
                row.discovered_at,
                row.notify_by if row.state == IncidentState.OPEN else None,
                _pill(row),
            ]
            for row in page
        ],
    }
    return render(request, "privacy/incident_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def incident_new(request: HttpRequest) -> HttpResponse:
    """Record an incident."""
    check_holds(request.user, Permission.FOLLOW_INCIDENTS)
    form = IncidentForm(
        request.POST or None,
        by=request.user,
        initial={"discovered_at": local(clock.now())},
        cancel_url=reverse("privacy:incident-list"),
    )
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        try:
            incident = services.record_incident(
                programme=values.pop("programme"),
                values=values,
                by=request.user,
                at=clock.now(),
                submission_key=form.submission_key,
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The incident is recorded: the 72 hours run."))
            return redirect(incident)
    context = {
        "form": form,
        "heading": _("Record an incident"),
        "lead": _("Write what you know now: you can complete it later."),
        "kicker": "",
        "crumbs": _crumbs(_("Record an incident")),
    }
    return render(request, "privacy/form.html", context)


def _incident(request: HttpRequest, uuid: UUID) -> Incident:
    return get_object_or_404(selectors.incidents_for(request.user), uuid=uuid)


@require_safe
def incident(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One incident: its clock, what is known, its steps."""
    found = _incident(request, uuid)
    context = {
        "heading": found.title,
        "pill": _pill(found),
        "crumbs": _crumbs(found.title),
        "programme": found.programme,
        "clock": _clock(found),
        "buttons": _buttons(found),
        "facts": [
            (_("Programme"), found.programme.title),
            (_("Known since"), found.discovered_at),
            (_("Notify by"), found.notify_by),
            (_("Happened from"), found.happened_from),
            (_("Happened until"), found.happened_until),
            (_("What happened and whose data"), found.description),
            (_("Persons concerned, about"), found.persons),
            (_("What was done"), found.measures),
            (_("Notified to the authority on"), found.notified_at),
            (_("Persons told on"), found.persons_told_on),
            (_("Recorded by"), found.created_by.get_full_name() if found.created_by else _("The portal")),
        ],
        "history": [
            Entry(entry.at, entry.label, entry.actor, entry.comment, entry.target, entry.colour)
            for entry in timeline(found, limit=50)
        ],
    }
    return render(request, "privacy/incident.html", context)


def _clock(found: Incident) -> dict[str, Any] | None:
    if found.state != IncidentState.OPEN:
        return None
    left = int((found.notify_by - clock.now()).total_seconds() // 3600)
    if left < 0:
        return {
            "kind": "danger",
            "text": _("More than 72 hours have passed: notify at once, with the reasons for the delay."),
        }
    return {
        "kind": "warning",
        "text": _("%(hours)s hours are left to notify the authority, or to decide that nobody has to be told.")
        % {"hours": left},
    }


def _buttons(found: Incident) -> list[Button]:
    until = found.happened_until or clock.now()
    window = {
        "since": f"{timezone.localtime(found.happened_from):%Y-%m-%dT%H:%M}",
        "until": f"{timezone.localtime(until) + timedelta(minutes=1):%Y-%m-%dT%H:%M}",
    }
    buttons = [
        Button(STEPS[row.name], reverse("privacy:incident-step", args=[found.uuid, row.name]), style=style)
        for row, style in zip(
            INCIDENT.possible(found.state), ("primary", "outline-primary", "outline-primary"), strict=False
        )
    ]
    if found.state != IncidentState.CLOSED:
        edit = reverse("privacy:incident-edit", args=[found.uuid])
        buttons.append(Button(_("Complete or correct"), edit, style="outline-primary"))
    report = f"{reverse('privacy:breach')}?{urlencode(window)}"
    return [*buttons, Button(_("Who opened what in that time"), report, style="outline-primary")]


@require_http_methods(["GET", "HEAD", "POST"])
def incident_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Complete or correct an incident."""
    found = _incident(request, uuid)
    initial = {name: getattr(found, name) for name in services.FIELDS}
    initial |= {name: local(initial[name]) for name in ("happened_from", "happened_until", "discovered_at")}
    form = IncidentForm(
        request.POST or None,
        by=request.user,
        incident=found,
        initial=initial,
        version=found.version,
        cancel_url=found.get_absolute_url(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.correct_incident(
                incident=found, values=form.cleaned_data, version=number_of(form), by=request.user, at=clock.now()
            )
        except DomainError as error:
            found.refresh_from_db()
            form.add_refusal(error, version=found.version if isinstance(error, StaleError) else None)
        else:
            messages.success(request, _("The incident is saved."))
            return redirect(found)
    context = {
        "form": form,
        "heading": _("Complete or correct"),
        "lead": "",
        "kicker": found.title,
        "crumbs": _crumbs((found.title, found.get_absolute_url()), _("Complete or correct")),
    }
    return render(request, "privacy/form.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def incident_step(request: HttpRequest, uuid: UUID, step: str) -> HttpResponse:
    """Take a step of the life of an incident."""
    found = _incident(request, uuid)
    if step not in STEPS:
        raise Http404
    label = STEPS[step]
    kind = NotifyForm if step == "notify" else StepForm
    form = kind(
        request.POST or None,
        submit_label=label,
        initial={"notified_at": local(clock.now())},
        cancel_url=found.get_absolute_url(),
    )
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        common = {"incident": found, "comment": values["comment"], "by": request.user, "at": clock.now()}
        try:
            if step == "notify":
                services.notify(notified_at=values["notified_at"], **common)
            else:
                services.move(transition=step, **common)
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The incident is saved."))
            return redirect(found)
    context = {
        "form": form,
        "heading": label,
        "lead": "",
        "kicker": found.title,
        "crumbs": _crumbs((found.title, found.get_absolute_url()), label),
    }
    return render(request, "privacy/form.html", context)
