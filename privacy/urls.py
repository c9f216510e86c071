# SPDX-License-Identifier: EUPL-1.2
"""Addresses of the privacy app."""

from django.urls import URLPattern

app_name = "privacy"
urlpatterns: list[URLPattern] = []
