# SPDX-License-Identifier: EUPL-1.2
"""The acts on activity reports (design 4 and 5).

Whatever moves the ledger or its provisional figures takes the head of the programme's ledger before any other lock,
so two acts on one programme follow one another and none waits for the other's rows.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from actions.models import ClosedPeriod, Period
from fami_portal.core.errors import DomainError, StaleError, TransitionNotAllowed
from fami_portal.core.outbox import queue_messages
from fami_portal.core.services import acting, change_state, record_event, take_over
from reporting import notifications
from reporting.enums import PostingReason, ReopenScope
from reporting.ledger import facts, postings, provisional
from reporting.ledger.open_pairs import refresh_open_pairs
from reporting.ledger.reconcile import reconcile
from reporting.ledger.scopes import ensure_scopes
from reporting.ledger.units import touched_by_posting
from reporting.models import ActivityReport, Posting, ReportComment
from reporting.permissions import (
    check_can_edit_report,
    check_can_reopen_report,
    check_can_submit_report,
    check_can_validate_report,
)
from reporting.selectors.activity_reports import figures
from reporting.selectors.report_checks import Problem, problems
from reporting.services import report_versions as versions
from reporting.services.boxes import check_boxes
from reporting.workflow import ACTIVITY_REPORT, EDITABLE


class ReportHasProblemsError(DomainError):
    """The report cannot be submitted yet; `problems` holds everything that blocks it."""

    def __init__(self, found: list[Problem]) -> None:
        self.problems = found
        super().__init__(
            _("The report cannot be submitted yet: %(reasons)s") % {"reasons": " ".join(row.sentence for row in found)}
        )


class CommentsOpenError(DomainError):
    """Comments on single items are not settled yet."""

    def __init__(self) -> None:
        super().__init__(_("Some comments on single items are not settled: settle each of them, or return the report."))


class RegistersChangedError(DomainError):
    """The registers are no longer those of the submission."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "The registers changed after the submission. Return the report, so that the body submits what it says now."
            )
        )


_OPEN = """
WITH pair AS (
    SELECT stay.network_id, stay.organisation_id
      FROM partners_networkmember AS stay
     WHERE stay.role IN ('lead', 'member') AND stay.entered_on <= %(ends_on)s
       AND (stay.left_on IS NULL OR stay.left_on >= %(starts_on)s)
       AND stay.network_id IN (
        SELECT carrier.network_id FROM actions_actionnetwork AS carrier
          JOIN actions_action AS action ON action.id = carrier.action_id WHERE action.programme_id = %(programme)s)
    UNION
    SELECT activity.network_id, activity.organisation_id
      FROM actions_activity AS activity
     WHERE activity.programme_id = %(programme)s AND activity.state <> 'cancelled'
       AND activity.starts_on <= %(ends_on)s AND activity.ends_on >= %(starts_on)s
), merged AS (
    -- The networks collect the reports of their bodies, and the region (no network) those of the networks.
    INSERT INTO reporting_mergedreport (
        uuid, programme_id, network_id, period_id, state, due_on, done, strengths, deviations, problems, team_changes,
        networks_built, frozen, frozen_sha256, version)
    SELECT gen_random_uuid(), %(programme)s, place.network_id, %(period)s, 'open',
           %(due_on)s::date + CASE WHEN place.network_id IS NULL THEN %(region_days)s ELSE %(network_days)s END,
           '', '', '', '', '', '', '', '', 1
      FROM (SELECT DISTINCT network_id FROM pair UNION SELECT NULL WHERE EXISTS (SELECT 1 FROM pair)) AS place
     ORDER BY place.network_id
    ON CONFLICT ON CONSTRAINT reporting_mergedreport_once DO NOTHING
)
INSERT INTO reporting_activityreport (
    uuid, programme_id, network_id, organisation_id, period_id, state, due_on, done, strengths, deviations, problems,
    team_changes, networks_built, figures, figures_sha256, version)
SELECT gen_random_uuid(), %(programme)s, pair.network_id, pair.organisation_id, %(period)s, 'open', %(due_on)s,
       '', '', '', '', '', '', '{}', '', 1
  FROM pair
 ORDER BY pair.network_id, pair.organisation_id
ON CONFLICT ON CONSTRAINT reporting_activityreport_once DO NOTHING
RETURNING id
"""

# Days after the due date of the bodies by which a network, and then the region, has put their reports together.
NETWORK_DAYS = 10
REGION_DAYS = 20


def open_activity_reports(*, period: Period, by: Any, at: datetime) -> int:
    """Open the reports of a period: one for each body that carries out the programme in a network.

    Leads and members of a network that were in it on some day of the period, and any body with an activity of its own
    there: who left in the middle owes its part, who entered later owes nothing. The reports of the networks and of
    the region are opened in the same statement. Running it again, or twice at once, opens only what is missing. Tells those who file. Returns how many were opened.
    """
    with acting(by):
        with connection.cursor() as cursor:
            cursor.execute(
                _OPEN,
                {
                    "programme": period.programme_id,
                    "period": period.pk,
                    "starts_on": period.starts_on,
                    "ends_on": period.ends_on,
                    "due_on": period.due_on,
                    "network_days": NETWORK_DAYS,
                    "region_days": REGION_DAYS,
                },
            )
            ids = [row[0] for row in cursor.fetchall()]
        if ids:
            record_event(by=by, verb="reports opened", target=period, data={"reports": len(ids)}, at=at)
            reports = ActivityReport.objects.filter(pk__in=ids).with_parts().order_by("pk")
            queue_messages(notifications.opened(list(reports)))
        return len(ids)


def save_narrative(*, report: ActivityReport, values: Mapping[str, Any], version: int, by: Any) -> None:
    """Save the boxes of the narrative; drafts may be incomplete.

    `values` holds some or all of `ActivityReport.NARRATIVE`, and `problem_origins` as a list of codes. What is saved
    already is not saved again. Raises `StaleError` when the report was saved meanwhile,
    `TransitionNotAllowed` when it is no longer the body's turn, `NotPermitted` for whoever does not file for the body.
    """
    if by is not None:
        check_can_edit_report(by, report)
    check_boxes(values)
    with acting(by):
        locked = ActivityReport.objects.select_for_update().get(pk=report.pk)
        if locked.state not in EDITABLE:
            raise TransitionNotAllowed(_("The report has been submitted: it cannot be changed until it is returned."))
        if all(getattr(locked, name) == value for name, value in values.items()):
            take_over(report, locked)  # a draft sent twice: the second changes nothing, not even the version
            return
        if locked.version != version:
            raise StaleError
        for name, value in values.items():
            setattr(locked, name, value)
        locked.version += 1
        ActivityReport.objects.filter(pk=report.pk).update(**values, version=locked.version)
        take_over(report, locked)


def _close_registers(report: ActivityReport) -> None:
    """Wait for those who are writing in the body's registers, and keep others out until the commit."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(actions_closure_key(%s, %s))", [report.network_id, report.organisation_id]
        )


def _now(report: ActivityReport) -> ActivityReport:
    """Read the report again behind the head of the ledger, where no other act can change its state."""
    return ActivityReport.objects.with_parts().get(pk=report.pk)


def submit(*, report: ActivityReport, by: Any, at: datetime, on_behalf_of: str = "") -> None:
    """Submit a report to the coordinator, with its figures as the registers show them now, and keep this version.

    A report reopened for its texts alone keeps its validated figures: no draft is written, nothing becomes
    provisional. Raises `ReportHasProblemsError` with all that blocks it, `TransitionNotAllowed` when it is submitted
    already, `NotPermitted` for whoever does not file for the body. `on_behalf_of` names the author when another person
    types.
    """
    check_can_submit_report(by, report)
    about = notifications.About.of(report)
    with acting(by):
        postings.take_head(report.programme_id)
        now = _now(report)
        if not now.is_text_only:
            _close_registers(report)
        ACTIVITY_REPORT.check(now.state, "submit")
        found = problems(now)
        blocking = [problem for problem in found if problem.blocking]
        if blocking:
            raise ReportHasProblemsError(blocking)
        change_state(
            instance=report,
            workflow=ACTIVITY_REPORT,
            transition="submit",
            by=by,
            on_behalf_of=on_behalf_of,
            at=at,
            submitted_at=at,
            submitted_by=by,
        )
        if not now.is_text_only:
            ensure_scopes(report.programme_id)
            facts.draft(report.pk)
            report.figures = figures(report, submitted=True)
            report.figures_sha256 = facts.fingerprint(report.pk, submitted=True)
            ActivityReport.objects.filter(pk=report.pk).update(
                figures=report.figures, figures_sha256=report.figures_sha256
            )
            provisional.submitted(report.programme_id, report.pk)
        versions.keep_version(report, warnings={problem.code for problem in found}, by=by, at=at)
        queue_messages(notifications.submitted(about, at))


def return_for_changes(*, report: ActivityReport, comment: str, by: Any, at: datetime) -> None:
    """Send a submitted report back to the body with what must be corrected, and with the comments on its items.

    Without a general comment those on the items must say it. Raises `TransitionNotAllowed` without either or when the
    report is not submitted, `NotPermitted` for others than its coordinators.
    """
    check_can_validate_report(by, report)
    about = notifications.About.of(report)
    with acting(by):
        postings.take_head(report.programme_id)
        sent = ReportComment.objects.filter(report=report, sent_at__isnull=True).unresolved().update(sent_at=at)
        if sent and not comment.strip():
            comment = ngettext(
                "%(number)s comment on a single item: read it in the report.",
                "%(number)s comments on single items: read them in the report.",
                sent,
            ) % {"number": sent}
        text_only = _now(report).is_text_only
        if not text_only:
            provisional.withdrawn(report.programme_id, report.pk)
        change_state(instance=report, workflow=ACTIVITY_REPORT, transition="return", by=by, comment=comment, at=at)
        if not text_only:
            facts.drop_drafts(report.pk)
        queue_messages(notifications.returned(about, at))


def validate(*, report: ActivityReport, by: Any, at: datetime) -> Posting | None:
    """Validate a submitted report: close the body's period, freeze the facts, post what they change, keep a copy.

    Returns the posting; None for a report reopened for its texts alone, whose facts and closed period are left as they
    are. Raises `RegistersChangedError` when the registers are not those of the submission, `CommentsOpenError` while a
    comment on an item is not settled, `TransitionNotAllowed` when somebody was faster, `NotPermitted` for others than its coordinators and for the person
    who submitted it.
    """
    check_can_validate_report(by, report)
    try:
        with acting(by):
            return _validate(report, by, at)
    except DomainError:
        report.refresh_from_db()
        raise


def _validate(report: ActivityReport, by: Any, at: datetime) -> Posting | None:
    about = notifications.About.of(report)
    posting = None
    if report.is_text_only:
        postings.take_head(report.programme_id)
    else:
        posting = postings.open_posting(
            programme=report.programme_id, reason=PostingReason.VALIDATION, report=report, by=by, at=at
        )
    version = versions.being_validated(report)
    now = version.report if version else _now(report)
    ACTIVITY_REPORT.check(now.state, "validate")
    if now.is_text_only != report.is_text_only:
        raise StaleError
    if version is None:
        version = versions.keep_version(now, warnings=(), by=now.submitted_by, at=now.submitted_at or at)
    elif version.open_comments:  # type: ignore[attr-defined]  # annotated
        raise CommentsOpenError
    sha256 = versions.freeze_copy(version, posting=posting, at=at)
    change_state(
        instance=report,
        workflow=ACTIVITY_REPORT,
        transition="validate",
        by=by,
        at=at,
        data={"posting": posting.number if posting else None, "sha256": sha256},
        validated_at=at,
        validated_by=by,
        reopened_for="",
    )
    if posting is not None:
        _post(report, posting, at)
    queue_messages(notifications.validated(about, at))
    return posting


def _post(report: ActivityReport, posting: Posting, at: datetime) -> None:
    """Close the body's period, freeze the facts of the report and post what they change."""
    # Its trigger waits for those who are writing in the registers: what follows sees all that they wrote.
    ClosedPeriod.objects.create(
        network_id=report.network_id, organisation_id=report.organisation_id, period_id=report.period_id, closed_at=at
    )
    if facts.fingerprint(report.pk) != report.figures_sha256:
        raise RegistersChangedError
    # The scopes are those of the submission: the registers have not changed since.
    drafted = facts.fingerprint(report.pk, submitted=True) == report.figures_sha256
    facts.freeze([report.pk], posting, submitted=drafted)
    reconcile(posting, touched=touched_by_posting(posting.pk))
    facts.drop_drafts(report.pk)
    provisional.posted(posting)
    refresh_open_pairs(report.programme_id)


def reopen(
    *, report: ActivityReport, reason: str, by: Any, at: datetime, scope: ReopenScope = ReopenScope.FIGURES
) -> None:
    """Open a validated report again, so that the body can correct its registers; entries stand until the new validation.

    With the scope `TEXT` the words alone can be corrected: the period stays closed and the figures stand. After the period was transmitted this is a rettifica, for the regional coordinator alone. Raises
    `TransitionNotAllowed` without a reason or when the report is not validated, `NotPermitted` with the reason.
    """
    check_can_reopen_report(by, report)
    about = notifications.About.of(report)
    with acting(by):
        change_state(
            instance=report,
            workflow=ACTIVITY_REPORT,
            transition="reopen",
            by=by,
            comment=reason,
            at=at,
            data={"scope": str(scope)},
            validated_at=None,
            validated_by=None,
            reopened_for=scope,
        )
        if scope == ReopenScope.FIGURES:
            ClosedPeriod.objects.filter(
                network=report.network_id, organisation=report.organisation_id, period=report.period_id
            ).delete()
        queue_messages(notifications.reopened(about, at, text_only=scope == ReopenScope.TEXT))
