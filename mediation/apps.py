# SPDX-License-Identifier: EUPL-1.2
"""The mediation app."""

from django.apps import AppConfig


class MediationConfig(AppConfig):
    """Configuration of the app."""

    name = "mediation"
