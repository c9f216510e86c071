# SPDX-License-Identifier: EUPL-1.2
"""What the retention takes from mediation: words and contacts of cases that are over, drafts, files, mailboxes of links.

What was counted stays: states, minutes, languages, citizenship, who is meant by the support, outcomes, dates. The two
records of history lose the same words. Each service takes ids of one model that a rule has let go, and is called by the
app above that knows the rules; it runs in the transaction of its caller and may be repeated.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import models

from fami_portal.core import documents
from fami_portal.core.models import Document
from fami_portal.core.redaction import redact_history, redact_reasons
from fami_portal.core.services import acting, record_events
from mediation.models import (
    AccessLink,
    AccessLinkUse,
    Consultation,
    ConsultationSession,
    InterventionReport,
    LegalMessage,
    LegalQuestion,
    MediationRequest,
    MediationSession,
    OneTimeCode,
    PaperSheet,
    Proposal,
    Translation,
)
from mediation.selectors.purging import files_of_requests, files_of_translations
from mediation.selectors.requests import ATTACHMENT

# Where a row cannot be without words.
GONE = "–"

# What goes of each model, and what takes its place.
REQUEST: Mapping[str, Any] = {
    "outside_reason": "",
    "contact_name": "",
    "contact_role": "",
    "contact_email": "",
    "contact_phone": "",
    "field_contact_name": "",
    "field_contact_role": "",
    "field_contact_email": "",
    "field_contact_phone": "",
    "reason": "",
    "video_link": "",
    "urgency_reason": "",
    "mediator_gender_reason": "",
    "authorised_name": "",
    "case_code": "",
    "school_class": "",
    "birth_year": None,
    "arrived_on": None,
    "italian_level": "",
    "judicial": False,
}
SESSION: Mapping[str, Any] = {"note": ""}
REPORT: Mapping[str, Any] = {
    "operator_name": "",
    "operator_role": "",
    "summary": "",
    "topics": "",
    "needs": "",
    "cultural_elements": "",
    "follow_up_note": "",
    "rating_note": "",
}
PROPOSAL: Mapping[str, Any] = {"note": ""}
SHEET: Mapping[str, Any] = {"signer_name": ""}
CONSULTATION: Mapping[str, Any] = {
    "contact_name": "",
    "contact_email": "",
    "case_code": "",
    "age_range": "",
    "language": None,
    "area": "",
    "question": "",
    "services_involved": "",
    "urgency_reason": "",
    "availability": "",
    "triage_note": "",
}
CONSULTATION_SESSION: Mapping[str, Any] = {"text": ""}
QUESTION: Mapping[str, Any] = {"title": GONE, "question": GONE, "answer": GONE}
MESSAGE: Mapping[str, Any] = {"text": GONE}
TRANSLATION: Mapping[str, Any] = {"title": GONE, "note": ""}
LINK: Mapping[str, Any] = {"address": ""}

CLEARED: dict[type[models.Model], Mapping[str, Any]] = {
    MediationRequest: REQUEST,
    MediationSession: SESSION,
    InterventionReport: REPORT,
    Proposal: PROPOSAL,
    PaperSheet: SHEET,
    Consultation: CONSULTATION,
    ConsultationSession: CONSULTATION_SESSION,
    LegalQuestion: QUESTION,
    LegalMessage: MESSAGE,
    Translation: TRANSLATION,
    AccessLink: LINK,
}


def destroy_request_texts(*, ids: Sequence[int], by: Any, at: datetime) -> int:
    """Take words and contacts from requests with their proposals, sessions, sheets and reports; returns how many."""
    with acting(by):
        found = _mark(MediationRequest, ids, at)
        _clear(PaperSheet, "session__request", ids)
        _clear(Proposal, "request", ids)
        _clear(MediationSession, "request", ids)
        _clear(InterventionReport, "request", ids)
        for path in ("report__request", "session__request"):
            OneTimeCode.objects.filter(**{f"{path}__in": ids}).delete()
        _told(MediationRequest, found, by, at)
    return len(found)


def destroy_consultation_texts(*, ids: Sequence[int], by: Any, at: datetime) -> int:
    """Take words and contacts from ethnoclinical consultations and their sessions; returns how many."""
    with acting(by):
        found = _mark(Consultation, ids, at)
        _clear(ConsultationSession, "consultation", ids)
        _told(Consultation, found, by, at)
    return len(found)


def destroy_question_texts(*, ids: Sequence[int], by: Any, at: datetime) -> int:
    """Take the words of legal questions; the archive, written anew without the case, stays. Returns how many."""
    with acting(by):
        found = _mark(LegalQuestion, ids, at)
        _clear(LegalMessage, "question", ids)
        _told(LegalQuestion, found, by, at)
    return len(found)


def destroy_translation_texts(*, ids: Sequence[int], by: Any, at: datetime) -> int:
    """Take the words of translations; their files have a rule of their own. Returns how many."""
    with acting(by):
        found = _mark(Translation, ids, at)
        _told(Translation, found, by, at)
    return len(found)


def destroy_request_files(*, ids: Sequence[int], by: Any, at: datetime) -> int:
    """Destroy the content of the files of requests: attachments, signed requests and sheets. Returns how many requests.

    Name, hash and date stay as evidence.
    """
    with acting(by):
        _destroy_files(files_of_requests(list(ids)), by, at)
    return len(ids)


def destroy_translation_files(*, ids: Sequence[int], by: Any, at: datetime) -> int:
    """Destroy the content of the files of translations; name, hash and date stay. Returns how many translations."""
    with acting(by):
        _destroy_files(files_of_translations(list(ids)), by, at)
    return len(ids)


def discard_drafts(*, model: type[models.Model], ids: Sequence[int], by: Any, at: datetime) -> int:
    """Throw away drafts that nobody filed, with their files, from the history too. Returns how many."""
    with acting(by):
        rows = list(
            model._default_manager.select_for_update(of=("self",)).filter(pk__in=ids, state="draft").order_by("pk")
        )
        found = [row.pk for row in rows]
        if model is MediationRequest:
            _destroy_files(Document.objects.filter(kind=ATTACHMENT, subject_id__in=found).order_by("pk"), by, at)
        elif model is Translation:
            _destroy_files(files_of_translations(found), by, at)
        record_events(by=by, verb="draft_expired", targets=rows, at=at)
        # What a link without account was used for keeps its row, empty: the use is evidence.
        kept = _used_by_links(found) if model is MediationRequest else []
        if kept:
            _mark(model, kept, at)
        model._default_manager.filter(pk__in=set(found) - set(kept)).delete()
        redact_history(model, found, _columns(model, CLEARED[model]))
        redact_reasons(model, found, entity=model._meta.label_lower)
    return len(found)


def _used_by_links(ids: Sequence[int]) -> list[int]:
    links = AccessLink.objects.filter(request__in=ids).values_list("request_id", flat=True)
    uses = AccessLinkUse.objects.filter(request__in=ids).values_list("request_id", flat=True)
    return sorted({pk for pk in links.union(uses) if pk is not None})


def forget_links(*, ids: Sequence[int], by: Any, at: datetime) -> int:
    """Take from expired links the mailbox to which they went; when and for what they were used stays. Returns how many."""
    with acting(by):
        number = AccessLink.objects.filter(pk__in=ids).exclude(address="").update(**LINK)
        redact_reasons(AccessLink, ids)
    return number


def _mark(model: type[Any], ids: Sequence[int], at: datetime) -> list[Any]:
    rows = list(model._default_manager.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk"))
    model._default_manager.filter(pk__in=[row.pk for row in rows]).update(**CLEARED[model], texts_destroyed_at=at)
    _forget(model, [row.pk for row in rows])
    return rows


def _clear(model: type[Any], path: str, ids: Sequence[int]) -> None:
    keys = list(model._default_manager.filter(**{f"{path}__in": ids}).order_by("pk").values_list("pk", flat=True))
    if keys:
        model._default_manager.filter(pk__in=keys).update(**CLEARED[model])
        _forget(model, keys)


def _forget(model: type[models.Model], keys: Sequence[int]) -> None:
    redact_history(model, keys, _columns(model, CLEARED[model]))
    redact_reasons(model, keys, entity=model._meta.label_lower)


def _columns(model: type[models.Model], values: Mapping[str, Any]) -> list[str]:
    return [field.column for field in model._meta.concrete_fields if field.name in values]


def _told(model: type[models.Model], rows: Sequence[Any], by: Any, at: datetime) -> None:
    # After the words of the earlier events are gone: this one has none.
    record_events(by=by, verb="texts_destroyed", targets=rows, at=at)


def _destroy_files(found: "models.QuerySet[Document]", by: Any, at: datetime) -> None:
    for document in found:
        documents.destroy_document(document=document, by=by, at=at)
