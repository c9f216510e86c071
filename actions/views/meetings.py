# SPDX-License-Identifier: EUPL-1.2
"""Pages of meetings: new, page, correction, held, cancelled."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from actions.enums import ActivityKind, BodyAttendance, MeetingState
from actions.forms import (
    BodyPresentForm,
    HoldForm,
    MeetingEditForm,
    MeetingForm,
    ReasonForm,
    version_of,
)
from actions.models import Activity, Meeting
from actions.permissions import can_keep_register, can_view_activity, check_can_keep_register
from actions.selectors import activities as selectors
from actions.selectors.calendar import warnings_of
from actions.selectors.tables import network_names
from actions.services import meetings as services
from actions.views.pages import activity_for, crumbs, form_page, history_of, pill_of
from actions.views.table_panel import attendance_pill, table_of
from actions.workflow import MEETING, check_activity_open
from fami_portal.core.components import Button, Link
from fami_portal.core.errors import DomainError, StaleError

# Where associations and other bodies are what is counted.
BODY_KINDS = frozenset({ActivityKind.INFORMATION_MEETING, ActivityKind.WORKING_GROUP})


def meeting_for(request: HttpRequest, uuid: UUID) -> Meeting:
    """Return the meeting with its activity, call and minutes, if the person may see it: also whose body was called."""
    return get_object_or_404(
        Meeting.objects.visible_to(request.user).select_related(
            "activity",
            "activity__activity_type",
            "activity__activity_type__action",
            "activity__organisation",
            "activity__network",
            "activity__programme",
            "call",
            "written_minutes__document",
        ),
        uuid=uuid,
    )


def crumbs_of(user: Any, meeting: Meeting, *more: Any, sees: bool | None = None) -> list[Any]:
    """Return the way back from a page of a meeting; whoever was only called does not see the activity.

    `sees` says whether the person sees it, where the page has asked already.
    """
    activity = meeting.activity
    day = _("Meeting of %(day)s") % {"day": f"{meeting.held_on:%d/%m/%Y}"}
    last = (day, meeting.get_absolute_url()) if more else day
    sees = can_view_activity(user, activity) if sees is None else sees
    above = [(activity.title, activity.get_absolute_url())] if sees else []
    return crumbs(*above, last, *more)


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_create(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Add a meeting, or one every week."""
    activity = activity_for(request, uuid)
    check_can_keep_register(request.user, activity)
    form = MeetingForm(request.POST or None, cancel_url=activity.get_absolute_url())
    if request.method == "POST" and form.is_valid():
        try:
            added = _add(activity, form, request.user)
        except DomainError as error:
            if error.field == "last_on":
                error.field = "repeat_until"
            form.add_refusal(error)
        else:
            messages.success(
                request,
                ngettext("The meeting is added.", "%(number)s meetings are added.", len(added))
                % {"number": len(added)},
            )
            _warn(request, activity, [row.held_on for row in added])
            return redirect(activity)
    context = {
        "form": form,
        "heading": _("Add meetings"),
        "lead": _("The activity runs from %(start)s to %(end)s.")
        % {"start": f"{activity.starts_on:%d/%m/%Y}", "end": f"{activity.ends_on:%d/%m/%Y}"},
        "kicker": activity.title,
        "crumbs": crumbs((activity.title, activity.get_absolute_url()), _("Add meetings")),
    }
    return form_page(request, context)


def _add(activity: Activity, form: MeetingForm, by: Any) -> list[Meeting]:
    values = form.values()
    until = form.cleaned_data["repeat_until"]
    if until is None:
        return [services.add_meeting(activity=activity, **values, key=form.submission_key, by=by)]
    first = values.pop("held_on")
    return services.add_weekly_meetings(
        activity=activity, first_on=first, last_on=until, **values, key=form.submission_key, by=by
    )


def _warn(request: HttpRequest, activity: Activity, days: list[Any]) -> None:
    """Point out the days on which there may be nobody; nothing is refused, schools know their own calendar."""
    said = warnings_of(activity, days)
    for sentence in said[:5]:
        messages.warning(request, sentence)
    if len(said) > 5:
        messages.warning(
            request,
            ngettext("And %(number)s more day to check.", "And %(number)s more days to check.", len(said) - 5)
            % {"number": len(said) - 5},
        )


@require_safe
def meeting(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One meeting: facts, what can be done, bodies present, history."""
    return meeting_page(request, meeting_for(request, uuid))


def meeting_page(
    request: HttpRequest,
    found: Meeting,
    *,
    body_form: BodyPresentForm | None = None,
) -> HttpResponse:
    """Draw the page of a meeting; `body_form` is the form of the bodies present as it was sent, with its errors."""
    activity = found.activity
    writes = can_keep_register(request.user, activity)
    reason = _why_not(found) if writes else ""
    changeable = writes and not reason
    sees = can_view_activity(request.user, activity)
    shows_bodies = activity.activity_type.kind in BODY_KINDS
    present = list(found.bodies_present.select_related("organisation").order_by("organisation__name", "pk"))
    adds = shows_bodies and changeable and found.state != MeetingState.CANCELLED
    if not adds:
        body_form = None
    elif body_form is None:
        body_form = BodyPresentForm(organisations=selectors.bodies_for_meetings())
    if body_form is not None:
        body_form.helper.form_action = reverse("actions:meeting-body", args=[found.uuid])
    context = {
        "meeting": found,
        "programme": activity.programme,
        "heading": _("Meeting of %(day)s") % {"day": f"{found.held_on:%d/%m/%Y}"},
        "kicker": activity.title,
        "pill": pill_of(found.state, MEETING),
        "crumbs": crumbs_of(request.user, found, sees=sees),
        "facts": _facts(found, sees=sees),
        "buttons": _buttons(
            found,
            reason,
            called=any(row.attendance == BodyAttendance.CALLED for row in present),
            recorded=bool(present) and found.state == MeetingState.HELD,
        )
        if writes
        else [],
        "table": table_of(request.user, found, reason=reason, called=len(present)),
        "shows_bodies": shows_bodies or bool(present),
        "present": [
            {
                "row": row,
                "pill": attendance_pill(row.attendance),
                "remove": reverse("actions:meeting-body-remove", args=[found.uuid, row.organisation.uuid]),
            }
            for row in present
        ],
        "changeable": changeable,
        "adds": adds,
        "form": body_form,
        "association_url": reverse("actions:meeting-association", args=[found.uuid]),
        "history": history_of(found),
    }
    return render(request, "actions/meeting.html", context)


def _facts(meeting: Meeting, *, sees: bool) -> list[tuple[Any, Any]]:
    rows: list[tuple[Any, Any]] = [
        (
            _("Activity"),
            Link(meeting.activity.title, meeting.activity.get_absolute_url()) if sees else meeting.activity.title,
        ),
        (_("Network"), ", ".join(network_names(meeting.activity))),
        (_("Activity type"), meeting.activity.activity_type.title),
        (_("Time"), f"{meeting.starts_at:%H:%M}–{meeting.ends_at:%H:%M}"),
        (_("Minutes that count"), meeting.minutes),
        (_("Topic"), meeting.topic),
        (_("Place"), meeting.place),
    ]
    if not meeting.activity.has_register:
        rows.append((_("People present"), meeting.head_count))
    return rows


def _why_not(meeting: Meeting) -> str:
    """Return why nothing of the meeting can change, or nothing."""

    def check() -> None:
        check_activity_open(meeting.activity.state)
        selectors.check_days_open(meeting.activity, [meeting.held_on])

    return selectors.refusal(check)


def _register_url(meeting: Meeting) -> str:
    address = reverse("beneficiaries:register", args=[meeting.activity.uuid])
    return f"{address}?meeting={meeting.uuid}"


def _buttons(meeting: Meeting, reason: str, *, called: bool, recorded: bool) -> list[Button]:
    if meeting.state == MeetingState.CANCELLED:
        return []
    address = partial(reverse, args=[meeting.uuid])
    buttons = []
    if meeting.activity.has_register:
        buttons.append(Button(_("Write the register"), _register_url(meeting), disabled_reason=reason))
    elif called:
        buttons.append(Button(_("Record who came"), address("actions:meeting-attendance"), disabled_reason=reason))
    elif recorded:
        url = address("actions:meeting-attendance")
        buttons.append(Button(_("Correct who came"), url, style="outline-primary", disabled_reason=reason))
    elif meeting.state == MeetingState.SCHEDULED:
        buttons.append(Button(_("Record as held"), address("actions:meeting-hold"), disabled_reason=reason))
    edit = _("Correct the meeting")
    cancel = _("Cancel the meeting")
    if reason:
        return buttons or [Button(edit, disabled_reason=reason)]
    return [
        *buttons,
        Button(edit, address("actions:meeting-edit"), style="outline-primary"),
        Button(cancel, address("actions:meeting-cancel"), style="outline-danger"),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Correct a meeting."""
    found = meeting_for(request, uuid)
    check_can_keep_register(request.user, found.activity)
    form = MeetingEditForm(
        request.POST or None,
        with_head_count=not found.activity.has_register,
        version=found.version,
        initial={
            "held_on": found.held_on,
            "starts_at": found.starts_at,
            "ends_at": found.ends_at,
            "minutes": _own_minutes(found),
            "topic": found.topic,
            "place": found.place,
            "head_count": found.head_count,
        },
        cancel_url=found.get_absolute_url(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.update_meeting(meeting=found, version=version_of(form), **form.values(), by=request.user)
        except DomainError as error:
            found.refresh_from_db(fields=["version"])
            form.add_refusal(error, version=found.version if isinstance(error, StaleError) else None)
        else:
            messages.success(request, _("The meeting is saved."))
            if "held_on" in form.changed_data:
                _warn(request, found.activity, [found.held_on])
            return redirect(found)
    context = {
        "form": form,
        "heading": _("Correct the meeting"),
        "kicker": found.activity.title,
        "crumbs": crumbs_of(request.user, found, _("Correct the meeting")),
    }
    return form_page(request, context)


def _own_minutes(meeting: Meeting) -> int | None:
    whole = services.check_times(meeting.starts_at, meeting.ends_at, None)
    return meeting.minutes if meeting.minutes != whole else None


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_hold(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Record that a meeting without register took place."""
    found = meeting_for(request, uuid)
    check_can_keep_register(request.user, found.activity)
    form = HoldForm(request.POST or None, cancel_url=found.get_absolute_url())
    if request.method == "POST" and form.is_valid():
        try:
            services.hold_meeting(meeting=found, head_count=form.cleaned_data["head_count"], by=request.user)
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The meeting is recorded as held."))
            return redirect(found)
    context = {
        "form": form,
        "heading": _("Record as held"),
        "kicker": found.activity.title,
        "crumbs": crumbs_of(request.user, found, _("Record as held")),
    }
    return form_page(request, context)


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_cancel(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Cancel a meeting, with the reason."""
    found = meeting_for(request, uuid)
    check_can_keep_register(request.user, found.activity)
    label = _("Cancel the meeting")
    form = ReasonForm(request.POST or None, submit_label=label, cancel_url=found.get_absolute_url())
    if request.method == "POST" and form.is_valid():
        try:
            services.cancel_meeting(meeting=found, reason=form.cleaned_data["reason"], by=request.user)
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The meeting is cancelled."))
            return redirect(found.activity)
    context = {
        "form": form,
        "heading": label,
        "kicker": found.activity.title,
        "crumbs": crumbs_of(request.user, found, label),
    }
    return form_page(request, context)
