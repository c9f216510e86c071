# SPDX-License-Identifier: EUPL-1.2
"""Addresses of the reporting app."""

from django.urls import path

from reporting.views import (
    activity_report_acts,
    activity_reports,
    bodies,
    charts,
    dashboard,
    evidence,
    extracts,
    output_reports,
    persons,
)

app_name = "reporting"
urlpatterns = [
    path("activity-reports/", activity_reports.activity_report_list, name="activity-report-list"),
    path("activity-reports/<uuid:uuid>/", activity_reports.activity_report, name="activity-report"),
    path(
        "activity-reports/export.<export:fmt>", activity_reports.activity_report_export, name="activity-report-export"
    ),
    path(
        "activity-reports/<uuid:uuid>/narrative/",
        activity_report_acts.activity_report_narrative,
        name="activity-report-narrative",
    ),
    path(
        "activity-reports/<uuid:uuid>/submit/",
        activity_report_acts.activity_report_submit,
        name="activity-report-submit",
    ),
    path(
        "activity-reports/<uuid:uuid>/validate/",
        activity_report_acts.activity_report_validate,
        name="activity-report-validate",
    ),
    path(
        "activity-reports/<uuid:uuid>/return/",
        activity_report_acts.activity_report_return,
        name="activity-report-return",
    ),
    path(
        "activity-reports/<uuid:uuid>/reopen/",
        activity_report_acts.activity_report_reopen,
        name="activity-report-reopen",
    ),
    path("results/", dashboard.dashboard_list, name="dashboard-list"),
    path("programmes/<slug:slug>/dashboard/", dashboard.dashboard, name="dashboard"),
    path("programmes/<slug:slug>/dashboard/trend.svg", charts.trend, name="trend"),
    path("programmes/<slug:slug>/evidence/", evidence.evidence, name="evidence"),
    path("programmes/<slug:slug>/bodies/", bodies.bodies, name="bodies"),
    path("programmes/<slug:slug>/bodies/export.<export:fmt>", bodies.bodies_export, name="bodies-export"),
    path("programmes/<slug:slug>/persons/", persons.persons, name="persons"),
    path("programmes/<slug:slug>/persons/export.<export:fmt>", persons.persons_export, name="persons-export"),
    path("output-reports/", output_reports.output_report_overview, name="output-report-overview"),
    path("programmes/<slug:slug>/output-reports/", output_reports.output_report_list, name="output-report-list"),
    path(
        "programmes/<slug:slug>/output-reports/<str:code>/request/",
        output_reports.output_report_request,
        name="output-report-request",
    ),
    path("output-reports/<uuid:uuid>/", output_reports.output_report, name="output-report"),
    path(
        "output-reports/<uuid:uuid>/trend/<str:code>.svg",
        output_reports.output_report_trend,
        name="output-report-trend",
    ),
    path("output-reports/<uuid:uuid>/transmit/", output_reports.output_report_transmit, name="output-report-transmit"),
    path("extracts/", extracts.extract_list, name="extract-list"),
    path("programmes/<slug:slug>/extracts/new/", extracts.extract_new, name="extract-new"),
    path("extracts/<uuid:uuid>/", extracts.extract, name="extract"),
    path("extracts/<uuid:uuid>/approve/", extracts.extract_approve, name="extract-approve"),
    path("extracts/<uuid:uuid>/refuse/", extracts.extract_refuse, name="extract-refuse"),
    path("extracts/<uuid:uuid>/open/", extracts.extract_open, name="extract-open"),
    path("extracts/<uuid:uuid>/codebook/", extracts.extract_codebook, name="extract-codebook"),
]
