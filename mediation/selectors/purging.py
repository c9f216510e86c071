# SPDX-License-Identifier: EUPL-1.2
"""What of mediation a rule of retention may take: cases that are over, drafts, files, links. Ids and dates, no words."""

from datetime import datetime
from typing import Any

from django.db.models import DateTimeField, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Now

from fami_portal.core.models import Document
from mediation.enums import (
    ENDED_STATES,
    ConsultationState,
    LegalQuestionState,
    RequestState,
    TranslationState,
)
from mediation.models import (
    AccessLink,
    Consultation,
    LegalQuestion,
    MediationRequest,
    PaperSheet,
    Signature,
    Translation,
)
from mediation.selectors.requests import ATTACHMENT

# The cases, with the states in which they are over and the state of a draft.
CASES: dict[type[Any], tuple[tuple[str, ...], str]] = {
    MediationRequest: (tuple(ENDED_STATES), RequestState.DRAFT),
    Consultation: (
        (ConsultationState.CLOSED, ConsultationState.NOT_PERTINENT, ConsultationState.CANCELLED),
        ConsultationState.DRAFT,
    ),
    LegalQuestion: (
        (LegalQuestionState.ANSWERED, LegalQuestionState.PUBLISHED, LegalQuestionState.WITHDRAWN),
        LegalQuestionState.DRAFT,
    ),
    Translation: (
        (TranslationState.VALIDATED, TranslationState.REJECTED, TranslationState.CANCELLED),
        TranslationState.DRAFT,
    ),
}


def cases_over(model: type[Any], *, programme_id: int, before: datetime | None) -> QuerySet[Any]:
    """Return the cases of a programme that ended before a moment (None: whenever) and still have texts or contacts.

    A case that was reopened and ended again is there again.
    """
    over, _draft = CASES[model]
    ended = Coalesce(F("state_since"), F("created_at"), output_field=DateTimeField())
    found = model._default_manager.filter(programme=programme_id, state__in=over).annotate(ended_at=ended)
    if before is not None:
        found = found.filter(ended_at__lt=before)
    return found.filter(Q(texts_destroyed_at__isnull=True) | Q(texts_destroyed_at__lt=F("ended_at")))


def old_drafts(model: type[Any], *, programme_id: int, before: datetime | None) -> QuerySet[Any]:
    """Return the drafts of a programme begun before a moment."""
    _over, draft = CASES[model]
    found = model._default_manager.filter(programme=programme_id, state=draft, texts_destroyed_at__isnull=True)
    return found if before is None else found.filter(created_at__lt=before)


def requests_with_files(*, programme_id: int) -> QuerySet[MediationRequest]:
    """Return the requests of a programme that have files whose content is still there."""
    here = Q(photograph__isnull=False, photograph__destroyed_at__isnull=True)
    signed = Q(document__isnull=False, document__destroyed_at__isnull=True)
    return MediationRequest.objects.filter(programme=programme_id).filter(
        Q(signed_document__isnull=False, signed_document__destroyed_at__isnull=True)
        | Exists(Document.objects.filter(kind=ATTACHMENT, subject_id=OuterRef("pk"), destroyed_at__isnull=True))
        | Exists(PaperSheet.objects.filter(here, session__request=OuterRef("pk")))
        | Exists(Signature.objects.filter(signed, report__request=OuterRef("pk")))
        | Exists(Signature.objects.filter(signed, session__request=OuterRef("pk")))
    )


def translations_with_files(*, programme_id: int) -> QuerySet[Translation]:
    """Return the translations of a programme that have files whose content is still there."""
    return Translation.objects.filter(programme=programme_id).filter(
        Q(original__isnull=False, original__destroyed_at__isnull=True)
        | Q(translated__isnull=False, translated__destroyed_at__isnull=True)
    )


def files_of_requests(ids: list[int]) -> QuerySet[Document]:
    """Return the files of some requests whose content is still there."""
    of_signature = Q(report__request__in=ids) | Q(session__request__in=ids)
    found = (
        Q(kind=ATTACHMENT, subject_id__in=ids)
        | Q(pk__in=MediationRequest.objects.filter(pk__in=ids).values("signed_document"))
        | Q(pk__in=PaperSheet.objects.filter(session__request__in=ids).values("photograph"))
        | Q(pk__in=Signature.objects.filter(of_signature).values("document"))
    )
    return Document.objects.filter(found, destroyed_at__isnull=True).order_by("pk")


def files_of_translations(ids: list[int]) -> QuerySet[Document]:
    """Return the files of some translations whose content is still there."""
    rows = Translation.objects.filter(pk__in=ids)
    found = Q(pk__in=rows.values("original")) | Q(pk__in=rows.values("translated"))
    return Document.objects.filter(found, destroyed_at__isnull=True).order_by("pk")


def links_expired(*, programme_id: int, before: datetime | None) -> QuerySet[AccessLink]:
    """Return the links without account of a programme sent before a moment that are over and still say to whom they went."""
    found = AccessLink.objects.filter(Q(programme=programme_id) | Q(request__programme=programme_id)).exclude(
        address=""
    )
    return found if before is None else found.filter(created_at__lt=before, expires_at__lt=Now())
