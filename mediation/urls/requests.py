# SPDX-License-Identifier: EUPL-1.2
"""Addresses of requests: list, form in steps, page, acts of the body and of its head."""

from django.urls import path

from mediation.views import request_acts, request_form, request_list, requests

_ONE = "mediation/requests/<uuid:uuid>/"

urlpatterns = [
    path("mediation/requests/", request_list.request_list, name="request-list"),
    path("mediation/requests/export.<export:fmt>", request_list.request_export, name="request-export"),
    path("mediation/requests/new/", request_form.request_new, name="request-new"),
    path(_ONE, requests.request_page, name="request"),
    path(_ONE + "step/<int:step>/", request_form.request_step, name="request-step"),
    path(_ONE + "check/", request_form.request_check, name="request-check"),
    path(_ONE + "discard/", request_acts.request_discard, name="request-discard"),
    path(_ONE + "authorise/", request_acts.request_authorise, name="request-authorise"),
    path(_ONE + "decline/", request_acts.request_decline, name="request-decline"),
    path(_ONE + "signed/", request_acts.request_signed, name="request-signed"),
    path(_ONE + "cancel/", request_acts.request_cancel, name="request-cancel"),
    path(_ONE + "copy/", request_acts.request_copy, name="request-copy"),
    path(_ONE + "files/", request_acts.request_attach, name="request-attach"),
    path(_ONE + "files/<uuid:document>/remove/", request_acts.request_detach, name="request-detach"),
]
