# SPDX-License-Identifier: EUPL-1.2
"""The privacy app."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """Configuration of the app."""

    name = "privacy"

    def ready(self) -> None:
        """Enter the menu and the registries (imports wait until the models are loaded).

        Each room of the app has its own function below, so that nobody reads all to change one.
        """
        self._requests()
        self._retention()

    def _requests(self) -> None:
        """Rights requests of persons: menu, panel, verbs, reminders."""

    def _retention(self) -> None:
        """Retention: menu, jobs, verbs."""
