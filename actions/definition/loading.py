# SPDX-License-Identifier: EUPL-1.2
"""A definition file as a checked value: read, shape, cross-checks against what is loaded already."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from actions.definition.checker import UNITS, Known, word
from actions.definition.checks import problems_of_plan, problems_of_programme
from actions.definition.parsing import DefinitionError, Source, read_file
from actions.definition.shape import shape_problems
from actions.enums import Measure, Unit
from actions.models import Action, ActivityType, CadenceTarget, Indicator, Programme, TargetGroup
from partners.models import Network


@dataclass(frozen=True)
class Definition:
    """A definition without problems. `data` has the shape of `schema.PROGRAMME` or of `schema.PLAN`."""

    name: str
    is_plan: bool
    data: dict[str, Any]
    sha256: str

    def rows(self, section: str) -> list[dict[str, Any]]:
        return self.data.get(section) or []


def read_definition(path: Path) -> Definition:
    """Read a file and check all of it. Raises `DefinitionError` with every problem found."""
    return check(read_file(path))


def check(source: Source) -> Definition:
    """Return the definition that a file holds. Raises `DefinitionError` with every problem found."""
    problems = list(shape_problems(source))
    if isinstance(source.data, dict):
        if source.is_plan:
            problems += problems_of_plan(source, _known_above(source))
        elif "programme" in source.data:
            problems += problems_of_programme(source, _known_below(source))
    if problems:
        raise DefinitionError(source.name, problems)
    return Definition(source.name, source.is_plan, source.data, source.sha256)


def _known_above(source: Source) -> Known | None:
    """What the programme of a plan offers, without what the plan itself added before."""
    head = source.data.get("plan")
    if not isinstance(head, dict):
        return Known()
    programme = Programme.objects.filter(slug=word(head, "under")).first()
    if programme is None:
        return None
    others: dict[str, Any] = {"programme": programme}
    own = word(head, "slug")
    return Known(
        slug=programme.slug,
        starts_on=programme.starts_on,
        last_day=programme.last_day,
        actions=_codes(Action, **others),
        activity_types=_codes(ActivityType, without_plan=own, **others),
        target_groups=_codes(TargetGroup, **others),
        indicators=_codes(Indicator, **others),
        cadence_targets=_codes(CadenceTarget, without_plan=own, **others),
        networks=_codes(Network),
    )


def _known_below(source: Source) -> Known:
    head = source.data.get("programme")
    slug = word(head, "slug") if isinstance(head, dict) else ""
    plans: dict[str, Any] = {"programme__slug": slug, "plan__isnull": False}
    return Known(
        slug=slug, activity_types=_codes(ActivityType, **plans), cadence_targets=_codes(CadenceTarget, **plans)
    )


def _codes(model: Any, *, without_plan: str = "", **where: Any) -> set[str]:
    rows = model.objects.filter(**where)
    if without_plan:
        rows = rows.exclude(plan__slug=without_plan)
    return set(rows.order_by("code").values_list("code", flat=True))


def ledger_value(value: float, measure: str) -> int:
    """Return a target in the unit of the ledger: minutes for hours."""
    return round(value * 60) if UNITS.get(Measure(measure)) == Unit.HOURS else round(value)


def targets_of(indicator: dict[str, Any], start: date) -> list[tuple[date, int]]:
    """Return the targets of an indicator's row as (valid from, value in the unit of the ledger)."""
    given = indicator.get("targets") or ([{"value": indicator["target"]}] if "target" in indicator else [])
    return [(row.get("valid_from", start), ledger_value(row["value"], indicator["measure"])) for row in given]


def rule_of(indicator: dict[str, Any]) -> dict[str, Any]:
    """Return the rule in one spelling, whatever the order in the file: lists sorted, empty filters left out."""
    return {
        key: sorted(value) if isinstance(value, list) else value
        for key, value in sorted((indicator.get("rule") or {}).items())
        if value
    }


def cents(amount: float | None) -> int | None:
    """Return an amount of euro as whole cents."""
    return None if amount is None else round(amount * 100)
