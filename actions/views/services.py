# SPDX-License-Identifier: EUPL-1.2
"""Pages of services opened or strengthened: new, before and after, correction."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from actions.enums import ServiceChangeKind
from actions.forms import version_of
from actions.forms.products import MOMENTS, ServiceForm
from actions.models import Activity, ServiceChange
from actions.permissions import can_keep_register, check_can_keep_register
from actions.selectors import activities as activity_selectors
from actions.selectors import tables as selectors
from actions.services import service_changes
from actions.views.mistakes import remove_button
from actions.views.pages import activity_for, crumbs, form_page, history_of
from actions.workflow import check_activity_open
from fami_portal.core.components import Button, Column, Link, Pill
from fami_portal.core.errors import DomainError, StaleError
from fami_portal.core.templatetags.ui import hours
from partners.models import Language

LABELS = {
    "minutes": _("Hours a week"),
    "evenings": _("Evenings a week"),
    "staff": _("Operators"),
    "sites": pgettext_lazy("service", "Sites"),
}
COLOURS = {ServiceChangeKind.NEW: "success", ServiceChangeKind.STRENGTHENED: "info"}


def change_for(request: HttpRequest, uuid: UUID) -> ServiceChange:
    """Return what was made of a service, if the person may see the activity."""
    return get_object_or_404(
        ServiceChange.objects.filter(activity__in=Activity.objects.visible_to(request.user).values("pk"))
        .select_related(
            "service", "activity__activity_type", "activity__programme", "activity__organisation", "evidence"
        )
        .prefetch_related("languages_before", "languages_after"),
        uuid=uuid,
    )


def _languages(request: HttpRequest) -> Any:
    """Return the languages that can be named: read only when something was sent."""
    return Language.objects.order_by("name", "pk") if request.method == "POST" else []


def _offers(form: ServiceForm) -> dict[str, Any]:
    return {moment: service_changes.Offer(**form.offer(moment)) for moment, _words in MOMENTS}


@require_http_methods(["GET", "HEAD", "POST"])
def service_create(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Record that an activity opened or strengthened a service."""
    activity = activity_for(request, uuid)
    check_can_keep_register(request.user, activity)
    form = ServiceForm(
        request.POST or None,
        request.FILES or None,
        languages=_languages(request),
        cancel_url=activity.get_absolute_url(),
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            change = service_changes.record_service(
                activity=activity,
                **{name: data[name] for name in ("title", "kind", "changed_on", "evidence", "note")},
                **_offers(form),
                key=form.submission_key,
                by=request.user,
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The service is recorded: it counts when the report is validated."))
            return redirect(change)
    heading = _("Add a service")
    context = {
        "form": form,
        "heading": heading,
        "lead": _(
            "A service that the public did not have, or that has more hours, evenings, languages, staff or sites."
        ),
        "kicker": activity.title,
        "crumbs": crumbs((activity.title, activity.get_absolute_url()), heading),
    }
    return form_page(request, context)


@require_http_methods(["GET", "HEAD", "POST"])
def service_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Correct what a service offered."""
    found = change_for(request, uuid)
    check_can_keep_register(request.user, found.activity)
    form = ServiceForm(
        request.POST or None,
        request.FILES or None,
        languages=_languages(request),
        fixed=True,
        version=found.version,
        initial={
            "changed_on": found.changed_on,
            "note": found.note,
            "languages_before": list(found.languages_before.all()),
            "languages_after": list(found.languages_after.all()),
            **{
                f"{'hours' if name == 'minutes' else name}_{moment}": _typed(name, getattr(found, f"{name}_{moment}"))
                for name in LABELS
                for moment, _words in MOMENTS
            },
        },
        cancel_url=found.get_absolute_url(),
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            service_changes.update_service(
                change=found,
                version=version_of(form),
                **{name: data[name] for name in ("changed_on", "evidence", "note")},
                **_offers(form),
                by=request.user,
            )
        except DomainError as error:
            found.refresh_from_db(fields=["version"])
            form.add_refusal(error, version=found.version if isinstance(error, StaleError) else None)
        else:
            messages.success(request, _("The service is saved."))
            return redirect(found)
    heading = _("Correct the service")
    context = {
        "form": form,
        "heading": heading,
        "kicker": found.service.title,
        "crumbs": _crumbs(found, heading),
    }
    return form_page(request, context)


def _typed(name: str, value: int) -> Any:
    """Return a figure as it is typed: hours, not minutes; nothing for none."""
    return (Decimal(value) / 60).quantize(Decimal("0.01")).normalize() if name == "minutes" and value else value or None


def _crumbs(change: ServiceChange, *more: Any) -> list[Any]:
    activity = change.activity
    last = (change.service.title, change.get_absolute_url()) if more else change.service.title
    return crumbs((activity.title, activity.get_absolute_url()), last, *more)


@require_safe
def service_change(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A service before and after."""
    found = change_for(request, uuid)

    def check() -> None:
        check_activity_open(found.activity.state)
        activity_selectors.check_days_open(found.activity, [found.changed_on])

    reason = activity_selectors.refusal(check)
    edit = Button(
        _("Correct the service"),
        "" if reason else reverse("actions:service-edit", args=[found.uuid]),
        style="outline-primary",
        disabled_reason=reason,
    )
    context = {
        "change": found,
        "programme": found.activity.programme,
        "kicker": found.activity.title,
        "pill": Pill(found.get_kind_display(), COLOURS[ServiceChangeKind(found.kind)]),
        "crumbs": _crumbs(found),
        "facts": [
            (_("Activity"), Link(found.activity.title, found.activity.get_absolute_url())),
            (_("Body"), found.activity.organisation.name),
            (_("Since"), found.changed_on),
            (_("What else changed"), found.note),
            (_("Evidence"), Link(found.evidence.name, found.evidence.get_absolute_url())),
        ],
        "columns": [
            Column(_("What it offers")),
            Column(_("Before"), numeric=True),
            Column(_("Now"), numeric=True),
            Column(_("Difference"), numeric=True),
        ],
        "rows": [*_figures(found), _spoken(found)],
        "buttons": [edit, *([] if reason else [remove_button(found.activity, "service", found)])]
        if can_keep_register(request.user, found.activity)
        else [],
        "history": history_of(found),
    }
    return render(request, "actions/service_change.html", context)


def _figures(change: ServiceChange) -> list[list[Any]]:
    def words(name: str, value: int) -> Any:
        return hours(value) if name == "minutes" else value

    rows = []
    for name, before, after in selectors.before_and_after(change):
        grown = after - before
        sign = "+" if grown > 0 else "-" if grown < 0 else ""
        rows.append([LABELS[name], words(name, before), words(name, after), f"{sign}{words(name, abs(grown))}"])
    return rows


def _spoken(change: ServiceChange) -> list[Any]:
    before, after = (
        sorted(row.name for row in rows.all()) for rows in (change.languages_before, change.languages_after)
    )
    new = [name for name in after if name not in before]
    return [_("Languages"), ", ".join(before) or "–", ", ".join(after) or "–", ", ".join(f"+ {name}" for name in new)]
