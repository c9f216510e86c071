# SPDX-License-Identifier: EUPL-1.2
"""Addresses of the beneficiaries app."""

from django.urls import path

from beneficiaries.views import (
    break_glass,
    enrolments,
    identities,
    not_counted,
    notices,
    outcomes,
    pairs,
    questions,
    readings,
    recipients,
    register_print,
    registers,
    sharing,
    sheets,
)

app_name = "beneficiaries"
urlpatterns = [
    path("activities/<uuid:uuid>/register/", registers.register, name="register"),
    path(
        "activities/<uuid:uuid>/register/<int:meeting>/<int:enrolment>/", registers.register_cell, name="register-cell"
    ),
    path("activities/<uuid:uuid>/register/print/", register_print.register_print, name="register-print"),
    path("activities/<uuid:uuid>/names/", sharing.sharing_new, name="sharing-new"),
    path("names/", sharing.sharing_list, name="sharing-list"),
    path("names/<uuid:uuid>/", sharing.sharing, name="sharing"),
    path("names/<uuid:uuid>/revoke/", sharing.sharing_revoke, name="sharing-revoke"),
    path("activities/<uuid:uuid>/enrol/", enrolments.enrol, name="enrol"),
    path("activities/<uuid:uuid>/enrol/new/", enrolments.enrol_new, name="enrol-new"),
    path("activities/<uuid:uuid>/outcomes/", outcomes.outcomes, name="outcomes"),
    path("enrolments/<int:pk>/", enrolments.enrolment, name="enrolment"),
    path("enrolments/<int:pk>/withdraw/", enrolments.withdraw, name="withdraw"),
    path("enrolments/<int:pk>/withdraw/cancel/", enrolments.withdrawal_cancel, name="withdrawal-cancel"),
    path("recipients/", recipients.beneficiary_list, name="beneficiary-list"),
    path("recipients/export.<export:fmt>", recipients.beneficiary_export, name="beneficiary-export"),
    path("recipients/not-counted/", not_counted.not_counted_list, name="not-counted-list"),
    path("recipients/not-counted/export.<export:fmt>", not_counted.not_counted_export, name="not-counted-export"),
    path("recipients/notices/", notices.notice_renewals, name="notice-renewals"),
    path("recipients/outcomes/", outcomes.outcome_list, name="outcome-list"),
    path("recipients/sheets/", sheets.sheet_list, name="sheet-list"),
    path(
        "recipients/sheets/<slug:slug>/<uuid:body>/<slug:kind>/<int:part>.<export:fmt>",
        sheets.sheet_export,
        name="sheet-export",
    ),
    path("recipients/confirm/", questions.question_list, name="question-list"),
    path("recipients/confirm/<uuid:uuid>/", questions.question, name="question"),
    path("recipients/duplicates/", pairs.pair_list, name="pair-list"),
    path("recipients/duplicates/<uuid:uuid>/", pairs.pair, name="pair"),
    path("recipients/duplicates/<uuid:uuid>/merge/", pairs.pair_merge, name="pair-merge"),
    path("recipients/duplicates/<uuid:uuid>/apart/", pairs.pair_apart, name="pair-apart"),
    path("recipients/duplicates/<uuid:uuid>/undo/", pairs.pair_undo, name="pair-undo"),
    path("recipients/<uuid:uuid>/", recipients.beneficiary, name="beneficiary"),
    path("recipients/<uuid:uuid>/edit/", recipients.beneficiary_edit, name="beneficiary-edit"),
    path("recipients/<uuid:uuid>/eligibility/", recipients.eligibility, name="eligibility"),
    path("recipients/<uuid:uuid>/sheet/", sheets.sheet, name="sheet"),
    path("recipients/<uuid:uuid>/identity/", identities.identity, name="identity"),
    path("recipients/<uuid:uuid>/exceptional-opening/", break_glass.break_glass_open, name="break-glass-open"),
    path("recipients/<uuid:uuid>/readings/", readings.recipient_readings, name="recipient-readings"),
    path("readings/exceptional/", break_glass.break_glass_list, name="break-glass-list"),
    path("readings/exceptional/<uuid:uuid>/", break_glass.break_glass, name="break-glass"),
    path("readings/", readings.reading_list, name="reading-list"),
    path("readings/export.<export:fmt>", readings.reading_export, name="reading-export"),
]
