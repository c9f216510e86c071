# SPDX-License-Identifier: EUPL-1.2
"""Addresses of the beneficiaries app."""

from django.urls import URLPattern

app_name = "beneficiaries"
urlpatterns: list[URLPattern] = []
