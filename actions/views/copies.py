# SPDX-License-Identifier: EUPL-1.2
"""The page that copies an activity of last year: the new dates first, then the copy."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from actions.forms.copies import CopyForm
from actions.permissions import check_can_keep_register
from actions.selectors.copies import next_start, proposal_of
from actions.services.copies import copy_activity
from actions.views.pages import activity_for, crumbs
from fami_portal.core import clock
from fami_portal.core.components import Column
from fami_portal.core.errors import DomainError
from fami_portal.core.forms import DateInput


@require_http_methods(["GET", "HEAD", "POST"])
def activity_copy(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show the days of the copy near a chosen start, then make it."""
    activity = activity_for(request, uuid)
    check_can_keep_register(request.user, activity)
    wanted = _day(request.GET.get("starts_on", "")) or next_start(activity, clock.today())
    form = CopyForm(
        request.POST or None,
        initial={"title": activity.title, "starts_on": wanted},
        cancel_url=activity.get_absolute_url(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            copy = copy_activity(
                activity=activity,
                title=form.cleaned_data["title"],
                starts_on=form.cleaned_data["starts_on"],
                key=form.submission_key or uuid4(),
                by=request.user,
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            number = copy.meetings.count()
            messages.success(
                request,
                ngettext(
                    "The activity is copied with %(number)s meeting. Nobody is enrolled yet.",
                    "The activity is copied with %(number)s meetings. Nobody is enrolled yet.",
                    number,
                )
                % {"number": number},
            )
            return redirect(copy)
    shown = (form.is_bound and form.cleaned_data.get("starts_on")) or wanted
    proposal = proposal_of(activity, shown)
    left_out = len(proposal.meetings) - len(proposal.kept)
    context: dict[str, Any] = {
        "form": form,
        "activity": activity,
        "crumbs": crumbs((activity.title, activity.get_absolute_url()), _("Copy the activity")),
        "day_input": DateInput().render("starts_on", shown, {"id": "preview-day", "class": "form-control"}),
        "lead": _("From %(start)s to %(end)s. Recipients are not copied.")
        % {"start": f"{proposal.starts_on:%d/%m/%Y}", "end": f"{proposal.ends_on:%d/%m/%Y}"},
        "columns": [
            Column(_("It was")),
            Column(_("It will be"), nowrap=True),
            Column(_("Time"), nowrap=True),
            Column(_("Topic")),
            Column(_("Left out because")),
        ],
        "rows": [
            [
                f"{row.meeting.held_on:%d/%m/%Y}",
                f"{row.day:%d/%m/%Y}",
                f"{row.meeting.starts_at:%H:%M}–{row.meeting.ends_at:%H:%M}",
                row.meeting.topic,
                row.left_out,
            ]
            for row in proposal.meetings
        ],
        "left_out": ngettext(
            "%(number)s meeting falls on a day without lessons and is left out.",
            "%(number)s meetings fall on days without lessons and are left out.",
            left_out,
        )
        % {"number": left_out}
        if left_out
        else "",
        "address": reverse("actions:activity-copy", args=[activity.uuid]),
    }
    return render(request, "actions/activity_copy.html", context)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
