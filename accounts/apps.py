# SPDX-License-Identifier: EUPL-1.2
"""The accounts app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Configuration of the app."""

    name = "accounts"

    def ready(self) -> None:
        """Listen to sign-ins; name the acts on accounts."""
        from accounts import receivers
        from fami_portal.core import audit

        receivers.connect()
        audit.register_verbs(
            {
                "account_created": _("Account created"),
                "account_deactivated": _("Account closed"),
                "account_reactivated": _("Account opened again"),
                "password_changed": _("Password changed"),
                "profile_changed": _("Name corrected"),
            }
        )
