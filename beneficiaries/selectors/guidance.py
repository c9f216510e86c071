# SPDX-License-Identifier: EUPL-1.2
"""The guidance that persons received, as a certificate tells it: how long, in how many interventions, between which days.

Certified is what somebody may have to prove to a school, an employer or a judge: guidance to work, guidance on the school
path, educational interventions. The accompaniment to a home is not, nor is a case of a desk: nobody asks how many hours
they took, and a paper of them would tell who handles it what the person was in need of.
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Max, Min, Sum

from actions.enums import MeetingState
from actions.models import Activity
from beneficiaries.enums import AttendanceState, InterventionKind, SupportKind
from beneficiaries.models import Attendance, InterventionPerson
from beneficiaries.selectors.supports import kinds_of

CERTIFIED_KINDS = (SupportKind.WORK, SupportKind.EDUCATION, SupportKind.SCHOOL_PATH)


@dataclass(frozen=True)
class Guided:
    """What one enrolled person received: minutes, interventions, the first and the last day."""

    minutes: int
    times: int
    first_on: date
    last_on: date

    def __add__(self, other: "Guided") -> "Guided":
        return Guided(
            self.minutes + other.minutes,
            self.times + other.times,
            min(self.first_on, other.first_on),
            max(self.last_on, other.last_on),
        )


def certifies_guidance(activity: Activity) -> bool:
    """Whether the certificates of an activity are of guidance, not of a course (warning: reads the activity type)."""
    return activity.has_register and activity.has_supports


def gives_guidance(activity: Activity) -> bool:
    """Whether an activity gives some support that is certified (warning: reads the activity type)."""
    return bool(set(CERTIFIED_KINDS) & set(kinds_of(activity.activity_type)))


def guidance_of(activity: Activity) -> dict[int, Guided]:
    """Return what the enrolled of an activity received, by the id of the enrolment. Two queries.

    Meetings of several persons count as the interventions do. The contacts with services, schools and employers do not:
    they are work done for the person, who was not there.
    """
    received = (
        InterventionPerson.objects.filter(
            enrolment__activity=activity, intervention__support__kind__in=[kind.value for kind in CERTIFIED_KINDS]
        )
        .exclude(intervention__kind=InterventionKind.CONTACTS)
        .order_by("enrolment")
        .values_list("enrolment")
        .annotate(
            Sum("intervention__minutes"),
            Count("pk"),
            Min("intervention__held_on"),
            Max("intervention__held_on"),
        )
    )
    found = {pk: Guided(*figures) for pk, *figures in received}
    if not gives_guidance(activity):
        return found
    attended = (
        Attendance.objects.filter(
            enrolment__activity=activity,
            state=AttendanceState.PRESENT,
            meeting__state=MeetingState.HELD,
            minutes__gte=1,
        )
        .order_by("enrolment")
        .values_list("enrolment")
        .annotate(Sum("minutes"), Count("pk"), Min("meeting__held_on"), Max("meeting__held_on"))
    )
    for pk, *figures in attended:
        there = Guided(*figures)
        found[pk] = found[pk] + there if pk in found else there
    return found
