# SPDX-License-Identifier: EUPL-1.2
"""The sheets of consultations, translations and presences as files."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from fami_portal.core.errors import NotPermitted
from mediation import permissions
from mediation.enums import ConsultationState, TranslationState
from mediation.rendering import consulting_sheets as sheets
from mediation.views.annexes import pdf
from mediation.views.community import found_presence
from mediation.views.consultations import found_for
from mediation.views.translations import found_translation


@require_safe
def consultation_sheet(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A.5 as filled, for the office that refers and the clinician; those who oversee are refused."""
    found = found_for(request, uuid)
    if not permissions.can_read_case(request.user, found):
        raise NotPermitted(_("Only the office that refers the case and its clinician read it."))
    if found.state == ConsultationState.DRAFT:
        return redirect(found)
    held = list(found.sessions.order_by("held_on", "pk"))
    return pdf(sheets.consultation_sheet(found, held), f"{found.number}.pdf")


@require_safe
def translation_sheet(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The report of a translation, as its page shows it."""
    found = found_translation(request, uuid)
    if found.state == TranslationState.DRAFT:
        return redirect(found)
    content = sheets.translation_sheet(found, with_note=permissions.can_read_files(request.user, found))
    return pdf(content, f"{found.number}.pdf")


@require_safe
def presence_sheet(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The report of a presence, once it is recorded."""
    found = found_presence(request, uuid)
    if found.actual_from is None:
        messages.error(request, _("The presence has not been recorded yet."))
        return redirect(found)
    return pdf(sheets.presence_sheet(found), f"presenza-{timezone.localdate(found.planned_from):%Y-%m-%d}.pdf")
