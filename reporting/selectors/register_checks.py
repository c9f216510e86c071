# SPDX-License-Identifier: EUPL-1.2
"""What is looked at in the registers of an activity report: one query for all of it.

A meeting that was cancelled is never asked for: neither its register, nor its bodies, nor what it decided.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import CharField, Count, Exists, F, OuterRef, Q, QuerySet, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, ngettext_lazy

from actions.enums import ActivityKind, BodyAttendance, MeetingState
from actions.models import Campaign, Decision, Deliverable, Meeting, MeetingBody
from beneficiaries.enums import AttendanceState, Eligibility
from beneficiaries.models import Attendance, Enrolment, Intervention, InterventionPerson, Support
from mediation.enums import RequestState, SessionState
from mediation.models import MediationSession
from reporting.ledger.registers import REGISTER_KINDS
from reporting.models import ActivityReport

KEEPER = gettext_lazy("Who keeps the register")
MEDIATION = gettext_lazy("The school or service that signs, then the coordinator of mediation")


@dataclass(frozen=True)
class Problem:
    """Something to mend or to check before the report is submitted: the page where it is mended, who must act."""

    code: str
    sentence: str
    url: str
    blocking: bool
    who: str = ""


@dataclass(frozen=True)
class Place:
    """What the query of the checks depends on."""

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


# Stands for the place of any report in the query, which is built once: no report has these values.
_ANY = Place(
    -1,
    -2,
    -3,
    date(1900, 1, 1),
    date(1900, 1, 2),
    datetime(1900, 1, 1, tzinfo=UTC),
    datetime(1900, 1, 2, tzinfo=UTC),
)


def _place_of(report: ActivityReport) -> Place:
    zone = timezone.get_current_timezone()
    period = report.period
    return Place(
        report.programme_id,
        report.network_id,
        report.organisation_id,
        period.starts_on,
        period.ends_on,
        datetime.combine(period.starts_on, time(), zone),
        datetime.combine(period.ends_on + timedelta(days=1), time(), zone),
    )


@dataclass(frozen=True)
class _Check:
    """One thing that is looked at in the registers: its rows, its words for one and for many, where it is mended."""

    code: str
    rows: Callable[[Place], QuerySet[Any]]
    words: Any
    url: str
    blocking: bool = False
    who: Promise = KEEPER
    # How the activity is reached from a row.
    activity: str = "activity"
    # Only where the programme asks for the privacy notice.
    of_notices: bool = False


# Who comes is counted by the head, or by the bodies that sent somebody.
_HEAD_COUNTED = (ActivityKind.FAMILY_MEETING, ActivityKind.WORKING_GROUP)


def _meetings(place: Place) -> QuerySet[Meeting]:
    return Meeting.objects.filter(held_on__range=place.days)


def _scheduled(place: Place) -> QuerySet[Meeting]:
    return _meetings(place).filter(state=MeetingState.SCHEDULED)


def _without_attendance(place: Place) -> QuerySet[Meeting]:
    return _meetings(place).filter(
        ~Exists(Attendance.objects.filter(meeting=OuterRef("pk"))),
        state=MeetingState.HELD,
        activity__activity_type__kind__in=REGISTER_KINDS,
    )


def _partly_filled(place: Place) -> QuerySet[Meeting]:
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


def _outside(place: Place) -> QuerySet[Meeting]:
    return _meetings(place).filter(
        Q(held_on__lt=F("activity__starts_on")) | Q(held_on__gt=F("activity__ends_on")),
        ~Q(state=MeetingState.CANCELLED),
    )


def _without_bodies(place: Place) -> QuerySet[Meeting]:
    held = _meetings(place).filter(
        state=MeetingState.HELD, activity__activity_type__kind=ActivityKind.INFORMATION_MEETING
    )
    return held.exclude(bodies_present__attendance=BodyAttendance.PRESENT)


def _with_nobody(place: Place) -> QuerySet[Meeting]:
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


def _nothing_done(place: Place) -> QuerySet[Support]:
    """Supports that went on through the period without anything being done for them."""
    done = Intervention.objects.filter(support=OuterRef("pk"), held_on__range=place.days)
    return Support.objects.filter(
        Q(ended_on__isnull=True) | Q(ended_on__gt=place.ends_on), ~Exists(done), opened_on__lt=place.starts_on
    )


def _not_verified(place: Place) -> QuerySet[Enrolment]:
    return _present(place).filter(beneficiary__eligibility=Eligibility.UNVERIFIED)


def _without_notice(place: Place) -> QuerySet[Enrolment]:
    return _present(place).filter(notice_given_on__isnull=True)


def _without_measure(place: Place) -> QuerySet[Campaign]:
    return Campaign.objects.filter(published_on__range=place.days, measures__isnull=True)


def _without_evidence(place: Place) -> QuerySet[Deliverable]:
    return Deliverable.objects.filter(delivered_on__range=place.days, url="", evidence__isnull=True)


def _decisions(place: Place) -> QuerySet[Decision]:
    return Decision.objects.open().filter(due_on__lte=place.ends_on).exclude(meeting__state=MeetingState.CANCELLED)


def _not_validated(place: Place) -> QuerySet[MediationSession]:
    return MediationSession.objects.filter(
        state__in=(SessionState.PLANNED, SessionState.HELD),
        planned_from__gte=place.starts_at,
        planned_from__lt=place.ends_before,
    ).exclude(request__state=RequestState.VALIDATED)


_CHECKS = (
    _Check(
        "meeting_scheduled",
        _scheduled,
        ngettext_lazy(
            "“%(title)s”: %(number)s meeting is still scheduled. Say whether it was held or cancelled.",
            "“%(title)s”: %(number)s meetings are still scheduled. Say whether they were held or cancelled.",
            "number",
        ),
        "actions:activity",
        blocking=True,
    ),
    _Check(
        "attendance_missing",
        _without_attendance,
        ngettext_lazy(
            "“%(title)s”: the register of %(number)s meeting is empty. Fill it, or cancel the meeting if it did not take place.",
            "“%(title)s”: the registers of %(number)s meetings are empty. Fill them, or cancel the meetings that did not take place.",
            "number",
        ),
        "beneficiaries:register",
        blocking=True,
    ),
    _Check(
        "meeting_outside_activity",
        _outside,
        ngettext_lazy(
            "“%(title)s”: %(number)s meeting lies outside the dates of the activity. Correct one or the other.",
            "“%(title)s”: %(number)s meetings lie outside the dates of the activity. Correct one or the other.",
            "number",
        ),
        "actions:activity",
        blocking=True,
    ),
    _Check(
        "attendance_partial",
        _partly_filled,
        ngettext_lazy(
            "“%(title)s”: in %(number)s meeting somebody enrolled has neither presence nor absence.",
            "“%(title)s”: in %(number)s meetings somebody enrolled has neither presence nor absence.",
            "number",
        ),
        "beneficiaries:register",
    ),
    _Check(
        "notice_missing",
        _without_notice,
        ngettext_lazy(
            "“%(title)s”: for %(number)s recipient present the privacy notice is not recorded.",
            "“%(title)s”: for %(number)s recipients present the privacy notice is not recorded.",
            "number",
        ),
        "beneficiaries:register",
        of_notices=True,
    ),
    _Check(
        "bodies_missing",
        _without_bodies,
        ngettext_lazy(
            "“%(title)s”: %(number)s meeting has no body present; no association is counted for it.",
            "“%(title)s”: %(number)s meetings have no body present; no association is counted for them.",
            "number",
        ),
        "actions:activity",
    ),
    _Check(
        "nobody_present",
        _with_nobody,
        ngettext_lazy(
            "“%(title)s”: at %(number)s meeting held nobody is recorded as present. Cancel it if it did not take place.",
            "“%(title)s”: at %(number)s meetings held nobody is recorded as present. Cancel those that did not take place.",
            "number",
        ),
        "actions:activity",
    ),
    _Check(
        "recipient_not_verified",
        _not_verified,
        ngettext_lazy(
            "“%(title)s”: %(number)s recipient present is not verified and does not count yet.",
            "“%(title)s”: %(number)s recipients present are not verified and do not count yet.",
            "number",
        ),
        "beneficiaries:register",
    ),
    _Check(
        "support_without_work",
        _nothing_done,
        ngettext_lazy(
            "“%(title)s”: nothing was done in the period for %(number)s support that goes on. Record it, or end the support.",
            "“%(title)s”: nothing was done in the period for %(number)s supports that go on. Record it, or end the supports.",
            "number",
        ),
        "beneficiaries:supports",
    ),
    _Check(
        "measure_missing",
        _without_measure,
        ngettext_lazy(
            "“%(title)s”: %(number)s content has no measure; nobody reached is counted for it.",
            "“%(title)s”: %(number)s contents have no measure; nobody reached is counted for them.",
            "number",
        ),
        "actions:activity",
    ),
    _Check(
        "evidence_missing",
        _without_evidence,
        ngettext_lazy(
            "“%(title)s”: %(number)s product has neither a file nor an address as evidence.",
            "“%(title)s”: %(number)s products have neither a file nor an address as evidence.",
            "number",
        ),
        "actions:activity",
    ),
    _Check(
        "decision_open",
        _decisions,
        ngettext_lazy(
            "“%(title)s”: %(number)s decision was to be carried out by the end of the period and is still open.",
            "“%(title)s”: %(number)s decisions were to be carried out by the end of the period and are still open.",
            "number",
        ),
        "actions:activity",
        activity="meeting__activity",
    ),
    _Check(
        "mediation_not_validated",
        _not_validated,
        ngettext_lazy(
            "“%(title)s”: %(number)s session of mediation is not validated and does not count yet.",
            "“%(title)s”: %(number)s sessions of mediation are not validated and do not count yet.",
            "number",
        ),
        "actions:activity",
        who=MEDIATION,
        activity="request__activity",
    ),
)
CODES = frozenset(check.code for check in _CHECKS)


@cache
def _statement(notices: bool) -> tuple[str, tuple[Any, ...]]:
    """Return the query of all the checks with the values of `_ANY`: to build it costs more than to run it."""
    parts = [_counted(check, _ANY) for check in _CHECKS if notices or not check.of_notices]
    return parts[0].union(*parts[1:], all=True).query.sql_with_params()


def _counted(check: _Check, place: Place) -> QuerySet[Any]:
    of = check.activity
    return (
        check.rows(place)
        .filter(
            **{
                f"{of}__programme": place.programme_id,
                f"{of}__network": place.network_id,
                f"{of}__organisation": place.organisation_id,
            }
        )
        .order_by()
        .annotate(
            check=Value(check.code, output_field=CharField()),
            begins=F(f"{of}__starts_on"),
            title_of=F(f"{of}__title"),
            key=F(f"{of}__uuid"),
        )
        .values("check", "begins", "title_of", "key")
        .annotate(number=Count("pk"))
        .values_list("check", "begins", "title_of", "key", "number")
    )


def register_problems(report: ActivityReport) -> list[Problem]:
    """Return what the registers of a report lack, in one query: by check, in the order in which the activities began."""
    sql, values = _statement(report.programme.notice_required)
    place = _place_of(report)
    own = {getattr(_ANY, field.name): getattr(place, field.name) for field in fields(Place)}
    by_code: dict[str, list[Any]] = {}
    with connection.cursor() as cursor:
        cursor.execute(sql, [own.get(value, value) for value in values])
        for code, *row in cursor.fetchall():
            by_code.setdefault(code, []).append(row)
    return [
        Problem(
            check.code,
            str(check.words % {"title": title, "number": number}),
            reverse(check.url, args=[uuid]),
            check.blocking,
            str(check.who),
        )
        for check in _CHECKS
        for _starts_on, title, uuid, number in sorted(by_code.get(check.code, ()), key=lambda row: row[:3])
    ]
