# SPDX-License-Identifier: EUPL-1.2
"""Pages of the retention: what is kept how long, what would go today, dates, rules."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission
from actions.models import Programme
from fami_portal.core import clock
from fami_portal.core.components import Button, Column, Lines, Link, Pill
from fami_portal.core.errors import DomainError, StaleError
from partners.permissions import check_holds
from privacy.enums.retention import DataClass, RunState
from privacy.forms.retention import DatesForm, RuleForm
from privacy.models import LegalHold, RetentionRun
from privacy.permissions.retention import check_can_manage_retention
from privacy.selectors import retention as selectors
from privacy.selectors.retention_holds import holds_for
from privacy.selectors.retention_rules import plan_of, rules_of, usual_control_end
from privacy.services import retention as services

LISTED = 5
# The name of what belongs to no programme, in addresses.
PORTAL = "portal"


def programme_of(request: HttpRequest, slug: str) -> Programme | None:
    """Return the programme of an address (None: the portal); strangers get 404, insiders without the right 403."""
    if slug == PORTAL:
        check_holds(request.user, Permission.MANAGE_RETENTION)
        return None
    managed = selectors.programmes_of(request.user).filter(slug=slug).first()
    if managed is not None:
        return managed
    found = get_object_or_404(Programme.objects.visible_to(request.user).distinct(), slug=slug)
    check_can_manage_retention(request.user, found)
    return found


def slug_of(programme: Programme | None) -> str:
    """Return what stands in addresses for a programme."""
    return programme.slug if programme is not None else PORTAL


def title_of(programme: Programme | None) -> str:
    """Return how a programme, or the portal, is called."""
    return programme.title if programme is not None else _("The whole portal")


def page_of(programme: Programme | None) -> str:
    """Return the address of the retention of a programme."""
    return reverse("privacy:retention", args=[slug_of(programme)])


def crumbs(programme: Programme | None, *more: Any) -> list[Any]:
    """Return the way back."""
    here = (title_of(programme), page_of(programme)) if more else title_of(programme)
    return [(_("Retention"), reverse("privacy:retention-list")), here, *more]


def number_of(form: Any) -> int:
    """Return the version that a form was opened with."""
    typed = str(form.cleaned_data.get("version") or "0")
    return int(typed) if typed.isdigit() else -1


@require_safe
def retention_list(request: HttpRequest) -> HttpResponse:
    """The programmes whose retention the person manages, and the portal."""
    check_holds(request.user, Permission.MANAGE_RETENTION)
    rows = [[Link(row.title, page_of(row)), row.fund, row.last_day] for row in selectors.programmes_of(request.user)]
    rows.append([Link(_("The whole portal"), page_of(None)), _("Invitations and messages"), None])
    context = {
        "columns": [Column(_("Programme")), Column(_("Fund")), Column(_("Ends on"), nowrap=True)],
        "rows": rows,
        "run_columns": run_columns(),
        "runs": [run_row(row) for row in selectors.runs_for(request.user)[:LISTED]],
    }
    return render(request, "privacy/retention_list.html", context)


def run_columns() -> list[Column]:
    """Return the columns of a list of destructions."""
    return [Column(_("Begun on"), nowrap=True), Column(_("Programme")), Column(_("Asked by")), Column(_("State"))]


def run_row(row: RetentionRun) -> list[Any]:
    """Return a line of a list of destructions."""
    return [
        Link(f"{row.at:%d/%m/%Y}", row.get_absolute_url(), _("report of the destruction")),
        title_of(row.programme),
        row.asked_by.get_full_name() if row.asked_by else _("The portal"),
        Pill(RunState(row.state).label, "success" if row.state == RunState.DONE else "info"),
    ]


@require_safe
def retention(request: HttpRequest, slug: str) -> HttpResponse:
    """The dry run of a programme: rules, what may go today, what is held, what was announced, what went."""
    programme = programme_of(request, slug)
    today = clock.today()
    now = selectors.situation(programme, today)
    found = selectors.outlook(now)
    ripe = selectors.ripe_of(now, found)
    holds = list(holds_for(request.user).filter(programme=programme)[:20]) if programme else []
    runs = list(selectors.runs_of(programme)[:LISTED])
    context = {
        "programme": programme,
        "heading": title_of(programme),
        "crumbs": crumbs(programme),
        "buttons": _buttons(programme, sum(ripe.values())),
        "facts": _dates(now) if programme is not None else [],
        "no_dates": programme is not None and now.plan is None,
        "columns": [
            Column(_("Data")),
            Column(_("Kept")),
            Column(_("Would go today"), numeric=True),
            Column(pgettext("retention", "Held"), numeric=True),
            Column(_("Announced")),
            Column(_("May be destroyed now"), numeric=True),
        ],
        "rows": [_line(one, ripe.get(one.data_class, 0), programme) for one in found],
        "detail_columns": [
            Column(_("Records")),
            Column(_("Body")),
            Column(_("Would go today"), numeric=True),
            Column(pgettext("retention", "Held"), numeric=True),
        ],
        "details": _details(found),
        "hold_columns": [Column(_("What is held")), Column(_("Act")), Column(_("From – to")), Column(_("State"))],
        "holds": [_hold_row(row, today) for row in holds],
        "run_columns": run_columns(),
        "runs": [run_row(row) for row in runs],
    }
    return render(request, "privacy/retention.html", context)


def _buttons(programme: Programme | None, ripe: int) -> list[Button]:
    slug = slug_of(programme)
    destroy = Button(
        _("Destroy what is due"),
        reverse("privacy:run-new", args=[slug]),
        style="danger",
        disabled_reason="" if ripe else _("Nothing may be destroyed today: nothing is due, announced and free."),
    )
    if programme is None:
        return [destroy]
    return [
        Button(_("Set the dates"), reverse("privacy:retention-dates", args=[slug]), style="outline-primary"),
        Button(_("Place a hold"), reverse("privacy:hold-new", args=[slug]), style="outline-primary"),
        destroy,
    ]


def _dates(now: selectors.Situation) -> list[Any]:
    plan = now.plan
    return [
        (_("Closure of the programme"), plan.closed_on if plan else _("not set")),
        (_("End of the control period"), plan.control_until if plan else _("not set")),
    ]


def _line(one: selectors.Outlook, ripe: int, programme: Programme | None) -> list[Any]:
    rule = one.rule
    change = reverse("privacy:retention-rule", args=[slug_of(programme), one.data_class.value])
    label = str(one.data_class.label)
    announced: Any = _("not needed")
    if rule.usual.announced:
        announced = (
            Lines(one.notice.due_on, _("announced on %(day)s") % {"day": f"{one.notice.sent_on:%d/%m/%Y}"})
            if one.notice
            else _("not yet")
        )
    kept = rule.words if one.from_day is None else f"{rule.words}: {one.from_day:%d/%m/%Y}"
    return [Lines(Link(label, change, _("change the rule")), rule.basis), kept, one.due, one.held, announced, ripe]


def _details(found: list[selectors.Outlook]) -> list[Any]:
    rows = [row for one in found for row in one.rows]
    return [[row.part.label, row.body_name, row.due, row.held] for row in rows]


def _hold_row(row: LegalHold, today: Any) -> list[Any]:
    until = f"{row.ends_on:%d/%m/%Y}" if row.ends_on else "…"
    return [
        Link(held_thing(row), row.get_absolute_url()),
        row.act,
        f"{row.starts_on:%d/%m/%Y} – {until}",
        hold_pill(row, today),
    ]


def held_thing(row: LegalHold) -> str:
    """Return what a hold keeps, in words."""
    if row.organisation is not None:
        return row.organisation.name
    return row.beneficiary.pseudonym if row.beneficiary is not None else _("The whole programme")


def hold_pill(row: LegalHold, today: Any) -> Pill:
    """Return the state of a hold."""
    if row.lifted_at is not None:
        return Pill(_("Lifted"), "secondary")
    if row.is_in_force(today):
        return Pill(_("In force"), "warning")
    return Pill(_("Over") if row.starts_on <= today else _("Not yet in force"), "secondary")


@require_http_methods(["GET", "HEAD", "POST"])
def dates(request: HttpRequest, slug: str) -> HttpResponse:
    """Say when a programme was closed and until when it may be controlled."""
    programme = programme_of(request, slug)
    if programme is None:
        raise Http404
    plan = plan_of(programme)
    initial = {
        "closed_on": plan.closed_on if plan else programme.last_day,
        "control_until": plan.control_until if plan else usual_control_end(programme.last_day),
    }
    form = DatesForm(
        request.POST or None, initial=initial, version=plan.version if plan else 0, cancel_url=page_of(programme)
    )
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            services.set_dates(
                programme=programme,
                closed_on=values["closed_on"],
                control_until=values["control_until"],
                reason=values["reason"],
                version=number_of(form),
                by=request.user,
                at=clock.now(),
            )
        except DomainError as error:
            current = plan_of(programme)
            stale = isinstance(error, StaleError)
            form.add_refusal(error, version=(current.version if current else 0) if stale else None)
        else:
            messages.success(request, _("The dates are saved."))
            return redirect(page_of(programme))
    lead = _("Names, files and records go after the control period, thirty days after the bodies were told.")
    context = {"form": form, "heading": _("Dates of the retention"), "lead": lead, "kicker": programme.title}
    return render(request, "privacy/form.html", context | {"crumbs": crumbs(programme, _("Dates of the retention"))})


@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: HttpRequest, slug: str, data_class: str) -> HttpResponse:
    """Change how long one class of data is kept."""
    programme = programme_of(request, slug)
    known = rules_of(programme)
    if data_class not in known:
        raise Http404
    found = known[DataClass(data_class)]
    form = RuleForm(request.POST or None, rule=found, cancel_url=page_of(programme))
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            services.change_rule(
                programme=programme,
                data_class=data_class,
                months=values["months"],
                anchor=values["anchor"],
                basis=values["basis"],
                reason=values["reason"],
                version=number_of(form),
                by=request.user,
                at=clock.now(),
            )
        except DomainError as error:
            stale = isinstance(error, StaleError)
            form.add_refusal(error, version=rules_of(programme)[found.data_class].version if stale else None)
        else:
            messages.success(request, _("The rule is saved."))
            return redirect(page_of(programme))
    context = {
        "form": form,
        "heading": found.data_class.label,
        "lead": _("Now: %(rule)s. Source: %(source)s") % {"rule": found.words, "source": found.basis},
        "kicker": title_of(programme),
        "crumbs": crumbs(programme, found.data_class.label),
    }
    return render(request, "privacy/form.html", context)
