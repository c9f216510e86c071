# SPDX-License-Identifier: EUPL-1.2
"""Submitting a request, completing one that was sent back, and the signature of the head.

Locks are always taken in this order: the request, the counter of the numbers, the delegation, the account of hours.
"""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from fami_portal.core.documents import CheckedFile, DocumentRefused, store_document
from fami_portal.core.errors import DomainError, NotPermitted
from fami_portal.core.models import Document
from fami_portal.core.outbox import queue_messages
from fami_portal.core.services import acting, take_over
from mediation.enums import AuthorisationMethod
from mediation.models import HourAccount, MediationRequest
from mediation.notifications import requests as notifications
from mediation.permissions import can_authorise, can_coordinate, can_file, check_can_authorise, check_can_file
from mediation.selectors.request_rules import last_day_of
from mediation.selectors.requests import SIGNED_REQUEST, SOURCE, accounts_for, problems, reservations
from mediation.selectors.settings import RequestSettings
from mediation.selectors.signed_files import SignedFile, inspect_file
from mediation.services import hours
from mediation.services.delegations import use_delegation
from mediation.services.links import invite_head
from mediation.services.requests.common import (
    RequestHasProblemsError,
    lock_request,
    move_request,
    next_number,
    rules_of,
)
from mediation.workflow import REQUEST


def submit(*, request: MediationRequest, by: Any, at: datetime, on_behalf_of: str = "") -> None:
    """Submit a request: it gets its number, the hours asked are reserved, the head (or the coordinator) is told.

    Where the programme asks for no authorisation, or the head delegated it, the request is authorised in the same act.
    `by` is None for a body that files by a link; `on_behalf_of` names the author when another person types. Raises
    `RequestHasProblemsError` with all that blocks it, `NotEnoughHoursError`, `TransitionNotAllowed` when it is
    submitted already, `NotPermitted` for whoever does not file for the body.
    """
    _enter(request, transition="submit", by=by, at=at, on_behalf_of=on_behalf_of)


def complete(*, request: MediationRequest, by: Any, at: datetime, on_behalf_of: str = "") -> None:
    """Send back a request that has been completed; hours are reserved anew when others are asked, and the head signs
    again what has changed. Raises as `submit`.
    """
    _enter(request, transition="complete", by=by, at=at, on_behalf_of=on_behalf_of)


def _enter(request: MediationRequest, *, transition: str, by: Any, at: datetime, on_behalf_of: str) -> None:
    if by is not None and not (on_behalf_of and can_coordinate(by, request)):
        check_can_file(by, request.organisation_id)
    with acting(by):
        locked = lock_request(request)
        REQUEST.check(locked.state, transition)
        rules = rules_of(locked)
        blocking = [problem for problem in problems(locked, rules, at=at) if problem.blocking]
        if blocking:
            raise RequestHasProblemsError(blocking)
        fields: dict[str, Any] = {"last_day": last_day_of(locked, locked.slots.all())}
        if transition == "submit":
            fields |= {"number": next_number(locked.kind, at), "submitted_at": at, "submitted_by": by}
        else:
            fields |= _unsigned()
        account = _reserve(locked, by=by, at=at)
        move_request(
            request=locked,
            transition=transition,
            by=by,
            at=at,
            on_behalf_of=on_behalf_of,
            data={"minutes": locked.minutes_asked, "account": account.pk},
            account=account,
            **fields,
        )
        if not _authorise_at_once(locked, rules, by=by, at=at):
            queue_messages(notifications.submitted(locked, at))
            invite_head(request=locked, by=by)
    take_over(request, locked)


def _unsigned() -> dict[str, Any]:
    return {
        "authorised_at": None,
        "authorised_by": None,
        "authorised_name": "",
        "authorisation": "",
        "signed_document": None,
    }


def _reserve(request: MediationRequest, *, by: Any, at: datetime) -> HourAccount:
    """Hold the minutes asked: what was held before goes back first, so that only the difference is needed."""
    if request.account is not None:
        hours.release(account=request.account, source_type=SOURCE, source_id=request.pk, by=by, at=at)
    accounts = accounts_for(request)
    if not accounts:
        raise DomainError(
            _("No hours have been assigned to your network for that day: ask the coordinator of the network."),
            field="minutes_asked",
        )
    attempt = reservations(request) + 1
    for place, account in enumerate(accounts, start=1):
        try:
            hours.reserve(
                account=account,
                source_type=SOURCE,
                source_id=request.pk,
                minutes=request.minutes_asked,
                attempt=attempt,
                by=by,
                at=at,
            )
        except hours.NotEnoughHoursError:
            if place == len(accounts):
                raise
        else:
            return account
    raise AssertionError("unreachable: the last account reserves or refuses")


def _authorise_at_once(request: MediationRequest, rules: RequestSettings, *, by: Any, at: datetime) -> bool:
    if not rules.needs_authorisation:
        _sign(request, by=by, at=at, method=AuthorisationMethod.NOT_NEEDED, name="", document=None)
        return True
    delegation = use_delegation(request=request, by=by, at=at)
    if delegation is None:
        return False
    name = delegation.given_by_name
    _sign(request, by=by, at=at, method=AuthorisationMethod.DELEGATION, name=name, document=None, on_behalf_of=name)
    return True


def authorise(
    *,
    request: MediationRequest,
    by: Any,
    at: datetime,
    method: str = AuthorisationMethod.ACCOUNT,
    name: str = "",
    document: Document | None = None,
    on_behalf_of: object = "",
) -> None:
    """Sign a request as the head of the body: with the own account, by a link (`by` None and the `name`), or by a
    signed document that the contact uploads (`document` of the kind `mediation_signed_request`).

    Raises `TransitionNotAllowed`, `NotPermitted`, `DomainError` when the name or the document is missing.
    """
    if method == AuthorisationMethod.ACCOUNT:
        check_can_authorise(by, request)
        name = name or by.get_full_name()
    elif method == AuthorisationMethod.DOCUMENT:
        if not (can_authorise(by, request) or can_file(by, request.organisation_id)):
            raise NotPermitted(_("Only the contact or the head of this school or service can do this."))
        if document is None or document.kind != SIGNED_REQUEST or document.subject_id != request.pk:
            raise DomainError(_("Attach the request signed by the head."), field="file")
    if method != AuthorisationMethod.DOCUMENT and not name.strip():
        raise DomainError(_("Write the name of the head who authorises."), field="name")
    with acting(by):
        _sign(request, by=by, at=at, method=method, name=name.strip(), document=document, on_behalf_of=on_behalf_of)


def authorise_by_document(
    *, request: MediationRequest, name: str, content: CheckedFile, by: Any, at: datetime
) -> SignedFile:
    """Sign a request with the file that the head signed (PDF, also by hand, or P7M): checked, kept, and recorded.

    Returns what the file says of its digital signatures. Raises `DocumentRefused` for a file that was changed after it
    was signed, or damaged; otherwise as `authorise`.
    """
    found = inspect_file(content.file)
    if not found.intact:
        raise DocumentRefused(
            _(
                "The file was changed after it was signed, or it is damaged: the signature is not that of this content. "
                "Ask the head for the file as it was signed, and attach that one."
            )
        )
    with acting(by):
        document = store_document(kind=SIGNED_REQUEST, name=content.name, content=content, by=by, subject_id=request.pk)
        authorise(request=request, by=by, at=at, method=AuthorisationMethod.DOCUMENT, name=name, document=document)
    return found


def _sign(
    request: MediationRequest,
    *,
    by: Any,
    at: datetime,
    method: str,
    name: str,
    document: Document | None,
    on_behalf_of: object = "",
) -> None:
    move_request(
        request=request,
        transition="authorise",
        by=by,
        at=at,
        on_behalf_of=on_behalf_of,
        data={"method": str(method)},
        authorised_at=at,
        authorised_by=by if method == AuthorisationMethod.ACCOUNT else None,
        authorised_name=name,
        authorisation=method,
        signed_document=document,
    )
    queue_messages(notifications.authorised(request, at))
