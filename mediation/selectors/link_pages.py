# SPDX-License-Identifier: EUPL-1.2
"""What the room of links shows on pages of others: buttons of a request, sheets of delegations."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from fami_portal.core.components import Button
from fami_portal.core.models import Document
from mediation.enums import RequestState
from mediation.models import AccessLink, MediationRequest
from mediation.permissions import belongs_to, can_coordinate, can_file
from mediation.selectors.access import coordinates_body, form_of, has_head_account, mailboxes_of
from partners.models import Country, Language

DELEGATION_SHEET = "mediation_delegation"


def may_open_delegation(user: Any, document: Document) -> bool:
    """Whether the person may open the sheet of a delegation: the body itself and its coordinators."""
    body = document.subject_id
    if body is None:
        return False
    return (
        belongs_to(user, body, Permission.AUTHORISE_MEDIATION_REQUESTS)
        or can_file(user, body)
        or coordinates_body(user, body)
    )


def buttons(user: Any, request: MediationRequest, now: datetime) -> list[Button]:
    """Return what the page of a request offers from here: the link of the head, the links of the body."""
    coordinates = can_coordinate(user, request)
    found = []
    asks = request.state == RequestState.SUBMITTED and (coordinates or can_file(user, request.organisation_id))
    if asks and not has_head_account(request.organisation_id):
        missing = "" if mailboxes_of(request.organisation) else _("the body has no mailbox in the portal.")
        found.append(
            Button(
                _("Send the head the link again"),
                reverse("mediation:head-link", args=[request.uuid]),
                method="post",
                style="outline-primary",
                disabled_reason=missing,
            )
        )
    if coordinates and form_of(request.organisation):
        found.append(
            Button(
                _("Links and delegations"),
                reverse("mediation:access", args=[request.organisation.uuid]),
                style="outline-primary",
            )
        )
    return found


def languages_to_choose() -> list[Language]:
    """Return the languages that a form offers, by name."""
    return list(Language.objects.order_by("name", "pk"))


def countries_to_choose() -> list[Country]:
    """Return the countries that a form offers, by name."""
    return list(Country.objects.order_by("name", "pk"))


def filed_with(link: AccessLink, number: str) -> MediationRequest | None:
    """Return what was filed with a link: the request of this number, or the latest."""
    filed = MediationRequest.objects.with_parts().filter(pk__in=link.log.filter(act="filed").values("request"))
    if number:
        filed = filed.filter(number=number)
    return filed.order_by("-submitted_at", "-pk").first()
