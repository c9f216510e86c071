# SPDX-License-Identifier: EUPL-1.2
"""The core app: machinery with no domain word in it."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CoreConfig(AppConfig):
    """Configuration of the app."""

    name = "fami_portal.core"
    label = "core"

    def ready(self) -> None:
        """Hold the keys against the database whenever its tables are brought up to date."""
        from fami_portal.core.keymarks import check_and_keep_keys

        post_migrate.connect(check_and_keep_keys, sender=self, dispatch_uid="core.check_and_keep_keys")
