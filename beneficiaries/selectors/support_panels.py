# SPDX-License-Identifier: EUPL-1.2
"""What the page of an activity shows of whom it follows and of its desk."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from actions.models import Activity
from actions.permissions import can_on
from actions.selectors.activities import ActivityPanel
from beneficiaries.enums import SupportKind
from beneficiaries.models import DeskContact
from beneficiaries.permissions import can_follow
from beneficiaries.selectors.supports import FEWEST, Followed, counters_of, hours_of, kinds_of, told
from fami_portal.core.components import Link


def support_panel(user: Any, activity: Activity, figures: Followed, *, reads: bool) -> ActivityPanel:
    """Return what the page of an activity shows of whom it follows: the list to who follows (`reads`), figures to others."""
    return ActivityPanel(
        title=_("Persons and households followed"),
        text=""
        if figures.persons or not reads
        else _("Nobody yet: open the list, and take the first person or household in charge."),
        rows=[
            (_("Persons"), told(figures.persons, reads=reads)),
            (_("Supports that go on"), told(figures.going_on, reads=reads)),
            (_("Interventions"), figures.interventions if reads or figures.persons >= FEWEST else "–"),
            (_("Hours"), hours_of(figures.minutes) if reads or figures.persons >= FEWEST else "–"),
        ],
        link=Link(_("Open the persons followed"), reverse("beneficiaries:supports", args=[activity.uuid]))
        if reads
        else _paths_link(user, activity),
    )


def _paths_link(user: Any, activity: Activity) -> Link | None:
    """The way of who coordinates to the figures of the school paths, where the activity guides to them."""
    if SupportKind.SCHOOL_PATH not in kinds_of(activity.activity_type) or not can_on(
        user,
        Permission.VIEW_EVIDENCE,
        programme_id=activity.programme_id,
        network_id=activity.network_id,
        organisation_id=activity.organisation_id,
    ):
        return None
    return Link(_("School paths advised and chosen"), reverse("reporting:school-paths", args=[activity.programme.slug]))


def desk_panel(user: Any, activity: Activity) -> ActivityPanel | None:
    """Return the counters of a desk on the page of its activity, to whoever sees the activity."""
    if not activity.has_contacts:
        return None
    found = counters_of(DeskContact.objects.filter(activity=activity))
    return ActivityPanel(
        title=_("Contacts of the desk"),
        text=_("Contacts, first accesses and services are three counters: they are not persons, and are never added."),
        rows=[
            (_("Contacts"), found.contacts),
            (_("First accesses"), found.first_accesses),
            (_("Services given"), found.services),
        ],
        link=Link(_("Record a contact"), reverse("beneficiaries:contacts", args=[activity.uuid]))
        if can_follow(user, activity)
        else None,
    )
