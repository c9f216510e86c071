# SPDX-License-Identifier: EUPL-1.2
"""Pages of shared names: where they are shared, the act that does it, its revocation. No name stands on them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission
from actions.models import Activity
from actions.selectors.notices import versions_for
from beneficiaries.enums import SharingState
from beneficiaries.forms.recipients import version_of
from beneficiaries.forms.sharing import RevokeForm, SharingForm
from beneficiaries.models import SharingAct
from beneficiaries.permissions import can_view_register, check_can_share, keepers_of, sees_sharings
from beneficiaries.selectors.sharing import acts_for, last_notice, names_to_share
from beneficiaries.services import sharing as services
from fami_portal.core import clock
from fami_portal.core.audit import timeline
from fami_portal.core.components import Button, Column, Entry, Lines, Link, Pill
from fami_portal.core.errors import DomainError, NotPermitted, StaleError
from partners.permissions import organisations_with

PAGE_SIZE = 50
COLOURS = {
    SharingState.FUTURE: "info",
    SharingState.IN_FORCE: "success",
    SharingState.ENDED: "secondary",
    SharingState.REVOKED: "danger",
}


def _state(act: SharingAct) -> Pill:
    state = act.state_on(clock.today())
    return Pill(state.label, COLOURS[state])


def _crumbs(*more: Any) -> list[Any]:
    return [(_("Shared names"), reverse("beneficiaries:sharing-list")), *more]


@require_safe
def sharing_list(request: HttpRequest) -> HttpResponse:
    """Where the own bodies can share names, and the acts that the person may see."""
    if not sees_sharings(request.user):
        raise NotPermitted(_("Your role does not allow this. Ask the coordinator of your programme."))
    page = Paginator(acts_for(request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    waiting = names_to_share(request.user, clock.today())
    context = {
        "page": page,
        "to_share_columns": [
            Column(_("Activity")),
            Column(_("Who keeps the register")),
            Column(_("Your recipients"), numeric=True),
            Column(_("Share"), hidden_label=True),
        ],
        "to_share_rows": [
            [
                Lines(one.activity.title, one.organisation.name),
                one.keeper.name,
                one.recipients,
                Link(
                    _("Share the names"),
                    reverse("beneficiaries:sharing-new", args=[one.activity.uuid]),
                    one.activity.title,
                ),
            ]
            for one in waiting
        ],
        "columns": [
            Column(_("Activity")),
            Column(_("Names of")),
            Column(_("Read by")),
            Column(_("From"), nowrap=True),
            Column(_("Until"), nowrap=True),
            Column(_("State")),
        ],
        "rows": [
            [
                Link(act.activity.title, act.get_absolute_url()),
                act.organisation.name,
                act.keeper.name,
                act.starts_on,
                act.ends_on,
                _state(act),
            ]
            for act in page
        ],
    }
    return render(request, "beneficiaries/sharing_list.html", context)


def _activity_for(request: HttpRequest, uuid: UUID) -> Activity:
    """Return an activity that concerns the person: one that it sees, or one where the own recipients are enrolled."""
    found = get_object_or_404(Activity.objects.select_related("organisation", "venue", "programme"), uuid=uuid)
    own = [body.pk for body in organisations_with(request.user, Permission.SHARE_IDENTITIES)]
    if keepers_of(found).intersection(own):
        return found
    if own and found.enrolments.filter(beneficiary__registered_by__in=own).exists():
        return found
    if Activity.objects.visible_to(request.user).filter(pk=found.pk).exists():
        raise NotPermitted(_("Only the body that registered the recipients decides who reads their names."))
    raise Http404


@require_http_methods(["GET", "HEAD", "POST"])
def sharing_new(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Record that the own body shares the names of its recipients enrolled in an activity."""
    activity = _activity_for(request, uuid)
    choices = names_to_share(request.user, clock.today(), activity)
    form = None
    if choices:
        notice = last_notice(activity, choices[0].organisation)
        form = SharingForm(
            request.POST or None,
            choices=choices,
            versions=versions_for(activity),
            today=clock.today(),
            initial={"notice_version": notice.notice_version, "notice_given_on": notice.notice_given_on}
            if notice
            else {},
            cancel_url=reverse("beneficiaries:sharing-list"),
        )
    if form is not None and request.method == "POST" and form.is_valid():
        try:
            act = services.record_sharing(
                activity=activity,
                organisation=form.chosen.organisation,
                keeper=form.chosen.keeper,
                **form.terms(),
                by=request.user,
                at=clock.now(),
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("The names are shared. You can revoke it whenever you want."))
            return redirect(act)
    if form is None and request.method == "POST":
        return redirect("beneficiaries:sharing-list")  # the other half of a double click was there first
    context = {
        "activity": activity,
        "programme": activity.programme,
        "form": form,
        "facts": [
            (_("Activity"), activity.title),
            (_("Who keeps the register"), "; ".join(dict.fromkeys(one.keeper.name for one in choices))),
            (_("Your recipients enrolled now"), max((one.recipients for one in choices), default=0)),
            (_("The sharing ends on"), activity.ends_on + services.SHARED_AFTER),
        ],
        "crumbs": _crumbs(_("Share the names")),
    }
    return render(request, "beneficiaries/sharing_form.html", context)


def _act_for(request: HttpRequest, uuid: UUID) -> SharingAct:
    return get_object_or_404(acts_for(request.user), uuid=uuid)


@require_safe
def sharing(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One act: who reads whose names, by which notice, until when, what became of it."""
    act = _act_for(request, uuid)
    mine = act.organisation in organisations_with(request.user, Permission.SHARE_IDENTITIES)
    buttons = []
    if can_view_register(request.user, act.activity):
        register = reverse("beneficiaries:register", args=[act.activity.uuid])
        buttons.append(Button(_("Open the register"), register, style="outline-primary"))
    if mine and act.revoked_at is None:
        revoke = reverse("beneficiaries:sharing-revoke", args=[act.uuid])
        buttons.append(Button(_("Revoke the sharing"), revoke, style="outline-danger"))
    facts = [
        (_("Activity"), act.activity.title),
        (_("Names of the recipients of"), act.organisation.name),
        (_("Read by"), act.keeper.name),
        (_("What for"), f"{act.get_purpose_display()}: {act.details}" if act.details else act.get_purpose_display()),
        (
            _("Privacy notice"),
            _("version %(version)s, given on %(day)s")
            % {"version": act.notice_version, "day": f"{act.notice_given_on:%d/%m/%Y}"},
        ),
        (_("From"), act.starts_on),
        (_("Until"), act.ends_on),
        (_("Recorded by"), act.recorded_by.get_full_name() if act.recorded_by else _("the portal")),
        (_("Recorded on"), timezone.localdate(act.recorded_at)),
    ]
    if act.revoked_at is not None:
        facts += [
            (_("Revoked on"), timezone.localdate(act.revoked_at)),
            (_("Reason for the revocation"), act.revocation_reason),
        ]
    context = {
        "act": act,
        "programme": act.activity.programme,
        "pill": _state(act),
        "crumbs": _crumbs(act.activity.title),
        "facts": facts,
        "buttons": buttons,
        "history": [
            Entry(entry.at, entry.label, entry.actor, entry.comment, entry.target, entry.colour)
            for entry in timeline(act, limit=20)
        ],
    }
    return render(request, "beneficiaries/sharing.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def sharing_revoke(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """End an act at once."""
    act = _act_for(request, uuid)
    check_can_share(request.user, act.organisation)
    form = RevokeForm(request.POST or None, version=act.version, cancel_url=act.get_absolute_url())
    if request.method == "POST" and form.is_valid():
        try:
            services.revoke_sharing(
                act=act,
                version=version_of(form),
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=clock.now(),
            )
        except DomainError as error:
            act.refresh_from_db(fields=["version"])
            form.add_refusal(error, version=act.version if isinstance(error, StaleError) else None)
        else:
            messages.success(request, _("The sharing is revoked: the register shows codes again."))
            return redirect(act)
    context = {
        "form": form,
        "heading": _("Revoke the sharing"),
        "lead": _("From now on the register shows codes again. Who has read the names until today stays recorded."),
        "kicker": act.activity.title,
        "crumbs": _crumbs((act.activity.title, act.get_absolute_url()), _("Revoke the sharing")),
    }
    return render(request, "beneficiaries/beneficiary_form.html", context)
