# SPDX-License-Identifier: EUPL-1.2
"""The items of an activity report, and what has been said about each."""

from collections.abc import Iterable
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from actions.models import Indicator
from reporting.models import ActivityReport, ReportComment
from reporting.permissions import coordinates_report

WHOLE = "report"


def known_items(report: ActivityReport) -> dict[str, str]:
    """Return the items of a report with their names: the whole, each box, each figure that it has (one query)."""
    figures = report.figures.get("indicators", {})
    items = {WHOLE: _("The whole report")}
    for name in report.NARRATIVE:
        label = ActivityReport._meta.get_field(name).verbose_name  # type: ignore[union-attr]
        items[f"box:{name}"] = capfirst(str(label))
    items |= {
        f"figure:{row.code}": f"{row.code} {row.title}"
        for row in Indicator.objects.filter(programme=report.programme_id).order_by("position", "pk")
        if figures.get(row.code)
    }
    return items


def comments_of(report: ActivityReport, user: Any) -> list[ReportComment]:
    """Return the comments on a report, the open ones first; the body reads them once they were sent. One query."""
    found = ReportComment.objects.filter(report=report).select_related("made_by", "answered_by", "resolved_by")
    if not coordinates_report(user, report):
        found = found.filter(sent_at__isnull=False)
    return sorted(found.order_by("pk"), key=lambda comment: comment.resolved_at is not None)


def by_item(comments: Iterable[ReportComment]) -> dict[str, int]:
    """Return how many open comments each item has."""
    found: dict[str, int] = {}
    for comment in comments:
        if comment.resolved_at is None:
            found[comment.item] = found.get(comment.item, 0) + 1
    return found
