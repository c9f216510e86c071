# SPDX-License-Identifier: EUPL-1.2
"""Addresses of the privacy app."""

from django.urls import URLPattern, path

from privacy.views import breach, processing, request_acts, requests, retention, retention_acts, tasks

app_name = "privacy"
urlpatterns: list[URLPattern] = [
    path("rights/", requests.request_list, name="request-list"),
    path("rights/new/", requests.request_new, name="request-new"),
    path("rights/tasks/", tasks.task_list, name="task-list"),
    path("rights/tasks/<uuid:uuid>/", tasks.task, name="task"),
    path("rights/tasks/<uuid:uuid>/person/", tasks.task_person, name="task-person"),
    path("rights/tasks/<uuid:uuid>/withdraw/", tasks.task_withdraw, name="task-withdraw"),
    path("rights/<uuid:uuid>/", requests.request_page, name="request"),
    path("rights/<uuid:uuid>/applicant/", requests.request_applicant, name="request-applicant"),
    path("rights/<uuid:uuid>/records/", request_acts.request_match, name="request-match"),
    path("rights/<uuid:uuid>/bodies/", request_acts.request_bodies, name="request-bodies"),
    path("rights/<uuid:uuid>/act/<slug:act>/", request_acts.request_step, name="request-step"),
    path("retention/", retention.retention_list, name="retention-list"),
    path("retention/<slug:slug>/", retention.retention, name="retention"),
    path("retention/<slug:slug>/dates/", retention.dates, name="retention-dates"),
    path("retention/<slug:slug>/rules/<slug:data_class>/", retention.rule, name="retention-rule"),
    path("retention/<slug:slug>/holds/new/", retention_acts.hold_new, name="hold-new"),
    path("retention/<slug:slug>/destroy/", retention_acts.run_new, name="run-new"),
    path("holds/<uuid:uuid>/", retention_acts.hold, name="hold"),
    path("destructions/<uuid:uuid>/", retention_acts.run, name="run"),
    path("destructions/<uuid:uuid>/export.<export:fmt>", retention_acts.run_export, name="run-export"),
    path("processing/", processing.processing, name="processing"),
    path("processing/export.<export:fmt>", processing.processing_export, name="processing-export"),
    path("processing/export.pdf", processing.processing_pdf, name="processing-pdf"),
    path("breach/", breach.breach, name="breach"),
    path("breach/export.<export:fmt>", breach.breach_export, name="breach-export"),
    path("breach/persons/", breach.breach_persons, name="breach-persons"),
    path("incidents/", breach.incident_list, name="incident-list"),
    path("incidents/new/", breach.incident_new, name="incident-new"),
    path("incidents/<uuid:uuid>/", breach.incident, name="incident"),
    path("incidents/<uuid:uuid>/edit/", breach.incident_edit, name="incident-edit"),
    path("incidents/<uuid:uuid>/<slug:step>/", breach.incident_step, name="incident-step"),
]
