# SPDX-License-Identifier: EUPL-1.2
"""The table of a programme's money: its lines, what each is part of, and which sums do not come out."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from actions.models import Action, ActionNetwork, Budget, BudgetShare, Plan, Programme
from partners.enums import WORKING_ROLES
from partners.models import Network, NetworkMember, Organisation

# What is not divided by action stands in a column of its own.
NO_ACTION = None


@dataclass(frozen=True, order=True)
class Line:
    """Whose share it is: a network, a plan or a body in them, or what nobody has yet; all empty is the programme."""

    network: int = 0
    plan: int = 0
    organisation: int = 0
    remainder: bool = False

    @property
    def parent(self) -> "Line | None":
        """The line of which this one is a part."""
        if self.remainder or self.organisation:
            return Line(self.network, self.plan)
        if self.plan:
            return Line(self.network)
        return Line() if self.network else None

    @property
    def key(self) -> str:
        """How forms name the line."""
        return f"{self.network}-{self.plan}-{self.organisation}-{int(self.remainder)}"


WHOLE = Line()
Cells = Mapping[tuple[Line, int | None], int]


@dataclass(frozen=True)
class WrongSum:
    """A sum that does not come out: which level, which action, what it must be and what it is, in cents."""

    level: Any
    action: Any
    expected: int
    found: int
    line: Line = Line()
    column: int | None = None

    def __str__(self) -> str:
        return str(
            _("%(level)s, %(action)s: it must be %(expected)s, the shares are %(found)s (difference %(difference)s).")
            % {
                "level": self.level,
                "action": self.action,
                "expected": euro(self.expected),
                "found": euro(self.found),
                "difference": euro(self.found - self.expected, sign=True),
            }
        )


def euro(cents: int | None, *, sign: bool = False) -> str:
    """Write an amount as people read it: € 1.234,50; with `sign` also the plus."""
    if cents is None:
        return ""
    mark = "\u2212" if cents < 0 else "+" if sign and cents else ""
    return f"{mark}€\u00a0{number_format(abs(cents) / 100, 2, force_grouping=True)}"


def wrong_sums(cells: Cells, total_cents: int) -> list[tuple[Line, int | None, int, int]]:
    """Return every sum that does not come out, as (parent, action, expected, found); pure arithmetic.

    A line without parts is not divided yet, which is allowed; one with parts is their sum, action by action. The
    whole is its actions; `(WHOLE, -1, …)` says that they are not the total.
    """
    parts: dict[Line, dict[int | None, int]] = defaultdict(lambda: defaultdict(int))
    for (line, action), cents in cells.items():
        if cents and line.parent is not None:
            parts[line.parent][action] += cents
    wrong = []
    for parent in sorted(parts):
        actions = {action for line, action in cells if line == parent} | set(parts[parent])
        for action in sorted(actions, key=lambda one: (one is None, one or 0)):
            expected, found = cells.get((parent, action), 0), parts[parent].get(action, 0)
            if expected != found:
                wrong.append((parent, action, expected, found))
    whole = sum(cents for (line, _action), cents in cells.items() if line == WHOLE)
    if any(cells.values()) and whole != total_cents:
        wrong.insert(0, (WHOLE, -1, total_cents, whole))
    return wrong


# --- versions ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BudgetVersion:
    """A version with the last day on which it holds, and by how much its total differs from the one before."""

    budget: Budget
    until: date | None
    difference: int | None


def versions_of(programme: Programme) -> list[BudgetVersion]:
    """Return the versions of the budget, the first one first."""
    rows = list(programme.budgets.select_related("author").order_by("valid_from", "number"))
    return [
        BudgetVersion(
            row,
            after.valid_from - timedelta(days=1) if after and after.valid_from > row.valid_from else None,
            row.total_cents - before.total_cents if before else None,
        )
        for before, row, after in zip([None, *rows][:-1], rows, [*rows, None][1:], strict=True)
    ]


def budget_on(programme: Programme, day: date) -> Budget | None:
    """Return the version in force on a day; before the first one, none."""
    return programme.budgets.filter(valid_from__lte=day).order_by("-valid_from", "-number").first()


def latest_budget(programme: Programme) -> Budget | None:
    """Return the last version, which a new one follows."""
    return programme.budgets.order_by("-number").first()


def cells_of(budget: Budget | None) -> dict[tuple[Line, int | None], int]:
    """Return the shares of a version by line and action."""
    if budget is None:
        return {}
    return {(line_of(share), share.action_id): share.cents for share in budget.shares.order_by("pk")}


def line_of(share: BudgetShare) -> Line:
    """Return whose share it is."""
    return Line(share.network_id or 0, share.plan_id or 0, share.organisation_id or 0, share.remainder)


def amount_of(plan: Plan, day: date) -> int | None:
    """Return the budget of a plan in force on a day: its shares in the programme's table. Two queries."""
    budget = budget_on(plan.programme, day)
    if budget is None:
        return None
    shares = budget.shares.filter(plan=plan, organisation=None, remainder=False).order_by("pk")
    cents = list(shares.values_list("cents", flat=True))
    return sum(cents) if cents else None


def plan_amounts(programme: Programme, day: date) -> dict[int, int]:
    """Return the budget of each plan of a programme in force on a day. Two queries."""
    budget = budget_on(programme, day)
    if budget is None:
        return {}
    found: dict[int, int] = defaultdict(int)
    shares = budget.shares.filter(plan__isnull=False, organisation=None, remainder=False).order_by("pk")
    for plan, cents in shares.values_list("plan", "cents"):
        found[plan] += cents
    return dict(found)


def shares_of_plan(plan: Plan, day: date) -> list[BudgetShare]:
    """Return the shares of a plan and of its bodies, by action."""
    budget = budget_on(plan.programme, day)
    if budget is None:
        return []
    rows = budget.shares.filter(plan=plan).select_related("action", "organisation")
    return list(rows.order_by("action__position", "action__code", "remainder", "organisation__name", "pk"))


# --- the table -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A line of the table with its words; `actions` are those in which it may have money, `level` its depth."""

    line: Line
    label: str
    level: int
    actions: frozenset[int | None]
    part: Any = ""


@dataclass
class BudgetTable:
    """The lines that a budget of the programme may have on a day, and what the last version says of them."""

    programme: Programme
    actions: list[Action]
    rows: list[Row] = field(default_factory=list)
    cells: dict[tuple[Line, int | None], int] = field(default_factory=dict)
    budget: Budget | None = None
    # Whether something stands in the column of what is not divided by action.
    undivided: bool = False

    @property
    def columns(self) -> list[int | None]:
        """The actions in order, and the column of what is not divided by action where it is used."""
        return [*(action.pk for action in self.actions), *([NO_ACTION] if self.undivided else [])]

    def label(self, line: Line) -> str:
        return next((row.label for row in self.rows if row.line == line), str(line.key))

    def action_label(self, action: int | None) -> Any:
        if action == -1:
            return _("all actions")
        return next(
            (_("action %(code)s") % {"code": row.code} for row in self.actions if row.pk == action), NOT_DIVIDED
        )

    def total(self, line: Line) -> int:
        """What a line has over all actions."""
        return sum(self.cells.get((line, action), 0) for action in self.columns)

    def problems(self, cells: Cells, total_cents: int) -> list[WrongSum]:
        """Every sum that does not come out, in words."""
        return [
            WrongSum(self.label(line), self.action_label(action), expected, found, line, action)
            for line, action, expected, found in wrong_sums(cells, total_cents)
        ]


NOT_DIVIDED = _("Not divided by action")
REMAINDER = _("Not assigned yet")


def table_of(
    programme: Programme, day: date, budget: Budget | None, *, networks: Iterable[int] | None = None
) -> BudgetTable:
    """Return the table of a programme as a version has it, with the lines that bodies and plans of the day add.

    `budget` is that version, None before the first one. `networks` keeps only the lines of some networks, for who
    coordinates them. Six queries.
    """
    cells = cells_of(budget)
    table = BudgetTable(programme, list(programme.actions.order_by("position", "code")), cells=cells, budget=budget)
    table.undivided = any(action is None for _line, action in cells)
    every = frozenset(table.columns)
    carried: dict[int, set[int | None]] = defaultdict(set)
    for row in ActionNetwork.objects.filter(action__programme=programme).order_by("pk"):
        carried[row.network_id].add(row.action_id)
    for line, action in cells:
        if line.network:
            carried[line.network].add(action)
    extra: frozenset[int | None] = frozenset([NO_ACTION]) if table.undivided else frozenset()
    kept = set(networks) if networks is not None else None
    names = _names(programme, day, cells, carried)
    if kept is None:
        table.rows.append(Row(WHOLE, str(_("Whole programme")), 0, every))
        for pk, name in names.direct:
            table.rows.append(Row(Line(organisation=pk), name, 1, every))
    for plan in names.plans:
        if plan.network_id is None and kept is None:
            table.rows.append(Row(Line(plan=plan.pk), plan.title, 1, every, _("Plan")))
    for network in names.networks:
        if kept is None or network.pk in kept:
            table.rows += _network_rows(network, frozenset(carried[network.pk]) | extra, names, cells)
    if kept is None:
        table.rows.append(Row(Line(remainder=True), str(REMAINDER), 1, every))
    return table


@dataclass
class _Names:
    direct: list[tuple[int, str]]
    networks: list[Network]
    plans: list[Plan]
    members: dict[int, list[tuple[int, str]]]
    bodies: dict[int, str]


def _names(programme: Programme, day: date, cells: Cells, carried: Mapping[int, Any]) -> _Names:
    """Read what the lines are called: four queries."""
    with_money = {line.organisation for line, _action in cells if line.organisation}
    members: dict[int, list[tuple[int, str]]] = defaultdict(list)
    stays = NetworkMember.objects.not_over(day).filter(network__in=list(carried))
    stays = stays.filter(role__in=WORKING_ROLES)
    seen = set()
    for stay in stays.select_related("organisation").order_by("organisation__name", "pk"):
        if (stay.network_id, stay.organisation_id) not in seen:
            seen.add((stay.network_id, stay.organisation_id))
            members[stay.network_id].append((stay.organisation_id, stay.organisation.name))
    parts = programme.bodies.values("organisation")
    central = list(
        Organisation.objects.filter(Q(pk__in=parts) | Q(pk__in=with_money))
        .annotate(has_part=Exists(programme.bodies.filter(organisation=OuterRef("pk"))))
        .order_by("name", "pk")
    )
    named = {body.pk: body.name for body in central}
    in_whole = {body.pk for body in central if body.has_part}
    in_whole |= {line.organisation for line, _action in cells if line.organisation and not line.network | line.plan}
    return _Names(
        direct=[(pk, name) for pk, name in named.items() if pk in in_whole],
        networks=list(Network.objects.filter(pk__in=list(carried)).order_by("name", "pk")),
        plans=list(programme.plans.order_by("title", "pk")),
        members=members,
        bodies=named,
    )


def _network_rows(network: Network, actions: frozenset[int | None], names: _Names, cells: Cells) -> list[Row]:
    """The network, then what it is made of: its only plan with the bodies, or its plans and the bodies beside them."""
    rows = [Row(Line(network.pk), network.name, 1, actions)]
    plans = [plan for plan in names.plans if plan.network_id == network.pk]
    holder = Line(network.pk, plans[0].pk if len(plans) == 1 else 0)
    for plan in plans:
        rows.append(Row(Line(network.pk, plan.pk), plan.title, 2, actions, _("Plan")))
    level = 3 if holder.plan else 2
    listed = dict(names.members.get(network.pk, []))
    for line, _action in cells:
        if line.organisation and line.network == network.pk and (line.plan in (0, holder.plan)):
            listed.setdefault(line.organisation, names.bodies.get(line.organisation, ""))
    for pk, name in listed.items():
        rows.append(Row(Line(holder.network, holder.plan, pk), name, level, actions))
    rows.append(Row(Line(holder.network, holder.plan, remainder=True), str(REMAINDER), level, actions))
    return rows


def table_of_version(programme: Programme, budget: Budget) -> BudgetTable:
    """Return a version as it was saved: only the lines that have money, and the whole."""
    table = table_of(programme, budget.valid_from, budget)
    held = {line for line, _action in table.cells}
    table.rows = [row for row in table.rows if row.line in held or row.line == WHOLE]
    return table


def differences(table: BudgetTable, before: Cells) -> list[tuple[str, Any, int, int]]:
    """Return the cells of a version that another one has otherwise, as (line, action, before, now)."""
    places = sorted(set(table.cells) | set(before), key=lambda place: (place[0], place[1] or 0))
    return [
        (
            table.label(line),
            table.action_label(action),
            before.get((line, action), 0),
            table.cells.get((line, action), 0),
        )
        for line, action in places
        if before.get((line, action), 0) != table.cells.get((line, action), 0)
    ]


def differences_in_all(table: BudgetTable, before: Cells) -> list[tuple[str, Any, int, int]]:
    """Return by how much the whole and its direct parts changed over all actions, as `differences` tells single cells."""
    totals: dict[Line, int] = defaultdict(int)
    for (line, _action), cents in before.items():
        totals[line] += cents
    lines = sorted(
        {line for line in (*totals, *(line for line, _action in table.cells)) if line.parent in (None, WHOLE)}
    )
    return [
        (table.label(line), table.action_label(-1), totals[line], table.total(line))
        for line in lines
        if totals[line] != table.total(line)
    ]
