# SPDX-License-Identifier: EUPL-1.2
"""Pages of the plans under a programme, of its targets with their versions, and of its extension."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission
from actions.definition.loading import ledger_value
from actions.enums import ChangeReason
from actions.forms import ReasonForm, version_of
from actions.forms.plans import ExtensionForm, PlanEditForm, PlanForm, TargetForm
from actions.models import Indicator, Plan, Programme
from actions.permissions import can_read_budget, coordinates, reaches_programme
from actions.selectors import plans as selectors
from actions.selectors import targets as target_selectors
from actions.selectors.budgets import NOT_DIVIDED, REMAINDER, amount_of, euro, shares_of_plan
from actions.selectors.rules import amount
from actions.services import extensions, plans, targets
from actions.views.budgets import crumbs_of, programme_of
from actions.views.pages import form_page, history_of, pill_of
from fami_portal.core import clock
from fami_portal.core.components import Bar, Button, Column, Lines, Link
from fami_portal.core.errors import DomainError, NotPermitted, StaleError
from partners.permissions import check_holds


def _plan(request: HttpRequest, slug: str) -> Plan:
    found: Plan = get_object_or_404(selectors.plan_for(request.user), slug=slug)
    check_holds(request.user, Permission.VIEW_PROGRAMME)
    return found


def _may(request: HttpRequest, plan: Plan) -> bool:
    return coordinates(request.user, programme_id=plan.programme_id, network_id=plan.network_id)


def _day(programme: Programme) -> Any:
    return min(max(clock.today(), programme.starts_on), programme.last_day)


@require_safe
def plan(request: HttpRequest, slug: str) -> HttpResponse:
    """One plan: its dates, its money, what it promised and reached, its activities."""
    found = _plan(request, slug)
    day = _day(found.programme)
    may = _may(request, found)
    progress = selectors.progress_of(request.user, found)
    held = target_selectors.targets_on(found, day)
    rows = list(selectors.activities_of(found, request.user))
    money = can_read_budget(request.user)
    from_file = _("This plan comes from a definition file: change it there and load it again.")
    edit = Button(
        _("Correct the plan"),
        reverse("actions:plan-edit", args=[found.slug]),
        style="outline-primary",
        disabled_reason=from_file if found.definition_sha256 else "",
    )
    seen = Link(_("All figures of the plan"), progress.url) if progress.url else ""
    context = {
        "plan": found,
        "programme": found.programme,
        "crumbs": crumbs_of(found.programme, found.title),
        "buttons": [edit] if may else [],
        "facts": [
            (_("Programme"), Link(found.programme.title, found.programme.get_absolute_url())),
            (_("Carried out by"), found.organisation.name),
            (_("Network"), found.network.name if found.network else ""),
            (_("From – until"), f"{found.starts_on:%d/%m/%Y} – {found.ends_on:%d/%m/%Y}"),
            *([_budget_fact(found, day)] if money else []),
        ],
        "share_columns": [Column(_("Share of")), Column(_("Action")), Column(_("Amount"), numeric=True)],
        "share_rows": [
            [
                REMAINDER if share.remainder else share.organisation.name if share.organisation else found.title,
                str(share.action) if share.action else NOT_DIVIDED,
                euro(share.cents),
            ]
            for share in (shares_of_plan(found, day) if money else ())
        ],
        "target_columns": [
            Column(_("Indicator")),
            Column(_("Reached")),
            Column(_("Target"), numeric=True),
            Column(_("Valid from"), nowrap=True),
        ],
        "target_rows": [_progress_row(target, progress) for target in held],
        "progress_link": seen,
        "targets_url": reverse("actions:target-list", args=[found.programme.slug]),
        "columns": [
            Column(_("Activity")),
            Column(_("Body")),
            Column(_("From"), nowrap=True),
            Column(_("Until"), nowrap=True),
            Column(_("State")),
        ],
        "rows": [
            [
                Lines(Link(row.title, row.get_absolute_url()), row.activity_type.title),
                row.organisation.name,
                row.starts_on,
                row.ends_on,
                pill_of(row.state),
            ]
            for row in rows
        ],
        "history": history_of(found),
    }
    return render(request, "actions/plan.html", context)


def _budget_fact(found: Plan, day: Any) -> tuple[Any, ...]:
    link = Link(_("Budget of the programme"), reverse("actions:budget", args=[found.programme.slug]))
    return (_("Budget"), euro(amount_of(found, day)), link)


def _progress_row(target: Any, progress: selectors.PlanProgress) -> list[Any]:
    unit, reached = target.indicator.unit, progress.figures.get(target.indicator_id, 0)
    said = _("%(reached)s of %(target)s") % {"reached": amount(reached, unit), "target": amount(target.value, unit)}
    return [
        Lines(target.indicator.title, target.indicator.code),
        Bar(reached, target.value, target.indicator.title, said),
        amount(target.value, unit),
        target.valid_from,
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def plan_new(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin a plan of a network that one coordinates."""
    found = programme_of(request, slug)
    networks = list(selectors.networks_to_plan(request.user, found))
    if not networks:
        raise NotPermitted(_("Only the Region, and the coordinator of the network, write its plan."))
    form = PlanForm(
        request.POST or None,
        networks=networks,
        organisations=list(selectors.bodies_to_plan(networks)),
        initial={"starts_on": _day(found), "ends_on": found.last_day},
        cancel_url=found.get_absolute_url(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = plans.create_plan(programme=found, **form.values(), key=form.submission_key, by=request.user)
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The plan is created. Give it its targets and its share of the budget."))
            return redirect(made)
    context = {
        "form": form,
        "heading": _("New plan"),
        "lead": _("Its activities, targets and budget are part of those of the programme."),
        "kicker": found.title,
        "crumbs": crumbs_of(found, _("New plan")),
    }
    return form_page(request, context)


@require_http_methods(["GET", "HEAD", "POST"])
def plan_edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Correct the title and the dates of a plan."""
    found = _plan(request, slug)
    if not _may(request, found):
        raise NotPermitted(_("Only the Region, and the coordinator of the network, write its plan."))
    form = PlanEditForm(
        request.POST or None,
        version=found.version,
        initial={"title": found.title, "starts_on": found.starts_on, "ends_on": found.ends_on},
        cancel_url=found.get_absolute_url(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            plans.update_plan(plan=found, version=version_of(form), **form.values(), by=request.user)
        except DomainError as error:
            found.refresh_from_db()
            form.add_refusal(error, version=found.version if isinstance(error, StaleError) else None)
        else:
            messages.success(request, _("The plan is saved."))
            return redirect(found)
    context = {
        "form": form,
        "heading": _("Correct the plan"),
        "kicker": found.title,
        "crumbs": crumbs_of(found.programme, (found.title, found.get_absolute_url()), _("Correct the plan")),
        "buttons": [
            Button(_("Take the plan away"), reverse("actions:plan-remove", args=[found.slug]), style="outline-danger")
        ],
    }
    return form_page(request, context)


@require_http_methods(["GET", "HEAD", "POST"])
def plan_remove(request: HttpRequest, slug: str) -> HttpResponse:
    """Take away a plan that was begun by mistake, with the reason."""
    found = _plan(request, slug)
    if not _may(request, found):
        raise NotPermitted(_("Only the Region, and the coordinator of the network, write its plan."))
    heading = _("Take the plan away")
    form = ReasonForm(request.POST or None, submit_label=heading, cancel_url=found.get_absolute_url())
    if request.method == "POST" and form.is_valid():
        try:
            plans.remove_plan(plan=found, reason=form.cleaned_data["reason"], by=request.user)
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The plan is taken away."))
            return redirect(found.programme)
    context = {
        "form": form,
        "heading": heading,
        "lead": _("For a plan begun by mistake, without activities, targets or budget."),
        "kicker": found.title,
        "crumbs": crumbs_of(found.programme, (found.title, found.get_absolute_url()), heading),
    }
    return form_page(request, context)


# --- targets -------------------------------------------------------------------------------------------------------


@require_safe
def target_list(request: HttpRequest, slug: str) -> HttpResponse:
    """The targets of a programme, of its plans and networks, with every version and why it changed."""
    found = programme_of(request, slug)
    whole = coordinates(request.user, programme_id=found.pk, network_id=None)
    may = whole or bool(selectors.networks_to_plan(request.user, found))
    day = _day(found)
    rows = target_selectors.versions(target_selectors.targets_of(found))
    indicators = list(found.indicators.order_by("position", "code")) if may else []
    context = {
        "programme": found,
        "crumbs": crumbs_of(found, _("Targets")),
        "columns": [
            Column(_("Indicator")),
            Column(_("Target of")),
            Column(_("Value"), numeric=True),
            Column(_("Difference"), numeric=True),
            Column(_("Valid")),
            Column(_("Reason")),
            Column(_("Saved by")),
        ],
        "rows": [_target_row(row, day) for row in rows],
        "actions": [
            (indicator, reverse("actions:target-new", args=[found.slug, indicator.pk])) for indicator in indicators
        ],
    }
    return render(request, "actions/target_list.html", context)


def _target_row(row: target_selectors.TargetVersion, day: Any) -> list[Any]:
    target, unit = row.target, row.target.indicator.unit
    dates = _("from %(start)s") % {"start": f"{target.valid_from:%d/%m/%Y}"}
    if row.until:
        dates = _("from %(start)s until %(end)s") % {
            "start": f"{target.valid_from:%d/%m/%Y}",
            "end": f"{row.until:%d/%m/%Y}",
        }
    state = _("corrected") if row.corrected else _("in force") if row.holds_on(day) else ""
    difference = row.difference
    return [
        Lines(target.indicator.title, target.indicator.code),
        str(target_selectors.scope_of(target)) or _("Whole programme"),
        amount(target.value, unit),
        None if difference is None else f"{'+' if difference > 0 else chr(0x2212)}{amount(abs(difference), unit)}",
        Lines(dates, state),
        Lines(ChangeReason(target.reason).label, target.act),
        target.author.full_name if target.author else _("from the definition"),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def target_new(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Write the next version of the target of an indicator."""
    found = programme_of(request, slug)
    whole = coordinates(request.user, programme_id=found.pk, network_id=None)
    networks = list(selectors.networks_to_plan(request.user, found))
    if not networks and not whole:
        raise NotPermitted(_("Only the Region changes the targets of the programme."))
    indicator = get_object_or_404(Indicator.objects.select_related("programme"), programme=found, pk=pk)
    scopes: dict[str, tuple[Any, Any, Any]] = {"programme": (None, None, _("Whole programme"))} if whole else {}
    for one in found.plans.order_by("title", "pk"):
        if whole or one.network_id in {network.pk for network in networks}:
            scopes[f"plan-{one.pk}"] = (one, None, one.title)
    if whole:
        scopes |= {f"network-{network.pk}": (None, network, network.name) for network in networks}
    form = TargetForm(
        request.POST or None,
        scopes=[(key, label) for key, (_plan_, _network, label) in scopes.items()],
        unit=indicator.get_unit_display(),
        initial={"valid_from": _day(found), "scope": request.GET.get("scope", "")},
        cancel_url=reverse("actions:target-list", args=[found.slug]),
    )
    if request.method == "POST" and form.is_valid():
        plan_, network, _label = scopes[form.cleaned_data["scope"]]
        last = target_selectors.last_version(indicator, plan_, network)
        try:
            targets.new_target_version(
                indicator=indicator,
                plan=plan_,
                network=network,
                value=ledger_value(form.cleaned_data["value"], indicator.measure),
                valid_from=form.cleaned_data["valid_from"],
                reason=form.cleaned_data["reason"],
                act=form.cleaned_data["act"],
                last=last.pk if last else None,
                by=request.user,
                at=clock.now(),
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The new version of the target is saved."))
            return redirect("actions:target-list", slug=found.slug)
    context = {
        "form": form,
        "heading": _("New version of a target"),
        "lead": indicator.title,
        "kicker": found.title,
        "crumbs": crumbs_of(
            found, (_("Targets"), reverse("actions:target-list", args=[found.slug])), _("New version of a target")
        ),
    }
    return form_page(request, context)


# --- extension -----------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def programme_extend(request: HttpRequest, slug: str) -> HttpResponse:
    """Record the act that moves the end of the programme."""
    found = programme_of(request, slug)
    if not reaches_programme(request.user, Permission.MANAGE_PROGRAMME, found.pk):
        raise NotPermitted(_("Only the Region extends its programme."))
    form = ExtensionForm(request.POST or None, cancel_url=found.get_absolute_url())
    if request.method == "POST" and form.is_valid():
        try:
            extensions.extend_programme(
                programme=found, **form.values(), key=form.submission_key, by=request.user, at=clock.now()
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The programme is extended; its further reporting periods are there."))
            return redirect(found)
    context = {
        "form": form,
        "heading": _("Extend the programme"),
        "lead": _("It ends on %(day)s. Activities may then run until the new end; new reporting periods are added.")
        % {"day": f"{found.last_day:%d/%m/%Y}"},
        "kicker": found.title,
        "crumbs": crumbs_of(found, _("Extend the programme")),
    }
    return form_page(request, context)
