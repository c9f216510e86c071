# SPDX-License-Identifier: EUPL-1.2
"""Pages of the ethnoclinical consultations (A.5). What is written about the case is drawn for those who may read it."""

from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission
from actions.enums import MediationRequestKind
from fami_portal.core import clock
from fami_portal.core.components import Button, Column, Lines, Link
from fami_portal.core.errors import NotPermitted
from fami_portal.core.templatetags.ui import hours
from mediation import permissions
from mediation.enums import ConsultationSessionKind, ConsultationState
from mediation.filters.consulting import ConsultationFilter
from mediation.forms.consultations import (
    NewReferralForm,
    ReferralForm,
)
from mediation.models import Consultation, ConsultationSession
from mediation.selectors import consultations as selectors
from mediation.selectors import consulting_access as access
from mediation.selectors import consulting_facts
from mediation.selectors.consulting import places
from mediation.services import consultations as services
from mediation.services.consultation_sessions import beyond_planned
from mediation.views.consulting_pages import (
    Section,
    act_page,
    download,
    list_page,
    pill_of,
    posted,
    start_page,
    thing_page,
    version_of,
)
from mediation.workflow import CONSULTATION
from partners.permissions import holds

S = ConsultationState
OPEN_CASE = (S.ACCEPTED, S.ASSESSMENT, S.RESTITUTION, S.REOPENED)
HEADING = _("Ethnoclinical consultations")
FORM = require_http_methods(["GET", "HEAD", "POST"])


def list_link() -> tuple[Any, str]:
    return HEADING, reverse("mediation:consultation-list")


def found_for(request: HttpRequest, uuid: UUID) -> Consultation:
    return get_object_or_404(Consultation.objects.visible_to(request.user).with_parts(), uuid=uuid)


def _places(user: Any) -> list[Any]:
    return places(user, MediationRequestKind.ETHNOCLINICAL, Permission.FILE_MEDIATION_REQUESTS, at=clock.now())


@require_safe
def consultation_list(request: HttpRequest) -> HttpResponse:
    """The consultations that the person may know of; counts and hours for those who oversee."""
    if not access.sees_consultations(request.user):
        raise NotPermitted(_("Your role does not allow this. Ask the coordinator of your programme."))
    found = ConsultationFilter(request.GET, queryset=selectors.consultations_for(request.user), request=request)
    return list_page(
        request,
        heading=HEADING,
        lead=_("A service or a school refers a case, by a code, to the ethnoclinical consultation."),
        filters=found,
        columns=[
            Column(_("Number")),
            Column(_("School or service")),
            Column(_("Referred on"), nowrap=True),
            Column(_("Hours held"), numeric=True),
            Column(_("State")),
        ],
        row=partial(_row, request.user),
        noun=_("consultations"),
        empty=(_("No consultation here"), _("Change the filters, or refer a case.")),
        buttons=[Button(_("Refer a case"), reverse("mediation:consultation-create"))] if _places(request.user) else [],
        sections=_figures(request.user),
    )


def _row(user: Any, row: Consultation) -> list[Any]:
    code = row.case_code if permissions.can_read_case(user, row) else ""
    return [
        Lines(Link(row.number or _("Draft"), row.get_absolute_url()), code),
        Lines(row.organisation.name, row.network.name),
        row.submitted_at.date() if row.submitted_at else None,
        hours(row.minutes_held or 0),  # type: ignore[attr-defined]
        pill_of(row.state, CONSULTATION),
    ]


def _figures(user: Any) -> list[Section]:
    figures = selectors.figures_for(user)
    if figures is None:
        return []
    rows = [(S(state).label, number) for state, number in figures.by_state]
    rows += [(_("Sessions held"), figures.sessions), (_("Hours held"), hours(figures.minutes))]
    return [Section("figures", _("Figures"), facts=rows)]


@FORM
def consultation_create(request: HttpRequest) -> HttpResponse:
    """Begin a referral as a draft."""
    if not holds(request.user, Permission.FILE_MEDIATION_REQUESTS):
        raise NotPermitted(_("Only the contact of a school or service can refer a case."))
    user: Any = request.user
    form = NewReferralForm(
        posted(request),
        places=_places(user),
        initial={"contact_name": user.get_full_name(), "contact_email": user.email},
        cancel_url=reverse("mediation:consultation-list"),
    )
    return start_page(
        request,
        form=form,
        start=services.start_referral,
        done=_("Draft saved: check it and send it to the clinician."),
        heading=_("Refer a case"),
        trail=[list_link()],
        lead=_("You can save an incomplete draft and come back. Only your office and the clinician read the case."),
    )


@FORM
def consultation_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Write in a draft, or complete a referral that came back."""
    found = found_for(request, uuid)
    permissions.check_can_file(request.user, found.organisation_id)
    initial = {name: getattr(found, name) for name in services.EDITABLE}
    form = ReferralForm(posted(request), initial=initial, version=found.version)

    return act_page(
        request,
        found,
        form=form,
        act=lambda: services.save_referral(
            consultation=found, values=form.values(), version=version_of(form), by=request.user
        ),
        done=_("Draft saved: check it and send it to the clinician."),
        heading=_("Write the referral"),
        list_link=list_link(),
        possible=found.state in services.OPEN,
    )


@require_safe
def consultation(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One consultation: what one may read of it, what can be done."""
    found = found_for(request, uuid)
    reads = permissions.can_read_case(request.user, found)
    held = list(found.sessions.order_by("held_on", "pk"))
    sections = [Section("facts", _("Facts"), facts=consulting_facts.of_consultation(found, held))]
    if reads:
        sections.append(
            Section(
                "case",
                _("The case"),
                facts=consulting_facts.of_case(found),
                note=_("Only your office and the clinician."),
            )
        )
    if found.state not in (S.DRAFT, S.REFERRED, S.TO_COMPLETE, S.NOT_PERTINENT):
        sections.append(_sessions(request.user, found, held))
    restitution = next((row for row in held if row.kind == ConsultationSessionKind.RESTITUTION), None)
    if reads and restitution is not None:
        sections.append(Section("restitution", _("Restitution"), text=restitution.text))
    alert: tuple[Any, Any] = ("", "")
    if reads and found.triage_note:
        alert = (_("Note of the clinician"), found.triage_note)
    if found.state in OPEN_CASE and permissions.consults(request.user, found.consultant_id):
        beyond = beyond_planned(found)
        alert = (_("More hours than planned"), beyond) if beyond else alert
    return thing_page(
        request,
        found,
        workflow=CONSULTATION,
        list_link=list_link(),
        kicker=_("Ethnoclinical consultation"),
        heading=found.number or _("Draft of a referral"),
        sections=sections,
        buttons=_buttons(request.user, found),
        alert=alert,
    )


def _sessions(user: Any, found: Consultation, held: list[ConsultationSession]) -> Section:
    corrects = found.state in (S.ASSESSMENT, S.REOPENED) and permissions.consults(user, found.consultant_id)
    return Section(
        "sessions",
        _("Sessions"),
        columns=[
            Column(_("Day"), nowrap=True),
            Column(_("Kind")),
            Column(_("Time held"), numeric=True),
            Column(_("Professionals"), numeric=True),
            Column(_("Mediator")),
            *([Column(_("Correct"))] if corrects else []),
        ],
        rows=[
            [
                row.held_on,
                row.get_kind_display(),
                hours(row.minutes),
                row.professionals,
                row.with_mediator,
                *([_removal(found, row)] if corrects else []),
            ]
            for row in held
        ],
    )


def _removal(found: Consultation, row: ConsultationSession) -> Link | None:
    if row.kind != ConsultationSessionKind.ASSESSMENT:
        return None
    address = reverse("mediation:consultation-session-remove", args=[found.uuid, row.uuid])
    return Link(_("Take away"), address, hidden=f"{row.held_on:%d/%m/%Y}, {hours(row.minutes)}")


def _buttons(user: Any, found: Consultation) -> list[Button]:
    address = partial(reverse, args=[found.uuid])
    buttons: list[Button] = []
    files = permissions.can_file(user, found.organisation_id)
    if files and found.state in services.OPEN:
        lacking = [sentence for _field, sentence in services.missing(found)]
        refuse = " ".join(str(sentence) for sentence in lacking)
        buttons += [
            Button(_("Send to the clinician"), address("mediation:consultation-refer"), "post", disabled_reason=refuse),
            Button(_("Write the referral"), address("mediation:consultation-edit"), style="outline-primary"),
        ]
    if files and found.state == S.DRAFT:
        buttons.append(
            Button(_("Throw the draft away"), address("mediation:consultation-discard"), style="outline-danger")
        )
    if files and found.state in CONSULTATION.transitions["cancel"].sources:
        buttons.append(
            Button(_("Withdraw the referral"), address("mediation:consultation-cancel"), "post", "outline-danger")
        )
    if found.state in (S.REFERRED, S.CLOSED) and permissions.coordinates(
        user, programme_id=found.programme_id, network_id=found.network_id
    ):
        if found.state == S.REFERRED:
            label = _("Change the clinician") if found.consultant_id else _("Assign a clinician")
            buttons.append(Button(label, address("mediation:consultation-assign")))
        else:
            buttons.append(Button(_("Open it again"), address("mediation:consultation-reopen"), style="outline-danger"))
    if permissions.consults(user, found.consultant_id):
        buttons += _clinical(found, address)
    if found.state != S.DRAFT and permissions.can_read_case(user, found):
        buttons.append(download(address("mediation:consultation-sheet")))
    return buttons


def _clinical(found: Consultation, address: Any) -> list[Button]:
    if found.state == S.REFERRED:
        return [Button(_("Answer the referral"), address("mediation:consultation-triage"))]
    if found.state not in OPEN_CASE:
        return []
    buttons = []
    if found.state != S.RESTITUTION:
        buttons.append(Button(_("Record a session"), address("mediation:consultation-session")))
    if found.state in (S.ASSESSMENT, S.REOPENED):
        label = _("Give the restitution") if found.state == S.ASSESSMENT else _("Write the restitution anew")
        buttons.append(Button(label, address("mediation:consultation-restitution"), style="outline-primary"))
    style = {S.RESTITUTION: "primary", S.REOPENED: "outline-primary"}.get(S(found.state), "outline-danger")
    buttons.append(Button(_("Close the consultation"), address("mediation:consultation-close"), style=style))
    return buttons
