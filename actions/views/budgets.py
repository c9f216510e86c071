# SPDX-License-Identifier: EUPL-1.2
"""Pages of the budget of a programme: the table in force with its versions, and the next version."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission
from actions.forms import version_of
from actions.forms.budgets import BudgetForm, written_euro
from actions.models import Programme
from actions.permissions import budget_networks, check_can_budget, check_can_read_budget
from actions.selectors import budgets as selectors
from actions.selectors.budgets import WHOLE, Line, euro
from actions.selectors.programmes import programme_for
from actions.services import budgets as services
from fami_portal.core import clock
from fami_portal.core.components import Button, Column, Lines, Link, Pill
from fami_portal.core.errors import DomainError, StaleError
from partners.permissions import check_holds

# Where more networks than these divide their share, each is opened by itself; of more changes than these only sums are told.
MANY_DIVIDED = 6
MANY_CHANGES = 60


def programme_of(request: HttpRequest, slug: str) -> Programme:
    """Return the programme if the person has a part in it; strangers find nothing."""
    found: Programme = get_object_or_404(programme_for(request.user), slug=slug)
    check_holds(request.user, Permission.VIEW_PROGRAMME)
    return found


def crumbs_of(programme: Programme, *more: Any) -> list[Any]:
    """Return the way back to the page of the programme, and what follows."""
    return [
        (_("Programmes"), reverse("actions:programme-list")),
        (programme.title, programme.get_absolute_url()),
        *more,
    ]


@require_safe
def budget(request: HttpRequest, slug: str) -> HttpResponse:
    """The budget of a programme in one version: shares of networks, plans and bodies by action, and its history."""
    found = programme_of(request, slug)
    check_can_read_budget(request.user)
    versions = selectors.versions_of(found)
    today = clock.today()
    in_force = next((row for row in reversed(versions) if row.budget.valid_from <= today), None)
    wanted = request.GET.get("version", "")
    shown = next(
        (row for row in versions if str(row.budget.number) == wanted), in_force or versions[-1] if versions else None
    )
    may_change = budget_networks(request.user, found.pk) != set()
    context: dict[str, Any] = {
        "programme": found,
        "crumbs": crumbs_of(found, _("Budget")),
        "buttons": [Button(_("Change the budget"), reverse("actions:budget-edit", args=[found.slug]))]
        if may_change
        else [],
        "may_change": may_change,
        "shown": shown,
        "version_columns": [
            Column(_("Version")),
            Column(_("Valid from"), nowrap=True),
            Column(_("Reason")),
            Column(_("Total"), numeric=True),
            Column(_("Difference"), numeric=True),
            Column(_("Saved by")),
        ],
        "version_rows": [_version_row(found, row, in_force) for row in reversed(versions)],
    }
    if shown is not None:
        context |= _table(found, shown, versions, request.GET.get("open", ""))
    return render(request, "actions/budget.html", context)


def _version_row(programme: Programme, row: Any, in_force: Any) -> list[Any]:
    address = f"{reverse('actions:budget', args=[programme.slug])}?version={row.budget.number}"
    link = Link(_("Version %(number)s") % {"number": row.budget.number}, address)
    return [
        Lines(link, _("in force")) if row is in_force else link,
        row.budget.valid_from,
        Lines(row.budget.get_reason_display(), row.budget.act),
        euro(row.budget.total_cents),
        euro(row.difference, sign=True) if row.difference is not None else None,
        row.budget.author.full_name if row.budget.author else _("from the definition"),
    ]


def _table(programme: Programme, shown: Any, versions: list[Any], opened: str) -> dict[str, Any]:
    table = selectors.table_of_version(programme, shown.budget)
    before = next((row.budget for row in versions if row.budget.number == shown.budget.number - 1), None)
    cells_before = selectors.cells_of(before)
    changed = selectors.differences(table, cells_before) if before else []
    if len(changed) > MANY_CHANGES:
        changed = selectors.differences_in_all(table, cells_before)
    divided = {row.line.network for row in table.rows if row.line.network and row.level > 1}
    folded = len(divided) > MANY_DIVIDED
    rows = [row for row in table.rows if not folded or row.level < 2 or Line(row.line.network).key == opened]
    state = (
        _("from %(start)s until %(end)s")
        % {"start": f"{shown.budget.valid_from:%d/%m/%Y}", "end": f"{shown.until:%d/%m/%Y}"}
        if shown.until
        else _("from %(start)s") % {"start": f"{shown.budget.valid_from:%d/%m/%Y}"}
    )
    return {
        "pill": Pill(_("Version %(number)s") % {"number": shown.budget.number}, "info"),
        "facts": [
            (_("Total of the programme"), euro(shown.budget.total_cents)),
            (_("Valid"), state),
            (_("Reason"), shown.budget.get_reason_display()),
            (_("Act"), shown.budget.act),
        ],
        "divided": any(row.line != WHOLE for row in table.rows),
        "columns": [
            Column(_("Share of")),
            *(Column(str(table.action_label(action)).capitalize(), numeric=True) for action in table.columns),
            Column(_("Total"), numeric=True),
        ],
        "rows": [
            [
                _label(
                    row, shown.budget.number, opened, folds=folded and row.level == 1 and row.line.network in divided
                ),
                *(euro(table.cells.get((row.line, action))) for action in table.columns),
                euro(table.total(row.line)),
            ]
            for row in rows
        ],
        "folded": folded,
        "change_columns": [
            Column(_("Share of")),
            Column(_("Action")),
            Column(_("Before"), numeric=True),
            Column(_("Now"), numeric=True),
            Column(_("Difference"), numeric=True),
        ],
        "change_rows": [
            [label, str(action).capitalize(), euro(old) or None, euro(new) or None, euro(new - old, sign=True)]
            for label, action, old, new in changed
        ],
    }


def _label(row: Any, version: int, opened: str, *, folds: bool) -> Any:
    """The name of a line; that of a network whose parts are folded away opens or closes them."""
    if folds:
        key = "" if row.line.key == opened else row.line.key
        said = _("close") if row.line.key == opened else _("how it is divided")
        return Lines(row.label, Link(said, f"?version={version}&open={key}#shares", row.label))
    return Lines(row.label, row.part) if row.part else ("\u2003" * max(row.level - 1, 0)) + row.label


@require_http_methods(["GET", "HEAD", "POST"])
def budget_edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Write the next version of the whole table, or of the share of the own networks."""
    found = programme_of(request, slug)
    check_can_budget(request.user, found.pk)
    own = budget_networks(request.user, found.pk)
    last = selectors.latest_budget(found)
    today = clock.today()
    day = max(last.valid_from if last else found.starts_on, min(max(today, found.starts_on), found.last_day))
    table = selectors.table_of(found, day, last, networks=own)
    form = BudgetForm(
        request.POST or None,
        table=table,
        whole=own is None,
        initial={
            "total": written_euro(last.total_cents if last else found.budget_cents),
            "valid_from": day if last else found.starts_on,
        },
        cancel_url=reverse("actions:budget", args=[found.slug]),
    )
    if request.method == "POST" and not form.is_valid() and form.has_amounts():
        # Whoever forgot something else learns of the wrong sums in the same answer.
        form.add_sums(
            services.wrong_sums_of(
                programme=found, cells=form.cells(), total_cents=form.total_cents(last), day=day, by=request.user
            )
        )
    elif request.method == "POST" and form.is_valid():
        try:
            services.save_budget(
                programme=found,
                cells=form.cells(),
                total_cents=form.total_cents(last),
                valid_from=form.cleaned_data["valid_from"],
                reason=form.cleaned_data["reason"],
                act=form.cleaned_data["act"],
                number=version_of(form),
                key=form.submission_key,
                by=request.user,
                at=clock.now(),
            )
        except services.BudgetRefused as error:
            form.add_sums(error)
            for problem in error.problems:
                form.add_refusal(problem)
        except DomainError as error:
            current = selectors.latest_budget(found)
            form.add_refusal(error, version=current.number if current and isinstance(error, StaleError) else None)
        else:
            messages.success(request, _("The new version of the budget is saved."))
            return redirect("actions:budget", slug=found.slug)
    context = {
        "form": form,
        "programme": found,
        "heading": _("Change the budget"),
        "lead": _(
            "Where a share is divided, its parts make it up, action by action. What nobody has yet goes under "
            "“Not assigned yet”. A share that is not divided may stay whole."
        ),
        "crumbs": crumbs_of(found, (_("Budget"), reverse("actions:budget", args=[found.slug])), _("Change the budget")),
    }
    return render(request, "actions/budget_form.html", context)
