# SPDX-License-Identifier: EUPL-1.2
"""The submissions of a report, their difference, and the frozen copy of what went through.

Of the report of a body, and of those of networks and of the region.
"""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from fami_portal.core.components import Column, Lines, Link, Pill
from reporting.models.kept_versions import KeptVersion
from reporting.rendering.report_copy import render_copy
from reporting.selectors import report_versions as selectors
from reporting.views.activity_reports import crumbs_of, report_for
from reporting.views.merged_reports import crumbs_of as merged_crumbs
from reporting.views.merged_reports import merged_for

TYPES = {"json": "application/json", "pdf": "application/pdf"}


@require_safe
def activity_report_versions(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Every submission; two of them side by side (the last two, unless the address says which)."""
    report = report_for(request, uuid)
    return _versions(request, report, crumbs_of, "reporting:activity-report-copy")


@require_safe
def merged_report_versions(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Every submission of the report of a network or of the region, as `activity_report_versions`."""
    report = merged_for(request, uuid)
    return _versions(request, report, merged_crumbs, "reporting:merged-report-copy")


def _versions(request: HttpRequest, report: Any, crumbs: Callable[..., list[Link]], copy: str) -> HttpResponse:
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
        "rows": [_row(report, version, copy) for version in versions],
        "versions": versions,
        "before": before,
        "after": after,
        "json_url": _address(report, after, "json", copy) if after and after.frozen_at else "",
        "crumbs": crumbs(report, title),
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


def _chosen(request: HttpRequest, versions: list[KeptVersion]) -> tuple[KeptVersion | None, KeptVersion | None]:
    by_number = {str(version.number): version for version in versions}
    after = by_number.get(request.GET.get("to", ""), versions[0] if versions else None)
    if after is None:
        return None, None
    earlier = [version for version in versions if version.number < after.number]
    before = by_number.get(request.GET.get("from", ""), earlier[0] if earlier else None)
    return before, after


def _row(report: Any, version: KeptVersion, copy: str) -> list[Any]:
    files: Any = ""
    if version.frozen_at:
        files = Link(
            "PDF", _address(report, version, "pdf", copy), hidden=_("version %(number)s") % {"number": version.number}
        )
    words: Any = _("none: it did not go through")
    if version.frozen_at:
        intact = selectors.copy_is_intact(version)
        state = Pill(_("Intact"), "success") if intact else Pill(_("Changed afterwards"), "danger")
        words = Lines(state, f"sha256 {version.frozen_sha256}")
    return [str(version.number), version.submitted_at, version.submitted_by.get_full_name(), words, files]


def _address(report: Any, version: KeptVersion, fmt: str, copy: str) -> str:
    return reverse(copy, args=[report.uuid, version.number, fmt])


@require_safe
def activity_report_copy(request: HttpRequest, uuid: UUID, number: int, fmt: str) -> HttpResponse:
    """The frozen copy of a version: the canonical JSON as it was kept, or its PDF, drawn from it."""
    return _copy(report_for(request, uuid), number, fmt, "scheda")


@require_safe
def merged_report_copy(request: HttpRequest, uuid: UUID, number: int, fmt: str) -> HttpResponse:
    """The frozen copy of a version of the report of a network or of the region, as `activity_report_copy`."""
    report = merged_for(request, uuid)
    return _copy(report, number, fmt, "scheda-rete" if report.network_id else "scheda-regione")


def _copy(report: Any, number: int, fmt: str, name: str) -> HttpResponse:
    if fmt not in TYPES:
        raise Http404
    version: KeptVersion = get_object_or_404(report.versions, number=number, frozen_at__isnull=False)
    content = (
        version.frozen.encode()
        if fmt == "json"
        else render_copy(json.loads(version.frozen), sha256=version.frozen_sha256)
    )
    file = f"{name}_{report.period.code}_{report.uuid}_v{number}.{fmt}"
    return HttpResponse(
        content, content_type=TYPES[fmt], headers={"Content-Disposition": f'attachment; filename="{file}"'}
    )
