# SPDX-License-Identifier: EUPL-1.2
"""The core app: machinery with no domain word in it."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Configuration of the app."""

    name = "fami_portal.core"
    label = "core"
