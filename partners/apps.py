# SPDX-License-Identifier: EUPL-1.2
"""The partners app."""

from django.apps import AppConfig


class PartnersConfig(AppConfig):
    """Configuration of the app."""

    name = "partners"
