# SPDX-License-Identifier: EUPL-1.2
"""What is done through a link: the use is counted in the transaction of the act, so a refused act costs nothing.

What comes from the mailbox of a body is filed by that body: no person acts in the portal, the mailbox is named.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from fami_portal.core.documents import CheckedFile
from fami_portal.core.services import acting
from mediation.enums import AuthorisationMethod, LinkPurpose, RequestChannel, RequestState, SignatureMethod
from mediation.models import MediationRequest
from mediation.services import reports, requests
from mediation.services.links import hold, hold_known, send_follow_link, use
from mediation.services.requests.drafts import Slot

LAST_STEP = 4


def file_request(
    *,
    token: str,
    values: Mapping[str, Any],
    languages: Sequence[tuple[Any, str]],
    slots: Sequence[Slot],
    key: UUID | None,
    at: datetime,
    files: Sequence[CheckedFile] = (),
) -> MediationRequest:
    """File the request of a body, and send its mailbox the link by which it is followed.

    `values`, `languages` and `slots` as in `requests.save_draft`; the same `key` again (a double click) is the same
    request. `files` are attached to it. Raises `LinkRefusedError`, `RequestHasProblemsError`, `DomainError` at the
    field: nothing is written then.
    """
    with acting(None):
        link, refusal = hold_known(token=token, purpose=LinkPurpose.FILE)
        known = (
            MediationRequest.objects.filter(submission_key=key, organisation=link.organisation_id)
            .exclude(state=RequestState.DRAFT)
            .first()
            if key is not None
            else None
        )
        if known is not None:
            return known
        if refusal is not None:
            raise refusal
        if link.programme is None or link.network is None:
            raise ValueError("not a link to file requests")
        request = requests.start_draft(
            kind=link.kind,
            programme=link.programme,
            network=link.network,
            organisation=link.organisation,
            by=None,
            at=at,
            key=key,
        )
        requests.save_draft(
            request=request,
            values={**values, "channel": RequestChannel.LINK},
            version=request.version,
            step=LAST_STEP,
            by=None,
            languages=languages,
            slots=slots,
        )
        requests.submit(request=request, by=None, at=at, on_behalf_of=link.address)
        use(link=link, act="filed", request=request)
        send_follow_link(request=request, address=link.address, by=None)
        requests.add_attachments(request=request, files=files, by=None, on_behalf_of=link.address)
    return request


def authorise(*, token: str, name: str, at: datetime) -> MediationRequest:
    """The head authorises the request of a one-time link. Raises `LinkRefusedError`, `TransitionNotAllowed`."""
    with acting(None):
        link = hold(token=token, purpose=LinkPurpose.AUTHORISE)
        request = _request_of(link)
        requests.authorise(
            request=request,
            by=None,
            at=at,
            method=AuthorisationMethod.LINK,
            name=name,
            on_behalf_of=_signer(name, link),
        )
        use(link=link, act="authorised")
    return request


def decline(*, token: str, name: str, comment: str, at: datetime) -> MediationRequest:
    """The head does not authorise the request of a one-time link. Raises as `authorise`."""
    with acting(None):
        link = hold(token=token, purpose=LinkPurpose.AUTHORISE)
        request = _request_of(link)
        requests.decline(request=request, comment=comment, by=None, at=at, on_behalf_of=_signer(name, link))
        use(link=link, act="declined")
    return request


def countersign(*, token: str, name: str, rating: int | None, rating_note: str, at: datetime) -> MediationRequest:
    """The body countersigns the report of a one-time link. Raises `LinkRefusedError`, and as `reports.countersign`."""
    with acting(None):
        link = hold(token=token, purpose=LinkPurpose.COUNTERSIGN)
        request = _request_of(link)
        reports.countersign(
            request=request,
            by=None,
            at=at,
            rating=rating,
            rating_note=rating_note,
            method=SignatureMethod.LINK,
            name=name,
        )
        use(link=link, act="countersigned")
    return request


def cancel(*, token: str, reason: str, at: datetime, told: int | None = None) -> MediationRequest:
    """The body gives up the request that it follows; `told` and what it raises as `requests.cancel`, and `LinkRefusedError`."""
    with acting(None):
        link = hold(token=token, purpose=LinkPurpose.FOLLOW)
        request = _request_of(link)
        requests.cancel(request=request, reason=reason, by=None, at=at, told=told)
        use(link=link, act="cancelled")
    return request


def complete(
    *,
    token: str,
    values: Mapping[str, Any],
    languages: Sequence[tuple[Any, str]],
    slots: Sequence[Slot],
    version: int,
    at: datetime,
    files: Sequence[CheckedFile] = (),
) -> MediationRequest:
    """The body completes the request that was sent back. Raises as `file_request`, and `StaleError`."""
    with acting(None):
        link = hold(token=token, purpose=LinkPurpose.FOLLOW)
        request = _request_of(link)
        requests.save_draft(
            request=request,
            values=values,
            version=version,
            step=LAST_STEP,
            by=None,
            languages=languages,
            slots=slots,
        )
        requests.complete(request=request, by=None, at=at, on_behalf_of=link.address)
        use(link=link, act="completed")
        requests.add_attachments(request=request, files=files, by=None, on_behalf_of=link.address)
    return request


def _request_of(link: Any) -> MediationRequest:
    return MediationRequest.objects.with_parts().get(pk=link.request_id)


def _signer(name: str, link: Any) -> str:
    return f"{' '.join(name.split())} ({link.organisation.name})"[:200]
