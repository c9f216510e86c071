# SPDX-License-Identifier: EUPL-1.2
"""Targets with their versions: what was promised, from when to when, and why it changed."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from actions.models import Indicator, IndicatorTarget, Plan, Programme
from partners.models import Network


@dataclass(frozen=True)
class TargetVersion:
    """A version of a target with the last day on which it holds and what the one before was."""

    target: IndicatorTarget
    until: date | None
    before: int | None
    # Another one of the same day took its place: it never held.
    corrected: bool = False

    @property
    def difference(self) -> int | None:
        """By how much it differs from the version before."""
        return None if self.before is None else self.target.value - self.before

    def holds_on(self, day: date) -> bool:
        return not self.corrected and self.target.valid_from <= day and (self.until is None or day <= self.until)


def targets_of(programme: Programme) -> QuerySet[IndicatorTarget]:
    """Return all targets of a programme, each scope in the order in which they hold."""
    return (
        IndicatorTarget.objects.filter(indicator__programme=programme)
        .select_related("indicator", "plan", "network", "author")
        .order_by(
            "indicator__position", "indicator__code", "plan__title", "network__name", "valid_from", "number", "pk"
        )
    )


def versions(targets: Iterable[IndicatorTarget]) -> list[TargetVersion]:
    """Return targets with the end of each; those of one indicator and scope must come in their order."""
    groups: dict[tuple[int, int | None, int | None], list[IndicatorTarget]] = defaultdict(list)
    for target in targets:
        groups[target.indicator_id, target.plan_id, target.network_id].append(target)
    found = []
    for rows in groups.values():
        for before, row, after in zip([None, *rows][:-1], rows, [*rows, None][1:], strict=True):
            same = after is not None and after.valid_from == row.valid_from
            until = after.valid_from - timedelta(days=1) if after is not None and not same else None
            found.append(TargetVersion(row, until, before.value if before else None, corrected=same))
    return found


def scope_of(target: IndicatorTarget) -> Any:
    """Return of what it is the target: a plan, a network, or nothing for the whole programme."""
    return target.plan or target.network or ""


def last_version(indicator: Indicator, plan: Plan | None, network: Network | None) -> IndicatorTarget | None:
    """Return the version that a new one follows."""
    rows = IndicatorTarget.objects.filter(indicator=indicator, plan=plan, network=network)
    return rows.order_by("-valid_from", "-number", "-pk").first()


def targets_on(plan: Plan, day: date) -> list[IndicatorTarget]:
    """Return the targets of a plan that hold on a day; before the first of an indicator, the first."""
    rows = (
        IndicatorTarget.objects.filter(plan=plan)
        .select_related("indicator")
        .order_by("indicator__position", "indicator__code", "valid_from", "number", "pk")
    )
    held: dict[int, IndicatorTarget] = {}
    for row in rows:
        if row.valid_from <= day or row.indicator_id not in held:
            held[row.indicator_id] = row
    return list(held.values())
