# SPDX-License-Identifier: EUPL-1.2
"""Whether the frozen copies of reports are what was frozen: each against its sha256, and against the record of acts.

Whoever could change a copy and the sha256 beside it would still have to change the record of acts, which only grows.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from actions.models import Programme
from fami_portal.core.models import AuditEvent
from reporting.models import MergedReport, MergedVersion, ReportVersion

_AT_ONCE = 200


@dataclass(frozen=True)
class Copy:
    """One frozen copy and what is wrong with it; nothing is, when `wrong` is empty."""

    report: str
    sha256: str
    wrong: str = ""


def frozen_copies(programme: Programme) -> Iterator[Copy]:
    """Read every frozen copy of a programme again, a few hundred at a time, and say of each whether it is intact."""
    own = ReportVersion.objects.filter(report__programme=programme, frozen_at__isnull=False)
    merged = MergedVersion.objects.filter(report__programme=programme, frozen_at__isnull=False)
    # Accepted before versions were kept, or again since.
    accepted = MergedReport.objects.filter(programme=programme).exclude(frozen="")
    yield from _read(own.select_related("report__period", "report__network", "report__organisation"))
    yield from _read(merged.select_related("report__period", "report__network"))
    yield from _read(accepted.select_related("period", "network"))


def _read(copies: Any) -> Iterator[Copy]:
    rows = copies.order_by("pk").iterator(chunk_size=_AT_ONCE)
    while some := list(islice(rows, _AT_ONCE)):
        reports = [getattr(copy, "report", copy) for copy in some]
        recorded = _recorded(reports)
        for copy, report in zip(some, reports, strict=True):
            yield Copy(_name(copy, report), copy.frozen_sha256, _wrong(copy, recorded.get(str(report.pk), set())))


def _recorded(reports: list[Any]) -> dict[str, set[str]]:
    """Return what the record of acts says was frozen of each report."""
    found: dict[str, set[str]] = {}
    rows = AuditEvent.objects.filter(
        target_type=reports[0]._meta.label_lower,
        target_id__in=[str(report.pk) for report in reports],
        verb__in=("validate", "accept", "conclude"),
    )
    for target, data in rows.order_by("pk").values_list("target_id", "data"):
        found.setdefault(target, set()).add((data or {}).get("sha256", ""))
    return found


def _wrong(copy: Any, recorded: set[str]) -> str:
    if hashlib.sha256(copy.frozen.encode()).hexdigest() != copy.frozen_sha256:
        return "the copy is not the one that was frozen"
    if copy.frozen_sha256 not in recorded:
        return "the record of acts knows no such copy"
    return ""


def _name(copy: Any, report: Any) -> str:
    parts = [report.period.code, report.network.code if report.network else "region"]
    if hasattr(report, "organisation"):
        parts.append(report.organisation.name)
    return " ".join([*parts, f"v{copy.number}" if hasattr(copy, "number") else ""]).strip()
