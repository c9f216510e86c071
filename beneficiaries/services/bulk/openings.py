# SPDX-License-Identifier: EUPL-1.2
"""Opening the result of an import of recipients, which carries names: written in the chain of the body (ADR 19)."""

from datetime import datetime
from typing import Any

from beneficiaries.services.reading import record_file_opening
from fami_portal.core.models import Document, ImportRun


def record_import_opening(*, by: Any, document: Document, purpose: str, at: datetime) -> None:
    """Write that somebody opens the result of an import with names, and why. `place` is "programme-body"."""
    run = ImportRun.objects.get(pk=document.subject_id)
    programme, _dash, body = run.place.partition("-")
    record_file_opening(
        by=by, document=document, organisation=int(body), programme=int(programme), purpose=purpose, at=at
    )
