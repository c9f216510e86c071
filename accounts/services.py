# SPDX-License-Identifier: EUPL-1.2
"""Writes on accounts."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from fami_portal.core.errors import DomainError
from fami_portal.core.services import acting, record_event


def create_account(*, email: str, given_name: str, family_name: str, password: str | None, by: Any) -> User:
    """Create an account; without a password it can only be opened through a reset.

    Raises `IntegrityError` when the address has an account already: callers look first.
    """
    with acting(by):
        user = User(email=email.strip().lower(), given_name=given_name.strip(), family_name=family_name.strip())
        if password is None:
            user.set_unusable_password()
        else:
            user.set_password(password)
        user.save(force_insert=True)
        record_event(by=by, verb="account_created", target=user)
    return user


def set_password(*, user: User, password: str) -> None:
    """Change the person's own password and record it; other sessions end because the session hash changes."""
    with acting(user):
        user.set_password(password)
        user.save(update_fields=["password"])
        record_event(by=user, verb="password_changed", target=user)


def deactivate_account(*, user: User, by: Any, reason: str) -> None:
    """Close an account: the person can no longer sign in and open sessions end at the next request."""
    with acting(by):
        User.objects.filter(pk=user.pk).update(is_active=False, sessions_valid_from=timezone.now())
        record_event(by=by, verb="account_deactivated", target=user, reason=reason)
    user.refresh_from_db()


def reactivate_account(*, user: User, by: Any, reason: str) -> None:
    """Open a closed account again; the roles are those that have not ended meanwhile."""
    with acting(by):
        User.objects.filter(pk=user.pk).update(is_active=True)
        record_event(by=by, verb="account_reactivated", target=user, reason=reason)
    user.refresh_from_db()


def update_profile(*, user: User, given_name: str, family_name: str) -> User:
    """Correct the person's own name. Raises `DomainError` at the field when one is empty."""
    names = {"given_name": " ".join(given_name.split()), "family_name": " ".join(family_name.split())}
    for field, value in names.items():
        if not value:
            raise DomainError(_("Write your given name and your family name."), field=field)
    with acting(user):
        changed = User.objects.filter(pk=user.pk).exclude(**names).update(**names)
        if changed:
            record_event(by=user, verb="profile_changed", target=user)
    user.refresh_from_db()
    return user


def record_sign_in(*, user: User, at: datetime) -> None:
    """Note when the person signed in last, and that it signed in: a breach report asks for both."""
    with acting(user):
        User.objects.filter(pk=user.pk).update(last_login=at)
        record_event(by=user, verb="signed_in", target=user, at=at)
    user.last_login = at
