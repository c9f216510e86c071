# SPDX-License-Identifier: EUPL-1.2
"""Parts of the page of a programme: what can be done, the plans under it, the acts that made it longer."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from actions.models import Programme
from actions.permissions import can_read_budget, reaches_programme
from actions.selectors.budgets import euro
from actions.selectors.plans import networks_to_plan
from actions.selectors.programmes import Contents
from fami_portal.core.components import Button, Column, Link
from partners.permissions import holds


def buttons_of(request: HttpRequest, found: Programme) -> list[Button]:
    """Return what the person may do with the programme."""
    notices = Button(
        _("Privacy notices and parts in the processing"),
        reverse("actions:notice-list", args=[found.slug]),
        style="outline-primary",
    )
    address = partial(reverse, args=[found.slug])
    others = [
        *(
            [Button(_("Budget"), address("actions:budget"), style="outline-primary")]
            if can_read_budget(request.user)
            else []
        ),
        Button(_("Targets"), address("actions:target-list"), style="outline-primary"),
        Button(_("Map of the territory"), address("actions:programme-territory"), style="outline-primary"),
        notices,
    ]
    if networks_to_plan(request.user, found):
        others.append(Button(_("New plan"), address("actions:plan-new"), style="outline-primary"))
    if reaches_programme(request.user, Permission.MANAGE_PROGRAMME, found.pk):
        others.append(Button(_("Extend the programme"), address("actions:programme-extend"), style="outline-primary"))
    if not holds(request.user, Permission.VIEW_DASHBOARD):
        return others
    try:
        return [Button(_("Dashboard"), reverse("reporting:dashboard", args=[found.slug])), *others]
    except NoReverseMatch:  # a portal without the reporting app
        return others


def section(name: str, heading: Any, columns: list[Column], rows: Iterable[Any], **extra: Any) -> dict[str, Any]:
    """Return one part of the page."""
    return {"id": name, "heading": heading, "columns": columns, "rows": list(rows), "note": "", "foot": None} | extra


def plans_section(contents: Contents, amounts: dict[int, int]) -> dict[str, Any]:
    """Return the plans under the programme, with the budget in force of each."""
    return section(
        "plans",
        _("Plans under the programme"),
        [
            Column(_("Plan")),
            Column(_("Carried out by")),
            Column(_("From")),
            Column(_("Until")),
            Column(_("Budget"), numeric=True),
        ],
        (
            [
                Link(plan.title, plan.get_absolute_url()),
                plan.organisation.name,
                plan.starts_on,
                plan.ends_on,
                euro(amounts.get(plan.pk, plan.budget_cents)),
            ]
            for plan in contents.plans
        ),
        note=_("Budget, targets and activities of a plan are part of those of the programme."),
    )


def extensions_section(found: Programme) -> dict[str, Any]:
    """Return the acts that moved the end of the programme."""
    return section(
        "extensions",
        _("Extensions"),
        [Column(_("From")), Column(_("Until")), Column(_("Deed")), Column(_("Reason"))],
        (
            [
                row.extended_from,
                row.extended_to,
                _("%(act)s of %(day)s") % {"act": row.deed_number, "day": f"{row.deed_on:%d/%m/%Y}"},
                row.reason,
            ]
            for row in found.extensions.order_by("extended_to")
        ),
    )
