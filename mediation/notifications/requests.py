# SPDX-License-Identifier: EUPL-1.2
"""Messages about the life of a request before it is held: they name its number, the body and the network, nobody."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.permissions import Permission, Scope, roles_with
from fami_portal.core.outbox import Draft
from mediation.enums import RequestState
from mediation.models import MediationRequest, Proposal
from mediation.notifications.recipients import coordinators_of, people_of

P = Permission


def _of_body(request: MediationRequest, permission: Permission) -> list[Any]:
    return people_of(roles=roles_with(permission), scope=Scope.BODY, organisation_id=request.organisation_id)


def filers(request: MediationRequest) -> list[Any]:
    """Return who files requests for the body."""
    return _of_body(request, P.FILE_MEDIATION_REQUESTS)


def heads(request: MediationRequest) -> list[Any]:
    """Return who authorises the requests of the body."""
    return _of_body(request, P.AUTHORISE_MEDIATION_REQUESTS)


def _drafts(
    request: MediationRequest, at: datetime, *, people: Iterable[Any], kind: str, subject: str, body: str, url: str = ""
) -> list[Draft]:
    words = {
        "number": request.number,
        "body": request.organisation.name,
        "network": request.network.name,
    }
    unique = {person.pk: person for person in people}
    return [
        Draft(
            key=f"{kind}:{request.pk}:{at:%Y%m%dT%H%M%S%f}:{person.pk}",
            kind=kind,
            recipient=person,
            subject=subject % words,
            body=body % words,
            url=url or request.get_absolute_url(),
        )
        for person in unique.values()
    ]


def submitted(request: MediationRequest, at: datetime) -> list[Draft]:
    """Tell the head that a request waits for a signature; nobody with an account: the contact, who knows other ways."""
    found = heads(request)
    if found:
        return _drafts(
            request,
            at,
            people=found,
            kind="mediation_submitted",
            subject=_("Request to authorise: %(number)s"),
            body=_("%(body)s submitted the request of mediation %(number)s. Read it: authorise it, or decline it."),
        )
    return _drafts(
        request,
        at,
        people=filers(request),
        kind="mediation_submitted",
        subject=_("Request waiting for the head: %(number)s"),
        body=_(
            "The head of %(body)s has no account in the portal: attach the request %(number)s signed, or ask the "
            "coordinator to send the head a link."
        ),
    )


def authorised(request: MediationRequest, at: datetime) -> list[Draft]:
    """Tell the coordinators that a request can be taken in charge."""
    return _drafts(
        request,
        at,
        people=coordinators_of(request),
        kind="mediation_authorised",
        subject=_("Request to take in charge: %(number)s"),
        body=_("The request of mediation %(number)s of %(body)s is authorised. Take it in charge and find a mediator."),
    )


def to_complete(request: MediationRequest, at: datetime) -> list[Draft]:
    """Tell the body that something is missing; what, is read in the portal."""
    return _drafts(
        request,
        at,
        people=filers(request),
        kind="mediation_to_complete",
        subject=_("Request to complete: %(number)s"),
        body=_("The coordinator sent the request of mediation %(number)s back. Open it to read what is missing."),
    )


def ended(request: MediationRequest, at: datetime, *, offered: Sequence[Proposal], by: Any) -> list[Draft]:
    """Tell those concerned that a request ended before it was held; whoever did it knows it already."""
    kind, subject, body = {
        RequestState.CANCELLED: (
            "mediation_cancelled",
            _("Request cancelled: %(number)s"),
            _("The request of mediation %(number)s of %(body)s has been cancelled. There is nothing more to do."),
        ),
        RequestState.EXPIRED: (
            "mediation_expired",
            _("Request expired: %(number)s"),
            _(
                "The last day asked for in the request of mediation %(number)s of %(body)s has passed without a "
                "mediator. Its hours are free again: a copy of it can be submitted as a new request."
            ),
        ),
        RequestState.REJECTED: (
            "mediation_rejected",
            _("Request not accepted: %(number)s"),
            _("The request of mediation %(number)s of %(body)s was not accepted. Open it to read why."),
        ),
    }[RequestState(request.state)]
    people = filers(request)
    # Not authorised by the head: the coordinators have never had it.
    if request.authorised_at is not None:
        people = [*people, *coordinators_of(request)]
    drafts = _drafts(
        request,
        at,
        people=[person for person in people if by is None or person.pk != by.pk],
        kind=kind,
        subject=subject,
        body=body,
    )
    return drafts + _mediators(request, at, offered)


def _mediators(request: MediationRequest, at: datetime, offered: Sequence[Proposal]) -> list[Draft]:
    """Tell the mediator who was coming, and those who had still to answer."""
    mediators = [proposal.mediator for proposal in offered]
    if request.mediator is not None:
        mediators.append(request.mediator)
    return _drafts(
        request,
        at,
        people=[mediator.user for mediator in mediators if mediator.user is not None],
        kind="mediation_no_longer_needed",
        subject=_("No longer needed: %(number)s"),
        body=_("The request of mediation %(number)s has ended: the time proposed to you or agreed is free again."),
    )
