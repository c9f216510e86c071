# SPDX-License-Identifier: EUPL-1.2
"""Pages of products delivered."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from actions.enums import ProductKind
from actions.forms import version_of
from actions.forms.products import ProductForm
from actions.models import Activity, Deliverable
from actions.permissions import can_keep_register, check_can_keep_register
from actions.selectors import activities as selectors
from actions.services import deliverables as services
from actions.views.mistakes import remove_button
from actions.views.pages import activity_for, crumbs, form_page, history_of
from actions.workflow import check_activity_open
from fami_portal.core.components import Button, Link
from fami_portal.core.errors import DomainError, StaleError
from partners.models import Language


def deliverable_for(request: HttpRequest, uuid: UUID) -> Deliverable:
    """Return the product with its activity, if the person may see it."""
    return get_object_or_404(
        Deliverable.objects.filter(activity__in=Activity.objects.visible_to(request.user).values("pk")).select_related(
            "activity", "activity__activity_type", "activity__programme", "evidence"
        ),
        uuid=uuid,
    )


def _rows(request: HttpRequest) -> dict[str, Any]:
    """Return the languages and bodies that can be named: read only when something was sent."""
    if request.method != "POST":
        return {"languages": [], "bodies": []}
    return {"languages": Language.objects.order_by("name", "pk"), "bodies": selectors.bodies_for_meetings()}


def _crumbs(deliverable: Deliverable, *more: Any) -> list[Any]:
    activity = deliverable.activity
    last = (deliverable.title, reverse("actions:deliverable", args=[deliverable.uuid])) if more else deliverable.title
    return crumbs((activity.title, activity.get_absolute_url()), last, *more)


@require_http_methods(["GET", "HEAD", "POST"])
def deliverable_create(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Record a product that was delivered."""
    activity = activity_for(request, uuid)
    check_can_keep_register(request.user, activity)
    form = ProductForm(
        request.POST or None, request.FILES or None, **_rows(request), cancel_url=activity.get_absolute_url()
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.record_deliverable(activity=activity, **form.values(), key=form.submission_key, by=request.user)
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The product is recorded."))
            return redirect(activity)
    context = {
        "form": form,
        "heading": _("Add a product"),
        "kicker": activity.title,
        "crumbs": crumbs((activity.title, activity.get_absolute_url()), _("Add a product")),
    }
    return form_page(request, context)


@require_http_methods(["GET", "HEAD", "POST"])
def deliverable_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Correct a product."""
    found = deliverable_for(request, uuid)
    check_can_keep_register(request.user, found.activity)
    address = reverse("actions:deliverable", args=[found.uuid])
    form = ProductForm(
        request.POST or None,
        request.FILES or None,
        **_rows(request),
        version=found.version,
        initial={
            "kind": found.kind,
            "languages": list(found.languages.order_by("name")),
            "parties": list(found.parties.order_by("name")),
            "repertory_number": found.repertory_number,
            "title": found.title,
            "delivered_on": found.delivered_on,
            "quantity": found.quantity,
            "url": found.url,
        },
        cancel_url=address,
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.update_deliverable(deliverable=found, version=version_of(form), **form.values(), by=request.user)
        except DomainError as error:
            found.refresh_from_db(fields=["version"])
            form.add_refusal(error, version=found.version if isinstance(error, StaleError) else None)
        else:
            messages.success(request, _("The product is saved."))
            return redirect(address)
    context = {
        "form": form,
        "heading": _("Correct the product"),
        "kicker": found.title,
        "crumbs": _crumbs(found, _("Correct the product")),
    }
    return form_page(request, context)


@require_safe
def deliverable(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One product: facts, evidence, history."""
    found = deliverable_for(request, uuid)

    def check() -> None:
        check_activity_open(found.activity.state)
        selectors.check_days_open(found.activity, [found.delivered_on])

    reason = selectors.refusal(check)
    edit = Button(
        _("Correct the product"),
        reverse("actions:deliverable-edit", args=[found.uuid]),
        style="outline-primary",
        disabled_reason=reason,
    )
    context = {
        "deliverable": found,
        "programme": found.activity.programme,
        "kicker": found.activity.title,
        "crumbs": _crumbs(found),
        "facts": [
            (_("Activity"), Link(found.activity.title, found.activity.get_absolute_url())),
            (_("Kind"), found.get_kind_display()),
            *_facts(found),
            (_("Languages"), ", ".join(language.name for language in found.languages.order_by("name"))),
            (_("Address of the published page"), Link(found.url, found.url) if found.url else None),
            (
                _("Evidence"),
                Link(found.evidence.name, found.evidence.get_absolute_url()) if found.evidence else None,
            ),
        ],
        "buttons": [edit, *([] if reason else [remove_button(found.activity, "product", found)])]
        if can_keep_register(request.user, found.activity)
        else [],
        "history": history_of(found),
    }
    return render(request, "actions/deliverable.html", context)


def _facts(product: Deliverable) -> list[tuple[Any, Any]]:
    if product.kind != ProductKind.PROTOCOL:
        return [(_("Delivered on"), product.delivered_on), (_("Quantity"), product.quantity)]
    return [
        (_("Signed on"), product.delivered_on),
        (_("Who signed it"), ", ".join(body.name for body in product.parties.order_by("name"))),
        (_("Repertory number"), product.repertory_number),
    ]
