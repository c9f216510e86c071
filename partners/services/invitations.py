# SPDX-License-Identifier: EUPL-1.2
"""Invitations: the only way to an account. A secret address by mail, good once and for three days."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import ROLES
from accounts.services import create_account
from fami_portal.core.errors import DomainError, NotPermitted
from fami_portal.core.outbox import queue_message
from fami_portal.core.services import acting, record_event
from partners.models import Invitation, Membership, Network, Organisation
from partners.permissions import can_manage_memberships, check_can_give_role
from partners.services.memberships import check_role, grant_membership

LIFETIME = timedelta(hours=72)


@dataclass(frozen=True)
class Sent:
    """An invitation and its token, which exists only here and in the mail: the portal keeps its hash alone."""

    invitation: Invitation
    token: str


def token_hash(token: str) -> str:
    """Return what the portal keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def invite(
    *,
    email: str,
    organisation: Organisation,
    role: str,
    by: Any,
    networks: Iterable[Network] = (),
    given_name: str = "",
    family_name: str = "",
    at: datetime | None = None,
) -> Sent:
    """Invite an address to work in a body with a role; the mail leaves through the outbox, without names.

    An invitation of before that has expired is closed. Raises `NotPermitted`; `DomainError` at the field when the
    role does not fit, the person has it already, or an invitation is still open.
    """
    at = at or timezone.now()
    networks = list(networks)
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise DomainError(error.messages[0], field="email") from None
    check_role(role=role, networks=networks)
    if by is not None:
        check_can_give_role(by, organisation=organisation, role=ROLES[role], networks=networks)
    token = secrets.token_urlsafe(32)
    with acting(by):
        # The body's row is the lock: the same address is not invited twice at once.
        Organisation.objects.select_for_update().get(pk=organisation.pk)
        _close_expired(email=email, organisation=organisation, role=role, at=at)
        if Invitation.objects.filter(
            email__iexact=email, organisation=organisation, role=role, accepted_at=None, revoked_at=None
        ).exists():
            raise DomainError(
                _("An invitation for this address is still open: revoke it before sending another."), field="email"
            )
        _check_not_there(email=email, organisation=organisation, role=role, day=timezone.localdate(at))
        invitation = Invitation.objects.create(
            email=email,
            given_name=given_name.strip(),
            family_name=family_name.strip(),
            organisation=organisation,
            role=role,
            token_sha256=token_hash(token),
            invited_by=by,
            expires_at=at + LIFETIME,
        )
        invitation.networks.set(networks)
        record_event(
            by=by, verb="invitation_sent", target=invitation, data={"organisation": organisation.pk, "role": role}
        )
        queue_message(
            key=f"invitation:{invitation.pk}",
            kind="invitation",
            recipient=None,
            address=email,
            subject=_("Invitation to the FAMI portal"),
            body=_(
                "You are invited to work on the portal for: %(organisation)s.\nYour role: %(role)s.\n\n"
                "The address below is yours alone. It can be used once, within 72 hours."
            )
            % {"organisation": organisation.name, "role": ROLES[role].name},
            url=reverse("partners:invitation", args=[token]),
        )
    return Sent(invitation, token)


def _close_expired(*, email: str, organisation: Organisation, role: str, at: datetime) -> None:
    Invitation.objects.filter(
        email__iexact=email,
        organisation=organisation,
        role=role,
        accepted_at=None,
        revoked_at=None,
        expires_at__lte=at,
    ).update(revoked_at=at)


def _check_not_there(*, email: str, organisation: Organisation, role: str, day: Any) -> None:
    there = Membership.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gte=day),
        user__email__iexact=email,
        organisation=organisation,
        role=role,
        withdrawn_at__isnull=True,
    )
    if there.exists():
        raise DomainError(_("This person has this role in the body already."), field="email")


def revoke_invitation(*, invitation: Invitation, by: Any, at: datetime | None = None) -> Invitation:
    """Close an invitation before it is used: its address stops working.

    Raises `NotPermitted`; `DomainError` when it was used or revoked already.
    """
    with acting(by):
        locked = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
        if by is not None and not can_manage_memberships(by, locked.organisation):
            raise NotPermitted(_("Only whoever manages the people of this body can revoke an invitation."))
        refusal = refusal_of(locked, at=None)
        if refusal:
            raise DomainError(refusal)
        locked.revoked_at = at or timezone.now()
        locked.save(update_fields=["revoked_at"])
        record_event(by=by, verb="invitation_revoked", target=locked)
    return locked


def refusal_of(invitation: Invitation, *, at: datetime | None) -> Any:
    """Return why an invitation can no longer be used at a moment, or nothing; without a moment its age is not asked."""
    if invitation.accepted_at is not None:
        return _("This invitation has been used already.")
    if invitation.revoked_at is not None:
        return _("This invitation was revoked: ask whoever invited you for a new one.")
    if at is not None and invitation.expires_at <= at:
        return _("This invitation has expired: ask whoever invited you for a new one.")
    return None


def accept_invitation(
    *,
    token: str,
    by: Any = None,
    given_name: str = "",
    family_name: str = "",
    password: str = "",
    at: datetime | None = None,
) -> Membership:
    """Take up an invitation, once.

    A new person gives names and a password, and gets an account. Who has an account with that address must be
    signed in with it (`by`), and gets one more role. Raises `Invitation.DoesNotExist` for an unknown token;
    `DomainError` when it was used or revoked, has expired, is another person's, or the password is too weak.
    """
    at = at or timezone.now()
    with acting(by):
        invitation = (
            Invitation.objects.select_for_update(of=("self",))
            .select_related("organisation", "invited_by")
            .get(token_sha256=token_hash(token))
        )
        refusal = refusal_of(invitation, at=at)
        if refusal:
            raise DomainError(refusal)
        person = User.objects.filter(email__iexact=invitation.email).first()
        if person is None:
            person = _new_account(invitation, given_name, family_name, password)
        elif by is None or by.pk != person.pk:
            raise DomainError(_("Sign in with the address that received the invitation, then accept it."))
        membership = grant_membership(
            user=person,
            organisation=invitation.organisation,
            role=invitation.role,
            networks=invitation.networks.order_by("pk"),
            valid_from=timezone.localdate(at),
            by=None,
        )
        invitation.accepted_at, invitation.accepted_by = at, person
        invitation.save(update_fields=["accepted_at", "accepted_by"])
        record_event(by=person, verb="invitation_accepted", target=invitation, data={"membership": membership.pk})
        if invitation.invited_by is not None:
            queue_message(
                key=f"invitation-accepted:{invitation.pk}",
                kind="invitation_accepted",
                recipient=invitation.invited_by,
                subject=_("An invitation was accepted"),
                body=_("Body: %(organisation)s. Role: %(role)s.")
                % {"organisation": invitation.organisation.name, "role": ROLES[invitation.role].name},
                url=reverse("partners:people"),
                mail=False,
            )
    return membership


def _new_account(invitation: Invitation, given_name: str, family_name: str, password: str) -> User:
    for field, value in (("given_name", given_name), ("family_name", family_name)):
        if not value.strip():
            raise DomainError(_("Write your given name and your family name."), field=field)
    try:
        validate_password(password, User(email=invitation.email, given_name=given_name, family_name=family_name))
    except ValidationError as error:
        raise DomainError(" ".join(error.messages), field="password") from None
    try:
        return create_account(
            email=invitation.email, given_name=given_name, family_name=family_name, password=password, by=None
        )
    except IntegrityError:
        # Two invitations of the same person taken up at the same moment.
        raise DomainError(_("Somebody was faster: reload the page to see the current state.")) from None
