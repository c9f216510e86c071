# SPDX-License-Identifier: EUPL-1.2
"""Messages about proposals: they name the request by its number, places and times; never people or reasons."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.permissions import Permission, Scope, roles_with
from fami_portal.core.outbox import Draft
from mediation.models import MediationRequest, Proposal
from mediation.notifications.recipients import coordinators_of, people_of


def _when(starts_at: datetime, ends_at: datetime) -> str:
    start, end = timezone.localtime(starts_at), timezone.localtime(ends_at)
    return f"{start:%d/%m/%Y} {start:%H:%M}–{end:%H:%M}"


def _where(request: MediationRequest) -> str:
    if request.municipality_id is not None:
        return request.municipality.name
    return request.organisation.name


def _to_mediator(proposal: Proposal, *, kind: str, subject: str, body: str, mail: bool = True) -> list[Draft]:
    mediator, request = proposal.mediator, proposal.request
    if mediator.user_id is None:
        return []
    words = {
        "number": request.number,
        "when": _when(proposal.starts_at, proposal.ends_at),
        "where": _where(request),
        "until": f"{timezone.localtime(proposal.expires_at):%d/%m/%Y %H:%M}",
    }
    return [
        Draft(
            key=f"{kind}:{proposal.pk}",
            kind=kind,
            recipient=mediator.user,
            subject=subject % words,
            body=body % words,
            url=reverse("mediation:proposal", args=[proposal.uuid]),
            mail=mail,
        )
    ]


def _about_request(
    request: MediationRequest, people: Sequence[Any], *, kind: str, key: str, subject: str, body: str, when: str = ""
) -> list[Draft]:
    words = {"number": request.number, "body": request.organisation.name, "when": when}
    return [
        Draft(
            key=f"{kind}:{key}:{person.pk}",
            kind=kind,
            recipient=person,
            subject=subject % words,
            body=body % words,
            url=request.get_absolute_url(),
        )
        for person in people
    ]


def filers(request: MediationRequest) -> list[Any]:
    """Return who files requests for the body."""
    return people_of(
        roles=roles_with(Permission.FILE_MEDIATION_REQUESTS), scope=Scope.BODY, organisation_id=request.organisation_id
    )


def proposed(proposal: Proposal) -> list[Draft]:
    """Ask the mediator for an answer."""
    return _to_mediator(
        proposal,
        kind="mediation_proposed",
        subject=_("Mediation proposed to you: %(when)s, %(where)s"),
        body=_(
            "The request %(number)s needs a mediator on %(when)s in %(where)s. Accept or refuse the proposal by "
            "%(until)s: after that it goes to somebody else."
        ),
    )


def withdrawn(proposal: Proposal, *, taken: bool) -> list[Draft]:
    """Tell the mediator that no answer is needed any more; by mail only when somebody decided so."""
    return _to_mediator(
        proposal,
        kind="mediation_proposal_withdrawn",
        subject=_("Proposal withdrawn: %(when)s, %(where)s"),
        body=_("Another mediator accepted the request %(number)s first: you need not do anything.")
        if taken
        else _("The coordinator withdrew the proposal for the request %(number)s: you need not do anything."),
        mail=not taken,
    )


def accepted(proposal: Proposal) -> list[Draft]:
    """Tell the body and the coordinators that a mediator will come."""
    request = proposal.request
    people = {person.pk: person for person in [*filers(request), *coordinators_of(request)]}
    return _about_request(
        request,
        list(people.values()),
        kind="mediation_confirmed",
        key=str(proposal.pk),
        subject=_("Mediation confirmed: %(number)s, %(when)s"),
        body=_("A mediator has accepted the request %(number)s of %(body)s for %(when)s. Open it to see who."),
        when=_when(proposal.starts_at, proposal.ends_at),
    )


def arranged(request: MediationRequest, starts_at: datetime, ends_at: datetime, at: datetime) -> list[Draft]:
    """Tell the body that what was agreed outside the portal has been entered."""
    return _about_request(
        request,
        filers(request),
        kind="mediation_arranged",
        key=f"{request.pk}:{at:%Y%m%dT%H%M%S%f}",
        subject=_("Mediation confirmed: %(number)s, %(when)s"),
        body=_("The coordinator entered the mediation agreed for the request %(number)s: %(when)s."),
        when=_when(starts_at, ends_at),
    )


def refused(proposal: Proposal) -> list[Draft]:
    """Tell the coordinators that they must look for somebody else; why is read in the portal."""
    return _about_request(
        proposal.request,
        coordinators_of(proposal.request),
        kind="mediation_refused",
        key=str(proposal.pk),
        subject=_("Proposal refused: %(number)s"),
        body=_(
            "A mediator refused the request %(number)s of %(body)s for %(when)s. Open it to propose it to the next."
        ),
        when=_when(proposal.starts_at, proposal.ends_at),
    )


def expired(proposal: Proposal) -> list[Draft]:
    """Tell the coordinators that nobody answered in time."""
    return _about_request(
        proposal.request,
        coordinators_of(proposal.request),
        kind="mediation_proposal_expired",
        key=str(proposal.pk),
        subject=_("No answer to the proposal: %(number)s"),
        body=_(
            "The mediator asked for the request %(number)s of %(body)s (%(when)s) did not answer in time. Open it to "
            "propose it to the next."
        ),
        when=_when(proposal.starts_at, proposal.ends_at),
    )


def taken_in_charge(request: MediationRequest, at: datetime) -> list[Draft]:
    """Tell the body that somebody is looking for a mediator."""
    return _about_request(
        request,
        filers(request),
        kind="mediation_taken_in_charge",
        key=f"{request.pk}:{at:%Y%m%dT%H%M%S%f}",
        subject=_("Request taken in charge: %(number)s"),
        body=_("The coordinator has taken the request %(number)s in charge and is looking for a mediator."),
    )


def given_back(request: MediationRequest, at: datetime) -> list[Draft]:
    """Tell the body and the coordinators that the mediator cannot come: another is sought."""
    people = {person.pk: person for person in [*filers(request), *coordinators_of(request)]}
    return _about_request(
        request,
        list(people.values()),
        kind="mediation_given_back",
        key=f"{request.pk}:{at:%Y%m%dT%H%M%S%f}",
        subject=_("The mediator cannot come: %(number)s"),
        body=_("The mediator gave back the request %(number)s of %(body)s: another one is being sought."),
    )
