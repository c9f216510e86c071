# SPDX-License-Identifier: EUPL-1.2
"""Opening a file of mediation, which may carry names: written in the chain of the body that answers for it (ADR 19)."""

from datetime import datetime
from typing import Any

from beneficiaries.services.reading import record_file_opening
from fami_portal.core.models import Document
from mediation.selectors.files import owner_of


def record_opening(*, by: Any, document: Document, purpose: str, at: datetime) -> None:
    """Write that somebody opens a file of mediation, and why.

    Mediation knows no recipients: whose names the file carries is not known to the portal, so that the entry lists
    nobody and is seen by the head of the body and by the officer of the programme.
    """
    owner = owner_of(document)
    record_file_opening(
        by=by,
        document=document,
        organisation=owner.organisation_id,
        programme=owner.programme_id,
        purpose=purpose,
        at=at,
    )
