# SPDX-License-Identifier: EUPL-1.2
"""What is looked at in the registers of an activity report: one query for all of it."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import CharField, Count, F, Min, QuerySet, Value
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, ngettext_lazy

from reporting.models import ActivityReport
from reporting.selectors import register_gaps as gaps
from reporting.selectors.register_gaps import Place

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
    """One thing that is looked at in the registers: its rows, its words for one and for many, where they are mended."""

    code: str
    rows: Callable[[Place], QuerySet[Any]]
    words: Any
    # The page for several of them, of the activity if not of all; "#" and what follows is the place in it. Empty where
    # others must act.
    url: str
    # The page of a single one, and how the row leads to what that page is about.
    single: str = ""
    about: str = "uuid"
    blocking: bool = False
    who: Promise = KEEPER
    # How the activity is reached from a row.
    activity: str = "activity"
    # Only where the programme asks for the privacy notice.
    of_notices: bool = False

    def address(self, activity: UUID, number: int, first: str) -> str:
        """Return where it is mended; `first` is what the page of the only one is about."""
        if number == 1 and self.single:
            page, _query, name = self.single.partition("?")
            return f"{reverse(page, args=[activity])}?{name}={first}" if name else reverse(page, args=[first])
        if not self.url:
            return ""
        page, mark, place = self.url.partition("#")
        return reverse(page, args=[activity] if page in _OF_ACTIVITIES else []) + mark + place


_OF_ACTIVITIES = ("actions:activity", "beneficiaries:register", "beneficiaries:supports")
_MEETINGS, _MEETING = "actions:activity#meetings", "actions:meeting"
_REGISTER, _REGISTER_OF_ONE = "beneficiaries:register", "beneficiaries:register?meeting"

_CHECKS = (
    _Check(
        "meeting_scheduled",
        gaps.scheduled,
        ngettext_lazy(
            "“%(title)s”: %(number)s meeting is still scheduled. Say whether it was held or cancelled.",
            "“%(title)s”: %(number)s meetings are still scheduled. Say whether they were held or cancelled.",
            "number",
        ),
        _MEETINGS,
        _MEETING,
        blocking=True,
    ),
    _Check(
        "attendance_missing",
        gaps.without_attendance,
        ngettext_lazy(
            "“%(title)s”: the register of %(number)s meeting is empty. Fill it, or cancel the meeting if it did not take place.",
            "“%(title)s”: the registers of %(number)s meetings are empty. Fill them, or cancel the meetings that did not take place.",
            "number",
        ),
        _REGISTER,
        _REGISTER_OF_ONE,
        blocking=True,
    ),
    _Check(
        "meeting_outside_activity",
        gaps.outside_activity,
        ngettext_lazy(
            "“%(title)s”: %(number)s meeting lies outside the dates of the activity. Correct one or the other.",
            "“%(title)s”: %(number)s meetings lie outside the dates of the activity. Correct one or the other.",
            "number",
        ),
        _MEETINGS,
        _MEETING,
        blocking=True,
    ),
    _Check(
        "attendance_partial",
        gaps.partly_filled,
        ngettext_lazy(
            "“%(title)s”: in %(number)s meeting somebody enrolled has neither presence nor absence.",
            "“%(title)s”: in %(number)s meetings somebody enrolled has neither presence nor absence.",
            "number",
        ),
        _REGISTER,
        _REGISTER_OF_ONE,
    ),
    _Check(
        "notice_missing",
        gaps.without_notice,
        ngettext_lazy(
            "“%(title)s”: for %(number)s recipient present the privacy notice is not recorded.",
            "“%(title)s”: for %(number)s recipients present the privacy notice is not recorded.",
            "number",
        ),
        "beneficiaries:notice-renewals",
        of_notices=True,
    ),
    _Check(
        "bodies_missing",
        gaps.without_bodies,
        ngettext_lazy(
            "“%(title)s”: %(number)s meeting has no body present; no association is counted for it.",
            "“%(title)s”: %(number)s meetings have no body present; no association is counted for them.",
            "number",
        ),
        _MEETINGS,
        _MEETING,
    ),
    _Check(
        "nobody_present",
        gaps.with_nobody,
        ngettext_lazy(
            "“%(title)s”: at %(number)s meeting held nobody is recorded as present. Cancel it if it did not take place.",
            "“%(title)s”: at %(number)s meetings held nobody is recorded as present. Cancel those that did not take place.",
            "number",
        ),
        _MEETINGS,
        _MEETING,
    ),
    _Check(
        "recipient_not_verified",
        gaps.not_verified,
        ngettext_lazy(
            "“%(title)s”: %(number)s recipient present is not verified and does not count yet.",
            "“%(title)s”: %(number)s recipients present are not verified and do not count yet.",
            "number",
        ),
        _REGISTER,
        "beneficiaries:beneficiary",
        "beneficiary__uuid",
    ),
    _Check(
        "support_without_work",
        gaps.without_interventions,
        ngettext_lazy(
            "“%(title)s”: nothing was done in the period for %(number)s support that goes on. Record it, or end the support.",
            "“%(title)s”: nothing was done in the period for %(number)s supports that go on. Record it, or end the supports.",
            "number",
        ),
        "beneficiaries:supports",
        "beneficiaries:support",
    ),
    _Check(
        "measure_missing",
        gaps.without_measure,
        ngettext_lazy(
            "“%(title)s”: %(number)s content has no measure; nobody reached is counted for it.",
            "“%(title)s”: %(number)s contents have no measure; nobody reached is counted for them.",
            "number",
        ),
        "actions:activity#contents",
        "actions:campaign",
    ),
    _Check(
        "evidence_missing",
        gaps.without_evidence,
        ngettext_lazy(
            "“%(title)s”: %(number)s product has neither a file nor an address as evidence.",
            "“%(title)s”: %(number)s products have neither a file nor an address as evidence.",
            "number",
        ),
        "actions:activity#products",
        "actions:deliverable",
    ),
    _Check(
        "decision_open",
        gaps.open_decisions,
        ngettext_lazy(
            "“%(title)s”: %(number)s decision was to be carried out by the end of the period and is still open.",
            "“%(title)s”: %(number)s decisions were to be carried out by the end of the period and are still open.",
            "number",
        ),
        _MEETINGS,
        _MEETING,
        "meeting__uuid",
        activity="meeting__activity",
    ),
    _Check(
        "mediation_not_validated",
        gaps.not_validated,
        ngettext_lazy(
            "“%(title)s”: %(number)s session of mediation is not validated and does not count yet.",
            "“%(title)s”: %(number)s sessions of mediation are not validated and do not count yet.",
            "number",
        ),
        # Nobody who files opens the requests: who must act says it.
        "",
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
        .annotate(number=Count("pk"), first=Min(Cast(check.about if check.single else "pk", CharField())))
        .values_list("check", "begins", "title_of", "key", "number", "first")
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
            check.address(uuid, number, first),
            check.blocking,
            str(check.who),
        )
        for check in _CHECKS
        for _starts_on, title, uuid, number, first in sorted(by_code.get(check.code, ()), key=lambda row: row[:3])
    ]
