# SPDX-License-Identifier: EUPL-1.2
"""Who teaches: the teachers of a body, those of the meetings of an activity, and where one is at that time already."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from actions.enums import MeetingState
from actions.models import Activity, Meeting, MeetingTeacher, Teacher
from actions.permissions import can_keep_register
from actions.selectors.activities import ActivityPanel
from fami_portal.core import clock
from fami_portal.core.components import Link
from partners.models import Membership


def bodies_teaching(activity: Activity) -> list[int]:
    """Return the bodies whose people teach in an activity: the one that carries it out, its host."""
    return [body for body in (activity.organisation_id, activity.venue_id) if body is not None]


def teachers_for(activity: Activity) -> QuerySet[Teacher]:
    """Return the teachers who can be assigned in an activity, by name."""
    return (
        Teacher.objects.filter(organisation__in=bodies_teaching(activity), is_active=True)
        .select_related("organisation")
        .order_by("family_name", "given_name", "pk")
    )


def teachers_of(user: Any) -> QuerySet[Teacher]:
    """Return the teachers among whom a page looks for one: of the own bodies, and of whose activities one sees."""
    seen = Activity.objects.visible_to(user)
    bodies = Q(organisation__in=seen.values("organisation")) | Q(organisation__in=seen.values("venue"))
    return Teacher.objects.filter(bodies).select_related("organisation")


def people_of(activity: Activity) -> QuerySet[Teacher]:
    """Return the teachers of the bodies of an activity, those who can be assigned first, then who is retired."""
    return (
        Teacher.objects.filter(organisation__in=bodies_teaching(activity))
        .select_related("organisation")
        .annotate(times=Count("meetings", filter=Q(meetings__meeting__activity=activity, meetings__cancelled=False)))
        .order_by("-is_active", "family_name", "given_name", "pk")
    )


def accounts_for(activity: Activity) -> list[tuple[int, User]]:
    """Return the accounts of people of these bodies who are no teachers yet, each with its body."""
    memberships = (
        Membership.objects.valid_on(clock.today())
        .filter(organisation__in=bodies_teaching(activity), user__is_active=True, user__teacher=None)
        .select_related("user")
        .order_by("user__family_name", "user__given_name", "user_id", "pk")
    )
    return list({one.user_id: (one.organisation_id, one.user) for one in memberships}.values())


@dataclass(frozen=True)
class Taught:
    """A meeting with its teachers: those planned, each with who came in their place."""

    meeting: Meeting
    teachers: Sequence[tuple[MeetingTeacher, MeetingTeacher | None]]
    closed: str


def taught_meetings(meetings: Iterable[Meeting], closed: Any = None) -> list[Taught]:
    """Return meetings with their teachers, in one query; `closed(meeting)` says in which closed period one lies."""
    columns = list(meetings)
    rows = list(
        MeetingTeacher.objects.filter(meeting__in=columns)
        .select_related("teacher", "teacher__organisation")
        .order_by("teacher__family_name", "teacher__given_name", "pk")
    )
    substitutes = {row.replaces_id: row for row in rows if row.replaces_id is not None}
    planned: dict[int, list[tuple[MeetingTeacher, MeetingTeacher | None]]] = {}
    for row in rows:
        if row.replaces_id is None:
            planned.setdefault(row.meeting_id, []).append((row, substitutes.get(row.pk)))
    return [
        Taught(meeting, planned.get(meeting.pk, []), str(closed(meeting) or "") if closed else "")
        for meeting in columns
    ]


def who_taught(meetings: Iterable[Meeting]) -> dict[int, str]:
    """Return the names of those who came to each meeting, or are planned, as a register says them. One query."""
    return {
        taught.meeting.pk: ", ".join((substitute or planned).teacher.name for planned, substitute in taught.teachers)
        for taught in taught_meetings(meetings)
    }


def clashes(rows: Iterable[MeetingTeacher]) -> list[MeetingTeacher]:
    """Return where the teachers of some rows, not written yet, are at that time already. One query."""
    wanted = Q(pk__in=[])
    for row in rows:
        meeting = row.meeting
        wanted |= Q(
            teacher=row.teacher_id,
            held_on=meeting.held_on,
            starts_at__lt=meeting.ends_at,
            ends_at__gt=meeting.starts_at,
        ) & ~Q(meeting=meeting)
    return list(
        MeetingTeacher.objects.filter(wanted, replaced=False, cancelled=False)
        .select_related("teacher")
        .order_by("held_on", "starts_at", "pk")
    )


def teachers_panel(user: Any, activity: Activity) -> ActivityPanel | None:
    """Return what the page of an activity says of its teachers, to those who keep its register."""
    if not activity.has_register or not can_keep_register(user, activity):
        return None
    # Whoever is followed one by one has no teacher, unless meetings of several were held too.
    if activity.has_supports and not activity.meetings.exists():
        return None
    found = activity.meetings.exclude(state=MeetingState.CANCELLED).aggregate(
        people=Count("teachers__teacher", distinct=True), without=Count("pk", filter=Q(teachers=None), distinct=True)
    )
    return ActivityPanel(
        title=_("Teachers"),
        rows=[(_("Teachers and substitutes"), found["people"]), (_("Meetings without a teacher"), found["without"])],
        link=Link(_("Teachers of the meetings"), reverse("actions:teachers", args=[activity.uuid])),
    )
