# SPDX-License-Identifier: EUPL-1.2
"""Pages of the rules of reminders: what is reminded, when, to whom."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from actions.models import Programme
from fami_portal.core import clock
from fami_portal.core.components import Button, Column, Link, Pill
from fami_portal.core.errors import DomainError
from mediation.forms.reminders import RuleEditForm, RuleForm, initial_of
from mediation.models import ReminderRule
from mediation.selectors import reminders as selectors
from mediation.services import reminders as services
from mediation.views.mediators import form_page
from partners.permissions import check_holds


def _programme(request: HttpRequest, slug: str) -> Programme:
    """Return the programme if the person may read its rules and write them; strangers find nothing."""
    check_holds(request.user, Permission.COORDINATE_MEDIATION)
    found = next((row for row in selectors.programmes_for(request.user) if row.slug == slug), None)
    if found is None:
        raise Http404
    services.check_can_edit(request.user, found)
    return found


def _crumbs(*more: Any) -> list[Any]:
    return [(_("Home"), reverse("home")), (_("Reminders"), reverse("mediation:reminder-list")), *more]


def days_in_words(days: int) -> str:
    """Return when a rule reminds: N days before, on the day, N days after."""
    if days == 0:
        return str(_("on the day"))
    if days < 0:
        return ngettext("%(days)d day before", "%(days)d days before", -days) % {"days": -days}
    return ngettext("%(days)d day after", "%(days)d days after", days) % {"days": days}


@require_safe
def reminder_list(request: HttpRequest) -> HttpResponse:
    """The rules of the programmes that the person coordinates."""
    check_holds(request.user, Permission.COORDINATE_MEDIATION)
    programmes = selectors.programmes_for(request.user)
    rules = selectors.rules_of(programmes)
    context = {
        "heading": _("Reminders"),
        "crumbs": [(_("Home"), reverse("home")), _("Reminders")],
        "columns": [Column(_("Of what")), Column(_("When")), Column(_("To whom")), Column(_("State"))],
        "parts": [
            {
                "programme": programme,
                "rows": [
                    _row(rule, edits=selectors.can_edit(request.user, programme.pk))
                    for rule in rules
                    if rule.programme_id == programme.pk
                ],
                "buttons": _buttons(request, programme, [rule for rule in rules if rule.programme_id == programme.pk]),
            }
            for programme in programmes
        ],
    }
    return render(request, "mediation/reminder_list.html", context)


def _row(rule: ReminderRule, *, edits: bool) -> list[Any]:
    label = rule.get_event_display()
    return [
        Link(label, reverse("mediation:reminder-edit", args=[rule.pk])) if edits else label,
        days_in_words(rule.days),
        rule.get_audience_display(),
        Pill(_("Active"), "success") if rule.is_active else Pill(_("At rest"), "secondary"),
    ]


def _buttons(request: HttpRequest, programme: Programme, rules: list[ReminderRule]) -> list[Button]:
    if not selectors.can_edit(request.user, programme.pk):
        return []
    add = Button(
        _("Add a rule"),
        reverse("mediation:reminder-new", args=[programme.slug]),
        style="outline-primary",
        hidden=programme.title,
    )
    if rules:
        return [add]
    usual = Button(
        _("Create the usual rules"),
        reverse("mediation:reminder-usual", args=[programme.slug]),
        method="post",
        hidden=programme.title,
    )
    return [usual, add]


@require_POST
def reminder_usual(request: HttpRequest, slug: str) -> HttpResponse:
    """Give a programme without rules the usual ones."""
    programme = _programme(request, slug)
    if services.create_usual_rules(programme=programme, by=request.user, at=clock.now()):
        messages.success(request, _("The usual rules are there: change what does not fit."))
    return redirect("mediation:reminder-list")


@require_http_methods(["GET", "HEAD", "POST"])
def reminder_new(request: HttpRequest, slug: str) -> HttpResponse:
    """Add a rule to a programme."""
    programme = _programme(request, slug)
    form = RuleForm(request.POST if request.method == "POST" else None, cancel_url=reverse("mediation:reminder-list"))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.add_rule(
                programme=programme,
                event=data["event"],
                days=form.signed_days(),
                audience=data["audience"],
                by=request.user,
                at=clock.now(),
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The rule is saved: it holds from the next digest."))
            return redirect("mediation:reminder-list")
    heading = _("Add a rule")
    return form_page(request, {"form": form, "heading": heading, "kicker": programme.title, "crumbs": _crumbs(heading)})


@require_http_methods(["GET", "HEAD", "POST"])
def reminder_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the days of a rule, or let it rest."""
    check_holds(request.user, Permission.COORDINATE_MEDIATION)
    rule = ReminderRule.objects.filter(pk=pk).select_related("programme").order_by("pk").first()
    if rule is None:
        raise Http404
    _programme(request, rule.programme.slug)
    form = RuleEditForm(
        request.POST if request.method == "POST" else None,
        initial=initial_of(rule),
        cancel_url=reverse("mediation:reminder-list"),
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.change_rule(
                rule=rule,
                days=form.signed_days(),
                is_active=form.cleaned_data["is_active"],
                by=request.user,
                at=clock.now(),
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The rule is saved: it holds from the next digest."))
            return redirect("mediation:reminder-list")
    heading = rule.get_event_display()
    context = {
        "form": form,
        "heading": heading,
        "kicker": rule.programme.title,
        "lead": _("To: %(audience)s.") % {"audience": rule.get_audience_display()},
        "crumbs": _crumbs(heading),
    }
    return form_page(request, context)
