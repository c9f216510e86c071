# SPDX-License-Identifier: EUPL-1.2
"""Addresses of the accounts app; signing in is mounted by the project (allauth)."""

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [path("roles/", views.roles, name="roles")]
