# SPDX-License-Identifier: EUPL-1.2
"""Addresses of the room “mediators”."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
