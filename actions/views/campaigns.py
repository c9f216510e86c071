# SPDX-License-Identifier: EUPL-1.2
"""Pages of published contents and of the values read on their channels."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from actions.enums import COUNTED_METRICS, ReachMode
from actions.forms import CampaignForm, MeasureEditForm, MeasureForm, version_of
from actions.models import Activity, Campaign, ReachChannel
from actions.permissions import can_keep_register, check_can_keep_register
from actions.selectors import activities as selectors
from actions.services import campaigns as services
from actions.views.mistakes import remove_button
from actions.views.pages import activity_for, crumbs, form_page, history_of
from actions.workflow import check_activity_open
from fami_portal.core.components import Button, Link
from fami_portal.core.errors import DomainError, StaleError
from partners.models import Language


def campaign_for(request: HttpRequest, uuid: UUID) -> Campaign:
    """Return the content with its activity, if the person may see it."""
    return get_object_or_404(
        Campaign.objects.filter(activity__in=Activity.objects.visible_to(request.user).values("pk")).select_related(
            "activity", "activity__activity_type", "activity__programme", "channel", "language", "evidence"
        ),
        uuid=uuid,
    )


def _form(request: HttpRequest, activity: Activity, **kwargs: Any) -> CampaignForm:
    return CampaignForm(
        request.POST or None,
        request.FILES or None,
        channels=ReachChannel.objects.filter(programme=activity.programme_id).order_by("title", "pk"),
        languages=Language.objects.order_by("name", "pk"),
        **kwargs,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def campaign_create(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Record a published content, with the value of the day if it is known."""
    activity = activity_for(request, uuid)
    check_can_keep_register(request.user, activity)
    form = _form(request, activity, cancel_url=activity.get_absolute_url())
    if request.method == "POST" and form.is_valid():
        try:
            campaign = services.publish_campaign(
                activity=activity, **form.values(), key=form.submission_key, by=request.user
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The content is recorded."))
            return redirect("actions:campaign", campaign.uuid)
    context = {
        "form": form,
        "heading": _("Add a content"),
        "kicker": activity.title,
        "crumbs": crumbs((activity.title, activity.get_absolute_url()), _("Add a content")),
    }
    return form_page(request, context)


@require_http_methods(["GET", "HEAD", "POST"])
def campaign_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Correct a content."""
    found = campaign_for(request, uuid)
    check_can_keep_register(request.user, found.activity)
    address = reverse("actions:campaign", args=[found.uuid])
    form = _form(
        request,
        found.activity,
        with_value=False,
        version=found.version,
        initial={
            "channel": found.channel_id,
            "title": found.title,
            "audience": found.audience,
            "language": found.language_id,
            "published_on": found.published_on,
            "url": found.url,
        },
        cancel_url=address,
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.update_campaign(campaign=found, version=version_of(form), **form.values(), by=request.user)
        except DomainError as error:
            found.refresh_from_db(fields=["version"])
            form.add_refusal(error, version=found.version if isinstance(error, StaleError) else None)
        else:
            messages.success(request, _("The content is saved."))
            return redirect(address)
    context = {
        "form": form,
        "heading": _("Correct the content"),
        "kicker": found.title,
        "crumbs": _crumbs(found, _("Correct the content")),
    }
    return form_page(request, context)


def _crumbs(campaign: Campaign, *more: Any) -> list[Any]:
    activity = campaign.activity
    last = (campaign.title, reverse("actions:campaign", args=[campaign.uuid])) if more else campaign.title
    return crumbs((activity.title, activity.get_absolute_url()), last, *more)


@require_safe
def campaign(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One content: facts, values read, history."""
    return _page(request, campaign_for(request, uuid))


def _page(request: HttpRequest, found: Campaign, *, form: MeasureForm | None = None) -> HttpResponse:
    writes = can_keep_register(request.user, found.activity)

    def check() -> None:
        check_activity_open(found.activity.state)
        selectors.check_days_open(found.activity, [found.published_on])

    is_open = not selectors.refusal(lambda: check_activity_open(found.activity.state))
    reason = selectors.refusal(check) if writes else ""
    edit = Button(
        _("Correct the content"),
        reverse("actions:campaign-edit", args=[found.uuid]),
        style="outline-primary",
        disabled_reason=reason,
    )
    closed = selectors.closed_periods_of(found.activity)
    if form is None and writes and is_open:
        form = MeasureForm()
    if form is not None:
        form.helper.form_action = reverse("actions:measure-create", args=[found.uuid])
    context = {
        "campaign": found,
        "programme": found.activity.programme,
        "kicker": found.activity.title,
        "crumbs": _crumbs(found),
        "facts": [
            (_("Activity"), Link(found.activity.title, found.activity.get_absolute_url())),
            (_("Channel"), found.channel.title),
            (_("How values add up"), found.channel.get_mode_display()),
            (_("Who is reached"), found.audience),
            (_("Language"), str(found.language) if found.language else None),
            (_("Published on"), found.published_on),
            (_("Address of the published page"), Link(found.url, found.url) if found.url else None),
            (
                _("Evidence"),
                Link(found.evidence.name, found.evidence.get_absolute_url()) if found.evidence else None,
            ),
        ],
        "metric": found.channel.get_metric_display(),
        "counts": found.channel.metric in COUNTED_METRICS,
        "stock": found.channel.mode == ReachMode.STOCK,
        "measures": [
            {
                "row": measure,
                "metric": measure.get_metric_display() or found.channel.get_metric_display(),
                "edit": reverse("actions:measure-edit", args=[found.uuid, measure.pk])
                if writes and is_open and not selectors.closed_period_on(closed, measure.measured_on)
                else "",
            }
            for measure in found.measures.order_by("-measured_on")
        ],
        "buttons": [edit, *([] if reason else [remove_button(found.activity, "content", found)])] if writes else [],
        "form": form,
        "history": history_of(found),
    }
    return render(request, "actions/campaign.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def measure_create(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Record a value read on a day; the form is on the page of the content."""
    found = campaign_for(request, uuid)
    if request.method != "POST":
        return redirect("actions:campaign", found.uuid)
    check_can_keep_register(request.user, found.activity)
    form = MeasureForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            services.record_measure(
                campaign=found,
                measured_on=data["measured_on"],
                value=data["value"],
                source=data["source"],
                metric=data["metric"],
                by=request.user,
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The value is recorded."))
            return redirect("actions:campaign", found.uuid)
    return _page(request, found, form=form)


@require_http_methods(["GET", "HEAD", "POST"])
def measure_edit(request: HttpRequest, uuid: UUID, pk: int) -> HttpResponse:
    """Correct a value."""
    found = campaign_for(request, uuid)
    check_can_keep_register(request.user, found.activity)
    measure = get_object_or_404(found.measures.select_related("campaign"), pk=pk)
    address = reverse("actions:campaign", args=[found.uuid])
    form = MeasureEditForm(
        request.POST or None,
        initial={"measured_on": measure.measured_on, "value": measure.value, "source": measure.source},
        cancel_url=address,
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.correct_measure(
                measure=measure,
                measured_on=form.cleaned_data["measured_on"],
                value=form.cleaned_data["value"],
                source=form.cleaned_data["source"],
                by=request.user,
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The value is saved."))
            return redirect(address)
    context = {
        "form": form,
        "heading": _("Correct the value of %(day)s") % {"day": f"{measure.measured_on:%d/%m/%Y}"},
        "kicker": found.title,
        "crumbs": _crumbs(found, _("Correct the value")),
    }
    return form_page(request, context)
