# SPDX-License-Identifier: EUPL-1.2
"""Persons reached, by place and period: gross (the sum of the parts) beside unique (each person once), from totals alone.

The parts of a programme are its networks, those of a network its bodies, those of an action the networks that carry it
out (`reporting.selectors.parts`); a body has none, and the rows of a table add up to its gross line. No fact, entry or
register is read, whatever is asked.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Sum

from accounts.permissions import Permission
from actions.enums import Measure
from actions.models import Indicator, Period, Programme
from actions.permissions import reaches_programme
from partners.permissions import network_ids_with
from reporting.enums import ScopeKind
from reporting.models import CountingScope, OpenPairTotal, Posting, ResultTotal
from reporting.selectors.parts import ActionParts, action_parts

LEVELS = (ScopeKind.NETWORK, ScopeKind.ACTION, ScopeKind.BODY)


@dataclass(frozen=True)
class Reached:
    """Persons of one place: new in the period and to date; None where the place has no parts to be summed."""

    new: int = 0
    to_date: int = 0
    gross_new: int | None = None
    gross_to_date: int | None = None
    open_pairs: int = 0


@dataclass(frozen=True)
class Span:
    """One period that the totals can tell: whole months."""

    code: str
    first: date
    last: date
    period: Period | None = None


@dataclass
class Overview:
    """What the page shows: one line for each place, the sum of the lines, and the whole where it is seen."""

    programme: Programme
    posting: Posting | None
    indicators: list[Indicator]
    indicator: Indicator | None
    spans: list[Span]
    span: Span | None
    level: str
    lines: list[tuple[CountingScope, Reached]] = field(default_factory=list)
    whole: tuple[CountingScope, Reached] | None = None

    @property
    def gross(self) -> Reached:
        """The sum of the lines: it counts a person once in each of them."""
        return Reached(
            new=sum(reached.new for _scope, reached in self.lines),
            to_date=sum(reached.to_date for _scope, reached in self.lines),
        )


def overview(user: Any, programme: Programme, *, level: str = "", indicator: str = "", period: str = "") -> Overview:
    """Return the persons reached in the places that the person sees, at most twelve queries whatever there is."""
    indicators = list(
        Indicator.objects.filter(programme=programme, measure=Measure.PERSONS).order_by("position", "code")
    )
    chosen = next((row for row in indicators if row.code == indicator), None) or next(iter(indicators), None)
    found = spans(programme)
    level = level if level in LEVELS else ScopeKind.NETWORK
    shown = Overview(
        programme=programme,
        posting=Posting.objects.filter(programme=programme).order_by("-number").first(),
        indicators=indicators,
        indicator=chosen,
        spans=found,
        span=next((row for row in found if row.code == period), None) or next(reversed(found), None),
        level=level,
    )
    if chosen is None or shown.span is None:
        return shown
    scopes = _scopes(user, programme)
    of_actions = action_parts(programme.pk) if level == ScopeKind.ACTION else {}
    reached = _reached(chosen, shown.span, scopes, of_actions)
    shown.lines = [(scope, reached[scope.pk]) for scope in scopes if scope.kind == level]
    shown.whole = next(((scope, reached[scope.pk]) for scope in scopes if scope.kind == ScopeKind.PROGRAMME), None)
    return shown


def spans(programme: Programme) -> list[Span]:
    """Return the periods that have begun to be reported, as whole months; the months where periods begin inside one."""
    periods = list(
        Period.objects.filter(programme=programme, activity_reports__isnull=False).distinct().order_by("starts_on")
    )
    if all(row.starts_on.day == 1 and (row.ends_on + timedelta(days=1)).day == 1 for row in periods):
        return [Span(row.code, row.starts_on, row.ends_on, row) for row in periods]
    months, day = [], periods[0].starts_on.replace(day=1)
    while day <= periods[-1].ends_on:
        after = (day + timedelta(days=31)).replace(day=1)
        months.append(Span(f"{day:%Y-%m}", day, after - timedelta(days=1)))
        day = after
    return months


def _scopes(user: Any, programme: Programme) -> list[CountingScope]:
    """Every place of the programme, or the networks that the person coordinates with their bodies."""
    scopes = CountingScope.objects.filter(programme=programme).exclude(kind=ScopeKind.PLAN)
    if not reaches_programme(user, Permission.VIEW_DASHBOARD, programme.pk):
        scopes = scopes.filter(network__in=network_ids_with(user, Permission.VIEW_DASHBOARD))
    return list(
        scopes.select_related("action", "plan", "network", "organisation").order_by(
            "kind", "action__position", "action__code", "network__code", "organisation__name", "pk"
        )
    )


def _reached(
    indicator: Indicator, span: Span, scopes: Iterable[CountingScope], of_actions: ActionParts
) -> dict[int, Reached]:
    by_id = {scope.pk: scope for scope in scopes}
    totals = ResultTotal.objects.filter(indicator=indicator, scope__in=list(by_id), month__lte=span.last)
    to_date = dict(totals.order_by().values_list("scope").annotate(sum=Sum("quantity")))
    new = dict(totals.filter(month__gte=span.first).order_by().values_list("scope").annotate(sum=Sum("quantity")))
    pairs = dict(
        OpenPairTotal.objects.filter(indicator=indicator, scope__in=list(by_id))
        .order_by("pk")
        .values_list("scope", "quantity")
    )
    wholes = {scope.network_id: scope.pk for scope in by_id.values() if scope.kind == ScopeKind.NETWORK}
    programme = next((scope.pk for scope in by_id.values() if scope.kind == ScopeKind.PROGRAMME), None)
    parts: dict[int | None, list[int]] = {}
    for scope in by_id.values():
        if scope.kind == ScopeKind.NETWORK:
            parts.setdefault(programme, []).append(scope.pk)
        elif scope.kind == ScopeKind.BODY:
            parts.setdefault(wholes.get(scope.network_id), []).append(scope.pk)
    for pk, scope in by_id.items():
        networks = of_actions.get((indicator.pk, scope.action_id)) if scope.action_id else None
        if networks is not None:
            parts[pk] = [wholes[one] for one in networks if one in wholes] if networks else [pk]
    return {
        pk: Reached(
            new=new.get(pk, 0),
            to_date=to_date.get(pk, 0),
            gross_new=sum(new.get(part, 0) for part in parts[pk]) if pk in parts else None,
            gross_to_date=sum(to_date.get(part, 0) for part in parts[pk]) if pk in parts else None,
            open_pairs=pairs.get(pk, 0),
        )
        for pk in by_id
    }
