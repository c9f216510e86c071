# SPDX-License-Identifier: EUPL-1.2
"""Addresses of sessions and reports."""

from django.urls import path

from mediation.views import annexes, new_times, report_signing, reports, session_series, sessions

_REQUEST = "mediation/requests/<uuid:uuid>/"
_SESSION = "mediation/sessions/<uuid:uuid>/"

urlpatterns = [
    path(_SESSION, sessions.session, name="session"),
    path(_SESSION + "record/", sessions.session_record, name="session-record"),
    path(_SESSION + "not-held/", sessions.session_not_held, name="session-not-held"),
    path(_SESSION + "cancel/", session_series.session_cancel, name="session-cancel"),
    path(_SESSION + "new-time/", new_times.session_new_time, name="session-new-time"),
    path(_SESSION + "new-time/answer/", new_times.session_new_time_answer, name="session-new-time-answer"),
    path(_REQUEST + "sessions/add/", session_series.session_add, name="session-add"),
    path(_REQUEST + "sessions/finish/", session_series.session_finish, name="session-finish"),
    path(_REQUEST + "report/", reports.report, name="report"),
    path(_REQUEST + "report/edit/", reports.report_edit, name="report-edit"),
    path(_REQUEST + "report/file/", reports.report_file, name="report-file"),
    path(_REQUEST + "report/countersign/", report_signing.report_countersign, name="report-countersign"),
    path(_REQUEST + "report/code/", report_signing.report_code, name="report-code"),
    path(_REQUEST + "report/code/send/", report_signing.report_code_send, name="report-code-send"),
    path(_REQUEST + "report/validate/", report_signing.report_validate, name="report-validate"),
    path(_REQUEST + "report/reopen/", report_signing.report_reopen, name="report-reopen"),
    path(_REQUEST + "sheets/request.pdf", annexes.annex_request, name="annex-request"),
    path(_REQUEST + "sheets/report.pdf", annexes.annex_report, name="annex-report"),
    path(_SESSION + "sheet/", annexes.session_sheet, name="session-sheet"),
    path("mediation/sheets/hand-in/", annexes.sheet_attach, name="sheet-attach"),
]
