# SPDX-License-Identifier: EUPL-1.2
"""The versions of an activity report: each submission as it was, and the frozen copy of what was validated.

The copy is the canonical JSON of the version (no clock but the days of the acts, no person), kept with its sha256,
which the record of acts repeats. Its PDF is drawn from it, the same bytes each time.
"""

import hashlib
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from reporting.context import canonical_json
from reporting.models import ActivityReport, Posting, ReportComment, ReportVersion
from reporting.selectors.activity_reports import figure_rows
from reporting.selectors.report_checks import completeness

SCHEMA = "activity-report/1"


def keep_version(report: ActivityReport, *, warnings: Collection[str], by: Any, at: datetime) -> ReportVersion:
    """Keep what was submitted; inside the transaction of the submission. `warnings` are the codes of what is left."""
    last = ReportVersion.objects.filter(report=report).aggregate(last=Max("number"))["last"] or 0
    return ReportVersion.objects.create(
        report=report,
        number=last + 1,
        submitted_at=at,
        submitted_by=by,
        boxes=report.boxes(),
        problem_origins=report.problem_origins,
        figures={**report.figures, "lines": figure_rows(report), "complete": completeness(warnings)},
        figures_sha256=report.figures_sha256,
    )


def being_validated(report: ActivityReport) -> ReportVersion | None:
    """Return the last version with its report as it is now (one query); `open_comments` says whether any is unsettled.

    None for a report that was submitted before versions were kept.
    """
    unsettled = ReportComment.objects.filter(report=OuterRef("report")).unresolved()
    return (
        ReportVersion.objects.filter(report=report, frozen_at__isnull=True)
        .select_related("report__programme", "report__period", "report__network", "report__organisation")
        .annotate(open_comments=Exists(unsettled))
        .order_by("-number")
        .first()
    )


def freeze_copy(version: ReportVersion, *, posting: Posting | None, at: datetime) -> str:
    """Freeze the submitted version of a report that is being validated; returns the sha256 of the copy.

    Without a posting (texts alone) the copy names the one that holds its figures.
    """
    report = version.report
    text = canonical_json(_content(report, version, _posting_number(report, posting))).decode()
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    ReportVersion.objects.filter(pk=version.pk).update(frozen=text, frozen_sha256=sha256, frozen_at=at)
    return sha256


def _posting_number(report: ActivityReport, posting: Posting | None) -> int | None:
    if posting is not None:
        return posting.number
    return Posting.objects.filter(report=report).order_by("-number").values_list("number", flat=True).first()


def _content(report: ActivityReport, kept: ReportVersion, posting: int | None) -> dict[str, Any]:
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
        "network": {"code": report.network.code, "name": report.network.name},
        "body": report.organisation.name,
        "period": {
            "code": period.code,
            "starts_on": period.starts_on.isoformat(),
            "ends_on": period.ends_on.isoformat(),
        },
        "version": kept.number,
        "submitted_on": timezone.localdate(kept.submitted_at).isoformat(),
        "posting": posting,
        "narrative": kept.boxes,
        "problem_origins": sorted(kept.problem_origins),
        "figures": kept.figures,
        "figures_sha256": kept.figures_sha256,
    }
