# SPDX-License-Identifier: EUPL-1.2
"""The reports that networks and region put together from those below them (design 4). They own no facts.

Their figures are read from the ledger; what is written here is words alone. A row lock is enough: nothing of this
moves a figure.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from fami_portal.core.errors import DomainError, StaleError, TransitionNotAllowed
from fami_portal.core.outbox import queue_messages
from fami_portal.core.services import acting, change_state, record_event, take_over
from reporting import notifications
from reporting.context import canonical_json
from reporting.enums import ProblemOrigin
from reporting.models import MergedReport, MergedVersion
from reporting.permissions import (
    check_can_conclude_merged,
    check_can_decide_merged,
    check_can_write_merged,
)
from reporting.selectors import merged_reports as selectors
from reporting.services.boxes import check_boxes
from reporting.workflow import MERGED_REPORT, WRITABLE

SCHEMA = "merged-report/2"


class PartsMissingError(DomainError):
    """Some of the reports below are not there yet; who goes on must say that it knows."""


def _locked(report: MergedReport) -> MergedReport:
    return MergedReport.objects.select_for_update(of=("self",)).with_parts().get(pk=report.pk)


def save_merged(*, report: MergedReport, values: Mapping[str, Any], version: int, by: Any) -> None:
    """Save the boxes of the report of a network or of the region.

    `values` as in `activity_reports.save_narrative`. Raises `StaleError` when it was saved meanwhile,
    `TransitionNotAllowed` when it is not being written, `NotPermitted` for others than its coordinators.
    """
    check_can_write_merged(by, report)
    check_boxes(values)
    with acting(by):
        locked = _locked(report)
        if locked.state not in WRITABLE:
            raise TransitionNotAllowed(_("The report has been submitted: it cannot be changed until it is returned."))
        if all(getattr(locked, name) == value for name, value in values.items()):
            take_over(report, locked)
            return
        if locked.version != version:
            raise StaleError
        _write(locked, values)
        take_over(report, locked)


def _write(locked: MergedReport, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(locked, name, value)
    locked.version += 1
    MergedReport.objects.filter(pk=locked.pk).update(**values, version=locked.version)


def compose(*, report: MergedReport, by: Any, at: datetime) -> int:
    """Fill the boxes that are still empty with the texts of the reports below, each under its name.

    What somebody wrote is left alone, so doing it again changes nothing. The origins of the problems are joined.
    Returns how many boxes were filled. Raises `TransitionNotAllowed`, `NotPermitted` as `save_merged`.
    """
    check_can_write_merged(by, report)
    with acting(by):
        locked = _locked(report)
        if locked.state not in WRITABLE:
            raise TransitionNotAllowed(_("The report has been submitted: it cannot be changed until it is returned."))
        parts = selectors.parts_of(locked)
        values: dict[str, Any] = {}
        for name in MergedReport.NARRATIVE:
            if getattr(locked, name).strip():
                continue
            texts = [f"{part.name}\n{text}" for part in parts if part.filed and (text := part.boxes[name].strip())]
            if texts:
                values[name] = "\n\n".join(texts)
        filled = len(values)
        origins = {origin for part in parts if part.filed for origin in part.problem_origins}
        joined = [origin for origin in ProblemOrigin.values if origin in origins | set(locked.problem_origins)]
        if joined != locked.problem_origins:
            values["problem_origins"] = joined
        if values:
            _write(locked, values)
            record_event(by=by, verb="merged_report_composed", target=locked, data={"boxes": filled}, at=at)
        take_over(report, locked)
    return filled


def _check_ready(report: MergedReport, *, with_gaps: bool) -> None:
    if not report.done.strip():
        raise DomainError(_("Describe the activities carried out and what came out of them."), field="done")
    missing = [part for part in selectors.parts_of(report) if not part.settled]
    if missing and not with_gaps:
        raise PartsMissingError(
            _("Not all the reports below are settled (%(number)s are missing): confirm that you go on without them.")
            % {"number": len(missing)},
            field="with_gaps",
        )


def submit(*, report: MergedReport, by: Any, at: datetime, with_gaps: bool = False) -> None:
    """Submit the report of a network to the region.

    `with_gaps` says that whoever submits knows that reports of bodies are missing. Raises `PartsMissingError`,
    `DomainError` without a first box, `TransitionNotAllowed`, `NotPermitted`.
    """
    check_can_write_merged(by, report)
    with acting(by):
        locked = _locked(report)
        if locked.network_id is None:
            raise TransitionNotAllowed(_("The report of the region is concluded, not submitted."))
        MERGED_REPORT.check(locked.state, "submit")
        _check_ready(locked, with_gaps=with_gaps)
        _move(report, "submit", by, at, submitted_at=at, submitted_by=by)
        _keep_version(locked, by, at)
        queue_messages(notifications.merged(locked, "submit", at))


def return_merged(*, report: MergedReport, comment: str, by: Any, at: datetime) -> None:
    """Send the report of a network back, with what must be corrected.

    Raises `TransitionNotAllowed` without a comment or when it is not submitted, `NotPermitted`.
    """
    check_can_decide_merged(by, report)
    with acting(by):
        _move(report, "return", by, at, comment=comment)
        queue_messages(notifications.merged(_locked(report), "return", at))


def accept(*, report: MergedReport, by: Any, at: datetime) -> None:
    """Accept the report of a network and freeze the copy of the version that was submitted. Raises `TransitionNotAllowed`, `NotPermitted`."""
    check_can_decide_merged(by, report)
    with acting(by):
        _freeze(report, "accept", by, at)
        queue_messages(notifications.merged(_locked(report), "accept", at))


def conclude(*, report: MergedReport, by: Any, at: datetime, with_gaps: bool = False) -> None:
    """Conclude the report of the region: keep this version with its frozen copy.

    Raises `PartsMissingError`, `DomainError` without a first box, `TransitionNotAllowed`, `NotPermitted`.
    """
    check_can_conclude_merged(by, report)
    with acting(by):
        locked = _locked(report)
        if locked.network_id is not None:
            raise TransitionNotAllowed(_("The report of a network is submitted to the region, which accepts it."))
        MERGED_REPORT.check(locked.state, "conclude")
        _check_ready(locked, with_gaps=with_gaps)
        _freeze(report, "conclude", by, at)


def reopen(*, report: MergedReport, comment: str, by: Any, at: datetime) -> None:
    """Open an accepted report again. Raises `TransitionNotAllowed` without a reason or otherwise, `NotPermitted`."""
    check_can_conclude_merged(by, report)
    with acting(by):
        _move(report, "reopen", by, at, comment=comment, accepted_at=None, accepted_by=None)


def _freeze(report: MergedReport, transition: str, by: Any, at: datetime) -> None:
    locked = _locked(report)
    MERGED_REPORT.check(locked.state, transition)
    version = locked.versions.filter(frozen_at__isnull=True).order_by("-number").first()
    if version is None:  # the region concludes without submitting
        version = _keep_version(locked, locked.submitted_by or by, locked.submitted_at or at)
    # The words are those of the submission, the figures those that the ledger holds now: what whoever accepts has seen.
    version.figures = {"lines": selectors.figure_rows(locked)}
    text = canonical_json(_content(locked, version, at)).decode()
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    MergedVersion.objects.filter(pk=version.pk).update(
        figures=version.figures, frozen=text, frozen_sha256=sha256, frozen_at=at
    )
    _move(
        report,
        transition,
        by,
        at,
        data={"sha256": sha256},
        accepted_at=at,
        accepted_by=by,
        frozen=text,
        frozen_sha256=sha256,
    )


def _keep_version(report: MergedReport, by: Any, at: datetime) -> MergedVersion:
    """Keep the words of a submission beside the figures that the ledger holds at that moment."""
    last = report.versions.aggregate(last=Max("number"))["last"] or 0
    return MergedVersion.objects.create(
        report=report,
        number=last + 1,
        submitted_at=at,
        submitted_by=by,
        boxes=report.boxes(),
        problem_origins=report.problem_origins,
        figures={"lines": selectors.figure_rows(report)},
    )


def _content(report: MergedReport, version: MergedVersion, at: datetime) -> dict[str, Any]:
    programme, period = report.programme, report.period
    return {
        "schema": SCHEMA,
        "programme": {
            "slug": programme.slug,
            "title": programme.title,
            "cup": programme.cup,
            "project_code": programme.project_code,
            "visibility_text": programme.visibility_text,
        },
        "network": {"code": report.network.code, "name": report.network.name} if report.network else None,
        "period": {
            "code": period.code,
            "starts_on": period.starts_on.isoformat(),
            "ends_on": period.ends_on.isoformat(),
        },
        "version": version.number,
        "submitted_on": timezone.localdate(version.submitted_at).isoformat(),
        "accepted_on": timezone.localdate(at).isoformat(),
        "narrative": version.boxes,
        "problem_origins": sorted(version.problem_origins),
        "figures": version.figures,
        "parts": [
            {"name": part.name, "state": part.state, "sha256": part.sha256} for part in selectors.parts_of(report)
        ],
    }


def _move(report: MergedReport, transition: str, by: Any, at: datetime, **more: Any) -> None:
    change_state(instance=report, workflow=MERGED_REPORT, transition=transition, by=by, at=at, **more)
