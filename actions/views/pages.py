# SPDX-License-Identifier: EUPL-1.2
"""What the pages of activities share: the way back, the state, the form, the history."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from actions.models import Activity
from actions.workflow import ACTIVITY
from fami_portal.core.audit import timeline
from fami_portal.core.components import Entry, Pill


def crumbs(*more: Any) -> list[Any]:
    """Return the way back to the list of activities, and what follows."""
    return [(_("Activities"), reverse("actions:activity-list")), *more]


def pill_of(state: str, workflow: Any = ACTIVITY) -> Pill:
    """Return the pill of a state."""
    return Pill(workflow.states(state).label, workflow.colours[state])


def form_page(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Return the page of a form: `form`, `heading`, `crumbs`, and if wanted `lead` and `kicker`."""
    return render(request, "actions/activity_form.html", {"lead": "", "kicker": ""} | context)


def activity_for(request: HttpRequest, uuid: UUID) -> Activity:
    """Return the activity if the person may see it; strangers find nothing."""
    return get_object_or_404(
        Activity.objects.visible_to(request.user).with_type().select_related("municipality", "venue", "plan"), uuid=uuid
    )


def history_of(instance: Any) -> list[Entry]:
    """Return the history of a thing for its page."""
    return [
        Entry(entry.at, entry.label, entry.actor, entry.comment, entry.target, entry.colour)
        for entry in timeline(instance, limit=50)
    ]
