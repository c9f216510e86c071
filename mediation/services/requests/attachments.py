# SPDX-License-Identifier: EUPL-1.2
"""Files attached to a request."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from fami_portal.core.documents import CheckedFile, DocumentRefused, store_document
from fami_portal.core.errors import TransitionNotAllowed
from fami_portal.core.models import Document
from fami_portal.core.services import acting, record_event
from mediation.models import MediationRequest
from mediation.permissions import check_can_prepare
from mediation.selectors.requests import ATTACHMENT, MOST_FILES, may_attach
from mediation.services.requests.common import lock_request


def add_attachment(*, request: MediationRequest, name: str, content: Any, by: Any, on_behalf_of: str = "") -> Document:
    """Attach a file (PDF, JPEG or PNG, 5 MB at most) until the request is taken in charge.

    Raises `DocumentRefused` with what is wrong with the file, `TransitionNotAllowed`, `NotPermitted`.
    """
    if by is not None:
        check_can_prepare(by, request.organisation_id)
    with acting(by):
        locked = _open(request)
        if Document.objects.filter(kind=ATTACHMENT, subject_id=locked.pk).count() >= MOST_FILES:
            raise DocumentRefused(_("There are %(most)s files already: remove one first.") % {"most": MOST_FILES})
        document = store_document(kind=ATTACHMENT, name=name, content=content, by=by, subject_id=locked.pk)
        record_event(by=by, verb="attached", target=locked, on_behalf_of=on_behalf_of, data={"document": document.pk})
    return document


def add_attachments(*, request: MediationRequest, files: Iterable[CheckedFile], by: Any, on_behalf_of: str) -> None:
    """Attach files that have been checked, all or none; last in the transaction of an act. Raises as `add_attachment`."""
    kept: list[Document] = []
    try:
        with acting(by):
            for file in files:
                kept.append(
                    add_attachment(request=request, name=file.name, content=file, by=by, on_behalf_of=on_behalf_of)
                )
    except BaseException:
        # Their rows go with the transaction; the files would stay behind.
        for document in kept:
            document.file.storage.delete(str(document.file.name))
        raise


def remove_attachment(*, request: MediationRequest, document: Document, by: Any) -> None:
    """Take an attached file away. Raises `TransitionNotAllowed` once the request is taken in charge, `NotPermitted`."""
    if by is not None:
        check_can_prepare(by, request.organisation_id)
    with acting(by):
        locked = _open(request)
        found = Document.objects.filter(pk=document.pk, kind=ATTACHMENT, subject_id=locked.pk).first()
        if found is None:
            return
        storage, name = found.file.storage, str(found.file.name)
        record_event(by=by, verb="detached", target=locked, data={"document": found.pk})
        found.delete()
        transaction.on_commit(lambda: storage.delete(name))


def _open(request: MediationRequest) -> MediationRequest:
    locked = lock_request(request)
    if not may_attach(locked):
        raise TransitionNotAllowed(_("The request has been taken in charge: files can no longer be added or removed."))
    return locked
