# SPDX-License-Identifier: EUPL-1.2
"""How allauth is used here: by invitation only, every write through a service, every mail through the outbox."""

import uuid
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from accounts.services import set_password
from fami_portal.core.outbox import queue_message


class PortalAccountAdapter(DefaultAccountAdapter):
    """Closes sign-up; accounts are born from an invitation (partners.services.invitations)."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up alone."""
        return False

    def set_password(self, user: Any, password: str) -> None:
        """Change the password through the service, which records it."""
        set_password(user=user, password=password)

    def format_email_subject(self, subject: str) -> str:
        """Leave the subject bare: the outbox puts the name of the portal in front."""
        return subject

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue the mail: the page answers alike, and as fast, whether the address is known or not."""
        message = self.render_mail(template_prefix, email, context | {"email": email, "request": self.request})
        queue_message(
            key=f"{template_prefix.rsplit('/', 1)[-1]}:{uuid.uuid4()}",
            kind="account",
            recipient=None,
            address=email,
            subject=message.subject,
            body=message.body,
        )
