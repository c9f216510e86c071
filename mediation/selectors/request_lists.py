# SPDX-License-Identifier: EUPL-1.2
"""Lists around requests: what a form offers to choose from, what the list page shows, what waits for a person."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from actions.enums import MediationRequestKind
from fami_portal.core.nav import Waiting
from mediation.enums import RequestState
from mediation.models import MediationRequest, Mediator
from mediation.permissions import can_view_case
from partners.models import Country, Language, Municipality
from partners.permissions import holds, organisations_with

P = Permission
# The kinds that this form files; the others have pages of their own.
FORM_KINDS = (MediationRequestKind.SCHOOL, MediationRequestKind.SERVICE)


# --- what a form offers ----------------------------------------------------------------------------------------------


def languages() -> list[Language]:
    """Return the languages by name."""
    return list(Language.objects.order_by("name"))


def countries() -> list[Country]:
    """Return the countries by name."""
    return list(Country.objects.order_by("name"))


def municipalities_near(request: MediationRequest) -> list[Municipality]:
    """Return the municipalities of the province in which the body is, by name."""
    seat = request.organisation.municipality
    if seat is None:
        return []
    return list(Municipality.objects.filter(province=seat.province).order_by("name"))


def mediators_known_to(organisation_id: int) -> list[Mediator]:
    """Return the active mediators who have worked on requests of the body, by name."""
    worked = MediationRequest.objects.filter(organisation=organisation_id, mediator__isnull=False).values("mediator")
    return list(Mediator.objects.filter(pk__in=worked, is_active=True).order_by("family_name", "given_name", "pk"))


def latest_notice(organisation_id: int) -> str:
    """Return the version of the notice that the body wrote last, so that it need not look it up each time."""
    return (
        MediationRequest.objects.filter(organisation=organisation_id)
        .exclude(notice_version="")
        .order_by("-pk")
        .values_list("notice_version", flat=True)
        .first()
        or ""
    )


# --- the list --------------------------------------------------------------------------------------------------------


def can_list(user: Any) -> bool:
    """Whether the person has a list of requests at all."""
    return holds(user, P.VIEW_MEDIATION_REQUESTS)


def listed(user: Any) -> QuerySet[MediationRequest]:
    """Return the requests that the person may read, the newest first; drafts, which are the body's alone, on top."""
    return (
        MediationRequest.objects.visible_to(user)
        .with_parts()
        .prefetch_related("languages__language", "slots")
        .order_by("-submitted_at", "-pk")
    )


# --- what waits for a person -----------------------------------------------------------------------------------------


def requests_panel(user: Any) -> Iterator[Waiting]:
    """Yield the drafts, the requests to complete and those to authorise. Two queries at most."""
    preparing = {body.pk for body in organisations_with(user, P.PREPARE_MEDIATION_REQUESTS)}
    filing = {body.pk for body in organisations_with(user, P.FILE_MEDIATION_REQUESTS)}
    heading = {body.pk for body in organisations_with(user, P.AUTHORISE_MEDIATION_REQUESTS)}
    if not preparing | heading:
        return
    rows = (
        MediationRequest.objects.filter(
            organisation__in=preparing | heading,
            kind__in=FORM_KINDS,
            state__in=[RequestState.DRAFT, RequestState.TO_COMPLETE, RequestState.SUBMITTED],
        )
        .select_related("organisation", "network")
        .order_by("last_day", "pk")[:50]
    )
    for row in rows:
        context = f"{row.organisation.name} – {row.network.name}"
        if row.state == RequestState.DRAFT and row.organisation_id in preparing:
            if row.organisation_id not in filing and row.created_by_id != user.pk:
                continue  # a colleague's, who will finish it
            url = reverse("mediation:request-check" if row.step >= 4 else "mediation:request", args=[row.uuid])
            title = _("Finish the request: %(case)s") % {"case": row.case_code or _("group")}
            yield Waiting(title, url, None, _("Draft"), "secondary", context)
        elif row.state == RequestState.TO_COMPLETE and row.organisation_id in filing:
            title = _("Complete the request %(number)s") % {"number": row.number}
            yield Waiting(title, row.get_absolute_url(), row.last_day, _("To complete"), "warning", context)
        elif row.state == RequestState.SUBMITTED and row.organisation_id in heading:
            title = _("Authorise the request %(number)s") % {"number": row.number}
            url = reverse("mediation:request-authorise", args=[row.uuid])
            yield Waiting(title, url, row.last_day, _("To authorise"), "info", context)


def may_open_file(user: Any, document: Any) -> bool:
    """Whether the person may open a file of a request: those who may read the case (strangers find nothing)."""
    request = MediationRequest.objects.filter(pk=document.subject_id).first()
    if request is None:
        return False
    if request.state == RequestState.DRAFT:
        return any(body.pk == request.organisation_id for body in organisations_with(user, P.VIEW_MEDIATION_REQUESTS))
    return can_view_case(user, request)


def coordinates_any(user: Any) -> bool:
    """Whether the person coordinates mediation anywhere: then the list leads to the board."""
    return holds(user, P.COORDINATE_MEDIATION)
