# SPDX-License-Identifier: EUPL-1.2
"""Addresses of the privacy app."""

from django.urls import URLPattern, path

from privacy.views import request_acts, requests, tasks

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
]
