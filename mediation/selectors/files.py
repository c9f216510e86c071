# SPDX-License-Identifier: EUPL-1.2
"""Whose the files of mediation are: the body that answers for each, its programme, the page that it belongs to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fami_portal.core.models import Document
from mediation.models import MediationRequest, MediationSession, Mediator, Translation
from mediation.selectors.link_pages import DELEGATION_SHEET
from mediation.selectors.mediators import QUALIFICATION_DOCUMENT
from mediation.selectors.requests import ATTACHMENT, SIGNED_REQUEST
from mediation.selectors.sheets import SIGNED_SHEET
from mediation.selectors.translations import DOCUMENT as TRANSLATION_FILE


@dataclass(frozen=True)
class FileOwner:
    """The body in whose chain of readings an opening is written, the programme if it has one, the page if there is one.

    A mediator's papers and a delegation belong to a body, whatever the programme.
    """

    organisation_id: int
    programme_id: int | None = None
    page: str = ""


def _of_request(document: Document) -> FileOwner:
    request = MediationRequest.objects.get(pk=document.subject_id)
    return FileOwner(request.organisation_id, request.programme_id, request.get_absolute_url())


def _of_session(document: Document) -> FileOwner:
    session = MediationSession.objects.select_related("request").get(pk=document.subject_id)
    return FileOwner(session.request.organisation_id, session.request.programme_id, session.get_absolute_url())


def _of_translation(document: Document) -> FileOwner:
    translation = Translation.objects.get(pk=document.subject_id)
    return FileOwner(translation.organisation_id, translation.programme_id, translation.get_absolute_url())


def _of_mediator(document: Document) -> FileOwner:
    return FileOwner(Mediator.objects.values_list("organisation", flat=True).get(pk=document.subject_id))


def _of_body(document: Document) -> FileOwner:
    if document.subject_id is None:
        raise ValueError("a delegation of no body")
    return FileOwner(document.subject_id)


_OWNERS: Mapping[str, Callable[[Document], FileOwner]] = {
    ATTACHMENT: _of_request,
    SIGNED_REQUEST: _of_request,
    SIGNED_SHEET: _of_session,
    TRANSLATION_FILE: _of_translation,
    QUALIFICATION_DOCUMENT: _of_mediator,
    DELEGATION_SHEET: _of_body,
}


def owner_of(document: Document) -> FileOwner:
    """Return whose a file of mediation is. Raises `DoesNotExist` when what it belonged to is gone."""
    return _OWNERS[document.kind](document)


def page_of(document: Document) -> str:
    """Return the address of the page that a file belongs to, empty where there is none."""
    return owner_of(document).page
