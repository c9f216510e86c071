# SPDX-License-Identifier: EUPL-1.2
"""Pages of activities: list, export, page, new, correction, change of state."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from actions.enums import ActivityKind, ActivityState, MeetingState
from actions.filters import ActivityFilter
from actions.forms import ActivityEditForm, ActivityForm, ReasonForm, version_of
from actions.models import Activity, Meeting
from actions.permissions import can_keep_register, check_can_keep_register
from actions.selectors import activities as selectors
from actions.selectors.plans import plans_for, plans_of_activity
from actions.selectors.tables import network_names
from actions.services import activities as services
from actions.views.activity_parts import parts_of
from actions.views.pages import activity_for, crumbs, form_page, history_of, pill_of
from actions.workflow import MEETING, check_activity_open
from fami_portal.core.components import Button, Column, Lines, Link, Pill
from fami_portal.core.downloads import download_list, export_links
from fami_portal.core.errors import DomainError, NotPermitted, StaleError
from fami_portal.core.exports import CellType
from fami_portal.core.exports import Column as FileColumn
from fami_portal.core.templatetags.ui import hours
from partners.models import Organisation

PAGE_SIZE = 25


@require_safe
def activity_list(request: HttpRequest) -> HttpResponse:
    """The activities that the person may see, with filters."""
    found = ActivityFilter(request.GET, queryset=selectors.activities_for(request.user), request=request)
    page = Paginator(found.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    columns = [
        Column(_("Activity")),
        Column(_("Body and network")),
        Column(_("From – until"), nowrap=True),
        Column(_("Meetings held"), numeric=True),
        Column(_("Hours held"), numeric=True),
        Column(_("State")),
    ]
    rows = [
        [
            Lines(Link(activity.title, activity.get_absolute_url()), activity.activity_type.title),
            Lines(activity.organisation.name, activity.network.name),
            f"{activity.starts_on:%d/%m/%Y} – {activity.ends_on:%d/%m/%Y}",
            activity.meetings_held,
            hours(activity.minutes_held),
            pill_of(activity.state),
        ]
        for activity in page
    ]
    context = {
        "filter_form": found.form,
        "page": page,
        "columns": columns,
        "rows": rows,
        "exports": export_links(request, "actions:activity-export"),
        "buttons": [
            *(
                [Button(_("New activity"), reverse("actions:activity-create"))]
                if selectors.carried_out_by(request.user)
                else []
            ),
            Button(_("Decisions of the tables"), reverse("actions:decision-list"), style="outline-primary"),
        ],
    }
    return render(request, "actions/activity_list.html", context)


@require_safe
def activity_export(request: HttpRequest, fmt: str) -> Any:
    """The same selection as a file."""
    found = ActivityFilter(request.GET, queryset=selectors.activities_for(request.user), request=request)
    columns = [
        FileColumn(_("Programme"), "programme.title", width=30),
        FileColumn(_("Action"), lambda row: row.activity_type.action.code),
        FileColumn(_("Activity type"), "activity_type.title", width=40),
        FileColumn(_("Title"), "title", width=50),
        FileColumn(_("Network"), "network.name", width=30),
        FileColumn(_("Body"), "organisation.name", width=40),
        FileColumn(_("Start"), "starts_on", CellType.DATE),
        FileColumn(_("End"), "ends_on", CellType.DATE),
        FileColumn(_("State"), lambda row: row.get_state_display()),
        FileColumn(_("Meetings held"), "meetings_held", CellType.INTEGER),
        FileColumn(_("Hours held"), "minutes_held", CellType.DURATION),
    ]
    rows = found.qs.iterator(chunk_size=1000)
    return download_list(name="attivita", title=_("Activities"), fmt=fmt, columns=columns, rows=rows)


@require_http_methods(["GET", "HEAD", "POST"])
def activity_create(request: HttpRequest) -> HttpResponse:
    """Begin an activity of the own body."""
    bodies = selectors.carried_out_by(request.user)
    if not bodies:
        raise NotPermitted(_("You can begin activities only for your own body."))
    networks = list(selectors.networks_of(bodies))
    form = ActivityForm(
        request.POST or None,
        organisations=bodies,
        networks=networks,
        activity_types=selectors.activity_types_of(networks),
        venues=selectors.venues_of(networks),
        plans=list(plans_for(bodies, networks)),
        cancel_url=reverse("actions:activity-list"),
    )
    if request.method == "POST" and form.is_valid():
        try:
            activity = services.create_activity(**form.values(), key=form.submission_key, by=request.user)
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The activity is created. Now add its meetings or its contents."))
            return redirect(activity)
    context = {
        "form": form,
        "heading": _("New activity"),
        "lead": _("A lab, a course, a desk, a newsletter: what your body carries out in a network."),
        "crumbs": crumbs(_("New activity")),
    }
    return form_page(request, context)


@require_http_methods(["GET", "HEAD", "POST"])
def activity_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Correct an activity."""
    activity = activity_for(request, uuid)
    check_can_keep_register(request.user, activity)
    form = ActivityEditForm(
        request.POST or None,
        venues=selectors.venues_of([activity.network]),
        plans=list(plans_of_activity(activity)),
        version=activity.version,
        initial={
            "plan": activity.plan_id,
            "title": activity.title,
            "starts_on": activity.starts_on,
            "ends_on": activity.ends_on,
            "venue": activity.venue_id,
            "planned_hours": activity.planned_minutes and activity.planned_minutes // 60,
            "places": activity.places,
            "description": activity.description,
        },
        cancel_url=activity.get_absolute_url(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.update_activity(
                activity=activity, version=version_of(form), municipality=None, **form.values(), by=request.user
            )
        except DomainError as error:
            activity.refresh_from_db()
            form.add_refusal(error, version=activity.version if isinstance(error, StaleError) else None)
        else:
            messages.success(request, _("The activity is saved."))
            return redirect(activity)
    context = {
        "form": form,
        "heading": _("Correct the activity"),
        "kicker": activity.title,
        "crumbs": crumbs((activity.title, activity.get_absolute_url()), _("Correct the activity")),
    }
    return form_page(request, context)


MOVES = {
    "start": (services.start_activity, _("The activity has started.")),
    "conclude": (services.conclude_activity, _("The activity is concluded.")),
}
MOVES_WITH_REASON = {
    "cancel": (services.cancel_activity, _("Cancel the activity"), _("The activity is cancelled."), True),
    "resume": (services.resume_activity, _("Resume the activity"), _("The activity goes on."), False),
}


@require_POST
def activity_move(request: HttpRequest, uuid: UUID, act: str) -> HttpResponse:
    """Start or conclude an activity."""
    activity = activity_for(request, uuid)
    check_can_keep_register(request.user, activity)
    service, done = MOVES[act]
    try:
        service(activity=activity, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect(activity)


@require_http_methods(["GET", "HEAD", "POST"])
def activity_move_with_reason(request: HttpRequest, uuid: UUID, act: str) -> HttpResponse:
    """Cancel or resume an activity, with the reason."""
    activity = activity_for(request, uuid)
    check_can_keep_register(request.user, activity)
    service, label, done, danger = MOVES_WITH_REASON[act]
    form = ReasonForm(request.POST or None, submit_label=label, danger=danger, cancel_url=activity.get_absolute_url())
    if request.method == "POST" and form.is_valid():
        try:
            service(activity=activity, reason=form.cleaned_data["reason"], by=request.user)
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, done)
            return redirect(activity)
    context = {
        "form": form,
        "heading": label,
        "kicker": activity.title,
        "crumbs": crumbs((activity.title, activity.get_absolute_url()), label),
    }
    return form_page(request, context)


@require_safe
def activity(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One activity: facts, what can be done, meetings or contents or products, register in short, history."""
    found = activity_for(request, uuid)
    writes = can_keep_register(request.user, found)
    kind = found.activity_type.kind
    meetings = selectors.meetings_of(found) if kind in selectors.MEETING_KINDS else []
    decides = any(meeting.decided for meeting in meetings)
    is_open = not selectors.refusal(partial(check_activity_open, found.state))
    periods = selectors.closed_periods_of(found)
    closed = [row for row in periods if row.starts_on <= found.ends_on and row.ends_on >= found.starts_on]
    parts = parts_of(found, writes=writes, is_open=is_open)
    context = {
        "activity": found,
        "programme": found.programme,
        "pill": pill_of(found.state),
        "crumbs": crumbs(found.title),
        "facts": facts_of(found, meetings),
        "buttons": [*_buttons(request.user, found, meetings, parts), *parts.pop("network_buttons")] if writes else [],
        "panels": selectors.panels_of(request.user, found),
        "closed": ", ".join(str(period) for period in closed),
        "has_meetings": kind in selectors.MEETING_KINDS,
        "meeting_columns": [
            Column(_("Day"), nowrap=True),
            Column(_("Time"), nowrap=True),
            Column(_("Minutes"), numeric=True),
            Column(_("Topic")),
            *([] if found.has_register else [Column(_("Present"), numeric=True)]),
            *([Column(_("Decisions"))] if decides else []),
            Column(_("State")),
        ],
        "meeting_rows": [_meeting_row(row, register=found.has_register, decides=decides) for row in meetings],
        "meeting_buttons": [Button(_("Add meetings"), reverse("actions:meeting-create", args=[found.uuid]))]
        if writes and is_open
        else [],
        "has_contents": kind == ActivityKind.CAMPAIGN,
        "content_columns": [
            Column(_("Content")),
            Column(_("Channel")),
            Column(_("Published on"), nowrap=True),
            Column(_("Last value"), numeric=True),
        ],
        "content_rows": [_content_row(content) for content in selectors.contents_of(found)]
        if kind == ActivityKind.CAMPAIGN
        else [],
        "content_buttons": [Button(_("Add a content"), reverse("actions:campaign-create", args=[found.uuid]))]
        if writes and is_open
        else [],
        **parts,
        "history": history_of(found),
    }
    return render(request, "actions/activity.html", context)


def facts_of(activity: Activity, meetings: list[Meeting]) -> list[tuple[Any, Any]]:
    """Return the facts of an activity as rows of a definition list."""
    held = [meeting for meeting in meetings if meeting.state == MeetingState.HELD]
    minutes = sum(meeting.minutes for meeting in held)
    rows: list[tuple[Any, Any]] = [
        (_("Programme"), Link(activity.programme.title, activity.programme.get_absolute_url())),
        (_("Action"), str(activity.activity_type.action)),
        (_("Activity type"), activity.activity_type.title),
        *([(_("Plan"), Link(activity.plan.title, activity.plan.get_absolute_url()))] if activity.plan else []),
        (_("Body"), activity.organisation.name),
        (_("Network"), ", ".join(network_names(activity))),
        (_("Held at"), _place(activity.venue, activity.municipality)),
        (_("From – until"), f"{activity.starts_on:%d/%m/%Y} – {activity.ends_on:%d/%m/%Y}"),
    ]
    if activity.activity_type.kind in selectors.MEETING_KINDS:
        planned = hours(activity.planned_minutes) if activity.planned_minutes else None
        rows.append(
            (
                _("Hours held"),
                _("%(held)s of %(planned)s planned") % {"held": hours(minutes), "planned": planned}
                if planned
                else hours(minutes),
            )
        )
    if activity.places:
        rows.append((_("Places"), activity.places))
    if activity.description:
        rows.append((_("Description"), activity.description))
    return rows


def _place(venue: Organisation | None, municipality: Any) -> str:
    return ", ".join(str(part) for part in (venue, municipality) if part)


def _buttons(user: Any, activity: Activity, meetings: list[Meeting], parts: dict[str, Any]) -> list[Button]:
    known: dict[str, Any] = {"meetings": meetings, "products": bool(parts["product_rows"])}
    check = partial(selectors.check_activity_act, by=user, activity=activity, comment="-", **known)

    def reason(act: str) -> str:
        return selectors.refusal(partial(check, act=act))

    address = partial(reverse, args=[activity.uuid])
    edit = Button(
        _("Correct the activity"),
        address("actions:activity-edit"),
        style="outline-primary",
        disabled_reason=selectors.refusal(partial(check_activity_open, activity.state)),
    )
    copy = Button(_("Copy the activity"), address("actions:activity-copy"), style="outline-primary")
    return [*_moves(activity, address, edit, reason), copy]


def _moves(activity: Activity, address: Any, edit: Button, reason: Any) -> list[Button]:
    match activity.state:
        case ActivityState.PLANNED:
            return [
                Button(_("Start the activity"), address("actions:activity-start"), method="post"),
                edit,
                Button(
                    _("Cancel the activity"),
                    address("actions:activity-cancel"),
                    style="outline-danger",
                    disabled_reason=reason("cancel"),
                ),
            ]
        case ActivityState.RUNNING:
            return [
                Button(
                    _("Conclude the activity"),
                    address("actions:activity-conclude"),
                    method="post",
                    style="outline-primary",  # while it runs, what is done every day comes first: its register
                    disabled_reason=reason("conclude"),
                ),
                edit,
                Button(
                    _("Cancel the activity"),
                    address("actions:activity-cancel"),
                    style="outline-danger",
                    disabled_reason=reason("cancel"),
                ),
            ]
        case ActivityState.CONCLUDED:
            return [
                Button(_("Resume the activity"), address("actions:activity-resume"), style="outline-primary"),
            ]
    return []


def _meeting_row(meeting: Any, *, register: bool, decides: bool) -> list[Any]:
    present = [meeting.head_count if meeting.head_count is not None else meeting.bodies or None]
    return [
        Link(f"{meeting.held_on:%d/%m/%Y}", meeting.get_absolute_url()),
        f"{meeting.starts_at:%H:%M}–{meeting.ends_at:%H:%M}",
        meeting.minutes,
        meeting.topic,
        *([] if register else present),
        *([_decisions(meeting)] if decides else []),
        pill_of(meeting.state, MEETING),
    ]


def _decisions(meeting: Any) -> Any:
    """Say how much of what a meeting decided is still to be done, and how much of that is late."""
    if not meeting.decided:
        return None
    said = ngettext("%(open)s of %(number)s to be done", "%(open)s of %(number)s to be done", meeting.decided)
    words = said % {"open": meeting.to_do, "number": meeting.decided}
    late = ngettext("%(number)s overdue", "%(number)s overdue", meeting.late) % {"number": meeting.late}
    return Lines(words, Pill(late, "danger")) if meeting.late else words


def _content_row(content: Any) -> list[Any]:
    return [
        Lines(Link(content.title, reverse("actions:campaign", args=[content.uuid])), content.audience),
        content.channel.title,
        content.published_on,
        content.last_value,
    ]
