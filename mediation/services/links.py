# SPDX-License-Identifier: EUPL-1.2
"""Links without an account: sent to the institutional mailbox of a body, for one purpose, for a while, for some uses.

Only the sha256 of a token is kept; the token itself exists in the mail alone. Links live in real time, whatever the
clock of the work says, and each act through one takes its row: the last use is given once.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from actions.models import Programme
from fami_portal.core import clock
from fami_portal.core.errors import DomainError, NotPermitted
from fami_portal.core.services import acting, record_event
from mediation.enums import LinkPurpose, RequestState
from mediation.models import AccessLink, AccessLinkUse, MediationRequest
from mediation.notifications.links import send_link
from mediation.permissions import can_file
from mediation.selectors.access import (
    coordinates_body,
    has_filing_account,
    has_head_account,
    mailboxes_of,
    offers_for,
    open_links,
)
from mediation.selectors.settings import settings_of
from partners.models import Network, Organisation

# How long links live and how often they act, when nobody chooses.
FOLLOWING = timedelta(days=180)
FOLLOWING_USES = 20
HEAD = timedelta(days=7)
COUNTERSIGNING = timedelta(days=14)
LONGEST = timedelta(days=366)
MOST_USES = 200


class LinkRefusedError(DomainError):
    """The link cannot be used; `status` is the code that a page answers with."""

    status = 410


class UnknownLinkError(LinkRefusedError):
    """No such link, or it serves another purpose."""

    status = 404

    def __init__(self) -> None:
        super().__init__(_("This address is not known: copy it from the mail again, all of it."))


class RevokedLinkError(LinkRefusedError):
    """Somebody took the link back."""

    def __init__(self) -> None:
        super().__init__(_("This link was revoked: ask for a new one."))


class ExpiredLinkError(LinkRefusedError):
    """Its time is over."""

    def __init__(self) -> None:
        super().__init__(_("This link has expired: ask for a new one."))


class UsedLinkError(LinkRefusedError):
    """All its uses are gone."""

    def __init__(self) -> None:
        super().__init__(_("This link has been used as often as it could: ask for a new one."))


def token_hash(token: str) -> str:
    """Return what the portal keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def issue_link(
    *,
    purpose: str,
    organisation: Organisation,
    address: str,
    request: MediationRequest | None = None,
    programme: Programme | None = None,
    network: Network | None = None,
    kind: str = "",
    by: Any,
    at: datetime,
    valid_for: timedelta,
    maximum_uses: int,
    told: str = "",
    mail: bool = True,
) -> tuple[AccessLink, str]:
    """Make a link and queue its mail; return it with its token, which is kept nowhere else.

    `address` must be an institutional mailbox of the body: what comes back through the link is filed by the body.
    `told` is what the mail says has happened, `at` the real moment; without `mail` the caller writes one with the token. Raises `DomainError` at the field.
    """
    address = address.strip().lower()
    if address not in mailboxes_of(organisation):
        raise DomainError(
            _("Links go to the institutional mailboxes of the body alone: write its address in the page of the body."),
            field="address",
        )
    if not timedelta(0) < valid_for <= LONGEST:
        raise DomainError(_("A link lives at most one year."), field="days")
    if not 0 < maximum_uses <= MOST_USES:
        raise DomainError(_("Write how often the link can be used, at least once."), field="maximum_uses")
    token = secrets.token_urlsafe(32)
    with acting(by):
        link = AccessLink.objects.create(
            purpose=purpose,
            token_sha256=token_hash(token),
            organisation=organisation,
            request=request,
            programme=programme,
            network=network,
            kind=kind,
            address=address,
            created_at=at,
            created_by=by,
            expires_at=at + valid_for,
            maximum_uses=maximum_uses,
        )
        _record(link, "link_sent", by=by)
        if mail:
            send_link(link, token, told=told)
    return link, token


def _record(link: AccessLink, verb: str, *, by: Any, request: MediationRequest | None = None) -> None:
    subject = request or link.request
    record_event(
        by=by,
        verb=verb,
        target=link,
        on_behalf_of=link.organisation.name,
        data={"purpose": link.purpose, "organisation": link.organisation_id}
        | ({"request": subject.pk} if subject is not None else {}),
    )


def refusal_of(link: AccessLink, *, at: datetime, reading: bool = False) -> LinkRefusedError | None:
    """Return why a link cannot be used at a real moment, or nothing; `reading` lets one be read when its uses are gone."""
    if link.revoked_at is not None:
        return RevokedLinkError()
    if link.expires_at <= at:
        return ExpiredLinkError()
    if link.uses >= link.maximum_uses and not reading:
        return UsedLinkError()
    return None


def _find(token: str, purpose: str, *, lock: bool = False) -> AccessLink:
    digest = token_hash(token)
    links = AccessLink.objects.select_related("organisation", "programme", "network", "request")
    if lock:
        links = links.select_for_update(of=("self",))
    link = links.filter(token_sha256=digest, purpose=purpose).first()
    # The row is found by a hash of 32 random bytes, so its time tells nothing; the comparison keeps it so.
    if link is None or not hmac.compare_digest(link.token_sha256, digest):
        raise UnknownLinkError
    return link


def resolve(*, token: str, purpose: str, at: datetime, reading: bool = False) -> AccessLink:
    """Return the link behind a token, for showing its page; changes nothing.

    Raises `UnknownLinkError`, `RevokedLinkError`, `ExpiredLinkError`, `UsedLinkError`.
    """
    link = _find(token, purpose)
    refusal = refusal_of(link, at=at, reading=reading)
    if refusal is not None:
        raise refusal
    return link


def hold(*, token: str, purpose: str) -> AccessLink:
    """Take the row of a link that is about to act, in the transaction of the act. Raises as `resolve`."""
    link, refusal = hold_known(token=token, purpose=purpose)
    if refusal is not None:
        raise refusal
    return link


def hold_known(*, token: str, purpose: str) -> tuple[AccessLink, LinkRefusedError | None]:
    """Take the row of a link, with the reason why it cannot act: for acts that may have been done by it already.

    The request is locked before its link, as a submission does when it replaces the link of the head.
    """
    request_id = _find(token, purpose).request_id
    if request_id is not None:
        MediationRequest.objects.select_for_update(of=("self",)).get(pk=request_id)
    link = _find(token, purpose, lock=True)
    return link, refusal_of(link, at=timezone.now())


def use(*, link: AccessLink, act: str, request: MediationRequest | None = None) -> None:
    """Count one use and note it, in the transaction of the act: a refused act costs nothing. Raises as `resolve`."""
    with acting(None):
        now = timezone.now()
        locked = AccessLink.objects.select_for_update(of=("self",)).get(pk=link.pk)
        refusal = refusal_of(locked, at=now)
        if refusal is not None:
            raise refusal
        AccessLink.objects.filter(pk=locked.pk).update(uses=locked.uses + 1)
        AccessLinkUse.objects.create(link=locked, at=now, act=act, request=request or link.request)
        _record(locked, "link_used", by=None, request=request)
    link.uses = locked.uses + 1


def may_revoke(user: Any, link: AccessLink) -> bool:
    """Whether the person may take the link back: the coordinators of the body, and who files for it."""
    return can_file(user, link.organisation_id) or coordinates_body(user, link.organisation_id)


def revoke(*, link: AccessLink, by: Any) -> None:
    """Take a link back: its address stops working at once. Raises `NotPermitted`, `DomainError` when it was already."""
    if by is not None and not may_revoke(by, link):
        raise NotPermitted(_("Only the coordinator, and who files for the body, can revoke its links."))
    with acting(by):
        locked = AccessLink.objects.select_for_update(of=("self",)).get(pk=link.pk)
        if locked.revoked_at is not None:
            raise DomainError(_("This link was revoked already."))
        AccessLink.objects.filter(pk=locked.pk).update(revoked_at=timezone.now(), revoked_by=by)
        _record(locked, "link_revoked", by=by)
    link.refresh_from_db()


# --- who gets a link, and when --------------------------------------------------------------------------------------


def send_filing_link(
    *,
    organisation: Organisation,
    programme: Programme,
    network: Network,
    kind: str,
    address: str,
    days: int,
    maximum_uses: int,
    by: Any,
) -> AccessLink:
    """A coordinator sends a body the link by which it files. Raises `NotPermitted`, `DomainError` at the field."""
    if not coordinates_body(by, organisation.pk):
        raise NotPermitted(_("Only the coordinator of the network or of the programme can do this."))
    offers = offers_for(organisation, at=clock.now())
    if (programme, network, kind) not in [(offer.programme, offer.network, offer.kind) for offer in offers]:
        raise DomainError(_("This form is not offered to the body in this network."), field="offer")
    link, _token = issue_link(
        purpose=LinkPurpose.FILE,
        organisation=organisation,
        address=address,
        programme=programme,
        network=network,
        kind=kind,
        by=by,
        at=timezone.now(),
        valid_for=timedelta(days=days),
        maximum_uses=maximum_uses,
    )
    return link


def send_follow_link(*, request: MediationRequest, address: str, by: Any, told: str = "") -> AccessLink | None:
    """Send the link by which a body follows a request to the mailbox from which it came; `told` is what happened."""
    link, _token = issue_link(
        purpose=LinkPurpose.FOLLOW,
        organisation=request.organisation,
        address=address,
        request=request,
        by=by,
        at=timezone.now(),
        valid_for=FOLLOWING,
        maximum_uses=FOLLOWING_USES,
        told=told,
    )
    return link


def keep_posted(*, request: MediationRequest, by: Any, told: str = "") -> AccessLink | None:
    """Tell the mailbox of a body that has no account that something happened to its request, with a link to see it.

    Called by the acts that the body must know of, once each, in their transaction. `told` says what happened, without
    naming people; without it the mail says how far the request is. Nothing is sent where somebody has an account: they
    are told in the portal.
    """
    mailboxes = mailboxes_of(request.organisation)
    if not mailboxes or has_filing_account(request.organisation_id):
        return None
    return send_follow_link(request=request, address=_origin_of(request) or mailboxes[0], by=by, told=told)


def _origin_of(request: MediationRequest) -> str:
    """Return the mailbox from which the request came, while it is still one of the body's."""
    use_ = AccessLinkUse.objects.filter(request=request.pk, act="filed").select_related("link").order_by("pk").first()
    return use_.link.address if use_ is not None and use_.link.address in mailboxes_of(request.organisation) else ""


def invite_head(*, request: MediationRequest, by: Any, again: bool = False) -> AccessLink | None:
    """Send the head of a body without an account the one-time link to authorise a request that waits for it.

    Called by the submission, in its transaction. Nothing is sent when the head has an account (unless `again`, when
    somebody asks for it), when the programme does not allow it, or when the body has no mailbox. A link sent before
    for the same request stops working.
    """
    if request.state != RequestState.SUBMITTED or (has_head_account(request.organisation_id) and not again):
        return None
    address = heads_mailbox(request)
    return replace_link(request, LinkPurpose.AUTHORISE, address, by=by, valid_for=HEAD)[0] if address else None


def heads_mailbox(request: MediationRequest) -> str:
    """Return where the head gets a link to authorise a request; nothing without a mailbox, or if the programme forbids."""
    rules = settings_of(request.programme_id, request.kind)
    return next(iter(mailboxes_of(request.organisation)), "") if rules is not None and rules.head_by_link else ""


def invite_countersignature(*, request: MediationRequest, by: Any) -> AccessLink | None:
    """Send a body without an account the one-time link to countersign a report; called when the report is filed."""
    mailboxes = mailboxes_of(request.organisation)
    if request.state != RequestState.REPORTED or has_filing_account(request.organisation_id) or not mailboxes:
        return None
    return replace_link(request, LinkPurpose.COUNTERSIGN, mailboxes[0], by=by, valid_for=COUNTERSIGNING)[0]


def replace_link(
    request: MediationRequest, purpose: str, address: str, *, by: Any, valid_for: timedelta, mail: bool = True
) -> tuple[AccessLink, str]:
    """Make the one-time link of a request for a purpose; those sent before stop working. Arguments as `issue_link`."""
    now = timezone.now()
    with acting(by):
        for old in open_links(purpose=purpose, request_id=request.pk, at=now):
            AccessLink.objects.filter(pk=old.pk).update(revoked_at=now, revoked_by=by)
        return issue_link(
            purpose=purpose,
            organisation=request.organisation,
            address=address,
            request=request,
            by=by,
            at=now,
            valid_for=valid_for,
            maximum_uses=1,
            mail=mail,
        )
