# SPDX-License-Identifier: EUPL-1.2
"""Pages of community mediation: presences planned, recorded, validated."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from actions.enums import MediationRequestKind
from fami_portal.core import clock
from fami_portal.core.components import Button, Column, Lines, Link
from fami_portal.core.errors import DomainError, NotPermitted
from fami_portal.core.templatetags.ui import hours
from mediation import permissions
from mediation.enums import PresenceState
from mediation.filters.consulting import PresenceFilter
from mediation.forms.community import CancelPresenceForm, NetworkForm, PresenceForm, RecordPresenceForm
from mediation.forms.consulting import NoteForm
from mediation.models import CommunityPresence, Mediator
from mediation.selectors import consulting_access as access
from mediation.selectors import consulting_facts
from mediation.selectors.consulting import networks_coordinated
from mediation.services import community as services
from mediation.views.consulting_pages import (
    REOPENING,
    Section,
    act_page,
    download,
    form_page,
    list_page,
    pill_of,
    post_act,
    posted,
    thing_page,
)
from mediation.workflow import PRESENCE
from partners.permissions import holds

S = PresenceState
HEADING = _("Community mediation")
FORM = require_http_methods(["GET", "HEAD", "POST"])


def _list_link() -> tuple[Any, str]:
    return HEADING, reverse("mediation:presence-list")


def found_presence(request: HttpRequest, uuid: UUID) -> CommunityPresence:
    return get_object_or_404(CommunityPresence.objects.visible_to(request.user).with_parts(), uuid=uuid)


@require_safe
def presence_list(request: HttpRequest) -> HttpResponse:
    """The presences that the person sees."""
    if not access.sees_presences(request.user):
        raise NotPermitted(_("Your role does not allow this. Ask the coordinator of your programme."))
    found = CommunityPresence.objects.visible_to(request.user).with_parts().order_by("-planned_from", "-pk")
    plans = holds(request.user, Permission.COORDINATE_MEDIATION)
    return list_page(
        request,
        heading=HEADING,
        lead=_("A mediator is present somewhere at planned hours, without anybody asking each time."),
        filters=PresenceFilter(request.GET, queryset=found, request=request),
        columns=[
            Column(_("When")),
            Column(_("Place")),
            Column(_("Mediator")),
            Column(_("People met"), numeric=True),
            Column(_("Time held"), numeric=True),
            Column(_("State")),
        ],
        row=lambda row: [
            Link(consulting_facts.when(row), row.get_absolute_url()),
            Lines(row.place, row.network.name),
            row.mediator.name,
            row.contacts,
            hours(row.minutes) if row.minutes else None,
            pill_of(row.state, PRESENCE),
        ],
        noun=_("presences"),
        empty=(_("No presence here"), _("Change the filters, or plan the first presence.")),
        buttons=[Button(_("Plan presences"), reverse("mediation:presence-create"))] if plans else [],
    )


@FORM
def presence_create(request: HttpRequest) -> HttpResponse:
    """Choose the network, then plan a presence or one every week."""
    if not holds(request.user, Permission.COORDINATE_MEDIATION):
        raise NotPermitted(_("Only the coordinator of the network or of the programme can do this."))
    pairs = networks_coordinated(request.user, MediationRequestKind.COMMUNITY)
    trail = [_list_link()]
    chosen = request.GET.get("where") or (f"{pairs[0][0].pk}:{pairs[0][1].pk}" if len(pairs) == 1 else "")
    where = next((pair for pair in pairs if f"{pair[0].pk}:{pair[1].pk}" == chosen), None)
    if where is None:
        form: Any = NetworkForm(posted(request), pairs=pairs)
        if request.method == "POST" and form.is_valid():
            programme, network = form.cleaned_data["where"]
            return redirect(f"{reverse('mediation:presence-create')}?where={programme.pk}:{network.pk}")
        return form_page(request, form=form, heading=_("Plan presences"), trail=trail)
    programme, network = where
    mediators = Mediator.objects.serving(network.pk).order_by("family_name", "given_name", "pk")
    form = PresenceForm(posted(request), mediators=mediators, cancel_url=trail[0][1])
    if request.method == "POST" and form.is_valid():
        try:
            planned = services.plan_presences(
                programme=programme,
                network=network,
                **form.values(),
                key=form.submission_key,
                by=request.user,
                at=clock.now(),
            )
        except DomainError as error:
            form.add_refusal(error)
        else:
            number = len(planned)
            messages.success(
                request,
                ngettext("The presence is planned.", "%(number)s presences are planned.", number) % {"number": number},
            )
            return redirect("mediation:presence-list")
    return form_page(request, form=form, heading=_("Plan presences"), trail=trail, kicker=network.name)


@require_safe
def presence(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One presence: planned and held, what can be done."""
    found = found_presence(request, uuid)
    return thing_page(
        request,
        found,
        workflow=PRESENCE,
        list_link=_list_link(),
        kicker=_("Presence of community mediation"),
        heading=consulting_facts.when(found),
        sections=[Section("facts", _("Facts"), facts=consulting_facts.of_presence(found))],
        buttons=_buttons(request.user, found),
    )


def _buttons(user: Any, found: CommunityPresence) -> list[Button]:
    address = partial(reverse, args=[found.uuid])
    buttons: list[Button] = []
    if permissions.mediates(user, found.mediator_id) and found.state == S.PLANNED:
        early = found.planned_from > clock.now()
        buttons.append(
            Button(
                _("Record the presence"),
                address("mediation:presence-record"),
                disabled_reason=_("You can record it when it is over.") if early else "",
            )
        )
    if permissions.mediates(user, found.mediator_id) and found.state == S.HELD:
        buttons.append(
            Button(_("Correct what was recorded"), address("mediation:presence-record"), style="outline-primary")
        )
    if permissions.coordinates(user, programme_id=found.programme_id, network_id=found.network_id):
        if found.state == S.HELD:
            buttons += [
                Button(_("Validate"), address("mediation:presence-validate"), "post"),
                Button(_("Send back to correct"), address("mediation:presence-send-back"), style="outline-primary"),
            ]
        if found.state == S.VALIDATED:
            buttons.append(Button(_("Open it again"), address("mediation:presence-reopen"), style="outline-danger"))
        if found.state == S.PLANNED:
            buttons.append(
                Button(_("Cancel the presence"), address("mediation:presence-cancel"), style="outline-danger")
            )
    if found.actual_from:
        buttons.append(download(address("mediation:presence-sheet")))
    return buttons


@FORM
def presence_record(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Record what really happened."""
    found = found_presence(request, uuid)
    permissions.check_is_present(request.user, found)
    initial = {
        "starts_at": found.actual_from or found.planned_from,
        "ends_at": found.actual_until or found.planned_until,
        "contacts": found.contacts,
        "topics": found.topics,
    }
    form = RecordPresenceForm(posted(request), initial=initial)
    return act_page(
        request,
        found,
        form=form,
        act=lambda: services.record_presence(presence=found, **form.values(), by=request.user, at=clock.now()),
        done=_("Recorded: the coordinator has been told."),
        heading=_("Record the presence") if found.state == S.PLANNED else _("Correct what was recorded"),
        list_link=_list_link(),
        name=consulting_facts.when(found),
        possible=found.state in (S.PLANNED, S.HELD),
    )


@FORM
def presence_send_back(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Send a recorded presence back."""
    found = found_presence(request, uuid)
    permissions.check_coordinates(request.user, found)
    form = NoteForm(posted(request), submit_label=_("Send back to correct"))
    return act_page(
        request,
        found,
        form=form,
        act=lambda: services.send_back(
            presence=found, reason=form.cleaned_data["note"], by=request.user, at=clock.now()
        ),
        done=_("Sent back: the mediator has been told."),
        heading=_("Send back to correct"),
        list_link=_list_link(),
        name=consulting_facts.when(found),
        possible=found.state == S.HELD,
    )


@FORM
def presence_reopen(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Open a validated presence again."""
    found = found_presence(request, uuid)
    permissions.check_coordinates(request.user, found)
    form = NoteForm(posted(request), submit_label=_("Open it again"), style="danger")
    return act_page(
        request,
        found,
        form=form,
        act=lambda: services.reopen(presence=found, reason=form.cleaned_data["note"], by=request.user, at=clock.now()),
        done=_("Open again: the mediator has been told and can correct it."),
        heading=_("Open it again"),
        lead=REOPENING,
        list_link=_list_link(),
        name=consulting_facts.when(found),
        possible=found.state == S.VALIDATED,
    )


@require_POST
def presence_validate(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Validate a recorded presence."""
    found = found_presence(request, uuid)
    return post_act(
        request,
        found,
        act=lambda: services.validate(presence=found, by=request.user, at=clock.now()),
        done=_("Validated: the hours are in the results."),
    )


@FORM
def presence_cancel(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Cancel a planned presence, or the rest of its series."""
    found = found_presence(request, uuid)
    permissions.check_coordinates(request.user, found)
    form = CancelPresenceForm(posted(request))
    return act_page(
        request,
        found,
        form=form,
        act=lambda: services.cancel(
            presence=found,
            reason=form.cleaned_data["note"],
            whole_series=form.cleaned_data["whole_series"],
            by=request.user,
            at=clock.now(),
        ),
        done=_("The presence is cancelled: its hours are free."),
        heading=_("Cancel the presence"),
        list_link=_list_link(),
        name=consulting_facts.when(found),
        possible=found.state == S.PLANNED,
    )
