# SPDX-License-Identifier: EUPL-1.2
"""Addresses of the mediation app: each room lists its own in a module of this package."""

from importlib import import_module

app_name = "mediation"
_ROOMS = ("requests", "board", "mediators", "sessions", "hours", "links", "consultations", "figures", "reminders")
urlpatterns = [pattern for room in _ROOMS for pattern in import_module(f"mediation.urls.{room}").urlpatterns]
