# SPDX-License-Identifier: EUPL-1.2
"""Writes on accounts."""

from typing import Any

from accounts.models import User
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
        User.objects.filter(pk=user.pk).update(is_active=False)
        record_event(by=by, verb="account_deactivated", target=user, reason=reason)
    user.refresh_from_db()
