# SPDX-License-Identifier: EUPL-1.2
"""The actions app."""

from django.apps import AppConfig


class ActionsConfig(AppConfig):
    """Configuration of the app."""

    name = "actions"

    def ready(self) -> None:
        """Make known to the apps below how far a role reaches through the programmes."""
        from actions.permissions import reach_of  # noqa: PLC0415  models must be loaded first
        from partners.permissions import register_reach  # noqa: PLC0415

        register_reach(reach_of)
