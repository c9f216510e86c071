# SPDX-License-Identifier: EUPL-1.2
"""The submissions of an activity report, their difference, and the frozen copy of what was validated."""

import json
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from fami_portal.core.components import Column, Lines, Link, Pill
from reporting.models import ActivityReport, ReportVersion
from reporting.rendering.report_copy import render_copy
from reporting.selectors import report_versions as selectors
from reporting.views.activity_reports import crumbs_of, report_for

TYPES = {"json": "application/json", "pdf": "application/pdf"}


@require_safe
def activity_report_versions(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Every submission; two of them side by side (the last two, unless the address says which)."""
    report = report_for(request, uuid)
    versions = selectors.versions_of(report)
    before, after = _chosen(request, versions)
    title = _("Versions of the report")
    context: dict[str, Any] = {
        "report": report,
        "programme": report.programme,
        "title": title,
        "columns": [
            Column(_("Version")),
            Column(_("Submitted on"), nowrap=True),
            Column(_("Submitted by")),
            Column(_("Frozen copy")),
            Column(_("Files")),
        ],
        "rows": [_row(report, version) for version in versions],
        "versions": versions,
        "before": before,
        "after": after,
        "crumbs": crumbs_of(report, title),
    }
    if before and after:
        context |= {
            "boxes": selectors.box_differences(before, after),
            "figure_columns": [
                Column(_("Figure")),
                Column(_("Version %(number)s") % {"number": before.number}, numeric=True),
                Column(_("Version %(number)s") % {"number": after.number}, numeric=True),
                Column(_("Difference"), numeric=True),
            ],
            "figure_rows": [
                [Lines(row.title, row.code), row.before, row.after, row.difference]
                for row in selectors.figure_differences(before, after)
            ],
        }
    return render(request, "reporting/activity_report_versions.html", context)


def _chosen(request: HttpRequest, versions: list[ReportVersion]) -> tuple[ReportVersion | None, ReportVersion | None]:
    by_number = {str(version.number): version for version in versions}
    after = by_number.get(request.GET.get("to", ""), versions[0] if versions else None)
    if after is None:
        return None, None
    earlier = [version for version in versions if version.number < after.number]
    before = by_number.get(request.GET.get("from", ""), earlier[0] if earlier else None)
    return before, after


def _row(report: ActivityReport, version: ReportVersion) -> list[Any]:
    files: Any = ""
    if version.frozen_at:
        files = Link(
            "PDF", _address(report, version, "pdf"), hidden=_("version %(number)s") % {"number": version.number}
        )
    words: Any = _("none: it was not validated")
    if version.frozen_at:
        intact = selectors.copy_is_intact(version)
        state = Pill(_("Intact"), "success") if intact else Pill(_("Changed after the validation"), "danger")
        words = Lines(state, f"sha256 {version.frozen_sha256}")
    return [str(version.number), version.submitted_at, version.submitted_by.get_full_name(), words, files]


def _address(report: ActivityReport, version: ReportVersion, fmt: str) -> str:
    return reverse("reporting:activity-report-copy", args=[report.uuid, version.number, fmt])


@require_safe
def activity_report_copy(request: HttpRequest, uuid: UUID, number: int, fmt: str) -> HttpResponse:
    """The frozen copy of a version: the canonical JSON as it was kept, or its PDF, drawn from it."""
    report = report_for(request, uuid)
    if fmt not in TYPES:
        raise Http404
    version = get_object_or_404(ReportVersion, report=report, number=number, frozen_at__isnull=False)
    content = (
        version.frozen.encode()
        if fmt == "json"
        else render_copy(json.loads(version.frozen), sha256=version.frozen_sha256)
    )
    name = f"scheda_{report.period.code}_{report.uuid}_v{number}.{fmt}"
    return HttpResponse(
        content, content_type=TYPES[fmt], headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
