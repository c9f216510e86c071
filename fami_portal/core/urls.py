# SPDX-License-Identifier: EUPL-1.2
"""Addresses of the core app: the person's own things, documents, public information."""

from django.conf import settings
from django.urls import path

from fami_portal.core import views
from fami_portal.core.imports import views as imports

app_name = "core"
urlpatterns = [
    path("jobs/", views.job_list, name="job-list"),
    path("jobs/<uuid:uuid>/", views.job, name="job"),
    path("jobs/<uuid:uuid>/retry/", views.job_retry, name="job-retry"),
    path("notifications/", views.notifications, name="notifications"),
    path("notifications/read-all/", views.notifications_read, name="notifications-read"),
    path("notifications/<uuid:uuid>/open/", views.notification_open, name="notification-open"),
    path("documents/<uuid:uuid>/", views.document, name="document"),
    path("imports/", imports.import_list, name="import-list"),
    path("imports/new/<slug:kind>/", imports.import_new, name="import-new"),
    path("imports/new/<slug:kind>/template/", imports.import_template, name="import-template"),
    path("imports/<uuid:uuid>/", imports.import_run, name="import"),
    path("imports/<uuid:uuid>/confirm/", imports.import_confirm, name="import-confirm"),
    path("imports/<uuid:uuid>/cancel/", imports.import_cancel, name="import-cancel"),
    path("session/", views.session, name="session"),
    path("unsent/", views.unsent_form, name="unsent"),
    path("unsent/discard/", views.unsent_discard, name="unsent-discard"),
    path("info/privacy/", views.privacy, name="privacy"),
    path("info/legal-notes/", views.legal_notes, name="legal-notes"),
    path("info/faq/", views.faq, name="faq"),
    path("info/report-problem/", views.report_problem, name="report-problem"),
    path("info/report-problem/sent/", views.report_problem_sent, name="report-problem-sent"),
]
if settings.DEBUG or settings.TESTING:
    from fami_portal.core import gallery

    urlpatterns += [path("gallery/", gallery.gallery, name="gallery")]
