# SPDX-License-Identifier: EUPL-1.2
"""The beneficiaries app."""

from django.apps import AppConfig


class BeneficiariesConfig(AppConfig):
    """Configuration of the app."""

    name = "beneficiaries"
