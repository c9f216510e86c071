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
    merged_report_acts,
    merged_reports,
    output_reports,
    persons,
    report_comments,
    report_figures,
    report_versions,
    school_paths,
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
    path(
        "activity-reports/<uuid:uuid>/narrative/draft/",
        activity_report_acts.activity_report_draft,
        name="activity-report-draft",
    ),
    path(
        "activity-reports/<uuid:uuid>/extend/",
        activity_report_acts.activity_report_extend,
        name="activity-report-extend",
    ),
    path(
        "activity-reports/<uuid:uuid>/comments/",
        report_comments.activity_report_comments,
        name="activity-report-comments",
    ),
    path(
        "activity-reports/<uuid:uuid>/figures/<str:code>/",
        report_figures.activity_report_figure,
        name="activity-report-figure",
    ),
    path(
        "activity-reports/<uuid:uuid>/versions/",
        report_versions.activity_report_versions,
        name="activity-report-versions",
    ),
    path(
        "activity-reports/<uuid:uuid>/versions/<int:number>.<str:fmt>",
        report_versions.activity_report_copy,
        name="activity-report-copy",
    ),
    path("network-reports/", merged_reports.merged_report_list, name="merged-report-list"),
    path("network-reports/export.<export:fmt>", merged_reports.merged_report_export, name="merged-report-export"),
    path("network-reports/<uuid:uuid>/", merged_reports.merged_report, name="merged-report"),
    path("network-reports/<uuid:uuid>/write/", merged_report_acts.merged_report_write, name="merged-report-write"),
    path("network-reports/<uuid:uuid>/draft/", merged_report_acts.merged_report_draft, name="merged-report-draft"),
    path(
        "network-reports/<uuid:uuid>/compose/", merged_report_acts.merged_report_compose, name="merged-report-compose"
    ),
    path("network-reports/<uuid:uuid>/submit/", merged_report_acts.merged_report_submit, name="merged-report-submit"),
    path("network-reports/<uuid:uuid>/decide/", merged_report_acts.merged_report_decide, name="merged-report-decide"),
    path("network-reports/<uuid:uuid>/return/", merged_report_acts.merged_report_return, name="merged-report-return"),
    path(
        "network-reports/<uuid:uuid>/versions/", report_versions.merged_report_versions, name="merged-report-versions"
    ),
    path(
        "network-reports/<uuid:uuid>/versions/<int:number>.<str:fmt>",
        report_versions.merged_report_copy,
        name="merged-report-copy",
    ),
    path("results/", dashboard.dashboard_list, name="dashboard-list"),
    path("programmes/<slug:slug>/dashboard/", dashboard.dashboard, name="dashboard"),
    path("programmes/<slug:slug>/dashboard/trend.svg", charts.trend, name="trend"),
    path("programmes/<slug:slug>/evidence/", evidence.evidence, name="evidence"),
    path("programmes/<slug:slug>/bodies/", bodies.bodies, name="bodies"),
    path("programmes/<slug:slug>/bodies/export.<export:fmt>", bodies.bodies_export, name="bodies-export"),
    path("programmes/<slug:slug>/school-paths/", school_paths.paths, name="school-paths"),
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
