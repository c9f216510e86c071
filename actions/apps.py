# SPDX-License-Identifier: EUPL-1.2
"""The actions app."""

from django.apps import AppConfig


class ActionsConfig(AppConfig):
    """Configuration of the app."""

    name = "actions"
