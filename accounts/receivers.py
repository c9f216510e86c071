# SPDX-License-Identifier: EUPL-1.2
"""What happens when somebody signs in."""

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.utils import timezone

from accounts.models import User
from accounts.services import record_sign_in


def note_sign_in(sender: Any, user: User, **kwargs: Any) -> None:
    """Keep the moment of the sign-in, inside a service transaction."""
    record_sign_in(user=user, at=timezone.now())


def connect() -> None:
    """Listen to sign-ins instead of Django's own receiver, which would write outside a service transaction.

    A signal keeps one receiver per `dispatch_uid`, and this app is ready before `django.contrib.auth`.
    """
    user_logged_in.connect(note_sign_in, dispatch_uid="update_last_login")
