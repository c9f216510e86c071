# SPDX-License-Identifier: EUPL-1.2
"""Pages of programmes: the list, and all that a definition holds in plain words. They are read by everyone who has a
part in the programme, so that nobody needs to ask what counts and until when."""

from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from actions.enums import IndicatorKind
from actions.models import Programme
from actions.permissions import can_read_budget
from actions.selectors import programmes as selectors
from actions.selectors.budgets import euro, plan_amounts
from actions.selectors.programmes import Contents, NetworkShare
from actions.selectors.rules import amount, conditions_of, current_target, rule_in_words, settings_of
from actions.views.programme_parts import buttons_of, extensions_section, plans_section, section
from fami_portal.core import clock
from fami_portal.core.components import Column, Lines, Link, Pill
from partners.permissions import check_holds

PAGE_SIZE = 25


@require_safe
def programme_list(request: HttpRequest) -> HttpResponse:
    """The programmes in which the person has a part."""
    page = Paginator(selectors.programmes_for(request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "crumbs": [Link(_("Home"), reverse("home")), Link(_("Programmes"), "")],
        "columns": [
            Column(_("Programme")),
            Column(_("Lead")),
            Column(_("From"), nowrap=True),
            Column(_("Until"), nowrap=True),
            Column(_("State")),
            Column(_("Actions of the programme"), numeric=True),
            Column(_("Networks"), numeric=True),
        ],
        "rows": [
            [
                Lines(Link(programme.title, programme.get_absolute_url()), programme.fund),
                programme.lead.name,
                programme.starts_on,
                programme.last_day,
                _state(programme, clock.today()),
                programme.action_count,
                programme.network_count,
            ]
            for programme in page
        ],
    }
    return render(request, "actions/programme_list.html", context)


@require_safe
def programme(request: HttpRequest, slug: str) -> HttpResponse:
    """One programme: its facts, what it counts, for whom, until when, and who carries it out."""
    found = get_object_or_404(selectors.programme_for(request.user), slug=slug)
    check_holds(request.user, Permission.VIEW_PROGRAMME)
    today = clock.today()
    contents = selectors.contents_of(found)
    money = can_read_budget(request.user)
    shares = selectors.networks_by_action(found, min(max(today, found.starts_on), found.last_day))
    context = {
        "programme": found,
        "pill": _state(found, today),
        "crumbs": [
            Link(_("Home"), reverse("home")),
            Link(_("Programmes"), reverse("actions:programme-list")),
            Link(found.title, ""),
        ],
        "buttons": buttons_of(request, found),
        "facts": _facts(found, contents),
        "sections": [
            part
            for part in (
                *_actions(contents),
                *_indicators(found, contents, today),
                _unmeasured(found),
                _target_groups(contents),
                _channels(contents),
                _cadences(contents),
                _service_levels(found),
                _request_forms(contents),
                _work_packages(contents),
                _bodies(contents),
                _networks(shares, selectors.visible_network_ids(request.user, shares)),
                plans_section(contents, plan_amounts(found, today) if contents.plans and money else {}),
                extensions_section(found),
                _periods(contents, today),
            )
            if part["rows"]
        ],
    }
    return render(request, "actions/programme.html", context)


def _state(found: Programme, today: date) -> Pill:
    if today < found.starts_on:
        return Pill(_("To begin"), "secondary")
    return Pill(_("In progress"), "info") if today <= found.last_day else Pill(_("Ended"), "secondary")


def _facts(found: Programme, contents: Contents) -> list[tuple[Any, Any]]:
    return [
        (_("Fund"), found.fund),
        (_("Objective"), found.objective),
        (_("Project code"), found.project_code),
        (_("CUP"), found.cup),
        (_("Lead"), found.lead.name),
        (_("Start"), found.starts_on),
        (_("Original end"), found.ends_on),
        (_("Extended to"), found.extended_to),
        (_("Budget"), euro(found.budget_cents)),
        (_("Reporting calendar"), f"{found.get_calendar_display()} ({len(contents.periods)})"),
        (
            _("Reports due"),
            gettext("within %(days)s days of the end of the period") % {"days": found.report_due_days},
        ),
    ]


def _actions(contents: Contents) -> list[dict[str, Any]]:
    return [
        section(
            f"action-{action.code}",
            gettext("Action %(action)s") % {"action": action},
            [Column(_("Activity")), Column(_("Kind"))],
            (
                [
                    Lines(
                        kind.title, gettext("Plan: %(plan)s") % {"plan": kind.plan.title} if kind.plan else kind.code
                    ),
                    kind.get_kind_display(),
                ]
                for kind in contents.activity_types
                if kind.action_id == action.pk
            ),
        )
        for action in contents.actions
    ]


def _indicators(found: Programme, contents: Contents, today: date) -> list[dict[str, Any]]:
    day = min(today, found.last_day)
    headings = {
        IndicatorKind.TARGET: _("Recipients to reach"),
        IndicatorKind.OUTPUT: _("Output indicators"),
        IndicatorKind.RESULT: _("Result indicators"),
    }
    sections = []
    for kind, heading in headings.items():
        rows = []
        for indicator in contents.indicators:
            if indicator.kind != kind:
                continue
            value = current_target(indicator, day)
            rows.append(
                [
                    Lines(indicator.title, indicator.code),
                    ". ".join(rule_in_words(indicator, contents)) + ".",
                    indicator.work_package.code if indicator.work_package else None,
                    Lines(amount(value, indicator.unit), indicator.get_unit_display()) if value is not None else None,
                ]
            )
        columns = [
            Column(_("Indicator")),
            Column(_("What counts")),
            Column(_("Work package"), nowrap=True),
            Column(_("Target"), numeric=True),
        ]
        sections.append(section(f"indicators-{kind.value}", heading, columns, rows))
    return sections


def _unmeasured(found: Programme) -> dict[str, Any]:
    return section(
        "unmeasured",
        _("Official indicators not counted by the portal"),
        [Column(_("Indicator")), Column(_("Why"))],
        ([Lines(row["title"], row["code"]), row["reason"]] for row in found.unmeasured_indicators),
        note=_("They belong to the programme, but the portal has no facts for them yet: it shows no figure."),
    )


def _target_groups(contents: Contents) -> dict[str, Any]:
    titles = contents.titles("target_groups")
    return section(
        "target-groups",
        _("Target groups"),
        [Column(_("Group")), Column(_("Who belongs to it")), Column(_("Earned by")), Column(_("May overlap with"))],
        (
            [
                Lines(group.title, group.code),
                ", ".join(conditions_of(group)),
                "; ".join(kind.title for kind in group.earned_by.all()) or _("Any activity"),
                "; ".join(titles.get(code, code) for code in group.may_overlap) or _("No other group"),
            ]
            for group in contents.target_groups
        ),
        note=_("A person belongs to one group, unless the groups may overlap."),
    )


def _channels(contents: Contents) -> dict[str, Any]:
    return section(
        "channels",
        _("Channels of information"),
        [Column(_("Channel")), Column(_("What is counted")), Column(_("How values add up"))],
        ([channel.title, channel.get_metric_display(), channel.get_mode_display()] for channel in contents.channels),
        note=_("Contacts reached are never persons, and views are never counted."),
    )


def _cadences(contents: Contents) -> dict[str, Any]:
    return section(
        "cadences",
        _("What is promised regularly"),
        [Column(_("Promise")), Column(_("Activity")), Column(_("Cadence")), Column(_("Times"), numeric=True)],
        (
            [
                Lines(target.title, target.plan or ""),
                target.activity_type.title,
                target.get_cadence_display(),
                target.count,
            ]
            for target in contents.cadence_targets
        ),
    )


def _service_levels(found: Programme) -> dict[str, Any]:
    units = {"hours": _("hours"), "days": _("days"), "working_days": _("working days")}
    return section(
        "service-levels",
        _("Service levels"),
        [Column(_("Service")), Column(_("Within"))],
        ([row["title"], f"{row['within']} {units[row['unit']]}"] for row in found.service_levels.values()),
    )


def _request_forms(contents: Contents) -> dict[str, Any]:
    return section(
        "request-forms",
        _("Request forms offered"),
        [Column(_("Form")), Column(_("Settings"))],
        (
            [form.get_kind_display(), ". ".join(settings_of(form)) or _("Not decided in the definition")]
            for form in contents.request_kinds
        ),
    )


def _work_packages(contents: Contents) -> dict[str, Any]:
    def products(package: Any) -> str:
        written = []
        for product in package.products.all():
            month = gettext("month %(month)s") % {"month": product.planned_month} if product.planned_month else ""
            written.append(f"{product} ({month})" if month else str(product))
        return "; ".join(written)

    return section(
        "work-packages",
        _("Work packages"),
        [Column(_("Work package")), Column(_("Tasks")), Column(_("Products"))],
        (
            [str(package), "; ".join(str(task) for task in package.tasks.all()), products(package)]
            for package in contents.work_packages
        ),
    )


def _bodies(contents: Contents) -> dict[str, Any]:
    parts: dict[int, list[Any]] = {}
    for part in contents.bodies:
        parts.setdefault(part.organisation_id, [part.organisation.name]).append(str(part.get_role_display()))
    return section(
        "bodies",
        _("Bodies of the whole programme"),
        [Column(_("Body")), Column(_("Part"))],
        ([name, ", ".join(roles)] for name, *roles in parts.values()),
    )


def _networks(shares: list[NetworkShare], visible: set[int]) -> dict[str, Any]:
    numbers = [Column(label, numeric=True) for label in (_("Bodies"), _("Schools"), _("Public"), _("Private"))]
    return section(
        "networks",
        _("Networks by action"),
        [Column(_("Network")), Column(_("Action")), *numbers],
        (
            [
                Link(share.network.name, share.network.get_absolute_url())
                if share.network.pk in visible
                else share.network.name,
                share.action.code,
                share.bodies,
                share.schools,
                share.public,
                share.private,
            ]
            for share in shares
        ),
        foot=[
            gettext("%(count)s networks") % {"count": len({share.network.pk for share in shares})},
            "",
            *(sum(getattr(share, name) for share in shares) for name in ("bodies", "schools", "public", "private")),
        ],
        note=_("A body that is in two networks is counted in each."),
    )


def _periods(contents: Contents, today: date) -> dict[str, Any]:
    def state(period: Any) -> Pill:
        if period.ends_on < today:
            return Pill(_("Ended"), "secondary")
        return Pill(_("In progress"), "info") if period.starts_on <= today else Pill(_("To begin"), "secondary")

    return section(
        "periods",
        _("Reporting periods"),
        [
            Column(_("Period")),
            Column(_("From"), nowrap=True),
            Column(_("Until"), nowrap=True),
            Column(_("Reports due on"), nowrap=True),
            Column(_("State")),
        ],
        (
            [
                period.code,
                date_format(period.starts_on, "SHORT_DATE_FORMAT"),
                period.ends_on,
                period.due_on,
                state(period),
            ]
            for period in contents.periods
        ),
    )
