# SPDX-License-Identifier: EUPL-1.2
"""The page on which something recorded by mistake is taken away from an activity."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from actions.forms import ReasonForm
from actions.models import Activity, Decision
from actions.permissions import check_can_keep_register
from actions.selectors.mistakes import Record, name_of, records_of
from actions.services.mistakes import take_away
from actions.views.pages import activity_for, crumbs, form_page
from fami_portal.core.components import Button
from fami_portal.core.errors import DomainError

LABELS = {
    "product": _("Take the product away"),
    "content": _("Take the content away"),
    "service": _("Take the service away"),
    "decision": _("Take the decision away"),
}


def remove_button(activity: Activity, kind: str, record: Record) -> Button:
    """Return the button that leads to the page."""
    address = reverse("actions:record-remove", args=[activity.uuid, kind, record.uuid])
    return Button(LABELS[kind], address, style="outline-danger")


@require_http_methods(["GET", "HEAD", "POST"])
def record_remove(request: HttpRequest, uuid: UUID, kind: str, record: UUID) -> HttpResponse:
    """Take a product, a content, a service or a decision away, with the reason."""
    activity = activity_for(request, uuid)
    check_can_keep_register(request.user, activity)
    found = records_of(activity, kind, record).first()
    if found is None:
        if request.method == "POST" and kind in LABELS:
            return _gone(request, activity)
        raise Http404
    heading = LABELS[kind]
    form = ReasonForm(request.POST or None, submit_label=heading, cancel_url=found.get_absolute_url())
    if request.method == "POST" and form.is_valid():
        try:
            take_away(activity=activity, kind=kind, uuid=record, reason=form.cleaned_data["reason"], by=request.user)
        except DomainError as error:
            form.add_refusal(error)
        else:
            return _gone(request, activity, found)
    context = {
        "form": form,
        "heading": heading,
        "lead": _(
            "For what was recorded by mistake: it will not count any more. To change a detail, correct it instead."
        ),
        "kicker": name_of(found),
        "crumbs": crumbs(
            (activity.title, activity.get_absolute_url()), (name_of(found), found.get_absolute_url()), heading
        ),
    }
    return form_page(request, context)


def _gone(request: HttpRequest, activity: Activity, found: Record | None = None) -> HttpResponse:
    following: Any = found.meeting if isinstance(found, Decision) else activity
    messages.success(request, _("It is taken away. The history of the activity says why."))
    return redirect(following)
