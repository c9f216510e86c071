# SPDX-License-Identifier: EUPL-1.2
"""What coordinator and body say to each other about an activity report: comments on single items, more days."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone
from django.utils.translation import gettext as _

from fami_portal.core.errors import DomainError, StaleError, TransitionNotAllowed
from fami_portal.core.outbox import queue_messages
from fami_portal.core.services import acting, record_event, take_over
from reporting import notifications
from reporting.enums import ActivityReportState
from reporting.models import ActivityReport, DueExtension, ReportComment
from reporting.permissions import check_can_edit_report, check_can_extend_report, check_can_validate_report
from reporting.selectors.report_items import known_items
from reporting.workflow import EDITABLE

# States in which the coordinator writes comments and settles them.
_WITH_COORDINATOR = (ActivityReportState.SUBMITTED, ActivityReportState.RETURNED)
MAX_LENGTH = 2000
# How far from the day of the period a body may be given time.
MOST_DAYS = 366


def _locked(report: ActivityReport) -> ActivityReport:
    return ActivityReport.objects.select_for_update(of=("self",)).with_parts().get(pk=report.pk)


def _text(text: str, field: str) -> str:
    text = text.strip()
    if not text:
        raise DomainError(_("Write what you want to say: an empty text helps nobody."), field=field)
    if len(text) > MAX_LENGTH:
        raise DomainError(
            _("The text is too long: at most %(number)s characters.") % {"number": MAX_LENGTH}, field=field
        )
    return text


def comment_on(
    *, report: ActivityReport, item: str, text: str, by: Any, at: datetime, key: UUID | None = None
) -> ReportComment:
    """Comment on one item of a submitted report; the body reads it when the report is returned.

    `item` is one of `report_items.known_items`. With the same `key` (a double click) the comment that is there comes
    back. Raises `DomainError` for an item that the report does not have or an empty text, `TransitionNotAllowed` when
    the report is not with the coordinator, `NotPermitted` for others than its coordinators.
    """
    check_can_validate_report(by, report)
    with acting(by):
        locked = _locked(report)
        key = key or uuid4()
        made = ReportComment.objects.filter(uuid=key, report=report).first()
        if made is not None:
            return made
        if locked.state != ActivityReportState.SUBMITTED:
            raise TransitionNotAllowed(_("Comments are written while the report is submitted."))
        if item not in known_items(locked):
            raise DomainError(_("Choose the item that the comment is about."), field="item")
        text = _text(text, "text")
        comment = ReportComment.objects.create(uuid=key, report=report, item=item, text=text, made_by=by, made_at=at)
        record_event(by=by, verb="report_commented", target=report, data={"comment": comment.pk, "item": item}, at=at)
    return comment


def answer(*, comment: ReportComment, text: str, by: Any, at: datetime) -> None:
    """Answer a comment, as the body that files the report; a new answer takes the place of the one before.

    Raises `DomainError` for an empty text, `TransitionNotAllowed` when it is not the body's turn or the comment is
    settled, `NotPermitted` for whoever does not file for the body.
    """
    check_can_edit_report(by, comment.report)
    with acting(by):
        report = _locked(comment.report)
        now = ReportComment.objects.get(pk=comment.pk)
        if report.state not in EDITABLE or now.sent_at is None:
            raise TransitionNotAllowed(
                _("The report is with the coordinator: comments are answered when it is returned.")
            )
        if now.resolved_at is not None:
            raise TransitionNotAllowed(_("This comment is settled already."))
        text = _text(text, "text")
        if now.answer != text:
            ReportComment.objects.filter(pk=comment.pk).update(answer=text, answered_by=by, answered_at=at)
            record_event(by=by, verb="report_comment_answered", target=report, data={"comment": comment.pk}, at=at)
        comment.refresh_from_db()


def settle(*, comment: ReportComment, by: Any, at: datetime) -> None:
    """Say that a comment is settled; settling it again changes nothing.

    Raises `TransitionNotAllowed` unless the report is submitted or returned, `NotPermitted` for others than its
    coordinators.
    """
    check_can_validate_report(by, comment.report)
    with acting(by):
        report = _locked(comment.report)
        if report.state not in _WITH_COORDINATOR:
            raise TransitionNotAllowed(_("Comments are settled while the report is with the coordinator."))
        settled = ReportComment.objects.filter(pk=comment.pk).unresolved().update(resolved_by=by, resolved_at=at)
        if settled:
            record_event(by=by, verb="report_comment_settled", target=report, data={"comment": comment.pk}, at=at)
        comment.refresh_from_db()


def extend_due(*, report: ActivityReport, due_on: date, reason: str, by: Any, at: datetime, seen: str = "") -> None:
    """Give one body more days for its report, with the reason; or correct the days given, which were too many.

    Fewer days than were given take the last extensions back, to the day of the period at most; the reason and both days
    stay in the record of acts. `seen` is the day that the person was shown (ISO), otherwise that of `report`: days are
    taken back only by who has seen them. Raises `StaleError` by who has not; `DomainError` at the field for the day that
    holds already, one before the day of the period or further than `MOST_DAYS` after it, a correction to a day that is
    over, or an empty reason; `TransitionNotAllowed` when the report is not the body's turn, `NotPermitted` for others than
    its coordinators.
    """
    check_can_extend_report(by, report)
    about = notifications.About.of(report)
    seen = seen or report.due_on.isoformat()
    with acting(by):
        locked = _locked(report)
        if locked.state not in EDITABLE:
            raise TransitionNotAllowed(_("The report has been submitted: no more days are needed."))
        if due_on < locked.due_on and seen != locked.due_on.isoformat():
            raise StaleError
        _check_day(locked, due_on, timezone.localdate(at))
        reason = _text(reason, "reason")
        kept = DueExtension.objects.filter(report=report)
        if due_on < locked.due_on:
            kept.filter(due_before__gte=due_on).delete()
            kept.filter(due_on__gt=due_on).update(due_on=due_on, reason=reason, granted_by=by, granted_at=at)
        else:
            DueExtension.objects.create(
                report=report, due_before=locked.due_on, due_on=due_on, reason=reason, granted_by=by, granted_at=at
            )
        record_event(
            by=by,
            verb="report_extended",
            target=report,
            reason=reason,
            data={"before": locked.due_on.isoformat(), "due_on": due_on.isoformat()},
            at=at,
        )
        fewer = due_on < locked.due_on
        locked.due_on = due_on
        ActivityReport.objects.filter(pk=report.pk).update(due_on=due_on)
        take_over(report, locked)
        queue_messages(notifications.extended(about, at, due_on, fewer=fewer))


def _check_day(report: ActivityReport, due_on: date, today: date) -> None:
    """Raise `DomainError` at the day of an extension, or of its correction, that cannot be."""
    first, now = report.period.due_on, report.due_on
    last = first + timedelta(days=MOST_DAYS)
    if due_on == now or due_on < first:
        raise DomainError(
            _("Choose a day after %(day)s, when the report is due now.") % {"day": f"{now:%d/%m/%Y}"}
            if now == first
            else _("The report is due on %(now)s: choose another day, not before %(first)s, the day of the period.")
            % {"now": f"{now:%d/%m/%Y}", "first": f"{first:%d/%m/%Y}"},
            field="due_on",
        )
    if due_on < now and due_on < today:
        raise DomainError(
            _("The days given are taken back from today on: the body counted on them. Choose a day that is not over."),
            field="due_on",
        )
    if due_on > last:
        raise DomainError(
            _("Choose a day by %(day)s: a year after the day of the period is the most.") % {"day": f"{last:%d/%m/%Y}"},
            field="due_on",
        )
