# SPDX-License-Identifier: EUPL-1.2
"""Addresses of the register of mediators and of the mediator's own pages."""

from django.urls import path

from mediation.views import calendars, mediator_facts, mediators, my_work

urlpatterns = [
    path("mediation/mediators/", mediators.mediator_list, name="mediator-list"),
    path("mediation/mediators/export.<export:fmt>", mediators.mediator_export, name="mediator-export"),
    path("mediation/mediators/new/", mediators.mediator_new, name="mediator-new"),
    path("mediation/mediators/<uuid:uuid>/", mediators.mediator, name="mediator"),
    path("mediation/mediators/<uuid:uuid>/edit/", mediators.mediator_edit, name="mediator-edit"),
    path("mediation/mediators/<uuid:uuid>/account/", mediators.mediator_account, name="mediator-account"),
    path("mediation/mediators/<uuid:uuid>/unlink/", mediators.mediator_unlink, name="mediator-unlink"),
    path("mediation/mediators/<uuid:uuid>/stop/", mediators.mediator_deactivate, name="mediator-deactivate"),
    path("mediation/mediators/<uuid:uuid>/start/", mediators.mediator_reactivate, name="mediator-reactivate"),
    path("mediation/mediators/<uuid:uuid>/languages/", mediator_facts.mediator_languages, name="mediator-languages"),
    path(
        "mediation/mediators/<uuid:uuid>/territories/", mediator_facts.mediator_territories, name="mediator-territories"
    ),
    path(
        "mediation/mediators/<uuid:uuid>/qualifications/new/",
        mediator_facts.qualification_new,
        name="mediator-qualification-new",
    ),
    path(
        "mediation/qualifications/<uuid:uuid>/remove/",
        mediator_facts.qualification_remove,
        name="mediator-qualification-remove",
    ),
    path("mediation/mediators/<uuid:uuid>/availability/", my_work.mediator_availability, name="mediator-availability"),
    path(
        "mediation/mediators/<uuid:uuid>/availability/exceptions/new/",
        my_work.mediator_exception_new,
        name="mediator-exception-new",
    ),
    path(
        "mediation/availability-exceptions/<uuid:uuid>/remove/",
        my_work.exception_remove,
        name="availability-exception-remove",
    ),
    path("mediation/my/", my_work.my_day, name="my-day"),
    path("mediation/my/availability/", my_work.my_availability, name="my-availability"),
    path("mediation/my/availability/exceptions/new/", my_work.my_exception_new, name="my-exception-new"),
    path("mediation/my/entry/", my_work.my_profile, name="my-profile"),
    path("mediation/my/confidentiality/", my_work.my_confidentiality, name="my-confidentiality"),
    path("mediation/my/calendar/", calendars.my_calendar, name="my-calendar"),
    path("mediation/my/calendar/stop/", calendars.my_calendar_stop, name="my-calendar-stop"),
    path("mediation/calendar/<str:token>.ics", calendars.calendar_feed, name="calendar-feed"),
    path("mediation/sessions/<uuid:uuid>/invitation.ics", calendars.session_invitation, name="session-invitation"),
]
