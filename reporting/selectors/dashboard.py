# SPDX-License-Identifier: EUPL-1.2
"""The dashboard: validated and provisional figures of every scope, read from totals alone.

Its cost depends on indicators and scopes, never on how many people attended: no entry, fact or register is read.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Max, Q, Sum, Value
from django.utils import timezone

from accounts.permissions import Permission
from actions.enums import PeriodCalendar
from actions.models import Indicator, IndicatorTarget, Period, Programme
from actions.permissions import reaches_programme
from partners.permissions import network_ids_with
from reporting.enums import ScopeKind
from reporting.models import CountingScope, OpenPairTotal, Posting, ProvisionalTotal, ResultTotal
from reporting.selectors.parts import ActionParts, action_parts

VALIDATED, PROVISIONAL, UNDECIDED = "validated", "provisional", "undecided"


@dataclass(frozen=True)
class Figure:
    """One indicator in one scope. Provisional is what submitted reports would add; it is never part of validated."""

    validated: int = 0
    provisional: int = 0
    target: int | None = None
    # Pairs of records that nobody has decided yet: each counts once in `validated`.
    pairs: int = 0


@dataclass(frozen=True)
class Step:
    """One step of a trend: its label, what was new in it and the sum to date."""

    label: str
    new: int
    to_date: int


@dataclass(frozen=True)
class Board:
    """Everything that the dashboard of a programme shows a person."""

    programme: Programme
    posting: Posting | None
    # The day of the situation: the end of the last reported period, or today while it runs.
    as_of: date
    elapsed_permille: int
    scopes: list[CountingScope]
    scope: CountingScope | None
    siblings: list[CountingScope]
    indicators: list[Indicator]
    figures: dict[tuple[int, int], Figure]
    detail: Indicator | None
    trend: list[Step] = field(default_factory=list)
    crossed: dict[tuple[str, str], int] = field(default_factory=dict)
    whole: CountingScope | None = None
    # The networks that are the parts of an action, in an action.
    action_parts: ActionParts = field(default_factory=dict)

    def figure(self, indicator: Indicator, scope: CountingScope) -> Figure:
        """The figure of an indicator in a scope; nothing counted is zero."""
        return self.figures.get((indicator.pk, scope.pk), Figure())


def scopes_seen(
    user: Any, programme: Programme, permission: Permission, *, scope_uuid: str = ""
) -> list[CountingScope]:
    """Return the scopes of a programme that a person sees: all, or those of the networks that the person coordinates.

    Of a whole programme the bodies are read only for the network that is open: there may be hundreds.
    """
    scopes = CountingScope.objects.filter(programme=programme)
    if reaches_programme(user, permission, programme.pk):
        opened = CountingScope.objects.filter(programme=programme, uuid=scope_uuid or None, kind=ScopeKind.NETWORK)
        scopes = scopes.filter(~Q(kind=ScopeKind.BODY) | Q(network__in=opened.values("network")))
    else:
        scopes = scopes.filter(network__in=network_ids_with(user, permission))
    return list(
        scopes.select_related("plan", "action", "network", "organisation").order_by(
            "kind", "action__position", "action__code", "network__code", "plan__slug", "organisation__name", "pk"
        )
    )


def board(
    user: Any,
    programme: Programme,
    *,
    scope_uuid: str = "",
    indicator_code: str = "",
) -> Board:
    """Return the dashboard of a programme in one scope, with one indicator in detail (constant queries)."""
    seen = scopes_seen(user, programme, Permission.VIEW_DASHBOARD, scope_uuid=scope_uuid)
    chosen = next((scope for scope in seen if str(scope.uuid) == scope_uuid), None) or _first(seen)
    siblings = _siblings(seen, chosen)
    indicators = list(
        Indicator.objects.filter(programme=programme).select_related("action").order_by("position", "code")
    )
    shown = [scope for scope in seen if scope.kind != ScopeKind.BODY or scope in siblings]
    if chosen is not None and chosen not in shown:
        shown.append(chosen)
    detail = next((row for row in indicators if row.code == indicator_code), None) or next(iter(indicators), None)
    today = timezone.localdate()
    found = Board(
        programme=programme,
        posting=Posting.objects.filter(programme=programme).order_by("-number").first(),
        as_of=(day := reported_until(programme, today)),
        elapsed_permille=elapsed_permille(programme, day),
        scopes=[scope for scope in seen if scope.kind != ScopeKind.BODY],
        scope=chosen,
        siblings=siblings,
        indicators=indicators,
        figures=_figures(programme, shown, day),
        detail=detail,
        whole=next((scope for scope in seen if scope.kind == ScopeKind.PROGRAMME), None),
        action_parts=action_parts(programme.pk) if chosen is not None and chosen.kind == ScopeKind.ACTION else {},
    )
    if chosen is not None and detail is not None:
        _add_detail(found, chosen, detail)
    return found


def _first(scopes: list[CountingScope]) -> CountingScope | None:
    whole = next((scope for scope in scopes if scope.kind == ScopeKind.PROGRAMME), None)
    return whole or next((scope for scope in scopes if scope.kind == ScopeKind.NETWORK), None)


def _siblings(seen: list[CountingScope], chosen: CountingScope | None) -> list[CountingScope]:
    """What stands under the chosen scope: the bodies of a network, else every network."""
    if chosen is not None and chosen.kind == ScopeKind.NETWORK:
        return [scope for scope in seen if scope.kind == ScopeKind.BODY and scope.network_id == chosen.network_id]
    return [scope for scope in seen if scope.kind == ScopeKind.NETWORK]


def reported_until(programme: Programme, today: date) -> date:
    """Return the day that the figures describe: the end of the last period whose reports were opened, at most today.

    Without a report it is today. Comparing what was reported until June with the time elapsed until November would
    make every programme look late.
    """
    last = Period.objects.filter(programme=programme, activity_reports__isnull=False).aggregate(day=Max("ends_on"))
    return min(last["day"] or today, today)


def elapsed_permille(programme: Programme, day: date) -> int:
    """Return how much of the programme's time has passed, in thousandths."""
    length = (programme.last_day - programme.starts_on).days + 1
    return max(0, min(1000, ((day - programme.starts_on).days + 1) * 1000 // length))


def _figures(programme: Programme, scopes: Iterable[CountingScope], day: date) -> dict[tuple[int, int], Figure]:
    """Two queries: totals with provisional totals, and targets."""
    by_id = {scope.pk: scope for scope in scopes}
    counted = ResultTotal.objects.filter(scope__in=list(by_id)).values_list("indicator", "scope")
    waiting = ProvisionalTotal.objects.filter(scope__in=list(by_id)).values_list("indicator", "scope")
    undecided = OpenPairTotal.objects.filter(scope__in=list(by_id)).values_list("indicator", "scope")
    # One query for all, kept apart by a mark: a page may make few queries, a figure may never mix.
    rows = (
        counted.annotate(sum=Sum("quantity"), mark=Value(VALIDATED))
        .order_by()
        .union(
            waiting.annotate(sum=Sum("quantity"), mark=Value(PROVISIONAL)).order_by(),
            undecided.annotate(sum=Sum("quantity"), mark=Value(UNDECIDED)).order_by(),
            all=True,
        )
    )
    found: dict[str, dict[tuple[int, int], int]] = {VALIDATED: {}, PROVISIONAL: {}, UNDECIDED: {}}
    for indicator, scope, quantity, mark in rows:
        found[mark][indicator, scope] = quantity
    validated, provisional = found[VALIDATED], found[PROVISIONAL]
    targets: dict[tuple[int, int], int] = {}
    promised = (
        IndicatorTarget.objects.filter(indicator__programme=programme)
        .select_related("indicator")
        .order_by("valid_from", "number", "pk")
    )
    for row in promised:  # the one valid on the day of the situation; before the first one, the first
        for place in by_id.values():
            if _target_of(row, place) and (row.valid_from <= day or (row.indicator_id, place.pk) not in targets):
                targets[row.indicator_id, place.pk] = row.value
    keys = validated.keys() | provisional.keys() | targets.keys()
    return {
        key: Figure(
            validated.get(key, 0), provisional.get(key, 0), targets.get(key), pairs=found[UNDECIDED].get(key, 0)
        )
        for key in keys
    }


def _target_of(target: IndicatorTarget, scope: CountingScope) -> bool:
    """Whether a target holds for a scope; one of the whole programme holds for the only action that earns it too."""
    if target.network_id:
        return scope.kind == ScopeKind.NETWORK and scope.network_id == target.network_id
    if target.plan_id:
        return scope.kind == ScopeKind.PLAN and scope.plan_id == target.plan_id
    if scope.kind == ScopeKind.ACTION:
        only = target.indicator.rule.get("actions") or []
        return scope.action_id == target.indicator.action_id and len(only) <= 1
    return scope.kind == ScopeKind.PROGRAMME


def _add_detail(found: Board, scope: CountingScope, indicator: Indicator) -> None:
    """One query for the months of the chosen figure: its trend, and its split by gender and age."""
    rows = list(
        ResultTotal.objects.filter(scope=scope, indicator=indicator)
        .order_by("month", "sex", "age_band")
        .values_list("month", "sex", "age_band", "quantity")
    )
    for _month, sex, band, quantity in rows:
        found.crossed[sex, band] = found.crossed.get((sex, band), 0) + quantity
    quarters = found.programme.calendar == PeriodCalendar.SOLAR_QUARTERS
    found.trend.extend(steps([(month, quantity) for month, _s, _b, quantity in rows], by_quarter=quarters))


def steps(moved: list[tuple[date, int]], *, by_quarter: bool) -> list[Step]:
    """Return the sums by quarter of the year, or by month where periods begin inside one; at most the last twelve.

    From the first step that has something to the last, none left out.
    """
    sums: dict[int, int] = {}
    length = 3 if by_quarter else 1
    for month, quantity in moved:
        number = (month.year * 12 + month.month - 1) // length
        sums[number] = sums.get(number, 0) + quantity
    found, total = [], 0
    for number in range(min(sums, default=0), max(sums, default=-1) + 1):
        total += sums.get(number, 0)
        year, part = divmod(number, 12 // length)
        label = f"{year}-Q{part + 1}" if by_quarter else f"{year}-{part + 1:02d}"
        found.append(Step(label, sums.get(number, 0), total))
    return found[-12:]


def concerns(board: Board, indicator: Indicator, scope: CountingScope) -> bool:
    """Whether an indicator is shown in a scope: it can count there, or it did."""
    if (indicator.pk, scope.pk) in board.figures:
        return True
    only = indicator.rule.get("actions") or ([indicator.action.code] if indicator.action else [])
    if scope.kind == ScopeKind.ACTION:
        return not only or (scope.action is not None and scope.action.code in only)
    return scope.kind in (ScopeKind.PROGRAMME, ScopeKind.PLAN) or not only
