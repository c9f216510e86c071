# SPDX-License-Identifier: EUPL-1.2
"""How allauth is used here: by invitation only, every write through a service."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class PortalAccountAdapter(DefaultAccountAdapter):
    """Closes sign-up; accounts are born from an invitation (partners.services.accept_invitation)."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def set_password(self, user: Any, password: str) -> None:
        from accounts.services import set_password

        set_password(user=user, password=password)
