# SPDX-License-Identifier: EUPL-1.2
"""The rows of the registers that a report still lacks, one query for each thing that is looked at.

A meeting that was cancelled is never asked for: neither its register, nor its bodies, nor what it decided.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from actions.enums import ActivityKind, BodyAttendance, MeetingState
from actions.models import Campaign, Decision, Deliverable, Meeting, MeetingBody
from beneficiaries.enums import AttendanceState, Eligibility
from beneficiaries.models import Attendance, Enrolment, Intervention, InterventionPerson, NoticeRenewal, Support
from mediation.enums import RequestState, SessionState
from mediation.models import MediationSession
from reporting.ledger.registers import REGISTER_KINDS


@dataclass(frozen=True)
class Place:
    """The body, the network and the days of a report: what its queries depend on."""

    programme_id: int
    network_id: int
    organisation_id: int
    starts_on: date
    ends_on: date
    starts_at: datetime
    ends_before: datetime

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day of the period."""
        return self.starts_on, self.ends_on


# Who comes is counted by the head, or by the bodies that sent somebody.
_HEAD_COUNTED = (ActivityKind.FAMILY_MEETING, ActivityKind.WORKING_GROUP)


def _meetings(place: Place) -> QuerySet[Meeting]:
    return Meeting.objects.filter(held_on__range=place.days)


def scheduled(place: Place) -> QuerySet[Meeting]:
    return _meetings(place).filter(state=MeetingState.SCHEDULED)


def without_attendance(place: Place) -> QuerySet[Meeting]:
    return _meetings(place).filter(
        ~Exists(Attendance.objects.filter(meeting=OuterRef("pk"))),
        state=MeetingState.HELD,
        activity__activity_type__kind__in=REGISTER_KINDS,
    )


def partly_filled(place: Place) -> QuerySet[Meeting]:
    enrolled = Enrolment.objects.filter(
        Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gt=OuterRef("held_on")),
        ~Exists(Attendance.objects.filter(meeting=OuterRef(OuterRef("pk")), enrolment=OuterRef("pk"))),
        activity=OuterRef("activity"),
        enrolled_on__lte=OuterRef("held_on"),
    )
    return _meetings(place).filter(
        Exists(Attendance.objects.filter(meeting=OuterRef("pk"))),
        Exists(enrolled),
        state=MeetingState.HELD,
        activity__activity_type__kind__in=REGISTER_KINDS,
    )


def outside_activity(place: Place) -> QuerySet[Meeting]:
    return _meetings(place).filter(
        Q(held_on__lt=F("activity__starts_on")) | Q(held_on__gt=F("activity__ends_on")),
        ~Q(state=MeetingState.CANCELLED),
    )


def without_bodies(place: Place) -> QuerySet[Meeting]:
    held = _meetings(place).filter(
        state=MeetingState.HELD, activity__activity_type__kind=ActivityKind.INFORMATION_MEETING
    )
    return held.exclude(bodies_present__attendance=BodyAttendance.PRESENT)


def with_nobody(place: Place) -> QuerySet[Meeting]:
    """Meetings held where a register was kept and all were absent, or where neither bodies nor people were counted."""
    present = Attendance.objects.filter(meeting=OuterRef("pk"), state=AttendanceState.PRESENT)
    bodies = MeetingBody.objects.present().filter(meeting=OuterRef("pk"))
    return _meetings(place).filter(
        Q(Exists(Attendance.objects.filter(meeting=OuterRef("pk"))), activity__activity_type__kind__in=REGISTER_KINDS)
        | Q(head_count__isnull=True, activity__activity_type__kind__in=_HEAD_COUNTED),
        ~Exists(present),
        ~Exists(bodies),
        state=MeetingState.HELD,
    )


def _present(place: Place) -> QuerySet[Enrolment]:
    present = Attendance.objects.filter(
        enrolment=OuterRef("pk"),
        state=AttendanceState.PRESENT,
        meeting__state=MeetingState.HELD,
        meeting__held_on__range=place.days,
    )
    served = InterventionPerson.objects.filter(enrolment=OuterRef("pk"), intervention__held_on__range=place.days)
    return Enrolment.objects.filter(Exists(present) | Exists(served))


def without_interventions(place: Place) -> QuerySet[Support]:
    """Supports that went on through the period without anything being done for them."""
    done = Intervention.objects.filter(support=OuterRef("pk"), held_on__range=place.days)
    return Support.objects.filter(
        Q(ended_on__isnull=True) | Q(ended_on__gt=place.ends_on), ~Exists(done), opened_on__lt=place.starts_on
    )


def not_verified(place: Place) -> QuerySet[Enrolment]:
    return _present(place).filter(beneficiary__eligibility=Eligibility.UNVERIFIED)


def without_notice(place: Place) -> QuerySet[Enrolment]:
    renewed = NoticeRenewal.objects.filter(enrolment=OuterRef("pk"))
    return _present(place).filter(~Exists(renewed), notice_given_on__isnull=True)


def without_measure(place: Place) -> QuerySet[Campaign]:
    return Campaign.objects.filter(published_on__range=place.days, measures__isnull=True)


def without_evidence(place: Place) -> QuerySet[Deliverable]:
    return Deliverable.objects.filter(delivered_on__range=place.days, url="", evidence__isnull=True)


def open_decisions(place: Place) -> QuerySet[Decision]:
    return Decision.objects.open().filter(due_on__lte=place.ends_on).exclude(meeting__state=MeetingState.CANCELLED)


def not_validated(place: Place) -> QuerySet[MediationSession]:
    return MediationSession.objects.filter(
        state__in=(SessionState.PLANNED, SessionState.HELD),
        planned_from__gte=place.starts_at,
        planned_from__lt=place.ends_before,
    ).exclude(request__state=RequestState.VALIDATED)
