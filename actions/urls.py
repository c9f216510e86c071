# SPDX-License-Identifier: EUPL-1.2
"""Addresses of the actions app."""

from django.urls import path

from actions.views import programmes

app_name = "actions"
urlpatterns = [
    path("programmes/", programmes.programme_list, name="programme-list"),
    path("programmes/<slug:slug>/", programmes.programme, name="programme"),
]
