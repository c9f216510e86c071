# SPDX-License-Identifier: EUPL-1.2
"""Addresses of the actions app."""

from django.urls import path

from actions.views import activities, budgets, campaigns, deliverables, meetings, notices, plans, programmes

app_name = "actions"
urlpatterns = [
    path("programmes/", programmes.programme_list, name="programme-list"),
    path("programmes/<slug:slug>/", programmes.programme, name="programme"),
    path("programmes/<slug:slug>/notices/", notices.notice_list, name="notice-list"),
    path("programmes/<slug:slug>/notices/new/", notices.notice_new, name="notice-new"),
    path("programmes/<slug:slug>/processing/new/", notices.processing_new, name="processing-new"),
    path("programmes/<slug:slug>/budget/", budgets.budget, name="budget"),
    path("programmes/<slug:slug>/budget/edit/", budgets.budget_edit, name="budget-edit"),
    path("programmes/<slug:slug>/targets/", plans.target_list, name="target-list"),
    path("programmes/<slug:slug>/targets/<int:pk>/new/", plans.target_new, name="target-new"),
    path("programmes/<slug:slug>/extend/", plans.programme_extend, name="programme-extend"),
    path("programmes/<slug:slug>/plans/new/", plans.plan_new, name="plan-new"),
    path("plans/<slug:slug>/", plans.plan, name="plan"),
    path("plans/<slug:slug>/edit/", plans.plan_edit, name="plan-edit"),
    path("notices/<uuid:uuid>/", notices.notice, name="notice"),
    path("notices/<uuid:uuid>/edit/", notices.notice_edit, name="notice-edit"),
    path("notices/<uuid:uuid>/languages/", notices.notice_language, name="notice-language"),
    path("processing/<uuid:uuid>/edit/", notices.processing_edit, name="processing-edit"),
    path("activities/", activities.activity_list, name="activity-list"),
    path("activities/export.<export:fmt>", activities.activity_export, name="activity-export"),
    path("activities/new/", activities.activity_create, name="activity-create"),
    path("activities/<uuid:uuid>/", activities.activity, name="activity"),
    path("activities/<uuid:uuid>/edit/", activities.activity_edit, name="activity-edit"),
    path("activities/<uuid:uuid>/start/", activities.activity_move, {"act": "start"}, name="activity-start"),
    path("activities/<uuid:uuid>/conclude/", activities.activity_move, {"act": "conclude"}, name="activity-conclude"),
    path(
        "activities/<uuid:uuid>/cancel/",
        activities.activity_move_with_reason,
        {"act": "cancel"},
        name="activity-cancel",
    ),
    path(
        "activities/<uuid:uuid>/resume/",
        activities.activity_move_with_reason,
        {"act": "resume"},
        name="activity-resume",
    ),
    path("activities/<uuid:uuid>/meetings/new/", meetings.meeting_create, name="meeting-create"),
    path("activities/<uuid:uuid>/contents/new/", campaigns.campaign_create, name="campaign-create"),
    path("activities/<uuid:uuid>/products/new/", deliverables.deliverable_create, name="deliverable-create"),
    path("meetings/<uuid:uuid>/", meetings.meeting, name="meeting"),
    path("meetings/<uuid:uuid>/edit/", meetings.meeting_edit, name="meeting-edit"),
    path("meetings/<uuid:uuid>/hold/", meetings.meeting_hold, name="meeting-hold"),
    path("meetings/<uuid:uuid>/cancel/", meetings.meeting_cancel, name="meeting-cancel"),
    path("meetings/<uuid:uuid>/bodies/", meetings.meeting_body, name="meeting-body"),
    path("meetings/<uuid:uuid>/bodies/new/", meetings.meeting_association, name="meeting-association"),
    path("meetings/<uuid:uuid>/bodies/<uuid:body>/remove/", meetings.meeting_body_remove, name="meeting-body-remove"),
    path("contents/<uuid:uuid>/", campaigns.campaign, name="campaign"),
    path("contents/<uuid:uuid>/edit/", campaigns.campaign_edit, name="campaign-edit"),
    path("contents/<uuid:uuid>/values/new/", campaigns.measure_create, name="measure-create"),
    path("contents/<uuid:uuid>/values/<int:pk>/edit/", campaigns.measure_edit, name="measure-edit"),
    path("products/<uuid:uuid>/", deliverables.deliverable, name="deliverable"),
    path("products/<uuid:uuid>/edit/", deliverables.deliverable_edit, name="deliverable-edit"),
]
