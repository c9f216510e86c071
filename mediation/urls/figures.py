# SPDX-License-Identifier: EUPL-1.2
"""Addresses of the room “figures”."""

from django.urls import URLPattern, path

from mediation.views import figures

urlpatterns: list[URLPattern] = [
    path("mediation/figures/", figures.figures, name="figures"),
    path("mediation/figures/export.<export:fmt>", figures.figures_export, name="figures-export"),
]
