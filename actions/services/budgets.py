# SPDX-License-Identifier: EUPL-1.2
"""A new version of the budget: the whole table at once, or nothing (the shares add up at every level)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from actions.enums import ChangeReason
from actions.models import Budget, BudgetShare, Plan, Programme
from actions.permissions import budget_networks, check_can_budget
from actions.selectors.budgets import WHOLE, BudgetTable, Line, WrongSum, cells_of, euro, latest_budget, table_of
from fami_portal.core.errors import DomainError, StaleError
from fami_portal.core.services import acting, record_event

Cells = Mapping[tuple[Line, int | None], int]


class BudgetRefused(DomainError):
    """Several things are wrong at once: `problems`, each at its field, and `sums` that do not come out."""

    def __init__(self, problems: Sequence[DomainError], sums: Sequence[WrongSum] = ()) -> None:
        self.problems, self.sums = list(problems), list(sums)
        super().__init__(self._words())

    def _words(self) -> Any:
        return " ".join(str(problem) for problem in self.problems)


class BudgetDoesNotAddUp(BudgetRefused):
    """Some sums do not come out; `sums` names every one of them."""

    def _words(self) -> Any:
        return ngettext(
            "The budget does not add up: %(number)s sum does not come out. Nothing was saved.",
            "The budget does not add up: %(number)s sums do not come out. Nothing was saved.",
            len(self.sums),
        ) % {"number": len(self.sums)}


def save_budget(
    *,
    programme: Programme,
    cells: Cells,
    total_cents: int,
    valid_from: date,
    reason: str,
    number: int,
    by: Any,
    at: datetime,
    act: str = "",
    key: UUID | None = None,
) -> Budget:
    """Save a new version of the budget of a programme; the versions before stay as they are.

    `cells` are whole cents by line and action; who coordinates networks gives the lines of those alone, the others are
    taken from the last version. `number` is that of the last version that the person saw, 0 for none. `key` is the
    submission key: the second half of a double click gets the version of the first. Raises `NotPermitted`,
    `StaleError`, `DomainError` at the field; `BudgetDoesNotAddUp` with every wrong sum, or `BudgetRefused`, where
    several things are wrong: all of them are told at once.
    """
    if by is not None:
        check_can_budget(by, programme.pk)
    with acting(by):
        # One table after the other: whoever comes second sees what the first one wrote.
        locked = Programme.objects.select_for_update(of=("self",), no_key=True).get(pk=programme.pk)
        kept = Budget.objects.filter(programme=locked, key=key).first() if key else None
        if kept is not None:
            return kept
        last = latest_budget(locked)
        if number != (last.number if last else 0):
            raise StaleError
        problems = _problems_of_head(last, valid_from, reason, act, total_cents)
        table = table_of(locked, valid_from, last)
        wanted = _merged(by, locked, table, cells, total_cents)
        wrong = table.problems(wanted, total_cents)
        if wrong:
            raise BudgetDoesNotAddUp(problems, wrong)
        if problems:
            raise problems[0] if len(problems) == 1 else BudgetRefused(problems)
        if last and wanted == cells_of(last) and total_cents == last.total_cents:
            raise DomainError(_("Nothing is different from the version before."))
        budget = _write(locked, last, wanted, total_cents, valid_from, reason, act, by=by, at=at, key=key)
        record_event(
            by=by,
            verb="budget_saved",
            target=locked,
            reason=str(ChangeReason(reason).label),
            data={"number": budget.number, "total_cents": total_cents, "valid_from": valid_from.isoformat()},
            at=at,
        )
    return budget


def wrong_sums_of(
    *, programme: Programme, cells: Cells, total_cents: int, day: date, by: Any
) -> BudgetDoesNotAddUp | None:
    """Return how `save_budget` would refuse these amounts for their sums alone, or None. Writes nothing.

    Amounts that it would refuse for another reason have no sums to tell: they are refused when they are saved.
    """
    table = table_of(programme, day, latest_budget(programme))
    try:
        wrong = table.problems(_merged(by, programme, table, cells, total_cents), total_cents)
    except DomainError:
        return None
    return BudgetDoesNotAddUp((), wrong) if wrong else None


def sync_definition_budget(*, programme: Programme, at: datetime) -> bool:
    """Bring the first version to what the definitions of a programme and of its plans say; whether it was written.

    Inside the transaction of a load, which has the lock. Once a version was made in the portal the first one stays:
    a file that says something else is refused, because the portal would not know which of the two holds.
    """
    if programme.budget_cents is None:
        return False
    wanted: dict[tuple[Line, int | None], int] = {}
    for plan in Plan.objects.filter(programme=programme).exclude(definition_sha256="").order_by("slug"):
        if plan.budget_cents:
            line: Line | None = Line(plan.network_id or 0, plan.pk)
            while line is not None and line != WHOLE:
                wanted[line, None] = wanted.get((line, None), 0) + plan.budget_cents
                line = line.parent
    if wanted:
        assigned = sum(cents for (line, _action), cents in wanted.items() if line.parent == WHOLE)
        if assigned > programme.budget_cents:
            raise DomainError(
                _("plan.budget: the plans have %(plans)s together, the programme %(programme)s.")
                % {"plans": euro(assigned), "programme": euro(programme.budget_cents)}
            )
        wanted[WHOLE, None] = programme.budget_cents
        if rest := programme.budget_cents - assigned:
            wanted[Line(remainder=True), None] = rest
    first = programme.budgets.order_by("number").first()
    if first is not None and first.total_cents == programme.budget_cents and cells_of(first) == wanted:
        return False
    if first is not None and (first.author_id or programme.budgets.count() > 1):
        if first.author_id:
            return False
        raise DomainError(
            _(
                "programme.budget: the budget has versions made in the portal. Leave the amounts of the file as they were "
                "and write the change as a new version in the portal."
            )
        )
    if first is not None:
        first.delete()
    _write(programme, None, wanted, programme.budget_cents, programme.starts_on, ChangeReason.FIRST, "", at=at)
    return True


def _write(
    programme: Programme,
    last: Budget | None,
    cells: Cells,
    total_cents: int,
    valid_from: date,
    reason: str,
    act: str,
    *,
    at: datetime,
    by: Any = None,
    key: UUID | None = None,
) -> Budget:
    budget = Budget.objects.create(
        programme=programme,
        number=last.number + 1 if last else 1,
        valid_from=valid_from,
        reason=reason,
        act=" ".join(act.split()),
        total_cents=total_cents,
        author=by,
        recorded_at=at,
        **({"key": key} if key else {}),
    )
    # All in one statement: the database adds them up after it.
    BudgetShare.objects.bulk_create(
        BudgetShare(
            budget=budget,
            action_id=action,
            network_id=line.network or None,
            plan_id=line.plan or None,
            organisation_id=line.organisation or None,
            remainder=line.remainder,
            cents=cents,
        )
        for (line, action), cents in sorted(cells.items(), key=lambda item: (item[0][0], item[0][1] or 0))
        if cents
    )
    return budget


def _problems_of_head(
    last: Budget | None, valid_from: date, reason: str, act: str, total_cents: int
) -> list[DomainError]:
    problems = []
    if reason not in ChangeReason.values or (last is not None and reason == ChangeReason.FIRST):
        problems.append(DomainError(_("Choose why the budget changes."), field="reason"))
    if reason in (ChangeReason.REMODULATION, ChangeReason.EXTENSION) and not act.strip():
        problems.append(DomainError(_("Write the number and date of the act that approves it."), field="act"))
    if last is not None and valid_from < last.valid_from:
        said = _("The last version holds from %(day)s: choose that day or a later one.")
        problems.append(DomainError(said % {"day": f"{last.valid_from:%d/%m/%Y}"}, field="valid_from"))
    if total_cents <= 0:
        problems.append(DomainError(_("Write the total of the programme."), field="total"))
    return problems


def _merged(
    by: Any, programme: Programme, table: BudgetTable, cells: Cells, total_cents: int
) -> dict[tuple[Line, int | None], int]:
    """The whole table with what the person may change; lines that are not in it, or not theirs, are refused."""
    own = budget_networks(by, programme.pk) if by is not None else None
    wanted = {place: cents for place, cents in cells.items() if cents}
    allowed = {(row.line, action) for row in table.rows for action in row.actions} | set(table.cells)
    for place, cents in wanted.items():
        if cents < 0:
            raise DomainError(_("An amount cannot be less than nothing."))
        if place not in allowed:
            raise DomainError(
                _("%(line)s has no share in this action: its part in the network has no budget, or it has left.")
                % {"line": table.label(place[0])}
            )
    if own is None:
        return wanted
    before = dict(table.cells)
    if table.budget is None or total_cents != table.budget.total_cents:
        raise DomainError(_("The total of the programme is decided by the regional coordinator."), field="total")
    for (line, action), cents in wanted.items():
        mine = line.network in own and line != Line(line.network)
        if not mine and before.get((line, action), 0) != cents:
            raise DomainError(_("You divide the share of your network; its amount is decided by the Region."))
    theirs = {place: cents for place, cents in before.items() if place[0].network not in own}
    heads = {
        place: cents for place, cents in before.items() if place[0] != WHOLE and place[0] == Line(place[0].network)
    }
    return theirs | {place: cents for place, cents in wanted.items() if place[0].network in own} | heads
