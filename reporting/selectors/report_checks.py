# SPDX-License-Identifier: EUPL-1.2
"""What an activity report still lacks: every problem at once, where it is mended and who must act."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import CharField, Count, Exists, F, OuterRef, Q, QuerySet, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from actions.enums import ActivityKind, BodyAttendance, MeetingState
from actions.models import Campaign, Decision, Deliverable, Meeting
from beneficiaries.enums import AttendanceState, Eligibility
from beneficiaries.models import Attendance, Enrolment
from mediation.enums import RequestState, SessionState
from mediation.models import MediationSession
from reporting.ledger.facts import REGISTER_KINDS
from reporting.models import ActivityReport, ReportComment

FILER = gettext_lazy("Who files the report of the body")
KEEPER = gettext_lazy("Who keeps the register")
MEDIATION = gettext_lazy("The school or service that signs, then the coordinator of mediation")
TIME = gettext_lazy("Nobody: it is a matter of days")


@dataclass(frozen=True)
class Problem:
    """Something to mend or to check before the report is submitted: the page where it is mended, who must act."""

    code: str
    sentence: str
    url: str
    blocking: bool
    who: str = ""


def problems(report: ActivityReport, *, today: date | None = None) -> list[Problem]:
    """Return everything that the report lacks, all at once: what blocks it first, then what should be checked.

    Of a report reopened for its texts alone the registers are closed: only its words are looked at. Two queries at
    most, whatever is missing.
    """
    found = _period_not_over(report, today or timezone.localdate()) + _words(report) + _comments(report)
    if not report.is_text_only:
        found += _registers(report)
    return sorted(found, key=lambda problem: not problem.blocking)


def blocking_problems(report: ActivityReport, *, today: date | None = None) -> list[Problem]:
    """Return what keeps the report from being submitted."""
    return [problem for problem in problems(report, today=today) if problem.blocking]


def completeness(codes: Collection[str]) -> dict[str, int]:
    """Return how many of the things that are looked at are in order, given the codes of what is not."""
    return {"of": len(CHECKED), "in_order": len(CHECKED) - len(CHECKED & set(codes))}


# --- the words -----------------------------------------------------------------------------------------------------


def _period_not_over(report: ActivityReport, today: date) -> list[Problem]:
    if today > report.period.ends_on:
        return []
    day = date_format(report.period.ends_on, "j F Y")
    sentence = _("The period ends on %(day)s: the report can be submitted from the day after.") % {"day": day}
    return [Problem("period_not_over", sentence, report.get_absolute_url(), True, str(TIME))]


def _words(report: ActivityReport) -> list[Problem]:
    url = reverse("reporting:activity-report-narrative", args=[report.uuid])
    found = []
    if not report.done.strip():
        sentence = _("Describe the activities carried out and what came out of them.")
        found.append(Problem("narrative_missing", sentence, f"{url}#id_done", True, str(FILER)))
    if report.problems.strip() and not report.problem_origins:
        sentence = _("Say where the problems come from: the recipient, other subjects, the context.")
        found.append(Problem("origin_missing", sentence, f"{url}#id_problem_origins_0", True, str(FILER)))
    empty = [name for name in report.NARRATIVE if name != "done" and not getattr(report, name).strip()]
    if empty:
        labels = ", ".join(f"“{report.box_label(name)}”" for name in empty)
        sentence = _("These boxes are empty: %(boxes)s. Write at least that there is nothing to report.")
        found.append(Problem("box_empty", sentence % {"boxes": labels}, f"{url}#id_{empty[0]}", False, str(FILER)))
    return found


def _comments(report: ActivityReport) -> list[Problem]:
    waiting = ReportComment.objects.filter(report=report).waiting_for_body().count()
    if not waiting:
        return []
    sentence = ngettext_lazy(
        "%(number)s comment of the coordinator has no answer yet.",
        "%(number)s comments of the coordinator have no answer yet.",
        "number",
    ) % {"number": waiting}
    url = reverse("reporting:activity-report-comments", args=[report.uuid])
    return [Problem("comment_unanswered", str(sentence), url, True, str(FILER))]


# --- the registers -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Check:
    """One thing that is looked at in the registers: its rows, its words for one and for many, where it is mended."""

    code: str
    rows: Callable[[ActivityReport], QuerySet[Any]]
    words: Any
    url: str
    blocking: bool = False
    who: Promise = KEEPER
    # How the activity is reached from a row.
    activity: str = "activity"


def _period(report: ActivityReport) -> tuple[date, date]:
    return report.period.starts_on, report.period.ends_on


def _meetings(report: ActivityReport) -> QuerySet[Meeting]:
    return Meeting.objects.filter(held_on__range=_period(report))


def _scheduled(report: ActivityReport) -> QuerySet[Meeting]:
    return _meetings(report).filter(state=MeetingState.SCHEDULED)


def _without_attendance(report: ActivityReport) -> QuerySet[Meeting]:
    return _meetings(report).filter(
        ~Exists(Attendance.objects.filter(meeting=OuterRef("pk"))),
        state=MeetingState.HELD,
        activity__activity_type__kind__in=REGISTER_KINDS,
    )


def _partly_filled(report: ActivityReport) -> QuerySet[Meeting]:
    enrolled = Enrolment.objects.filter(
        Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gt=OuterRef("held_on")),
        ~Exists(Attendance.objects.filter(meeting=OuterRef(OuterRef("pk")), enrolment=OuterRef("pk"))),
        activity=OuterRef("activity"),
        enrolled_on__lte=OuterRef("held_on"),
    )
    return _meetings(report).filter(
        Exists(Attendance.objects.filter(meeting=OuterRef("pk"))),
        Exists(enrolled),
        state=MeetingState.HELD,
        activity__activity_type__kind__in=REGISTER_KINDS,
    )


def _outside(report: ActivityReport) -> QuerySet[Meeting]:
    return _meetings(report).filter(
        Q(held_on__lt=F("activity__starts_on")) | Q(held_on__gt=F("activity__ends_on")),
        ~Q(state=MeetingState.CANCELLED),
    )


def _without_bodies(report: ActivityReport) -> QuerySet[Meeting]:
    held = _meetings(report).filter(
        state=MeetingState.HELD, activity__activity_type__kind=ActivityKind.INFORMATION_MEETING
    )
    return held.exclude(bodies_present__attendance=BodyAttendance.PRESENT)


def _present(report: ActivityReport) -> QuerySet[Enrolment]:
    present = Attendance.objects.filter(
        enrolment=OuterRef("pk"),
        state=AttendanceState.PRESENT,
        meeting__state=MeetingState.HELD,
        meeting__held_on__range=_period(report),
    )
    return Enrolment.objects.filter(Exists(present))


def _not_verified(report: ActivityReport) -> QuerySet[Enrolment]:
    return _present(report).filter(beneficiary__eligibility=Eligibility.UNVERIFIED)


def _without_notice(report: ActivityReport) -> QuerySet[Enrolment]:
    if not report.programme.notice_required:
        return Enrolment.objects.none()
    return _present(report).filter(notice_given_on__isnull=True)


def _without_measure(report: ActivityReport) -> QuerySet[Campaign]:
    return Campaign.objects.filter(published_on__range=_period(report), measures__isnull=True)


def _without_evidence(report: ActivityReport) -> QuerySet[Deliverable]:
    return Deliverable.objects.filter(delivered_on__range=_period(report), url="", evidence__isnull=True)


def _decisions(report: ActivityReport) -> QuerySet[Decision]:
    return Decision.objects.open().filter(due_on__lte=report.period.ends_on)


def _not_validated(report: ActivityReport) -> QuerySet[MediationSession]:
    zone = timezone.get_current_timezone()
    begin, end = (datetime.combine(day, time(), zone) for day in _period(report))
    return MediationSession.objects.filter(
        state__in=(SessionState.PLANNED, SessionState.HELD),
        planned_from__gte=begin,
        planned_from__lt=end + timedelta(days=1),
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
            "“%(title)s”: the register of %(number)s meeting is empty.",
            "“%(title)s”: the registers of %(number)s meetings are empty.",
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
# Everything that is looked at, for the share that is in order.
CHECKED = {
    "period_not_over",
    "narrative_missing",
    "origin_missing",
    "box_empty",
    "comment_unanswered",
    *(check.code for check in _CHECKS),
}


def _registers(report: ActivityReport) -> list[Problem]:
    """One query for all the checks: each counts its rows by activity, in the order in which the activities began."""
    parts = [_counted(check, report) for check in _CHECKS]
    rows = parts[0].union(*parts[1:], all=True)
    by_code: dict[str, list[Any]] = {}
    for row in rows:
        by_code.setdefault(row[0], []).append(row[1:])
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


def _counted(check: _Check, report: ActivityReport) -> QuerySet[Any]:
    of = check.activity
    return (
        check.rows(report)
        .filter(
            **{
                f"{of}__programme": report.programme_id,
                f"{of}__network": report.network_id,
                f"{of}__organisation": report.organisation_id,
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
