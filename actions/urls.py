# SPDX-License-Identifier: EUPL-1.2
"""Addresses of the actions app."""

from django.urls import URLPattern

app_name = "actions"
urlpatterns: list[URLPattern] = []
