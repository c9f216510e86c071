# SPDX-License-Identifier: EUPL-1.2
"""Addresses of the rules of reminders."""

from django.urls import path

from mediation.views import reminders

urlpatterns = [
    path("mediation/reminders/", reminders.reminder_list, name="reminder-list"),
    path("mediation/reminders/<slug:slug>/new/", reminders.reminder_new, name="reminder-new"),
    path("mediation/reminders/<slug:slug>/usual/", reminders.reminder_usual, name="reminder-usual"),
    path("mediation/reminders/rules/<int:pk>/", reminders.reminder_edit, name="reminder-edit"),
]
