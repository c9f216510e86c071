# SPDX-License-Identifier: EUPL-1.2
"""Addresses of the room “consultations”: consultations, legal questions, translations, presences, series."""

from django.urls import URLPattern, path

from mediation.views import calendars as calendar_views
from mediation.views import community as presence_views
from mediation.views import consultation_acts as case_acts
from mediation.views import consultations as case_views
from mediation.views import consultations_overview, legal_acts
from mediation.views import consulting_sheets as sheet_views
from mediation.views import facilitation as series_views
from mediation.views import legal as legal_views
from mediation.views import translations as translation_views

_CASE = "mediation/ethnoclinical/<uuid:uuid>/"
_TRANSLATION = "mediation/translations/<uuid:uuid>/"
_PRESENCE = "mediation/community/<uuid:uuid>/"
_LEGAL = "mediation/legal/<uuid:uuid>/"

urlpatterns: list[URLPattern] = [
    path("mediation/consultations/", consultations_overview.overview, name="consultations"),
    path("mediation/ethnoclinical/", case_views.consultation_list, name="consultation-list"),
    path("mediation/ethnoclinical/new/", case_views.consultation_create, name="consultation-create"),
    path(_CASE, case_views.consultation, name="consultation"),
    path(f"{_CASE}edit/", case_views.consultation_edit, name="consultation-edit"),
    path(f"{_CASE}refer/", case_acts.consultation_refer, name="consultation-refer"),
    path(f"{_CASE}discard/", case_acts.consultation_discard, name="consultation-discard"),
    path(f"{_CASE}cancel/", case_acts.consultation_cancel, name="consultation-cancel"),
    path(f"{_CASE}assign/", case_acts.consultation_assign, name="consultation-assign"),
    path(f"{_CASE}triage/", case_acts.consultation_triage, name="consultation-triage"),
    path(f"{_CASE}sessions/new/", case_acts.consultation_session, name="consultation-session"),
    path(
        f"{_CASE}sessions/<uuid:session>/remove/",
        case_acts.consultation_session_remove,
        name="consultation-session-remove",
    ),
    path(f"{_CASE}restitution/", case_acts.consultation_restitution, name="consultation-restitution"),
    path(f"{_CASE}close/", case_acts.consultation_close, name="consultation-close"),
    path(f"{_CASE}sheet.pdf", sheet_views.consultation_sheet, name="consultation-sheet"),
    path(f"{_CASE}reopen/", case_acts.consultation_reopen, name="consultation-reopen"),
    path("mediation/legal/", legal_views.question_list, name="legal-question-list"),
    path("mediation/legal/new/", legal_views.question_create, name="legal-question-create"),
    path("mediation/legal/archive/", legal_acts.archive, name="legal-archive"),
    path("mediation/legal/archive/<uuid:uuid>/", legal_acts.archived, name="legal-archived"),
    path(_LEGAL, legal_views.question, name="legal-question"),
    path(f"{_LEGAL}edit/", legal_views.question_edit, name="legal-question-edit"),
    path(f"{_LEGAL}ask/", legal_acts.question_ask, name="legal-question-ask"),
    path(f"{_LEGAL}discard/", legal_acts.question_discard, name="legal-question-discard"),
    path(f"{_LEGAL}assign/", legal_acts.question_assign, name="legal-question-assign"),
    path(f"{_LEGAL}clarify/", legal_acts.question_clarify, name="legal-question-clarify"),
    path(f"{_LEGAL}answer/", legal_acts.question_answer, name="legal-question-answer"),
    path(f"{_LEGAL}accept/", legal_acts.question_accept, name="legal-question-accept"),
    path(f"{_LEGAL}withdraw/", legal_acts.question_withdraw, name="legal-question-withdraw"),
    path(f"{_LEGAL}review/", legal_acts.question_review, name="legal-question-review"),
    path(f"{_LEGAL}publish/", legal_acts.question_publish, name="legal-question-publish"),
    path(f"{_LEGAL}take-down/", legal_acts.question_take_down, name="legal-question-take-down"),
    path("mediation/translations/", translation_views.translation_list, name="translation-list"),
    path("mediation/translations/new/", translation_views.translation_create, name="translation-create"),
    path(_TRANSLATION, translation_views.translation, name="translation"),
    path(f"{_TRANSLATION}edit/", translation_views.translation_edit, name="translation-edit"),
    path(f"{_TRANSLATION}submit/", translation_views.translation_submit, name="translation-submit"),
    path(f"{_TRANSLATION}discard/", translation_views.translation_discard, name="translation-discard"),
    path(f"{_TRANSLATION}assign/", translation_views.translation_assign, name="translation-assign"),
    path(f"{_TRANSLATION}give-back/", translation_views.translation_give_back, name="translation-give-back"),
    path(f"{_TRANSLATION}return/", translation_views.translation_return, name="translation-return"),
    path(f"{_TRANSLATION}revise/", translation_views.translation_revise, name="translation-revise"),
    path(f"{_TRANSLATION}accept/", translation_views.translation_accept, name="translation-accept"),
    path(f"{_TRANSLATION}validate/", translation_views.translation_validate, name="translation-validate"),
    path(f"{_TRANSLATION}sheet.pdf", sheet_views.translation_sheet, name="translation-sheet"),
    path(f"{_TRANSLATION}reopen/", translation_views.translation_reopen, name="translation-reopen"),
    path(f"{_TRANSLATION}reject/", translation_views.translation_reject, name="translation-reject"),
    path(f"{_TRANSLATION}cancel/", translation_views.translation_cancel, name="translation-cancel"),
    path("mediation/community/", presence_views.presence_list, name="presence-list"),
    path("mediation/community/new/", presence_views.presence_create, name="presence-create"),
    path(_PRESENCE, presence_views.presence, name="presence"),
    path(f"{_PRESENCE}record/", presence_views.presence_record, name="presence-record"),
    path(f"{_PRESENCE}send-back/", presence_views.presence_send_back, name="presence-send-back"),
    path(f"{_PRESENCE}sheet.pdf", sheet_views.presence_sheet, name="presence-sheet"),
    path(f"{_PRESENCE}calendar.ics", calendar_views.presence_invitation, name="presence-invitation"),
    path(f"{_PRESENCE}reopen/", presence_views.presence_reopen, name="presence-reopen"),
    path(f"{_PRESENCE}validate/", presence_views.presence_validate, name="presence-validate"),
    path(f"{_PRESENCE}cancel/", presence_views.presence_cancel, name="presence-cancel"),
    path("mediation/facilitation/new/", series_views.series_create, name="facilitation-create"),
    path("mediation/requests/<uuid:uuid>/sign-sessions/", series_views.series_sign, name="facilitation-sign"),
]
