# SPDX-License-Identifier: EUPL-1.2
"""The reporting app."""

from django.apps import AppConfig


class ReportingConfig(AppConfig):
    """Configuration of the app."""

    name = "reporting"
