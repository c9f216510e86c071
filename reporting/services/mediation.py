# SPDX-License-Identifier: EUPL-1.2
"""The validated work of mediation enters the ledger: its report is its own proof, no activity report waits for it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fami_portal.core.services import acting
from reporting.enums import PostingReason
from reporting.ledger import mediation, postings, provisional
from reporting.ledger.reconcile import reconcile
from reporting.ledger.scopes import ensure_scopes
from reporting.ledger.units import touched_by_posting
from reporting.models import Posting


def post_mediation(
    *, programme_id: int, source_type: str, source_ids: Sequence[int], by: Any, at: datetime
) -> Posting | None:
    """Freeze what these sources of one programme prove and post what it changes; nothing when nothing changed.

    `source_type` is a key of `reporting.ledger.mediation.SOURCES`. A source validated again after a reopening supersedes
    its earlier facts in the same posting. Days already transmitted do not move: the work is booked late, as for reports.
    """
    with acting(by):
        postings.take_head(programme_id)
        touched = mediation.changes(source_type, source_ids)
        if not touched:
            return None
        posting = postings.open_posting(programme=programme_id, reason=PostingReason.MEDIATION, by=by, at=at)
        ensure_scopes(programme_id)
        waiting = provisional.waits_for(touched)
        if waiting:
            provisional.shift_units(programme_id, touched, -1)
        mediation.freeze(source_type, source_ids, posting)
        reconcile(posting, touched=touched_by_posting(posting.pk))
        if waiting:
            provisional.shift_units(programme_id, touched, 1)
        return posting
