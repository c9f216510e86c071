# SPDX-License-Identifier: EUPL-1.2
"""Addresses of the room “consultations”: consultations, legal questions, translations, presences, series."""

from django.urls import URLPattern, path

from mediation.views import consultations as case_views
from mediation.views import consultations_overview

_CASE = "mediation/ethnoclinical/<uuid:uuid>/"

urlpatterns: list[URLPattern] = [
    path("mediation/consultations/", consultations_overview.overview, name="consultations"),
    path("mediation/ethnoclinical/", case_views.consultation_list, name="consultation-list"),
    path("mediation/ethnoclinical/new/", case_views.consultation_create, name="consultation-create"),
    path(_CASE, case_views.consultation, name="consultation"),
    path(f"{_CASE}edit/", case_views.consultation_edit, name="consultation-edit"),
    path(f"{_CASE}refer/", case_views.consultation_refer, name="consultation-refer"),
    path(f"{_CASE}discard/", case_views.consultation_discard, name="consultation-discard"),
    path(f"{_CASE}cancel/", case_views.consultation_cancel, name="consultation-cancel"),
    path(f"{_CASE}assign/", case_views.consultation_assign, name="consultation-assign"),
    path(f"{_CASE}triage/", case_views.consultation_triage, name="consultation-triage"),
    path(f"{_CASE}sessions/new/", case_views.consultation_session, name="consultation-session"),
    path(f"{_CASE}restitution/", case_views.consultation_restitution, name="consultation-restitution"),
    path(f"{_CASE}close/", case_views.consultation_close, name="consultation-close"),
]
