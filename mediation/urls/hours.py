# SPDX-License-Identifier: EUPL-1.2
"""Addresses of the accounts of hours."""

from django.urls import path

from mediation.views import hour_acts, hours

urlpatterns = [
    path("mediation/hours/", hours.hour_list, name="hour-list"),
    path("mediation/hours/export.<export:fmt>", hours.hour_list_export, name="hour-list-export"),
    path("mediation/hours/new", hour_acts.hour_account_new, name="hour-account-new"),
    path("mediation/hours/<uuid:uuid>/", hours.hour_account, name="hour-account"),
    path("mediation/hours/<uuid:uuid>/movements.<export:fmt>", hours.hour_account_export, name="hour-account-export"),
    path("mediation/hours/<uuid:uuid>/grant", hour_acts.hour_account_grant, name="hour-account-grant"),
    path("mediation/hours/<uuid:uuid>/extra", hour_acts.hour_account_extra, name="hour-account-extra"),
    path("mediation/hours/<uuid:uuid>/move", hour_acts.hour_account_move, name="hour-account-move"),
    path("mediation/hours/<uuid:uuid>/what-if", hours.hour_what_if, name="hour-account-what-if"),
]
