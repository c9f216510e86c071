# SPDX-License-Identifier: EUPL-1.2
"""Addresses of the reporting app."""

from django.urls import path

from reporting.views import activity_reports

app_name = "reporting"
urlpatterns = [
    path("activity-reports/", activity_reports.activity_report_list, name="activity-report-list"),
    path("activity-reports/<uuid:uuid>/", activity_reports.activity_report, name="activity-report"),
    path(
        "activity-reports/<uuid:uuid>/narrative/",
        activity_reports.activity_report_narrative,
        name="activity-report-narrative",
    ),
    path("activity-reports/<uuid:uuid>/submit/", activity_reports.activity_report_submit, name="activity-report-submit"),
    path(
        "activity-reports/<uuid:uuid>/validate/",
        activity_reports.activity_report_validate,
        name="activity-report-validate",
    ),
    path("activity-reports/<uuid:uuid>/return/", activity_reports.activity_report_return, name="activity-report-return"),
    path("activity-reports/<uuid:uuid>/reopen/", activity_reports.activity_report_reopen, name="activity-report-reopen"),
]
