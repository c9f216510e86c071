# SPDX-License-Identifier: EUPL-1.2
"""Pages of tables: call, attendance by body, minutes, decisions, networks that take part."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from actions.enums import BodyAttendance
from actions.forms import ReasonForm, version_of
from actions.forms.tables import (
    ApprovalForm,
    AttendanceForm,
    CallForm,
    DecisionForm,
    DoneForm,
    MinutesForm,
    ParticipationForm,
)
from actions.models import Decision, Meeting, MeetingCall, MeetingMinutes
from actions.permissions import check_can_close_decision, check_can_keep_register
from actions.selectors import activities as activity_selectors
from actions.selectors import tables as selectors
from actions.services import decisions, participations, tables
from actions.views.meetings import crumbs_of, meeting_for
from actions.views.mistakes import remove_button
from actions.views.pages import activity_for, crumbs, form_page
from actions.views.table_panel import decision_columns, decision_row
from fami_portal.core import clock
from fami_portal.core.errors import DomainError, StaleError

PAGE_SIZE = 25


def _page(request: HttpRequest, meeting: Meeting, form: Any, heading: Any, lead: Any = "", **more: Any) -> HttpResponse:
    context = {
        "form": form,
        "heading": heading,
        "lead": lead,
        "kicker": meeting.activity.title,
        "crumbs": crumbs_of(request.user, meeting, heading),
    }
    return form_page(request, context | more)


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_call(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Write the call of a meeting: bodies, agenda, link."""
    found = meeting_for(request, uuid)
    check_can_keep_register(request.user, found.activity)
    call = MeetingCall.objects.filter(meeting=found).first()
    bodies = selectors.bodies_to_call(found.activity, found.held_on)
    called = list(found.bodies_present.order_by().values_list("organisation", flat=True))
    form = CallForm(
        request.POST or None,
        bodies=bodies,
        version=call.version if call else 0,
        initial={
            "bodies": called or [body.pk for body, _names in bodies],
            "agenda": "\n".join(found.agenda.order_by("position").values_list("text", flat=True)),
            "mode": call.mode if call else None,
            "link": call.link if call else "",
            "text": call.text if call else "",
        },
        cancel_url=found.get_absolute_url(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            tables.write_call(meeting=found, version=version_of(form), **form.values(), by=request.user)
        except DomainError as error:
            current = MeetingCall.objects.filter(meeting=found).first()
            form.add_refusal(error, version=current and current.version if isinstance(error, StaleError) else None)
        else:
            messages.success(request, _("The call is saved. Now send it to the bodies."))
            return redirect(found)
    heading = _("Correct the call") if call else _("Write the call")
    lead = _("Meeting of %(day)s, from %(start)s to %(end)s.") % {
        "day": f"{found.held_on:%d/%m/%Y}",
        "start": f"{found.starts_at:%H:%M}",
        "end": f"{found.ends_at:%H:%M}",
    }
    return _page(request, found, form, heading, lead)


@require_POST
def meeting_call_send(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Send the call to the bodies."""
    found = meeting_for(request, uuid)
    check_can_keep_register(request.user, found.activity)
    try:
        sent = tables.send_call(meeting=found, by=request.user, at=clock.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        if sent:
            text = ngettext("The call is sent to %(number)s person.", "The call is sent to %(number)s people.", sent)
            messages.success(request, text % {"number": sent})
        else:
            messages.info(request, _("Everybody has this call already: no message leaves twice."))
    return redirect(found)


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_attendance(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Record which of the bodies came."""
    found = meeting_for(request, uuid)
    check_can_keep_register(request.user, found.activity)
    rows = list(found.bodies_present.select_related("organisation").order_by("organisation__name", "pk"))
    if not rows:
        messages.info(request, _("No body is called yet: write the call, or add who was there."))
        return redirect(found)
    form = AttendanceForm(request.POST or None, rows=rows, cancel_url=found.get_absolute_url())
    if request.method == "POST" and form.is_valid():
        answers = [tables.BodyAnswer(*answer) for answer in form.answers()]
        try:
            tables.record_attendance(meeting=found, answers=answers, by=request.user)
        except DomainError as error:
            error.field = None
            form.add_refusal(error)
        else:
            here = sum(answer.attendance == BodyAttendance.PRESENT for answer in answers)
            text = ngettext("%(number)s body was there.", "%(number)s bodies were there.", here)
            messages.success(request, text % {"number": here})
            return redirect(found)
    lead = _(
        "Everybody called is shown as present: change those who did not come. Bodies that were not called are "
        "added on the page of the meeting."
    )
    return _page(request, found, form, _("Record who came"), lead)


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_minutes(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Write the minutes of a meeting, or attach their file."""
    found = meeting_for(request, uuid)
    check_can_keep_register(request.user, found.activity)
    kept = MeetingMinutes.objects.filter(meeting=found).first()
    form = MinutesForm(
        request.POST or None,
        request.FILES or None,
        version=kept.version if kept else 0,
        initial={"text": kept.text if kept else ""},
        cancel_url=found.get_absolute_url(),
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            tables.write_minutes(
                meeting=found,
                version=version_of(form),
                text=data["text"],
                document=data["document"],
                by=request.user,
            )
        except DomainError as error:
            current = MeetingMinutes.objects.filter(meeting=found).first()
            form.add_refusal(error, version=current and current.version if isinstance(error, StaleError) else None)
        else:
            messages.success(request, _("The minutes are saved."))
            return redirect(found)
    return _page(request, found, form, _("Correct the minutes") if kept else _("Write the minutes"))


@require_http_methods(["GET", "HEAD", "POST"])
def minutes_approve(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Record the day on which the minutes were approved."""
    found = meeting_for(request, uuid)
    check_can_keep_register(request.user, found.activity)
    now = clock.now()
    form = ApprovalForm(request.POST or None, cancel_url=found.get_absolute_url())
    if request.method == "POST" and form.is_valid():
        try:
            tables.approve_minutes(meeting=found, approved_on=form.cleaned_data["approved_on"], by=request.user, at=now)
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The approval is recorded: the minutes do not change any more."))
            return redirect(found)
    return _page(request, found, form, _("Record the approval"))


@require_http_methods(["GET", "HEAD", "POST"])
def decision_create(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Record what a meeting decided."""
    found = meeting_for(request, uuid)
    check_can_keep_register(request.user, found.activity)
    form = DecisionForm(
        request.POST or None, bodies=selectors.bodies_to_decide(found), cancel_url=found.get_absolute_url()
    )
    if request.method == "POST" and form.is_valid():
        try:
            decisions.add_decision(meeting=found, **form.values(), key=form.submission_key, by=request.user)
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The decision is recorded."))
            return redirect(found)
    return _page(request, found, form, _("Add a decision"))


def _decision_for(request: HttpRequest, uuid: UUID) -> Decision:
    found = get_object_or_404(
        Decision.objects.visible_to(request.user).select_related(
            "meeting__activity__activity_type", "meeting__activity__organisation", "meeting__activity__network"
        ),
        uuid=uuid,
    )
    check_can_close_decision(request.user, found)
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def decision_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Correct what was decided, who does it, by when; or take away what was never decided."""
    found = _decision_for(request, uuid)
    meeting = found.meeting
    check_can_keep_register(request.user, meeting.activity)
    form = DecisionForm(
        request.POST or None,
        bodies=selectors.bodies_to_decide(meeting, found),
        submit_label=_("Save the decision"),
        version=found.version,
        initial={name: getattr(found, name) for name in ("text", "organisation", "office", "due_on")},
        cancel_url=found.get_absolute_url(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            decisions.correct_decision(decision=found, version=version_of(form), **form.values(), by=request.user)
        except DomainError as error:
            found.refresh_from_db(fields=["version"])
            form.add_refusal(error, version=found.version if isinstance(error, StaleError) else None)
        else:
            messages.success(request, _("The decision is saved."))
            return redirect(found)
    buttons = [remove_button(meeting.activity, "decision", found)]
    return _page(request, meeting, form, _("Correct the decision"), buttons=buttons)


@require_http_methods(["GET", "HEAD", "POST"])
def decision_done(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Say that a decision is carried out."""
    found = _decision_for(request, uuid)
    now = clock.now()
    form = DoneForm(request.POST or None, version=found.version, cancel_url=found.get_absolute_url())
    if request.method == "POST" and form.is_valid():
        try:
            decisions.complete_decision(
                decision=found,
                version=version_of(form),
                done_on=form.cleaned_data["done_on"],
                by=request.user,
                at=now,
            )
        except DomainError as error:
            found.refresh_from_db(fields=["version"])
            form.add_refusal(error, version=found.version if isinstance(error, StaleError) else None)
        else:
            messages.success(request, _("The decision is carried out."))
            return redirect(found)
    return _page(request, found.meeting, form, _("It is done"), found.text)


@require_http_methods(["GET", "HEAD", "POST"])
def decision_reopen(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Open a decision again, with the reason."""
    found = _decision_for(request, uuid)
    heading = _("Open it again")
    form = ReasonForm(
        request.POST or None,
        submit_label=heading,
        danger=False,
        version=found.version,
        cancel_url=found.get_absolute_url(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            decisions.reopen_decision(
                decision=found,
                version=version_of(form),
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=clock.now(),
            )
        except DomainError as error:
            found.refresh_from_db(fields=["version"])
            form.add_refusal(error, version=found.version if isinstance(error, StaleError) else None)
        else:
            messages.success(request, _("The decision is open again."))
            return redirect(found)
    return _page(request, found.meeting, form, heading, found.text)


@require_safe
def decision_list(request: HttpRequest) -> HttpResponse:
    """The decisions of the tables that the person sees, the open ones first."""
    page = Paginator(selectors.decisions_for(request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "crumbs": crumbs(_("Decisions")),
        "page": page,
        "columns": decision_columns(of_one_meeting=False),
        "rows": [decision_row(request.user, row, of_one_meeting=False) for row in page],
    }
    return render(request, "actions/decision_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def activity_networks(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The networks that take part in a table: add one, take away one added by mistake."""
    activity = activity_for(request, uuid)
    check_can_keep_register(request.user, activity)
    rows = list(activity.participations.select_related("network").order_by("network__name", "pk"))
    taken = [row.network_id for row in rows]
    form = ParticipationForm(
        request.POST if "remove" not in request.POST and request.method == "POST" else None,
        networks=selectors.networks_to_invite(activity).exclude(pk__in=taken),
        initial={"since": activity.starts_on},
        cancel_url=activity.get_absolute_url(),
    )
    heading = _("Networks that take part")
    if request.method == "POST" and "remove" in request.POST:
        row = get_object_or_404(activity.participations.select_related("network"), network__uuid=request.POST["remove"])
        refused = activity_selectors.refusal(
            lambda: participations.remove_network(activity=activity, network=row.network, by=request.user)
        )
        if refused:
            messages.error(request, refused)
        else:
            messages.success(request, _("%(network)s no longer takes part.") % {"network": row.network.name})
        return redirect(reverse("actions:activity-networks", args=[activity.uuid]))
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        try:
            participations.add_network(activity=activity, network=data["network"], since=data["since"], by=request.user)
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("%(network)s takes part.") % {"network": data["network"].name})
            return redirect(reverse("actions:activity-networks", args=[activity.uuid]))
    context = {
        "form": form,
        "heading": heading,
        "kicker": activity.title,
        "lead": _(
            "Their coordinators see the table with its meetings; only the body that carries it out writes in it. Each "
            "network counts once, whatever the tables."
        ),
        "activity": activity,
        "participations": rows,
        "crumbs": crumbs((activity.title, activity.get_absolute_url()), heading),
    }
    return render(request, "actions/activity_networks.html", context)
