# SPDX-License-Identifier: EUPL-1.2
"""The contacts of a desk: the quick form, the three counters, the last ones to be corrected."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from actions.models import Activity
from actions.selectors.activities import closed_period_on, closed_periods_of, refusal
from actions.workflow import check_activity_open
from beneficiaries import selectors
from beneficiaries.enums import ContactOutcome, DeskTopic
from beneficiaries.forms.desks import ContactCorrectionForm, ContactForm
from beneficiaries.models import DeskContact
from beneficiaries.permissions import check_can_follow
from beneficiaries.selectors.supports import Counters, contacts_of, counters_of, hours_of
from beneficiaries.services import desks as services
from beneficiaries.views.supports import activity_for, crumbs_of
from fami_portal.core import clock
from fami_portal.core.components import Column, Lines, Link
from fami_portal.core.errors import DomainError, StaleError
from partners.models import Language

PAGE = 20


def _choices() -> dict[str, Any]:
    return {"countries": selectors.countries(), "languages": Language.objects.order_by("name", "pk")}


@require_http_methods(["GET", "HEAD", "POST"])
def contacts(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Count a contact; what the desk has counted today, this month, in all; the last contacts."""
    activity = activity_for(request, uuid, desk=True)
    today = clock.today()
    refused = refusal(lambda: check_activity_open(activity.state))
    form = ContactForm(
        request.POST or None,
        **_choices(),
        initial={"held_on": min(max(today, activity.starts_on), activity.ends_on)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = services.record_contact(
                activity=activity,
                contact=services.Contact(**form.values()),
                key=form.submission_key,
                by=request.user,
                today=today,
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The contact is counted. The form is ready for the next one."))
            if made.outcome == ContactOutcome.TAKEN:
                return redirect("beneficiaries:support-new", activity.uuid)
            return redirect("beneficiaries:contacts", activity.uuid)
    found = contacts_of(activity)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    closed = closed_periods_of(activity)
    context = {
        "activity": activity,
        "programme": activity.programme,
        "form": None if refused else form,
        "refused": refused,
        "counter_columns": [
            Column(_("When")),
            Column(_("Contacts"), numeric=True),
            Column(_("First accesses"), numeric=True),
            Column(_("Services given"), numeric=True),
            Column(_("Hours"), numeric=True),
        ],
        "counter_rows": [
            _counter_row(words, counters_of(rows))
            for words, rows in (
                (_("Today"), found.filter(held_on=today)),
                (_("This month"), found.filter(held_on__gte=today.replace(day=1), held_on__lte=today)),
                (_("In all"), found),
            )
        ],
        "columns": [
            Column(_("Day"), nowrap=True),
            Column(_("What was asked")),
            Column(_("What came of it")),
            Column(_("Minutes"), numeric=True),
            Column(_("Operator")),
        ],
        "rows": [_row(row, open_day=not refused and closed_period_on(closed, row.held_on) is None) for row in page],
        "page": page,
        "crumbs": crumbs_of(activity, _("Contacts of the desk")),
    }
    return render(request, "beneficiaries/contacts.html", context)


def _counter_row(words: Any, found: Counters) -> list[Any]:
    return [words, found.contacts, found.first_accesses, found.services, hours_of(found.minutes)]


def _row(row: DeskContact, *, open_day: bool) -> list[Any]:
    day = f"{row.held_on:%d/%m/%Y}"
    asked = ", ".join(str(DeskTopic(code).label) for code in row.topics)
    return [
        Link(day, reverse("beneficiaries:contact", args=[row.uuid]), hidden=_("correct")) if open_day else day,
        Lines(asked, _("first access") if row.first_access else ""),
        row.get_outcome_display(),
        row.minutes,
        row.operator.full_name,
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Correct a contact, or take it away."""
    row = get_object_or_404(
        DeskContact.objects.filter(activity__in=Activity.objects.visible_to(request.user).values("pk")).select_related(
            "activity", "activity__activity_type", "activity__programme"
        ),
        uuid=uuid,
    )
    activity = row.activity
    check_can_follow(request.user, activity)
    names = [name for name in services.Contact.__dataclass_fields__ if name not in ("citizenship", "language")]
    address = reverse("beneficiaries:contacts", args=[activity.uuid])
    form = ContactCorrectionForm(
        request.POST or None,
        **_choices(),
        version=row.version,
        initial={name: getattr(row, name) for name in names}
        | {"citizenship": row.citizenship_id, "language": row.language_id},
        cancel_url=address,
    )
    if request.method == "POST" and "remove" in request.POST:
        return _removed(request, row)
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data.get("version") or ""
        try:
            services.update_contact(
                row=row,
                version=int(text) if text.isdigit() else -1,
                contact=services.Contact(**form.values()),
                by=request.user,
                today=clock.today(),
            )
        except StaleError as error:
            form.add_refusal(error, version=DeskContact.objects.get(pk=row.pk).version)
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The contact is corrected."))
            return redirect(address)
    day = f"{row.held_on:%d/%m/%Y}"
    context = {
        "form": form,
        "row": row,
        "activity": activity,
        "programme": activity.programme,
        "heading": _("Contact of %(day)s") % {"day": day},
        "kicker": activity.title,
        "crumbs": crumbs_of(activity, (_("Contacts of the desk"), address), day),
    }
    return render(request, "beneficiaries/intervention.html", context)


def _removed(request: HttpRequest, row: DeskContact) -> HttpResponse:
    text = request.POST.get("version", "")
    try:
        services.remove_contact(row=row, version=int(text) if text.isdigit() else -1, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("beneficiaries:contact", row.uuid)
    messages.success(request, _("The contact is taken away."))
    return redirect("beneficiaries:contacts", row.activity.uuid)
