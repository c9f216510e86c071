# SPDX-License-Identifier: EUPL-1.2
"""Addresses of the room “requests”."""

from django.urls import path

from mediation.views import requests

urlpatterns = [
    path("mediation/requests/<uuid:uuid>/", requests.request_page, name="request"),
]
