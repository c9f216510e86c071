# SPDX-License-Identifier: EUPL-1.2
"""The overview of consultations and questions: the kinds that one's programmes offer, with what waits."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from actions.enums import MediationRequestKind
from fami_portal.core.components import Link
from mediation.permissions import can_search_archive
from mediation.selectors import consulting_access as access
from mediation.selectors.consulting import kinds_for
from mediation.selectors.consulting_work import waiting_by_kind

K = MediationRequestKind


@dataclass(frozen=True)
class _Kind:
    """A kind as the overview shows it: what it is, its pages, who sees them."""

    kind: str
    title: Any
    text: Any
    pages: tuple[tuple[Any, str, Callable[[Any], bool]], ...]


KINDS = (
    _Kind(
        K.ETHNOCLINICAL,
        _("Ethnoclinical consultation"),
        _("For a case that is hard to read: the clinician meets those who follow it and gives back a reading."),
        ((_("Consultations"), "mediation:consultation-list", access.sees_consultations),),
    ),
    _Kind(
        K.LEGAL,
        _("Legal questions"),
        _("An operator asks the legal consultant; the answers that may serve others are in the archive."),
        (
            (_("Questions"), "mediation:legal-question-list", access.sees_questions),
            (_("Archive of answers"), "mediation:legal-archive", can_search_archive),
        ),
    ),
    _Kind(
        K.TRANSLATION,
        _("Written translation"),
        _("A file to translate: hours are reserved by its pages, no appointment is needed."),
        ((_("Translations"), "mediation:translation-list", access.sees_translations),),
    ),
    _Kind(
        K.COMMUNITY,
        _("Community mediation"),
        _("Presences of a mediator at planned hours, in a place where people come."),
        ((_("Presences"), "mediation:presence-list", access.sees_presences),),
    ),
    _Kind(
        K.FACILITATION,
        _("Language facilitation"),
        _("One meeting a week with a facilitator, approved and reserved once for all its meetings."),
        (
            (_("Ask for a series"), "mediation:facilitation-create", access.asks_series),
            (_("Requests"), "mediation:request-list", access.sees_requests),
        ),
    ),
)


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The kinds on offer that the person has a part in, with what waits for them."""
    offered = kinds_for(request.user)
    waiting = waiting_by_kind(request.user)
    shown = []
    crumbs = [(_("Home"), reverse("home")), _("Consultations and questions")]
    for kind in KINDS:
        pages = [Link(label, reverse(name)) for label, name, sees in kind.pages if sees(request.user)]
        if kind.kind in offered and pages:
            shown.append(
                {
                    "id": kind.kind,
                    "title": kind.title,
                    "text": kind.text,
                    "pages": pages,
                    "tasks": waiting.get(kind.kind, []),
                }
            )
    return render(request, "mediation/consultations_overview.html", {"kinds": shown, "crumbs": crumbs})
